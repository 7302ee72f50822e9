"""`make` on a machine where something is missing says what, and how to get it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.harness import PROJECT

pytestmark = pytest.mark.service

TOO_OLD = "#!/bin/sh\nexit 1\n"
NO_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1;; esac
"""


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (TOO_OLD, "feedwatch needs Python 3.11 or newer as ./python (name another: make PYTHON=python3.13 demo)"),
        (NO_VENV, "./python cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)"),
    ],
    ids=["an old Python", "no python3-venv"],
)
def test_make_names_what_is_missing(tmp_path: Path, python: str, said: str) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    (tmp_path / "python").write_text(python)
    (tmp_path / "python").chmod(0o755)
    ended = subprocess.run(
        ["make", "demo", "PYTHON=./python"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert said in ended.stdout.splitlines()
    assert not (tmp_path / ".venv").exists()
