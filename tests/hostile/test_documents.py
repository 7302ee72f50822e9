"""Documents that attack who reads them: nothing outside is opened, nothing inside is lost, and workers are replaced."""

from __future__ import annotations

import asyncio
import gzip
import html
import json
from datetime import timedelta
from pathlib import Path
from time import process_time

import pytest

from feedwatch.articles.page import read_page
from feedwatch.edges.workers import Workers
from feedwatch.errors import FeedUnreadable, PageUnreadable, WorkerError, WorkerTimeout
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.texts import ENTRY_CAP
from tests.citizen.simulated import MINUTE, Simulation, entry, rss, simulation
from tests.citizen.test_pages_and_bodies import HTML, PAGE
from tests.edges.recorder import Recorder, always, reply
from tests.harness import SHARED
from tests.hostile import attacks

HOSTILE = SHARED / "corpus" / "hostile"
CHEAP = 5.0  # processor seconds that no small document may take
SECRET = "the secret that is in the file"


def read(body: bytes) -> tuple[str, ...]:
    """All that is made of a feed."""
    try:
        feed = parse_feed(body, "application/xml", "http://hostile.example/feed")
    except FeedUnreadable as problem:
        return (str(problem),)
    return tuple(f"{one.title} {one.summary} {one.content}" for one in feed.entries)


def page_text(body: bytes) -> str:
    try:
        page = read_page(body, "http://hostile.example/page", "text/html")
    except PageUnreadable as problem:
        return str(problem)
    return f"{page.title} {page.body}"


async def test_no_document_opens_a_file_or_an_address_and_none_swells(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    async with Recorder(always(reply(SECRET.encode()))) as sentinel:
        for name, body in attacks.xml_attacks(str(secret), sentinel.url("")).items():
            began = process_time()
            said = await asyncio.to_thread(read, body)
            assert process_time() - began <= CHEAP, name
            assert SECRET not in "".join(said), name
            assert sum(map(len, said)) <= 10**6, name
    assert sentinel.connections == 0


@pytest.mark.corpus
@pytest.mark.skipif(not HOSTILE.exists(), reason="needs ../shared")
@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.xml")), ids=lambda path: path.name)
def test_the_attacks_of_others_are_no_feeds_and_cost_nothing(path: Path) -> None:
    began = process_time()
    (said,) = read(path.read_bytes())
    assert process_time() - began <= CHEAP
    assert "is no feed" in said or "is not a feed" in said or "not" in said


def strings() -> list[str]:
    if HOSTILE.exists():
        found = json.loads((HOSTILE / "naughty-strings.json").read_text())
        return [text for text in dict.fromkeys(found) if text.strip()]
    return [
        "'; DROP TABLE entries; --",
        "\ud83d\udc69\u200d\u2764",
        "\u202etxt.exe",
        "<script>alert(1)</script>",
        "%s%n",
    ]


async def test_naughty_strings_as_ids_titles_texts_and_pages_are_all_decided(tmp_path: Path) -> None:
    """Each entry speaks of Venezuela once, and a hit is found in each, whatever stands beside it."""
    naughty = strings()[:150]
    async with simulation(tmp_path) as town:
        await _naughty(town, naughty)


async def _naughty(town: Simulation, naughty: list[str]) -> None:
    town.say("/feed", reply(rss(), etag='"0"'))
    town.say("/robots.txt", reply(b"", "404 x"))
    items = []
    for number, text in enumerate(naughty):
        safe = html.escape(text.encode(errors="replace").decode())
        town.say(f"/{number}", reply(PAGE.replace(b"Tuesday", safe.encode()), "200 OK", **HTML))
        items.append(entry(f"{safe} Venezuela", link=town.url(f"/{number}"), text=f"{safe}"))
    async with town.running() as life:
        await life.poll()
        town.say("/feed", reply(rss(*items), etag='"1"'))
        await life.live(80 * MINUTE, reading=True)
        assert await life.rows("SELECT count(*) FROM entries") == [(len(naughty),)]
        assert await life.rows("SELECT count(*) FROM entries WHERE decided_version < version") == [(0,)]
        assert await life.rows("SELECT count(DISTINCT entry_id) FROM decisions") == [(len(naughty),)]


@pytest.mark.parametrize(
    "body",
    [
        attacks.deep(4_000, "word " * 100),
        attacks.deep(200, "word " * 100).replace(b"div", b"table"),
        b"<html><body>" + b"<p>\0\x01\x1bword\x7f </p>" * 2_000,
        b"<meta charset=idna>" + PAGE + "é".encode("latin-1"),
        b"<meta charset=punycode>" + PAGE,
        b"<meta charset=utf-7>" + PAGE + b"+ADw-script+AD4-",
        b"<meta charset='" + b"x" * 10_000 + b"'>" + PAGE,
        b"<p " + b"a" * 300_000,
        b"<!--" * 50_000,
        b"&#x110000;&#xd800;&#0;" * 10_000 + PAGE,
        b"<html " * 20_000,
        PAGE.replace(b"Tuesday", b"x" * 100_000),
    ],
    ids=range(12),
)
def test_a_page_is_read_or_said_to_be_unreadable(body: bytes) -> None:
    began = process_time()
    said = page_text(body)
    assert said
    assert not {"\0", "\x1b"} & set(said)
    assert process_time() - began <= CHEAP


def test_of_many_entries_the_newest_are_kept_and_the_rest_is_counted() -> None:
    """100,000 of them are tried by `make faults`, in a worker with a deadline."""
    feed = parse_feed(attacks.many_items(ENTRY_CAP + 500), "application/rss+xml", "http://hostile.example/feed")
    assert (len(feed.entries), feed.left_out) == (ENTRY_CAP, 500)


@pytest.mark.parametrize("body", [attacks.author(60_000), attacks.attributes(1_000_000)], ids=["author", "attributes"])
async def test_the_two_slow_feeds_cost_a_worker_its_deadline_and_the_next_feed_nothing(body: bytes) -> None:
    honest = rss(entry("honest"))
    async with Workers(1, 500 * attacks.MB, ("feedwatch.feeds.parse",), 100) as workers:
        with pytest.raises(WorkerTimeout):
            await workers.run(parse_feed, body, None, "http://h.example/", deadline=timedelta(seconds=1))
        feed = await workers.run(parse_feed, honest, None, "http://h.example/", deadline=timedelta(seconds=30))
    assert [one.title for one in feed.entries] == ["honest"]


async def test_a_page_too_large_for_a_worker_costs_that_worker_alone() -> None:
    body = attacks.broad(20 * attacks.MB)
    async with Workers(1, 400 * attacks.MB, ("feedwatch.articles.page",), 100) as workers:
        with pytest.raises(WorkerError):
            await workers.run(read_page, body, "http://h.example/", "text/html", deadline=timedelta(seconds=1))
        page = await workers.run(read_page, PAGE, "http://h.example/", "text/html", deadline=timedelta(seconds=30))
    assert "council" in page.body


def test_a_gzip_bomb_inside_a_document_is_bytes_like_any_other() -> None:
    assert "gzip" in read(gzip.compress(rss(entry("one"))))[0] or read(gzip.compress(b"x"))
