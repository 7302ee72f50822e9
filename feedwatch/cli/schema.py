"""`feedwatch schema`: what may stand in the config, what a webhook gets, and what stands in the database."""

from __future__ import annotations

import enum
from typing import Annotated

import typer


class What(enum.StrEnum):
    CONFIG = "config"
    WEBHOOK = "webhook"
    DB = "db"


def schema(
    what: Annotated[What, typer.Argument(metavar="WHAT", help="config, webhook: JSON Schema. db: SQL.")],
) -> None:
    """Print a format: the config, a webhook, the tables."""
    import json

    from feedwatch.cli.show import put

    if what is What.CONFIG:
        from feedwatch.config.schema import config_schema

        put(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    elif what is What.WEBHOOK:
        from feedwatch.config.schema import webhook_schema

        put(json.dumps(webhook_schema(), indent=2, ensure_ascii=False))
    else:
        from feedwatch.store.database import schema as tables

        put(tables().rstrip())
