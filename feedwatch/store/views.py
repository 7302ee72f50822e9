"""What was told: alerts with all that belongs to them, for messages, for people who look, and their acknowledgement."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.model import AlertItem, AlertView, Mute, Reason, Strength, WindowView
from feedwatch.store.feeds import OUTLET
from feedwatch.store.health import told_by
from feedwatch.store.rereads import change_of
from feedwatch.store.stories import company
from feedwatch.store.surges import surge_of
from feedwatch.store.times import micros, moment
from feedwatch.store.windows import window_alerts

if TYPE_CHECKING:
    from collections.abc import Iterable


def alert_view(db: sqlite3.Connection, alert: str) -> AlertView:
    """All that a message tells of an alert, as it is known now."""
    row = db.execute(
        "SELECT alerts.*, total, from_at, ended_at, actor, EXISTS(SELECT 1 FROM deliveries WHERE alert = alerts.id"
        "  AND urgent) AS urgent FROM alerts LEFT JOIN windows ON windows.id = window_id"
        " LEFT JOIN mutes ON mutes.id = mute_id WHERE alerts.id = ?",
        (alert,),
    ).fetchone()
    return AlertView(
        id=row["id"],
        short=row["short"],
        kind=row["kind"],
        created=moment(row["created_at"]),
        items=tuple(_items(db, alert)),
        total=row["total"] or 0,
        mute=_mute(row) if row["mute_id"] else None,
        health=told_by(db, alert) if row["kind"] == "health" else (),
        told=_told_at(db, row),
        window=_window(db, row["window_id"]),
        urgent=bool(row["urgent"]),
        change=change_of(db, alert) if row["kind"] == "revision" else None,
        surge=surge_of(db, alert) if row["kind"] == "surge" else None,
    )


def _window(db: sqlite3.Connection, window: int | None) -> WindowView | None:
    """The window that an alert ends."""
    row = db.execute("SELECT * FROM windows WHERE id = ?", (window,)).fetchone()
    return row and WindowView(
        kind=row["kind"],
        key=row["key"],
        opens=moment(row["opens_at"]),
        closes=moment(row["closed_at"] or row["closes_at"]),
        total=row["total"],
        printed=row["short"],
        feeds=row["feeds"] or 0,
        well=row["well"] or 0,
    )


def _told_at(db: sqlite3.Connection, row: sqlite3.Row) -> datetime | None:
    """When the alert's watchlist was first told of its story, if that was before it."""
    at = db.execute(
        "SELECT min(created_at) FROM alerts WHERE story_id = ? AND root = ? AND kind = 'first' AND created_at <= ?"
        " AND id != ?",
        (row["story_id"], row["root"], row["created_at"], row["id"]),
    ).fetchone()[0]
    return None if at is None else moment(at)


def _mute(row: sqlite3.Row) -> Mute:
    return Mute(watchlist=row["root"], since=moment(row["from_at"]), until=moment(row["ended_at"]), actor=row["actor"])


# The lines of a revision that was merged into the window which the alert ends.
_CHANGED = (
    "SELECT lines FROM changes CROSS JOIN deliveries ON deliveries.alert = changes.alert AND state = 'merged'"
    " CROSS JOIN alerts AS ending ON ending.id = alert_articles.alert AND ending.window_id = deliveries.window_id"
    " WHERE changes.article_id = alert_articles.article_id ORDER BY deliveries.id DESC LIMIT 1"
)


def _items(db: sqlite3.Connection, alert: str) -> Iterable[AlertItem]:
    for row in db.execute(
        "SELECT alert_articles.root, decisions.strength, decisions.snippet, decisions.reasons, entries.title,"
        " entries.link, articles.key AS article, stories.key AS story, story_articles.story_id,"
        f" entries.published_at, entries.first_seen_at, {OUTLET} AS outlet,"
        " articles.reason,"
        " revisions.kind, whole, ifnull(revisions.language, feeds.language) AS language, revisions.title AS page_title,"
        " fetched_at > ifnull(changed_at, entries.first_seen_at) AND EXISTS(SELECT 1 FROM revisions AS earlier"
        "  WHERE earlier.article_id = articles.id AND earlier.n < revisions.n AND earlier.kind = 'page') AS revised,"
        " (SELECT kind = 'gone' FROM revisions AS last WHERE last.article_id = articles.id ORDER BY n DESC LIMIT 1)"
        " AS gone,"
        f" ({_CHANGED}) AS changed"
        " FROM alert_articles JOIN decisions ON decisions.id = decision_id"
        " JOIN entries ON entries.id = entry_id JOIN feeds ON feeds.id = feed_id"
        " JOIN articles ON articles.id = entries.article_id"
        " LEFT JOIN revisions ON revisions.id = revision_id"
        " LEFT JOIN story_articles ON story_articles.article_id = articles.id"
        " LEFT JOIN stories ON stories.id = story_articles.story_id"
        " WHERE alert_articles.alert = ? ORDER BY decisions.score DESC, decisions.id",
        (alert,),
    ):
        outlets, sources = company(db, row["story_id"], row["outlet"])
        yield AlertItem(
            watchlist=row["root"],
            strength=Strength.of(row["strength"]),
            title=(row["page_title"] if row["revised"] else "") or row["title"] or row["page_title"] or "",
            outlet=row["outlet"],
            language=row["language"],
            published=_shown_time(row),
            snippet=row["snippet"],
            link=row["link"],
            body_seen=row["kind"] == "page" and bool(row["whole"]),
            headline_only=row["reason"] == Reason.HEADLINE_ONLY,
            outlets=outlets,
            sources=sources,
            story=row["story"] or "",
            article=row["article"],
            reasons=row["reasons"],
            note=_note(row),
        )


def _note(row: sqlite3.Row) -> str:
    """What else is to be said of an article, the most important first.

    That it is gone; in a list, what a revision would have told by itself; that its match stands nowhere else.
    """
    if row["gone"]:
        return "no longer at this address"
    changed = json.loads(row["changed"] or "[]")
    return "; ".join(changed[:1]) or _repeats(row["reasons"])


def _repeats(reasons: str) -> str:
    """Said of a match that stands nowhere else."""
    said = json.loads(reasons).get("background")
    return "only in a paragraph that this site repeats on other pages" if said == "only" else ""


def _shown_time(row: sqlite3.Row) -> datetime:
    """The claimed time, unless it lies in the future: then when we first saw it."""
    claimed = row["published_at"]
    shown: int = row["first_seen_at"] if claimed is None else min(claimed, row["first_seen_at"])
    return moment(shown)


def find_alert(db: sqlite3.Connection, printed: str) -> list[str]:
    """Full ids of the alerts that a printed id (or the start of a full one) may mean."""
    start = printed.strip().lower().lstrip("#").encode("utf-8", "replace").decode()  # an argument may be half a letter
    rows = db.execute(
        "SELECT id, short FROM alerts WHERE substr(id, 1, length(?1)) = ?1 AND ?1 != ''", (start,)
    ).fetchall()
    return [row["id"] for row in rows if row["short"] == start] or [row["id"] for row in rows]


def list_alerts(
    db: sqlite3.Connection, *, limit: int, failed: bool = False, held: bool = False, window: int | None = None
) -> list[sqlite3.Row]:
    """The newest alerts with the state of their deliveries.

    Only those with trouble if `failed`, with a message that is `held`; all of one `window`, whatever the limit.
    """
    within = json.dumps(window_alerts(db, window)) if window is not None else None
    return db.execute(
        "SELECT alerts.*, (SELECT id FROM watchlists WHERE watchlists.root = alerts.root) AS watchlist,"
        " (SELECT count(*) FROM alert_articles WHERE alert = alerts.id) AS articles,"
        " (SELECT group_concat(channel || '/' || name || ' ' || state, ', ') FROM deliveries"
        "  JOIN targets ON targets.id = target_id WHERE alert = alerts.id) AS deliveries"
        " FROM alerts WHERE (NOT ?1 OR EXISTS(SELECT 1 FROM deliveries WHERE alert = alerts.id"
        "  AND (state = 'dead' OR state = 'pending' AND attempts > 0)))"
        " AND (NOT ?2 OR EXISTS(SELECT 1 FROM deliveries WHERE alert = alerts.id AND state = 'held'))"
        " AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3)))"
        " ORDER BY created_at DESC, id LIMIT ?4",
        (failed, held, within, limit if window is None else -1),
    ).fetchall()


def alerts_since(db: sqlite3.Connection, begin: datetime | None) -> list[str]:
    """Ids of the alerts from then on, all of them without a time; the oldest first."""
    at = 0 if begin is None else micros(begin)
    rows = db.execute("SELECT id FROM alerts WHERE created_at >= ? ORDER BY created_at, id", (at,))
    return [row[0] for row in rows]


def list_baseline(db: sqlite3.Connection, *, limit: int) -> list[sqlite3.Row]:
    """Matches of first polls that were too old to alert anyone, newest first."""
    return db.execute(
        "SELECT decisions.*, entries.title, entries.link, entries.published_at, root,"
        f" {OUTLET} AS outlet"
        " FROM decisions JOIN entries ON entries.id = entry_id JOIN feeds ON feeds.id = feed_id"
        " JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE decisions.outcome = 'baseline' ORDER BY decisions.id DESC LIMIT ?",
        (limit,),
    ).fetchall()


def alert_deliveries(db: sqlite3.Connection, alert: str) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT deliveries.*, targets.channel, name, windows.kind AS window_kind, short AS window, closes_at,"
        " (SELECT alerts.short FROM alerts JOIN deliveries AS said ON said.alert = alerts.id"
        "  WHERE alerts.window_id = windows.id AND said.target_id = targets.id) AS told_by"
        " FROM deliveries JOIN targets ON targets.id = target_id"
        " LEFT JOIN windows ON windows.id = deliveries.window_id WHERE alert = ? ORDER BY deliveries.id",
        (alert,),
    ).fetchall()


def alert_decisions(db: sqlite3.Connection, alert: str) -> list[sqlite3.Row]:
    """Why an alert was made: its decisions with their reasons."""
    return db.execute(
        "SELECT decisions.*, entries.title, entries.link, feeds.address, query AS wording, from_at AS worded_at,"
        " (SELECT id FROM watchlists WHERE watchlists.root = watchlist_versions.root) AS watchlist,"
        f" {OUTLET} AS outlet FROM alert_articles"
        " JOIN decisions ON decisions.id = decision_id JOIN entries ON entries.id = entry_id"
        " JOIN feeds ON feeds.id = feed_id JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE alert_articles.alert = ? ORDER BY decisions.id",
        (alert,),
    ).fetchall()


# What the stories of an alert are for the watchlists that were told of them: (story, root) pairs.
_TOLD_BY = (
    "(SELECT story_id, root FROM alerts WHERE id = ?1 AND story_id IS NOT NULL"
    " UNION SELECT story_articles.story_id, root FROM alert_articles JOIN story_articles USING(article_id)"
    " WHERE alert = ?1)"
)


def acknowledge(db: sqlite3.Connection, alert: str, actor: str, now: datetime) -> int:
    """Somebody has seen what an alert tells: how many (story, watchlist) pairs nobody had acknowledged before."""
    return db.execute(
        "UPDATE story_watch SET acked_at = ?2, acked_by = ?3"
        f" WHERE acked_at IS NULL AND (story_id, root) IN {_TOLD_BY}",
        (alert, micros(now), actor),
    ).rowcount


def acks(db: sqlite3.Connection, alert: str) -> list[sqlite3.Row]:
    """Who acknowledged what an alert tells, and when; by watchlist, a row for each story."""
    return db.execute(
        "SELECT (SELECT id FROM watchlists WHERE watchlists.root = story_watch.root) AS watchlist, acked_at, acked_by"
        f" FROM story_watch WHERE (story_id, root) IN {_TOLD_BY} AND acked_at IS NOT NULL ORDER BY 1, acked_at",
        (alert,),
    ).fetchall()
