"""`feedwatch channels say`: a message of one's own, whatever else is wrong."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import NEEDS_A_HUMAN, TRY_AGAIN
from feedwatch.cli.options import Config, config_file, say

if TYPE_CHECKING:
    from pathlib import Path

    from feedwatch.model import Message, Target


def tell(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="NAME", help="Only this channel; may be given more than once.")
    ] = None,
    config: Config = None,
) -> None:
    """Send a message of your own to those who are told of trouble.

    To the channels of [health] notify; to all others where none of these took it. For scripts, such as the unit that
    tells you that feedwatch is down: it works with a config that is wrong in other places, and without the daemon.
    One line a target; exit code 75 where nobody but a terminal took it.
    """
    import secrets

    from feedwatch.model import Message
    from feedwatch.pipeline.program import TERMINAL

    wanted, others = _reachable(config_file(config), to or [])
    targets = [*wanted, *others]
    if not targets:
        say("no such channel, or none that can be used (`feedwatch check` says why)")
        raise typer.Exit(NEEDS_A_HUMAN)
    message = Message(alert=secrets.token_hex(16), title="feedwatch", body=text)
    people = [target for target in targets if target.url != TERMINAL] or targets  # nobody looks at a service's terminal
    if not (_told(wanted, people, message) or _told(others, people, message)):
        raise typer.Exit(TRY_AGAIN)


def _told(targets: list[Target], people: list[Target], message: Message) -> bool:
    """Sends it to each, says what happened, and whether one of the people took it."""
    import sys

    from feedwatch.cli.channels import line, result, send
    from feedwatch.cli.show import put
    from feedwatch.model import Outcome

    told = False
    for target in targets:
        receipt = send(target, message, sys.stdout)
        told = told or (receipt.outcome is Outcome.SENT and target in people)
        put(line(result(target, None, receipt)))
    return told


def _reachable(config: Path, names: list[str]) -> tuple[list[Target], list[Target]]:
    """The targets that are well: those of the named channels or, without names, of `[health] notify`; and the others.

    A channel that is not well must silence no other.
    """
    import os

    from feedwatch.config.load import each_channel
    from feedwatch.errors import ConfigError
    from feedwatch.pipeline.program import compile_plan

    wanted: list[Target] = []
    others: list[Target] = []
    for settings in each_channel(config, os.environ):
        with suppress(ConfigError):
            channels = compile_plan(settings).channels.values()
            found = [target for channel in channels for target in channel.targets]
            (wanted if set(settings.channels) & set(names or settings.health.notify) else others).extend(found)
    return wanted, [] if names else others
