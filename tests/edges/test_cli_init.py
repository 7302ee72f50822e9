"""`feedwatch init`: three questions in a real terminal, or options without one; a config that works, written once."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from feedwatch.config.edit import Kind
from feedwatch.config.first import first_config, slug
from feedwatch.config.load import load
from feedwatch.config.shipped import world_feeds
from tests.harness import PROJECT, Site, feedwatch, receiver, site
from tests.hostile.siege import EMPTY_MAP

TEXT = "Nobody knew what Maduro would say, and less about anything else that was asked.\n" * 5
CONTROLLED = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
)
"""Makes the new session's terminal the one that a password is asked on, then becomes the program."""


@pytest.fixture
def made() -> Iterator[Site]:
    with site() as made:
        made.publish("old", "Maduro spoke", TEXT)
        made.publish("other", "Rain in the north", "It rained.\n" * 9)
        yield made


def private(folder: Path) -> dict[str, str]:
    """An environment in which articles on loopback may be read."""
    return {
        **os.environ, "HOME": str(folder), "FEEDWATCH_POLLING__ALLOW_PRIVATE": '["127.0.0.0/8"]',
        "FEEDWATCH_POLLING__HOST_DELAY": "0s", "XDG_CONFIG_HOME": str(folder / ".config"),
    }  # fmt: skip


# ---- without a terminal


def test_options_write_a_config_that_passes_check_and_greet_with_the_latest_match(made: Site, tmp_path: Path) -> None:
    config = tmp_path / "sub/config.toml"
    words = ["--watch", "Caracas, Maduro", "--feeds", f"{made.url}/feed", "--yes", "--config", str(config)]
    ended = feedwatch("init", *words, folder=tmp_path, env=private(tmp_path))
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == f"wrote {config}"
    assert "Watching 1 feed for Caracas, Maduro. Alerts will arrive here." in lines
    assert lines[lines.index("Latest match:") + 1] == "Maduro spoke"
    assert "The Site · “" in lines[lines.index("Latest match:") + 2]
    assert f"      feedwatch run --config {config}" in ended.stdout
    assert config.stat().st_mode & 0o777 == 0o600
    watch = tomllib.loads(config.read_text())["watchlists"][0]
    assert (watch["id"], watch["keywords"]) == ("caracas", ["Caracas", "Maduro"])
    checked = feedwatch("check", "--config", str(config), folder=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert not list(tmp_path.rglob("*.db"))


def test_without_a_match_the_greeting_is_plain(made: Site, tmp_path: Path) -> None:
    words = ["--watch", "Lithium", "--feeds", f"{made.url}/feed", "--config", "config.toml"]
    ended = feedwatch("init", *words, folder=tmp_path, env=private(tmp_path), stdin=subprocess.DEVNULL)
    assert ended.returncode == 0, ended.stderr
    assert "Alerts will arrive here.\n\n" in ended.stdout
    assert "Latest match" not in ended.stdout
    assert "Next: feedwatch check    what it means" in ended.stdout  # ./config.toml is found by itself


def test_without_a_terminal_and_without_options_it_says_what_to_give(tmp_path: Path) -> None:
    ended = feedwatch("init", "--config", "config.toml", folder=tmp_path, stdin=subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "give --watch WORDS" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_secret_address_is_read_from_stdin_and_said_nowhere(made: Site, tmp_path: Path) -> None:
    words = ["--watch", "Maduro", "--feeds", f"{made.url}/feed", "--channel", "-", "--config", "config.toml"]
    with receiver() as desk:
        secret = f"json://user:s3cr3t@127.0.0.1:{desk.port}/desk"
        ended = feedwatch("init", *words, folder=tmp_path, env=private(tmp_path), input=secret + "\n")
    assert ended.returncode == 0, ended.stderr
    assert desk.got[0][2]["title"] == "feedwatch · it begins"
    assert "Maduro spoke" in desk.got[0][2]["message"]
    assert "greeting to me/127.0.0.1: sent\n" in ended.stdout
    assert "s3cr3t" not in ended.stdout + ended.stderr
    assert load(tmp_path / "config.toml", {}).channels["me"].url is not None


def test_a_greeting_that_does_not_arrive_ends_with_75_and_the_config_is_there(made: Site, tmp_path: Path) -> None:
    words = ["--watch", "Maduro", "--feeds", f"{made.url}/feed", "--channel", "json://127.0.0.1:9/x", "--yes"]
    ended = feedwatch("init", *words, "--config", "config.toml", folder=tmp_path, env=private(tmp_path))
    assert ended.returncode == 75
    assert "greeting to me/127.0.0.1: failed " in ended.stdout
    assert (tmp_path / "config.toml").exists()


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("mine")
    ended = feedwatch("init", "--watch", "x", "--config", str(config), "--yes", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "is never overwritten" in ended.stderr
    assert config.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch", "oil OR gas"], "oil OR gas: "),
        (["--watch", " , "], "give one word at least"),
        (["--watch", "oil", "--channel", "nonsense"], "channel me: this is no address"),
        (["--watch", "oil", "--feeds", "paper.example"], "paper.example is no web address"),
    ],
)
def test_an_answer_that_cannot_be_taken_ends_with_1_and_nothing_is_written(
    words: list[str], said: str, tmp_path: Path
) -> None:
    ended = feedwatch("init", *words, "--config", "config.toml", "--yes", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_page_is_no_feed_and_its_feeds_are_named(made: Site, tmp_path: Path) -> None:
    made.answers["/"] = (200, "text/html", b"<html><link rel=alternate type=text/xml href=/feed><p>x</p></html>")
    words = ["--watch", "oil", "--feeds", made.url + "/", "--config", "config.toml", "--yes"]
    ended = feedwatch("init", *words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == f"{made.url}/ is no feed; its feeds: {made.url}/feed"


def test_a_news_sitemap_is_taken_as_one(made: Site, tmp_path: Path) -> None:
    made.answers["/news.xml"] = (200, "application/xml", EMPTY_MAP)
    words = ["--watch", "oil", "--feeds", f"{made.url}/news.xml", "--config", "config.toml", "--yes"]
    ended = feedwatch("init", *words, folder=tmp_path, env=private(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert f'url = "{made.url}/news.xml"\nkind = "sitemap"\n' in (tmp_path / "config.toml").read_text()


# ---- in a terminal


@dataclass
class Terminal:
    """What a person sees and types."""

    handle: int
    process: subprocess.Popen[bytes]
    seen: str = ""

    def until(self, what: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while what not in self.seen and time.monotonic() < deadline and self._more():
            pass
        assert what in self.seen, self.seen

    def _more(self) -> bool:
        """Reads on; False where nothing more will come."""
        if not select.select([self.handle], [], [], 20)[0]:
            return False
        try:
            self.seen += os.read(self.handle, 4096).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:  # Linux's way to say that the other end is closed
            return False
        return True

    def types(self, line: str) -> None:
        os.write(self.handle, line.encode() + b"\n")

    def ends(self) -> int:
        while self._more():
            pass
        return self.process.wait(10)


@contextmanager
def terminal(folder: Path, *words: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", CONTROLLED, sys.executable, "-m", "feedwatch", "init", *words]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=private(folder), start_new_session=True
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_three_questions_make_a_config(made: Site, tmp_path: Path) -> None:
    with receiver() as desk, terminal(tmp_path, "--config", "config.toml") as person:
        person.until("watch for:")
        person.types("oil OR gas")
        person.until("oil OR gas: ")  # refused, and asked again
        person.until("watch for:")
        person.types("Maduro")
        person.until("address: ")  # the blank comes when nothing typed is shown any more
        person.types(f"json://user:s3cr3t@127.0.0.1:{desk.port}/desk")
        person.until("feeds:")
        person.types(f"{made.url}/feed")
        assert person.ends() == 0, person.seen
    assert "s3cr3t" not in person.seen
    assert "wrote config.toml" in person.seen
    assert "systemctl enable --now feedwatch" in person.seen
    assert "Maduro spoke" in desk.got[0][2]["message"]
    assert [feed.url for feed in load(tmp_path / "config.toml", {}).feeds] == [f"{made.url}/feed"]


def test_what_an_option_answers_is_not_asked_and_empty_means_the_terminal(made: Site, tmp_path: Path) -> None:
    with terminal(tmp_path, "--config", "config.toml", "--watch", "Maduro", "--feeds", f"{made.url}/feed") as person:
        person.until("address: ")  # the blank comes when nothing typed is shown any more
        person.types("")
        assert person.ends() == 0, person.seen
    assert "watch for:" not in person.seen
    assert "Latest match:" in person.seen
    assert load(tmp_path / "config.toml", {}).channels["here"].terminal


def test_ctrl_c_at_a_question_writes_nothing(tmp_path: Path) -> None:
    with terminal(tmp_path, "--config", "config.toml") as person:
        person.until("watch for:")
        time.sleep(0.5)  # input() of Python sleeps through a signal that comes just before it reads
        os.write(person.handle, b"\x03")
        assert person.ends() != 0
    assert not (tmp_path / "config.toml").exists()


# ---- the text


def test_the_shipped_list_is_what_the_shipped_config_reads_of_the_world_with_its_headings() -> None:
    config = tomllib.loads((PROJECT / "config.toml").read_text(encoding="utf-8"))
    world = [feed for feed in config["feeds"] if "world" in feed["tags"]]
    assert tomllib.loads(world_feeds())["feeds"] == world
    assert len(world) > 15
    headings = [line for line in world_feeds().splitlines() if line.startswith("#")]
    assert headings == ["# English", "# Spanish", "# Portuguese", "# Russian", "# French", "# Arabic"]


@pytest.mark.parametrize("url", [None, 'json://127.0.0.1/a"b\\c'])
@pytest.mark.parametrize("feeds", [None, {"https://paper.example/rss": "feed", "https://other.example/": "sitemap"}])
def test_every_first_config_loads(url: str | None, feeds: dict[str, Kind] | None, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    text = first_config(keywords=['"Мадуро x"', "María"], url=url, feeds=feeds, database=str(tmp_path / "f.db"))
    settings = load(file, {}, drafts={file: text})
    assert settings.watchlists[0].keywords == ('"Мадуро x"', "María")
    assert settings.store.path == tmp_path / "f.db"
    assert settings.warnings == ()
    if feeds is not None:
        assert {feed.url: feed.kind for feed in settings.feeds} == feeds
    if url is not None:
        secret = settings.channels["me"].url
        assert secret is not None
        assert secret.get_secret_value() == url


@pytest.mark.parametrize(
    ("name", "id_"),
    [("María Corina", "maria-corina"), ("Мадуро", "watch"), ("  C++ & co. ", "c-co"), ("x" * 60, "x" * 40)],
)
def test_an_id_is_a_short_name(name: str, id_: str) -> None:
    assert slug(name) == id_
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", id_)


def test_the_service_that_is_offered_is_there() -> None:
    from feedwatch.cli.init import SERVICE

    files = set(
        re.findall(r"feedwatch[\w.-]*\.(?:conf|service)", SERVICE.replace("/etc/sysusers.d/feedwatch.conf", ""))
    )
    assert {file for file in files if not (PROJECT / "systemd" / file).exists()} == set()
