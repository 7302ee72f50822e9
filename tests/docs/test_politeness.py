"""docs/politeness.md against the tests that hold its rules. `python -m tests.docs.test_politeness` writes its list."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/politeness.md"
RULES = [f"G{number}" for number in range(1, 18)]
HEADING = "## What holds each rule\n"
NAMED = re.compile(r"(G\d+(?:, G\d+)*)[.:]")


def proofs() -> dict[str, list[str]]:
    """The tests of each rule, by the rules that a test's docstring begins with."""
    found = defaultdict(list)
    for file in sorted((ROOT / "tests/citizen").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                named = NAMED.match(ast.get_docstring(node) or "")
                assert named, f"{node.name} says no rule: its docstring begins with the rule's name"
                for rule in named[1].split(", "):
                    found[rule].append(f"{file.stem}: {node.name.removeprefix('test_').replace('_', ' ')}")
    return found


def rows() -> str:
    return "".join(f"| {rule} | {'<br>'.join(found)} |\n" for rule in RULES if (found := proofs()[rule]))


def written() -> str:
    page = FILE.read_text(encoding="utf-8").partition(HEADING)[0]
    return f"{page}{HEADING}\nThe files are in `tests/citizen`.\n\n| rule | tests |\n|---|---|\n{rows()}"


def test_every_rule_is_told_and_held_by_a_test() -> None:
    told = re.findall(r"^\| (G\d+) \| .{40}", FILE.read_text(encoding="utf-8").partition(HEADING)[0], re.MULTILINE)
    assert told == RULES
    assert [rule for rule in RULES if not proofs()[rule]] == []


def test_the_page_names_the_tests_that_there_are() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "run python -m tests.docs.test_politeness"


def test_one_row_of_each_kind_is_held_by_a_real_daemon() -> None:
    """Conditions, waits, requests, limits, sleep, pages, bodies, passwords, lost entries."""
    real = {rule for rule, tests in proofs().items() if any("test_citizen_daemon" in test for test in tests)}
    assert real >= {"G1", "G2", "G8", "G9", "G11", "G12", "G13", "G14", "G15", "G16", "G17"}


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
