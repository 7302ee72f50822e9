"""The archive asked with queries: real SQLite, the live evaluator, no more than what it would have found live."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.model import Strength
from feedwatch.pipeline import archive
from feedwatch.pipeline.archive import Stretch, search
from feedwatch.pipeline.replay import Replay, Wish, replay
from feedwatch.store.database import connect_readonly
from feedwatch.watches.parse import parse_query
from tests.edges.archive import NOW, Story, stored
from tests.edges.rows import DAY

HOUR = timedelta(hours=1)
STORIES = (
    Story(title="Maduro speaks", body="In Caracas on Monday.", ago=9 * DAY),
    Story(title="Receta", body="Receta con plátano maduro y queso.", ago=8 * DAY),
    Story(title="Oil rises", body="Prices. " * 80 + "Maduro was silent.", ago=2 * DAY),
    Story(title="Trump and the north", body="Trump said he would talk to Maduro soon.", ago=DAY),
    Story(title="Weather", body="Rain.", ago=HOUR),
)


@pytest.fixture
def db(tmp_path: Path) -> sqlite3.Connection:
    return connect_readonly(stored(tmp_path, *STORIES))


def titles(db: sqlite3.Connection, text: str, stretch: Stretch | None = None, limit: int = 20) -> list[str]:
    with closing(db):
        found = search(db, parse_query(text), {}, stretch or Stretch(), limit=limit).found
    return [one.title for one in found]


def test_the_newest_come_first_and_no_more_than_asked_for(db: sqlite3.Connection) -> None:
    assert titles(db, "maduro", limit=2) == ["Trump and the north", "Oil rises"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("maduro", ["Trump and the north", "Oil rises", "Receta", "Maduro speaks"]),
        ("title:maduro", ["Maduro speaks"]),
        ('maduro UNLESS "plátano maduro"', ["Trump and the north", "Oil rises", "Maduro speaks"]),
        ("Trump NEAR/4 Maduro", []),
        ("Trump NEAR/5 Maduro", ["Trump and the north"]),
        ("/Ca[r]acas/", ["Maduro speaks"]),
        ("maduro NOT (trump OR queso)", ["Oil rises", "Maduro speaks"]),
    ],
)
def test_the_whole_language_searches(db: sqlite3.Connection, query: str, found: list[str]) -> None:
    assert titles(db, query) == found


def test_a_stretch_of_time_is_kept(db: sqlite3.Connection) -> None:
    stretch = Stretch(since=NOW - 8 * DAY - HOUR, until=NOW - DAY)
    assert titles(db, "maduro", stretch) == ["Oil rises", "Receta"]


def test_a_stretch_without_articles_is_empty(db: sqlite3.Connection) -> None:
    assert titles(db, "maduro", Stretch(since=NOW + DAY)) == []


def test_a_search_that_must_judge_too_many_stops_and_says_where(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LOOKED_AT", 2)
    with closing(db):
        results = search(db, parse_query("/nowhere/"), {}, Stretch(), limit=20)
    assert (results.found, results.looked_at) == ((), 2)
    assert results.stopped_at is not None
    assert abs(results.stopped_at - (NOW - DAY)) < HOUR


def played(db: sqlite3.Connection, query: str, before: str | None = None, **wish: object) -> Replay:
    steps: list[tuple[int, int]] = []
    with closing(db):
        counted = replay(
            db,
            Wish(query=parse_query(query), **wish),  # type: ignore[arg-type]
            parse_query(before) if before else None,
            {},
            Stretch(since=NOW - 30 * DAY),
            limit=2,
            progress=lambda done, total: steps.append((done, total)),
        )
    assert all(done <= total for done, total in steps)
    return counted


def test_a_replay_counts_by_strength_and_by_day(db: sqlite3.Connection) -> None:
    counted = played(db, "maduro")
    assert counted.strengths == {Strength.HEADLINE: 1, Strength.TOPIC: 2, Strength.MENTION: 1}
    assert counted.alerts == 3
    assert len(counted.days) == 4
    assert [one.title for one in counted.examples] == ["Trump and the north", "Receta"]


def test_what_a_channel_lets_through_decides_what_counts_as_an_alert(db: sqlite3.Connection) -> None:
    assert played(db, "maduro", floor=Strength.HEADLINE).alerts == 1


def test_other_feeds_are_left_out(db: sqlite3.Connection) -> None:
    assert played(db, "maduro", feeds=frozenset({"https://other.example/feed"})).alerts == 0


def test_the_baseline_is_left_out(tmp_path: Path) -> None:
    path = stored(tmp_path, Story(title="Maduro", body="", how="baseline"), Story(title="Maduro again", body=""))
    assert played(connect_readonly(path), "maduro").alerts == 1


def test_another_wording_gains_and_loses_with_the_reason(db: sqlite3.Connection) -> None:
    counted = played(db, 'rain OR (maduro UNLESS "plátano maduro")', "maduro")
    assert (counted.gained, counted.lost, counted.moved) == (1, 1, 0)
    assert [one.title for one in counted.new] == ["Weather"]
    (gone,) = counted.gone
    assert gone.found.title == "Receta"
    assert any("dropped by UNLESS" in each.why for each in gone.missing)


def test_a_daemon_may_write_meanwhile(db: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "feedwatch.db", timeout=1)) as writer:
        looked = archive.candidates(db, "maduro", Stretch(), first=1)
        next(looked)
        writer.execute("DELETE FROM fts WHERE rowid = 1")
        writer.commit()
        assert len(list(looked)) == 2
    db.close()
