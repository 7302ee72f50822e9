"""Is there anything new? The poll loop.

due feed → fetch (conditional) → parse in a worker → new | changed | seen
→ TX A (intake): entries + articles + what was seen + validators + the next time, together
"""

from __future__ import annotations

import hashlib
import logging
import random
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.edges import metrics
from feedwatch.edges.http import Request
from feedwatch.edges.workers import worker_failure
from feedwatch.errors import FeedUnreadable, WorkerError
from feedwatch.model import Failure, FeedSpec, FeedState, Fetched, Reason
from feedwatch.pipeline.alone import Turns
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.findings import Finding, News, Unchanged, kept, parsed, transfer
from feedwatch.pipeline.intake import record
from feedwatch.pipeline.sitemaps import is_setback, spec_of, state_of, together
from feedwatch.store import feeds
from feedwatch.text.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program
    from feedwatch.store.writer import Store

log = logging.getLogger(__name__)

QUIET = frozenset({"nothing new", "not modified"})
"""Outcomes that a log need not tell."""


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
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._fetcher, self._workers, self._program = store, fetcher, workers, program
        self.limit = limit
        self._clock = clock
        self._turns = Turns()
        self._until = until  # only what is due by then, once; None: what is due, for ever

    async def claim(self, room: int, in_flight: Iterable[FeedState]) -> list[FeedState]:
        jobs = list(in_flight)
        if any(feed.interrupted > feeds.ALONE for feed in jobs):
            return []  # such a one is polled alone
        at, busy = self._clock(), {host_of(feed.url) for feed in jobs}
        claimed = await self._store.write(
            feeds.claim_due_feeds,
            at,
            room=room,
            busy_hosts=busy,
            idle=not jobs,
            alone_first=self._turns.come(at),
            until=self._until,
        )
        self._turns.claimed(at, rows=len(claimed), in_flight=len(jobs))
        return claimed

    async def work(self, feed: FeedState) -> None:
        program = self._program()
        spec = program.plan.feeds.get(feed.address)
        if spec is None:  # removed from the config meanwhile
            await self.release(feed)
            return
        finding = await self._look(feed, spec, program)
        if spec.kind == "sitemap" and not isinstance(finding, Failure):
            finding = await self._with_parts(feed, spec, finding, program)
        told = await self._store.write(record, feed, spec, finding, program, self._clock(), random.random())  # noqa: S311 - spreads load
        metrics.POLLS.labels(outcome=told.partition(":")[0]).inc()
        log.log(logging.DEBUG if told in QUIET else logging.INFO, "poll feed=%s outcome=%r", feed.url, told)

    async def _look(self, feed: FeedState, spec: FeedSpec, program: Program) -> Finding:
        asked = request(feed, spec, program)
        return await self._understand(feed, spec.kind, asked, await self._fetcher.get(asked))

    async def _with_parts(self, feed: FeedState, spec: FeedSpec, found: News | Unchanged, program: Program) -> Finding:
        """Where it is an index: what its sitemaps say, each asked conditionally; after a refusal the rest waits."""
        known = await self._store.read(feeds.known_parts, feed.id)
        urls = found.document.parts if isinstance(found, News) else tuple(known)
        seen: dict[feeds.Part, Finding] = {}
        for url in urls:
            part = known.get(url) or feeds.Part(url=url)
            seen[part] = await self._look(state_of(part, feed), spec_of(part, spec), program)
            if is_setback(seen[part]):
                break
        rest = tuple(known[url] for url in urls[len(seen) :] if url in known)
        return together(found, seen, rest) if urls else found

    async def _understand(self, feed: FeedState, kind: str, asked: Request, answer: Fetched | Failure) -> Finding:
        if isinstance(answer, Failure):
            return answer
        at = self._clock()
        if not answer.body:
            return Unchanged(outcome="not modified", transfer=transfer(answer, kept(feed, answer), feed.body_sha, at))
        sha = hashlib.sha256(answer.body).digest()
        if sha == feed.body_sha:
            return Unchanged(outcome="nothing new", transfer=transfer(answer, answer.validators, sha, at))
        try:
            document = await parsed(self._workers, kind, answer, asked.max_bytes, at)
        except FeedUnreadable as error:
            return Failure(reason=Reason.NOT_A_FEED, detail=str(error))
        except WorkerError as error:
            return worker_failure(error)
        return News(document=document, transfer=transfer(answer, answer.validators, sha, at))

    async def failed(self, feed: FeedState, error: Exception) -> None:
        failure = Failure(reason=Reason.WORKER_CRASH, detail=f"{type(error).__name__}: {error}")
        program = self._program()
        spec = program.plan.feeds.get(feed.address) or FeedSpec(address=feed.address, url=feed.url)
        await self._store.write(record, feed, spec, failure, program, self._clock(), 0.5)

    async def release(self, feed: FeedState) -> None:
        await self._store.write(feeds.release_feed, feed.id)


def request(feed: FeedState, spec: FeedSpec, program: Program) -> Request:
    """Conditional as soon as there is something to be conditional on; the owner's own spelling of the address.

    An address that was learnt is not the owner's word: only on the same host may it be private.
    """
    polling, keyring = program.plan.settings.polling, program.plan.keyring
    url = feed.asks if feed.asks and keyring.goes_along(spec, feed.asks) else spec.url
    return Request(
        url=url,
        validators=feed.validators,
        owner=not spec.public_only and host_of(url) == host_of(spec.url),
        accept="feed",
        timeout=polling.timeout,
        max_bytes=polling.max_bytes,
        credentials=keyring.of_feed(feed.address),
    )
