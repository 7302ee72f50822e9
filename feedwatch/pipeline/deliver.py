"""Who must know, and do they? The deliver loop.

    due delivery → render → send in the sender pool
        → TX C: receipt, or the next try

The claim (state `sending`, attempt counted) is committed before the send, the receipt after it: a process that dies
between the two sends again, with the same id; one that dies anywhere else sends once.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.alerts.retry import REFUSALS, send_again_after
from feedwatch.edges import metrics
from feedwatch.errors import StoreUnavailable
from feedwatch.model import Outcome, Receipt
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.courier import Courier, worded
from feedwatch.pipeline.loop import STORE_PAUSE
from feedwatch.pipeline.windows import close_due
from feedwatch.store import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feedwatch.edges.workers import Workers
    from feedwatch.model import Message, Target
    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection
    from feedwatch.store.deliveries import DeliveryWork
    from feedwatch.store.writer import Store

log = logging.getLogger(__name__)

SENDERS = 8
"""Messages under way at once: so many targets may hang before a healthy one waits for its turn."""

WAITING = 4 * SENDERS
"""Claimed at once: those whose service is not to be asked yet take no sender from the others."""


class Deliver:
    """The trade of the deliver loop."""

    name = "deliver"
    limit = WAITING

    def __init__(
        self,
        store: Store,
        senders: Workers,
        program: Callable[[], Program],
        *,
        close_windows: bool,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._courier, self._program = store, Courier(senders), program
        self._clock = clock
        self._close_windows = close_windows  # at once, whatever they still wait for

    async def claim(self, room: int, in_flight: Iterable[DeliveryWork]) -> list[DeliveryWork]:
        del in_flight  # the rows say which targets are busy
        at = self._clock()
        await self._store.write(close_due, self._program(), at, at_once=self._close_windows)
        return await self._store.write(deliveries.claim_due_deliveries, at, room=room)

    async def work(self, job: DeliveryWork) -> None:
        program = self._program()
        target = program.target(job.channel, job.target)
        if target is None:  # removed from the config meanwhile: the next look for what is due says so of it
            await self.release(job)
            return
        receipt = await self._courier.send(target, self._message(job, target, program))
        await self._record(job, receipt)
        metrics.SENDS.labels(channel=job.channel, target=job.target, outcome=receipt.outcome).inc()
        log.info(
            "deliver alert=%s to=%s/%s outcome=%s%s",
            job.alert.short,
            job.channel,
            job.target,
            receipt.outcome,
            f" why={receipt.detail!r}" if receipt.outcome is not Outcome.SENT else "",
        )

    async def _record(self, job: DeliveryWork, receipt: Receipt) -> None:
        """As often as it takes: a message that arrived must not go again because the disk is full."""
        said = False
        while True:
            try:
                await self._store.write(record, job, receipt, self._clock(), random.random())  # noqa: S311 - spreads load
            except StoreUnavailable as trouble:
                log.log(logging.DEBUG if said else logging.WARNING, "deliver receipt=waits why=%s", trouble)
                said = True
                await asyncio.sleep(STORE_PAUSE)
            else:
                return

    def _message(self, job: DeliveryWork, target: Target, program: Program) -> Message:
        return worded(
            job.alert,
            job.worded,
            target,
            program.labels,
            urgent=frozenset(root for root, watch in program.watches.items() if watch.urgent),
            zone=program.plan.channels[job.channel].policy.zone,
        )

    async def failed(self, job: DeliveryWork, error: Exception) -> None:
        receipt = Receipt(outcome=Outcome.REFUSED, detail=f"surprise: {type(error).__name__}")
        await self._store.write(record, job, receipt, self._clock(), 0.5)

    async def release(self, job: DeliveryWork) -> None:
        await self._store.write(deliveries.release_delivery, job.id)


def record(db: Connection, job: DeliveryWork, receipt: Receipt, at: datetime, jitter: float) -> None:
    """TX C: what became of the send."""
    refused = receipt.outcome is Outcome.REFUSED
    if receipt.outcome is Outcome.SENT:
        deliveries.record_sent(db, job.id, receipt.detail, at)
    elif refused and job.refusals + 1 >= REFUSALS:
        deliveries.record_dead(db, job.id, receipt.detail, at)
    else:
        again = at + send_again_after(job.attempts, jitter, receipt.retry_after)
        deliveries.record_failed(db, job.id, receipt.detail, again, refused=refused)
