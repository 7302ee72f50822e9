"""Channels that are down, refuse or hang: nobody else waits, and nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.rig import Rig, clock, in_full, rig
from tests.harness import query, wait_until

TOPICS = """
[channels.phones]
url = "ntfy://desk:kanarienvogel-password@127.0.0.1:{service}/anna,bert,carla"
only = "mention"
max_per_hour = 0
"""
"""One address, three targets: Apprise alone would report them as one."""

TRIES = 3

SIX_HOURS, FASTER = 6 * 3600, 200
"""Seconds that a channel is down, by a clock that runs so much faster."""

MINUTES = 5 * 60


def by_target(made: Rig, state: str) -> Counter[str]:
    rows = query(
        made.database, "SELECT channel FROM deliveries JOIN targets ON targets.id = target_id WHERE state = ?", state
    )
    return Counter(row["channel"] for row in rows)


def test_one_of_three_targets_fails_and_the_others_get_exactly_one_each(tmp_path: Path) -> None:
    with rig(tmp_path, channels=TOPICS, notify=("phones",)) as made:
        made.service.ways["bert"] = "broken"
        made.paper.publish(1)
        with made.running() as daemon:
            wait_until(lambda: made.count("deliveries WHERE state = 'sent'") == 2, 60)
            wait_until(lambda: made.count("deliveries WHERE state = 'pending' AND error LIKE '%503%'") == 1, 60)
            assert made.service.refused["bert"] >= 1
            made.service.ways.clear()
            wait_until(lambda: made.service.ids("bert"), 60)
            wait_until(lambda: made.count("deliveries WHERE state = 'sent'") == 3, 60)
            made.nothing_told()
            assert daemon.stop() == 0
        told = Counter(post.to for post in made.service.taken)
        assert told == {"anna": 1, "bert": 1, "carla": 1}
        assert len({post.id for post in made.service.taken}) == 1


@in_full
def test_while_one_of_three_channels_hangs_the_others_hear_within_five_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rig(tmp_path) as made, made.running() as daemon:
        made.service.ways["second"] = "hanging"
        for _ in range(20):
            made.paper.publish(5)
            time.sleep(1)
        wait_until(lambda: by_target(made, "sent") == {"first": 100, "third": 100}, 120)
        wait_until(lambda: made.service.refused["second"] >= 2, 60)
        [hung] = query(made.database, "SELECT DISTINCT error FROM deliveries WHERE error IS NOT NULL")
        assert "took longer than 30 s" in hung["error"], "the send was killed, not given up"
        late = waits(made)
        with capsys.disabled():
            print(f"\n100 alerts, one of three channels hanging: p95 {late[94]:.2f} s, most {late[-1]:.2f} s")  # noqa: T201
        assert late[94] <= 5
        made.service.ways.clear()
        wait_until(made.drained, 120)
        made.nothing_told()
        assert daemon.stop() == 0
        made.nothing_lost()
        assert made.doubles() == {}


def waits(made: Rig) -> list[float]:
    """Seconds from each alert to its arrival at the slower one of the two healthy channels, in order."""
    created = {row["id"]: row["created_at"] / 1e6 for row in query(made.database, "SELECT id, created_at FROM alerts")}
    arrived = {post.id: post.at for post in made.service.taken if post.to in {"first", "third"}}
    return sorted(at - created[alert] for alert, at in arrived.items())


@in_full
def test_a_channel_that_was_down_for_six_hours_gets_all_within_five_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with clock(tmp_path) as time_of_day, rig(tmp_path, environment=time_of_day.environment) as made:
        made.service.ways["third"] = "down"
        with made.running() as daemon:
            for _ in range(5):
                made.paper.publish(100)
                wait_until(lambda: made.count("entries WHERE decided_version = version") == len(made.paper.items), 120)
            wait_until(lambda: by_target(made, "sent") == {"first": 500, "second": 500}, 120)
            time_of_day.set(rate=FASTER)
            time.sleep(SIX_HOURS / FASTER)
            tried = made.service.refused["third"]
            time_of_day.set(shift=SIX_HOURS)
            assert made.count("deliveries WHERE state = 'pending'") == 500, "nothing expires"
            assert made.service.ids("third") == []
            assert tried > TRIES
            back = time.monotonic()
            made.service.ways.clear()
            wait_until(made.drained, MINUTES)
            took = time.monotonic() - back
            messages = len(made.service.ids("third"))
            with capsys.disabled():
                print(  # noqa: T201
                    f"\n500 alerts, {tried} tries while it was down, all told in {messages} messages {took:.0f} s after"
                )
            made.nothing_told()
            assert daemon.stop() == 0
        made.nothing_lost()
        assert made.doubles() == {}
