"""Lists of feeds as OPML (http://opml.org/spec2.opml): in, however broken, and out.

Half of the lists that go round are not well-formed XML: bare ampersands, quotes inside quotes, cut ends. So every
<outline> tag is read by itself, and no tag can spoil another one. Nothing is ever expanded or fetched.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from feedwatch.feeds.texts import one_line, readable, unescaped
from feedwatch.text.addresses import canonical, is_web

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_TAG = re.compile(r"<(/?)(?:\w{1,20}:)?outline\b|\Z", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]{1,60})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TORN_URL = re.compile(r"""\b(?:xmlurl|feedurl)\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE)
_CLOSED = re.compile(r"[^<>]*/\s*>")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")

DEPTH = 10
"""Folders within folders that are told apart; nobody nests deeper."""

_URLS = ("xmlurl", "feedurl", "rssurl")
_FEEDS = frozenset({"rss", "rss1", "atom", "atom1", "feed", "jsonfeed"})
_NO_TEXTS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Python's codecs that are no encodings of texts."""

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:feedwatch="https://feedwatch.invalid/opml">
  <head>
    <title>{title}</title>
  </head>
  <body>
"""
_FOOT = "  </body>\n</opml>\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A feed of a list."""

    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()  # the folders that it lies in, the outer ones first, and its categories
    kind: str = "feed"
    interval: str | None = None  # "15m", where feedwatch wrote the list
    line: int = 0  # where it stands in the list, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A line of a list that brought no feed, and why."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds. A feed that stands in several folders comes once, with the tags of all."""

    feeds: tuple[Listed, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """One tag."""

    line: int
    said: Mapping[str, str]  # attributes by their names in small letters
    url: str
    closed: bool  # nothing lies in it

    @property
    def name(self) -> str:
        return _tidy(self.said.get("text") or self.said.get("title") or "")

    @property
    def is_off(self) -> bool:
        on = self.said.get("enabled", "true").lower() not in {"false", "no", "0"}
        return not on or any(self.said.get(key, "").lower() == "true" for key in ("iscomment", "disabled"))


# In -----------------------------------------------------------------------------------------------------


def read_opml(data: bytes) -> FeedList:
    """The feeds of a list; nothing is raised for any bytes, and what is no list is empty."""
    found: dict[str, Listed] = {}
    remarks: list[Remark] = []
    for outline, folders, off in _placed(_outlines(_without_comments(decoded(data)))):
        feed = _feed(outline, folders, off=off)
        if isinstance(feed, Remark):
            remarks.append(feed)
        elif feed is not None:
            address = canonical(feed.url)
            known = found.get(address)
            found[address] = replace(known, tags=_distinct((*known.tags, *feed.tags))) if known else feed
    return FeedList(feeds=tuple(found.values()), remarks=tuple(remarks))


def decoded(data: bytes) -> str:
    """The text: by its byte order mark; as UTF-8 where it must be; as it says; else as old Windows wrote."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace").removeprefix("\ufeff")
    declared = _DECLARED.search(data[:1_000])
    named = [declared[1].decode()] if declared else []
    for name in [*named, "utf-8"] if data.isascii() else ["utf-8", *named]:  # ISO-2022 is ASCII to look at
        text = _as(name, data)
        if text is not None:
            return text
    return data.decode("cp1252", "replace")


def _as(name: str, data: bytes) -> str | None:
    if name.lower().replace("-", "_") in _NO_TEXTS:
        return None
    try:
        return data.decode(name)
    except (UnicodeError, LookupError):
        return None


def _without_comments(text: str) -> str:
    """The same lines; a comment that does not end is none."""
    kept, at = list[str](), 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + len("-->")
    return "".join([*kept, text[at:]])


def _outlines(text: str) -> Iterator[_Outline | None]:
    """Every opening tag in order; None for a closing one."""
    line, counted = 1, 0
    for tag, following in pairwise(_TAG.finditer(text)):
        line, counted = line + text.count("\n", counted, tag.start()), tag.start()
        yield None if tag[1] else _outline(line, text[tag.end() : following.start()])


def _outline(line: int, inside: str) -> _Outline:
    """`inside` is what stands between the tag's name and the next tag."""
    said: dict[str, str] = {}
    end = 0
    for found in _ATTRIBUTE.finditer(inside):
        said.setdefault(found[1].lower(), unescaped(found[2] if found[2] is not None else found[3]))
        end = found.end()
    return _Outline(line=line, said=said, url=_address(said, inside), closed=bool(_CLOSED.match(inside, end)))


def _address(said: Mapping[str, str], inside: str) -> str:
    stated = next((said[key] for key in _URLS if said.get(key)), "")
    if not stated and said.get("type", "").lower() in _FEEDS:
        stated = said.get("url", "")
    torn = None if stated else _TORN_URL.search(inside)
    return stated or (unescaped(torn[1]) if torn else "")


def _placed(outlines: Iterable[_Outline | None]) -> Iterator[tuple[_Outline, tuple[str, ...], bool]]:
    """Every outline with the folders that it lies in, and whether it or one of them is switched off."""
    around: list[tuple[tuple[str, ...], bool]] = [((), False)]
    for outline in outlines:
        if outline is None:
            del around[max(1, len(around) - 1) :]
            continue
        folders, off = around[-1]
        off = off or outline.is_off
        yield outline, folders, off
        if not outline.closed:
            named = () if outline.url or len(folders) >= DEPTH else tuple(filter(None, [outline.name]))
            around.append((folders + named, off))


def _feed(outline: _Outline, folders: Sequence[str], *, off: bool) -> Listed | Remark | None:
    """The feed, what keeps it from being one, or None for a folder or a note."""
    if not outline.url:
        return _remark(outline)
    if off:
        return Remark(line=outline.line, text=f"{outline.url}: switched off in the list (add it with `feeds add`)")
    url = _web(outline.url)
    if url is None:
        return Remark(line=outline.line, text=f'"{outline.url}" is no web address (correct it in the list)')
    said, name = outline.said, outline.name
    return Listed(
        url=url,
        line=outline.line,
        name=name if name not in {"", url} else None,
        tags=_distinct((*folders, *_categories(said.get("category", "")))),
        kind="sitemap" if said.get("feedwatch:kind") == "sitemap" else "feed",
        interval=said.get("feedwatch:interval"),
    )


def _remark(outline: _Outline) -> Remark | None:
    kind = outline.said.get("type", "").lower()
    if kind == "include":
        text = f"{outline.said.get('url', '')}: another list, which is not fetched (download and import it, too)"
        return Remark(line=outline.line, text=text)
    named = outline.name or "without a name"
    return Remark(line=outline.line, text=f"a feed without an address: {named}") if kind in _FEEDS else None


def _web(text: str) -> str | None:
    """The address, as browsers would take it; feed:// is what they once understood."""
    url = "".join(text.split("\n")).replace("\t", "").replace("\r", "").strip().replace(" ", "%20")
    scheme, _, rest = url.partition(":")
    if scheme.lower() in {"feed", "itpc", "pcast"}:
        url = f"http:{rest}" if rest.startswith("//") else rest
    return url if is_web(url) and url.isprintable() else None


def _categories(text: str) -> tuple[str, ...]:
    """OPML 2.0: "/Harvard/Berkman,politics"."""
    return tuple(filter(None, (_tidy(name) for path in text.split(",") for name in path.split("/"))))


def _tidy(text: str) -> str:
    """One line that a config file takes."""
    return one_line("".join(c for c in one_line(readable(text)) if c.isprintable()))


def _distinct(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


# Out ----------------------------------------------------------------------------------------------------


def write_opml(feeds: Iterable[Listed], title: str) -> str:
    """The feeds as OPML 2.0, each in a folder for each of its tags; `read_opml` gives the same feeds back.

    A sitemap and an interval of one's own are kept in attributes that other programs pass over.
    """
    folders: dict[str, list[Listed]] = {"": []}
    for feed in feeds:
        for tag in feed.tags or ("",):
            folders.setdefault(tag, []).append(feed)
    body = [line for tag, inside in folders.items() for line in _folder(tag, inside)]
    return _HEAD.format(title=escape(title)) + "".join(f"{line}\n" for line in body) + _FOOT


def _folder(tag: str, feeds: Sequence[Listed]) -> list[str]:
    if not tag:
        return [f"    {_row(feed)}" for feed in feeds]
    name = quoteattr(tag)
    return [
        f"    <outline text={name} title={name}>",
        *(f"      {_row(feed)}" for feed in feeds),
        "    </outline>",
    ]


def _row(feed: Listed) -> str:
    name = feed.name or feed.url
    said = {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url}
    said |= {"feedwatch:kind": feed.kind} if feed.kind != "feed" else {}
    said |= {"feedwatch:interval": feed.interval} if feed.interval else {}
    return f"<outline {' '.join(f'{key}={quoteattr(value)}' for key, value in said.items())}/>"
