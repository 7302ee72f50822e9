"""Articles whose page is read again: when, what is known of the last look, and who was told of them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from feedwatch.model import Change, Strength, Validators
from feedwatch.store.articles import PendingEntry, StoredPage, entries_of, latest_page
from feedwatch.store.evidence import has_evidence
from feedwatch.store.feeds import LOOKED_AT
from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ALERTED: Final = "alerted"  # somebody was told of it: a change may matter to them
BODY_NOT_SEEN: Final = "body_not_seen"  # a teaser or a paywall: more of it may be shown later
LIVE: Final = "live"  # a page of posts, to which more are added
CHANGED: Final = "changed"  # its feed shows other words than before

SAME: Final = "unchanged"  # what a look found, or the reason of a failure
OTHER: Final = "changed"
CUT: Final = "cut"  # a wall stands before the text that was read
MISSING: Final = "missing"


OVERDUE = timedelta(minutes=10)
"""A look that is late by more is held up: by a host that is busy or asked for peace, or by a machine that slept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadWork:
    """An article whose page is read again, claimed."""

    id: int
    key: str
    url: str
    host: str
    why: str
    since: datetime  # the schedule's ages count from here
    tries: int
    interrupted: int  # this claim included
    validators: Validators  # of the answer that gave the latest text
    missing: datetime | None  # when the server first said that the page is not there
    first_seen: datetime
    stored: StoredPage | None
    entries: tuple[PendingEntry, ...]  # all of the article, decided or not
    posts: frozenset[str]  # keys of those that were matched
    proved: bool  # nobody was told of it, or the bytes of what was told are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a watchlist's people were told of an article last."""

    root: str
    decision: int
    strength: Strength
    story: int | None


def ask(db: sqlite3.Connection, article_id: int, at: datetime, why: str, *, since: datetime | None = None) -> None:
    """The article's page is read again at `at`, or earlier where somebody asked for that; its schedule begins anew.

    The ages of the later looks count from `since`, else from `at`. An article without a page is left alone. That
    its body was not seen stays known until it is.
    """
    db.execute(
        "INSERT INTO rereads(article_id, why, since_at, due_at) SELECT id, ?2, ?3, ?4 FROM articles"
        " WHERE id = ?1 AND url IS NOT NULL"
        " ON CONFLICT DO UPDATE SET why = CASE why WHEN 'body_not_seen' THEN why ELSE ?2 END, since_at = ?3,"
        " tries = 0, due_at = ifnull(min(due_at, excluded.due_at), excluded.due_at)",
        (article_id, why, micros(since or at), micros(at)),
    )


_DUE = """
    SELECT article_id, host, row_number() OVER (PARTITION BY host ORDER BY due, article_id) AS turn, due FROM (
      SELECT article_id, rereads.due_at AS due, host FROM rereads INDEXED BY rereads_due
      JOIN articles ON articles.id = article_id
      WHERE rereads.due_at <= :now AND rereads.claimed_at IS NULL AND articles.claimed_at IS NULL
      AND page_state IN ('read', 'given_up') AND host NOT IN (SELECT value FROM json_each(:busy))
      AND NOT EXISTS(SELECT 1 FROM articles AS first INDEXED BY articles_due
        WHERE first.due_at <= :now AND first.claimed_at IS NULL AND first.host = articles.host)
      AND NOT EXISTS(SELECT 1 FROM articles AS first INDEXED BY articles_claimed
        WHERE first.claimed_at IS NOT NULL AND first.host = articles.host)
      AND NOT EXISTS(SELECT 1 FROM feeds INDEXED BY feeds_due
        WHERE next_check_at <= :now AND feeds.claimed_at IS NULL AND removed_at IS NULL AND feeds.host = articles.host)
      AND NOT EXISTS(SELECT 1 FROM feeds INDEXED BY feeds_held
        WHERE feeds.host = articles.host AND hold_until > :now AND removed_at IS NULL)
      ORDER BY due LIMIT :looked_at)
"""
"""A host that a feed or a first reading waits for comes later, and one that asked for peace when that is over."""


def claim_due(db: sqlite3.Connection, now: datetime, *, room: int, busy_hosts: Collection[str]) -> list[RereadWork]:
    """Up to `room` articles that are to be read again, the longest due first, one a host."""
    due = db.execute(
        f"SELECT article_id FROM ({_DUE}) WHERE turn = 1 ORDER BY due, article_id LIMIT :room",
        {"now": micros(now), "busy": json.dumps(sorted(busy_hosts)), "looked_at": LOOKED_AT, "room": room},
    ).fetchall()
    return [_claimed(db, row["article_id"], now) for row in due]


def _claimed(db: sqlite3.Connection, article: int, now: datetime) -> RereadWork:
    row = db.execute(
        "UPDATE rereads SET claimed_at = ?, interrupted = interrupted + 1 WHERE article_id = ? RETURNING *",
        (micros(now), article),
    ).fetchone()
    known = db.execute("SELECT * FROM articles WHERE id = ?", (article,)).fetchone()
    posts = db.execute("SELECT key FROM posts WHERE article_id = ?", (article,))
    stored = latest_page(db, article)
    return RereadWork(
        id=article,
        key=known["key"],
        url=known["url"],
        host=known["host"],
        why=row["why"],
        since=moment(row["since_at"]),
        tries=row["tries"],
        interrupted=row["interrupted"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        missing=moment(row["missing_at"]),
        first_seen=moment(known["first_seen_at"]),
        stored=stored,
        entries=tuple(entries_of(db, article)),
        posts=frozenset(each["key"] for each in posts),
        proved=stored is not None and (has_evidence(db, stored.revision) or not told_of(db, article)),
    )


def looked(
    db: sqlite3.Connection, article: int, at: datetime, found: str, again: datetime | None, *, since: datetime
) -> None:
    """A look is over, and the page was there; the schedule's ages count from `since`."""
    db.execute(
        "UPDATE rereads SET due_at = ?2, since_at = ?3, tries = 0, interrupted = 0, claimed_at = NULL,"
        " missing_at = NULL, looked_at = ?4, found = ?5 WHERE article_id = ?1",
        (article, micros(again), micros(since), micros(at), found),
    )


def missed(db: sqlite3.Connection, article: int, at: datetime, again: datetime | None) -> None:
    """The server says that the page is not there."""
    db.execute(
        "UPDATE rereads SET due_at = ?2, missing_at = ifnull(missing_at, ?3), tries = 0, interrupted = 0,"
        " claimed_at = NULL, looked_at = ?3, found = ?4 WHERE article_id = ?1",
        (article, micros(again), micros(at), MISSING),
    )


def failed(db: sqlite3.Connection, article: int, at: datetime, why: str, again: datetime | None, *, tries: int) -> None:
    """The page was not to be had, which says nothing of it."""
    db.execute(
        "UPDATE rereads SET due_at = ?2, tries = ?3, interrupted = 0, claimed_at = NULL, looked_at = ?4, found = ?5"
        " WHERE article_id = ?1",
        (article, micros(again), tries, micros(at), why),
    )


def release(db: sqlite3.Connection, article: int) -> None:
    """Gives a claim back unworked: it was no interruption."""
    db.execute(
        "UPDATE rereads SET claimed_at = NULL, interrupted = max(0, interrupted - 1)"
        " WHERE article_id = ? AND claimed_at IS NOT NULL",
        (article,),
    )


def remember_answer(db: sqlite3.Connection, article: int, given: Validators, why: str | None = None) -> None:
    """What the server gave for the next conditional request; with the text that it stands for, never earlier."""
    db.execute(
        "UPDATE rereads SET etag = ?, last_modified = ?, why = ifnull(?, why) WHERE article_id = ?",
        (given.etag, given.last_modified, why, article),
    )


def remember_posts(db: sqlite3.Connection, article: int, keys: Iterable[str]) -> None:
    db.executemany("INSERT INTO posts VALUES (?, ?) ON CONFLICT DO NOTHING", [(article, key) for key in keys])


def waiting_for_a_look(db: sqlite3.Connection, now: datetime) -> dict[str, int]:
    """How many pages are to be read again: later, due now, or overdue, for something holds the looks up."""
    rows = db.execute(
        "SELECT CASE WHEN due_at > ?1 THEN 'later' WHEN due_at > ?2 THEN 'due' ELSE 'overdue' END AS state, count(*)"
        " FROM rereads WHERE due_at IS NOT NULL GROUP BY 1",
        (micros(now), micros(now - OVERDUE)),
    )
    return {"later": 0, "due": 0, "overdue": 0} | {row[0]: row[1] for row in rows}


def looked_since(db: sqlite3.Connection, begin: datetime) -> int:
    """How many pages were read again since then."""
    return int(db.execute("SELECT count(*) FROM rereads WHERE looked_at >= ?", (micros(begin),)).fetchone()[0])


def next_look(db: sqlite3.Connection) -> datetime | None:
    """When the next page is read again, or was to be."""
    due: int | None = db.execute("SELECT min(due_at) FROM rereads").fetchone()[0]
    return None if due is None else moment(due)


def straighten(db: sqlite3.Connection, now: datetime, longest: timedelta) -> None:
    """No look lies further off than any schedule asks for: a clock that went back delays none."""
    db.execute("UPDATE rereads SET since_at = ?1 WHERE since_at > ?1", (micros(now),))
    db.execute("UPDATE rereads SET due_at = ?1 WHERE due_at > ?2", (micros(now), micros(now + longest)))


# ---- who was told


def tells_now(db: sqlite3.Connection, article: int, at: datetime) -> bool:
    """Whether a decision of this moment on the article told somebody, or will when its window closes or its mute ends.

    Also where somebody was told before its page was to be had: nothing proves yet what it says.
    """
    return bool(
        db.execute(
            "SELECT EXISTS(SELECT 1 FROM decisions WHERE entry_id IN (SELECT id FROM entries WHERE article_id = ?1)"
            "  AND at = ?2 AND outcome IN ('alerted', 'gathered', 'update', 'muted'))"
            " OR EXISTS(SELECT 1 FROM alert_articles WHERE article_id = ?1)"
            "  AND NOT EXISTS(SELECT 1 FROM evidence WHERE article_id = ?1)",
            (article, micros(at)),
        ).fetchone()[0]
    )


def alerted_now(db: sqlite3.Connection, article: int, at: datetime) -> set[str]:
    """The roots of the watchlists whose decision of this moment on the article is an alert."""
    rows = db.execute(
        "SELECT root FROM decisions JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE entry_id IN (SELECT id FROM entries WHERE article_id = ?) AND at = ? AND outcome = 'alerted'",
        (article, micros(at)),
    )
    return {row["root"] for row in rows}


def told_of(db: sqlite3.Connection, article: int) -> list[Told]:
    """What each watchlist's people were told of the article last."""
    rows = db.execute(
        "SELECT alert_articles.root, decision_id, decisions.strength, story_articles.story_id, max(created_at)"
        " FROM alert_articles JOIN alerts ON alerts.id = alert_articles.alert"
        " JOIN decisions ON decisions.id = decision_id"
        " LEFT JOIN story_articles ON story_articles.article_id = alert_articles.article_id"
        " WHERE alert_articles.article_id = ? AND alerts.kind != 'surge'"
        " GROUP BY alert_articles.root ORDER BY alert_articles.root",
        (article,),
    )
    return [
        Told(
            root=row["root"],
            decision=row["decision_id"],
            strength=Strength.of(row["strength"]),
            story=row["story_id"],
        )
        for row in rows
    ]


def waiting(db: sqlite3.Connection, article: int, root: str, channel: str) -> list[str]:
    """Alerts that tell the watchlist of the article and that no target of the channel can have seen yet."""
    rows = db.execute(
        "SELECT alert FROM alert_articles JOIN deliveries USING(alert) JOIN targets ON targets.id = target_id"
        " WHERE article_id = ? AND root = ? AND channel = ? GROUP BY alert"
        " HAVING min(state IN ('pending', 'held') AND attempts = 0)",
        (article, root, channel),
    )
    return [row["alert"] for row in rows]


def tell_instead(db: sqlite3.Connection, alerts: Iterable[str], article: int, root: str, decision: int) -> None:
    """What still waits tells of the article as it is now."""
    db.executemany(
        "UPDATE alert_articles SET decision_id = ? WHERE alert = ? AND article_id = ? AND root = ?",
        [(decision, alert, article, root) for alert in alerts],
    )


def add_change(db: sqlite3.Connection, alert: str, article: int, kind: str, lines: Iterable[str]) -> None:
    """What an alert of the kind `revision` tells."""
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (alert, article, kind, json.dumps(list(lines), ensure_ascii=False)),
    )


def change_of(db: sqlite3.Connection, alert: str) -> Change | None:
    row = db.execute("SELECT kind, lines FROM changes WHERE alert = ?", (alert,)).fetchone()
    return None if row is None else Change(kind=row["kind"], lines=tuple(json.loads(row["lines"])))
