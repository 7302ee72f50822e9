"""How the world spells a country: every locale's name for it, as keyword entries that are safe to watch for.

The names are CLDR's, through Babel. A spelling of one language may be a common word of another (Norwegian *Man* is
an island, Vietnamese *Nga* is Russia), so:

- one that is short and that few languages of the press share counts only in articles of its own languages;
- one that is a part of another country's name in the same locale (Guinea, 俄罗斯 in 白俄罗斯) does not count inside it;
- what else a person found is in packs/cldr.toml, which has the last word on a spelling.
"""

from __future__ import annotations

import pickle
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from feedwatch.text.tokens import tokenize

Tokens = tuple[str, ...]

SHORT = 5
"""Letters of a name that may be a common word of another language.

Of 517 spellings with a Zipf frequency of 3.8 or more in a language that has another name for the country (wordfreq 3.1,
39 languages) 266 have no more letters. The longer ones were read: nearly all mean the country there too (Indien).
"""

SHARED = 5
"""So many languages of the press: a shorter name is known everywhere, as Kina; for five letters one will do."""

PRESS = frozenset(
    re.findall(
        r"\w+",
        "ar az be bg bn ca cs da de el en es et eu fa fi fil fr gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms ne "
        "nl no pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh",
    )
)
"""Languages with newspapers on the web in numbers; a name of these is read in articles of others too."""

_ALSO = {"no": ("nb", "nn"), "fil": ("tl",), "sr": ("sh",)}
"""Language tags that pages use for CLDR's language."""

_NO_COUNTRY = frozenset(("QO", "EZ", "ZZ", "XA", "XB"))  # outlying Oceania, the eurozone, unknown, test locales

_latin = re.compile("[a-z]")

_HEAD = 2**15  # bytes; the longest head in Babel 2.18 has 18,660
_HEAD_ENDS = b"X\x09\x00\x00\x00languages"
_CLOSE = b"u."


def countries() -> dict[str, str]:
    """Every code that has spellings (ISO 3166, EU, UN and XK) with its English name."""
    return {code: name for code, name in _territories("en").items() if _is_country(code)}


@cache
def spellings(country: str) -> dict[str, tuple[str, ...]]:
    """Keyword entries for a code of `countries`, the most shared first, each with the languages that spell it so."""
    found: dict[Tokens, dict[str, str]] = {}  # tokens → language → as it is written there
    around: dict[Tokens, dict[Tokens, str]] = {}  # tokens → longer names of others that hold it
    for language, names in _all_territories():
        for name in filter(None, names.get(country, "").split("/")):  # Buturuki /Take: two names
            tokens = tokenize(name).tokens
            found.setdefault(tokens, {}).setdefault(language, name.strip())
            around.setdefault(tokens, {}).update(_names_around(country, name.strip(), tokens, names))
    shared_most = sorted(found.items(), key=lambda each: -len(each[1]))
    return {_entry(country, tokens, names, around[tokens]): tuple(sorted(names)) for tokens, names in shared_most}


def _entry(country: str, tokens: Tokens, names: Mapping[str, str], around: Mapping[Tokens, str]) -> str:
    own, instead = _reviewed(country)
    if tokens in instead:
        return instead[tokens]
    entry = quoted(next(iter(names.values())))
    if around:
        entry = f"{entry} UNLESS ({' OR '.join(map(quoted, around.values()))})"
    if tokens not in own and _is_safe(tokens, names):
        return f"({entry})" if around else entry
    return f"(({entry}) AND lang:({' OR '.join(_tags(names))}))"


def quoted(text: str) -> str:
    """As a phrase of the query language."""
    return '"' + text.replace('"', "״") + '"'


def _is_safe(tokens: Tokens, names: Mapping[str, str]) -> bool:
    letters = sum(map(len, tokens))
    if letters > SHORT or not _latin.search(tokens[0]) or "en" in names:
        return True
    return len(PRESS & names.keys()) >= (1 if letters == SHORT else SHARED)


def _tags(names: Mapping[str, str]) -> list[str]:
    return [tag for language in sorted(names) for tag in (language, *_ALSO.get(language, ()))]


def _names_around(country: str, name: str, tokens: Tokens, names: Mapping[str, str]) -> dict[Tokens, str]:
    """The other countries' names in this locale that hold the tokens in a row."""
    longer = [each for code, each in names.items() if name in each and code != country and _is_country(code)]
    return {whole: each for each in longer if _holds(whole := tokenize(each).tokens, tokens)}


def _holds(whole: Tokens, part: Tokens) -> bool:
    starts = range(len(whole) - len(part) + 1)
    return len(whole) > len(part) and any(whole[start : start + len(part)] == part for start in starts)


def _is_country(code: str) -> bool:
    return len(code) == len("VE") and code.isalpha() and code not in _NO_COUNTRY


@cache
def _reviewed(country: str) -> tuple[frozenset[Tokens], dict[Tokens, str]]:
    """What a person found: spellings that count in their own languages alone, and entries instead of others."""
    own, instead = _review().get("own", {}), _review().get("instead", {})
    alone = frozenset(tokenize(name).tokens for name in own.get(country, ()))
    return alone, {tokenize(name).tokens: entry for name, entry in instead.get(country, {}).items()}


@cache
def _review() -> dict[str, Any]:
    return tomllib.loads((files("feedwatch") / "packs/cldr.toml").read_text(encoding="utf-8"))


# --- Babel's files


@cache
def _all_territories() -> tuple[tuple[str, dict[str, str]], ...]:
    """The language and the names of every locale that has any, in the order of the locales' names."""
    return tuple(_each_locale())


def _each_locale() -> Iterator[tuple[str, dict[str, str]]]:
    for file in sorted(_folder().glob("*.dat")):
        names = _territories(file.stem)
        if names:
            yield file.stem.partition("_")[0], names


class _Ignored:
    """What a file holds besides texts: plural rules and the like."""

    def __setstate__(self, state: object) -> None:
        del state


class _Data(pickle.Unpickler):
    """Reads Babel's data without Babel's code, whose import takes as long as all the rest; and no one else's code."""

    def find_class(self, module: str, name: str) -> type:  # noqa: ARG002 -- pickle's signature
        return _Ignored


def _territories(locale: str) -> dict[str, str]:
    """A locale's own names for territories, without those that it inherits.

    The file is a pickled dict in which "territories" stands before "languages"; what follows is nine tenths of it,
    and Babel would keep it all in memory. Cut there and closed, it is a whole pickle of the first keys.
    """
    with (_folder() / f"{locale}.dat").open("rb") as file:
        head, found, rest = file.read(_HEAD).partition(_HEAD_ENDS)
        pickled = head + _CLOSE if found else head + found + rest + file.read()
    whole = _Data(BytesIO(pickled)).load()
    names: dict[str, str] = whole.get("territories", {})
    return names


@cache
def _folder() -> Path:
    found = find_spec("babel")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("babel is not installed", name="babel")
    return Path(found.origin).with_name("locale-data")
