"""What a page says of itself for machines: JSON-LD in the words of schema.org, as far as it can be read."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ARTICLES = frozenset(
    {"Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BlogPosting"}
    | {"LiveBlogPosting", "BackgroundNewsArticle", "ReviewNewsArticle", "Report", "SocialMediaPosting", "TechArticle"}
    | {"AskPublicNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle", "Review"}
)
"""Types whose page is an article (https://schema.org/Article and below)."""

LISTS = frozenset({"CollectionPage", "SearchResultsPage", "ProfilePage", "ItemList", "MediaGallery"})
"""Types whose page lists others; a WebPage or a WebSite may be anything."""

_MOST = 400  # things of a page; more is a catalogue
_DEEP = 6  # levels of @graph and mainEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """The page's main article in its own words, or "" and () where it says nothing."""

    types: frozenset[str] = frozenset()  # of all things at the top, or in a @graph
    headline: str = ""
    body: str = ""  # articleBody: paragraphs parted by newlines
    description: str = ""
    authors: tuple[str, ...] = ()
    published: tuple[str, ...] = ()  # datePublished as it is written, the article's first
    free: bool | None = None  # isAccessibleForFree; None: nothing said
    updates: tuple[dict[str, Any], ...] = ()  # liveBlogUpdate: one post each


NOTHING = Structured()


def structured(tree: Any) -> Structured:
    """All JSON-LD of the page. What cannot be parsed is left out: many pages carry broken scripts."""
    things = [thing for script in tree.iter("script") if _is_json_ld(script) for thing in _things(_parsed(script))]
    if not things:
        return NOTHING
    articles = [thing for thing in things if _types(thing) & ARTICLES]
    main = articles[0] if articles else {}
    return Structured(
        types=frozenset(name for thing in things for name in _types(thing)),
        headline=plain(main.get("headline")) or plain(main.get("name")),
        body=max((_body(thing) for thing in articles), key=len, default=""),
        description=plain(main.get("description")),
        authors=tuple(dict.fromkeys(_names(main.get("author")))),
        published=tuple(str(thing["datePublished"]) for thing in (*articles, *things) if thing.get("datePublished")),
        free=_free(articles),
        updates=tuple(update for thing in articles for update in _dicts(thing.get("liveBlogUpdate"), most=None)),
    )


def _is_json_ld(script: Any) -> bool:
    return "ld+json" in (script.get("type") or "").lower() and bool(script.text)


_CONTROLS = re.compile("[\x00-\x1f]+")


def _parsed(script: Any) -> Any:
    """The script's value; some are wrapped in CDATA or carry raw newlines in their strings."""
    text = script.text.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    try:
        return json.loads(_CONTROLS.sub(" ", text).strip().rstrip(";"))
    except (ValueError, RecursionError):
        return None


def _things(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    for thing in _dicts(value):
        yield thing
        if depth < _DEEP:
            for inner in ("@graph", "mainEntity", "mainEntityOfPage"):
                yield from _things(thing.get(inner), depth + 1)


def _dicts(value: Any, most: int | None = _MOST) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found[:most] if isinstance(one, dict)]


def _types(thing: dict[str, Any]) -> set[str]:
    claims = thing.get("@type")
    found = claims if isinstance(claims, list) else [claims]
    return {one.rpartition("/")[2] for one in found if isinstance(one, str)}


_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
_PARAGRAPH = re.compile(r"</p>|</h\d>|<br\s*/?>|</li>", re.IGNORECASE)


def plain(value: Any) -> str:
    """One line of plain text; some escape it as in HTML, or leave tags in it."""
    return " ".join(_TAG.sub(" ", _unescaped(value)).split()) if isinstance(value, str) else ""


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _unescaped(value: str) -> str:
    """A text without what no text may have: JSON can escape half a letter, which no database takes."""
    return html.unescape(_ILLEGAL.sub("", value))


def _body(thing: dict[str, Any]) -> str:
    value = thing.get("articleBody")
    if not isinstance(value, str):
        return ""
    lines = _PARAGRAPH.sub("\n", _unescaped(value)).splitlines()
    return "\n".join(text for line in lines if (text := plain(line)))


def _names(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        name = plain(one.get("name") if isinstance(one, dict) else one)
        if name and not name.startswith(("http:", "https:")):
            yield name


def _free(articles: list[dict[str, Any]]) -> bool | None:
    """False if one of the articles, or a part of it, is said to cost money."""
    claims = [thing.get("isAccessibleForFree") for thing in articles]
    said = [str(claim).lower() for claim in claims if claim is not None]
    return None if not said else all(one != "false" for one in said)
