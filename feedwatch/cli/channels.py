"""`feedwatch channels`: whether a message arrives."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import NEEDS_A_HUMAN, TRY_AGAIN, USAGE
from feedwatch.cli.options import Config, Json, config_file, load_plan, say

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from feedwatch.model import Message, Receipt, Target

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
        receipt = _send(target, _test_message(target), sys.stderr if as_json else sys.stdout)
        failed = failed or receipt.outcome is not Outcome.SENT
        row = {"target": f"{target.channel}/{target.name}", "outcome": receipt.outcome.value, "detail": receipt.detail}
        put(json_line(row) if as_json else f"{row['target']}: {row['outcome']}, {row['detail']}".rstrip(", "))
    if failed:
        raise typer.Exit(TRY_AGAIN)


def _test_message(target: Target) -> Message:
    from feedwatch.model import Message

    return Message(
        alert="0" * 32,
        title="feedwatch · test",
        body=f"A test message for {target.channel}/{target.name}: when you read this, alerts will arrive here.",
    )


@app.command("say")
def tell_channels(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="NAME", help="Only this channel; may be given more than once.")
    ] = None,
    config: Config = None,
) -> None:
    """Send a message of your own to every channel.

    For scripts, such as the unit that tells you that feedwatch is down: it works with a config that is wrong in other
    places, and without the daemon. One line a target; exit code 75 where nobody but a terminal took it.
    """
    import secrets
    import sys

    from feedwatch.cli.show import put
    from feedwatch.model import Message, Outcome
    from feedwatch.pipeline.program import TERMINAL

    targets = _reachable(config_file(config), to or [])
    if not targets:
        say("no such channel, or none that can be used (`feedwatch check` says why)")
        raise typer.Exit(NEEDS_A_HUMAN)
    message = Message(alert=secrets.token_hex(16), title="feedwatch", body=text)
    people = [target for target in targets if target.url != TERMINAL] or targets  # nobody looks at a service's terminal
    told = False
    for target in targets:
        receipt = _send(target, message, sys.stdout)
        told = told or (receipt.outcome is Outcome.SENT and target in people)
        put(f"{target.channel}/{target.name}: {receipt.outcome.value}, {receipt.detail}".rstrip(", "))
    if not told:
        raise typer.Exit(TRY_AGAIN)


def _reachable(config: Path, names: list[str]) -> list[Target]:
    """The targets of the named channels, or of all, that are well; a channel that is not must silence no other."""
    import os

    from feedwatch.config.load import each_channel
    from feedwatch.errors import ConfigError
    from feedwatch.pipeline.program import compile_plan

    targets: list[Target] = []
    for settings in each_channel(config, os.environ):
        with suppress(ConfigError):
            channels = compile_plan(settings).channels.values()
            targets += [target for channel in channels for target in channel.targets]
    return [target for target in targets if not names or target.channel in names]


def _send(target: Target, message: Message, stream: TextIO) -> Receipt:
    from feedwatch.edges import apprise, terminal
    from feedwatch.pipeline.program import TERMINAL

    return terminal.send(message, stream) if target.url == TERMINAL else apprise.send(target.url, message)
