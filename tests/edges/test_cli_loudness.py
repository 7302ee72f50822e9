"""What is held, why, until when and in which window, as the commands tell it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from feedwatch.cli.app import app
from feedwatch.config.load import load
from feedwatch.errors import ConfigError, NothingThere
from feedwatch.pipeline.program import policy_of
from tests.pipeline.newsroom import HEAD, opened

CONFIG = """
timezone = "America/Bogota"

[channels.phone]
url = "json://127.0.0.1:9/phone"
digest = "07:30"
only = "topic"

[channels.desk]
url = "json://127.0.0.1:9/desk"
quiet = "00:00-23:59"
timezone = "Europe/Berlin"

[channels.chat]
url = "json://127.0.0.1:9/chat"

[[watchlists]]
id = "ve"
keywords = ["x"]
notify = ["phone", "desk", "chat"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve alerts, of which each channel holds some."""
    here = tmp_path_factory.mktemp("loud")
    with newsroom(here) as room:
        for _ in range(12):
            room.publish()
        room.tick()
    return here


def newsroom(here: Path) -> Any:
    at = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return opened(here, CONFIG.replace('timezone = "America/Bogota"\n', "", 1), at)


def run(folder: Path, *words: str) -> str:
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("\n\n[channels.phone]", f"\n{HEAD}\n[channels.phone]", 1))
    ended = CliRunner().invoke(app, [*words, "--config", str(config)], catch_exceptions=False)
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


def check(folder: Path, config: str) -> str:
    """What `check` says on both streams."""
    (folder / "config.toml").write_text(config)
    ended = CliRunner().invoke(app, ["check", "--config", str(folder / "config.toml")], catch_exceptions=False)
    return ended.output


def rows(folder: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(folder, *words, "--json").splitlines()]


def windows(folder: Path) -> dict[str, dict[str, Any]]:
    [told] = rows(folder, "status")
    return {window["channel"]: window for window in told["windows"]}


def test_status_names_the_windows_that_are_open(folder: Path) -> None:
    found = windows(folder)
    assert {name: (each["kind"], each["held"]) for name, each in found.items()} == {
        "phone": ("digest", 12),
        "desk": ("quiet", 12),
        "chat": ("budget", 7),
    }
    text = run(folder, "status")
    listed = rf"feedwatch alerts list --window {found['chat']['id']}"
    assert re.search(rf"next       message over max_per_hour for chat at .*; 7 alerts held \({listed}\)", text)


def test_a_window_is_listed_by_the_id_that_status_prints(folder: Path) -> None:
    within = rows(folder, "alerts", "list", "--window", windows(folder)["chat"]["id"], "--limit", "3")
    assert sorted(row["title"] for row in within) == [f"Article {n:04}" for n in range(6, 13)], "all of it"


def test_a_window_that_there_is_not_is_said(folder: Path) -> None:
    with pytest.raises(NothingThere, match=r"no window ffffff \(feedwatch status names the open ones\)"):
        run(folder, "alerts", "list", "--window", "ffffff")


def test_what_is_held_says_why_and_until_when(folder: Path) -> None:
    held = rows(folder, "alerts", "list", "--held")
    assert len(held) == 12
    newest = held[0]["deliveries"]
    assert re.search(r"phone/127.0.0.1 held for the channel's digest until \d{4}-\d\d-\d\d \d\d:\d\d", newest)
    assert "desk/127.0.0.1 held in its quiet hours until" in newest


def test_an_alert_shows_where_its_messages_wait(folder: Path) -> None:
    [newest, *_] = rows(folder, "alerts", "list")
    text = run(folder, "alerts", "show", newest["id"])
    assert "to phone/127.0.0.1: held, for the channel's digest until" in text
    assert f"(window {windows(folder)['phone']['id']})" in text


def test_what_was_merged_says_into_which_message(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room:
        number = [room.publish() for _ in range(12)][-1]
        room.pass_time(timedelta(hours=1))
    [merged] = [row for row in rows(tmp_path, "alerts", "list") if row["title"] == f"Article {number:04}"]
    assert "chat/127.0.0.1 merged" in merged["deliveries"]
    text = run(tmp_path, "alerts", "show", merged["id"])
    said = re.search(r"to chat/127.0.0.1: merged, into one message, #(\w+) \(over its max_per_hour; window", text)
    assert said is not None
    assert "digest, 7 articles held over its max_per_hour" in run(tmp_path, "alerts", "show", said[1])
    assert len(rows(tmp_path, "alerts", "list", "--window", said[1])) == 7, "the message's own id will do"


def test_what_was_moved_while_it_was_held_says_where_to_and_is_of_no_window(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room:
        room.publish()
    window = windows(tmp_path)["phone"]["id"]
    [alert] = rows(tmp_path, "alerts", "list", "--window", window)
    run(tmp_path, "alerts", "resend", "--from", "phone", "--to", "chat")
    assert "to phone/127.0.0.1: merged, sent to the channel chat instead" in run(
        tmp_path, "alerts", "show", alert["id"]
    )
    assert rows(tmp_path, "alerts", "list", "--window", window) == []


def test_a_resend_of_what_waits_says_so(folder: Path) -> None:
    [newest, *_] = rows(folder, "alerts", "list", "--held")
    ended = CliRunner().invoke(app, ["alerts", "resend", newest["id"], "--config", str(folder / "config.toml")])
    assert ended.exit_code == 1
    assert "its messages wait, went into another one or have no channel any more (feedwatch alerts " in ended.stderr


def test_channels_and_check_say_the_next_send_by_the_channels_clock(folder: Path) -> None:
    listed = {row["target"].split("/")[0]: row for row in rows(folder, "channels", "list")}
    assert re.fullmatch(r"\w{3} \d{4}-\d\d-\d\d 07:30 America/Bogota", listed["phone"]["next send"])
    assert listed["chat"]["next send"] == "at once"
    assert listed["phone"]["held"] == 12
    said = run(folder, "check")
    assert "timezone    America/Bogota" in said
    assert re.search(r"digest 07:30; 6 messages an hour; next send: \w{3} [\d-]+ 07:30 America/Bogota", said)


DOUBTS = """
[channels.a]
terminal = true
empty = "send"
urgent_breaks_quiet = true

[channels.b]
terminal = true
digest = ["02:30", "12:00"]
quiet = "22:00-07:00"
max_per_hour = 3

[channels.c]
terminal = true
quiet = "22:00-07:00"
urgent_breaks_quiet = true
"""


def test_check_warns_of_manners_that_say_nothing_or_something_else(tmp_path: Path) -> None:
    said = check(tmp_path, DOUBTS)
    for expected in (
        "config.toml:4: empty: the channel has no digest (add one, or remove empty)",
        "config.toml:5: urgent_breaks_quiet: there is no quiet to break (remove urgent_breaks_quiet)",
        "config.toml:9: digest: 02:30 lies in the quiet hours, so it is sent when they end, at 07:00",
        "config.toml:11: max_per_hour: everything waits for the digest anyway (remove max_per_hour)",
        "config.toml:16: urgent_breaks_quiet: no watchlist is urgent (write urgent = true in one)",
    ):
        assert expected in said


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("quiet", '"00:00-24:00"', "all the week is quiet, so nothing would ever be sent"),
        ("quiet", '"22-7"', '"22-7" is no span of hours (write "22:00-07:00"'),
        ("digest", '"7h"', '"7h" is no part of a day'),
        ("digest", "[]", "must be a text or a list of texts"),
        ("timezone", '"Berlin"', '"Berlin" is no time zone (write its IANA name, as in "America/Bogota")'),
        ("timezone", '"../../etc/passwd"', "is no time zone"),
        ("max_per_hour", '"none"', "max_per_hour: "),
    ],
)
def test_a_manner_that_means_nothing_is_refused_with_the_cure(tmp_path: Path, key: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        check(tmp_path, f"[channels.a]\nterminal = true\n{key} = {value}\n")


def test_off_is_no_limit_and_a_webhook_has_none(tmp_path: Path) -> None:
    limited = '[channels.a]\nurl = "json://127.0.0.1:9/a"\n'
    assert "6 messages an hour" in check(tmp_path, limited)
    assert " 1 message an hour" in check(tmp_path, f"{limited}max_per_hour = 1\n")
    hook = '[channels.b]\nwebhook = "http://127.0.0.1:9/"\n'
    assert "messages an hour" not in check(tmp_path, f'{limited}max_per_hour = "off"\n\n{hook}')


def test_the_general_zone_may_come_from_the_environment_and_a_channels_own_counts_for_more(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[channels.a]\nterminal = true\n\n[channels.b]\nterminal = true\ntimezone = "Asia/Kathmandu"\n'
    )
    settings = load(tmp_path / "config.toml", {"FEEDWATCH_TIMEZONE": "Europe/Berlin"})
    assert [str(policy_of(settings, name).zone) for name in "ab"] == ["Europe/Berlin", "Asia/Kathmandu"]
