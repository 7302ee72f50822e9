"""`python -m tests.hostile.watched CONFIG REPORT`: the daemon, with somebody beside it who watches its event loop.

Names are looked up in the environment's NAMES alone, so that no lookup ever leaves the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

EVERY = 0.01

_lookup = socket.getaddrinfo


def resolver(names: dict[str, list[str]]) -> Any:
    """A `getaddrinfo` that knows these names; each lookup gives the next of a name's addresses."""
    told: dict[str, Iterator[str]] = {name: cycle(addresses) for name, addresses in names.items()}

    def look_up(host: Any, port: Any, *words: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        plain = (name or "").rstrip(".").lower()
        if plain in told:
            return _lookup(next(told[plain]), port, *words, **named)
        if name is None or plain == "localhost" or _is_number(name):
            return _lookup(host, port, *words, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    return look_up


def _is_number(name: str) -> bool:
    """Whether the resolver takes it for an address (0x7f.1 too), found without asking the network."""
    try:
        _lookup(name, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return False
    return True


class Watch:
    """How long the event loop stood still at the worst, the time that its thread had to wait for a processor excluded.

    /proc/thread-self/schedstat: time on a processor, time spent waiting for one (nanoseconds).
    """

    def __init__(self, report: Path) -> None:
        self._report = report
        self._schedstat = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._stalls: list[tuple[float, float]] = []
        self._worst = 0.0

    async def run(self) -> None:
        while True:
            began, waited = time.monotonic(), self._waited()
            await asyncio.sleep(EVERY)
            stalled = time.monotonic() - began - EVERY - (self._waited() - waited)
            if stalled > self._worst or stalled > EVERY:
                self._worst = max(self._worst, stalled)
                self._stalls.append((round(time.time(), 2), round(stalled, 4)))
                self._tell()

    def _waited(self) -> float:
        return int(self._schedstat.read_text().split()[1]) / 1e9

    def _tell(self) -> None:
        part = self._report.with_suffix(".part")
        part.write_text(
            json.dumps({"worst": self._worst, "stalls": sorted(self._stalls, key=lambda one: -one[1])[:1000]})
        )
        part.replace(self._report)


async def main(config: Path, report: Path) -> None:
    from feedwatch.config.load import load
    from feedwatch.pipeline import daemon
    from feedwatch.pipeline.program import compile_plan

    watching = asyncio.create_task(Watch(report).run())
    try:
        await daemon.run(compile_plan(load(config, os.environ)), lambda: compile_plan(load(config, os.environ)))
    finally:
        watching.cancel()


if __name__ == "__main__":
    from feedwatch.cli.logs import set_up

    socket.getaddrinfo = resolver(json.loads(os.environ.get("NAMES", "{}")))
    set_up(verbose=False)
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
