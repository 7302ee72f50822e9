"""What a watchlist asks for, as a tree, and the two texts it is written in: keywords and queries.

    query = and {("OR" | "|") and}
    and   = prim {["AND"] prim}
    prim  = word | "phrase"

Signs and words that other query languages give a meaning are refused with their position: they must never be
searched as letters, because such a watchlist would match nothing and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from feedwatch.errors import QueryError, UnknownList
from feedwatch.text.tokens import tokenize
from feedwatch.watches.tree import Phrase, Query, all_of, any_of

Lists = Callable[[str], tuple[str, ...]]
"""A list's name, as in "ve" or "country:VE", to its keyword entries; raises UnknownList."""


def no_lists(name: str) -> tuple[str, ...]:
    raise UnknownList(name, "write it into [aliases] of the config")


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))  # what phones and word processors make of "
_hebrew_acronym = re.compile('(?<=[א-ת])"(?=[א-ת])')  # typed for the sign ״, as in ארה"ב
_lexeme = re.compile(r'"(?P<phrase>[^"]*)"|(?P<open>")|(?P<bar>\|)|(?P<word>[^\s"|]+)')

_AS_TEXT = "put it in double quotes to search for it as text"
_REFUSED = (
    (r"[()]", "parentheses are not understood", "write the alternatives with OR, without parentheses"),
    (r"(?:NOT|O?NEAR|UNLESS)(?:/\d*)?$", "this operator is not understood", _AS_TEXT),
    (r"^[A-Za-z]+:", "a field in front of a word is not understood", _AS_TEXT),
    (r"\*", "a * is not understood", "write out each form of the word"),
    (r"^=", "a = in front of a word is not understood", "leave it out"),
    (r"^@", "a list is not understood", "write out the words that you mean"),
    (r"^-\w", "a minus in front of a word is not understood", _AS_TEXT),
    (r"^/", "a regular expression is not understood", _AS_TEXT),
    (r"^~\d|[{}]", "a count or a distance is not understood", "leave it out"),
)
_BOTH_SIDES = "give it a word on both sides, or put it in double quotes"
_refused = tuple((re.compile(pattern), message, cure) for pattern, message, cure in _REFUSED)


def parse_keywords(words: Sequence[str], lists: Lists = no_lists) -> Query:
    """Any of the entries, each a word or a phrase, with or without double quotes around it.

    Raises QueryError; its position counts within the entry, which the message names.
    """
    if not words:
        raise QueryError("there are no keywords", 0, "write at least one word")
    return any_of([_keyword(word) for word in words])


def parse_query(text: str, lists: Lists = no_lists) -> Query:
    """Words and "quoted phrases"; space or AND: all of them; OR or |: one of the sides, binding looser.

    Raises QueryError for everything that it does not understand. `parse_query(str(tree)) == tree`.
    """
    alternatives: list[list[Query]] = [[]]
    operator = None
    for lexeme in _lexemes(text):
        if lexeme.phrase:
            alternatives[-1].append(lexeme.phrase)
            operator = None
            continue
        if operator or not alternatives[-1]:
            raise QueryError(f"{lexeme.text} has nothing before it", lexeme.at, _BOTH_SIDES)
        operator = lexeme
        if lexeme.text != "AND":
            alternatives.append([])
    if operator:
        raise QueryError(f"{operator.text} has nothing after it", operator.at, _BOTH_SIDES)
    return any_of([all_of(children) for children in alternatives])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexeme:
    text: str
    at: int
    phrase: Phrase | None  # None: an operator


def _lexemes(text: str) -> Iterator[_Lexeme]:
    """The words, phrases and operators of a query that has at least one of them."""
    plain = _hebrew_acronym.sub("״", text.translate(_QUOTES))
    if not plain.strip():
        raise QueryError("there is nothing to search for", 0, "write at least one word")
    for match in _lexeme.finditer(plain):
        yield _Lexeme(text=match.group(), at=match.start(), phrase=_phrase_of(match))


def _phrase_of(match: re.Match[str]) -> Phrase | None:
    if match["open"]:
        raise QueryError("a double quote is not closed", match.start(), "close it, or leave it out")
    if match["phrase"] is not None:
        return _phrase(match["phrase"], match.start())
    if match["bar"] or match["word"] in {"OR", "AND"}:
        return None
    _refuse_operators(match["word"], match.start())
    return _phrase(match["word"], match.start())


def _refuse_operators(word: str, at: int) -> None:
    for pattern, message, cure in _refused:
        if found := pattern.search(word):
            raise QueryError(message, at + found.start(), cure)


def _phrase(text: str, at: int) -> Phrase:
    tokens = tokenize(text).tokens
    if not tokens:
        raise QueryError("there is no letter or digit", at, "leave this out, or write a word")
    return Phrase(text=" ".join(text.split()), tokens=tokens)


def _keyword(entry: str) -> Phrase:
    try:
        return _only_phrase(entry)
    except QueryError as error:
        raise QueryError(f"keyword {entry!r}: {error.message}", error.position, error.cure) from None


def _only_phrase(entry: str) -> Phrase:
    lexemes = list(_lexemes(entry))
    if len(lexemes) == 1 and lexemes[0].phrase:
        return lexemes[0].phrase
    for lexeme in lexemes:
        if lexeme.phrase is None:
            raise QueryError(f"{lexeme.text} is not understood in keywords", lexeme.at, _AS_TEXT)
        if lexeme.text.startswith('"'):
            raise QueryError("a phrase stands beside other words", lexeme.at, "give it an entry of its own")
    return _phrase(entry, 0)
