"""`feedwatch check`: what the config means, or everything that is wrong in it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.harness import PROJECT, feedwatch

GOOD = """
[polling]
interval = "10m"

[[feeds]]
url = "https://example.org/rss"
tags = ["world"]

[[feeds]]
url = "https://example.net/rss"

[channels.here]
terminal = true
only = "headline"

[channels.secret]
url = "json://example.org/a-path-nobody-sees"

[[watchlists]]
id = "ve"
name = "Venezuela"
keywords = ["Venezuela", "Maduro"]
feeds = ["tag:world"]
notify = ["here", "secret"]
"""

BAD = """[polling]
intervall = "10m"

[[feeds]]
url = "ftp://example.org/rss"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["fone"]

[channels.phone]
terminal = true
"""


def test_a_good_config_is_told_in_short_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    (tmp_path / "config.toml").chmod(0o640)
    ended = feedwatch("check", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "using ./config.toml\n")
    said = " ".join(ended.stdout.split())
    assert f"database {tmp_path}/feedwatch.db" in said
    assert "feeds 2, each every 10m unless it says otherwise" in said
    assert "watchlist Venezuela: 2 keywords in 1 feed tells here, secret" in said
    assert "channel here: terminal; from strength “headline” up" in said
    assert "channel secret: " in said
    assert "nobody-sees" not in said


def test_a_config_with_a_secret_that_everybody_can_read_is_named_with_the_cure(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[sites]]\nhost = "one.example"\nauth = "reader:word-of-mine"\n')
    config.chmod(0o644)
    ended = feedwatch("check", folder=tmp_path)
    assert "holds secrets (auth) and can be read by everybody (chmod 640 " in ended.stderr
    assert "word-of-mine" not in ended.stdout + ended.stderr
    config.chmod(0o600)
    assert "can be read" not in feedwatch("check", folder=tmp_path).stderr


def test_every_problem_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BAD)
    ended = feedwatch("check", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    places = [line.split(": ")[0] for line in ended.stderr.splitlines()]
    assert places == ["using ./config.toml", "config.toml:2", "config.toml:5", "config.toml:10"]


def test_words_and_addresses_that_mean_nothing_are_problems_too(tmp_path: Path) -> None:
    """In one go with mistakes of every other kind."""
    bad = GOOD.replace('"Maduro"', '"Maduro OR"').replace("json://", "nosuchservice://") + "\n[reading]\ncolour = 1\n"
    (tmp_path / "config.toml").write_text(bad)
    ended = feedwatch("check", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "config.toml:22: " in ended.stderr
    assert 'unknown key "colour"' in ended.stderr
    assert "OR is not understood in keywords" in ended.stderr
    assert "Apprise has no service nosuchservice://" in ended.stderr
    assert "nobody-sees" not in ended.stderr


def test_what_is_no_mistake_and_hardly_meant_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    ended = feedwatch("check", folder=tmp_path)
    assert ended.returncode == 0
    assert "\nwarning: config.toml: no feeds" in ended.stderr
    assert "all well" not in ended.stdout


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = feedwatch("check", "--config", "other.toml", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert ended.stderr == "other.toml: no such file (--config names it; correct the path)\n"


def test_the_shipped_config_is_good(tmp_path: Path) -> None:
    ended = feedwatch("check", "-c", str(PROJECT / "config.toml"), folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_shipped_config_with_the_line_of_the_service_manual_is_good(tmp_path: Path) -> None:
    manual = (PROJECT / "systemd/README.md").read_text(encoding="utf-8")
    (line,) = (line for line in manual.splitlines() if line.startswith("printf '"))
    added = line.partition("'")[2].partition("'")[0].replace("\\n", "\n")
    config = tmp_path / "config.toml"
    config.write_text((PROJECT / "config.toml").read_text(encoding="utf-8") + added, encoding="utf-8")
    ended = feedwatch("check", folder=tmp_path)
    assert ended.returncode == 0
    assert "/var/lib/feedwatch/feedwatch.db" in ended.stdout


def test_it_says_who_is_told_of_trouble_and_when_the_next_line_comes(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    assert "health      tells nobody" in feedwatch("check", folder=tmp_path).stdout
    path.write_text(f'{GOOD}\n[health]\nnotify = ["here"]\nstill_watching = "08:00"\nlisten = "127.0.0.1:9321"\n')
    told = feedwatch("check", folder=tmp_path).stdout
    assert "health      tells here" in told
    assert re.search(r"still watching: next \d{4}-\d\d-\d\d 08:00", told)
    assert "listens on 127.0.0.1:9321" in told
