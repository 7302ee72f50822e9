"""Through which proxy an address is asked. The environment has a say only where the owner gave it one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from feedwatch.errors import ConfigError

ENVIRONMENT = "environment"
"""The setting that lets HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Its address goes into no message: the user and the password are secrets."""

    url: str  # without a user
    host: str
    user: str = ""
    password: str = ""


Way = Callable[[str, str], Proxy | None]
"""From a scheme and a host to the proxy for it; None: asked directly."""


def directly(_scheme: str, _host: str) -> None:
    """No proxy at all."""


def way(setting: str) -> Way:
    """What `proxy` under `[polling]` means. ConfigError where the environment names a proxy that cannot be used."""
    if setting == ENVIRONMENT:
        return _way_of_environment()
    if not setting:
        return directly
    only = _proxy(setting)
    return lambda _scheme, _host: only


def _way_of_environment() -> Way:
    named = getproxies()
    known = {name: _of_environment(name, url) for name, url in named.items() if name in {"http", "https", "all"}}

    def chosen(scheme: str, host: str) -> Proxy | None:
        return None if proxy_bypass(host) else known.get(scheme, known.get("all"))

    return chosen


def _of_environment(name: str, url: str) -> Proxy:
    try:
        return _proxy(url if "://" in url else f"http://{url}")
    except ValueError as problem:
        said = f"{name.upper()}_PROXY of the environment {problem}"
        raise ConfigError([f"[polling] proxy: {said}"]) from None


def _proxy(url: str) -> Proxy:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError('is no HTTP proxy (write it as "http://proxy.example:3128")')
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Proxy(
        url=f"{parts.scheme}://{host}:{port}",
        host=parts.hostname,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
