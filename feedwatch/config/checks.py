"""What no single value can show: names that point nowhere, and things that exclude each other.

The checks run on the merged tables as tomllib gave them, so that they speak up beside mistakes of type and range;
what has the wrong type is passed over here, because pydantic names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise

from feedwatch.config.lines import Loc
from feedwatch.config.packs import lists_of
from feedwatch.config.places import Found, Raw
from feedwatch.config.settings import names_of
from feedwatch.config.words import did_you_mean
from feedwatch.errors import QueryError
from feedwatch.text.addresses import canonical
from feedwatch.watches.parse import Lists, parse_keywords, parse_query

_list_name = re.compile(r"(?<![^\s(])@([\w:.-]+)")
_quoted = re.compile('"[^"]*"')

Where = Callable[[Loc], object]

GUESSES = 5
"""Unknown feeds for which the one that was meant is looked for: among 36,000 feeds that takes a second each."""

ADDRESS_KEYS = ("url", "url_file", "url_env", "webhook", "webhook_file", "webhook_env", "terminal")
HOOK_KEYS = ("headers", "secret")
"""What only a webhook has."""

HEARTBEAT_KEYS = ("heartbeat", "heartbeat_file", "heartbeat_env")
KNOWN_BY = ("headers", "auth")
"""What [[feeds]] and [[sites]] may be known to a server by."""


def contradictions(raw: Raw, where: Where) -> Iterator[Found]:
    yield from _same_feed_twice(raw, where)
    yield from _same_id_twice(raw, where)
    yield from _former_ids(raw, where)
    yield from _words_or_query(raw)
    yield from _unknown_channels(raw)
    yield from _unknown_feeds(raw)
    yield from _not_one_address(raw)
    yield from _hooks(raw)
    yield from _health(raw)
    yield from _circles(raw)
    yield from _misunderstood(raw)
    yield from _same_site_twice(raw, where)
    yield from _known_twice(raw)


def each_secret(raw: Raw) -> Iterator[tuple[Loc, Raw, str]]:
    """Everything that may be given in a file or a variable: its table's place, the table, its key."""
    for name, channel in channels(raw).items():
        yield from ((("channels", name), channel, key) for key in ("url", "webhook", *HOOK_KEYS))
    yield ("health",), health(raw), "heartbeat"
    for listed in ("feeds", "sites"):
        yield from (((listed, number), row, key) for number, row in rows(raw, listed) for key in KNOWN_BY)


def rows(raw: Raw, key: str) -> list[tuple[int, Raw]]:
    """The tables of [[feeds]] and their like with their numbers."""
    listed = raw.get(key)
    return (
        [(n, row) for n, row in enumerate(listed) if isinstance(row, dict)] if isinstance(listed, list | tuple) else []
    )


def channels(raw: Raw) -> dict[str, Raw]:
    listed = raw.get("channels")
    return {k: v for k, v in listed.items() if isinstance(v, dict)} if isinstance(listed, dict) else {}


def aliases(raw: Raw) -> dict[str, tuple[str, ...]]:
    """The names of [aliases] with their entries, as far as they are text."""
    listed = raw.get("aliases")
    return (
        {name: tuple(text for _, text in _texts(listed, name)) for name in listed} if isinstance(listed, dict) else {}
    )


def _texts(row: Raw, key: str) -> list[tuple[int, str]]:
    listed = row.get(key)
    return [(n, t) for n, t in enumerate(listed) if isinstance(t, str)] if isinstance(listed, tuple) else []


def address_of(row: Raw) -> str | None:
    url = row.get("url")
    return canonical(url) if isinstance(url, str) else None


def _same_feed_twice(raw: Raw, where: Where) -> Iterator[Found]:
    first: dict[str, int] = {}
    for number, row in rows(raw, "feeds"):
        address = address_of(row)
        if address is None:
            continue
        if address in first:
            other = where(("feeds", first[address], "url"))
            yield ("feeds", number, "url"), f"url: the same feed as at {other} (remove one of the two)"
        first.setdefault(address, number)


def _same_id_twice(raw: Raw, where: Where) -> Iterator[Found]:
    first: dict[str, int] = {}
    for number, row in rows(raw, "watchlists"):
        name = row.get("id")
        if isinstance(name, str) and name in first:
            other = where(("watchlists", first[name], "id"))
            yield ("watchlists", number, "id"), f'id: "{name}" is taken at {other} (choose another)'
        first.setdefault(str(name), number)


def _former_ids(raw: Raw, where: Where) -> Iterator[Found]:
    lists = rows(raw, "watchlists")
    current = {row["id"]: number for number, row in reversed(lists) if isinstance(row.get("id"), str)}
    heirs: dict[str, int] = {}
    for number, row in lists:
        old, at = row.get("was"), ("watchlists", number, "was")
        if not isinstance(old, str):
            continue
        if old in current:
            yield at, f'was: "{old}" is still the id at {where(("watchlists", current[old], "id"))} (remove was)'
        elif old in heirs:
            yield at, f'was: "{old}" is inherited at {where(("watchlists", heirs[old], "was"))} already (remove one)'
        heirs.setdefault(old, number)


def _words_or_query(raw: Raw) -> Iterator[Found]:
    for number, row in rows(raw, "watchlists"):
        keywords, query = row.get("keywords"), row.get("query")
        if keywords and query is not None:
            yield ("watchlists", number, "query"), "query: keywords are given too (keep one of the two)"
        elif keywords == () and query is None:
            yield ("watchlists", number, "keywords"), 'keywords: the list is empty (write at least one, as in ["…"])'
        elif keywords is None and query is None and not get_close_matches("keywords", row):
            cure = 'add keywords = ["…"] or query = "…"'
            yield ("watchlists", number), f'"keywords" is missing in [[watchlists]] ({cure})'


def _unknown_channels(raw: Raw) -> Iterator[Found]:
    known = channels(raw)
    for number, row in rows(raw, "watchlists"):
        for position, name in _texts(row, "notify"):
            if name not in known:
                yield (
                    ("watchlists", number, "notify", position),
                    f'notify: no channel "{name}"{did_you_mean(name, known)}',
                )


def _unknown_feeds(raw: Raw) -> Iterator[Found]:
    known = frozenset[str]().union(*(_names(row) for _, row in rows(raw, "feeds")))
    unknown = (
        (("watchlists", number, "feeds", position), name)
        for number, row in rows(raw, "watchlists")
        for position, name in _texts(row, "feeds")
        if name not in known and canonical(name) not in known
    )
    for count, (loc, name) in enumerate(unknown):
        yield loc, f'feeds: no feed "{name}"{_which(name, known) if count < GUESSES else " (correct it)"}'


def _names(row: Raw) -> frozenset[str]:
    name, tags = row.get("name"), tuple(text for _, text in _texts(row, "tags"))
    own, address = name if isinstance(name, str) else None, address_of(row)
    if address is None:
        return frozenset({own or "", *(f"tag:{tag}" for tag in tags)}) - {""}
    return names_of(row["url"], address, own, tags)


def _which(name: str, known: frozenset[str]) -> str:
    """The closest name; where none is close only the tags, for a list of all feeds would be too long."""
    if f"tag:{name}" in known:
        return f' (did you mean "tag:{name}"?)'
    near = get_close_matches(name, known, n=1)
    return did_you_mean(name, near or [each for each in known if each.startswith("tag:")])


def _not_one_address(raw: Raw) -> Iterator[Found]:
    for name, channel in channels(raw).items():
        given = [key for key in ADDRESS_KEYS if channel.get(key) not in (None, False)]
        if len(given) > 1:
            yield ("channels", name, given[1]), f"{given[1]}: {given[0]} is given too (a channel has one address)"
        elif not given:
            yield ("channels", name), f'channel "{name}" has no address (add url, webhook or terminal = true)'


def _hooks(raw: Raw) -> Iterator[Found]:
    """Headers and secrets that no webhook sends, or that are given in two ways."""
    for name, channel in channels(raw).items():
        is_hook = any(channel.get(way) is not None for way in _ways("webhook"))
        for key in HOOK_KEYS:
            given = [way for way in _ways(key) if channel.get(way) is not None]
            if given and not is_hook:
                yield ("channels", name, given[0]), f"{given[0]}: only a webhook has it (add webhook, or remove it)"
            for other in given[1:]:
                yield ("channels", name, other), f"{other}: {given[0]} is given too (keep one of the two)"


def health(raw: Raw) -> Raw:
    found = raw.get("health")
    return found if isinstance(found, dict) else {}


def _health(raw: Raw) -> Iterator[Found]:
    table, known = health(raw), channels(raw)
    for position, name in _texts(table, "notify"):
        if name not in known:
            yield ("health", "notify", position), f'notify: no channel "{name}"{did_you_mean(name, known)}'
    given = [key for key in HEARTBEAT_KEYS if table.get(key) is not None]
    if len(given) > 1:
        yield ("health", given[1]), f"{given[1]}: {given[0]} is given too (there is one heartbeat)"


def _misunderstood(raw: Raw) -> Iterator[Found]:
    """Keywords, queries and entries of [aliases] that mean nothing, each by itself; what a list holds is its own."""
    lists = _stand_in(lists_of(aliases(raw)))
    for name in aliases(raw):
        for position, entry in _texts(raw["aliases"], name):
            parse = parse_query if entry.lstrip().startswith("(") else _keyword
            yield from _refused(("aliases", name, position), f"{name}: ", parse, entry, lists)
    for number, row in rows(raw, "watchlists"):
        for position, word in _texts(row, "keywords"):
            if word.strip():
                yield from _refused(("watchlists", number, "keywords", position), "", _keyword, word, lists)
        if isinstance(row.get("query"), str) and row["query"].strip():
            yield from _refused(("watchlists", number, "query"), "query: ", parse_query, row["query"], lists)


def _keyword(entry: str, lists: Lists) -> object:
    return parse_keywords([entry], lists)


def _refused(at: Loc, key: str, parse: Callable[[str, Lists], object], text: str, lists: Lists) -> Iterator[Found]:
    try:
        parse(text, lists)
    except QueryError as error:
        yield at, f"{key}{error}"


def _stand_in(lists: Lists) -> Lists:
    """Every list that there is, as one word."""

    def entries(name: str) -> tuple[str, ...]:
        lists(name)
        return ("x",)

    return entries


def _circles(raw: Raw) -> Iterator[Found]:
    """Each circle once, at the entry that closes it."""
    named = {name: {other for entry in entries for other in _names_in(entry)} for name, entries in aliases(raw).items()}
    closed = set[frozenset[str]]()
    for name in named:
        way = _way_back(name, named)
        if way and frozenset(way) not in closed:
            closed.add(frozenset(way))
            position = next(n for n, text in _texts(raw["aliases"], name) if way[1] in _names_in(text))
            circle = ", ".join(f"@{one} names @{other}" for one, other in pairwise(way))
            yield ("aliases", name, position), f"{name}: a circle of lists: {circle} (take one of them out)"


def _way_back(start: str, named: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The shortest way from a list through others to itself; empty if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = set[str]()
    while ways:
        further = [(*way, other) for way in ways for other in sorted(named.get(way[-1], ()))]
        home = next((way for way in further if way[-1] == start), None)
        if home:
            return home
        ways = [way for way in further if way[-1] not in seen]
        seen.update(way[-1] for way in ways)
    return ()


def _names_in(entry: str) -> list[str]:
    """The lists that a keyword entry names; a phrase in quotes names none."""
    return _list_name.findall(_quoted.sub(" ", entry))


def _same_site_twice(raw: Raw, where: Where) -> Iterator[Found]:
    first: dict[str, int] = {}
    for number, row in rows(raw, "sites"):
        host = str(row.get("host")).lower()
        if host in first:
            other = where(("sites", first[host], "host"))
            yield ("sites", number, "host"), f"host: the same site as at {other} (remove one of the two)"
        first.setdefault(host, number)


def _known_twice(raw: Raw) -> Iterator[Found]:
    """A header or a login that is given in two ways; a site that is given neither."""
    for listed in ("feeds", "sites"):
        for number, row in rows(raw, listed):
            given = [[way for way in _ways(key) if row.get(way) is not None] for key in KNOWN_BY]
            for first, *others in filter(None, given):
                yield from (
                    ((listed, number, other), f"{other}: {first} is given too (keep one of the two)")
                    for other in others
                )
            if listed == "sites" and not any(given):
                yield ("sites", number), "a site without headers and login says nothing (add headers or auth)"


def _ways(key: str) -> tuple[str, str, str]:
    return key, f"{key}_file", f"{key}_env"
