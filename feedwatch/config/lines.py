"""On which line of a TOML text each value stands.

tomllib says what a file means but not where; this scan says where and leaves the meaning to tomllib. It is only
used on text that tomllib has read, so it need not look for mistakes. Grammar: toml.io/en/v1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator

Loc = tuple[str | int, ...]
"""The way to a value: ("watchlists", 0, "keywords", 2)."""

_Tokens = deque[tuple[str, int]]

_TOKEN = re.compile(
    r"""
      (?P<skip> [ \t\r]+ | \#[^\n]* )
    | \n
    | \"{3} (?: \\. | [^\\] )*? \"{3,5} | '{3} .*? '{3,5}
    | " (?: \\. | [^"\\] )* " | ' [^']* '
    | [\[\]{},=.]
    | [^\s\[\]{},=.\#"']+
    """,
    re.VERBOSE | re.DOTALL,
)


def line_map(text: str) -> dict[Loc, int]:
    """The line (from 1) of every table, key and list element; text that is no TOML gives nonsense."""
    tokens, lines, counts = deque(_tokens(text)), dict[Loc, int](), dict[Loc, int]()
    table: Loc = ()
    while tokens:
        word, _ = tokens[0]
        if word == "\n":
            tokens.popleft()
        elif word == "[":
            table = _header(tokens, lines, counts)
        else:
            _pair(tokens, table, lines)
    return lines


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for found in _TOKEN.finditer(text):
        if found["skip"] is None:
            yield found[0], line
        line += found[0].count("\n")


def _header(tokens: _Tokens, lines: dict[Loc, int], counts: dict[Loc, int]) -> Loc:
    """[a.b] or [[a.b]]: the way to the table that it opens; a list of tables adds the element's number."""
    line = tokens[0][1]
    opening = _skip(tokens, "[")
    keys = _key(tokens)
    _skip(tokens, "]")
    way: Loc = ()
    for key in keys:
        way += (key,)
        lines.setdefault(way, line)
        if opening > 1 and len(way) - _numbers(way) == len(keys):
            counts[way] = counts.get(way, 0) + 1
        if way in counts:
            way += (counts[way] - 1,)
            lines.setdefault(way, line)
    return way


def _numbers(way: Loc) -> int:
    return sum(isinstance(part, int) for part in way)


def _skip(tokens: _Tokens, word: str) -> int:
    count = 0
    while tokens and tokens[0][0] == word:
        tokens.popleft()
        count += 1
    return count


def _key(tokens: _Tokens) -> list[str]:
    parts = [_name(tokens.popleft()[0])]
    while tokens[0][0] == ".":
        tokens.popleft()
        parts.append(_name(tokens.popleft()[0]))
    return parts


def _name(word: str) -> str:
    return next(iter(tomllib.loads(f"{word} = 0"))) if word[0] in "\"'" else word


def _pair(tokens: _Tokens, table: Loc, lines: dict[Loc, int]) -> None:
    line, way = tokens[0][1], table
    for key in _key(tokens):
        way += (key,)
        lines.setdefault(way, line)
    _skip(tokens, "=")
    _value(tokens, way, lines)


def _value(tokens: _Tokens, way: Loc, lines: dict[Loc, int]) -> None:
    opening = tokens.popleft()[0]
    if opening == "[":
        _array(tokens, way, lines)
    elif opening == "{":
        _inline_table(tokens, way, lines)
    while tokens and tokens[0][0] not in {"\n", ",", "]", "}"}:
        tokens.popleft()


def _array(tokens: _Tokens, way: Loc, lines: dict[Loc, int]) -> None:
    count = 0
    while tokens[0][0] != "]":
        if tokens[0][0] in {",", "\n"}:
            tokens.popleft()
            continue
        lines[*way, count] = tokens[0][1]
        _value(tokens, (*way, count), lines)
        count += 1
    tokens.popleft()


def _inline_table(tokens: _Tokens, way: Loc, lines: dict[Loc, int]) -> None:
    while tokens[0][0] != "}":
        if tokens[0][0] in {",", "\n"}:
            tokens.popleft()
        else:
            _pair(tokens, way, lines)
    tokens.popleft()
