"""The archive asked with a query: FTS5 names candidates, the live evaluator decides, newest first.

A query finds here what it would have found when the articles came: the same zones, the same language, the same
evaluator. Rows are read in small batches without a transaction, so that a running daemon is not in its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.pipeline.matching import verdict
from feedwatch.pipeline.zones import facts, language_of, zones
from feedwatch.store import search as table
from feedwatch.store.articles import PendingEntry
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.index import Index, Metadata, build_index
from feedwatch.watches.snippets import snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from feedwatch.model import Match
    from feedwatch.store import Connection
    from feedwatch.store.search import Archived
    from feedwatch.watches.tree import Query

AT_ONCE = 50
"""Articles in memory at a time."""

LOOKED_AT = 2_000
"""Candidates that one search judges at the most: a few seconds, however many articles there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that matches, by the entry that matches most strongly."""

    article: Archived
    entry: PendingEntry
    index: Index
    match: Match

    @property
    def title(self) -> str:
        return self.entry.title or (self.article.page.title if self.article.page else "")

    @property
    def snippet(self) -> str:
        return snippet(self.index, self.match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a search found, and how far it looked."""

    found: tuple[Found, ...]
    looked_at: int
    stopped_at: datetime | None  # older articles were not looked at; None: all were, or enough was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The articles that are looked at: those first seen from `since` on and before `until`."""

    since: datetime | None = None
    until: datetime | None = None


def search(
    db: Connection, query: Query, tags: Mapping[str, tuple[str, ...]], stretch: Stretch, *, limit: int
) -> Results:
    """The newest `limit` articles that match. Gives up after LOOKED_AT candidates, and says where."""
    found: list[Found] = []
    looked_at, last = 0, None
    for article in candidates(db, to_fts5(query), stretch, first=limit):
        if looked_at == LOOKED_AT:
            return Results(found=tuple(found), looked_at=looked_at, stopped_at=last)
        looked_at, last = looked_at + 1, article.seen_at
        if best := strongest(query, readings(article, tags)):
            found.append(best)
            if len(found) == limit:
                break
    return Results(found=tuple(found), looked_at=looked_at, stopped_at=None)


def candidates(db: Connection, expression: str, stretch: Stretch, *, first: int = AT_ONCE) -> Iterator[Archived]:
    """The articles that may match, newest first, read as they are asked for; `first` so many at once."""
    low, high = table.span(db, stretch.since, stretch.until)
    most = min(first, AT_ONCE)
    while ids := table.candidates(db, expression, low, high, most=most):
        for article in table.archived(db, ids):
            if _within(article, stretch):
                yield article
        high, most = ids[-1] - 1, AT_ONCE


def how_many(db: Connection, expression: str, stretch: Stretch) -> int:
    """About how many candidates there are."""
    return table.count_candidates(db, expression, *table.span(db, stretch.since, stretch.until))


def _within(article: Archived, stretch: Stretch) -> bool:
    """Ids follow the clock only while nobody sets it back."""
    after = stretch.since is None or article.seen_at >= stretch.since
    return after and (stretch.until is None or article.seen_at < stretch.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article as one of its entries led to it, ready to be matched."""

    article: Archived
    entry: PendingEntry
    index: Index
    metadata: Metadata


def readings(article: Archived, tags: Mapping[str, tuple[str, ...]]) -> list[Reading]:
    return [
        Reading(
            article=article,
            entry=entry,
            index=build_index(zones(article.page, entry), language_of(article.page, entry)),
            metadata=facts(article.page, entry, article.url, tags.get(entry.feed, ())),
        )
        for entry in article.entries or (_nobodys(article),)
    ]


def _nobodys(article: Archived) -> PendingEntry:
    """Stands in for the entries of an article that no feed shows any more and that were removed."""
    return PendingEntry(
        id=0,
        version=1,
        feed="",
        title="",
        summary="",
        content="",
        how="new",
        window_id=None,
        shown_at=article.seen_at,
        link=article.url,
    )


def strongest(query: Query, readings: list[Reading]) -> Found | None:
    """The strongest match of any of them; the first of equals."""
    found = [
        Found(article=each.article, entry=each.entry, index=each.index, match=judged)
        for each in readings
        if (judged := verdict(query, each.index, each.metadata, each.article.page))
    ]
    return max(found, key=lambda one: one.match.strength, default=None)
