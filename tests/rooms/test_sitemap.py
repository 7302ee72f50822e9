"""News sitemaps and their indexes."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.novelty import Novelty, classify, marked
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.sitemap import PARTS, joined, parse_sitemap
from feedwatch.feeds.sniff import is_sitemap
from feedwatch.feeds.texts import ENTRY_CAP
from feedwatch.model import ParsedEntry, ParsedFeed

AT = datetime(2026, 2, 4, 12, tzinfo=UTC)
URL = "https://courier.example/sitemaps/news.xml"
LIMIT = 1_000_000


def news(loc: str, title: str, date: str = "2026-02-04T10:00:00+02:00", more: str = "") -> str:
    return (
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>The Courier</news:name>"
        f"<news:language>es</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title>{more}</news:news></url>"
    )


def urlset(*urls: str) -> bytes:
    spaces = (
        "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9' "
        "xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'"
    )
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<!-- made -->\n<urlset {spaces}>{''.join(urls)}</urlset>".encode()


def index(*sitemaps: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>" for loc, date in sitemaps
    )
    return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{rows}</sitemapindex>".encode()


def parsed(body: bytes) -> ParsedFeed:
    return parse_sitemap(body, URL, AT, LIMIT)


def test_an_article_is_its_address_its_title_its_date_and_its_keywords() -> None:
    picture = "<image:image><image:loc>https://x.example/p</image:loc><image:title>A crane</image:title></image:image>"
    url = news(
        "https://courier.example/ferry?a=1&amp;b=2",
        "Ferry &amp;amp; bridge",
        more="<news:keywords>Ports, Maduro</news:keywords>",
    )
    found = parsed(urlset(url.replace("</url>", f"{picture}</url>")))
    assert (found.title, found.language) == ("The Courier", "es")
    assert found.entries == (
        ParsedEntry(
            link="https://courier.example/ferry?a=1&b=2",
            title="Ferry & bridge",
            categories=("Ports", "Maduro"),
            published=datetime(2026, 2, 4, 8, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize("prefix", ["n", "NEWS", "news"])
def test_prefixes_and_capitals_make_no_difference(prefix: str) -> None:
    body = urlset(news("https://a.example/1", "T")).replace(b"news:", f"{prefix}:".encode())
    assert [entry.title for entry in parsed(body).entries] == ["T"]


def test_a_packed_sitemap_is_unpacked_whatever_it_is_called() -> None:
    body = urlset(news("https://a.example/1", "One"))
    packed = gzip.compress(body[:200], mtime=0) + gzip.compress(body[200:], mtime=0)
    assert is_sitemap(gzip.compress(body, mtime=0))
    assert [entry.title for entry in parsed(packed).entries] == ["One"]


def test_what_is_older_than_a_week_is_left_out_and_counted() -> None:
    found = parsed(
        urlset(
            news("https://a.example/old", "Old", date=(AT - timedelta(days=8)).isoformat()),
            news("https://a.example/new", "New"),
            "<url><loc>https://a.example/edited</loc><lastmod>2026-02-04</lastmod></url>",
            "<url><loc>https://a.example/archive</loc><lastmod>2019-02-04</lastmod></url>",
            "<url><loc>/imprint</loc></url>",
        )
    )
    assert [entry.link for entry in found.entries] == [
        "https://a.example/new", "https://a.example/edited", "https://courier.example/imprint",
    ]  # fmt: skip
    assert found.left_out == 2


def test_an_article_dated_in_the_future_hides_nothing() -> None:
    found = parsed(urlset(news("https://a.example/1", "Now"), news("https://a.example/2", "2090", date="2090-01-01")))
    assert {entry.title for entry in found.entries} == {"Now", "2090"}


def test_an_address_that_stands_twice_is_one_article() -> None:
    found = parsed(urlset(news("https://a.example/1", "One"), news("http://a.example/1?utm_source=x", "Uno")))
    assert [entry.title for entry in found.entries] == ["One"]


def test_a_changed_headline_is_a_change_and_a_new_address_is_new() -> None:
    first = classify(marked(parsed(urlset(news("https://a.example/1", "One"))).entries), {})
    seen = {row.mark: row for verdict in first for row in verdict.remember}
    again = parsed(urlset(news("https://a.example/1", "One, corrected"), news("https://a.example/2", "One")))
    assert [verdict.novelty for verdict in classify(marked(again.entries), seen)] == [Novelty.CHANGED, Novelty.NEW]


def test_the_newest_are_kept() -> None:
    many = [
        news(f"https://a.example/{n}", "T", date=(AT - timedelta(minutes=n)).isoformat()) for n in range(ENTRY_CAP + 5)
    ]
    found = parsed(urlset(*reversed(many)))
    assert (len(found.entries), found.left_out) == (ENTRY_CAP, 5)
    assert found.entries[0].link == "https://a.example/0"


def test_thousands_of_addresses_without_a_date_are_refused_because_nobody_can_say_which_are_new() -> None:
    with pytest.raises(FeedUnreadable, match="2,001 pages without a date"):
        parsed(urlset(*(f"<url><loc>https://a.example/{n}</loc></url>" for n in range(ENTRY_CAP + 1))))


def test_bare_ampersands_are_mended_and_no_address_is_torn() -> None:
    body = urlset(news("https://a.example/1?a=1&b=2&amp;c=3", "Tom & Ann"))
    assert [(entry.link, entry.title) for entry in parsed(body).entries] == [
        ("https://a.example/1?a=1&b=2&c=3", "Tom & Ann")
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (urlset(news("https://a.example/1", "One"))[:-12], "cut short: it has no end"),
        (
            gzip.compress(urlset(news("https://a.example/1", "One")), mtime=0)[:-9],
            "cut short: its gzip data has no end",
        ),
        (gzip.compress(urlset(), mtime=0)[:12] + b"\xff" * 50, "damaged"),
        (gzip.compress(b" " * 2_000_000, mtime=0), "holds more than 1,000,000 bytes"),
        (gzip.compress(b"", mtime=0) * 200, "too many pieces"),
        (b"<rss version='2.0'><channel/></rss>", r"no sitemap but a feed \(remove kind"),
        (b'{"items": []}', "no sitemap but a feed"),
        (b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>", "an HTML page"),
        (b"", "an empty answer"),
    ],
)
def test_what_is_no_sitemap_says_what_it_is(body: bytes, said: str) -> None:
    with pytest.raises(FeedUnreadable, match=said):
        parsed(body)


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>"
    with pytest.raises(FeedUnreadable):
        parsed(bomb + urlset("<url><loc>https://a.example/&b;</loc></url>")[39:])


def test_a_feed_that_is_a_sitemap_says_how_to_read_it() -> None:
    for body in (urlset(), gzip.compress(urlset(), mtime=0)):
        with pytest.raises(FeedUnreadable, match=r'a sitemap \(give the feed kind = "sitemap"\)'):
            parse_feed(body, "application/rss+xml", URL)


# Indexes ------------------------------------------------------------------------------------------------


def test_an_index_names_its_news_first_then_the_latest_and_no_archives() -> None:
    found = parsed(
        index(
            ("https://news.example/archive-2019.xml", "2019-12-31"),
            ("https://news.example/today.xml", "2026-02-04T10:00:00Z"),
            ("https://news.example/yesterday.xml", "2026-02-03T10:00:00Z"),
            ("https://news.example/pages.xml", ""),
            ("https://news.example/google-news.xml.gz", ""),
            ("/relative.xml", ""),
            ("file:///etc/passwd", ""),
        )
    )
    assert found.parts == tuple(
        f"https://news.example/{name}" for name in ("google-news.xml.gz", "today.xml", "yesterday.xml", "pages.xml")
    )
    assert (found.entries, found.parts_left_out) == ((), 1)


def test_an_index_is_read_up_to_its_cap() -> None:
    found = parsed(index(*((f"https://a.example/{n}.xml", "2026-02-04") for n in range(40))))
    assert (len(found.parts), found.parts_left_out) == (PARTS, 40 - PARTS)


def test_the_sitemaps_of_an_index_are_one_document() -> None:
    parts = [parsed(urlset(news("https://a.example/1", "One"), news(f"https://a.example/{n}", "T"))) for n in (2, 3)]
    whole = joined(ParsedFeed(parts=("a", "b")), parts)
    assert sorted(entry.link or "" for entry in whole.entries) == [f"https://a.example/{n}" for n in (1, 2, 3)]
    assert (whole.title, whole.language, whole.parts) == ("The Courier", "es", ("a", "b"))


@given(st.lists(st.text(max_size=30), max_size=5), st.binary(max_size=50))
def test_any_document_is_read_or_refused(texts: list[str], noise: bytes) -> None:
    inside = "".join(f"<url><loc>{text}</loc><lastmod>{text}</lastmod></url>" for text in texts)
    for body in (urlset(inside), urlset(inside).replace(b"<loc>", noise), noise):
        try:
            found = parsed(body)
        except FeedUnreadable:
            continue
        assert all(entry.link for entry in found.entries)
