"""`feedwatch channels say`: a message of one's own, whatever else is wrong in the config."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import feedwatch, receiver

DESK = """
[channels.desk]
url = "json://127.0.0.1:{port}/desk"

[channels.press]
url = "json://127.0.0.1:{port}/press"
"""

BROKEN = """
[polling]
intervall = "10m"

[channels.lost]
url_file = "gone.url"

[channels.odd]
url = "nosuchservice://x"

[[watchlists]]
id = "ve"
keywords = []
notify = ["fone"]
"""


def test_every_channel_hears_it_and_a_config_that_is_wrong_elsewhere_stops_nobody(tmp_path: Path) -> None:
    with receiver() as desk:
        (tmp_path / "config.toml").write_text(DESK.format(port=desk.port) + BROKEN)
        ended = feedwatch("channels", "say", "feedwatch is down", folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        heard = {path: (posted["title"], posted["message"]) for _, path, posted in desk.got}
    assert heard == dict.fromkeys(("/desk", "/press"), ("feedwatch", "feedwatch is down"))
    assert "Traceback" not in ended.stderr


def test_who_is_told_of_trouble_is_told_and_nobody_else(tmp_path: Path) -> None:
    with receiver() as desk:
        text = '[health]\nnotify = ["press", "nobody"]\nevry = 1\n' + DESK.format(port=desk.port)
        (tmp_path / "config.toml").write_text(text)
        ended = feedwatch("channels", "say", "feedwatch is down", folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert [path for _, path, _ in desk.got] == ["/press"]
        assert feedwatch("channels", "say", "hello", "--to", "desk", "--to", "press", folder=tmp_path).returncode == 0
        assert sorted(path for _, path, _ in desk.got[1:]) == ["/desk", "/press"]


@pytest.mark.parametrize("channel", ['url = "json://127.0.0.1:{dead}/"', "terminal = true", 'url_file = "gone.url"'])
def test_where_nobody_of_these_took_it_the_others_are_told(tmp_path: Path, unused_tcp_port: int, channel: str) -> None:
    first = f'[health]\nnotify = ["first"]\n\n[channels.first]\n{channel.format(dead=unused_tcp_port)}\n'
    with receiver() as desk:
        (tmp_path / "config.toml").write_text(first + DESK.format(port=desk.port))
        ended = feedwatch("channels", "say", "feedwatch is down", folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert [path for _, path, _ in desk.got] == ["/desk", "/press"]


def test_only_the_named_channel_hears_it(tmp_path: Path) -> None:
    with receiver() as desk:
        (tmp_path / "config.toml").write_text(DESK.format(port=desk.port))
        ended = feedwatch("channels", "say", "hello", "--to", "press", folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert [path for _, path, _ in desk.got] == ["/press"]


def test_one_channel_that_fails_is_named_and_the_others_suffice(tmp_path: Path, unused_tcp_port: int) -> None:
    dead = f'\n[channels.dead]\nurl = "json://127.0.0.1:{unused_tcp_port}/"\n'
    with receiver() as desk:
        (tmp_path / "config.toml").write_text(dead + DESK.format(port=desk.port))
        ended = feedwatch("channels", "say", "hello", folder=tmp_path)
    assert ended.returncode == 0
    assert "dead/" in ended.stdout
    assert "failed" in ended.stdout


def test_a_terminal_that_took_it_is_nobody_where_there_are_others(tmp_path: Path, unused_tcp_port: int) -> None:
    here = "[channels.here]\nterminal = true\n"
    (tmp_path / "config.toml").write_text(here)
    assert feedwatch("channels", "say", "hello", folder=tmp_path).returncode == 0
    (tmp_path / "config.toml").write_text(f'{here}[channels.dead]\nurl = "json://127.0.0.1:{unused_tcp_port}/"\n')
    ended = feedwatch("channels", "say", "hello", folder=tmp_path)
    assert ended.returncode == 75
    assert "hello" in ended.stdout


@pytest.mark.parametrize(("text", "options"), [(BROKEN, ()), (DESK.format(port=9), ("--to", "fone")), ("not toml", ())])
def test_with_no_channel_to_use_a_person_is_needed(tmp_path: Path, text: str, options: tuple[str, ...]) -> None:
    (tmp_path / "config.toml").write_text(text)
    ended = feedwatch("channels", "say", "hello", *options, folder=tmp_path)
    assert ended.returncode == 78
    assert ended.stderr.count("\n") >= 2
    assert "Traceback" not in ended.stderr
