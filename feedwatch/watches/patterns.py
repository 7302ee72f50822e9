"""Regular expressions: google-re2 alone runs them, on so much text that none can hold the daemon up.

RE2 takes time in proportion to the text whatever the expression is, but an unlucky one needs a microsecond a
character, and each hit may be a walk to the end of the text. So an expression has a price a character, measured in
steps of its program, and every article has the same number of steps to spend: about a tenth of a second at the worst.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, islice

import re2
import regex

LONGEST = 1_000  # characters of an expression
LARGEST = 10_000  # steps of a program: \\p{L} has 1,200 in UTF-8
MEMORY = 8 << 20  # bytes for a program and its automaton

_STEPS = 2_500_000  # that one walk over a text may cost; twice that for all walks
_CHEAPEST = 40  # steps a character
_PER_CLASS = 20  # a Unicode class is large, but few of its steps are alive at a time
_MOST_HITS = 1_000

_single_byte = re.compile(r"(?<!\\)(?:\\\\)*\\C")
_unicode_class = re.compile(r"\\[pP](?:\{\^?\w+\}|\w)")

Refusal = tuple[str, str]
"""A message and a cure."""


def refusal(pattern: str, *, ignore_case: bool) -> Refusal | None:
    """Why the expression cannot be used."""
    if _single_byte.search(pattern):
        return r"\C is half of a character in most languages", "use . for any character"
    if len(pattern) > LONGEST:
        return f"the regular expression is longer than {LONGEST:,} characters", "write several, with OR between them"
    try:
        size = _compiled(pattern, ignore_case).programsize
    except (re2.error, UnicodeEncodeError) as error:
        return f"the regular expression is not understood: {_said(error)}", _CURES.get(_kind(error), _SYNTAX)
    if size > LARGEST:
        return "the regular expression is too large once it is compiled", "use smaller counts, such as {1,5}"
    if _matches_nothing_much(pattern, ignore_case):
        return "the regular expression matches the empty text, and so every article", "use + where there is a *"
    return None


def find(pattern: str, text: str, *, ignore_case: bool) -> Iterator[tuple[int, int]]:
    """Where the expression matches: start and end of each place, none of them empty.

    Of a text that is too long for its price only the beginning is looked at (60,000 characters for most
    expressions), and of very many places the first are found.
    """
    price = _price(pattern, ignore_case)
    looked_at = _encodable(text[: _STEPS // price])
    most = min(_MOST_HITS, 2 * _STEPS // (price * max(1, len(looked_at))))
    composed, places = _composed(looked_at)
    for found in islice(_compiled(pattern, ignore_case).finditer(composed), most):
        if found.end() > found.start():
            yield places(found.start()), places(found.end())


def _composed(text: str) -> tuple[str, Callable[[int], int]]:
    """The text in NFC, and where a place in it is in the text as it was: at the end of a grapheme, for one within."""
    if unicodedata.is_normalized("NFC", text):
        return text, int
    graphemes = regex.findall(r"\X", text)
    composed = [unicodedata.normalize("NFC", grapheme) for grapheme in graphemes]
    ends, was = ([0, *accumulate(map(len, parts))] for parts in (composed, graphemes))
    return "".join(composed), lambda place: was[bisect_left(ends, place)]


@lru_cache(maxsize=1024)
def _compiled(pattern: str, ignore_case: bool) -> re2._Regexp:  # noqa: FBT001 - a cache takes positions
    options = re2.Options()  # the text is searched in NFC, so the expression is one in NFC
    options.case_sensitive = not ignore_case
    options.max_mem = MEMORY
    options.never_capture = True  # groups would cost a second, slower walk
    options.log_errors = False
    return re2.compile(unicodedata.normalize("NFC", pattern), options)


@lru_cache(maxsize=1024)
def _price(pattern: str, ignore_case: bool) -> int:  # noqa: FBT001 - a cache takes positions
    """Steps that may be alive at a character."""
    shape, whole = (_compiled(each, ignore_case).programsize for each in (_unicode_class.sub("x", pattern), pattern))
    return int(max(_CHEAPEST, shape, whole // _PER_CLASS))


def _matches_nothing_much(pattern: str, ignore_case: bool) -> bool:  # noqa: FBT001 - as above
    compiled = _compiled(pattern, ignore_case)
    return any(found.start() == found.end() for text in ("", "a, 1") for found in compiled.finditer(text))


def _encodable(text: str) -> str:
    """The text with half surrogate pairs made "?", character for character."""
    return text.encode("utf-8", "replace").decode("utf-8")


_SYNTAX = r"put a \ before a sign that is meant as itself"
_CURES = {
    "missing )": r"close the parenthesis, or write \( for the sign itself",
    "unexpected )": r"open the parenthesis, or write \) for the sign itself",
    "missing ]": r"close the bracket, or write \[ for the sign itself",
    "no argument for repetition operator": r"put what is repeated before it, or write \* \+ \? for the sign itself",
    "invalid perl operator": "look-ahead and look-behind are not possible; use NEAR, NOT or UNLESS",
    "invalid escape sequence": r"back-references and some escapes are not possible; \\ is the sign itself",
    "invalid character class range": r"write the range as in [a-z], or \- for the sign itself",
    "invalid repetition size": "use a count of up to 1000",
    "pattern too large - compile failed": "use smaller counts, such as {1,5}",
    "bad repetition operator": "repeat once: + or * or {2,5}",
}
"""RE2's words for what is wrong → what to do."""


def _kind(error: Exception) -> str:
    return _said(error).partition(":")[0]


def _said(error: Exception) -> str:
    message = error.args[0] if isinstance(error, re2.error) and error.args else "it holds half of a character"
    return message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
