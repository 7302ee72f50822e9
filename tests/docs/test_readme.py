"""README.md and CHANGELOG.md against the program."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from typer.main import get_command

from feedwatch import __version__
from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.render import render
from feedwatch.cli.app import app
from feedwatch.model import AlertItem, AlertView, Strength

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_an_alert_looks_as_the_readme_says() -> None:
    at = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
    item = AlertItem(
        watchlist="ve",
        strength=Strength.HEADLINE,
        title="Trump open to talks with Maduro",
        outlet="DW",
        language="en",
        published=at,
        snippet="…willing to talk with »Venezuelan« President Nicolas »Maduro« in the coming weeks…",
        link="https://www.dw.com/en/talks",
        body_seen=True,
    )
    alert = AlertView(id="7f3k2a" + 26 * "0", short="7f3k2a", kind="first", created=at, items=(item,))
    message = render(alert, "first", Manners(labels={"ve": "VE"}, zone=UTC, title_limit=0, body_limit=0))
    assert f"```text\n{message.title}\n{message.body}\n```" in README


def test_the_changelog_begins_with_this_version() -> None:
    assert CHANGELOG.partition("\n## ")[2].startswith(__version__)


def test_the_changelog_of_the_first_version_names_every_command() -> None:
    first = CHANGELOG.partition("\n## 0.1.0")[2]
    commands: dict[str, object] = vars(get_command(app))["commands"]
    names = [
        f"{name} {child}" if child else name
        for name, command in commands.items()
        for child in getattr(command, "commands", {"": None})
    ]
    assert [name for name in names if f"`{name}`" not in first] == []
