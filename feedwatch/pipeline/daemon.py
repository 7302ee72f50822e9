"""The daemon: a heartbeat that wakes the loops, signals, a reload that cannot break what runs."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from feedwatch.edges import systemd
from feedwatch.edges.memory import give_back_large_blocks
from feedwatch.errors import ConfigError, StoreError, StoreUnavailable
from feedwatch.pipeline import control, surge
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.engine import Engine, engine
from feedwatch.pipeline.prune import keep_of, prune, prune_daily
from feedwatch.pipeline.vitals import health_of
from feedwatch.pipeline.watchdog import Watchdog
from feedwatch.store import status

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from feedwatch.config.settings import Settings
    from feedwatch.pipeline.program import Plan

log = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(seconds=30)
"""A clock that is set back by less is being corrected; all waits survive that."""

TICK = 1
"""Seconds between two looks for rows whose time has come."""

NO_TICK = 5
"""Seconds without a tick after which the scheduler is woken: see `Daemon._keep_beating`."""

ONE_PRESS = 1.0
"""Seconds within which two signals are one: a supervisor may send it to the process and to its group."""

STATUS_EVERY = 30
"""Seconds between two status lines for systemd."""

UPKEEP_EVERY = 600
"""Seconds between two looks whether a day has passed since the last pruning."""


async def run(plan: Plan, load: Callable[[], Plan]) -> None:
    """Runs until SIGTERM or SIGINT; `load` compiles the config anew for SIGHUP.

    Raises StoreError where the database needs a human.
    """
    systemd.status("making the database ready")
    async with engine(plan) as running, health_of(running):
        daemon = Daemon(running, load)
        await daemon.serve()


def hold_hangups() -> None:
    """From now on SIGHUP waits until the daemon listens for it: one that comes during the start is a reload after it.

    What is started meanwhile inherits this: worker processes never hear of it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


def end_at_once() -> None:
    """From now on SIGTERM ends it at once, in good order, until the daemon listens for it: nothing is begun yet."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _settle() -> None:
    """Takes what lives as long as the process (modules, mostly) out of the garbage collector's rounds.

    A round over all of it stops everything for 60 ms, and under load there are several a second. And lets go of the
    memory of bodies that were read.
    """
    gc.collect()
    gc.freeze()
    give_back_large_blocks()


class Daemon:
    """Holds together what runs: ticks, signals and the loops' tasks."""

    def __init__(self, running: Engine, load: Callable[[], Plan]) -> None:
        self._engine, self._load = running, load
        self._stop = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._ticked_at = now()
        self._beat_at = monotonic()
        self._asked_at = 0.0  # to stop, by the loop's clock
        self._refused = ""  # what is wrong with the config on disk, if the last reload could not take it
        self._tasks: set[asyncio.Task[Any]] = set()
        self._watchdog = Watchdog(running.store, systemd.watchdog_seconds())

    async def serve(self) -> None:
        self._listen()
        heart = self._heart()
        heart.start()
        self._begin(self._keep_beating(heart))
        try:
            async with control.listening(self._engine, {"reload": self.reload, "prune": self.prune}):
                systemd.ready(await self._status())
                self._listen_for_hangups()
                _settle()
                log.info("start feeds=%d watchlists=%d", *self._size())
                await self._until_stopped()
        finally:
            heart.shutdown(wait=False)
            log.info("stop")

    def _size(self) -> tuple[int, int]:
        plan = self._engine.program.plan
        return len(plan.feeds), len(plan.queries)

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGINT, self._asked_to_stop)

    def _listen_for_hangups(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: self._begin(self.reload()))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})

    def _asked_to_stop(self) -> None:
        """The first time everything in flight may finish; the second time stops at once, which loses nothing."""
        clock = asyncio.get_running_loop().time()
        if not self._stop.is_set():
            self._stop.set()
            self._asked_at = clock
        elif clock - self._asked_at > ONE_PRESS:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Beside the ticks, which wait for nothing."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _heart(self) -> AsyncIOScheduler:
        """Ticks only wake; a tick that came late counts once, however late."""
        heart = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        heart.add_job(self._tick, "interval", seconds=TICK)
        heart.add_job(_until_cancelled, "interval", [self._tell_status], seconds=STATUS_EVERY)
        heart.add_job(_until_cancelled, "interval", [self._upkeep], seconds=UPKEEP_EVERY)
        heart.add_job(_until_cancelled, "interval", [self._look_for_surges], seconds=surge.EVERY)
        return heart

    async def _keep_beating(self, heart: AsyncIOScheduler) -> None:
        """The scheduler goes by the time of day: set back by a day, it would sleep for a day."""
        while heart.running:
            await asyncio.sleep(TICK)
            if monotonic() - self._beat_at > NO_TICK:
                for job in heart.get_jobs():
                    job.modify(next_run_time=now())
                self._beat_at = monotonic()

    async def _tick(self) -> None:
        """Wakes the loops, pings systemd; a clock that went back is noticed and its damage repaired."""
        at, last = now(), self._ticked_at
        self._ticked_at, self._beat_at = at, monotonic()
        if last - at > CLOCK_SLACK:
            log.warning("clock=went_back by=%s", last - at)
            self._begin(self._engine.clock_went_back())
        self._engine.wake()
        self._watchdog.look(monotonic())

    async def _tell_status(self) -> None:
        systemd.status(await self._status())

    async def _status(self) -> str:
        """How it goes; a config that could not be taken stays in sight for as long as it is wrong."""
        try:
            line = await self._engine.store.read(status.in_a_line, now())
        except StoreError as error:
            line = str(error)
        return f"{line}; the last reload was refused: {self._refused}" if self._refused else line

    async def _upkeep(self) -> None:
        await prune_daily(self._engine.store, self._engine.program.plan.settings.store, now())

    async def _look_for_surges(self) -> None:
        with suppress(StoreUnavailable):  # the loops say so; the next look comes in a minute
            await surge.watch_for_surges(self._engine.store, self._engine.program, now())

    async def prune(self) -> dict[str, Any]:
        """Removes what is past, now; how many of each went."""
        keep = keep_of(self._engine.program.plan.settings.store)
        return asdict(await prune(self._engine.store, keep, now()))

    async def _until_stopped(self) -> None:
        """Returns when asked to stop; raises what ended a loop."""
        stop = asyncio.create_task(self._stop.wait())
        loops = [asyncio.create_task(loop.run()) for loop in self._engine.loops]
        try:
            await asyncio.wait([stop, *loops], return_when=asyncio.FIRST_COMPLETED)
        finally:
            systemd.stopping()
            stop.cancel()
            await self._engine.drain()
        await asyncio.gather(*loops)

    async def reload(self) -> dict[str, Any]:
        """Takes the config anew; a bad one is named and changes nothing. What came of it, for who asked."""
        async with self._reloading:
            systemd.reloading()
            try:
                old, plan = self._engine.program.plan, await asyncio.to_thread(self._load)
                await self._engine.rebind(plan)
            except (ConfigError, StoreError) as error:
                problems = error.problems if isinstance(error, ConfigError) else (str(error),)
                for problem in problems:
                    log.error("reload=refused problem=%s", problem)  # noqa: TRY400 - the text says it all
                self._refused = problems[0]
                return {"problems": problems}
            else:
                self._refused = ""
                log.info("reload=done feeds=%d watchlists=%d", *self._size())
                later = kept_until_restart(old, plan)
                feeds, watchlists = self._size()
                return {"problems": (), "after_restart": later, "feeds": feeds, "watchlists": watchlists}
            finally:
                systemd.ready(await self._status())


async def _until_cancelled(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A stop cancels it, which is no error."""
    with suppress(asyncio.CancelledError):
        await work()


def kept_until_restart(old: Plan, new: Plan) -> list[str]:
    """Names the keys that only a restart can change."""
    keys = changed_for_restart(old.settings, new.settings)
    for key in keys:
        log.warning("reload=partly key=%s why=takes effect after a restart", key)
    return keys


def changed_for_restart(old: Settings, new: Settings) -> list[str]:
    """Keys whose change a reload cannot carry out."""
    fixed = ("concurrency", "per_host", "host_delay", "contact", "proxy", "allow_private")
    keys = [f"polling.{key}" for key in fixed if getattr(old.polling, key) != getattr(new.polling, key)]
    keys += ["store.path"] if old.store.path != new.store.path else []
    keys += ["workers"] if old.workers != new.workers else []
    return keys
