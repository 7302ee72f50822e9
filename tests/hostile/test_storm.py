"""A real daemon under attack: nothing stands still, nothing grows, and honest pages are read meanwhile."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from feedwatch.pipeline.read import POISON as DEATHS
from tests.citizen.simulated import entry, rss
from tests.citizen.test_pages_and_bodies import PAGE
from tests.edges.recorder import always, reply
from tests.hostile import attacks
from tests.hostile.attacks import MB, on_the_wire
from tests.hostile.siege import Siege, siege

STALL = 0.1  # seconds that the event loop may stand still
GROWTH = 32 * MB  # of the daemon's own memory, at its peak
FEED_DEADLINE = 30.0  # seconds, of a feed in its worker
SOON = 3.0  # seconds from an honest entry's arrival to its page's reading

WIRE = on_the_wire("application/rss+xml")
HTML = {"content_type": "text/html"}

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not os.environ.get("FAULTS"), reason="takes minutes, on a quiet machine: make faults"),
]


def held_out(held: Siege, what: str, *, slowest: float = SOON) -> None:
    """The limits; the figures go to who runs this with -s."""
    stall, growth = held.worst_stall, held.growth
    print(f"\n{what}: worst stall {1000 * stall:.0f} ms, growth {growth / MB:.1f} MB, good page {held.slowest:.2f} s")  # noqa: T201
    assert stall <= STALL
    assert growth <= GROWTH
    assert held.slowest <= slowest


async def test_all_attacks_on_the_wire_at_once_neither_stall_the_daemon_nor_fill_its_memory(tmp_path: Path) -> None:
    async with siege(tmp_path, len(WIRE)) as held:
        await held.warmed_up()
        for answer, attacker in zip(WIRE.values(), held.attackers, strict=True):
            attacker.says["/feed"] = answer
        await held.good_news()
        for attacker in held.attackers:
            assert await held.until(partial(held.outcome, attacker)) != "worker_crash"
        await held.good_news()
        held_out(held, f"{len(WIRE)} attacks at once")


async def test_hostile_documents_cost_their_worker_and_nobody_else(tmp_path: Path) -> None:
    pages = {
        "deep": attacks.deep(100_000, "word " * 100),
        "broad": attacks.broad(MB),
        "nulls": PAGE.replace(b"Tuesday", b"\0\x01\x1bTuesday\x7f"),
        "idna": b"<meta charset=idna>" + PAGE + "é".encode("latin-1"),
        "utf-7": b"<meta charset=utf-7>" + PAGE + "é".encode("latin-1"),
    }
    feeds = [attacks.author(16_000), attacks.many_items(20_000), b"<rss><channel>" + b"<item>" * 200_000]
    async with siege(tmp_path, 1 + len(feeds)) as held:
        await held.warmed_up()
        first, *others = held.attackers
        for name, page in pages.items():
            first.says[f"/{name}"] = always(reply(page, "200 OK", **HTML))
        items = (entry(name, link=first.recorder.url(f"/{name}")) for name in pages)
        first.says["/feed"] = always(reply(rss(*items), etag='"pages"'))
        for attacker, feed in zip(others, feeds, strict=True):
            attacker.says["/feed"] = always(reply(feed, etag='"feed"'))
        await held.good_news()
        await held.until(
            lambda: held.rows("SELECT count(*) FROM feeds WHERE etag = '\"feed\"' OR failures") == [(3,)], 60
        )
        untried = "url NOTNULL AND page_state = 'pending' AND tries = 0"
        sql = f"SELECT count(*) FROM articles WHERE host = '127.1.0.1' AND {untried}"
        await held.until(lambda: held.rows(sql) == [(0,)], 60)
        await held.good_news(60)
        ((items_kept,),) = held.rows("SELECT count(*) FROM entries WHERE feed_id = 3")
        assert items_kept == 2_001, "the newest 2,000 and the one from before"
        held_out(held, "hostile documents at once, on two workers", slowest=2 * FEED_DEADLINE)


async def test_each_attack_alone_as_feed_and_as_page(tmp_path: Path) -> None:
    """Twice forty attacks, one after the other, with an honest article after each."""
    pages = on_the_wire("text/html")
    async with siege(tmp_path, len(WIRE)) as held:
        await held.warmed_up()
        for number, (name, attacker) in enumerate(zip(WIRE, held.attackers, strict=True)):
            attacker.says["/page"] = pages[name]
            attacker.says["/feed"] = always(reply(rss(entry("p", link=attacker.recorder.url("/page"))), etag='"p"'))
            tried = f"SELECT 1 FROM articles WHERE host = '127.1.{number}.1' AND (tries > 0 OR page_state = 'given_up')"
            await held.until(partial(held.rows, tried))
            await held.good_news()
            attacker.says["/feed"] = WIRE[name]
            await held.until(partial(held.outcome, attacker))
            await held.good_news()
            held_out(held, name)


async def test_documents_that_take_a_worker_for_its_whole_time_delay_no_honest_page(tmp_path: Path) -> None:
    """One worker is taken for half a minute at a time; the other goes on, and the first is back at once."""
    slow = {
        "attributes": attacks.attributes(MB),
        "items": attacks.many_items(100_000),
        "author": attacks.author(60_000),
    }
    async with siege(tmp_path, len(slow)) as held:
        await held.warmed_up()
        for (name, feed), attacker in zip(slow.items(), held.attackers, strict=True):
            attacker.says["/feed"] = always(reply(feed, etag='"slow"'))
            await held.good_news()
            sql = "SELECT outcome FROM feeds WHERE url = ? AND (failures > 0 OR etag = '\"slow\"')"
            ((outcome,),) = await held.until(partial(held.rows, sql, attacker.feed), 60)
            del attacker.says["/feed"]  # one at a time: as many as there are workers would take them all
            await held.good_news()
            held_out(held, f"{name}: {outcome}")


async def test_a_poison_page_is_tried_twice_and_flagged_and_its_entry_decided_on_the_feeds_text(tmp_path: Path) -> None:
    more = '\n[reading]\nmax_wait = "0s"\n'
    assert DEATHS >= 2
    async with siege(tmp_path, 1, more=more) as held:
        await held.warmed_up()
        (attacker,) = held.attackers
        attacker.says["/page"] = always(reply(attacks.broad(9 * MB), "200 OK", **HTML))
        item = entry("Venezuela in the headline", link=attacker.recorder.url("/page"))
        attacker.says["/feed"] = always(reply(rss(item), etag='"p"'))
        await held.until(lambda: held.rows("SELECT 1 FROM articles WHERE host = '127.1.0.1' AND tries = 1"), 60)
        await held.good_news()
        sql = "SELECT reason, tries FROM articles WHERE host = '127.1.0.1' AND page_state = 'given_up'"
        ((reason, tries),) = await held.until(lambda: held.rows(sql), 240)
        asked = [one for one in attacker.recorder.asked if one.target == "/page"]
        assert (reason in {"worker_timeout", "worker_memory"}, tries, len(asked)) == (True, 2, 2)
        assert held.rows("SELECT count(*) FROM alerts") == [(1,)]
        await held.good_news()
        held_out(held, f"poison page: {reason}")
