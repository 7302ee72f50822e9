"""A full disk, and a database that somebody else holds: work stops, and goes on by itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.rig import Rig, held, in_full, rig
from tests.harness import query, wait_until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return ballast


def known_etag(made: Rig) -> str:
    return str(query(made.database, "SELECT etag FROM feeds WHERE url LIKE '%/feed'")[0][0])


@in_full
def test_a_full_disk_stops_the_work_and_its_end_starts_it_again(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rig(tmp_path, database=small_disk / "feedwatch.db") as made, made.running() as daemon:
        made.service.delay = 0.3
        made.paper.publish(30)
        wait_until(lambda: made.service.taken, 60)
        ballast, before = fill(small_disk), known_etag(made)
        made.service.delay = 0.0
        wait_until(lambda: "database or disk is full" in made.log, 60)
        made.paper.publish(30)
        asked, said = made.paper.seen["/feed"], len(made.log)
        time.sleep(20)
        assert daemon.process.poll() is None, "it does not give up"
        assert made.paper.seen["/feed"] - asked <= 1, "nobody is asked for what cannot be kept"
        assert known_etag(made) == before != made.paper.etag or made.paper.etag == before
        assert len(made.log[said:].splitlines()) < 200, "a night with a full disk does not fill the log"
        ballast.unlink()
        free = time.monotonic()
        wait_until(made.drained, 60)
        with capsys.disabled():
            print(f"\nthe disk had room, and all was told {time.monotonic() - free:.0f} s after")  # noqa: T201
        made.nothing_told()
        assert daemon.stop() == 0
        made.nothing_lost()
        assert made.doubles() == {}


def test_a_send_whose_receipt_cannot_be_written_at_once_is_not_made_again(tmp_path: Path) -> None:
    """The short form: seven seconds are longer than SQLite waits by itself."""
    held_up(tmp_path, 7)


@in_full
def test_a_database_that_is_held_for_a_minute_costs_nothing(tmp_path: Path) -> None:
    held_up(tmp_path, 60)


def held_up(folder: Path, seconds: float) -> None:
    with rig(folder) as made, made.running() as daemon:
        made.service.delay = 0.5
        made.paper.publish(20)
        wait_until(lambda: len(made.service.taken) >= 3, 60)
        with held(made.database):
            struck = made.look("held")
            assert struck.in_flight
            made.paper.publish(20)
            time.sleep(seconds)
            later = made.look("held")
            assert (later.entries, later.decided, later.sent) == (struck.entries, struck.decided, struck.sent)
            assert daemon.process.poll() is None
        made.service.delay = 0.0
        wait_until(made.drained, 120)
        made.nothing_told()
        assert daemon.stop() == 0
        made.nothing_lost()
        assert made.doubles() == {}


@in_full
def test_a_stop_while_the_database_is_held_is_a_stop(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.running() as daemon:
        made.service.delay = 0.5
        made.paper.publish(20)
        wait_until(lambda: len(made.service.taken) >= 3, 60)
        with held(made.database):
            began = time.monotonic()
            assert daemon.stop(60) in {0, 75}
            assert time.monotonic() - began <= 20
            assert made.look("held").sending, "a receipt that could not be written: this message goes again"
        made.account()
