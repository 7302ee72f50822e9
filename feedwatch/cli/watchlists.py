"""`feedwatch watch list` and `watch add`: what is watched for, and a new wish in the config file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import USAGE
from feedwatch.cli.options import Config, Json, examples, load_settings, perhaps, read_query, reading, say

if TYPE_CHECKING:
    from pathlib import Path

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.store import Row

ADD_EXAMPLES = examples(
    """feedwatch watch add oil --keyword petróleo --keyword "crude oil" --notify phone""",
    """feedwatch watch add ve --name Venezuela --keyword Maduro --feeds tag:world --notify phone""",
    """feedwatch watch add talks --query '@country:VE (sanctions OR sanciones)' --notify phone""",
)


LIST_EXAMPLES = examples("feedwatch watch list", "feedwatch watch list ve")


def list_watchlists(
    watchlist: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One of them, with all its wordings.", show_default=False)
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Every watchlist with its words and its alerts.

    With ID every wording that it had, the newest first. Each decision is by a wording; `why` and `alerts show` name it.
    """
    from feedwatch.cli.show import rows
    from feedwatch.store.recent import watch_rows

    settings = load_settings(config)
    if watchlist is not None:
        _list_wordings(settings, watchlist.removeprefix("@"), as_json=as_json)
        return
    known = {row["id"]: row for row in perhaps(settings.store.path, watch_rows) or ()}
    found = [_row(settings, watch, known.get(watch.id)) for watch in settings.watchlists]
    columns = ("id", "name", "words", "looks at", "tells", "alerts", "last alert")
    none = "no watchlists yet (feedwatch watch add ID --keyword WORD --notify CHANNEL)"
    rows(found, as_json=as_json, columns=columns, none=none)


def _list_wordings(settings: Settings, watchlist: str, *, as_json: bool) -> None:
    from feedwatch.cli.show import rows
    from feedwatch.errors import NothingThere
    from feedwatch.store.account import versions
    from feedwatch.store.times import moment

    with reading(settings.store.path) as db:
        found = [
            {
                "since": moment(row["from_at"]),
                "words": row["query"],
                "looks at": json.loads(row["feeds"]) or "all feeds",
                "matches": row["matches"],
            }
            for row in versions(db, watchlist)
        ]
    if not found:
        there = ", ".join(watch.id for watch in settings.watchlists) or "none"
        raise NothingThere(f"no watchlist {watchlist} has run yet (in the config: {there})")
    rows(found, as_json=as_json, columns=("since", "words", "looks at", "matches"), none="")


def _row(settings: Settings, watch: Watchlist, row: Row | None) -> dict[str, Any]:
    from feedwatch.store.times import moment

    narrowed = settings.feeds_of(watch)
    return {
        "id": watch.id,
        "name": watch.name,
        "words": watch.query or _words(watch.keywords),
        "looks at": "all feeds" if narrowed is None else f"{len(narrowed)} feeds",
        "tells": watch.notify,
        "alerts": row["alerts"] if row else 0,
        "last alert": moment(row["last_at"]) if row else None,
        "label": watch.label,
        "keywords": watch.keywords,
        "query": watch.query,
        "feeds": watch.feeds,
        "since": moment(row["since"]) if row else None,
    }


def _words(keywords: tuple[str, ...]) -> str:
    shown = ", ".join(keywords[:3])
    return shown if len(keywords) <= len(keywords[:3]) else f"{shown} and {len(keywords) - 3} more"


def add(
    watchlist: Annotated[str, typer.Argument(metavar="ID", help="A short name that stays: a-z, 0-9, - and _.")],
    notify: Annotated[
        list[str], typer.Option("--notify", metavar="CHANNEL", help="A channel that is told; may be given again.")
    ],
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", metavar="WORD", help="A word or phrase; any one of them counts.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="QUERY", help="A whole query, instead of keywords.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What people call it.")] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="TEXT", help="The first thing on the lock screen.")
    ] = None,
    feeds: Annotated[
        list[str] | None,
        typer.Option("--feeds", metavar="FEED", help="Only this feed, by tag:NAME, name or address; all otherwise."),
    ] = None,
    config: Config = None,
) -> None:
    """Add a watchlist to the config file.

    Comments stay, and a running daemon takes it at once: what it sees from then on may alert. Exit code 1 where it
    cannot be added; the file is as it was then.
    """
    from feedwatch.cli.feeds import edit_config
    from feedwatch.config.edit import add_watchlist

    if bool(keyword) is bool(query):
        say("give --keyword (as often as you like), or --query: one of the two")
        raise typer.Exit(USAGE)
    _check_words(keyword or [], query, config)
    wish = {"id": watchlist, "name": name, "label": label, "keywords": keyword, "query": query, "feeds": feeds}
    wish["notify"] = notify
    row = {key: value for key, value in wish.items() if value}

    def change(file: Path) -> Path:
        return add_watchlist(file, row)

    edit_config(config, "added to", change)


def _check_words(keywords: list[str], query: str | None, config: Config) -> None:
    """A word that is refused is shown with the place before QueryError ends the command."""
    from feedwatch.errors import QueryError
    from feedwatch.watches.caret import show_error
    from feedwatch.watches.parse import parse_keywords

    settings = load_settings(config)
    if query is not None:
        read_query(query, settings)
    for keyword in keywords:
        try:
            parse_keywords([keyword], settings.lists)
        except QueryError as error:
            say(show_error(keyword, error))
            raise
