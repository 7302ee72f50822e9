"""SIGTERM at any moment: an end in good order."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults.rig import Rig, in_full, rig
from tests.harness import wait_until

TIMES = 15

SECONDS = 10
"""What a stop may take."""


def stopped(made: Rig, moments: list[float], *, started: bool) -> list[float]:
    """Starts and stops it, each time so many seconds after it was at work, or had its database; how long each took."""
    took = []
    for moment in moments:
        made.paper.publish(12)
        before = made.log.count("start feeds=")
        daemon = made.start()
        if started:
            made.started_since(before)
        else:
            made.has_its_database(daemon)
        time.sleep(moment)
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(30) == 0, made.log[-3000:]
        took.append(time.monotonic() - began)
        left = made.look("SIGTERM")
        assert not left.in_flight, "all was given back"
        daemon.kill_tree()
    return took


def test_a_stop_while_messages_are_sent_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.service.delay = 1.0
        made.paper.publish(6)
        with made.running() as daemon:
            wait_until(lambda: made.service.taken, 60)
            assert made.look("sending").sending, "it is stopped while messages are sent"
            began = time.monotonic()
            assert daemon.stop(30) == 0
            assert time.monotonic() - began <= SECONDS
        assert not made.look("SIGTERM").in_flight, "all was given back"
        made.account()
        assert made.doubles() == {}


@in_full
def test_a_stop_at_any_moment_loses_and_doubles_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(3)  # noqa: S311 - moments, not secrets
    with rig(tmp_path) as made:
        made.service.delay = 0.2
        took = stopped(made, [chance.uniform(0, 4) for _ in range(TIMES)], started=True)
        took += stopped(made, [chance.uniform(0, 0.5) for _ in range(TIMES // 3)], started=False)
        with capsys.disabled():
            print(f"\n{len(took)} stops, the slowest took {max(took):.1f} s")  # noqa: T201
        assert max(took) <= SECONDS
        made.account()
        assert made.doubles() == {}


@in_full
def test_a_send_that_outlives_the_stop_goes_again_and_no_other(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.service.ways["third"] = "hanging"
        made.paper.publish(3)
        with made.running() as daemon:
            wait_until(lambda: made.service.refused["third"] == 1, 60)
            wait_until(lambda: made.count("deliveries WHERE state = 'sent'") == 6, 60)
            assert made.count("deliveries WHERE state = 'sending'") == 1
            began = time.monotonic()
            assert daemon.stop(30) == 0
            assert time.monotonic() - began <= SECONDS
        made.service.ways.clear()
        made.account()
        assert made.doubles() == {}
