"""A refused query shown with a sign under the place that is meant, for a terminal."""

from __future__ import annotations

import unicodedata

from feedwatch.errors import QueryError

_AROUND = 60  # characters shown on each side of the place


def show_error(text: str, error: QueryError) -> str:
    """Two lines: the query, or of a long one what stands around the place; and a ^ under the character.

    Wide letters (委) move the ^ by two columns, marks by none; what no terminal prints is a space.
    """
    low, high = max(0, error.position - _AROUND), error.position + _AROUND
    before, after = text[low : error.position], text[error.position : high]
    before, after = "…" * (low > 0) + _printable(before), _printable(after) + "…" * (high < len(text))
    return f"{before}{after}\n{' ' * sum(map(_columns, before))}^"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Cf" else " " for c in text)


def _columns(c: str) -> int:
    if unicodedata.category(c) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1
