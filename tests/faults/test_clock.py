"""A clock that jumps by a day, either way: no message twice, and no day of silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rig import clock, in_full, rig
from tests.harness import query, wait_until

DAY = 86_400.0


@in_full
@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_moved_by_a_day_silences_and_doubles_nothing(tmp_path: Path, days: int) -> None:
    with clock(tmp_path) as time_of_day, rig(tmp_path, environment=time_of_day.environment) as made:
        made.service.ways["third"] = "broken"  # what waits for its next try when the clock jumps
        with made.running() as daemon:
            made.paper.publish(5)
            wait_until(lambda: made.count("deliveries WHERE state = 'sent'") == 10, 60)
            wait_until(lambda: made.service.refused["third"] >= 2, 60)
            time_of_day.set(shift=days * DAY)
            wait_until(lambda: "clock=jumped" in made.log, 30)
            made.paper.publish(5)
            wait_until(lambda: made.count("deliveries WHERE state = 'sent'") == 20, 60)
            made.service.ways.clear()
            wait_until(made.drained, 330)
            time_of_day.set(shift=0)
            made.paper.publish(5)
            wait_until(made.drained, 60)
            made.nothing_told()
            assert daemon.stop() == 0
        made.nothing_lost()
        assert made.doubles() == {}


@in_full
@pytest.mark.parametrize("days", [1, -1])
def test_a_start_under_another_date_silences_and_doubles_nothing(tmp_path: Path, days: int) -> None:
    with clock(tmp_path) as time_of_day, rig(tmp_path, environment=time_of_day.environment) as made:
        made.service.delay = 0.2
        made.paper.publish(10)
        made.kill_at("before a message is sent", 3)
        time_of_day.set(shift=days * DAY)
        made.paper.publish(10)
        made.account(90)
        created = query(made.database, "SELECT max(created_at) - min(created_at) FROM alerts")[0][0] / 1e6
        assert created > DAY / 2, "its clock was another one"
