"""From an article's address to what it says: fetched, read in a worker, and followed where a page only leads on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.articles.furniture import NOTHING
from feedwatch.edges.http import Request
from feedwatch.edges.workers import worker_failure
from feedwatch.errors import PageElsewhere, PageUnreadable, WorkerError
from feedwatch.model import Failure, Fetched, Reason, Validators
from feedwatch.pipeline.reading import Reading, read_fetched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from feedwatch.articles.furniture import Repeated
    from feedwatch.edges.workers import Workers
    from feedwatch.pipeline.program import Program
    from feedwatch.store.articles import PendingEntry

    Permit = Callable[[str], Awaitable[Failure | None]]

NO_VALIDATORS = Validators()

PAGE_DEADLINE = timedelta(seconds=15)
"""The slowest of 749 real pages took 1.5 s."""

LEADS = 2
"""Pages without a text of their own that are followed: a consent page before a redirecting one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """A page, what it says, and the addresses without a text that led to it."""

    answer: Fetched
    reading: Reading
    led_from: tuple[str, ...] = ()


def page_request(
    url: str, entries: tuple[PendingEntry, ...], program: Program, permit: Permit, known: Validators = NO_VALIDATORS
) -> Request:
    """A polite request for the page that these entries lead to; conditional where its validators are known."""
    polling, feeds = program.plan.settings.polling, program.plan.feeds
    obeys = all(feeds[entry.feed].robots for entry in entries if entry.feed in feeds)
    return Request(
        url=url,
        validators=known,
        owner=False,
        accept="page",
        timeout=polling.timeout,
        max_bytes=polling.max_bytes,
        permit=permit if obeys else None,
        credentials=program.plan.keyring.sites,
    )


async def page_of(
    fetch: Callable[[str], Awaitable[Fetched | Failure]],
    workers: Workers,
    url: str,
    entries: tuple[PendingEntry, ...],
    repeated: Repeated = NOTHING,
) -> PageRead | Failure:
    """The page at `url`, or at the address that it leads on to by meta refresh or its AMP twin.

    `repeated` is what other pages of its host say. A page that is no article is a failure, and so is a wall.
    """
    led_from: tuple[str, ...] = ()
    while len(led_from) <= LEADS:
        answer = await fetch(url)
        if isinstance(answer, Failure):
            return answer
        kind = answer.headers.get("content-type")
        try:
            asked = (answer.body, answer.url, kind, entries, repeated)
            reading = await workers.run(read_fetched, *asked, deadline=PAGE_DEADLINE)
        except PageElsewhere as elsewhere:
            led_from, url = (*led_from, url), elsewhere.url
            continue
        except PageUnreadable as error:
            return Failure(reason=Reason.NO_TEXT, detail=str(error), final=True)
        except WorkerError as error:
            return worker_failure(error)
        if reading.page is not None and not reading.page.is_article:
            return _no_article(answer.url, wall=reading.page.paywalled)
        return PageRead(answer=answer, reading=reading, led_from=led_from)
    detail = f"{led_from[0]} leads on {len(led_from)} times and says nothing itself (open it in a browser)"
    return Failure(reason=Reason.NO_TEXT, detail=detail, final=True)


def _no_article(url: str, *, wall: bool) -> Failure:
    if wall:
        detail = f"{url} shows a wall (consent, log-in or a check for robots) and no article; it is asked again"
        return Failure(reason=Reason.REFUSED, detail=detail)
    detail = f"{url} is no article, but a front page, a list of others or an error (open it in a browser)"
    return Failure(reason=Reason.NO_TEXT, detail=detail, final=True)
