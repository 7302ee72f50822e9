"""`feedwatch watch`: whether a text would be a match, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import DONE, FAILED, USAGE
from feedwatch.cli.options import Config, Json, examples, load_plan, load_settings, read_query, say

if TYPE_CHECKING:
    from feedwatch.watches.tree import Query

app = typer.Typer(
    help="Watchlists: what they match, and silence for a while.", no_args_is_help=True, rich_markup_mode=None
)


@app.command(
    "test",
    epilog=examples(
        """feedwatch watch test Maduro --title "Talks with Maduro resume" """.rstrip(),
        """feedwatch watch test 'Caracas OR "Delcy Rodríguez"' --text - < article.txt""",
        """feedwatch watch test @ve --title "Oil prices rise" """.rstrip(),
    ),
)
def try_query(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help='Words and "phrases", or @ID for a watchlist of the config.')
    ],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The article's headline.")] = "",
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="The article's text; - reads it from stdin.")
    ] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say whether a text matches, how strongly and where.

    Exit code 0: a match, 1: none, 2: the query is refused, and where.
    """
    from dataclasses import asdict

    from feedwatch.cli.show import json_line, put
    from feedwatch.model import Zone
    from feedwatch.watches.index import build_index
    from feedwatch.watches.match import match
    from feedwatch.watches.snippets import snippet
    from feedwatch.watches.strength import explain

    wanted = _query(query, config)
    body = sys.stdin.read() if text == "-" else text
    index = build_index(
        tuple(Zone(name=name, text=words) for name, words in (("title", title), ("body", body)) if words)
    )
    if not index.zones:
        say("there is no text to test (give --title, --text or both)")
        raise typer.Exit(USAGE)
    found = match(wanted, index)
    if found is None:
        put(json_line({"match": False}) if as_json else "no match")
        raise typer.Exit(FAILED)
    shown = snippet(index, found)
    hits = [asdict(count) for count in explain(index, found.hits)]
    if as_json:
        put(json_line({"match": True, "strength": found.strength.word, "snippet": shown, "hits": hits}))
    else:
        put(f"match, strength {found.strength.word}: “{shown}”")
        for hit in hits:
            put(f"  {hit['term']}: {hit['count']} in the {hit['zone']}")
    raise typer.Exit(DONE)


def _query(text: str, config: Config) -> Query:
    if text.startswith("@"):
        queries = load_plan(config).queries
        if text[1:] not in queries:
            say(f"no watchlist {text} (there are: {', '.join('@' + name for name in queries) or 'none'})")
            raise typer.Exit(USAGE)
        return queries[text[1:]]
    return read_query(text)


@app.command(epilog=examples("feedwatch watch mute ve 2h", "feedwatch watch mute ve --off"))
def mute(
    watchlist: Annotated[str, typer.Argument(metavar="ID", help="The watchlist's id.")],
    time: Annotated[str | None, typer.Argument(metavar="TIME", help='How long, such as "2h" or "1d12h".')] = None,
    off: Annotated[bool, typer.Option("--off", help="End it now.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Silence a watchlist for a while.

    What it finds is recorded and not sent; at the end each of its channels gets one message that says how many
    articles there were, and which. What was on its way before is still sent. Your name is kept.
    """
    from feedwatch.cli.show import json_line, put, when
    from feedwatch.pipeline.ask import LONGEST_WORK, ask

    if off == (time is not None):
        say('give a time, such as "2h", or --off')
        raise typer.Exit(USAGE)
    done = ask(load_settings(config), "mute", patience=LONGEST_WORK, watchlist=watchlist, time=time)
    if as_json:
        put(json_line(done))
    elif off:
        put(f"{watchlist} tells again; its channels hear of {done['articles']} articles that it kept back")
    else:
        put(f"{watchlist} is muted until {when(done['until'])} (feedwatch watch mute {watchlist} --off ends it)")
