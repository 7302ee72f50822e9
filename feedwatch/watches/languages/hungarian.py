"""Hungarian: the cases with their linking vowels (Wikipedia, "Hungarian noun phrase"; AkH. 12, 94 and 163).

Lengthened a and e (Venezuelában) fold to themselves; ö and o, ü and u are one, so back and front endings are both
tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedwatch.watches.languages.endings import VOWELS, words

_CASES = words("t ot at et n on en e ban ben ba be bol nak nek nal nel ra re rol hoz hez tol ert ig kent va ve val vel")
_DIGRAPHS = ("cs", "gy", "ly", "ny", "sz", "ty", "zs")


def hungarian(token: str) -> Iterator[str]:
    yield from (token + case for case in _CASES)
    if token.endswith("s"):  # Barbadosszal: spoken sz
        yield from (token + "szal", token + "szel")
    is_digraph = token.endswith(_DIGRAPHS)
    last = 2 if is_digraph else 1
    if is_digraph or token[-1] not in VOWELS:  # the v of -val becomes the last consonant: Trumppal, Párizzsal
        yield from (token[:-last] + token[-last] + token[-last:] + ending for ending in ("al", "el", "a", "e"))
