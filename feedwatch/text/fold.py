"""What the reader takes for the same letter becomes the same letter.

`fold` maps character by character, so its table is filled as characters are met and whole texts go through
`str.translate`. Nothing here knows a language: what only one language does belongs to the query's forms.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import regex

FOLD_VERSION = 2
"""Raised whenever the same text would give other tokens: stored tokens must then be made anew."""

APOSTROPHES = "'`’‘‛ʼʻʽʾʿʹ′´＇՚׳\u1fef\u1ffd\u0374"
"""Signs typed for an apostrophe; the last three are what NFC turns into ` ´ ʹ."""

IGNORED = r"[\p{Cf}\p{Default_Ignorable_Code_Point}ـ]"
"""Soft hyphens, zero widths, bidi controls, variation selectors, tatweel: they say nothing."""

UNSPACED = r"[[[\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]&&[\p{L}\p{Nl}]]--\p{GCB=SpacingMark}]"
"""A letter of a script that puts no spaces between words; for regex's version 1. It folds to one character."""

_ignored = regex.compile(IGNORED + "+")
_long_run = regex.compile(r"\p{M}{32,}")  # nobody writes one, but a page may hold a megabyte
_accent = re.compile("[\u0300-\u036f]")
_dropped = regex.compile(
    rf"(?V1)[{IGNORED}\p{{Me}}\p{{Emoji_Modifier}}"
    r"[[\p{Mn}&&[\p{Zinh}\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]]--[\u3099\u309a\u0345]]]+"
)
"""Marks that still stand alone after NFC: accents, stress, harakat, points; U+3099 and U+309A voice kana."""

_accents_off = regex.compile(r"[\p{Latin}\p{Greek}\p{Arabic}\p{Hebrew}]")
_word = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_stays_one = regex.compile(rf"(?V1)[{UNSPACED}\u0e33\u0eb3]")  # and the Thai and Lao AM

_LETTERS = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | dict(
        zip("łøđðıħŧёىةکیٱٲٳ", "loddihtеيهكيااا", strict=True),
        þ="th",
        æ="ae",
        œ="oe",
    )
)
"""Letters that Unicode does not decompose and readers type without their mark."""


class _Table(dict[int, str]):
    """Code point → folded text, filled on first use."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def fold(text: str) -> str:
    """The text with case, accents, widths, digits' scripts, apostrophes and hyphens made one.

    Folding twice changes nothing more. NFC or NFD, case and zero-width characters in `text` make no difference.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    composed = _composed(text)
    if _accent.search(composed) and _ignored.search(composed):  # и, zero-width space, breve: й
        composed = _composed(_ignored.sub("", composed))
    return _composed(composed.translate(_table))


def _composed(text: str) -> str:
    """The text in NFC, in linear time."""
    plain = _long_run.sub(_in_canonical_order, text) if _long_run.search(text) else text
    return unicodedata.normalize("NFC", plain)


def _in_canonical_order(run: re.Match[str]) -> str:
    """The marks sorted by combining class: unicodedata takes the square of a run's length for that."""
    marks = "".join(unicodedata.normalize("NFD", c) for c in run[0])
    groups = groupby(marks, key=lambda c: unicodedata.combining(c) > 0)
    return "".join(c for moves, group in groups for c in (sorted(group, key=unicodedata.combining) if moves else group))


def _fold_character(c: str) -> str:
    category = unicodedata.category(c)
    if c in APOSTROPHES:
        return "'"
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(c))
    if _dropped.fullmatch(c):
        return ""
    if category[0] == "S":  # Venezuela™ is Venezuela, not venezuelatm
        return c
    return _fold_letter(c)


def _fold_letter(c: str) -> str:
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", c).casefold())
    folded = "".join(map(_without_accents, wide)).translate(_LETTERS)
    if _stays_one.match(c):
        return folded if len(folded) == 1 else c
    if not _word.fullmatch(c):
        return folded
    bare = folded.replace("'", "").replace("·", "")  # ŉ, ŀ
    return bare if _word.fullmatch(bare) else c.casefold()  # ½ and ﷺ would fall into several words


def _without_accents(c: str) -> str:
    decomposed = unicodedata.normalize("NFD", c) if _accents_off.match(c) else c
    return str(_dropped.sub("", decomposed))


_table = _Table()
