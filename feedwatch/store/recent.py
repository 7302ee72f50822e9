"""What happened lately, for people who look: a feed's entries, what was decided, what was told."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.store.feeds import OUTLET
from feedwatch.store.times import micros

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_ENTRY = (
    f"SELECT entries.*, {OUTLET} AS outlet, page_state, reason FROM entries"
    " JOIN feeds ON feeds.id = feed_id JOIN articles ON articles.id = article_id"
)


def feed_entries(db: sqlite3.Connection, feed: int, *, limit: int) -> list[sqlite3.Row]:
    """A feed's entries with their article's state, the last one first."""
    return db.execute(f"{_ENTRY} WHERE feed_id = ? ORDER BY entries.id DESC LIMIT ?", (feed, limit)).fetchall()


def entry_decisions(db: sqlite3.Connection, entry: int) -> list[sqlite3.Row]:
    """What each watchlist made of an entry, its latest decision: watchlist, outcome, strength, alert's short id."""
    return db.execute(
        "SELECT watchlists.id AS watchlist, outcome, decisions.strength, short, at FROM decisions"
        " JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " JOIN watchlists ON watchlists.root = watchlist_versions.root"
        " LEFT JOIN alerts ON alerts.id = ifnull(decisions.alert,"
        "   (SELECT alert FROM alert_articles WHERE decision_id = decisions.id LIMIT 1))"
        " WHERE decisions.id IN (SELECT max(decisions.id) FROM decisions JOIN watchlist_versions"
        "   ON watchlist_versions.id = version_id WHERE entry_id = ? GROUP BY root)"
        " ORDER BY watchlists.id",
        (entry,),
    ).fetchall()


# ---- following


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a follower has read."""

    entry: int  # the newest one known
    decision: int  # the newest one known
    pending: frozenset[int]  # entries that were known and not decided


def position(db: sqlite3.Connection) -> Position:
    entry, decision = db.execute(
        "SELECT (SELECT ifnull(max(id), 0) FROM entries), (SELECT ifnull(max(id), 0) FROM decisions)"
    ).fetchone()
    pending = frozenset(row[0] for row in db.execute("SELECT id FROM entries WHERE decided_version < version"))
    return Position(entry=entry, decision=decision, pending=pending)


def decided_since(db: sqlite3.Connection, before: Position) -> tuple[Position, list[sqlite3.Row]]:
    """The entries that were decided since, in the order in which they came, and how far that reaches.

    A known entry that changes, and whose change is decided between two calls, shows only where it matches.
    """
    db.execute("BEGIN")
    try:
        after = position(db)
        new = [row[0] for row in db.execute("SELECT id FROM entries WHERE id > ?", (before.entry,))]
        matched = [row[0] for row in db.execute("SELECT entry_id FROM decisions WHERE id > ?", (before.decision,))]
        done = sorted((before.pending | {*new, *matched}) - after.pending)
        return after, [row for entry in done for row in _entry(db, entry)]
    finally:
        db.execute("ROLLBACK")


def _entry(db: sqlite3.Connection, entry: int) -> Iterable[sqlite3.Row]:
    return db.execute(f"{_ENTRY} WHERE entries.id = ?", (entry,)).fetchall()


def last_alerts(db: sqlite3.Connection, *, limit: int) -> list[str]:
    """Ids of the newest alerts, the oldest of them first."""
    rows = db.execute("SELECT id FROM alerts ORDER BY created_at DESC, id DESC LIMIT ?", (limit,)).fetchall()
    return [row[0] for row in reversed(rows)]


# ---- counting


def told_since(db: sqlite3.Connection, begin: datetime) -> list[sqlite3.Row]:
    """One row for each article of each alert made from a moment on: watchlist's root, alert, kind, outlet, strength."""
    return db.execute(
        f"SELECT alert_articles.root, alerts.id AS alert, kind, alert_articles.article_id, decisions.strength,"
        f" {OUTLET} AS outlet FROM alerts JOIN alert_articles ON alert_articles.alert = alerts.id"
        " JOIN decisions ON decisions.id = decision_id JOIN entries ON entries.id = entry_id"
        " JOIN feeds ON feeds.id = feed_id WHERE alerts.created_at >= ?",
        (micros(begin),),
    ).fetchall()


def watch_rows(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every watchlist that ever was, with its alerts (digests that name it included) and the time of the last."""
    return db.execute(
        "SELECT watchlists.*, count(DISTINCT alerts.id) AS alerts, max(created_at) AS last_at FROM watchlists"
        " LEFT JOIN alert_articles ON alert_articles.root = watchlists.root"
        " LEFT JOIN alerts ON alerts.id = alert_articles.alert"
        " GROUP BY watchlists.root ORDER BY watchlists.id"
    ).fetchall()


def pages_since(db: sqlite3.Connection, begin: datetime) -> dict[str, int]:
    """Articles first seen from a moment on, by the state of their page."""
    rows = db.execute(
        "SELECT page_state, count(*) FROM articles WHERE first_seen_at >= ? GROUP BY page_state", (micros(begin),)
    )
    return {row[0]: row[1] for row in rows}


def bodies_not_seen(db: sqlite3.Connection, begin: datetime) -> list[sqlite3.Row]:
    """Hosts whose pages were not to be had from a moment on, with the reason, the worst first."""
    return db.execute(
        "SELECT host, reason, count(*) AS articles FROM articles"
        " WHERE page_state = 'given_up' AND first_seen_at >= ? GROUP BY host, reason ORDER BY articles DESC, host",
        (micros(begin),),
    ).fetchall()
