"""The daemon's own health as its owner sees it: messages, pages on loopback, a dead man's switch."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Receiver, Site, count, daemon, wait_until, write_config

pytestmark = pytest.mark.service

CHANNELS = """
[health]
notify = ["desk"]
every = "1s"
{health}

[channels.desk]
url = "json://127.0.0.1:{desk}/hook"
only = "mention"

[channels.phone]
url = "json://127.0.0.1:{phone}/hook"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["desk"]
"""
TEXT = "The port of Venezuela has a new crane. " * 12


def titles(receiver: Receiver) -> list[str]:
    return [message["title"] for _, _, message in receiver.got]


def asked(url: str) -> tuple[int, str]:
    """Status and text; 0 where nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def test_a_failing_feed_is_told_once_and_its_recovery_once(tmp_path: Path, place: Site, desk: Receiver) -> None:
    place.answers["/other"] = (503, "text/plain", b"later")
    health = 'failures = 2\nfailing_for = "2s"'
    text = CHANNELS.format(health=health, desk=desk.port, phone=9)
    config = write_config(tmp_path, text, [f"{place.url}/feed", f"{place.url}/other"])
    with daemon(config) as running:
        wait_until(lambda: [title for title in titles(desk) if "/other: failed" in title], 30)
        time.sleep(3)
        place.answers["/other"] = (200, "application/rss+xml", place.feed())
        wait_until(lambda: [title for title in titles(desk) if "well again" in title], 40)
        time.sleep(2)
        assert running.stop() == 0
    told = [title for title in titles(desk) if "entries" not in title]  # less the first look's digest
    assert [title.rpartition(" · ")[2].split(":")[0] for title in told] == ["http", "well again"]
    assert "Traceback" not in running.said()


def test_a_stuck_channel_is_told_on_the_other_one(tmp_path: Path, place: Site, desk: Receiver, phone: Receiver) -> None:
    text = CHANNELS.format(health='stuck_after = "2s"', desk=desk.port, phone=phone.port)
    config = write_config(tmp_path, text, [f"{place.url}/feed"])
    with daemon(config) as running:
        wait_until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE first_polled_at IS NOT NULL"), 20)
        desk.status = 503
        place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: phone.got, 30)
        assert titles(phone)[0].startswith("feedwatch · desk/")
        assert "1 message waits: " in titles(phone)[0]
        desk.status = 200
        wait_until(lambda: [title for title in titles(phone) if "well again: desk/" in title], 40)
        assert running.stop() == 0
    assert "VE · Maduro opens a port" in titles(desk)


def test_the_pages_answer_where_the_config_says_and_move_with_it(
    tmp_path: Path, place: Site, desk: Receiver, unused_tcp_port_factory: object
) -> None:
    port, other = unused_tcp_port_factory(), unused_tcp_port_factory()  # type: ignore[operator]
    url, moved = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}"
    text = CHANNELS.format(health=f'listen = "127.0.0.1:{port}"', desk=desk.port, phone=9)
    config = write_config(tmp_path, text, [f"{place.url}/feed"])
    with daemon(config) as running:
        assert wait_until(lambda: asked(f"{url}/healthz")[0], 20) == 200
        wait_until(lambda: asked(f"{url}/readyz") == (200, "ready\n"), 20)
        place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: desk.got, 20)
        wait_until(lambda: 'feedwatch_sends_total{channel="desk"' in asked(f"{url}/metrics")[1], 10)
        page = asked(f"{url}/metrics")[1]
        assert 'feedwatch_feeds{state="well"} 1.0' in page
        assert place.url not in page
        assert asked(f"{url}/")[0] == 404
        config.write_text(config.read_text().replace(f":{port}", f":{other}"))
        running.signal(signal.SIGHUP)
        wait_until(lambda: asked(f"{moved}/healthz")[0] == 200, 10)
        assert asked(f"{url}/healthz")[0] == 0
        assert running.stop() == 0


def test_a_port_that_is_taken_is_said_and_stops_nothing(tmp_path: Path, place: Site, desk: Receiver) -> None:
    text = CHANNELS.format(health=f'listen = "127.0.0.1:{place.port}"', desk=desk.port, phone=9)
    config = write_config(tmp_path, text, [f"{place.url}/feed"])
    with daemon(config) as running:
        wait_until(lambda: "listen=failed" in running.said(), 20)
        place.publish("a", "Maduro opens a port", TEXT)
        wait_until(lambda: desk.got, 20)
        assert running.said().count("listen=failed") == 1
        assert running.stop() == 0


def test_the_dead_mans_switch_is_visited_and_its_address_is_in_no_log(
    tmp_path: Path, place: Site, desk: Receiver
) -> None:
    secret = tmp_path / "beat.url"
    secret.write_text(f"{place.url}/a-long-secret\n")
    secret.chmod(0o600)
    place.answers["/a-long-secret"] = (200, "text/plain", b"OK")
    health = f'heartbeat_file = "{secret}"\nheartbeat_every = "1s"'
    text = CHANNELS.format(health=health, desk=desk.port, phone=9)
    config = write_config(tmp_path, text, [f"{place.url}/feed"])
    with daemon(config) as running:
        wait_until(lambda: sum(path == "/a-long-secret" for path, _ in place.asked) >= 2, 20)
        place.answers["/a-long-secret"] = (500, "text/plain", b"no")
        wait_until(lambda: "heartbeat=failed" in running.said(), 10)
        assert running.stop() == 0
    assert "a-long-secret" not in running.said()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=24M", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_nearly_full_is_told_and_told_again_when_there_is_room(
    tmp_path: Path, small_disk: Path, place: Site, desk: Receiver
) -> None:
    text = CHANNELS.format(health='disk_free = "10MB"', desk=desk.port, phone=9)
    config = write_config(tmp_path, f'{text}\n[store]\npath = "{small_disk}/feedwatch.db"\n', [f"{place.url}/feed"])
    with daemon(config) as running:
        wait_until(lambda: count(small_disk / "feedwatch.db", "feeds WHERE first_polled_at IS NOT NULL"), 20)
        time.sleep(2)
        assert desk.got == []
        (small_disk / "filler").write_bytes(bytes(16 * 10**6))
        wait_until(lambda: desk.got, 20)
        (small_disk / "filler").unlink()
        wait_until(lambda: len(desk.got) == 2, 20)
        assert running.stop() == 0
    assert titles(desk)[0].startswith("feedwatch · the disk: ")
    assert titles(desk)[1] == "feedwatch · well again: the disk"
