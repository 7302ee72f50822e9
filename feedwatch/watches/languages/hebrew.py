"""Hebrew: prefixes are written as one with the word (Academy of the Hebrew Language, otiyot ha-shimush).

And, that, when; in, to, from, the. As (kaf) stands before names too seldom for what it hits (Greece would be a
direction), so does "that" before three letters.
"""

from __future__ import annotations

from collections.abc import Iterator

_CONJUNCTIONS = ("", "ו", "ש", "וש", "כש", "וכש")
_PREPOSITIONS = ("", "ב", "ל", "מ", "ה")
_SHORT = 3


def hebrew(token: str) -> Iterator[str]:
    for conjunction in _CONJUNCTIONS if len(token) > _SHORT else ("", "ו"):
        yield from (conjunction + preposition + token for preposition in _PREPOSITIONS)
