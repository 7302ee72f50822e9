"""kill -9 at random moments: nothing is lost, and what comes twice comes with the same id, within the contract."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.harness import (
    SHARED,
    Daemon,
    Site,
    count,
    feeds_of,
    newsroom,
    port_of,
    posts,
    query,
    receiver,
    site,
    start_daemon,
    wait_until,
    write_config,
)

FULL = os.environ.get("FULL") == "1"

WATCH = """
[channels.desk]
url = "json://127.0.0.1:{port}/hook/desk"
only = "mention"

[[watchlists]]
id = "often"
keywords = [{words}]
notify = ["desk"]
"""

EXPECTED_DOUBLES = "deliveries WHERE state = 'sending'"


@dataclass
class Kills:
    """What each kill struck."""

    in_flight: int = 0  # kills with an article claimed or a delivery under way
    sending: int = 0  # kills with a delivery under way: each may cost one double
    lines: list[str] = field(default_factory=list)

    def look(self, database: Path) -> None:
        claimed = count(database, "articles WHERE claimed_at IS NOT NULL")
        sending = count(database, EXPECTED_DOUBLES)
        self.in_flight += bool(claimed or sending)
        self.sending += bool(sending)
        self.lines.append(f"{claimed} claimed, {sending} sending")


def killed_at_random(config: Path, kills: int, longest: float, chance: random.Random) -> Kills:
    """Starts and kills the daemon's whole process tree again and again, each time at another moment of its work."""
    struck, database = Kills(), config.with_name("feedwatch.db")
    for _ in range(kills):
        running = started(config)
        time.sleep(chance.uniform(0.05, longest))
        running.kill_tree()
        struck.look(database)
    return struck


def started(config: Path) -> Daemon:
    """A daemon that is at work."""
    log = config.with_name("daemon.log")
    before = log.read_text(errors="replace").count("start feeds=") if log.exists() else 0
    running = start_daemon(config)
    wait_until(lambda: running.process.poll() is not None or running.said().count("start feeds=") > before, 30)
    assert running.process.poll() is None, running.said()
    return running


def integrity(database: Path) -> str:
    with closing(sqlite3.connect(database)) as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def doubles(ids: list[str]) -> dict[str, int]:
    return {alert: n - 1 for alert, n in Counter(ids).items() if n > 1}


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    """The short form, on a site of our own."""
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    with site() as place, receiver() as desk:
        config = write_config(tmp_path, WATCH.format(port=desk.port, words='"harbour"'), [f"{place.url}/feed"])
        known_by_an_empty_poll(config)
        publish(place, 120)
        struck = killed_at_random(config, 5, 1.0, chance)
        running, database = started(config), tmp_path / "feedwatch.db"
        wait_until(lambda: count(database, "deliveries WHERE state = 'sent'") == 120, 60)
        assert running.stop() == 0
        ids = [body["id"] for _, _, body in desk.got]
        assert struck.in_flight >= 1, struck.lines
        assert len(set(ids)) == 120
        assert sum(doubles(ids).values()) <= struck.sending
        assert count(database, "entries WHERE decided_version < version") == 0
        assert integrity(database) == "ok"


def known_by_an_empty_poll(config: Path) -> None:
    """So that what comes next is new, and not a first poll's backfill."""
    running, database = started(config), config.with_name("feedwatch.db")
    wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NULL") == 0, 30)
    assert running.stop() == 0


def publish(place: Site, articles: int) -> None:
    for n in range(articles):
        place.publish(f"a{n}", f"News number {n}", f"The harbour of town {n} has a new crane. " * 12)


@pytest.mark.faults
@pytest.mark.skipif(not os.environ.get("FAULTS"), reason="takes minutes: make faults")
@pytest.mark.skipif(not (SHARED / "tools" / "newsroom.py").exists(), reason="needs ../shared")
def test_fifty_kills_over_real_pages_lose_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kills, waves = (200, 16) if FULL else (50, 5)
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    with newsroom(tmp_path, "--hosts", "8", "--empty-first", "--waves", str(waves), "--every", "25") as log:
        watch = WATCH.format(port=port_of(log), words='"the", "de"')
        config, database = write_config(tmp_path, watch, feeds_of(log)), tmp_path / "feedwatch.db"
        known_by_an_empty_poll(config)
        struck = killed_at_random(config, kills, 3.5, chance)
        entries = waves * len((SHARED / "corpus" / "pages.jsonl").read_text().split("\n")[:-1])
        running = started(config)
        wait_until(lambda: count(database, "entries") == entries, 600)
        wait_until(lambda: count(database, "entries WHERE decided_version < version") == 0, 900)
        wait_until(lambda: count(database, "deliveries WHERE state != 'sent'") == 0, 300)
        assert running.stop() == 0
        ids = [row["json"]["id"] for row in posts(log)]
        matched = by_page(database)
        twice = doubles(ids)
        with capsys.disabled():
            print(  # noqa: T201 - the figures are what a long run is for
                f"\n{kills} kills, {struck.in_flight} with rows in flight, {struck.sending} while sending;"
                f" {entries} entries, {len(set(ids))} alerts, {sum(twice.values())} doubles"
            )
        assert struck.in_flight >= kills * 0.6, struck.lines
        assert len(set(ids)) >= 500
        assert set(ids) == {row["id"] for row in query(database, "SELECT id FROM alerts")}
        assert set(matched.values()) == {waves}, "a page that matches in one wave matches in each"
        assert max(twice.values(), default=0) <= 1 + struck.sending // 10
        assert sum(twice.values()) <= struck.sending
        assert integrity(database) == "ok"


def by_page(database: Path) -> Counter[str]:
    """In how many waves each page was found to match; where it names an address of its own it alerts once."""
    rows = query(
        database,
        "SELECT DISTINCT link FROM decisions JOIN entries ON entries.id = entry_id WHERE outcome IN ('alerted','told')",
    )
    return Counter(row["link"].rsplit("/", 1)[1].split("-w")[0] for row in rows)
