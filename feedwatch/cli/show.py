"""Printing: JSON Lines for programs, a table for people, tab-separated columns for a pipe."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedwatch.model import AlertItem

Row = dict[str, Any]


def put(text: str) -> None:
    """A line of data."""
    print(text)  # noqa: T201 - stdout is data


def rows(rows: Iterable[Row], *, as_json: bool, columns: Sequence[str], none: str) -> None:
    """Prints rows; `columns` are those that people see, `none` is what they read when there is no row."""
    every = list(rows)
    if as_json:
        for row in every:
            put(json_line(row))
    elif not every:
        print(none, file=sys.stderr)  # noqa: T201 - no data
    elif sys.stdout.isatty():
        _table(every, columns)
    else:
        put("\t".join(columns))
        for row in every:
            put("\t".join(_cell(row[column]).replace("\t", " ") for column in columns))


def told_article(item: AlertItem) -> Row:
    """An article of an alert, for programs."""
    return {**asdict(item), "strength": item.strength.word, "published": item.published.isoformat()}


def json_line(row: Mapping[str, Any]) -> str:
    return json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _table(rows: list[Row], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    Console().print(table)


def _cell(value: object) -> str:
    """One line, and nothing in it that a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return clean(str(value))


def local(moment: datetime | None) -> str:
    """A time as the reader's clock shows it."""
    return "never" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def when(text: str | None) -> str:
    """A time out of JSON, as the reader's clock shows it."""
    return local(None if text is None else datetime.fromisoformat(text))


def clean(text: str) -> str:
    """Text of strangers, safe to print."""
    from feedwatch.alerts.outgoing import one_line

    return one_line(text)


def since(text: str | None, now: datetime) -> str:
    """How long ago a time out of JSON was."""
    return ago(None if text is None else datetime.fromisoformat(text), now)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that says it."""
    if moment is None:
        return "never"
    seconds = max(int((now - moment).total_seconds()), 0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
