"""The phrases that messages are made of: who, what, where, when. Every text of a stranger's is made harmless here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.alerts.outgoing import counted, cut, one_line, web_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, tzinfo

    from feedwatch.model import AlertItem, AlertView

LABEL = 16
"""Characters of a label at the most: of the 40 that a lock screen shows the rest is the headline's."""

NAME = 80
"""Characters of a name at the most, where several stand in a line."""

NAMES = 5
"""Names of one kind in a line at the most; the others are counted."""

SNIPPET_IN_LIST = 120
HEADLINE_IN_LIST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one target is written to."""

    labels: Mapping[str, str]  # watchlist's root id → label
    zone: tzinfo | None  # None: the system's
    title_limit: int
    body_limit: int
    size: Callable[[str], int] = len  # of a text, as it counts against these limits
    urgent: frozenset[str] = frozenset()  # root ids of the watchlists that come first in a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it is cut: `lines`, then whole `blocks` as far as there is room, then the link."""

    title: str
    lines: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...] = ()
    link: str | None = None
    more: str = ""  # the command that shows the blocks that found no room


def told_as(alert: AlertView, worded: str) -> str:
    """The kind of its message: as it was worded when it was decided, where it is about one story."""
    return alert.kind if alert.kind in {"digest", "health", "surge"} else worded


def labelled(watchlist: str, manners: Manners) -> str:
    return cut(one_line(manners.labels.get(watchlist, watchlist)), LABEL)


def labels(watchlists: Iterable[str], manners: Manners) -> str:
    """The labels of some watchlists, in the room of one; feedwatch's own name where there is none."""
    return cut(", ".join(sorted({labelled(each, manners) for each in watchlists})) or "feedwatch", LABEL)


def headline(item: AlertItem) -> str:
    return one_line(item.title) or one_line(item.link or "") or "untitled"


def link_of(item: AlertItem) -> str | None:
    return web_link(item.link or "")


def reason(item: AlertItem, alert: AlertView, manners: Manners, *, limit: int | None = None) -> str:
    """Where, when and why: its snippet, and what was not seen."""
    snippet = item.snippet if limit is None else cut(item.snippet, limit)
    said = f" · “{snippet}”" if snippet.strip() else ""
    return f"{where(item, alert, manners)}{said}{caveat(item)}"


def where(item: AlertItem, alert: AlertView, manners: Manners) -> str:
    language = f" [{item.language}]" if item.language else ""
    return f"{item.outlet}{language} {shown(item.published, alert, manners)}"


def shown(moment: datetime, alert: AlertView, manners: Manners) -> str:
    """The time; with its day where that is another one than the alert's."""
    return clock(moment, alert.created, manners)


def clock(moment: datetime, beside: datetime, manners: Manners) -> str:
    """The time; with its day where that is another one than `beside` it."""
    local, other = moment.astimezone(manners.zone), beside.astimezone(manners.zone)
    return f"{local:%H:%M}" if local.date() == other.date() else f"{local:%d %b %H:%M}"


def caveat(item: AlertItem) -> str:
    return " (headline only)" if item.headline_only else "" if item.body_seen else " (body not seen)"


def company(outlets: tuple[str, ...], sources: tuple[str, ...]) -> str:
    """As in "also: France 24, El País · 3 outlets, 1 source (AFP)"; empty where there is nothing to say."""
    if not outlets:
        return f"source: {names(sources)}" if sources else ""
    said = f"also: {names(outlets)} · {counted(len(outlets) + 1, 'outlet')}"
    return f"{said}, {counted(len(sources), 'source')} ({names(sources)})" if sources else said


def names(some: tuple[str, ...]) -> str:
    """The first few, each a short one, and how many others there are."""
    said = ", ".join(cut(one_line(name), NAME) for name in some[:NAMES])
    return said if len(some) <= NAMES else f"{said} and {len(some) - NAMES} more"
