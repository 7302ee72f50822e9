"""Does it matter to anyone? The read loop.

    article whose turn it is → page → read in a worker → match
        → TX B (judge): article + decisions + story + alerts + deliveries, together

An entry stays pending until its page is read or given up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from feedwatch.articles.identity import believed_canonical
from feedwatch.articles.tries import next_try
from feedwatch.edges import metrics
from feedwatch.errors import WorkerError
from feedwatch.model import Failure, Reason
from feedwatch.pipeline.alone import Turns
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.judge import Understood, fail, put_off, settle
from feedwatch.pipeline.matching import matches
from feedwatch.pipeline.near import furniture, kept_out, suspects
from feedwatch.pipeline.pages import PAGE_DEADLINE, PageRead, page_of, page_request
from feedwatch.pipeline.reading import index_of_page, read_stored, read_words, told_by
from feedwatch.pipeline.robots import Robots
from feedwatch.store import articles, hostpages
from feedwatch.store.evidence import evidence_of
from feedwatch.store.feeds import ALONE
from feedwatch.text.addresses import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.model import Fetched, Page
    from feedwatch.pipeline.near import NearMiss
    from feedwatch.pipeline.program import Program
    from feedwatch.pipeline.reading import Reading
    from feedwatch.store.articles import ArticleWork, PendingEntry
    from feedwatch.store.writer import Store

log = logging.getLogger(__name__)

PER_HOST = 4
"""Articles of one host in flight: one is fetched (the host's limit), others are read or written meanwhile."""

IN_FLIGHT = 64
"""Articles in flight: enough to keep the workers busy, few enough for memory."""

SHORT = 1_000
"""Characters that are read on the spot: 0.3 ms, at worst 7, where the way to a worker and back costs 1 ms."""

COMMON = "\u2100"
"""The first letter that is not: a text of those before it, which are Europe's, Arabic's and India's, cannot fill the
tables of letters, nor make us wait for them to be filled.
"""

POISON = 6
"""An article that the process died over this often, the last times alone, is not read again."""


class Read:
    """The trade of the read loop."""

    name = "read"
    limit = IN_FLIGHT

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        program: Callable[[], Program],
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._fetcher, self._workers, self._program = store, fetcher, workers, program
        self._clock = clock
        self._turns = Turns()
        self.robots = Robots(fetcher, workers, program)

    async def claim(self, room: int, in_flight: Iterable[ArticleWork]) -> list[ArticleWork]:
        jobs = list(in_flight)
        if any(job.interrupted > ALONE for job in jobs):
            return []  # such a one is worked on alone
        at, hosts = self._clock(), Counter(job.host for job in jobs)
        claimed = await self._store.write(
            articles.claim_due_articles,
            at,
            room=room,
            per_host=1,  # a claim takes one of each host, and the next claim follows at once
            busy_hosts={host for host, n in hosts.items() if host and n >= PER_HOST},
            idle=not jobs,
            alone_first=self._turns.come(at),
        )
        self._turns.claimed(at, rows=len(claimed), in_flight=len(jobs))
        return claimed

    async def work(self, job: ArticleWork) -> None:
        program = self._program()
        understood = await self._completed(job, await self._understand(job, program), program)
        failure, at = understood.failure, self._clock()
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
            waited = at >= job.turn_at + program.plan.settings.reading.max_wait
            early = tuple(found for found in understood.found if found.lasts) if waited else ()
            await self._store.write(put_off, job, failure, again, understood.reading, early, program, at)

    async def failed(self, job: ArticleWork, error: Exception) -> None:
        failure = Failure(reason=Reason.WORKER_CRASH, detail=f"{type(error).__name__}: {error}")
        await self._store.write(fail, job, failure, self._clock())

    async def release(self, job: ArticleWork) -> None:
        await self._store.write(articles.release_article, job.id)

    async def _understand(self, job: ArticleWork, program: Program) -> Understood:
        if not job.fetch or job.url is None:
            reading = await self._think(job.stored.page if job.stored else None, job.entries)
            return Understood(reading=reading, found=matches(job.entries, job.url, reading, program))
        known = await self._store.read(hostpages.known_of, job.host, job.id, self._clock())
        fetch = partial(self._fetched, job, program)
        page = await page_of(fetch, self._workers, job.url, job.entries, known)
        if isinstance(page, PageRead):
            return Understood(
                reading=page.reading,
                found=matches(job.entries, job.url, page.reading, program),
                url=page.answer.url,
                addresses=further_addresses(job.url, page),
                answer=page.answer,
            )
        reading = await self._think(None, job.entries)
        return Understood(reading=reading, found=matches(job.entries, job.url, reading, program), failure=page)

    async def _fetched(self, job: ArticleWork, program: Program, url: str) -> Fetched | Failure:
        if job.interrupted > POISON:
            detail = f"feedwatch died {job.interrupted - 1} times while reading it"
            return Failure(reason=Reason.WORKER_CRASH, detail=detail, final=True)
        if job.held_until is not None:
            return _held(job.held_until, self._clock())
        return await self._fetcher.get(page_request(url, job.entries, program, self.robots.permit))

    async def _completed(self, job: ArticleWork, understood: Understood, program: Program) -> Understood:
        """With who nearly found it; where somebody may be alerted, with what its story knows it by and its evidence."""
        reading, answer = understood.reading, understood.answer
        found = {each.watch.root for each in understood.found}
        near = (
            *kept_out(job.entries, job.url, reading, program, found),
            *await self._furniture(job, understood, program, suspects(reading, program, found)),
        )
        kept = await asyncio.to_thread(evidence_of, answer, self._clock()) if answer and found else None
        if found and reading.telling is None:
            reading = replace(reading, telling=told_by(reading.page, job.entries[-1]))
        return replace(understood, reading=reading, near=near, kept=kept)

    async def _furniture(
        self, job: ArticleWork, understood: Understood, program: Program, roots: set[str]
    ) -> tuple[NearMiss, ...]:
        if understood.answer is None or not roots:
            return ()
        body, language = understood.answer.body, understood.reading.indexes[-1].language
        try:
            page = await self._workers.run(index_of_page, body, language, deadline=PAGE_DEADLINE)
        except WorkerError:
            return ()  # the article itself was read: a page too large for this question is decided all the same
        return tuple(furniture(job.entries, job.url, understood.reading, program, roots, page))

    async def _think(self, page: Page | None, entries: tuple[PendingEntry, ...]) -> Reading:
        if page is None and is_short(entries):
            return read_words(page, entries)
        return await self._workers.run(read_stored, page, entries, deadline=PAGE_DEADLINE)


def is_short(entries: tuple[PendingEntry, ...]) -> bool:
    """Whether it is so little that the loop does not wait for it: one entry of few letters."""
    if len(entries) != 1:
        return False
    said = entries[0].title + entries[0].summary + entries[0].content
    return len(said) <= SHORT and max(said, default="") < COMMON


def _held(until: datetime, at: datetime) -> Failure:
    """What a host's server told a feed holds for its pages: none is asked for."""
    detail = f"its server asked for peace until {until:%Y-%m-%d %H:%M} UTC, so it was not asked"
    return Failure(reason=Reason.REFUSED, detail=detail, retry_after=until - at)


def _said(told: int, failure: Failure | None) -> str:
    return f"alerts={told}" if failure is None else f"alerts={told} page={failure.reason} why={failure.detail!r}"


def further_addresses(asked: str | None, page: PageRead) -> dict[str, str]:
    """Where redirects ended and what the page calls itself and its AMP twin, as far as that can be believed."""
    end, said = page.answer.url, page.reading.page
    claims = (
        ("amp", said.amp if said else None),
        ("canonical", said.canonical if said else None),
        ("redirect", end if end != asked else None),
    )
    believed = ((how, believed_canonical(claim, end)) for how, claim in claims if claim)
    return {canonical(address): how for how, address in believed if address}
