"""`feedwatch tail`: alerts, and articles if wanted, as they come; read from the database, whoever writes it."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.render import render
from feedwatch.cli.feed_show import entry_of
from feedwatch.cli.options import reading, say
from feedwatch.cli.show import clean, json_line, local, put, told_article
from feedwatch.pipeline.clock import now
from feedwatch.store.database import daemon_pid
from feedwatch.store.recent import decided_since, last_alerts, position, watch_rows
from feedwatch.store.times import moment
from feedwatch.store.views import alert_view, alerts_since

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings
    from feedwatch.store import Connection, Row

EVERY = 0.5
"""Seconds between two looks into the database."""

OVERLAP = timedelta(minutes=2)
"""An alert's time is taken before it is committed, and others may be committed meanwhile."""


def follow(settings: Settings, *, before: int, articles: bool, as_json: bool) -> None:
    """Prints until it is interrupted; begins with the last alerts, `before` of them."""
    with reading(settings.store.path) as db:
        if daemon_pid(settings.store.path) is None:
            say("feedwatch is not running: nothing will come until it is")
        labels = {watch.id: watch.label for watch in settings.watchlists}
        begin, reached = now(), position(db)
        shown = set(alerts_since(db, begin - OVERLAP))
        for alert in last_alerts(db, limit=before):
            _put_alert(db, alert, labels, as_json=as_json)
        while True:
            sys.stdout.flush()
            time.sleep(EVERY)
            if articles:
                reached, decided = decided_since(db, reached)
                for row in decided:
                    _put_article(db, row, as_json=as_json)
            recent = alerts_since(db, now() - OVERLAP)
            for alert in recent:
                if alert not in shown:
                    _put_alert(db, alert, labels, as_json=as_json)
            shown = set(recent)


def _put_alert(db: Connection, alert: str, labels: dict[str, str], *, as_json: bool) -> None:
    view = alert_view(db, alert)
    if as_json:
        items = [told_article(item) for item in view.items]
        put(json_line({"what": "alert", "time": view.created, "id": view.id, "kind": view.kind, "items": items}))
        return
    roots = {known["root"]: labels.get(known["id"], known["id"]) for known in watch_rows(db)}
    message = render(view, view.kind, Manners(labels=roots, zone=None, title_limit=0, body_limit=0))
    put(f"{local(view.created)}  {view.kind}\n{message.title}\n{message.body}\n")


def _put_article(db: Connection, row: Row, *, as_json: bool) -> None:
    entry: dict[str, Any] = entry_of(db, row)
    if as_json:
        put(json_line({"what": "article", "time": moment(row["first_seen_at"]), "feed": row["outlet"], **entry}))
        return
    title = clean(entry["title"] or entry["link"] or "untitled")
    put(f"{local(now())}  {clean(row['outlet'])} · {title}: {clean(entry['became'])}")
