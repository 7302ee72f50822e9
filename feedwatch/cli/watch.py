"""`feedwatch watch mute`: silence for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from feedwatch.cli.exits import USAGE
from feedwatch.cli.options import Config, Json, examples, load_settings, say

app = typer.Typer(
    help="Watchlists: what they match and what it costs, and silence.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

MUTE_EXAMPLES = examples("feedwatch watch mute ve 2h", "feedwatch watch mute ve --off")


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
