"""A loop beside a database that cannot be written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from types import SimpleNamespace

import pytest

from feedwatch.errors import StoreUnavailable
from feedwatch.pipeline import loop, once


class Troubled:
    """A trade whose first claims fail."""

    name, limit = "poll", 1

    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def claim(self, room: int, in_flight: Iterable[int]) -> list[int]:
        del room, in_flight
        self.failures -= 1
        if self.failures >= 0:
            raise StoreUnavailable("the disk is full")
        return []

    async def work(self, job: int) -> None: ...
    async def failed(self, job: int, error: Exception) -> None: ...
    async def release(self, job: int) -> None: ...


async def test_a_full_disk_is_said_once_and_once_when_there_is_room_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "STORE_PAUSE", 0.0)
    caplog.set_level(logging.INFO)
    running = loop.Loop[int](Troubled(failures=20))
    for _ in range(22):
        await running.run_once()
    assert [record.getMessage() for record in caplog.records] == [
        "poll claim=failed why=the disk is full",
        "poll claim=works",
    ]


class OneAtATime:
    """A trade of one host: whatever is in flight when a claim begins keeps all else from it, and ends before it."""

    name, limit = "read", 2

    def __init__(self, rows: int) -> None:
        self.rows = list(range(rows))
        self.done: list[int] = []
        self._may_end = asyncio.Event()

    async def claim(self, room: int, in_flight: Iterable[int]) -> list[int]:
        del room
        if list(in_flight):
            self._may_end.set()
            await asyncio.sleep(0.01)
            return []
        self._may_end.clear()
        return [self.rows.pop()] if self.rows else []

    async def work(self, job: int) -> None:
        await self._may_end.wait()
        self.done.append(job)

    async def failed(self, job: int, error: Exception) -> None: ...
    async def release(self, job: int) -> None: ...


async def test_a_turn_ends_only_when_nothing_was_kept_from_it() -> None:
    trade = OneAtATime(rows=3)
    assert await loop.Loop[int](trade).run_once() == 3
    assert sorted(trade.done) == [0, 1, 2]


class OneHangs(Troubled):
    """A trade of three rows, one of which never ends."""

    limit = 3

    def __init__(self) -> None:
        super().__init__(failures=0)
        self.rows = [0, 1, 2]
        self.released: list[int] = []

    async def claim(self, room: int, in_flight: Iterable[int]) -> list[int]:
        del room, in_flight
        rows, self.rows = self.rows, []
        return rows

    async def work(self, job: int) -> None:
        if job == 1:
            await asyncio.Event().wait()

    async def release(self, job: int) -> None:
        self.released.append(job)


async def test_a_turn_that_runs_out_of_time_counts_what_it_read_and_gives_back_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(once, "READ_AT_MOST", 0.05)
    monkeypatch.setattr(once, "DRAIN", 0.05)
    trade = OneHangs()
    engine = SimpleNamespace(read=loop.Loop(trade), reread=loop.Loop(Troubled(failures=0)))
    await once._read(engine)  # type: ignore[arg-type]
    assert (engine.read.done, engine.reread.done) == (2, 0)
    assert trade.released == [1]
