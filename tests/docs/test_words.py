"""Words that have no place in what is published: folders of a developer's machine, and how the work was organised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HIDDEN = {".ci", ".gitignore"}  # the rest that begins with a dot belongs to tools
BUILT = {"__pycache__", "dist"}
TEXT = {"", ".py", ".md", ".toml", ".sql", ".html", ".lock", ".service", ".conf", ".txt", ".json"}

FOREIGN = {
    "a folder of a developer's machine": r"(?<![\w.:*~/}-])/(?:work|tmp|root|home|Users|workspace)/[\w.-]",
    "the number of an issue": r"\b[Ii]ssue #?\d",
    "who did the work": r"(?<!-)\b(?:AI|sub-?agents?|coding agents?|[Cc]laude|LLM|GPT)\b",
    "a mark of unfinished work": r"\b(?:TODO|FIXME|XXX)\b",
}


def files() -> Iterator[Path]:
    """Every text of the repository."""
    for top in ROOT.iterdir():
        if not top.name.startswith(".") or top.name in HIDDEN:
            yield from (path for path in (top, *top.rglob("*")) if path.is_file() and not BUILT & set(path.parts))


TEXTS = {path.relative_to(ROOT): path for path in files() if path.suffix in TEXT and path != Path(__file__)}


@pytest.mark.parametrize("what", FOREIGN)
def test_no_text_holds(what: str) -> None:
    pattern = re.compile(FOREIGN[what])
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, path in TEXTS.items()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_repository_was_looked_through() -> None:
    assert {Path("README.md"), Path("feedwatch/model.py"), Path("docs/cli.md"), Path(".ci/run")} <= set(TEXTS)


@pytest.mark.parametrize("line", ["see /tmp/x.log", "`/work/notes`", "in /home/me/feeds", "see issue 12", "FIXME"])
def test_such_a_line_is_found(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in FOREIGN.values())


@pytest.mark.parametrize(
    "line",
    ["https://example.org/home/news", "/var/lib/feedwatch", "User-Agent", "the next issue of the paper", "tmp_path"],
)
def test_an_innocent_line_is_not(line: str) -> None:
    assert not any(re.search(pattern, line) for pattern in FOREIGN.values())
