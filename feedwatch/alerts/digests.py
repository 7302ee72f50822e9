"""Messages about many articles: what a window gathered, what a mute kept back, a surge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.outgoing import counted, one_line
from feedwatch.alerts.phrases import (
    SNIPPET_IN_LIST,
    Draft,
    Manners,
    clock,
    company,
    headline,
    labelled,
    labels,
    link_of,
    reason,
)
from feedwatch.alerts.single import other_article
from feedwatch.model import Strength

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedwatch.model import AlertItem, AlertView, Mute, SurgeView, WindowView

Story = tuple["AlertItem", ...]  # its articles, strongest first

FIRST_LOOK = "First look at the feeds: nothing in the entries of the last day matched. Watching."


def digest(alert: AlertView, manners: Manners) -> Draft:
    """What was gathered, by story, the newest first."""
    if alert.mute is not None:
        return _list(alert, manners, _mute_title(alert, alert.mute, manners), (_muted(alert.mute, manners),))
    window = alert.window
    if window is None or window.kind == "backfill":
        return _list(alert, manners, _backfill_title(alert, manners), () if alert.items else (FIRST_LOOK,))
    if not alert.items:
        return _quiet(alert, window, manners)
    number = counted(len(_stories(alert.items)), "story", "stories")
    title = f"{_labels(alert, manners)} · {number} {_while(window, manners)}"
    return _list(alert, manners, title, _why(window, manners))


def surge(alert: AlertView, manners: Manners) -> Draft:
    """Far more articles than usual: how many, and which."""
    said = surge_said(alert.surge, len(alert.items))
    return _list(alert, manners, f"{_labels(alert, manners)} · surge: {said}", (f"{said}.",))


def surge_said(surge: SurgeView | None, articles: int) -> str:
    """How many there were, and how many there usually are."""
    if surge is None:
        return counted(articles, "article")
    usual = f"{surge.usual:.0f}" if surge.usual >= 1 else "hardly any"
    return f"{counted(surge.hits, 'article')} in {surge.hours:g} h, usually {usual}"


def _list(alert: AlertView, manners: Manners, title: str, lines: tuple[str, ...]) -> Draft:
    return Draft(
        title=title,
        lines=lines,
        blocks=tuple(_block(story, alert, manners) for story in _in_order(_stories(alert.items), alert, manners)),
        more=f"feedwatch alerts list --window {alert.window.printed}" if alert.window and alert.window.printed
        else f"feedwatch alerts show {alert.short}",
    )  # fmt: skip


def _stories(items: Iterable[AlertItem]) -> list[Story]:
    """The articles by story; an article without one is by itself."""
    found: dict[object, list[AlertItem]] = {}
    for item in items:
        found.setdefault(item.story or item.article or (item.title, item.link), []).append(item)
    return [tuple(story) for story in found.values()]


def _in_order(stories: list[Story], alert: AlertView, manners: Manners) -> list[Story]:
    """The newest first; where a budget held them back, the urgent and the headlines before all others."""
    newest = sorted(stories, key=lambda story: max(item.published for item in story), reverse=True)
    if alert.window is None or alert.window.kind != "budget":
        return newest
    return sorted(newest, key=lambda story: (not _urgent(story, manners), not _is_headline(story)))


def _urgent(story: Story, manners: Manners) -> bool:
    return any(item.watchlist in manners.urgent for item in story)


def _is_headline(story: Story) -> bool:
    return any(item.strength is Strength.HEADLINE for item in story)


def _block(story: Story, alert: AlertView, manners: Manners) -> tuple[str, ...]:
    """A story: labels and headline, the reason, its company, its other articles, its address."""
    item = story[0]
    said = [
        reason(item, alert, manners, limit=SNIPPET_IN_LIST),
        company(item.outlets, item.sources),
        item.note,
        *(other_article(other, alert, manners) for other in _others(story)),
        link_of(item),
    ]
    return (f"{labels({each.watchlist for each in story}, manners)} · {headline(item)}", *(f"  {x}" for x in said if x))


def _others(story: Story) -> list[AlertItem]:
    """The articles besides the strongest, each once: it may be there for several watchlists."""
    once = {(item.article, item.title, item.link): item for item in reversed(story)}
    return [item for item in reversed(once.values()) if item is not story[0]]


def _labels(alert: AlertView, manners: Manners) -> str:
    return labels({item.watchlist for item in alert.items}, manners)


# ---- titles


def _backfill_title(alert: AlertView, manners: Manners) -> str:
    matched = len({(item.title, item.link) for item in alert.items})  # one for two watchlists is one
    verb = "matches" if matched == 1 else "match"
    entries = counted(alert.total, "entry", "entries")
    return f"{_labels(alert, manners)} · {matched} of {entries} {verb if matched else 'matched'}"


def _mute_title(alert: AlertView, mute: Mute, manners: Manners) -> str:
    return f"{labelled(mute.watchlist, manners)} · {counted(len(alert.items), 'article')} while muted"


def _muted(mute: Mute, manners: Manners) -> str:
    since, until = clock(mute.since, mute.until, manners), clock(mute.until, mute.until, manners)
    return f"Muted by {one_line(mute.actor)} from {since} to {until}; from now on each article is told again."


def _while(window: WindowView, manners: Manners) -> str:
    """In the title: which time it was."""
    since = clock(window.opens, window.closes, manners)
    return {
        "quiet": f"in the quiet hours since {since}",
        "budget": f"more since {since}",
        "backlog": f"waited since {since}",
    }.get(window.kind, f"since {since}")


def _why(window: WindowView, manners: Manners) -> tuple[str, ...]:
    """Why they come as one message; nothing to say of a digest, which somebody asked for."""
    since = clock(window.opens, window.closes, manners)
    said = {
        "quiet": f"Held back in the quiet hours since {since}.",
        "budget": f"More alerts since {since} than this channel's max_per_hour lets through one by one.",
        "backlog": f"This channel took nothing since {since}; this is what waited.",
    }.get(window.kind)
    return (said,) if said else ()


def _quiet(alert: AlertView, window: WindowView, manners: Manners) -> Draft:
    """Silence must mean that nothing happened: what was looked at, and that the feeds are well."""
    since = clock(window.opens, window.closes, manners)
    feeds = f"; {window.well} of {counted(window.feeds, 'feed')} well" if window.feeds else ""
    looked = f"{counted(alert.total, 'entry', 'entries')} looked at, " if alert.total else ""
    return Draft(
        title=f"feedwatch · all quiet since {since}",
        lines=(f"All quiet since {since}: {looked}0 matched{feeds}.",),
    )
