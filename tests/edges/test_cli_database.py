"""The commands that look into the database: what they show, and what they say where there is nothing to look at."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedwatch.alerts.health import Episode
from feedwatch.store import alerts, database, health
from tests.edges.rows import opened
from tests.harness import Folder, feedwatch, site, wait_until, write_config

READERS = [["status"], ["alerts", "list"], ["alerts", "show", "abcdef"], ["search", "word"]]

WATCH = """
[channels.here]
terminal = true
only = "mention"

[channels.down]
url = "json://127.0.0.1:9/nobody-listens-here"

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["here", "down"]
"""
TEXT = "The minister said little about it.\n" * 5


@dataclass
class Ran(Folder):
    """A folder in which feedwatch polled a site, saw two new articles and told of one of them."""

    first: str  # what the first turn printed
    second: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("ran")
    with site() as made:
        write_config(folder, WATCH, [f"{made.url}/feed", f"{made.url}/nothing"])
        made.publish("old", "Nothing in particular", TEXT)
        first = feedwatch("once", folder=folder)
        made.publish("new", "Talks with Maduro", TEXT)
        made.publish("other", "Rain in the north", TEXT)
        second = feedwatch("once", "--force", "--json", folder=folder)
    assert (first.returncode, second.returncode) == (75, 75), first.stderr + second.stderr  # one channel is down
    return Ran(folder, first.stdout, second.stdout)


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_without_a_database_it_says_what_to_do(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[feeds]]\nurl = 'https://example.org/rss'\n")
    ended = feedwatch(*words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    cure = "there is no database yet (start `feedwatch run` or `feedwatch once` first)"
    assert ended.stderr.splitlines()[-1] == f"{tmp_path}/feedwatch.db: {cure}"
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (["status"], b""),
        (["status"], b"no database at all, " * 500),
        (["search", "word"], b"no database at all, " * 500),
        (["feeds", "list"], b"no database at all, " * 500),
    ],
)
def test_a_bad_database_is_said_in_words(words: list[str], content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[feeds]]\nurl = 'https://example.org/rss'\n")
    (tmp_path / "feedwatch.db").write_bytes(content)
    ended = feedwatch(*words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "Traceback" not in ended.stderr
    assert f"{tmp_path}/feedwatch.db: " in ended.stderr.splitlines()[-1]
    assert ended.stderr.splitlines()[-1].endswith(")")  # a cure


@pytest.mark.parametrize("words", [["alerts", "list", "--json"], ["alerts", "list"], ["feeds", "list", "--json"]])
def test_nothing_is_no_data(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    with database.locked(path := tmp_path / "feedwatch.db"):
        database.prepare(path)
    ended = feedwatch(*words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_once_says_what_it_did(ran: Ran) -> None:
    assert "2 feeds polled, 1 failed; 1 article decided;" in ran.first
    assert json.loads(ran.second) == {"polled": 2, "failed": 1, "read": 2, "sent": 1, "waiting": 2}


def test_once_bears_the_hangup_that_is_meant_for_a_daemon(tmp_path: Path) -> None:
    with site() as made:
        made.delay = 1.0
        config = write_config(tmp_path, "", [f"{made.url}/feed"])
        command = [sys.executable, "-m", "feedwatch", "once", "--config", str(config)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
            wait_until(lambda: made.asked, 30)
            running.send_signal(signal.SIGHUP)
            said, _ = running.communicate(timeout=60)
    assert (running.returncode, said) == (
        0,
        "1 feed polled, 0 failed; 0 articles decided; 0 messages sent, 0 waiting\n",
    )


def test_status_counts_and_names_what_fails(ran: Ran) -> None:
    (row,) = ran.rows("status")
    assert (row["running"], row["feeds"], row["feeds_failing"], row["waiting"]) == (None, 2, 1, 2)
    assert row["pages"] == {"read": 3}
    text = ran.text("status")
    assert "daemon     not running" in text
    assert "/nothing: not_found, answered 404 Not Found (last good answer: never; next try 20" in text
    assert "pages      3 read\n" in text
    assert row["rereads"]["today"] == row["rereads"]["overdue"] == 0
    assert f"read again 0 pages today, {row['rereads']['later']} to come; next at 20" in text
    assert "articles   3 today, 3 in all; 0 entries waiting for a decision\n" in text
    assert "here/terminal: 2 sent" in text
    assert "2 waiting, the oldest from" in text


def test_status_of_many_failing_feeds_keeps_the_rest_in_sight(tmp_path: Path) -> None:
    with site() as made:
        write_config(tmp_path, WATCH, [f"{made.url}/nothing{number}" for number in range(12)])
        feedwatch("once", folder=tmp_path)
    text = feedwatch("status", folder=tmp_path).stdout
    assert "feeds      12: 0 ok, 12 failing; last good poll never\n" in text
    assert text.count("not_found") == 10
    assert "  and 2 more: feedwatch feeds list\narticles " in text


def test_status_says_when_what_waits_is_tried_again(ran: Ran) -> None:
    (row,) = [target for target in ran.rows("status")[0]["targets"] if target["channel"] == "down"]
    assert row["next_try"] > row["waiting_since"]
    assert re.search(r"2 waiting, the oldest from .* \(Connection refused\) \(next try \d{4}-", ran.text("status"))


def test_a_database_of_an_older_version_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[feeds]]\nurl = 'https://example.org/rss'\n")
    with opened(tmp_path) as db:
        db.execute("DROP TABLE mutes")
    ended = feedwatch("status", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "an older feedwatch wrote it: the next start of this one" in ended.stderr


def test_feeds_are_listed_with_how_they_are(ran: Ran) -> None:
    good, bad = ran.rows("feeds", "list")
    assert (good["state"], good["entries"], good["failures"]) == ("new", 3, 0)
    assert bad["state"] == "failing: not_found, answered 404 Not Found"
    assert good["last poll"].endswith("+00:00")


def test_alerts_are_listed_newest_first(ran: Ran) -> None:
    newest, *digests = ran.rows("alerts", "list")
    assert (newest["kind"], newest["watchlist"], newest["strength"]) == ("first", "ve", "headline")
    assert newest["title"] == "Talks with Maduro"
    assert newest["full_id"].startswith(newest["id"].lstrip("#"))
    assert [row["kind"] for row in digests] == ["digest", "digest"]  # one a channel
    assert digests[0]["title"] == "0 of 1 entry"


def test_alerts_with_trouble_are_listed_alone(ran: Ran) -> None:
    assert all("down/" in row["deliveries"] for row in ran.rows("alerts", "list", "--failed"))


@pytest.mark.parametrize("spelt", ["{}", "#{}"])
def test_an_alert_is_shown_with_its_reasons(spelt: str, ran: Ran) -> None:
    short = ran.rows("alerts", "list")[0]["id"].lstrip("#")
    (row,) = ran.rows("alerts", "show", spelt.format(short))
    assert row["decisions"][0]["reasons"]["judged"] == "page"
    assert [delivery["state"] for delivery in row["deliveries"]] == ["sent", "pending"]
    assert "    Maduro: 1 in the title\n" in ran.text("alerts", "show", short)


def test_an_unknown_alert_ends_with_1(ran: Ran) -> None:
    ended = feedwatch("alerts", "show", "zzzzzz", folder=ran.folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == "no alert zzzzzz (feedwatch alerts list)"


def test_search_finds_articles_newest_first(ran: Ran) -> None:
    titles = [row["title"] for row in ran.rows("search", "minister", "little")]
    assert sorted(titles[:2]) == ["Rain in the north", "Talks with Maduro"]  # both came with the second poll
    assert titles[2:] == ["Nothing in particular"]
    assert "\n  “Talks with »Maduro«" in ran.text("search", "maduro")


def test_search_that_finds_nothing_ends_with_1(ran: Ran) -> None:
    ended = feedwatch("search", "unheard-of", folder=ran.folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == "nothing found"


def test_a_refused_search_shows_the_place(ran: Ran) -> None:
    ended = feedwatch("search", "oil (gas", folder=ran.folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    query, sign, _ = ended.stderr.splitlines()[-3:]
    assert query[sign.index("^")] == "("


def test_a_test_message_reaches_each_target_and_json_stays_json(ran: Ran) -> None:
    ended = feedwatch("channels", "test", "--json", folder=ran.folder)
    assert ended.returncode == 75
    rows = {row["target"]: row["outcome"] for row in map(json.loads, ended.stdout.splitlines())}
    assert rows["here/terminal"] == "sent"
    assert "failed" in rows.values()
    assert "when you read this, alerts will arrive here" in ended.stderr
    assert "nobody-listens-here" not in ended.stdout + ended.stderr


def test_one_channel_alone_is_tested(ran: Ran) -> None:
    ended = feedwatch("channels", "test", "here", folder=ran.folder)
    assert ended.returncode == 0
    assert ended.stdout.endswith("here/terminal: sent\n")


def test_an_unknown_channel_ends_with_2(ran: Ran) -> None:
    ended = feedwatch("channels", "test", "nowhere", folder=ran.folder)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == "no channel nowhere (there are: here, down)"


def test_a_health_alert_is_listed_and_shown_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[feeds]]\nurl = 'https://example.org/rss'\n")
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    bad = Episode(
        kind="disk", subject="disk", began=at, since=at, name="the disk", text="380 MB free", cure="make room"
    )
    with opened(tmp_path) as db:
        health.save(db, [bad])
        alerts.add_alert(db, alerts.NewAlert(id="abcdef" * 5, kind="health", cause="x"), at)
        health.tell(db, "abcdef" * 5, [bad], [])
    made = Folder(tmp_path)
    [row] = made.rows("alerts", "list")
    assert (row["kind"], row["title"], row["watchlist"]) == ("health", "the disk: 380 MB free", None)
    [row] = made.rows("alerts", "show", "abcdef")
    assert (row["health"][0]["cure"], row["health"][0]["until"]) == ("make room", None)
    shown = made.text("alerts", "show", "abcdef")
    assert "the disk: 380 MB free" in shown
    assert "make room" in shown


def test_status_names_the_troubles_that_go_on_since_when_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[feeds]]\nurl = 'https://example.org/rss'\n")
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    disk = Episode(
        kind="disk", subject="disk", began=at, since=at, name="the disk", text="380 MB free", cure="make room"
    )
    over = replace(disk, kind="clock", name="the clock", ended=at, told=at)
    feed = replace(disk, kind="failing", subject="a", name="A", text="failed 1 times", cure="wait")
    told = replace(feed, subject="b", name="B", told=at)
    with opened(tmp_path) as db:
        health.save(db, [disk, over, feed, told])
    made = Folder(tmp_path)
    [row] = made.rows("status")
    assert [(each["name"], each["since"], each["cure"]) for each in row["health"]] == [
        ("the disk", at.isoformat(), "make room"), ("A", at.isoformat(), "wait"), ("B", at.isoformat(), "wait"),
    ]  # fmt: skip
    shown = made.text("status")
    since = f"{at.astimezone():%Y-%m-%d %H:%M}"
    assert (
        f"health     2 in trouble\n  the disk: 380 MB free (since {since}; nobody was told)\n    make room\n" in shown
    )
    assert f"  B: failed 1 times (since {since}; told " in shown
