"""Feeds, their entries, and what was seen: everything a poll reads and writes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from feedwatch.feeds.novelty import SeenRow
from feedwatch.feeds.schedule import RETRY_AFTER_CAP
from feedwatch.model import (
    NO_RHYTHM,
    NOTHING_ASKED,
    Asked,
    Failure,
    FeedSpec,
    FeedState,
    Move,
    ParsedEntry,
    Reason,
    Rhythm,
    Validators,
)
from feedwatch.store.times import lasted, micros, moment, span
from feedwatch.text.addresses import host_of, is_web, without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from feedwatch.feeds.schedule import Plan

ALONE = 3
"""A row whose work was interrupted this often may be what kills the process: it is worked on alone."""

LOOKED_AT = 8
"""Due rows looked at in one claim for each that there is room for: keeps it short when a hundred thousand are due.

A claim takes at least the first of them, so that however many are one host's, which is busy then, the next one gets on.
"""

MARKS = 500
"""Marks looked up with one question: SQLite takes 32,766 values in one, and 1,000 before 3.32."""

CALLED = "coalesce(nullif(feeds.name, ''), feeds.title, feeds.host)"
"""What people call a feed, in SQL: as the config does, else as it does itself."""

OUTLET = "coalesce(nullif(entries.outlet, ''), nullif(feeds.name, ''), feeds.title, feeds.host)"
"""Who published an entry, in SQL: as an aggregator says, else what its feed is called."""

NONE = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a good poll leaves behind on its feed's row."""

    outcome: str  # new, nothing new, not modified
    detail: str
    validators: Validators = NONE
    body_sha: bytes | None = None
    title: str | None = None
    language: str | None = None
    rhythm: Rhythm = NO_RHYTHM
    asked: Asked = NOTHING_ASKED
    move: Move | None = None
    asks: str | None = None  # the address that it has moved to for good
    missed: bool = False  # its entries share none with those that it showed before


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sitemap of an index that is one feed, as it was last seen."""

    url: str
    validators: Validators = NONE
    body_sha: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry that nobody has seen, and the article that it belongs to."""

    key: str
    entry: ParsedEntry
    how: str  # new, backfill, baseline
    article_key: str
    address: str | None  # canonical; None: its address is no identity
    host: str
    link: str | None  # as the feed gives it, for people
    url: str | None  # where the page is


def sync_feeds(db: sqlite3.Connection, specs: Iterable[tuple[FeedSpec, str]], now: datetime) -> None:
    """Makes the table know the configured feeds, each with its host; the others are marked removed.

    A feed that comes back is due at once, even one that had stopped. Another spelling of the address is another
    resource to the server: its validators are not carried over.
    """
    at = micros(now)
    specs = list(specs)
    db.executemany(
        "INSERT INTO feeds(address, url, host, name, language, next_check_at)"
        " VALUES (:address, :url, :host, :name, :language, :at)"
        " ON CONFLICT(address) DO UPDATE SET url = :url, host = :host, name = :name, removed_at = NULL,"
        " language = ifnull(:language, language),"
        " etag = CASE WHEN url = :url THEN etag END, last_modified = CASE WHEN url = :url THEN last_modified END,"
        " asks = CASE WHEN url = :url THEN asks END,"
        " next_check_at = CASE WHEN removed_at IS NULL THEN next_check_at ELSE :at END",
        [
            {
                "address": spec.address,
                "url": without_user(spec.url),
                "host": host,
                "name": spec.name,
                "language": spec.language or None,
                "at": at,
            }
            for spec, host in specs
        ],
    )
    db.execute(
        "UPDATE feeds SET removed_at = ? WHERE removed_at IS NULL AND address NOT IN (SELECT value FROM json_each(?))",
        (at, json.dumps([spec.address for spec, _ in specs])),
    )


def bring_forward(db: sqlite3.Connection, limits: Mapping[str, timedelta], now: datetime) -> None:
    """No healthy feed waits longer than its limit, given by address, and no feed longer than anybody may ask for.

    Where the clock went back, a wait begins anew and does not grow.
    """
    db.execute(
        "UPDATE feeds SET next_check_at = :now + (next_check_at - last_polled_at) WHERE last_polled_at > :now"
        " AND next_check_at > last_polled_at AND failures = 0",
        {"now": micros(now)},
    )
    db.executemany(
        "UPDATE feeds SET next_check_at = ?1 WHERE address = ?2 AND next_check_at > ?1 AND failures = 0",
        [(micros(now + limit), address) for address, limit in limits.items()],
    )
    longest = micros(now + RETRY_AFTER_CAP * 1.1)
    db.execute("UPDATE feeds SET next_check_at = ?1 WHERE next_check_at > ?1", (longest,))


def force_due(db: sqlite3.Connection, now: datetime) -> None:
    """All feeds are due, but for those whose server forbade it."""
    db.execute(
        "UPDATE feeds SET next_check_at = ?1 WHERE next_check_at > ?1 AND ifnull(outcome, '') != 'refused'",
        (micros(now),),
    )


def release_orphans(db: sqlite3.Connection) -> None:
    """At start: whatever was claimed belongs to a process that died, and is due again."""
    for table in ("feeds", "articles", "rereads"):
        db.execute(f"UPDATE {table} SET claimed_at = NULL WHERE claimed_at IS NOT NULL")
    db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'sending'")


def claim_due_feeds(
    db: sqlite3.Connection,
    now: datetime,
    *,
    room: int,
    busy_hosts: Collection[str],
    idle: bool,
    alone_first: bool = False,
    until: datetime | None = None,
) -> list[FeedState]:
    """Up to `room` feeds whose time has come, one a host, none of a busy host; `until` stands in for now.

    A feed that was interrupted too often comes only when nothing else is in flight (`idle`), and alone: after all
    others, or before them (`alone_first`), when nothing comes until it is idle.
    """
    due = chosen(partial(_due_feeds, db, until or now, busy_hosts), room, idle=idle, alone_first=alone_first)
    db.executemany(
        "UPDATE feeds SET claimed_at = ?, interrupted = interrupted + 1 WHERE id = ?",
        [(micros(now), row["id"]) for row in due],
    )
    return [_feed_state(row) for row in due]


Due = TypeVar("Due")


def chosen(find: Callable[..., list[Due]], room: int, *, idle: bool, alone_first: bool) -> list[Due]:
    """What a claim takes, of what `find(alone=, room=)` finds."""
    if alone_first and (waiting := find(alone=True, room=1)):
        return waiting if idle else []
    due = find(alone=False, room=room)
    return due if due or not idle else find(alone=True, room=1)


def _due_feeds(
    db: sqlite3.Connection, now: datetime, busy_hosts: Collection[str], *, alone: bool, room: int
) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM ("
        "  SELECT *, row_number() OVER (PARTITION BY host ORDER BY next_check_at, id) AS turn FROM ("
        "    SELECT * FROM feeds INDEXED BY feeds_due WHERE next_check_at <= :now AND claimed_at IS NULL"
        "    AND removed_at IS NULL AND (interrupted >= :alone) = :is_alone"
        "    AND host NOT IN (SELECT value FROM json_each(:busy)) ORDER BY next_check_at LIMIT :looked_at))"
        " WHERE turn = 1 ORDER BY next_check_at, id LIMIT :room",
        {
            "now": micros(now),
            "alone": ALONE,
            "is_alone": alone,
            "busy": json.dumps(sorted(busy_hosts)),
            "looked_at": LOOKED_AT * room,
            "room": room,
        },
    ).fetchall()


def _feed_state(row: sqlite3.Row) -> FeedState:
    return FeedState(
        id=row["id"],
        address=row["address"],
        url=row["url"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        body_sha=row["body_sha"],
        first_polled_at=moment(row["first_polled_at"]),
        failures=row["failures"],
        interrupted=row["interrupted"] + 1,
        rhythm=Rhythm(newest=moment(row["dated_at"]), gap=span(row["gap"]), span=span(row["span"])),
        asked=_asked(row["asked"]),
        move=Move(to=row["moved_to"], times=row["moved_times"], since=moment(row["moved_since"]))
        if row["moved_to"]
        else None,
        asks=row["asks"],
    )


def _asked(text: str | None) -> Asked:
    said = json.loads(text) if text else {}
    return Asked(
        wait=span(said.get("wait")), hours=frozenset(said.get("hours", ())), days=frozenset(said.get("days", ()))
    )


def _asked_text(asked: Asked) -> str | None:
    said = {"wait": lasted(asked.wait), "hours": sorted(asked.hours), "days": sorted(asked.days)}
    return json.dumps({name: value for name, value in said.items() if value}) if asked != NOTHING_ASKED else None


def release_feed(db: sqlite3.Connection, feed_id: int) -> None:
    """Gives a claim back unworked: it was no interruption."""
    db.execute(
        "UPDATE feeds SET claimed_at = NULL, interrupted = max(0, interrupted - 1)"
        " WHERE id = ? AND claimed_at IS NOT NULL",
        (feed_id,),
    )


def seen_rows(
    db: sqlite3.Connection, feed_id: int, marks: Collection[tuple[str, bytes]]
) -> dict[tuple[str, bytes], SeenRow]:
    """Which of these marks the feed has shown before."""
    asked = sorted(marks)
    batches = (asked[start : start + MARKS] for start in range(0, len(asked), MARKS))
    rows = (row for batch in batches for row in _seen(db, feed_id, batch))
    return {(row["kind"], row["mark"]): _seen_row(row) for row in rows}


def _seen(db: sqlite3.Connection, feed_id: int, marks: Sequence[tuple[str, bytes]]) -> sqlite3.Cursor:
    """One question for all: asked one by one they cost ten times as much."""
    return db.execute(
        f"WITH asked(kind, key) AS (VALUES {', '.join(['(?, ?)'] * len(marks))})"
        " SELECT seen.kind, seen.key AS mark, entry_key, fingerprint, ambiguous,"
        " entries.id, title, link, published_at"
        " FROM asked CROSS JOIN seen ON seen.feed_id = ? AND seen.kind = asked.kind AND seen.key = asked.key"
        " LEFT JOIN entries ON entries.feed_id = seen.feed_id AND entries.key = entry_key",
        (*(part for mark in marks for part in mark), feed_id),
    )


def _seen_row(row: sqlite3.Row) -> SeenRow:
    return SeenRow(
        kind=row["kind"],
        key=row["mark"],
        entry_key=row["entry_key"],
        fingerprint=row["fingerprint"],
        ambiguous=bool(row["ambiguous"]),
        entry=_shown(row) if row["id"] is not None else None,
    )


def _shown(row: sqlite3.Row) -> ParsedEntry:
    return ParsedEntry(title=row["title"], link=row["link"], published=moment(row["published_at"]))


def has_shown(db: sqlite3.Connection, feed_id: int) -> bool:
    """Whether the feed has ever shown an entry."""
    return db.execute("SELECT 1 FROM seen WHERE feed_id = ? LIMIT 1", (feed_id,)).fetchone() is not None


def remember_seen(db: sqlite3.Connection, feed_id: int, keys: Iterable[SeenRow], now: datetime) -> None:
    db.executemany(
        "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(feed_id, kind, key) DO UPDATE SET"
        " entry_key = excluded.entry_key, fingerprint = excluded.fingerprint,"
        " ambiguous = max(ambiguous, excluded.ambiguous), last_shown_at = excluded.last_shown_at",
        [(feed_id, key.kind, key.key, key.entry_key, key.fingerprint, int(key.ambiguous), micros(now)) for key in keys],
    )


def add_entries(
    db: sqlite3.Connection, feed_id: int, entries: Sequence[NewEntry], window: int | None, now: datetime
) -> None:
    """New entries and, where they are the first to name one, their articles; both due at once."""
    db.executemany(
        "INSERT INTO entries(feed_id, key, article_id, title, summary, content, link, authors, published_at,"
        " first_seen_at, how, window_id, outlet) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        [
            (
                feed_id, new.key, _article_of(db, new, now), new.entry.title, new.entry.summary, new.entry.content,
                new.link, json.dumps(new.entry.authors), micros(new.entry.published), micros(now), new.how,
                window if new.how == "backfill" else None, new.entry.outlet,
            )
            for new in entries
        ],
    )  # fmt: skip


def _article_of(db: sqlite3.Connection, new: NewEntry, now: datetime) -> int:
    found = db.execute(
        "SELECT ifnull((SELECT article_id FROM addresses WHERE address = ?), (SELECT id FROM articles WHERE key = ?))",
        (new.address, new.article_key),
    ).fetchone()[0]
    wanted = new.url is not None and new.how != "baseline" and not new.entry.headline_only
    if found is None:
        return _found_article(db, new, now, wanted=wanted)
    db.execute(
        "UPDATE articles SET due_at = ifnull(min(due_at, ?1), ?1),"
        " page_state = CASE WHEN page_state = 'not_wanted' AND ?2 THEN 'pending' ELSE page_state END"
        " WHERE id = ?3",
        (micros(now), wanted and new.address is not None, found),
    )
    return int(found)


def _found_article(db: sqlite3.Connection, new: NewEntry, now: datetime, *, wanted: bool) -> int:
    article = db.execute(
        "INSERT INTO articles(key, url, host, page_state, reason, due_at, first_seen_at) VALUES (?,?,?,?,?,?,?)"
        " RETURNING id",
        (
            new.article_key, new.url, new.host, "pending" if wanted else "not_wanted",
            Reason.HEADLINE_ONLY if new.entry.headline_only else None, micros(now), micros(now),
        ),
    ).fetchone()[0]  # fmt: skip
    if new.address is not None:
        db.execute("INSERT INTO addresses VALUES (?, ?, 'link')", (new.address, article))
    return int(article)


def change_entry(
    db: sqlite3.Connection, feed_id: int, key: str, entry: ParsedEntry, now: datetime, *, address: str | None = None
) -> bool:
    """A known entry says something else: a new version to decide. False where the entry was pruned.

    The change of a decided entry is news, even where the entry itself was too old to be. `address` is canonical, and
    its article's; one that is new leads to a page that could not be had so far.
    """
    changed = db.execute(
        "UPDATE entries SET version = version + 1, title = ?, summary = ?, content = ?, changed_at = ?,"
        " link = ifnull(?, link), how = CASE decided_version WHEN 0 THEN how ELSE 'new' END"
        " WHERE feed_id = ? AND key = ? RETURNING article_id",
        (entry.title, entry.summary, entry.content, micros(now), _web(entry.link), feed_id, key),
    ).fetchone()
    if changed is None:
        return False
    if address is not None and not entry.headline_only:
        _leads_to(db, changed[0], entry.address or "", address)
    db.execute("UPDATE articles SET due_at = ifnull(min(due_at, ?1), ?1) WHERE id = ?2", (micros(now), changed[0]))
    return True


def _web(link: str | None) -> str | None:
    return link if link and is_web(link) else None


def _leads_to(db: sqlite3.Connection, article: int, url: str, address: str) -> None:
    """The article has this address, too; where its page was not read, it is asked for there."""
    learnt = db.execute(
        "INSERT INTO addresses SELECT ?, id, 'link' FROM articles WHERE id = ? AND key GLOB 'a:*'"
        " ON CONFLICT DO NOTHING",
        (address, article),
    ).rowcount
    if learnt:
        db.execute(
            "UPDATE articles SET url = ?, host = ?, page_state = 'pending', tries = 0"
            " WHERE id = ? AND page_state IN ('pending', 'given_up') AND claimed_at IS NULL",
            (url, host_of(url), article),
        )


def record_poll(db: sqlite3.Connection, feed_id: int, polled: Polled, plan: Plan, now: datetime) -> None:
    """The end of a good poll: validators and the next time, in the transaction that stored its entries."""
    move = polled.move
    db.execute(
        "UPDATE feeds SET claimed_at = NULL, interrupted = 0, failures = 0, last_polled_at = :now, last_good_at = :now,"
        " first_polled_at = ifnull(first_polled_at, :now), hold_until = NULL,"
        " next_check_at = :again, because = :because, late = :late,"
        " outcome = :outcome, detail = :detail, etag = :etag, last_modified = :last_modified, body_sha = :body_sha,"
        " title = ifnull(:title, title), language = ifnull(:language, language),"
        " dated_at = :dated, gap = :gap, span = :span, asked = :asked,"
        " missed_at = CASE WHEN :missed THEN :now ELSE missed_at END,"
        " moved_to = :moved_to, moved_times = :moved_times, moved_since = :moved_since, asks = :asks WHERE id = :id",
        {
            "id": feed_id,
            "now": micros(now),
            "again": micros(plan.at),
            "because": plan.because,
            "late": lasted(plan.late),
            "outcome": polled.outcome,
            "detail": polled.detail,
            "etag": polled.validators.etag,
            "last_modified": polled.validators.last_modified,
            "body_sha": polled.body_sha,
            "title": polled.title,
            "language": polled.language,
            "dated": micros(polled.rhythm.newest),
            "gap": lasted(polled.rhythm.gap),
            "span": lasted(polled.rhythm.span),
            "asked": _asked_text(polled.asked),
            "missed": polled.missed,
            "moved_to": move.to if move else None,
            "moved_times": move.times if move else 0,
            "moved_since": micros(move.since) if move else None,
            "asks": polled.asks,
        },
    )


def record_failure(
    db: sqlite3.Connection, feed_id: int, failure: Failure, again: datetime | None, now: datetime
) -> None:
    """The end of a poll that brought nothing: validators stay as they are; without `again` the feed stops.

    An address that was learnt and fails is forgotten: the owner's is asked the next time.
    """
    db.execute(
        "UPDATE feeds SET claimed_at = NULL, interrupted = 0, failures = failures + 1, last_polled_at = ?,"
        " next_check_at = ?, outcome = ?, detail = ?, asks = NULL, moved_to = NULL, moved_times = 0,"
        " moved_since = NULL, hold_until = ? WHERE id = ?",
        (
            micros(now),
            micros(again),
            failure.reason,
            failure.detail,
            micros(again) if _asks_for_peace(failure) else None,
            feed_id,
        ),
    )


def _asks_for_peace(failure: Failure) -> bool:
    """Whether the server itself wants to be left alone, and not just this address."""
    refused = failure.reason is Reason.REFUSED and failure.status is not None
    return refused or failure.retry_after is not None


def known_parts(db: sqlite3.Connection, feed_id: int) -> dict[str, Part]:
    """The sitemaps of the feed's index by their addresses, in the index's order; empty for every other feed."""
    rows = db.execute("SELECT * FROM parts WHERE feed_id = ? ORDER BY place", (feed_id,)).fetchall()
    return {
        row["url"]: Part(
            url=row["url"],
            validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
            body_sha=row["body_sha"],
        )
        for row in rows
    }


def keep_parts(db: sqlite3.Connection, feed_id: int, parts: Sequence[Part]) -> None:
    """These and no others, in the transaction that stores their entries."""
    db.execute("DELETE FROM parts WHERE feed_id = ?", (feed_id,))
    db.executemany(
        "INSERT INTO parts(feed_id, place, url, etag, last_modified, body_sha) VALUES (?,?,?,?,?,?)",
        [
            (feed_id, place, part.url, part.validators.etag, part.validators.last_modified, part.body_sha)
            for place, part in enumerate(parts)
        ],
    )


_WITH_ENTRIES = (
    "SELECT feeds.*, (SELECT count(*) FROM entries WHERE feed_id = feeds.id) AS entries,"
    " (SELECT max(first_seen_at) FROM entries WHERE feed_id = feeds.id) AS newest_at FROM feeds"
)
"""A feed's row with how many entries it brought, and when the newest came."""


def list_feeds(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every configured feed with its state and what it brought, for people."""
    return db.execute(f"{_WITH_ENTRIES} WHERE removed_at IS NULL ORDER BY address").fetchall()


def find_feed(db: sqlite3.Connection, address: str) -> sqlite3.Row | None:
    """The same of one feed, configured or not, by its canonical address."""
    return db.execute(f"{_WITH_ENTRIES} WHERE address = ?", (address,)).fetchone()  # type: ignore[no-any-return]
