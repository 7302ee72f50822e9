"""Queries and keywords, read: what is written becomes a tree, or is refused with its place and a cure.

    query  = or
    or     = and {("OR" | "|") and}
    and    = not {["AND"] not}                        a space is AND
    not    = ("NOT" | "-") not | unless
    unless = near ["UNLESS" ["/"n] near]
    near   = post {("NEAR" | "ONEAR") ["/"n] post}
    post   = prim ["{"n"}"]
    prim   = "(" or ")" | field ":" post | ["="] word ["*"] | ["="] "phrase" ["~"n] | /regex/ ["i"] | @list

One function a rule, in this order. A wrong query never silently matches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from feedwatch.errors import QueryError, UnknownList
from feedwatch.text.tokens import tokenize
from feedwatch.watches.about import values_of
from feedwatch.watches.lexer import AS_TEXT, Lexeme, lexemes
from feedwatch.watches.patterns import refusal
from feedwatch.watches.tree import (
    NEAR_WORDS,
    OPERATORS,
    About,
    AllOf,
    AtLeast,
    In,
    Named,
    Near,
    Not,
    Phrase,
    Query,
    Regex,
    Unless,
    all_of,
    any_of,
    children_of,
    has_hits,
)

Lists = Callable[[str], tuple[str, ...]]
"""A list's name, as in "ve" or "country:VE", to its keyword entries; raises UnknownList."""

DEEPEST = 20  # parentheses, fields, signs and lists within each other
MOST_NEAR = 8  # in a row
MOST_REGEXES = 20  # in one query
LEAST_LETTERS = 2  # before a *

_BOTH_SIDES = "give it a word on both sides, or put it in double quotes"
_QUERY_INSTEAD = f"write query = '…' instead of keywords, or {AS_TEXT}"


def no_lists(name: str) -> tuple[str, ...]:
    raise UnknownList(name, "write it into [aliases] of the config")


def parse_query(text: str, lists: Lists = no_lists) -> Query:
    """The tree of a query; `parse_query(str(tree), lists) == tree`, where that is no longer than LONGEST.

    Raises QueryError, with a position in `text`, for everything that it does not understand.
    """
    return _query(text, _Lists(ask=lists))


def parse_keywords(words: Sequence[str], lists: Lists = no_lists) -> Query:
    """Any of the entries, each a word, a phrase with or without double quotes around it, or a @list.

    Raises QueryError; its position counts within the entry, which the message names.
    """
    if not words:
        raise QueryError("there are no keywords", 0, "write at least one word")
    known = _Lists(ask=lists)
    return any_of(_named_entry(word, known) for word in words)


def _named_entry(entry: str, lists: _Lists) -> Query:
    try:
        return _keyword(entry, lists)
    except QueryError as error:
        raise QueryError(f"keyword {entry!r}: {error.message}", error.position, error.cure) from None


# ---- keywords and lists


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """The lists that there are, those that were read, and those that are just being read."""

    ask: Lists
    read: dict[str, Named] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    depth: int = 0  # at which the list that is being read is named


def _query(text: str, lists: _Lists) -> Query:
    parts = lexemes(text)
    if not parts:
        raise QueryError("there is nothing to search for", 0, "write at least one word")
    if sum(part.kind == "regex" for part in parts) > MOST_REGEXES:
        raise QueryError(f"there are more than {MOST_REGEXES} regular expressions", 0, "make several watchlists of it")
    return _Parser(parts, lists).query()


def _keyword(entry: str, lists: _Lists) -> Query:
    parts = lexemes(entry)
    if not parts:
        raise QueryError("there is nothing to search for", 0, "write at least one word")
    if len(parts) == 1 and parts[0].kind in {"word", "phrase", "list"}:
        return _Parser(parts, lists).query()
    for part in parts:
        if part.kind != "word":
            raise _not_for_keywords(part)
        if part.text.startswith("=") or part.text.endswith("*"):
            cure = "give it an entry of its own, or put the phrase in double quotes"
            raise QueryError(f"{part.text} stands beside other words", part.at, cure)
    return _phrase(entry, 0)


def _not_for_keywords(part: Lexeme) -> QueryError:
    if part.kind in {"phrase", "list"}:
        what = "a phrase" if part.kind == "phrase" else f"@{part.text}"
        return QueryError(f"{what} stands beside other words", part.at, "give it an entry of its own")
    said = {"field": f"{part.text}:", "about": part.text, "regex": "a regular expression"}.get(part.kind, part.text)
    return QueryError(f"{said} is not understood in keywords", part.at, _QUERY_INSTEAD)


def _list(name: str, at: int, lists: _Lists) -> Named:
    """A list with all that stands in it; each is read once. Errors in it point to its name."""
    if name in lists.read:
        return lists.read[name]
    if name in lists.open:
        circle = " > ".join(f"@{each}" for each in (*lists.open[lists.open.index(name) :], name))
        raise QueryError(f"the list @{name} holds itself ({circle})", at, "take it out of one of them")
    if len(lists.open) >= DEEPEST:
        raise QueryError(
            f"more than {DEEPEST} lists name each other in a row", at, "write their words into fewer lists"
        )
    try:
        entries = lists.ask(name)
    except UnknownList as error:
        raise QueryError(f"there is no list @{name}", at, error.cure) from None
    if not entries:
        raise QueryError(f"the list @{name} is empty", at, "write at least one word into it")
    within = replace(lists, open=(*lists.open, name))
    lists.read[name] = Named(name=name, child=any_of(_list_entry(name, entry, at, within) for entry in entries))
    return lists.read[name]


def _list_entry(name: str, entry: str, at: int, lists: _Lists) -> Query:
    try:
        return _query(entry, lists) if entry.lstrip().startswith("(") else _keyword(entry, lists)
    except QueryError as error:
        raise QueryError(f"@{name}, {entry!r}: {error.message}", at, error.cure) from None


# ---- words


def _phrase(text: str, at: int, *, exact: bool = False, slop: int = 0) -> Phrase:
    tokens = tokenize(text).tokens
    if not tokens:
        raise QueryError("there is no letter or digit", at, "leave this out, or write a word")
    return Phrase(text=" ".join(text.split()), tokens=tokens, exact=exact, slop=slop)


def _word(part: Lexeme) -> Query:
    exact, prefix = part.text.startswith("="), part.text.endswith("*")
    phrase = _phrase(part.text.removeprefix("=").removesuffix("*"), part.at, exact=exact)
    if not prefix:
        return phrase
    if len("".join(phrase.tokens)) < LEAST_LETTERS:
        cure = f"write at least {LEAST_LETTERS} letters before it"
        raise QueryError("too little stands before the *", part.at + len(part.text) - 1, cure)
    return replace(phrase, prefix=True)


def _quoted_phrase(part: Lexeme) -> Query:
    before, text, behind = part.text.split('"')
    if len(behind) > len("~9999"):
        at = part.at + len(part.text) - len(behind)
        raise QueryError(f"{behind} is too far", at, "use a smaller number of words")
    return _phrase(text, part.at + len(before), exact=bool(before), slop=int(behind.lstrip("~") or 0))


def _regex(part: Lexeme) -> Query:
    pattern, _, flags = part.text[1:].rpartition("/")
    if flags not in {"", "i"}:
        at = part.at + len(part.text) - len(flags)
        raise QueryError(f'"{flags}" behind a regular expression is not understood', at, "write i, or nothing")
    bare = pattern.replace("\\/", "/")
    if wrong := refusal(bare, ignore_case=flags == "i"):
        raise QueryError(wrong[0], part.at, wrong[1])
    return Regex(pattern=bare, ignore_case=flags == "i")


_WORDS: Mapping[str, Callable[[Lexeme], Query]] = {
    "word": _word,
    "phrase": _quoted_phrase,
    "regex": _regex,
    "about": lambda part: About(
        field=part.text.partition(":")[0], values=values_of(part.text.partition(":")[0], part.text, part.at)
    ),
}

_STARTS = frozenset((*_WORDS, "list", "field", "(", "NOT"))
"""The kinds that a part of an AND can begin with."""


class _Parser:
    """A place in the lexemes, which the rules move on."""

    def __init__(self, parts: list[Lexeme], lists: _Lists) -> None:
        self._parts, self._lists = parts, lists
        self._kinds = [*(part.kind for part in parts), ""]
        self._next, self._depth = 0, lists.depth

    def query(self) -> Query:
        tree = self._or()
        if self._kind:
            raise self._unexpected()
        return tree

    # -- rules

    def _or(self) -> Query:
        children = [self._and()]
        while self._take("OR"):
            children.append(self._and())
        return any_of(children)

    def _and(self) -> Query:
        children = [self._not()]
        while self._take("AND") or self._kind in _STARTS:
            children.append(self._not())
        return all_of(children)

    def _not(self) -> Query:
        sign = self._take("NOT")
        if sign is None:
            return self._unless()
        with_sign = self._deeper(sign, self._not)
        return with_sign.child if isinstance(with_sign, Not) else Not(child=with_sign)

    def _unless(self) -> Query:
        child = self._near()
        sign = self._take("UNLESS")
        if sign is None:
            return child
        but = self._near()
        for side in (child, but):
            if not has_hits(side):
                raise QueryError(f"UNLESS leaves out hits, and {side} has none", sign.at, "use NOT")
        if self._kind == "UNLESS":
            raise QueryError("two UNLESS in a row", self._start, f"write {child} UNLESS (… OR …)")
        return Unless(child=child, but=but, words=sign.number)

    def _near(self) -> Query:
        begin = self._start
        tree = self._post()
        signs = 0
        while sign := self._take("NEAR", "ONEAR"):
            signs += 1
            if signs > MOST_NEAR:
                raise QueryError(f"more than {MOST_NEAR} NEAR stand in a row", sign.at, "use fewer, or AND")
            _refuse_side(tree, sign, begin)
            begin = self._start
            right = self._post()
            _refuse_side(right, sign, begin)
            words = NEAR_WORDS if sign.number is None else sign.number
            tree = Near(children=(tree, right), words=words, ordered=sign.kind == "ONEAR")
        return tree

    def _post(self) -> Query:
        tree = self._prim()
        count = self._take("count")
        if count is None:
            return tree
        if not has_hits(tree):
            raise QueryError(f"{tree} has no hits to count", count.at, "put the count behind a word")
        if self._kind == "count":
            raise QueryError("two counts in a row", self._start, "write the greater one alone")
        return AtLeast(child=tree, count=count.number or 1)

    def _prim(self) -> Query:
        part = self._take(*_WORDS, "list", "field", "(")
        if part is None:
            raise self._unexpected()
        if part.kind == "list":
            return self._deeper(part, lambda: _list(part.text, part.at, replace(self._lists, depth=self._depth)))
        if part.kind == "field":
            return self._field(part)
        return self._parenthesis(part) if part.kind == "(" else _WORDS[part.kind](part)

    def _field(self, name: Lexeme) -> Query:
        at = self._start
        child = self._deeper(name, self._post)
        if _has_fields(child) or _is_known(child):
            cure = "write the field once, directly before the words that it is for"
            raise QueryError(f"a field stands within {name.text}:", at, cure)
        return In(field=name.text, child=child)

    def _parenthesis(self, opening: Lexeme) -> Query:
        if self._take(")"):
            raise QueryError("the parentheses are empty", opening.at, "write a word between them, or leave them out")
        tree = self._deeper(opening, self._or)
        if self._take(")") is None:
            if self._kind:
                raise self._unexpected()
            raise QueryError("the parenthesis is not closed", opening.at, "write ) where it ends")
        return tree

    def _deeper(self, part: Lexeme, rule: Callable[[], Query]) -> Query:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} levels stand within each other", part.at, "use fewer parentheses")
        tree = rule()
        self._depth -= 1
        return tree

    # -- the place

    @property
    def _kind(self) -> str:
        """The kind of the next lexeme; "" at the end."""
        return self._kinds[self._next]

    @property
    def _start(self) -> int:
        """Where the next lexeme stands; at the end, where the last one does."""
        return self._parts[min(self._next, len(self._parts) - 1)].at

    def _take(self, *kinds: str) -> Lexeme | None:
        if self._kinds[self._next] not in kinds:
            return None
        self._next += 1
        return self._parts[self._next - 1]

    def _unexpected(self) -> QueryError:
        """Why the next lexeme cannot stand where it does."""
        before = self._parts[self._next - 1] if self._next else None
        here = self._parts[self._next] if self._kind else None
        if before is not None and here is not None and here.kind == "NOT":
            return QueryError(f"{here.text} cannot stand behind {_written(before)}", here.at, _NOT_OUTSIDE[before.kind])
        unfinished = before is not None and (before.kind == "field" or before.kind in OPERATORS)
        if here is None or (unfinished and here.kind == ")") or (before is not None and before.kind == "field"):
            return _nothing_behind(before)
        if here.kind in OPERATORS:
            return QueryError(f"{here.text} has nothing before it", here.at, _BOTH_SIDES)
        if here.kind == "count":
            return QueryError(f"{here.text} stands behind no word", here.at, "put it directly behind a word or a )")
        return QueryError("a ) closes what nothing opened", here.at, f"leave it out, or {AS_TEXT}")


_NOT_OUTSIDE = {
    "NEAR": "put NOT outside: (a NEAR b) NOT c",
    "ONEAR": "put NOT outside: (a ONEAR b) NOT c",
    "UNLESS": "put NOT outside: (a UNLESS b) NOT c",
    "field": "put NOT outside: NOT title:oil",
}


def _written(part: Lexeme) -> str:
    return f"{part.text}:" if part.kind == "field" else part.text


def _nothing_behind(before: Lexeme | None) -> QueryError:
    if before is None:
        return QueryError("there is nothing to search for", 0, "write at least one word")
    if before.kind == "field":
        cure = f"write a word directly behind it, as in {before.text}:oil, or {AS_TEXT}"
        return QueryError(f"{before.text}: has nothing behind it", before.at, cure)
    if before.kind == "(":
        return QueryError("the parenthesis is not closed", before.at, "write a word and a ) behind it, or leave it out")
    return QueryError(f"{before.text} has nothing after it", before.at, _BOTH_SIDES)


def _refuse_side(side: Query, sign: Lexeme, at: int) -> None:
    wrong = _not_at_a_place(side)
    if wrong is not None:
        said = {AllOf: "AND", Not: "NOT", AtLeast: "a count", About: "what is known of the article"}[type(wrong)]
        cure = f"take it out of {sign.kind}, as in a {sign.text} b AND c"
        raise QueryError(f"{sign.text} takes words, phrases and ORs of them, not {said}", at, cure)


def _not_at_a_place(query: Query, *, in_list: bool = False) -> Query | None:
    """The part of a query that holds for an article as a whole, and not at a place in it.

    What is known of the article may narrow a word down, as in `(Chinese AND NOT lang:de)`: the place is the word's.
    In a list an AND stands where its first part does, as in `(=Lai AND Taiwan)`.
    """
    if isinstance(query, Not | AtLeast | About):
        return query
    if isinstance(query, AllOf):
        words = [child for child in query.children if has_hits(child)]
        others = [child for child in query.children if child not in words[:1]]
        if not words or not (in_list or all(map(_is_known, others))):
            return query
        return _not_at_a_place(words[0], in_list=in_list)
    in_list = in_list or isinstance(query, Named)
    return next((wrong for child in children_of(query) if (wrong := _not_at_a_place(child, in_list=in_list))), None)


def _is_known(query: Query) -> bool:
    """Whether it asks for nothing but what is known of the article."""
    children = children_of(query)
    return all(map(_is_known, children)) if children else isinstance(query, About)


def _has_fields(query: Query) -> bool:
    return isinstance(query, In) or any(map(_has_fields, children_of(query)))
