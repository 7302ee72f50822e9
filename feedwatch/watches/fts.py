"""A query as SQLite's full-text search understands it, and the text that it searches.

What FTS5 finds is a superset of what `match` finds: whoever searches verifies with `match`. A part that FTS5 cannot
judge (NOT, a regular expression, what is known of an article) lets every article through.
"""

from __future__ import annotations

from feedwatch.watches.forms import all_forms, stem
from feedwatch.watches.index import Index, words_of
from feedwatch.watches.tree import About, AnyOf, In, Not, Phrase, Query, Regex, Unless, children_of

FTS5_TOKENIZE = "unicode61 remove_diacritics 0 categories 'L* N* Co M* P* S*'"
"""Cuts at the spaces that `fts_text` puts and nowhere else."""

_BETWEEN_ZONES = " ¶ "  # a token that no query holds, so that no phrase reaches from zone to zone

_ZONES_OF = {"title": ("title",), "summary": ("summary",), "body": ("body", "caption")}
"""A column of the table → the zones that it holds."""

_COLUMNS_OF = {"title": "title", "body": "summary body", "lead": "summary body", "caption": "body"}
"""A field of a query → the columns that may hold it."""


def to_fts5(query: Query) -> str:
    """A MATCH expression for a table whose columns hold `fts_text`; "": every article is a candidate.

    It holds nothing but quoted tokens, operators and names of columns.
    """
    if isinstance(query, Phrase):
        return _phrase(query)
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


def _phrase(phrase: Phrase) -> str:
    """The tokens in a row, where only the last one can go on; else every one of them somewhere."""
    *before, last = (_words(phrase, number) for number in range(len(phrase.tokens)))
    if phrase.slop or any(len(words) > 1 or words[0].endswith("*") for words in before) or len(last) > 1:
        return _together([_together(words, " OR ") for words in (*before, last)], " AND ")
    row = " ".join(words[0].strip('"') for words in before)
    return f'"{row} {last[0][1:]}' if row else last[0]


def _words(phrase: Phrase, number: int) -> list[str]:
    """The words of which FTS5 must find one where `match` finds the token; a beginning as "abc" *."""
    token = phrase.tokens[number]
    if phrase.prefix and number == len(phrase.tokens) - 1:
        return [f'"{token}" *']
    forms = frozenset((token,)) if phrase.exact or phrase.prefix else all_forms(token)
    if len(forms) == 1:
        return [f'"{token}"']
    beginning = stem(token)
    return [f'"{beginning}" *'] if beginning else [f'"{form}"' for form in sorted(forms)]


def fts_text(index: Index, column: str) -> str:
    """The folded tokens of the column's zones, parted by spaces; "" if there is none."""
    names = _ZONES_OF[column]
    return _BETWEEN_ZONES.join(" ".join(words_of(zone)) for zone in index.zones if zone.name in names)
