"""Rows for the tests of the store: a real database in a temporary folder, through the store's own functions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feedwatch.articles.identity import article_key
from feedwatch.model import FeedSpec, Page, ParsedEntry, Strength
from feedwatch.store import alerts, articles, database, feeds
from feedwatch.store.articles import ArticleWork
from feedwatch.store.feeds import NewEntry
from feedwatch.text.addresses import canonical, host_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FEED = "https://courier.example/feed"


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """A new database and its writing connection; nothing is synced, since no test here cuts the power."""
    path = folder / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
        with closing(database.connect(path)) as db:
            db.execute("PRAGMA synchronous = OFF")
            yield db


def configure(db: sqlite3.Connection, *urls: str, at: datetime = NOON) -> list[int]:
    """Makes these the configured feeds; their rows."""
    specs = [FeedSpec(address=canonical(url), url=url) for url in urls]
    feeds.sync_feeds(db, [(spec, host_of(spec.url)) for spec in specs], at)
    return [value(db, "SELECT id FROM feeds WHERE address = ?", spec.address) for spec in specs]


def entry(
    key: str, link: str | None = None, *, title: str = "Title", how: str = "new", shared: bool = False
) -> NewEntry:
    """A new entry of FEED; `shared`: its link is no identity."""
    return NewEntry(
        key=key,
        entry=ParsedEntry(id=key, link=link, title=title, summary=f"summary of {key}"),
        how=how,
        article_key=article_key(link, FEED, key, address_is_identity=not shared),
        address=canonical(link) if link and not shared else None,
        host=host_of(link) if link else "",
        link=link,
        url=link,
    )


def page_of(n: int) -> NewEntry:
    """The n-th of many entries, each with a page on a host of its own."""
    return entry(f"k{n}", f"https://host{n}.example/story")


def claim(
    db: sqlite3.Connection,
    at: datetime = NOON,
    *,
    room: int = 99,
    per_host: int = 99,
    busy: frozenset[str] = frozenset(),
    idle: bool = True,
    alone_first: bool = False,
) -> list[ArticleWork]:
    return articles.claim_due_articles(
        db, at, room=room, per_host=per_host, busy_hosts=busy, idle=idle, alone_first=alone_first
    )


def read(db: sqlite3.Connection, work: ArticleWork, text: str = "body", at: datetime = NOON) -> int:
    """The article's page was read and its entries decided; the revision."""
    revision = articles.add_revision(db, work.id, "page", Page(title="T", body=text), work.url, at)
    articles.settle_article(db, work, at, page_state="read")
    return revision


def watch(db: sqlite3.Connection, name: str = "ve", at: datetime = NOON, was: str | None = None) -> alerts.WatchRow:
    return alerts.sync_watchlist(db, name, was, '"Maduro"', ["tag:world"], at)


def decision(work: ArticleWork, version: int, outcome: str, **more: object) -> alerts.NewDecision:
    """A decision on an article's first waiting entry."""
    first = work.entries[0]
    facts: dict[str, Any] = {
        "revision": None, "strength": Strength.TOPIC, "score": 1.0, "snippet": "»Maduro«", "reasons": {}, "alert": None,
    }  # fmt: skip
    return alerts.NewDecision(
        entry=first.id, entry_version=first.version, version=version, outcome=outcome, **{**facts, **more}
    )


def alert(db: sqlite3.Connection, name: str, *, at: datetime = NOON) -> str:
    """A digest without members; `name` becomes its id."""
    alerts.add_alert(db, alerts.NewAlert(id=name, kind="digest", cause=name), at)
    return name


def value(db: sqlite3.Connection, sql: str, *values: object) -> int:
    """The first column of the first row."""
    found: int = db.execute(sql, values).fetchone()[0]
    return found


def plans(db: sqlite3.Connection, work: Callable[[], object]) -> str:
    """How SQLite goes about the statements that `work` runs, one step a line.

    Without foreign keys: it would list the searches for orphans too, which it skips while there are none.
    """
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    work()
    db.set_trace_callback(None)
    assert statements
    db.execute("PRAGMA foreign_keys = OFF")
    steps = [row["detail"] for statement in statements for row in _explained(db, statement)]
    db.execute("PRAGMA foreign_keys = ON")
    return "\n".join(steps)


def _explained(db: sqlite3.Connection, statement: str) -> list[sqlite3.Row]:
    """Nothing for what SQLite's own parts ask for, which it marks with "--"."""
    return [] if statement.startswith("--") else db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
