"""P1: the whole pipeline, fetch to alert, on real pages, beside bare trafilatura in as many processes."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import summary
from bench.processes import memory
from tests.harness import (
    NEWSROOM_WATCH,
    SHARED,
    count,
    daemon,
    feeds_of,
    newsroom,
    port_of,
    query,
    wait_until,
    write_config,
)

WORKERS = len(os.sched_getaffinity(0))
PAGES = SHARED / "corpus" / "pages"
LONGEST = 600.0


@dataclass
class Run:
    pages: int
    seconds: float
    daemon_mb: float
    workers_mb: float

    @property
    def rate(self) -> float:
        return self.pages / self.seconds


def row(pairs: int) -> list[str]:
    if not PAGES.exists():
        return [f"pages: not measured, there are no pages at {PAGES}"]
    runs = [(pipeline(), bare()) for _ in range(pairs)]
    whole_rate = summary([whole.rate for whole, _ in runs])
    bare_rate = summary([plain for _, plain in runs])
    ratio = summary([whole.rate / plain for whole, plain in runs])
    daemon_mb, workers_mb = max(whole.daemon_mb for whole, _ in runs), max(whole.workers_mb for whole, _ in runs)
    return [
        f"pages/s, {WORKERS} workers: pipeline {whole_rate}, bare trafilatura {bare_rate}, ratio {ratio} (must: 0.85)",
        f"peak memory: daemon {daemon_mb:.0f} MB, its workers and senders together {workers_mb:.0f} MB",
    ]


def pipeline() -> Run:
    """From the moment the first article is known to the last decision."""
    with (
        tempfile.TemporaryDirectory() as name,
        newsroom(Path(name), "--hosts", "8", "--empty-first") as log,
        daemon(write_config(Path(name), NEWSROOM_WATCH.format(port=port_of(log)), feeds_of(log), "10s")) as running,
    ):
        database = Path(name) / "feedwatch.db"
        expected = len((SHARED / "corpus" / "pages.jsonl").read_text().split("\n")[:-1])
        peak = [0.0, 0.0]

        def all_read() -> bool:
            peak[:] = map(max, peak, memory(running.process.pid))
            known = count(database, "entries")
            return known == expected and not count(database, "entries WHERE decided_version < version")

        wait_until(all_read, LONGEST, every=0.2)
        first, last = query(
            database, "SELECT (SELECT min(first_seen_at) FROM articles), (SELECT max(fetched_at) FROM revisions)"
        )[0]
        running.stop()
        return Run(expected, (last - first) / 1e6, *peak)


def bare() -> float:
    """Pages a second of trafilatura and nothing else, the bytes in memory, the processes warm."""
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted(PAGES.glob("*.html.gz"))]
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        pool.map(extract, bodies[:WORKERS], chunksize=1)
        began = time.monotonic()
        pool.map(extract, bodies, chunksize=1)
        return len(bodies) / (time.monotonic() - began)


def extract(body: bytes) -> bool:
    import trafilatura

    return trafilatura.bare_extraction(body, include_comments=False, with_metadata=True) is not None
