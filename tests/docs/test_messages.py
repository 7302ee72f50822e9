"""docs/messages.md and docs/webhook.md against what is sent. `python -m tests.docs.test_messages` writes them anew."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from feedwatch.alerts.outgoing import cut
from feedwatch.alerts.phrases import Manners
from feedwatch.alerts.post import MEANINGS, post_of, post_of_message
from feedwatch.alerts.render import render
from feedwatch.alerts.samples import KINDS, WATCHLIST, sample
from feedwatch.cli.channels import Sample
from feedwatch.config.schema import webhook_schema
from feedwatch.model import AlertView, Message, Mute

DOCS = Path(__file__).parents[2] / "docs"
MESSAGES, WEBHOOK, SCHEMA = DOCS / "messages.md", DOCS / "webhook.md", DOCS / "webhook.schema.json"
AT = datetime(2026, 11, 22, 14, 7, tzinfo=UTC)
MANNERS = Manners(labels={WATCHLIST: "VE"}, zone=UTC, title_limit=0, body_limit=0)
SMALL, LARGE = 40, 160


def message(kind: str) -> Message:
    return render(ALERTS[kind], ALERTS[kind].kind, MANNERS)


def screen(kind: str, room: int) -> str:
    """What a lock screen of so many characters shows."""
    told = message(kind)
    return cut(f"{told.title}\n{told.body}", room) if room > SMALL else cut(told.title, room)


def post(kind: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(post_of(ALERTS[kind], ALERTS[kind].kind, message(kind), MANNERS))
    return made


def digests() -> dict[str, AlertView]:
    """What ends each kind of window, and a mute."""
    made = sample("digest", AT)
    assert made.window is not None
    opened = replace(made.window, opens=AT - timedelta(hours=7), feeds=27, well=27)
    gathered = {
        f"digest: {kind}": replace(made, window=replace(opened, kind=kind)) for kind in ("quiet", "budget", "backlog")
    }
    mute = Mute(watchlist=WATCHLIST, since=AT - timedelta(hours=2), until=AT, actor="anna")
    return gathered | {
        "digest: backfill": replace(made, window=replace(opened, kind="backfill"), total=212),
        "digest: nothing matched": replace(made, window=replace(opened, kind="backfill"), items=(), total=212),
        "digest: all quiet": replace(made, window=opened, items=(), total=212),
        "digest: the end of a mute": replace(made, window=None, mute=mute),
    }


ALERTS = {kind: sample(kind, AT) for kind in KINDS} | digests()


def samples() -> str:
    return "\n\n".join(f"`{kind}`\n\n```text\n{screen(kind, SMALL)}\n\n{screen(kind, LARGE)}\n```" for kind in ALERTS)


def written(page: str, mark: str, text: str) -> str:
    """The page with `text` between its two marks."""
    return re.sub(
        rf"(<!-- {mark}: .*? -->\n).*?(<!-- end of {mark} -->)",
        lambda found: f"{found[1]}\n{text}\n\n{found[2]}",
        page,
        flags=re.DOTALL,
    )


def messages_page(page: str) -> str:
    return written(page, "samples", samples())


def webhook_page(page: str) -> str:
    return written(page, "sample", f"```json\n{json.dumps(post('first'), indent=2, ensure_ascii=False)}\n```")


def schema_text() -> str:
    return json.dumps(webhook_schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_page_shows_the_messages_as_they_are() -> None:
    page = MESSAGES.read_text(encoding="utf-8")
    assert messages_page(page) == page, "run python -m tests.docs.test_messages"


def test_the_page_shows_a_post_as_it_is() -> None:
    page = WEBHOOK.read_text(encoding="utf-8")
    assert webhook_page(page) == page, "run python -m tests.docs.test_messages"


def test_the_schema_beside_it_is_the_one_that_is_printed() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run python -m tests.docs.test_messages"


def test_every_kind_of_message_has_a_sample_that_can_be_sent() -> None:
    assert {kind.value for kind in Sample} == set(KINDS)


@pytest.mark.parametrize("kind", ALERTS)
def test_forty_characters_say_whose_alert_it_is_and_begin_to_say_what(kind: str) -> None:
    label, _, rest = screen(kind, SMALL).partition(" · ")
    assert label in {"VE", "feedwatch"}
    assert len(rest) > 15


@pytest.mark.parametrize("kind", [*ALERTS, "message"])
def test_a_post_of_each_kind_is_as_the_schema_says(kind: str) -> None:
    made = post(kind) if kind in ALERTS else json.loads(post_of_message(message("first")))
    jsonschema.Draft202012Validator(webhook_schema()).validate(made)
    assert list(made)[:5] == ["title", "url", "text", "watchlist", "strength"]
    assert made["type"] == (f"alert.{kind.partition(':')[0]}" if kind in ALERTS else "message")


def test_the_schema_refuses_what_is_no_post() -> None:
    made = post("first")
    without_id = {name: value for name, value in made.items() if name != "id"}
    for wrong in ({**made, "type": "alert.none"}, {**made, "items": None}, without_id):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(webhook_schema()).validate(wrong)


def test_every_field_has_a_meaning_and_no_meaning_is_left_over() -> None:
    made = webhook_schema()
    fields = {name for table in (made, *made["$defs"].values()) for name in table["properties"]}
    assert fields == set(MEANINGS)


if __name__ == "__main__":
    MESSAGES.write_text(messages_page(MESSAGES.read_text(encoding="utf-8")), encoding="utf-8")
    WEBHOOK.write_text(webhook_page(WEBHOOK.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
