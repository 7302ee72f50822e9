"""How are we doing? Counts over the whole database, for `status` and for the line that systemd shows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedwatch.store.times import micros, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What happened from a moment on."""

    failed_polls: int
    articles: int
    alerts: int
    sent: int
    waiting: int  # deliveries, now


def since(db: sqlite3.Connection, begin: datetime) -> Since:
    at = micros(begin)
    return Since(
        failed_polls=_count(db, "feeds WHERE removed_at IS NULL AND last_polled_at >= ? AND failures > 0", at),
        articles=_count(db, "articles WHERE first_seen_at >= ?", at),
        alerts=_count(db, "alerts WHERE created_at >= ?", at),
        sent=_count(db, "deliveries WHERE state = 'sent' AND sent_at >= ?", at),
        waiting=_count(db, "deliveries WHERE state IN ('pending','sending')"),
    )


def _count(db: sqlite3.Connection, rows: str, *values: int) -> int:
    return int(db.execute(f"SELECT count(*) FROM {rows}", values).fetchone()[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The state of things, in numbers."""

    feeds: int
    feeds_failing: int
    feeds_never: int  # not polled well yet
    feeds_stopped: int  # gone: not asked again
    entries: int
    entries_pending: int
    articles: int
    bodies_not_seen: int
    alerts: int
    waiting: int
    oldest_waiting: datetime | None
    dead: int
    last_good_poll: datetime | None


def totals(db: sqlite3.Connection) -> Totals:
    oldest = db.execute("SELECT min(created_at) FROM deliveries WHERE state IN ('pending','sending')").fetchone()[0]
    last = db.execute("SELECT max(last_good_at) FROM feeds WHERE removed_at IS NULL").fetchone()[0]
    return Totals(
        feeds=_count(db, "feeds WHERE removed_at IS NULL"),
        feeds_failing=_count(db, "feeds WHERE removed_at IS NULL AND failures > 0"),
        feeds_never=_count(db, "feeds WHERE removed_at IS NULL AND first_polled_at IS NULL"),
        feeds_stopped=_count(db, "feeds WHERE removed_at IS NULL AND next_check_at IS NULL AND claimed_at IS NULL"),
        entries=_count(db, "entries"),
        entries_pending=_count(db, "entries WHERE decided_version < version"),
        articles=_count(db, "articles"),
        bodies_not_seen=_count(db, "articles WHERE page_state = 'given_up'"),
        alerts=_count(db, "alerts"),
        waiting=_count(db, "deliveries WHERE state IN ('pending','sending')"),
        oldest_waiting=moment(oldest),
        dead=_count(db, "deliveries WHERE state = 'dead'"),
        last_good_poll=moment(last),
    )


def in_a_line(db: sqlite3.Connection, now: datetime) -> str:
    """Feeds, articles of the last day, alerts waiting."""
    day, total = since(db, now - timedelta(days=1)), totals(db)
    return (
        f"{total.feeds} feeds, {total.feeds_failing} failing;"
        f" {day.articles} articles in a day; {total.waiting} alerts waiting"
    )


def neglected_since(db: sqlite3.Connection, limit: datetime) -> datetime | None:
    """Since when a feed has waited for its poll, or for the end of it, if no poll has ended since `limit`."""
    begun, ended = db.execute(
        "SELECT min(ifnull(claimed_at, next_check_at)), max(last_polled_at) FROM feeds WHERE removed_at IS NULL"
    ).fetchone()
    at = micros(limit)
    return moment(begun) if begun is not None and begun < at and (ended is None or ended < at) else None
