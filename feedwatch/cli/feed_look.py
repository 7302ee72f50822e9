"""`feedwatch feeds test` and `feeds discover`: a look at an address that stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import FAILED
from feedwatch.cli.options import Config, Json, load_to_ask, say, some_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedwatch.config.edit import Kind
    from feedwatch.config.settings import Settings
    from feedwatch.model import Failure
    from feedwatch.pipeline.probe import Article, Feed, Judged, NoFeed

Url = Annotated[str, typer.Argument(metavar="URL", help="An address, http or https; it may be a private one.")]


def try_feed(url: Url, config: Config = None, as_json: Json = False) -> None:
    """Try a feed and one article; nothing is stored.

    Says what each watchlist would make of it; nobody is told. Exit code 1 where the feed or the article's page is not
    to be had.
    """
    import asyncio

    from feedwatch.cli.show import json_line, put
    from feedwatch.pipeline.probe import Feed

    settings = load_to_ask(config)
    seen, article, judged = asyncio.run(_tried(settings, web(url)))
    if not isinstance(seen, Feed):
        say(no_feed(url, seen))
        raise typer.Exit(FAILED)
    if as_json:
        put(json_line(_row(url, seen, article, judged)))
    else:
        for line in (*_feed_lines(url, seen), *_article_lines(article), *map(_judged_line, judged)):
            put(line)
    if article is not None and article.failure is not None:
        raise typer.Exit(FAILED)


async def _tried(settings: Settings, url: str) -> tuple[Feed | NoFeed | Failure, Article | None, list[Judged]]:
    from feedwatch.pipeline.clock import now
    from feedwatch.pipeline.probe import Feed, judge, look, newest_entry, probing, read_article
    from feedwatch.pipeline.program import compile_plan
    from feedwatch.text.addresses import canonical

    plan, feed = compile_plan(settings), canonical(url)
    async with probing(settings) as probe:
        seen = await look(probe, url)
        entry = newest_entry(seen.document) if isinstance(seen, Feed) else None
        article = await read_article(probe, entry, feed, now()) if entry else None
    return seen, article, judge(plan, article, feed, now()) if article else []


def web(url: str) -> str:
    """The address, if it can be asked at all."""
    from feedwatch.text.addresses import is_web

    if not is_web(url):
        raise typer.BadParameter("is no web address (it begins with http:// or https://)", param_hint="URL")
    return url


def no_feed(url: str, seen: NoFeed | Failure) -> str:
    """What is there instead of a feed, and the way on."""
    from feedwatch.cli.show import clean
    from feedwatch.model import Failure

    if isinstance(seen, Failure):
        return f"{clean(_shown(url))}: {seen.reason}, {clean(seen.detail)}"
    way = f" (`feedwatch feeds discover {clean(_shown(url))}` looks for its feeds)" if seen.is_page else ""
    return f"{clean(seen.detail)}{way}" if not seen.is_page else f"{clean(_shown(url))}: a page, no feed{way}"


def _shown(url: str) -> str:
    from feedwatch.text.addresses import without_user

    return without_user(url)


def _feed_lines(url: str, seen: Feed) -> Iterable[str]:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean, local

    entries = seen.document.entries
    newest = f", the newest of {local(seen.newest)}" if seen.newest else ", none of them dated"
    named = clean(seen.document.title or "untitled")
    yield f"{seen.kind:10} {named}: {counted(len(entries), 'entry', 'entries')}{newest if entries else ''}"
    if seen.document.parts:
        left_out = f", {seen.document.parts_left_out} more are archives" if seen.document.parts_left_out else ""
        yield f"           an index: {len(seen.document.parts)} sitemaps of it are read{left_out}"
    if seen.url != _shown(url):
        yield f"           redirected to {clean(_shown(seen.url))}"
    told = [
        name
        for name, value in (("ETag", seen.validators.etag), ("Last-Modified", seen.validators.last_modified))
        if value
    ]
    yield f"           {' and '.join(told) or 'no validators'}: " + (
        "later polls transfer only what is new" if told else "every poll transfers the whole feed"
    )


def _article_lines(article: Article | None) -> Iterable[str]:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean

    if article is None:
        yield "article    none: no entry has a page of its own"
        return
    yield f"article    {clean(article.entry.title or 'untitled')}"
    yield f"           {clean(article.entry.link or '')}"
    if article.entry.categories:
        yield f"           filed under {clean(', '.join(article.entry.categories))}"
    if article.entry.headline_only:
        yield "           no page: headlines are all that this feed gives; judged by it alone"
        return
    if article.failure is not None:
        yield f"           page not read: {article.failure.reason}, {clean(article.failure.detail)}"
        yield "           judged by the feed's text:"
        return
    language = article.reading.page.language if article.reading.page else None
    words = counted(article.reading.indexes[0].words, "word")
    yield f"           page read: {words}" + (f" [{language}]" if language else "")


def _judged_line(judged: Judged) -> str:
    from feedwatch.cli.show import clean

    head = f"watchlist  {judged.watch}: "
    if not judged.asked:
        return head + "looks at other feeds only" + (" (it would match)" if judged.found else "")
    if judged.found is None or judged.verdict is None:
        return head + "no match"
    reasons = _hits(judged)
    where = ", ".join(f"{hit['term']} {hit['count']} in the {hit['zone']}" for hit in reasons)
    told = ", ".join(name for name, _ in judged.verdict.channels)
    outcome = f"would tell {told}" if told else "too weak for its channels"
    return (
        f"{head}{judged.found.match.strength.word}, {outcome}\n"
        f"           “{clean(judged.found.snippet)}”\n           {where}"
    )


def _hits(judged: Judged) -> list[dict[str, Any]]:
    hits: Any = judged.found.reasons["hits"] if judged.found else []
    return list(hits)


def _row(url: str, seen: Feed, article: Article | None, judged: list[Judged]) -> dict[str, Any]:
    return {
        "url": _shown(url),
        "ended_at": _shown(seen.url),
        "kind": seen.kind,
        "parts": [_shown(part) for part in seen.document.parts],
        "title": seen.document.title,
        "entries": len(seen.document.entries),
        "newest": seen.newest,
        "etag": seen.validators.etag is not None,
        "last_modified": seen.validators.last_modified is not None,
        "article": _article_row(article) if article else None,
        "watchlists": [_judged_row(each) for each in judged],
    }


def _article_row(article: Article) -> dict[str, Any]:
    return {
        "title": article.entry.title,
        "link": article.entry.link,
        "categories": article.entry.categories,
        "words": article.reading.indexes[0].words,
        "page_read": article.reading.page is not None,
        "headline_only": article.entry.headline_only,
        "reason": article.failure.reason if article.failure else None,
        "detail": article.failure.detail if article.failure else None,
    }


def _judged_row(judged: Judged) -> dict[str, Any]:
    return {
        "watchlist": judged.watch,
        "asked": judged.asked,
        "strength": judged.found.match.strength.word if judged.found else None,
        "outcome": judged.verdict.outcome if judged.verdict else None,
        "channels": [name for name, _ in judged.verdict.channels] if judged.verdict and judged.asked else [],
        "snippet": judged.found.snippet if judged.found else None,
        "hits": _hits(judged),
    }


def discover(url: Url, config: Config = None, as_json: Json = False) -> None:
    """Find the feeds of a page.

    Those that it names, else those at the usual places, else its news sitemaps. Only what answers is shown; needs no
    config. Exit code 1 where there is none.
    """
    import asyncio

    from feedwatch.cli.show import rows

    found = asyncio.run(_discovered(some_settings(config, to_ask=True), web(url)))
    if isinstance(found, str):
        say(found)
        raise typer.Exit(FAILED)
    rows(
        [proposal(feed) for feed in found],
        as_json=as_json,
        columns=("url", "kind", "title", "entries", "newest"),
        none="",
    )


async def _discovered(settings: Settings, url: str) -> list[Feed] | str:
    """The feeds, or why there are none."""
    from feedwatch.pipeline.probe import Feed, NoFeed

    seen, found = await _looked(settings, url)
    if isinstance(seen, Feed):
        return [seen]
    if found:
        return found
    if isinstance(seen, NoFeed) and seen.is_page:
        return f"{_shown(url)}: the page names no feed that answers, and there is none at the usual places"
    return no_feed(url, seen)


def proposal(feed: Feed) -> dict[str, Any]:
    return {
        "url": _shown(feed.url),
        "kind": feed.kind,
        "title": feed.document.title,
        "entries": len(feed.document.entries),
        "newest": feed.newest,
    }


def look_first(settings: Settings, url: str, pick: int | None) -> tuple[str, Kind]:
    """What to add for an address: itself, or the feed of the page there; what does not answer is only said."""
    import asyncio

    from feedwatch.model import Failure
    from feedwatch.pipeline.probe import Feed

    seen, found = asyncio.run(_looked(settings, url))
    if isinstance(seen, Feed):
        return url, seen.kind
    say(no_feed(url, seen))
    if isinstance(seen, Failure):
        say("added all the same; `feedwatch feeds list` shows whether it answers")
        return url, "feed"
    chosen = _chosen(found, pick)
    if chosen is None:
        say("nothing was added (--unseen adds an address without asking it)")
        raise typer.Exit(FAILED)
    say(f"its feed is taken: {_shown(chosen.url)}")
    return chosen.url, chosen.kind


def _chosen(found: list[Feed], pick: int | None) -> Feed | None:
    """The only one, the one that was picked, or whichever is chosen now."""
    import sys

    if len(found) == 1 and pick in {None, 1}:
        return found[0]
    for number, feed in enumerate(found, 1):
        say(f"{number:3}  {_shown(feed.url)}  {_in_short(feed)}")
    if found and pick is None and sys.stdin.isatty():
        pick = typer.prompt("which of them", type=int, err=True)
    elif found and pick is None:
        say("it has several feeds (--pick N takes one of them)")
    elif found and pick is not None and pick > len(found):
        say(f"there is no feed number {pick}")
    return found[pick - 1] if pick is not None and 1 <= pick <= len(found) else None


def _in_short(feed: Feed) -> str:
    from feedwatch.cli.show import clean

    return f"{clean(feed.document.title or 'untitled')}, {len(feed.document.entries)} entries"


async def _looked(settings: Settings, url: str) -> tuple[Feed | NoFeed | Failure, list[Feed]]:
    from feedwatch.pipeline.probe import NoFeed, look, probing, propose

    async with probing(settings) as probe:
        seen = await look(probe, url)
        return seen, await propose(probe, seen) if isinstance(seen, NoFeed) and seen.is_page else []
