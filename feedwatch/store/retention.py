"""How long what is known is kept, by what it is for; and how it is removed, a little at a time.

    alerts    with their deliveries, and the evidence of what they tell: `alerted` long, and as long as a delivery
              is open
    articles  with entries, texts, decisions and search text: `articles` long from when a feed last showed them,
              `decisions` long from their last decision, and as long as an alert tells of them
    seen      what makes an item known: `seen` long before the feed's latest news

What a feed of the config showed in its latest document stays, however old: a publisher who touches all his old items
must not bring them back. What is pending, claimed or in an open window stays, too.

`past` looks for what may go, beside the writer; each `remove_…` takes a part of that list and looks again at every
row before it goes, because the world went on meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.store.evidence import remove_unneeded
from feedwatch.store.stories import remove_tellings
from feedwatch.store.times import lasted, micros, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVERY = timedelta(days=1)
"""How often a daemon prunes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long, by purpose."""

    articles: timedelta
    alerted: timedelta
    decisions: timedelta
    seen: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What may go."""

    alerts: tuple[str, ...]
    articles: tuple[int, ...]
    seen: Mapping[int, tuple[int, int]]  # feed → the time before which its marks go, and how many these are


OPEN_DELIVERY = "SELECT 1 FROM deliveries WHERE alert = alerts.id AND state IN ('held','pending','sending')"

PAST_ALERT = f"alerts.created_at < :alerted AND NOT EXISTS({OPEN_DELIVERY})"

LIVE_ALERT = f"alerts.id IN ({{ids}}) AND NOT ({PAST_ALERT})"

PAST_ARTICLE = f"""
    articles.first_seen_at < :articles AND articles.due_at IS NULL AND articles.claimed_at IS NULL
    AND NOT EXISTS(SELECT 1 FROM rereads WHERE article_id = articles.id AND rereads.claimed_at IS NOT NULL)
    AND NOT EXISTS(SELECT 1 FROM entries WHERE article_id = articles.id AND (
        decided_version < version OR first_seen_at >= :articles OR changed_at >= :articles
        OR EXISTS(SELECT 1 FROM windows WHERE windows.id = entries.window_id AND closed_at IS NULL)
        OR EXISTS(SELECT 1 FROM decisions WHERE entry_id = entries.id AND (
            at >= :decisions
            OR EXISTS(SELECT 1 FROM alerts WHERE {LIVE_ALERT.format(ids="decisions.alert")})
            OR EXISTS(SELECT 1 FROM alerts WHERE {
    LIVE_ALERT.format(ids="SELECT alert FROM alert_articles WHERE decision_id = decisions.id")
})))))
    AND NOT EXISTS(SELECT 1 FROM alerts WHERE {
    LIVE_ALERT.format(ids="SELECT alert FROM alert_articles WHERE article_id = articles.id")
})
    AND NOT EXISTS(SELECT 1 FROM revisions JOIN decisions ON revision_id = revisions.id
        JOIN entries ON entries.id = entry_id WHERE revisions.article_id = articles.id
        AND entries.article_id != articles.id)
"""  # the last condition: its entries went over to another article, and what was decided on its text with them


def _limits(keep: Keep, now: datetime) -> dict[str, int]:
    return {
        "articles": micros(now - keep.articles),
        "alerted": micros(now - keep.alerted),
        "decisions": micros(now - keep.decisions),
    }


def past(db: sqlite3.Connection, keep: Keep, now: datetime) -> Past:
    """Everything that may go now; reads only."""
    limits = _limits(keep, now)
    shown = _still_shown(db, limits["articles"])
    articles = db.execute(f"SELECT id FROM articles WHERE {PAST_ARTICLE} ORDER BY id", limits)
    alerts = db.execute(f"SELECT id FROM alerts WHERE {PAST_ALERT} ORDER BY created_at, id", limits)
    return Past(
        articles=tuple(row[0] for row in articles if row[0] not in shown),
        alerts=tuple(row[0] for row in alerts),
        seen=_past_seen(db, keep.seen, now),
    )


def _still_shown(db: sqlite3.Connection, before: int) -> set[int]:
    """Articles older than `before` that a configured feed has shown since, or in its latest document."""
    found: set[int] = set()
    for (feed,) in db.execute("SELECT id FROM feeds WHERE removed_at IS NULL").fetchall():
        rows = db.execute(
            "SELECT articles.id FROM (SELECT entry_key FROM seen WHERE feed_id = :feed AND last_shown_at >="
            "   min(:before, (SELECT max(last_shown_at) FROM seen WHERE feed_id = :feed)) GROUP BY entry_key) AS shown"
            " CROSS JOIN entries ON entries.feed_id = :feed AND entries.key = entry_key"
            " CROSS JOIN articles ON articles.id = article_id WHERE articles.first_seen_at < :before",
            {"feed": feed, "before": before},
        )
        found.update(row[0] for row in rows)
    return found


def _past_seen(db: sqlite3.Connection, keep: timedelta, now: datetime) -> dict[int, tuple[int, int]]:
    """Counted back from a feed's latest news, not from now: one that slept for a year has forgotten nothing."""
    rows = db.execute(
        "SELECT feed_id, before, count(*) FROM seen JOIN"
        " (SELECT feed_id, min(max(last_shown_at), :now) - :keep AS before FROM seen GROUP BY feed_id)"
        " USING(feed_id) WHERE last_shown_at < before GROUP BY feed_id",
        {"now": micros(now), "keep": lasted(keep)},
    )
    return {feed: (before, count) for feed, before, count in rows}


def remove_alerts(db: sqlite3.Connection, ids: Sequence[str], keep: Keep, now: datetime) -> int:
    """Removes those of the alerts that may still go; their decisions stay as long as the article."""
    going = _going(db, "alerts", PAST_ALERT, ids, _limits(keep, now))
    told = _articles_of(db, going)
    for statement in (
        "DELETE FROM deliveries WHERE alert IN (SELECT value FROM json_each(?))",
        "DELETE FROM changes WHERE alert IN (SELECT value FROM json_each(?))",
        "DELETE FROM alert_articles WHERE alert IN (SELECT value FROM json_each(?))",
        "UPDATE decisions SET alert = NULL WHERE alert IN (SELECT value FROM json_each(?))",
        "DELETE FROM alerts WHERE id IN (SELECT value FROM json_each(?))",
    ):
        db.execute(statement, (json.dumps(going),))
    remove_unneeded(db, told)
    return len(going)


def _articles_of(db: sqlite3.Connection, alerts: Sequence[object]) -> str:
    """The articles that these alerts tell of, as a JSON list."""
    rows = db.execute(
        "SELECT DISTINCT article_id FROM alert_articles WHERE alert IN (SELECT value FROM json_each(?))",
        (json.dumps(alerts),),
    )
    return json.dumps([row[0] for row in rows])


def remove_articles(db: sqlite3.Connection, ids: Sequence[int], keep: Keep, now: datetime) -> int:
    """Removes those of the articles that may still go, with all that is known of them; none whose alert is there."""
    going = _going(db, "articles", PAST_ARTICLE, ids, {**_limits(keep, now), "alerted": 0})
    remove_tellings(db, going)
    entries = "SELECT id FROM entries WHERE article_id IN (SELECT value FROM json_each(?))"
    for statement in (
        "DELETE FROM fts WHERE rowid IN (SELECT value FROM json_each(?))",
        f"DELETE FROM near_misses WHERE entry_id IN ({entries})",
        f"DELETE FROM decisions WHERE entry_id IN ({entries})",
        "DELETE FROM entries WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM evidence WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM posts WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM rereads WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM revisions WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM addresses WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM story_articles WHERE article_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM articles WHERE id IN (SELECT value FROM json_each(?))",
    ):
        db.execute(statement, (json.dumps(going),))
    return len(going)


def _going(
    db: sqlite3.Connection, table: str, condition: str, ids: Sequence[object], limits: Mapping[str, int]
) -> list[object]:
    rows = db.execute(
        f"SELECT {table}.id FROM {table} WHERE {table}.id IN (SELECT value FROM json_each(:ids)) AND {condition}",
        {"ids": json.dumps(ids), **limits},
    )
    return [row[0] for row in rows]


def remove_seen(db: sqlite3.Connection, feed: int, before: int, *, most: int) -> int:
    """Removes up to `most` marks that the feed last showed before then."""
    return db.execute(
        "DELETE FROM seen WHERE feed_id = ?1 AND (kind, key) IN"
        " (SELECT kind, key FROM seen WHERE feed_id = ?1 AND last_shown_at < ?2 LIMIT ?3)",
        (feed, before, most),
    ).rowcount


def remove_rests(db: sqlite3.Connection, *, most: int) -> int:
    """Removes up to `most` stories and windows that nothing is left of."""
    stories = db.execute(
        "SELECT id FROM stories WHERE NOT EXISTS(SELECT 1 FROM story_articles WHERE story_id = stories.id)"
        " AND NOT EXISTS(SELECT 1 FROM alerts WHERE story_id = stories.id) LIMIT ?",
        (most,),
    ).fetchall()
    db.executemany("DELETE FROM story_watch WHERE story_id = ?", stories)
    db.executemany("DELETE FROM stories WHERE id = ?", stories)
    windows = db.execute(
        "DELETE FROM windows WHERE id IN (SELECT id FROM windows WHERE closed_at IS NOT NULL"
        " AND NOT EXISTS(SELECT 1 FROM entries WHERE window_id = windows.id)"
        " AND NOT EXISTS(SELECT 1 FROM alerts WHERE window_id = windows.id)"
        " AND NOT EXISTS(SELECT 1 FROM deliveries WHERE window_id = windows.id) LIMIT ?)",
        (most,),
    ).rowcount
    return len(stories) + windows


def last_pruned(db: sqlite3.Connection) -> datetime | None:
    row = db.execute("SELECT value FROM meta WHERE key = 'pruned_at'").fetchone()
    return moment(int(row[0])) if row else None


def remember_pruned(db: sqlite3.Connection, now: datetime) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES ('pruned_at', ?)", (str(micros(now)),))
