"""What a request says, and how many are open at once: rules G11 and G12 of docs/politeness.md."""

from __future__ import annotations

import asyncio

from feedwatch import __version__
from tests.citizen.simulated import HOUR, ONE, Simulation, entry, rss
from tests.citizen.test_pages_and_bodies import FREE, HTML, PAGE
from tests.edges.recorder import Asked, Recorder, reply

PLAIN = {"host", "user-agent", "accept", "accept-encoding", "connection"}
CONDITIONS = {"if-none-match", "if-modified-since"}
COOKIE = "id=1; Path=/"
FEED, PAGE_PATH = "/feed?b=2&a=1&utm_source=rss&empty=", "/page?id=7&ref=feed"


async def test_a_request_says_who_asks_and_nothing_more_whatever_the_server_sets(town: Simulation) -> None:
    """G11."""
    link = town.url(PAGE_PATH).replace("&", "&amp;")
    town.say(FEED, reply(b"", "302 x", location="/moved", set_cookie=COOKIE))
    town.say("/moved", reply(rss(), "200 OK", etag='"e"', set_cookie=COOKIE))
    town.say("/robots.txt", FREE.replace(b"\r\n", b"\r\nSet-Cookie: id=2\r\n", 1))
    town.say(PAGE_PATH, reply(PAGE, "200 OK", set_cookie=COOKIE, **HTML))
    async with town.running(FEED) as life:
        await life.poll()
        town.say("/moved", reply(rss(entry("page", link=link)), "200 OK", etag='"f"', set_cookie=COOKIE))
        await life.live(4 * HOUR, reading=True)
    assert {visit.path for visit in town.visits} == {FEED, "/moved", "/robots.txt", PAGE_PATH}
    for visit in town.visits:
        assert visit.asked.names() - CONDITIONS == PLAIN
        assert visit.asked.header("user-agent") == f"feedwatch/{__version__} (+desk@example.org)".encode()
        assert visit.asked.header("accept-encoding") == b"gzip, br"
    assert b"application/rss+xml" in (town.of(FEED)[0].asked.header("accept") or b"")


async def test_of_many_hosts_no_more_are_asked_at_once_than_the_owner_allows(town: Simulation) -> None:
    """G12."""
    seen = [0, 0]  # open now, open at the most

    async def slowly(_: Asked, writer: asyncio.StreamWriter) -> None:
        seen[0] += 1
        seen[1] = max(seen)
        await asyncio.sleep(0.02)
        writer.write(reply(ONE, etag='"e"'))
        seen[0] -= 1

    town.polling = "concurrency = 5\n"
    hosts = [Recorder(slowly, host=f"127.0.1.{n}") for n in range(1, 31)]
    for host in hosts:
        await host.__aenter__()
    async with town.running(*(host.url("/feed") for host in hosts)) as life:
        await life.poll()
    for host in hosts:
        await host.close()
    assert sum(len(host.asked) for host in hosts) == 30
    assert seen == [0, 5]
