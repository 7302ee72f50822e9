"""Pruning through the writer, and what a poll makes of a feed whose items are gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.config.load import load
from feedwatch.config.settings import Store
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.prune import AT_ONCE, Pruned, keep_of, prune, prune_daily
from feedwatch.store import retention
from tests.pipeline.conftest import Bench, opened

FEED = "http://one.example/feed"
ITEMS = [(f"i{n}", f"Item {n} from Venezuela", f"http://one.example/{n}") for n in range(5)]
LATER = timedelta(days=3000)


async def told(bench: Bench) -> None:
    """Five items, read and told to two channels; a sixth that is no longer in the feed."""
    for _, title, link in [*ITEMS, ("gone", "Gone from Venezuela", "http://one.example/gone")]:
        bench.web.page(link, title, "Maduro spoke.")
    bench.web.entries(FEED, *ITEMS, ("gone", "Gone from Venezuela", "http://one.example/gone"))
    await bench.turn()
    while await bench.deliver():
        pass
    bench.web.entries(FEED, *ITEMS)
    await bench.poll()
    assert await bench.rows("SELECT count(*) FROM deliveries WHERE state = 'sent'") == [(12,)]


async def counts(bench: Bench) -> tuple[int, ...]:
    tables = ("entries", "articles", "alerts", "seen")
    ((row),) = await bench.rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
    return tuple(row)


async def test_when_all_is_pruned_the_same_feed_brings_nothing_new(bench: Bench) -> None:
    await told(bench)
    before = await counts(bench)
    assert before[:3] == (6, 6, 6)
    pruned = await prune(bench.store, keep_of(Store()), now() + LATER)
    assert pruned == Pruned(articles=1, alerts=6, seen=0)
    bench.web.entries(FEED, ("fresh", "A fresh one", "http://one.example/fresh"), *ITEMS)
    await bench.poll()
    assert await bench.rows("SELECT title FROM entries WHERE decided_version = 0") == [("A fresh one",)]
    bench.post.sent.clear()
    await bench.turn()
    assert bench.post.sent == []


async def test_an_item_whose_text_is_pruned_is_still_known_when_its_feed_shows_it_again(bench: Bench) -> None:
    await told(bench)
    await prune(bench.store, keep_of(Store()), now() + LATER)
    bench.web.entries(FEED, *ITEMS, ("gone", "Gone from Venezuela", "http://one.example/gone"))
    await bench.poll()
    assert (await bench.rows("SELECT count(*) FROM entries"))[0] == (5,)
    assert await bench.rows("SELECT outcome FROM feeds") == [("nothing new",)]


async def test_old_items_that_a_publisher_touches_after_pruning_alert_nobody(bench: Bench) -> None:
    await told(bench)
    await prune(bench.store, keep_of(Store()), now() + LATER)
    bench.post.sent.clear()
    bench.web.entries(FEED, *ITEMS, summary="Now with a line below every item about Venezuela.")
    await bench.turn()
    assert await bench.rows("SELECT count(*) FROM entries WHERE version = 2") == [(5,)]
    assert bench.post.sent == []


async def test_what_waits_for_its_decision_or_its_send_stays(bench: Bench) -> None:
    bench.web.page("http://one.example/0", ITEMS[0][1], "Maduro spoke.")
    bench.web.entries(FEED, ITEMS[0])
    await bench.poll()
    await bench.read()  # told, not sent
    bench.web.entries(FEED, ITEMS[1])
    await bench.poll()  # seen, not read
    bench.web.entries(FEED, ("other", "Other", "http://one.example/other"))
    await bench.poll()
    assert await prune(bench.store, keep_of(Store()), now() + LATER) == Pruned(articles=0, alerts=0, seen=0)


async def test_pruning_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Other units come through between its transactions."""
    async with opened(tmp_path) as bench:
        await fill(bench, 1500)
        written, running = 0, asyncio.create_task(prune(bench.store, keep_of(Store()), now() + LATER))
        while not running.done():
            await bench.change("UPDATE feeds SET detail = 'written'")
            written += 1
        assert running.result().articles == 1500
        assert written > 1500 / AT_ONCE / 2


async def fill(bench: Bench, articles: int) -> None:
    """Old articles that nothing shows any more, with texts."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {articles})"
    for statement in (
        (
            "INSERT INTO articles(id, key, url, host, page_state, first_seen_at)"
            f" {numbers} SELECT i, 'a:' || i, 'u', 'h', 'read', 0 FROM n"
        ),
        (
            "INSERT INTO entries(feed_id, key, article_id, version, decided_version, title, summary, content, authors,"
            f" first_seen_at, how) {numbers} SELECT 1, 'k' || i, i, 1, 1, 't', 's', 'c', '[]', 0, 'new' FROM n"
        ),
        (
            "INSERT INTO revisions(article_id, n, kind, fetched_at, content_sha, title, body, authors)"
            f" {numbers} SELECT i, 1, 'page', 0, x'00', 't', printf('%.3000c', 'x'), '[]' FROM n"
        ),
        (
            f"INSERT INTO fts(rowid, title, summary, body) {numbers}"
            " SELECT i, 'title ' || i, 'summary', replace(printf('%.400c', '.'), '.', 'word' || (i % 97) || ' ') FROM n"
        ),
    ):
        await bench.change(statement)


async def test_a_stop_in_the_middle_leaves_a_whole_database_and_the_next_run_ends_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        await fill(bench, 300)

        def stop(done: int, _total: int) -> None:
            if done >= 100:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await prune(bench.store, keep_of(Store()), now() + LATER, stop)
        (left,) = (await bench.rows("SELECT count(*) FROM articles"))[0]
        assert left == 200
        assert await bench.rows("PRAGMA foreign_key_check") == []
        assert await bench.rows("SELECT count(*) FROM fts") == [(left,)]
        assert (await prune(bench.store, keep_of(Store()), now() + LATER)).articles == left


async def test_the_daemon_prunes_once_a_day(bench: Bench) -> None:
    await told(bench)
    settings, at = Store(), now() + LATER
    await prune_daily(bench.store, settings, at)
    assert await bench.store.read(retention.last_pruned) == at
    await prune_daily(bench.store, settings, at + timedelta(hours=23))
    assert await bench.store.read(retention.last_pruned) == at
    await prune_daily(bench.store, settings, at + timedelta(hours=25))
    assert await bench.store.read(retention.last_pruned) == at + timedelta(hours=25)
    await prune_daily(bench.store, settings, at)  # a clock that went back
    assert await bench.store.read(retention.last_pruned) == at


def test_marks_are_kept_at_least_as_long_as_texts_and_the_config_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[store]\nkeep_articles = "60w"\nkeep_seen = "50w"\n')
    settings = load(config, {})
    assert keep_of(settings.store).seen == timedelta(weeks=60)
    assert "config.toml:3: keep_seen: keep_articles is 60w, which holds (raise it)" in settings.warnings
