"""Which watchlists an article matches, and where: first who may, by one look at its tokens, then who does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import chain

from feedwatch.model import Hit, Match
from feedwatch.watches.index import NOTHING_KNOWN, Index, Metadata, ZoneIndex
from feedwatch.watches.strength import rate
from feedwatch.watches.tree import AllOf, Phrase, Query


def match(query: Query, index: Index, metadata: Metadata = NOTHING_KNOWN) -> Match | None:
    """The verdict with every hit in the order of the text, or None. Hits of one term never overlap."""
    found = _found(query, index)
    if not found:
        return None
    hits = sorted(chain.from_iterable(found.values()), key=lambda hit: (hit.zone, hit.start, -hit.end))
    strength, score = rate(index, hits)
    return Match(strength=strength, score=score, hits=tuple(hits))


class Presearch:
    """The queries by tokens that each cannot match without; built once, asked about every article."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        keys: dict[str, list[str]] = {}
        always: list[str] = []
        for key, query in queries.items():
            needed = needed_tokens(query)
            for token in needed:
                keys.setdefault(token, []).append(key)
            if not needed:
                always.append(key)
        self._keys = {token: tuple(found) for token, found in keys.items()}
        self._always = frozenset(always)

    def candidates(self, index: Index) -> set[str]:
        """The keys of every query that matches, and of some that do not."""
        found = set(self._always)
        for zone in index.zones:
            for token in self._keys.keys() & zone.positions.keys():
                found.update(self._keys[token])
        return found


def needed_tokens(query: Query) -> frozenset[str]:
    """Tokens of which an article must hold at least one to match; empty if there is no such set."""
    if isinstance(query, Phrase):
        return frozenset([max(query.tokens, key=len)])  # long ones are rare ones
    needs = [needed_tokens(child) for child in query.children]
    if isinstance(query, AllOf):
        return min((need for need in needs if need), key=len, default=frozenset())
    return frozenset().union(*needs) if all(needs) else frozenset()


def _found(query: Query, index: Index) -> dict[Phrase, list[Hit]]:
    """The hits of every phrase that made the query match; empty if it does not."""
    if isinstance(query, Phrase):
        hits = list(_phrase_hits(query, index))
        return {query: hits} if hits else {}
    found: dict[Phrase, list[Hit]] = {}
    for child in query.children:
        more = _found(child, index)
        if isinstance(query, AllOf) and not more:
            return {}
        found.update(more)
    return found


def _phrase_hits(phrase: Phrase, index: Index) -> Iterator[Hit]:
    last = len(phrase.tokens) - 1
    for number, zone in enumerate(index.zones):
        for place in _places(phrase.tokens, zone):
            start, end = zone.starts[place], zone.ends[place + last]
            yield Hit(zone=number, name=zone.name, start=start, end=end, term=phrase.text)


def _places(tokens: tuple[str, ...], zone: ZoneIndex) -> list[int]:
    """Where the tokens follow each other: the first token's places, rising, no two phrases overlapping."""
    found = [zone.positions.get(token, ()) for token in tokens]
    if len(tokens) == 1 or not all(found):
        return list(found[0]) if len(tokens) == 1 else []
    offset = min(range(len(tokens)), key=lambda i: len(found[i]))
    places = {place - offset for place in found[offset]}
    for i, others in enumerate(found):
        if i != offset and places:
            places = {place for place in places if _holds(others, place + i)}
    return _apart(sorted(places), len(tokens))


def _holds(places: tuple[int, ...], place: int) -> bool:
    i = bisect_left(places, place)
    return i < len(places) and places[i] == place


def _apart(places: list[int], length: int) -> list[int]:
    apart: list[int] = []
    for place in places:
        if not apart or place >= apart[-1] + length:
            apart.append(place)
    return apart
