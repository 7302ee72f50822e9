"""What is past goes: looked for beside the writer, removed through it in small transactions."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from feedwatch.errors import StoreUnavailable
from feedwatch.store import hostpages, retention, stories
from feedwatch.store.retention import Keep, Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from feedwatch.config.settings import Store as StoreSettings
    from feedwatch.store.writer import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

AT_ONCE = 25
"""Articles or alerts in one transaction: some milliseconds, which nobody who waits for the writer notices."""

MARKS_AT_ONCE = 1_000
"""Marks of what was seen in one transaction: small rows, side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many of each went, or may go."""

    articles: int
    alerts: int
    seen: int  # marks by which items are known


def keep_of(settings: StoreSettings) -> Keep:
    """What was seen is known at least as long as its text."""
    return Keep(
        articles=settings.keep_articles,
        alerted=settings.keep_alerted,
        decisions=settings.keep_decisions,
        seen=max(settings.keep_seen, settings.keep_articles),
    )


def in_numbers(past: Past) -> Pruned:
    return Pruned(
        articles=len(past.articles), alerts=len(past.alerts), seen=sum(count for _, count in past.seen.values())
    )


async def prune(
    store: Store, keep: Keep, at: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Pruned:
    """Removes what is past; a stop anywhere leaves the rest for the next time. `progress`: how many of how many."""
    past = await store.read(retention.past, keep, at)
    total, done = sum((len(past.alerts), len(past.articles), len(past.seen))), 0
    alerts = articles = seen = 0
    for some in parts(past.alerts):
        alerts += await store.write(retention.remove_alerts, some, keep, at)
        done += len(some)
        progress(done, total)
    for group in parts(past.articles):
        articles += await store.write(retention.remove_articles, group, keep, at)
        done += len(group)
        progress(done, total)
    for feed, (before, _) in past.seen.items():
        seen += await _prune_seen(store, feed, before)
        done += 1
        progress(done, total)
    while await store.write(stories.forget_past, at, most=AT_ONCE):
        pass
    while await store.write(hostpages.forget_stale, at, most=MARKS_AT_ONCE):
        pass
    while await store.write(retention.remove_rests, most=MARKS_AT_ONCE):
        pass
    await store.write(retention.remember_pruned, at)
    return Pruned(articles=articles, alerts=alerts, seen=seen)


def parts(every: Sequence[T]) -> Iterator[list[T]]:
    """In pieces of AT_ONCE."""
    rest = iter(every)
    while some := list(islice(rest, AT_ONCE)):
        yield some


async def _prune_seen(store: Store, feed: int, before: int) -> int:
    count = 0
    while removed := await store.write(retention.remove_seen, feed, before, most=MARKS_AT_ONCE):
        count += removed
    return count


async def prune_daily(store: Store, settings: StoreSettings, at: datetime) -> None:
    """Prunes if the last time is a day ago, or was by a clock that went back; a full disk puts it off."""
    try:
        last = await store.read(retention.last_pruned)
        if last is not None and last <= at < last + retention.EVERY:
            return
        pruned = await prune(store, keep_of(settings), at)
    except StoreUnavailable as trouble:
        log.warning("prune=failed why=%s", trouble)
    else:
        log.info("prune=done articles=%d alerts=%d seen=%d", pruned.articles, pruned.alerts, pruned.seen)
