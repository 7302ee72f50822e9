"""`feedwatch once`: one turn of everything, and what it came to."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from feedwatch.alerts.outgoing import counted
from feedwatch.cli.exits import DONE, FAILED, TRY_AGAIN
from feedwatch.cli.logs import keep_secret, set_up
from feedwatch.cli.show import json_line, put
from feedwatch.pipeline.engine import engine
from feedwatch.pipeline.once import Done, turn
from feedwatch.pipeline.secrets import secrets_of

if TYPE_CHECKING:
    from feedwatch.pipeline.program import Plan


def once(plan: Plan, *, force: bool, as_json: bool) -> None:
    """Ends the command with the exit code that the turn deserves."""
    set_up(verbose=False)
    keep_secret(secrets_of(plan))
    _bear_hangups()
    with redirect_stdout(sys.stderr if as_json else sys.stdout):  # alerts of a terminal channel are no JSON
        done = asyncio.run(_turn(plan, force=force))
    put(json_line(asdict(done)) if as_json else _line(done))
    if done.waiting:
        raise typer.Exit(TRY_AGAIN)
    raise typer.Exit(FAILED if done.polled and done.failed == done.polled else DONE)


def _bear_hangups() -> None:
    """`feeds add` sends SIGHUP to whoever holds the database; where nobody listens for it yet, it must not kill."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


async def _turn(plan: Plan, *, force: bool) -> Done:
    async with engine(plan, once=True) as running:
        return await turn(running, force=force)


def _line(done: Done) -> str:
    return (
        f"{counted(done.polled, 'feed')} polled, {done.failed} failed; {counted(done.read, 'article')} decided;"
        f" {counted(done.sent, 'message')} sent, {done.waiting} waiting"
    )
