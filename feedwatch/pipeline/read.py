"""Does it matter to anyone? The read loop.

    article whose turn it is → page → read in a worker → match
        → TX B: article + decisions + story + alerts + deliveries, together

Matching happens before the transaction, deciding inside it: what a watchlist has been told of a story is read there,
so that copies decided at once give one first alert. An entry stays pending until its page is read or given up; TX B
marks the entry versions that were read, so a change that comes meanwhile is decided too.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.decide import MUTED, Situation, decide
from feedwatch.alerts.identity import alert_id, first_cause, raise_cause
from feedwatch.articles.identity import believed_canonical
from feedwatch.articles.tries import next_try
from feedwatch.edges import metrics
from feedwatch.edges.http import Request
from feedwatch.errors import PageUnreadable, WorkerError
from feedwatch.model import Failure, Fetched, Match, Page, Reason
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.poll import WORKER_REASONS
from feedwatch.pipeline.reading import Reading, read_fetched, read_stored
from feedwatch.pipeline.zones import facts
from feedwatch.store import alerts, articles, mutes
from feedwatch.store.feeds import ALONE
from feedwatch.text.addresses import canonical
from feedwatch.watches.match import match
from feedwatch.watches.snippets import snippet
from feedwatch.watches.strength import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program, Watch
    from feedwatch.store import Connection
    from feedwatch.store.articles import ArticleWork, PendingEntry
    from feedwatch.store.writer import Store
    from feedwatch.watches.index import Index, Metadata

log = logging.getLogger(__name__)

PAGE_DEADLINE = timedelta(seconds=15)
"""The slowest of 749 real pages took 1.5 s."""

PER_HOST = 4
"""Articles of one host in flight: one is fetched (the host's limit), others are read or written meanwhile."""

IN_FLIGHT = 64
"""Articles in flight: enough to keep the workers busy, few enough for memory."""


POISON = 6
"""An article that the process died over this often, the last times alone, is not read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A watchlist's match on one entry."""

    entry: PendingEntry
    watch: Watch
    match: Match
    snippet: str
    reasons: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """An article's turn, thought through: what is left is to write it."""

    reading: Reading
    found: tuple[Found, ...]
    url: str | None = None  # where the redirects ended; None: nothing was fetched
    addresses: Mapping[str, str] = field(default_factory=dict)  # further ones of the article → how each was learnt
    failure: Failure | None = None  # why the page was not to be had


class Read:
    """The trade of the read loop."""

    name = "read"
    limit = IN_FLIGHT

    def __init__(self, store: Store, fetcher: Fetcher, workers: Workers, program: Callable[[], Program]) -> None:
        self._store, self._fetcher, self._workers, self._program = store, fetcher, workers, program

    async def claim(self, room: int, in_flight: Iterable[ArticleWork]) -> list[ArticleWork]:
        jobs = list(in_flight)
        if any(job.interrupted > ALONE for job in jobs):
            return []  # such a one is worked on alone
        hosts = Counter(job.host for job in jobs)
        return await self._store.write(
            articles.claim_due_articles,
            now(),
            room=room,
            per_host=1,  # a claim takes one of each host, and the next claim follows at once
            busy_hosts={host for host, n in hosts.items() if host and n >= PER_HOST},
            idle=not jobs,
        )

    async def work(self, job: ArticleWork) -> None:
        program = self._program()
        understood = await self._understand(job, program)
        failure, at = understood.failure, now()
        metrics.READS.labels(outcome=failure.reason if failure else "read" if understood.url else "feed text").inc()
        again = next_try(at, job.tries + 1, failure) if failure else None
        if failure is None or again is None:
            told = await self._store.write(settle, job, understood, program, at)
            log.log(
                logging.INFO if told or failure else logging.DEBUG, "read article=%s %s", job.key, _said(told, failure)
            )
        else:
            log.info(
                "read article=%s put_off_until=%s %s", job.key, again.isoformat(timespec="seconds"), _said(0, failure)
            )
            early = understood.found if at >= job.turn_at + program.plan.settings.reading.max_wait else ()
            await self._store.write(put_off, job, failure, again, early, program, at)

    async def failed(self, job: ArticleWork, error: Exception) -> None:
        failure = Failure(reason=Reason.WORKER_CRASH, detail=f"{type(error).__name__}: {error}")
        await self._store.write(fail, job, failure, now())

    async def release(self, job: ArticleWork) -> None:
        await self._store.write(articles.release_article, job.id)

    async def _understand(self, job: ArticleWork, program: Program) -> Understood:
        if not job.fetch or job.url is None:
            reading = await self._think(read_stored, job.stored.page if job.stored else None, job.entries)
            return Understood(reading=reading, found=matches(job, reading, program))
        answer = await self._fetched(job, job.url, program)
        seen = await self._read(job, answer, program) if isinstance(answer, Fetched) else answer
        if isinstance(seen, Understood):
            return seen
        reading = await self._think(read_stored, None, job.entries)
        return Understood(reading=reading, found=matches(job, reading, program), failure=seen)

    async def _fetched(self, job: ArticleWork, url: str, program: Program) -> Fetched | Failure:
        if job.interrupted > POISON:
            detail = f"feedwatch died {job.interrupted - 1} times while reading it"
            return Failure(reason=Reason.WORKER_CRASH, detail=detail, final=True)
        polling = program.plan.settings.polling
        return await self._fetcher.get(
            Request(url=url, owner=False, accept="page", timeout=polling.timeout, max_bytes=polling.max_bytes)
        )

    async def _read(self, job: ArticleWork, answer: Fetched, program: Program) -> Understood | Failure:
        try:
            reading = await self._think(
                read_fetched, answer.body, answer.url, answer.headers.get("content-type"), job.entries
            )
        except PageUnreadable as error:
            return Failure(reason=Reason.NO_TEXT, detail=str(error), final=True)
        except WorkerError as error:
            return Failure(reason=WORKER_REASONS[type(error)], detail=str(error))
        return Understood(
            reading=reading,
            found=matches(job, reading, program),
            url=answer.url,
            addresses=further_addresses(job.url, answer, reading.page),
        )

    async def _think(self, thought: Callable[..., Reading], *args: object) -> Reading:
        return await self._workers.run(thought, *args, deadline=PAGE_DEADLINE)


def _said(told: int, failure: Failure | None) -> str:
    return f"alerts={told}" if failure is None else f"alerts={told} page={failure.reason} why={failure.detail!r}"


def further_addresses(asked: str | None, answer: Fetched, page: Page | None) -> dict[str, str]:
    """Where the redirects ended and what the page calls itself, as far as that can be believed."""
    end = believed_canonical(answer.url, answer.url) if answer.url != asked else None
    claim = believed_canonical(page.canonical, answer.url) if page and page.canonical else None
    learnt = {}
    if claim:
        learnt[canonical(claim)] = "canonical"
    if end:
        learnt[canonical(end)] = "redirect"
    return learnt


def matches(job: ArticleWork, reading: Reading, program: Program) -> tuple[Found, ...]:
    """Every match of every watchlist on every entry that waits."""
    return tuple(
        found
        for entry, index in zip(job.entries, reading.indexes, strict=True)
        for root in sorted(program.presearch.candidates(index))
        if (found := _match(entry, index, _known(job, entry, reading, program), program.watches[root], reading))
    )


def _known(job: ArticleWork, entry: PendingEntry, reading: Reading, program: Program) -> Metadata:
    spec = program.plan.feeds.get(entry.feed)
    return facts(reading.page, entry, reading.url or job.url, spec.tags if spec else ())


def _match(entry: PendingEntry, index: Index, known: Metadata, watch: Watch, reading: Reading) -> Found | None:
    if watch.feeds is not None and entry.feed not in watch.feeds:
        return None
    found = match(watch.query, index, known)
    if found is None:
        return None
    reasons = {
        "judged": "page" if reading.page is not None else "feed text",
        "hits": [asdict(count) for count in explain(index, found.hits)],
    }
    return Found(entry=entry, watch=watch, match=found, snippet=snippet(index, found), reasons=reasons)


def settle(db: Connection, job: ArticleWork, understood: Understood, program: Program, at: datetime) -> int:
    """TX B: the article as it was read, and every decision on its entries; the number of alerts."""
    page = understood.reading.page
    if page is not None and understood.url is not None:
        twin = articles.twin(db, job.id, understood.addresses, articles.content_sha(page))
        if twin is not None:
            articles.merge_into(db, job.id, twin, at)
            return 0
        articles.learn_addresses(db, job.id, understood.addresses)
    revision = _revision(db, job, understood, at)
    searched = understood.reading.searched
    articles.index_text(db, job.id, title=searched.title, summary=searched.summary, body=searched.body)
    told = sum(decide_match(db, job, found, revision, program, at) for found in understood.found)
    articles.settle_article(db, job, at, page_state=_page_state(job, understood), failure=understood.failure)
    return told


def _page_state(job: ArticleWork, understood: Understood) -> str | None:
    """None: the page was not asked for, and what is known of it stays."""
    if understood.failure is not None:
        return "given_up"
    return "read" if job.fetch and understood.url is not None else None


def _revision(db: Connection, job: ArticleWork, understood: Understood, at: datetime) -> int:
    """The text that is decided on: the page's, or the feed's own."""
    page = understood.reading.page
    if page is not None and understood.url is not None:
        return articles.add_revision(db, job.id, "page", page, understood.url, at)
    if job.stored is not None:
        return job.stored.revision
    newest = job.entries[-1] if job.entries else None
    text = Page(title=newest.title, body=newest.content or newest.summary) if newest else Page(title="", body="")
    return articles.add_revision(db, job.id, "feed_text", text, None, at)


def decide_match(
    db: Connection, job: ArticleWork, found: Found, revision: int | None, program: Program, at: datetime
) -> bool:
    """One decision, inside the transaction: reads what was told, asks `decide`, writes the answer; True: an alert."""
    watch, strength = found.watch, found.match.strength
    story, key = alerts.story_of(db, job.id, job.key, at)
    told = max(
        filter(None, (alerts.told(db, story).get(watch.root), alerts.judged(db, found.entry.id, watch.root))),
        default=None,
    )
    mute = mutes.mute_of(db, watch.root, at)
    verdict = decide(
        Situation(
            strength=strength,
            told=told,
            how=found.entry.how,
            window_open=alerts.window_open(db, found.entry.window_id),
            before_watchlist=found.entry.shown_at < watch.since,
            floors=watch.floors,
            muted=mute is not None,
        )
    )
    alert = _open_alert(db, found, verdict.kind, story, key, at) if verdict.kind else None
    decision = alerts.add_decision(
        db,
        alerts.NewDecision(
            entry=found.entry.id,
            entry_version=found.entry.version,
            revision=revision,
            version=watch.version,
            outcome=verdict.outcome,
            strength=strength,
            score=found.match.score,
            snippet=found.snippet,
            reasons=found.reasons,
            alert=alert,
            mute=mute if verdict.outcome == MUTED else None,
        ),
        at,
    )
    if verdict.tells:
        alerts.remember_told(db, story, watch.root, strength)
    if alert is not None:
        alerts.add_article(db, alert, job.id, watch.root, decision)
        for channel, worded in verdict.channels:
            deliver_to(db, alert, program, channel, worded, at)
    return alert is not None


def _open_alert(db: Connection, found: Found, kind: str, story: int, key: str, at: datetime) -> str:
    strength = found.match.strength
    cause = first_cause(key) if kind == "first" else raise_cause(key, strength.word)
    alert = alert_id(found.watch.root, kind, cause)
    alerts.add_alert(
        db,
        alerts.NewAlert(id=alert, kind=kind, cause=cause, root=found.watch.root, story=story, strength=strength),
        at,
    )
    return alert


def deliver_to(db: Connection, alert: str, program: Program, channel: str, worded: str, at: datetime) -> None:
    """A delivery for each of the channel's targets."""
    for target in program.plan.channels[channel].targets:
        alerts.add_delivery(db, alert, program.targets[channel, target.name], worded, at)


def put_off(
    db: Connection,
    job: ArticleWork,
    failure: Failure,
    again: datetime,
    early: tuple[Found, ...],
    program: Program,
    at: datetime,
) -> None:
    """The page is asked for again later; a match on the feed's own text that waited long enough alerts now."""
    for found in early:
        decide_match(db, job, found, None, program, at)
    articles.retry_article(db, job.id, failure, again)


def fail(db: Connection, job: ArticleWork, failure: Failure, at: datetime) -> None:
    """A surprise: tried again like any failure; at the end the reason stands on the article."""
    again = next_try(at, job.tries + 1, failure)
    if again is not None:
        articles.retry_article(db, job.id, failure, again)
    else:
        articles.settle_article(db, job, at, page_state="given_up" if job.fetch else None, failure=failure)
