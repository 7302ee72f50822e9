"""From what is bad in the database to the message about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from feedwatch.alerts.troubles import Jump
from feedwatch.model import Failure, Outcome, Reason, Receipt
from feedwatch.pipeline import health as subject
from feedwatch.pipeline import vitals
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.health import Around
from feedwatch.pipeline.vitals import Vitals
from feedwatch.store import health as table
from feedwatch.store.times import micros
from tests.pipeline.conftest import CONFIG, Bench, opened

FEED = "http://one.example/feed"
HEALTH = """
[health]
notify = ["desk"]
failing_for = "2h"
"""
DOWN = Failure(reason=Reason.TIMEOUT, detail="no complete answer within 20 s")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
PLENTY = 10**12


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A known feed, and somebody to tell."""
    async with opened(tmp_path, CONFIG + HEALTH) as made:
        made.web.entries(FEED)
        await made.poll()
        yield made


async def look(
    bench: Bench, at: datetime | None = None, *, free: int = PLENTY, jump: Jump | None = None,
    began: datetime | None = None,
) -> int:  # fmt: skip
    moment = at or now()
    settings = bench.program.plan.settings
    facts = await bench.store.read(table.facts, settings.health.silent_after, settings.store.keep_articles, moment)
    around = Around(free=free, jump=jump, began=began or moment)
    return await bench.store.write(subject.look, bench.program, facts, around, moment)


async def deliver(bench: Bench) -> None:
    """All that waits, whenever it was made."""
    await bench.change("UPDATE deliveries SET next_try_at = 0")
    await bench.deliver()


async def test_a_failing_feed_is_told_once_and_once_when_it_is_well_again(bench: Bench) -> None:
    began = now()
    bench.web.answers[FEED] = DOWN
    for n in range(4):
        await bench.poll()
        await look(bench, began + n * MINUTE)
    for hours in (2, 3, 50):
        await look(bench, began + hours * HOUR)
        await deliver(bench)
    assert bench.post.titles("desk") == ["feedwatch · One: failed 4 times: timeout, no complete answer within 20 s"]
    bench.web.entries(FEED)
    await bench.poll()
    for hours in (51, 52):
        await look(bench, began + hours * HOUR)
        await deliver(bench)
    assert bench.post.titles("desk")[1:] == ["feedwatch · well again: One"]
    assert bench.post.titles("phone") == []


async def test_a_message_says_since_when_and_the_cure(bench: Bench) -> None:
    began = now()
    bench.web.answers[FEED] = Failure(reason=Reason.GONE, detail="410", final=True)
    await bench.poll()
    await look(bench, began)
    await deliver(bench)
    [(_, message)] = bench.post.sent
    since = f"{began.astimezone():%H:%M}"
    lines = message.body.splitlines()
    assert lines[0] == f"One: failed for good: gone, 410 · since {since}"
    assert lines[1] == "  correct its address or remove it"
    assert lines[2].startswith("#")


async def test_troubles_that_come_together_are_one_message(bench: Bench) -> None:
    bench.web.answers[FEED] = Failure(reason=Reason.GONE, detail="410", final=True)
    await bench.poll()
    jump = Jump(at=now(), by=timedelta(days=-1))
    assert await look(bench, free=380_000_000, jump=jump) == 1
    await deliver(bench)
    assert bench.post.titles("desk") == ["feedwatch · 3 in trouble: the clock, One, the disk"]
    [(_, message)] = bench.post.sent
    assert f"the disk: 380 MB free in {bench.folder} · since" in message.body
    assert "the clock: jumped back by 24 h · since" in message.body


async def test_a_look_that_is_made_again_after_a_crash_tells_nothing_twice(bench: Bench) -> None:
    """Episodes and deliveries are one transaction: there is no state in between."""
    for _ in range(3):
        await look(bench, free=1)
    assert await bench.rows("SELECT count(*) FROM alerts WHERE kind = 'health'") == [(1,)]
    assert await bench.rows("SELECT count(*) FROM deliveries") == [(1,)]


async def test_a_stuck_channel_is_told_on_the_other_one(bench: Bench) -> None:
    bench.post.answers["desk"] = Receipt(outcome=Outcome.FAILED, detail="connection refused")
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    await bench.turn()
    began = now()
    assert await look(bench, began + 29 * MINUTE) == 0
    assert await look(bench, began + 31 * MINUTE) == 1
    await deliver(bench)
    [told] = bench.post.titles("phone")[1:]
    assert told.startswith("feedwatch · desk/")
    assert told.endswith("1 message waits: connection refused")
    bench.post.answers.clear()
    await deliver(bench)
    await look(bench, began + 32 * MINUTE)
    await deliver(bench)
    assert bench.post.titles("phone")[2].startswith("feedwatch · well again: desk/")
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]


async def test_a_message_given_up_is_told_on_the_other_channel(bench: Bench) -> None:
    bench.post.answers["desk"] = Receipt(outcome=Outcome.REFUSED, detail="400 Bad Request")
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    await bench.turn()
    for _ in range(10):
        await deliver(bench)
    assert await look(bench) == 1
    await deliver(bench)
    assert bench.post.titles("phone")[1].endswith("refused 1 message for good: 400 Bad Request")
    assert await look(bench, now() + HOUR) == 0
    assert await look(bench, now() + 25 * HOUR) == 1
    await deliver(bench)
    assert bench.post.titles("phone")[2].startswith("feedwatch · well again: desk/")


async def with_rhythm(bench: Bench, *, every: timedelta, newest: timedelta) -> None:
    """The feed is known for a month and brought an entry `every` so often, the last one `newest` ago."""
    at = now()
    await bench.change("UPDATE feeds SET first_polled_at = ?", micros(at - timedelta(days=30)))
    await bench.change("INSERT INTO articles(key, host, page_state, first_seen_at) VALUES ('k', '', 'not_wanted', 0)")
    for n in range(timedelta(days=20) // every):
        await bench.change(
            "INSERT INTO entries(feed_id, key, article_id, title, summary, content, authors, first_seen_at, how,"
            " decided_version) VALUES (1, ?, 1, '', '', '', '[]', ?, 'new', 1)",
            str(n), micros(at - newest - n * every),
        )  # fmt: skip


async def test_a_feed_that_breaks_its_rhythm_is_told_and_a_new_entry_ends_it(bench: Bench) -> None:
    await with_rhythm(bench, every=timedelta(minutes=36), newest=timedelta(hours=26, minutes=1))
    await look(bench)
    await deliver(bench)
    assert bench.post.titles("desk") == ["feedwatch · One: usually 40 entries a day, none for 26 h"]
    bench.web.answers[FEED] = DOWN
    await bench.poll()
    assert await look(bench) == 0, "a feed that fails meanwhile is not well again"
    bench.web.entries(FEED, ("a", "The harbour opens", "http://one.example/a"))
    await bench.poll()
    await look(bench)
    await deliver(bench)
    assert bench.post.titles("desk")[1:] == ["feedwatch · well again: One"]


async def test_a_feed_that_is_not_asked_is_not_silent(bench: Bench) -> None:
    await with_rhythm(bench, every=timedelta(minutes=36), newest=timedelta(hours=26, minutes=1))
    await bench.change("UPDATE feeds SET last_good_at = ?", micros(now() - timedelta(hours=25)))
    assert await look(bench) == 0


async def test_a_sparse_feed_is_not_silent(bench: Bench) -> None:
    await with_rhythm(bench, every=timedelta(days=1), newest=timedelta(days=10))
    assert await look(bench) == 0


async def test_a_watchlist_that_breaks_its_rhythm_is_told_and_a_match_ends_it(bench: Bench) -> None:
    at = now()
    for n in range(80):
        bench.web.entries(FEED, (str(n), f"Maduro speaks {n}", f"http://one.example/{n}"))
        await bench.turn()
    sent = len(bench.post.sent)
    await bench.change("UPDATE decisions SET at = ? - id * ?", micros(at - 26 * HOUR), HOUR // MICROSECOND * 6)
    await bench.change(
        "UPDATE articles SET first_seen_at = ? - id * ?", micros(at - 26 * HOUR), HOUR // MICROSECOND * 6
    )
    await bench.change("UPDATE watchlists SET since = ?", micros(at - 26 * HOUR - 81 * 6 * HOUR))
    await bench.change("UPDATE feeds SET first_polled_at = ?", micros(at - HOUR))
    assert await look(bench) == 0, "by the clock it is quiet, but no news came"
    for n in range(5):
        bench.web.entries(FEED, (f"x{n}", f"The harbour opens {n}", f"http://one.example/x{n}"))
        await bench.turn()
    assert await look(bench) == 1
    await deliver(bench)
    [(_, told)] = bench.post.sent[sent:]
    assert told.title == "feedwatch · watchlist ve: usually 4 matches a day, none for 32 h in 5 articles"
    bench.web.entries(FEED, ("y", "Maduro is silent", "http://one.example/y"))
    await bench.turn()
    await look(bench)
    await deliver(bench)
    assert "feedwatch · well again: watchlist ve" in bench.post.titles("desk")


async def test_a_removed_feed_gets_well_in_silence(bench: Bench) -> None:
    bench.web.answers[FEED] = Failure(reason=Reason.GONE, detail="410", final=True)
    await bench.poll()
    assert await look(bench) == 1
    await bench.reload((CONFIG + HEALTH).replace(FEED, "http://two.example/feed"))
    assert await look(bench) == 0
    assert await bench.rows("SELECT count(*) FROM episodes WHERE settled_at IS NULL") == [(0,)]


async def test_with_nobody_to_tell_episodes_are_kept_and_told_when_there_is_somebody(bench: Bench) -> None:
    await bench.reload(CONFIG)
    assert await look(bench, free=1) == 0
    assert await bench.rows("SELECT kind, told_at FROM episodes") == [("disk", None)]
    await bench.reload(CONFIG + HEALTH)
    assert await look(bench, free=1) == 1


async def test_the_still_watching_line_comes_once_for_each_of_its_times(bench: Bench) -> None:
    began = now()
    at = (began + timedelta(minutes=5)).astimezone()
    wish = f'{HEALTH}still_watching = "{at:%H:%M}"\n'
    await bench.reload(CONFIG + wish)
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    await bench.turn()
    for minutes in (0, 3, 6, 7, 60 * 24, 60 * 24 + 6):
        await look(bench, began + minutes * MINUTE, began=began)
        await deliver(bench)
    lines = [message for _, message in bench.post.sent if message.title == "feedwatch · still watching"]
    feeds = ["1 feed well", "0 feeds well, 1 late"]
    news = ["1 article, 1 alert", "0 articles, 0 alerts"]
    since = [f"{began.astimezone():%A %H:%M}", f"{at:%A %H:%M}"]
    assert [line.body.splitlines()[0] for line in lines] == [
        f"watching: {feeds[n]}; {news[n]} since {since[n]}" for n in (0, 1)
    ]


class Asked:
    """A fetcher that counts."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def get(self, request: Any) -> Failure:
        self.urls.append(request.url)
        return DOWN


def engine_over(bench: Bench) -> Any:
    return SimpleNamespace(store=bench.store, program=bench.program, fetcher=Asked(), loops=())


async def test_the_heartbeat_beats_while_all_goes_through_and_not_else(bench: Bench) -> None:
    url = "http://127.0.0.1:9/beat"
    await bench.reload(CONFIG + HEALTH + f'heartbeat = "{url}"\nheartbeat_every = "1s"\nevery = "1s"\n')
    running = engine_over(bench)
    watcher = Vitals(running)
    await watcher.turn()
    await watcher.turn()
    assert running.fetcher.urls == [url]
    await asyncio.sleep(1.1)
    await watcher.turn()
    assert len(running.fetcher.urls) == 2
    await bench.change("UPDATE feeds SET last_good_at = 0")
    await asyncio.sleep(1.1)
    await watcher.turn()
    assert len(running.fetcher.urls) == 2
    await watcher.close()


async def test_a_clock_that_jumps_is_noticed_and_one_that_is_nudged_is_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = Vitals(engine_over(bench))
    for seconds in (20, 10, 40, 86_400):
        monkeypatch.setattr(vitals, "now", lambda by=seconds: now() + timedelta(seconds=by))
        await watcher.turn()
    assert [record.args for record in caplog.records if "jumped" in record.getMessage()] != []
    assert watcher._jump is not None
    assert round(watcher._jump.by.total_seconds()) == 86_360
    await watcher.close()


async def test_healthz_says_when_the_writer_does_not_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "PATIENCE", 0.2)
    watcher = Vitals(engine_over(bench))
    assert (await watcher.alive()).status == 200
    held = asyncio.create_task(bench.store.write(lambda _: time.sleep(1)))
    await asyncio.sleep(0.05)
    for _ in range(3):
        answer = await watcher.alive()
        assert (answer.status, b"has not answered" in answer.body) == (503, True)
    await held
    assert (await watcher.alive()).status == 200
    await watcher.close()


async def test_readyz_says_what_does_not_go_through(bench: Bench) -> None:
    watcher = Vitals(engine_over(bench))
    assert (await watcher.ready()).body == b"ready\n"
    await bench.change("UPDATE feeds SET last_polled_at = NULL")
    answer = await watcher.ready()
    assert (answer.status, answer.body) == (503, b"1 feed not polled yet\n")
    await watcher.close()
