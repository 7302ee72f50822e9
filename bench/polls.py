"""P3: polling feeds that did not change (304), beside bare aiohttp that asks the same server; CPU time a poll.

By HTTP and by HTTPS, whose certificate is made for the occasion. `python -m bench.polls SCHEME PAIRS` measures in a
process of its own, because the certificates to trust are read when aiohttp is loaded.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import trustme

from bench import ratio
from bench.intake import WATCH
from bench.wire import HOSTS, Wire, host, served
from feedwatch.config.load import load
from feedwatch.pipeline.engine import Engine, engine
from feedwatch.pipeline.program import compile_plan
from feedwatch.store import feeds
from tests.harness import PROJECT, count, write_config

FEEDS = 200
ROUNDS = 5
AT_ONCE = 100  # as many as feedwatch


def row(pairs: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        trusted = _certificates(Path(name))
        plain, secure = _measured("http", pairs, trusted), _measured("https", pairs, trusted)
    return [
        "polling unchanged feeds (304), CPU a poll beside bare aiohttp",
        f"on a connection that is kept, as no poll's is: {_beside(plain, 'kept')} (must: 3)",
        f"on a new connection: {_beside(plain, 'new')}",
        f"on a new connection with TLS: {_beside(secure, 'new')} (must: 1.3)",
    ]


def _beside(taken: dict[str, list[float]], how: str) -> str:
    ours, bare = taken[f"ours {how}"], taken[f"bare {how}"]
    return f"{_micros(ours)}, aiohttp {_micros(bare)}, ratio {ratio(ours, bare)}"


def _micros(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:.0f} µs"


def _certificates(folder: Path) -> Path:
    """Makes wire.pem for the server and returns the file of the authority that vouches for it."""
    authority = trustme.CA()
    authority.issue_cert(*map(host, range(HOSTS))).private_key_and_cert_chain_pem.write_to_path(folder / "wire.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return folder / "authority.pem"


def _measured(scheme: str, pairs: int, trusted: Path) -> dict[str, list[float]]:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.polls", scheme, str(pairs)],
        env={**os.environ, "SSL_CERT_FILE": str(trusted)},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, list[float]] = json.loads(ended.stdout.splitlines()[-1])
    return found


async def measure(wire: Wire, pairs: int, folder: Path) -> dict[str, list[float]]:
    """Seconds a poll, in turn: ours and bare, on kept connections and on new ones."""
    plan = compile_plan(load(write_config(folder, WATCH, wire.urls, "1h"), {}))
    taken: dict[str, list[float]] = {f"{who} {how}": [] for how in ("kept", "new") for who in ("ours", "bare")}
    async with engine(plan) as running, _session(keep=True) as kept, _session(keep=False) as new:
        await running.poll.run_once()
        await running.read.run_once()
        await _asked(kept, wire)
        for _ in range(pairs):
            with patch("feedwatch.edges.http._connection", lambda **_: {}):
                taken["ours kept"].append(await _a_poll(lambda: _polled(running)))
            taken["bare kept"].append(await _a_poll(lambda: _asked(kept, wire)))
            taken["ours new"].append(await _a_poll(lambda: _polled(running)))
            taken["bare new"].append(await _a_poll(lambda: _asked(new, wire)))
    if count(folder / "feedwatch.db", "feeds WHERE outcome = 'not modified'") != FEEDS:
        raise AssertionError("not every answer was a 304")
    return taken


async def _a_poll(work: Callable[[], Awaitable[float]]) -> float:
    await work()  # the first opens the connections that are kept
    return sum([await work() for _ in range(ROUNDS)]) / (ROUNDS * FEEDS)


async def _polled(running: Engine) -> float:
    await running.store.write(feeds.force_due, datetime.now(UTC))  # due, and not what is measured
    began = time.process_time()
    await running.poll.run_once()
    return time.process_time() - began


async def _asked(session: aiohttp.ClientSession, wire: Wire) -> float:
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(n: int, url: str) -> None:
        async with places, session.get(url, headers={"If-None-Match": f'"wire-{n}"'}) as answer:
            await answer.read()
            if answer.status != 304:
                raise AssertionError(f"{url} answered {answer.status}")

    began = time.process_time()
    await asyncio.gather(*(ask(n, url) for n, url in enumerate(wire.urls)))
    return time.process_time() - began


def _session(*, keep: bool) -> aiohttp.ClientSession:
    how: dict[str, Any] = {"keepalive_timeout": 600.0} if keep else {"force_close": True}
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, **how))


def main() -> None:
    scheme, pairs = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        certificate = Path(os.environ["SSL_CERT_FILE"]).with_name("wire.pem") if scheme == "https" else None
        with served(FEEDS, 1, certificate) as wire:
            print(json.dumps(asyncio.run(measure(wire, int(pairs), Path(name)))))


if __name__ == "__main__":
    main()
