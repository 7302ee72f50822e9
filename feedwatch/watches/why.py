"""Why an article is no match: the parts of the query that it lacks, each with what stands there instead."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feedwatch.model import Hit
from feedwatch.watches.index import Index, Metadata
from feedwatch.watches.match import match
from feedwatch.watches.spans import distinct
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

NAMED = 3  # parts of an OR that are named; a list of a hundred words would hide the rest
_NOT_FOUND, _NONE_FOUND = _AWAY = ("not found", "none of them found")
AKIN = 4  # letters that a longer word must share with the one that was looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part of the query that the article does not satisfy."""

    part: str  # as the query writes it
    why: str

    def __str__(self) -> str:
        return f"{self.part}: {self.why}"


def missing(query: Query, index: Index, metadata: Metadata | None = None) -> tuple[Missing, ...]:
    """What the article lacks, in the order of the query; () where it matches.

    Of an AND every part that is not there; of an OR those that came near, and the rest in one sentence.
    """
    asked = _Asked(index, metadata or Metadata())
    return () if asked.holds(query) else tuple(_WHY[type(query)](query, asked))


class _Asked:
    """An article that is asked about parts of a query."""

    def __init__(self, index: Index, metadata: Metadata) -> None:
        self.index, self.metadata = index, metadata

    def holds(self, query: Query) -> bool:
        return match(query, self.index, self.metadata) is not None

    def hits(self, query: Query) -> Sequence[Hit]:
        found = match(query, self.index, self.metadata)
        return found.hits if found else ()


def _why(query: Query, asked: _Asked) -> Iterator[Missing]:
    if not asked.holds(query):
        yield from _WHY[type(query)](query, asked)


# ---- words


def _phrase(phrase: Phrase, asked: _Asked) -> Iterator[Missing]:
    yield Missing(part=str(phrase), why=_otherwise(phrase, asked) or _NOT_FOUND)


def _otherwise(phrase: Phrase, asked: _Asked) -> str:
    """What stands there instead of a phrase; "": nothing like it."""
    if phrase.exact:
        hits = asked.hits(replace(phrase, exact=False))
        return f"not with these letters: there is “{_text(asked, hits[0])}”" if hits else ""
    if asked.index.language and (hits := _in_any_language(phrase, asked)):
        return f"“{_text(asked, hits[0])}” is another word in this language ({asked.index.language})"
    if len(phrase.tokens) > 1:
        return _scattered(phrase, asked)
    longer = _longer_word(phrase.tokens[0], asked)
    return f"only inside “{longer}” (a * at the end finds it)" if longer else ""


def _in_any_language(phrase: Phrase, asked: _Asked) -> Sequence[Hit]:
    return _Asked(replace(asked.index, language=""), asked.metadata).hits(phrase)


def _scattered(phrase: Phrase, asked: _Asked) -> str:
    words = [Phrase(text=token, tokens=(token,)) for token in dict.fromkeys(phrase.tokens)]
    there = [word.text for word in words if asked.holds(word)]
    if len(there) == len(words):
        return "its words are there, but not in this order" if phrase.slop else "its words are there, but not in a row"
    away = [word.text for word in words if word.text not in there]
    return f"“{' '.join(there)}” is there, “{' '.join(away)}” is not" if there else ""


def _longer_word(token: str, asked: _Asked) -> str:
    if len(token) < AKIN:
        return ""
    for zone in asked.index.zones:
        for longer, places in zone.positions.items():
            if longer.startswith(token):
                return zone.text[zone.starts[places[0]] : zone.ends[places[0]]]
    return ""


def _text(asked: _Asked, hit: Hit) -> str:
    return " ".join(asked.index.zones[hit.zone].text[hit.start : hit.end].split())


def _regex(query: Regex, _asked: _Asked) -> Iterator[Missing]:
    yield Missing(part=str(query), why="not found in the text")


# ---- and, or, not


def _all_of(query: AllOf, asked: _Asked) -> Iterator[Missing]:
    for child in query.children:
        yield from _why(child, asked)


def _any_of(query: AnyOf, asked: _Asked) -> Iterator[Missing]:
    """A part of which some word is not there at all is away, whatever else it asks."""
    away: list[str] = []
    for child in query.children:
        found = list(_why(child, asked))
        lacking = [each.part for each in found if each.why in _AWAY]
        away += lacking
        yield from () if lacking else found
    if away:
        more = f" and {len(away) - NAMED} more" if len(away) > NAMED else ""
        yield Missing(part=" | ".join(away[:NAMED]) + more, why=_NOT_FOUND if len(away) == 1 else _NONE_FOUND)


def _named(query: Named, asked: _Asked) -> Iterator[Missing]:
    for each in _why(query.child, asked):
        yield Missing(part=f"@{query.name}: {each.part}", why=each.why)


def _not(query: Not, asked: _Asked) -> Iterator[Missing]:
    hits = asked.hits(query.child)
    there = f"“{_text(asked, hits[0])}” stands in the {hits[0].name}" if hits else "it is so"
    yield Missing(part=str(query), why=f"{there}, which NOT keeps out")


def _unless(query: Unless, asked: _Asked) -> Iterator[Missing]:
    hits = asked.hits(query.child)
    if not hits:
        yield from _why(query.child, asked)
        return
    where = f"within {query.words} words of {query.but}" if query.words is not None else f"inside {query.but}"
    count = distinct(hits)
    hit = "its only hit stands" if count == 1 else f"all its {count} hits stand"
    yield Missing(part=str(query.child), why=f"dropped by UNLESS: {hit} {where}")


def _at_least(query: AtLeast, asked: _Asked) -> Iterator[Missing]:
    there = distinct(asked.hits(query.child))
    if there:
        hits = "1 hit" if there == 1 else f"{there} hits"
        yield Missing(part=str(query), why=f"{hits}, {query.count} are needed")
    else:
        yield from _why(query.child, asked)


# ---- near


def _near(query: Near, asked: _Asked) -> Iterator[Missing]:
    lacking = [each for child in query.children for each in _why(child, asked)]
    if lacking:
        yield from lacking
        return
    yield Missing(part=_near_name(query), why=_distance(query, asked))


def _near_name(query: Near) -> str:
    return f"{'ONEAR' if query.ordered else 'NEAR'}/{query.words}"


def _distance(query: Near, asked: _Asked) -> str:
    left, right = (asked.hits(child) for child in query.children)
    gaps = [gap for one in left for other in right if (gap := _gap(asked.index, one, other)) is not None]
    if not gaps:
        zones = " and ".join(dict.fromkeys(hit.name for hit in (*left, *right)))
        return f"the two sides stand in different parts ({zones})"
    rising = [gap for gap, in_order in gaps if in_order]
    if query.ordered and (not rising or min(rising) > query.words >= min(gap for gap, _ in gaps)):
        return "they stand in the other order"
    nearest = min(rising if query.ordered else (gap for gap, _ in gaps))
    return f"nearest are {nearest} words apart" if nearest != 1 else "nearest are 1 word apart"


def _gap(index: Index, one: Hit, other: Hit) -> tuple[int, bool] | None:
    """How many words stand between two hits of a zone, and whether the first one comes first."""
    if one.zone != other.zone:
        return None
    first, last = sorted((one, other), key=lambda hit: (hit.start, hit.end))
    if last.start < first.end:
        return None
    starts = index.zones[one.zone].starts
    return bisect_left(starts, last.start) - bisect_left(starts, first.end), first is one


# ---- fields


def _in(query: In, asked: _Asked) -> Iterator[Missing]:
    hits = asked.hits(query.child)
    if hits:
        zones = ", ".join(dict.fromkeys(hit.name for hit in hits))
        yield Missing(part=str(query), why=f"not in the {query.field}, only in the {zones}")
    else:
        for each in _why(query.child, asked):
            yield Missing(part=f"{query.field}:{each.part}", why=each.why)


_FACTS: dict[str, Callable[[Metadata], Sequence[str]]] = {
    "lang": lambda known: known.languages,
    "source": lambda known: known.hosts,
    "author": lambda known: known.authors,
    "url": lambda known: (known.url,) if known.url else (),
    "tag": lambda known: known.tags,
    "country": lambda known: (known.country,) if known.country else (),
    "feed": lambda known: known.feeds,
}


def _about(query: About, asked: _Asked) -> Iterator[Missing]:
    known = ", ".join(_FACTS[query.field](asked.metadata))
    yield Missing(part=str(query), why=f"it is {known}" if known else "not known of this article")


_WHY: dict[type, Callable[[Any, _Asked], Iterator[Missing]]] = {
    Phrase: _phrase,
    Regex: _regex,
    AllOf: _all_of,
    AnyOf: _any_of,
    Named: _named,
    Not: _not,
    Unless: _unless,
    AtLeast: _at_least,
    Near: _near,
    In: _in,
    About: _about,
}
