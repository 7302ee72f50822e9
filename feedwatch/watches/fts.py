"""A query as SQLite's full-text search understands it, and the text that it searches.

What FTS5 finds is a superset of what `match` finds: whoever searches verifies with `match`. A part that FTS5 cannot
judge (NOT, a regular expression, what is known of an article) lets every article through.
"""

from __future__ import annotations

from itertools import product
from math import prod

from feedwatch.watches.forms import all_forms, shared_start
from feedwatch.watches.index import Index, words_of
from feedwatch.watches.tree import (
    About,
    AllOf,
    AnyOf,
    In,
    Named,
    Near,
    Not,
    Phrase,
    Query,
    Regex,
    Unless,
    children_of,
    has_hits,
)

FTS5_TOKENIZE = "unicode61 remove_diacritics 0 categories 'L* N* Co M* P* S*'"
"""Cuts at the spaces that `fts_text` puts and nowhere else."""

_BETWEEN_ZONES = " ¶ "  # a token that no query holds, so that no phrase reaches from zone to zone

LEAST_LETTERS = 3
"""Of a beginning that stands for all forms of a word that share it: a shorter one would find half of the table."""

MOST_WAYS = 200
"""In which a NEAR is written out with the forms of its words; beyond that FTS5 looks for the words alone."""

_ZONES_OF = {"title": ("title",), "summary": ("summary",), "body": ("body", "caption")}
"""A column of the table → the zones that it holds."""

_COLUMNS_OF = {"title": "title", "body": "summary body", "lead": "summary body", "caption": "body"}
"""A field of a query → the columns that may hold it."""


def to_fts5(query: Query) -> str:
    """A MATCH expression for a table whose columns hold `fts_text`; "": every article is a candidate.

    It holds nothing but quoted tokens, operators and names of columns.
    """
    if isinstance(query, Phrase | Near) and (stretches := _stretches(query)):
        return _together(list(map(_near, stretches)), " OR ")
    if isinstance(query, Phrase):
        return _together([_together(_words(query, i), " OR ") for i in range(len(query.tokens))], " AND ")
    if isinstance(query, Not | About | Regex):
        return ""
    if isinstance(query, Unless):
        return to_fts5(query.child)
    parts = [to_fts5(child) for child in children_of(query)]
    if isinstance(query, AnyOf):
        return _together(parts, " OR ") if all(parts) else ""
    found = _together([part for part in parts if part], " AND ")
    columns = _COLUMNS_OF.get(query.field) if isinstance(query, In) else None
    return f"({{{columns}}} : {found})" if columns and found else found


def _together(parts: list[str], operator: str) -> str:
    return f"({operator.join(parts)})" if len(parts) > 1 else "".join(parts)


_Stretch = tuple[tuple[str, ...], int]
"""Words and rows of words that stand near each other, and how many of an article's words the whole is at the most."""


def _stretches(query: Query) -> list[_Stretch]:
    """What FTS5's own NEAR can look for, one of them; [] if it cannot: it takes no OR, and they are too many."""
    if isinstance(query, Phrase):
        words = [_words(query, number) for number in range(len(query.tokens))]
        return _ways(words, len(words) + query.slop, in_a_row=not query.slop)
    if isinstance(query, Near):
        left, right = map(_stretches, query.children)
        if len(left) * len(right) > MOST_WAYS:
            return []
        return [(one + other, before + query.words + behind) for (one, before), (other, behind) in product(left, right)]
    if isinstance(query, AllOf):  # the place is the first part's
        return _stretches(next(filter(has_hits, query.children), query.children[0]))
    if isinstance(query, AnyOf):
        found = [_stretches(child) for child in query.children]
        return list(dict.fromkeys(way for ways in found for way in ways)) if all(found) else []
    return _stretches(children_of(query)[0]) if isinstance(query, Named | Unless) else []


def _ways(words: list[list[str]], width: int, *, in_a_row: bool) -> list[_Stretch]:
    """One word of each; as a row, where only the last one can go on."""
    if prod(map(len, words)) > MOST_WAYS:
        return []
    return [((_row(way),) if in_a_row and not "".join(way[:-1]).count("*") else way, width) for way in product(*words)]


def _row(words: tuple[str, ...]) -> str:
    return " ".join(words).replace('" "', " ")


def _near(stretch: _Stretch) -> str:
    """Between the first and the last of the words lie all but these two."""
    words, width = stretch
    return f"NEAR({' '.join(words)}, {width - 2})" if len(words) > 1 else words[0]


def _words(phrase: Phrase, number: int) -> list[str]:
    """The words of which FTS5 must find one where `match` finds the token; a beginning as "abc" *."""
    token = phrase.tokens[number]
    if phrase.prefix and number == len(phrase.tokens) - 1:
        return [f'"{token}" *']
    if phrase.exact or phrase.prefix:
        return [f'"{token}"']
    forms = sorted(all_forms(token))
    family = [form for form in forms if form[:LEAST_LETTERS] == token[:LEAST_LETTERS]]
    beginning = f'"{shared_start(family[0], family[-1])}" *' if len(family) > 1 else f'"{token}"'
    return [beginning, *(f'"{form}"' for form in forms if form not in family)]


def fts_text(index: Index, column: str) -> str:
    """The folded tokens of the column's zones, parted by spaces; "" if there is none."""
    names = _ZONES_OF[column]
    return _BETWEEN_ZONES.join(" ".join(words_of(zone)) for zone in index.zones if zone.name in names)
