"""`feedwatch schema`: what may stand in the config, and what stands in the database."""

from __future__ import annotations

import enum
from typing import Annotated

import typer


class What(enum.StrEnum):
    CONFIG = "config"
    DB = "db"


def schema(
    what: Annotated[What, typer.Argument(metavar="WHAT", help="config: JSON Schema, for editors. db: SQL.")],
) -> None:
    """Print what may stand in the config, or the database's tables."""
    import json

    from feedwatch.cli.show import put

    if what is What.CONFIG:
        from feedwatch.config.schema import config_schema

        put(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    else:
        from feedwatch.store.database import schema as tables

        put(tables().rstrip())
