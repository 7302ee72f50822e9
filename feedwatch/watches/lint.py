"""What a watchlist says and its owner may not mean. Nothing here is an error: the query works, just not as hoped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from feedwatch.text.scripts import language_name, script_name, scripts_in
from feedwatch.text.tokens import tokenize
from feedwatch.watches.forms import forms
from feedwatch.watches.index import build_index
from feedwatch.watches.lexer import QUOTES
from feedwatch.watches.match import Presearch
from feedwatch.watches.tree import OPERATORS, About, AllOf, AnyOf, Not, Phrase, Query, Regex, Unless, children_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something in a watchlist that is hardly meant."""

    message: str
    cure: str
    position: int | None = None  # a character of the text, from 0; None: the whole
    entry: int | None = None  # which keyword it is about

    def __str__(self) -> str:
        return f"{self.message} ({self.cure})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What the feeds that a watchlist looks at are written in."""

    languages: frozenset[str] = frozenset()  # codes, as config or feeds say
    scripts: Mapping[str, str] = field(default_factory=dict)  # script → whose it is, as in "feeds in Russian"


def no_pack(_word: str) -> str:
    return ""


def lint(
    query: Query,
    texts: Sequence[str],
    *,
    keywords: bool,
    spoken: Spoken | None = None,
    pack_of: Callable[[str], str] = no_pack,
) -> tuple[Doubt, ...]:
    """The doubts about a query and the texts it was written as: one query, or several keywords.

    `pack_of` names the list, as in "@country:VE", that holds other spellings of a word; "" where there is none.
    """
    found: list[Doubt] = []
    for number, text in enumerate(texts):
        for doubt in _in_text(text, is_query=not keywords):
            entry = number if keywords else None
            found.append(Doubt(message=doubt.message, cure=doubt.cure, position=doubt.position, entry=entry))
    found += _in_tree(query)
    found += _in_feeds(query, spoken or Spoken(), pack_of)
    return tuple(dict.fromkeys(found))


# ---- as it is written

_part = re.compile(r'"[^"]*"|(?<![^\s(:])/(?:\\.|[^/\\])+/i?|[()|]|(?:[^\s()|"]+:)(?=["(])|[^\s()|"]+')
_binary = re.compile(r"(?:O?NEAR|UNLESS)(?:/\d*)?")
_capitals = re.compile(r"[^\W\d_]{2,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    text: str
    at: int

    @property
    def is_operator(self) -> bool:
        return self.text in {*OPERATORS, "|"} or _binary.fullmatch(self.text) is not None

    @property
    def is_word(self) -> bool:
        return self.text[0] not in '"/()|={~@' and not self.is_operator and not self.text.endswith((":", "="))

    @property
    def is_quoted(self) -> bool:
        return self.text[0] == '"'


def _in_text(text: str, *, is_query: bool) -> Iterator[Doubt]:
    parts = [_Part(text=found[0], at=found.start()) for found in _part.finditer(text.translate(QUOTES))]
    yield from _abbreviations(parts)
    yield from _symbols(parts)
    if is_query:
        yield from _names(parts)
        yield from _small_operators(parts)
        yield from _mixed(parts)


def _abbreviations(parts: Sequence[_Part]) -> Iterator[Doubt]:
    """`US` finds "tell us"; behind a = it does not."""
    for before, part in pairwise([_Part(text=" ", at=0), *parts]):
        bare = part.text.strip('"').removeprefix("-")
        if before.text == "=" or part.is_operator or not _capitals.fullmatch(bare):
            continue
        if bare == bare.upper() != bare.lower():
            yield Doubt(
                message=f"{bare} finds “{bare.lower()}” too",
                cure=f"write ={bare} for the capitals alone",
                position=part.at,
            )


_DROPPED = frozenset("+#&$€£¥%^~@!§°<>=*\\")


def _symbols(parts: Sequence[_Part]) -> Iterator[Doubt]:
    for part in parts:
        bare = part.text.strip('"').removeprefix("=").removesuffix("*").lstrip("#@-")
        if not (part.is_word or part.is_quoted) or not bare:
            continue
        lost = [c for c in dict.fromkeys(bare.rstrip("!?.,;:")) if c in _DROPPED]
        if lost:
            left = " ".join(tokenize(bare).tokens)
            yield Doubt(
                message=f"{' '.join(lost)} in {bare} is not searched: it finds “{left}”",
                cure=f"write /{re.escape(bare)}/ to search for the signs",
                position=part.at,
            )


def _names(parts: Sequence[_Part]) -> Iterator[Doubt]:
    """Two capitalised words side by side are one name to a reader and two words to a query."""
    for first, second in pairwise(parts):
        if all(part.is_word and _is_name(part.text) for part in (first, second)):
            yield Doubt(
                message=f"{first.text} {second.text} finds the two words anywhere in an article",
                cure=f'write "{first.text} {second.text}" for the name',
                position=first.at,
            )


_SMALL = frozenset({"and", "or", "not", "near", "unless"})


def _small_operators(parts: Sequence[_Part]) -> Iterator[Doubt]:
    """`oil or gas` asks for three words."""
    for part in parts:
        if len(parts) > 1 and part.text in _SMALL:
            yield Doubt(
                message=f"“{part.text}” is searched as a word",
                cure=f'write {part.text.upper()} for the operator, or "{part.text}" for the word',
                position=part.at,
            )


def _is_name(word: str) -> bool:
    return word[:1].isupper() and word[1:].islower() and word.isalpha()


def _mixed(parts: Sequence[_Part]) -> Iterator[Doubt]:
    """AND and OR beside each other on one level of parentheses."""
    levels: list[set[str]] = [set()]
    joined = True  # whether the next operand needs no AND before it
    for part in parts:
        if part.text == ")":
            levels = levels[:-1] or [set()]
        elif part.text in {"OR", "|"}:
            levels[-1].add("OR")
        elif not joined and _binds(part):
            levels[-1].add("AND")
        if part.text == "(":
            levels.append(set())
        joined = part.text == "(" or part.is_operator or part.text.endswith((":", "="))
        if levels[-1] == {"AND", "OR"}:
            yield Doubt(
                message="AND and OR are mixed, and AND binds tighter",
                cure="put parentheses around what belongs together",
                position=part.at,
            )
            return


def _binds(part: _Part) -> bool:
    """Whether it stands as AND or as an operand, which a missing operator joins by AND."""
    return part.text in {"AND", "NOT", "("} or not (part.is_operator or part.text[0] in "{~")


# ---- as it is understood


def _in_tree(query: Query) -> Iterator[Doubt]:
    if Presearch({"": query}).candidates(build_index(())):
        yield Doubt(
            message="no word has to be there, so every article is looked through",
            cure="add a word that each article must hold, if there is one",
        )
    yield from _excluded_itself(query)


def _excluded_itself(query: Query) -> Iterator[Doubt]:
    """`maduro NOT "plátano maduro"` also loses the article on food that speaks of the man."""
    if isinstance(query, AllOf):
        wanted = [phrase for child in query.children if not isinstance(child, Not) for phrase in phrases(child)]
        for child in query.children:
            if isinstance(child, Not):
                yield from _holds_wanted(child, wanted)
    for child in children_of(query):
        yield from _excluded_itself(child)


def _holds_wanted(child: Not, wanted: Iterable[Phrase]) -> Iterator[Doubt]:
    for out in phrases(child.child):
        held = next((phrase for phrase in wanted if _is_inside(phrase.tokens, out.tokens)), None)
        if held is not None:
            yield Doubt(
                message=f"NOT {out} drops every article with {out} in it, whatever else it says of {held}",
                cure=f"write {held} UNLESS {out}, which drops only that mention",
            )


def _is_inside(inner: Sequence[str], outer: Sequence[str]) -> bool:
    starts = range(len(outer) - len(inner) + 1)
    return len(outer) > len(inner) and any(tuple(outer[i : i + len(inner)]) == tuple(inner) for i in starts)


def phrases(query: Query) -> Iterator[Phrase]:
    """Every word and phrase that a match may rest on: not what NOT and UNLESS keep out."""
    if isinstance(query, Phrase):
        yield query
    elif isinstance(query, Unless):
        yield from phrases(query.child)
    elif not isinstance(query, Not):
        for child in children_of(query):
            yield from phrases(child)


# ---- as its feeds are written

_ENDINGS = frozenset(
    ["fi", "hu", "et", "tr", "az", "eu", "ka", "hy", "kk", "ky", "uz", "mn", "ta", "te", "ro", "bg", "mk", "sq"]
)
"""Languages that put case, possession or the article at the end of a name."""

_APOSTROPHES = frozenset({"tr", "az"})
"""They write a name's endings behind an apostrophe, and those are found."""

_LONG_ENOUGH = 4  # letters that a word for `*` should have


def _in_feeds(query: Query, spoken: Spoken, pack_of: Callable[[str], str]) -> Iterator[Doubt]:
    for script, whose in sorted(spoken.scripts.items()):
        lacking = _without(query, script)
        if lacking is not None:
            pack = pack_of(lacking.text)
            cure = f"add {pack}" if pack else "add the word as it is written there, or a narrower list of feeds"
            yield Doubt(message=f"{whose}, but no form of {lacking} in {script_name(script)}", cure=cure)
    yield from _endings(query, spoken)


def _without(query: Query, script: str) -> Phrase | None:
    """A phrase whose lack of a form in the script keeps the query from matching there; None: it can match."""
    if isinstance(query, Phrase):
        own = scripts_in(" ".join(query.tokens))
        return query if own and script not in own else None
    if isinstance(query, Not | Regex | About):
        return None
    if isinstance(query, AnyOf):
        lacking = [_without(child, script) for child in query.children]
        return lacking[0] if all(lacking) else None
    if isinstance(query, Unless):
        return _without(query.child, script)
    return next((found for child in children_of(query) if (found := _without(child, script))), None)


def _endings(query: Query, spoken: Spoken) -> Iterator[Doubt]:
    """Languages whose endings no form covers: there the bare word alone is found."""
    words = [phrase for phrase in phrases(query) if not (phrase.exact or phrase.prefix)]
    for language in sorted(spoken.languages & _ENDINGS):
        bare = next((word for word in words if _has_one_form(word, language)), None)
        if bare is not None:
            yield Doubt(
                message=f"feeds in {language_name(language)}, where only the bare word {bare} is found",
                cure=f"add {bare.text}*" if bare.text.isalnum() else "add its other forms",
            )


def _has_one_form(phrase: Phrase, language: str) -> bool:
    last = phrase.tokens[-1]
    if language in _APOSTROPHES and phrase.text[:1].isupper():
        return False
    return last.isalpha() and len(last) >= _LONG_ENOUGH and len(forms(last, language)) == 1
