"""A look at a feed that stores nothing: the same fetching, parsing, reading and deciding as the loops do, once.

For `feeds test`, `feeds discover`, `feeds add` and `init`, which want to know before anything is configured.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from feedwatch.alerts.decide import Situation, Verdict, decide
from feedwatch.edges.bodies import SNIFFED, is_html
from feedwatch.edges.http import Fetcher, Request
from feedwatch.edges.workers import Workers, worker_failure
from feedwatch.errors import FeedUnreadable, WorkerError
from feedwatch.feeds.discover import Candidate, common_places, discover, news_sitemaps
from feedwatch.feeds.sitemap import joined
from feedwatch.feeds.sniff import is_sitemap
from feedwatch.model import Failure, Fetched, ParsedEntry, ParsedFeed, Validators
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.fetcher import fetcher_of
from feedwatch.pipeline.findings import parsed
from feedwatch.pipeline.keyring import Keyring, keyring
from feedwatch.pipeline.matching import Found, matches
from feedwatch.pipeline.pages import PAGE_DEADLINE, page_of
from feedwatch.pipeline.program import Plan, Program, Watch
from feedwatch.pipeline.reading import Reading, read_stored
from feedwatch.pipeline.zones import facts
from feedwatch.store.articles import PendingEntry
from feedwatch.text.addresses import canonical, host_of, is_web
from feedwatch.watches.index import Index, Metadata
from feedwatch.watches.match import Presearch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from feedwatch.config.settings import Settings

TRIED = 12
"""Addresses of a page that are asked whether they are feeds."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a look is made with."""

    fetcher: Fetcher
    workers: Workers
    settings: Settings
    keyring: Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """An address that is a feed's."""

    url: str  # where the redirects ended
    kind: Literal["feed", "sitemap"] = "feed"
    document: ParsedFeed
    validators: Validators

    @property
    def newest(self) -> datetime | None:
        return max((at for entry in self.document.entries if (at := time_of(entry))), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFeed:
    """An address that answered, with something else than a feed."""

    url: str  # where the redirects ended
    detail: str
    is_page: bool
    candidates: tuple[Candidate, ...] = ()  # what a page names as feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry's article: read, or judged by the feed's own text because of a failure."""

    entry: ParsedEntry
    reading: Reading
    failure: Failure | None  # why the page was not to be had


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a watchlist would do with an article that is new."""

    watch: str  # its id
    asked: bool  # False: it is narrowed to other feeds
    found: Found | None
    verdict: Verdict | None


@asynccontextmanager
async def probing(settings: Settings) -> AsyncIterator[Probe]:
    fetcher = fetcher_of(settings.polling)
    workers = Workers(1, settings.workers.memory, ("feedwatch.pipeline.reading",), 500)
    async with fetcher, workers:
        yield Probe(fetcher=fetcher, workers=workers, settings=settings, keyring=keyring(settings, []))


def time_of(entry: ParsedEntry) -> datetime | None:
    return entry.published or entry.updated


async def look(probe: Probe, url: str, *, owner: bool = True) -> Feed | NoFeed | Failure:
    """What is at an address. `owner`: the owner typed it, so it may be private."""
    answer = await _get(probe, url, owner=owner, page=False)
    if isinstance(answer, Failure):
        return answer
    kind: Literal["feed", "sitemap"] = "sitemap" if is_sitemap(answer.body) else "feed"
    try:
        document = await parsed(probe.workers, kind, answer, probe.settings.polling.max_bytes, now())
        if document.parts:
            document = joined(document, [part async for part in _parts(probe, document, answer.url)])
    except FeedUnreadable as error:
        return await _no_feed(probe, answer, str(error))
    except WorkerError as error:
        return worker_failure(error)
    return Feed(url=answer.url, kind=kind, document=document, validators=answer.validators)


async def _parts(probe: Probe, index: ParsedFeed, url: str) -> AsyncIterator[ParsedFeed]:
    """The sitemaps of an index that answer, one after the other; they are links."""
    for part in index.parts:
        answer = await _get(probe, part, owner=host_of(part) == host_of(url), page=False)
        if isinstance(answer, Fetched):
            with suppress(FeedUnreadable):
                yield await parsed(probe.workers, "sitemap", answer, probe.settings.polling.max_bytes, now())


async def _get(probe: Probe, url: str, *, owner: bool, page: bool) -> Fetched | Failure:
    polling = probe.settings.polling
    return await probe.fetcher.get(
        Request(
            url=url,
            owner=owner,
            accept="page" if page else "feed",
            timeout=polling.timeout,
            max_bytes=polling.max_bytes,
            credentials=probe.keyring.sites if page else probe.keyring.of_feed(canonical(url)),
        )
    )


async def _no_feed(probe: Probe, answer: Fetched, detail: str) -> NoFeed | Failure:
    if not is_html(answer.headers.get("content-type", ""), answer.body[:SNIFFED]):
        return NoFeed(url=answer.url, detail=detail, is_page=False)
    try:
        named = await probe.workers.run(discover, answer.body, answer.url, deadline=PAGE_DEADLINE)
    except WorkerError as error:
        return worker_failure(error)
    return NoFeed(url=answer.url, detail=detail, is_page=True, candidates=named)


async def propose(probe: Probe, page: NoFeed) -> list[Feed]:
    """The feeds of a page that answer: those that it names, those at the usual places, or its news sitemaps.

    They are links: only on the host that the owner typed may they be private.
    """
    named = [candidate.url for candidate in page.candidates[:TRIED]]
    return (
        await _feeds_among(probe, page, named)
        or await _feeds_among(probe, page, common_places(page.url))
        or await _feeds_among(probe, page, news_sitemaps(await _robots(probe, page), page.url)[:TRIED])
    )


async def _robots(probe: Probe, page: NoFeed) -> bytes:
    answer = await _get(probe, urljoin(page.url, "/robots.txt"), owner=True, page=False)
    return answer.body if isinstance(answer, Fetched) else b""


async def _feeds_among(probe: Probe, page: NoFeed, urls: Iterable[str]) -> list[Feed]:
    looks = [look(probe, url, owner=host_of(url) == host_of(page.url)) for url in urls]
    found = [each for each in await asyncio.gather(*looks) if isinstance(each, Feed)]
    return list({canonical(feed.url): feed for feed in reversed(found)}.values())[::-1]


def newest_entry(document: ParsedFeed) -> ParsedEntry | None:
    """The newest entry that has a page; where none is dated, the document's first."""
    entries = [entry for entry in document.entries if entry.address and is_web(entry.address)]
    return max(entries, key=lambda entry: time_of(entry) or LONG_AGO, default=None)


async def read_article(probe: Probe, entry: ParsedEntry, feed: str, at: datetime) -> Article:
    """Reads an entry's page, whose address nobody typed; else what the feed says of it."""
    pending = (_pending(entry, feed, at),)
    if entry.headline_only:
        return Article(entry=entry, reading=read_stored(None, pending), failure=None)
    page = await page_of(partial(_get, probe, owner=False, page=True), probe.workers, entry.address or "", pending)
    if isinstance(page, Failure):
        return Article(entry=entry, reading=read_stored(None, pending), failure=page)
    return Article(entry=entry, reading=page.reading, failure=None)


async def read_page(probe: Probe, url: str) -> tuple[Index, Metadata, str] | Failure:
    """A page that the owner names, ready to be matched, and its title; nothing is known of a feed."""
    pending = (_pending(ParsedEntry(link=url), "", LONG_AGO),)

    async def fetch(address: str) -> Fetched | Failure:  # what it leads on to is not the owner's word
        return await _get(probe, address, owner=address == url, page=True)

    page = await page_of(fetch, probe.workers, url, pending)
    if isinstance(page, Failure):
        return page
    said = page.reading.page
    return page.reading.indexes[0], facts(said, pending[0], page.answer.url, ()), said.title if said else ""


def _pending(entry: ParsedEntry, feed: str, at: datetime) -> PendingEntry:
    return PendingEntry(
        id=0,
        version=1,
        feed=feed,
        title=entry.title,
        summary=entry.summary,
        content=entry.content,
        how="new",
        window_id=None,
        shown_at=at,
        link=entry.link,
        authors=entry.authors,
        host=host_of(feed),
    )


def judge(plan: Plan, article: Article, feed: str, at: datetime) -> list[Judged]:
    """The decision of every watchlist, as if the article were new and nobody had been told."""
    program, entries = _rehearsal(plan), (_pending(article.entry, feed, at),)
    found = {each.watch.root: each for each in matches(entries, article.entry.link, article.reading, program)}
    return [_judged(watch, found.get(watch.root), feed) for watch in program.watches.values()]


def _rehearsal(plan: Plan) -> Program:
    """The plan without a database: every watchlist has always been there."""
    watches = {
        watch.id: Watch(
            root=watch.id,
            version=0,
            since=LONG_AGO,
            label=watch.label,
            query=plan.queries[watch.id],
            feeds=plan.settings.feeds_of(watch),
            floors={name: plan.channels[name].only for name in watch.notify},
        )
        for watch in plan.settings.watchlists
    }
    presearch = Presearch({root: watch.query for root, watch in watches.items()})
    return Program(plan=plan, watches=watches, presearch=presearch, targets={})


def _judged(watch: Watch, found: Found | None, feed: str) -> Judged:
    asked = watch.feeds is None or feed in watch.feeds
    if found is None:
        return Judged(watch=watch.root, asked=asked, found=None, verdict=None)
    verdict = decide(
        Situation(
            strength=found.match.strength,
            told=None,
            how="new",
            window_open=False,
            before_watchlist=False,
            floors=watch.floors,
        )
    )
    return Judged(watch=watch.root, asked=asked, found=found, verdict=verdict)


async def latest_match(probe: Probe, plan: Plan, at: datetime, within: timedelta) -> tuple[str, Article, Found] | None:
    """The newest article in the plan's feeds that a watchlist matches: its outlet, the article and the match.

    The feeds' own texts say which it is, then its page is read; what does not answer `within` is left out.
    """
    looks = {asyncio.create_task(look(probe, spec.url)): spec for spec in plan.feeds.values()}
    if not looks:
        return None
    done, late = await asyncio.wait(looks, timeout=within.total_seconds())
    for each in late:
        each.cancel()
    seen = [(spec, each.result()) for each, spec in looks.items() if each in done]
    entries = [(spec, feed, entry) for spec, feed in seen if isinstance(feed, Feed) for entry in feed.document.entries]
    entries.sort(key=lambda each: time_of(each[2]) or LONG_AGO, reverse=True)
    for spec, feed, entry in entries:
        if _first_match(plan, _told_by_feed(entry, spec.address, at), spec.address, at):
            article = await read_article(probe, entry, spec.address, at)
            found = _first_match(plan, article, spec.address, at)
            return (spec.name or feed.document.title or host_of(spec.url), article, found) if found else None
    return None


def _told_by_feed(entry: ParsedEntry, feed: str, at: datetime) -> Article:
    return Article(entry=entry, reading=read_stored(None, (_pending(entry, feed, at),)), failure=None)


def _first_match(plan: Plan, article: Article, feed: str, at: datetime) -> Found | None:
    return next((judged.found for judged in judge(plan, article, feed, at) if judged.found), None)
