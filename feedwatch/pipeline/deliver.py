"""Who must know, and do they? The deliver loop.

    due delivery → render → send in the sender pool
        → TX C: receipt, or the next try

The claim (state `sending`, attempt counted) is committed before the send, the receipt after it: a process that dies
between the two sends again, with the same id; one that dies anywhere else sends once.
"""

from __future__ import annotations

import logging
import random
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.render import render
from feedwatch.alerts.retry import REFUSALS, send_again_after
from feedwatch.edges import apprise, metrics, terminal
from feedwatch.errors import WorkerError, WorkerTimeout
from feedwatch.model import Message, Outcome, Receipt, Target
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.program import TERMINAL
from feedwatch.pipeline.windows import close_due
from feedwatch.store import deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection
    from feedwatch.store.deliveries import DeliveryWork
    from feedwatch.store.writer import Store

log = logging.getLogger(__name__)

SEND_DEADLINE = timedelta(seconds=30)
"""A send that takes longer is killed; it may have been delivered, so it goes again with the same id."""

SENDERS = 8
"""Messages under way at once: so many targets may hang before a healthy one waits for its turn."""


class Deliver:
    """The trade of the deliver loop."""

    name = "deliver"
    limit = SENDERS

    def __init__(self, store: Store, senders: Workers, program: Callable[[], Program], *, close_windows: bool) -> None:
        self._store, self._senders, self._program = store, senders, program
        self._close_windows = close_windows  # at once, whatever they still wait for

    async def claim(self, room: int, in_flight: Iterable[DeliveryWork]) -> list[DeliveryWork]:
        del in_flight  # the rows say which targets are busy
        at = now()
        await self._store.write(close_due, self._program(), at, at_once=self._close_windows)
        return await self._store.write(deliveries.claim_due_deliveries, at, room=room)

    async def work(self, job: DeliveryWork) -> None:
        program = self._program()
        target = program.target(job.channel, job.target)
        if target is None:  # removed from the config meanwhile: it waits until it is back
            await self.release(job)
            return
        receipt = await self._send(target, self._message(job, target, program))
        await self._store.write(record, job, receipt, now(), random.random())  # noqa: S311 - spreads load
        metrics.SENDS.labels(channel=job.channel, target=job.target, outcome=receipt.outcome).inc()
        log.info(
            "deliver alert=%s to=%s/%s outcome=%s%s",
            job.alert.short,
            job.channel,
            job.target,
            receipt.outcome,
            f" why={receipt.detail!r}" if receipt.outcome is not Outcome.SENT else "",
        )

    def _message(self, job: DeliveryWork, target: Target, program: Program) -> Message:
        manners = Manners(
            labels=program.labels,
            zone=None,
            title_limit=target.title_limit,
            body_limit=target.body_limit,
        )
        return render(job.alert, job.worded, manners)

    async def _send(self, target: Target, message: Message) -> Receipt:
        if target.url == TERMINAL:
            return terminal.send(message, sys.stdout)
        try:
            return await self._senders.run(apprise.send, target.url, message, deadline=SEND_DEADLINE)
        except WorkerTimeout as error:  # it may have been delivered, or the service is slow today
            return Receipt(outcome=Outcome.FAILED, detail=str(error))
        except WorkerError as error:  # this message kills its sender: it must not block those behind it for ever
            return Receipt(outcome=Outcome.REFUSED, detail=str(error))

    async def failed(self, job: DeliveryWork, error: Exception) -> None:
        receipt = Receipt(outcome=Outcome.REFUSED, detail=f"surprise: {type(error).__name__}")
        await self._store.write(record, job, receipt, now(), 0.5)

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
