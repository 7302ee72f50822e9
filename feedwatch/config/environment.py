"""FEEDWATCH_* variables, laid over what the files say."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from feedwatch.config.checks import ADDRESS_KEYS, HEARTBEAT_KEYS, each_secret
from feedwatch.config.lines import Loc
from feedwatch.config.places import Place, Problem, Raw
from feedwatch.config.settings import Channel
from feedwatch.config.words import LISTS, SECTIONS, TABLES

_PREFIX = "FEEDWATCH_"
_NOT_OURS = {"FEEDWATCH_CONFIG", "FEEDWATCH_SHARED"}  # the path of the file; the test data's folder


def overlay(raw: Raw, places: dict[Loc, Place], environ: Mapping[str, str]) -> list[Problem]:
    """Lays FEEDWATCH_* over the files' tables; the problems are names that mean nothing."""
    secrets = {str(table.get(f"{key}_env")) for _, table, key in each_secret(raw)}
    problems = list[Problem]()
    for name in sorted(set(environ) - _NOT_OURS - secrets):
        loc = tuple(name.removeprefix(_PREFIX).lower().split("__"))
        place = Place(sys.maxsize, 0, f"environment: {name}")
        if not name.startswith(_PREFIX):
            continue
        if not _is_known(loc):
            problems.append(Problem(place, f"unknown name{_similar_name(name, loc)}"))
        elif _put(raw, loc, _toml_value(environ[name])):
            _relocate(places, loc, place)
    return problems


def _is_known(loc: tuple[str, ...]) -> bool:
    match loc:
        case (name,) if name in (*LISTS, "timezone"):
            return True
        case (section, key) if section in SECTIONS:
            return key in TABLES[section].model_fields
        case ("aliases", _):
            return True
        case ("channels", _, key):
            return key in Channel.model_fields
    return False


def _similar_name(name: str, loc: tuple[str, ...]) -> str:
    channel = loc[1] if len(loc) > 1 else "NAME"
    known: list[tuple[str, ...]] = [(section, key) for section in SECTIONS for key in TABLES[section].model_fields]
    known += [("channels", channel, key) for key in Channel.model_fields]
    names = ["__".join(each).upper() for each in [*known, *((name,) for name in (*LISTS, "timezone"))]]
    close = get_close_matches(name.removeprefix(_PREFIX), names, n=1)
    return f' (did you mean "{_PREFIX}{close[0]}"?)' if close else f" (they look like {_PREFIX}{names[1]}; unset it)"


def _toml_value(text: str) -> Any:
    try:
        data = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return data["value"] if len(data) == 1 else text


def _put(raw: Raw, loc: tuple[str, ...], value: Any) -> bool:
    """Sets a value; False where the file has something else than a table on the way, which is reported elsewhere."""
    table: Any = raw
    for key in loc[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            return False
    for section, keys in (("channels", ADDRESS_KEYS), ("health", HEARTBEAT_KEYS)):
        if loc[0] == section and loc[-1] in keys:
            for key in keys:
                table.pop(key, None)
    table[loc[-1]] = value
    return True


def _relocate(places: dict[Loc, Place], loc: Loc, place: Place) -> None:
    for inner in [each for each in places if each[: len(loc)] == loc]:
        del places[inner]
    places[loc] = place
