"""The config.toml that ships: where a copy of it is found, and the feeds in it that everybody may start with."""

from __future__ import annotations

import tomllib
from pathlib import Path

WORLD = "world"
"""The tag of the feeds that are not about one country."""


def shipped_config() -> Path:
    """The file to start from, as it was installed; in a source tree the one in its root."""
    installed = Path(__file__).with_name("shipped.toml")
    return installed if installed.is_file() else Path(__file__).parents[2] / "config.toml"


def world_feeds() -> str:
    """The [[feeds]] tables of the world as they are written there, with the headings above them."""
    kept, heading = list[str](), ""
    for paragraph in shipped_config().read_text(encoding="utf-8").strip().split("\n\n"):
        tables = tomllib.loads(paragraph).get("feeds", [])
        if not tables:
            heading = paragraph
        elif WORLD in tables[0]["tags"]:
            kept += [heading, paragraph] if heading else [paragraph]
            heading = ""
    return "\n\n".join(kept) + "\n"
