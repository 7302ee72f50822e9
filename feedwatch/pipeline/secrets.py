"""What a config keeps to itself: addresses of channels, logins, cookies, the heartbeat's address."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from feedwatch.edges.apprise import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Feed, Site
    from feedwatch.pipeline.program import Plan

SHORTEST = 5
"""Characters: what is shorter is in many a word, and taking it out would say where it is."""

LONG = 16
"""A piece of an address that is so long is a token, whatever the service calls it."""


def secrets_of(plan: Plan) -> frozenset[str]:
    """Every text that nobody may read in a log; in the words of the config, and as it goes over the wire."""
    found = {secret.strip() for secret in _all(plan)}
    return frozenset(secret for secret in found if len(secret) >= SHORTEST)


def _all(plan: Plan) -> Iterator[str]:
    settings = plan.settings
    for name, channel in settings.channels.items():
        if channel.url is not None:
            yield from _address(channel.url.get_secret_value())
            for target in plan.channels[name].targets:
                yield from _address(target.url)
                yield from hidden(target.url)
    if settings.health.heartbeat is not None:
        yield from _address(settings.health.heartbeat.get_secret_value())
    for site in settings.sites:
        yield from _known_by(site)
    for feed in settings.feeds:
        yield from _known_by(feed)
        yield from _login(unquote(urlsplit(feed.url).netloc.rpartition("@")[0]))


def _address(url: str) -> Iterator[str]:
    """The whole, and its long pieces."""
    yield url
    for piece in re.split(r"[/:@?&=;,+]", url.partition("://")[2]):
        yield from (text for text in (piece, unquote(piece)) if len(text) >= LONG)


def _known_by(known: Feed | Site) -> Iterator[str]:
    for value in (known.headers or {}).values():
        secret = value.get_secret_value()
        yield secret
        yield from (piece for piece in re.split(r"[\s;=,]", secret) if len(piece) >= LONG)
    if known.auth is not None:
        yield from _login(known.auth.get_secret_value())


def _login(login: str) -> Iterator[str]:
    """The password, and how user and password go over the wire (RFC 7617)."""
    yield login.partition(":")[2]
    yield base64.b64encode(login.encode()).decode() if login else ""
