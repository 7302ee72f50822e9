"""`feedwatch channels`: whether a message arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import TRY_AGAIN, USAGE
from feedwatch.cli.options import Config, Json, load_plan, say

if TYPE_CHECKING:
    from typing import TextIO

    from feedwatch.model import Receipt, Target

app = typer.Typer(help="Channels: whether a message arrives.", no_args_is_help=True, rich_markup_mode=None)


@app.command("test")
def try_channels(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One channel; all of them otherwise.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Send a test message and say what happened.

    One line a target; exit code 75 where one did not take it. A channel may have several targets.
    """
    import sys

    from feedwatch.cli.show import json_line, put
    from feedwatch.model import Outcome

    channels = load_plan(config).channels
    if not channels:
        say("no channels (add a [channels.NAME] table to the config)")
        raise typer.Exit(USAGE)
    if name is not None and name not in channels:
        say(f"no channel {name} (there are: {', '.join(channels) or 'none'})")
        raise typer.Exit(USAGE)
    targets = [target for channel in channels.values() if name in (None, channel.name) for target in channel.targets]
    failed = False
    for target in targets:
        receipt = _send(target, sys.stderr if as_json else sys.stdout)
        failed = failed or receipt.outcome is not Outcome.SENT
        row = {"target": f"{target.channel}/{target.name}", "outcome": receipt.outcome.value, "detail": receipt.detail}
        put(json_line(row) if as_json else f"{row['target']}: {row['outcome']}, {row['detail']}".rstrip(", "))
    if failed:
        raise typer.Exit(TRY_AGAIN)


def _send(target: Target, stream: TextIO) -> Receipt:
    from feedwatch.edges import apprise, terminal
    from feedwatch.model import Message
    from feedwatch.pipeline.program import TERMINAL

    message = Message(
        alert="0" * 32,
        title="feedwatch · test",
        body=f"A test message for {target.channel}/{target.name}: when you read this, alerts will arrive here.",
    )
    return terminal.send(message, stream) if target.url == TERMINAL else apprise.send(target.url, message)
