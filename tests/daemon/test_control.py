"""A running feedwatch is asked: the real daemon, its real socket, the command line, and clients that mean harm."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from feedwatch.pipeline.ask import ask_running
from feedwatch.pipeline.control import CLIENTS, LONGEST_REQUEST
from tests.harness import (
    Daemon,
    Receiver,
    Site,
    count,
    daemon,
    feedwatch,
    query,
    receiver,
    site,
    started,
    wait_until,
    write_config,
)

pytestmark = pytest.mark.service

WATCH = """
[channels.desk]
url = "json://127.0.0.1:{desk}/desk"
only = "mention"

[channels.spare]
url = "json://127.0.0.1:{desk}/spare"

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk"]
"""
TEXT = "The port of Venezuela has a new crane. " * 12
GROUP = 54321
"""A number that no group of the machine has."""


@pytest.fixture
def config(tmp_path: Path, place: Site, desk: Receiver) -> Path:
    return write_config(tmp_path, WATCH.format(desk=desk.port), [f"{place.url}/feed"])


@pytest.fixture
def running(config: Path) -> Iterator[Daemon]:
    """A daemon that listens and knows its feed: what comes next is new."""
    made = watching(config)
    try:
        yield made
    finally:
        made.kill_tree()


def watching(config: Path) -> Daemon:
    made = started(config)
    wait_until(lambda: count(config.with_name("feedwatch.db"), "feeds WHERE first_polled_at IS NOT NULL"), 20)
    return made


def socket_of(config: Path) -> Path:
    return config.with_name("feedwatch.db.sock")


def connected(config: Path, seconds: float = 5) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(socket_of(config)))
    client.settimeout(seconds)
    return client


def said_to(config: Path, line: bytes) -> dict[str, Any]:
    """One line to the daemon, as it is, and the line that it answers."""
    with connected(config) as client, client.makefile("rb") as answer:
        client.sendall(line)
        return dict(json.loads(answer.readline()))


def typed(config: Path, *words: str, **options: Any) -> tuple[int, str]:
    """(exit code, what it printed)."""
    ended = feedwatch(*words, "--config", str(config), folder=config.parent, **options)
    return ended.returncode, ended.stdout + ended.stderr


def the_alert(config: Path) -> str:
    def first() -> list[Any]:
        return query(config.with_name("feedwatch.db"), "SELECT short FROM alerts WHERE kind = 'first'")

    return str(wait_until(first, 20)[0]["short"])


# What it is for -----------------------------------------------------------------------------------------


def test_status_comes_from_the_daemon_even_where_the_database_may_not_be_read(config: Path, running: Daemon) -> None:
    code, told = typed(config, "status")
    assert code == 0, told
    assert f"daemon     running (pid {running.process.pid})" in told
    assert "feeds      1: 1 ok; last good poll" in told
    (row,) = [json.loads(line) for line in typed(config, "status", "--json")[1].splitlines()]
    assert row["running"] == running.process.pid
    assert row["feeds_by_state"] == {"ok": 1}


def test_an_alert_is_acknowledged_sent_again_and_sent_elsewhere(
    config: Path, place: Site, desk: Receiver, running: Daemon
) -> None:
    place.publish("a", "Maduro opens a port", TEXT)
    alert = the_alert(config)
    wait_until(lambda: desk.got, 10)
    code, told = typed(config, "alerts", "ack", alert)
    assert (code, "acknowledged for ve by" in told) == (0, True), told
    assert typed(config, "alerts", "resend", alert) == (0, "1 message of 1 alert to go out\n")
    assert typed(config, "alerts", "resend", alert, "--to", "spare")[0] == 0
    wait_until(lambda: len(desk.got) == 3, 10)
    assert sorted(path for _, path, _ in desk.got) == ["/desk", "/desk", "/spare"]
    assert len({post["id"] for _, _, post in desk.got}) == 1
    assert "acknowledged for ve by" in typed(config, "alerts", "show", alert)[1]
    assert "control verb=resend" in running.said()


def test_a_muted_watchlist_is_silent_and_its_end_is_one_message(
    config: Path, place: Site, desk: Receiver, running: Daemon
) -> None:
    assert "ve is muted until" in typed(config, "watch", "mute", "ve", "2h")[1]
    place.publish("a", "Maduro opens a port", TEXT)
    place.publish("b", "Maduro closes a port", TEXT + "It closed. " * 30)
    database = config.with_name("feedwatch.db")
    wait_until(lambda: count(database, "decisions WHERE outcome = 'muted'") == 2, 20)
    assert "muted      ve until" in typed(config, "status")[1]
    assert desk.got == []
    code, told = typed(config, "watch", "mute", "ve", "--off")
    assert (code, told) == (0, "ve tells again; its channels hear of 2 articles that it kept back\n")
    wait_until(lambda: desk.got, 10)
    assert [post["title"] for _, _, post in desk.got] == ["VE · 2 articles while muted"]
    assert running.process.poll() is None


def test_a_reload_answers_with_what_came_of_it(config: Path, running: Daemon) -> None:
    database, good = config.with_name("feedwatch.db"), config.read_text()
    config.write_text(good.replace('["desk"]', '["dsk"]').replace("[channels.spare]", "[channel.spare]"))
    problems = ask_running(database, "reload")["problems"]
    assert len(problems) >= 2
    assert any('no channel "dsk" (did you mean "desk"?)' in problem for problem in problems)
    config.write_text(good.replace("[polling]", '[polling]\ncontact = "me@example.org"'))
    assert ask_running(database, "reload") == {
        "problems": [], "after_restart": ["polling.contact"], "feeds": 1, "watchlists": 1
    }  # fmt: skip
    assert running.process.poll() is None


def test_feeds_add_prints_what_the_daemon_makes_of_it(config: Path, running: Daemon) -> None:
    code, told = typed(config, "feeds", "add", "http://127.0.0.1:9/another")
    assert (code, told.splitlines()[-1]) == (0, "feedwatch has taken it: 2 feeds, 1 watchlist")
    assert running.process.poll() is None


MISTAKES = (
    (["alerts", "ack", "zzzzzz"], 1, "no alert zzzzzz (feedwatch alerts list)"),
    (["alerts", "resend", "zzzzzz", "--to", "nowhere"], 2, "no channel nowhere (there are: desk, spare)"),
    (["alerts", "resend"], 2, "give an ID, or --from CHANNEL and --to CHANNEL"),
    (["watch", "mute", "xx", "2h"], 2, "no watchlist xx (there are: ve)"),
    (["watch", "mute", "ve"], 2, 'give a time, such as "2h", or --off'),
    (["watch", "mute", "ve", "--off"], 1, "ve is not muted"),
)


@pytest.mark.parametrize("alive", [True, False], ids=["running", "stopped"])
def test_a_mistake_has_the_same_words_and_code_with_and_without_a_daemon(
    config: Path, running: Daemon, *, alive: bool
) -> None:
    if not alive:
        running.stop()
    assert [typed(config, *words) for words, _, _ in MISTAKES] == [(code, f"{said}\n") for _, code, said in MISTAKES]


def test_without_a_daemon_the_same_is_done_under_the_lock(config: Path, desk: Receiver, running: Daemon) -> None:
    assert running.stop() == 0
    assert not socket_of(config).exists()
    assert typed(config, "watch", "mute", "ve", "1s")[0] == 0
    assert "muted      ve until" in typed(config, "status")[1]
    with daemon(config):
        wait_until(lambda: [post["title"] for _, _, post in desk.got] == ["VE · 0 articles while muted"], 20)


# The socket ---------------------------------------------------------------------------------------------


def test_the_socket_is_for_owner_and_group_and_a_dead_one_is_replaced(config: Path, running: Daemon) -> None:
    assert stat.S_IMODE(socket_of(config).stat().st_mode) == 0o660
    running.kill_tree()
    assert socket_of(config).exists()
    assert "not running" in typed(config, "status")[1]
    again = started(config)
    try:
        assert ask_running(config.with_name("feedwatch.db"), "status")["feeds"] == 1
        assert again.stop() == 0
    finally:
        again.kill_tree()
    assert not socket_of(config).exists()


def test_under_systemd_it_is_in_the_runtime_directory_whatever_the_command_line_knows_of_that(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)  # longer than a socket's address may be
    deep.mkdir(parents=True)
    with monkeypatch.context() as there:
        there.setenv("RUNTIME_DIRECTORY", str(deep))
        running = started(config)
    try:
        assert (deep / "control.sock").is_socket()
        assert "daemon     running" in typed(config, "status")[1]
    finally:
        running.kill_tree()


def test_a_socket_that_cannot_be_made_is_no_reason_not_to_watch(
    config: Path, desk: Receiver, place: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("RUNTIME_DIRECTORY", str(tmp_path / "nowhere"))
        running = watching(config)
    try:
        place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: desk.got, 20)
        code, told = typed(config, "status")
        assert (code, "read from the database: feedwatch (pid" in told) == (0, True)
        assert "control=none" in running.said()
        code, told = typed(config, "alerts", "ack", the_alert(config))
        assert (code, "cannot be asked" in told) == (75, True)
        config.write_text(config.read_text() + "\n")
        assert "asked feedwatch (pid" in typed(config, "feeds", "add", "http://127.0.0.1:9/another")[1]
    finally:
        running.kill_tree()


# Another user -------------------------------------------------------------------------------------------


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder as the service's: the group may look, nobody else; its files are the group's."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    folder = Path(tempfile.mkdtemp(prefix="feedwatch-group-"))
    os.chown(folder, 0, GROUP)
    folder.chmod(0o2750)
    yield folder
    shutil.rmtree(folder)


AS_ANOTHER = """
import contextlib, os, sys
import feedwatch.cli.status, feedwatch.cli.show, feedwatch.config.load, feedwatch.pipeline.ask, feedwatch.cli.app

uid, gid, config, *words = sys.argv[1:]
with contextlib.redirect_stdout(None):  # whatever it loads on the way is loaded while it may be
    feedwatch.cli.app.app(["status", "--config", config], standalone_mode=False)
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
sys.argv = ["feedwatch", *words, "--config", config]
feedwatch.cli.app.main()
"""
"""The command line as another user, who need not be able to execute this Python."""


def typed_as(uid: int, group: int, config: Path, *words: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(uid), str(group), str(config), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=config.parent,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_a_member_of_the_group_asks_and_orders_and_nobody_else(
    shared_folder: Path, place: Site, desk: Receiver
) -> None:
    config = write_config(shared_folder, WATCH.format(desk=desk.port), [f"{place.url}/feed"])
    config.chmod(0o640)
    running = watching(config)
    try:
        config.with_name("feedwatch.db").chmod(0o600)  # what the group may not read, the daemon tells it
        member, stranger = (GROUP + 1, GROUP), (GROUP + 2, GROUP + 2)
        code, told = typed_as(*member, config, "status")
        assert (code, "feeds      1: 1 ok" in told) == (0, True), told
        place.publish("a", "Maduro opens a port", TEXT)
        alert = the_alert(config)
        code, told = typed_as(*member, config, "alerts", "ack", alert)
        assert (code, f"acknowledged for ve by {GROUP + 1}," in told) == (0, True), told
        shared_folder.chmod(0o2755)
        config.chmod(0o644)  # even who may read the config
        for words in (["status"], ["alerts", "ack", alert], ["watch", "mute", "ve", "2h"]):
            code, told = typed_as(*stranger, config, *words)
            assert (code, "group" in told or "be its user" in told) == (78, True), told
            assert "Traceback" not in told
    finally:
        running.kill_tree()


# Clients that mean harm ---------------------------------------------------------------------------------


@dataclass
class Attacked:
    """A daemon that must bear all of them, one after the other."""

    config: Path
    daemon: Daemon
    place: Site
    desk: Receiver


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    with site() as place, receiver() as desk:
        config = write_config(folder, WATCH.format(desk=desk.port), [f"{place.url}/feed"])
        made = watching(config)
        try:
            yield Attacked(config, made, place, desk)
        finally:
            made.kill_tree()


NONSENSE = (
    (b"status\n", "a request is one line of JSON"),
    (b"\xff\xfe\n", "a request is one line of JSON"),
    (b"[" * 60_000 + b"\n", "a request is one line of JSON"),
    (b"[]\n", "a request is {"),
    (b'{"verb": 7}\n', "a request is {"),
    (b'{"verb": "status", "words": []}\n', "a request is {"),
    (b'{"verb": "drop"}\n', "no verb drop (there are: status, ack, "),
    (b'{"verb": "ack", "words": {"alert": ["x"]}}\n', "alert must be a text"),
    (b'{"verb": "ack", "words": {"alert": "\\ud800"}}\n', "alert must be a text"),
)


def test_nonsense_is_answered_in_words(attacked: Attacked) -> None:
    answers = [(said_to(attacked.config, line)["text"], said) for line, said in NONSENSE]
    assert [(told, said) for told, said in answers if said not in told] == []
    assert "answer" in said_to(attacked.config, b'{"verb": "status"}\n')
    assert "Traceback" not in attacked.daemon.said()


def test_one_connection_may_ask_several_times(attacked: Attacked) -> None:
    with connected(attacked.config) as client, client.makefile("rb") as answers:
        for _ in range(3):
            client.sendall(b'{"verb": "status"}\n')
            assert "answer" in json.loads(answers.readline())
    assert attacked.daemon.process.poll() is None


def test_who_sends_without_end_is_stopped(attacked: Attacked) -> None:
    with connected(attacked.config) as client, pytest.raises((BrokenPipeError, ConnectionResetError)):
        client.sendall(b"x" * LONGEST_REQUEST * 160)
    assert "answer" in said_to(attacked.config, b'{"verb": "status"}\n')
    assert "Traceback" not in attacked.daemon.said()


def test_who_says_half_a_line_is_forgotten_and_changes_nothing(attacked: Attacked) -> None:
    with connected(attacked.config) as client:
        client.sendall(b'{"verb": "mute", "words": {"watchlist": "ve", "time": "2h"}}')
    with connected(attacked.config, 15) as client:
        client.sendall(b'{"verb": "mute"')
        assert "answer" in said_to(attacked.config, b'{"verb": "status"}\n')
        began = time.monotonic()
        assert client.recv(1) == b""
        assert time.monotonic() - began > 5
    assert count(attacked.config.with_name("feedwatch.db"), "mutes") == 0
    assert "Traceback" not in attacked.daemon.said()


def test_two_hundred_silent_clients_keep_nobody_out(attacked: Attacked) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            with contextlib.suppress(ConnectionResetError):
                stack.enter_context(connected(attacked.config))
        began = time.monotonic()
        assert "answer" in said_to(attacked.config, b'{"verb": "status"}\n')
        assert time.monotonic() - began < 10
        assert len(list(Path(f"/proc/{attacked.daemon.process.pid}/fd").iterdir())) < CLIENTS + 100
        attacked.place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: attacked.desk.got, 20)
    assert "Traceback" not in attacked.daemon.said()


def test_who_asks_and_does_not_read_is_in_nobodys_way(config: Path, running: Daemon) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(connected(config, 0.2))
            with contextlib.suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
                client.sendall(b'{"verb": "status"}\n' * 1000)
        began = time.monotonic()
        assert "answer" in said_to(config, b'{"verb": "status"}\n')
        assert time.monotonic() - began < 10
    began = time.monotonic()
    running.signal(signal.SIGTERM)
    assert running.process.wait(12) == 0
    assert time.monotonic() - began < 10
    assert "Traceback" not in running.said()
