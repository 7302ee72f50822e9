"""Feeds of every format, small and invented, through `parse_feed`."""

from __future__ import annotations

import gzip
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.texts import ENTRY_CAP, plain
from feedwatch.model import ParsedEntry, ParsedFeed

URL = "https://courier.example/feeds/world.xml"

RSS_20 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The  Harbour
 Courier</title><link>https://www.courier.example/</link><language>en-GB</language>
<item><title>Ferry &amp;amp; bridge reopen</title><link>/2026/02/ferry</link><guid isPermaLink="false">c-1</guid>
  <description>&lt;p&gt;The ferry sails&lt;br&gt;again.&lt;/p&gt;&lt;script&gt;var x=1&lt;/script&gt;</description>
  <content:encoded><![CDATA[<p>The ferry sails again after <b>nine</b> days.</p>
<p>Fares&nbsp;stay.</p>]]></content:encoded>
  <dc:creator>Ana Ruiz</dc:creator><pubDate>Mon, 02 Feb 2026 10:15:00 +0200</pubDate></item>
<item><title>Second</title><guid>https://www.courier.example/2026/02/second</guid></item>
<item><title>Third</title><guid>12345</guid></item>
</channel></rss>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://radio.example/"><title>Radio</title><link>https://radio.example/</link></channel>
<item><title>Talks in Geneva</title><link>https://radio.example/a-7?src=rdf</link>
<description>Two days.</description><dc:date>2026-02-03T08:00:00Z</dc:date></item>
</rdf:RDF>"""

RSS_091 = """<rss version="0.91"><channel><title>Old</title><link>https://old.example/</link>
<item><title>Plain old news</title><link>https://old.example/1.html</link><description>Short.</description></item>
</channel></rss>"""

ATOM_10 = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es-VE" xml:base="https://diario.example/blog/">
<title>Diario</title><link href="https://elsewhere.example/"/>
<entry><id>tag:diario.example,2026:1</id><title type="text">El signo &lt; y la etiqueta &lt;b></title>
<link rel="enclosure" href="https://diario.example/a.mp3"/><link rel="alternate" href="nota-1"/>
<published>2026-02-03T09:00:00-04:00</published><updated>2026-02-03T10:00:00-04:00</updated>
<author><name>Luz Prado</name></author><author><name>Iván Sosa</name></author>
<summary type="html">&lt;ul>&lt;li>uno&lt;/li>&lt;li>dos&lt;/li>&lt;/ul></summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Párrafo uno.</p><p>Párrafo dos.</p></div></content>
</entry></feed>"""

ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Early</title>
<entry><title>Entry</title><id>urn:early:1</id><link rel="alternate" type="text/html" href="https://early.example/1"/>
<issued>2004-01-01T12:00:00Z</issued><modified>2004-01-02T12:00:00Z</modified></entry></feed>"""


def parsed(text: str | bytes, content_type: str | None = None) -> ParsedFeed:
    return parse_feed(text.encode() if isinstance(text, str) else text, content_type, URL)


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


def only(feed: ParsedFeed) -> ParsedEntry:
    (entry,) = feed.entries
    return entry


def test_rss_2_gives_plain_texts_absolute_links_and_utc_times() -> None:
    feed = parsed(RSS_20)
    assert (feed.title, feed.language, feed.left_out) == ("The Harbour Courier", "en", 0)
    assert feed.entries[0] == ParsedEntry(
        id="c-1",
        link="https://www.courier.example/2026/02/ferry",
        title="Ferry & bridge reopen",
        summary="The ferry sails\nagain.",
        content="The ferry sails again after nine days.\nFares stay.",
        authors=("Ana Ruiz",),
        published=datetime(2026, 2, 2, 8, 15, tzinfo=UTC),
    )


def test_a_permalink_guid_is_the_link_where_there_is_none() -> None:
    assert parsed(RSS_20).entries[1].link == "https://www.courier.example/2026/02/second"


def test_a_guid_that_is_a_bare_number_is_no_link() -> None:
    third = parsed(RSS_20).entries[2]
    assert (third.id, third.link) == ("12345", None)


def test_rss_1_without_guids_has_links_and_dates() -> None:
    entry = only(parsed(RDF))
    assert (entry.id, entry.link) == (None, "https://radio.example/a-7?src=rdf")
    assert entry.updated == datetime(2026, 2, 3, 8, tzinfo=UTC)


def test_an_update_time_is_never_made_of_the_time_of_publishing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parsed(RSS_20).entries[0].updated is None


def test_rss_091_is_read() -> None:
    entry = only(parsed(RSS_091))
    assert (entry.title, entry.link, entry.summary) == ("Plain old news", "https://old.example/1.html", "Short.")


def test_atom_10_resolves_links_at_xml_base_and_takes_text_for_text() -> None:
    feed = parsed(ATOM_10)
    entry = only(feed)
    assert feed.language == "es"
    assert entry.link == "https://diario.example/blog/nota-1"
    assert entry.title == "El signo < y la etiqueta <b>"
    assert entry.summary == "uno\ndos"
    assert entry.content == "Párrafo uno.\nPárrafo dos."
    assert entry.authors == ("Luz Prado", "Iván Sosa")
    assert entry.published == datetime(2026, 2, 3, 13, tzinfo=UTC)
    assert entry.updated == datetime(2026, 2, 3, 14, tzinfo=UTC)


def test_relative_links_of_atom_without_a_base_start_at_the_document() -> None:
    feed = ATOM_10.replace(' xml:base="https://diario.example/blog/"', "")
    assert only(parsed(feed)).link == "https://courier.example/feeds/nota-1"


def test_atom_03_is_read() -> None:
    entry = only(parsed(ATOM_03))
    assert (entry.id, entry.link) == ("urn:early:1", "https://early.example/1")
    assert entry.updated == datetime(2004, 1, 2, 12, tzinfo=UTC)


def test_an_id_does_not_depend_on_where_the_feed_was_fetched() -> None:
    item = rss("<item><title>x</title><guid>a/7</guid></item>").encode()
    ids = {parse_feed(item, None, url).entries[0].id for url in (URL, "https://mirror.example/f")}
    assert ids == {"a/7"}


def test_a_content_that_feedparser_copies_to_the_summary_is_said_once() -> None:
    item = '<item xmlns:content="http://purl.org/rss/1.0/modules/content/"><title>x</title>'
    entry = only(parsed(rss(f"{item}<content:encoded>All of it.</content:encoded></item>")))
    assert (entry.summary, entry.content) == ("", "All of it.")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "//[", "https://", "tag:x,1:2"])
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    assert only(parsed(rss(f"<item><title>x</title><link>{link}</link></item>"))).link is None


@pytest.mark.parametrize(
    "date",
    ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 30 Feb 2026 10:00:00 GMT", "9999-12-31T23:59:59-12:00", "0"],
)
def test_a_date_that_cannot_be_meant_is_none(date: str) -> None:
    assert only(parsed(rss(f"<item><title>x</title><pubDate>{date}</pubDate></item>"))).published is None


def test_the_newest_entries_are_kept_and_the_rest_is_counted() -> None:
    items = [
        f"<item><title>{n}</title><pubDate>{1 + n % 28} Jan {2001 + n // 28} 00:00:00 GMT</pubDate></item>"
        for n in range(ENTRY_CAP - 1500)
    ]
    many = [*items, *["<item><title>undated</title></item>"] * 1_600]
    feed = parsed(rss(*many))
    assert (len(feed.entries), feed.left_out) == (ENTRY_CAP, 100)
    dated = [int(entry.title) for entry in feed.entries if entry.title != "undated"]
    assert dated == list(range(499, 99, -1))


def test_an_empty_channel_is_a_feed_without_entries() -> None:
    assert parsed(rss()).entries == ()


def test_a_cut_document_gives_the_entries_before_the_cut() -> None:
    assert [entry.title for entry in parsed(RSS_20[: RSS_20.index("Third")]).entries][:2] == [
        "Ferry & bridge reopen",
        "Second",
    ]


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "utf-7", "rot13", "undefined", "zlib", "nope"])
@pytest.mark.parametrize("where", ["declaration", "header"])
def test_an_encoding_that_is_none_is_ignored(name: str, where: str) -> None:
    text = rss("<item><title>Señal – “aquí”</title></item>")
    if where == "declaration":
        feed = parsed(f"<?xml version='1.0' encoding='{name}'?>{text}", "application/rss+xml")
    else:
        feed = parsed(text, f"application/rss+xml; charset={name}")
    assert only(feed).title == "Señal – “aquí”"


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("utf-8", "Caracas – ça"),
        ("iso-8859-1", "Asunción"),
        ("windows-1251", "Венесуэла"),
        ("koi8-r", "Каракас"),
        ("windows-1256", "فنزويلا"),
        ("shift_jis", "ベネズエラ"),
        ("gb2312", "委内瑞拉"),
        ("euc-kr", "베네수엘라"),
        ("utf-16", "Мадуро"),
    ],
)
def test_a_declared_encoding_is_obeyed(encoding: str, word: str) -> None:
    declared = f"<?xml version='1.0' encoding='{encoding}'?>" + rss(f"<item><title>{word}</title></item>")
    assert only(parsed(declared.encode(encoding))).title == word
    plainly = rss(f"<item><title>{word}</title></item>")
    if encoding != "utf-16":
        assert only(parsed(plainly.encode(encoding), f"text/xml; charset={encoding}")).title == word


def test_a_charref_that_is_no_character_costs_neither_the_feed_nor_the_text_around_it() -> None:
    item = "<item><title>ab&#xD83D;c&#99999999999;d&nosuch;</title><link>https://a.example/1</link></item>"
    entry = only(parsed(rss(item)))
    assert entry.title.startswith("abcd")
    assert entry.link == "https://a.example/1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><html><head><title>News</title></head><body><p>Hi</p></body></html>", "HTML page"),
        (b"<!-- cached --><html><body>Hi</body></html>", "HTML page"),
        (b'{"rows": [1, 2]}', "JSON that is no JSON Feed"),
        (b'[{"id": 1}]', "JSON that is no JSON Feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "an image"),
        (b"%PDF-1.7 \xe2\xe3", "PDF"),
        (gzip.compress(b"<rss/>", mtime=0), "compressed"),
        (b"\x01\x00\x02" * 30, "binary"),
        (b"Not found", "something else"),
        (b"<?xml version='1.0'?><note><to>You</to></note>", "something else"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(body: bytes, words: str) -> None:
    with pytest.raises(FeedUnreadable, match=words) as caught:
        parsed(body)
    assert URL in str(caught.value)
    assert str(caught.value).endswith(")")  # the cure


def test_an_html_content_type_does_not_hide_a_feed() -> None:
    assert len(parsed(RSS_20, "text/html; charset=utf-8").entries) == 3


def test_a_feed_that_names_a_file_opens_none() -> None:
    with pytest.raises(FeedUnreadable):
        parsed(b"/etc/hostname")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<br>b", "a\nb"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<td>a</td><td>b</td>", "a\nb"),
        ("Nicol&aacute;s&nbsp;<b>Mad</b>uro", "Nicolás Maduro"),
        ("x<script>evil()</script>y<style>p{}</style>z", "xyz"),
        ("<!-- no -->seen", "seen"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
        ("AT&T", "AT&T"),
        ("line\n  wrapped <i>in\n source</i>", "line wrapped in source"),
        ("<img alt='no'>", ""),
        ("a\x00b\x08c", "abc"),
        ("", ""),
    ],
)
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_very_deep_markup_keeps_its_text() -> None:
    assert plain("<div>" * 1000 + "deep" + "</div>" * 1000) == "deep"


@given(st.text())
def test_any_text_becomes_storable_text_without_blank_lines(text: str) -> None:
    result = plain(text)
    assert "\x00" not in result.encode().decode()  # no lone surrogate either
    assert result == "" or all(line.strip() for line in result.split("\n"))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_said_to_be_none(body: bytes) -> None:
    try:
        assert isinstance(parsed(body), ParsedFeed)
    except FeedUnreadable as error:
        assert URL in str(error)  # noqa: PT017  both ends are right, this one has a text


@given(st.binary(max_size=60), st.integers(0, len(RSS_20)), st.integers(0, 40))
def test_a_damaged_feed_never_raises_anything_else(junk: bytes, at: int, width: int) -> None:
    body = RSS_20.encode()
    damaged = body[:at] + junk + body[at + width :]
    try:
        feed = parsed(damaged)
    except FeedUnreadable:
        return
    assert all(entry.link is None or entry.link.startswith("http") for entry in feed.entries)
