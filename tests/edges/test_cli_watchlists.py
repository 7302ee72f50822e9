"""`feedwatch watch add`: a new watchlist in a config full of comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import feedwatch

CONFIG = """# mine

[channels.here]   # where I sit
terminal = true

[[watchlists]]
id = "ve"         # keep it
keywords = ["Maduro"]
notify = ["here"]

# the feeds

[[feeds]]
url = "https://example.org/rss"
tags = ["world"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return file


def test_a_watchlist_is_added_behind_the_last_one_and_every_comment_stays(config: Path) -> None:
    words = ["--keyword", "petróleo", "--keyword", "crude oil", "--notify", "here", "--feeds", "tag:world"]
    ended = feedwatch("watch", "add", "oil", *words, "--name", "Oil", "--label", "OIL", folder=config.parent)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert "added to config.toml\nfeedwatch is not running; its next start takes it\n" in ended.stderr
    added = (
        '[[watchlists]]\nid = "oil"\nname = "Oil"\nlabel = "OIL"\nkeywords = ["petróleo", "crude oil"]\n'
        'feeds = ["tag:world"]\nnotify = ["here"]\n'
    )
    assert config.read_text() == CONFIG.replace("\n# the feeds", f"\n{added}\n# the feeds")
    assert feedwatch("check", folder=config.parent).returncode == 0


def test_the_first_watchlist_is_added_at_the_end(config: Path) -> None:
    config.write_text("[channels.here]\nterminal = true\n# the end\n")
    ended = feedwatch("watch", "add", "oil", "--keyword", "oil", "--notify", "here", folder=config.parent)
    assert ended.returncode == 0, ended.stderr
    added = '[[watchlists]]\nid = "oil"\nkeywords = ["oil"]\nnotify = ["here"]\n'
    assert config.read_text() == f"[channels.here]\nterminal = true\n# the end\n\n{added}"


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("ve", ["--keyword", "oil", "--notify", "here"], 'id: "ve" is taken at config.toml:7 (choose another)'),
        ("oil", ["--keyword", "oil", "--notify", "her"], 'notify: no channel "her" (did you mean "here"?)'),
        ("oil", ["--keyword", "oil", "--notify", "here", "--feeds", "tag:word"], 'feeds: no feed "tag:word"'),
        ("Big Oil", ["--keyword", "oil", "--notify", "here"], '"Big Oil" is no short name'),
    ],
)
def test_what_cannot_be_added_ends_with_1_and_the_file_stays(
    name: str, words: list[str], said: str, config: Path
) -> None:
    ended = feedwatch("watch", "add", name, *words, folder=config.parent)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr.splitlines()[-1]
    assert config.read_text() == CONFIG


def test_a_word_that_is_refused_ends_with_2_and_is_shown(config: Path) -> None:
    ended = feedwatch("watch", "add", "oil", "--keyword", "o*il", "--notify", "here", folder=config.parent)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-3:-1] == ["o*il", " ^"]
    assert config.read_text() == CONFIG


@pytest.mark.parametrize("words", [["--keyword", "oil"], ["--notify", "here"]])
def test_words_and_a_channel_are_needed(words: list[str], config: Path) -> None:
    ended = feedwatch("watch", "add", "oil", *words, folder=config.parent)
    assert (ended.returncode, ended.stdout) == (2, "")
