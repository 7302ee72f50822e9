"""The text of a first config file: short, commented, and nothing in it that one need not know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import tomlkit

from feedwatch.config.packs import called
from feedwatch.config.shipped import world_feeds

LABEL = 16
"""Characters of a label: what a lock screen leaves the headline is more important."""

_HEAD = """\
# feedwatch's configuration, written by `feedwatch init`. Change it as you like, then `feedwatch check`.
# docs/configuration.md explains every key. A running feedwatch takes changes on SIGHUP, or at its next start.

# [polling]
# interval = "15m"                  # how often a feed is asked
# contact = "you@example.org"       # told to the servers that you ask, so that a publisher can reach you
"""

_STORE = """
[store]
path = {path}
"""

_TERMINAL = """
# Where alerts go: here, into the terminal in which feedwatch runs. A phone or a mail address takes one line:
# url = "ntfy://ntfy.sh/choose-a-long-secret-topic", or whatever else Apprise knows. `feedwatch channels test` tries it.

[channels.here]
terminal = true
# only = "headline"                 # the least that gets through: mention, topic (the default) or headline
"""

_URL = """
# Where alerts go. The address may hold a secret, so this file is readable by its owner alone; url_file names a file
# that holds it instead. `feedwatch channels test` tries it.

[channels.{channel}]
url = {url}
# only = "headline"                 # the least that gets through: mention, topic (the default) or headline
# quiet = "22:00-07:00"             # nothing is sent then; what came is one message in the morning
"""

_WATCH = """
# What to watch for. Any one of the words counts, as a whole word; case and accents make no difference. @country:VE is
# a country in every language, its people and its capital, @name:maduro a person; `feedwatch watch lists` has them all.
# `feedwatch watch add` adds another watchlist.

[[watchlists]]
id = {id}
name = {name}
label = {label}
keywords = {keywords}
# feeds = ["tag:world"]             # only these feeds; all of them otherwise
notify = {notify}
"""

_FEEDS = """
# What to read. `feedwatch feeds add URL` adds a feed, `feedwatch feeds list` shows how each is doing. A publisher may
# move or end a feed; that is not your mistake.
"""


def first_config(*, keywords: Sequence[str], url: str | None, feeds: Sequence[str] | None, database: str | None) -> str:
    """The text for these answers. `url` None: the terminal; `feeds` None: the shipped list; `database` None: beside it.

    Whether the values are good is for `load` to say.
    """
    channel = "here" if url is None else "me"
    told = _TERMINAL if url is None else _URL.format(channel=channel, url=_toml(url))
    name = called(keywords[0])
    watch = _WATCH.format(
        id=_toml(slug(name)),
        name=_toml(name),
        label=_toml(name[:LABEL].strip()),
        keywords=_toml(list(keywords)),
        notify=_toml([channel]),
    )
    store = "" if database is None else _STORE.format(path=_toml(database))
    return _HEAD + store + told + watch + _FEEDS + "\n" + (world_feeds() if feeds is None else _feeds(feeds))


def slug(name: str, otherwise: str = "watch") -> str:
    """A short name for an id: "María Corina" becomes "maria-corina"; `otherwise` where no Latin letter is in it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or otherwise


def _feeds(urls: Sequence[str]) -> str:
    return "\n".join(f"[[feeds]]\nurl = {_toml(url)}\n" for url in urls)


def _toml(value: str | list[str]) -> str:
    return tomlkit.item(value).as_string()
