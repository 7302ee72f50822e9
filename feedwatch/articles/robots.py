"""Does a site want its page read by a machine? robots.txt, as RFC 9309 has it; runs in a worker process.

A hostile file can keep a pattern matcher busy for long, which is the deadline's business.
"""

from __future__ import annotations

from protego import Protego

TOKEN = "feedwatch"  # noqa: S105 - the product token that a robots.txt names us by, no secret
READ = 512_000  # bytes; what crawlers must read of the file (RFC 9309, 2.5), and no more is worth reading


def allows(robots: bytes, url: str) -> bool:
    """Whether the rules for us, or else those for everybody, let `url` be read."""
    text = robots[:READ].decode("utf-8", "replace").removeprefix("\ufeff")
    return bool(Protego.parse(text).can_fetch(url, TOKEN))


def may_forbid(robots: bytes) -> bool:
    """Whether the file holds any rule that could forbid a page: most need no closer look."""
    return b"disallow" in robots[:READ].lower()
