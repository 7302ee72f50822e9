"""Problems in words: what is wrong with a value, and the likely cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from feedwatch.config.lines import Loc
from feedwatch.config.places import Found
from feedwatch.config.settings import (
    Alerts,
    Channel,
    Feed,
    Health,
    Polling,
    Reading,
    Settings,
    Site,
    Store,
    Watchlist,
    Workers,
)

TABLES: dict[str, type[BaseModel]] = {
    "store": Store,
    "polling": Polling,
    "reading": Reading,
    "workers": Workers,
    "alerts": Alerts,
    "health": Health,
    "feeds": Feed,
    "sites": Site,
    "channels": Channel,
    "watchlists": Watchlist,
}
"""The tables of a config file and what may stand in each."""

SECTIONS = ("store", "polling", "reading", "workers", "alerts", "health")
"""Those that stand once: [polling], not [[feeds]] or [channels.NAME]."""

LISTS = ("feeds", "sites", "watchlists")
"""Those that stand as often as you like: [[feeds]]."""

_HEADERS = {name: f"[{name}]" for name in SECTIONS} | {
    "aliases": "[aliases]",
    "feeds": "[[feeds]]",
    "sites": "[[sites]]",
    "channels": "[channels.NAME]",
    "watchlists": "[[watchlists]]",
}

_SHAPES = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number without quotes",
    "bool_type": "must be true or false",
    "tuple_type": 'must be a list, as in ["…"]',
}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' (did you mean "interval"?)', or what there is when nothing comes close."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f' (did you mean "{close[0]}"?)'
    return f" (known: {', '.join(known)})" if known else " (none is defined)"


def findings(errors: Sequence[ErrorDetails]) -> Iterator[Found]:
    """What pydantic found, each mistake once: a misspelt key is not missing too, nor is a default that rests on one."""
    misspelt = {(*loc[:-1], *_nearest(loc)) for loc in (e["loc"] for e in errors if e["type"] == "extra_forbidden")}
    for error in errors:
        told = error["type"] == "default_factory_not_called" or (
            error["type"] == "missing" and error["loc"] in misspelt
        )
        if not told:
            yield error["loc"], sentence(error)


def _nearest(loc: Loc) -> list[str]:
    """The key that an unknown one is meant to be, if any comes close."""
    known = TABLES[str(loc[0])].model_fields if len(loc) > 1 else Settings.model_fields
    return get_close_matches(str(loc[-1]), known, n=1)


def sentence(error: ErrorDetails) -> str:
    """One of pydantic's findings in our words, without the value that may be a secret."""
    loc = tuple(part for part in error["loc"] if part != "[key]")
    key = next((part for part in reversed(loc) if isinstance(part, str)), "")
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(loc, key)
    if kind == "missing":
        return f'"{key}" is missing in {_HEADERS[str(loc[0])]} (add {key} = …)'
    if kind in {"model_type", "dict_type"} or (kind == "tuple_type" and loc == (key,) and key in _HEADERS):
        return f"{key}: must be a table (write {_HEADERS.get(str(loc[0]), key).replace('NAME', key)})"
    if kind == "value_error":
        return f"{key}: {error['ctx']['error']}"
    if kind == "literal_error":
        return f"{key}: must be {error['ctx']['expected']}".replace("'", '"')
    return f"{key}: {_SHAPES.get(kind, error['msg'])}"


def _unknown_key(loc: Loc, key: str) -> str:
    near = _nearest(loc)
    if len(loc) == 1:
        meant = f" (did you mean {_HEADERS[near[0]]}?)" if near and near[0] in _HEADERS else ""
        return f'unknown key "{key}"{_home_of(key) or meant or did_you_mean(key, Settings.model_fields)}'
    known = TABLES[str(loc[0])].model_fields
    return f'unknown key "{key}"{did_you_mean(key, known) if near else _home_of(key) or did_you_mean(key, known)}'


def _home_of(key: str) -> str:
    """Where a key belongs that stands in the wrong table."""
    homes = [_HEADERS[name] for name, table in TABLES.items() if key in table.model_fields]
    return f" (it belongs in {' or '.join(homes)})" if homes else ""
