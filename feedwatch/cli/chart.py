"""A small chart for the terminal: one line a day, as wide as there is room. No colours, so none to switch off."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from feedwatch.model import Strength

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

WIDEST = 100
"""Columns, label and count included: a longer bar says no more."""

_BLOCKS = {Strength.HEADLINE: "█", Strength.TOPIC: "▓", Strength.MENTION: "░"}
_PLAIN = {Strength.HEADLINE: "#", Strength.TOPIC: "=", Strength.MENTION: "."}


def width() -> int:
    """The columns there are; 80 where nobody knows."""
    return max(shutil.get_terminal_size().columns, 20)


def legend(floor: Strength) -> str:
    signs = _signs()
    return "  ".join(f"{signs[strength]} {strength.word}" for strength in reversed(Strength) if strength >= floor)


def chart(days: Mapping[date, Mapping[Strength, int]], floor: Strength, columns: int) -> list[str]:
    """A line for each day, its bar split by strength; what is weaker than `floor` is not drawn."""
    told = {day: {s: n for s, n in counts.items() if s >= floor} for day, counts in days.items()}
    most = max((sum(counts.values()) for counts in told.values()), default=0)
    digits = len(str(most))
    room = max(min(columns, WIDEST) - len("2026-11-01  ") - 1 - digits, 1)
    return [_line(day, counts, most, room) for day, counts in sorted(told.items())]


def _line(day: date, counts: Mapping[Strength, int], most: int, room: int) -> str:
    total, signs, bar, so_far = sum(counts.values()), _signs(), "", 0
    for strength in reversed(Strength):
        so_far += counts.get(strength, 0)
        bar += signs[strength] * (_length(so_far, most, room) - len(bar))
    return f"{day.isoformat()}  {bar}{' ' if bar else ''}{total}"


def _length(count: int, most: int, room: int) -> int:
    """Columns for a count: one for each while they fit, in proportion otherwise; something is never nothing."""
    if most <= room:
        return count
    return max(count * room // most, 1) if count else 0


def _signs() -> Mapping[Strength, str]:
    encoding = (sys.stdout.encoding or "").lower() if sys.stdout else ""
    return _BLOCKS if encoding.startswith("utf") else _PLAIN


def cut(text: str, columns: int) -> str:
    """At most so many columns of a line: an ideograph takes two, a combining mark none."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= columns:
        return text
    return set_cell_size(text, max(columns - 1, 0)).rstrip() + "…"
