"""`feedwatch watch test`: a verdict, and an exit code for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import feedwatch

CONFIG = """
[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["here"]
"""


def test_a_match_ends_with_0_and_says_where(tmp_path: Path) -> None:
    ended = feedwatch(
        "watch", "test", "maduro OR caracas", "--title", "Maduro speaks", "--text", "In Caracas.", folder=tmp_path
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (
        ended.stdout
        == "match, strength headline: “In »Caracas«.”\n  maduro: 1 in the title\n  caracas: 1 in the lead\n"
    )


def test_no_match_ends_with_1(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "Maduro", "--text", "plátanos maduros", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "no match\n")


def test_a_refused_query_ends_with_2_and_a_sign_under_the_place(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "oil NOT gas", "--text", "oil", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    query, sign, message = ended.stderr.splitlines()
    assert query[sign.index("^") :].startswith("NOT")
    assert "at character 5 (" in message


def test_the_text_may_come_from_stdin(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "Maduro", "--text", "-", "--json", folder=tmp_path, input="Nicolás MADURO")
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {
        "match": True,
        "strength": "topic",
        "snippet": "Nicolás »MADURO«",
        "hits": [{"term": "Maduro", "zone": "lead", "count": 1}],
    }


def test_a_watchlist_of_the_config_is_asked_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    ended = feedwatch("watch", "test", "@ve", "--title", "Venezuela", "--json", folder=tmp_path)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["strength"] == "headline"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["@vee", "--title", "Venezuela"], "no watchlist @vee (there are: @ve)"),
        (["Venezuela"], "there is no text to test (give --title, --text or both)"),
    ],
)
def test_a_question_without_a_sense_ends_with_2(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    ended = feedwatch("watch", "test", *words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1] == said
