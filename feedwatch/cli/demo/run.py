"""`feedwatch demo`: the real pipeline over real HTTP and a real database, in a folder that goes when it ends."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from feedwatch.cli.demo.newsroom import Expected, Newsroom
from feedwatch.cli.logs import quiet
from feedwatch.cli.show import put
from feedwatch.config.load import load
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.engine import Engine, engine
from feedwatch.pipeline.program import compile_plan
from feedwatch.store import articles, views
from feedwatch.store.database import connect_readonly
from feedwatch.store.status import totals

if TYPE_CHECKING:
    from feedwatch.pipeline.program import Plan
    from feedwatch.store import Connection

LONGEST = 18.0
"""Seconds after which the demo gives up: something is wrong then, and it says so."""

BEAT = 0.1
BETWEEN = 0.5  # seconds between two articles: slow enough to be watched

CONFIG = """
[polling]
interval = "1s"                    # the demo's newsroom may be asked all the time
min_interval = "0s"
host_delay = "0s"
allow_private = ["127.0.0.0/8"]    # its articles are on this machine

[channels.here]
terminal = true
only = "mention"

[[watchlists]]
id = "ve"
name = "Venezuela and Maduro"
keywords = [{keywords}]
notify = ["here"]
"""


def demo() -> bool:
    """Shows it; True where exactly the alerts came that the newsroom was written for."""
    began = time.monotonic()
    quiet()
    with tempfile.TemporaryDirectory(prefix="feedwatch-demo-") as folder, Newsroom(now) as newsroom:
        config = _write_config(Path(folder), newsroom)
        _introduce(newsroom)
        plan = compile_plan(load(config, {}))
        asyncio.run(_watch(plan, newsroom, began + LONGEST))
        with closing(connect_readonly(plan.settings.store.path)) as db:
            return _conclude(db, newsroom, time.monotonic() - began)


def _write_config(folder: Path, newsroom: Newsroom) -> Path:
    words = ", ".join(f'"{word}"' for word in newsroom.keywords)
    feeds = "".join(f'\n[[feeds]]\nname = "{feed.name}"\nurl = "{feed.url}"\n' for feed in newsroom.feeds)
    config = folder / "config.toml"
    config.write_text(CONFIG.format(keywords=words) + feeds, encoding="utf-8")
    return config


def _introduce(newsroom: Newsroom) -> None:
    put("A newsroom of invented outlets opens on this machine; no network and no account are used.")
    for feed in newsroom.feeds:
        put(f"  {feed.name}  {feed.url}")
    put(f"Watched for: {', '.join(newsroom.keywords)}")
    put("Each outlet is asked for news, each new article is read on its page, and what is about the words is told:\n")


async def _watch(plan: Plan, newsroom: Newsroom, deadline: float) -> None:
    async with engine(plan) as running:
        loops = [asyncio.create_task(loop.run()) for loop in running.loops]
        heart = asyncio.create_task(_beat(running))
        try:
            await _publish(running, newsroom, deadline)
        finally:
            heart.cancel()
            await running.drain()
            await asyncio.gather(*loops)


async def _beat(running: Engine) -> None:
    while True:
        running.wake()
        await asyncio.sleep(BEAT)


async def _publish(running: Engine, newsroom: Newsroom, deadline: float) -> None:
    """Article by article, after the first poll has seen what was there before; then until all is told."""
    old = sum(not article.fresh for article in newsroom.expected)
    await _until(running, deadline, entries=old)
    while newsroom.publish_next():  # noqa: ASYNC110 - the pause is for the eyes
        await asyncio.sleep(BETWEEN)
    await _until(running, deadline, entries=len(newsroom.expected))


async def _until(running: Engine, deadline: float, *, entries: int) -> None:
    """Waits until so many entries are known and decided, and nothing is on its way."""
    while time.monotonic() < deadline:
        count = await running.store.read(totals)
        if count.entries >= entries and not count.entries_pending and not count.waiting:
            return
        await asyncio.sleep(BEAT)


def _conclude(db: Connection, newsroom: Newsroom, seconds: float) -> bool:
    """What was not told, and why; True where every article became what it was written to become."""
    told = {item.title for row in views.list_alerts(db, limit=100) for item in views.alert_view(db, row["id"]).items}
    put("Not told, and why:")
    for article in newsroom.expected:
        if article.strength is None or not article.fresh:
            put(f"  {article.outlet} · {article.title}\n      {article.because}")
    asked = newsroom.requests
    unchanged = sum(n for (_, status), n in asked.items() if status == 304)  # noqa: PLR2004 - Not Modified
    read = articles.reading_counts(db).get("read", 0)
    put(f"\n{len(told)} alerts from {read} articles read in {seconds:.0f} seconds, over {asked.total()} requests,")
    put(f"{unchanged} of them answered “not modified”.")
    put("Next: put your own words into config.toml, then `feedwatch run` (in a clone: `make run`).")
    return _as_written(newsroom.expected, told)


def _as_written(expected: tuple[Expected, ...], told: set[str]) -> bool:
    wrong = [
        article for article in expected if (article.title in told) != (article.fresh and article.strength is not None)
    ]
    for article in wrong:
        verdict = "was told, and must not be" if article.title in told else "was not told, and must be"
        print(f"WRONG: {article.title}: {verdict}", file=sys.stderr)  # noqa: T201 - the demo's voice
    return not wrong
