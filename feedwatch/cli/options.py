"""Options that many commands share, and what they stand for."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Settings
    from feedwatch.pipeline.program import Plan
    from feedwatch.store import Connection
    from feedwatch.watches.query import Query

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The config file; else $FEEDWATCH_CONFIG, ./config.toml, …"),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many at the most.")]


RIGHTS = "be in its group, or become its user: `sudo -u feedwatch feedwatch …`"
"""How one gets to look at what belongs to the service's user."""


def config_file(config: Path | None) -> Path:
    """The config file that is meant; said where it was found by its name alone."""
    from feedwatch.config.load import find_config
    from feedwatch.errors import ConfigError

    try:
        found = find_config(config, os.environ)
    except PermissionError as error:
        raise ConfigError([f"{error.filename}: you may not look there ({RIGHTS})"]) from None
    if config is None and found == Path("config.toml"):
        say("using ./config.toml")
    return found


def load_settings(config: Path | None, *, secrets: bool = False) -> Settings:
    """The config, its warnings said; raises ConfigError. Who tells nobody needs no secrets."""
    from feedwatch.config.load import load

    settings = load(config_file(config), os.environ, secrets=secrets)
    _say_warnings(settings)
    return settings


def load_plan(config: Path | None) -> Plan:
    from feedwatch.pipeline.program import read_plan

    plan = read_plan(config_file(config), os.environ)
    _say_warnings(plan.settings)
    return plan


def _say_warnings(settings: Settings) -> None:
    for warning in settings.warnings:
        say(f"warning: {warning}")


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """The database to look at; what keeps us from it is a StoreError with the way out."""
    from feedwatch.errors import StoreError
    from feedwatch.store.database import connect_readonly, damaged

    _refuse_unreadable(path)
    with closing(connect_readonly(path)) as db:
        try:
            yield db
        except db.OperationalError as error:
            raise StoreError(f"{path}: {error} ({_way_out(str(error))})") from error
        except db.DatabaseError as error:
            if type(error) is db.DatabaseError:  # no subclass: SQLite speaks of the file, not of our question
                raise damaged(path, str(error)) from error
            raise


def _refuse_unreadable(path: Path) -> None:
    from feedwatch.errors import StoreError

    try:
        path.open("rb").close()
    except FileNotFoundError:
        return  # whoever opens it has the words for that
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror} ({RIGHTS})") from None


def _way_out(trouble: str) -> str:
    if "no such table" in trouble or "no such column" in trouble:
        return "an older feedwatch wrote it: the next start of this one copies it and brings it up to date"
    if "readonly" in trouble or "unable to open" in trouble:
        return "while feedwatch is stopped only its own user can look into it: `sudo -u feedwatch feedwatch …`"
    return "`feedwatch run` says what is wrong with a database, and the way out"


def read_query(text: str) -> Query:
    """What was typed, as a query; where it is refused, the place is shown before QueryError ends the command."""
    from feedwatch.errors import QueryError
    from feedwatch.watches.query import parse_query

    try:
        return parse_query(text)
    except QueryError as error:
        say(text)
        say(" " * error.position + "^")
        raise


def examples(*lines: str) -> str:
    """The end of a help text; the sign keeps its lines as they are."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def say(text: str) -> None:
    """A word to the person at the terminal, beside the data."""
    print(text, file=sys.stderr)  # noqa: T201 - the command line's voice
