"""What a query would have told: every stored article judged again, by the day it was first seen.

Each article counts as if it had come new and alone: mutes, digests and other channels' limits are not played. The
entries that a feed showed at its first poll and that were too old to tell (the baseline) are left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from feedwatch.model import Strength
from feedwatch.pipeline.archive import Found, Stretch, candidates, how_many, readings, strongest
from feedwatch.watches.fts import to_fts5
from feedwatch.watches.why import Missing, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feedwatch.pipeline.archive import Reading
    from feedwatch.store import Connection
    from feedwatch.watches.tree import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is played: a query, the feeds that it looks at, and the least strength that is told."""

    query: Query
    feeds: frozenset[str] | None = None  # addresses; None: all
    floor: Strength = Strength.TOPIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An article that only the earlier wording matched, and what the new one misses in it."""

    found: Found
    missing: tuple[Missing, ...]


@dataclass(slots=True, kw_only=True)
class Replay:
    """The count so far; examples are the newest ones, at most `limit` of a kind."""

    limit: int
    floor: Strength
    articles: int = 0  # that there are
    looked_at: int = 0  # of them, as candidates
    days: dict[date, Counter[Strength]] = field(default_factory=dict)  # every match by the local day it was seen
    examples: list[Found] = field(default_factory=list)  # of what would have been told
    before: Counter[Strength] = field(default_factory=Counter)  # every match of the earlier wording
    gained: int = 0
    lost: int = 0
    moved: int = 0  # matched by both, with another strength
    new: list[Found] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)

    @property
    def strengths(self) -> Counter[Strength]:
        return sum(self.days.values(), Counter[Strength]())

    @property
    def alerts(self) -> int:
        return self.told(self.strengths)

    def told(self, strengths: Counter[Strength]) -> int:
        return sum(count for strength, count in strengths.items() if strength >= self.floor)


def replay(
    db: Connection,
    wish: Wish,
    before: Query | None,
    tags: Mapping[str, tuple[str, ...]],
    stretch: Stretch,
    *,
    limit: int,
    progress: Callable[[int, int], None],
) -> Replay:
    """Plays a wish over the archive; with `before`, an earlier wording, also what was gained and lost."""
    counted = Replay(limit=limit, floor=wish.floor, articles=how_many(db, "", stretch))
    expression = either(wish.query, before)
    total = how_many(db, expression, stretch)
    for article in candidates(db, expression, stretch):
        counted.looked_at += 1
        progress(counted.looked_at, max(total, counted.looked_at))
        asked = [each for each in readings(article, tags) if _is_asked(each, wish)]
        found = strongest(wish.query, asked)
        if found:
            _count(counted, found)
        if before is not None and asked:
            _compare(counted, found, strongest(before, asked), asked, wish.query)
    return counted


def either(query: Query, before: Query | None) -> str:
    """An expression that finds the candidates of both; "" where all are."""
    expressions = [to_fts5(each) for each in (query, before) if each is not None]
    return " OR ".join(f"({each})" for each in expressions) if all(expressions) else ""


def _is_asked(reading: Reading, wish: Wish) -> bool:
    entry = reading.entry
    return entry.how != "baseline" and (wish.feeds is None or entry.feed in wish.feeds)


def _count(counted: Replay, found: Found) -> None:
    day = found.article.seen_at.astimezone().date()
    counted.days.setdefault(day, Counter())[found.match.strength] += 1
    if found.match.strength >= counted.floor and len(counted.examples) < counted.limit:
        counted.examples.append(found)


def _compare(counted: Replay, found: Found | None, earlier: Found | None, asked: list[Reading], query: Query) -> None:
    if earlier:
        counted.before[earlier.match.strength] += 1
    if found and earlier:
        counted.moved += found.match.strength is not earlier.match.strength
    elif found:
        counted.gained += 1
        if len(counted.new) < counted.limit:
            counted.new.append(found)
    elif earlier:
        counted.lost += 1
        if len(counted.gone) < counted.limit:
            here = next(each for each in asked if each.entry is earlier.entry)
            counted.gone.append(Gone(found=earlier, missing=missing(query, here.index, here.metadata)))
