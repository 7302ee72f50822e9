"""What may be asked of a feedwatch, running or not: functions from a database and a request to an answer.

The daemon runs them for its control socket; where none runs, the command line runs the same ones under the lock.
An answer is a table that JSON can hold; its times are text in UTC. A new verb is a function and an entry in VERBS.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from feedwatch.alerts.hold import next_send
from feedwatch.alerts.outgoing import one_line
from feedwatch.alerts.retry import REFUSALS
from feedwatch.config.values import format_duration, parse_duration
from feedwatch.errors import AskedWrongly, NothingThere
from feedwatch.pipeline.program import policy_of
from feedwatch.store import articles, deliveries, health, mutes, rereads, views
from feedwatch.store import status as counts
from feedwatch.store.times import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feedwatch.alerts.health import Episode
    from feedwatch.config.settings import Settings
    from feedwatch.store import Connection, Row

Answer = dict[str, Any]

LONGEST_MUTE = timedelta(weeks=4)
"""Whoever wants silence for longer removes the watchlist."""

LONGEST_WORD = 200
"""Characters: no id, name or duration is longer."""

BODIES_OF = timedelta(days=7)
"""A host is judged by the pages of this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and who asks when."""

    words: Mapping[str, Any]  # as they came: anybody's
    actor: str
    at: datetime
    settings: Settings  # without the channels' addresses, perhaps

    def word(self, name: str) -> str:
        """A text that must be there; raises AskedWrongly."""
        found = self.perhaps(name)
        if found is None:
            raise AskedWrongly(f"{name} is missing")
        return found

    def perhaps(self, name: str) -> str | None:
        """A text that may be left out."""
        found = self.words.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not 0 < len(found) <= LONGEST_WORD or not found.isprintable():
            raise AskedWrongly(f"{name} must be a text of at most {LONGEST_WORD} characters")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    do: Callable[[Connection, Asked], Answer]
    writes: bool  # in one transaction; else beside the writer


def status(db: Connection, asked: Asked) -> Answer:
    """How it is going, complete: the totals, and a list for everything that has parts."""
    midnight = datetime.combine(asked.at.astimezone().date(), time()).astimezone()
    today = counts.since(db, midnight)
    return {
        "at": asked.at.isoformat(),
        "database": str(asked.settings.store.path),
        "disk_free": shutil.disk_usage(asked.settings.store.path.parent).free,
        **{key: _said(value) for key, value in asdict(counts.totals(db)).items()},
        "feeds_by_state": counts.feed_states(db, asked.at),
        "feeds_in_trouble": [_feed(row) for row in counts.feeds_in_trouble(db, asked.at)],
        "articles_today": today.articles,
        "alerts_today": today.alerts,
        "sent_today": today.sent,
        "pages": articles.reading_counts(db),
        "rereads": _rereads(db, asked.at, midnight),
        "hosts": [_host(row) for row in counts.bodies_by_host(db, asked.at - BODIES_OF)],
        "targets": [_target(row) for row in deliveries.by_target(db)],
        "windows": [_window(row) for row in counts.open_windows(db)],
        "next_sends": _next_sends(asked.settings, asked.at),
        "mutes": [_mute(row) for row in mutes.open_mutes(db)],
        "health": [_trouble(each) for each in health.unsettled(db) if each.ended is None],
    }


def _rereads(db: Connection, at: datetime, midnight: datetime) -> Answer:
    """Pages that people were told of and that are read again."""
    return {
        "today": rereads.looked_since(db, midnight),
        **rereads.waiting_for_a_look(db, at),
        "next": _said(rereads.next_look(db)),
    }


def _said(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _time(micros: int | None) -> str | None:
    return None if micros is None else moment(micros).isoformat()


def _feed(row: Row) -> Answer:
    return {
        "feed": row["name"] or row["address"],
        "address": row["address"],
        "state": row["state"],
        "reason": row["outcome"] if row["failures"] else None,
        "detail": row["detail"] if row["failures"] else None,
        "failures": row["failures"],
        "last_good": _time(row["last_good_at"]),
        "next_poll": _time(row["next_check_at"]),
    }


def _host(row: Row) -> Answer:
    share = round(row["not_seen"] / row["articles"], 3)
    return {key: row[key] for key in ("host", "articles", "not_seen", "reason")} | {"share": share}


def _target(row: Row) -> Answer:
    return {
        "channel": row["channel"],
        "target": row["name"],
        "in_config": row["removed_at"] is None,
        "sent": row["sent"] or 0,
        "last_sent": _time(row["last_sent_at"]),
        "waiting": row["waiting"] or 0,
        "waiting_since": _time(row["waiting_since"]),
        "next_try": _time(row["next_try_at"]),
        "held": row["held"] or 0,
        "dead": row["dead"] or 0,
        "left_behind": row["left_behind"] or 0,
        "why": row["error"] if row["waiting"] else None,
    }


def _window(row: Row) -> Answer:
    return {
        "kind": row["kind"],
        "channel": row["channel"] or None,
        "opened": _time(row["opens_at"]),
        "closes": _time(row["closes_at"]),
        "id": row["short"],
        "entries": row["total"],
        "undecided": row["undecided"],
        "held": row["held"],
    }


def _next_sends(settings: Settings, at: datetime) -> list[Answer]:
    """The channels that do not tell at once, by their clocks."""
    policies = {name: policy_of(settings, name) for name in settings.channels}
    due = {name: next_send(policy, at) for name, policy in policies.items()}
    return [
        {
            "channel": name,
            "at": moment.astimezone(policies[name].zone).isoformat(),
            "digest": bool(policies[name].digest),
        }
        for name, moment in due.items()
        if moment is not None
    ]


def _mute(row: Row) -> Answer:
    return {
        "watchlist": row["watchlist"],
        "since": _time(row["from_at"]),
        "until": _time(row["until_at"]),
        "by": row["actor"],
        "articles": row["articles"],
    }


def _trouble(episode: Episode) -> Answer:
    return {
        "trouble": episode.kind,
        "name": episode.name,
        "text": episode.text,
        "cure": episode.cure,
        "since": episode.since.isoformat(),
        "told": episode.told.isoformat() if episode.told else None,
    }


def ack(db: Connection, asked: Asked) -> Answer:
    """`alert` was seen: its stories are not told further to its watchlists, unless they grow stronger."""
    alert = the_alert(db, asked.word("alert"))
    new = views.acknowledge(db, alert, asked.actor, asked.at)
    rows = views.acks(db, alert)
    known = [{"watchlist": row["watchlist"], "by": row["acked_by"], "at": _time(row["acked_at"])} for row in rows]
    return {"alert": alert, "stories": new, "acks": known}


def the_alert(db: Connection, printed: str) -> str:
    """The full id of the one alert that is meant; raises NothingThere."""
    found = views.find_alert(db, printed)
    if not found:
        raise NothingThere(f"no alert {one_line(printed)} (feedwatch alerts list)")
    if len(found) > 1:
        raise NothingThere(f"{printed} may mean {len(found)} alerts: give more of the id")
    return found[0]


def mute(db: Connection, asked: Asked) -> Answer:
    """`watchlist` tells nobody for `time`, or tells again from now on if that is not given."""
    watchlist, lasts = asked.word("watchlist"), asked.perhaps("time")
    root = mutes.root_of(db, watchlist)
    if root is None:
        raise AskedWrongly(f"no watchlist {watchlist} (there are: {', '.join(mutes.watchlist_ids(db)) or 'none'})")
    kept = sum(row["articles"] for row in mutes.open_mutes(db) if row["root"] == root)
    if lasts is not None:
        until = asked.at + _mute_time(lasts)
        mutes.mute(db, root, until, asked.actor, asked.at)
        return {"watchlist": watchlist, "until": until.isoformat(), "articles": kept}
    if not mutes.unmute(db, root, asked.at):
        raise NothingThere(f"{watchlist} is not muted")
    return {"watchlist": watchlist, "until": None, "articles": kept}


def _mute_time(text: str) -> timedelta:
    try:
        lasts = parse_duration(text)
    except ValueError as error:
        raise AskedWrongly(str(error)) from None
    if not timedelta() < lasts <= LONGEST_MUTE:
        raise AskedWrongly(f"{text} is out of range (1s to {format_duration(LONGEST_MUTE)})")
    return lasts


def resend(db: Connection, asked: Asked) -> Answer:
    """`alert` goes again, to its targets or to those of the channel `to`; or all that waits for the channel `from`.

    A delivery that goes again is tried until the service takes or once refuses it: it is in nobody's way.
    """
    to, source = asked.perhaps("to"), asked.perhaps("from")
    known = deliveries.channels(db)
    if to is not None and to not in known:
        raise AskedWrongly(f"no channel {to} (there are: {', '.join(known) or 'none'})")
    if source is None:
        alert = the_alert(db, asked.word("alert"))
        again = deliveries.send_again(db, alert, to, REFUSALS - 1, asked.at)
        return _handed(db, [alert], None, to, asked.at, again=again)
    if to is None or asked.perhaps("alert") is not None:
        raise AskedWrongly("`from` takes a channel and moves all that waits for it `to` another one")
    ever = deliveries.channels(db, removed=True)
    if source not in ever:
        raise AskedWrongly(f"no channel {source}, now or before (there are: {', '.join(ever) or 'none'})")
    # of a channel that has another address now, what its old one was to get; nothing goes again here: who moves a
    # queue doubles nothing that the other channel has had
    return _handed(db, deliveries.undelivered(db, source, removed=to == source), source, to, asked.at, again=0)


def _handed(
    db: Connection, wanted: list[str], source: str | None, to: str | None, at: datetime, *, again: int
) -> Answer:
    """The alerts go `to` that channel too, and wait no longer for `source`, or for none that left the config."""
    new = moved = 0
    if to is not None:
        new = sum(deliveries.send_to(db, alert, to, at) for alert in wanted)
        moved = sum(deliveries.hand_over(db, alert, source, to) for alert in wanted)
    return {"alerts": len(wanted), "messages": again + new, "moved": moved}


VERBS: dict[str, Verb] = {
    "status": Verb(do=status, writes=False),
    "ack": Verb(do=ack, writes=True),
    "mute": Verb(do=mute, writes=True),
    "resend": Verb(do=resend, writes=True),
}
