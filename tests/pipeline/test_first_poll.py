from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from feedwatch.pipeline.clock import now
from tests.pipeline.conftest import CONFIG, Bench, opened

FEED = "http://one.example/feed"
A = "http://one.example/a"
TWO = '\n[[feeds]]\nurl = "http://two.example/feed"\n'


async def test_the_last_day_of_a_first_poll_comes_as_one_digest_a_channel(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        items = [(f"i{n}", f"Maduro speaks {n}", f"{A}{n}") for n in range(5)]
        bench.web.entries(FEED, *items, ("h", "Harbour", A))
        await bench.turn()
        assert bench.post.titles("desk") == ["VE · 5 of 6 entries match"]
        assert bench.post.titles("phone") == ["VE · 5 of 6 entries match"]


async def test_an_empty_backfill_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        bench.web.entries(FEED, ("h", "Harbour", A))
        await bench.turn()
        assert bench.post.titles("desk") == ["feedwatch · 0 of 1 entry matched"]


async def test_a_first_poll_without_entries_says_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        bench.web.entries(FEED)
        await bench.turn()
        assert bench.post.sent == []


async def test_old_and_undated_entries_of_a_first_poll_are_baseline_and_their_pages_not_fetched(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        body = bench.web.answers[FEED]
        assert isinstance(body, bytes)
        before, rest = body.split(b"<pubDate>")
        bench.web.answers[FEED] = before + rest.split(b"</pubDate>")[1]
        await bench.turn()
        assert bench.post.sent == []
        assert [request.url for request in bench.web.asked] == [FEED]
        assert await bench.rows("SELECT outcome FROM decisions") == [("baseline",)]


async def test_the_digest_waits_for_the_first_polls_of_all_feeds(tmp_path: Path) -> None:
    async with opened(tmp_path, CONFIG + TWO) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        await bench.change("UPDATE feeds SET claimed_at = 1 WHERE address LIKE '%two%'")  # its poll takes long
        await bench.turn()
        assert bench.post.sent == []
        bench.web.entries("http://two.example/feed", ("b", "Maduro answers", "http://two.example/b"))
        await bench.change("UPDATE feeds SET claimed_at = NULL")
        await bench.turn()
        assert bench.post.titles("desk") == ["VE · 2 of 2 entries match"]


async def test_the_digest_waits_ten_minutes_and_no_longer(tmp_path: Path) -> None:
    async with opened(tmp_path, CONFIG + TWO) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        await bench.change("UPDATE feeds SET claimed_at = 1 WHERE address LIKE '%two%'")
        await bench.turn()
        await bench.change("UPDATE windows SET closes_at = ?", int((now() - timedelta(seconds=1)).timestamp() * 1e6))
        await bench.deliver()
        assert bench.post.titles("desk") == ["VE · 1 of 1 entry matches"]


async def test_what_is_decided_after_the_digest_alerts_singly(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        await bench.poll()
        await bench.deliver(close_windows=True)
        await bench.read()
        await bench.deliver()
        assert bench.post.titles("desk") == ["feedwatch · 0 of 1 entry matched", "VE · Maduro speaks"]


async def test_what_a_digest_told_is_not_told_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", A))
        await bench.turn()
        bench.web.entries(FEED, ("b", "Maduro speaks once more", A))
        await bench.turn()
        assert bench.post.titles("desk") == ["VE · 1 of 1 entry matches"]


async def test_a_feed_removed_and_added_again_is_no_first_poll(tmp_path: Path) -> None:
    async with opened(tmp_path, CONFIG + TWO) as bench:
        bench.web.entries("http://two.example/feed", ("a", "Harbour", A))
        bench.web.entries(FEED)
        await bench.turn()
        await bench.reload(CONFIG)
        await bench.reload(CONFIG + TWO)
        bench.web.entries(
            "http://two.example/feed", ("a", "Harbour", A), ("b", "Maduro speaks", "http://two.example/b")
        )
        await bench.turn()
        assert bench.post.titles("desk")[1:] == ["VE · Maduro speaks"]


async def test_an_old_entry_alerts_when_its_headline_begins_to_say_the_word(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench:
        undated(bench, ("a", "Harbour", A), ("b", "Maduro speaks", A + "b"))
        await bench.turn()
        undated(bench, ("a", "Maduro opens the harbour", A), ("b", "Maduro speaks!", A + "b"))
        await bench.turn()
        assert bench.post.titles("desk") == ["VE · Maduro opens the harbour"]


def undated(bench: Bench, *items: tuple[str, str, str]) -> None:
    bench.web.entries(FEED, *items)
    body = bench.web.answers[FEED]
    assert isinstance(body, bytes)
    bench.web.answers[FEED] = re.sub(b"<pubDate>.*?</pubDate>", b"", body)
