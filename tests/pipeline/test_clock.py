from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from feedwatch.pipeline.clock import now
from feedwatch.pipeline.engine import start
from tests.pipeline.conftest import CONFIG, opened

FEED = "http://one.example/feed"
SLOW = CONFIG.replace('interval = "0s"\nmin', 'interval = "15m"\nmin')


async def test_a_clock_that_went_back_a_day_makes_nothing_wait_a_day(tmp_path: Path) -> None:
    async with opened(tmp_path, SLOW, at=now()) as bench:
        bench.web.entries(FEED)
        await bench.poll()
        bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
        await bench.poll()
        yesterday = now() - timedelta(days=1)
        bench.program = await bench.store.write(start, bench.program.plan, yesterday)
        latest = int((yesterday + timedelta(minutes=30)).timestamp() * 1e6)
        assert await bench.rows("SELECT count(*) FROM feeds WHERE next_check_at > ?", latest) == [(0,)]
        assert await bench.rows("SELECT count(*) FROM articles WHERE due_at > ?", latest) == [(0,)]
        assert all(watch.since <= yesterday for watch in bench.program.watches.values())


async def test_a_start_keeps_the_waits_that_a_server_earned(tmp_path: Path) -> None:
    async with opened(tmp_path, SLOW) as bench:
        bench.web.entries(FEED)
        await bench.poll()
        later = int((now() + timedelta(hours=3)).timestamp() * 1e6)
        await bench.change("UPDATE feeds SET failures = 1, outcome = 'refused', next_check_at = ?", later)
        await bench.store.write(start, bench.program.plan, now())
        assert await bench.rows("SELECT next_check_at FROM feeds") == [(later,)]
