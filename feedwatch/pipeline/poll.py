"""Is there anything new? The poll loop.

    due feed → fetch (conditional) → parse in a worker → new | changed | seen
        → TX A: entries + articles + what was seen + validators + the next time, together

Validators are committed with the entries, never earlier: else a crash between the two turns into 304 for ever, and
the news is lost.
"""

from __future__ import annotations

import hashlib
import logging
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.articles.identity import article_key
from feedwatch.edges import metrics
from feedwatch.edges.http import Request
from feedwatch.errors import FeedUnreadable, WorkerCrash, WorkerError, WorkerMemory, WorkerTimeout
from feedwatch.feeds.novelty import Novelty, Verdict, classify, keys
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.schedule import after_failure, after_first, after_success
from feedwatch.model import Failure, FeedSpec, FeedState, Fetched, ParsedEntry, ParsedFeed, Reason, Validators
from feedwatch.pipeline.clock import now
from feedwatch.store import alerts, feeds
from feedwatch.text.addresses import canonical, host_of, is_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection
    from feedwatch.store.writer import Store

log = logging.getLogger(__name__)

PARSE_DEADLINE = timedelta(seconds=30)
"""A real 2.2 MB feed took 2.8 s; a 32 KB one made for it takes 5.5 s."""

QUIET = frozenset({"nothing new", "not modified"})
"""Outcomes that a log need not tell."""

WORKER_REASONS = {
    WorkerTimeout: Reason.WORKER_TIMEOUT,
    WorkerMemory: Reason.WORKER_MEMORY,
    WorkerCrash: Reason.WORKER_CRASH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A document that is worth looking at entry by entry, and what to remember of its transfer."""

    document: ParsedFeed
    validators: Validators
    body_sha: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server says, or the body shows, that nothing is new."""

    outcome: str
    validators: Validators
    body_sha: bytes | None


class Poll:
    """The trade of the poll loop."""

    name = "poll"

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        program: Callable[[], Program],
        *,
        limit: int,
        until: datetime | None = None,
    ) -> None:
        self._store, self._fetcher, self._workers, self._program = store, fetcher, workers, program
        self.limit = limit
        self._until = until  # only what is due by then, once; None: what is due, for ever

    async def claim(self, room: int, in_flight: Iterable[FeedState]) -> list[FeedState]:
        jobs = list(in_flight)
        if any(feed.interrupted > feeds.ALONE for feed in jobs):
            return []  # such a one is polled alone
        busy = {host_of(feed.url) for feed in jobs}
        return await self._store.write(
            feeds.claim_due_feeds, now(), room=room, busy_hosts=busy, idle=not busy, until=self._until
        )

    async def work(self, feed: FeedState) -> None:
        program = self._program()
        spec = program.plan.feeds.get(feed.address)
        if spec is None:  # removed from the config meanwhile
            await self.release(feed)
            return
        finding = await self._understand(feed, await self._fetcher.get(request(feed, spec, program)))
        told = await self._store.write(record, feed, spec, finding, program, now(), random.random())  # noqa: S311 - spreads load
        metrics.POLLS.labels(outcome=told.partition(":")[0]).inc()
        log.log(logging.DEBUG if told in QUIET else logging.INFO, "poll feed=%s outcome=%r", feed.url, told)

    async def _understand(self, feed: FeedState, answer: Fetched | Failure) -> News | Unchanged | Failure:
        if isinstance(answer, Failure):
            return answer
        if not answer.body:
            return Unchanged(outcome="not modified", validators=kept(feed, answer), body_sha=feed.body_sha)
        sha = hashlib.sha256(answer.body).digest()
        if sha == feed.body_sha:
            return Unchanged(outcome="nothing new", validators=given(answer), body_sha=sha)
        try:
            document = await self._workers.run(
                parse_feed, answer.body, answer.headers.get("content-type"), answer.url, deadline=PARSE_DEADLINE
            )
        except FeedUnreadable as error:
            return Failure(reason=Reason.NOT_A_FEED, detail=str(error))
        except WorkerError as error:
            return Failure(reason=WORKER_REASONS[type(error)], detail=str(error))
        return News(document=document, validators=given(answer), body_sha=sha)

    async def failed(self, feed: FeedState, error: Exception) -> None:
        failure = Failure(reason=Reason.WORKER_CRASH, detail=f"{type(error).__name__}: {error}")
        program = self._program()
        spec = program.plan.feeds.get(feed.address) or FeedSpec(address=feed.address, url=feed.url)
        await self._store.write(record, feed, spec, failure, program, now(), 0.5)

    async def release(self, feed: FeedState) -> None:
        await self._store.write(feeds.release_feed, feed.id)


def request(feed: FeedState, spec: FeedSpec, program: Program) -> Request:
    """Conditional as soon as there is something to be conditional on; the owner's own spelling of the address."""
    polling = program.plan.settings.polling
    return Request(
        url=spec.url,
        validators=feed.validators,
        owner=True,
        accept="feed",
        timeout=polling.timeout,
        max_bytes=polling.max_bytes,
    )


def given(answer: Fetched) -> Validators:
    """Both, one or none: what the server dropped is dropped."""
    return Validators(etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified"))


def kept(feed: FeedState, answer: Fetched) -> Validators:
    """A 304 may bring new validators; one that brings none confirms those we have."""
    new = given(answer)
    return Validators(
        etag=new.etag or feed.validators.etag, last_modified=new.last_modified or feed.validators.last_modified
    )


def record(
    db: Connection,
    feed: FeedState,
    spec: FeedSpec,
    finding: News | Unchanged | Failure,
    program: Program,
    at: datetime,
    jitter: float,
) -> str:
    """TX A: what the poll found and the feed's new state, or none of it; the outcome in words."""
    pace = program.plan.settings.polling
    if isinstance(finding, Failure):
        again = after_failure(at, spec.interval, pace, feed.failures + 1, finding, jitter)
        feeds.record_failure(db, feed.id, finding, again, at)
        return f"{finding.reason}: {finding.detail}"
    first = feed.first_polled_at is None
    again = (
        after_first(at, spec.interval, pace, feed.address) if first else after_success(at, spec.interval, pace, jitter)
    )
    if isinstance(finding, Unchanged):
        polled = feeds.Polled(
            outcome=finding.outcome, detail="", validators=finding.validators, body_sha=finding.body_sha
        )
    else:
        polled = take_in(db, feed, finding, program.plan.settings.alerts.backfill, at)
    polled = replace(polled, language=spec.language or polled.language)
    feeds.record_poll(db, feed.id, polled, again, at)
    return f"{polled.outcome}: {polled.detail}" if polled.detail and polled.outcome == "new" else polled.outcome


def take_in(db: Connection, feed: FeedState, news: News, backfill: timedelta, at: datetime) -> feeds.Polled:
    """Stores what is new or changed among a document's entries, and what was shown."""
    entries = news.document.entries
    seen = feeds.seen_rows(db, feed.id, (mark for entry in entries for mark in keys(entry).marks))
    verdicts = classify(entries, seen)
    changed = {
        verdict.entry_key
        for verdict in verdicts
        if verdict.novelty is Novelty.CHANGED and feeds.change_entry(db, feed.id, verdict.entry_key, verdict.entry, at)
    }
    new = [
        _new_entry(feed, verdict, _how(feed, verdict.entry, backfill, at))
        for verdict in verdicts
        if verdict.novelty is not Novelty.SEEN and verdict.entry_key not in changed
    ]
    waiting = sum(entry.how == "backfill" for entry in new)
    window = alerts.open_backfill(db, at, waiting) if waiting else None
    feeds.add_entries(db, feed.id, new, window, at)
    feeds.remember_seen(db, feed.id, (row for verdict in verdicts for row in verdict.remember), at)
    return feeds.Polled(
        outcome="new" if new or changed else "nothing new",
        detail=_told(len(new), len(changed), news.document.left_out),
        validators=news.validators,
        body_sha=news.body_sha,
        title=news.document.title or None,
        language=news.document.language,
    )


def _told(new: int, changed: int, left_out: int) -> str:
    cut = f", {left_out} older ones beyond the cap left out" if left_out else ""
    return f"{new} new, {changed} changed{cut}"


def _how(feed: FeedState, entry: ParsedEntry, backfill: timedelta, at: datetime) -> str:
    """A first poll shows what is old: what is surely of the last day is told in one digest, the rest is baseline."""
    if feed.first_polled_at is not None:
        return "new"
    claimed = entry.published or entry.updated
    return "backfill" if claimed is not None and at - backfill <= claimed <= at else "baseline"


def _new_entry(feed: FeedState, verdict: Verdict, how: str) -> feeds.NewEntry:
    link = verdict.entry.link if verdict.entry.link and is_web(verdict.entry.link) else None
    address = canonical(link) if link and verdict.address_is_identity else None
    return feeds.NewEntry(
        key=verdict.entry_key,
        entry=verdict.entry,
        how=how,
        article_key=article_key(link, feed.address, verdict.entry_key, address_is_identity=verdict.address_is_identity),
        address=address,
        host=host_of(link) if link else "",
        url=link,
    )
