"""Estonian: the cases stand after the genitive, whose vowel a name in a consonant takes as it likes.

Wikipedia, "Estonian grammar"; Eesti keele kasiraamat, M 65-80.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedwatch.watches.languages.endings import VOWELS, declension, words

_CASES = ("", *words("s st sse l lt le ks ni na ta ga t d"))
_GENITIVES = ("i", "a", "u", "e")
_stems = declension("ne: se", "ik: igi", "aak: aagi", "iit: iidu", "gi: e", "meri: mere", "ht: he")
_plurals = declension("riigid: riike", "saared: saari", "maad: maid", "id: eid")
_plural_stems = declension("riigid: riikide", "saared: saarte", "maad: maade", "id: ide")


def estonian(token: str) -> Iterator[str]:
    yield from _plurals(token)
    stems = [token] if token[-1] in VOWELS else [token, *(token + vowel for vowel in _GENITIVES)]
    for genitive in (*stems, *_stems(token), *_plural_stems(token)):
        yield from (genitive + case for case in _CASES)
