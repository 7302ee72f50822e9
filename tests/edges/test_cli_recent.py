"""`feeds show`, `tail`, `report`, `channels list`, `watch list`: what they show of a database."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import Folder, Site, feedwatch, site, wait_until, write_config

WATCH = """
[channels.here]
terminal = true
only = "mention"

[channels.down]
url = "json://127.0.0.1:9/nobody-listens-here"

[[watchlists]]
id = "ve"
name = "Venezuela"
keywords = ["Maduro"]
notify = ["here", "down"]

[[watchlists]]
id = "oil"
keywords = ["petroleum", "crude", "pipeline", "refinery"]
feeds = ["Broken"]
notify = ["here"]

[[feeds]]
url = "{url}/broken"
name = "Broken"
"""
TEXT = "The minister said little about it, and less about anything else that was asked.\n" * 5


@dataclass
class Ran(Folder):
    """A folder in which feedwatch polled a site twice."""

    made: Site


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("ran")
    with site() as made:
        write_config(folder, WATCH.replace("{url}", made.url), [f"{made.url}/feed"])
        made.publish("old", "Nothing in particular", TEXT)
        feedwatch("once", folder=folder)
        made.publish("new", "Talks with Maduro", TEXT)
        made.publish("gone", "Maduro is not on this page", TEXT)
        del made.answers["/gone"]
        feedwatch("once", "--force", folder=folder)
        yield Ran(folder, made)


# ---- feeds show


def test_a_feed_is_shown_with_what_became_of_its_entries(ran: Ran) -> None:
    (found,) = ran.rows("feeds", "show", f"{ran.made.url}/feed")
    assert (found["state"], found["failures"], found["brought"]) == ("new", 0, 3)
    assert (found["title"], found["watchlists"]) == ("The Site", ["ve"])
    assert (found["etag"], found["last_modified"]) == (False, False)
    became = {entry["title"]: entry["became"] for entry in found["entries"]}
    assert list(became)[-1] == "Nothing in particular"  # the last ones first
    assert len(became) == 3
    assert became["Nothing in particular"] == "no match"
    assert became["Talks with Maduro"].startswith("ve: alerted headline #")
    assert became["Maduro is not on this page"].startswith("ve: alerted headline #")
    assert became["Maduro is not on this page"].endswith("(page: not_found)")


def test_a_feed_is_shown_in_words(ran: Ran) -> None:
    text = ran.text("feeds", "show", f"{ran.made.url}/feed")
    assert "  calls itself The Site\n" in text
    assert "  watched by   ve\n" in text
    assert "an entry is noticed at most 1 s after the feed shows it" in text
    assert "  validators   none: every poll transfers the whole feed\n" in text
    assert "feedwatch is not running, so not before it does" in text


def test_a_feed_that_fails_is_shown_by_its_name_with_the_reason(ran: Ran) -> None:
    text = ran.text("feeds", "show", "Broken")
    assert "  state        failing: not_found, answered 404 Not Found\n" in text
    assert "  watched by   ve, oil\n" in text
    assert "  no entries yet\n" in text


def test_a_feed_is_shown_before_it_was_ever_polled(tmp_path: Path) -> None:
    write_config(tmp_path, "", ["https://paper.example/rss"])
    ended = feedwatch("feeds", "show", "https://paper.example/rss", folder=tmp_path)
    assert ended.returncode == 0
    assert "  state        not polled yet\n" in ended.stdout


def test_a_feed_that_is_not_there_ends_with_1(ran: Ran) -> None:
    ended = feedwatch("feeds", "show", "Brokn", folder=ran.folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == 'no feed "Brokn" (did you mean "Broken"?)'


# ---- channels list, watch list


def test_channels_are_listed_with_what_waits_and_why(ran: Ran) -> None:
    rows = {row["target"]: row for row in ran.rows("channels", "list")}
    here, down = rows["here/terminal"], rows["down/127.0.0.1"]
    assert (here["from"], here["waiting"], here["note"]) == ("mention", 0, "")
    assert here["sent"] >= 2
    assert (down["from"], down["sent"], down["last sent"]) == ("topic", 0, None)
    assert down["waiting"] >= 2
    assert down["note"].startswith("waits because: ")


def test_an_address_that_cannot_be_parted_is_said(tmp_path: Path) -> None:
    write_config(tmp_path, '[channels.all]\nurl = "ifttt://s3cr3twebhook@event_one/event_two"\n', [])
    ended = feedwatch("channels", "list", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["addresses"] == 2
    assert json.loads(ended.stdout)["note"].startswith("posts to 2 addresses that cannot be parted")
    assert "s3cr3t" not in ended.stdout + ended.stderr


def test_watchlists_are_listed_with_their_alerts(ran: Ran) -> None:
    rows = {row["id"]: row for row in ran.rows("watch", "list")}
    assert rows["ve"]["alerts"] == 2
    assert rows["ve"]["last alert"] is not None
    assert (rows["ve"]["name"], rows["ve"]["tells"], rows["ve"]["looks at"]) == (
        "Venezuela",
        ["here", "down"],
        "all feeds",
    )
    assert (rows["oil"]["alerts"], rows["oil"]["looks at"]) == (0, "1 feeds")
    assert rows["oil"]["words"] == "petroleum, crude, pipeline and 1 more"


def test_lists_work_before_there_is_a_database(tmp_path: Path) -> None:
    write_config(tmp_path, WATCH.replace("{url}", "https://paper.example"), [])
    for words in (["channels", "list"], ["watch", "list"]):
        ended = feedwatch(*words, "--json", folder=tmp_path)
        assert (ended.returncode, len(ended.stdout.splitlines())) == (0, 2), ended.stderr


def test_without_a_watchlist_it_says_how_to_add_one(tmp_path: Path) -> None:
    write_config(tmp_path, "", [])
    ended = feedwatch("watch", "list", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr.splitlines()[-1].startswith("no watchlists yet (feedwatch watch add ID ")


# ---- report


def test_a_report_counts_alerts_articles_and_gaps(ran: Ran) -> None:
    (found,) = ran.rows("report", "--since", "1h")
    watch = {row["id"]: row for row in found["watchlists"]}
    assert (watch["ve"]["alerts"], watch["ve"]["kinds"], watch["ve"]["articles"]) == (2, {"first": 2}, 2)
    assert watch["ve"]["strengths"] == {"headline": 2, "topic": 0, "mention": 0}
    assert watch["ve"]["outlets"] == {"The Site": 2}
    assert watch["oil"]["alerts"] == 0
    assert found["bodies_not_seen"] == [{"host": "127.0.0.1", "reason": "not_found", "articles": 1}]
    assert [feed["feed"] for feed in found["feeds_failing"]] == ["Broken"]
    assert found["articles"] == {"given_up": 1, "read": 2}


def test_a_report_reads_as_text(ran: Ran) -> None:
    text = ran.text("report")
    assert "\nVenezuela (ve)\n  alerts     2: 2 first\n  articles   2: 2 headline\n  outlets    The Site 2\n" in text
    assert "\noil (oil)\n  nothing told\n" in text
    assert "not seen   1 bodies, judged by the feed's own text:\n  127.0.0.1: 1 not_found\n" in text
    assert "  Broken: not_found, answered 404 Not Found (last good answer: never)\n" in text


def test_a_report_of_a_time_in_which_nothing_was_told_says_so(ran: Ran) -> None:
    (found,) = ran.rows("report", "--since", "0s")
    assert [row["alerts"] for row in found["watchlists"]] == [0, 0]
    assert found["articles"] == {}


def test_a_duration_that_is_none_is_a_usage_error(ran: Ran) -> None:
    ended = feedwatch("report", "--since", "a week", folder=ran.folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert 'is no duration (write "90s", "15m", "1h30m", "2d" or "1w")' in ended.stderr


@pytest.mark.parametrize("words", [["tail"], ["report"]], ids=" ".join)
def test_without_a_database_it_says_what_to_do(words: list[str], tmp_path: Path) -> None:
    write_config(tmp_path, "", [])
    ended = feedwatch(*words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "there is no database yet" in ended.stderr


# ---- tail


@contextmanager
def tail(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    out = folder / "tail.out"
    with out.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "feedwatch", "tail", *words],
            cwd=folder,
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        yield process, out
    finally:
        process.kill()
        process.communicate()


def test_tail_follows_alerts_and_articles_until_ctrl_c(tmp_path: Path) -> None:
    with site() as made:
        write_config(tmp_path, WATCH.replace("{url}", made.url), [f"{made.url}/feed"])
        made.publish("old", "Nothing in particular", TEXT)
        feedwatch("once", folder=tmp_path)
        with tail(tmp_path, "--all", "--json", "-n", "0") as (process, out):
            assert process.stderr is not None
            assert process.stderr.readline() == "using ./config.toml\n"
            assert process.stderr.readline() == "feedwatch is not running: nothing will come until it is\n"
            made.publish("new", "Talks with Maduro", TEXT)
            made.publish("rain", "Rain in the north", TEXT)
            feedwatch("once", "--force", folder=tmp_path)
            wait_until(lambda: len(out.read_text().splitlines()) >= 3, 10)
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0
            rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 3
    (alert,) = (row for row in rows if row["what"] == "alert")
    articles = {row["title"]: row["became"] for row in rows if row["what"] == "article"}
    assert (alert["kind"], alert["items"][0]["title"]) == ("first", "Talks with Maduro")
    assert articles["Rain in the north"] == "no match"
    assert articles["Talks with Maduro"].startswith("ve: alerted headline #")


def test_tail_begins_with_the_last_alerts_and_ends_quietly_in_a_pipe(ran: Ran) -> None:
    with tail(ran.folder, "-n", "1") as (process, out):
        wait_until(lambda: "Maduro" in out.read_text(), 10)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        text = out.read_text()
    assert text.count("VE · ") == 1
    assert "  first\n" in text
