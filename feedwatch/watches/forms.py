"""Which forms a word of a query may take in an article: a finite set, made on the query's side.

The index never stems. A form is the word with a prefix or a suffix, or with an ending in place of its own, as the rules
of the article's language (watches/languages) have it. Languages that decline no names (English, Spanish, Chinese …)
have no rules. Nor has Turkish: there the suffix of a name stands behind an apostrophe, which ends a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile

from feedwatch.watches.languages.arabic import arabic
from feedwatch.watches.languages.baltic import latvian, lithuanian
from feedwatch.watches.languages.east_slavic import belarusian, russian, ukrainian
from feedwatch.watches.languages.endings import Rule
from feedwatch.watches.languages.estonian import estonian
from feedwatch.watches.languages.finnish import finnish
from feedwatch.watches.languages.germanic import dutch, german, scandinavian
from feedwatch.watches.languages.greek import greek
from feedwatch.watches.languages.hebrew import hebrew
from feedwatch.watches.languages.hungarian import hungarian
from feedwatch.watches.languages.korean import korean
from feedwatch.watches.languages.south_slavic import bulgarian, macedonian, serbian, serbian_in_cyrillic, slovene
from feedwatch.watches.languages.west_slavic import czech_and_slovak, polish

_SHORTEST = 3  # letters of an alphabet: what is shorter meets too many words
_SHORTEST_STEM = 3

_SCRIPTS = (
    ("latin", re.compile(rf"[a-z\u00df-\u024f]{{{_SHORTEST},}}")),
    ("cyrillic", re.compile(rf"[\u0400-\u052f]{{{_SHORTEST},}}")),
    ("greek", re.compile(rf"[\u0370-\u03ff]{{{_SHORTEST},}}")),
    ("arabic", re.compile(rf"[\u0620-\u06d3]{{{_SHORTEST},}}")),
    ("hebrew", re.compile(rf"[\u05d0-\u05ea]{{{_SHORTEST},}}")),
    ("hangul", re.compile("[가-힣]{2,}")),
)
_EAST_SLAVIC = (russian, ukrainian, belarusian)
_WITHOUT_PROCLITICS = ("fa", "ur", "ps", "ckb", "sd", "ug", "pnb")  # in Arabic letters

_LANGUAGES: Mapping[str, Mapping[str, tuple[Rule, ...]]] = {  # script → language ("" any other) → rules
    "cyrillic": {
        "": (*_EAST_SLAVIC, bulgarian, macedonian, serbian_in_cyrillic),
        **dict.fromkeys(("ru", "uk", "be"), _EAST_SLAVIC),
        "bg": (bulgarian,),
        "mk": (macedonian, bulgarian),
        "sr": (serbian_in_cyrillic,),
    },
    "latin": {
        "": (),
        **dict.fromkeys(("cs", "sk"), (czech_and_slovak,)),
        "pl": (polish,),
        **dict.fromkeys(("hr", "sr", "bs", "sh"), (serbian,)),
        "sl": (slovene,),
        "lt": (lithuanian,),
        "lv": (latvian,),
        "fi": (finnish,),
        "et": (estonian,),
        "hu": (hungarian,),
        "de": (german,),
        **dict.fromkeys(("sv", "da", "nb", "nn", "no"), (scandinavian,)),
        "nl": (dutch,),
    },
    "greek": {"": (greek,)},
    "arabic": {"": (arabic,), **dict.fromkeys(_WITHOUT_PROCLITICS, ())},
    "hebrew": {"": (hebrew,)},
    "hangul": {"": (korean,)},
    "": {"": ()},
}


@lru_cache(maxsize=16_384)
def forms(token: str, language: str) -> frozenset[str]:
    """The token and every form of it in an article of that language (its primary subtag, "" if unknown); all folded.

    Cyrillic, Greek, Arabic, Hebrew and Korean words take the forms of their script in every language.
    """
    script = _script(token)
    languages = _LANGUAGES[script]
    return _made(token, languages[language] if language in languages else languages[""])


def all_forms(token: str) -> frozenset[str]:
    """The forms of the token in all languages together."""
    return frozenset().union(*(_made(token, rules) for rules in _LANGUAGES[_script(token)].values()))


@lru_cache(maxsize=16_384)
def stem(token: str) -> str:
    """What all forms of the token in all languages begin with; "" if that is less than three characters."""
    found = all_forms(token)
    shared = shared_start(min(found), max(found))
    return shared if len(shared) >= _SHORTEST_STEM else ""


def shared_start(one: str, other: str) -> str:
    """What both begin with; and whatever is between them in alphabetical order."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def own_letters(language: str) -> str:
    """Letters that a query's letter without their mark does not mean in an article of that language, lower case."""
    return "äöü" if language == "de" else ""


def _made(token: str, rules: tuple[Rule, ...]) -> frozenset[str]:
    return frozenset((token, *(form for rule in rules for form in rule(token))))


def _script(token: str) -> str:
    """The one script of a token that may take forms; "" for all others, and for all with a digit."""
    return next((script for script, letters in _SCRIPTS if letters.fullmatch(token)), "")
