"""Options that many commands share, and what they stand for."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from feedwatch.cli.exits import USAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.pipeline.program import Plan
    from feedwatch.store import Connection
    from feedwatch.watches.tree import Query

T = TypeVar("T")

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="The config file; else $FEEDWATCH_CONFIG, ./config.toml, …"),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="From then on: 30d (ago), or a date such as 2026-11-01.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before then, written in the same way.")]
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


def load_to_ask(config: Path | None, *, quietly: bool = False) -> Settings:
    """The config with the headers and logins of feeds and sites; without any where some secret is not to be had."""
    from feedwatch.config.load import load
    from feedwatch.errors import ConfigError

    file = config_file(config)
    try:
        settings = load(file, os.environ)
    except ConfigError:  # what else is wrong is said by the second try
        settings = load(file, os.environ, secrets=False)
    if not quietly:
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


def perhaps(path: Path, ask: Callable[[Connection], T]) -> T | None:
    """What the database at `path` answers; None where there is none yet."""
    from feedwatch.errors import NoDatabase

    try:
        with reading(path) as db:
            return ask(db)
    except NoDatabase:
        return None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed as QUERY or @ID."""

    query: Query
    text: str  # as it was typed
    settings: Settings
    watchlist: Watchlist | None  # None: a query


def wanted_query(text: str, config: Path | None) -> Wanted:
    """A query, or the watchlist that @ID names; ends the command where that is not clear.

    A query needs no config, unless it names a list.
    """
    settings = some_settings(config) if "@" not in text else load_settings(config)
    lists = {watch.id: watch for watch in settings.watchlists}
    named = text.removeprefix("@") if text.startswith("@") else ""
    if text.strip() in lists:
        named = text.strip() if _means_list(text.strip()) else ""
    if named in lists:
        return Wanted(query=query_of(settings, lists[named]), text=text, settings=settings, watchlist=lists[named])
    if named and named.isidentifier() and named not in settings.aliases:
        known = ", ".join(f"@{name}" for name in (*lists, *settings.aliases)) or "none"
        say(f"no watchlist and no list @{named} (there are: {known})")
        raise typer.Exit(USAGE)
    return Wanted(query=read_query(text, settings), text=text, settings=settings, watchlist=None)


def query_of(settings: Settings, watch: Watchlist) -> Query:
    """What a watchlist of the config asks for."""
    from feedwatch.pipeline import program

    return program.query_of(settings, watch)


def _means_list(word: str) -> bool:
    """A plain word that is a watchlist's id, too: asks at a terminal, is refused elsewhere."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        say(f"“{word}” is a word, and a watchlist too (write @{word} for the watchlist, '\"{word}\"' for the word)")
        raise typer.Exit(USAGE)
    return typer.confirm(f"“{word}” is a watchlist, too. Is the watchlist meant?", default=True, err=True)


def some_settings(config: Path | None, *, to_ask: bool = False) -> Settings:
    """The config where there is one, the defaults otherwise: for commands that can do without.

    Who is `to_ask` feeds and sites is given their headers and logins, too.
    """
    from feedwatch.config.load import find_config
    from feedwatch.config.settings import Settings
    from feedwatch.errors import ConfigError

    if config is None and not os.environ.get("FEEDWATCH_CONFIG"):
        try:
            find_config(None, os.environ)
        except (ConfigError, PermissionError):
            return Settings()
    return load_to_ask(config) if to_ask else load_settings(config)


def read_query(text: str, settings: Settings) -> Query:
    """What was typed, as a query; where it is refused, the place is shown before QueryError ends the command."""
    from feedwatch.errors import QueryError
    from feedwatch.watches.caret import show_error
    from feedwatch.watches.parse import parse_query

    try:
        return parse_query(text, settings.lists)
    except QueryError as error:
        say(show_error(text, error))
        raise


def moment_of(text: str | None, option: str) -> datetime | None:
    """A stretch of time back from now ("30d"), or a date or time ("2026-11-01", local); None stays None."""
    from datetime import UTC, datetime

    from feedwatch.config.values import parse_duration

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    try:
        return datetime.now(UTC) - parse_duration(text)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f'"{text}" is no time (write "30d" for so long ago, or "2026-11-01")', param_hint=option
        ) from None


def examples(*lines: str) -> str:
    """The end of a help text; the sign keeps its lines as they are."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def say(text: str) -> None:
    """A word to the person at the terminal, beside the data."""
    print(text, file=sys.stderr)  # noqa: T201 - the command line's voice
