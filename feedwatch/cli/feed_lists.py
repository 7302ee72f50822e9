"""`feedwatch feeds import` and `feeds export`: lists of feeds as OPML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.exits import FAILED
from feedwatch.cli.options import Config, config_file, examples, load_settings, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedwatch.config.edit import Added
    from feedwatch.config.settings import Feed
    from feedwatch.feeds.opml import Listed, Remark

IMPORT_EXAMPLES = examples("feedwatch feeds import subscriptions.opml", "feedwatch feeds import - --name world < list")
EXPORT_EXAMPLES = examples("feedwatch feeds export > feeds.opml")

SHOWN = 20
"""Lines of a list that are told singly: a list of thousands may have hundreds that bring no feed."""


def import_list(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An OPML file; - reads it from stdin.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Write conf.d/NAME.toml; else it is called as FILE is.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag for all; may be given more than once.")
    ] = None,
    config: Config = None,
) -> None:
    """Add the feeds of an OPML list.

    They go to a config file of their own, which the main one includes; folders become tags. A list that is not
    well-formed is read all the same, and a line that brings no feed is named. No list may lead into a private network
    unless allow_private has it. A running daemon takes the feeds at once. Exit code 1 where the list brings none.
    """
    from feedwatch.cli.feeds import reload_daemon
    from feedwatch.config.first import slug
    from feedwatch.feeds.opml import read_opml

    main = config_file(config)
    settings = load_settings(main)
    found = read_opml(_bytes(file))
    feeds, refused = _public(found.feeds, settings.polling.allow_private)
    called = slug(name or Path(file).stem, otherwise="imported")
    added = _add(main, called, file, feeds, tuple(tag or ())) if feeds else None
    _tell_remarks(sorted([*found.remarks, *refused, *_unfit(added, feeds)], key=lambda remark: remark.line))
    if added is None or not added.new + added.known:
        empty = not found.feeds and not found.remarks
        say(f"{file}: " + ("no list of feeds (an OPML file has <outline> tags)" if empty else "no feed was added"))
        raise typer.Exit(FAILED)
    say(_told(added))
    if added.new:
        reload_daemon(settings)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILE") from None


def _public(feeds: Sequence[Listed], allow: Sequence[str]) -> tuple[list[Listed], list[Remark]]:
    """The feeds that a list may name, and the others with the reason; where a name leads is seen when it is asked."""
    from feedwatch.edges.guard import refusal_unasked
    from feedwatch.feeds.opml import Remark
    from feedwatch.text.addresses import host_of

    said = {feed: refusal_unasked(host_of(feed.url), allow=allow) for feed in feeds}
    refused = [Remark(line=feed.line, text=text) for feed, text in said.items() if text]
    return [feed for feed in feeds if not said[feed]], refused


def _add(main: Path, name: str, file: str, feeds: Sequence[Listed], tags: tuple[str, ...]) -> Added:
    from datetime import UTC, datetime

    from feedwatch.cli.progress import bar
    from feedwatch.config.edit import add_list
    from feedwatch.errors import ConfigError

    rows = [_row(feed, tags) for feed in feeds]
    source = "stdin" if file == "-" else Path(file).name
    note = f"{''.join(c for c in source if c.isprintable())}, imported on {datetime.now(UTC):%Y-%m-%d}"
    try:
        with bar("importing") as told:
            return add_list(main, name, rows, note, told)
    except ConfigError as error:
        say(str(error))
        raise typer.Exit(FAILED) from None


def _row(feed: Listed, tags: tuple[str, ...]) -> dict[str, object]:
    every = tuple(dict.fromkeys((*feed.tags, *tags)))
    row: dict[str, object] = {"url": feed.url, "name": feed.name, "tags": every, "kind": feed.kind}
    return row | {"public_only": True} | ({"interval": feed.interval} if feed.interval else {})


def _unfit(added: Added | None, feeds: Sequence[Listed]) -> list[Remark]:
    from feedwatch.feeds.opml import Remark

    refused = added.refused if added else ()
    return [Remark(line=feeds[number].line, text=f"{feeds[number].url}: {text}") for number, text in refused]


def _tell_remarks(remarks: Sequence[Remark]) -> None:
    from feedwatch.cli.show import clean

    for remark in remarks[:SHOWN]:
        say(f"line {remark.line}: {clean(remark.text)}")
    if len(remarks) > SHOWN:
        say(f"… and {len(remarks) - SHOWN} more lines that bring no feed")


def _told(added: Added) -> str:
    there = f"{added.known} were there already" if added.known else ""
    new = f"{added.new} feeds added to {added.file}" if added.new else "no feed is new"
    return "; ".join(filter(None, (new, there)))


def export_list(config: Config = None) -> None:
    """Print the feeds as an OPML list.

    Each feed lies in a folder for each of its tags. Passwords in addresses are left out, and said.
    """
    from feedwatch.cli.show import put
    from feedwatch.feeds.opml import write_opml
    from feedwatch.text.addresses import without_user

    settings = load_settings(config)
    put(write_opml(map(_listed, settings.feeds), "feedwatch").rstrip("\n"))
    _tell_secrets(feed.url for feed in settings.feeds if without_user(feed.url) != feed.url)


def _listed(feed: Feed) -> Listed:
    from feedwatch.config.values import format_duration
    from feedwatch.feeds.opml import Listed
    from feedwatch.text.addresses import without_user

    interval = format_duration(feed.interval) if feed.interval is not None else None
    return Listed(url=without_user(feed.url), name=feed.name, tags=feed.tags, kind=feed.kind, interval=interval)


def _tell_secrets(urls: Iterable[str]) -> None:
    from feedwatch.text.addresses import without_user

    for url in urls:
        say(f"{without_user(url)}: its user and password are left out (give them to whoever needs them by another way)")
