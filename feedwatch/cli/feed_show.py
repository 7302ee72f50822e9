"""`feedwatch feeds show`: all that is known of one feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import FAILED
from feedwatch.cli.options import Config, Json, examples, load_settings, perhaps, say

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings
    from feedwatch.model import FeedSpec
    from feedwatch.store import Connection, Row

EXAMPLES = examples("feedwatch feeds show DW", "feedwatch feeds show https://rss.dw.com/rdf/rss-en-all --json")

SHOWN = 10
"""Entries that are shown, the last ones."""


def show(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its address or its name.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """All that is known of one feed.

    Its last entries, too, with what became of each. Exit code 1 where the config has no such feed.
    """
    from feedwatch.cli.show import json_line, put
    from feedwatch.config.edit import feed_number
    from feedwatch.errors import ConfigError

    settings = load_settings(config)
    try:
        spec = settings.feed_specs()[feed_number(settings, feed)]
    except ConfigError as error:
        say(str(error))
        raise typer.Exit(FAILED) from None
    row, entries = perhaps(settings.store.path, lambda db: _stored(db, spec.address)) or (None, [])
    shown = {**_wish(settings, spec), **_state(settings, spec, row), "entries": entries}
    if as_json:
        put(json_line(shown))
    else:
        _print(shown)


def _wish(settings: Settings, spec: FeedSpec) -> dict[str, Any]:
    """What the config says."""
    from feedwatch.config.values import format_duration
    from feedwatch.feeds.schedule import interval_of
    from feedwatch.text.addresses import without_user

    watched = [
        watch.id
        for watch in settings.watchlists
        if (narrowed := settings.feeds_of(watch)) is None or spec.address in narrowed
    ]
    return {
        "feed": spec.name or without_user(spec.url),
        "url": without_user(spec.url),
        "tags": spec.tags,
        "watchlists": watched,
        "interval": format_duration(interval_of(spec.interval, settings.polling)),
    }


def _state(settings: Settings, spec: FeedSpec, row: Row | None) -> dict[str, Any]:
    """What the database knows."""
    from feedwatch.cli.feeds import state_of
    from feedwatch.store.times import moment
    from feedwatch.text.addresses import without_user

    times = ("first_polled_at", "last_polled_at", "last_good_at", "newest_at", "next_check_at")
    known = {name.removesuffix("_at"): moment(row[name]) if row else None for name in times}
    return {
        "state": state_of(row),
        "detail": row["detail"] if row else None,
        "failures": row["failures"] if row else 0,
        "title": row["title"] if row else None,
        "language": row["language"] if row else None,
        "etag": bool(row and row["etag"]),
        "last_modified": bool(row and row["last_modified"]),
        **known,
        "why": _why(settings, row),
        "late": _late(settings, spec, row),
        "missed": moment(row["missed_at"]) if row else None,
        "asked_at": without_user(row["asks"] or row["url"]) if row else None,
        "brought": row["entries"] if row else 0,
    }


def _why(settings: Settings, row: Row | None) -> str:
    """Why its next poll is when it is."""
    from feedwatch.store.database import daemon_pid

    if daemon_pid(settings.store.path) is None:
        return "feedwatch is not running, so not before it does"
    return "it was never asked: as soon as its host's turn comes" if row is None else _why_then(row)


def _why_then(row: Row) -> str:
    if row["claimed_at"] is not None:
        return "it is being asked now"
    if row["next_check_at"] is None:
        return "the server says that it is gone for good: it is not asked again (remove it; or remove and add it)"
    if row["outcome"] == "refused":
        return "the server refused: it is left alone for as long as it asks, else for four hours"
    if row["failures"]:
        return f"it failed {row['failures']} times in a row: the wait grows up to a day, or is what the server asks"
    return f"{row['because'] or 'its interval'}, give or take a tenth" if row["last_polled_at"] else "it is due"


def _late(settings: Settings, spec: FeedSpec, row: Row | None) -> str:
    """How long after its publication an entry may be noticed."""
    from feedwatch.feeds.schedule import SPREAD, slowest
    from feedwatch.store.times import span
    from feedwatch.text.amounts import lasting

    longest = span(row["late"]) if row and row["late"] else slowest(spec.interval, settings.polling) * (1 + SPREAD)
    healthy = f"an entry is noticed at most {lasting(longest)} after the feed shows it"
    return f"as long as it fails, nothing; then {healthy}" if row and row["failures"] else healthy


def _stored(db: Connection, address: str) -> tuple[Row | None, list[dict[str, Any]]]:
    """Its row, and its last entries with what became of them."""
    from feedwatch.store.feeds import find_feed
    from feedwatch.store.recent import feed_entries

    row = find_feed(db, address)
    return row, [entry_of(db, entry) for entry in feed_entries(db, row["id"], limit=SHOWN)] if row else []


def entry_of(db: Connection, row: Row) -> dict[str, Any]:
    """An entry and what became of it."""
    from feedwatch.store.recent import entry_decisions
    from feedwatch.store.times import moment

    decisions = [
        {
            "watchlist": decision["watchlist"],
            "outcome": decision["outcome"],
            "strength": decision["strength"],
            "alert": f"#{decision['short']}" if decision["short"] else None,
        }
        for decision in entry_decisions(db, row["id"])
    ]
    return {
        "seen": moment(row["first_seen_at"]),
        "title": row["title"],
        "link": row["link"],
        "page": row["page_state"],
        "page_reason": row["reason"],
        "decisions": decisions,
        "became": _became(row, decisions),
    }


def _became(row: Row, decisions: list[dict[str, Any]]) -> str:
    missing = row["page_state"] != "not_wanted" or row["reason"] == "headline_only"
    trouble = f" (page: {row['reason']})" if row["reason"] and missing else ""
    told = ", ".join(
        f"{each['watchlist']}: {each['outcome']} {each['strength']} {each['alert'] or ''}".rstrip()
        for each in decisions
    )
    if row["decided_version"] < row["version"]:
        waiting = "waits for its page" if row["page_state"] == "pending" else "waits for its decision"
        return (f"{told}; " if told else "") + waiting + trouble
    old = " (old at the first poll, judged by the feed's text)" if row["how"] == "baseline" and not told else ""
    return (told or "no match") + old + trouble


def _print(known: dict[str, Any]) -> None:
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import clean, local, put

    put(f"{clean(known['feed'])}  {clean(known['url'])}")
    if known["title"]:
        put(f"  calls itself {clean(known['title'])}" + (f" [{clean(known['language'])}]" if known["language"] else ""))
    put(f"  tags         {', '.join(known['tags']) or 'none'}")
    put(f"  watched by   {', '.join(known['watchlists']) or 'no watchlist'}")
    put(f"  state        {clean(known['state'])}")
    put(f"  last poll    {local(known['last_polled'])}, last good answer {local(known['last_good'])}")
    put(f"  first poll   {local(known['first_polled'])}; {counted(known['brought'], 'entry', 'entries')} since")
    planned = f"{local(known['next_check'])}: " if known["next_check"] else ""
    put(f"  next poll    {planned}{known['why']}")
    put(f"  how late     {known['late']}")
    put(f"  validators   {_validators(known)}")
    if known["asked_at"] not in {None, known["url"]}:
        put(f"  asked at     {clean(known['asked_at'])}: it moved there for good (put that into the config)")
    if known["missed"]:
        put(f"  missed       {local(known['missed'])}: none of the entries before was shown; some may have been lost")
    put("  last entries" if known["entries"] else "  no entries yet")
    for entry in known["entries"]:
        put(f"    {local(entry['seen'])}  {clean(entry['title'] or entry['link'] or 'untitled')}")
        put(f"      {clean(entry['became'])}")


def _validators(known: dict[str, Any]) -> str:
    """Whether the server lets us ask "anything new?" without sending everything."""
    named = [name for name, key in (("ETag", "etag"), ("Last-Modified", "last_modified")) if known[key]]
    return " and ".join(named) or "none: every poll transfers the whole feed"
