"""docs/operations.md on health: each trouble, each number, each figure that /metrics shows."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from feedwatch.alerts import health, troubles
from feedwatch.config.settings import Health
from feedwatch.edges import metrics
from feedwatch.pipeline import vitals
from feedwatch.pipeline.vitals import disk_figures
from feedwatch.store import health as table
from tests.docs.test_reasons import PAGE, section
from tests.edges.rows import NOON, opened


def test_every_trouble_is_explained_and_no_other() -> None:
    kinds = {health.FAILING, health.SILENT, health.STUCK, health.DEAD, health.DISK, health.CLOCK}
    assert set(re.findall(r"^\| `(\w+)` \|", section("Health").partition("### ")[0], re.MULTILINE)) == kinds


def test_the_figures_of_health_are_those_of_the_code() -> None:
    page, limits = section("Health"), Health()
    expected = (
        f"After {limits.failures} failures and {limits.failing_for.seconds // 3600} hours",
        f"for more than {limits.silent_after // timedelta(hours=1)} hours",
        f"fewer than {troubles.RHYTHM_ENTRIES} entries",
        f"fewer than {troubles.RHYTHM_ENTRIES} matches",
        f"the longest pause of the {troubles.WATCH_RHYTHM.days} days before",
        f"for less than {troubles.RHYTHM_KNOWN.days} days",
        f"waited for more than {limits.stuck_after.seconds // 60} minutes",
        f"Less than {limits.disk_free // 10**6} MB",
        f"by more than {vitals.JUMP.seconds} seconds",
        f"overdue by {table.LATE.seconds // 60} minutes",
        f"a visit every {limits.heartbeat_every.seconds // 60} minutes",
        f"within {vitals.PATIENCE:.0f} seconds",
    )
    assert [words for words in expected if words not in page] == []
    assert (troubles.LONGEST_PAUSES, troubles.RHYTHM.days, troubles.DISK_SLACK) == (2, 14, 1.2)
    hour = timedelta(hours=1)
    assert (health.GATHER // hour, troubles.DEAD_FOR // hour, troubles.CLOCK_FOR // hour) == (1, 24, 1)


def shown() -> dict[str, tuple[str, str]]:
    """name -> labels, meaning, as the page says."""
    table = PAGE.partition("### Metrics\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", table, re.MULTILINE)
    return {name: (labels.replace("–", ""), meaning) for name, labels, meaning in rows}


def test_every_metric_is_explained_and_no_other(tmp_path: Path) -> None:
    with opened(tmp_path) as db:
        values = table.figures(db, NOON) | disk_figures(tmp_path / "feedwatch.db") | {"feedwatch_in_flight": []}
    assert set(values) == set(metrics.GAUGES)
    families = text_string_to_metric_families(metrics.exposition(values).decode())
    ending = {"counter": "_total", "info": "_info"}
    said = {family.name + ending.get(family.type, ""): family.documentation for family in families}
    assert {name: meaning for name, (_, meaning) in shown().items()} == said


def test_the_labels_of_a_metric_are_named() -> None:
    every = (metrics.POLLS, metrics.READS, metrics.REREADS, metrics.SENDS)
    counters = {f"{each._name}_total": each._labelnames for each in every}
    gauges = {name: labels for name, (_, labels) in metrics.GAUGES.items()}
    told = {name: tuple(labels.split(", ")) if labels else () for name, (labels, _) in shown().items()}
    assert told == counters | gauges | {"feedwatch_build_info": ("version",)}


def test_the_alarms_on_the_page_name_metrics_that_exist() -> None:
    alarms = PAGE.partition("Alarms worth having:")[2].partition("```\n")[2].partition("```")[0]
    named = set(re.findall(r"feedwatch_\w+", alarms))
    assert named
    assert named <= set(shown())
