"""Which article an address leads to, and which claims of a page are believed."""

from __future__ import annotations

import pytest

from feedwatch.articles.identity import article_key, believed_canonical

FEED = "https://courier.example/feed"
PAGE = "https://www.courier.example/2026/ferry?utm_source=rss"


def key(link: str | None, *, own: bool = True) -> str:
    return article_key(link, FEED, "0a1b", address_is_identity=own)


def test_an_articles_key_is_its_address() -> None:
    assert key("https://courier.example/ferry").startswith("a:")
    assert key("https://courier.example/ferry?utm_source=rss#top") == key("https://courier.example/ferry")
    assert key("https://courier.example/ferry?id=1") != key("https://courier.example/ferry?id=2")


def test_an_address_that_is_no_identity_leaves_feed_and_entry() -> None:
    assert key("https://courier.example/", own=False) == f"e:{FEED} 0a1b"


@pytest.mark.parametrize("link", [None, "", "tag:courier.example,2026:1"])
def test_an_entry_without_a_link_is_an_article_of_its_own(link: str | None) -> None:
    assert key(link) == f"e:{FEED} 0a1b"


@pytest.mark.parametrize("claim", ["https://www.courier.example/2026/ferry", "http://courier.example/2026/ferry-amp"])
def test_a_claim_on_the_same_site_is_believed(claim: str) -> None:
    assert believed_canonical(claim, PAGE) is not None


@pytest.mark.parametrize(
    "claim",
    [
        None,
        "",
        "/2026/ferry",  # relative: read_page has made it absolute, or could not
        "https://www.courier.example",
        "https://www.courier.example/",
        "https://www.courier.example/?lang=en",
        "https://other.example/2026/ferry",
        "https://courier.example.evil.example/2026/ferry",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_any_other_claim_is_not(claim: str | None) -> None:
    assert believed_canonical(claim, PAGE) is None


def test_a_believed_claim_has_one_spelling() -> None:
    one = believed_canonical("https://www.courier.example/2026/ferry?utm_medium=x", PAGE)
    assert one == believed_canonical("https://www.courier.example/2026/ferry#part", PAGE)
