"""Every feed of the corpus through `parse_feed`: nothing crashes, nothing is lost, and what the cases expect holds."""

from __future__ import annotations

import gzip
import io
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


def feedparsers_count(case: Served) -> int:
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
def test_a_document_has_as_many_entries_as_feedparser_finds(name: str) -> None:
    feed = parsed(name)
    ours = len(feed.entries) + feed.left_out if feed else 0
    assert ours == feedparsers_count(served(name))


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
