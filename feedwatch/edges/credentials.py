"""Which of the owner's headers may an address see? Asked anew on every hop."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedwatch.text.addresses import host_of, is_owned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedwatch.model import Credentials


def credentials_for(url: str, known: Iterable[Credentials]) -> dict[str, str]:
    """The headers for one address; where two places name the same header, the later one's."""
    found: dict[str, tuple[str, str]] = {}
    for each in known:
        if _may_see(url, each):
            found |= {name.lower(): (name, value) for name, value in each.headers}
    return dict(found.values())


def basic(login: str) -> str:
    """The value of an Authorization header for "user:password" (RFC 7617)."""
    return f"Basic {base64.b64encode(login.encode()).decode()}"


def origin_of(url: str) -> str:
    """Scheme, host and port (RFC 6454, 4); "" where there is no host."""
    host, parts = host_of(url), urlsplit(url.strip())
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower())
    return f"{parts.scheme.lower()}://{host}:{port}" if host else ""


def _may_see(url: str, credentials: Credentials) -> bool:
    if credentials.origin is not None:
        return origin_of(url) == credentials.origin
    host, site = host_of(url), credentials.host
    is_safe = credentials.in_clear or urlsplit(url).scheme.lower() == "https"
    return is_safe and (host == site or (host.endswith(f".{site}") and is_owned(site)))
