"""Is this page an article at all? Told only by what is certain: a page that is not recognised is an article.

A front page, a tag's page or a search lists other pages; an error page says that there is none; a wall (consent,
robots, log-in) stands before it. None of them says what the entry that led here promised.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from feedwatch.articles.lines import said, words
from feedwatch.articles.structured import ARTICLES, LISTS, Structured

ARTICLE, LIST, ERROR, WALL = "article", "list", "error", "wall"

_SHORT = 120  # words: an error page or a wall has no more to say
_LINKED_HEADINGS = 12  # a list has more headings that lead elsewhere than the boxes below an article

_TYPE = "//meta[@property='og:type']/@content"
_HEADS = "//*[self::h1 or self::h2 or self::h3 or self::h4][.//a/@href or parent::a]"


def kind_of(tree: Any, facts: Structured, url: str, canonical: str | None, text: str) -> str:
    """ARTICLE, or why the page at `url` is none; `text` is what was found on it."""
    if facts.types & ARTICLES:
        return ARTICLE
    if words(text) <= _SHORT:
        if _is_wall(tree):
            return WALL
        if _is_error(tree):
            return ERROR
    return LIST if _is_list(tree, facts, url, canonical) else ARTICLE


def _is_list(tree: Any, facts: Structured, url: str, canonical: str | None) -> bool:
    """A collection by its own word, or a home page that looks like one."""
    claims = {claim.strip().lower() for claim in tree.xpath(_TYPE)}
    if facts.types & LISTS and "article" not in claims:
        return True
    at_home = _is_root(url) or (canonical is not None and _is_root(canonical) and "article" not in claims)
    return at_home and len(tree.xpath(_HEADS)) >= _LINKED_HEADINGS


def _is_root(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


_WALLS = re.compile(
    r"just a moment|attention required|checking your browser|verify (?:that )?you are (?:a )?human"
    r"|are you (?:a )?robot|pardon our interruption|ddos-guard|access (?:to this page has been )?denied"
    r"|please enable (?:js|javascript) and|bot (?:verification|detection)|security check|before you continue"
    r"|bevor sie (?:fortfahren|weiterlesen)|avant de continuer|cookie (?:consent|wall)|privacy settings"
    r"|un momento|einen moment|проверка браузера|confirm you.re not a robot|human verification|request unsuccessful",
    re.IGNORECASE,
)
_GUARDS = re.compile(
    r"challenge-platform|cf[-_]chl|captcha-delivery|_incapsula_|px-captcha|perimeterx|ddos-guard|hcaptcha\.com/1",
    re.IGNORECASE,
)
_SCRIPT = 2_000  # characters of a script that are looked at


def _is_wall(tree: Any) -> bool:
    if _WALLS.search(_name(tree)):
        return True
    scripts = (f"{script.get('src') or ''} {(script.text or '')[:_SCRIPT]}" for script in tree.iter("script"))
    return not _has_paragraph(tree) and any(_GUARDS.search(script) for script in scripts)


_ERRORS = re.compile(
    r"\b(?:404|410|500|502|503)\b.{0,40}(?:not found|error|gone|unavailable|no encontrad|nicht gefunden|introuvable)"
    r"|\b404\b.{0,40}(?:не найден|não encontrad)|^(?:error )?(?:404|410|500|502|503)\b"
    r"|page (?:was |could )?not (?:be )?found|not found\s*$|page introuvable|seite (?:wurde )?nicht gefunden"
    r"|página no (?:encontrada|existe)|página não encontrada|pagina non trovata|strona nie (?:została )?znaleziona"
    r"|страница не найдена|сторінку не знайдено|pagina niet gevonden|sidan (?:kunde inte )?hitta|الصفحة غير موجودة",
    re.IGNORECASE,
)


def _is_error(tree: Any) -> bool:
    return bool(_ERRORS.search(_name(tree)) or any(_ERRORS.search(said(head)) for head in tree.iter("h1")))


def _name(tree: Any) -> str:
    title = tree.find(".//title")
    return "" if title is None else said(title)


def _has_paragraph(tree: Any) -> bool:
    return any(words(said(one)) > 25 for one in tree.iter("p"))  # noqa: PLR2004 - a sentence of its own
