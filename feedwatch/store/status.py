"""How are we doing? Counts over the whole database, for `status` and for the line that systemd shows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedwatch.alerts.outgoing import counted
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
    feeds = _count(db, "feeds WHERE removed_at IS NULL")
    failing = _count(db, "feeds WHERE removed_at IS NULL AND failures > 0")
    articles = _count(db, "articles WHERE first_seen_at >= ?", micros(now - timedelta(days=1)))
    waiting = _count(db, "deliveries WHERE state IN ('pending','sending')")
    return (
        f"{counted(feeds, 'feed')}, {failing} failing;"
        f" {counted(articles, 'article')} in a day; {counted(waiting, 'alert')} waiting"
    )


LATE = timedelta(minutes=5)
"""A healthy feed that should have been polled this long ago is late: the machine sleeps, or has too much to do."""

_STATE = (
    "CASE WHEN next_check_at IS NULL AND claimed_at IS NULL THEN 'stopped' WHEN failures > 0 THEN 'failing'"
    " WHEN first_polled_at IS NULL THEN 'not polled yet' WHEN next_check_at < :late THEN 'late' ELSE 'ok' END"
)


def feed_states(db: sqlite3.Connection, now: datetime) -> dict[str, int]:
    """How many configured feeds are ok, late, failing, stopped, not polled yet; each feed counts once."""
    rows = db.execute(
        f"SELECT {_STATE} AS state, count(*) AS n FROM feeds WHERE removed_at IS NULL GROUP BY 1",
        {"late": micros(now - LATE)},
    )
    return {row["state"]: row["n"] for row in rows}


def feeds_in_trouble(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    """The feeds that are late, failing or stopped, longest without a good answer first."""
    return db.execute(
        f"SELECT * FROM (SELECT feeds.*, {_STATE} AS state FROM feeds WHERE removed_at IS NULL)"
        " WHERE state IN ('late', 'failing', 'stopped') ORDER BY last_good_at, address",
        {"late": micros(now - LATE)},
    ).fetchall()


def bodies_by_host(db: sqlite3.Connection, begin: datetime) -> list[sqlite3.Row]:
    """Hosts with pages that were given up among the articles seen since then, the most first, and why mostly."""
    return db.execute(
        "SELECT host, count(*) AS articles, sum(page_state = 'given_up') AS not_seen,"
        " (SELECT reason FROM articles AS a WHERE a.host = articles.host AND a.page_state = 'given_up'"
        "   AND a.first_seen_at >= ?1 GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 1) AS reason"
        " FROM articles WHERE first_seen_at >= ?1 AND page_state IN ('read', 'given_up')"
        " GROUP BY host HAVING not_seen > 0 ORDER BY not_seen DESC, host",
        (micros(begin),),
    ).fetchall()


def open_windows(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Windows whose message is to come, with how many entries wait for their decision and how many alerts are held."""
    return db.execute(
        "SELECT windows.*, (SELECT count(*) FROM entries WHERE window_id = windows.id AND decided_version = 0)"
        " AS undecided, (SELECT count(DISTINCT alert) FROM deliveries WHERE window_id = windows.id AND state = 'held')"
        " AS held FROM windows WHERE closed_at IS NULL ORDER BY closes_at, id"
    ).fetchall()


def neglected_since(db: sqlite3.Connection, limit: datetime) -> datetime | None:
    """Since when a feed has waited for its poll, or for the end of it, if no poll has ended since `limit`."""
    begun, ended = db.execute(
        "SELECT min(ifnull(claimed_at, next_check_at)), max(last_polled_at) FROM feeds WHERE removed_at IS NULL"
    ).fetchone()
    at = micros(limit)
    return moment(begun) if begun is not None and begun < at and (ended is None or ended < at) else None
