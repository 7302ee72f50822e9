"""One turn of everything: poll what is due, read it, tell it, and end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from feedwatch.pipeline.clock import now
from feedwatch.pipeline.engine import DRAIN, Engine
from feedwatch.pipeline.surge import watch_for_surges
from feedwatch.store import feeds, status

READ_AT_MOST = 600.0
"""Seconds after which `once` stops reading; what is left is read the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one turn did."""

    polled: int
    failed: int  # polls
    read: int
    sent: int
    waiting: int  # deliveries


async def turn(running: Engine, *, force: bool) -> Done:
    """Polls, reads for at most ten minutes, closes the backfill, tries each delivery once."""
    began = now()
    if force:
        await running.store.write(feeds.force_due, began)
    await running.poll.run_once()
    await _read(running)
    await watch_for_surges(running.store, running.program, now())
    await running.deliver.run_once()
    counts = await running.store.read(status.since, began)
    return Done(
        polled=running.poll.done,
        failed=counts.failed_polls,
        read=running.read.done + running.reread.done,
        sent=counts.sent,
        waiting=counts.waiting,
    )


async def _read(running: Engine) -> None:
    """What is new, then what is to be read again."""
    try:
        async with asyncio.timeout(READ_AT_MOST):
            await running.read.run_once()
            await running.reread.run_once()
    except TimeoutError:
        await asyncio.gather(running.read.drain(DRAIN), running.reread.drain(DRAIN))
