"""Hits while a query is judged: which are near each other, which lie within others, how many there are.

Places count through all zones; between two zones lies more than any distance that a query can name.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from feedwatch.model import Hit

ZONE = 1 << 40
"""From the first place of a zone to that of the next one."""


class Span(NamedTuple):
    """A hit, or of NEAR the stretch of text that its hits are at the ends of."""

    first: int  # place of its first token; first > last: it lies between two tokens
    last: int
    zone: int
    start: int  # in the zone's text
    end: int
    term: str
    parts: tuple[Span, ...] = ()  # of NEAR: the hits that took part; else none

    @property
    def hits(self) -> tuple[Span, ...]:
        return self.parts or (self,)


def joined(left: Sequence[Span], right: Sequence[Span], words: int, *, ordered: bool) -> list[Span]:
    """A stretch for each hit that has one of the other side in reach: from it to the nearest before and behind it.

    That is enough to know whether there is one, and to reach every hit that took part, in linear time.
    """
    stretches = _in_order(left, right, words)
    if not ordered:
        stretches |= _in_order(right, left, words)
    return list(stretches.values())


def _in_order(ones: Sequence[Span], others: Sequence[Span], words: int) -> dict[tuple[int, int], Span]:
    """The stretches in which one of `ones` comes first, by their first and last place."""
    before, behind = sorted(ones, key=_last), sorted(others)
    lasts, firsts = [span.last for span in before], [span.first for span in behind]
    found: dict[tuple[int, int], Span] = {}
    for one in before:
        i = bisect_right(firsts, one.last)
        if i < len(firsts) and firsts[i] - one.last - 1 <= words:
            found[one.first, behind[i].last] = _stretch(one, behind[i])
    for other in behind:
        i = bisect_left(lasts, other.first) - 1
        if i >= 0 and other.first - lasts[i] - 1 <= words and (before[i].first, other.last) not in found:
            found[before[i].first, other.last] = _stretch(before[i], other)
    return found


def _last(span: Span) -> int:
    return span.last


def _stretch(one: Span, other: Span) -> Span:
    return Span(one.first, other.last, one.zone, one.start, other.end, "", (*one.hits, *other.hits))


class Cover:
    """Spans that keep others out: those that lie within one, or have at most so many words between."""

    def __init__(self, spans: Iterable[Span], words: int | None) -> None:
        self._words = words
        rising = sorted(spans)
        self._firsts = [span.first for span in rising]
        self._reached = list(accumulate((span.last for span in rising), max))

    def keeps_out(self, span: Span) -> bool:
        if self._words is None:
            return self._reach(span.first) >= span.last
        return self._reach(span.last + self._words + 1) >= span.first - self._words - 1

    def _reach(self, first: int) -> int:
        """The last place of the spans that begin there or before."""
        i = bisect_right(self._firsts, first)
        return self._reached[i - 1] if i else -ZONE


def distinct(hits: Iterable[Span | Hit]) -> int:
    """How many there are in different places: "Maduro" within "Nicolás Maduro" is the same place."""
    count, zone, reached = 0, -1, 0
    for hit in sorted(hits, key=lambda hit: (hit.zone, hit.start, -hit.end)):
        if hit.zone != zone or hit.start >= reached:
            count, zone, reached = count + 1, hit.zone, 0
        reached = max(reached, hit.end)
    return count
