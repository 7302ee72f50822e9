"""What was read, newest first: which articles an FTS5 expression finds, and their texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.store.articles import PendingEntry, entries_of, latest_page
from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from feedwatch.model import Page

FIRST = 0
LAST = 2**63 - 1
"""The row numbers that SQLite can give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A stored article: its page where it was read, and the entries that led to it, the oldest first."""

    id: int
    url: str | None
    seen_at: datetime
    reason: str | None  # why its page was not read
    page: Page | None
    entries: tuple[PendingEntry, ...]


def span(db: sqlite3.Connection, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The lowest and the highest id of the articles first seen from `since` on and before `until`; (1, 0): none."""
    if since is None and until is None:
        return 1, db.execute("SELECT ifnull(max(id), 0) FROM articles").fetchone()[0]
    low, high = db.execute(
        "SELECT min(id), max(id) FROM articles WHERE first_seen_at >= ? AND first_seen_at < ?",
        (micros(since) if since else FIRST, micros(until) if until else LAST),
    ).fetchone()
    return (1, 0) if low is None else (low, high)


def candidates(db: sqlite3.Connection, expression: str, low: int, high: int, *, most: int) -> list[int]:
    """The newest articles of these ids that the expression finds, the newest first; "" finds all."""
    if not expression:
        sql = "SELECT rowid FROM fts WHERE rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
        return [row[0] for row in db.execute(sql, (low, high, most))]
    sql = "SELECT rowid FROM fts WHERE fts MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
    return [row[0] for row in db.execute(sql, (expression, low, high, most))]


def count_candidates(db: sqlite3.Connection, expression: str, low: int, high: int) -> int:
    where = "fts MATCH ? AND" if expression else "? = '' AND"
    sql = f"SELECT count(*) FROM fts WHERE {where} rowid BETWEEN ? AND ?"
    return int(db.execute(sql, (expression, low, high)).fetchone()[0])


def archived(db: sqlite3.Connection, ids: Iterable[int]) -> list[Archived]:
    """The articles with these ids, in their order; what was removed meanwhile is left out."""
    return [found for each in ids if (found := _archived(db, each))]


def _archived(db: sqlite3.Connection, article: int) -> Archived | None:
    row = db.execute("SELECT id, url, first_seen_at, reason FROM articles WHERE id = ?", (article,)).fetchone()
    if row is None:
        return None
    page = latest_page(db, article)
    return Archived(
        id=article,
        url=row["url"],
        seen_at=moment(row["first_seen_at"]),
        reason=row["reason"],
        page=page.page if page else None,
        entries=tuple(entries_of(db, article)),
    )


def newest_titles(db: sqlite3.Connection, each: int = 20) -> list[tuple[str, str]]:
    """A feed's address and the title of one of its newest entries, up to so many for each feed."""
    rows = db.execute(
        "SELECT address, entries.title FROM feeds JOIN entries ON entries.id IN"
        " (SELECT id FROM entries WHERE feed_id = feeds.id ORDER BY id DESC LIMIT ?) WHERE removed_at IS NULL",
        (each,),
    )
    return [(row[0], row[1]) for row in rows]


def feed_languages(db: sqlite3.Connection) -> dict[str, str]:
    """A feed's address → the language that it says it has."""
    rows = db.execute("SELECT address, language FROM feeds WHERE language IS NOT NULL")
    return {row[0]: row[1] for row in rows}
