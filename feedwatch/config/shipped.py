"""The config.toml that ships: where a copy of it is found."""

from __future__ import annotations

from pathlib import Path


def shipped_config() -> Path:
    """The file to start from, as it was installed; in a source tree the one in its root."""
    installed = Path(__file__).with_name("shipped.toml")
    return installed if installed.is_file() else Path(__file__).parents[2] / "config.toml"
