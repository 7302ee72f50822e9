"""What feedwatch is known by: the headers and logins of feeds and sites, each bound to its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.edges.credentials import basic, origin_of
from feedwatch.edges.guard import is_private
from feedwatch.model import Credentials
from feedwatch.text.addresses import canonical, host_of, without_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.config.settings import Feed, Settings, Site
    from feedwatch.model import FeedSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Everything that only some may see."""

    feeds: Mapping[str, Credentials]  # by the feed's address
    sites: tuple[Credentials, ...]

    def of_feed(self, address: str) -> tuple[Credentials, ...]:
        """For requests of a feed; what is said of the feed counts for more than what is said of its site."""
        own = self.feeds.get(address)
        return self.sites if own is None else (*self.sites, own)

    def goes_along(self, spec: FeedSpec, to: str) -> bool:
        """Whether what a feed's server knows us by may go to another address: else the feed does not move there."""
        if without_user(spec.url) != spec.url:
            return False
        own = self.feeds.get(spec.address)
        return own is None or own.origin == origin_of(to)


def keyring(settings: Settings, problems: list[str]) -> Keyring:
    """The config's, and what is wrong with it."""
    feeds = {}
    for number, feed in enumerate(settings.feeds):
        headers = _headers(settings, ("feeds", number), feed, problems)
        problems += _doubts(settings, number, feed) if headers else []
        if headers:
            origin = origin_of(without_user(feed.url))
            feeds[canonical(feed.url)] = Credentials(host=host_of(feed.url), origin=origin, headers=headers)
    sites = tuple(
        Credentials(host=site.host, origin=None, in_clear=_is_own(settings, site.host), headers=headers)
        for number, site in enumerate(settings.sites)
        if (headers := _headers(settings, ("sites", number), site, problems))
    )
    return Keyring(feeds=feeds, sites=sites)


def _headers(
    settings: Settings, loc: tuple[str, int], given: Feed | Site, problems: list[str]
) -> tuple[tuple[str, str], ...]:
    """The headers, the login's among them; none where they stand in files or variables that were not looked at."""
    headers = {name: value.get_secret_value() for name, value in (given.headers or {}).items()}
    if given.auth is None:
        return tuple(headers.items())
    if any(name.lower() == "authorization" for name in headers):
        problems.append(
            f"{settings.where(*loc, 'auth')}: auth: the headers have an Authorization (keep one of the two)"
        )
    return (*headers.items(), ("Authorization", basic(given.auth.get_secret_value())))


def _doubts(settings: Settings, number: int, feed: Feed) -> list[str]:
    """A feed's headers that everybody on the way could read, or a second login."""
    where = settings.where("feeds", number, "url")
    host = host_of(feed.url)
    in_clear = feed.url.lower().startswith("http:") and not _is_own(settings, host)
    said = [f"{where}: url: over http everybody on the way reads its headers (write https://)"] if in_clear else []
    if feed.auth is not None and without_user(feed.url) != feed.url:
        said.append(f"{where}: url: auth is given too (keep one of the two)")
    return said


def _is_own(settings: Settings, host: str) -> bool:
    return is_private(host, allow=settings.polling.allow_private)
