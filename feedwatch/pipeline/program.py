"""What the config means: queries parsed, channels opened. Immutable; a unit of work holds one from start to end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from feedwatch.alerts.hold import Policy
from feedwatch.config.load import load
from feedwatch.config.sources import NO_DRAFTS
from feedwatch.edges.apprise import open_channel
from feedwatch.errors import ChannelError, ConfigError, QueryError
from feedwatch.model import FeedSpec, Hook, Strength, Target
from feedwatch.pipeline.keyring import Keyring, keyring
from feedwatch.pipeline.windows import replan
from feedwatch.store import alerts, deliveries
from feedwatch.store import feeds as feed_table
from feedwatch.text.addresses import host_of
from feedwatch.watches.match import Presearch
from feedwatch.watches.parse import parse_keywords, parse_query
from feedwatch.watches.tree import Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feedwatch.config.settings import Channel as ChannelSpec
    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.store import Connection

TERMINAL = ""
"""The address of a target that is the terminal; every other one has a URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A named destination: its manners, and its targets, each with a queue of its own."""

    name: str
    policy: Policy
    targets: tuple[Target, ...]

    @property
    def only(self) -> Strength:
        """The least strength that it takes."""
        return self.policy.only


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
    urgent: bool = False

    def reads(self, feed: str) -> bool:
        """Whether it asks about what this feed brings."""
        return self.feeds is None or feed in self.feeds


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


T = TypeVar("T")
Opens = Callable[[str, str], tuple[Target, ...]]


def read_plan(path: Path, environ: Mapping[str, str], *, drafts: Mapping[Path, str] = NO_DRAFTS) -> Plan:
    """The config, read and compiled; raises ConfigError with every problem at once."""
    opens = functools.cache(open_channel)
    return compile_plan(load(path, environ, drafts=drafts, opens=opens), opens)


def compile_plan(settings: Settings, opens: Opens = open_channel) -> Plan:
    """The config's meaning; raises ConfigError with every channel that has none."""
    problems: list[str] = []
    queries = {watch.id: _asked(query_of, problems, settings, watch) for watch in settings.watchlists}
    channels = {name: _asked(_channel, problems, settings, name, opens) for name in settings.channels}
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


def _asked(make: Callable[..., T], problems: list[str], *what: object) -> T | None:
    """What `make` makes; where it refuses, its problems go to the others."""
    try:
        return make(*what)
    except ConfigError as error:
        problems += error.problems
        return None


def query_of(settings: Settings, watch: Watchlist) -> Query:
    """What a watchlist asks for; ConfigError where its words and what its lists hold do not go together."""
    key = "keywords" if watch.query is None else "query"
    try:
        if watch.query is None:
            return parse_keywords(watch.keywords, settings.lists)
        return parse_query(watch.query, settings.lists)
    except QueryError as error:
        where = settings.where("watchlists", settings.watchlists.index(watch), key)
        raise ConfigError([f"{where}: {error}"]) from None


def tags_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Feed's address → its tags."""
    return {spec.address: spec.tags for spec in settings.feed_specs()}


def _channel(settings: Settings, name: str, opens: Opens) -> Channel:
    channel = settings.channels[name]
    try:
        targets = _targets(name, channel, opens)
    except ChannelError as error:
        raise ConfigError([f"{settings.where('channels', name)}: {error}"]) from None
    return Channel(name=name, policy=policy_of(settings, name), targets=targets)


def policy_of(settings: Settings, name: str) -> Policy:
    """A channel's manners."""
    channel = settings.channels[name]
    return Policy(
        only=channel.least,
        per_hour=channel.per_hour,
        quiet=channel.quiet,
        digest=channel.digest,
        empty=channel.empty == "send",
        urgent_breaks_quiet=channel.urgent_breaks_quiet,
        urgent_breaks_digest=channel.urgent_breaks_digest,
        zone=channel.timezone or settings.timezone,
    )


def _targets(name: str, channel: ChannelSpec, opens: Opens) -> tuple[Target, ...]:
    if channel.webhook is not None:
        return (_hook_target(name, channel.webhook.get_secret_value(), channel),)
    return (terminal_target(name),) if channel.url is None else opens(name, channel.url.get_secret_value())


def _hook_target(name: str, url: str, channel: ChannelSpec) -> Target:
    headers = tuple((key, value.get_secret_value()) for key, value in (channel.headers or {}).items())
    secret = "" if channel.secret is None else channel.secret.get_secret_value()
    hook = Hook(headers=headers, secret=secret)
    return Target(channel=name, name=host_of(url), url=url, title_limit=0, body_limit=0, hook=hook)


def terminal_target(channel: str) -> Target:
    return Target(channel=channel, name="terminal", url=TERMINAL, title_limit=0, body_limit=0)


def bind(db: Connection, plan: Plan, now: datetime) -> Program:
    """Makes the database know what the plan names; one transaction."""
    feed_table.sync_feeds(db, [(spec, host_of(spec.url)) for spec in plan.feeds.values()], now)
    targets = deliveries.sync_targets(
        db, [(target.channel, target.name) for channel in plan.channels.values() for target in channel.targets], now
    )
    replan(db, plan.channels, now)
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
        urgent=watchlist.urgent,
    )
