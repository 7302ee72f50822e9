"""What would have matched, but for one thing; `decisions` has only matches."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.store.times import micros

if TYPE_CHECKING:
    from collections.abc import Sequence


def remember(
    db: sqlite3.Connection,
    entry: tuple[int, int],
    version: int,
    kind: str,
    said: tuple[str, Sequence[str]],
    at: datetime,
) -> None:
    """Of an entry's version (id, number); `said`: the snippet, and why in sentences. The latest reading counts."""
    snippet, why = said
    db.execute(
        "INSERT INTO near_misses VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " entry_version = excluded.entry_version, snippet = excluded.snippet, why = excluded.why, at = excluded.at",
        (*entry, version, kind, snippet, json.dumps(list(why), ensure_ascii=False), micros(at)),
    )


def of_entry(db: sqlite3.Connection, entry: int) -> list[sqlite3.Row]:
    """The near misses of an entry, with the watchlist's root."""
    return db.execute(
        "SELECT near_misses.*, root FROM near_misses JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE entry_id = ? ORDER BY at DESC, root",
        (entry,),
    ).fetchall()
