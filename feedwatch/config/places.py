"""Where something was written, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from feedwatch.config.lines import Loc

Raw = dict[str, Any]
"""Tables as tomllib gives them, before anything is checked."""

Found = tuple[Loc, str]
"""What is wrong with the value at `Loc`."""


class Place(NamedTuple):
    """Where something was written; sorts in reading order, the environment last."""

    file: int  # the main file is 0, included ones follow
    line: int
    name: str  # the file as shown to the user, or "environment: NAME"

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


def nearest(places: Mapping[Loc, Place], loc: Loc) -> Place:
    """The place of a value, or of the smallest table around it that was written; () has the main file's name."""
    while loc not in places:
        loc = loc[:-1]
    return places[loc]


class Problem(NamedTuple):
    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def in_order(problems: Iterable[Problem]) -> tuple[str, ...]:
    """As lines for the user, in reading order, each once."""
    return tuple(dict.fromkeys(str(problem) for problem in sorted(problems, key=_place)))


def _place(problem: Problem) -> Place:
    return problem.place
