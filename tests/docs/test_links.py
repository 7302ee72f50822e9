"""What the documents point at is there: files, headings, paths in the code, targets of make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("systemd/*.md"), *ROOT.glob("containers/*.md")]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FOLDERS = ("feedwatch", "tests", "docs", "systemd", "containers", "bench", ".ci")
FLOORS = ("cli", "pipeline", "config", "store", "edges", "feeds", "articles", "watches", "alerts", "text")


def anchors(page: Path) -> set[str]:
    """The page's headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def code_path(span: str) -> Path | None:
    """The file or folder that a piece of code in a text names; None: it names none."""
    if not re.fullmatch(r"[\w./-]+", span) or "/" not in span:
        return None
    first = span.split("/", maxsplit=1)[0]
    if first in FOLDERS:
        return ROOT / span
    return ROOT / "feedwatch" / span if first in FLOORS else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and leads_nowhere(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_in_the_code_that_a_page_names_exists(page: Path) -> None:
    paths = [path for span in SPAN.findall(page.read_text(encoding="utf-8")) if (path := code_path(span))]
    assert [str(path) for path in paths if not path.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_the_table_of_rooms_names_every_room_and_every_module_of_it() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Rooms\n")[2].partition("## ")[0]
    shown = {
        name: set(re.findall(r"\w+", modules))
        for name, modules in re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", table, re.MULTILINE)
    }
    there = {
        room.stem: {
            module.stem for module in room.iterdir() if module.suffix == ".py" or (module / "__init__.py").exists()
        }
        - {"__init__"}
        for room in (ROOT / "feedwatch").iterdir()
        if room.is_dir() and any(room.glob("*.py"))  # packs holds lists, and no code
    }
    assert shown == there | {"model": {"model"}, "errors": {"errors"}}


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One Heading, two\n")
    assert not leads_nowhere(page, "page.md#one-heading-two")
    assert leads_nowhere(page, "#three")
    assert leads_nowhere(page, "other.md")


def test_code_paths_are_told_from_other_code() -> None:
    assert code_path("feeds/parse.py") == ROOT / "feedwatch/feeds/parse.py"
    assert code_path("systemd/feedwatch.service") == ROOT / "systemd/feedwatch.service"
    assert code_path("/opt/feedwatch") is None
    assert code_path("feeds list") is None
