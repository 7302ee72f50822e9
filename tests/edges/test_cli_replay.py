"""`watch replay`, `watch lint` and `search` over a database of articles."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.text.addresses import canonical
from tests.edges.archive import Story, stored
from tests.edges.rows import DAY, FEED
from tests.harness import feedwatch

RU = "https://vedomosti.example/feed"
CONFIG = f"""
[channels.here]
terminal = true

[[feeds]]
url = "{FEED}"
tags = ["world"]

[[feeds]]
url = "{RU}"

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["here"]
"""
RECIPE = Story(title="Receta de hoy", body="Receta con plátano maduro y queso.", ago=3 * DAY)
STORIES = (
    Story(title="Maduro speaks", body="In Caracas on Monday.", ago=5 * DAY),
    RECIPE,
    Story(title="委内瑞拉总统马杜罗发表讲话", body="Maduro 在加拉加斯发表讲话。", ago=2 * DAY),
    Story(title="Rain", body="It rained in Caracas.", ago=timedelta(hours=2)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    stored(tmp_path, *STORIES)
    return tmp_path


def lines(folder: Path, *words: str, code: int = 0) -> list[dict[str, Any]]:
    ended = feedwatch(*words, "--json", folder=folder)
    assert ended.returncode == code, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_replay_shows_alerts_a_day_and_examples(folder: Path) -> None:
    ended = feedwatch("watch", "replay", "ve", folder=folder, env=None)
    assert ended.returncode == 0, ended.stderr
    first, *rest = ended.stdout.splitlines()
    assert (
        first
        == "3 alerts (from strength topic up) of 3 matches: 1 headline, 2 topic; 4 articles were stored in that time"
    )
    days = [line for line in rest if line.startswith("  20") and len(line.split()[0]) == 10 and ":" not in line]
    assert len(days) >= 5
    assert "█ 1" in ended.stdout
    assert "“Receta con plátano »maduro« y queso.”" in ended.stdout


def test_lines_are_cut_to_the_terminals_width_also_where_letters_are_wide(folder: Path) -> None:
    import os

    from rich.cells import cell_len

    ended = feedwatch("watch", "replay", "ve", folder=folder, env={**os.environ, "COLUMNS": "60"})
    assert all(cell_len(line) <= 60 for line in ended.stdout.splitlines()[1:])
    assert "\x1b" not in ended.stdout


def test_a_terminal_without_blocks_gets_plain_signs(folder: Path) -> None:
    import os

    ended = feedwatch("watch", "replay", "ve", folder=folder, env={**os.environ, "PYTHONIOENCODING": "ascii:replace"})
    assert "# 1" in ended.stdout
    assert "█" not in ended.stdout


def test_another_wording_is_compared(folder: Path) -> None:
    query = 'rained OR (maduro UNLESS "plátano maduro")'
    found = lines(folder, "watch", "replay", "ve", "--query", query)
    by_kind = {row["kind"]: row for row in found}
    assert by_kind["change"] == {"kind": "change", "before": 3, "gained": 1, "lost": 1, "moved": 0}
    assert by_kind["gained"]["title"] == "Rain"
    assert by_kind["lost"]["title"] == RECIPE.title
    assert any("UNLESS" in each["why"] for each in by_kind["lost"]["missing"])
    ended = feedwatch("watch", "replay", "ve", "--query", query, folder=folder)
    assert "ve as it is: 3 alerts of 3 matches; the query finds 1 more and loses 1\n" in ended.stdout


def test_a_query_alone_is_played(folder: Path) -> None:
    total = lines(folder, "watch", "replay", "--query", "Caracas", "--since", "1d")[0]
    assert (total["alerts"], total["looked_at"]) == (1, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is nothing to play"),
        (["vee"], "no watchlist vee (there are: ve)"),
        (["ve", "--since", "soon"], '"soon" is no time'),
        (["--query", "("], "("),
    ],
)
def test_what_cannot_be_played_ends_with_2(folder: Path, words: list[str], said: str) -> None:
    ended = feedwatch("watch", "replay", *words, folder=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_lint_says_what_a_watchlist_costs(folder: Path) -> None:
    ended = feedwatch("watch", "lint", folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "ve: 3 alerts in the last 30 days (3 matches), e.g. “委内瑞拉总统马杜罗发表讲话”\n"


def test_lint_names_a_script_that_the_stored_titles_have(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    titles = [Story(title=f"Президент сказал {n}", body="Новости.", feed=canonical(RU)) for n in range(6)]
    stored(tmp_path, *titles)
    (row,) = lines(tmp_path, "watch", "lint", "ve", code=1)
    (doubt,) = row["doubts"]
    assert doubt["message"] == "titles in Cyrillic letters, but no form of Maduro in Cyrillic letters"
    assert doubt["where"] == "config.toml:14"
    checked = feedwatch("check", folder=tmp_path)
    assert f"config.toml:14: {doubt['message']}" in checked.stderr
    assert checked.returncode == 0


def test_lint_shows_the_place_in_a_query(folder: Path) -> None:
    ended = feedwatch("watch", "lint", "--query", "маслό OR US", folder=folder)
    assert ended.returncode == 1
    shown = ended.stdout.splitlines()
    place = next(line for line in shown if line.strip() == "^")
    assert shown[shown.index(place) - 1][place.index("^") :] == "US"


def test_lint_tells_of_letters_that_are_a_languages_own(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG.replace('"Maduro"', '"Uber"'))
    stored(tmp_path, Story(title="Über die Lage", body="Über alles.", language="de"))
    (row,) = lines(tmp_path, "watch", "lint", "ve", code=1)
    assert "say “Über”, which Uber does not find there" in row["doubts"][0]["message"]


def test_search_keeps_to_a_stretch_of_time_and_to_the_language(folder: Path) -> None:
    assert [row["title"] for row in lines(folder, "search", "maduro", "--since", "4d")] == [
        "委内瑞拉总统马杜罗发表讲话",
        RECIPE.title,
    ]
    assert [row["title"] for row in lines(folder, "search", "title:maduro", "--until", "1d")] == ["Maduro speaks"]
    assert lines(folder, "search", "maduro", "--since", "1h", code=1) == []


def test_search_without_a_word_says_how_far_it_looked(folder: Path) -> None:
    (row,) = lines(folder, "search", "/rai[n]ed/")
    assert row["snippet"] == "It »rained« in Caracas."


def test_search_is_refused_with_the_place(folder: Path) -> None:
    ended = feedwatch("search", "委内瑞拉 (", folder=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-2] == " " * 9 + "^"
