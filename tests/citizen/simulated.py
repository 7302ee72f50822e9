"""Days in seconds: real requests to a real server on loopback, a real database, and a clock that a test sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feedwatch.config.load import load
from feedwatch.edges.http import Fetcher
from feedwatch.pipeline import health
from feedwatch.pipeline.engine import start
from feedwatch.pipeline.loop import Loop
from feedwatch.pipeline.poll import Poll
from feedwatch.pipeline.program import Program, compile_plan
from feedwatch.pipeline.read import Read
from feedwatch.store import database
from feedwatch.store import health as store_health
from feedwatch.store.writer import Store
from tests.edges.recorder import Asked, Recorder, reply
from tests.pipeline.conftest import Inline

BEGAN = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)  # a Monday
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

CONFIG = """
[polling]
host_delay = "0s"
allow_private = ["127.0.0.0/8"]
{polling}

[reading]
max_wait = "0s"

[channels.desk]
url = "json://127.0.0.1:9/desk"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["desk"]
"""


def entry(key: str, dated: datetime | None = None, link: str = "", text: str = "") -> str:
    date = f"<pubDate>{dated:%a, %d %b %Y %H:%M:%S GMT}</pubDate>" if dated else ""
    return (
        f"<item><guid isPermaLink='false'>{key}</guid><title>{key}</title><link>{link}</link>"
        f"<description>{text}</description>{date}</item>"
    )


def rss(*entries: str, channel: str = "") -> bytes:
    head = "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>Feed</title>"
    return (head + channel + "".join(entries) + "</channel></rss>").encode()


ONE = rss(entry("one"))


@dataclass(slots=True)
class Visit:
    """A request, and the simulated moment at which it came."""

    at: datetime
    path: str
    asked: Asked

    @property
    def conditional(self) -> bool:
        return bool(self.asked.names() & {"if-none-match", "if-modified-since"})


Answer = Callable[[Asked], bytes]


@dataclass
class Simulation:
    """A feedwatch that lives as fast as the machine goes; restarted, it knows what its database knows."""

    folder: Path
    server: Recorder
    at: datetime = BEGAN
    paths: dict[str, Answer] = field(default_factory=dict)  # what the server says, by the path
    visits: list[Visit] = field(default_factory=list)
    polling: str = ""

    def say(self, path: str, answer: bytes | Answer) -> None:
        self.paths[path] = answer if callable(answer) else lambda _: answer

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return self.server.url(path, host)

    def times(self, path: str) -> list[datetime]:
        return [visit.at for visit in self.visits if visit.path == path]

    def of(self, path: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.path == path]

    @asynccontextmanager
    async def running(self, *feeds: str) -> AsyncIterator[Life]:
        """One life of the program; `feeds` are TOML lines after the url, by path: `/feed interval = "1h"`."""
        config = self.folder / "config.toml"
        tables = [self._feed(*line.partition(" ")[::2]) for line in feeds or ("/feed",)]
        config.write_text(CONFIG.format(polling=self.polling) + "".join(tables))
        plan = compile_plan(load(config, {}))
        path = plan.settings.store.path
        with database.locked(path):
            database.prepare(path)
            with Store(path) as store:
                async with self._fetcher(plan.settings.polling) as fetcher:
                    yield Life(self, store, await store.write(start, plan, self.at), fetcher)

    def _feed(self, path: str, more: str) -> str:
        url = path if "://" in path else self.url(path)
        return f'\n[[feeds]]\nurl = "{url}"\n{more.strip()}\n'

    def _fetcher(self, polling: Any) -> Fetcher:
        return Fetcher(
            contact="desk@example.org",
            per_host=polling.per_host,
            host_delay=polling.host_delay,
            concurrency=polling.concurrency,
            allow_private=polling.allow_private,
        )


@dataclass
class Life:
    """From a start to an end, which may be a kill: nothing is written down at the end."""

    town: Simulation
    store: Store
    program: Program
    fetcher: Fetcher

    def __post_init__(self) -> None:
        self.workers = Inline()
        words = (self.store, self.fetcher, self.workers, lambda: self.program)
        self._poll = Poll(*words, limit=100, clock=self._now)  # type: ignore[arg-type]
        self._read = Read(*words, clock=self._now)  # type: ignore[arg-type]

    def _now(self) -> datetime:
        return self.town.at

    async def poll(self) -> int:
        """Polls what is due now; the number of polls."""
        return await Loop(self._poll).run_once()

    async def read(self) -> int:
        return await Loop(self._read).run_once()

    async def look(self) -> None:
        """One look at the house's health, as the daemon has it every few minutes."""
        settings, at = self.program.plan.settings, self.town.at
        facts = await self.store.read(
            store_health.facts, settings.health.silent_after, settings.store.keep_articles, at
        )
        around = health.Around(free=10**12, jump=None, began=BEGAN)
        await self.store.write(health.look, self.program, facts, around, at)

    async def live(self, span: timedelta, *, reading: bool = False) -> None:
        """Goes from one due time to the next until `span` is over."""
        end = self.town.at + span
        while (due := await self._due(reading=reading)) is not None and due <= end:
            self.town.at = max(due, self.town.at)
            await self.poll()
            if reading:
                await self.read()
        self.town.at = end

    async def _due(self, *, reading: bool) -> datetime | None:
        tables = ("next_check_at FROM feeds", "due_at FROM articles")[: 1 + reading]
        found = [micros for table in tables for (micros,) in await self.rows(f"SELECT {table}") if micros is not None]
        return EPOCH + timedelta(microseconds=min(found)) if found else None

    async def rows(self, sql: str, *values: object) -> list[Any]:
        return await self.store.read(lambda db: [tuple(row) for row in db.execute(sql, values).fetchall()])


@asynccontextmanager
async def simulation(folder: Path, polling: str = "") -> AsyncIterator[Simulation]:
    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        path = asked.target
        town.visits.append(Visit(town.at, path, asked))
        answer = town.paths.get(path)
        writer.write(answer(asked) if answer else reply(b"", "404 Not Found"))

    async with Recorder(say) as server:
        town = Simulation(folder, server, polling=polling)
        yield town
