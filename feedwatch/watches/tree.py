"""What a watchlist asks for, as a tree of values. `str(tree)` is a query that parses back to the same tree.

Trees are made by watches/parse.py, which refuses what cannot be meant; so every tree is one that can be evaluated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from feedwatch.watches.forms import own_letters

OPERATORS = frozenset(("OR", "AND", "NOT", "NEAR", "ONEAR", "UNLESS"))
TEXT_FIELDS = ("title", "body", "caption", "lead", "text")
METADATA_FIELDS = ("source", "lang", "author", "url", "tag", "country", "feed")
NEAR_WORDS = 4  # between the two sides of NEAR, where it names no number

_plain_word = re.compile(r"[^\W_]+")
_plain_value = re.compile(r"\w(?:[\w.\-]*\w)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Tokens that follow each other; a word is a phrase of one, or of several (COVID-19, 委内瑞拉)."""

    text: str  # as the watchlist spells it, white space made one, without = * ~
    tokens: tuple[str, ...]  # folded, never empty
    exact: bool = False  # letter by letter as it is spelt, and no other form
    prefix: bool = False  # the last token may go on
    slop: int = 0  # so many other words may stand among the tokens, all in all

    def __str__(self) -> str:
        if self.prefix:
            return self.term
        is_word = _plain_word.fullmatch(self.text) and self.text not in OPERATORS and not self.slop
        word = self.text if is_word else f'"{self.text}"'
        return "=" * self.exact + word + (f"~{self.slop}" if self.slop else "")

    @property
    def term(self) -> str:
        """What a hit is said to be of."""
        return "=" * self.exact + self.text + "*" * self.prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """A regular expression, as google-re2 understands it, on the text of one zone in NFC."""

    pattern: str
    ignore_case: bool = False

    @property
    def term(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"/{self.pattern.replace('/', chr(92) + '/')}/" + "i" * self.ignore_case


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every child matches somewhere in the article; two children or more, none of them an AllOf."""

    children: tuple[Query, ...]

    def __str__(self) -> str:
        return " ".join(_inside(child, AnyOf) for child in self.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one child matches; two children or more, none of them an AnyOf."""

    children: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.children))


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The child does not match anywhere in the article."""

    child: Query

    def __str__(self) -> str:
        return f"NOT {_inside(self.child, AnyOf, AllOf)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A hit of each of two children in one zone, with at most so many words between; they do not overlap."""

    children: tuple[Query, Query]  # the left one may be a Near again
    words: int
    ordered: bool = False  # the left one comes first

    def __str__(self) -> str:
        left, right = self.children
        operator = ("ONEAR" if self.ordered else "NEAR") + ("" if self.words == NEAR_WORDS else f"/{self.words}")
        return f"{_inside(left, AnyOf, AllOf, Not, Unless)} {operator} {_operand(right)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless:
    """The child, judged as if its hits that lie within a hit of `but` were not there."""

    child: Query
    but: Query
    words: int | None = None  # … or have at most so many words between it and themselves

    def __str__(self) -> str:
        operator = "UNLESS" if self.words is None else f"UNLESS/{self.words}"
        sides = (_inside(side, AnyOf, AllOf, Not, Unless) for side in (self.child, self.but))
        return f" {operator} ".join(sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """The child has at least so many hits in different places."""

    child: Query
    count: int

    def __str__(self) -> str:
        return f"{_operand(self.child, In, AtLeast)}{{{self.count}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """The child, judged by a part of the text alone: one of TEXT_FIELDS."""

    field: str
    child: Query

    def __str__(self) -> str:
        return f"{self.field}:{_operand(self.child)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of the article besides its text: one of METADATA_FIELDS has one of the values."""

    field: str
    values: tuple[str, ...]  # never empty

    def __str__(self) -> str:
        values = " OR ".join(map(_value, self.values))
        return f"{self.field}:{values}" if len(self.values) == 1 else f"{self.field}:({values})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A list by its name, as in @ve or @country:VE, and what stands in it."""

    name: str
    child: Query

    def __str__(self) -> str:
        return f"@{self.name}"


Query = Phrase | Regex | AllOf | AnyOf | Not | Near | Unless | AtLeast | In | About | Named


def all_of(children: Iterable[Query]) -> Query:
    """Every child; of those that ask for the same the first stays."""
    return _joined(AllOf, children)


def any_of(children: Iterable[Query]) -> Query:
    """At least one child; of those that ask for the same the first stays."""
    return _joined(AnyOf, children)


def children_of(query: Query) -> tuple[Query, ...]:
    """The queries that it is made of, in their order."""
    if isinstance(query, AllOf | AnyOf | Near):
        return query.children
    if isinstance(query, Unless):
        return query.child, query.but
    return (query.child,) if isinstance(query, Not | AtLeast | In | Named) else ()


def has_hits(query: Query) -> bool:
    """Whether it asks for something that stands in the text."""
    if isinstance(query, Phrase | Regex):
        return True
    return not isinstance(query, Not) and any(map(has_hits, children_of(query)))


def lasting(query: Query) -> Query | None:
    """The query without those alternatives whose match more text could undo; None: nothing is left.

    A hit stays a hit. NOT looks for more text, and what UNLESS hides may depend on it: on an AND or a count.
    """
    if isinstance(query, Not) or (isinstance(query, Unless) and _depends(query.but)):
        return None
    return _pruned(query, lasting, AnyOf)


def without_exceptions(query: Query) -> Query | None:
    """The query without what NOT and UNLESS keep out of it; None: it asks for nothing else."""
    if isinstance(query, Not):
        return None
    if isinstance(query, Unless):
        return without_exceptions(query.child)
    return _pruned(query, without_exceptions, AllOf)


def _pruned(query: Query, prune: Callable[[Query], Query | None], outlives: type[AllOf | AnyOf]) -> Query | None:
    """The query of pruned parts. Of those that lose a part only an `outlives` is left, if it has another."""
    if isinstance(query, Phrase | Regex | About):
        return query
    if isinstance(query, AllOf | AnyOf | Near):
        kept: Any = tuple(filter(None, map(prune, query.children)))
        if len(kept) == len(query.children):
            return replace(query, children=kept)
        return _joined(outlives, kept) if kept and isinstance(query, outlives) else None
    child = prune(query.child)
    return replace(query, child=child) if child else None


def _depends(query: Query) -> bool:
    """Whether more text could make more of the hits that are there count."""
    return isinstance(query, AllOf | AtLeast | About) or any(map(_depends, children_of(query)))


def _joined(kind: type[AllOf | AnyOf], children: Iterable[Query]) -> Query:
    children = tuple(children)
    if len(children) == 1:
        return children[0]
    unique: dict[object, Query] = {}
    for child in children:
        for part in child.children if isinstance(child, kind) else (child,):
            unique.setdefault(_asks_for(part), part)
    kept = tuple(unique.values())
    return kept[0] if len(kept) == 1 else kind(children=kept)


def _asks_for(query: Query) -> object:
    """What makes two parts of a query the same question: a word's spelling does only under = and own letters."""
    if isinstance(query, Named):
        return Named, query.name
    if isinstance(query, Phrase):
        spelling = query.text if query.exact else "".join(_own_letters_of(query.text))
        return query.tokens, spelling, query.exact, query.prefix, query.slop
    return query


def _own_letters_of(text: str) -> Iterator[str]:
    if not text.isascii():
        yield from (c for c in unicodedata.normalize("NFC", text).lower() if c in own_letters("de"))


def _inside(query: Query, *looser: type[Query]) -> str:
    return f"({query})" if isinstance(query, looser) else str(query)


def _operand(query: Query, *looser: type[Query]) -> str:
    return _inside(query, AnyOf, AllOf, Not, Unless, Near, *looser)


def _value(value: str) -> str:
    return value if _plain_value.fullmatch(value) and value not in OPERATORS else f'"{value}"'
