"""Finnish: fifteen cases on a stem whose consonants change with them (Iso suomen kielioppi).

Folding makes ä one with a, so vowel harmony does not show; -kin and -han are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from feedwatch.watches.languages.endings import VOWELS, declension, words

_stems = declension(  # other than the nominative: 55-71
    "hti: hte",
    "mi: me",
    "vi: ve",
    "ki: ke",
    "joki: joe",
    "uusi: uute",
    "ari: are",
    "eri: ere",
    "e: ee",
    "nen: se",
    "as: akse aa",
    "kangas: kankaa",
    "is: ikse",
    "os: okse",
    "us: ukse",
    "ys: ykse",
)
_grades = declension(  # of the consonants before the last vowel, strong: weak; 41-47
    "kk: k",
    "pp: p",
    "tt: t",
    "nk: ng",
    "nt: nn",
    "mp: mm",
    "lt: ll",
    "rt: rr",
    "rk: r",
    "lk: l",
    "k: -",
    "p: v",
    "t: d",
)
_ON_WEAK = words("n ssa sta lla lta lle ksi t")  # the cases: 81-94
_ON_STRONG = words("a ta na seen")
_plurals = declension(
    "vallat: valtojen valtain valtoja valtoihin valtoina valloissa valloista valloilla valloilta valloille valloiksi",
    "maat: maiden maita maihin maina maissa maista mailla mailta maille maiksi",
    "it: ien eja eihin eina eissa eista eilla eilta eille eiksi",
    "saaret: saarten saarien saaria saariin saarissa saarista saarilla saarilta saarille",
    "nnat: ntien ntia ntiin nnissa nnista nnilla nnilta nnille",
)


def finnish(token: str) -> Iterator[str]:
    yield from _plurals(token)
    yield from (token + ending for ending in ("ta", "tta"))
    nominative = token if token[-1] in VOWELS else token + "i"
    for strong in (nominative, *_stems(token)):
        yield from _cases(strong)


def _cases(strong: str) -> Iterator[str]:
    last = strong[-1]
    yield from (strong + ending for ending in (*_ON_STRONG, f"{last}n", f"h{last}n"))
    if last == "e":
        yield strong[:-1] + "ta"
    for weak in (strong[:-1], *_grades(strong[:-1])):
        yield from (weak + last + ending for ending in _ON_WEAK)
