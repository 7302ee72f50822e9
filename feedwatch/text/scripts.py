"""Which script a text is written in, and which one a language is; languages by their tags and names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HAN = frozenset({"cjk"})

_KANA = frozenset({"hiragana", "katakana", "katakana-hiragana"})
_NAMES = {"katakana-hiragana": "katakana", "halfwidth": "katakana", "fullwidth": "latin"}

LANGUAGES = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kk": "Kazakh", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "my": "Burmese",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovene", "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Languages by their code; one that is not here is called by its code."""

_SCRIPTS = {
    "arabic": "ar fa ur ps ku ug", "cyrillic": "ru uk be bg mk kk ky mn tg", "greek": "el", "hebrew": "he yi",
    "hangul": "ko", "cjk": "zh ja", "thai": "th", "lao": "lo", "khmer": "km", "myanmar": "my", "georgian": "ka",
    "armenian": "hy", "devanagari": "hi mr ne", "bengali": "bn", "tamil": "ta", "telugu": "te", "ethiopic": "am ti",
    "latin": "en es pt fr it de nl sv da no nb nn fi et hu pl cs sk sl hr ro lt lv tr az eu ca gl vi id ms sq",
}  # fmt: skip
_SCRIPT_OF = {language: script for script, languages in _SCRIPTS.items() for language in languages.split()}
"""Serbian, which is written in two, is left out."""


def language_of_tag(claim: str | None) -> str | None:
    """The primary language of a tag such as "pt-BR" ("pt"); None where the claim is no tag (RFC 5646)."""
    tag = re.match(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*$", claim or "")
    return tag[1].lower() if tag else None


def script_of(language: str) -> str:
    """The script that a language is written in, in lower case as Unicode calls it; "" where that is not one."""
    return _SCRIPT_OF.get(language, "")


def scripts_in(text: str) -> frozenset[str]:
    """The scripts of its letters; kana count with the Han characters that they stand beside."""
    found = {_script(c) for c in text if c.isalpha()} - {""}
    return frozenset(found - _KANA | HAN) if found & _KANA else frozenset(found)


@lru_cache(maxsize=8192)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ", 1)[0].lower()
    return _NAMES.get(name, name)


def script_name(script: str) -> str:
    return {"cjk": "Chinese characters", "hangul": "Korean letters"}.get(script, f"{script.capitalize()} letters")


def language_name(language: str) -> str:
    return LANGUAGES.get(language, language)
