"""P2: taking in feeds that are new, from the request to the committed entries, beside bare feedparser; CPU time."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import feedparser

from bench import ratio, summary
from bench.processes import cpu
from bench.wire import Wire, served
from feedwatch.config.load import load
from feedwatch.pipeline.engine import engine
from feedwatch.pipeline.program import Plan, compile_plan
from tests.harness import count, write_config

FEEDS = 200
ENTRIES = 20

REST = 1.0
"""Seconds without work after which all worker processes have come up, which is no part of the work."""

WATCH = """
[channels.here]
terminal = true

[[watchlists]]
id = "quetzal"
keywords = ["quetzal", "Ruritania"]
notify = ["here"]
"""
"""What no feed of the wire says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Seconds of CPU, all processes."""

    polled: float  # until every feed's entries were committed
    decided: float  # and from there until every entry was matched, decided and could be searched


def row(pairs: int) -> list[str]:
    with served(FEEDS, ENTRIES) as wire:
        documents = wire.documents
        whole(wire)  # the first time fills caches
        runs = [(whole(wire), bare(documents), bare(documents, sanitize=False)) for _ in range(pairs)]
    size = sum(map(len, documents)) / len(documents) / 1e3
    polled, decided = [run.polled for run, _, _ in runs], [run.decided for run, _, _ in runs]
    plain, least = [taken for _, taken, _ in runs], [taken for _, _, taken in runs]
    what = f"taking in {FEEDS} feeds × {ENTRIES} entries ({size:.0f} KB a feed), CPU"
    return [
        f"{what}: {summary(polled)} s, bare feedparser {summary(plain)} s, ratio {ratio(polled, plain)} (must: 1.3)",
        f"beside feedparser without sanitizing {ratio(polled, least)}; to decide all entries then {summary(decided)} s",
    ]


def whole(wire: Wire) -> Intake:
    with tempfile.TemporaryDirectory() as name:
        config = write_config(Path(name), WATCH, wire.urls, "1h")
        return asyncio.run(taken_in(compile_plan(load(config, {})), Path(name) / "feedwatch.db", wire.pid))


async def taken_in(plan: Plan, database: Path, server: int) -> Intake:
    async with engine(plan) as running:
        began = await rested(server)
        await running.poll.run_once()
        polled = used(server)
        await running.read.run_once()
        decided = used(server)
    known, waiting = count(database, "entries"), count(database, "entries WHERE decided_version < version")
    if (known, waiting) != (FEEDS * ENTRIES, 0):
        raise AssertionError(f"{known} entries, {waiting} undecided")
    return Intake(polled=polled - began, decided=decided - polled)


async def rested(server: int) -> float:
    """What was used when nothing more is."""
    before = -1.0
    while (after := used(server)) - before > REST / 50:
        before = after
        await asyncio.sleep(REST)
    return after


def used(server: int) -> float:
    """Seconds of CPU of this process and all that it started, but for the server."""
    return cpu(os.getpid()) - cpu(server)


def bare(documents: list[bytes], *, sanitize: bool = True) -> float:
    began = time.process_time()
    for body in documents:
        feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/rss+xml"},
            sanitize_html=sanitize,
            resolve_relative_uris=sanitize,
        )
    return time.process_time() - began
