"""Did a number in the headline change? "12 dead" became "15 dead", whoever says so."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.text.fold import fold
from feedwatch.text.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable

_number = re.compile(r"(?<!\w)(?:\d{1,3}(?:[., \u00a0\u202f']\d{3})+|\d+)(?:[.,]\d+)?(?!\w)")
_grouping = re.compile(r"[., \u00a0\u202f'](?=\d{3}(?:\D|$))")
_year = re.compile(r"(?:19|20)\d\d")
_LETTERS = 5
_NEAR = 2  # words on either side of a number that say what it counts
_BESIDE = 40  # characters that hold these words


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number of a headline and the words beside it."""

    value: str  # without grouping signs: 1,200 and 1.200 are 1200
    sign: str  # %, $, € or another that stands at it
    beside: frozenset[str]  # the beginnings of the nearest words

    @property
    def counts(self) -> bool:
        """Whether it may be told of something that a headline counts without naming it again: the dead, the freed."""
        return self.value.isdigit() and not self.sign


def changed_number(headline: str, earlier: Iterable[str]) -> str:
    """The number in the headline that takes the place of another one in earlier headlines of the story; "" if none.

    It takes its place where a word beside them is the same, or where either headline has one whole number only.
    One that an earlier headline had already is no change: a copy of the old text may come late. Years do not count.
    """
    before = [amounts(other) for other in earlier]
    known = {amount.value for one in before for amount in one}
    now = amounts(headline)
    fresh = [amount for amount in now if amount.value not in known]
    for amount in fresh:
        if any(amount.beside & old.beside for one in before for old in one):
            return amount.value
    alone = len(now) == len(fresh) == 1 and now[0].counts
    return now[0].value if alone and any(len(one) == 1 and one[0].counts for one in before) else ""


def amounts(headline: str) -> list[Amount]:
    text = fold(headline)
    return [
        Amount(
            value=_grouping.sub("", found[0]).replace(",", "."),
            sign=_sign(text, found.start(), found.end()),
            beside=_beside(text, found.start(), found.end()),
        )
        for found in _number.finditer(text)
        if not _year.fullmatch(found[0])
    ]


def _sign(text: str, start: int, end: int) -> str:
    around = text[max(0, start - 1) : start] + text[end : end + 2].strip()
    return next((c for c in around if c == "%" or unicodedata.category(c) == "Sc"), "")


def _beside(text: str, start: int, end: int) -> frozenset[str]:
    left = _words(text[max(0, start - _BESIDE) : start])[-_NEAR:]
    right = _words(text[end : end + _BESIDE])[:_NEAR]
    return frozenset(word[:_LETTERS] for word in (*left, *right) if len(word) >= _LETTERS - 1)


def _words(text: str) -> list[str]:
    return [token for token in tokenize(text).tokens if not token[0].isdigit()]
