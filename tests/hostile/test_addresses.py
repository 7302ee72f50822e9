"""Ways to make somebody else's machine ask its own network: none of them reaches the sentinel on loopback.

What the guard lets through is checked once more before a socket is made, so that a mistake shows and goes nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from feedwatch.edges.guard import refusal
from feedwatch.edges.http import Fetcher, Request
from feedwatch.model import Failure, Fetched
from tests.citizen.simulated import entry, rss
from tests.edges.recorder import Asked, Recorder, always, reply
from tests.hostile.siege import siege
from tests.hostile.watched import resolver

NAMES = {
    "loop.example": ["127.0.0.1"],
    "127.0.0.1.example": ["127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "lan.example": ["192.168.1.1"],
    "cloud.example": ["169.254.169.254"],
    "cgnat.example": ["100.64.0.1"],
    "zero.example": ["0.0.0.0"],  # noqa: S104 - to be refused
    "xn--e1afmkfd.example": ["127.0.0.1"],
    "turns.example": ["10.0.0.1", "127.0.0.1"],
}

SPELLINGS = """
http://127.0.0.1:{port}/ http://127.1:{port}/ http://127.0.1:{port}/ http://2130706433:{port}/
http://0x7f000001:{port}/ http://0x7f.0.0.1:{port}/ http://0x7f.1:{port}/ http://0177.0.0.1:{port}/
http://017700000001:{port}/ http://0177.0x0.0.1:{port}/ http://127.0.0.1.:{port}/ http://127.255.255.254:{port}/
http://0:{port}/ http://0.0.0.0:{port}/ http://[::]:{port}/ http://[::1]:{port}/ http://[0:0:0:0:0:0:0:1]:{port}/
http://[::ffff:127.0.0.1]:{port}/ http://[::ffff:7f00:1]:{port}/ http://[::127.0.0.1]:{port}/
http://[::ffff:0:127.0.0.1]:{port}/ http://[64:ff9b::127.0.0.1]:{port}/ http://[64:ff9b::7f00:1]:{port}/
http://[2002:7f00:1::]:{port}/ http://[fc00::1]:{port}/ http://[fd00:ec2::254]:{port}/ http://[fe80::1%25lo]:{port}/
http://[fec0::1]:{port}/ http://[ff02::1]:{port}/ http://10.0.0.1:{port}/ http://172.16.0.1:{port}/
http://192.168.0.1:{port}/ http://169.254.169.254:{port}/latest/meta-data/ http://100.64.0.1:{port}/
http://198.18.0.1:{port}/ http://192.0.0.8:{port}/ http://224.0.0.1:{port}/ http://255.255.255.255:{port}/
http://localhost:{port}/ http://localhost.:{port}/ http://LocalHost:{port}/ http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/
http://１２７.０.０.１:{port}/ http://127。0。0。1:{port}/ http://①②⑦.⓪.⓪.①:{port}/ http://١٢٧.٠.٠.١:{port}/
http://%31%32%37.0.0.1:{port}/ http://127.0.0.1%00.example:{port}/ http://127.0.0.1%2eexample:{port}/
http://news.example@127.0.0.1:{port}/ http://news.example:80@127.0.0.1:{port}/ http://u:p@localhost:{port}/
http://news.example%23@127.0.0.1:{port}/ http://127.0.0.1:{port}#@news.example/ http://127.0.0.1:{port}\\@news.example/
http:\\\\127.0.0.1:{port}/ http:/127.0.0.1:{port}/ http:127.0.0.1:{port} http:///127.0.0.1:{port}/ ////127.0.0.1:{port}/
HTTP://127.0.0.1:{port}/ https://127.0.0.1:{port}/ ftp://127.0.0.1:{port}/ gopher://127.0.0.1:{port}/_x file:///etc/hosts
dict://127.0.0.1:{port}/ jar:http://127.0.0.1:{port}/!/ ws://127.0.0.1:{port}/ unix:///run/x.sock
"""
TRICKS = (
    SPELLINGS.split()
    + [f"http://{name}:{{port}}/" for name in NAMES]
    + ["http://127.0\t.0.1:{port}/", "http://127.0.0.1\n:{port}/"]
)


class Watched(Fetcher):
    """Notes which addresses the guard permits, and never connects beyond loopback."""

    permitted: set[str]

    def _socket(self, info: Any) -> socket.socket:
        made = super()._socket(info)
        address = info[4][0]
        self.permitted.add(address)
        if not ip_address(address.partition("%")[0]).is_loopback:
            made.close()
            raise OSError(f"the guard let {address} through")
        return made


@asynccontextmanager
async def fetching(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> AsyncIterator[Watched]:
    """A link's fetcher: one network is open to it, and names are ours."""
    monkeypatch.setattr(socket, "getaddrinfo", resolver(names))
    made = Watched(contact="", per_host=1, host_delay=timedelta(0), concurrency=100, allow_private=("127.1.0.0/16",))
    made.permitted = set()
    async with made as client:
        yield client


def request(url: str) -> Request:
    return Request(url=url, owner=False, accept="page", timeout=timedelta(seconds=3), max_bytes=10**6)


@asynccontextmanager
async def sentinels() -> AsyncIterator[tuple[Recorder, Recorder]]:
    """On both loopback addresses; whoever comes there has been tricked."""
    secret = always(reply(b"<html><p>secret</p></html>"))
    async with Recorder(secret) as four, Recorder(secret, host="::1") as six:
        yield four, six


def test_there_are_more_than_forty_tricks() -> None:
    assert len(set(TRICKS)) >= 70


async def test_no_spelling_of_a_private_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sentinels() as both, fetching(monkeypatch, NAMES) as client:
        for sentinel in both:
            tricks = [trick.replace("{port}", str(sentinel.port)) for trick in TRICKS]
            got = await asyncio.gather(*(client.get(request(trick)) for trick in tricks))
            assert [trick for trick, answer in zip(tricks, got, strict=True) if isinstance(answer, Fetched)] == []
    assert client.permitted == set()
    assert [sentinel.connections for sentinel in both] == [0, 0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_to_one(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Each is the last of two hops from a server that may be asked."""

    async def say(asked: Asked, writer: asyncio.StreamWriter) -> None:
        _, way, number = asked.target.split("/")
        onward = f"/last/{number}" if way == "first" else tricks[int(number)]
        clean = onward.replace("\n", "").encode()
        writer.write(reply(b"", f"{status} x", location=clean))

    async with sentinels() as (four, six), Recorder(say, host="127.1.0.1") as server:
        tricks = [trick.replace("{port}", str(four.port)) for trick in TRICKS]
        async with fetching(monkeypatch, NAMES) as client:
            urls = [server.url(f"/first/{number}") for number in range(len(tricks))]
            got = [await client.get(request(url)) for url in urls]
    assert all(isinstance(answer, Failure) for answer in got)
    # "http:/x" and the like are paths of the server itself, which was asked in vain.
    assert client.permitted == {"127.1.0.1"}
    assert (four.connections, six.connections) == (0, 0)


async def test_a_name_that_changes_its_address_between_two_hops_is_checked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sentinels() as (four, _), Recorder(always(b"")) as unused:
        onward = always(reply(b"", "302 x", location=f"http://rebind.example:{four.port}/"))
        async with (
            Recorder(onward, host="127.1.0.1") as server,
            fetching(monkeypatch, {"rebind.example": ["127.1.0.1", "127.0.0.1"]}) as client,
        ):
            got = await client.get(request(f"http://rebind.example:{server.port}/"))
        assert len(server.asked) == 1
        assert unused.connections == 0
    assert isinstance(got, Failure)
    assert "127.0.0.1, which is not a public address" in got.detail
    assert four.connections == 0


async def test_of_a_names_addresses_only_those_that_may_be_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: Any, port: Any, *words: Any, **named: Any) -> Any:
        del host, words, named
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (address, port)) for address in ("127.0.0.1", "10.0.0.1", "127.1.0.1")]

    async with (
        sentinels() as (four, _),
        Recorder(always(reply(b"<html>here")), host="127.1.0.1") as server,
        fetching(monkeypatch, {}) as client,
    ):
        monkeypatch.setattr(socket, "getaddrinfo", both)
        got = await client.get(request(f"http://many.example:{server.port}/"))
    assert isinstance(got, Fetched)
    assert client.permitted == {"127.1.0.1"}
    assert four.connections == 0


def test_the_guard_alone_refuses_whatever_a_resolver_may_say() -> None:
    told = {address for addresses in NAMES.values() for address in addresses}
    assert [ip for ip in told if refusal(ip, host="x.example", owner=False, allow=("127.1.0.0/16",)) is None] == []


@pytest.mark.service
async def test_a_real_daemon_follows_no_trick_from_feed_page_or_robots_txt(tmp_path: Path) -> None:
    """As link, permanent and passing redirect, meta refresh, AMP twin, part of a sitemap's index, and robots.txt."""
    async with sentinels() as (four, six):
        here = f"http://127.0.0.1:{four.port}"
        tricks = [trick.replace("{port}", str(four.port)) for trick in TRICKS if not set("\t\n\\") & set(trick)]
        index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{here}/map</loc></sitemap></sitemapindex>"
        ways = {
            "/moved": reply(b"", "302 x", location=f"{here}/a"),
            "/refresh": reply(f"<html><meta http-equiv='refresh' content='0;url={here}/b'></html>".encode()),
            "/amp": reply(f"<html><link rel='amphtml' href='{here}/c'></html>".encode()),
        }
        async with siege(tmp_path, 3, NAMES, sitemaps=1) as held:
            links, moving, sites = held.attackers
            for path, answer in ways.items():
                links.says[path] = always(answer)
            links.says["/robots.txt"] = always(reply(b"", "302 x", location=f"{here}/robots.txt"))
            await held.warmed_up()
            entries = [entry(f"e{n}", link=link) for n, link in enumerate([*tricks, *map(links.recorder.url, ways)])]
            links.says["/feed"] = always(reply(rss(*(one.replace("&", "&amp;") for one in entries)), etag='"l"'))
            moving.says["/feed"] = always(reply(b"", "301 x", location=f"{here}/feed"))
            sites.says["/feed"] = always(reply(index.encode(), content_type="application/xml"))
            await held.until(lambda: held.outcome(moving) == "refused" and held.outcome(sites) == "refused")
            seen = "SELECT count(*) FROM entries WHERE feed_id = (SELECT id FROM feeds WHERE url = ?)"
            await held.until(lambda: held.rows(seen, links.feed) == [(len(entries) + 1,)])
            untried = "SELECT count(*) FROM articles WHERE page_state = 'pending' AND tries = 0"
            await held.until(lambda: held.rows(untried) == [(0,)], 60)
            assert held.process.process.poll() is None
    assert (four.connections, six.connections) == (0, 0)
