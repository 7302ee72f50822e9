"""The command line as one meets it first: help, version, words that it does not know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from feedwatch import __version__
from feedwatch.cli.app import app
from tests.harness import feedwatch

HEAVY = {
    "aiohttp",
    "apprise",
    "apscheduler",
    "feedparser",
    "pebble",
    "pydantic",
    "sqlite3",
    "sqlite_utils",
    "tomlkit",
    "trafilatura",
}
HELP = """
import sys
from feedwatch.cli.app import main
sys.argv = ["feedwatch", *{words!r}, "--help"]
try:
    main()
except SystemExit as end:
    print("code", end.code)
print("loaded", *sorted({heavy!r} & set(sys.modules)))
"""


def commands() -> list[tuple[str, ...]]:
    groups = {name: getattr(command, "commands", {}) for name, command in vars(get_command(app))["commands"].items()}
    return [(), *((name,) for name in groups), *((name, child) for name, inner in groups.items() for child in inner)]


@pytest.mark.parametrize("words", [(), ("run",), ("feeds", "add"), ("watch", "test")], ids=" ".join)
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    heavy = HEAVY - {"pydantic"} if words else HEAVY  # typer itself reads the options of a command with pydantic
    script = HELP.format(words=words, heavy=heavy)
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.startswith("Usage: ")
    assert said.splitlines()[-2:] == ["code 0", "loaded"]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_by_both_names(words: tuple[str, ...]) -> None:
    long, short = (CliRunner().invoke(app, [*words, flag]) for flag in ("--help", "-h"))
    assert long.exit_code == short.exit_code == 0
    assert long.stdout == short.stdout


def test_the_version_is_printed() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"feedwatch {__version__}\n")


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["feeds", "nonsense"], ["check", "--nonsense"], ["search"], ["search", "x", "--limit", "0"]],
    ids=" ".join,
)
def test_what_it_does_not_know_ends_with_2(words: list[str]) -> None:
    said = CliRunner().invoke(app, words)
    assert (said.exit_code, said.stdout) == (2, "")
    assert "Error: " in said.stderr


def test_an_unknown_word_in_a_real_process_ends_with_2(tmp_path: Path) -> None:
    ended = feedwatch("nonsense", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1] == "Error: No such command 'nonsense'."


def test_without_a_word_it_shows_what_there_is() -> None:
    said = CliRunner().invoke(app, [])
    assert said.exit_code == 2
    assert "feedwatch demo" in said.output
