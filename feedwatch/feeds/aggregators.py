"""Where does an aggregator's link lead? Its readers are sent through its own address; the article has another.

A Google News link cannot be unwrapped: what leads on is made by a script, for a browser. Its entries are headlines
without a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from feedwatch.text.addresses import host_of, is_web

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

    from feedwatch.model import ParsedEntry

NESTED = 5
"""A link in a link in a link: more are not followed."""

HEADLINES = (
    "Google News gives headlines only, and no page is read behind them (add the outlets' own feeds where you can)"
)

GOOGLE_NEWS = "news.google.com"


def understood(entry: ParsedEntry, *, original: str | None = None, source: str = "") -> ParsedEntry:
    """The entry as it is of an aggregator, if it is: the article's own address, its outlet, the headline alone.

    `original` is the address that the feed itself names behind its link (feedburner:origLink), `source` the outlet.
    """
    target = unwrapped(original if original and is_web(original) else entry.link or "")
    if is_headline_only(target):
        title = entry.title.removesuffix(f" - {source}").rstrip() if source else entry.title
        return replace(entry, title=title, summary="", content="", outlet=source, headline_only=True)
    if target == (entry.link or ""):
        return entry
    return replace(entry, target=target, outlet=source)


def is_headline_only(url: str) -> bool:
    """Whether an article, or a feed whose articles all are, is behind an address that only a browser gets past."""
    return host_of(url) == GOOGLE_NEWS


def unwrapped(link: str) -> str:
    """The address that an aggregator's link leads to; any other link as it is."""
    for _ in range(NESTED):
        inner = _inner(link)
        if inner is None:
            break
        link = inner
    return link


def _inner(link: str) -> str | None:
    host = host_of(link)
    if not host:
        return None
    parts = urlsplit(link.strip())
    found = next((read(parts) for hosts, read in _WRAPPERS if hosts.fullmatch(host)), None)
    return found if found and is_web(found) else None


def _parameter(path: str, *names: str) -> Callable[[SplitResult], str | None]:
    """Reads the address from a parameter; a plus in it is a plus."""

    def read(parts: SplitResult) -> str | None:
        given = dict(pair.partition("=")[::2] for pair in reversed(parts.query.split("&")))
        held = [unquote(given[name]) for name in names if given.get(name)] if re.fullmatch(path, parts.path) else []
        return held[0] if held else None

    return read


def _google(parts: SplitResult) -> str | None:
    return _parameter("/url", "url", "q")(parts) or _after(r"/amp/", parts)


def _amp(parts: SplitResult) -> str | None:
    """https://developers.google.com/amp/cache/overview: /c/ is a page, /v/ one in a viewer, s/ says https."""
    return _after(r"/[cv]/", parts)


def _after(start: str, parts: SplitResult) -> str | None:
    found = re.match(start + r"(s/)?(.+)", parts.path)
    if found is None:
        return None
    return f"{'https' if found[1] else 'http'}://{found[2]}{_rest(parts)}"


def _rest(parts: SplitResult) -> str:
    """Query and fragment."""
    return parts._replace(scheme="", netloc="", path="").geturl()


def _yahoo(parts: SplitResult) -> str | None:
    """r.search.yahoo.com/…/RU=ADDRESS/RK=…, and rd.yahoo.com/…/*ADDRESS."""
    found = re.search(r"/RU=([^/]+)|/\*(https?:.+)", parts.path)
    if found is None:
        return None
    return unquote(found[1]) if found[1] else found[2] + _rest(parts)


_WRAPPERS: tuple[tuple[re.Pattern[str], Callable[[SplitResult], str | None]], ...] = tuple(
    (re.compile(hosts), read)
    for hosts, read in (
        (r"(www\.)?google\.[a-z]{2,3}(\.[a-z]{2})?", _google),
        (r"news\.google\.com", _parameter("/news/url", "url")),
        (r"(www\.)?bing\.com", _parameter("/news/apiclick\\.aspx", "url")),
        (r"([a-z0-9-]+\.)?cdn\.ampproject\.org", _amp),
        (r"(r\.search|([a-z]+\.)?rd)\.yahoo\.com", _yahoo),
        (r"(www\.)?duckduckgo\.com", _parameter("/l/", "uddg")),
        (r"lm?\.(facebook|instagram)\.com", _parameter("/(l\\.php)?", "u")),
        (r"(www\.)?youtube\.com", _parameter("/redirect", "q")),
        (r"(www\.|m\.)?vk\.com", _parameter("/away\\.php", "to")),
        (r"out\.reddit\.com", _parameter("/.*", "url")),
        (r"[a-z0-9]+\.safelinks\.protection\.outlook\.com", _parameter("/.*", "url")),
    )
)
"""By host. Each reads the address that is behind, or None; what only a request could tell is not among them."""
