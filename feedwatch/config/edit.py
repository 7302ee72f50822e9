"""Feeds and watchlists added to and taken from config files, with every comment and blank line kept.

The new text is loaded before it is written: a file on disk is never worse than it was.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Literal

import tomlkit
from pydantic import ValidationError

from feedwatch.config.lines import Loc, line_map
from feedwatch.config.load import load
from feedwatch.config.settings import Feed, Settings
from feedwatch.config.sources import matches, read_all
from feedwatch.config.values import format_duration
from feedwatch.config.words import did_you_mean, sentence
from feedwatch.errors import ConfigError
from feedwatch.text.addresses import canonical

Kind = Literal["feed", "sitemap"]

FOLDER = "conf.d"
"""Beside the main file: where lists of feeds go."""


def add_feed(path: Path, url: str, name: str | None = None, tags: Sequence[str] = (), kind: Kind = "feed") -> Path:
    """Writes a feed behind the last one of the main file and returns that file; ConfigError where it is known."""
    feed = new_feed(path, url, name, tags, kind)
    return _edit(path, path, partial(_with_row, table="feeds", row=_row(feed)))


def new_feed(path: Path, url: str, name: str | None = None, tags: Sequence[str] = (), kind: Kind = "feed") -> Feed:
    """The feed as it would be added; ConfigError where it cannot be, or is known."""
    settings = load(path, {}, secrets=False)
    feed = _feed({"url": url, "name": name, "tags": tuple(tags), "kind": kind})
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


def _feed(row: Mapping[str, object]) -> Feed:
    try:
        return Feed.model_validate(row)
    except ValidationError as error:
        raise ConfigError([sentence(each) for each in error.errors()]) from None


def _row(feed: Feed) -> dict[str, object]:
    """What is to be written of it: the rest is as by default."""
    interval = {"interval": format_duration(feed.interval)} if feed.interval is not None else {}
    said = feed.model_dump(exclude_defaults=True) | interval
    return {key: [*value] if isinstance(value, tuple) else value for key, value in said.items()}


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


# --- lists of feeds: a file of their own, which the main file includes


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a list."""

    file: Path
    new: int
    known: int  # the config had them already
    refused: tuple[tuple[int, str], ...]  # which of the rows cannot be feeds, and why


def add_list(
    main: Path, name: str, rows: Sequence[Mapping[str, object]], note: str, told: Callable[[int, int], None]
) -> Added:
    """Writes the rows that are new as [[feeds]] to `conf.d/NAME.toml`, behind what stands there.

    `note` is the comment above them; `told` hears of every row (done, of how many). Nothing is written where nothing
    is new. Raises ConfigError where the configuration would not load with them.
    """
    file = main.parent / FOLDER / f"{name}.toml"
    draft = _including(main, f"{FOLDER}/{name}.toml")
    known = {canonical(feed.url) for feed in load(main, {}, secrets=False, drafts={main.resolve(): draft}).feeds}
    new, refused = dict[str, Feed](), list[tuple[int, str]]()
    for number, row in enumerate(rows):
        told(number + 1, len(rows))
        try:
            feed = _feed(row)
            new |= {} if (address := canonical(feed.url)) in known else {address: feed}
        except ConfigError as error:
            refused.append((number, error.problems[0]))
    if new:
        _write_list(main, draft, file, [*new.values()], note)
    return Added(file=file, new=len(new), known=len(rows) - len(new) - len(refused), refused=tuple(refused))


def _write_list(main: Path, draft: str, file: Path, feeds: Sequence[Feed], note: str) -> None:
    """The list first: until the main file includes it, it means nothing."""
    old = _text(file) if file.exists() else ""
    tables = "".join(f"\n[[feeds]]\n{_pairs(_row(feed))}" for feed in feeds)
    text = f"{old.rstrip()}\n\n# {note}\n{tables}".lstrip("\n")
    load(main, {}, secrets=False, drafts={main.resolve(): draft, file.resolve(): text})
    try:
        file.parent.mkdir(exist_ok=True)
        _replace(file.resolve(), text.encode(), like=file if file.exists() else main)
        if draft != _text(main):
            _replace(main.resolve(), _with_line_ends_of(main, draft), like=main)
    except OSError as error:
        raise ConfigError(
            [f"{file}: cannot be written: {error.strerror} (become the owner of {main.parent})"]
        ) from None


def _pairs(row: Mapping[str, object]) -> str:
    return "".join(f"{key} = {tomlkit.item(value).as_string()}\n" for key, value in row.items())


def _including(main: Path, name: str) -> str:
    """The main file's text with `name`, a path from its folder, among what it includes."""
    text, patterns = _text(main), read_all(main)[0].data.get("include", [])
    if any(matches(main.parent, pattern, main.parent / name) for pattern in patterns):
        return text
    rows = text.split("\n")
    end = _head(rows, line_map(text))
    head, rest = "\n".join(rows[:end]).strip("\n"), "\n".join(rows[end:]).lstrip("\n")
    if patterns:
        document = tomlkit.parse(head + "\n")
        document["include"].append(f"{FOLDER}/*.toml")
        head = tomlkit.dumps(document).strip("\n")
    else:
        head = f'{head}\n\ninclude = ["{FOLDER}/*.toml"]'.lstrip("\n")
    return f"{head}\n\n{rest}".rstrip("\n") + "\n"


def _head(rows: list[str], lines: Mapping[Loc, int]) -> int:
    """How many rows stand before the first table and the comment above it."""
    tables = [line for loc, line in lines.items() if len(loc) == 1 and rows[line - 1].lstrip().startswith("[")]
    end = min(tables, default=len(rows) + 1) - 1
    while tables and end and rows[end - 1].lstrip().startswith("#"):
        end -= 1
    return end


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
    new = change(_text(target))
    load(main, {}, secrets=False, drafts={target: new})
    try:
        _replace(target, _with_line_ends_of(target, new), like=target)
    except OSError as error:
        raise ConfigError(
            [f"{file}: cannot be written: {error.strerror} (become its owner, or edit it by hand)"]
        ) from None
    return file


def _text(file: Path) -> str:
    return file.resolve().read_bytes().decode().removeprefix("\ufeff").replace("\r\n", "\n")


def _with_line_ends_of(file: Path, text: str) -> bytes:
    return (text.replace("\n", "\r\n") if b"\r\n" in file.read_bytes() else text).encode()


def _replace(target: Path, content: bytes, like: Path) -> None:
    """All or nothing, even when the power fails; the file has the mode and the owner of `like`."""
    old = like.stat()
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
