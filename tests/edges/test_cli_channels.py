"""`feedwatch channels test --sample`: what arrives, word for word, at a service on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedwatch.alerts.samples import KINDS
from feedwatch.cli import channels
from feedwatch.cli.app import app
from feedwatch.model import Outcome, Receipt, Target
from tests.harness import feedwatch, receiver, write_config


def test_a_sample_of_each_kind_arrives_as_an_alert_would(tmp_path: Path) -> None:
    with receiver() as desk:
        write_config(tmp_path, f'[channels.desk]\nurl = "json://127.0.0.1:{desk.port}/desk"\n', [])
        words = [word for kind in KINDS for word in ("--sample", kind)]
        ended = feedwatch("channels", "test", "desk", *words, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [f"desk/127.0.0.1 ({kind}): sent" for kind in KINDS]
    posts = {kind: posted for kind, (_, _, posted) in zip(KINDS, desk.got, strict=True)}
    assert posts["first"]["title"] == "TEST · Invented minister opens an invented bridge"
    assert posts["raise"]["title"].startswith("TEST · stronger: Invented")
    assert posts["digest"]["title"].startswith("TEST · 2 stories since")
    assert "(body not seen)" in posts["digest"]["message"]
    assert all(posted["message"].endswith("#5a3b1e") for posted in posts.values())


def test_a_webhook_gets_each_kind_as_a_post_of_its_own(tmp_path: Path) -> None:
    with receiver() as desk:
        write_config(tmp_path, f'[channels.desk]\nwebhook = "http://127.0.0.1:{desk.port}/desk"\n', [])
        words = [word for kind in KINDS for word in ("--sample", kind)]
        ended = feedwatch("channels", "test", *words, folder=tmp_path)
        greeted = feedwatch("channels", "test", folder=tmp_path)
    assert ended.stdout.splitlines() == [f"desk/127.0.0.1 ({kind}): sent, answered 200 OK" for kind in KINDS]
    assert greeted.stdout == "desk/127.0.0.1: sent, answered 200 OK\n"
    assert [posted["type"] for _, _, posted in desk.got] == [*(f"alert.{kind}" for kind in KINDS), "message"]


@pytest.mark.parametrize("by_stdin", [False, True])
def test_the_demo_shows_each_kind_at_an_address_without_a_config(by_stdin: bool) -> None:  # noqa: FBT001 - a parameter
    with receiver() as desk:
        url = f"json://127.0.0.1:{desk.port}/desk"
        ended = CliRunner().invoke(app, ["demo", "--channel", "-" if by_stdin else url], input=url)
    assert (ended.exit_code, len(desk.got)) == (0, len(KINDS))
    assert ended.stdout.splitlines() == [f"demo/127.0.0.1 ({kind}): sent" for kind in KINDS]
    unread = CliRunner().invoke(app, ["demo", "--channel", "S3CRET"])
    assert unread.exit_code == 2
    assert "S3CRET" not in unread.output


def test_without_a_sample_the_message_says_for_whom_it_is(tmp_path: Path) -> None:
    with receiver() as desk:
        write_config(tmp_path, f'[channels.desk]\nurl = "json://127.0.0.1:{desk.port}/desk"\n', [])
        ended = feedwatch("channels", "test", "--json", folder=tmp_path)
    assert json.loads(ended.stdout) == {
        "target": "desk/127.0.0.1", "sample": None, "outcome": "sent", "detail": ""
    }  # fmt: skip
    assert desk.got[0][2]["title"] == "feedwatch · test"


def test_a_sample_that_does_not_arrive_ends_with_75_and_the_others_are_sent(tmp_path: Path) -> None:
    config = '[channels.down]\nurl = "json://127.0.0.1:9/x"\n\n[channels.here]\nterminal = true\n'
    write_config(tmp_path, config, [])
    ended = feedwatch("channels", "test", "--sample", "first", folder=tmp_path)
    assert ended.returncode == 75
    assert ended.stdout.splitlines()[0].startswith("down/127.0.0.1 (first): failed, ")
    assert ended.stdout.splitlines()[-1] == "here/terminal (first): sent"


def test_a_kind_that_there_is_not_is_a_usage_error() -> None:
    ended = CliRunner().invoke(app, ["channels", "test", "--sample", "gossip"])
    assert (ended.exit_code, ended.stdout) == (2, "")


@pytest.mark.parametrize(("outcome", "said"), [(Outcome.FAILED, True), (Outcome.SENT, False)])
def test_a_failure_at_one_of_several_addresses_says_that_they_cannot_be_parted(outcome: Outcome, said: bool) -> None:  # noqa: FBT001 - a parameter
    target = Target(channel="all", name="a,b", url="x", title_limit=0, body_limit=0, addresses=2)
    row = channels.result(target, None, Receipt(outcome=outcome, detail="no"))
    assert ("posts to 2 addresses that cannot be parted" in row["detail"]) == said
