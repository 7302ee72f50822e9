"""P8: what 100,000 feeds cost while none of them is due, and what a due one costs before it is polled; CPU time."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import summary
from bench.intake import WATCH
from bench.processes import cpu, resident
from feedwatch.model import FeedSpec
from feedwatch.store import database, feeds
from feedwatch.store.times import micros
from feedwatch.text.addresses import canonical, host_of
from tests.harness import Daemon, count, daemon, wait_until

FEEDS = 100_000
ENTRIES = 10  # of each
DUE = 1_000  # feeds at once, each on a host of its own
ROOM = 100  # feeds that are polled at once

MINUTE = 60.0
STARTED = 300.0
"""Seconds within which a daemon with so many feeds has begun."""

HOUR = 3_600_000_000  # microseconds

POLLING = """
[polling]
interval = "1d"
max_interval = "1w"
"""


def row(pairs: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder, now = Path(name), datetime.now(UTC)
        config = folder / "config.toml"
        urls = [url(n) for n in range(FEEDS)]
        config.write_text(POLLING + WATCH + "".join(f'\n[[feeds]]\nurl = "{each}"\n' for each in urls))
        config.chmod(0o600)
        with closing(built(folder, urls, now)) as db:
            idle = [claimed(db, now, due=0) for _ in range(pairs)]
            due = [claimed(db, now, due=DUE) for _ in range(pairs)]
        began = time.monotonic()
        with daemon(config) as running:
            wait_until(lambda: "start feeds=" in running.said(), STARTED)
            start = time.monotonic() - began
            time.sleep(MINUTE / 6)
            shares = [minute(running) for _ in range(pairs)]
            megabytes = resident(running.process.pid)
        if polled := count(folder / "feedwatch.db", "feeds WHERE last_polled_at > ? OR removed_at", micros(now)):
            raise AssertionError(f"{polled} feeds were polled or removed")
    return [
        f"{FEEDS:,} feeds of which none is due: {summary([100 * share for share in shares])} % of a core (must: 3)",
        f"the daemon needs {start:.0f} s to start, and {megabytes:.0f} MB",
        f"a look for due feeds: {summary([1e6 * one for one in idle])} µs where there is none",
        f"{summary([1e6 * one / ROOM for one in due])} µs a feed where {ROOM} are taken of {DUE:,} due",
    ]


def url(n: int) -> str:
    """A host of its own, on loopback, where nobody listens."""
    return f"http://127.{n >> 16}.{n >> 8 & 255}.{n & 255}:9/feed"


def minute(running: Daemon) -> float:
    """The share of a core that the daemon and its processes take."""
    pid = running.process.pid
    used, began = cpu(pid), time.monotonic()
    time.sleep(MINUTE)
    return (cpu(pid) - used) / (time.monotonic() - began)


def built(folder: Path, urls: list[str], now: datetime) -> sqlite3.Connection:
    """The feeds were polled within the last hours and showed their entries; the next polls are hours away."""
    path = folder / "feedwatch.db"
    with database.locked(path):
        database.prepare(path)
    db = database.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    draw = random.Random(8)  # noqa: S311 - the same in every run
    at = micros(now)
    db.execute("BEGIN")
    feeds.sync_feeds(db, [(FeedSpec(address=canonical(one), url=one), host_of(one)) for one in urls], now)
    db.executemany(
        "UPDATE feeds SET first_polled_at = ?1, last_polled_at = ?2, last_good_at = ?2, outcome = 'not modified',"
        " next_check_at = ?3 WHERE id = ?4",
        [(at - 900 * HOUR, at - draw.randrange(HOUR), at + draw.randrange(6, 20) * HOUR, n + 1) for n in range(FEEDS)],
    )
    db.executemany(
        "INSERT INTO articles(id, key, host, page_state, first_seen_at) VALUES (?, 'e:' || ?1, '', 'not_wanted', ?)",
        [(n, at - n * HOUR // FEEDS) for n in range(FEEDS * ENTRIES)],
    )
    db.executemany(
        "INSERT INTO entries(feed_id, key, decided_version, article_id, title, summary, content, authors,"
        " first_seen_at, how) VALUES (?, ?, 1, ?, 'The harbour is open again', '', '', '[]', ?, 'new')",
        [(n % FEEDS + 1, str(n), n, at - n * HOUR // FEEDS) for n in range(FEEDS * ENTRIES)],
    )
    db.execute("COMMIT")
    return db


def claimed(db: sqlite3.Connection, now: datetime, due: int) -> float:
    """Seconds of one look, after which nothing is as if it had been."""
    db.execute("BEGIN")
    db.execute("UPDATE feeds SET next_check_at = ? WHERE id <= ?", (micros(now), due))
    began = time.process_time()
    found = feeds.claim_due_feeds(db, now + timedelta(seconds=1), room=ROOM, busy_hosts=(), idle=True)
    taken = time.process_time() - began
    db.execute("ROLLBACK")
    if len(found) != min(due, ROOM):
        raise AssertionError(f"{len(found)} feeds were found")
    return taken
