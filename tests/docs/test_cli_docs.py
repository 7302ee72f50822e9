"""docs/cli.md against the commands themselves. Run this file to write its help texts anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from feedwatch.cli import exits
from feedwatch.cli.app import app

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/cli.md"
PAGE = FILE.read_text(encoding="utf-8")
BLOCK = re.compile(r"```text\n\$ (feedwatch[a-z ]*) --help\n(.*?)```", re.DOTALL)
MENTION = re.compile(r"(?<![\w/.-])feedwatch((?: [a-z]+\b(?![./=]))*)((?: +--?[a-z][a-z-]*)*)")
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("systemd/*"), ROOT / "config.toml"])


def helps() -> dict[str, str]:
    """Command → its help text, 80 columns wide, groups included."""
    root = get_command(app)
    return dict(_helps(root, root.context_class(root, info_name="feedwatch", terminal_width=80)))


def _helps(command: object, context: object) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    for name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, child.context_class(child, info_name=name, parent=context, terminal_width=80))


HELPS = helps()


def written(page: str) -> str:
    """The page with the help texts that the commands have now."""
    return BLOCK.sub(lambda block: f"```text\n$ {block[1]} --help\n{HELPS.get(block[1], '').rstrip()}\n```", page)


if __name__ == "__main__":
    FILE.write_text(written(PAGE), encoding="utf-8")
