"""German, Dutch, Swedish, Danish, Norwegian: a genitive in -s, and German adjectives that are part of a name.

Duden, "Grammatik", 275-305 (-es after a sibilant: des Roten Kreuzes; else an apostrophe alone) and 474-500 (in den
Vereinigten Staaten, der Deutschen Bank), which Hesse must not become; Svenska Akademiens grammatik 2, Substantiv 101;
Retskrivningsordbogen 10; Leidraad (Taalunie) 11.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedwatch.watches.languages.endings import declension

_SIBILANTS = ("s", "x", "z")
_DUTCH_ADJECTIVES = ("land", "rijk", "burg")  # Nederlands, Oostenrijks are adjectives
_german_adjectives = declension(
    "sche: schen scher",
    "sches: sche schen",
    "igte: igten igter",
    "igtes: igte igten",
    "rotes: rote roten",
    "weisses: weisse weissen",
    "neues: neue neuen",
)


def german(token: str) -> Iterator[str]:
    yield token + ("es" if token.endswith((*_SIBILANTS, "sch")) else "s")
    yield from _german_adjectives(token)


def scandinavian(token: str) -> tuple[str, ...]:
    return () if token.endswith(_SIBILANTS) else (token + "s",)


def dutch(token: str) -> tuple[str, ...]:
    return () if token.endswith(_DUTCH_ADJECTIVES) else scandinavian(token)
