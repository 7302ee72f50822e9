"""The lists that a query may name: the owner's `[aliases]`, and the packs that ship.

    @ve             an alias
    @cldr:VE        a country as every locale spells it
    @country:VE     that, and its people, its adjectives and its capital, where packs/country has it
    @name:maduro    a person or a body, as each language writes the name: packs/name

A pack is a TOML file of tables; what its lists hold, in their order, are keyword entries. Only what is asked for is
read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from feedwatch.config.cldr import countries, spellings
from feedwatch.errors import UnknownList
from feedwatch.watches.parse import Lists

_FORMER = {"UK": "GB", "EN": "GB", "SU": "RU", "EL": "GR"}
"""What people write for a country's code."""


def lists_of(aliases: Mapping[str, tuple[str, ...]]) -> Lists:
    """The lists of a config: its aliases first, then what ships. An entry may itself name a list."""

    def entries(name: str) -> tuple[str, ...]:
        if name in aliases:
            return aliases[name]
        kind, _, key = name.partition(":")
        if kind not in _SHIPPED or ":" not in name:
            raise UnknownList(name, _cure(name, aliases))
        return _SHIPPED[kind](key)

    return entries


@cache
def shipped() -> dict[str, str]:
    """Every list that ships, in order, with what it stands for."""
    lands, reviewed = countries(), _keys("country")
    named = {f"name:{key}": title_of("name", key) for key in _keys("name")}
    people = {f"country:{code}": f"{lands[code]}, its people and capital" for code in reviewed}
    return named | people | {f"cldr:{code}": lands[code] for code in sorted(lands)}


def title_of(kind: str, key: str) -> str:
    return str(_pack(kind, key)["title"])


def called(keyword: str) -> str:
    """What people call a keyword: a shipped list's subject ("@country:VE" is Venezuela), else itself."""
    kind, _, key = keyword.removeprefix("@").partition(":")
    if not keyword.startswith("@"):
        return keyword
    if kind == "name" and key in _keys("name"):
        return title_of("name", key).partition(",")[0]
    return countries().get(key, keyword)


def tables_of(kind: str, key: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """A pack's tables: table → languages, as in "en es" → entries."""
    tables = {name: table for name, table in _pack(kind, key).items() if isinstance(table, dict)}
    return {name: {languages: tuple(entries) for languages, entries in table.items()} for name, table in tables.items()}


def origins(name: str) -> dict[str, str]:
    """What the entries of a shipped list are, as in "capital: en es"; empty for an alias."""
    kind, _, key = name.partition(":")
    if kind == "cldr":
        return {entry: " ".join(languages) for entry, languages in spellings(key).items()}
    if kind not in _SHIPPED or key not in _keys(kind):
        return {}
    tables = tables_of(kind, key)
    each = (
        (table, languages, entry)
        for table in tables
        for languages in tables[table]
        for entry in tables[table][languages]
    )
    return {entry: f"{table}: {languages}" for table, languages, entry in each}


def _cldr(key: str) -> tuple[str, ...]:
    if key not in countries():
        raise UnknownList(f"cldr:{key}", _country_cure("cldr", key))
    return tuple(spellings(key))


def _country(key: str) -> tuple[str, ...]:
    if key not in countries():
        raise UnknownList(f"country:{key}", _country_cure("country", key))
    return (f"@cldr:{key}", *(_entries("country", key) if key in _keys("country") else ()))


def _name(key: str) -> tuple[str, ...]:
    if key not in _keys("name"):
        near = get_close_matches(key.casefold(), _keys("name"), n=1)
        raise UnknownList(
            f"name:{key}", f'did you mean "@name:{near[0]}"?' if near else "`feedwatch watch lists` has them all"
        )
    return _entries("name", key)


_SHIPPED: dict[str, Callable[[str], tuple[str, ...]]] = {"cldr": _cldr, "country": _country, "name": _name}


def _entries(kind: str, key: str) -> tuple[str, ...]:
    tables = tables_of(kind, key).values()
    return tuple(entry for table in tables for entries in table.values() for entry in entries)


@cache
def _keys(kind: str) -> tuple[str, ...]:
    folder = files("feedwatch") / "packs" / kind
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir()))


@cache
def _pack(kind: str, key: str) -> dict[str, object]:
    file = files("feedwatch") / "packs" / kind / f"{key}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _cure(name: str, aliases: Mapping[str, tuple[str, ...]]) -> str:
    known = [*aliases, *shipped()]
    by_name = {land.casefold(): f"country:{code}" for code, land in countries().items()}
    folded = (
        by_name
        | {each.casefold(): each for each in known}
        | {each.partition(":")[2].casefold(): each for each in known}
    )
    near = get_close_matches(name.casefold(), folded, n=1)
    if near:
        return f'did you mean "@{folded[near[0]]}"?'
    own = ", ".join(f"@{alias}" for alias in aliases)
    return f"your [aliases] are {own}" if own else "write it into [aliases], or see `feedwatch watch lists`"


def _country_cure(kind: str, key: str) -> str:
    by_name = {name.casefold(): code for code, name in countries().items()}
    codes = {code.casefold(): code for code in countries()} | {old.casefold(): new for old, new in _FORMER.items()}
    near = get_close_matches(key.casefold(), by_name, n=1)
    code = codes.get(key.casefold()) or (by_name[near[0]] if near else None)
    if code:
        return f'did you mean "@{kind}:{code}"?'
    return 'a country has two capital letters, as in "@country:VE"; `feedwatch watch lists` has them all'
