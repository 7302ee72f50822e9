"""How are feeds and queues, and what was told of it? Facts for alerts/health, and the table of episodes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.health import WATCHING, Episode
from feedwatch.alerts.readiness import Readiness, Tally
from feedwatch.alerts.troubles import RHYTHM, WATCH_RHYTHM, FailingFeed, Queue, QuietFeed, QuietWatch
from feedwatch.model import HealthItem
from feedwatch.store.articles import PAGE
from feedwatch.store.rereads import waiting_for_a_look
from feedwatch.store.times import lasted, micros, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable

LATE = timedelta(minutes=10)
"""A feed is late when its next poll is overdue by so much."""

KEPT = timedelta(days=400)
"""Episodes that were over so long ago are forgotten."""

NAME = "coalesce(nullif(feeds.name, ''), feeds.title, feeds.url)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a look at the database finds."""

    failing: tuple[FailingFeed, ...]
    quiet: tuple[QuietFeed, ...]  # only those that brought nothing for the time that was asked for
    watches: tuple[QuietWatch, ...]  # only those that found nothing for that time
    queues: tuple[Queue, ...]


def facts(db: sqlite3.Connection, silent_after: timedelta, kept: timedelta, now: datetime) -> Facts:
    """`kept`: how long articles are in the database at least, told of or not."""
    return Facts(
        failing=tuple(_failing(db)),
        quiet=tuple(_quiet(db, silent_after)),
        watches=tuple(_quiet_watches(db, silent_after, kept, now)),
        queues=tuple(_queues(db)),
    )


def _failing(db: sqlite3.Connection) -> Iterable[FailingFeed]:
    for row in db.execute(
        f"SELECT *, {NAME} AS shown FROM feeds WHERE removed_at IS NULL AND failures > 0 ORDER BY address"
    ):
        yield FailingFeed(
            address=row["address"],
            name=row["shown"],
            failures=row["failures"],
            outcome=row["outcome"] or "",
            detail=row["detail"] or "",
            stopped=row["next_check_at"] is None and row["claimed_at"] is None,
        )


def _quiet(db: sqlite3.Connection, silent_after: timedelta) -> Iterable[QuietFeed]:
    for row in db.execute(
        f"SELECT id, address, first_polled_at, last_good_at, newest, {NAME} AS shown FROM"
        " (SELECT *, (SELECT max(first_seen_at) FROM entries WHERE feed_id = feeds.id) AS newest FROM feeds"
        "  WHERE removed_at IS NULL AND first_polled_at IS NOT NULL) AS feeds"
        " WHERE last_good_at - newest > ? ORDER BY address",
        (lasted(silent_after),),
    ):
        rhythm = _rhythm(db, row)
        yield QuietFeed(
            address=row["address"],
            name=row["shown"],
            known_since=moment(row["first_polled_at"]),
            good=moment(row["last_good_at"]),
            newest=moment(row["newest"]),
            entries=rhythm["entries"],
            pause=span(rhythm["pause"] or 0),
        )


def _rhythm(db: sqlite3.Connection, feed: Any) -> Any:
    """How many entries came, and the longest pause between two; what the first poll showed had come before it."""
    begin = max(feed["newest"] - lasted(RHYTHM), feed["first_polled_at"] + 1)
    return db.execute(
        "SELECT count(*) AS entries, max(pause) AS pause FROM"
        " (SELECT first_seen_at - lag(first_seen_at) OVER (ORDER BY first_seen_at) AS pause FROM entries"
        "  WHERE feed_id = ? AND first_seen_at >= ?)",
        (feed["id"], begin),
    ).fetchone()


def _quiet_watches(
    db: sqlite3.Connection, silent_after: timedelta, kept: timedelta, now: datetime
) -> Iterable[QuietWatch]:
    for row in db.execute(
        "SELECT * FROM (SELECT root, id, since, (SELECT max((SELECT max(at) FROM decisions"
        f"    WHERE version_id = versions.id AND {_MATCH})) FROM watchlist_versions AS versions"
        "   WHERE versions.root = watchlists.root) AS newest FROM watchlists WHERE removed_at IS NULL)"
        " WHERE newest < ? ORDER BY id",
        (micros(now - silent_after),),
    ).fetchall():
        newest = moment(row["newest"])
        begin = max(newest - WATCH_RHYTHM, moment(row["since"]), now - kept)
        rhythm = _watch_rhythm(db, row["root"], begin)
        yield QuietWatch(
            root=row["root"],
            name=row["id"],
            known_since=begin,
            newest=newest,
            matches=rhythm["matches"],
            pause=span(rhythm["pause"] or 0),
            passed=rhythm["passed"] or 0,
            passed_now=_decided_since(db, newest),
        )


_MATCH = "outcome NOT IN ('baseline', 'before')"
"""What a decision on a match of now is; worded like the index that knows of them."""


def _watch_rhythm(db: sqlite3.Connection, root: str, begin: datetime) -> Any:
    """How many matches came, and the longest pause before one of them, in time and in articles that came in it."""
    return db.execute(
        "SELECT count(*) AS matches, max(at - before) AS pause, max((SELECT count(*) FROM articles"
        "  WHERE first_seen_at > before AND first_seen_at <= at)) AS passed FROM"
        " (SELECT at, lag(at, 1, :begin) OVER (ORDER BY at) AS before FROM decisions WHERE at > :begin"
        f"  AND {_MATCH} AND version_id IN (SELECT id FROM watchlist_versions WHERE root = :root))",
        {"root": root, "begin": micros(begin)},
    ).fetchone()


def _decided_since(db: sqlite3.Connection, begin: datetime) -> int:
    """Articles that came since then, without those that wait: after a long sleep many come at once."""
    came = db.execute("SELECT count(*) FROM articles WHERE first_seen_at > ?", (micros(begin),)).fetchone()[0]
    waiting = db.execute("SELECT count(DISTINCT article_id) FROM entries WHERE decided_version < version").fetchone()[0]
    return max(int(came) - int(waiting), 0)


def _queues(db: sqlite3.Connection) -> Iterable[Queue]:
    """Configured targets whose messages wait or were given up."""
    for target in db.execute(
        "SELECT id, channel, name FROM targets WHERE removed_at IS NULL ORDER BY channel, name"
    ).fetchall():
        waiting = db.execute(
            "SELECT count(*) AS n, min(created_at) AS oldest, max(error) AS error FROM deliveries"
            " INDEXED BY deliveries_open WHERE target_id = ? AND state IN ('pending','sending')",
            (target["id"],),
        ).fetchone()
        dead = db.execute(  # max() picks its row: the error is that of the last one
            "SELECT count(*) AS n, max(died_at) AS died, error FROM deliveries INDEXED BY deliveries_died"
            " WHERE target_id = ? AND died_at IS NOT NULL AND state = 'dead'",
            (target["id"],),
        ).fetchone()
        if waiting["n"] or dead["n"]:
            yield Queue(
                channel=target["channel"],
                target=target["name"],
                waiting=waiting["n"],
                oldest=moment(waiting["oldest"]) if waiting["error"] is not None else None,
                why=waiting["error"] or "",
                dead=dead["n"],
                died=moment(dead["died"]),
                last_words=dead["error"] or "",
            )


def unsettled(db: sqlite3.Connection) -> tuple[Episode, ...]:
    """Episodes that go on, or whose end is still to be told."""
    return tuple(_episode(row) for row in db.execute("SELECT * FROM episodes WHERE settled_at IS NULL ORDER BY id"))


def _episode(row: Any) -> Episode:
    return Episode(
        kind=row["kind"],
        subject=row["subject"],
        began=moment(row["began_at"]),
        since=moment(row["since_at"]),
        name=row["name"],
        text=row["text"],
        cure=row["cure"],
        told=moment(row["told_at"]),
        channels=tuple(json.loads(row["channels"])),
        ended=moment(row["ended_at"]),
        settled=moment(row["settled_at"]),
    )


def save(db: sqlite3.Connection, episodes: Iterable[Episode]) -> None:
    """Adds what began and changes what went on."""
    db.executemany(
        "INSERT INTO episodes(kind, subject, began_at, since_at, name, text, cure, told_at, channels, ended_at,"
        " settled_at) VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(kind, subject, began_at) DO UPDATE SET"
        " since_at = excluded.since_at, name = excluded.name, text = excluded.text, cure = excluded.cure,"
        " told_at = excluded.told_at, channels = excluded.channels, ended_at = excluded.ended_at,"
        " settled_at = excluded.settled_at",
        [
            (
                each.kind, each.subject, micros(each.began), micros(each.since), each.name, each.text, each.cure,
                micros(each.told), json.dumps(each.channels), micros(each.ended), micros(each.settled),
            )
            for each in episodes
        ],
    )  # fmt: skip


def tell(db: sqlite3.Connection, alert: str, bad: Iterable[Episode], well: Iterable[Episode]) -> None:
    """The alert tells of these beginnings and ends."""
    for column, episodes in (("alert", bad), ("ended_alert", well)):
        db.executemany(
            f"UPDATE episodes SET {column} = ? WHERE kind = ? AND subject = ? AND began_at = ?",
            [(alert, each.kind, each.subject, micros(each.began)) for each in episodes],
        )


def forget(db: sqlite3.Connection, now: datetime) -> None:
    """Removes what is over for longer than anybody asks."""
    db.execute("DELETE FROM episodes WHERE settled_at < ?", (micros(now - KEPT),))


def last_watching(db: sqlite3.Connection) -> datetime | None:
    """The time for which the last still-watching line stood."""
    last: int | None = db.execute("SELECT max(began_at) FROM episodes WHERE kind = ?", (WATCHING,)).fetchone()[0]
    return moment(last)


def told_by(db: sqlite3.Connection, alert: str) -> tuple[HealthItem, ...]:
    """What a health alert tells: troubles first, then recoveries."""
    rows = db.execute(
        "SELECT *, ended_alert = ?1 AS over FROM episodes WHERE ?1 IN (alert, ended_alert) ORDER BY over, since_at, id",
        (alert,),
    )
    return tuple(
        HealthItem(
            kind=row["kind"],
            name=row["name"],
            text=row["text"],
            cure=row["cure"],
            since=moment(row["since_at"]),
            until=moment(row["ended_at"]) if row["over"] else None,
        )
        for row in rows
    )


def tally(db: sqlite3.Connection, begin: datetime, now: datetime) -> Tally:
    """Feeds as they are now, and what came since `begin`; alerts are those of watchlists and digests."""
    feeds = db.execute(
        "SELECT count(*) AS n, ifnull(sum(failures > 0), 0) AS failing,"
        " ifnull(sum(failures = 0 AND next_check_at < ?), 0) AS late FROM feeds WHERE removed_at IS NULL",
        (micros(now - LATE),),
    ).fetchone()
    articles = db.execute("SELECT count(*) FROM articles WHERE first_seen_at >= ?", (micros(begin),)).fetchone()
    alerts = db.execute(
        "SELECT count(*) FROM alerts WHERE created_at >= ? AND kind != 'health'", (micros(begin),)
    ).fetchone()
    return Tally(feeds=feeds["n"], failing=feeds["failing"], late=feeds["late"], articles=articles[0], alerts=alerts[0])


def readiness(db: sqlite3.Connection) -> Readiness:
    feeds = db.execute(
        "SELECT count(*) AS n, ifnull(sum(last_polled_at IS NULL), 0) AS untried, max(last_good_at) AS good"
        " FROM feeds WHERE removed_at IS NULL"
    ).fetchone()
    oldest = db.execute(
        "SELECT min(created_at) FROM deliveries JOIN targets ON targets.id = target_id"
        " WHERE state IN ('pending','sending') AND removed_at IS NULL"
    ).fetchone()[0]
    return Readiness(
        feeds=feeds["n"], untried=feeds["untried"], last_good=moment(feeds["good"]), oldest_waiting=moment(oldest)
    )


Figures = dict[str, list[tuple[tuple[str, ...], float]]]
"""Numbers by the name of their gauge, each with the values of its labels."""


def figures(db: sqlite3.Connection, now: datetime) -> Figures:
    """The database in numbers, for /metrics."""
    feeds = tally(db, now, now)
    queues = db.execute(
        "SELECT channel, name, min(created_at) FROM deliveries INDEXED BY deliveries_open"
        " JOIN targets ON targets.id = target_id WHERE state IN ('pending','sending') GROUP BY target_id"
    )
    good = db.execute("SELECT ifnull(max(last_good_at), 0) FROM feeds WHERE removed_at IS NULL").fetchone()[0]
    return {
        "feedwatch_feeds": [
            (("well",), feeds.feeds - feeds.failing - feeds.late),
            (("late",), feeds.late),
            (("failing",), feeds.failing),
        ],
        "feedwatch_last_good_poll_timestamp_seconds": [((), good / 1e6)],
        "feedwatch_entries_pending": _counted(db, "SELECT count(*) FROM entries WHERE decided_version < version"),
        "feedwatch_pages": _counted(
            db,
            f"SELECT {PAGE}, count(*) FROM articles GROUP BY 1",
        ),
        "feedwatch_rereads_waiting": [((state,), n) for state, n in waiting_for_a_look(db, now).items()],
        "feedwatch_alerts": _counted(db, "SELECT kind, count(*) FROM alerts GROUP BY 1"),
        "feedwatch_deliveries": _counted(
            db,
            "SELECT channel, name, state, count(*) FROM deliveries JOIN targets ON targets.id = target_id"
            " GROUP BY 1, 2, 3",
        ),
        "feedwatch_oldest_waiting_timestamp_seconds": [((row[0], row[1]), row[2] / 1e6) for row in queues],
        "feedwatch_episodes": _counted(
            db, "SELECT kind, count(*) FROM episodes WHERE ended_at IS NULL AND settled_at IS NULL GROUP BY 1"
        ),
    }


def _counted(db: sqlite3.Connection, query: str) -> list[tuple[tuple[str, ...], float]]:
    """Rows of labels and a number."""
    return [(tuple(row)[:-1], row[-1]) for row in db.execute(query)]
