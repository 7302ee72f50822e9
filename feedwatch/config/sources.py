"""The config files, read and laid into one set of tables."""

from __future__ import annotations

import glob
import re
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from feedwatch.config.lines import Loc, line_map
from feedwatch.config.places import Place, Problem, Raw
from feedwatch.config.words import LISTS
from feedwatch.errors import ConfigError

NO_DRAFTS: Mapping[Path, str] = MappingProxyType({})


_CURES = (
    ("overwrite|twice|Duplicate|mutate", "it stands here or above already: remove one"),
    (r"character '\\[nr]'", "close the quotes on this line"),
    ("escape", "write \\\\ for each \\, or put the text into single quotes"),
    ("after a key", "write key = value"),
)
"""What tomllib says, and what helps."""


class Source(NamedTuple):
    """One config file, read."""

    path: Path
    name: str  # as problems call it
    data: Raw
    lines: dict[Loc, int]


def read_all(path: Path, drafts: Mapping[Path, str] = NO_DRAFTS) -> list[Source]:
    """The main file and those that it includes, in the order of their names; the main file comes first."""
    main = _read(path, path.name, drafts)
    problems, sources = list[str](), [main]
    for included in _included(main, problems, drafts):
        try:
            sources.append(_read(included, _relative(included, path.parent), drafts))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return sources


def _relative(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _read(path: Path, name: str, drafts: Mapping[Path, str]) -> Source:
    draft = drafts.get(path.resolve())
    try:
        text = (path.read_bytes().decode() if draft is None else draft).removeprefix("\ufeff")
        return Source(path, name, tomllib.loads(text), line_map(text))
    except OSError as error:
        raise ConfigError([f"{name}: cannot be read: {error.strerror} (looked at {path.absolute()})"]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}:{line}: not UTF-8 (save the file as UTF-8)"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(name, text, str(error))]) from None


def _syntax_problem(name: str, text: str, message: str) -> str:
    said, _, where = message.partition(" (at ")
    line, *column = re.findall(r"\d+", where) or [text.rstrip().count("\n") + 1]
    there = f"at column {column[0]}" if column else "at the end of the file"
    cure = next(
        (cure for sign, cure in _CURES if re.search(sign, said)), "text needs quotes, a list its closing bracket"
    )
    return f"{name}:{line}: not TOML: {said} {there} ({cure})"


def _included(main: Source, problems: list[str], drafts: Mapping[Path, str]) -> list[Path]:
    """Files that the patterns name, each once, drafts among them; a name without wildcard must exist."""
    patterns = main.data.get("include", [])
    found = dict[Path, None]()
    for number, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        named = _named(main, pattern, drafts) if isinstance(pattern, str) else []
        if isinstance(pattern, str) and not named and not glob.has_magic(pattern):
            line = main.lines["include", number]
            problems.append(f'{main.name}:{line}: include: no file "{pattern}" (correct the path, or use a wildcard)')
        found |= dict.fromkeys(named)
    return list(found)


def _named(main: Source, pattern: str, drafts: Mapping[Path, str]) -> list[Path]:
    folder = main.path.parent
    names = sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207 -- Path.glob refuses absolute patterns
    written = [folder / name for name in names if (folder / name).is_file()]
    unwritten = [path for path in drafts if not path.exists() and matches(folder, pattern, path)]
    return [path for path in [*written, *unwritten] if path.resolve() != main.path.resolve()]


def matches(folder: Path, pattern: str, path: Path) -> bool:
    """Whether a main file in `folder` that includes `pattern` would include `path`, which need not exist."""
    return fnmatch(str(path.resolve()), str(folder.resolve() / pattern))


def merged(sources: list[Source]) -> tuple[Raw, dict[Loc, Place], list[Problem]]:
    """One set of tables: feeds and watchlists of all files in a row, the rest side by side, nothing twice."""
    raw: Raw = {}
    places: dict[Loc, Place] = {(): Place(0, 0, sources[0].name)}
    problems: list[Problem] = []
    for rank, source in enumerate(sources):
        offsets = {key: len(raw.get(key, [])) for key in LISTS}
        for loc in _added(raw, source.data, first=rank == 0):
            here = Place(rank, source.lines[loc], source.name)
            problems.append(Problem(here, _twice(loc, places)))
        for loc, line in source.lines.items():
            places.setdefault(_moved(loc, offsets), Place(rank, line, source.name))
    return raw, places, problems


def _added(raw: Raw, data: Raw, *, first: bool) -> Iterator[Loc]:
    """Adds a file's tables to `raw`; yields what is there already, or may stand in the main file only."""
    for key, value in data.items():
        present = raw.get(key)
        if key in LISTS and isinstance(value, list) and isinstance(present, list | None):
            raw[key] = [*(present or []), *value]
        elif isinstance(value, dict) and isinstance(present, dict | None):
            yield from ((key, name) for name in value if name in (present or {}))
            raw[key] = value | (present or {})
        elif key in raw or (key == "include" and not first):
            yield (key,)
        else:
            raw[key] = value


def _twice(loc: Loc, places: Mapping[Loc, Place]) -> str:
    if loc == ("include",):
        return "include: only the main file may include others (name the files there)"
    return f"{loc[-1]}: set at {places[loc]} already (remove one of the two)"


def _moved(loc: Loc, offsets: Mapping[str, int]) -> Loc:
    """A place in a file's own list becomes the place in the joined list."""
    if len(loc) > 1 and isinstance(loc[1], int):
        return (loc[0], loc[1] + offsets.get(str(loc[0]), 0), *loc[2:])
    return loc
