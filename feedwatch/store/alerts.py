"""Watchlists, stories, decisions, alerts and windows: what the deciding transaction reads and writes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.identity import SHORTEST
from feedwatch.model import Strength
from feedwatch.store.times import micros, moment
from feedwatch.store.windows import STRONGEST, add_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BACKFILL_AT_MOST = timedelta(minutes=10)
"""A backfill window closes then, decided or not; what is decided later alerts singly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """A watchlist as the database knows it."""

    root: str
    version: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """Why a match did or did not become an alert."""

    entry: int
    entry_version: int
    revision: int | None
    version: int  # of the watchlist
    outcome: str
    strength: Strength
    score: float
    snippet: str
    reasons: Mapping[str, object]
    alert: str | None
    mute: int | None = None  # that kept it back


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    id: str
    kind: str
    cause: str
    root: str | None = None
    story: int | None = None
    window: int | None = None
    strength: Strength | None = None
    mute: int | None = None  # that it ends


def sync_watchlist(
    db: sqlite3.Connection, watchlist: str, was: str | None, query: str, feeds: Sequence[str], now: datetime
) -> WatchRow:
    """Makes the table know a configured watchlist and its wording; `was` hands an old one's history over."""
    row = _watchlist(db, watchlist)
    if row is None and was is not None and _watchlist(db, was) is not None:
        db.execute("UPDATE watchlists SET id = ? WHERE id = ?", (watchlist, was))
        row = _watchlist(db, watchlist)
    if row is None:
        root = _free_root(db, watchlist)
        db.execute("INSERT INTO watchlists VALUES (?, ?, ?, NULL)", (root, watchlist, micros(now)))
    elif row["removed_at"] is not None or row["since"] > micros(now):  # it comes back, or the clock went back
        db.execute("UPDATE watchlists SET removed_at = NULL, since = ? WHERE id = ?", (micros(now), watchlist))
    row = _watchlist(db, watchlist)
    version = _version(db, row["root"], query, json.dumps(list(feeds)), now)
    return WatchRow(root=row["root"], version=version, since=moment(row["since"]))


def _watchlist(db: sqlite3.Connection, watchlist: str) -> Any:
    return db.execute("SELECT * FROM watchlists WHERE id = ?", (watchlist,)).fetchone()


def _free_root(db: sqlite3.Connection, watchlist: str) -> str:
    """The id itself, unless a renamed watchlist has it as its root."""
    taken = {row[0] for row in db.execute("SELECT root FROM watchlists")}
    root, n = watchlist, 2
    while root in taken:
        root, n = f"{watchlist}~{n}", n + 1
    return root


def _version(db: sqlite3.Connection, root: str, query: str, feeds: str, now: datetime) -> int:
    last = db.execute(
        "SELECT id, query, feeds FROM watchlist_versions WHERE root = ? ORDER BY id DESC LIMIT 1", (root,)
    ).fetchone()
    if last is not None and (last["query"], last["feeds"]) == (query, feeds):
        return int(last["id"])
    return int(
        db.execute(
            "INSERT INTO watchlist_versions(root, query, feeds, from_at) VALUES (?,?,?,?) RETURNING id",
            (root, query, feeds, micros(now)),
        ).fetchone()[0]
    )


def remove_other_watchlists(db: sqlite3.Connection, ids: Iterable[str], now: datetime) -> None:
    db.execute(
        "UPDATE watchlists SET removed_at = ? WHERE removed_at IS NULL AND id NOT IN (SELECT value FROM json_each(?))",
        (micros(now), json.dumps(list(ids))),
    )


def story_of(db: sqlite3.Connection, article: int, key: str, now: datetime) -> tuple[int, str]:
    """The article's story, founded now if it has none: (id, key)."""
    found = db.execute(
        "SELECT id, key FROM stories JOIN story_articles ON story_id = id WHERE article_id = ?", (article,)
    ).fetchone()
    if found is not None:
        db.execute("UPDATE stories SET last_at = ? WHERE id = ?", (micros(now), found["id"]))
        return found["id"], found["key"]
    story = db.execute(
        "INSERT INTO stories(key, first_at, last_at) VALUES (?, ?, ?)"
        " ON CONFLICT(key) DO UPDATE SET last_at = excluded.last_at RETURNING id",
        (key, micros(now), micros(now)),
    ).fetchone()[0]
    db.execute("INSERT INTO story_articles VALUES (?, ?, 'founder', NULL)", (article, story))
    return story, key


def told(db: sqlite3.Connection, story: int) -> dict[str, Strength]:
    """What each watchlist was told of a story: root → strength."""
    rows = db.execute("SELECT root, strength FROM story_watch WHERE story_id = ?", (story,))
    return {row["root"]: Strength.of(row["strength"]) for row in rows}


def judged(db: sqlite3.Connection, entry: int, root: str) -> Strength | None:
    """How strongly an earlier version of the entry was found to match and held back, as too old to tell."""
    rows = db.execute(
        "SELECT strength FROM decisions JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE entry_id = ? AND root = ? AND outcome IN ('baseline', 'before')",
        (entry, root),
    )
    return max((Strength.of(row["strength"]) for row in rows), default=None)


def remember_told(db: sqlite3.Connection, story: int, root: str, strength: Strength) -> None:
    db.execute(
        "INSERT INTO story_watch(story_id, root, strength) VALUES (?, ?, ?) ON CONFLICT(story_id, root) DO UPDATE SET"
        " strength = excluded.strength",
        (story, root, strength.word),
    )


def merge_told(db: sqlite3.Connection, article: int, other: int) -> None:
    """What was told of `article`'s story counts as told of the story of `other`; nothing is told weaker by it."""
    found = db.execute("SELECT story_id FROM story_articles WHERE article_id = ?", (article,)).fetchone()
    if found is None:
        return
    db.execute("UPDATE OR IGNORE story_articles SET article_id = ? WHERE article_id = ?", (other, article))
    story = db.execute("SELECT story_id FROM story_articles WHERE article_id = ?", (other,)).fetchone()[0]
    known = told(db, story)
    for root, strength in told(db, found[0]).items():
        remember_told(db, story, root, max(strength, known.get(root, strength)))
    db.execute(
        "UPDATE story_watch AS mine SET (acked_at, acked_by) = (SELECT acked_at, acked_by FROM story_watch AS other"
        "  WHERE other.story_id = ?2 AND other.root = mine.root) WHERE story_id = ?1 AND acked_at IS NULL"
        " AND ?1 != ?2 AND root IN (SELECT root FROM story_watch WHERE story_id = ?2)",
        (story, found[0]),
    )


def add_decision(db: sqlite3.Connection, new: NewDecision, now: datetime) -> int:
    """The decision's id; one made before for the same versions stays, unless it is this one that tells or mutes."""
    key = (new.entry, new.entry_version, new.revision, new.version)
    earlier = db.execute(
        "SELECT id FROM decisions WHERE entry_id = ? AND entry_version = ?"
        " AND ifnull(revision_id, 0) = ifnull(?, 0) AND version_id = ?",
        key,
    ).fetchone()
    said = (
        new.outcome, new.strength.word, new.score, new.snippet,
        json.dumps(new.reasons, ensure_ascii=False), new.alert, new.mute, micros(now),
    )  # fmt: skip
    if earlier is None:
        return int(
            db.execute(
                "INSERT INTO decisions(entry_id, entry_version, revision_id, version_id, outcome, strength, score,"
                " snippet, reasons, alert, mute_id, at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id",
                (*key, *said),
            ).fetchone()[0]
        )
    if new.alert is not None or new.mute is not None:
        db.execute(
            "UPDATE decisions SET outcome = ?, strength = ?, score = ?, snippet = ?, reasons = ?, alert = ?,"
            " mute_id = ?, at = ? WHERE id = ?",
            (*said, earlier[0]),
        )
    return int(earlier[0])


def change_outcome(db: sqlite3.Connection, decision: int, outcome: str) -> None:
    """What was to be told later is told by nobody after all: why."""
    db.execute("UPDATE decisions SET outcome = ? WHERE id = ?", (outcome, decision))


def add_alert(db: sqlite3.Connection, new: NewAlert, now: datetime) -> bool:
    """False where the same cause has alerted before: its id says so."""
    if db.execute("SELECT 1 FROM alerts WHERE id = ?", (new.id,)).fetchone():
        return False
    db.execute(
        "INSERT INTO alerts(id, short, kind, root, story_id, window_id, cause, strength, created_at, mute_id)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            new.id, _free_short(db, new.id), new.kind, new.root, new.story, new.window, new.cause,
            new.strength.word if new.strength else None, micros(now), new.mute,
        ),
    )  # fmt: skip
    return True


def _free_short(db: sqlite3.Connection, alert: str) -> str:
    for length in range(SHORTEST, len(alert)):
        if not db.execute("SELECT 1 FROM alerts WHERE short = ?", (alert[:length],)).fetchone():
            return alert[:length]
    return alert


def add_article(db: sqlite3.Connection, alert: str, article: int, root: str, decision: int) -> None:
    db.execute(
        "INSERT INTO alert_articles VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (alert, article, root, decision),
    )


def has_delivery(db: sqlite3.Connection, alert: str, target: int) -> bool:
    found = db.execute("SELECT 1 FROM deliveries WHERE alert = ? AND target_id = ?", (alert, target))
    return found.fetchone() is not None


def add_delivery(
    db: sqlite3.Connection,
    alert: str,
    target: int,
    worded: str,
    now: datetime,
    *,
    urgent: bool = False,
    window: int | None = None,
) -> None:
    """An alert on its way to a target, at once or after it was held in a window."""
    db.execute(
        "INSERT INTO deliveries(alert, target_id, state, worded, window_id, urgent, created_at, next_try_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (alert, target, "pending" if window is None else "held", worded, window, urgent, micros(now), micros(now)),
    )


def open_backfill(db: sqlite3.Connection, now: datetime, entries: int) -> int:
    """The open backfill window, opened if there is none, waiting for `entries` more."""
    row = db.execute("SELECT id FROM windows WHERE kind = 'backfill' AND closed_at IS NULL").fetchone()
    if row is None:
        key = f"backfill/{micros(now)}"
        window = add_window(db, "", "backfill", now, now + BACKFILL_AT_MOST, key=key)
    else:
        window = int(row[0])
    db.execute("UPDATE windows SET total = total + ? WHERE id = ?", (entries, window))
    return window


def window_open(db: sqlite3.Connection, window: int | None) -> bool:
    return bool(db.execute("SELECT 1 FROM windows WHERE id = ? AND closed_at IS NULL", (window,)).fetchone())


def due_backfill(db: sqlite3.Connection, now: datetime, *, at_once: bool = False) -> sqlite3.Row | None:
    """The backfill window that may close: all its entries decided and no first poll to come, or its time is up.

    `at_once` closes it in any case. A closing time beyond all waits comes from a clock that went back: up as well.
    """
    return db.execute(  # type: ignore[no-any-return]
        "SELECT * FROM windows WHERE kind = 'backfill' AND closed_at IS NULL AND (:at_once"
        " OR closes_at <= :now OR closes_at > :latest OR"
        " (NOT EXISTS(SELECT 1 FROM entries WHERE window_id = windows.id AND decided_version = 0)"
        "  AND NOT EXISTS(SELECT 1 FROM feeds WHERE first_polled_at IS NULL AND removed_at IS NULL"
        "                 AND failures = 0 AND next_check_at <= :now)))",
        {"now": micros(now), "latest": micros(now + BACKFILL_AT_MOST * 2), "at_once": at_once},
    ).fetchone()


def close_window(db: sqlite3.Connection, window: int, now: datetime) -> None:
    db.execute("UPDATE windows SET closed_at = ? WHERE id = ?", (micros(now), window))


def gathered(db: sqlite3.Connection, window: int) -> list[sqlite3.Row]:
    """The matches that waited in a window, one an article and watchlist, the strongest and best first."""
    return db.execute(
        "SELECT * FROM (SELECT decisions.id AS decision, root, article_id, strength, score, row_number() OVER"
        f"  (PARTITION BY root, article_id ORDER BY {STRONGEST}, decisions.id) AS n"
        " FROM decisions JOIN entries ON entries.id = entry_id"
        " JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE window_id = ? AND outcome = 'gathered') WHERE n = 1 ORDER BY score DESC, decision",
        (window,),
    ).fetchall()
