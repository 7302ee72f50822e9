"""`feedwatch check`: what a config means, once nothing in it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.outgoing import counted
from feedwatch.alerts.timetable import next_time
from feedwatch.cli.doctor import open_files
from feedwatch.cli.doubts import doubt_lines, refuse_failed_cases
from feedwatch.cli.manners import next_said, said
from feedwatch.cli.options import load_plan, say
from feedwatch.cli.show import local, put
from feedwatch.config.values import format_duration
from feedwatch.edges.credentials import credentials_for
from feedwatch.edges.proxy import ENVIRONMENT, way
from feedwatch.pipeline.clock import now
from feedwatch.text.addresses import without_user

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from feedwatch.config.settings import Health, Settings, Watchlist
    from feedwatch.model import Credentials
    from feedwatch.pipeline.keyring import Keyring
    from feedwatch.pipeline.program import Channel


def check(file: Path) -> None:
    """Says what it means; raises ConfigError."""
    plan = load_plan(file)
    settings = plan.settings
    refuse_failed_cases(settings, plan.queries)
    doubts = [*doubt_lines(settings, plan.queries), *(f"{each.text} ({each.cure})" for each in open_files(file))]
    for line in doubts:
        say(line)
    put(f"{file}: {'no mistakes, but see the warnings' if doubts or settings.warnings else 'all well'}")
    put(f"  database    {settings.store.path}")
    put(f"  timezone    {settings.timezone or _system_zone()}")
    pace = format_duration(settings.polling.interval)
    put(f"  feeds       {len(plan.feeds)}, each every {pace} unless it says otherwise")
    _put_proxy(settings.polling.proxy)
    for known in (*plan.keyring.sites, *plan.keyring.feeds.values()):
        _put_credentials(known)
    for spec in plan.feeds.values():
        _put_unsent(spec.url, plan.keyring)
    for watchlist in settings.watchlists:
        _put_watchlist(settings, watchlist)
    for channel in plan.channels.values():
        _put_channel(channel)
    _put_health(settings.health, settings.timezone)


def _system_zone() -> str:
    return f"the system's, {now().astimezone().tzname()}"


def _put_proxy(setting: str) -> None:
    if setting:
        way(setting)  # what the environment names can be used
        where = "as the environment says" if setting == ENVIRONMENT else setting
        put(f"  proxy       {where}; it looks names up itself, so it must refuse what is private behind it")


def _put_credentials(known: Credentials) -> None:
    place = f"{known.host} and the hosts below it" if known.origin is None else f"the feed at {known.origin}"
    names = ", ".join(name for name, _ in known.headers)
    put(f"  sends       {names} to {place}{' (over http, too)' if known.in_clear else ''}")


def _put_unsent(url: str, keyring: Keyring) -> None:
    """A site's headers that its feed does without, because everybody on the way could read them."""
    scheme, _, rest = url.partition(":")
    safe = f"https:{rest}" if scheme.lower() == "http" else url
    if credentials_for(safe, keyring.sites) and not credentials_for(url, keyring.sites):
        put(f"              {without_user(url)} is asked over http, so nothing goes to it (write https://)")


def _put_watchlist(settings: Settings, watchlist: Watchlist) -> None:
    narrowed = settings.feeds_of(watchlist)
    where = counted(len(narrowed), "feed") if narrowed is not None else "all feeds"
    words = counted(len(watchlist.keywords), "keyword") if watchlist.query is None else "a query"
    put(f"  watchlist   {watchlist.name}: {words} in {where}")
    put(f"              tells {', '.join(watchlist.notify)}")


def _put_channel(channel: Channel) -> None:
    names = ", ".join(target.name for target in channel.targets)
    put(f"  channel     {channel.name}: {names}; from strength “{channel.only.word}” up")
    manners = said(channel.policy)
    if manners:
        put(f"              {manners}; next send: {next_said(channel.policy, now())}")


def _put_health(health: Health, zone: ZoneInfo | None) -> None:
    put(f"  health      tells {', '.join(health.notify) or 'nobody ([health] notify is empty)'}")
    if health.still_watching is not None:
        put(f"              still watching: next {local(next_time(health.still_watching, now(), zone))}")
    if health.listen is not None:
        put(f"              listens on {health.listen}")
