"""The loops over a real database, with hand-written stand-ins for the network, the workers and the senders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.config.load import load
from feedwatch.edges import apprise
from feedwatch.edges.http import Request
from feedwatch.model import Failure, Fetched, Message, Outcome, Reason, Receipt
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.deliver import Deliver
from feedwatch.pipeline.engine import start
from feedwatch.pipeline.loop import Loop
from feedwatch.pipeline.poll import Poll
from feedwatch.pipeline.program import Program, bind, compile_plan
from feedwatch.pipeline.read import Read
from feedwatch.pipeline.reread import Reread
from feedwatch.store import database
from feedwatch.store.writer import Store
from tests.harness import words_of_its_own

CONFIG = """
[polling]
interval = "0s"
min_interval = "0s"
max_interval = "0s"
host_delay = "0s"

[reading]
max_wait = "0s"

[channels.desk]
max_per_hour = "off"
url = "json://127.0.0.1:9/desk"
only = "mention"

[channels.phone]
max_per_hour = "off"
url = "json://127.0.0.1:9/phone"
only = "headline"

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk", "phone"]

[[feeds]]
name = "One"
url = "http://one.example/feed"
tags = ["first"]
"""


@dataclass
class Web:
    """Addresses and what they answer: bytes of a feed or page, a status, or a whole answer."""

    answers: dict[str, bytes | Failure | Fetched] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def get(self, request: Request) -> Fetched | Failure:
        self.asked.append(request)
        answer = self.answers.get(request.url, Failure(reason=Reason.NOT_FOUND, detail="404", status=404, final=True))
        if isinstance(answer, bytes):
            return Fetched(url=request.url, status=200, headers={}, body=answer)
        return answer

    def entries(self, feed: str, *items: tuple[str, str, str], summary: str = "") -> None:
        """A feed of (id, title, link) items dated now."""
        stamp = now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        rows = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>{title}</title><link>{link}</link>"
            f"<description>{summary}</description><pubDate>{stamp}</pubDate></item>"
            for key, title, link in items
        )
        self.answers[feed] = f"<rss version='2.0'><channel><title>Feed</title>{rows}</channel></rss>".encode()

    def page(self, url: str, title: str, text: str) -> None:
        self.answers[url] = (
            f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
            f"<p>{words_of_its_own(url)}</p><p>{text}</p></article></body></html>"
        ).encode()


class Inline:
    """Workers that work at once and here."""

    def __init__(self) -> None:
        self.failing: dict[str, Exception] = {}  # by the function's name

    async def run(self, function: Callable[..., Any], *args: Any, deadline: timedelta) -> Any:
        del deadline
        if function.__name__ in self.failing:
            raise self.failing[function.__name__]
        return function(*args)


@dataclass
class Post:
    """A sender: what went out, and what each target answers."""

    sent: list[tuple[str, Message]] = field(default_factory=list)
    answers: dict[str, Receipt] = field(default_factory=dict)  # by the end of the address

    async def run(self, function: Callable[..., Any], url: str, message: Message, *, deadline: timedelta) -> Receipt:
        assert function is apprise.send
        del deadline
        receipt = next((answer for end, answer in self.answers.items() if end in url), Receipt(outcome=Outcome.SENT))
        if receipt.outcome is Outcome.SENT:
            self.sent.append((url, message))
        return receipt

    def titles(self, channel: str) -> list[str]:
        return [message.title for url, message in self.sent if channel in url]


@dataclass
class Bench:
    """A whole feedwatch without a network."""

    store: Store
    program: Program
    folder: Path
    web: Web = field(default_factory=Web)
    workers: Inline = field(default_factory=Inline)
    post: Post = field(default_factory=Post)

    async def poll(self) -> int:
        await self.change("UPDATE feeds SET next_check_at = 0 WHERE next_check_at IS NOT NULL")
        trade = Poll(self.store, self.web, self.workers, lambda: self.program, limit=100, until=now())  # type: ignore[arg-type]
        return await self._loop(trade).run_once()

    async def read(self) -> int:
        return await self._loop(Read(self.store, self.web, self.workers, lambda: self.program)).run_once()  # type: ignore[arg-type]

    async def reread(self, clock: Callable[[], datetime] = now) -> int:
        trade = Reread(self.store, self.web, self.workers, lambda: self.program, clock=clock)  # type: ignore[arg-type]
        return await self._loop(trade).run_once()

    async def deliver(self, *, close_windows: bool = False) -> int:
        trade = Deliver(self.store, self.post, lambda: self.program, close_windows=close_windows)  # type: ignore[arg-type]
        return await self._loop(trade).run_once()

    async def turn(self) -> None:
        """Poll, read and deliver, each once."""
        await self.poll()
        await self.read()
        await self.deliver()

    async def reload(self, config: str) -> None:
        (self.folder / "config.toml").write_text(config)
        plan = compile_plan(load(self.folder / "config.toml", {}))
        self.program = await self.store.write(bind, plan, now())

    async def rows(self, sql: str, *values: object) -> list[Any]:
        return await self.store.read(lambda db: [tuple(row) for row in db.execute(sql, values).fetchall()])

    async def change(self, sql: str, *values: object) -> None:
        await self.store.write(lambda db: db.execute(sql, values) and None)

    def _loop(self, trade: Any) -> Loop[Any]:
        return Loop(trade)


@asynccontextmanager
async def opened(folder: Path, config: str = CONFIG, at: datetime | None = None) -> AsyncIterator[Bench]:
    path = folder / "config.toml"
    path.write_text(config)
    plan = compile_plan(load(path, {}))
    with database.locked(plan.settings.store.path):
        database.prepare(plan.settings.store.path)
        with Store(plan.settings.store.path) as store:
            yield Bench(store, await store.write(start, plan, at or now()), folder)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Known feeds, nothing in them yet: what comes is new."""
    async with opened(tmp_path) as made:
        made.web.entries("http://one.example/feed")
        await made.poll()
        yield made
