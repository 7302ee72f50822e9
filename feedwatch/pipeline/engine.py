"""A running feedwatch: the store, the edges and the three loops, wired; `daemon` drives it by time, `once` once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.retry import ASKED_AT_MOST
from feedwatch.articles.rereading import LONGEST
from feedwatch.edges.http import Fetcher
from feedwatch.edges.workers import Workers
from feedwatch.feeds.schedule import SPREAD, slowest
from feedwatch.pipeline import versions
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.deliver import SENDERS, Deliver
from feedwatch.pipeline.fetcher import fetcher_of
from feedwatch.pipeline.loop import Loop
from feedwatch.pipeline.poll import Poll
from feedwatch.pipeline.program import Plan, Program, bind
from feedwatch.pipeline.read import Read
from feedwatch.pipeline.reread import Reread
from feedwatch.store import articles, database, deliveries, feeds, mutes, rereads, surges, updates
from feedwatch.store.writer import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from feedwatch.store import Connection

RECYCLE = 500
"""Jobs after which a worker process is replaced: what leaks in a library does not grow for ever."""

THOUGHTS = ("feedwatch.feeds.parse", "feedwatch.pipeline.reading")
"""What worker processes need, loaded before they are forked."""

TOLERANCE = 0.2
"""`once` polls a feed that is due within this share of the interval: a timer is never quite punctual."""

DRAIN = 8.0
"""Seconds that work in flight has to finish in: a stop takes less than ten."""


@dataclass(slots=True, kw_only=True)
class Engine:
    """What runs. The program is the one thing that is ever replaced, whole, by a reload."""

    store: Store
    program: Program
    poll: Loop[Any]
    read: Loop[Any]
    reread: Loop[Any]
    deliver: Loop[Any]
    fetcher: Fetcher

    @property
    def loops(self) -> tuple[Loop[Any], ...]:
        return self.poll, self.read, self.reread, self.deliver

    def wake(self) -> None:
        for loop in self.loops:
            loop.wake()

    async def rebind(self, plan: Plan) -> None:
        """From now on the plan rules; jobs in flight end under the program that they began with."""
        self.program = await self.store.write(bind, plan, now())
        await self.store.write(bring_forward, self.program, now())
        self.wake()

    async def clock_went_back(self) -> None:
        """Due times and watchlists' beginnings that lie in the future now are made good."""
        self.program = await self.store.write(bind, self.program.plan, now())
        await self.store.write(straighten, self.program, now())
        self.wake()

    async def drain(self) -> None:
        """Nothing new is begun; what is in flight has DRAIN seconds; the rest is given back."""
        await asyncio.gather(*(loop.drain(DRAIN) for loop in self.loops))


@asynccontextmanager
async def engine(plan: Plan, *, once: bool = False) -> AsyncIterator[Engine]:
    """An engine over the plan's database, locked and made ready; raises Unfit or StoreError where that cannot be."""
    versions.check()
    settings = plan.settings
    async with AsyncExitStack() as stack:
        path = settings.store.path
        stack.enter_context(database.locked(path))
        await asyncio.to_thread(database.prepare, path)
        store = stack.enter_context(Store(path))
        program = await store.write(start, plan, now())
        fetcher = await stack.enter_async_context(fetcher_of(settings.polling))
        workers = Workers(settings.workers.count, settings.workers.memory, THOUGHTS, RECYCLE)
        senders = Workers(SENDERS, None, ("feedwatch.edges.plugins",), RECYCLE)
        for pool in (workers, senders):  # both are made before either starts: one fork server loads for both
            await stack.enter_async_context(pool)
        yield _wired(store, program, fetcher, workers, senders, once=once)


def _wired(
    store: Store, program: Program, fetcher: Fetcher, workers: Workers, senders: Workers, *, once: bool
) -> Engine:
    """The loops do not know each other: they ask the engine for its program and talk through the store."""

    def current() -> Program:
        return made.program

    first = Read(store, fetcher, workers, current)
    polling = program.plan.settings.polling
    until = now() + polling.interval * TOLERANCE if once else None
    made = Engine(
        store=store,
        program=program,
        fetcher=fetcher,
        poll=Loop(Poll(store, fetcher, workers, current, limit=polling.concurrency, until=until)),
        read=Loop(first),
        reread=Loop(Reread(store, fetcher, workers, current, robots=first.robots)),
        deliver=Loop(Deliver(store, senders, current, close_windows=once)),
    )
    return made


def start(db: Connection, plan: Plan, at: datetime) -> Program:
    """The first transaction of a process: orphans are due again, clocks are straight, the plan is known."""
    feeds.release_orphans(db)
    program = bind(db, plan, at)
    straighten(db, program, at)
    return program


def straighten(db: Connection, program: Program, at: datetime) -> None:
    """No time lies further off than anything can have asked for: a clock that went back delays nobody."""
    articles.make_pending_due(db, at)
    deliveries.bring_deliveries_forward(db, at + ASKED_AT_MOST, at)
    mutes.straighten_mutes(db, at)
    updates.straighten_batches(db, at)
    rereads.straighten(db, at, LONGEST)
    surges.straighten(db, at)
    bring_forward(db, program, at)


def bring_forward(db: Connection, program: Program, at: datetime) -> None:
    """A shortened interval, or a clock that went back, makes no healthy feed wait longer than it ever would."""
    pace = program.plan.settings.polling
    limits = {address: slowest(spec.interval, pace) * (1 + SPREAD) for address, spec in program.plan.feeds.items()}
    feeds.bring_forward(db, limits, at)
