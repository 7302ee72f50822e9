"""What the database says about its own health. Reads only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime

from feedwatch.store.times import moment


def sqlite_version() -> tuple[int, int, int]:
    return sqlite3.sqlite_version_info


def has_full_text_search() -> bool:
    """Whether this SQLite was built with FTS5."""
    with closing(sqlite3.connect(":memory:")) as db:
        return db.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def newest_time(db: sqlite3.Connection) -> datetime | None:
    """The latest moment at which anything is known to have happened."""
    row = db.execute(
        "SELECT max(at) FROM (SELECT max(last_polled_at) AS at FROM feeds"
        " UNION ALL SELECT max(first_seen_at) FROM articles UNION ALL SELECT max(created_at) FROM alerts)"
    ).fetchone()
    at: int | None = row[0]
    return moment(at)


def forgotten_entries(db: sqlite3.Connection) -> int:
    """Entries that wait for a decision while nothing will come back to their article: there should be none."""
    row = db.execute(
        "SELECT count(*) FROM entries JOIN articles ON articles.id = article_id"
        " WHERE decided_version < version AND due_at IS NULL AND claimed_at IS NULL"
    ).fetchone()
    return int(row[0])


def waiting_since(db: sqlite3.Connection) -> datetime | None:
    """When the entry that has waited longest for its decision was first seen."""
    row = db.execute(
        "SELECT min(ifnull(changed_at, first_seen_at)) FROM entries WHERE decided_version < version"
    ).fetchone()
    at: int | None = row[0]
    return moment(at)
