"""The manual page and the shells' completions against the commands; `make man` writes them anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from feedwatch.cli import exits, manual
from tests.docs.test_cli_docs import COMMANDS

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("feedwatch")


def test_the_manual_page_is_current() -> None:
    written = (ROOT / "man/feedwatch.1").read_text(encoding="utf-8")
    assert manual.page() == written, "man/feedwatch.1 is out of date: run `make man`"


def test_the_manual_page_has_every_command_and_every_option() -> None:
    page = manual.page().replace("\\-", "-")
    leaves = [path for path, (command, _) in COMMANDS.items() if not hasattr(command, "commands")]
    assert [path for path in leaves if not re.search(rf'^\.SS "{path} ', page, re.MULTILINE)] == []
    flags = {
        flag for command, context in COMMANDS.values() for each in command.get_params(context) for flag in each.opts
    }
    assert [flag for flag in flags if flag.startswith("-") and flag not in page] == []


def test_the_manual_page_has_every_exit_code() -> None:
    codes = {str(value) for name, value in vars(exits).items() if name.isupper() and type(value) is int}
    assert len(codes) > 5
    assert {code for code, _ in manual.EXIT_CODES} == codes


def test_no_line_of_text_is_a_request() -> None:
    known = {"TH", "SH", "SS", "TP", "PP", "B", "RS", "RE", "nf", "fi"}
    requests = {line[1:].split(" ")[0] for line in manual.page().splitlines() if line[:1] in {".", "'"}}
    assert requests <= known
    assert manual._line(".rm it") == "\\&.rm it"


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_reads_the_page_without_a_complaint() -> None:
    ended = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", ROOT / "man/feedwatch.1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    assert "feedwatch feeds add" in re.sub(r".\x08|\x1b\[[0-9;]*m", "", ended.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shells_completions_are_current(shell: str) -> None:
    made = subprocess.run(
        [PROGRAM],
        env={**os.environ, "_FEEDWATCH_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        check=True,
    )
    written = (ROOT / f"completions/feedwatch.{shell}").read_text(encoding="utf-8")
    assert made.stdout.lstrip("\n") == written, f"completions/feedwatch.{shell} is out of date: run `make man`"


@pytest.mark.parametrize(
    ("words", "offered"),
    [(["fee"], {"feeds"}), (["feeds", "d"], {"discover"}), (["channels", "test", "--sam"], {"--sample"})],
)
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_a_command(words: list[str], offered: set[str]) -> None:
    script = (
        f". {ROOT}/completions/feedwatch.bash; COMP_WORDS=(feedwatch {' '.join(words)}); COMP_CWORD={len(words)};"
        ' _feedwatch_completion feedwatch; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert set(ended.stdout.split()) == offered
