"""What does this page say? Bytes in, an article out; runs in a worker process.

trafilatura finds the text. We give it a tree of our own: its parser stops 254 elements deep, and its guess of
the charset asks neither the page nor the server.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import trafilatura
from lxml.etree import LxmlError
from lxml.html import HTMLParser, document_fromstring

from feedwatch.articles.charset import decoded
from feedwatch.articles.furniture import NOTHING
from feedwatch.articles.kinds import ARTICLE, WALL, kind_of
from feedwatch.articles.moments import day, moment
from feedwatch.articles.parts import parts_of
from feedwatch.articles.posts import posts_of
from feedwatch.articles.structured import structured
from feedwatch.articles.walls import is_taste
from feedwatch.errors import PageElsewhere, PageUnreadable
from feedwatch.model import Page
from feedwatch.text.addresses import absolute, canonical
from feedwatch.text.scripts import language_of_tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feedwatch.articles.furniture import Repeated
    from feedwatch.articles.structured import Structured


def read_page(body: bytes, url: str, content_type: str | None, repeated: Repeated = NOTHING) -> Page:
    """The article in `body`, fetched from `url`; the server's charset counts where the page names none.

    `repeated` is what other pages of its host say, too. A day without a time is its midnight in UTC. A page that is no
    article says so (`is_article`), where that is certain. Raises PageUnreadable if no pass finds an article's text:
    menus and link lists are never taken for one.
    """
    tree = _tree(decoded(body, content_type), url)
    facts = structured(tree)
    document = _extracted(tree, url)
    text = _fullest(_body(document) or _paragraphs(tree), facts.body)
    elsewhere = _elsewhere(tree, url, text)
    if elsewhere is not None:
        raise PageElsewhere(elsewhere)
    kind = kind_of(tree, facts, url, _canonical(tree, url), text)
    if not text and kind == ARTICLE:
        raise PageUnreadable(f"{url} has no article text (it may be an index, a video or an app; open it)")
    title = facts.headline or _of_all_posts(tree, facts) or _line(getattr(document, "title", None))
    parts = parts_of(tree, url, title, tuple(text.splitlines()), facts.description or _description(tree), repeated)
    said = "\n".join(parts.body)
    return Page(
        title=title,
        body=said,
        language=_language(tree),
        authors=facts.authors or _authors(getattr(document, "author", None)),
        published=_published(tree, facts) or day(getattr(document, "date", None)),
        canonical=_canonical(tree, url),
        amp=_amp(tree, url),
        captions=parts.captions,
        teasers=parts.teasers,
        is_article=kind == ARTICLE,
        paywalled=kind == WALL or is_taste(tree, facts, said),
        posts=posts_of(tree, facts, said),
    )


_FULLER = 1.5  # times the words that were found: then the page's own articleBody is the whole of it
_FULL = 60  # words of an articleBody at the least: many are a summary


def _fullest(found: str, said: str) -> str:
    """The text that was found, or the page's articleBody where that is much longer."""
    length = len(said.split())
    return said if length >= _FULL and length >= _FULLER * len(found.split()) else found


# Text ---------------------------------------------------------------------------------------------------

_PASSES: tuple[dict[str, Any], ...] = ({}, {"favor_recall": True})

# What trafilatura and htmldate raise on broken pages; a MemoryError must reach the worker's owner.
_EXPECTED = (ArithmeticError, AttributeError, LookupError, LxmlError, RecursionError, TypeError, ValueError)


def _extracted(tree: Any, url: str) -> Any:
    """What trafilatura's first successful pass found, or None."""
    return next((found for options in _PASSES if _body(found := _pass(tree, url, options))), None)


def _pass(tree: Any, url: str, options: dict[str, Any]) -> Any:
    """One run of trafilatura, or None.

    No language is asked for (a wrong guess would discard the page), nothing is deduplicated (that state outlives
    the page), and the date parameters are made for this call (a stored set freezes today).
    """
    try:
        return trafilatura.bare_extraction(tree, url=url, include_comments=False, with_metadata=True, **options)
    except _EXPECTED:
        return None


def _body(document: Any) -> str:
    """Paragraphs parted by newlines; empty if trafilatura's last resort, the whole page's text, is all it has."""
    if document is None or _is_dump(document.body):
        return ""
    return _lines((document.text or "").splitlines())


def _is_dump(body: Any) -> bool:
    """Whether this is trafilatura.baseline's "take everything": one paragraph that has newlines in it."""
    return len(body) == 1 and body[0].tag == "p" and "\n" in (body[0].text or "")


_FURNITURE = (
    "nav|aside|header|footer|figure|button|select|*[@role='navigation' or @role='complementary']"
    "|*[contains(@class,'comment') or contains(@class,'related') or contains(@class,'share')"
    " or contains(@class,'newsletter') or contains(@class,'promo')]|*[contains(@id,'comment')]"
)
_IN_ARTICLE = "ancestor::article or ancestor::main or ancestor::*[@role='main' or @itemprop='articleBody']"
_OUTSIDE = " and ".join(f"not(ancestor-or-self::{one})" for one in _FURNITURE.split("|"))
_MIN_WORDS = 25  # together; less is a caption or a notice


def _paragraphs(tree: Any) -> str:
    """The last resort: paragraphs that the page itself marks as its article's, outside of furniture, or as typed."""
    marked = (paragraph.text_content() for paragraph in tree.xpath(f"//p[({_IN_ARTICLE}) and {_OUTSIDE}]"))
    typed = (part for pre in tree.xpath(f"//pre[{_OUTSIDE}]") for part in pre.text_content().split("\n\n"))
    text = _lines(marked) or _lines(typed)
    return text if len(text.split()) >= _MIN_WORDS else ""


def _lines(paragraphs: Iterable[str]) -> str:
    return "\n".join(line for line in (" ".join(one.split()) for one in paragraphs) if line)


def _of_all_posts(tree: Any, facts: Structured) -> str:
    """A live page's headline where its data give only those of its posts: the newest would be taken for it."""
    heads = (_line(one.text_content()) for one in tree.iter("h1"))
    return next(filter(None, heads), "") if facts.updates else ""


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


# A tree -------------------------------------------------------------------------------------------------

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _tree(text: str, url: str) -> Any:
    if "<" not in text:
        raise PageUnreadable(f"{url} is no HTML page (open it in a browser)")
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(_ILLEGAL.sub("", text).encode(), parser=parser)
    except (LxmlError, ValueError) as error:
        raise PageUnreadable(f"{url} is no HTML page (open it in a browser)") from error


# What the page says of itself ---------------------------------------------------------------------------

_TIMES = (
    "//meta[@property='article:published_time' or @name='article:published_time' or @itemprop='datePublished'"
    " or @name='datePublished' or @property='og:article:published_time' or @name='parsely-pub-date']/@content"
)


_DESCRIPTION = "//meta[@property='og:description' or @name='description']/@content"


def _published(tree: Any, facts: Structured) -> datetime | None:
    """The first moment, with its time and zone, that the page's metadata give."""
    claims = (*tree.xpath(_TIMES), *facts.published)
    return next((found for found in map(moment, claims) if found), None)


def _description(tree: Any) -> str:
    return next((_line(claim) for claim in tree.xpath(_DESCRIPTION) if claim.strip()), "")


def _language(tree: Any) -> str | None:
    root = tree.getroottree().getroot()
    return language_of_tag(root.get("lang") or root.get("xml:lang"))


def _authors(names: str | None) -> tuple[str, ...]:
    """The names in trafilatura's "A; B"."""
    return tuple(dict.fromkeys(_line(name) for name in (names or "").split(";") if name.strip()))


def _canonical(tree: Any, url: str) -> str | None:
    """The address that the page claims to be, made absolute; some pages escape it as in JSON or HTML."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (link.get("href") or "").strip():
            return absolute(html.unescape(link.get("href")).replace("\\/", "/").strip(), url)
    return None


def _amp(tree: Any, url: str) -> str | None:
    """The address of the page's twin for phones."""
    links = tree.xpath("//link[@rel='amphtml']/@href")
    return absolute(links[0].strip(), url) if links else None


# Pages that only lead on ---------------------------------------------------------------------------------

_REFRESH = re.compile(r"""\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*+(?:url\s*=\s*)?+["']?\s*([^"'\s][^"']*)""", re.IGNORECASE)
_AT_ONCE = 5  # seconds; a page that reloads itself later is meant to be read
_SAYS_SO = 60  # words: "You are being taken to the article. Click here if …", in any language


def _elsewhere(tree: Any, url: str, text: str) -> str | None:
    """Where a page without an article leads: by a refresh at once, or else to its AMP twin."""
    if len(text.split()) > _SAYS_SO:
        return None
    target = _refresh(tree, url) or (None if text else _amp(tree, url))
    return target if target and canonical(target) != canonical(url) else None


def _refresh(tree: Any, url: str) -> str | None:
    for content in tree.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content"):
        found = _REFRESH.match(content)
        if found and int(found[1]) <= _AT_ONCE:
            return absolute(html.unescape(found[2]).strip(), url)
    return None
