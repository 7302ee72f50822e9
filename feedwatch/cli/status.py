"""`feedwatch status`: what one wants to see at night."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.health import FAILING
from feedwatch.alerts.outgoing import counted
from feedwatch.cli.options import reading, say
from feedwatch.cli.show import clean, json_line, put, since, when
from feedwatch.errors import NoAnswer
from feedwatch.pipeline import verbs
from feedwatch.pipeline.ask import ask_running, me
from feedwatch.pipeline.clock import now
from feedwatch.store.database import daemon_pid

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings

Answer = dict[str, Any]

NOTABLE = 3
NOTABLE_SHARE = 0.2
"""A host is worth a line when so many of its pages, and so large a share of them, were not to be had."""

ENDS = {"quiet": "end of the quiet hours", "budget": "message over max_per_hour"}
"""What ends a window, where its kind alone does not say so."""

MOST = 10
"""So many feeds in trouble have a line: what is below them must stay in sight when the whole line is down."""


def status(settings: Settings, *, as_json: bool) -> None:
    """Through the running daemon, which may read what its group may not; else from the database itself."""
    pid = daemon_pid(settings.store.path)
    told = {"running": pid, **(_asked(settings) if pid else _read(settings))}
    if as_json:
        put(json_line(told))
        return
    silent = "" if told.pop("answers", True) else ", but it does not answer"
    put(f"daemon     {f'running (pid {pid}){silent}' if pid else 'not running'}")
    put(f"database   {told['database']}")
    if told["disk_free"] < settings.health.disk_free:
        free = f"{told['disk_free'] / 1e6:.0f} MB free there: make room"
        put(f"disk       {free}; where nothing can be written nothing is read, and nothing is lost")
    for lines in (_feeds, _articles, _alerts, _windows, _mutes, _health):
        lines(told, datetime.fromisoformat(told["at"]))


def _asked(settings: Settings) -> Answer:
    try:
        return ask_running(settings.store.path, "status")
    except NoAnswer as silence:
        told = _read(settings)
        say(f"read from the database: {silence}")
        return told | {"answers": False}


def _read(settings: Settings) -> Answer:
    asked = verbs.Asked(words={}, actor=me(), at=now(), settings=settings)
    with reading(settings.store.path) as db:
        return verbs.status(db, asked)


def _feeds(told: Answer, at: datetime) -> None:
    states = told["feeds_by_state"]
    words = [f"{states.get('ok', 0)} ok", *(f"{n} {state}" for state, n in states.items() if state != "ok")]
    put(f"feeds      {told['feeds']}: {', '.join(words)}; last good poll {since(told['last_good_poll'], at)}")
    troubled = told["feeds_in_trouble"]
    for feed in troubled[:MOST]:
        put(f"  {clean(feed['feed'])}: {_trouble(feed, at)}")
    if len(troubled) > MOST:
        put(f"  and {len(troubled) - MOST} more: feedwatch feeds list")


def _trouble(feed: Answer, at: datetime) -> str:
    if feed["state"] == "late":
        return f"late, due since {since(feed['next_poll'], at).removesuffix(' ago')}"
    last = f"last good answer: {since(feed['last_good'], at)}"
    again = "not asked again" if feed["state"] == "stopped" else f"next try {when(feed['next_poll'])}"
    return f"{feed['reason']}, {clean(feed['detail'])} ({last}; {again})"


def _articles(told: Answer, at: datetime) -> None:
    del at
    pending = counted(told["entries_pending"], "entry", "entries")
    put(f"articles   {told['articles_today']} today, {told['articles']} in all; {pending} waiting for a decision")
    if told["pages"]:
        put("pages      " + ", ".join(f"{n} {state}" for state, n in told["pages"].items()))
    if told.get("rereads", {}).get("next"):  # a daemon of the version before does not tell
        put(f"read again {_rereads(told['rereads'])}")
    for host in told["hosts"]:
        if host["not_seen"] >= NOTABLE and host["share"] >= NOTABLE_SHARE:
            share = f"{host['share']:.0%} of {host['articles']} bodies not seen in a week"
            put(f"  {clean(host['host'])}: {share}, mostly {host['reason']}")


def _rereads(again: Answer) -> str:
    """Pages that people were told of, looked at for what changed."""
    to_come = again["later"] + again["due"] + again["overdue"]
    late = f", {again['overdue']} overdue" if again["overdue"] else ""
    return f"{counted(again['today'], 'page')} today, {to_come} to come{late}; next at {when(again['next'])}"


def _alerts(told: Answer, at: datetime) -> None:
    put(
        f"alerts     {told['alerts_today']} today, {told['alerts']} in all;"
        f" {counted(told['waiting'], 'message')} waiting, {told['dead']} given up"
    )
    for target in told["targets"]:
        if target["in_config"] or target["left_behind"]:
            put(f"  {clean(target['channel'])}/{clean(target['target'])}: {_target(target, at)}")


def _target(target: Answer, at: datetime) -> str:
    words = f"{target['sent']} sent, last {since(target['last_sent'], at)}"
    if target["waiting"]:
        why = clean(target["why"] or "on its way")
        words += f"; {target['waiting']} waiting, the oldest from {since(target['waiting_since'], at)}: {why}"
        next_try = f"next try {when(target['next_try'])}" if target["next_try"] else "being tried now"
        words += f" ({next_try})" if target["why"] else ""
    words += f"; {target['held']} held" if target["held"] else ""
    refused = target["dead"] - target["left_behind"]
    words += f"; {refused} refused for good" if refused else ""
    return words + (_left_behind(target) if target["left_behind"] else "")


def _left_behind(target: Answer) -> str:
    cure = f"feedwatch alerts resend --from {target['channel']} --to CHANNEL"
    return f"; {target['left_behind']} given up, no longer in the config ({cure})"


def _windows(told: Answer, at: datetime) -> None:
    del at
    for window in told["windows"]:
        where = f" for {clean(window['channel'])}" if window["channel"] else ""
        what = ENDS.get(window["kind"], window["kind"])
        put(f"next       {what}{where} at {when(window['closes'])}{_in_window(window)}")
    open_ = {window["channel"] for window in told["windows"]}
    for each in told["next_sends"]:
        if each["channel"] not in open_:
            what = "digest" if each["digest"] else "message"
            put(f"next       {what} for {clean(each['channel'])} at {when(each['at'])}; nothing held")


def _in_window(window: Answer) -> str:
    if window["channel"] is None:
        undecided = f"{window['undecided']} of {counted(window['entries'], 'entry', 'entries')} not decided yet"
        return f" at the latest; {undecided}"
    listed = f" (feedwatch alerts list --window {window['id']})" if window["held"] else ""
    return f"; {counted(window['held'], 'alert')} held{listed}"


def _mutes(told: Answer, at: datetime) -> None:
    del at
    for mute in told["mutes"]:
        kept = f"{counted(mute['articles'], 'article')} kept back"
        put(f"muted      {mute['watchlist']} until {when(mute['until'])} by {clean(mute['by'])}; {kept}")


def _health(told: Answer, at: datetime) -> None:
    """Troubles that go on; a feed's failures that nobody was told of yet stand with the feeds already."""
    troubles = [each for each in told.get("health", ()) if each["told"] or each["trouble"] != FAILING]
    if troubles:  # a daemon of the version before does not tell
        put(f"health     {len(troubles)} in trouble")
    for each in troubles:
        known = f"told {since(each['told'], at)}" if each["told"] else "nobody was told"
        put(f"  {clean(each['name'])}: {clean(each['text'])} (since {when(each['since'])}; {known})")
        put(f"    {clean(each['cure'])}")
