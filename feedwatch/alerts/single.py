"""Messages about one story: first, raise, update, revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.outgoing import cut, one_line
from feedwatch.alerts.phrases import (
    HEADLINE_IN_LIST,
    Draft,
    Manners,
    company,
    headline,
    labelled,
    link_of,
    reason,
    shown,
)

if TYPE_CHECKING:
    from feedwatch.model import AlertItem, AlertView, Change

GONE = "The page is no longer there."

CHANGED = {"corrected": "corrected", "changed": "changed", "gone": "gone", "posts": "live"}
"""What became of an article → the word before its headline."""


def first(alert: AlertView, manners: Manners) -> Draft:
    return _story(alert, manners, "")


def stronger(alert: AlertView, manners: Manners) -> Draft:
    return _story(alert, manners, "stronger: ")


def update(alert: AlertView, manners: Manners) -> Draft:
    """It stands alone: what it belongs to is said by the time."""
    told = f"Update to {shown(alert.told, alert, manners)}" if alert.told else "Update"
    return _story(alert, manners, "update: ", f"{told}: ")


def revision(alert: AlertView, manners: Manners) -> Draft:
    """What became of an article that was told."""
    change = alert.change
    item = alert.items[0]
    word = CHANGED.get(change.kind, "changed") if change else "changed"
    told = f" (told {shown(alert.told, alert, manners)})" if alert.told else ""
    begun = f"{item.outlet} {shown(item.published, alert, manners)}{told} · {_became(change)}"
    return Draft(
        title=f"{labelled(item.watchlist, manners)} · {word}: {headline(item)}",
        lines=(begun, *_said(change)[1:], *(note for note in [item.note] if note and note not in begun)),
        link=link_of(item),
    )


def _became(change: Change | None) -> str:
    lines = _said(change)
    return lines[0] if lines else GONE if change and change.kind == "gone" else "its text changed"


def _said(change: Change | None) -> list[str]:
    return [line for line in map(one_line, change.lines if change else ()) if line]


def _story(alert: AlertView, manners: Manners, word: str, begun: str = "") -> Draft:
    """The strongest article with its reason; the others a line each."""
    item, *others = alert.items
    lines = (
        f"{begun}{reason(item, alert, manners)}",
        company(item.outlets, item.sources),
        item.note,
        *(other_article(other, alert, manners) for other in others),
    )
    return Draft(
        title=f"{labelled(item.watchlist, manners)} · {word}{headline(item)}",
        lines=tuple(line for line in lines if line),
        link=link_of(item),
    )


def other_article(item: AlertItem, alert: AlertView, manners: Manners) -> str:
    """Another article of a story that is told already: who, when, its headline."""
    return f"+ {item.outlet} {shown(item.published, alert, manners)} · {cut(headline(item), HEADLINE_IN_LIST)}"
