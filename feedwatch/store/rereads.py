"""Articles whose page is read again: when, and what is known of the last look."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from feedwatch.store.times import micros

ALERTED: Final = "alerted"  # somebody was told of it: a change may matter to them
BODY_NOT_SEEN: Final = "body_not_seen"  # a teaser or a paywall: more of it may be shown later
LIVE: Final = "live"  # a page of posts, to which more are added
CHANGED: Final = "changed"  # its feed shows other words than before


def ask(db: sqlite3.Connection, article_id: int, at: datetime, why: str, *, since: datetime | None = None) -> None:
    """The article's page is read again at `at`, or earlier where somebody asked for that; its schedule begins anew.

    The ages of the later looks count from `since`, else from `at`. An article without a page is left alone.
    """
    db.execute(
        "INSERT INTO rereads(article_id, why, since_at, due_at) SELECT id, ?2, ?3, ?4 FROM articles"
        " WHERE id = ?1 AND url IS NOT NULL"
        " ON CONFLICT DO UPDATE SET why = ?2, since_at = ?3, tries = 0,"
        " due_at = ifnull(min(due_at, excluded.due_at), excluded.due_at)",
        (article_id, why, micros(since or at), micros(at)),
    )
