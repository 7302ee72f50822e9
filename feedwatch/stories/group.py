"""Two reports of one event: alike in the words that few other articles have.

An article is a vector of what its headline and its first words name: numbers, capitalised words, and words by their
first five letters, each weighted by how rare it is among the stories that were found to match lately (TF-IDF). That
these are the base, and not all articles, is what takes the weight from the watched words, which they all share.
A story takes an article whose mean cosine with its members is high enough: one link to one member would chain stories.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from feedwatch.text.tokens import is_unspaced, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WITHIN = timedelta(hours=72)
"""Between an article and the story's latest."""

LEAD = 60
"""Words of the body: news say first what happened. 40, 100, 160 and 300 told reports apart no better.

In scripts without spaces a character is a token, and about half a word.
"""

LINK = 0.65
"""The least mean link: the first that is right in four of five of the labelled pairs that it was chosen on."""

FEWEST = 8
"""An article with fewer different terms says too little to be grouped."""

MOST = 64
"""Terms of a vector, the weightiest."""

LETTERS = 5
"""Of a word, so that its endings make no difference; words of fewer than four letters say little."""

SYLLABLES = 2
"""The same in Korean, whose syllables are letters and whose endings are syllables."""

_hangul = re.compile("[\uac00-\ud7af]")
_arabic_article = re.compile("^[وفبك]?ال(?=\\w{3})|^لل(?=\\w{3})")
_ROOT = 3  # letters of an Arabic word

_TITLE, _NUMBER, _CAPITAL, _WORD = 2.0, 1.0, 1.0, 0.5

_SHORT = 2

Vector = dict[str, float]
"""Term → weight; its length is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """In how many of how many stories each term was, lately: one that many tell weighs no more than another."""

    stories: int
    counts: Mapping[str, int]

    def weight(self, term: str) -> float:
        return math.log((self.stories + 2) / (self.counts.get(term, 0) + 1))

    def without(self, story: Vector) -> Rarity:
        """As it was before that story: what two reports share is not common because one of them said it."""
        left = {term: count - (count > 0 and term in story) for term, count in self.counts.items()}
        return Rarity(stories=max(0, self.stories - 1), counts=left)


def terms(headline: str, body: str) -> Vector:
    """What an article names, and how much; not weighted by rarity, and of any length."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, weight in _names(headline, None):
        found[name] += _TITLE * weight
    for name, weight in _names(body, LEAD):
        found[name] += weight
    return dict(found)


def _names(text: str, most: int | None) -> Iterable[tuple[str, float]]:
    """The text's terms with their weights, of its first words."""
    shown = text if most is None else text[: most * 40]
    cut = tokenize(shown)
    tokens = cut.tokens if most is None else cut.tokens[: most * (1 + _is_mostly_unspaced(cut.tokens[:most]))]
    for token, start in zip(tokens, cut.starts, strict=False):
        if any(map(str.isdigit, token)):
            yield f"#{token}", _NUMBER
            continue
        if _is_name(shown[start : start + len(token)]):
            yield f"^{token[:LETTERS]}", _CAPITAL
        if stem := _stem(token):
            yield stem, _WORD
    for left, right in pairwise(tokens):  # two characters of an unspaced script are about a word
        if is_unspaced(left) and is_unspaced(right):
            yield left + right, _CAPITAL


def _is_mostly_unspaced(tokens: Sequence[str]) -> bool:
    return 2 * sum(map(is_unspaced, tokens)) > len(tokens)


def _stem(token: str) -> str:
    """The beginning of a word that may say something, of an Arabic one without its article; "" of a short one."""
    if token.isascii():
        return token[:LETTERS] if len(token) >= LETTERS - 1 else ""
    if _hangul.match(token):
        return token[:SYLLABLES] if len(token) >= SYLLABLES else ""
    word = _arabic_article.sub("", token)
    return word[:LETTERS] if len(word) >= LETTERS - 1 or (word != token and len(word) >= _ROOT) else ""


def _is_name(word: str) -> bool:
    """Capitalised, and of two letters only if both are: UN, and not At."""
    return word[:1].isupper() and (len(word) > _SHORT or word.isupper())


def vector(found: Vector, rarity: Rarity) -> Vector:
    """The weightiest terms, weighted by their rarity; empty where the article says too little."""
    weighted = {term: weight * rarity.weight(term) for term, weight in found.items()}
    kept = sorted(weighted, key=lambda term: (-weighted[term], term))[:MOST]
    length = math.sqrt(sum(weighted[term] ** 2 for term in kept))
    if len(kept) < FEWEST or not length:
        return {}
    return {term: weighted[term] / length for term in kept}


def link(one: Vector, other: Vector) -> float:
    """The cosine of two vectors: 0 to 1."""
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())


def in_common(one: Vector, other: Vector, most: int) -> tuple[str, ...]:
    """The terms that make most of a link, the weightiest first."""
    shared = {term: weight * other[term] for term, weight in one.items() if term in other}
    return tuple(sorted(shared, key=lambda term: (-shared[term], term))[:most])


def likeness(found: Vector, rarity: Rarity, other: Vector) -> float:
    """The link of an article, by its unweighted terms, to one of a story that is counted already."""
    return link(vector(found, rarity.without(other)), other)


def mean(links: Sequence[float]) -> float:
    return sum(links) / len(links) if links else 0.0


def same_language(one: str, other: str) -> bool:
    """Primary subtags; a language that is not known is no reason against."""
    return not one or not other or one == other
