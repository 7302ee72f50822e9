"""From an alert to the words on a lock screen: plain text, always; no templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.alerts.health import WATCHING
from feedwatch.alerts.outgoing import counted, cut, harmless, one_line, web_link
from feedwatch.model import AlertItem, AlertView, HealthItem, Message, Mute

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

NO_TITLE_LIMIT = 250
"""Where a service folds the title into its text, the title is still one readable line."""

SNIPPET_IN_LIST = 120

NAME = 80
"""Characters of a name at the most, where a message is about feedwatch itself."""

LABEL = 16
"""Characters of a label at the most: of the 40 that a lock screen shows the rest is the headline's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one target is written to."""

    labels: Mapping[str, str]  # watchlist's root id → label
    zone: tzinfo | None  # None: the system's
    title_limit: int
    body_limit: int


def render(alert: AlertView, worded: str, manners: Manners) -> Message:
    """The message of an alert for one target, within its limits.

    The first 40 characters carry label and headline, the reason stands within the first 100 of the body, and the
    alert's id is never cut off.
    """
    if alert.kind == "digest":
        title, lines, link = _digest_title(alert, manners), _digest_lines(alert, manners), None
    elif alert.kind == "health":
        title, lines, link = _health_title(alert), _health_lines(alert, manners), None
    else:
        item = alert.items[0]
        title, lines, link = _title(item, worded, manners), _lines(item, alert, manners), web_link(item.link or "")
    return Message(
        alert=alert.id,
        title=cut(one_line(title), min(manners.title_limit or NO_TITLE_LIMIT, NO_TITLE_LIMIT)),
        body=_fitted(lines, f"#{alert.short}", manners.body_limit),
        link=link,
    )


def _title(item: AlertItem, worded: str, manners: Manners) -> str:
    stronger = "stronger: " if worded == "raise" else ""
    return f"{_label(item, manners)} · {stronger}{_headline(item)}"


def _headline(item: AlertItem) -> str:
    return one_line(item.title) or one_line(item.link or "") or "untitled"


def _label(item: AlertItem, manners: Manners) -> str:
    return _labelled(item.watchlist, manners)


def _labelled(watchlist: str, manners: Manners) -> str:
    return cut(one_line(manners.labels.get(watchlist, watchlist)), LABEL)


def _lines(item: AlertItem, alert: AlertView, manners: Manners) -> list[str]:
    """Where and when and why, then the address."""
    reason = f"{_where(item, alert, manners)} · “{item.snippet}”{_caveat(item)}"
    return [line for line in (reason, web_link(item.link or "")) if line]


def _where(item: AlertItem, alert: AlertView, manners: Manners) -> str:
    language = f" [{item.language}]" if item.language else ""
    return f"{item.outlet}{language} {_moment(item.published, alert, manners)}"


def _moment(moment: datetime, alert: AlertView, manners: Manners) -> str:
    """The time; with its day where that is another one than the alert's."""
    local, told = moment.astimezone(manners.zone), alert.created.astimezone(manners.zone)
    return f"{local:%H:%M}" if local.date() == told.date() else f"{local:%d %b %H:%M}"


def _caveat(item: AlertItem) -> str:
    return " (headline only)" if item.headline_only else "" if item.body_seen else " (body not seen)"


def _digest_title(alert: AlertView, manners: Manners) -> str:
    if alert.mute is not None:
        return f"{_labelled(alert.mute.watchlist, manners)} · {counted(len(alert.items), 'article')} while muted"
    labels = cut(", ".join(sorted({_label(item, manners) for item in alert.items})) or "feedwatch", LABEL)
    matched = len({(item.title, item.link) for item in alert.items})  # one for two watchlists is one
    verb = "matches" if matched == 1 else "match"
    return f"{labels} · {matched} of {alert.total} entries {verb if matched else 'matched'}"


def _digest_lines(alert: AlertView, manners: Manners) -> list[str]:
    lines = [line for item in alert.items for line in _digest_item(item, alert, manners)]
    if alert.mute is not None:
        return [_muted(alert.mute, manners), *lines]
    return lines or ["First look at the feeds: nothing in the entries of the last day matched. Watching."]


def _muted(mute: Mute, manners: Manners) -> str:
    since, until = mute.since.astimezone(manners.zone), mute.until.astimezone(manners.zone)
    begun = f"{since:%H:%M}" if since.date() == until.date() else f"{since:%d %b %H:%M}"
    return f"Muted by {one_line(mute.actor)} from {begun} to {until:%H:%M}; from now on each article is told again."


def _digest_item(item: AlertItem, alert: AlertView, manners: Manners) -> list[str]:
    snippet = cut(item.snippet, SNIPPET_IN_LIST)
    link = web_link(item.link or "")
    lines = [
        f"{_label(item, manners)} · {_headline(item)}",
        f"  {_where(item, alert, manners)} · “{snippet}”{_caveat(item)}",
    ]
    return [*lines, f"  {link}"] if link else lines


def _health_title(alert: AlertView) -> str:
    """Who is in trouble, who is well again; a single one with its text."""
    if len(alert.health) == 1:
        return f"feedwatch · {_health_said(alert.health[0])}"
    bad = [_called(item) for item in alert.health if item.until is None]
    well = [_called(item) for item in alert.health if item.until is not None]
    said = [f"{len(bad)} in trouble: {', '.join(bad)}"] if bad else []
    said += [f"{len(well)} well again: {', '.join(well)}"] if well else []
    return f"feedwatch · {'; '.join(said) or 'health'}"


def _called(item: HealthItem) -> str:
    """A feed may have given itself its name."""
    return cut(one_line(item.name), NAME) or item.kind


def _health_said(item: HealthItem) -> str:
    if item.kind == WATCHING:
        return "still watching"
    if item.until is not None:
        return f"well again: {_called(item)}"
    return f"{_called(item)}: {item.text}"


def _health_lines(alert: AlertView, manners: Manners) -> list[str]:
    return [line for item in alert.health for line in _health_item(item, alert, manners)]


def _health_item(item: HealthItem, alert: AlertView, manners: Manners) -> list[str]:
    """What, since when, and the cure; of a recovery from when to when."""
    if item.kind == WATCHING:
        return [f"{item.name}: {item.text}"]
    since = _moment(item.since, alert, manners)
    if item.until is not None:
        until = _moment(item.until, alert, manners)
        return [f"{_health_said(item)} · from {since} to {until}: {item.text}"]
    return [f"{_health_said(item)} · since {since}", f"  {item.cure}"]


def _fitted(lines: list[str], last: str, limit: int) -> str:
    """The lines that fit, whole where possible, and always the last one; a limit of 0 is none."""
    room = (limit or 10**9) - len(last)
    kept: list[str] = []
    for number, line in enumerate(harmless(line).replace("\n", " ") for line in lines):
        more = f"… and {len(lines) - number} more lines"
        if len(line) + 1 > room - (len(more) + 1 if number + 1 < len(lines) else 0):
            kept += [more] if number else [cut(line, room - 1)] if room > 1 else []
            break
        kept.append(line)
        room -= len(line) + 1
    return "\n".join([*kept, last])
