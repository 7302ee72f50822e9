"""P7: how memory grows: the daemon's with its feeds, a worker's with the pages that it has read; resident MB."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench import ratio, summary
from bench.intake import WATCH
from bench.processes import children, resident
from bench.wire import WORDS, served
from feedwatch.edges.workers import Workers
from feedwatch.pipeline.engine import RECYCLE
from feedwatch.pipeline.reading import read_fetched
from tests.harness import count, daemon, wait_until, write_config

FEW, MANY = 1_000, 10_000  # feeds
EARLY, LATE = 500, 5_000  # pages

LONGEST = 600.0
SETTLED = 3.0
"""Seconds after the last poll in which a daemon comes to rest."""

EVERY = 50  # pages between two looks
DEADLINE = timedelta(seconds=30)


def row(pairs: int) -> list[str]:
    with served(MANY, 1) as wire:
        runs = [(polled(wire.urls[:FEW]), polled(wire.urls)) for _ in range(pairs)]
    few, many = [one for one, _ in runs], [other for _, other in runs]
    grown = [asyncio.run(read(recycle=RECYCLE)) for _ in range(pairs)]
    kept = [asyncio.run(read(recycle=0)) for _ in range(pairs)]
    return [
        f"daemon: {summary(few)} MB with {FEW:,} feeds, {summary(many)} MB with {MANY:,}",
        f"ratio {ratio(many, few)} (must: 1.5)",
        f"worker, renewed after {RECYCLE} jobs: {_growth(grown)} (must: 1.1)",
        f"worker, never renewed: {_growth(kept)}",
    ]


def _growth(runs: list[tuple[float, float]]) -> str:
    early, late = [one for one, _ in runs], [other for _, other in runs]
    return f"{summary(early)} MB at most in {EARLY:,} pages, {summary(late)} MB in {LATE:,}, ratio {ratio(late, early)}"


def polled(urls: list[str]) -> float:
    """The daemon's MB when it has polled all of them once and decided their entries."""
    with tempfile.TemporaryDirectory() as name, daemon(write_config(Path(name), WATCH, urls, "24h")) as running:
        database = Path(name) / "feedwatch.db"

        def at_rest() -> bool:
            known = count(database, "entries")
            return known == len(urls) and not count(database, "entries WHERE decided_version < version")

        wait_until(at_rest, LONGEST, every=0.5)
        time.sleep(SETTLED)
        return resident(running.process.pid)


async def read(recycle: int) -> tuple[float, float]:
    """The greatest MB of a worker in the first EARLY pages, and in all LATE of them."""
    greatest, early = 0.0, 0.0
    async with Workers(1, None, ("feedwatch.pipeline.reading",), recycle) as workers:
        for n in range(1, LATE + 1):
            await workers.run(read_fetched, page(n), "https://bench.example/", "text/html", (), deadline=DEADLINE)
            if n % EVERY == 0:
                greatest = max(greatest, *map(resident, children(os.getpid())))
            early = greatest if n == EARLY else early
    return early, greatest


def page(n: int) -> bytes:
    """A small page with a text of its own."""
    paragraphs = "".join(f"<p>The {' '.join(WORDS)} of day {n}, part {part}, is open again.</p>" for part in range(9))
    menu = "".join(f"<li><a href='/{word}'>{word}</a></li>" for word in WORDS)
    return f"<html><head><title>Day {n}</title></head><body><nav><ul>{menu}</ul></nav><article>{paragraphs}".encode()
