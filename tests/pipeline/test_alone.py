"""Rows that are worked on alone, in a loop that is never idle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from feedwatch.pipeline.alone import FIRST, NEXT, Turns
from feedwatch.pipeline.loop import Loop
from feedwatch.store.feeds import chosen

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TOGETHER = 3


class NeverIdle:
    """A trade with work for ever, and some rows that must be worked on alone; each job takes a second of its clock."""

    name, limit = "read", TOGETHER

    def __init__(self, alone: int) -> None:
        self.now = NOON
        self.waiting = list(range(-alone, 0))  # below zero: alone
        self.done: list[tuple[datetime, int]] = []
        self.beside: list[int] = []  # how many were in flight beside one that is worked on alone
        self.enough = asyncio.Event()
        self._turns = Turns()

    async def claim(self, room: int, in_flight: Iterable[int]) -> list[int]:
        jobs = list(in_flight)
        if any(job < 0 for job in jobs):
            return []
        claimed = chosen(self._find, room, idle=not jobs, alone_first=self._turns.come(self.now))
        self._turns.claimed(self.now, rows=len(claimed), in_flight=len(jobs))
        if claimed and claimed[0] < 0:
            self.waiting.remove(claimed[0])
            self.beside.append(len(jobs))
        return claimed

    def _find(self, *, alone: bool, room: int) -> list[int]:
        return self.waiting[:room] if alone else list(range(1, room + 1))

    async def work(self, job: int) -> None:
        await asyncio.sleep(0)
        self.now += SECOND
        self.done.append((self.now, job))
        if self.now > NOON + FIRST + 5 * NEXT:
            self.enough.set()

    async def failed(self, job: int, error: Exception) -> None: ...
    async def release(self, job: int) -> None: ...


async def run(trade: NeverIdle) -> None:
    running = Loop[int](trade)
    turning = asyncio.create_task(running.run())
    await trade.enough.wait()
    await running.drain(1)
    await turning


async def test_what_waits_alone_gets_its_turn_in_a_loop_that_is_never_idle() -> None:
    trade = NeverIdle(alone=3)
    await run(trade)
    turns = [at for at, job in trade.done if job < 0]
    assert trade.beside == [0, 0, 0]
    assert FIRST <= turns[0] - NOON <= FIRST + 10 * SECOND
    assert [NEXT <= later - turn <= NEXT + 10 * SECOND for turn, later in pairwise(turns)] == [True, True]


async def test_nobody_waits_for_rows_that_are_not_there() -> None:
    trade = NeverIdle(alone=0)
    await run(trade)
    assert [at - before for (before, _), (at, _) in pairwise(trade.done)] == [SECOND] * (len(trade.done) - 1)
