"""Text into tokens, the unit of every match; each token knows its place in the text as it was given.

Every character has a class, a letter of `_CLASSES`, and what a token is can be read off the classes alone: so a text
is cut by one short pattern over its classes, and folded as a whole. Steps are built-ins over whole columns:
a loop of our own over a megabyte of tokens takes three times as long.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from operator import add, sub

import regex

from feedwatch.text.fold import APOSTROPHES, IGNORED, UNSPACED, fold

_CLASSES = (
    ("'", rf"[{APOSTROPHES}]"),
    ("s", r"[\u1039\u17d2]"),  # the Burmese virama and the Khmer coeng hang the next letter below this one
    ("t", rf"[\p{{M}}\p{{GCB=Extend}}\p{{GCB=SpacingMark}}{IGNORED}]"),  # belongs to the character before it
    ("u", UNSPACED),
    ("k", r"[[\p{Katakana}&&\p{L}]ーｰ]"),
    ("w", r"[\p{L}\p{N}]"),
)
"""The class of a character is the first that it is of; " " is none: it separates. The Thai and Lao AM are in t."""

_class_patterns = tuple((name, regex.compile(f"(?V1){pattern}")) for name, pattern in _CLASSES)
_piece = re.compile("uu+(?![st])|u(?:st{0,4}u|[st])*|k[kst]*|w[wst]*")  # the first gives a token a character
_tie = re.compile("'['st]*")  # between two words: they are one to the eye

_ELIDED = frozenset(
    {"l", "d", "j", "m", "t", "s", "n", "c", "v", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un", "dell"}
    | {"all", "dall", "nell", "sull", "coll", "quell", "quest", "bell", "sant"}
)
"""French, Italian and Catalan articles, prepositions and pronouns before an apostrophe, folded."""


class _Table(dict[int, str]):
    """Code point → class, filled on first use."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        self[code] = name = next((name for name, pattern in _class_patterns if pattern.fullmatch(c)), " ")
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Folded tokens in their order; token i is `text[starts[i]:ends[i]]` of the text that was tokenised."""

    tokens: tuple[str, ...]
    starts: array[int]
    ends: array[int]


def tokenize(text: str) -> Tokens:
    """Words: runs of letters, numbers and marks, folded.

    Han, Hiragana, Thai, Lao, Khmer and Burmese give a token a character, a katakana run is a word. Elided
    articles (l', d', dell') and the possessive 's give none. Offsets count characters of `text`.
    """
    classes = text.translate(_table)
    pieces, gaps = _piece.findall(classes), _piece.split(classes)
    if not pieces:
        return Tokens(tokens=(), starts=array("I"), ends=array("I"))
    lengths = list(map(len, pieces))
    ends = list(accumulate(map(add, map(len, gaps), lengths)))
    starts = list(map(sub, ends, lengths))
    tokens = fold("\n".join(map(text.__getitem__, map(slice, starts, ends)))).split("\n")
    if "'" in classes:
        kept = _without_clitics(tokens, gaps)
        tokens, starts, ends, pieces = (list(compress(column, kept)) for column in (tokens, starts, ends, pieces))
    if "uu" in classes:
        tokens, starts, ends = _one_by_one(tokens, starts, ends, pieces)
    return Tokens(tokens=tuple(tokens), starts=array("I", starts), ends=array("I", ends))


def is_unspaced(token: str) -> bool:
    """Whether the token is one character of a script that puts no spaces between words."""
    return token[:1].translate(_table) == "u"


def _without_clitics(tokens: Sequence[str], gaps: Sequence[str]) -> bytearray:
    """1 for each token but elided articles before, and a possessive s behind, an apostrophe: for these 0.

    `gaps` are the classes before each token and after the last.
    """
    kept = bytearray(b"\1") * len(tokens)
    ties = {gap for gap in set(gaps) if _tie.fullmatch(gap)}
    tied = set(compress(range(len(tokens)), map(ties.__contains__, gaps))) - {0}  # to the token before
    for i in tied:
        if tokens[i] == "s" and i + 1 not in tied:
            kept[i] = 0
        elif tokens[i - 1] in _ELIDED:
            kept[i - 1] = 0
    return kept


def _one_by_one(
    tokens: Sequence[str], starts: Sequence[int], ends: Sequence[int], pieces: Sequence[str]
) -> tuple[list[str], list[int], list[int]]:
    """The same with a token for each character of an unspaced run."""
    singles: list[str] = []
    froms: list[int] = []
    tos: list[int] = []
    for token, start, end, piece in zip(tokens, starts, ends, pieces, strict=True):
        if piece.startswith("uu"):
            singles += token
            froms += range(start, end)
            tos += range(start + 1, end + 1)
        else:
            singles.append(token)
            froms.append(start)
            tos.append(end)
    return singles, froms, tos


_table = _Table()
