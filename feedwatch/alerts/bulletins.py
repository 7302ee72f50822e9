"""Messages about feedwatch itself: what is in trouble, what is well again, and that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.health import WATCHING
from feedwatch.alerts.outgoing import cut, one_line
from feedwatch.alerts.phrases import NAME, Draft, Manners, shown

if TYPE_CHECKING:
    from feedwatch.model import AlertView, HealthItem


def health(alert: AlertView, manners: Manners) -> Draft:
    return Draft(
        title=_title(alert),
        lines=(),
        blocks=tuple(_block(item, alert, manners) for item in alert.health),
        more=f"feedwatch alerts show {alert.short}",
    )


def _title(alert: AlertView) -> str:
    """Who is in trouble, who is well again; a single one with its text."""
    if len(alert.health) == 1:
        return f"feedwatch · {_said(alert.health[0])}"
    bad = [_called(item) for item in alert.health if item.until is None]
    well = [_called(item) for item in alert.health if item.until is not None]
    said = [f"{len(bad)} in trouble: {', '.join(bad)}"] if bad else []
    said += [f"{len(well)} well again: {', '.join(well)}"] if well else []
    return f"feedwatch · {'; '.join(said) or 'health'}"


def _called(item: HealthItem) -> str:
    """A feed may have given itself its name."""
    return cut(one_line(item.name), NAME) or item.kind


def _said(item: HealthItem) -> str:
    if item.kind == WATCHING:
        return "still watching"
    if item.until is not None:
        return f"well again: {_called(item)}"
    return f"{_called(item)}: {item.text}"


def _block(item: HealthItem, alert: AlertView, manners: Manners) -> tuple[str, ...]:
    """What, since when, and the cure; of a recovery from when to when."""
    if item.kind == WATCHING:
        return (f"{item.name}: {item.text}",)
    since = shown(item.since, alert, manners)
    if item.until is not None:
        return (f"{_said(item)} · from {since} to {shown(item.until, alert, manners)}: {item.text}",)
    return f"{_said(item)} · since {since}", f"  {item.cure}"
