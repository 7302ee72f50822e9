"""The shape of every loop: claim rows → I/O → think → one transaction.

A loop owns what it has in flight, its limit and its draining. Ticks, finished jobs and other loops only wake it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from feedwatch.errors import DatabaseDamaged, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

Job = TypeVar("Job")
log = logging.getLogger(__name__)

STORE_PAUSE = 2.0
"""Seconds between two tries to write while the database cannot be written."""

GIVE_BACK = 1.0
"""Seconds in which a stop gives back what it could not finish; a database that is held must not hold the stop."""

SAY_AGAIN = 60.0
"""Seconds between two words about it: a night with a full disk must not fill the log, too."""


class Trade(Protocol[Job]):
    """What a loop does with its rows: poll, read or deliver."""

    name: str
    limit: int  # jobs in flight at the most

    async def claim(self, room: int, in_flight: Iterable[Job]) -> list[Job]: ...
    async def work(self, job: Job) -> None: ...
    async def failed(self, job: Job, error: Exception) -> None:
        """Records a surprise on the job's row."""

    async def release(self, job: Job) -> None:
        """Gives a claim back: the job was not worked on to its end, and that is not the row's fault."""


class Loop(Generic[Job]):
    """Runs a trade until it is drained; raises DatabaseDamaged, the one thing it cannot work around."""

    def __init__(self, trade: Trade[Job]) -> None:
        self.trade = trade
        self.done = 0  # jobs that came to their end
        self._wake = asyncio.Event()
        self._in_flight: dict[asyncio.Task[None], Job] = {}
        self._claiming = asyncio.Lock()
        self._stopping = False
        self._damage: DatabaseDamaged | None = None
        self._said_at = -math.inf  # that the database cannot be written; by the monotonic clock

    def wake(self) -> None:
        self._wake.set()

    @property
    def busy(self) -> int:
        return len(self._in_flight)

    async def run(self) -> None:
        """Works until `drain` is called."""
        while not self._stopping:
            if not await self._start_due():
                await self._wake.wait()
                self._wake.clear()

    async def run_once(self) -> int:
        """Works until nothing is due and nothing in flight; the number of jobs done.

        What is in flight when a claim begins keeps rows from it, even if it ends before the claim does.
        """
        before, busy = self.done, True
        while busy:
            busy = bool(self._in_flight)
            started = await self._start_due()
            busy = busy or started > 0
            if self._in_flight and not started:
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
        return self.done - before

    async def drain(self, grace: float) -> None:
        """Takes nothing new, lets what is in flight finish for `grace` seconds, gives the rest back."""
        self._stopping = True
        self.wake()
        async with self._claiming:
            pass  # a claim under way has started its jobs now, and no other begins
        if not self._in_flight:
            return
        late = (await asyncio.wait(self._in_flight, timeout=grace))[1]
        jobs = [self._in_flight[task] for task in late]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        with suppress(StoreUnavailable, TimeoutError):  # what cannot be given back now is an orphan at the next start
            async with asyncio.timeout(GIVE_BACK):
                await asyncio.gather(*(self.trade.release(job) for job in jobs))

    async def _start_due(self) -> int:
        """Claims and starts what there is room for; the number of jobs started."""
        if self._damage is not None:
            raise self._damage
        async with self._claiming:
            jobs = await self._claim()
            for job in jobs:
                self._start(job)
            return len(jobs)

    async def _claim(self) -> list[Job]:
        room = self.trade.limit - self.busy
        if room <= 0 or self._stopping:
            return []
        try:
            jobs = await self.trade.claim(room, self._in_flight.values())
        except StoreUnavailable as trouble:
            self._say(trouble)
            await asyncio.sleep(STORE_PAUSE)
            return []
        if self._said_at > -math.inf:
            log.info("%s claim=works", self.trade.name)
            self._said_at = -math.inf
        return jobs

    def _say(self, trouble: StoreUnavailable) -> None:
        if monotonic() - self._said_at >= SAY_AGAIN:
            self._said_at = monotonic()
            log.warning("%s claim=failed why=%s", self.trade.name, trouble)

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job))
        self._in_flight[task] = job
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self.done += not task.cancelled()
        self.wake()

    async def _do(self, job: Job) -> None:
        """The row boundary: whatever happens to a job ends here, on its row."""
        surprise: Exception | None = None
        try:
            await self.trade.work(job)
        except (StoreUnavailable, DatabaseDamaged) as trouble:
            log.warning("%s job=put_back why=%s", self.trade.name, trouble)
        except Exception as error:
            log.exception("%s job=failed", self.trade.name)
            surprise = error
        else:
            return
        await self._put_back(job, surprise)

    async def _put_back(self, job: Job, surprise: Exception | None) -> None:
        """Records the end on the row, as often as it takes: a full disk is no reason to forget a claim."""
        while True:
            try:
                if surprise is None:
                    await self.trade.release(job)
                else:
                    await self.trade.failed(job, surprise)
            except StoreUnavailable:
                await asyncio.sleep(STORE_PAUSE)
            except DatabaseDamaged as damage:
                self._damage = damage
                return
            else:
                return
