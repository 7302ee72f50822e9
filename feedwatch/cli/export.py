"""`feedwatch alerts export`: what was told, for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.cli.exits import FAILED, USAGE
from feedwatch.cli.options import Config, examples, load_settings, reading, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from feedwatch.store import Connection

EXAMPLES = examples(
    "feedwatch alerts export > alerts.jsonl",
    "feedwatch alerts export --since 30d --csv > november.csv",
    "feedwatch alerts export 7f3k2a --into talks",
)

COLUMNS = (
    "id", "time", "kind", "watchlist", "strength", "title", "outlet", "published", "link", "snippet", "deliveries",
)  # fmt: skip

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet computes what begins with one of these; titles come from strangers."""


def export(
    alert: Annotated[
        str | None, typer.Argument(metavar="ID", help="One alert, with its pages, as a folder.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only those of this long ago or less, as in 30d.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object an alert and line; so without --csv.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One row an article of an alert, for a spreadsheet.")] = False,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="With ID: a new folder; else one of the id's name.")
    ] = None,
    config: Config = None,
) -> None:
    """All alerts with all that belongs to them; or one of them.

    Oldest first. With ID that one, as a folder: the pages as they came, what was read in them, a web archive (WARC),
    and the hashes of all files: `sha256sum -c SHA256SUMS` in it says whether they are still the same.
    """
    from feedwatch.store.database import hold

    if alert is not None and not (since or as_json or as_csv):
        _folder(alert, into, config)
        return
    if alert is not None or into is not None:
        say("an ID goes with --into alone, and --into with an ID")
        raise typer.Exit(USAGE)
    if as_json and as_csv:
        say("--json and --csv exclude each other")
        raise typer.Exit(USAGE)
    age = _duration(since)
    with reading(load_settings(config).store.path) as db:
        hold(db)
        write = _csv if as_csv else _json
        write(_alerts(db, age))


def _folder(alert: str, into: Path | None, config: Path | None) -> None:
    from feedwatch.cli.show import put
    from feedwatch.pipeline.clock import now
    from feedwatch.pipeline.dossier import files_of
    from feedwatch.pipeline.verbs import the_alert

    settings = load_settings(config)
    with reading(settings.store.path) as db:
        full = the_alert(db, alert)
        files = files_of(db, settings, full, now())
    folder = into or Path(f"feedwatch-{alert.strip().lstrip('#').lower()}")
    try:
        folder.mkdir(parents=True)
        for name, body in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(body)
    except OSError as error:
        say(f"{error.filename}: {error.strerror} (name a new folder: --into FOLDER)")
        raise typer.Exit(FAILED) from None
    put(str(folder))
    if "pages.warc.gz" not in files:
        say("no page is kept for this alert (it was judged on the feed's own text, or its page was read earlier)")


def _duration(text: str | None) -> timedelta | None:
    from feedwatch.config.values import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        say(f"--since: {error}")
        raise typer.Exit(USAGE) from None


def _alerts(db: Connection, age: timedelta | None) -> Iterator[dict[str, Any]]:
    from feedwatch.pipeline.clock import now
    from feedwatch.store.views import alerts_since

    for alert in alerts_since(db, None if age is None else now() - age):
        yield _alert(db, alert)


def _alert(db: Connection, alert: str) -> dict[str, Any]:
    from feedwatch.cli.show import told_article
    from feedwatch.store import views

    view = views.alert_view(db, alert)
    return {
        "id": view.id,
        "short": view.short,
        "kind": view.kind,
        "time": view.created.isoformat(),
        "looked_at": view.total,
        "articles": [told_article(item) for item in view.items],
        "decisions": [_decision(row) for row in views.alert_decisions(db, alert)],
        "deliveries": [_delivery(row) for row in views.alert_deliveries(db, alert)],
    }


def _decision(row: Any) -> dict[str, Any]:
    return {
        "time": _iso(row["at"]),
        "outcome": row["outcome"],
        "strength": row["strength"],
        "score": row["score"],
        "feed": row["address"],
        "title": row["title"],
        "reasons": json.loads(row["reasons"]),
    }


def _delivery(row: Any) -> dict[str, Any]:
    return {
        "channel": row["channel"],
        "target": row["name"],
        "state": row["state"],
        "attempts": row["attempts"],
        "sent": _iso(row["sent_at"]),
        "error": row["error"],
        "window": row["window"],
    }


def _iso(micros: int | None) -> str | None:
    from feedwatch.store.times import moment

    at = moment(micros)
    return at.isoformat() if at else None


def _json(alerts: Iterator[dict[str, Any]]) -> None:
    from feedwatch.cli.show import put

    for alert in alerts:
        put(json.dumps(alert, ensure_ascii=False))


def _csv(alerts: Iterator[dict[str, Any]]) -> None:
    import csv
    import sys

    table = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    table.writeheader()
    for alert in alerts:
        states = ", ".join(f"{each['channel']}/{each['target']} {each['state']}" for each in alert["deliveries"])
        for article in alert["articles"] or [{}]:
            row = {**alert, **article, "id": alert["short"], "deliveries": states}
            table.writerow({column: _harmless(row.get(column)) for column in COLUMNS})


def _harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
