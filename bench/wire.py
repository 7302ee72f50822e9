"""Feeds of our own words, served on loopback: `served` starts the server in a process that ends with the bench.

Feed n lives on 127.0.0.1, 127.0.0.2, … in turn, as feeds live on many hosts; every address begins with 127.
It answers a conditional request with 304. `python -m bench.wire` is the server itself.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.harness import PROJECT

HOSTS = 200
"""Addresses of 127.0.0.0/24 that it listens on: on as many hosts 200 feeds do not wait for each other's turn."""

LONGEST = 1_800
"""Seconds after which the server ends, whatever else."""

BACKLOG = 1_024

WORDS = (
    "harbour",
    "ferry",
    "council",
    "budget",
    "bridge",
    "winter",
    "market",
    "museum",
    "library",
    "station",
    "tariff",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Where so many feeds are served."""

    feeds: int
    entries: int
    port: int
    pid: int  # of the server, whose work is not ours
    scheme: str = "http"

    @property
    def urls(self) -> list[str]:
        return [f"{self.scheme}://{host(n)}:{self.port}/feed/{n}" for n in range(self.feeds)]

    @property
    def documents(self) -> list[bytes]:
        return [document(n, self.entries) for n in range(self.feeds)]


def host(n: int) -> str:
    return f"127.0.0.{n % HOSTS + 1}"


def document(n: int, entries: int) -> bytes:
    """RSS of about 800 bytes an entry, a year old, so that no page is wanted; the same in every run."""
    draw = random.Random(n)  # noqa: S311 - invented news, the same ones every time
    items = "".join(_item(draw, n, number) for number in range(entries))
    head = (
        f"<title>Wire {n}</title><link>http://{host(n)}/</link><description>News</description><language>en</language>"
    )
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def _item(draw: random.Random, n: int, number: int) -> str:
    said = " ".join(draw.choices(WORDS, k=70))
    text = f'<p>{said[:160]} <a href="/a/{n}/{number}">more</a></p><p><b>{said[160:180]}</b>{said[180:]}</p>'
    return (
        f"<item><title>{' '.join(draw.choices(WORDS, k=8))}</title><link>http://{host(n)}/a/{n}/{number}</link>"
        f"<guid isPermaLink='false'>wire-{n}-{number}</guid><author>desk@{WORDS[number % len(WORDS)]}.example</author>"
        f"<pubDate>Mon, 0{number % 9 + 1} Jan 2024 {number % 24:02}:00:00 GMT</pubDate>"
        f"<description><![CDATA[{text}]]></description></item>"
    )


@contextmanager
def served(feeds: int, entries: int, certificate: Path | None = None) -> Iterator[Wire]:
    """Serves them meanwhile; with a certificate (PEM, its key included) by HTTPS."""
    command = [sys.executable, "-m", "bench.wire", str(entries), *([str(certificate)] if certificate else [])]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            port = int((server.stdout or sys.stdin.buffer).readline())
            scheme = "https" if certificate else "http"
            yield Wire(feeds=feeds, entries=entries, port=port, pid=server.pid, scheme=scheme)
        finally:
            server.terminate()


async def serve(entries: int, certificate: Path | None) -> None:
    """Until the one who started it is gone."""
    application = web.Application()
    application.router.add_get("/feed/{n}", _Feeds(entries).answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    secure = None
    if certificate is not None:
        secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        secure.load_cert_chain(certificate)
    first = web.TCPSite(runner, host(0), 0, ssl_context=secure, backlog=BACKLOG)
    await first.start()
    port = int(runner.addresses[0][1])
    for n in range(1, HOSTS):
        await web.TCPSite(runner, host(n), port, ssl_context=secure, backlog=BACKLOG).start()
    print(port, flush=True)
    await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))], timeout=LONGEST)


class _Feeds:
    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._made: dict[int, bytes] = {}

    async def answer(self, request: web.Request) -> web.Response:
        n = int(request.match_info["n"])
        etag = {"ETag": f'"wire-{n}"', "Last-Modified": "Wed, 10 Jan 2024 00:00:00 GMT"}
        if request.headers.get("If-None-Match") == etag["ETag"]:
            return web.Response(status=304, headers=etag)
        if n not in self._made:
            self._made[n] = document(n, self._entries)
        return web.Response(body=self._made[n], content_type="application/rss+xml", headers=etag)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.wire")
    parser.add_argument("entries", type=int)
    parser.add_argument("certificate", type=Path, nargs="?")
    asked = parser.parse_args()
    asyncio.run(serve(asked.entries, asked.certificate))


if __name__ == "__main__":
    main()
