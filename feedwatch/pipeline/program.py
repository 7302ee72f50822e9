"""What the config means: queries parsed, channels opened. Immutable; a unit of work holds one from start to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.edges.apprise import open_channel
from feedwatch.errors import ChannelError, ConfigError, QueryError
from feedwatch.model import FeedSpec, Strength, Target
from feedwatch.pipeline.keyring import Keyring, keyring
from feedwatch.store import alerts, deliveries
from feedwatch.store import feeds as feed_table
from feedwatch.text.addresses import host_of
from feedwatch.watches.match import Presearch
from feedwatch.watches.query import Query, parse_keywords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.config.settings import Channel as ChannelSettings
    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.store import Connection

TERMINAL = ""
"""The address of a target that is the terminal; every other one has an Apprise URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A named destination: the least strength it takes, and its targets, each with a queue of its own."""

    name: str
    only: Strength
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A config compiled: nothing in it depends on the database."""

    settings: Settings
    feeds: Mapping[str, FeedSpec]  # by address
    queries: Mapping[str, Query]  # by watchlist id
    channels: Mapping[str, Channel]
    keyring: Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A watchlist at work."""

    root: str
    version: int  # row of the wording that decides
    since: datetime  # what was seen earlier alerts nobody
    label: str
    query: Query
    feeds: frozenset[str] | None  # addresses; None: all
    floors: Mapping[str, Strength]  # channel → the least strength that gets through


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A plan bound to a database."""

    plan: Plan
    watches: Mapping[str, Watch]  # by root
    presearch: Presearch
    targets: Mapping[tuple[str, str], int]  # (channel, target's name) → row

    @property
    def labels(self) -> dict[str, str]:
        return {watch.root: watch.label for watch in self.watches.values()}

    def target(self, channel: str, name: str) -> Target | None:
        targets = self.plan.channels[channel].targets if channel in self.plan.channels else ()
        return next((target for target in targets if target.name == name), None)


def compile_plan(settings: Settings) -> Plan:
    """The config's meaning; raises ConfigError with everything that has none."""
    problems: list[str] = []
    queries = {watch.id: _query(settings, n, watch, problems) for n, watch in enumerate(settings.watchlists)}
    channels = {name: _channel(settings, name, channel, problems) for name, channel in settings.channels.items()}
    keys = keyring(settings, problems)
    if problems:
        raise ConfigError(problems)
    return Plan(
        settings=settings,
        feeds={spec.address: spec for spec in settings.feed_specs()},
        queries={name: query for name, query in queries.items() if query is not None},
        channels={name: channel for name, channel in channels.items() if channel is not None},
        keyring=keys,
    )


def _query(settings: Settings, number: int, watch: Watchlist, problems: list[str]) -> Query | None:
    """The keywords as one query; each refused word is a problem of its own line."""
    before = len(problems)
    for index, word in enumerate(watch.keywords):
        try:
            parse_keywords([word])
        except QueryError as error:
            where = settings.where("watchlists", number, "keywords", index)
            problems.append(f"{where}: {error.message} ({error.cure})")
    return parse_keywords(watch.keywords) if len(problems) == before else None


def _channel(settings: Settings, name: str, channel: ChannelSettings, problems: list[str]) -> Channel | None:
    try:
        targets = (
            (terminal_target(name),) if channel.url is None else open_channel(name, channel.url.get_secret_value())
        )
    except ChannelError as error:
        problems.append(f"{settings.where('channels', name)}: {error}")
        return None
    return Channel(name=name, only=channel.only, targets=targets)


def terminal_target(channel: str) -> Target:
    return Target(channel=channel, name="terminal", url=TERMINAL, title_limit=0, body_limit=0)


def bind(db: Connection, plan: Plan, now: datetime) -> Program:
    """Makes the database know what the plan names; one transaction."""
    feed_table.sync_feeds(db, [(spec, host_of(spec.url)) for spec in plan.feeds.values()], now)
    targets = deliveries.sync_targets(
        db, [(target.channel, target.name) for channel in plan.channels.values() for target in channel.targets], now
    )
    watches = [_watch(db, plan, watch, now) for watch in plan.settings.watchlists]
    alerts.remove_other_watchlists(db, [watch.id for watch in plan.settings.watchlists], now)
    return Program(
        plan=plan,
        watches={watch.root: watch for watch in watches},
        presearch=Presearch({watch.root: watch.query for watch in watches}),
        targets=targets,
    )


def _watch(db: Connection, plan: Plan, watchlist: Watchlist, now: datetime) -> Watch:
    query = plan.queries[watchlist.id]
    row = alerts.sync_watchlist(db, watchlist.id, watchlist.was, str(query), watchlist.feeds, now)
    return Watch(
        root=row.root,
        version=row.version,
        since=row.since,
        label=watchlist.label,
        query=query,
        feeds=plan.settings.feeds_of(watchlist),
        floors={name: plan.channels[name].only for name in watchlist.notify},
    )
