"""What a config keeps to itself: addresses of channels, logins, cookies, the heartbeat's address."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feedwatch.alerts.signature import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import SecretStr

    from feedwatch.config.settings import Feed, Site
    from feedwatch.pipeline.program import Plan

SHORTEST = 5
"""Characters: what is shorter is in many a word, and taking it out would say where it is."""

LONG = 16
"""A piece of an address that is so long is a token, whatever the service calls it."""


def secrets_of(plan: Plan) -> frozenset[str]:
    """Every text that nobody may read in a log; in the words of the config, and as it goes over the wire."""
    found = {secret.strip() for secret in _all(plan)}
    names = {target.name for channel in plan.channels.values() for target in channel.targets}
    return frozenset(secret for secret in found - names if len(secret) >= SHORTEST)


def _all(plan: Plan) -> Iterator[str]:
    settings = plan.settings
    for channel in settings.channels.values():
        yield from (text for secret in (channel.url, channel.webhook) if secret for text in _address(_shown(secret)))
        yield from _header_values(channel.headers)
        yield _shown(channel.secret).removeprefix(PREFIX) if channel.secret else ""
    for opened in plan.channels.values():
        yield from (text for target in opened.targets if target.hook is None for text in _target(target.url))
    if settings.health.heartbeat is not None:
        yield from _address(_shown(settings.health.heartbeat))
    for site in settings.sites:
        yield from _known_by(site)
    for feed in settings.feeds:
        yield from _known_by(feed)
        yield from _login_in(feed.url)


def _address(url: str) -> Iterator[str]:
    """The whole, its login, and its long pieces."""
    yield url
    yield from _login_in(url)
    for piece in re.split(r"[/:@?&=;,+]", url.partition("://")[2]):
        yield from (text for text in (piece, unquote(piece)) if len(text) >= LONG)


def _target(url: str) -> Iterator[str]:
    """As Apprise writes it, and what Apprise would not show of it."""
    from feedwatch.edges.apprise import hidden

    yield from _address(url)
    yield from hidden(url)


def _known_by(known: Feed | Site) -> Iterator[str]:
    yield from _header_values(known.headers)
    if known.auth is not None:
        yield from _login(_shown(known.auth))


def _header_values(headers: Mapping[str, SecretStr] | None) -> Iterator[str]:
    """Each value, and its long pieces: the token of a Bearer, the session of a cookie."""
    for value in map(_shown, (headers or {}).values()):
        yield value
        yield from (piece for piece in re.split(r"[\s;=,]", value) if len(piece) >= LONG)


def _shown(secret: SecretStr) -> str:
    return secret.get_secret_value()


def _login_in(url: str) -> Iterator[str]:
    place = re.split(r"[/?#]", url.partition("://")[2])[0]
    yield from _login(unquote(place.rpartition("@")[0]))


def _login(login: str) -> Iterator[str]:
    """The password, and how user and password go over the wire (RFC 7617)."""
    yield login.partition(":")[2]
    yield base64.b64encode(login.encode()).decode() if login else ""
