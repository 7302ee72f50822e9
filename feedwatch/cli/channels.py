"""`feedwatch channels`: where alerts go, and whether a message arrives."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import TRY_AGAIN, USAGE
from feedwatch.cli.options import Config, Json, examples, load_plan, perhaps, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

    from feedwatch.model import Message, Receipt, Target
    from feedwatch.pipeline.program import Channel
    from feedwatch.store import Row

app = typer.Typer(
    help="Channels: where alerts go, and whether they arrive.", no_args_is_help=True, rich_markup_mode=None
)


class Sample(enum.StrEnum):
    """The kinds of messages that there are."""

    FIRST = "first"
    RAISE = "raise"
    UPDATE = "update"
    REVISION = "revision"
    SURGE = "surge"
    DIGEST = "digest"
    HEALTH = "health"


@app.command("list")
def list_channels(config: Config = None, as_json: Json = False) -> None:
    """Every target: when it sends next, what was sent, what waits and why.

    A target has a queue of its own. What is held waits for a digest, the end of quiet hours, or because there was more
    than the channel's limit. Times are those of the channel's zone. Needs the channels' addresses, so it must be run by
    one who may read them.
    """
    from feedwatch.cli.show import rows
    from feedwatch.store.deliveries import by_target

    plan = load_plan(config)
    stored = {(row["channel"], row["name"]): row for row in perhaps(plan.settings.store.path, by_target) or []}
    found = [
        _row(channel, target, stored.get((target.channel, target.name)))
        for channel in plan.channels.values()
        for target in channel.targets
    ]
    columns = ("target", "from", "next send", "sent", "last sent", "held", "waiting", "refused", "note")
    rows(found, as_json=as_json, columns=columns, none="no channels (add a [channels.NAME] table to the config)")


def _row(channel: Channel, target: Target, row: Row | None) -> dict[str, Any]:
    from feedwatch.alerts.hold import next_send
    from feedwatch.cli.manners import next_said, said
    from feedwatch.pipeline.clock import now
    from feedwatch.store.times import moment

    at = now()
    return {
        "target": f"{target.channel}/{target.name}",
        "from": channel.only.word,
        "manners": said(channel.policy),
        "next send": next_said(channel.policy, at),
        "next send at": next_send(channel.policy, at) or at,
        "held": (row["held"] or 0) if row else 0,
        "sent": (row["sent"] or 0) if row else 0,
        "last sent": moment(row["last_sent_at"]) if row else None,
        "waiting": (row["waiting"] or 0) if row else 0,
        "waiting since": moment(row["waiting_since"]) if row else None,
        "refused": (row["dead"] or 0) if row else 0,
        "note": _note(target, row),
        "addresses": target.addresses,
    }


def _note(target: Target, row: Row | None) -> str:
    """Why something waits; and a peculiarity of the address that one should know of."""
    why = f"waits because: {row['error'] or 'it is on its way'}" if row and row["waiting"] else ""
    return "; ".join(filter(None, (why, _together(target))))


def _together(target: Target) -> str:
    if target.addresses == 1:
        return ""
    return f"posts to {target.addresses} addresses that cannot be parted: if one fails, all get the message again"


@app.command(
    "test",
    epilog=examples(
        "feedwatch channels test", "feedwatch channels test phone", "feedwatch channels test phone --sample digest"
    ),
)
def try_channels(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One channel; all of them otherwise.")] = None,
    sample: Annotated[
        list[Sample] | None,
        typer.Option("--sample", help="Send an alert of this kind, made up; may be given more than once."),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Send a test message and say what happened.

    One line a target; exit code 75 where one did not take it. A channel may have several targets.
    """
    targets = _targets(load_plan(config).channels, name)
    if not _tried(targets, sample or [None], as_json=as_json):
        raise typer.Exit(TRY_AGAIN)


def show_at(url: str) -> bool:
    """A sample of each kind to every target of an address; whether all were taken. "-" stands for a line of stdin."""
    import sys

    from feedwatch.edges.services import open_channel
    from feedwatch.errors import ChannelError

    try:
        targets = open_channel("demo", sys.stdin.readline().strip() if url == "-" else url)
    except ChannelError as error:
        say(str(error))
        raise typer.Exit(USAGE) from None
    return _tried(targets, list(Sample), as_json=False)


def _tried(targets: Iterable[Target], kinds: Sequence[Sample | None], *, as_json: bool) -> bool:
    """Sends each target each kind of message, a line for each; whether all were taken."""
    import sys

    from feedwatch.cli.show import json_line, put
    from feedwatch.model import Outcome

    taken = True
    for target in targets:
        for kind in kinds:
            receipt = send(target, _message(target, kind), sys.stderr if as_json else sys.stdout)
            taken = taken and receipt.outcome is Outcome.SENT
            row = result(target, kind, receipt)
            put(json_line(row) if as_json else line(row))
    return taken


def _targets(channels: Mapping[str, Channel], name: str | None) -> list[Target]:
    if not channels:
        say("no channels (add a [channels.NAME] table to the config)")
        raise typer.Exit(USAGE)
    if name is not None and name not in channels:
        say(f"no channel {name} (there are: {', '.join(channels) or 'none'})")
        raise typer.Exit(USAGE)
    return [target for channel in channels.values() if name in (None, channel.name) for target in channel.targets]


def result(target: Target, kind: Sample | None, receipt: Receipt) -> dict[str, Any]:
    from feedwatch.model import Outcome

    together = _together(target) if receipt.outcome is not Outcome.SENT else ""
    return {
        "target": f"{target.channel}/{target.name}",
        "sample": kind.value if kind else None,
        "outcome": receipt.outcome.value,
        "detail": "; ".join(filter(None, (receipt.detail, together))),
    }


def line(row: dict[str, Any]) -> str:
    sample = f" ({row['sample']})" if row["sample"] else ""
    return f"{row['target']}{sample}: {row['outcome']}, {row['detail']}".rstrip(", ")


def _message(target: Target, kind: Sample | None) -> Message:
    """The test message, or a made-up alert in the very words and limits that a true one would have."""
    from feedwatch.alerts.samples import WATCHLIST, sample
    from feedwatch.model import Message
    from feedwatch.pipeline.clock import now
    from feedwatch.pipeline.courier import worded

    if kind is None:
        return Message(
            alert="0" * 32,
            title="feedwatch · test",
            body=f"A test message for {target.channel}/{target.name}: when you read this, alerts will arrive here.",
        )
    return worded(sample(kind.value, now()), kind.value, target, {WATCHLIST: "TEST"})


def send(target: Target, message: Message, stream: TextIO) -> Receipt:
    """By its service, or onto `stream` where the target is the terminal."""
    import asyncio

    from feedwatch.edges import apprise, terminal, webhook
    from feedwatch.pipeline.courier import SEND_DEADLINE
    from feedwatch.pipeline.program import TERMINAL

    if target.url == TERMINAL:
        return terminal.send(message, stream)
    if target.hook is not None:
        return asyncio.run(webhook.send(target.url, target.hook, message, SEND_DEADLINE))
    return apprise.send(target.url, message)
