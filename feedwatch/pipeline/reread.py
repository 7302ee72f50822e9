"""Does it still say so? The second shift of the read loop.

    article whose next look is due → its page, asked for conditionally → read in a worker → compared
        → one transaction (revise): revision + decisions + alerts + deliveries + the next look

It has a loop of its own, so that it can give way: to feeds and to first readings of the same host, always.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from feedwatch.articles.changes import compare
from feedwatch.articles.rereading import next_look
from feedwatch.articles.tries import next_try
from feedwatch.edges import metrics
from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.matching import matches
from feedwatch.pipeline.pages import NO_VALIDATORS, PAGE_DEADLINE, PageRead, page_of, page_request
from feedwatch.pipeline.reading import read_posts, read_stored
from feedwatch.pipeline.revise import Revised, Unchanged, is_missing, revise, unchanged, vanished
from feedwatch.pipeline.robots import Robots
from feedwatch.store import hostpages, rereads
from feedwatch.store.articles import content_sha
from feedwatch.store.evidence import evidence_of
from feedwatch.text.addresses import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.model import Page, Post, Validators
    from feedwatch.pipeline.program import Program
    from feedwatch.store.articles import StoredPage
    from feedwatch.store.evidence import Evidence
    from feedwatch.store.rereads import RereadWork
    from feedwatch.store.writer import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

IN_FLIGHT = 8
"""Articles in flight: the workers are there for what is new."""

POISON = 3
"""An article that the process died over this often is not read again."""


class Reread:
    """The trade of the loop that reads again."""

    name = "reread"
    limit = IN_FLIGHT

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        program: Callable[[], Program],
        *,
        robots: Robots | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._fetcher, self._workers, self._program = store, fetcher, workers, program
        self._clock = clock
        self._robots = robots or Robots(fetcher, workers, program)

    async def claim(self, room: int, in_flight: Iterable[RereadWork]) -> list[RereadWork]:
        busy = {job.host for job in in_flight}
        return await self._store.write(rereads.claim_due, self._clock(), room=room, busy_hosts=busy)

    async def work(self, job: RereadWork) -> None:
        program = self._program()
        look = await self._look(job, program)
        at = self._clock()
        metrics.REREADS.labels(outcome=_outcome(look)).inc()
        if isinstance(look, Revised):
            told = await self._store.write(revise, job, look, program, at)
            log.info("reread article=%s outcome=changed alerts=%d", job.key, told)
        elif isinstance(look, Unchanged):
            await self._store.write(unchanged, job, look, at)
            log.debug("reread article=%s outcome=unchanged", job.key)
        elif is_missing(look):
            told = await self._store.write(vanished, job, program, at)
            log.info("reread article=%s outcome=missing alerts=%d", job.key, told)
        else:
            again = next_try(at, job.tries + 1, look) or next_look(job.since, at)
            await self._store.write(rereads.failed, job.id, at, look.reason, again, tries=job.tries + 1)
            log.info("reread article=%s outcome=%s why=%r", job.key, look.reason, look.detail)

    async def failed(self, job: RereadWork, error: Exception) -> None:
        del error  # it is in the log; the article stays as it was read before
        at, why = self._clock(), Reason.WORKER_CRASH
        await self._store.write(rereads.failed, job.id, at, why, next_look(job.since, at), tries=job.tries + 1)

    async def release(self, job: RereadWork) -> None:
        await self._store.write(rereads.release, job.id)

    async def _look(self, job: RereadWork, program: Program) -> Revised | Unchanged | Failure:
        first = await self._get(job, program, job.url, job.validators if job.proved else NO_VALIDATORS)
        if isinstance(first, Failure):
            return first
        if first.status == HTTPStatus.NOT_MODIFIED:
            return Unchanged()
        known = await self._store.read(hostpages.known_of, job.host, job.id, self._clock())
        fetch = partial(self._again, job, program, first)
        page = await page_of(fetch, self._workers, job.url, job.entries, known)
        if isinstance(page, Failure):
            return page
        return await self._compared(job, program, page)

    async def _again(self, job: RereadWork, program: Program, first: Fetched, url: str) -> Fetched | Failure:
        """The answer that is there, or that of the page which it leads on to."""
        return first if url == job.url else await self._get(job, program, url, NO_VALIDATORS)

    async def _get(self, job: RereadWork, program: Program, url: str, known: Validators) -> Fetched | Failure:
        if job.interrupted > POISON:
            detail = f"feedwatch died {job.interrupted - 1} times while reading it again"
            return Failure(reason=Reason.WORKER_CRASH, detail=detail, final=True)
        return await self._fetcher.get(page_request(url, job.entries, program, self._robots.permit, known))

    async def _compared(self, job: RereadWork, program: Program, seen: PageRead) -> Revised | Unchanged | Failure:
        page, old = seen.reading.page, job.stored
        if page is None or not page.is_article:
            return Failure(reason=Reason.NO_TEXT, detail="what is there now is no article", final=True)
        kept = await asyncio.to_thread(evidence_of, seen.answer, self._clock())
        if page.posts:
            return await self._live(job, program, seen, page, kept)
        if old is None:
            found = matches(job.entries, job.url, seen.reading, program)
            return Revised(reading=seen.reading, answer=seen.answer, kept=kept, found=found)
        if content_sha(page) == content_sha(old.page):
            return Unchanged(answer=seen.answer, kept=None if job.proved else kept)
        return await self._against(old, job, program, seen, page, kept)

    async def _against(
        self, old: StoredPage, job: RereadWork, program: Program, seen: PageRead, page: Page, kept: Evidence
    ) -> Revised | Unchanged | Failure:
        """What is there now, beside what was there."""
        diff = await self._think(compare, old.page, page)
        if diff.another and canonical(seen.answer.url) != canonical(old.url or job.url):
            return Failure(reason=Reason.NO_TEXT, detail=f"it leads to another page now: {seen.answer.url}", final=True)
        if diff.cut or (page.paywalled and job.why != rereads.BODY_NOT_SEEN):
            return Unchanged(found=rereads.CUT)  # nothing is learnt, not even validators
        before = await self._think(read_stored, old.page, job.entries)
        return Revised(
            reading=seen.reading,
            answer=seen.answer,
            kept=kept,
            found=matches(job.entries, job.url, seen.reading, program),
            before=matches(job.entries, job.url, before, program),
            diff=diff,
        )

    async def _live(
        self, job: RereadWork, program: Program, seen: PageRead, page: Page, kept: Evidence
    ) -> Revised | Unchanged:
        """Of a page of posts only those that are new matter."""
        new = newest_first(post for post in page.posts if job.posts.isdisjoint(post.keys))
        if not new:
            return Unchanged(answer=seen.answer)
        readings = await self._think(read_posts, page, new, job.entries)
        found = (matches(job.entries, job.url, reading, program) for reading in readings)
        posts = tuple(zip(new, found, strict=True))
        return Revised(reading=seen.reading, answer=seen.answer, kept=kept, posts=posts)

    async def _think(self, thought: Callable[..., T], *args: object) -> T:
        return await self._workers.run(thought, *args, deadline=PAGE_DEADLINE)


def _outcome(look: Revised | Unchanged | Failure) -> str:
    """What was found, in a word."""
    if isinstance(look, Failure):
        return rereads.MISSING if is_missing(look) else look.reason
    return look.found if isinstance(look, Unchanged) else rereads.OTHER


def newest_first(posts: Iterable[Post]) -> tuple[Post, ...]:
    """By their times where all have one, else in the page's order, which is mostly that."""
    every = tuple(posts)
    times = {post.key: post.at for post in every if post.at is not None}
    return tuple(sorted(every, key=lambda post: times[post.key], reverse=True)) if len(times) == len(every) else every
