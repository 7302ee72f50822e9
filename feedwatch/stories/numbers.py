"""Did a number in the headline change? "12 dead" became "15 dead", whoever says so.

Only what is counted or measured: the day of an event, its hour and duration, a score, an age, an ordinal and the
number in a name change with every headline and are nobody's news.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from feedwatch.stories.wording import (
    FILLING,
    KINDS,
    KINDS_WHOLE,
    MONTHS,
    NAMED_BY,
    PERCENT,
    SHORT_MONTHS,
    SPELT,
    TIMES,
    UNITS_OF_TIME,
)
from feedwatch.text.fold import fold
from feedwatch.text.tokens import is_unspaced, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPACES = " \u00a0\u202f\u2009"
_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_figures = rf"(?:\d{{1,3}}(?:[.,{_SPACES}'٬]\d{{3}})+(?!\d)|\d+)(?:[.,٫]\d+)?"
_number = re.compile(
    rf"(?<![^\W{_EAST}])(?<!\d[.,٫]){_figures}(?![.,٫]\d)(?:(?![^\W{_EAST}])|(?=(?:k|m|mn|bn|tn|b)\b))"
)
_grouping = re.compile(rf"[.,{_SPACES}'٬](?=\d{{3}}(?:\D|$))")
_by_halves = re.compile(r"(?<!\d)(\d{1,3}) mil (\d{3})(?!\d)")
"""The Mexican 12 mil 500."""

_compound = re.compile(r"^(?:-[^\W\d]|\.?[º°ª]|[:/h]\d|\s?-\s?\d|\.\s[^\W\d])")
"""Behind a number: 34-year-old, 3º, 10:30, 2-1, 3/11, the German 3. Tag."""

_before = re.compile(r"(?:[^\W\d]-|\d[:/]|\d\s?-\s?|[/#№]|\bn[.oº°]{1,2}\s?|\b№\s?)$")
"""Before a number: covid-19, the second of 2-1, #3, no. 3."""

_year = re.compile(r"(?:19|20)\d\d")
_HEADLINE = 500  # characters
_MOST = 200  # numbers that are compared: a table has thousands
_DIGITS = 18  # of a number that anybody counts to
_LETTERS = 5
_SHORTEST = 3  # letters of a word that names something: oil
_ARABIC_ARTICLE = "ال"
_PRECISE = 2  # digits of a number that may stand for a more exact one
_NEAR = 3  # words that name what is counted
_LINK = 3  # letters of a word that only links: 3 de noviembre
_BESIDE = 48  # characters that hold the nearest words
_CLAUSE = re.compile(r"\d+|[:;,.!?|()\[\]–—\"“”«»‘、。，：；！？]|\s-\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number of a headline and what it counts."""

    value: Decimal  # 1,200 and 1.200 and 1,2 mil are 1200
    sign: str  # %, $, € or another that stands at it
    kind: str  # dead, hurt, …: what a word beside it says, in whatever language; "": nothing that is known
    thing: str  # the beginning of the word behind it
    verb: str  # of the word before it

    def counts_what(self, other: Amount) -> bool:
        """Whether both count one thing, as far as the words beside them say."""
        if self.kind or other.kind:
            return self.kind == other.kind and self.sign == other.sign
        if self.sign != other.sign:
            return False
        if self.thing and other.thing:
            return self.thing == other.thing
        return bool(self.verb) and self.verb == other.verb

    @property
    def said(self) -> str:
        return f"{self.value.normalize():f}"


def changed_number(headline: str, earlier: Iterable[str], language: str = "") -> str:
    """The number in the headline that takes the place of another one in earlier headlines of the story; "" if none.

    It takes its place where both count the same: the dead, or what the word beside them names. One that an earlier
    headline had already is no change, for a copy of the old text may come late; nor is a rounder one of the same.
    `language`, a primary subtag, tells which words are numbers.
    """
    now = _amounts(headline, language)
    before = [amount for other in dict.fromkeys(earlier) for amount in _amounts(other, language)] if now else []
    known = {amount.value for amount in before[:_MOST]}
    for amount in now[:_MOST]:
        fresh = not any(_says_the_same(amount.value, value) for value in known)
        if fresh and any(amount.counts_what(old) for old in before[:_MOST]):
            return amount.said
    return ""


def _says_the_same(value: Decimal, known: Decimal) -> bool:
    """Whether it is that number, or that number made rounder: 1,200 of 1,203, and 4.5 of 4.48."""
    rounder = _PRECISE <= _digits(value) < _digits(known)
    return value == known or (rounder and _rounded(known, value) == value)


def _digits(value: Decimal) -> int:
    """Those that count: 1200 has two."""
    return len(value.normalize().as_tuple().digits)


def _rounded(known: Decimal, like: Decimal) -> Decimal:
    return known.quantize(Decimal((0, (1,), int(like.normalize().as_tuple().exponent))))


def amounts(headline: str, language: str) -> tuple[Amount, ...]:
    """What the headline, or a paragraph, counts or measures, in its order."""
    text = _by_halves.sub(r"\1.\2", fold(headline))
    spelt = SPELT.get(language, {})
    found = [(each.start(), each.end(), _value(each[0])) for each in _number.finditer(text) if len(each[0]) <= _DIGITS]
    found += [(start, end, Decimal(spelt[word])) for word, start, end in _words(text) if word in spelt]
    made = [_amount(text, start, end, value, language) for start, end, value in sorted(found)]
    return tuple(amount for amount in made if amount and amount.value.adjusted() < _DIGITS)


_kept = lru_cache(maxsize=4096)(amounts)


def _amounts(text: str, language: str) -> tuple[Amount, ...]:
    """A headline's are kept, for every article of a story asks for those of all."""
    return _kept(text, language) if len(text) <= _HEADLINE else amounts(text, language)


def _amount(text: str, start: int, end: int, value: Decimal, language: str) -> Amount | None:
    """None where the number is a day, an hour, a score or part of a name."""
    factor, end_of_all = _times(text, end)
    before, behind = text[max(0, start - _BESIDE) : start], text[end_of_all : end_of_all + _BESIDE]
    left, right = _clause_words(before.rstrip(": "), -1)[::-1], _clause_words(behind, 0)
    if factor == 1 and (_in_a_name(text[start:end], before, behind) or _is_order(left, right)):
        return None
    return Amount(
        value=value * factor,
        sign=_sign(before, behind, right),
        kind=_kind(left, right, language),
        thing=_thing(right),
        verb=_thing(left),
    )


def _in_a_name(figures: str, before: str, behind: str) -> bool:
    return bool(_is_year(figures) or _compound.match(behind) or _before.search(before))


def _is_year(figures: str) -> bool:
    return bool(_year.fullmatch(figures)) and figures not in ("1900", "2000")


def _value(figures: str) -> Decimal:
    return Decimal(_grouping.sub("", figures).replace(",", ".").replace("٫", "."))


def _times(text: str, end: int) -> tuple[int, int]:
    """Thousands or millions: by what the number before `end` is multiplied, and where that word ends."""
    factor = 1
    while found := _multiplier.match(text, end):
        factor, end = factor * TIMES[found[1]], found.end()
    return factor, end


_multiplier = re.compile(rf"\s?({'|'.join(sorted(TIMES, key=len, reverse=True))})(?![^\W{_EAST}])")


def _is_order(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether it says when, how long or which one; `left` begins at the number."""
    behind = right[: 2 if right and len(right[0]) <= _LINK else 1]
    return any(map(_is_time, behind)) or any(word in NAMED_BY or _is_month(word) for word in left[:1])


def _is_time(word: str) -> bool:
    return word in UNITS_OF_TIME or _is_month(word)


def _is_month(word: str) -> bool:
    return word in SHORT_MONTHS or word.startswith(MONTHS)


def _kind(left: Sequence[str], right: Sequence[str], language: str) -> str:
    """What is counted, by the nearest word that says so."""
    nearest = [word.removeprefix(_ARABIC_ARTICLE) for pair in zip_longest(right, left, fillvalue="") for word in pair]
    kinds = (
        kind
        for word in nearest
        for kind, every in KINDS.items()
        if word.startswith(every) or word in KINDS_WHOLE.get((kind, language), ())
    )
    return next(kinds, "")


def _thing(words: Sequence[str]) -> str:
    """The beginning of the nearest word that names something."""
    for word in words[:_NEAR]:
        if word not in FILLING and (len(word) >= _SHORTEST or is_unspaced(word)):
            return word[:_LETTERS]
    return ""


def _sign(before: str, behind: str, right: Sequence[str]) -> str:
    if " ".join(right[:2]).startswith(PERCENT):
        return "%"
    around = before.rstrip()[-1:] + behind[:2].strip()[:1]
    return next((c for c in around if c == "%" or unicodedata.category(c) == "Sc"), "")


def _clause_words(text: str, part: int) -> list[str]:
    """The words of the text's first or last clause, up to another number."""
    return [word for word, _, _ in _words(_CLAUSE.split(text)[part])]


def _words(text: str) -> list[tuple[str, int, int]]:
    cut = tokenize(text)
    return list(zip(cut.tokens, cut.starts, cut.ends, strict=True))
