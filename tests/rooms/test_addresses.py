import gzip
import json
import os
import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.text.addresses import canonical, entry_address, host_of, is_web, same_site

SHARED = Path(os.environ.get("FEEDWATCH_SHARED", Path(__file__).parents[2].parent / "shared"))

ALPHABET = st.sampled_from("htps:/.?#&=%@[]\\aZé9 -_;|+~\t\n\ud800\u200bб")
PARTS = st.sampled_from(
    ["http://", "https://", "//", "a.example", ":80", ":443", ":x", "/../", "/./", "%2e", "?utm_a=1", "&id=2"]
)
junk = (
    st.text()
    | st.lists(ALPHABET | PARTS).map("".join)
    | st.lists(PARTS | ALPHABET).map(lambda p: "http://" + "".join(p))
)


@pytest.mark.parametrize(
    ("spelling", "identity"),
    [
        ("http://example.com", "https://example.com/"),
        ("HTTPS://WWW.Example.COM:443/A", "https://www.example.com/A"),
        ("http://example.com:80/a", "https://example.com/a"),
        ("http://example.com:8080/a", "https://example.com:8080/a"),
        ("http://example.com./a", "https://example.com/a"),
        ("//example.com/a", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://example.com/a#top", "https://example.com/a"),
        ("https://example.com/a?utm_source=rss&id=3&UTM_Medium=x&fbclid=1&page=2", "https://example.com/a?id=3&page=2"),
        ("https://example.com/a?maca=en-rss", "https://example.com/a"),
        ("https://example.com/?p=75&&", "https://example.com/?p=75"),
        ("https://example.com/?b=2&a=1", "https://example.com/?b=2&a=1"),
        ("https://example.com/%7euser/%c3%a9/%2f", "https://example.com/~user/%C3%A9/%2F"),
        ("https://example.com/é|100%", "https://example.com/%C3%A9%7C100%25"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/a/./b/../c/..", "https://example.com/a/"),
        ("https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/"),
        ("http://[0:0::1]:80/", "https://[::1]/"),
        (" https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_spellings_of_one_address_are_one(spelling: str, identity: str) -> None:
    assert canonical(spelling) == identity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/a/"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/?id=1", "https://example.com/?id=2"),
        ("https://example.com/?story=1", "https://example.com/"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/", "https://www.example.com/"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8002/"),
    ],
)
def test_what_may_name_another_article_stays_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_the_fragment_tells_entries_of_one_page_apart() -> None:
    assert entry_address("http://Example.com/live?utm_source=x#post-2") == "https://example.com/live#post-2"


@pytest.mark.parametrize(
    "text", ["", "mailto:a@example.com", "tag:example.com,2026:1", "/relative", "http://[::1", "http:///a"]
)
def test_what_is_no_web_address_stays_as_it_is(text: str) -> None:
    assert canonical(text) == entry_address(text) == text
    assert host_of(text) == ""
    assert not is_web(text)


@pytest.mark.parametrize(
    "text", ["http://a b/", "http://a\\@b/", "http://h:99999/", "http://h:x/", "https://?x", "ftp://h/", "//h/"]
)
def test_a_web_address_is_absolute_and_has_a_host_that_can_exist(text: str) -> None:
    assert not is_web(text)


def test_a_host_comes_without_port_user_and_brackets() -> None:
    assert host_of("http://user@WWW.Example.com:8080/a") == "www.example.com"
    assert host_of("http://[::1]:8080/a") == "::1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("example.com", "www.example.com", True),
        ("m.example.com", "www.example.com", True),
        ("news.bbc.co.uk", "bbc.co.uk", True),
        ("example.com:8080", "EXAMPLE.com", True),
        ("bbc.co.uk", "co.uk", False),
        ("bbc.co.uk", "itv.co.uk", False),
        ("example.com", "com", False),
        ("notexample.com", "example.com", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("[::1]", "[::2]", False),
        ("1.2.3.4", "3.4", False),
        ("", "", False),
    ],
)
def test_a_site_is_a_host_and_the_hosts_below_it(one: str, other: str, *, same: bool) -> None:
    assert same_site(f"http://{one}/a", f"https://{other}/b") is same
    assert same_site(f"https://{other}/b", f"http://{one}/a") is same


@given(junk)
def test_any_text_has_an_identity_and_taking_it_twice_changes_nothing(text: str) -> None:
    for identity in (canonical, entry_address):
        assert identity(identity(text)) == identity(text)


@given(junk, junk)
def test_no_text_is_too_odd_to_ask_about(one: str, other: str) -> None:
    assert is_web(one) <= bool(host_of(one))
    assert same_site(one, other) == same_site(other, one)
    assert host_of(canonical(one)) == host_of(one)


@pytest.mark.corpus
@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="../shared is not here")
def test_no_two_articles_of_real_feeds_and_pages_share_an_identity() -> None:
    pages = (SHARED / "corpus/pages.jsonl").read_text(encoding="utf-8").splitlines()
    links = {url for line in pages if (url := json.loads(line).get("url"))}
    for feed in (SHARED / "corpus/feeds/real").glob("*.gz"):
        text = gzip.decompress(feed.read_bytes()).decode("utf-8", "replace")
        links |= {unescape(link) for link in re.findall(r"<link>\s*(?:<!\[CDATA\[)?(https?://[^<\]\s]+)", text)}
    assert len(links) > 1000
    without_fragment = {link.partition("#")[0] for link in links}
    identities = {canonical(link) for link in links}
    spelt_twice = len(without_fragment) - len(identities)
    assert spelt_twice <= 2
