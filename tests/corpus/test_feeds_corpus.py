"""Every feed of the corpus through `parse_feed`: nothing crashes, nothing is lost, and what the cases expect holds."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import pytest

from feedwatch.errors import FeedUnreadable
from feedwatch.feeds.parse import parse_feed
from feedwatch.model import ParsedEntry, ParsedFeed

SHARED = Path(os.environ.get("FEEDWATCH_SHARED") or Path(__file__).parents[2].parent / "shared")
CORPUS = SHARED / "corpus"
CASES = CORPUS / "feeds" / "feedparser-cases"
SECONDS = 30  # the deadline of a feed in its worker

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}"),
    pytest.mark.timeout(SECONDS),
]

EXCUSED: dict[str, dict[str, Any]] = {
    one["file"]: one
    for one in tomllib.loads(Path(__file__).with_name("feeds_excused.toml").read_text(encoding="utf-8"))["excused"]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A document, and the headers that its comment says it was served with."""

    body: bytes
    content_type: str | None
    url: str
    expected: str  # a Python expression over feedparser's result; "" if it expects nothing


def files() -> list[str]:
    found = [*CORPUS.glob("feeds/**/*"), *CORPUS.glob("hostile/*")]
    return sorted(str(path.relative_to(CORPUS)) for path in found if path.is_file())


@cache
def served(name: str) -> Served:
    raw = (CORPUS / name).read_bytes()
    body = gzip.decompress(raw) if name.endswith(".gz") else raw
    said = re.findall(rb"^\s*Header:\s+([\w-]+):\s*(.*?)\s*$", body[:3_000], re.MULTILINE)
    headers = {key.decode().lower(): value.decode() for key, value in said}
    expected = re.search(rb"Expect:\s*(.*?)\s*$", body[:3_000], re.MULTILINE)
    return Served(
        body=body,
        content_type=headers.get("content-type"),
        url=headers.get("content-location", "http://127.0.0.1:8097/feeds/case.xml"),
        expected=expected[1].decode("utf-8", "replace") if expected else "",
    )


@cache
def parsed(name: str) -> ParsedFeed | None:
    case = served(name)
    try:
        return parse_feed(case.body, case.content_type, case.url)
    except FeedUnreadable as error:
        assert case.url in str(error)  # noqa: PT017  a feed and a reason are both right here
        return None


def expected_count(case: Served) -> int:
    """As many as feedparser finds; in JSON, which it does not read, as many as there are items; in half a file none."""
    if case.body.lstrip()[:1] == b"{":
        try:
            return len(json.loads(case.body)["items"])
        except json.JSONDecodeError:
            return 0
    headers = {"content-type": case.content_type or "application/xml"}
    found = feedparser.parse(io.BytesIO(case.body), response_headers=headers, sanitize_html=False)
    return len(found.entries)


# What the cases expect of the fields we keep -------------------------------------------------------------

KEPT = {"id", "guid", "link", "title", "created", "created_parsed"}
KEPT |= {"published", "published_parsed", "updated", "updated_parsed"}
_FIELD = re.compile(r"entries\[\d\]\[['\"](\w+)['\"]\]")


def evaluated() -> list[str]:
    """The cases that expect something of an entry's id, link, title or dates, and of nothing else in it."""
    names = [name for name in files() if name.startswith("feeds/feedparser-cases")]
    return [name for name in names if (fields := set(_FIELD.findall(served(name).expected))) and fields <= KEPT]


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """A moment that equals its ISO text, its mail date and its UTC time tuple."""

    moment: datetime | None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, tuple):
            return self.moment is not None and tuple(self.moment.utctimetuple()) == other
        return isinstance(other, str) and self.moment == _moment(other)

    def __hash__(self) -> int:
        return hash(self.moment)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return parsedate_to_datetime(text).astimezone(UTC)


def as_feedparser_names_it(entry: ParsedEntry) -> dict[str, object]:
    published, updated = When(entry.published), When(entry.updated)
    plain: dict[str, object] = {"id": entry.id, "guid": entry.id, "link": entry.link, "title": entry.title}
    dates: dict[str, object] = {"published": published, "created": published, "updated": updated}
    return plain | dates | {f"{name}_parsed": date for name, date in dates.items()}


def holds(name: str) -> bool:
    feed = parsed(name)
    assert feed is not None
    names = {"entries": [as_feedparser_names_it(entry) for entry in feed.entries], "bozo": False}
    expected = served(name).expected
    return bool(eval(expected, {"__builtins__": {}}, names))  # noqa: S307  the corpus' own expressions, no builtins


@pytest.mark.parametrize("name", files())
def test_a_document_has_as_many_entries_as_it_shows(name: str) -> None:
    feed = parsed(name)
    ours = len(feed.entries) + feed.left_out if feed else 0
    assert ours == expected_count(served(name))


@pytest.mark.parametrize("name", sorted(set(evaluated()) - set(EXCUSED)))
def test_a_case_says_what_it_expects(name: str) -> None:
    assert holds(name), (served(name).expected, parsed(name))


@pytest.mark.parametrize("name", sorted(EXCUSED))
def test_an_excused_case_differs_and_says_what_its_excuse_says(name: str) -> None:
    feed = parsed(name)
    assert feed is not None
    assert not holds(name), "no excuse is needed any more"
    excuse = EXCUSED[name]
    assert excuse["reason"]
    assert getattr(feed.entries[0], excuse["field"]) == excuse["ours"]


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}")
def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(files()) > 1_200
    assert len(evaluated()) >= 64
    assert set(EXCUSED) <= set(evaluated())


@pytest.mark.parametrize("name", [name for name in files() if name.startswith("feeds/real/")])
def test_every_entry_of_a_real_feed_can_be_told_apart_and_dated(name: str) -> None:
    feed = parsed(name)
    for entry in feed.entries if feed else ():
        assert entry.id or entry.link
        assert all(moment is None or moment.tzinfo is UTC for moment in (entry.published, entry.updated))
        assert "\n" not in entry.title


# JSON Feeds ----------------------------------------------------------------------------------------------

CUT = "feeds/json/allthis-partial.json"


def json_feeds() -> list[str]:
    return [name for name in files() if served(name).body.lstrip()[:1] == b"{" and name != CUT]


@pytest.mark.parametrize("name", json_feeds())
def test_a_json_feeds_items_are_its_entries_field_by_field(name: str) -> None:
    document, feed = json.loads(served(name).body), parsed(name)
    assert feed is not None
    assert feed.title == document["title"]
    assert [entry.id for entry in feed.entries] == [item["id"] for item in document["items"]]
    for entry, item in zip(feed.entries, document["items"], strict=True):
        assert entry.link == (item.get("url") or (item["id"] if item["id"].startswith("http") else None))
        assert (entry.title != "") == bool(item.get("title"))
        assert (entry.content != "") == bool(
            re.sub(r"<[^>]*>|\s", "", item.get("content_html") or item.get("content_text") or "")
        )
        assert entry.published == (_moment(item["date_published"]) if "date_published" in item else None)
        tags = item.get("tags", [])  # one feed has a text there, "workflow,omnifocus"
        assert set(entry.categories) == set(tags if isinstance(tags, list) else filter(None, tags.split(",")))


def test_authors_of_item_and_feed_are_told_apart_as_the_case_says() -> None:
    """The case's ids say what it expects."""
    feed = parsed("feeds/json/authors.json")
    assert feed is not None
    assert {entry.id: entry.authors for entry in feed.entries} == {
        "Item without authors": ("Root Author 1", "Root Author 2"),
        "Item with legacy author": ("Legacy Item Author",),
        "Item with modern authors": ("Item Author 1", "Item Author 2"),
        "Item with both": ("Item Author 1", "Item Author 2"),
    }


def test_half_a_json_feed_is_no_feed_for_what_was_cut_may_be_news() -> None:
    with pytest.raises(FeedUnreadable, match="broken JSON"):
        parse_feed(served(CUT).body, None, "http://127.0.0.1/feed.json")


def test_there_are_as_many_json_feeds_as_there_should_be() -> None:
    assert len(json_feeds()) >= 7
