"""sd_notify against a real datagram socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.edges import systemd


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(5)
        receiver.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield receiver


def told(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def test_ready_says_so_with_a_status(manager: socket.socket) -> None:
    systemd.ready("14 feeds")
    assert told(manager) == ["READY=1", "STATUS=14 feeds"]


def test_a_reload_carries_the_monotonic_time_in_microseconds(manager: socket.socket) -> None:
    before = time.monotonic_ns() // 1000
    systemd.reloading()
    word, stamp = told(manager)
    assert word == "RELOADING=1"
    assert before <= int(stamp.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_stopping_and_the_watchdog_are_one_word(manager: socket.socket) -> None:
    systemd.stopping()
    assert told(manager) == ["STOPPING=1"]
    systemd.watchdog()
    assert told(manager) == ["WATCHDOG=1"]


def test_a_status_with_a_newline_smuggles_no_assignment(manager: socket.socket) -> None:
    systemd.status("fine\nSTOPPING=1")
    assert told(manager) == ["STATUS=fine STOPPING=1"]


def test_an_abstract_socket_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"feedwatch-{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(5)
        receiver.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        systemd.stopping()
        assert told(receiver) == ["STOPPING=1"]


def test_without_a_socket_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.ready()


def test_a_socket_that_is_gone_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    systemd.watchdog()
