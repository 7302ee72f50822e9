"""JSON Feeds, right and wrong ones."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.texts import ENTRY_CAP
from feedwatch.model import ParsedEntry, ParsedFeed

URL = "https://courier.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"

ITEM = {
    "id": "c-1",
    "url": "/2026/02/ferry",
    "external_url": "https://elsewhere.example/story",
    "title": "Ferry &amp; bridge reopen",
    "summary": "It sails.",
    "content_html": "<p>The ferry sails<br>again.</p><script>var maduro</script>",
    "date_published": "2026-02-02T10:15:00+02:00",
    "date_modified": "2026-02-02T09:00:00.5Z",
    "authors": [{"name": "Ana Ruiz"}, {"name": "Iván Sosa"}],
    "tags": ["Ports", "Ports", "Politics"],
}


def feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "The Courier", "items": items} | more).encode()


def parsed(body: bytes, content_type: str | None = "text/html") -> ParsedFeed:
    return parse_feed(body, content_type, URL)


def only(*items: object, **more: object) -> ParsedEntry:
    (entry,) = parsed(feed(*items, **more)).entries
    return entry


def test_every_field_is_kept_whatever_the_content_type_says() -> None:
    found = parsed(feed(ITEM, language="es-VE", home_page_url="https://www.courier.example/"))
    assert (found.title, found.language, found.left_out) == ("The Courier", "es", 0)
    assert found.entries == (
        ParsedEntry(
            id="c-1",
            link="https://www.courier.example/2026/02/ferry",
            title="Ferry & bridge reopen",
            summary="It sails.",
            content="The ferry sails\nagain.",
            authors=("Ana Ruiz", "Iván Sosa"),
            categories=("Ports", "Politics"),
            published=datetime(2026, 2, 2, 8, 15, tzinfo=UTC),
            updated=datetime(2026, 2, 2, 9, 0, 0, 500_000, tzinfo=UTC),
        ),
    )


def test_version_1_0_is_read() -> None:
    found = only({"id": "1", "author": {"name": "Ana"}, "content_text": "Plain < text"}, version=VERSION[:-2])
    assert (found.authors, found.content) == (("Ana",), "Plain < text")


@pytest.mark.parametrize(
    ("item", "more", "authors"),
    [
        ({"id": "1"}, {"authors": [{"name": "A"}], "author": {"name": "Old"}}, ("A",)),
        ({"id": "1"}, {"author": {"name": "Old"}}, ("Old",)),
        ({"id": "1", "authors": [{"name": "B"}], "author": {"name": "C"}}, {"author": {"name": "D"}}, ("B",)),
        ({"id": "1", "authors": "Ana"}, {}, ("Ana",)),
        ({"id": "1", "authors": ["Ana", None, {"url": "x"}]}, {}, ("Ana",)),
    ],
)
def test_authors_of_the_item_come_before_those_of_the_feed(
    item: dict[str, Any], more: dict[str, Any], authors: tuple[str, ...]
) -> None:
    assert only(item, **more).authors == authors


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ({"id": "1", "external_url": "https://a.example/x"}, "https://a.example/x"),
        ({"id": "https://a.example/1"}, "https://a.example/1"),
        ({"id": "1", "url": "javascript:alert(1)"}, None),
        ({"id": "1", "url": "//[", "external_url": 5}, None),
        ({"id": "1"}, None),
    ],
)
def test_the_link_is_the_url_else_what_it_is_about_else_an_id_that_is_one(item: object, link: str | None) -> None:
    assert only(item).link == link


@pytest.mark.parametrize(("tags", "kept"), [("a, b,,a", ("a", "b")), (["x", 5, None], ("x", "5")), ({"t": 1}, ())])
def test_tags_are_a_list_or_a_text_with_commas(tags: object, kept: tuple[str, ...]) -> None:
    assert only({"id": "1", "tags": tags}).categories == kept


@pytest.mark.parametrize("number", ["17", "1.50", "-0", "1e400", "9" * 5_000])
def test_an_id_that_is_a_number_is_kept_as_it_is_spelt(number: str) -> None:
    body = f'{{"version": "{VERSION}", "items": [{{"id": {number}}}]}}'.encode()
    assert [entry.id for entry in parsed(body).entries] == [number]


def test_a_feed_that_forgot_its_version_is_one_by_its_items() -> None:
    assert len(parsed(json.dumps({"items": [ITEM]}).encode()).entries) == 1


@pytest.mark.parametrize("items", [None, 3, "x", [], [None, 3, "x", [], {}]])
def test_items_that_are_none_are_passed_over(items: object) -> None:
    assert parsed(json.dumps({"version": VERSION, "items": items}).encode()).entries == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_is_read(encoding: str) -> None:
    text = json.dumps({"version": VERSION, "items": [{"id": "1", "title": "José"}]}, ensure_ascii=False)
    assert [entry.title for entry in parsed(text.encode(encoding)).entries] == ["José"]


def test_the_last_of_two_equal_keys_counts_and_control_characters_are_dropped() -> None:
    body = f'{{"version": "{VERSION}", "items": [], "items": [{{"id": "1", "title": "a\x01b\\ud800\tc"}}]}}'.encode()
    assert [entry.title for entry in parsed(body).entries] == ["ab c"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("AT&amp;T &#8211; news", "AT&T – news"),
        ("Why <em>not</em>", "Why not"),
        ("How to use the <b> tag", "How to use the <b> tag"),
        ("1 < 2", "1 < 2"),
        ({"html": "x"}, ""),
    ],
)
def test_a_title_is_text_but_what_is_surely_markup_is_read_as_such(title: object, text: str) -> None:
    assert only({"id": "1", "title": title}).title == text


@pytest.mark.parametrize("date", ["Mon, 02 Feb 2026 08:15:00 GMT", "2026-02-02 08:15:00", "20260202T081500Z"])
def test_dates_against_the_rules_are_read(date: str) -> None:
    assert only({"id": "1", "date_published": date}).published == datetime(2026, 2, 2, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "soon", 1770000000, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_date_is_none(date: object) -> None:
    assert only({"id": "1", "date_published": date}).published is None


def test_the_language_of_all_items_is_the_feeds() -> None:
    assert parsed(feed({"id": "1", "language": "pt-BR"}, {"id": "2", "language": "pt"})).language == "pt"
    assert parsed(feed({"id": "1", "language": "pt"}, {"id": "2", "language": "en"})).language is None


def test_the_newest_are_kept_and_the_rest_is_counted() -> None:
    items = [{"id": str(n), "date_published": f"20{n % 90 + 10}-01-01T00:00:00Z"} for n in range(ENTRY_CAP + 7)]
    found = parsed(feed(*items, {"id": "undated"}))
    assert (len(found.entries), found.left_out) == (ENTRY_CAP, 8)
    assert "undated" in {entry.id for entry in found.entries}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"items": [\n  {"id": "1",}\n]}', "broken JSON at line 2, column 14"),
        (feed(ITEM)[:-20], "broken JSON at line 1"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"status": "ok", "items": [1, 2]}', "JSON that is no JSON Feed"),
    ],
)
def test_what_is_no_feed_says_so(body: bytes, said: str) -> None:
    with pytest.raises(FeedUnreadable, match=said):
        parsed(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ITEM)), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["version", "title", "items", "author", "language", "home_page_url"]), JSON))
def test_a_feed_with_anything_anywhere_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        found = parsed(json.dumps(document).encode())
    except FeedUnreadable:
        return
    assert all(entry.id or entry.link or entry.title or entry.summary or entry.content or entry.published
               or entry.updated or entry.categories for entry in found.entries)  # fmt: skip


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tail: bytes) -> None:
    with suppress(FeedUnreadable):
        assert parsed(b"{" + tail).left_out == 0
