"""`feedwatch watch lint`: what a watchlist says and its owner may not mean, and what it would have told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import DONE, FAILED, USAGE
from feedwatch.cli.options import Config, Json, examples, load_settings, query_of, read_query, reading, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.store import Connection
    from feedwatch.watches.lint import Doubt
    from feedwatch.watches.tree import Query

EXAMPLES = examples(
    "feedwatch watch lint",
    """feedwatch watch lint --query 'Donald Trump OR WHO'""",
)

LOOKED_BACK = 30
"""Days of the archive that a query is played over."""

TRIED = 2_000
"""Articles that are searched for letters of a language's own."""


def lint_command(
    watchlist: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A watchlist's id; all of them otherwise.", show_default=False)
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="QUERY", help="A query instead of the watchlists.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Name what is doubtful in watchlists, and what they cost.

    Every doubt with its place and a cure; the alerts of the last 30 days, played over the stored articles. Exit code 1
    where there is a doubt.
    """
    settings = load_settings(config)
    if query is not None and watchlist is not None:
        say("give an ID or --query: one of the two (`feedwatch watch replay ID --query …` compares them)")
        raise typer.Exit(USAGE)
    doubtful = False
    for row in _rows(settings, (watchlist or "").removeprefix("@"), query):
        doubtful |= bool(row["doubts"])
        _put(row, as_json=as_json)
    raise typer.Exit(FAILED if doubtful else DONE)


def _rows(settings: Settings, name: str, query: str | None) -> Iterator[dict[str, Any]]:
    """A row for the query, or for each watchlist that is meant."""
    from feedwatch.config.settings import Watchlist
    from feedwatch.pipeline.lint import unused_aliases

    if query is not None:
        tree = read_query(query, settings)
        watch = Watchlist.model_construct(id="", keywords=(), query=query, feeds=(), notify=())
        yield _row(settings, None, watch, tree)
        return
    meant = [(n, watch) for n, watch in enumerate(settings.watchlists) if name in {"", watch.id}]
    if not meant:
        say(f"no watchlist {name} (there are: {', '.join(watch.id for watch in settings.watchlists) or 'none'})")
        raise typer.Exit(USAGE)
    for number, watch in meant:
        yield _row(settings, number, watch, query_of(settings, watch))
    for alias in unused_aliases(settings) if not name else ():
        message = {"message": f"no watchlist uses the list @{alias}", "cure": "name it, or remove it", "text": None}
        where = settings.where("aliases", alias)
        yield {"watchlist": None, "played": None, "doubts": [{**message, "where": where, "position": None}]}


def _row(settings: Settings, number: int | None, watch: Watchlist, query: Query) -> dict[str, Any]:
    from feedwatch.errors import NoDatabase
    from feedwatch.pipeline.lint import NOTHING_LEARNT, doubts, learn

    try:
        with reading(settings.store.path) as db:
            found = [*doubts(settings, watch, query, learn(db)), *_own_letters(db, query)]
            played = _played(settings, watch if number is not None else None, query, db)
    except NoDatabase:
        found, played = list(doubts(settings, watch, query, NOTHING_LEARNT)), None
    texts = (watch.query,) if watch.query is not None else watch.keywords
    return {
        "watchlist": watch.id or None,
        "played": played,
        "doubts": [_doubt(settings, number, texts, watch, each) for each in found],
    }


def _own_letters(db: Connection, query: Query) -> list[Doubt]:
    from feedwatch.pipeline.archive import Stretch
    from feedwatch.pipeline.lint import own_letter_doubts

    return own_letter_doubts(db, query, Stretch(), TRIED)


def _doubt(
    settings: Settings, number: int | None, texts: tuple[str, ...], watch: Watchlist, doubt: Doubt
) -> dict[str, Any]:
    from feedwatch.cli.doubts import where

    return {
        "message": doubt.message,
        "cure": doubt.cure,
        "where": where(settings, number, watch, doubt) if number is not None else None,
        "text": texts[doubt.entry or 0] if doubt.position is not None else None,
        "position": doubt.position,
    }


def _played(settings: Settings, watch: Watchlist | None, query: Query, db: Connection) -> dict[str, Any]:
    from datetime import timedelta

    from feedwatch.cli.progress import bar
    from feedwatch.cli.replay import wish_of
    from feedwatch.pipeline.archive import Stretch
    from feedwatch.pipeline.clock import now
    from feedwatch.pipeline.program import tags_of
    from feedwatch.pipeline.replay import replay

    stretch = Stretch(since=now() - timedelta(days=LOOKED_BACK))
    with bar("articles") as progress:
        counted = replay(
            db, wish_of(settings, watch, query), None, tags_of(settings), stretch, limit=1, progress=progress
        )
    example = counted.examples[0].title if counted.examples else None
    return {"days": LOOKED_BACK, "alerts": counted.alerts, "matches": counted.strengths.total(), "example": example}


def _put(row: dict[str, Any], *, as_json: bool) -> None:
    from textwrap import indent

    from feedwatch.cli.show import clean, json_line, put
    from feedwatch.errors import QueryError
    from feedwatch.watches.caret import show_error

    if as_json:
        put(json_line(row))
        return
    if row["played"]:
        put(f"{row['watchlist'] or 'the query'}: {_cost(row['played'])}")
    elif row["watchlist"]:
        put(f"{row['watchlist']}: no articles are stored yet")
    for doubt in row["doubts"]:
        where = f"{doubt['where']}: " if doubt["where"] else ""
        put(f"  {where}{clean(doubt['message'])} ({clean(doubt['cure'])})")
        if doubt["position"] is not None and row["watchlist"] is None:
            place = QueryError(doubt["message"], doubt["position"], doubt["cure"])
            put(indent(show_error(doubt["text"], place), "    "))


def _cost(played: dict[str, Any]) -> str:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean

    said = f"{counted(played['alerts'], 'alert')} in the last {played['days']} days ({played['matches']} matches)"
    return said + (f", e.g. “{clean(played['example'])}”" if played["example"] else "")
