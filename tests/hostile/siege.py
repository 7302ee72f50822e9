"""A real daemon under attack, watched from beside its event loop, with an honest newsroom among the attackers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import Any

from tests.citizen.simulated import ONE, entry, rss
from tests.citizen.test_pages_and_bodies import PAGE
from tests.edges.recorder import Answer, Asked, Recorder, reply
from tests.harness import PROJECT, Daemon, query

CONFIG = """
[polling]
interval = "1s"
min_interval = "1s"
max_interval = "1s"
timeout = "2s"
host_delay = "0s"
allow_private = ["127.1.0.0/16"]

[workers]
count = 2
memory = "500MB"

[channels.desk]
url = "json://127.0.0.1:9/desk"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["desk"]
"""
EMPTY_MAP = (
    b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    b" xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'></urlset>"
)
CALM = reply(ONE, etag='"e"')
MB = 1024 * 1024


@dataclass(slots=True)
class Attacker:
    """A server of its own: calm until it is told what to say, at /feed or at any other path."""

    recorder: Recorder
    says: dict[str, Answer] = field(default_factory=dict)

    @property
    def feed(self) -> str:
        return self.recorder.url("/feed")

    async def answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target in self.says:
            await self.says[asked.target](asked, writer)
        elif asked.target == "/feed":
            writer.write(CALM)
        else:
            writer.write(reply(b"", "404 Not Found"))


@dataclass
class Siege:
    folder: Path
    attackers: list[Attacker]
    good: Attacker
    process: Daemon
    news: int = 0
    warm: int = 0
    warm_at: float = 0.0  # seconds since 1970
    slowest: float = 0.0  # seconds from an honest article's publication to its decision

    @property
    def database(self) -> Path:
        return self.folder / "feedwatch.db"

    def memory(self, name: str) -> int:
        """VmRSS or VmHWM of the daemon itself, in bytes."""
        status = Path(f"/proc/{self.process.process.pid}/status").read_text()
        return next(1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in query(self.database, sql, *values)]

    def outcome(self, attacker: Attacker) -> str | None:
        found = self.rows("SELECT outcome FROM feeds WHERE url = ? AND failures > 0", attacker.feed)
        return found[0][0] if found else None

    async def until(self, what: Callable[[], Any], seconds: float = 40) -> Any:
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            assert self.process.process.poll() is None, self.process.said()[-3000:]
            if found := what():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing within {seconds} s; {self.process.said()[-2000:]}")

    async def good_news(self, seconds: float = 40) -> float:
        """Publishes an honest article; the seconds from its entry's arrival to its page's reading."""
        self.news += 1
        path = f"/good{self.news}"
        self.good.says[path] = said(reply(PAGE, content_type="text/html"))
        items = (entry(f"good{n}", link=self.good.recorder.url(f"/good{n}")) for n in range(self.news, 0, -1))
        self.good.says["/feed"] = said(reply(rss(*items), etag=f'"{self.news}"'))
        sql = (
            "SELECT (fetched_at - articles.first_seen_at) / 1e6"
            " FROM articles JOIN revisions ON article_id = articles.id"
            " WHERE articles.url LIKE ? AND page_state = 'read'"
        )
        ((took,),) = await self.until(lambda: self.rows(sql, f"%{path}"), seconds)
        self.slowest = max(self.slowest, took)
        return float(took)

    async def warmed_up(self) -> None:
        """Every feed was polled, pages were read; from here on growth counts."""
        feeds = len(self.attackers) + 1
        await self.until(lambda: self.rows("SELECT count(*) FROM feeds WHERE outcome IS NOT NULL") == [(feeds,)], 60)
        for _ in range(3):
            await self.good_news()
        self.slowest = 0.0
        self.warm, self.warm_at = self._peak_forgotten(), time()

    def _peak_forgotten(self) -> int:
        """The memory now, from which on the peak counts (proc(5), clear_refs)."""
        Path(f"/proc/{self.process.process.pid}/clear_refs").write_text("5")
        return self.memory("VmRSS")

    @property
    def growth(self) -> int:
        """Bytes that the daemon had at its peak beyond what it needed when it was warm."""
        return self.memory("VmHWM") - self.warm

    @property
    def worst_stall(self) -> float:
        """Seconds, since it was warm."""
        report = self.folder / "report.json"
        stalls = json.loads(report.read_text())["stalls"] if report.exists() else []
        return max((stalled for at, stalled in stalls if at > self.warm_at), default=0.0)


def said(answer: bytes) -> Answer:
    async def say(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return say


async def unasked(asked: Asked, _: asyncio.StreamWriter) -> None:
    raise AssertionError(f"{asked.target} was asked too early")


@asynccontextmanager
async def siege(
    folder: Path, attackers: int, names: dict[str, list[str]] | None = None, *, sitemaps: int = 0, more: str = ""
) -> AsyncIterator[Siege]:
    """Attackers and an honest newsroom, each at a host of its own; the last `sitemaps` attackers are sitemaps."""
    async with AsyncExitStack() as stack:
        made: list[Attacker] = []
        for number in range(attackers + 1):
            attacker = Attacker(Recorder(unasked, host=f"127.1.{number}.1"))
            attacker.recorder.answer = attacker.answer
            await stack.enter_async_context(attacker.recorder)
            made.append(attacker)
        made[-1].says["/feed"] = said(reply(rss(), etag='"0"'))
        mapped = made[attackers - sitemaps : attackers]
        for one in mapped:
            one.says["/feed"] = said(reply(EMPTY_MAP, etag='"0"', content_type="application/xml"))
        config = folder / "config.toml"
        kinds = {id(one): 'kind = "sitemap"' for one in mapped}
        feeds = (f'\n[[feeds]]\nurl = "{one.feed}"\n{kinds.get(id(one), "")}\n' for one in made)
        config.write_text(CONFIG + more + "".join(feeds))
        config.chmod(0o600)
        process = stack.enter_context(watched(config, names or {}))
        yield Siege(folder, made[:-1], made[-1], process)


@contextmanager
def watched(config: Path, names: dict[str, list[str]]) -> Iterator[Daemon]:
    log = config.with_name("daemon.log")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.watched", str(config), str(config.with_name("report.json"))],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=PROJECT,
            env=os.environ | {"NAMES": json.dumps(names)},
            start_new_session=True,
        )
    running = Daemon(config, log, process)
    try:
        yield running
    finally:
        running.kill_tree()
