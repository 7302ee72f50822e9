"""Arabic: conjunctions and prepositions are written as one with the word (Ryding, "Modern Standard Arabic", 15-16).

The article after li loses its alif, and before a lam its own lam too.
"""

from __future__ import annotations

from collections.abc import Iterator

_CONJUNCTIONS = ("", "و", "ف")
_PREPOSITIONS = ("", "ب", "ك", "ل")


def arabic(token: str) -> Iterator[str]:
    bare = token.removeprefix("ال")
    to_the = "ل" + bare if bare.startswith("ل") else "لل" + bare
    for conjunction in _CONJUNCTIONS:
        yield conjunction + to_the
        yield from (conjunction + preposition + token for preposition in _PREPOSITIONS)
        if bare == token:
            yield from (conjunction + preposition + "ال" + token for preposition in ("", "ب", "ك"))
