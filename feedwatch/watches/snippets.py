"""The passage of an article that shows why it was found, cut from the text as its publisher wrote it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from feedwatch.model import Hit, Match
from feedwatch.text.tokens import is_unspaced
from feedwatch.watches.index import Index, ZoneIndex

_PLAIN_QUOTES = str.maketrans("»«", '""')  # the text's own, so that »…« says only one thing
_ELLIPSES = 2  # characters, one at each end
_MARKS = 2  # characters, around each span

_space = regex.compile(r"\s+(?!\p{M})")
_last_space = regex.compile(r"\s+(?=\S*\Z)")
_grapheme = regex.compile(r"\X")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Hits that overlap, as one stretch of a zone's text."""

    start: int
    end: int
    terms: frozenset[str]


def snippet(index: Index, match: Match, limit: int = 160) -> str:
    """At most `limit` characters (at least 8) on one line around the hits, which are marked »…«.

    Of all passages outside the title the one with the most different terms, then the most hits, then the first;
    the title only if nothing else was hit. Cut between words, with "…"; a single word that is longer than
    the limit is cut between graphemes. A match without hits shows the beginning of the text.
    """
    if not match.hits:
        return _beginning(index, limit)
    zone, spans = _best_passage(index, match.hits, limit)
    room = limit - _ELLIPSES - _cost(spans)
    start, end = spans[0].start, spans[-1].end
    if room < 0:
        return _one_line(zone, spans, start, _cut_hit(zone, start, limit - _ELLIPSES - _MARKS))
    before, after = start, len(zone.text) - end
    left, right = max(room // 2, room - after), max(room - room // 2, room - before)
    low = 0 if before <= left else _cut_left(zone, start - left, start)
    high = len(zone.text) if after <= right else _cut_right(zone, end, end + right)
    return _one_line(zone, spans, low, high)


def _beginning(index: Index, limit: int) -> str:
    zone = next((zone for zone in index.zones if zone.name != "title"), next(iter(index.zones), None))
    if zone is None:
        return ""
    fits = len(zone.text) <= limit
    end = len(zone.text) if fits else _cut_right(zone, 0, limit - _ELLIPSES) or _cut_hit(zone, 0, limit - _ELLIPSES)
    return _one_line(zone, (), 0, end)


def _best_passage(index: Index, hits: Sequence[Hit], limit: int) -> tuple[ZoneIndex, Sequence[_Span]]:
    numbers = dict.fromkeys(hit.zone for hit in hits)
    outside = [number for number in numbers if index.zones[number].name != "title"]
    passages = [
        (index.zones[number], passage)
        for number in outside or numbers
        for passage in _passages(_spans(index.zones[number], [hit for hit in hits if hit.zone == number]), limit)
    ]
    return max(passages, key=lambda found: _worth(found[1]))


def _worth(spans: Sequence[_Span]) -> tuple[int, int]:
    return len(frozenset().union(*(span.terms for span in spans))), len(spans)


def _passages(spans: Sequence[_Span], limit: int) -> Iterator[Sequence[_Span]]:
    """From each span as many as fit into the limit."""
    for first in range(len(spans)):
        last = first + 1
        while last < len(spans) and _cost(spans[first : last + 1]) + _ELLIPSES <= limit:
            last += 1
        yield spans[first:last]


def _cost(spans: Sequence[_Span]) -> int:
    return spans[-1].end - spans[0].start + _MARKS * len(spans)


def _spans(zone: ZoneIndex, hits: Sequence[Hit]) -> list[_Span]:
    spans: list[_Span] = []
    for hit in sorted(hits, key=lambda hit: hit.start):
        start, end = _whole_words(zone, hit)
        terms = frozenset([hit.term])
        if spans and start < spans[-1].end:
            earlier = spans.pop()
            spans.append(_Span(start=earlier.start, end=max(earlier.end, end), terms=earlier.terms | terms))
        else:
            spans.append(_Span(start=start, end=end, terms=terms))
    return spans


def _whole_words(zone: ZoneIndex, hit: Hit) -> tuple[int, int]:
    """From where to where the hit is marked: one of a regular expression may begin or end within a word."""
    first, last = bisect_right(zone.ends, hit.start), bisect_left(zone.starts, hit.end) - 1
    if first > last:
        return hit.start, hit.end
    return min(hit.start, zone.starts[first]), max(hit.end, zone.ends[last])


def _cut_left(zone: ZoneIndex, low: int, start: int) -> int:
    """The first place from `low` on where a word begins; `start` if there is none before it."""
    space = _space.search(zone.text, low - 1, start)
    cut = space.end() if space else start
    places = zone.starts[bisect_left(zone.starts, low) : bisect_left(zone.starts, cut)]
    return next((place for place in places if is_unspaced(zone.text[place])), cut)


def _cut_right(zone: ZoneIndex, end: int, high: int) -> int:
    """The last place up to `high` where a word ends; `end` if there is none behind it."""
    space = _last_space.search(zone.text, end, high + 1)
    cut = space.start() if space else end
    first, last = bisect_right(zone.ends, cut), bisect_right(zone.ends, high)
    unspaced = (i for i in reversed(range(first, last)) if is_unspaced(zone.text[zone.starts[i]]))
    return next((zone.ends[i] for i in unspaced), cut)


def _cut_hit(zone: ZoneIndex, start: int, room: int) -> int:
    """The last end of a word, or else of a grapheme, within `room` characters of a hit's start."""
    word = bisect_right(zone.ends, start + room) - 1
    if word >= 0 and zone.ends[word] > start:
        return zone.ends[word]
    ends = [grapheme.end() for grapheme in _grapheme.finditer(zone.text, start, start + room + 1)]
    return int(max((end for end in ends if end <= start + room), default=start + room))


def _one_line(zone: ZoneIndex, spans: Sequence[_Span], low: int, high: int) -> str:
    text = zone.text.translate(_PLAIN_QUOTES)
    marked, reached = "…" if text[:low].strip() else "", low
    for span in spans:
        end = min(span.end, high)
        marked += f"{text[reached : span.start]}»{text[span.start : end]}«"
        reached = end
    marked += text[reached:high] + ("…" if text[high:].strip() else "")
    return " ".join(marked.split())
