"""Text into tokens, the unit of every match; each token knows its place in the text as it was given.

Equal words are analysed once: a coarse pattern cuts the text into chunks at the commonest separators, and what
a chunk holds is remembered. Only `_analyse` decides what a word is, so the coarse pattern may be incomplete.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import regex

from feedwatch.text.fold import APOSTROPHES, IGNORED, UNSPACED, fold

_chunk = re.compile(r"[^\s!-&(-/:-@\[-_{-\xa9«¬®-±¶-¸»¿×÷‐-―“-․…‧‹›、-〃〈-】！-＆（-／：-＠]+")

_TAIL = rf"(?:{IGNORED}|[\p{{M}}\p{{GCB=Extend}}\p{{GCB=SpacingMark}}])"
"""What belongs to the character before it; the last class holds the Thai and Lao letters AM."""

_KATAKANA = r"[[\p{Katakana}&&\p{L}]ーｰﾞﾟ]"
_STACKER = r"[\u1039\u17d2]"  # the Burmese virama and the Khmer coeng hang the next letter below this one

_LETTER = rf"[[\p{{L}}\p{{N}}]--[{APOSTROPHES}]]"
_word = regex.compile(rf"(?V1)[{_LETTER}--[\p{{GCB=Extend}}\p{{GCB=SpacingMark}}{IGNORED}]](?:{_LETTER}|{_TAIL})*+")
_piece = regex.compile(
    rf"(?V1)({UNSPACED}+)(?!{_TAIL})"
    rf"|{UNSPACED}(?:{_STACKER}{_TAIL}{{0,4}}{UNSPACED}|{_TAIL})*+"
    rf"|{_KATAKANA}(?:{_KATAKANA}|{_TAIL})*+"
    rf"|[^{UNSPACED}{_KATAKANA}](?:[^{UNSPACED}{_KATAKANA}]|{_TAIL})*+"
)
_kana_and_han = re.compile("[\u3041-\u3096\u3400-\u4dbf\u4e00-\u9fff]+")  # unspaced, each one character
_perhaps_unspaced = re.compile("[\u0e00-\U0010ffff]")
_unspaced_start = regex.compile(rf"(?V1){UNSPACED}")

_ELIDED = frozenset(
    {"l", "d", "j", "m", "t", "s", "n", "c", "v", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un", "dell"}
    | {"all", "dall", "nell", "sull", "coll", "quell", "quest", "bell", "sant"}
)
"""French, Italian and Catalan articles, prepositions and pronouns before an apostrophe, folded."""

_WORTH_REMEMBERING = 32  # characters: no page can fill the memory with long ones

_Part = tuple[str, int, int]


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
    tokens: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _chunk.finditer(text):
        at, chunk = match.start(), match.group()
        for token, start, end in _remembered(chunk) if len(chunk) <= _WORTH_REMEMBERING else _analyse(chunk):
            tokens.append(token)
            starts.append(at + start)
            ends.append(at + end)
    return Tokens(tokens=tuple(tokens), starts=array("I", starts), ends=array("I", ends))


def is_unspaced(token: str) -> bool:
    """Whether the token is one character of a script that puts no spaces between words."""
    return _unspaced_start.match(token) is not None


def _analyse(chunk: str) -> tuple[_Part, ...]:
    folded, length = fold(chunk), len(chunk)
    if folded.isalnum() and chunk[0].isalnum() and not _perhaps_unspaced.search(chunk):
        return ((folded, 0, length),)
    if _kana_and_han.fullmatch(chunk):
        return tuple(zip(folded, range(length), range(1, length + 1), strict=True))
    spans = [word.span() for word in _word.finditer(chunk)]
    if len(spans) > 1:
        spans = _without_clitics(chunk, spans)
    return tuple(part for start, end in spans for part in _parts(chunk[start:end], start))


def _without_clitics(chunk: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The words' spans without elided articles before, and a possessive s behind, an apostrophe."""
    words = [fold(chunk[start:end]) for start, end in spans]
    tied = [False, *(_are_tied(chunk, one[1], other[0]) for one, other in pairwise(spans)), False]  # to the last
    own = [*(word == "s" and tied[i] and not tied[i + 1] for i, word in enumerate(words)), False]
    article = [word in _ELIDED and tied[i + 1] and not own[i + 1] for i, word in enumerate(words)]
    return [span for i, span in enumerate(spans) if not own[i] and not article[i]]


def _are_tied(chunk: str, end: int, start: int) -> bool:
    return end < start and not fold(chunk[end:start]).strip("'")


def _parts(word: str, at: int) -> Iterator[_Part]:
    for piece in _piece.finditer(word):
        start, folded = at + piece.start(), fold(piece.group())
        if piece.lastindex:
            yield from ((c, i, i + 1) for i, c in enumerate(folded, start))
        elif folded:
            yield folded, start, at + piece.end()


_remembered = lru_cache(maxsize=16_384)(_analyse)
