"""A made-up alert of each kind: for `channels test`, and for the handbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from feedwatch.model import AlertItem, AlertView, Change, HealthItem, Strength, SurgeView, WindowView

WATCHLIST = "sample"

ID = "5a3b1e" + 26 * "0"


def sample(kind: str, at: datetime) -> AlertView:
    """An alert as if it were decided at that time; nothing in it is true."""
    return _MADE[kind](at)


def _first(at: datetime) -> AlertView:
    return _view("first", at, _article(at))


def _raise(at: datetime) -> AlertView:
    return _view("raise", at, _article(at))


def _update(at: datetime) -> AlertView:
    said = replace(
        _other(at), title="Invented bridge: traffic stands still", snippet="…on the »sample« bridge nothing moves…",
        body_seen=True,
    )  # fmt: skip
    return replace(_view("update", at, said), told=at - timedelta(minutes=52))


def _revision(at: datetime) -> AlertView:
    change = Change(kind="corrected", lines=("Correction: the bridge is 140 metres long, not 1,400.",))
    return replace(_view("revision", at, _article(at)), change=change, told=at - timedelta(hours=2))


def _surge(at: datetime) -> AlertView:
    return replace(_view("surge", at, _article(at), _other(at)), surge=SurgeView(hits=42, hours=3, usual=5))


def _digest(at: datetime) -> AlertView:
    window = WindowView(
        kind="digest", key=f"digest/{WATCHLIST}", opens=at - timedelta(days=1), closes=at, total=2, printed="12"
    )
    return replace(_view("digest", at, _article(at), _other(at)), window=window, total=2)


def _health(at: datetime) -> AlertView:
    trouble = HealthItem(
        kind="failing", name="The Sample", text="answered 500 six times in a row", cure="look at its page in a browser",
        since=at - timedelta(hours=3),
    )  # fmt: skip
    return replace(_view("health", at), health=(trouble,))


def _view(kind: str, at: datetime, *items: AlertItem) -> AlertView:
    return AlertView(id=ID, short=ID[:6], kind=kind, created=at, items=items)


def _article(at: datetime) -> AlertItem:
    return AlertItem(
        watchlist=WATCHLIST,
        strength=Strength.HEADLINE,
        title="Invented minister opens an invented bridge",
        outlet="The Sample",
        language="en",
        published=at - timedelta(minutes=2),
        snippet="…nothing happened; this »sample« of an alert was sent by hand…",
        link="https://example.org/sample",
        body_seen=True,
        outlets=("The Other Sample", "The Example"),
        sources=("Invented Press",),
    )


def _other(at: datetime) -> AlertItem:
    return AlertItem(
        watchlist=WATCHLIST,
        strength=Strength.TOPIC,
        title="Rain in an invented north",
        outlet="The Other Sample",
        language="en",
        published=at - timedelta(hours=1),
        snippet="…a second »sample«, judged by the feed's text alone…",
        link="https://example.org/other",
        body_seen=False,
    )


_MADE = {
    "first": _first,
    "raise": _raise,
    "update": _update,
    "revision": _revision,
    "surge": _surge,
    "digest": _digest,
    "health": _health,
}

KINDS = tuple(_MADE)
