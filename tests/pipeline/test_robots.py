"""robots.txt is asked once a site and obeyed for pages, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from feedwatch.edges.http import Fetcher, Request
from feedwatch.edges.workers import Workers
from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline import robots
from feedwatch.pipeline.robots import Robots
from tests.edges.recorder import Asked, Recorder, reply
from tests.pipeline.conftest import Inline

POLLING = SimpleNamespace(timeout=timedelta(seconds=5))
INLINE = Inline()
PROGRAM: Any = SimpleNamespace(plan=SimpleNamespace(settings=SimpleNamespace(polling=POLLING)))


def site(robots_txt: bytes) -> Recorder:
    """`robots_txt` is the whole answer for it; every other path is a page."""

    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target == "/robots.txt":
            writer.write(robots_txt)
        elif asked.target == "/away":
            writer.write(reply(b"", "302 x", location="/private/page"))
        else:
            writer.write(reply(b"<html>page</html>", content_type="text/html"))

    return Recorder(say)


def rules(text: str) -> bytes:
    return reply(text.encode(), content_type="text/plain")


class Reader:
    """Reads pages as the read loop does."""

    def __init__(self, fetcher: Fetcher, workers: Any = INLINE) -> None:
        self._fetcher = fetcher
        self._robots = Robots(fetcher, workers, lambda: PROGRAM)

    async def page(self, url: str) -> Fetched | Failure:
        return await self._fetcher.get(
            Request(
                url=url,
                owner=False,
                accept="page",
                timeout=timedelta(seconds=5),
                max_bytes=10**6,
                permit=self._robots.permit,
            )
        )


def fetcher() -> Fetcher:
    return Fetcher(contact="", per_host=1, host_delay=timedelta(0), concurrency=100, allow_private=("127.0.0.0/8",))


def pool() -> Workers:
    return Workers(count=1, memory=10**9, preload=(), recycle=100)


def targets(server: Recorder) -> list[str]:
    return [asked.target for asked in server.asked]


async def test_a_site_is_asked_once_for_many_pages() -> None:
    async with site(rules("User-agent: *\nDisallow: /private/")) as server, fetcher() as client:
        reader = Reader(client)
        got = await asyncio.gather(*(reader.page(server.url(f"/{n}")) for n in range(5)))
        assert all(isinstance(answer, Fetched) for answer in got)
        assert sorted(targets(server)) == ["/0", "/1", "/2", "/3", "/4", "/robots.txt"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("User-agent: *\nDisallow: /", "/a"),
        ("User-agent: feedwatch\nDisallow: /a", "/a"),
        ("User-agent: FEEDWATCH\nDisallow: /a", "/a"),
        ("User-agent: *\nDisallow: /*.html$", "/x/a.html"),
        ("\ufeffUser-agent: *\r\nDisallow: /private/\r\nAllow: /private/open", "/private/page"),
        ("User-agent: *\nDisallow: /private/", "/away"),
    ],
)
async def test_a_page_that_the_site_forbids_is_not_asked_for(text: str, path: str) -> None:
    async with site(rules(text)) as server, fetcher() as client:
        got = await Reader(client).page(server.url(path))
        assert isinstance(got, Failure)
        assert (got.reason, got.final) == (Reason.ROBOTS, True)
        assert "robots = false" in got.detail
        assert set(targets(server)) <= {"/robots.txt", "/away"}


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: otherbot\nDisallow: /",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /\n\nUser-agent: feedwatch\nAllow: /",
        "User-agent: *\nDisallow: /\nAllow: /a",
        "<html>not found, says a page of ours; disallow</html>",
        "",
    ],
)
async def test_a_page_that_the_site_does_not_forbid_is_read(text: str) -> None:
    async with site(rules(text)) as server, fetcher() as client:
        assert isinstance(await Reader(client).page(server.url("/a")), Fetched)


@pytest.mark.parametrize("status", ["401 x", "403 x", "404 x", "410 x"])
async def test_a_site_that_has_no_robots_txt_or_refuses_it_forbids_nothing(status: str) -> None:
    async with site(reply(b"User-agent: *\nDisallow: /", status)) as server, fetcher() as client:
        assert isinstance(await Reader(client).page(server.url("/a")), Fetched)


@pytest.mark.parametrize("status", ["500 x", "503 x", "429 x"])
async def test_a_site_that_cannot_answer_is_asked_again_with_the_next_try(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "KEPT_TROUBLE", 0.0)
    async with site(reply(b"", status)) as server, fetcher() as client:
        reader = Reader(client)
        for _ in range(2):
            got = await reader.page(server.url("/a"))
            assert isinstance(got, Failure)
            assert not got.final
            assert "robots.txt could not be asked" in got.detail
        assert targets(server) == ["/robots.txt"] * 2


async def test_a_file_made_to_keep_us_busy_costs_its_page_and_no_more() -> None:
    hostile = "User-agent: *\nDisallow: /" + "*a" * 5_000 + "$\n"
    async with site(rules(hostile * 20)) as server, fetcher() as client, pool() as workers:
        reader = Reader(client, workers)
        before = asyncio.get_running_loop().time()
        await reader.page(server.url("/" + "a" * 4_000))
        assert asyncio.get_running_loop().time() - before < 10
        assert isinstance(await reader.page(server.url("/b")), Fetched | Failure)


async def test_the_sites_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "SITES", 1)
    async with site(rules("")) as one, site(rules("")) as other, fetcher() as client:
        reader = Reader(client)
        for server in (one, other, one):
            await reader.page(server.url("/a"))
        assert targets(one) == ["/robots.txt", "/a", "/robots.txt", "/a"]
