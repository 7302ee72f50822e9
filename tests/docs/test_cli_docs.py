"""docs/cli.md against the commands themselves. `.venv/bin/python -m tests.docs.test_cli_docs` writes its help anew."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from feedwatch.cli import exits
from feedwatch.cli.app import app
from tests.harness import feedwatch

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/cli.md"
PAGE = FILE.read_text(encoding="utf-8")
TEXTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("systemd/*"),
        *ROOT.glob("containers/*"),
        ROOT / "config.toml",
    ]
)
WIDTH = 78  # what a terminal of 80 columns shows

BLOCK = re.compile(r"```text\n\$ (feedwatch[a-z ]*) --help\n(.*?)```", re.DOTALL)
CALL = re.compile(r"(?:[`$=] ?|bin/)feedwatch((?: [^\s`]+)*)")
"""A call in a document: after a back-tick, a prompt or a path; up to the end of the line or of the code."""


def commands(command: Any, name: str = "feedwatch", parent: Any = None) -> Iterator[tuple[str, Any, Any]]:
    """Every command with its path and a context to ask it in; groups first."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH)
    yield context.command_path, command, context
    for child, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, child, context)


COMMANDS = {path: (command, context) for path, command, context in commands(get_command(app))}
HELPS = {path: command.get_help(context).rstrip() for path, (command, context) in COMMANDS.items()}


def options_of(path: str) -> set[str]:
    command, context = COMMANDS[path]
    return {flag for option in command.get_params(context) for flag in option.opts if flag.startswith("-")}


def written(page: str) -> str:
    """The page with the help texts that the commands have now."""
    return BLOCK.sub(lambda block: f"```text\n$ {block[1]} --help\n{HELPS.get(block[1], '')}\n```", page)


def calls(text: str) -> Iterator[list[str]]:
    """The words after `feedwatch` in every call that a document shows."""
    yield from (match[1].split() for match in CALL.finditer(text))


def called(words: list[str]) -> str:
    """The longest command path that the words begin with."""
    path = "feedwatch"
    for word in words:
        if f"{path} {word}" not in COMMANDS:
            break
        path = f"{path} {word}"
    return path


def test_help_texts_are_those_of_the_commands() -> None:
    assert written(PAGE) == PAGE, "docs/cli.md is out of date: run `.venv/bin/python -m tests.docs.test_cli_docs`"


def test_every_command_has_one_section_with_its_help() -> None:
    shown = [block[1] for block in BLOCK.finditer(PAGE)]
    headings = re.findall(r"^## (feedwatch .*)$", PAGE, re.MULTILINE)
    assert shown == list(COMMANDS)
    assert ["feedwatch", *headings] == list(COMMANDS)


def test_every_option_and_argument_says_what_it_is() -> None:
    silent = [
        (path, option.name)
        for path, (command, context) in COMMANDS.items()
        for option in command.get_params(context)
        if not getattr(option, "help", None)
    ]
    assert silent == []


def test_no_help_text_is_cut_short_in_the_list_of_commands() -> None:
    assert [
        path for path, text in HELPS.items() if "..." in text.replace("[ARGS]...", "").replace("{QUERY}...", "")
    ] == []


def mistakes(words: list[str]) -> list[str]:
    """Commands and options in a call that do not exist."""
    path = called(words)
    rest = words[path.count(" ") :]
    is_group = hasattr(COMMANDS[path][0], "commands")
    commands = [word for word in rest[:1] if is_group and word[0].islower()]
    return commands + [word for word in rest if re.match("--?[a-z]", word) and word not in options_of(path)]


def test_every_call_in_the_documents_is_one_that_works() -> None:
    shown = {file.name: file.read_text(encoding="utf-8") for file in TEXTS}
    examples = {
        path: (command.epilog or "").replace("  feedwatch", "$ feedwatch") for path, (command, _) in COMMANDS.items()
    }
    found = [(name, words) for name, text in (shown | examples).items() for words in calls(text)]
    assert len(found) > 30
    assert [(name, words, wrong) for name, words in found if (wrong := mistakes(words))] == []


def test_calls_are_found_in_documents() -> None:
    text = "`feedwatch feeds list --json`, so\n$ feedwatch check\n`/opt/bin/feedwatch nonsense -x`, feedwatch is"
    assert list(calls(text)) == [["feeds", "list", "--json"], ["check"], ["nonsense", "-x"]]
    assert [called(words) for words in calls(text)] == ["feedwatch feeds list", "feedwatch check", "feedwatch"]
    assert [mistakes(words) for words in calls(text)] == [[], [], ["nonsense", "-x"]]


@pytest.mark.parametrize("shown", re.findall(r"^```\n\$ feedwatch (.*?)```", PAGE, re.MULTILINE | re.DOTALL))
def test_an_example_prints_what_the_page_shows(shown: str, tmp_path: Path) -> None:
    words, _, printed = shown.partition("\n")
    ended = feedwatch(*shlex.split(words), folder=tmp_path)
    assert ended.stdout + ended.stderr == printed


def test_every_exit_code_is_documented_on_both_pages() -> None:
    codes = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    operations = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for page in (PAGE, operations):
        assert {int(code) for code in re.findall(r"^\| `(\d+)` \|", page, re.MULTILINE)} == codes


if __name__ == "__main__":
    FILE.write_text(written(PAGE), encoding="utf-8")
