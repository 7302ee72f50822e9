"""Are the libraries that came with this Python fit to start on? What is a problem here stops the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers.expat import EXPAT_VERSION

from feedwatch.errors import Unfit
from feedwatch.store.doctor import has_full_text_search, sqlite_version

if TYPE_CHECKING:
    from collections.abc import Iterator

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a library, and what to do; a grave one stops the start."""

    library: str  # "sqlite" or "expat"
    text: str
    cure: str
    grave: bool


BAD_SQLITE: tuple[tuple[Version, Version, bool, str], ...] = (
    ((0, 0, 0), (3, 37, 0), True, "too old for feedwatch's tables (STRICT)"),
    ((3, 7, 0), (3, 44, 6), False, "has the WAL-reset bug"),
    ((3, 45, 0), (3, 50, 7), False, "has the WAL-reset bug"),
    ((3, 51, 0), (3, 51, 3), False, "has the WAL-reset bug"),
)
"""From (included), to (not included): https://www.sqlite.org/wal.html#walresetbug."""

BAD_EXPAT: tuple[tuple[Version, bool, str], ...] = (
    ((2, 4, 0), True, "a small feed can make it fill the memory (billion laughs, CVE-2013-0340)"),
    ((2, 4, 5), True, "a feed can make it run foreign code (CVE-2022-25235)"),
    ((2, 6, 0), False, "a feed can keep it busy for long (CVE-2023-52425)"),
    ((2, 7, 2), False, "a small feed can make it take much memory (CVE-2025-59375)"),
)
"""Versions before this one; the first that fits is told."""

_OTHER_PYTHON = "install feedwatch with a Python that has a newer one: `uv python install 3.13` brings its own"
_ONE_WRITER = (
    "it strikes only where two programs write at once, and feedwatch has one writer: let no other program write to its"
    " database; mended in 3.44.6, 3.50.7 and 3.51.3"
)
_UPDATES = (
    "keep your system's updates on: distributions mend it without a new number; feeds are read in processes with a"
    " limit of time and memory"
)


def expat_version() -> Version:
    return tuple(int(part) for part in EXPAT_VERSION.removeprefix("expat_").split("."))


def check() -> None:
    """Raises Unfit, with what is wrong and the way out, where feedwatch must not or cannot run."""
    grave = [fault for fault in faults(sqlite_version(), expat_version()) if fault.grave]
    if not has_full_text_search():
        text = "SQLite was built without full-text search (FTS5)"
        grave.append(Fault(library="sqlite", text=text, cure=_OTHER_PYTHON, grave=True))
    if grave:
        raise Unfit("\n".join(f"{fault.text} ({fault.cure})" for fault in grave))


def faults(sqlite: Version, expat: Version) -> Iterator[Fault]:
    """The known faults of these versions, one a library at the most."""
    yield from _sqlite(sqlite)
    yield from _expat(expat)


def _sqlite(version: Version) -> Iterator[Fault]:
    for begin, end, grave, why in BAD_SQLITE:
        if begin <= version < end:
            cure = _OTHER_PYTHON if grave else _ONE_WRITER
            yield Fault(library="sqlite", text=f"SQLite {dotted(version)} {why}", cure=cure, grave=grave)
            return


def _expat(version: Version) -> Iterator[Fault]:
    for before, grave, why in BAD_EXPAT:
        if version < before:
            cure = _OTHER_PYTHON if grave else _UPDATES
            yield Fault(library="expat", text=f"expat {dotted(version)}: {why}", cure=cure, grave=grave)
            return


def dotted(version: Version) -> str:
    return ".".join(map(str, version))
