"""Who may be connected to: every public address, and a private one only where the owner said so."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_EMBEDDING = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped; RFC 4291, section 2.5.5.2
    IPv6Network("::/96"),  # IPv4-compatible; RFC 4291, section 2.5.5.1
    IPv6Network("64:ff9b::/96"),  # NAT64; RFC 6052
)
"""Prefixes that carry an IPv4 address in their last four bytes."""

_SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056: the IPv4 address is bytes 2 to 5

_UNICAST = IPv6Network("2000::/3")  # all IPv6 space that IANA gives out to the public

_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    IPv4Network("192.88.99.0/24"),  # the former 6to4 relays, RFC 7526
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)
"""What Python 3.11's `is_global` lets pass although nobody publishes news there."""


_PRIVATE_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa", ".home", ".corp", ".intranet", ".private")
"""RFC 6761, 6762, 8375, and what ICANN keeps out of the root for private use."""


def refusal(ip: str, *, host: str, owner: bool, allow: Sequence[str]) -> str | None:
    """None where a connection to `ip` is permitted, else the reason with the line that would permit it.

    `host` is the name or literal in the asked address, `owner` says that the owner typed it, and `allow` holds
    host names, addresses and networks: names are compared with `host`, the others with `ip`.
    """
    address = _parsed(ip)
    if address is not None and (owner or _public(address) or _allowed(address, plain(host), allow)):
        return None
    return f"{plain(host)} is at {ip}, which is not a public address ({_permission(host)})"


def refusal_unasked(host: str, *, allow: Sequence[str]) -> str | None:
    """The same for a host that nobody typed, as far as it can be said without asking for its address.

    Addresses in every spelling that a resolver takes (127.1, 0x7f000001), and names that are never public.
    """
    ip = _literal(plain(host))
    if ip is not None:
        return refusal(ip, host=host, owner=False, allow=allow)
    private = "." not in plain(host) or plain(host).endswith(_PRIVATE_NAMES)
    if not private or any(plain(host) == plain(entry) for entry in allow):
        return None
    return f"{plain(host)} is a name of a private network ({_permission(host)})"


def _permission(host: str) -> str:
    return f'if it is yours: allow_private = ["{plain(host)}"] under [polling], taken at the next start'


def is_private(host: str, *, allow: Sequence[str]) -> bool:
    """Whether a host is the owner's own as far as it can be said without asking for its address."""
    return refusal_unasked(host, allow=()) is not None or any(plain(host) == plain(entry) for entry in allow)


def _literal(host: str) -> str | None:
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def plain(host: str) -> str:
    """A host as it is compared: lower case, without brackets and the root's dot."""
    return host.strip("[]").rstrip(".").lower()


def _parsed(ip: str) -> Address | None:
    try:
        return ip_address(ip)
    except ValueError:
        return None


def _public(address: Address) -> bool:
    inner = _embedded(address)
    if inner is not None:
        return _public(inner)
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _SIX_TO_FOUR:
        return IPv4Address(address.packed[2:6])
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(address.packed[12:])
    return None


def _allowed(address: Address, host: str, allow: Sequence[str]) -> bool:
    return any(host == plain(entry) or _inside(address, entry) for entry in allow)


def _inside(address: Address, entry: str) -> bool:
    try:
        network = ip_network(plain(entry), strict=False)
    except ValueError:  # a host name
        return False
    return any(candidate in network for candidate in (address, _embedded(address) or address))
