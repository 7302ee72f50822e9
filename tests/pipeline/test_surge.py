"""A watchlist that finds far more than usual makes one alert, however long that lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from feedwatch.pipeline.clock import now
from feedwatch.pipeline.surge import watch_for_surges
from feedwatch.store.times import micros
from tests.harness import feedwatch
from tests.pipeline.conftest import Bench

FEED = "http://one.example/feed"
HOUR = timedelta(hours=1)


async def known_for(bench: Bench, days: int) -> None:
    since = now() - timedelta(days=days)
    await bench.change("UPDATE watchlists SET since = ?", micros(since))
    await bench.reload((bench.folder / "config.toml").read_text())


async def found(bench: Bench, first: int, count: int, at: datetime) -> None:
    """So many articles matched at that time."""
    keys = range(first, first + count)
    bench.web.entries(FEED, *((f"k{n}", f"Maduro opens school {n}", f"http://one.example/{n}") for n in keys))
    for n in keys:
        bench.web.page(f"http://one.example/{n}", f"Maduro opens school {n}", f"School {n} has {n} rooms.")
    await bench.poll()
    await bench.read()
    await bench.change("UPDATE decisions SET at = ? WHERE at > ?", micros(at), micros(now() - HOUR))


async def look(bench: Bench, at: datetime) -> int:
    made = await watch_for_surges(bench.store, bench.program, at)
    await bench.change("UPDATE deliveries SET next_try_at = 0 WHERE state = 'pending'")
    await bench.deliver()
    return made


async def test_a_surge_makes_one_alert_for_as_long_as_it_lasts_and_the_next_one_another(bench: Bench) -> None:
    await known_for(bench, 20)
    begin = now() + 10 * HOUR
    await found(bench, 1, 3, begin)
    assert await look(bench, begin) == 0, "three are no surge"
    await found(bench, 10, 20, begin + HOUR)
    bench.post.sent.clear()
    assert await look(bench, begin + HOUR) == 1
    assert await look(bench, begin + HOUR * 1.5) == 0
    (message,) = [message for url, message in bench.post.sent if "desk" in url and "surge" in message.title]
    assert "23 articles in 1 h" in message.title
    assert await bench.rows("SELECT ended_at IS NULL FROM surges") == [(1,)]
    await look(bench, begin + HOUR * 8)
    assert await bench.rows("SELECT ended_at IS NULL FROM surges") == [(0,)]
    await found(bench, 40, 30, begin + HOUR * 30)
    assert await look(bench, begin + HOUR * 30) == 1


async def test_a_young_watchlist_has_no_rhythm_to_be_above(bench: Bench) -> None:
    await found(bench, 1, 30, now())
    assert await look(bench, now()) == 0


async def test_a_first_poll_is_no_surge(bench: Bench) -> None:
    await known_for(bench, 20)
    config = (bench.folder / "config.toml").read_text()
    await bench.reload(config + '\n[[feeds]]\nurl = "http://two.example/feed"\n')
    items = ((f"k{n}", f"Maduro opens school {n}", f"http://two.example/{n}") for n in range(40))
    bench.web.entries("http://two.example/feed", *items)
    await bench.poll()
    await bench.read()
    await bench.deliver(close_windows=True)
    assert await look(bench, now()) == 0


async def test_a_muted_watchlist_keeps_its_surge_to_itself(bench: Bench) -> None:
    await known_for(bench, 20)
    await bench.change(
        "INSERT INTO mutes(root, key, actor, from_at, until_at) VALUES ('ve', 'k', 'ana', 0, 9000000000000000)"
    )
    await found(bench, 1, 30, now())
    assert await look(bench, now()) == 0
    assert await bench.rows("SELECT alert IS NULL FROM surges") == [(1,)]


async def test_a_surge_is_listed_and_shown_with_its_numbers(bench: Bench) -> None:
    await known_for(bench, 20)
    begin = now() + 10 * HOUR
    await found(bench, 10, 20, begin)
    assert await look(bench, begin) == 1
    ((short,),) = await bench.rows("SELECT short FROM alerts WHERE kind = 'surge'")
    listed = next(
        line for line in feedwatch("alerts", "list", folder=bench.folder).stdout.splitlines() if short in line
    )
    assert listed.split("\t")[5] == "20 articles in 1 h, usually hardly any"
    shown = feedwatch("alerts", "show", short, folder=bench.folder).stdout.splitlines()
    assert shown[2] == "  20 articles in 1 h, usually hardly any; the newest:"
    assert sum("judged on the page" in line for line in shown) == 10


@pytest.mark.parametrize("usual", [0, 1])
async def test_a_few_articles_are_no_surge_however_rare_they_are(bench: Bench, usual: int) -> None:
    await known_for(bench, 20)
    begin = now() + 10 * HOUR
    for day in range(usual * 9):
        await found(bench, 100 + day, 1, begin - timedelta(days=day + 1))
    await found(bench, 1, 7, begin)
    assert await look(bench, begin) == 0
