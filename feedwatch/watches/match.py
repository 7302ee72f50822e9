"""Which watchlists an article matches, and where: first who may, by one look at its tokens, then who does.

A query is judged from its words up. Each part gives its hits, or None where it does not match; a part that asks for
no text (NOT, lang:es) matches with no hits. Going down, an `_Article` says how much of the text counts for a part:
fields narrow it to some zones, UNLESS hides hits from the part on its left.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from operator import itemgetter
from typing import Any, NamedTuple

from feedwatch.model import Hit, Match
from feedwatch.watches import about
from feedwatch.watches.forms import all_forms, stem
from feedwatch.watches.index import NOTHING_KNOWN, Index, Metadata, ZoneIndex
from feedwatch.watches.patterns import find
from feedwatch.watches.places import places
from feedwatch.watches.spans import ZONE, Cover, Span, distinct, joined
from feedwatch.watches.strength import rate
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
    children_of,
)

HEAD = 8
"""Letters of a beginning that the presearch looks at: few lengths to try, and few words that share them."""

MOST_HITS = 1_000
"""A match names the first ones; more would say no more."""


def match(query: Query, index: Index, metadata: Metadata = NOTHING_KNOWN) -> Match | None:
    """The verdict with every hit in the order of the text, or None. Hits of one term never overlap."""
    found = _judge(query, _Article(index=index, metadata=metadata, zones=_zones(index, "text")))
    if found is None:
        return None
    hits = tuple(_hit(span, index) for span in islice(_in_order(found), MOST_HITS))
    strength, score = rate(index, hits)
    return Match(strength=strength, score=score, hits=hits)


def _in_order(spans: list[Span]) -> Iterator[Span]:
    """The hits as the text has them, the longer first where two begin together; none overlaps one of its own term."""
    unique = {(hit.zone, hit.start, -hit.end, hit.term): hit for span in spans for hit in span.hits}
    reached: dict[tuple[int, str], int] = {}
    for key in sorted(unique):
        hit = unique[key]
        if hit.start >= reached.get((hit.zone, hit.term), 0):
            reached[hit.zone, hit.term] = hit.end
            yield hit


def _hit(span: Span, index: Index) -> Hit:
    name = index.zones[span.zone].name
    return Hit(zone=span.zone, name=name, start=span.start, end=span.end, term=span.term)


# ---- what counts


class _Counted(NamedTuple):
    """A zone that counts, or the part of it that does."""

    number: int
    zone: ZoneIndex
    tokens: int  # how many of its first ones count


@dataclass(frozen=True, slots=True, kw_only=True)
class _Article:
    """An article as a part of a query sees it."""

    index: Index
    metadata: Metadata
    zones: tuple[_Counted, ...]
    hidden: tuple[Cover, ...] = ()
    asks_where: bool = False  # on behalf of NEAR, UNLESS or a count
    in_list: bool = False

    def shown(self, spans: list[Span]) -> list[Span] | None:
        """The hits that nothing hides; None if there are none."""
        for cover in self.hidden:
            spans = [span for span in spans if not cover.keeps_out(span)]
        return spans or None


def _zones(index: Index, field: str) -> tuple[_Counted, ...]:
    """The zones that a field of the text is made of."""
    return tuple(
        _Counted(number, zone, zone.lead if field == "lead" and zone.name == "body" else len(zone.starts))
        for number, zone in enumerate(index.zones)
        if zone.name in _ZONES_OF[field]
    )


_ZONES_OF = {
    "text": frozenset(("title", "summary", "body", "caption")),
    "title": frozenset(("title",)),
    "body": frozenset(("summary", "body")),  # a summary is the publisher's own short form of the body …
    "lead": frozenset(("summary", "body")),  # … and leads it
    "caption": frozenset(("caption",)),
}


# ---- a function for each kind of part


def _judge(query: Query, article: _Article) -> list[Span] | None:
    """The hits that make the query match, in no order; None where it does not."""
    return _JUDGE[type(query)](query, article)


def _phrase(query: Phrase, article: _Article) -> list[Span] | None:
    found = [
        _span(counted, first, last, query.term)
        for counted in article.zones
        for first, last in places(query, counted.zone, article.index.language)
        if last < counted.tokens
    ]
    return article.shown(found)


def _span(counted: _Counted, first: int, last: int, term: str) -> Span:
    number, zone, _ = counted
    return Span(number * ZONE + first, number * ZONE + last, number, zone.starts[first], zone.ends[last], term)


def _regex(query: Regex, article: _Article) -> list[Span] | None:
    return article.shown([span for counted in article.zones for span in _found(query, *counted)])


def _found(query: Regex, number: int, zone: ZoneIndex, tokens: int) -> Iterator[Span]:
    text = zone.text if tokens == len(zone.starts) else zone.text[: zone.ends[tokens - 1] if tokens else 0]
    for start, end in find(query.pattern, text, ignore_case=query.ignore_case):
        first, last = bisect_right(zone.ends, start), bisect_left(zone.starts, end) - 1
        yield Span(number * ZONE + first, number * ZONE + last, number, start, end, query.term)


def _all_of(query: AllOf, article: _Article) -> list[Span] | None:
    """Every part's hits; where a list says `(=Lai AND Taiwan)` and its place is asked for, the first part's."""
    found: list[Span] = []
    for child in query.children:
        more = _judge(child, article)
        if more is None:
            return None
        if not (found and article.asks_where and article.in_list):
            found += more
    return found


def _any_of(query: AnyOf, article: _Article) -> list[Span] | None:
    found = [more for child in query.children if (more := _judge(child, article)) is not None]
    return [span for more in found for span in more] if found else None


def _not(query: Not, article: _Article) -> list[Span] | None:
    return [] if _judge(query.child, article) is None else None


def _near(query: Near, article: _Article) -> list[Span] | None:
    where = replace(article, asks_where=True)
    left, right = (_judge(child, where) for child in query.children)
    if not left or not right:
        return None
    return joined(left, right, query.words, ordered=query.ordered) or None


def _unless(query: Unless, article: _Article) -> list[Span] | None:
    but = _judge(query.but, replace(article, asks_where=True))
    if but is None:
        return _judge(query.child, article)
    hidden = (*article.hidden, Cover(but, query.words))
    return _judge(query.child, replace(article, hidden=hidden))


def _at_least(query: AtLeast, article: _Article) -> list[Span] | None:
    found = _judge(query.child, replace(article, asks_where=True))
    return found if found is not None and distinct(found) >= query.count else None


def _in(query: In, article: _Article) -> list[Span] | None:
    return _judge(query.child, replace(article, zones=_zones(article.index, query.field)))


def _about(query: About, article: _Article) -> list[Span] | None:
    return [] if about.holds(query.field, query.values, article.metadata) else None


def _named(query: Named, article: _Article) -> list[Span] | None:
    return _judge(query.child, replace(article, in_list=True))


_JUDGE: Mapping[type, Callable[[Any, _Article], list[Span] | None]] = {
    Phrase: _phrase,
    Regex: _regex,
    AllOf: _all_of,
    AnyOf: _any_of,
    Not: _not,
    Near: _near,
    Unless: _unless,
    AtLeast: _at_least,
    In: _in,
    About: _about,
    Named: _named,
}


# ---- who may


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Tokens and beginnings of tokens of which an article must hold at least one to match."""

    tokens: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        return len(self.tokens) + len(self.starts)


def needs(query: Query) -> Needs | None:
    """What an article needs to match; None: there are articles that match and have no word of the query."""
    if isinstance(query, Phrase):
        return _needs_of(query)
    if isinstance(query, Not | About | Regex):
        return None
    if isinstance(query, Unless):
        return needs(query.child)
    found = [needs(child) for child in children_of(query)]
    if isinstance(query, AnyOf):
        known = [need for need in found if need]
        return _either(known) if len(known) == len(found) else None
    return min((need for need in found if need), key=lambda need: need.count, default=None)


def _needs_of(phrase: Phrase) -> Needs:
    """The longest token decides: long ones are rare ones."""
    number = max(range(len(phrase.tokens)), key=lambda i: len(phrase.tokens[i]))
    token = phrase.tokens[number]
    if phrase.prefix and number == len(phrase.tokens) - 1:
        return Needs(starts=frozenset((token,)))
    if phrase.exact or phrase.prefix:
        return Needs(tokens=frozenset((token,)))
    beginning = stem(token)
    return Needs(starts=frozenset((beginning,))) if beginning else Needs(tokens=all_forms(token))


def _either(several: list[Needs]) -> Needs:
    return Needs(
        tokens=frozenset().union(*(need.tokens for need in several)),
        starts=frozenset().union(*(need.starts for need in several)),
    )


class Presearch:
    """The queries by what each cannot match without; built once, asked about every article."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        needed = {key: needs(query) for key, query in queries.items()}
        self._always = frozenset(key for key, need in needed.items() if need is None)
        self._tokens = _by_need((key, token) for key, need in needed.items() if need for token in need.tokens)
        self._starts = _by_need((key, start[:HEAD]) for key, need in needed.items() if need for start in need.starts)
        self._heads = [itemgetter(slice(length)) for length in {len(start) for start in self._starts}]

    def candidates(self, index: Index) -> set[str]:
        """The keys of every query that matches, and of some that do not."""
        return self.among(set[str]().union(*(zone.positions for zone in index.zones))) | self._always

    def among(self, words: set[str] | frozenset[str]) -> set[str]:
        """The keys of the queries that find a word of theirs among these tokens."""
        starts = set(chain.from_iterable(map(head, words) for head in self._heads))
        found = set[str]()
        for token in words & self._tokens.keys():
            found.update(self._tokens[token])
        for start in starts & self._starts.keys():
            found.update(self._starts[start])
        return found


def _by_need(needed: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, list[str]] = {}
    for key, word in needed:
        keys.setdefault(word, []).append(key)
    return {word: tuple(found) for word, found in keys.items()}
