"""Quiet hours, digests, limits, backlogs, updates, changes of the config: the real tables on a fake clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedwatch.model import Strength
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.pipeline.verbs import VERBS, Asked
from feedwatch.store import alerts, mutes, rereads, views
from tests.edges.rows import NOON
from tests.pipeline.newsroom import Newsroom, opened

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HEADLINE, TOPIC, MENTION = Strength.HEADLINE, Strength.TOPIC, Strength.MENTION

Opens = Callable[..., Newsroom]


def config(manners: str = "", *, url: str = "json://127.0.0.1:9/phone", urgent: bool = False, more: str = "") -> str:
    return f"""
[channels.phone]
url = "{url}"
{manners}
{more}
[[watchlists]]
id = "ve"
keywords = ["x"]
notify = ["phone"]
urgent = {str(urgent).lower()}
"""


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Opens]:
    with ExitStack() as stack:
        yield lambda config, at=NOON: stack.enter_context(opened(tmp_path, config, at))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def told(room: Newsroom) -> list[tuple[str, int]]:
    """The messages: kind, and how many articles each names."""
    return [(each.alert.kind, len(each.alert.items)) for each in room.sent]


def clock(room: Newsroom) -> list[str]:
    """When messages went out, by Berlin's clock."""
    return [f"{each.at.astimezone(BERLIN):%d %H:%M}" for each in room.sent]


NIGHT = 'quiet = "22:00-07:00"\ntimezone = "Europe/Berlin"'


# Quiet hours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evening", "morning"),
    [("2026-10-24T21:00", "25 07:00"), ("2026-03-28T21:00", "29 07:00"), ("2026-11-22T21:00", "23 07:00")],
    ids=["clocks go back", "clocks go forward", "a plain night"],
)
def test_what_comes_in_the_night_is_one_message_in_the_morning(newsroom: Opens, evening: str, morning: str) -> None:
    room = newsroom(config(NIGHT), berlin(evening))
    room.publish()
    for _ in range(7):
        room.pass_time(HOUR + 7 * MINUTE)
        room.publish()
    room.pass_time(8 * HOUR)
    assert told(room) == [("first", 1), ("digest", 7)]
    assert clock(room)[1] == morning
    assert "7 stories in the quiet hours" in room.sent[1].message.title


def test_one_alert_alone_in_the_night_is_sent_as_it_is(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T23:00"))
    room.publish(title="A bridge opens")
    room.pass_time(9 * HOUR)
    assert told(room) == [("first", 1)]
    assert "A bridge opens" in room.sent[0].message.title
    assert clock(room) == ["23 07:00"]


def test_urgent_breaks_through_quiet_hours_where_the_channel_says_so(newsroom: Opens) -> None:
    room = newsroom(config(f"{NIGHT}\nurgent_breaks_quiet = true", urgent=True), berlin("2026-11-22T23:00"))
    room.publish()
    room.tick()
    assert clock(room) == ["22 23:00"]
    assert room.sent[0].alert.urgent
    room.configure(config(NIGHT, urgent=True))
    room.publish()
    room.tick()
    assert len(room.sent) == 1


def test_what_waited_for_a_channel_that_was_down_does_not_ring_at_night(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T20:00"))
    room.down.add("phone")
    for _ in range(3):
        room.publish()
    room.pass_time(4 * HOUR)
    room.down.clear()
    room.pass_time(12 * HOUR)
    assert set(clock(room)) == {"23 07:00"}
    assert told(room) == [("first", 1), ("digest", 2)], "what was tried keeps its id"


def test_what_was_over_the_limit_when_the_night_began_comes_with_the_nights_message(newsroom: Opens) -> None:
    room = newsroom(config(f"{NIGHT}\nmax_per_hour = 6"), berlin("2026-11-22T21:55"))
    for _ in range(8):
        room.publish()
    room.pass_time(HOUR)
    room.publish()
    room.pass_time(11 * HOUR)
    assert told(room) == [("first", 1)] * 5 + [("digest", 4)]
    assert clock(room)[-1] == "23 07:00"


def test_a_correction_that_is_merged_says_what_was_corrected(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T21:30"))
    room.publish()
    room.tick()
    room.pass_time(HOUR)
    [(article, decision)] = room.rows("SELECT article_id, decision_id FROM alert_articles")
    alerts.add_alert(room.db, alerts.NewAlert(id="c" * 32, kind="revision", cause="x", root="ve"), room.at)
    alerts.add_article(room.db, "c" * 32, int(str(article)), "ve", int(str(decision)))
    rereads.add_change(room.db, "c" * 32, int(str(article)), "corrected", ["dead: 12 → 2", "and more"])
    deliver_to(room.db, "c" * 32, room.program, "phone", "revision", room.at)
    room.publish()
    room.pass_time(9 * HOUR)
    assert told(room) == [("first", 1), ("digest", 2)]
    assert "dead: 12 → 2" in room.sent[1].message.body


# Digests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evening", "times"),
    [
        ("2026-10-24T12:00", ["25 02:30", "26 02:30"]),
        ("2026-03-28T12:00", ["29 03:00", "30 02:30"]),
    ],
    ids=["clocks go back", "clocks go forward"],
)
def test_a_digest_at_half_past_two_comes_once_a_night(newsroom: Opens, evening: str, times: list[str]) -> None:
    room = newsroom(config('digest = "02:30"\nempty = "send"\ntimezone = "Europe/Berlin"'), berlin(evening))
    for _ in range(2 * 24 * 2):
        room.publish() if room.published < 20 else None
        room.pass_time(30 * MINUTE, 10 * MINUTE)
    assert clock(room) == times
    assert sum(len(each.alert.items) for each in room.sent) == 20


@pytest.mark.parametrize("by", [DAY, -DAY])
def test_a_clock_that_is_set_by_a_day_doubles_nothing_and_silences_no_day(newsroom: Opens, by: timedelta) -> None:
    room = newsroom(config('digest = "07:30"\ntimezone = "Europe/Berlin"'), berlin("2026-11-22T08:00"))
    room.publish()
    room.pass_time(4 * HOUR)
    room.clock_to(room.at + by)
    for _ in range(3):
        room.publish()
        room.pass_time(DAY, 10 * MINUTE)
    assert sum(len(each.alert.items) for each in room.sent) == 4
    named = [item.title for each in room.sent for item in each.alert.items]
    assert len(named) == len(set(named))
    days = [each.at.date() for each in room.sent]
    assert days == sorted(set(days))
    assert len(days) >= 3, "one a day"


def test_an_empty_digest_says_that_all_is_quiet(newsroom: Opens) -> None:
    room = newsroom(config('digest = "07:30"\nempty = "send"\ntimezone = "Europe/Berlin"'), berlin("2026-11-22T08:00"))
    room.pass_time(2 * DAY, HOUR / 2)
    assert clock(room) == ["23 07:30", "24 07:30"]
    assert "all quiet since" in room.sent[0].message.title
    assert "0 matched; 0 of 1 feed well" in room.sent[0].message.body


def test_without_the_wish_an_empty_digest_is_not_sent(newsroom: Opens) -> None:
    room = newsroom(config('digest = "07:30"'))
    room.pass_time(2 * DAY, HOUR)
    assert room.sent == []


def test_a_digest_takes_mentions_unless_only_is_written(newsroom: Opens) -> None:
    room = newsroom(config('digest = "1h"'))
    room.publish(MENTION)
    room.pass_time(HOUR)
    assert told(room) == [("digest", 1)]
    room.configure(config('digest = "1h"\nonly = "topic"'))
    room.publish(MENTION)
    room.pass_time(2 * HOUR)
    assert len(room.sent) == 1
    assert room.rows("SELECT outcome FROM decisions ORDER BY id")[-1] == ("below",)


def test_a_message_that_goes_again_names_the_same_and_later_alerts_are_no_part_of_it(newsroom: Opens) -> None:
    room = newsroom(config('digest = "13:00"\ntimezone = "UTC"'))
    for _ in range(3):
        room.publish()
    room.down.add("phone")
    room.pass_time(HOUR)
    room.publish()
    room.pass_time(20 * MINUTE)
    room.down.clear()
    room.pass_time(DAY, HOUR)
    assert [len(each.alert.items) for each in room.sent] == [3, 1]
    assert room.sent[0].alert.window is not None
    assert room.sent[0].alert.window.total == 3


def test_a_digest_in_quiet_hours_waits_for_their_end(newsroom: Opens) -> None:
    room = newsroom(config(f'digest = "02:30"\n{NIGHT}'), berlin("2026-11-22T20:00"))
    room.publish()
    room.pass_time(14 * HOUR, 10 * MINUTE)
    assert clock(room) == ["23 07:00"]


# Backlog ------------------------------------------------------------------------------------------------


def test_after_six_hours_away_the_old_comes_as_one_message_newest_first(newsroom: Opens) -> None:
    room = newsroom(config('max_per_hour = "off"'))
    room.down.add("phone")
    for _ in range(60):
        room.publish()
        room.pass_time(6 * MINUTE, 6 * MINUTE)
    room.down.clear()
    room.pass_time(10 * MINUTE)
    kinds = told(room)
    assert kinds[0] == ("first", 1), "what was tried goes by itself"
    assert kinds.count(("first", 1)) == len(kinds) - 1
    [(_, merged)] = [each for each in kinds if each[0] == "digest"]
    assert merged + len(kinds) - 1 == 60
    assert len(kinds) <= 12
    [backlog] = [each for each in room.sent if each.alert.kind == "digest"]
    order = [line for line in backlog.message.body.splitlines() if "Article" in line]
    assert order == sorted(order, reverse=True)


# Updates ------------------------------------------------------------------------------------------------


def test_reports_of_a_story_come_ever_more_rarely_and_copies_never(newsroom: Opens) -> None:
    room = newsroom(config('max_per_hour = "off"'))
    story = room.publish()
    room.tick()
    for n in range(1, 12 * 12 + 1):  # twelve hours
        room.pass_time(5 * MINUTE, 5 * MINUTE)
        room.publish(like=story, relation="same_story" if n % 2 else "same_text")
    room.pass_time(4 * HOUR, 5 * MINUTE)
    waits = [(b.at - a.at) // MINUTE for a, b in pairwise(room.sent)]
    assert {each.worded for each in room.sent[1:]} == {"update"}
    assert waits == [15, 30, 60, 120, 180, 180, 180]
    assert sum(len(each.alert.items) for each in room.sent) == 1 + 72
    assert room.rows("SELECT outcome, count(*) FROM decisions GROUP BY outcome ORDER BY outcome") == [
        ("alerted", 1), ("copy", 72), ("update", 72),
    ]  # fmt: skip


def test_an_ack_ends_the_updates_of_a_story_also_those_that_wait(newsroom: Opens) -> None:
    room = newsroom(config())
    story = room.publish()
    room.tick()
    room.publish(like=story, relation="same_story")
    views.acknowledge(room.db, room.sent[0].alert.id, "anna", room.at)
    room.publish(like=story, relation="same_story")
    room.pass_time(HOUR)
    assert len(room.sent) == 1
    assert room.rows("SELECT outcome FROM decisions ORDER BY id") == [("alerted",), ("acked",), ("acked",)]
    room.publish(HEADLINE, like=story, relation="same_story")
    room.tick()
    assert room.sent[-1].worded == "raise", "what is stronger is told all the same"


def test_a_batch_that_is_due_in_a_mute_is_told_when_that_ends(newsroom: Opens) -> None:
    room = newsroom(config())
    story = room.publish()
    room.tick()
    room.publish(like=story, relation="same_story")
    mutes.mute(room.db, "ve", room.at + HOUR, "ben", room.at)
    room.pass_time(2 * HOUR)
    assert told(room) == [("first", 1), ("digest", 1)]


# When the config changes --------------------------------------------------------------------------------

OTHER = """
[channels.desk]
url = "json://127.0.0.1:9/desk"
"""


def without_phone() -> str:
    return f'{OTHER}\n[[watchlists]]\nid = "ve"\nkeywords = ["x"]\nnotify = ["desk"]\n'


def test_what_is_queued_and_held_of_a_removed_watchlist_is_still_sent(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T23:00"))
    for _ in range(3):
        room.publish()
    room.configure(config(NIGHT).replace('id = "ve"', 'id = "other"'))
    room.pass_time(9 * HOUR)
    assert told(room) == [("digest", 3)]


def test_a_batch_of_a_removed_watchlist_is_on_record_as_removed(newsroom: Opens) -> None:
    room = newsroom(config())
    story = room.publish()
    room.publish(like=story, relation="same_story")
    room.configure(config().replace('id = "ve"', 'id = "other"'))
    room.pass_time(HOUR)
    assert room.rows("SELECT outcome FROM decisions ORDER BY id") == [("alerted",), ("removed",)]


def test_the_queue_of_a_removed_channel_is_dead_with_its_reason_and_can_be_sent_elsewhere(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T23:00"))
    for _ in range(3):
        room.publish()
    room.configure(without_phone())
    room.tick()
    assert room.rows("SELECT DISTINCT state, error FROM deliveries") == [("dead", "channel removed")]
    asked = Asked(words={"from": "phone", "to": "desk"}, actor="anna", at=room.at, settings=room.program.plan.settings)
    assert VERBS["resend"].do(room.db, asked)["messages"] == 3
    room.tick()
    assert [each.channel for each in room.sent] == ["desk"] * 3


def test_a_channel_that_comes_back_gets_its_queue_as_one_message(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T23:00"))
    for _ in range(30):
        room.publish()
    room.configure(without_phone())
    room.pass_time(10 * MINUTE)
    room.configure(config(NIGHT))
    room.pass_time(9 * HOUR)
    assert told(room) == [("digest", 30)]
    assert clock(room) == ["23 07:00"]
    room.configure(without_phone())
    room.configure(config())
    room.pass_time(HOUR)
    assert len(room.sent) == 1


def test_a_changed_address_takes_the_queue_over(newsroom: Opens) -> None:
    room = newsroom(config(url="ntfys://ntfy.sh/one-topic"))
    room.down.add("phone")
    room.publish()
    room.tick()
    room.configure(config(url="ntfys://ntfy.sh/another-topic"))
    room.down.clear()
    room.pass_time(10 * MINUTE)
    assert [(each.channel, each.target) for each in room.sent] == [("phone", "another-topic")]
    assert room.rows("SELECT state FROM deliveries") == [("sent",)]


def test_what_is_held_for_no_reason_any_more_is_told_at_once(newsroom: Opens) -> None:
    room = newsroom(config(NIGHT), berlin("2026-11-22T23:00"))
    for _ in range(3):
        room.publish()
    room.configure(config())
    room.tick()
    assert told(room) == [("digest", 3)]
    assert clock(room) == ["22 23:00"]


def test_a_digest_whose_time_is_changed_comes_at_the_new_one(newsroom: Opens) -> None:
    room = newsroom(config('digest = "20:00"\ntimezone = "UTC"'))
    room.publish()
    room.configure(config('digest = "14:00"\ntimezone = "UTC"'))
    room.pass_time(3 * HOUR)
    assert [each.at for each in room.sent] == [NOON + 2 * HOUR]


def test_an_edited_query_keeps_its_versions(newsroom: Opens) -> None:
    room = newsroom(config())
    room.publish()
    room.configure(config().replace('keywords = ["x"]', 'keywords = ["x", "y"]'))
    room.publish()
    versions = room.rows("SELECT DISTINCT query FROM decisions JOIN watchlist_versions AS v ON v.id = version_id")
    assert len(versions) == 2
