"""JSON Schema (draft 2020-12): of the config, so that an editor can check it; of what a webhook gets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from feedwatch.alerts.post import MEANINGS, Post
from feedwatch.config.settings import Settings
from feedwatch.config.values import SIZE_PATTERN, format_duration, format_size
from feedwatch.model import Strength


class _Schema(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """A default as one would write it."""
        if isinstance(dft, timedelta):
            return format_duration(dft)
        return dft.word if isinstance(dft, Strength) else super().encode_default(dft)


def config_schema() -> dict[str, Any]:
    """Keys, types, defaults, meanings. What only the whole can show (a channel's one address) is left to `check`."""
    made = Settings.model_json_schema(schema_generator=_Schema)
    for table in made["properties"].values():
        table.pop("default", None)  # an absent table is an empty one
    for table in made["$defs"].values():
        for value in table.get("properties", {}).values():
            if value.get("pattern") == SIZE_PATTERN and "default" in value:
                value["default"] = format_size(value["default"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "feedwatch's config.toml"}


def webhook_schema() -> dict[str, Any]:
    """What a webhook gets; it may get more fields one day, and none less within a version."""
    made = TypeAdapter(Post).json_schema(mode="serialization")
    for table in (made, *made["$defs"].values()):
        for name, value in table["properties"].items():
            value["description"] = MEANINGS[name]
            value.pop("title", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "feedwatch's webhook post"}
