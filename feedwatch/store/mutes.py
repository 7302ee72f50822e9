"""Watchlists that somebody silenced for a while: what they find is recorded, and told when the mute ends."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from feedwatch.alerts.identity import mute_key
from feedwatch.store.times import micros
from feedwatch.store.windows import STRONGEST


def root_of(db: sqlite3.Connection, watchlist: str) -> str | None:
    """The root of a configured watchlist; None: there is no such one."""
    row = db.execute("SELECT root FROM watchlists WHERE id = ? AND removed_at IS NULL", (watchlist,)).fetchone()
    return None if row is None else str(row["root"])


def watchlist_ids(db: sqlite3.Connection) -> list[str]:
    return [row["id"] for row in db.execute("SELECT id FROM watchlists WHERE removed_at IS NULL ORDER BY id")]


def mute_of(db: sqlite3.Connection, root: str, now: datetime) -> int | None:
    """The mute that silences a watchlist now."""
    row = db.execute(
        "SELECT id FROM mutes WHERE root = ? AND ended_at IS NULL AND until_at > ?", (root, micros(now))
    ).fetchone()
    return None if row is None else int(row["id"])


def mute(db: sqlite3.Connection, root: str, until: datetime, actor: str, now: datetime) -> None:
    """Silences a watchlist; one that is silenced already gets the new end."""
    db.execute(
        "INSERT INTO mutes(root, key, actor, from_at, until_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT(root) WHERE ended_at IS NULL DO UPDATE SET actor = ?3, until_at = ?5",
        (root, _free_key(db, root, micros(now)), actor, micros(now), micros(until)),
    )


def _free_key(db: sqlite3.Connection, root: str, begun: int) -> str:
    """Of a mute that begins then; a clock that was set back may show a moment again."""
    while db.execute("SELECT 1 FROM mutes WHERE key = ?", (mute_key(root, begun),)).fetchone():
        begun += 1
    return mute_key(root, begun)


def unmute(db: sqlite3.Connection, root: str, now: datetime) -> bool:
    """The mute is over now, and told by the next look for what is due; False: there is none."""
    return bool(
        db.execute(
            "UPDATE mutes SET until_at = ?1 WHERE root = ?2 AND ended_at IS NULL AND until_at > ?1", (micros(now), root)
        ).rowcount
    )


def due_mutes(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM mutes WHERE ended_at IS NULL AND until_at <= ? ORDER BY until_at, id", (micros(now),)
    ).fetchall()


def end_mute(db: sqlite3.Connection, mute: int, now: datetime) -> None:
    db.execute("UPDATE mutes SET ended_at = ? WHERE id = ?", (micros(now), mute))


def kept_back(db: sqlite3.Connection, mute: int) -> list[sqlite3.Row]:
    """The matches that a mute kept back, one an article, the strongest and best first."""
    return db.execute(
        "SELECT * FROM (SELECT decisions.id AS decision, root, article_id, strength, score, row_number() OVER"
        f"  (PARTITION BY article_id ORDER BY {STRONGEST}, decisions.id) AS n"
        " FROM decisions JOIN entries ON entries.id = entry_id JOIN mutes ON mutes.id = mute_id"
        " WHERE mute_id = ? AND outcome = 'muted')"
        " WHERE n = 1 ORDER BY score DESC, decision",
        (mute,),
    ).fetchall()


def open_mutes(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """The configured watchlists that are silenced, with how many articles that has kept back."""
    return db.execute(
        "SELECT mutes.*, watchlists.id AS watchlist, (SELECT count(DISTINCT article_id) FROM decisions"
        "  JOIN entries ON entries.id = entry_id WHERE mute_id = mutes.id) AS articles"
        " FROM mutes JOIN watchlists USING(root) WHERE ended_at IS NULL AND removed_at IS NULL ORDER BY until_at"
    ).fetchall()


def straighten_mutes(db: sqlite3.Connection, now: datetime) -> None:
    """A mute that began in the future was asked for before the clock went back: it lasts as long as was asked."""
    db.execute(
        "UPDATE mutes SET until_at = until_at - (from_at - ?1), from_at = ?1 WHERE ended_at IS NULL AND from_at > ?1",
        (micros(now),),
    )
