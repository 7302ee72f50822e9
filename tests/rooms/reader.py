"""A second evaluator, as slow and as plain as can be: every hit is every place there can be, read word by word."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import product

from feedwatch.text.tokens import tokenize
from feedwatch.watches import about
from feedwatch.watches.forms import forms, own_letters
from feedwatch.watches.index import Index, Metadata, ZoneIndex, words_of
from feedwatch.watches.patterns import find
from feedwatch.watches.tree import (
    About,
    AllOf,
    AnyOf,
    AtLeast,
    In,
    Named,
    Near,
    Not,
    Phrase,
    Query,
    Regex,
    Unless,
)

Place = tuple[int, int, int]  # zone, first and last word
ZONES = {
    "text": ("title", "summary", "body", "caption"),
    "title": ("title",),
    "body": ("summary", "body"),
    "lead": ("summary", "body"),
    "caption": ("caption",),
}


@dataclass(frozen=True)
class Reader:
    index: Index
    known: Metadata
    field: str = "text"
    hidden: tuple[tuple[Unless, frozenset[Place]], ...] = ()
    asks_where: bool = False
    in_list: bool = False

    def holds(self, query: Query) -> bool:  # noqa: C901, PLR0911 - one line a kind of part reads best
        match query:
            case Phrase() | Regex():
                return bool(self.places(query))
            case AllOf():
                return all(map(self.holds, query.children))
            case AnyOf():
                return any(map(self.holds, query.children))
            case Not():
                return not self.holds(query.child)
            case Near():
                return bool(self.places(query))
            case Unless():
                return self.without(query).holds(query.child)
            case AtLeast():
                return self.holds(query.child) and self.where.different(query.child) >= query.count
            case In():
                return replace(self, field=query.field).holds(query.child)
            case About():
                return about.holds(query.field, query.values, self.known)
            case Named():
                return replace(self, in_list=True).holds(query.child)

    def places(self, query: Query) -> set[Place]:  # noqa: PLR0911 - as above
        match query:
            case Phrase():
                return {place for place in self.of_phrase(query) if self.shown(place)}
            case Regex():
                return set(self.of_regex(query))
            case AllOf() if self.asks_where and self.in_list:
                several = map(self.places, query.children)
                return next(filter(None, several), set()) if self.holds(query) else set()
            case AllOf() | AnyOf():
                found = [self.places(child) for child in query.children if self.holds(child)]
                return set().union(*found) if self.holds(query) else set()
            case Near():
                return self.near(query)
            case Unless():
                return self.without(query).places(query.child)
            case AtLeast():
                return self.where.places(query.child) if self.holds(query) else set()
            case Named():
                return replace(self, in_list=True).places(query.child) if self.holds(query) else set()
            case In():
                return replace(self, field=query.field).places(query.child)
        return set()

    @property
    def where(self) -> Reader:
        return replace(self, asks_where=True)

    def zones(self) -> list[tuple[int, ZoneIndex, int]]:
        return [
            (number, zone, zone.lead if self.field == "lead" and zone.name == "body" else len(zone.starts))
            for number, zone in enumerate(self.index.zones)
            if zone.name in ZONES[self.field]
        ]

    def of_phrase(self, phrase: Phrase) -> set[Place]:
        found: set[Place] = set()
        for number, zone, counted in self.zones():
            length = len(phrase.tokens)
            for first in range(counted):
                for last in range(first + length - 1, min(counted, first + length + phrase.slop)):
                    if self.reads(phrase, zone, first, last) and self.is_whole(phrase, zone, first):
                        found.add((number, first, last))
        return {place for place in found if self.is_shortest(place, found)}

    def is_whole(self, phrase: Phrase, zone: ZoneIndex, first: int) -> bool:
        """What the query writes without a gap has none but white space and points between names."""
        if phrase.slop:
            return True
        cut = tokenize(phrase.text)
        for number in range(1, len(phrase.tokens)):
            gap = zone.text[zone.ends[first + number - 1] : zone.starts[first + number]]
            if cut.ends[number - 1] == cut.starts[number] and gap.replace("·", " ").strip():
                return False
        return True

    def is_shortest(self, place: Place, places: set[Place]) -> bool:
        """Of those that begin with it, or of those that end with it."""
        number, first, last = place
        begins = any((number, first, other) in places for other in range(first, last))
        ends = any((number, other, last) in places for other in range(first + 1, last + 1))
        return not begins or not ends

    def reads(self, phrase: Phrase, zone: ZoneIndex, first: int, last: int) -> bool:
        """Whether the phrase can be laid over these words, its ends on theirs."""
        if len(phrase.tokens) == 1:
            return first == last and self.is_word(phrase, 0, zone, first)
        inner = list(range(first + 1, last))
        for middle in product(inner, repeat=len(phrase.tokens) - 2):
            laid = (first, *middle, last)
            if list(laid) == sorted(set(laid)) and all(
                self.is_word(phrase, number, zone, place) for number, place in enumerate(laid)
            ):
                return True
        return False

    def is_word(self, phrase: Phrase, number: int, zone: ZoneIndex, place: int) -> bool:
        token, word = phrase.tokens[number], words_of(zone)[place]
        written = unicodedata.normalize("NFC", zone.text[zone.starts[place] : zone.ends[place]])
        cut = tokenize(phrase.text)
        spelt = unicodedata.normalize("NFC", phrase.text[cut.starts[number] : cut.ends[number]])
        goes_on = phrase.prefix and number == len(phrase.tokens) - 1
        if phrase.exact:
            return written.startswith(spelt) if goes_on else written == spelt
        own = own_letters(self.index.language)
        if any(a in own and a != b for a, b in zip(written.lower(), spelt.lower(), strict=False)):
            return False
        if phrase.prefix:
            return word.startswith(token) if goes_on else word == token
        return word in forms(token, self.index.language)

    def of_regex(self, query: Regex) -> list[Place]:
        found: list[Place] = []
        for number, zone, counted in self.zones():
            end = len(zone.text) if counted == len(zone.starts) else zone.ends[counted - 1] if counted else 0
            for start, stop in find(query.pattern, zone.text[:end], ignore_case=query.ignore_case):
                touched = [i for i in range(len(zone.starts)) if zone.ends[i] > start and zone.starts[i] < stop]
                place = (number, touched[0], touched[-1])
                if self.shown(place):
                    found.append(place)
        return found

    def near(self, query: Near) -> set[Place]:
        left, right = (self.where.places(child) for child in query.children)
        found: set[Place] = set()
        for one, other in product(left, right):
            for first, last in ((one, other),) if query.ordered else ((one, other), (other, one)):
                if first[0] == last[0] and 0 <= last[1] - first[2] - 1 <= query.words:
                    found.add((first[0], first[1], last[2]))
        return found

    def without(self, query: Unless) -> Reader:
        if not self.holds(query.but):
            return self
        return replace(self, hidden=(*self.hidden, (query, frozenset(self.where.places(query.but)))))

    def shown(self, place: Place) -> bool:
        return not any(
            place[0] == other[0]
            and (
                other[1] <= place[1] and place[2] <= other[2]
                if query.words is None
                else other[1] - place[2] - 1 <= query.words and place[1] - other[2] - 1 <= query.words
            )
            for query, covers in self.hidden
            for other in covers
        )

    def different(self, query: Query) -> int:
        """How many stretches of the text there are when those that overlap are one."""
        if isinstance(query, In):
            return replace(self, field=query.field).different(query.child)
        count, zone, reached = 0, -1, -1
        for place in sorted(self.places(query), key=lambda place: (place[0], place[1], -place[2])):
            if place[0] != zone or place[1] > reached:
                count, zone, reached = count + 1, place[0], -1
            reached = max(reached, place[2])
        return count
