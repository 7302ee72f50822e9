"""A scripted day on loopback: outlets that publish, a program that reads, a desk that is told, a clock.

Every request and every message crosses a real socket, everything that is known is in a real database; only time is
simulated, and a day takes as long as its work. Use it so:

    async with day(tmp_path, ("courier", "herald"), WATCHLISTS) as today:
        await today.until("08:00")
        today.courier.publish("a", "Headline", "A paragraph.\\nAnother.")
        await today.until("09:00")
        assert today.told("08:00", "09:00") == ["first ve"]
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feedwatch.config.load import load
from feedwatch.edges.http import Fetcher
from feedwatch.pipeline.deliver import Deliver
from feedwatch.pipeline.engine import start
from feedwatch.pipeline.loop import Loop
from feedwatch.pipeline.poll import Poll
from feedwatch.pipeline.program import Program, compile_plan
from feedwatch.pipeline.read import Read
from feedwatch.pipeline.reread import Reread
from feedwatch.pipeline.surge import watch_for_surges
from feedwatch.store import database
from feedwatch.store.writer import Store
from tests.harness import Receiver, Site, receiver, site
from tests.pipeline.conftest import Inline

MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)  # a Tuesday
STEP = timedelta(minutes=5)  # longer than any poll waits: what is published is seen at the next step

CONFIG = """
[polling]
interval = "4m"
min_interval = "4m"
max_interval = "4m"
host_delay = "0s"
allow_private = ["127.0.0.0/8"]

[reading]
max_wait = "0s"

[channels.desk]
url = "json://127.0.0.1:{port}/desk"
only = "mention"
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, when it was made, and what the desk got of it."""

    at: datetime
    kind: str
    watchlist: str
    title: str

    def __str__(self) -> str:
        return f"{self.kind} {self.watchlist}".strip()


@dataclass(slots=True)
class Outlet:
    """A site whose items are dated by the day's clock."""

    name: str
    site: Site
    today: Day
    dates: dict[str, datetime] = field(default_factory=dict)

    def publish(self, key: str, title: str, text: str) -> None:
        """A new article, or an old one that is rewritten: its page and its entry."""
        paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n"))
        head = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        self.page(key, f"{head}{paragraphs}</article></body></html>".encode())
        self.site.items = [(key, title, ""), *(item for item in self.site.items if item[0] != key)]
        self.dates.setdefault(key, self.today.at)

    def page(self, key: str, body: bytes, status: int = 200) -> None:
        """What the page says from now on, whatever the feed shows."""
        self.site.answers[f"/{key}"] = (status, "text/html; charset=utf-8", body)

    def remove(self, key: str) -> None:
        self.site.answers[f"/{key}"] = (410, "text/plain", b"gone")

    def feed(self) -> bytes:
        items = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title><description>{text}</description>"
            f"<link>{self.site.url}/{key}</link><pubDate>{self.dates[key]:%a, %d %b %Y %H:%M:%S GMT}</pubDate></item>"
            for key, title, text in self.site.items
        )
        return f"<rss version='2.0'><channel><title>{self.name}</title>{items}</channel></rss>".encode()


@dataclass
class Day:
    """The day so far. `restart` is what a kill is to the program: it knows what its database knows."""

    folder: Path
    config: str
    desk: Receiver
    at: datetime = MIDNIGHT
    outlets: dict[str, Outlet] = field(default_factory=dict)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)
    _loops: tuple[Loop[Any], ...] = ()
    _store: Store | None = None
    _program: Program | None = None

    def __getitem__(self, outlet: str) -> Outlet:
        return self.outlets[outlet]

    async def until(self, clock: str) -> None:
        """Lives on to that time of the day, in steps of five minutes."""
        hour, minute = map(int, clock.split(":"))
        end = MIDNIGHT + timedelta(hours=hour, minutes=minute)
        while self.at + STEP <= end:
            self.at += STEP
            await self.turn()
        self.at = end

    async def turn(self) -> None:
        """Everything that is due now."""
        assert self._store is not None
        assert self._program is not None
        *work, deliver = self._loops
        for loop in work:
            await loop.run_once()
        await watch_for_surges(self._store, self._program, self.at)
        await deliver.run_once()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def start(self) -> None:
        path = self.folder / "config.toml"
        path.write_text(self.config)
        plan = compile_plan(load(path, {}))
        polling, life = plan.settings.polling, self._life
        life.enter_context(_prepared(plan.settings.store.path))
        self._store = store = life.enter_context(Store(plan.settings.store.path))
        fetcher = await life.enter_async_context(
            Fetcher(
                contact="desk@example.org",
                per_host=polling.per_host,
                host_delay=polling.host_delay,
                concurrency=polling.concurrency,
                allow_private=polling.allow_private,
            )
        )
        self._wire(store, fetcher, await store.write(start, plan, self.at))

    def _wire(self, store: Store, fetcher: Fetcher, program: Program) -> None:
        workers: Any = Inline()
        self._program = program
        self._loops = (
            Loop(Poll(store, fetcher, workers, lambda: program, limit=100, clock=self._now)),
            Loop(Read(store, fetcher, workers, lambda: program, clock=self._now)),
            Loop(Reread(store, fetcher, workers, lambda: program, clock=self._now)),
            Loop(Deliver(store, workers, lambda: program, close_windows=False, clock=self._now)),
        )

    def _now(self) -> datetime:
        return self.at

    async def stop(self) -> None:
        await self._life.aclose()
        self._life = AsyncExitStack()

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        assert self._store is not None
        return await self._store.read(lambda db: [tuple(row) for row in db.execute(sql, values).fetchall()])

    async def change(self, sql: str, *values: object) -> None:
        assert self._store is not None
        await self._store.write(lambda db: db.execute(sql, values) and None)

    async def alerts(self) -> list[Alert]:
        """Every alert so far, the oldest first."""
        found = await self.rows(
            "SELECT created_at, kind, ifnull(root, ''), ifnull((SELECT entries.title FROM alert_articles"
            "  JOIN decisions ON decisions.id = decision_id JOIN entries ON entries.id = entry_id"
            "  WHERE alert_articles.alert = alerts.id ORDER BY decisions.id LIMIT 1), '')"
            " FROM alerts ORDER BY created_at, kind, 3"
        )
        return [Alert(MIDNIGHT + timedelta(microseconds=at - _micros(MIDNIGHT)), *rest) for at, *rest in found]

    async def told(self, begin: str, end: str) -> list[str]:
        """What was told from one time of the day to another, each as in "first ve"."""
        first, last = _clock(begin), _clock(end)
        return [str(alert) for alert in await self.alerts() if first <= alert.at < last]

    def messages(self) -> list[dict[str, Any]]:
        """What the desk got, in order."""
        return [post for _, _, post in self.desk.got]


def _clock(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


@contextmanager
def _prepared(path: Path) -> Any:
    with database.locked(path):
        database.prepare(path)
        yield


@asynccontextmanager
async def day(folder: Path, outlets: Sequence[str], watchlists: str, more: str = "") -> AsyncIterator[Day]:
    """`outlets` by name; `watchlists` and `more` are TOML, told to the channel `desk`."""
    async with AsyncExitStack() as stack:
        desk = stack.enter_context(receiver())
        today = Day(folder, "", desk)
        for name in outlets:
            place = stack.enter_context(site())
            today.outlets[name] = outlet = Outlet(name, place, today)
            vars(place)["feed"] = outlet.feed  # the day's clock dates the items
        feeds = "".join(
            f'\n[[feeds]]\nname = {json.dumps(name.capitalize())}\nurl = "{outlet.site.url}/feed"\n'
            for name, outlet in today.outlets.items()
        )
        today.config = CONFIG.format(port=desk.port) + more + watchlists + feeds
        await today.start()
        stack.push_async_callback(today.stop)
        yield today
