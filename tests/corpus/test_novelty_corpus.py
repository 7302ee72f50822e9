"""Real feeds polled twice: what the server changed in between is not new, and what is new is."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from feedwatch.feeds.novelty import Novelty
from feedwatch.feeds.parse import parse_feed
from feedwatch.model import ParsedEntry
from tests.harness import SHARED
from tests.rooms.test_novelty import Feed

FEEDS = sorted((SHARED / "corpus/feeds/real").glob("*.gz"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FEEDS, reason=f"no feeds at {SHARED}/corpus/feeds/real"),
]

HELD_BACK = 3
"""Entries that the first poll does not show yet."""


def with_link(entry: ParsedEntry, change: Callable[[str], str]) -> ParsedEntry:
    return replace(entry, link=change(entry.link) if entry.link else None)


def tracked(url: str) -> str:
    base, mark, fragment = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}utm_source=rss&at_medium=RSS{mark}{fragment}"


def other_scheme(url: str) -> str:
    return url.replace("https:", "http:", 1) if url.startswith("https:") else url.replace("http:", "https:", 1)


def other_www(url: str) -> str:
    return url.replace("//www.", "//", 1) if "//www." in url else url.replace("//", "//www.", 1)


CHANGES: dict[str, Callable[[ParsedEntry], ParsedEntry]] = {
    "nothing": lambda entry: entry,
    "other ids": lambda entry: replace(entry, id=f"urn:{entry.id or entry.link or entry.title}"),
    "other scheme and ids": lambda entry: with_link(replace(entry, id=other_scheme(entry.id or "x:")), other_scheme),
    "www and other ids": lambda entry: with_link(replace(entry, id=f"x{entry.id}{entry.link}"), other_www),
    "tracking parameters and other ids": lambda entry: with_link(
        replace(entry, id=f"x{entry.id}{entry.link}"), tracked
    ),
    "other dates": lambda entry: replace(entry, published=entry.published and entry.published + timedelta(days=3)),
    "no dates": lambda entry: replace(entry, published=None, updated=None),
    "white space": lambda entry: replace(entry, title=f" {entry.title} ".replace(" ", "  ")),
    "escaped titles": lambda entry: replace(entry, title=entry.title.replace("&", "&amp;").replace("'", "&#39;")),
    "the full text": lambda entry: replace(entry, content=f"{entry.content} More."),
}


@cache
def real(path: Path) -> tuple[ParsedEntry, ...]:
    return parse_feed(gzip.decompress(path.read_bytes()), None, "https://feed.example/rss").entries


def items(document: Iterable[ParsedEntry]) -> set[str]:
    """What the feed's own ids say there is; real feeds show a few items twice."""
    return {entry.id or entry.link or entry.title for entry in document}


@pytest.mark.parametrize("name", CHANGES)
def test_a_second_poll_finds_what_was_held_back_and_nothing_else(name: str) -> None:
    wrong, shown = list[str](), 0
    for path in FEEDS:
        fresh, known = real(path)[:HELD_BACK], real(path)[HELD_BACK:]
        feed = Feed()
        feed.verdicts(*known)
        later = [CHANGES[name](entry) for entry in (*fresh, *known)]
        found = [verdict.entry for verdict in feed.verdicts(*later) if verdict.novelty is Novelty.NEW]
        strange = [entry.title for entry in found if entry not in later[:HELD_BACK]]
        missed = len(items(fresh) - items(known)) - len(found) + len(strange)
        if strange or missed:
            wrong.append(f"{path.name}: {missed} missed, falsely new: {strange[:3]}")
        shown += len(later)
    assert shown > 2_000
    assert wrong == []


def test_real_feeds_show_hardly_an_item_twice_and_none_is_taken_for_another() -> None:
    for path in FEEDS:
        assert len(Feed().verdicts(*real(path))) == len(items(real(path))), path.name
