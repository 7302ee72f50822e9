"""Pages are asked for once and with permission; odd bodies are what they are: rules 14 and 15 of docs/politeness.md."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.citizen.simulated import DAY, HOUR, MINUTE, ONE, Life, Simulation, entry, rss
from tests.edges.recorder import reply

TEXT = "The council met on Tuesday and spoke at length about the harbour, its cranes and its new bridge. " * 12
PAGE = f"<html><head><title>P</title></head><body><article><h1>P</h1><p>{TEXT}</p></article></body></html>".encode()
HTML = {"content_type": "text/html"}
FREE = reply(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain")


async def published(town: Simulation, life: Life, *paths: str) -> None:
    """A feed known by an empty poll shows entries with these pages."""
    town.say("/feed", reply(rss(), etag='"0"'))
    await life.poll()
    town.say("/feed", reply(rss(*(entry(path, link=town.url(path)) for path in paths)), etag='"1"'))


async def test_a_page_is_asked_for_once_in_days_with_restarts(town: Simulation) -> None:
    """G14."""
    pages = [f"/a{n}" for n in range(10)]
    town.say("/robots.txt", FREE)
    for page in pages:
        town.say(page, reply(PAGE, "200 OK", **HTML))
    async with town.running() as life:
        await published(town, life, *pages)
        await life.live(12 * HOUR, reading=True)
    for _ in range(3):
        async with town.running() as life:
            await life.live(12 * HOUR, reading=True)
    assert [len(town.times(page)) for page in pages] == [1] * 10
    assert len(town.times("/robots.txt")) == 1


async def test_a_page_that_fails_is_tried_at_0_2_and_15_minutes_and_never_again(town: Simulation) -> None:
    """G14."""
    town.say("/robots.txt", FREE)
    town.say("/bad", reply(b"", "500 x"))
    async with town.running() as life:
        await published(town, life, "/bad")
        await life.live(40 * MINUTE, reading=True)
    async with town.running() as life:
        await life.live(DAY, reading=True)
        assert await life.rows("SELECT count(*) FROM entries WHERE decided_version < version") == [(0,)]
    tries = town.times("/bad")
    assert [round((at - tries[0]) / MINUTE) for at in tries] == [0, 2, 15]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/gone", reply(b"", "404 x")),
        ("/paywall", reply(b"", "403 x")),
        ("/film", reply(b"\0\0\0\x20ftypisom", content_type="video/mp4")),
        ("/index", reply(b"<html><nav><a href='/'>Home</a></nav></html>", content_type="text/html")),
    ],
)
async def test_a_page_that_is_none_is_remembered_as_such(town: Simulation, path: str, answer: bytes) -> None:
    """G14."""
    town.say("/robots.txt", FREE)
    town.say(path, answer)
    async with town.running() as life:
        await published(town, life, path)
        await life.live(2 * HOUR, reading=True)
    async with town.running() as life:
        await life.live(10 * HOUR, reading=True)
    assert len(town.times(path)) == 1


@pytest.mark.parametrize(("line", "asked"), [("/feed", 0), ("/feed robots = false", 1)])
async def test_robots_txt_is_obeyed_for_pages_unless_the_owner_chose_otherwise(
    town: Simulation, line: str, asked: int
) -> None:
    """G14."""
    town.say("/robots.txt", FREE)
    town.say("/private/a", reply(PAGE, "200 OK", **HTML))
    async with town.running(line) as life:
        await published(town, life, "/private/a")
        await life.live(10 * HOUR, reading=True)
        assert await life.rows("SELECT count(*) FROM entries WHERE decided_version < version") == [(0,)]
    assert len(town.times("/private/a")) == asked


async def test_a_hundred_refused_pages_do_not_delay_their_feed(town: Simulation) -> None:
    """G8, G14."""
    town.say("/robots.txt", FREE)
    pages = [f"/a{n}" for n in range(100)]
    for page in pages:
        town.say(page, reply(b"", "403 x", retry_after="86400"))
    async with town.running() as life:
        await published(town, life, *pages)
        await life.live(12 * HOUR, reading=True)
        assert await life.rows("SELECT failures, hold_until FROM feeds") == [(0, None)]
    polls = town.times("/feed")
    assert max(after - before for before, after in pairwise(polls)) <= 67 * MINUTE


# Bodies

BODIES: dict[str, tuple[bytes, str, int]] = {
    "cut short": (reply(ONE).removesuffix(ONE[-20:]), "network", 0),
    "a chunk is missing": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss \r\n", "network", 0),
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(ONE), ONE),
        "new",
        1,
    ),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", "not modified", 0),
    "empty": (reply(), "not modified", 0),
    "said to be HTML": (reply(ONE, content_type="text/html"), "new", 1),
    "said to be an image": (reply(ONE, content_type="image/png"), "new", 1),
    "HTML": (
        reply(
            b"<html><head><link rel='alternate' type='application/rss+xml' href='/the-feed'></head><p>Hello</html>",
            content_type="application/rss+xml",
        ),
        "not_a_feed",
        0,
    ),
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_body_is_taken_for_what_it_is(town: Simulation, what: str) -> None:
    """G15."""
    answer, outcome, entries = BODIES[what]
    town.say("/feed", answer)
    town.server.hang_up = True
    async with town.running() as life:
        await life.poll()
        assert await life.rows("SELECT outcome, claimed_at FROM feeds") == [(outcome, None)]
        assert await life.rows("SELECT count(*) FROM entries") == [(entries,)]
        ((detail,),) = await life.rows("SELECT detail FROM feeds")
    if what == "HTML":
        assert town.url("/the-feed") in detail
