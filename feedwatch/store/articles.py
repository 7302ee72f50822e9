"""Articles and their pending entries: everything the reading loop claims and writes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from feedwatch.model import Failure, Page
from feedwatch.store.alerts import merge_told
from feedwatch.store.feeds import ALONE, CALLED, LOOKED_AT, chosen
from feedwatch.store.stories import hand_over
from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


PAGE = (
    "CASE WHEN page_state = 'given_up' THEN ifnull(reason, 'given_up')"
    " WHEN reason = 'headline_only' THEN reason ELSE page_state END"
)
"""An article's page in a word, for people."""

LONGEST_WAIT = timedelta(hours=1)
"""No article is put off for longer than this; a later time comes from a clock that went back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEntry:
    """An entry version that waits for its decision."""

    id: int
    version: int
    feed: str  # the feed's address
    title: str
    summary: str
    content: str
    how: str
    window_id: int | None
    shown_at: datetime  # when this version was first seen
    link: str | None = None
    authors: tuple[str, ...] = ()
    host: str = ""  # the feed's
    outlet: str = ""  # who published it: an aggregator's entries say so, else what the feed is called
    feed_name: str = ""
    language: str = ""  # the feed's, as the config or itself says


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """What was read of an article before: its latest revision of a page."""

    revision: int
    page: Page
    url: str | None = None  # where the redirects ended


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWork:
    """An article whose turn it is, claimed: its page to fetch, or its entries to decide on what is stored."""

    id: int
    key: str
    url: str | None
    host: str
    fetch: bool  # its page is still to be read
    stored: StoredPage | None
    tries: int
    interrupted: int  # this claim included
    turn_at: datetime
    entries: tuple[PendingEntry, ...]
    held_until: datetime | None = None  # its host's server asked for peace, as a feed of that host was told


def claim_due_articles(
    db: sqlite3.Connection,
    now: datetime,
    *,
    room: int,
    per_host: int,
    busy_hosts: Collection[str],
    idle: bool,
    alone_first: bool = False,
) -> list[ArticleWork]:
    """Up to `room` articles that want work, the longest waiting first, at most `per_host` of one host.

    An article that was interrupted too often comes only when nothing else is in flight (`idle`), and alone: after all
    others, or before them (`alone_first`), when nothing comes until it is idle.
    """
    find = partial(_due_articles, db, now, busy_hosts, per_host=per_host)
    due = chosen(find, room, idle=idle, alone_first=alone_first)
    rows = [
        db.execute(
            "UPDATE articles SET claimed_at = ?1, interrupted = interrupted + 1,"
            " turn_at = CASE page_state WHEN 'pending' THEN ifnull(min(turn_at, ?1), ?1) ELSE turn_at END"
            " WHERE id = ?2 RETURNING *",
            (micros(now), row["id"]),
        ).fetchone()
        for row in due
    ]
    return [_work(db, row, now) for row in rows]


def _due_articles(
    db: sqlite3.Connection, now: datetime, busy: Collection[str], *, alone: bool, room: int, per_host: int
) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT id FROM ("
        "  SELECT id, due_at, row_number() OVER (PARTITION BY host ORDER BY due_at, id) AS turn, host FROM ("
        "    SELECT id, due_at, host FROM articles INDEXED BY articles_due WHERE due_at <= :now"
        "    AND claimed_at IS NULL AND (interrupted >= :alone) = :is_alone"
        "    AND host NOT IN (SELECT value FROM json_each(:busy)) ORDER BY due_at LIMIT :looked_at))"
        " WHERE turn <= :per_host OR host = '' ORDER BY due_at, id LIMIT :room",
        {
            "now": micros(now),
            "alone": ALONE,
            "is_alone": alone,
            "busy": json.dumps(sorted(busy)),
            "looked_at": LOOKED_AT * room,
            "per_host": per_host,
            "room": room,
        },
    ).fetchall()


def _work(db: sqlite3.Connection, row: sqlite3.Row, now: datetime) -> ArticleWork:
    return ArticleWork(
        id=row["id"],
        key=row["key"],
        url=row["url"],
        host=row["host"],
        fetch=row["page_state"] == "pending",
        stored=latest_page(db, row["id"]) if row["page_state"] == "read" else None,
        tries=row["tries"],
        interrupted=row["interrupted"],
        turn_at=moment(row["turn_at"] or row["claimed_at"]),
        entries=tuple(_pending_entries(db, row["id"])),
        held_until=moment(_hold(db, row["host"], now)),
    )


def _hold(db: sqlite3.Connection, host: str, now: datetime) -> int | None:
    held = db.execute(
        "SELECT max(hold_until) FROM feeds WHERE host = ? AND hold_until > ? AND removed_at IS NULL",
        (host, micros(now)),
    )
    until: int | None = held.fetchone()[0]
    return until


def _pending_entries(db: sqlite3.Connection, article: int) -> Iterable[PendingEntry]:
    return entries_of(db, article, "INDEXED BY entries_pending", "AND decided_version < version")


def entries_of(db: sqlite3.Connection, article: int, way: str = "", only: str = "") -> Iterable[PendingEntry]:
    """The article's entries, decided or not, the oldest first."""
    for row in db.execute(
        "SELECT entries.*, feeds.address, feeds.host, feeds.language,"
        f" {CALLED} AS called FROM entries {way} JOIN feeds ON feeds.id = feed_id"
        f" WHERE article_id = ? {only} ORDER BY entries.id",
        (article,),
    ):
        yield PendingEntry(
            id=row["id"],
            version=row["version"],
            feed=row["address"],
            title=row["title"],
            summary=row["summary"],
            content=row["content"],
            how=row["how"],
            window_id=row["window_id"],
            shown_at=moment(row["changed_at"] or row["first_seen_at"]),
            link=row["link"],
            authors=tuple(json.loads(row["authors"])),
            host=row["host"],
            outlet=row["outlet"] or row["called"],
            feed_name=row["called"],
            language=row["language"] or "",
        )


def latest_page(db: sqlite3.Connection, article: int) -> StoredPage | None:
    row = db.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND kind = 'page' ORDER BY n DESC LIMIT 1", (article,)
    ).fetchone()
    if row is None:
        return None
    page = Page(
        title=row["title"],
        body=row["body"],
        language=row["language"],
        authors=tuple(json.loads(row["authors"])),
        published=moment(row["published_at"]),
        captions=tuple(json.loads(row["captions"])),
        teasers=tuple(json.loads(row["teasers"])),
        paywalled=not row["whole"],
        background=tuple(json.loads(row["background"])),
    )
    return StoredPage(revision=row["id"], page=page, url=row["url"])


def content_sha(page: Page) -> bytes:
    """What makes two readings the same text, and the same captions."""
    return hashlib.sha256("\0".join((page.title, page.body, *page.captions)).encode("utf-8", "surrogatepass")).digest()


def add_revision(db: sqlite3.Connection, article: int, kind: str, page: Page, url: str | None, now: datetime) -> int:
    """The revision that says what `page` says: the latest one, or a new one."""
    sha = content_sha(page)
    last = db.execute(
        "SELECT id, n, kind, content_sha FROM revisions WHERE article_id = ? ORDER BY n DESC LIMIT 1",
        (article,),
    ).fetchone()
    if last is not None and (last["kind"], last["content_sha"]) == (kind, sha):
        return int(last["id"])
    row = db.execute(
        "INSERT INTO revisions(article_id, n, kind, fetched_at, url, content_sha, title, body, language, authors,"
        " published_at, captions, teasers, whole, background) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id",
        (
            article, last["n"] + 1 if last else 1, kind, micros(now), url, sha, page.title, page.body,
            page.language, json.dumps(page.authors), micros(page.published),
            json.dumps(page.captions, ensure_ascii=False), json.dumps(page.teasers, ensure_ascii=False),
            not page.paywalled, json.dumps(page.background, ensure_ascii=False),
        ),
    ).fetchone()  # fmt: skip
    return int(row[0])


def twin(db: sqlite3.Connection, article: int, addresses: Iterable[str], sha: bytes) -> int | None:
    """Another article that one of the addresses names and that says the same text.

    Where several entries share an address (a live page) each is an article of its own, whatever the page says.
    """
    if not _has_address(db, article):
        return None
    for address in addresses:
        row = db.execute(
            "SELECT article_id FROM addresses JOIN revisions USING(article_id)"
            " WHERE address = ? AND article_id != ? AND kind = 'page' AND content_sha = ?",
            (address, article, sha),
        ).fetchone()
        if row is not None:
            return int(row[0])
    return None


def _has_address(db: sqlite3.Connection, article: int) -> bool:
    """Whether an address is this article's identity: see articles.identity.article_key."""
    return bool(db.execute("SELECT key GLOB 'a:*' FROM articles WHERE id = ?", (article,)).fetchone()[0])


def merge_into(db: sqlite3.Connection, article: int, other: int, now: datetime) -> None:
    """All entries and addresses of `article` become those of `other`, which has entries to decide then.

    What was told of `article` (on its feed's text, before its page was read) counts as told of `other`.
    """
    merge_told(db, article, other)
    hand_over(db, article, other)
    db.execute("UPDATE entries SET article_id = ? WHERE article_id = ?", (other, article))
    db.execute("UPDATE addresses SET article_id = ? WHERE article_id = ?", (other, article))
    db.execute(
        "UPDATE articles SET page_state = 'not_wanted', reason = 'same_article', detail = ?, due_at = NULL,"
        " claimed_at = NULL, interrupted = 0 WHERE id = ?",
        (str(other), article),
    )
    db.execute("UPDATE articles SET due_at = ifnull(min(due_at, ?1), ?1) WHERE id = ?2", (micros(now), other))


def learn_addresses(db: sqlite3.Connection, article: int, addresses: Mapping[str, str]) -> None:
    """Further addresses of an article, each with how it was learnt; one that names another article is left."""
    if not _has_address(db, article):
        return
    db.executemany(
        "INSERT INTO addresses VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(address, article, how) for address, how in addresses.items()],
    )


def index_text(db: sqlite3.Connection, article: int, *, title: str, summary: str, body: str) -> None:
    """Adds to what `search` finds the article by: folded tokens, made by watches.fts."""
    old = db.execute("SELECT title, summary, body FROM fts WHERE rowid = ?", (article,)).fetchone() or ("", "", "")
    db.execute("DELETE FROM fts WHERE rowid = ?", (article,))
    db.execute(
        "INSERT INTO fts(rowid, title, summary, body) VALUES (?, ?, ?, ?)",
        (article, _joined(old[0], title), _joined(old[1], summary), body or old[2]),
    )


def _joined(old: str, new: str) -> str:
    """Both, where the second says something else: an article has the titles of all its entries."""
    return old if new in old else f"{old} {new}".strip()


def settle_article(
    db: sqlite3.Connection,
    work: ArticleWork,
    now: datetime,
    *,
    page_state: str | None = None,
    failure: Failure | None = None,
) -> None:
    """The entry versions that were read are decided; what came meanwhile is due at once.

    Without `page_state` the page was not asked for, and what is known of it stays.
    """
    db.executemany(
        "UPDATE entries SET decided_version = max(decided_version, ?) WHERE id = ?",
        [(entry.version, entry.id) for entry in work.entries],
    )
    db.execute(
        "UPDATE articles SET claimed_at = NULL, interrupted = 0, due_at = CASE WHEN EXISTS("
        "   SELECT 1 FROM entries WHERE article_id = ?1 AND decided_version < version) THEN ?2 END"
        " WHERE id = ?1",
        (work.id, micros(now)),
    )
    if page_state is not None:
        db.execute(
            "UPDATE articles SET page_state = ?, reason = ?, detail = ?, tries = tries + 1 WHERE id = ?",
            (page_state, failure and failure.reason, failure and failure.detail, work.id),
        )


def page_was_read(db: sqlite3.Connection, article: int) -> None:
    """A page that was given up was to be had after all."""
    db.execute("UPDATE articles SET page_state = 'read', reason = NULL, detail = NULL WHERE id = ?", (article,))


def retry_article(db: sqlite3.Connection, article: int, failure: Failure, at: datetime) -> None:
    """The page was not to be had; its turn comes again."""
    db.execute(
        "UPDATE articles SET tries = tries + 1, reason = ?, detail = ?, due_at = ?, claimed_at = NULL,"
        " interrupted = 0 WHERE id = ?",
        (failure.reason, failure.detail, micros(at), article),
    )


def release_article(db: sqlite3.Connection, article: int) -> None:
    """Gives a claim back unworked: it was no interruption."""
    db.execute(
        "UPDATE articles SET claimed_at = NULL, interrupted = max(0, interrupted - 1)"
        " WHERE id = ? AND claimed_at IS NOT NULL",
        (article,),
    )


def make_pending_due(db: sqlite3.Connection, now: datetime) -> None:
    """At start: an article with something to decide has a time, and none that a clock set back put far off."""
    db.execute(
        "UPDATE articles SET due_at = ?1 WHERE due_at IS NULL"
        " AND id IN (SELECT article_id FROM entries WHERE decided_version < version)",
        (micros(now),),
    )
    db.execute("UPDATE articles SET due_at = ?1 WHERE due_at > ?2", (micros(now), micros(now + LONGEST_WAIT)))


def reading_counts(db: sqlite3.Connection) -> dict[str, int]:
    """Articles by state, the failed ones by reason."""
    rows = db.execute(f"SELECT {PAGE} AS state, count(*) AS n FROM articles GROUP BY 1 ORDER BY 1")
    return {row["state"]: row["n"] for row in rows}
