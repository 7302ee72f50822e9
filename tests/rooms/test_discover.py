"""Feeds that a page names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.discover import CANDIDATES, COMMON_PLACES, SITEMAP_PLACES, common_places, discover, news_sitemaps
from feedwatch.text.addresses import is_web

PAGE = "https://paper.example/world/"


def urls(html: str, url: str = PAGE) -> list[str]:
    return [candidate.url for candidate in discover(html.encode(), url)]


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate") -> str:
    return f"<link rel='{rel}' type='{kind}' href='{href}' title='All  news'>"


def test_a_declared_feed_is_found_with_its_title() -> None:
    found = discover(f"<html><head>{link('/rss')}</head></html>".encode(), PAGE)
    assert [(each.url, each.title, each.declared) for each in found] == [
        ("https://paper.example/rss", "All news", True)
    ]


@pytest.mark.parametrize(
    "kind",
    ["application/atom+xml", "APPLICATION/RSS+XML; charset=utf-8", "application/rdf+xml", "application/feed+json"],
)
def test_every_type_of_feed_that_is_read_counts(kind: str) -> None:
    assert urls(link("/f", kind)) == ["https://paper.example/f"]


@pytest.mark.parametrize(
    "html",
    [
        link("/es", "text/html"),
        link("/f", "application/json"),
        link("/f", rel="stylesheet"),
        "<link rel='alternate' type='application/rss+xml'>",
        link("javascript:alert(1)"),
        link("ftp://paper.example/rss"),
        "<a href='/politics/federal'>Federal</a><a href='/about'>About our feeds</a>",
        "<a href='#rss'>RSS</a>",
    ],
)
def test_another_kind_of_link_is_none(html: str) -> None:
    assert urls(html) == []


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/feed/", "https://paper.example/feed/"),
        ("news.rss", "https://paper.example/world/news.rss"),
        ("https://feeds.paper.example/all", "https://feeds.paper.example/all"),
        ("/index.php?format=feed&type=atom", "https://paper.example/index.php?format=feed&type=atom"),
        ("feed://paper.example/x.xml", "http://paper.example/x.xml"),
        ("feed:https://paper.example/atom.xml", "https://paper.example/atom.xml"),
    ],
)
def test_a_link_that_looks_like_a_feed_is_found(href: str, url: str) -> None:
    html = f"<a href='{href}'>RSS</a>" if "x.xml" not in href else f"<a type='text/xml' href='{href}'>RSS</a>"
    assert [(each.url, each.declared) for each in discover(html.encode(), PAGE)] == [(url, False)]


def test_what_is_declared_comes_before_what_is_linked_and_feeds_of_comments_come_last() -> None:
    html = link("/comments/feed/") + "<a href='/rss/sport'>Sport</a>" + link("/feed/")
    assert urls(html) == [
        "https://paper.example/feed/",
        "https://paper.example/rss/sport",
        "https://paper.example/comments/feed/",
    ]


def test_a_feed_that_is_named_twice_is_found_once() -> None:
    assert urls(link("/rss") + link("HTTPS://Paper.Example/rss?utm_source=x") + "<a href='/rss'>RSS</a>") == [
        "https://paper.example/rss"
    ]


def test_the_page_itself_is_none_of_its_feeds() -> None:
    assert urls("<a href='.'>here</a>" + link(PAGE), PAGE) == []


def test_relative_addresses_start_at_the_base() -> None:
    assert urls(f"<base href='https://cdn.example/x/'>{link('f.xml')}") == ["https://cdn.example/x/f.xml"]


def test_a_title_in_another_encoding_is_read() -> None:
    html = "<meta charset='windows-1251'>" + link("/rss").replace("All  news", "Новости")
    (found,) = discover(html.encode("windows-1251"), PAGE)
    assert found.title == "Новости"


def test_a_page_of_links_gives_no_endless_list() -> None:
    assert len(urls("".join(f"<a href='/rss/{n}'>{n}</a>" for n in range(500)))) == CANDIDATES


def test_the_usual_places_are_those_of_the_host() -> None:
    assert common_places("https://paper.example/a/b?c")[0] == "https://paper.example/feed"


@given(st.binary())
def test_any_bytes_give_web_addresses_or_none(html: bytes) -> None:
    assert all(is_web(each.url) for each in discover(html, PAGE))


@given(st.text(), st.text())
def test_any_address_in_a_link_gives_web_addresses_or_none(href: str, base: str) -> None:
    html = f'<base href="{base}"><link rel=alternate type="text/xml" href="{href}"><a href="{href}/rss">x</a>'
    assert all(is_web(each.url) for each in discover(html.encode("utf-8", "replace"), PAGE))


def test_a_folders_own_places_are_tried_before_those_of_the_host() -> None:
    host = tuple(f"https://paper.example{place}" for place in COMMON_PLACES)
    assert common_places("https://paper.example/") == host
    assert common_places("https://paper.example/world") == host
    assert common_places("https://paper.example/blog/") == (
        "https://paper.example/blog/feed",
        "https://paper.example/blog/rss",
        *host,
    )


def test_robots_txt_names_the_news_sitemaps() -> None:
    robots = b"User-agent: *\nDisallow: /news\n sitemap : /a/News.xml\r\nSITEMAP:https://cdn.example/news.xml.gz"
    robots += b"\nSitemap: /pages.xml"
    usual = tuple(f"https://paper.example{place}" for place in SITEMAP_PLACES)
    assert news_sitemaps(robots, PAGE) == (
        "https://paper.example/a/News.xml",
        "https://cdn.example/news.xml.gz",
        *usual,
    )
    assert news_sitemaps(b"\xff\xfe<html>", PAGE) == usual
