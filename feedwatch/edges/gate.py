"""Politeness by host: so many requests open at once, so long a pause between them, so many in all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

_SWEEP = 1000  # hosts known before the idle ones are looked for


@dataclass(slots=True)
class _Host:
    open: asyncio.Semaphore
    free_at: float = 0.0  # monotonic seconds: the next request may start then
    waiting: deque[str] = field(default_factory=deque)  # their origins, first come first
    guests: int = 0  # waiting or open


class Gate:
    """First come, first served; a host without requests is forgotten once its pause is over."""

    def __init__(self, *, per_host: int, delay: timedelta, concurrency: int) -> None:
        self._per_host = per_host
        self._delay = delay.total_seconds()
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _SWEEP

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    @asynccontextmanager
    async def enter(self, host: str, origin: str) -> AsyncIterator[bool]:
        """Waits for the host's turn and a place among all; True says the next in line asks the same origin."""
        known = self._known(host)
        known.guests += 1
        try:
            await self._turn(known, origin)
            try:
                async with self._all:
                    yield bool(known.waiting) and known.waiting[0] == origin
            finally:
                known.free_at = monotonic() + self._delay
                known.open.release()
        finally:
            known.guests -= 1

    async def _turn(self, known: _Host, origin: str) -> None:
        known.waiting.append(origin)
        try:
            await known.open.acquire()
        finally:
            known.waiting.remove(origin)
        try:
            await self._pause(known)
        except BaseException:
            known.open.release()
            raise

    async def _pause(self, known: _Host) -> None:
        # A loop, because another request's end may push the moment on.
        while (left := known.free_at - monotonic()) > 0:  # noqa: ASYNC110 - a moment is awaited, no event
            await asyncio.sleep(left)
        known.free_at = monotonic() + self._delay

    def _known(self, host: str) -> _Host:
        if len(self._hosts) >= self._sweep_at:
            self._forget_idle()
        return self._hosts.setdefault(host, _Host(asyncio.Semaphore(self._per_host)))

    def _forget_idle(self) -> None:
        now = monotonic()
        self._hosts = {name: host for name, host in self._hosts.items() if host.guests or host.free_at > now}
        self._sweep_at = max(_SWEEP, 2 * len(self._hosts))
