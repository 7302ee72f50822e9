"""Signs of life of a running engine: a look every minute, a heartbeat while all goes through, pages for who asks."""

from __future__ import annotations

import asyncio
import logging
import shutil
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts import readiness, troubles
from feedwatch.edges import metrics
from feedwatch.edges.healthhttp import Answer, Listener
from feedwatch.edges.http import Request
from feedwatch.errors import StoreError
from feedwatch.feeds.schedule import slowest
from feedwatch.model import Failure
from feedwatch.pipeline.clock import now, uptime
from feedwatch.pipeline.health import Around, look
from feedwatch.store import health as table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from feedwatch.alerts.troubles import Jump
    from feedwatch.config.settings import Health as Settings
    from feedwatch.pipeline.engine import Engine
    from feedwatch.store import Connection

log = logging.getLogger(__name__)

TURN = 1.0
"""Seconds between two looks at the clock."""

JUMP = timedelta(seconds=30)
"""A clock that is moved by less is being corrected."""

PATIENCE = 5.0
"""Seconds within which a writer that is alive answers."""

HEARTBEAT_BYTES = 100_000
"""More than any dead man's switch answers."""


class Vitals:
    """Looks, beats and answers for a running engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._began, self._offset = now(), _offset()
        self._jump: Jump | None = None
        self._look_at = _clock() + self._wish.every.total_seconds()
        self._beat_at = 0.0
        self._withheld = ""
        self._probe: asyncio.Task[None] | None = None
        self._listener = Listener({"/healthz": self.alive, "/readyz": self.ready, "/metrics": self.figures})
        self._refused = ""  # why it does not listen

    @property
    def _wish(self) -> Settings:
        return self._engine.program.plan.settings.health

    async def run(self) -> None:
        """Until cancelled. A look that fails is made again; it must not end those who read the news."""
        while True:
            try:
                await self.turn()
            except StoreError as trouble:
                log.warning("health=put_off why=%s", trouble)
            except Exception:
                log.exception("health=failed")
            await asyncio.sleep(TURN)

    async def close(self) -> None:
        await self._listener.close()
        if self._probe is not None:
            self._probe.cancel()

    async def turn(self) -> None:
        """Whatever is due."""
        self._watch_clock()
        await self._listen()
        if _clock() >= self._look_at:
            self._look_at = _clock() + self._wish.every.total_seconds()
            await self.look()
        if self._wish.heartbeat is not None and _clock() >= self._beat_at:
            await self._beat(self._wish.heartbeat.get_secret_value())

    def _watch_clock(self) -> None:
        """A jump is what the time of day and the time since boot disagree about."""
        offset = _offset()
        by, self._offset = offset - self._offset, offset
        if abs(by) > JUMP:
            log.warning("clock=jumped by=%s", by)
            self._jump = troubles.Jump(at=now(), by=by)

    async def look(self) -> None:
        program, store, at = self._engine.program, self._engine.store, now()
        settings = program.plan.settings
        facts = await store.read(table.facts, settings.health.silent_after, settings.store.keep_articles, at)
        around = Around(free=await asyncio.to_thread(free_beside, store.path), jump=self._jump, began=self._began)
        told = await store.write(look, program, facts, around, at)
        if told:
            log.info("health=told messages=%d", told)

    async def _listen(self) -> None:
        """Follows the config; an address that cannot be had is said once and tried again."""
        where = self._wish.listen
        try:
            if await self._listener.move(where):
                log.info("listen=%s", where or "nowhere")
            self._refused = ""
        except OSError as problem:
            why = f"{where}: {problem.strerror or problem}"
            if why != self._refused:
                log.error("listen=failed why=%s", why)  # noqa: TRY400 - the text says it all
            self._refused = why

    async def _beat(self, url: str) -> None:
        """Asks the dead man's switch, or not, where something should be looked at."""
        reasons = await self._reasons()
        if reasons:
            self._withhold("; ".join(reasons))
            self._beat_at = _clock() + min(self._wish.every, self._wish.heartbeat_every).total_seconds()
            return
        self._beat_at = _clock() + self._wish.heartbeat_every.total_seconds()
        timeout = self._engine.program.plan.settings.polling.timeout
        answer = await self._engine.fetcher.get(
            Request(url=url, owner=True, accept="feed", timeout=timeout, max_bytes=HEARTBEAT_BYTES)
        )
        self._withhold("")
        if isinstance(answer, Failure):
            log.warning("heartbeat=failed why=%s", answer.detail)
        else:
            log.debug("heartbeat=answered")

    def _withhold(self, why: str) -> None:
        if why and not self._withheld:
            log.warning("heartbeat=withheld why=%s", why)
        self._withheld = why

    async def alive(self) -> Answer:
        """/healthz: this coroutine is the loop's answer; the writer's comes with an empty piece of work."""
        if await self._writer_answers():
            return Answer(status=200, body=b"alive\n")
        return Answer(status=503, body=_text([_silent_writer()]))

    async def ready(self) -> Answer:
        """/readyz: news come in and messages go out."""
        reasons = await self._reasons()
        return Answer(status=503, body=_text(reasons)) if reasons else Answer(status=200, body=b"ready\n")

    async def figures(self) -> Answer:
        """/metrics."""
        try:
            values = await self._engine.store.read(table.figures, now())
        except StoreError as trouble:
            return Answer(status=503, body=_text([str(trouble)]))
        values["feedwatch_in_flight"] = [((loop.trade.name,), loop.busy) for loop in self._engine.loops]
        disk = await asyncio.to_thread(disk_figures, self._engine.store.path)
        return Answer(status=200, body=metrics.exposition(values | disk), content_type=metrics.CONTENT_TYPE)

    async def _reasons(self) -> list[str]:
        """Why it is not ready; empty: it is."""
        if not await self._writer_answers():
            return [_silent_writer()]
        settings = self._engine.program.plan.settings
        longest = max(
            (slowest(spec.interval, settings.polling) for spec in settings.feed_specs()), default=timedelta(0)
        )
        try:
            state = await self._engine.store.read(table.readiness)
        except StoreError as trouble:
            return [str(trouble)]
        return list(readiness.unready(state, longest, settings.health, now()))

    async def _writer_answers(self) -> bool:
        """One question at a time, however many ask: they would pile up before a writer that is held up."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._ask_writer())
        done, _ = await asyncio.wait([self._probe], timeout=PATIENCE)
        return bool(done)

    async def _ask_writer(self) -> None:
        with suppress(StoreError):  # a full disk is an answer, too
            await self._engine.store.write(_nothing)


@asynccontextmanager
async def health_of(engine: Engine) -> AsyncIterator[None]:
    """Looks after a running engine."""
    made = Vitals(engine)
    running = asyncio.create_task(made.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await made.close()


def _nothing(_: Connection) -> None: ...


def _silent_writer() -> str:
    return f"the database has not answered for {PATIENCE:.0f} s (does another program hold it?)"


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _clock() -> float:
    """The event loop's time, which nobody sets."""
    return asyncio.get_running_loop().time()


def _offset() -> timedelta:
    return timedelta(seconds=now().timestamp() - uptime())


def free_beside(path: Path) -> int:
    return shutil.disk_usage(path.parent).free


def disk_figures(path: Path) -> dict[str, metrics.Rows]:
    files = (path, path.with_name(f"{path.name}-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    return {
        "feedwatch_disk_free_bytes": [((), free_beside(path))],
        "feedwatch_database_bytes": [((), size)],
    }
