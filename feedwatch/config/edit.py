"""Feeds and watchlists added to and taken from config files, with every comment and blank line kept.

The new text is loaded before it is written: a file on disk is never worse than it was.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import tomlkit
from pydantic import ValidationError

from feedwatch.config.lines import Loc, line_map
from feedwatch.config.load import load
from feedwatch.config.settings import Feed, Settings
from feedwatch.config.sources import read_all
from feedwatch.config.words import did_you_mean, sentence
from feedwatch.errors import ConfigError
from feedwatch.text.addresses import canonical


def add_feed(path: Path, url: str, name: str | None = None, tags: Sequence[str] = ()) -> Path:
    """Writes a feed behind the last one of the main file and returns that file; ConfigError where it is known."""
    feed = new_feed(path, url, name, tags)
    row = {"url": feed.url} | ({"name": feed.name} if feed.name else {}) | ({"tags": [*feed.tags]} if feed.tags else {})
    return _edit(path, path, partial(_with_row, table="feeds", row=row))


def new_feed(path: Path, url: str, name: str | None = None, tags: Sequence[str] = ()) -> Feed:
    """The feed as it would be added; ConfigError where it cannot be, or is known."""
    settings = load(path, {}, secrets=False)
    feed = _feed(url, name, tuple(tags))
    same = [n for n, known in enumerate(settings.feeds) if canonical(known.url) == canonical(url)]
    if same:
        raise ConfigError([f"{settings.where('feeds', same[0], 'url')}: this feed is there already (nothing to do)"])
    return feed


def remove_feed(path: Path, url_or_name: str) -> Path:
    """Takes a feed out of the file that has it, an included one too, and returns that file."""
    settings = load(path, {}, secrets=False)
    number = feed_number(settings, url_or_name)
    for source in read_all(path):
        here = len(source.data.get("feeds", []))
        if number < here:
            return _edit(path, source.path, partial(_without_feed, number=number))
        number -= here
    raise AssertionError("a loaded feed stands in one of the files")


def add_watchlist(path: Path, row: Mapping[str, object]) -> Path:
    """Writes a watchlist behind the last one of the main file and returns that file.

    ConfigError where its id is taken, or where it names a channel or a feed that there is not.
    """
    return _edit(path, path, partial(_with_row, table="watchlists", row=row))


def _feed(url: str, name: str | None, tags: tuple[str, ...]) -> Feed:
    try:
        return Feed(url=url, name=name, tags=tags)
    except ValidationError as error:
        raise ConfigError([sentence(each) for each in error.errors()]) from None


def feed_number(settings: Settings, wanted: str) -> int:
    """Which of the config's feeds has this address or name; ConfigError where none or several do."""
    found = [n for n, feed in enumerate(settings.feeds) if canonical(feed.url) == canonical(wanted)]
    found = found or [n for n, feed in enumerate(settings.feeds) if feed.name == wanted]
    if not found:
        known = [text for feed in settings.feeds for text in (feed.url, feed.name) if text]
        near = get_close_matches(wanted, known, n=1)
        cure = did_you_mean(wanted, near) if near else " (the config files list them under [[feeds]])"
        raise ConfigError([f'no feed "{wanted}"{cure}'])
    if len(found) > 1:
        places = ", ".join(settings.where("feeds", n) for n in found)
        raise ConfigError([f'"{wanted}" names the feeds at {places} (give the address)'])
    return found[0]


# --- text: changes keep every other line as it is


def _with_row(text: str, table: str, row: Mapping[str, object]) -> str:
    lines, rows = line_map(text), text.split("\n")
    if (table,) in lines and not _under_header(lines, rows, table):
        return _with_element(text, table, row)
    block = tomlkit.dumps({table: [row]}).rstrip("\n")
    known = sum(loc[:1] == (table,) and len(loc[1:]) == 1 for loc in lines)
    if not known:
        return f"{text.rstrip()}\n\n{block}\n".lstrip("\n")
    _, end = _span(lines, rows, table, known - 1)
    return "\n".join([*rows[:end], "", block, *rows[end:]])


def _without_feed(text: str, number: int) -> str:
    lines, rows = line_map(text), text.split("\n")
    if not _under_header(lines, rows, "feeds"):
        return _without_element(text, number)
    start, end = _span(lines, rows, "feeds", number)
    while end < len(rows) - 1 and not rows[end].strip():
        end += 1
    return "\n".join([*rows[:start], *rows[end:]])


def _under_header(lines: dict[Loc, int], rows: list[str], table: str) -> bool:
    """Feeds may be [[feeds]] tables or one list: feeds = [{…}, {…}]."""
    return rows[lines[table,] - 1].lstrip().startswith("[[")


def _span(lines: dict[Loc, int], rows: list[str], table: str, number: int) -> tuple[int, int]:
    """The rows of a [[feeds]] table, as a slice; comments behind its last value belong to what follows."""
    start = lines[table, number]
    others = [line for loc, line in lines.items() if line > start and loc[:2] != (table, number)]
    end = min(others, default=len(rows) + 1) - 1
    while not rows[end - 1].strip() or rows[end - 1].lstrip().startswith("#"):
        end -= 1
    return start - 1, end


def _with_element(text: str, table: str, row: Mapping[str, object]) -> str:
    document, element = tomlkit.parse(text), tomlkit.inline_table()
    element.update(row)
    document[table].append(element)
    return tomlkit.dumps(document)


def _without_element(text: str, number: int) -> str:
    document = tomlkit.parse(text)
    del document["feeds"][number]
    return tomlkit.dumps(document)


# --- files


def _edit(main: Path, file: Path, change: Callable[[str], str]) -> Path:
    """Changes a file's text if the configuration still loads with it; line ends stay as they are."""
    target = file.resolve()
    old = target.read_bytes().decode().removeprefix("\ufeff")
    new = change(old.replace("\r\n", "\n"))
    load(main, {}, secrets=False, drafts={target: new})
    try:
        _replace(target, (new.replace("\n", "\r\n") if "\r\n" in old else new).encode())
    except OSError as error:
        raise ConfigError(
            [f"{file}: cannot be written: {error.strerror} (become its owner, or edit it by hand)"]
        ) from None
    return file


def _replace(target: Path, content: bytes) -> None:
    """All or nothing, even when the power fails; the file keeps its mode and owner."""
    old = target.stat()
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            _dress(out.fileno(), old)
            os.fsync(handle)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _dress(handle: int, old: os.stat_result) -> None:
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, stat.S_IMODE(old.st_mode))
