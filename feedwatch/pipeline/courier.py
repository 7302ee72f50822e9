"""Takes an alert to a target: onto the terminal, to a webhook, or through Apprise in a process that can be killed."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from feedwatch.alerts.markup import size
from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.post import post_of
from feedwatch.alerts.render import render
from feedwatch.edges import apprise, terminal, webhook
from feedwatch.errors import WorkerError, WorkerTimeout
from feedwatch.model import Outcome, Receipt
from feedwatch.pipeline.program import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from feedwatch.edges.workers import Workers
    from feedwatch.model import AlertView, Message, Target

SEND_DEADLINE = timedelta(seconds=30)
"""A send that takes longer is killed; it may have been delivered, so it goes again with the same id."""


def worded(
    alert: AlertView,
    kind: str,
    target: Target,
    labels: Mapping[str, str],
    *,
    urgent: frozenset[str] = frozenset(),
    zone: tzinfo | None = None,
) -> Message:
    """The alert in the words and within the limits of its target; `kind`: as what it is told."""
    manners = Manners(
        labels=labels,
        urgent=urgent,
        zone=zone,
        title_limit=target.title_limit,
        body_limit=target.body_limit,
        size=partial(size, markup=target.markup),
    )
    message = render(alert, kind, manners)
    return message if target.hook is None else replace(message, post=post_of(alert, kind, message, manners))


class Courier:
    """Sends, and keeps to each service's pace: an object made for one message knows nothing of the one before."""

    def __init__(self, senders: Workers) -> None:
        self._senders = senders
        self._free_at: dict[str, float] = {}  # service → when it may be asked again, by the monotonic clock

    async def send(self, target: Target, message: Message) -> Receipt:
        """What became of it; never raises for what a service can do."""
        if target.url == TERMINAL:
            return terminal.send(message, sys.stdout)
        await self._turn(target)
        if target.hook is not None:
            return await webhook.send(target.url, target.hook, message, SEND_DEADLINE)
        try:
            return await self._senders.run(apprise.send, target.url, message, deadline=SEND_DEADLINE)
        except WorkerTimeout as error:  # it may have been delivered, or the service is slow today
            return Receipt(outcome=Outcome.FAILED, detail=str(error))
        except WorkerError as error:  # this message kills its sender: it must not block those behind it for ever
            return Receipt(outcome=Outcome.REFUSED, detail=str(error))

    async def _turn(self, target: Target) -> None:
        at = max(monotonic(), self._free_at.get(target.service, 0.0))
        self._free_at[target.service] = at + target.pace
        await asyncio.sleep(max(0.0, at - monotonic()))
