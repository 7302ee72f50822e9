"""[aliases]: lists of one's own, in the config and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feedwatch.config.load import load
from feedwatch.errors import ConfigError
from feedwatch.model import Zone
from feedwatch.pipeline.program import compile_plan
from feedwatch.watches.index import build_index
from feedwatch.watches.match import match
from tests.harness import feedwatch

REST = """
[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["@south"]
notify = ["here"]
"""


def config(folder: Path, aliases: str) -> Path:
    file = folder / "config.toml"
    file.write_text(f"[aliases]\n{aliases}\n{REST}")
    return file


def problems(folder: Path, aliases: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        compile_plan(load(config(folder, aliases), {}))
    return refused.value.problems


def test_a_list_of_ones_own_may_name_others_and_hold_whole_queries(tmp_path: Path) -> None:
    aliases = 'oil = ["crude oil", "(refinery NEAR/3 fire)"]\nsouth = ["@oil", "@country:VE"]'
    query = compile_plan(load(config(tmp_path, aliases), {})).queries["ve"]

    def finds(text: str) -> bool:
        return match(query, build_index((Zone(name="body", text=text),), "en")) is not None

    assert finds("Crude oil is cheap")
    assert finds("a fire in the refinery")
    assert finds("the Venezuelan coast")
    assert not finds("the refinery was painted, and nobody knew who lit the fire")


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        (
            'south = ["@nroth"]\nnorth = ["x"]',
            "config.toml:2: south: keyword '@nroth': there is no list @nroth at character 1 (did you mean \"@north\"?)",
        ),
        (
            'south = ["x", "@name:madro"]',
            "config.toml:2: south: keyword '@name:madro': there is no list @name:madro",
        ),
        (
            'South = ["x"]',
            'config.toml:2: South: "South" is no short name (a-z, 0-9, - and _, at most 40, no capitals)',
        ),
        ("south = []", 'config.toml:2: south: the list is empty (write at least one, as in ["…"])'),
        ('south = "x"', 'config.toml:2: south: must be a list, as in ["…"]'),
        (
            'south = ["@south"]',
            "config.toml:2: south: a circle of lists: @south names @south (take one of them out)",
        ),
        (
            'west = ["x"]\nsouth = ["(a OR @east)"]\neast = ["x", "@south"]',
            "config.toml:3: south: a circle of lists: @south names @east, @east names @south (take one of them out)",
        ),
    ],
)
def test_a_wrong_list_is_named_with_its_line_and_a_cure(aliases: str, said: str, tmp_path: Path) -> None:
    assert any(said in problem for problem in problems(tmp_path, aliases))


def test_an_entry_that_is_no_query_is_refused_even_where_no_watchlist_uses_it(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, 'south = ["x"]\nwest = ["fine",\n  "(a OR"]')
    assert said.startswith("config.toml:4: ")
    assert "west: OR has nothing after it" in said


def test_an_unknown_list_of_a_watchlist_is_refused_with_its_line(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, 'soth = ["x"]')
    assert said.startswith("config.toml:9: ")
    assert 'did you mean "@soth"?' in said


def test_a_name_in_quotes_is_text_and_no_list(tmp_path: Path) -> None:
    assert load(config(tmp_path, """south = ['"write to me @work"']"""), {}).aliases


def test_a_list_may_come_from_the_environment(tmp_path: Path) -> None:
    found = load(config(tmp_path, 'north = ["x"]'), {"FEEDWATCH_ALIASES__SOUTH": '["oil"]'})
    assert found.aliases["south"] == ("oil",)


def test_lists_of_one_name_in_two_files_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text('[aliases]\nsouth = ["y"]\n')
    file = config(tmp_path, 'south = ["x"]')
    file.write_text('include = ["more.toml"]\n' + file.read_text())
    with pytest.raises(ConfigError, match=r"more.toml:2: south: set at config.toml:3 already"):
        load(file, {})


# --- feedwatch watch lists


def test_the_lists_are_shown_ones_own_first(tmp_path: Path) -> None:
    config(tmp_path, 'south = ["x", "@country:VE"]')
    ended = feedwatch("watch", "lists", folder=tmp_path)
    lines = ended.stdout.splitlines()
    assert (ended.returncode, lines[0], lines[1]) == (0, "list\tstands for", "@south\tx, @country:VE")
    assert "@name:maduro\tNicolás Maduro, Venezuela" in lines
    assert "@cldr:VE\tVenezuela" in lines


def test_a_list_is_shown_with_what_it_names(tmp_path: Path) -> None:
    config(tmp_path, 'south = ["x", "@country:VE"]')
    ended = feedwatch("watch", "lists", "@south", "--json", folder=tmp_path)
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert rows[0] == {"list": "@south", "what": "", "entry": "x"}
    assert {"list": "@country:VE", "what": "people: pl", "entry": "wenezuel*"} in rows
    assert any(row["list"] == "@cldr:VE" and "ru" in row["what"].split() for row in rows)


def test_a_list_that_there_is_not_ends_with_2(tmp_path: Path) -> None:
    config(tmp_path, 'south = ["x"]')
    ended = feedwatch("watch", "lists", "name:madro", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert 'there is no list @name:madro (did you mean "@name:maduro"?)' in ended.stderr


def test_the_first_config_calls_a_list_by_what_it_stands_for(tmp_path: Path) -> None:
    asked = ("init", "--watch", "@country:VE, oil", "--feeds", "http://127.0.0.1:9/feed", "--yes", "--config", "c.toml")
    ended = feedwatch(*asked, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    (watch,) = load(tmp_path / "c.toml", {}).watchlists
    assert (watch.id, watch.name, watch.label, watch.keywords) == (
        "venezuela",
        "Venezuela",
        "Venezuela",
        ("@country:VE", "oil"),
    )
