"""May this page be read? Asks each site's robots.txt once a day, and only for pages."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedwatch.articles.robots import READ, TOKEN, allows, may_forbid
from feedwatch.edges.http import Request
from feedwatch.edges.workers import worker_failure
from feedwatch.errors import WorkerError
from feedwatch.model import Failure, Fetched, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedwatch.edges.http import Fetcher
    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program

KEPT = timedelta(hours=24).total_seconds()
"""RFC 9309, 2.4: no longer than a day."""

KEPT_TROUBLE = timedelta(minutes=1).total_seconds()
"""A server that could not answer is asked again with the page's next try."""

SITES = 4_096
"""Sites remembered; the one that was asked about longest ago is forgotten."""

DEADLINE = timedelta(seconds=2)
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a site said: rules, nothing that forbids anything (empty), or why it could not be asked."""

    rules: bytes = b""
    trouble: Failure | None = None


class Robots:
    """Every site's word, remembered; two pages of one site ask once."""

    def __init__(self, fetcher: Fetcher, workers: Workers, program: Callable[[], Program]) -> None:
        self._fetcher, self._workers, self._program = fetcher, workers, program
        self._sites: OrderedDict[str, tuple[float, asyncio.Task[_Rules]]] = OrderedDict()

    async def permit(self, url: str) -> Failure | None:
        """Why the page may not be read; None: it may.

        A site whose robots.txt cannot be had for the server's or the network's fault is not read meanwhile
        (RFC 9309, 2.3.1.4); one that has none, or refuses it, forbids nothing (2.3.1.3).
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        found = await self._rules(site)
        if found.trouble is not None or not found.rules:
            return found.trouble
        try:
            allowed = await self._workers.run(allows, found.rules, url, deadline=DEADLINE)
        except WorkerError as error:
            return worker_failure(error)
        detail = f"{site}/robots.txt does not want it read by {TOKEN} (robots = false for its feed reads it anyway)"
        return None if allowed else Failure(reason=Reason.ROBOTS, detail=detail, final=True)

    async def _rules(self, site: str) -> _Rules:
        clock = asyncio.get_running_loop().time
        until, task = self._sites.pop(site, (0.0, None))
        if task is None or until < clock():
            until, task = clock() + KEPT, asyncio.create_task(self._ask(site))
        self._sites[site] = until, task
        if len(self._sites) > SITES:
            self._sites.popitem(last=False)
        found = await asyncio.shield(task)  # one page's cancellation is not the others'
        if found.trouble is not None and until > clock() + KEPT_TROUBLE:
            self._sites[site] = clock() + KEPT_TROUBLE, task
        return found

    async def _ask(self, site: str) -> _Rules:
        timeout = self._program().plan.settings.polling.timeout
        request = Request(url=f"{site}/robots.txt", owner=False, accept="robots", timeout=timeout, max_bytes=4 * READ)
        return _said(await self._fetcher.get(request))


def _said(answer: Fetched | Failure) -> _Rules:
    if isinstance(answer, Fetched):
        return _Rules(answer.body[:READ]) if may_forbid(answer.body) else _Rules()
    nothing = answer.reason is Reason.TOO_LARGE or (
        answer.status is not None and 400 <= answer.status < 500 and answer.status != TOO_MANY_REQUESTS  # noqa: PLR2004 - the 4xx family
    )
    if nothing:
        return _Rules()
    return _Rules(
        trouble=Failure(
            reason=answer.reason,
            detail=f"its robots.txt could not be asked: {answer.detail}",
            retry_after=answer.retry_after,
        )
    )
