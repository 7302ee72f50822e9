"""`feedwatch probe` beside a real daemon, beside none, and beside one that stands still."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from feedwatch.store.status import neglected_since
from feedwatch.store.times import micros
from tests.edges.rows import MINUTE, NOON, configure, opened
from tests.harness import count, daemon, feedwatch, site, wait_until, write_config

WATCH = """
[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["here"]
"""
LIMIT = NOON - 10 * MINUTE


def test_a_daemon_at_work_is_well_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    with site() as served:
        config = write_config(tmp_path, WATCH, [f"{served.url}/feed"])
        assert feedwatch("probe", folder=tmp_path).returncode == 1
        with daemon(config) as running:
            wait_until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE last_polled_at > 0"), 20)
            alive = feedwatch("probe", folder=tmp_path)
            assert (alive.returncode, alive.stdout) == (0, f"at work (pid {running.process.pid})\n")
            running.signal(signal.SIGTERM)
            running.process.wait(15)
        ended = feedwatch("probe", folder=tmp_path)
    assert ended.returncode == 1
    assert "no feedwatch runs on" in ended.stderr


def test_a_daemon_whose_feeds_wait_in_vain_stands_still(tmp_path: Path) -> None:
    config = write_config(tmp_path, WATCH, ["http://127.0.0.1:9/feed"])
    with opened(tmp_path) as db:  # holds the lock as a daemon does, and polls nothing
        configure(db, "http://127.0.0.1:9/feed")
        ended = feedwatch("probe", "--config", str(config), folder=tmp_path)
    assert ended.returncode == 1
    assert f"feedwatch (pid {os.getpid()}) stands still" in ended.stderr


def test_a_feed_that_waits_is_neglected_only_where_none_was_polled(tmp_path: Path) -> None:
    with opened(tmp_path) as db:
        assert neglected_since(db, LIMIT) is None  # no feeds
        waiting, other = configure(db, "https://a.example/rss", "https://b.example/rss", at=NOON - 30 * MINUTE)
        assert neglected_since(db, LIMIT) == NOON - 30 * MINUTE
        assert neglected_since(db, NOON - 40 * MINUTE) is None  # its time has come since
        db.execute("UPDATE feeds SET last_polled_at = ? WHERE id = ?", (micros(NOON - MINUTE), other))
        assert neglected_since(db, LIMIT) is None
        db.execute("UPDATE feeds SET last_polled_at = ? WHERE id = ?", (micros(NOON - 20 * MINUTE), other))
        assert neglected_since(db, LIMIT) == NOON - 30 * MINUTE
        db.execute("UPDATE feeds SET next_check_at = ?", (micros(NOON + MINUTE),))
        assert neglected_since(db, LIMIT) is None
        db.execute("UPDATE feeds SET claimed_at = ? WHERE id = ?", (micros(NOON - 15 * MINUTE), waiting))
        assert neglected_since(db, LIMIT) == NOON - 15 * MINUTE  # a poll that does not end
