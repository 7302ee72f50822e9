"""How a word changes its ending: a table of endings in, a rule out, which makes a word's forms of a word.

Every row of a table that fits is followed. A form that nobody writes costs nothing, so a row need not know a word's
gender or class: it must only never make a *different* word. An adjective (киевский) is a different word, and the
number a word is given in is the number it keeps. All letters are folded ones (text/fold.py): ž is z, ä is a, ё is е,
but й, ї and ў are letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

Rule = Callable[[str], Iterable[str]]

VOWELS = frozenset("aeiouyаеиіоуыэюяїєйьαεηιουω")  # й and ь too: they give way to an ending like a vowel
_UNDECLINED = ("оа", "уа")  # Самоа must not become самое, the most


def declension(*rows: str) -> Rule:
    """Rows "ending: endings"; several may stand before the colon, - is the empty one and * any consonant."""
    table: dict[str, tuple[str, ...]] = {}
    for row in rows:
        olds, news = row.split(":")
        for old in olds.split():
            table[old] = (*table.get(old, ()), *(new.replace("-", "") for new in news.split()))
    return partial(_declined, table=table)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _declined(token: str, table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The token with each of its endings that the table has replaced by all that the table has for it."""
    if token.endswith(_UNDECLINED):
        return
    for start in range(len(token)):
        for new in table.get(token[start:], ()):
            yield token[:start] + new
    if token[-1] not in VOWELS:
        yield from (token + new for new in table.get("*", ()))
