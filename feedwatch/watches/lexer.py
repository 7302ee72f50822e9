"""A query's text cut into lexemes; what other query languages understand and this one does not is refused here.

A sign that has a meaning elsewhere must never be searched as letters: such a watchlist would match nothing and say
nothing. Other signs separate words, as they do in an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import regex

from feedwatch.errors import QueryError
from feedwatch.text.fold import IGNORED
from feedwatch.watches.tree import METADATA_FIELDS, OPERATORS, TEXT_FIELDS

LONGEST = 5_000  # characters of a query

GREATEST_COUNT = 1_000  # of hits

AS_TEXT = "put it in double quotes to search for it as text"
FIELDS = (*TEXT_FIELDS, *METADATA_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexeme:
    """A part of a query: its kind is a word of `_KINDS`, or the operator or parenthesis itself."""

    kind: str
    text: str  # as it is written
    at: int  # counted from 0
    number: int | None = None  # of NEAR/4, UNLESS/4, {4}


QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
"""What phones and word processors make of a double quote."""

_SIGNS = QUOTES | str.maketrans(
    "（）｜：＊＝＠／～｛｝－", "()|:*=@/~{}-"
)  # as Chinese and Japanese keyboards have them
_hebrew_acronym = re.compile('(?<=[א-ת])"(?=[א-ת])')  # typed for the sign ״, as in ארה"ב

_metadata = "|".join(METADATA_FIELDS)
_KINDS = (
    ("space", rf"(?:\s|{IGNORED})+"),
    ("paren", r"[()]"),
    ("bar", r"\|"),
    ("count", r"\{[^\s{}()\"]*\}?"),
    ("stray", r"\}"),
    ("about", rf'(?:{_metadata}):\s*(?:"[^"]*"|\((?:"[^"]*"|[^()"])*\)|[^\s()"|]*)'),
    ("field", r"[^\W\d_]+:"),
    ("phrase", r'=?"[^"]*"(?:~\d+)?'),
    ("open", r'=?"'),
    ("regex", r"/(?:[^/\\]|\\.)*+/\w*"),
    ("list", r"@[^\s()\"|{}]*"),
    ("minus", r"-(?=[^\s)|\-{}])"),
    ("word", r'[^\s()"|{}]+'),
)
_lexeme = regex.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS), regex.DOTALL)
_ignored = regex.compile(IGNORED + "+")
_operator = re.compile(r"(OR|AND|NOT|NEAR|ONEAR|UNLESS)(?:/(.*))?", re.DOTALL)
_whole_number = re.compile(r"[0-9]{1,4}")


def lexemes(text: str) -> list[Lexeme]:
    """The lexemes of a query; positions count in `text`. Raises QueryError."""
    if len(text) > LONGEST:
        cure = "make several watchlists of it, or put words into a list of [aliases]"
        raise QueryError(f"the query is longer than {LONGEST:,} characters", LONGEST, cure)
    plain = _hebrew_acronym.sub("״", text.translate(_SIGNS))
    return list(_cut(plain, text))


def _cut(plain: str, text: str) -> Iterator[Lexeme]:
    for match in _lexeme.finditer(plain):
        kind, at = str(match.lastgroup), match.start()
        if kind == "space":
            continue
        written = text[at : match.end()] if kind == "regex" else match.group()
        _refuse_neighbours(kind, plain, match.start(), match.end())
        yield _READ.get(kind, _same)(kind, written, at)


def _same(kind: str, text: str, at: int) -> Lexeme:
    return Lexeme(kind=kind, text=text, at=at)


def _paren(_kind: str, text: str, at: int) -> Lexeme:
    return Lexeme(kind=text, text=text, at=at)


def _bar(_kind: str, text: str, at: int) -> Lexeme:
    return Lexeme(kind="OR", text=text, at=at)


def _minus(_kind: str, text: str, at: int) -> Lexeme:
    return Lexeme(kind="NOT", text=text, at=at)


def _count(_kind: str, text: str, at: int) -> Lexeme:
    number = text[1:-1]
    if not text.endswith("}") or not _whole_number.fullmatch(number) or not 1 <= int(number) <= GREATEST_COUNT:
        cure = f"write it as in {{3}}, from 1 to {GREATEST_COUNT}"
        raise QueryError(f"the count {text} is not understood", at, cure)
    return Lexeme(kind="count", text=text, at=at, number=int(number))


def _stray(_kind: str, _text: str, at: int) -> Lexeme:
    raise QueryError("a } stands without its {", at, f"leave it out, or {AS_TEXT}")


def _open(_kind: str, text: str, at: int) -> Lexeme:
    raise QueryError("a double quote is not closed", at + len(text) - 1, "close it, or leave it out")


def _field(_kind: str, text: str, at: int) -> Lexeme:
    name = text[:-1]
    if name not in FIELDS:
        near = get_close_matches(name.lower(), FIELDS, n=1)
        cure = f'did you mean "{near[0]}:"? Otherwise {AS_TEXT}' if near else f"{AS_TEXT}; the fields are {_listed()}"
        raise QueryError(f'there is no field "{name}:"', at, cure)
    return Lexeme(kind="field", text=name, at=at)


def _listed() -> str:
    return ", ".join(FIELDS)


def _list(_kind: str, text: str, at: int) -> Lexeme:
    if text == "@":
        raise QueryError("the @ names no list", at, f"write its name directly behind it, as in @ve, or {AS_TEXT}")
    return Lexeme(kind="list", text=text[1:], at=at)


def _word(_kind: str, text: str, at: int) -> Lexeme:
    if text.isalnum() and text not in OPERATORS:  # as most are
        return Lexeme(kind="word", text=text, at=at)
    word = _ignored.sub("", text)
    operator = _operator.fullmatch(word)
    if operator:
        return _operator_of(operator, word, at)
    for pattern, message, cure in _refused:
        if found := pattern.search(text):
            raise QueryError(message, at + found.start(), cure)
    return Lexeme(kind="word", text=text, at=at)


def _operator_of(operator: re.Match[str], text: str, at: int) -> Lexeme:
    name, number = operator[1], operator[2]
    if number is None:
        return Lexeme(kind=name, text=text, at=at)
    if name in {"OR", "AND", "NOT"}:
        raise QueryError(f"{name} takes no number", at, f"write {name} alone, or {AS_TEXT}")
    if not _whole_number.fullmatch(number):
        raise QueryError(f"{text} has no number of words", at, f"write it as in {name}/5, or {name} alone")
    return Lexeme(kind=name, text=text, at=at, number=int(number))


_READ = {
    "paren": _paren,
    "bar": _bar,
    "minus": _minus,
    "count": _count,
    "stray": _stray,
    "open": _open,
    "field": _field,
    "list": _list,
    "word": _word,
}

_NOT_SIGN = f"write NOT or - for NOT, leave it out, or {AS_TEXT}"
_REFUSED = (
    (r"^[-–—−]+$", "a dash stands alone", f"write NOT to exclude what follows, leave it out, or {AS_TEXT}"),
    (r"^[‐-―−](?=\w)", "this dash is no minus", _NOT_SIGN),
    (r"^--", "there are two minus signs", _NOT_SIGN),
    (r"^[!¬](?=\w)", "this sign in front of a word is not understood", _NOT_SIGN),
    (r"^=+(?:$|[=/@-])", "the = stands before no word", "write it directly before a word or a phrase, as in =US"),
    (r"\*(?=.)", "a * stands within a word", "put it at the end of the word, or write out each form of the word"),
    (r"(?<!\w)\*$", "a * stands without a word", "put it directly behind a word of two letters or more"),
    (r"(?<=\w)\?(?=\w)", "a ? within a word is not understood", f"write out each form of the word, or {AS_TEXT}"),
    (r"~\d*$", "a ~ stands behind a word", 'put it behind a phrase, as in "open talks"~2'),
    (r"^/", "the regular expression is not closed", f"end it with /, or {AS_TEXT}"),
    (r"^(?:near|onear|unless)/\d", "an operator is not in capitals", f"write it as in NEAR/5, or {AS_TEXT}"),
    (r"^(?i:w|pre|adj)/\d+$", "this operator is not understood", f"write NEAR/5 or ONEAR/5, or {AS_TEXT}"),
    (r"^:", "a : has no field before it", f"write the field directly before it, as in title:oil, or {AS_TEXT}"),
)
_refused = tuple((re.compile(pattern, re.DOTALL), message, cure) for pattern, message, cure in _REFUSED)

_star_in_quotes = re.compile(r"\w\*(?=[\s\"])")


def _refuse_neighbours(kind: str, plain: str, start: int, end: int) -> None:
    """What only the next character shows, or what stands inside quotes."""
    following = plain[end : end + 1]
    if kind == "phrase":
        if star := _star_in_quotes.search(plain, start, end):
            cure = "write the words outside of the quotes, as in Nicolas ONEAR/0 Madur*"
            raise QueryError("a * within quotes is not understood", star.end() - 1, cure)
        if following == "*":
            raise QueryError("a * stands behind a phrase", end, "put it behind a single word, without quotes")
        if following == "~":
            raise QueryError("the ~ has no number of words", end, 'write it as in "open talks"~2')
    if kind == "about" and following == "|":
        raise QueryError("a | stands between values", end, "put them in parentheses, as in lang:(es OR pt)")
    if kind == "word" and plain[start:end] == "AROUND" and following == "(":
        raise QueryError("AROUND is not understood", start, f"write NEAR/5 for AROUND(5), or {AS_TEXT}")
    if kind == "word" and plain[start:end] == "=" and following == "(":
        raise QueryError("the = stands before a parenthesis", start, "write it before each word, as in (=US OR =UN)")
