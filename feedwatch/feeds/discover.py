"""Where does a site keep its feeds? HTML in, addresses out; whether they answer is for others to find out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from feedwatch.text.addresses import canonical, is_web

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CANDIDATES = 50
"""Addresses of one page at the most: a page of links is no list of feeds."""

COMMON_PLACES = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
"""Where the common publishing systems put a feed: WordPress, Ghost, Drupal, Jekyll, Hugo, Micro.blog."""

SITEMAP_PLACES = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/news_sitemap.xml")
"""Where outlets without a feed put the news sitemap that they make for Google; robots.txt names it else."""

_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/xml",
        "text/xml",
    }
)
_PATH = re.compile(r"(?:^|[/._?=&-])(?:rss|atom|feeds?|rdf)(?:$|[/._?=&0-9-])", re.IGNORECASE)
_SITEMAP = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news", re.IGNORECASE)
_OF_COMMENTS = re.compile(r"/comments/|comments?[ _-]?feed|kommentar|comentario|commentaire", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that is probably a feed's."""

    url: str  # absolute, http or https
    title: str  # as the page calls it; may be empty
    declared: bool  # the page says that it is a feed (`link rel=alternate`); False: a link that looks like one


def discover(html: bytes, url: str) -> tuple[Candidate, ...]:
    """The feeds that a page names, those that it declares first, a site's feeds of comments last; each once.

    `url` is where the page came from. Nothing is raised for any bytes.
    """
    root = _parsed(html)
    if root is None:
        return ()
    base = _base(root, url)
    found = [*_declared(root, base), *_linked(root, base)]
    first: dict[str, Candidate] = {}
    for candidate in found:
        first.setdefault(canonical(candidate.url), candidate)
    first.pop(canonical(url), None)  # the page itself is none
    return tuple(sorted(first.values(), key=_is_of_comments))[:CANDIDATES]


def common_places(url: str) -> tuple[str, ...]:
    """Addresses at which a feed is often found: beside the page, then on its host."""
    beside = [urljoin(url, place.lstrip("/")) for place in COMMON_PLACES[:2]] if _has_folder(url) else []
    return tuple(dict.fromkeys([*beside, *(urljoin(url, place) for place in COMMON_PLACES)]))


def _has_folder(url: str) -> bool:
    """Whether the page is that of a section or a blog: https://host/blog/."""
    path = urlsplit(url).path
    return path.endswith("/") and path != "/"


def news_sitemaps(robots: bytes, url: str) -> tuple[str, ...]:
    """The news sitemaps that a site's robots.txt names, and the usual places of its host."""
    named = (_absolute(found[1].decode("utf-8", "replace"), url) for found in _SITEMAP.finditer(robots))
    news = [address for address in named if address and _NEWS.search(urlsplit(address).path)]
    return tuple(dict.fromkeys([*news, *(urljoin(url, place) for place in SITEMAP_PLACES)]))


def _parsed(html: bytes) -> Any | None:
    parser = etree.HTMLParser(encoding="utf-8" if _is_utf8(html) else None, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(html, parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing in it that could be a document
        return None


def _is_utf8(html: bytes) -> bool:
    try:
        html.decode()
    except UnicodeDecodeError:
        return False
    return True


def _base(root: Any, url: str) -> str:
    named = next((element.get("href", "") for element in root.iter("base")), "")
    return _absolute(named, url) or url


def _declared(root: Any, base: str) -> Iterator[Candidate]:
    for element in root.iter("link"):
        relations = element.get("rel", "").lower().split()
        kind = element.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in relations and kind in _TYPES:
            yield from _candidate(element.get("href"), element.get("title"), base, declared=True)


def _linked(root: Any, base: str) -> Iterator[Candidate]:
    for element in root.iter("a"):
        kind = element.get("type", "").partition(";")[0].strip().lower()
        href = element.get("href", "")
        if kind in _TYPES or _PATH.search(href.partition("#")[0].partition("://")[2] or href.partition("#")[0]):
            yield from _candidate(href, "".join(element.itertext()), base, declared=False)


def _candidate(href: str | None, title: str | None, base: str, *, declared: bool) -> Iterable[Candidate]:
    url = _absolute(href or "", base)
    return (Candidate(url=url, title=" ".join((title or "").split()), declared=declared),) if url else ()


def _absolute(href: str, base: str) -> str | None:
    text = href.strip()
    if text.lower().startswith("feed:"):  # feed://host/x and feed:https://host/x, which browsers once understood
        rest = text[5:]
        text = f"http:{rest}" if rest.startswith("//") else rest
    try:
        url = urljoin(base, text)
    except ValueError:
        return None
    return url if text and is_web(url) and url.isprintable() and " " not in url else None


def _is_of_comments(candidate: Candidate) -> bool:
    return bool(_OF_COMMENTS.search(candidate.url) or _OF_COMMENTS.search(candidate.title))
