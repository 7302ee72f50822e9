"""The search index made anew, batch by batch; where it stopped is in the database, so that it can go on there."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.store.articles import PendingEntry, entries_of, latest_page
from feedwatch.text.fold import FOLD_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedwatch.model import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is known of an article's text."""

    article: int
    page: Page | None
    entries: tuple[PendingEntry, ...]


def fold_version(db: sqlite3.Connection) -> int:
    """Which folding the index was made with."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'fold_version'").fetchone()[0])


def reached(db: sqlite3.Connection) -> int | None:
    """The last article of an unfinished run with today's folding; None: none was begun."""
    row = db.execute("SELECT value FROM meta WHERE key = 'reindex'").fetchone()
    run = json.loads(row[0]) if row else {}
    return int(run["article"]) if run.get("fold_version") == FOLD_VERSION else None


def left(db: sqlite3.Connection, after: int) -> int:
    """How many articles come after that one."""
    return int(db.execute("SELECT count(*) FROM articles WHERE id > ?", (after,)).fetchone()[0])


def stored_texts(db: sqlite3.Connection, after: int, *, most: int) -> list[Stored]:
    """The texts of the next articles."""
    rows = db.execute("SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", (after, most)).fetchall()
    return [Stored(article=row[0], page=_page(db, row[0]), entries=tuple(entries_of(db, row[0]))) for row in rows]


def _page(db: sqlite3.Connection, article: int) -> Page | None:
    stored = latest_page(db, article)
    return stored.page if stored else None


def replace_texts(db: sqlite3.Connection, after: int, through: int, texts: Iterable[tuple[int, str, str, str]]) -> None:
    """The index's rows from one article to another become `texts` (article, title, summary, body)."""
    db.execute("DELETE FROM fts WHERE rowid > ? AND rowid <= ?", (after, through))
    db.executemany("INSERT INTO fts(rowid, title, summary, body) VALUES (?, ?, ?, ?)", texts)
    run = {"fold_version": FOLD_VERSION, "article": through}
    db.execute("INSERT OR REPLACE INTO meta VALUES ('reindex', ?)", (json.dumps(run),))


def finish(db: sqlite3.Connection) -> None:
    """The whole index has today's folding."""
    db.execute("DELETE FROM fts WHERE rowid > (SELECT ifnull(max(id), 0) FROM articles)")
    db.execute("UPDATE meta SET value = ? WHERE key = 'fold_version'", (str(FOLD_VERSION),))
    db.execute("DELETE FROM meta WHERE key = 'reindex'")
