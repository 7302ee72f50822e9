"""246 alerts over four hours, and 500 within a minute: how many messages, and is every alert named in exactly one?"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.model import Strength
from feedwatch.store import windows
from tests.edges.rows import NOON
from tests.pipeline.newsroom import Newsroom, Sent, opened

CHANNELS = """
[channels.chat]
url = "json://127.0.0.1:9/chat"

[channels.phone]
url = "json://127.0.0.1:9/phone"

[channels.mail]
url = "json://127.0.0.1:9/mail"

[channels.webhook]
webhook = "http://127.0.0.1:9/webhook"

[channels.here]
terminal = true

[channels.hourly]
url = "json://127.0.0.1:9/hourly"
digest = "1h"

[channels.night]
url = "json://127.0.0.1:9/night"
quiet = "12:00-20:00"
timezone = "UTC"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["chat", "phone", "mail", "webhook", "here", "hourly", "night"]
"""
LIMITS = {"chat": 4096, "phone": 1024}
"""Characters that a Telegram message and a Pushover one take; the others take all."""

NUMBER = re.compile(r"Article (\d{4})")
HOURS = timedelta(hours=9)


def strength(n: int) -> Strength:
    return Strength.HEADLINE if n % 5 == 0 else Strength.TOPIC


def flood(folder: Path, count: int, lasts: timedelta) -> Newsroom:
    """So many alerts, evenly over that time, and then nine hours of nothing."""
    with opened(folder, CHANNELS, NOON) as room:
        room.limits = LIMITS
        for n in range(count):
            room.at = NOON + lasts * n / count
            room.publish(strength(n))
            room.tick()
        room.pass_time(HOURS)
        for channel in room.program.plan.channels:
            assert_each_is_told_once(room, channel, count)
        return room


def assert_each_is_told_once(room: Newsroom, channel: str, count: int) -> None:
    """Each alert is a member of exactly one message, and its text names it, or the window in which it is listed."""
    named = Counter[int]()
    for sent in room.to(channel):
        here = {int(item.title.removeprefix("Article ")) for item in sent.alert.items}
        named.update(here)
        shown = {int(number) for number in NUMBER.findall(f"{sent.message.title}\n{sent.message.body}")}
        assert shown <= here
        if channel not in LIMITS:
            assert shown == here
        elif shown < here:
            assert listed(room, sent) == len(here)
    assert named == Counter(range(1, count + 1))


def listed(room: Newsroom, sent: Sent) -> int:
    """How many alerts `alerts list --window` shows for the id that the message prints."""
    found = re.search(r"alerts list --window (\w+)", sent.message.body)
    assert found is not None, sent.message.body[-300:]
    [window] = windows.find_window(room.db, found[1])
    return len(windows.window_alerts(room.db, window["id"]))


@pytest.mark.parametrize(
    ("count", "lasts"), [(246, timedelta(hours=4)), (500, timedelta(minutes=1))], ids=["over 4 h", "in a minute"]
)
def test_a_flood_is_a_few_messages_in_which_every_alert_is_named_once(
    tmp_path: Path, count: int, lasts: timedelta
) -> None:
    room = flood(tmp_path, count, lasts)
    sent = Counter(each.channel for each in room.sent)
    print(f"{count} alerts in {lasts}:", dict(sent))  # noqa: T201 - the figures of the docs
    assert sent["webhook"] == sent["here"] == count
    assert sent["chat"] == sent["phone"] == sent["mail"]
    assert sent["chat"] <= 5 + 6 * (lasts / timedelta(hours=1)) + 2, (
        "the burst, six an hour, and what is left at the end"
    )
    assert sent["hourly"] == len({each.at for each in room.to("hourly")}) <= 6
    assert sent["night"] == 1
    for channel in ("chat", "phone", "mail"):
        assert_no_hour_has_more(room.to(channel))


def assert_no_hour_has_more(sent: list[Sent]) -> None:
    for first in sent:
        assert sum(first.at <= each.at < first.at + timedelta(hours=1) for each in sent) <= 5 + 6


def test_headlines_come_first_in_what_was_merged(tmp_path: Path) -> None:
    with opened(tmp_path, CHANNELS, NOON) as room:
        for n in range(40):
            room.publish(strength(n))
        room.pass_time(HOURS)
        [merged] = [each for each in room.to("mail") if each.alert.kind == "digest"]
        order = [int(number) for number in NUMBER.findall(merged.message.body)]
        headlines = [(number - 1) % 5 == 0 for number in order]
        assert headlines == sorted(headlines, reverse=True)
        assert len(order) == 35
