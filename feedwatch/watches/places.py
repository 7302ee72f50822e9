"""Where the tokens of a phrase stand in a zone: by its forms, its beginning, or letter by letter."""

from __future__ import annotations

import string
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from feedwatch.text.fold import fold
from feedwatch.text.tokens import tokenize
from feedwatch.watches.forms import forms, own_letters
from feedwatch.watches.index import ZoneIndex
from feedwatch.watches.tree import Phrase

Place = tuple[int, int]
"""The first and the last of a zone's tokens that belong to a hit."""

MOST = 5_000
"""Places of a phrase in a zone that count, the first ones: a real article has not as many words."""

_forms = lru_cache(maxsize=65_536)(forms)


def places(phrase: Phrase, zone: ZoneIndex, language: str) -> list[Place]:
    """The places of the phrase in a zone of an article in that language, in order; they may overlap."""
    found: list[Sequence[int]] = []
    for number in range(len(phrase.tokens)):
        stands = _of_token(phrase, number, zone, language)
        if not stands:
            return []
        found.append(stands)
    if len(found) == 1:
        return [(place, place) for place in found[0][:MOST]]
    if phrase.slop:
        return _loose(found, phrase.slop)
    seams = _seams(phrase.text)
    return list(islice((place for place in _in_a_row(found) if _is_whole(place[0], seams, zone)), MOST))


def _of_token(phrase: Phrase, number: int, zone: ZoneIndex, language: str) -> Sequence[int]:
    """Where one of the phrase's tokens stands, whatever is beside it; rising."""
    goes_on = phrase.prefix and number == len(phrase.tokens) - 1
    words = _words(phrase, number, zone, language, goes_on=goes_on)
    if not words:
        return ()
    found = zone.positions[words[0]] if len(words) == 1 else sorted(chain(*map(zone.positions.__getitem__, words)))
    if phrase.exact:
        spelt = _spelling(phrase.text)[number]
        return [place for place in found if _is_spelt(spelt, _written(zone, place), goes_on=goes_on)]
    own = own_letters(language)
    if own:
        kept = _keeping(own, _spelling(phrase.text)[number])
        return [place for place in found if _means(kept, own, _written(zone, place))]
    return found


def _words(phrase: Phrase, number: int, zone: ZoneIndex, language: str, *, goes_on: bool) -> list[str]:
    """The zone's tokens that one of the phrase's tokens may stand as."""
    token = phrase.tokens[number]
    if goes_on:
        return list(_beginning_with(token, zone))
    if phrase.exact or phrase.prefix:
        return [token] if token in zone.positions else []
    return list(zone.positions.keys() & _forms(token, language))


def _beginning_with(start: str, zone: ZoneIndex) -> Iterator[str]:
    """The zone's tokens that begin so; its tokens are in alphabetical order."""
    words = zone.vocabulary
    for i in range(bisect_left(words, start), len(words)):
        if not words[i].startswith(start):
            return
        yield words[i]


def _written(zone: ZoneIndex, place: int) -> str:
    return zone.text[zone.starts[place] : zone.ends[place]]


@lru_cache(maxsize=4096)
def _spelling(text: str) -> tuple[str, ...]:
    """The tokens of a phrase as its watchlist spells them, in NFC."""
    cut = tokenize(text)
    return tuple(unicodedata.normalize("NFC", text[start:end]) for start, end in zip(cut.starts, cut.ends, strict=True))


@lru_cache(maxsize=4096)
def _seams(text: str) -> tuple[int, ...]:
    """Which tokens follow the one before them without a gap, as those of 中国 do."""
    cut = tokenize(text)
    return tuple(i for i in range(1, len(cut.starts)) if cut.starts[i] == cut.ends[i - 1])


def _is_whole(first: int, seams: Sequence[int], zone: ZoneIndex) -> bool:
    """Whether nothing parts what the query writes as one: 其中，国内 does not speak of 中国.

    A line may end within a word, and a point may stand between a foreigner's names.
    """
    gaps = (zone.text[zone.ends[first + i - 1] : zone.starts[first + i]] for i in seams)
    return not any(gap.strip(_NO_PART) for gap in gaps)


_NO_PART = string.whitespace + "\xa0\u3000·•‧∙⋅・･"


def _is_spelt(spelt: str, written: str, *, goes_on: bool) -> bool:
    composed = unicodedata.normalize("NFC", written)
    return composed.startswith(spelt) if goes_on else composed == spelt


@lru_cache(maxsize=4096)
def _means(asked: str, own: str, written: str) -> bool:
    """Whether no letter of the language's own stands where the query has the letter without its mark."""
    if written.isascii():
        return True
    pairs = zip(_keeping(own, written), asked, strict=False)
    return all(letter == other for letter, other in pairs if letter in own)


def _keeping(own: str, text: str) -> str:
    """The text folded, but for the letters that are the language's own."""
    composed = unicodedata.normalize("NFC", text).lower()
    return "".join(c if c in own else fold(c) for c in composed)


def _in_a_row(found: Sequence[Sequence[int]]) -> Iterator[Place]:
    """The places where every token follows the one before it."""
    rarest = min(range(len(found)), key=lambda i: len(found[i]))
    for place in found[rarest]:
        first = place - rarest
        if all(_holds(others, first + i) for i, others in enumerate(found) if i != rarest):
            yield first, first + len(found) - 1


def _loose(found: Sequence[Sequence[int]], slop: int) -> list[Place]:
    """The places where the tokens come in order, with at most so many others among them.

    From each first token to the nearest last one, and from each last token back to the nearest first one.
    """
    onward = ((first, _through(found[1:], first, _next)) for first in found[0][:MOST])
    back = ((_through(found[-2::-1], last, _previous), last) for last in found[-1][:MOST])
    ends = {(first, last) for first, last in chain(onward, back) if first is not None and last is not None}
    return sorted((first, last) for first, last in ends if last - first + 1 - len(found) <= slop)


def _through(
    found: Sequence[Sequence[int]], place: int, step: Callable[[Sequence[int], int], int | None]
) -> int | None:
    """Where one arrives, going from each token to the nearest of the next."""
    at: int | None = place
    for others in found:
        at = None if at is None else step(others, at)
    return at


def _next(places: Sequence[int], after: int) -> int | None:
    i = bisect_right(places, after)
    return places[i] if i < len(places) else None


def _previous(places: Sequence[int], before: int) -> int | None:
    i = bisect_left(places, before)
    return places[i - 1] if i else None


def _holds(places: Sequence[int], place: int) -> bool:
    i = bisect_left(places, place)
    return i < len(places) and places[i] == place
