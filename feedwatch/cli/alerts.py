"""`feedwatch alerts`: what was told, to whom, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedwatch.alerts.digests import surge_said
from feedwatch.cli import export
from feedwatch.cli.exits import FAILED, USAGE
from feedwatch.cli.options import Config, Json, Limit, examples, load_settings, reading, say

if TYPE_CHECKING:
    from feedwatch.model import AlertView, HealthItem
    from feedwatch.store import Connection, Row

HELD = {
    "digest": "for the channel's digest",
    "quiet": "in its quiet hours",
    "budget": "over its max_per_hour",
    "backlog": "while it was away",
}
"""Why a channel holds something back, by the kind of window."""

app = typer.Typer(help="Alerts: what was told, to whom, and why.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_alerts(
    config: Config = None,
    limit: Limit = 50,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those with a message that failed or waits after a failure.")
    ] = False,
    held: Annotated[
        bool, typer.Option("--held", help="Only those with a message that is held, with the reason and until when.")
    ] = False,
    window: Annotated[
        str | None,
        typer.Option("--window", metavar="ID", help="Only those that wait in a window or were told by its message."),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Instead: matches of a feed's first poll, too old to alert.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The newest alerts, with what became of their messages.

    A window is a time in which a channel's alerts are gathered to be told as one message; that message prints its ID,
    and so does `feedwatch status`. All that is in it is listed.
    """
    from feedwatch.cli.show import rows
    from feedwatch.store import views

    with reading(load_settings(config).store.path) as db:
        if baseline:
            found = [_baseline(row) for row in views.list_baseline(db, limit=limit)]
            columns: tuple[str, ...] = ("seen", "watchlist", "strength", "outlet", "title")
        else:
            within = None if window is None else _window(db, window)
            listed = views.list_alerts(db, limit=limit, failed=failed, held=held, window=within)
            found = [_alert(db, row) | (_held(db, row["id"]) if held else {}) for row in listed]
            columns = ("id", "time", "kind", "watchlist", "strength", "title", "deliveries")
    rows(found, as_json=as_json, columns=columns, none=_none(failed=failed, held=held, baseline=baseline))


def _window(db: Connection, printed: str) -> int:
    """The one window that is meant; raises NothingThere."""
    from feedwatch.errors import NothingThere
    from feedwatch.store.windows import find_window

    found = find_window(db, printed)
    if not found:
        raise NothingThere(f"no window {printed} (feedwatch status names the open ones)")
    if len(found) > 1:
        raise NothingThere(f"{printed} may mean {len(found)} windows: give more of the id")
    return int(found[0]["id"])


def _none(*, failed: bool, held: bool, baseline: bool) -> str:
    if baseline:
        return "no matches among the old entries of first polls"
    if held:
        return "no alert is held (feedwatch channels list says when each channel sends)"
    return "no alert with a message that failed" if failed else "no alerts yet (feedwatch status says how it is going)"


def _alert(db: Connection, row: Row) -> dict[str, Any]:
    from feedwatch.store.times import moment
    from feedwatch.store.views import alert_view

    view = alert_view(db, row["id"])
    return {
        "id": f"#{row['short']}",
        "time": moment(row["created_at"]),
        "kind": row["kind"],
        "watchlist": row["watchlist"],
        "strength": row["strength"],
        "title": _title(view),
        "deliveries": row["deliveries"] or "no channel took it",
        "full_id": row["id"],
        "articles": row["articles"],
    }


def _held(db: Connection, alert: str) -> dict[str, Any]:
    """Where an alert's messages wait, and until when."""
    from feedwatch.store.views import alert_deliveries

    waiting = [_delivery(row) for row in alert_deliveries(db, alert) if row["state"] == "held"]
    return {"deliveries": "; ".join(f"{each['target']} {each['state']} {each['told']}" for each in waiting)}


def _gathered(view: Any) -> str:
    """What a digest tells of."""
    from feedwatch.alerts.outgoing import counted

    if view.mute is not None:
        return f"{counted(len(view.items), 'article')} while muted by {view.mute.actor}"
    if view.window is not None and view.window.kind in HELD and view.items:
        articles = len({item.article for item in view.items})  # one for two watchlists is one
        return f"{counted(articles, 'article')} held {HELD[view.window.kind]}"
    return f"{len(view.items)} of {counted(view.total, 'entry', 'entries')}"


def _title(view: AlertView) -> str:
    if view.kind == "digest":
        return _gathered(view)
    if view.kind == "health":
        return "; ".join(_health(item) for item in view.health)
    if view.kind == "surge":
        return surge_said(view.surge, len(view.items))
    return view.items[0].title


def _health(item: HealthItem) -> str:
    return f"{item.name}: {item.text}" if item.until is None else f"well again: {item.name}"


def _baseline(row: Row) -> dict[str, Any]:
    from feedwatch.store.times import moment

    return {
        "seen": moment(row["at"]),
        "watchlist": row["root"],
        "strength": row["strength"],
        "outlet": row["outlet"],
        "title": row["title"],
        "link": row["link"],
        "published": moment(row["published_at"]),
    }


@app.command(epilog=examples("feedwatch alerts show 7f3k2a", "feedwatch alerts show '#7f3k2a'"))
def show(
    alert: Annotated[str, typer.Argument(metavar="ID", help="As printed in the message, with or without #.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """One alert: what it said, why, and where it went."""
    from feedwatch.pipeline.verbs import the_alert

    with reading(load_settings(config).store.path) as db:
        _show(db, the_alert(db, alert), as_json=as_json)


def _show(db: Connection, alert: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from feedwatch.cli.show import clean, json_line, local, put, told_article
    from feedwatch.cli.story import lines, stories_of
    from feedwatch.store import views

    view = views.alert_view(db, alert)
    decisions = [_decision(row) for row in views.alert_decisions(db, alert)]
    deliveries = [_delivery(row) for row in views.alert_deliveries(db, alert)]
    acks = [_ack(row) for row in views.acks(db, alert)]
    stories = stories_of(db, alert)
    kept = _evidence(db, alert)
    if as_json:
        items = [told_article(item) for item in view.items]
        known = {"items": items, "decisions": decisions, "deliveries": deliveries, "acks": acks, "stories": stories}
        known["evidence"] = kept
        put(json_line({**asdict(view), **known}))
        return
    _print_head(view)
    for item in view.health:
        put(f"  {clean(_health(item))}")
        put(f"    since {local(item.since)}" + (f" until {local(item.until)}" if item.until else f"; {item.cure}"))
    if view.change is not None:
        put(f"  {view.change.kind}: {'; '.join(map(clean, view.change.lines))}")
    if view.kind == "surge":
        put(f"  {surge_said(view.surge, len(view.items))}; the newest:")
    for decision in decisions:
        _print_decision(decision)
    for line in (line for story in stories for line in lines(story)):
        put(line)
    for delivery in deliveries:
        put(f"  to {delivery['target']}: {delivery['state']}, {delivery['told']}")
    for each in kept:
        put(f"  kept {local(each['fetched'])}: {each['length']:,} bytes of {clean(each['url'])}")
        put(f"    sha256 {each['sha256']}")
        moments = (f"{name.replace('_', ' ')} {local(at)}" for name, at in each["times"].items() if at)
        put(f"    {', '.join(moments)}")
    for row in acks:
        put(f"  acknowledged for {row['watchlist']} by {clean(row['by'])}, {local(row['at'])}")


def _evidence(db: Connection, alert: str) -> list[dict[str, Any]]:
    """What is kept of the pages that an alert tells of, without their bytes."""
    from feedwatch.pipeline.dossier import times
    from feedwatch.store import account, evidence

    return [
        {
            "url": kept.url,
            "status": kept.status,
            "fetched": kept.fetched,
            "length": kept.length,
            "sha256": kept.sha256.hex(),
            "times": times(db, article),
        }
        for article in account.articles_of(db, alert)
        for _, kept in evidence.evidence(db, article)
    ]


def _print_head(view: Any) -> None:
    from feedwatch.cli.show import local, put

    put(f"#{view.short}  {view.kind}{f', {_gathered(view)}' if view.kind == 'digest' else ''}, {local(view.created)}")
    put(f"  full id {view.id}")


def _print_decision(decision: dict[str, Any]) -> None:
    from feedwatch.cli.show import clean, local, put

    put(f"  {decision['strength']}: {clean(decision['title'])}")
    put(f"    {clean(decision['outlet'])}, judged on the {decision['reasons'].get('judged')}")
    put(f"    “{clean(decision['snippet'])}”")
    wording = f"as worded since {local(decision['worded'])}: {clean(decision['wording'])}"
    put(f"    by {clean(decision['watchlist'])} {wording}")
    for hit in decision["reasons"].get("hits", []):
        put(f"    {_hit(hit)}")
    if decision["link"]:
        put(f"    {clean(decision['link'])}")


def _hit(hit: dict[str, Any]) -> str:
    return f"{hit['term']}: {hit['count']} in the {hit['zone']}"


def _decision(row: Row) -> dict[str, Any]:
    from feedwatch.store.times import moment

    return {
        "watchlist": row["watchlist"],
        "wording": row["wording"],
        "worded": moment(row["worded_at"]),
        "strength": row["strength"],
        "outcome": row["outcome"],
        "title": row["title"],
        "outlet": row["outlet"],
        "feed": row["address"],
        "link": row["link"],
        "snippet": row["snippet"],
        "reasons": json.loads(row["reasons"]),
    }


def _delivery(row: Row) -> dict[str, Any]:
    from feedwatch.cli.show import clean, local
    from feedwatch.store.times import moment

    if row["window"] is not None and row["state"] == "held":
        told = f"{HELD[row['window_kind']]} until {local(moment(row['closes_at']))} (window {row['window']})"
    elif row["window"] is not None and row["state"] == "merged":
        told = f"into one message, #{row['told_by']} ({HELD[row['window_kind']]}; window {row['window']})"
    else:
        told = local(moment(row["sent_at"])) if row["sent_at"] else clean(row["error"] or "not tried yet")
    attempts = f" ({row['attempts']} attempts)" if row["attempts"] > 1 else ""
    known = {"window": row["window"], "held_until": moment(row["closes_at"]) if row["state"] == "held" else None}
    return {"target": f"{row['channel']}/{row['name']}", "state": row["state"], "told": told + attempts, **known}


def _ack(row: Row) -> dict[str, Any]:
    from feedwatch.store.times import moment

    return {"watchlist": row["watchlist"], "by": row["acked_by"], "at": moment(row["acked_at"])}


@app.command(epilog=examples("feedwatch alerts ack 7f3k2a"))
def ack(
    alert: Annotated[str, typer.Argument(metavar="ID", help="As printed in the message, with or without #.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say that you have seen an alert.

    Your name and the time are kept, for everyone who looks at the alert. It ends the updates of its stories; a
    report that is about your words more strongly is told all the same.
    """
    from feedwatch.cli.show import json_line, put, when
    from feedwatch.pipeline.ask import LONGEST_WORK, ask

    done = ask(load_settings(config), "ack", patience=LONGEST_WORK, alert=alert)
    if as_json:
        put(json_line(done))
        return
    if not done["acks"]:
        put("nothing in it to acknowledge: it tells of no article")
    for row in done["acks"]:
        put(f"acknowledged for {row['watchlist']} by {row['by']}, {when(row['at'])}")


@app.command(
    epilog=examples(
        "feedwatch alerts resend 7f3k2a",
        "feedwatch alerts resend 7f3k2a --to mail",
        "feedwatch alerts resend --from phone --to mail",
    )
)
def resend(
    alert: Annotated[
        str | None, typer.Argument(metavar="ID", help="As printed in the message, with or without #.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="CHANNEL", help="The channel that gets it.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="CHANNEL", help="Instead of ID: all that waits for this channel.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Send an alert again, or by another channel.

    Messages that were sent or given up go again, under the same id; those that wait are left to wait. What waits
    for a channel that is no longer in the config is moved with --to. Exit code 1 where there is nothing to send.
    """
    from feedwatch.alerts.outgoing import counted
    from feedwatch.cli.show import json_line, put
    from feedwatch.pipeline.ask import LONGEST_WORK, ask

    if (alert is None) == (source is None) or (source is not None and to is None):
        say("give an ID, or --from CHANNEL and --to CHANNEL")
        raise typer.Exit(USAGE)
    words = {"alert": alert, "to": to, "from": source}
    done = ask(load_settings(config), "resend", patience=LONGEST_WORK, **words)
    if as_json:
        put(json_line(done))
    elif done["messages"] or done["moved"]:
        moved = f"; {done['moved']} closed where they waited" if done["moved"] else ""
        put(f"{counted(done['messages'], 'message')} of {counted(done['alerts'], 'alert')} to go out{moved}")
    if not done["messages"] and not done["moved"]:
        say(f"nothing to send: {_why_nothing(alert, source, to)}")
        raise typer.Exit(FAILED)


def _why_nothing(alert: str | None, source: str | None, to: str | None) -> str:
    if alert is None and source == to:
        return f"nothing waits for an address that {source} had before"
    if alert is None:
        return f"nothing waits for {source}, and nothing was given up there"
    return (
        f"its messages wait, went into another one or have no channel any more (feedwatch alerts show {alert} says"
        " which; --to CHANNEL sends it elsewhere)"
    )


app.command("export", epilog=export.EXAMPLES)(export.export)
