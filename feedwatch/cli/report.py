"""`feedwatch report`: what a stretch of time brought, watchlist by watchlist."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from feedwatch.cli.options import reading
from feedwatch.cli.show import ago, clean, json_line, local, put
from feedwatch.model import Strength
from feedwatch.pipeline.clock import now
from feedwatch.store import feeds, recent
from feedwatch.store.times import moment

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from feedwatch.config.settings import Settings
    from feedwatch.store import Connection, Row

OUTLETS = 5
"""The outlets that are named, those with most articles."""

HOSTS = 10
"""The hosts that are named, those with most pages not seen."""


def report(settings: Settings, length: timedelta, *, as_json: bool) -> None:
    at = now()
    begin = at - length
    with reading(settings.store.path) as db:
        found = {
            "since": begin,
            "until": at,
            "watchlists": _watchlists(db, settings, begin),
            "articles": recent.pages_since(db, begin),
            "feeds_failing": [_feed(row) for row in feeds.list_feeds(db) if row["failures"]],
            "bodies_not_seen": [dict(row) for row in recent.bodies_not_seen(db, begin)],
        }
    if as_json:
        put(json_line(found))
    else:
        _print(found, at)


def _watchlists(db: Connection, settings: Settings, begin: datetime) -> list[dict[str, Any]]:
    """Those of the config, and removed ones that told something."""
    told = defaultdict[str, list[Any]](list)
    for row in recent.told_since(db, begin):
        told[row["root"]].append(row)
    names = {watch.id: watch.name for watch in settings.watchlists}
    known = [row for row in recent.watch_rows(db) if row["id"] in names or told[row["root"]]]
    fresh = [name for name in names if name not in {row["id"] for row in known}]
    return [_watchlist(row["id"], names, told[row["root"]]) for row in known] + [
        _watchlist(name, names, []) for name in fresh
    ]


def _watchlist(name: str, names: dict[str, str], told: list[Row]) -> dict[str, Any]:
    kinds = Counter({row["alert"]: row["kind"] for row in told}.values())
    strongest: dict[int, Strength] = {}
    for row in told:
        strength = Strength.of(row["strength"])
        strongest[row["article_id"]] = max(strength, strongest.get(row["article_id"], strength))
    outlets = Counter({row["article_id"]: row["outlet"] for row in told}.values())
    split = Counter(strongest.values())
    return {
        "id": name,
        "name": names.get(name, name),
        "alerts": kinds.total(),
        "kinds": dict(sorted(kinds.items())),
        "articles": len(strongest),
        "strengths": {strength.word: split[strength] for strength in reversed(Strength)},
        "outlets": dict(sorted(outlets.items(), key=lambda each: (-each[1], each[0]))[:OUTLETS]),
    }


def _feed(row: Row) -> dict[str, Any]:
    last = moment(row["last_good_at"])
    return {
        "feed": row["name"] or row["title"] or row["address"],
        "reason": row["outcome"],
        "detail": row["detail"],
        "failures": row["failures"],
        "last_good": last.isoformat() if last else None,
        "stopped": row["next_check_at"] is None,
    }


def _print(found: dict[str, Any], at: datetime) -> None:
    put(f"from {local(found['since'])} to {local(found['until'])}")
    for watch in found["watchlists"]:
        _print_watchlist(watch)
    pages: dict[str, int] = found["articles"]
    put(f"\narticles   {sum(pages.values())}, {pages.get('read', 0)} of them read on their page")
    _print_bodies(found["bodies_not_seen"])
    _print_feeds(found["feeds_failing"], at)


def _print_watchlist(watch: dict[str, Any]) -> None:
    put(f"\n{clean(watch['name'])} ({watch['id']})")
    if not watch["articles"]:
        put("  nothing told")
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in watch["kinds"].items())
    put(f"  alerts     {watch['alerts']}: {kinds}")
    split = ", ".join(f"{count} {word}" for word, count in watch["strengths"].items() if count)
    put(f"  articles   {watch['articles']}: {split}")
    put("  outlets    " + ", ".join(f"{clean(outlet)} {count}" for outlet, count in watch["outlets"].items()))


def _print_bodies(rows: list[dict[str, Any]]) -> None:
    missing = sum(row["articles"] for row in rows)
    put(f"not seen   {missing} bodies" + (", judged by the feed's own text:" if rows else ""))
    for row in rows[:HOSTS]:
        put(f"  {clean(row['host'])}: {row['articles']} {row['reason']}")
    if len(rows) > HOSTS:
        put(f"  … and {len(rows) - HOSTS} more")


def _print_feeds(rows: list[dict[str, Any]], at: datetime) -> None:
    from datetime import datetime

    put(f"feeds      {len(rows)} failing now")
    for row in rows:
        last = datetime.fromisoformat(row["last_good"]) if row["last_good"] else None
        put(f"  {clean(row['feed'])}: {row['reason']}, {clean(row['detail'])} (last good answer: {ago(last, at)})")
