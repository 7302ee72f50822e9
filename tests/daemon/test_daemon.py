"""The whole program as its users run it: a process, signals, a config file, real HTTP, a real mail server."""

from __future__ import annotations

import signal
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.harness import (
    Receiver,
    Site,
    count,
    daemon,
    feedwatch,
    known_by_an_empty_poll,
    query,
    site,
    started,
    wait_until,
    write_config,
)

WATCH = """
[channels.desk]
url = "json://127.0.0.1:{desk}/hook"
only = "mention"

[channels.mail]
url = "mailto://127.0.0.1:{mail}/?from=watch@example.org&to=desk@example.org&mode=insecure"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = [{notify}]
"""

TEXT = "The port of Venezuela has a new crane. " * 12


class Mailbox:
    """Collects what a real SMTP server took."""

    def __init__(self) -> None:
        self.got: list[tuple[float, EmailMessage]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append((time.monotonic(), message))
        return "250 taken"


def mail_server(mailbox: Mailbox, port: int) -> Controller:
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    return server


def config_for(folder: Path, place: Site, desk: Receiver, *, mail: int = 9, notify: str = '"desk"') -> Path:
    return write_config(folder, WATCH.format(desk=desk.port, mail=mail, notify=notify), [f"{place.url}/feed"])


def test_one_channel_down_delays_no_other_and_gets_its_mail_when_it_is_back(
    tmp_path: Path, place: Site, desk: Receiver, unused_tcp_port: int
) -> None:
    mailbox, mail = Mailbox(), unused_tcp_port
    config = config_for(tmp_path, place, desk, mail=mail, notify='"desk", "mail"')
    known_by_an_empty_poll(config)
    with daemon(config) as running:
        place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: count(tmp_path / "feedwatch.db", "alerts") == 1, 20)
        began = time.monotonic()
        wait_until(lambda: desk.got, 5)
        wait_until(lambda: count(tmp_path / "feedwatch.db", "deliveries WHERE state = 'pending' AND attempts >= 1"), 10)
        assert query(tmp_path / "feedwatch.db", "SELECT error FROM deliveries WHERE state = 'pending'")[0]["error"]
        server = mail_server(mailbox, mail)
        back = time.monotonic()
        try:
            wait_until(lambda: mailbox.got, 60)
        finally:
            server.stop()
        assert running.stop() == 0
    assert desk.got[0][0] - began <= 5
    assert mailbox.got[0][0] - back <= 60
    [(_, _, posted)], [(_, letter)] = desk.got, mailbox.got
    assert letter["Subject"] == posted["title"] == "VE · Maduro opens a port"
    assert letter["X-Feedwatch-Alert"] == posted["id"]


def test_sigterm_ends_it_within_ten_seconds_and_nothing_is_left_claimed(
    tmp_path: Path, place: Site, desk: Receiver
) -> None:
    config = config_for(tmp_path, place, desk)
    known_by_an_empty_poll(config)
    for n in range(60):
        place.publish(f"a{n}", f"News {n}", TEXT)
    running = started(config)
    database = tmp_path / "feedwatch.db"
    wait_until(lambda: count(database, "articles WHERE page_state = 'read'") > 3, 20)
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began <= 10
    assert count(database, "articles WHERE claimed_at IS NOT NULL") == 0
    assert count(database, "deliveries WHERE state = 'sending'") == 0
    assert "Traceback" not in running.said()


def test_a_page_that_hangs_does_not_delay_the_end(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    known_by_an_empty_poll(config)
    place.publish("a", "News", TEXT)
    running = started(config)
    wait_until(lambda: count(tmp_path / "feedwatch.db", "articles"), 20)
    place.delay, asked = 30, len(place.asked)
    place.publish("b", "More news", TEXT)
    wait_until(lambda: len(place.asked) > asked, 20)
    assert running.stop(20) == 0
    place.delay = 0
    with daemon(config):
        wait_until(lambda: len(desk.got) == 2, 30)


def test_a_reload_takes_a_new_feed_and_refuses_a_bad_config(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    with site() as second, daemon(config) as running:
        database = tmp_path / "feedwatch.db"
        wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 1, 20)
        good = config.read_text()
        config.write_text(good.replace('"desk"]', '"dsk"]'))
        running.signal(signal.SIGHUP)
        wait_until(lambda: "reload=refused" in running.said(), 10)
        assert "did you mean" in running.said()
        config.write_text(f'{good}\n[[feeds]]\nurl = "{second.url}/feed"\n')
        running.signal(signal.SIGHUP)
        wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2, 20)
        second.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: desk.got, 20)
        assert running.stop() == 0


def test_feeds_add_tells_the_running_daemon(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    with site() as second, daemon(config):
        database = tmp_path / "feedwatch.db"
        wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 1, 20)
        added = feedwatch("feeds", "add", f"{second.url}/feed", "--config", str(config), folder=tmp_path)
        assert added.returncode == 0, added.stderr
        wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2, 20)


def test_a_bad_config_ends_with_78_and_every_problem(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[pollin]\n\n[[watchlists]]\nid = "ve"\nkeywords = []\nnotify = ["nobody"]\n')
    ended = feedwatch("run", "--config", str(config), folder=tmp_path)
    assert ended.returncode == 78
    assert len(ended.stderr.splitlines()) >= 3
    assert "Traceback" not in ended.stderr


def test_a_second_daemon_is_refused_with_75(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    with daemon(config) as first:
        wait_until(lambda: count(tmp_path / "feedwatch.db", "feeds"), 20)
        ended = feedwatch("run", "--config", str(config), folder=tmp_path)
        assert ended.returncode == 75
        assert str(first.process.pid) in ended.stderr


@pytest.mark.parametrize("harm", ["emptied", "removed", "overwritten"])
def test_a_harmed_database_ends_with_78_and_the_way_out(tmp_path: Path, place: Site, desk: Receiver, harm: str) -> None:
    config, database = config_for(tmp_path, place, desk), tmp_path / "feedwatch.db"
    known_by_an_empty_poll(config)
    for beside in tmp_path.glob("feedwatch.db-*"):
        beside.unlink()
    if harm == "removed":
        database.unlink()
    else:
        database.write_bytes(b"" if harm == "emptied" else b"\xff" * 8192)
    ended = feedwatch("run", "--config", str(config), folder=tmp_path)
    assert ended.returncode == 78
    assert str(database) in ended.stderr
    assert "backup" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_once_does_one_turn_and_says_what_it_did(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    place.publish("a", "Maduro opens a port", TEXT)
    first = feedwatch("once", "--config", str(config), folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "1 feed polled, 0 failed; 1 article decided; 1 message sent, 0 waiting" in first.stdout
    assert desk.got[0][2]["title"] == "VE · 1 of 1 entry matches"
    place.publish("b", "Maduro stays at home", "The fair opens on Friday, and Nicolas Maduro will not be there.")
    second = feedwatch("once", "--force", "--json", "--config", str(config), folder=tmp_path)
    assert second.returncode == 0, second.stderr
    assert desk.got[1][2]["title"] == "VE · Maduro stays at home"


def test_once_says_75_when_a_channel_is_down(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    place.publish("a", "Maduro opens a port", TEXT)
    desk.status = 503
    ended = feedwatch("once", "--config", str(config), folder=tmp_path)
    assert ended.returncode == 75
    assert "1 waiting" in ended.stdout


def test_status_says_what_waits_and_why(tmp_path: Path, place: Site, desk: Receiver) -> None:
    config = config_for(tmp_path, place, desk)
    place.publish("a", "Maduro opens a port", TEXT)
    desk.status = 503
    feedwatch("once", "--config", str(config), folder=tmp_path)
    told = feedwatch("status", "--config", str(config), folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "1 waiting" in told.stdout
    assert "not running" in told.stdout


def test_the_demo_ends_well(tmp_path: Path) -> None:
    shown = feedwatch("demo", folder=tmp_path)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "VE · Venezuela and the islands agree on a new ferry line" in shown.stdout
    assert "Not told, and why:" in shown.stdout
    assert not list(tmp_path.iterdir())
