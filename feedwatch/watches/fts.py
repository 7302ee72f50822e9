"""A query as SQLite's full-text search understands it, and the text that it searches.

What FTS5 finds is a superset of what `match` finds: whoever searches verifies with `match`.
"""

from __future__ import annotations

from feedwatch.watches.index import Index, words_of
from feedwatch.watches.tree import AllOf, Phrase, Query

FTS5_TOKENIZE = "unicode61 remove_diacritics 0 categories 'L* N* Co M* P* S*'"
"""Cuts at the spaces that `fts_text` puts and nowhere else."""

_BETWEEN_ZONES = " ¶ "  # a token that no query holds, so that no phrase reaches from zone to zone


def to_fts5(query: Query) -> str:
    """A MATCH expression for a table whose columns hold `fts_text`; it holds nothing but quoted tokens."""
    if isinstance(query, Phrase):
        return '"' + " ".join(query.tokens) + '"'
    operator = " AND " if isinstance(query, AllOf) else " OR "
    return "(" + operator.join(map(to_fts5, query.children)) + ")"


def fts_text(index: Index, name: str) -> str:
    """The folded tokens of the zones of that name, parted by spaces; "" if there is none."""
    return _BETWEEN_ZONES.join(" ".join(words_of(zone)) for zone in index.zones if zone.name == name)
