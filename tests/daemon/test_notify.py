"""What the daemon tells systemd, as a real socket hears it: ready, reloads, the status, signs of life."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from feedwatch.store import database
from tests.harness import Daemon, Site, count, start_daemon, wait_until, write_config

pytestmark = pytest.mark.service

WATCH = """
[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["here"]
"""

LIMIT = 4.0
"""Seconds of the shortened watchdog."""


@dataclass
class Manager:
    """The service manager's end of the socket."""

    end: socket.socket
    heard: list[tuple[float, dict[str, str]]] = field(default_factory=list)  # when, one message

    def listen(self, seconds: float, until: Callable[[dict[str, str]], object] = lambda _: False) -> bool:
        """Takes what comes for so long, or until a message is the right one; says whether it came."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.end.settimeout(left)
            try:
                text = self.end.recv(8192).decode()
            except TimeoutError:
                break
            message = dict(line.split("=", 1) for line in text.split("\n"))
            self.heard.append((time.monotonic(), message))
            if until(message):
                return True
        return False

    def pings(self, since: float = 0.0) -> list[float]:
        return [when for when, message in self.heard if "WATCHDOG" in message and when >= since]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", str(int(LIMIT * 1e6)))
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield Manager(end)


@pytest.fixture
def running(tmp_path: Path, place: Site, manager: Manager) -> Iterator[Daemon]:
    """A daemon that has said that it is ready."""
    made = start_daemon(write_config(tmp_path, WATCH, [f"{place.url}/feed"]))
    try:
        assert manager.listen(30, lambda message: message.get("READY") == "1"), made.said()
        yield made
    finally:
        made.kill_tree()


def test_ready_comes_once_the_database_is_with_a_status_that_counts(running: Daemon, manager: Manager) -> None:
    first, *_, (_, ready) = manager.heard
    assert first[1] == {"STATUS": "making the database ready"}
    assert ready["STATUS"] == "1 feed, 0 failing; 0 articles in a day; 0 alerts waiting"
    assert count(running.config.with_name("feedwatch.db"), "feeds") == 1


def test_signs_of_life_come_well_within_the_limit(running: Daemon, manager: Manager) -> None:
    began = time.monotonic()
    manager.listen(2 * LIMIT)
    marks = [began, *manager.pings(began), time.monotonic()]
    assert max(later - earlier for earlier, later in pairwise(marks)) < LIMIT
    assert running.stop() == 0


def test_a_process_that_stands_still_gives_no_sign_of_life(running: Daemon, manager: Manager) -> None:
    assert manager.listen(LIMIT, lambda message: "WATCHDOG" in message)
    running.signal(signal.SIGSTOP)
    manager.listen(0.5)  # what was sent before
    stopped = time.monotonic()
    manager.listen(2 * LIMIT)
    assert manager.pings(stopped) == []
    running.signal(signal.SIGCONT)
    assert manager.listen(LIMIT, lambda message: "WATCHDOG" in message)


def test_a_locked_database_does_not_end_the_signs_of_life(running: Daemon, manager: Manager, place: Site) -> None:
    with closing(sqlite3.connect(running.config.with_name("feedwatch.db"), isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        place.publish("a", "News", "Nothing happened. " * 30)
        began = time.monotonic()
        manager.listen(2 * database.BUSY_SECONDS)
        marks = [began, *manager.pings(began), time.monotonic()]
        assert max(later - earlier for earlier, later in pairwise(marks)) < database.BUSY_SECONDS + 3
        assert count(running.config.with_name("feedwatch.db"), "articles") == 0
    assert running.stop() == 0


def test_an_abort_leaves_in_the_log_where_every_thread_stood(running: Daemon) -> None:
    running.signal(signal.SIGABRT)
    assert running.process.wait(10) == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in running.said()
    assert "writer.py" in running.said()


def test_a_reload_is_announced_with_its_time_and_ends_ready(running: Daemon, manager: Manager) -> None:
    before = time.monotonic_ns() // 1000
    running.signal(signal.SIGHUP)
    assert manager.listen(10, lambda message: "RELOADING" in message)
    assert int(manager.heard[-1][1]["MONOTONIC_USEC"]) >= before
    assert manager.listen(10, lambda message: message.get("READY") == "1")


def test_a_refused_config_stays_in_the_status_until_it_is_right(running: Daemon, manager: Manager) -> None:
    good = running.config.read_text()
    running.config.write_text(good.replace('"here"]', '"her"]'))
    running.signal(signal.SIGHUP)
    assert manager.listen(10, lambda message: "READY" in message)
    refused = manager.heard[-1][1]["STATUS"]
    assert refused.startswith("1 feed, ")
    line = 1 + next(at for at, text in enumerate(good.splitlines()) if '"here"]' in text)
    assert f'the last reload was refused: config.toml:{line}: notify: no channel "her"' in refused
    running.config.write_text(good)
    running.signal(signal.SIGHUP)
    assert manager.listen(10, lambda message: "READY" in message)
    assert "refused" not in manager.heard[-1][1]["STATUS"]


def test_a_hangup_during_the_start_becomes_a_reload_after_it(tmp_path: Path, place: Site, manager: Manager) -> None:
    config = write_config(tmp_path, WATCH, [f"{place.url}/feed"])
    starting = start_daemon(config)
    try:
        wait_until((tmp_path / "feedwatch.db.lock").exists, 20, every=0.002)
        assert not any("READY" in message for _, message in manager.heard)
        starting.signal(signal.SIGHUP)
        assert manager.listen(30, lambda message: message.get("READY") == "1"), starting.said()
        assert manager.listen(10, lambda message: "RELOADING" in message), starting.said()
        assert manager.listen(10, lambda message: message.get("READY") == "1")
        assert starting.stop() == 0
    finally:
        starting.kill_tree()
    assert "reload=done" in starting.said()


def test_the_reason_of_a_refused_start_is_the_last_status(tmp_path: Path, manager: Manager) -> None:
    (tmp_path / "feedwatch.db").write_bytes(b"\xff" * 8192)
    ended = start_daemon(write_config(tmp_path, WATCH, []))
    assert ended.process.wait(30) == 78
    manager.listen(0.5)
    assert "damaged" in manager.heard[-1][1]["STATUS"]
    assert "READY" not in manager.heard[-1][1]


def test_a_watchdog_that_is_meant_for_another_process_is_not_answered(
    tmp_path: Path, place: Site, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    made = start_daemon(write_config(tmp_path, WATCH, [f"{place.url}/feed"]))
    try:
        assert manager.listen(30, lambda message: message.get("READY") == "1")
        manager.listen(LIMIT)
        assert manager.pings() == []
    finally:
        made.kill_tree()
