"""`feedwatch status`: what one wants to see at night."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from feedwatch.cli.options import reading
from feedwatch.cli.show import ago, clean, json_line, put
from feedwatch.pipeline.clock import now
from feedwatch.store import articles, deliveries, feeds
from feedwatch.store import status as counts
from feedwatch.store.database import daemon_pid
from feedwatch.store.times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.config.settings import Settings
    from feedwatch.store import Connection


def status(settings: Settings, *, as_json: bool) -> None:
    path = settings.store.path
    pid = daemon_pid(path)
    with reading(path) as db:
        totals, at = counts.totals(db), now()
        if as_json:
            put(json_line({"running": pid, **asdict(totals), "pages": articles.reading_counts(db)}))
            return
        put(f"daemon     {f'running (pid {pid})' if pid else 'not running'}")
        put(f"database   {path}")
        _feeds(db, totals, at)
        _articles(db, totals)
        _alerts(db, totals, at)


def _feeds(db: Connection, totals: counts.Totals, at: datetime) -> None:
    put(
        f"feeds      {totals.feeds}, {totals.feeds_failing} failing, {totals.feeds_never} without an answer yet,"
        f" {totals.feeds_stopped} stopped; last good poll {ago(totals.last_good_poll, at)}"
    )
    for row in feeds.list_feeds(db):
        if row["failures"]:
            name, since = clean(row["name"] or row["address"]), ago(moment(row["last_good_at"]), at)
            put(f"  {name}: {row['outcome']}, {clean(row['detail'])} (last good answer: {since})")


def _articles(db: Connection, totals: counts.Totals) -> None:
    put(f"articles   {totals.articles}, {totals.entries_pending} entries waiting for their decision")
    states = articles.reading_counts(db)
    if states:
        put("pages      " + ", ".join(f"{n} {state}" for state, n in states.items()))


def _alerts(db: Connection, totals: counts.Totals, at: datetime) -> None:
    put(f"alerts     {totals.alerts}, {totals.waiting} messages waiting, {totals.dead} given up")
    for row in deliveries.by_target(db):
        put(f"  {row['channel']}/{row['name']}: {_target(row, at)}")


def _target(row: Any, at: datetime) -> str:
    told = f"{row['sent'] or 0} sent, last {ago(moment(row['last_sent_at']), at)}"
    if row["waiting"]:
        removed = "its channel is no longer in the config" if row["removed_at"] else ""
        why = removed or clean(row["error"] or "on its way")
        told += f"; {row['waiting']} waiting, the oldest from {ago(moment(row['waiting_since']), at)}: {why}"
    return told + (f"; {row['dead']} refused for good" if row["dead"] else "")
