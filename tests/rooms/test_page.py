"""An invented article page with everything around it, and pages that are broken or no article."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedwatch.articles.page import read_page
from feedwatch.errors import PageElsewhere, PageUnreadable
from feedwatch.model import Page

URL = "https://courier.example/2026/02/ferry?utm_source=rss"

PARAGRAPHS = (
    "The ferry between the two banks sailed again on Tuesday after nine days in the dock, the harbour office said.",
    "Some four hundred people waited for the first boat, many of them nurses and pupils from the southern villages.",
    "Captain Ilse Brandt said the new engine had been tested at night and was, in her words, as quiet as a cat.",
    "The fare stays at two crowns; the council will look at the timetable of the winter months again in October.",
)

HEAD = """<title>Ferry sails again | Harbour Courier</title>
<meta property="og:title" content="Ferry sails again after nine days">
<meta property="article:published_time" content="2026-02-03T09:30:00-04:00">
<meta name="author" content="Ana Ruiz">
<link rel="canonical" href="/2026/02/ferry">"""

ARTICLE = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)

PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">{HEAD}</head><body>
<header><nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/venezuela">Venezuela</a></li>
<li><a href="/sport">Sport</a></li></ul></nav></header>
<main><article><h1>Ferry sails again after nine days</h1>{ARTICLE}</article>
<aside class="related"><h3>Related stories</h3><ul><li><a href="/m">Maduro speaks in Caracas</a></li>
<li><a href="/n">Oil tanker leaves Venezuela</a></li></ul></aside>
<section id="comments" class="comments"><h3>Comments</h3><div class="comment"><p>What has Maduro to say to
this? I waited for the ferry for nine days and nobody told me anything at all about it.</p></div></section></main>
<footer><p>All rights reserved. Write to our desk for Venezuela.</p></footer></body></html>"""


def read(page: str | bytes, content_type: str | None = None) -> Page:
    return read_page(page.encode() if isinstance(page, str) else page, URL, content_type)


def bare(body: str, attributes: str = "") -> str:
    return f"<html{attributes}><head><title>T</title></head><body>{body}</body></html>"


def test_an_article_is_its_title_and_its_paragraphs() -> None:
    page = read(PAGE)
    assert page.title == "Ferry sails again after nine days"
    assert [line for line in page.body.split("\n") if line in PARAGRAPHS] == list(PARAGRAPHS)


@pytest.mark.parametrize("word", ["Maduro", "Venezuela", "Comments", "Related", "rights"])
def test_a_word_in_a_menu_a_related_box_or_a_comment_is_not_in_the_body(word: str) -> None:
    assert word in PAGE
    assert word not in read(PAGE).body


def test_language_author_time_and_canonical_address_are_read() -> None:
    page = read(PAGE)
    assert (page.language, page.authors) == ("en", ("Ana Ruiz",))
    assert page.published == datetime(2026, 2, 3, 13, 30, tzinfo=UTC)
    assert page.canonical == "https://courier.example/2026/02/ferry"


def test_the_time_of_structured_data_counts_where_the_head_has_none() -> None:
    data = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-02-03T10:00:00Z"}</script>'
    page = read(PAGE.replace('<meta property="article:published_time" content="2026-02-03T09:30:00-04:00">', data))
    assert page.published == datetime(2026, 2, 3, 10, tzinfo=UTC)


def test_a_day_without_a_time_is_its_midnight_in_utc() -> None:
    page = read(PAGE.replace("2026-02-03T09:30:00-04:00", "2026-02-03"))
    assert page.published == datetime(2026, 2, 3, tzinfo=UTC)


def test_a_page_that_says_nothing_of_itself_is_still_read() -> None:
    page = read(bare(f"<article>{ARTICLE}</article>"))
    assert PARAGRAPHS[2] in page.body
    assert (page.language, page.authors, page.canonical) == (None, (), None)


@pytest.mark.parametrize(
    ("claim", "canonical"),
    [
        ("https://courier.example/a", "https://courier.example/a"),
        ("a", "https://courier.example/2026/02/a"),
        ("//www.courier.example/a", "https://www.courier.example/a"),
        ("https:\\/\\/courier.example\\/a", "https://courier.example/a"),
        ("https://courier.example/a?x=1&amp;amp;y=2", "https://courier.example/a?x=1&y=2"),
        ("javascript:void(0)", None),
        ("https://", None),
        (" ", None),
    ],
)
def test_a_canonical_claim_is_made_absolute(claim: str, canonical: str | None) -> None:
    assert read(PAGE.replace('href="/2026/02/ferry"', f'href="{claim}"')).canonical == canonical


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("ES_ve", "es"), ("english please", None), ("", None)])
def test_a_language_is_a_plain_tag_or_none(tag: str, language: str | None) -> None:
    assert read(bare(f"<article>{ARTICLE}</article>", f' lang="{tag}"')).language == language


@pytest.mark.parametrize("depth", [200, 254, 260, 400, 1_500])
def test_text_in_deeply_nested_elements_is_read(depth: int) -> None:
    body = read(bare("<div>" * depth + ARTICLE + "</div>" * depth)).body
    assert all(paragraph in body for paragraph in PARAGRAPHS)


RUSSIAN = "Президент Венесуэлы Николас Мадуро выступил в Каракасе и рассказал о планах на следующий год подробно. " * 4


@pytest.mark.parametrize(
    ("encoding", "meta", "header"),
    [
        ("windows-1251", "windows-1251", None),
        ("windows-1251", None, "text/html; charset=windows-1251"),
        ("koi8-r", "koi8-r", "text/html; charset=windows-1251"),  # the page knows better
        ("utf-8", "windows-1251", "text/html; charset=iso-8859-1"),  # valid UTF-8 is no accident
        ("utf-8", None, None),
        ("utf-16", None, None),
        ("windows-1251", "punycode", "text/html; charset=cp1251"),
    ],
)
def test_the_charset_is_what_the_page_says_else_the_server(encoding: str, meta: str | None, header: str | None) -> None:
    declared = f'<meta charset="{meta}">' if meta else ""
    page = f"<html><head>{declared}<title>Т</title></head><body><article><p>{RUSSIAN}</p></article></body></html>"
    assert "Венесуэлы Николас Мадуро" in read(page.encode(encoding), header).body


def test_a_broken_byte_does_not_change_the_charset() -> None:
    page = PAGE.replace("</article>", "<p>Nicolás Brandt, the captain's brother, steers the second boat.</p></article>")
    broken = page.encode().replace(b"second boat", b"second\xff boat")
    assert "Nicolás" in read(broken).body


@pytest.mark.parametrize("charset", ["idna", "unicode_escape", "zlib", "nope", "\x00", "utf-7"])
def test_a_charset_that_is_none_is_ignored(charset: str) -> None:
    assert "Nicolás" in read(PAGE.replace("Ilse", "Nicolás"), f"text/html; charset={charset}").body


def test_a_nul_byte_does_not_cut_the_page() -> None:
    assert PARAGRAPHS[3] in read(PAGE.replace("Captain", "Captain\x00")).body


MENU = "<nav><ul>" + "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(40)) + "</ul></nav>"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "just words",
        '{"a": "json"}',
        "<html></html>",
        bare(MENU),
        bare(MENU + "<footer><p>All rights reserved.</p></footer>"),
    ],
)
def test_a_page_without_an_article_says_so(page: str) -> None:
    with pytest.raises(PageUnreadable, match="open it") as caught:
        read(page)
    assert URL in str(caught.value)


def test_the_text_of_a_whole_page_is_no_article() -> None:
    """Divs only, no paragraph: what trafilatura's last resort would return are the teasers."""
    teasers = "".join(f"<div><div><a href='/{n}'>Maduro, part {n}</a></div><div>Read</div></div>" for n in range(30))
    try:
        body = read(bare(teasers)).body
    except PageUnreadable:
        return
    assert "Maduro" not in body


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=30), st.integers(0, len(PAGE)), st.integers(0, 30))
def test_a_damaged_page_gives_an_article_or_the_reason(junk: bytes, at: int, width: int) -> None:
    body = PAGE.encode()
    try:
        page = read(body[:at] + junk + body[at + width :])
    except PageUnreadable:
        return
    assert page.body.strip()
    assert page.published is None or page.published.tzinfo is UTC


def test_the_headline_is_no_part_of_the_body() -> None:
    text = "The council met on Tuesday and spoke at length about the harbour and its cranes. " * 8
    page = f"<html><head><title>A port opens</title></head><body><article><h1>A port opens</h1><p>{text}</p></article>"
    assert read_page(page.encode(), "https://paper.example/a", "text/html").body == text.strip()


# Pages that only lead on


def elsewhere(page: str) -> str | None:
    try:
        read(page)
    except PageElsewhere as found:
        return found.url
    except PageUnreadable:
        return None
    return None


def leading(content: str, body: str = "<p>You are being taken to the article.</p>") -> str:
    return f"<html><head><meta http-equiv='Refresh' content='{content}'></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ("0; url=/2026/02/real", "https://courier.example/2026/02/real"),
        ("0;URL=https://other.example/real?a=1&amp;b=2", "https://other.example/real?a=1&b=2"),
        ('1.5, url="/real"', "https://courier.example/real"),
        ("3;/real", "https://courier.example/real"),
        ("300; url=/real", None),
        ("0", None),
        ("0; url=", None),
        ("0; url=javascript:alert(1)", None),
        ("0; url=file:///etc/passwd", None),
    ],
)
def test_a_page_that_refreshes_at_once_leads_on(content: str, url: str | None) -> None:
    assert elsewhere(leading(content)) == url


def test_a_page_that_refreshes_to_itself_leads_nowhere() -> None:
    assert elsewhere(leading(f"0; url={URL}?utm_source=x#top")) is None


def test_an_article_that_reloads_itself_is_read() -> None:
    assert elsewhere(PAGE.replace("<head>", "<head><meta http-equiv='refresh' content='0;url=/live'>")) is None


def test_a_page_without_a_text_leads_to_its_amp_twin() -> None:
    shell = "<html><head><link rel='amphtml' href='/amp/ferry'></head><body><div id='app'></div></body></html>"
    assert elsewhere(shell) == "https://courier.example/amp/ferry"
    assert read(PAGE.replace("<head>", "<head><link rel='amphtml' href='/amp/ferry'>")).amp == (
        "https://courier.example/amp/ferry"
    )
