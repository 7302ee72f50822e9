"""749 real pages by the real daemon: every page read or its failure stored, and who was alerted."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from feedwatch.model import Reason
from tests.harness import (
    NEWSROOM_WATCH,
    SHARED,
    count,
    daemon,
    feeds_of,
    newsroom,
    port_of,
    query,
    wait_until,
    write_config,
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(os.environ.get("FULL") != "1", reason="takes a minute: make corpus"),
    pytest.mark.skipif(not (SHARED / "tools" / "newsroom.py").exists(), reason="needs ../shared"),
]


def test_every_real_page_is_read_or_says_why_and_the_true_ones_alert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["id"]: row for row in map(json.loads, (SHARED / "corpus" / "pages.jsonl").read_text().split("\n")[:-1])}
    with newsroom(tmp_path, "--hosts", "8", "--empty-first") as log:
        config = write_config(tmp_path, NEWSROOM_WATCH.format(port=port_of(log)), feeds_of(log))
        with daemon(config) as running:
            database = tmp_path / "feedwatch.db"
            wait_until(lambda: count(database, "entries") == len(rows), 120)
            wait_until(lambda: count(database, "entries WHERE decided_version < version") == 0, 300)
            wait_until(lambda: count(database, "deliveries WHERE state != 'sent'") == 0, 60)
            assert running.stop() == 0
    states = Counter(
        row["reason"] or row["page_state"] for row in query(database, "SELECT page_state, reason FROM articles")
    )
    labelled = {key for key, row in rows.items() if row.get("mentions_venezuela_or_maduro")}
    told = alerted(database)
    with capsys.disabled():
        print(f"\npages: {dict(states)}")  # noqa: T201 - the figures are what this run is for
        print(f"true pages alerted: {len(labelled & told.keys())} of {len(labelled)}")  # noqa: T201
        for key in sorted(told.keys() - labelled):
            print(f"false: {key} {rows[key].get('where')}: {told[key]}")  # noqa: T201
    assert sum(states.values()) == len(rows)
    assert set(states) <= {"read", *Reason}
    assert len(labelled & told.keys()) >= 6


def alerted(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Page → the zones and terms that made it alert."""
    found = query(
        database,
        "SELECT link, reasons FROM decisions JOIN entries ON entries.id = entry_id WHERE outcome = 'alerted'",
    )
    return {row["link"].rsplit("/", 1)[1]: json.loads(row["reasons"])["hits"] for row in found}
