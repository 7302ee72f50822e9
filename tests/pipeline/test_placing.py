"""Which story an article joins, over a real database."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedwatch.model import Page
from feedwatch.pipeline.placing import Placed, place, relation_for
from feedwatch.pipeline.reading import told_by
from feedwatch.store import alerts, articles, retention, stories
from feedwatch.store.articles import ArticleWork
from feedwatch.stories.telling import telling
from tests.edges.rows import DAY, FEED, NOON, claim, configure, entry, opened, value
from tests.pipeline.test_zones import ENTRY

HOUR = timedelta(hours=1)
TITLE = "Explosion at Amuay refinery kills 12"
LEAD = "An explosion at the Amuay refinery killed 12 workers on Tuesday, Governor Victor Alcala of Falcon said."
FILLER = " ".join(map("".join, itertools.product("abcdef", repeat=3)))  # words that are too short to name anything
WIRE = f"{LEAD}\n{FILLER}\nThe Amuay plant was restarted in August."
OWN = "\n".join(
    ("12 workers died when a tank exploded at the Amuay refinery, Governor Victor Alcala of Falcon said on Tuesday.",
     " ".join(reversed(FILLER.split())))
)  # fmt: skip

OTHER = [" ".join(f"{word}{part}" for word in FILLER.split()[:60]) for part in "xy"]  # two paragraphs of another piece


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as made:
        configure(made, FEED)
        yield made


def put(db: sqlite3.Connection, key: str, title: str, body: str, at: datetime = NOON, language: str = "en") -> Placed:
    return placed(db, new(db, key, title, at), title, body, at, language)


def new(db: sqlite3.Connection, key: str, title: str, at: datetime = NOON) -> ArticleWork:
    from feedwatch.store import feeds

    feed = value(db, "SELECT id FROM feeds")
    feeds.add_entries(db, feed, [entry(key, f"https://{key}.example/story", title=title)], None, at)
    (work,) = (each for each in claim(db, at) if each.key == f"a:https://{key}.example/story")
    return work


def placed(
    db: sqlite3.Connection, work: ArticleWork, title: str, body: str, at: datetime = NOON, language: str = "en"
) -> Placed:
    articles.add_revision(db, work.id, "page", Page(title=title, body=body), work.url, at)
    articles.settle_article(db, work, at, page_state="read")
    return place(db, work.id, work.key, telling(title, body, language, ()), at)


def test_a_copy_under_another_headline_joins_the_story_with_its_evidence(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    copy = put(db, "herald", "Governor orders inquiry", WIRE)
    assert (copy.story, copy.key, copy.relation) == (first.story, first.key, "same_text")
    assert json.loads(copy.evidence or "") == {"like": 1, "share": 1.0}


def test_after_a_week_the_same_text_is_a_story_of_its_own(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    assert put(db, "herald", "Another", WIRE, NOON + 6 * DAY).story == first.story
    late = put(db, "gazette", "A third", WIRE, NOON + 15 * DAY)
    assert (late.story != first.story, late.relation) == (True, "founder")


def test_a_text_below_sixty_words_is_nobodys_copy(db: sqlite3.Connection) -> None:
    short = "Rain in the north, sun in the south, and wind from the west in the evening."
    put(db, "courier", "Weather on Monday", short)
    assert put(db, "herald", "Weather on Friday", short).relation == "founder"


def test_half_of_an_article_inside_another_piece_is_a_copy(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    half = " ".join(WIRE.split()[: len(WIRE.split()) // 2])
    quoting = put(db, "herald", "What the neighbours write", f"{OTHER[0]}\n{half}\n{OTHER[1]}")
    assert (quoting.story, quoting.relation) == (first.story, "same_text")
    origins = [report.text for report in stories.reports(stories.tellers(db, first.story))]
    assert origins == [1, 2], "what it says besides is its own"


def test_a_short_copy_is_found_among_many_with_the_same_background(db: sqlite3.Connection) -> None:
    background = " ".join(FILLER.split()[-90:])
    own = [" ".join(f"{word}{chr(ord('a') + n)}" for word in FILLER.split()[:200]) for n in range(12)]
    every = [put(db, f"outlet{n}", f"Story {text[:20]}", f"{text}\n{background}") for n, text in enumerate(own)]
    cut = put(db, "herald", "In short", " ".join([*own[3].split()[:70], *background.split()]))
    assert len({one.story for one in every}) == len(every)
    assert (cut.story, cut.relation) == (every[3].story, "same_text")


def test_a_fuller_text_says_how_much_of_the_other_it_holds(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    fuller = put(db, "herald", "Governor orders inquiry", f"{WIRE}\n{OTHER[0]}\n{OTHER[1]}")
    told = json.loads(fuller.evidence or "")
    assert (told["like"], told["holds"]) == (1, 1.0)
    assert 0.5 < told["share"] < 0.8
    assert [report.text for report in stories.reports(stories.tellers(db, first.story))] == [1, 1]


def test_a_background_paragraph_under_other_news_makes_no_copy(db: sqlite3.Connection) -> None:
    background = " ".join(FILLER.split()[:60])
    put(db, "courier", TITLE, f"{LEAD}\nNobody was hurt in the village behind the fence.\n{background}")
    other = put(db, "herald", "Peru lose at volleyball", f"{OTHER[0]}\n{background}")
    assert other.relation == "founder"


def test_another_report_joins_within_three_days_and_in_its_language(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    report = put(db, "standard", "12 workers die in explosion at Amuay refinery", OWN, NOON + HOUR)
    assert (report.story, report.relation) == (first.story, "same_story")
    assert "^amuay" in json.loads(report.evidence or "")["words"]


@pytest.mark.parametrize(("later", "language"), [(timedelta(hours=80), "en"), (HOUR, "es")])
def test_a_late_report_or_one_in_another_language_is_a_story_of_its_own(
    db: sqlite3.Connection, later: timedelta, language: str
) -> None:
    put(db, "courier", TITLE, WIRE)
    title = "12 workers die in explosion at Amuay refinery"
    assert put(db, "standard", title, OWN, NOON + later, language).relation == "founder"


def test_an_article_keeps_its_story_however_often_it_is_placed(db: sqlite3.Connection) -> None:
    first = put(db, "courier", TITLE, WIRE)
    put(db, "standard", "Nothing like it", OWN)
    again = place(db, 1, "a:other", telling("Nothing like it", OWN, "en", ()), NOON)
    assert (again.story, again.key, again.relation) == (first.story, first.key, "founder")


def test_a_copy_with_a_new_paragraph_about_the_words_is_a_report(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, WIRE)
    fresh = "Maduro dismissed the minister of oil on Tuesday night and named a general of the navy in his place."
    copy = put(db, "herald", "Inquiry", f"{fresh}\n{WIRE}")
    assert copy.relation == "same_text"
    assert relation_for(db, copy, [fresh]) == "same_story"
    assert relation_for(db, copy, [LEAD]) == "same_text"
    assert relation_for(db, copy, ["Maduro, again"]) == "same_text", "a few words are a caption"


def test_a_copy_with_another_number_beside_the_words_is_a_report(db: sqlite3.Connection) -> None:
    toll = "The blast at the Amuay refinery killed {} workers of the night shift, the ministry of oil said."
    put(db, "courier", TITLE, f"{toll.format(12)}\n{FILLER}")
    copy = put(db, "herald", TITLE, f"{toll.format(15)}\n{FILLER}")
    assert copy.relation == "same_text"
    assert relation_for(db, copy, [toll.format(15)]) == "same_story"
    assert relation_for(db, copy, [toll.format(12)]) == "same_text"
    assert relation_for(db, copy, [f"CARACAS, 3 Nov (AFP), 10:30 - {toll.format(12)}"]) == "same_text", "no count"


def test_a_number_that_changes_is_seen_against_all_headlines_of_the_story(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, WIRE)
    assert put(db, "herald", "Death toll of refinery blast rises to 15", WIRE).number == "15"
    assert put(db, "gazette", "Refinery blast: 15 dead", WIRE).number == ""
    assert put(db, "tribune", "Blast at refinery kills 12", WIRE).number == ""


def test_a_late_copy_of_an_old_headline_brings_no_number_however_many_came_between(db: sqlite3.Connection) -> None:
    put(db, "courier", "Blast kills 12 at refinery", WIRE)
    for n in range(40):
        assert put(db, f"outlet{n}", "Refinery blast: 15 dead", WIRE).number == ("" if n else "15")
    assert put(db, "herald", "12 dead in refinery blast", WIRE).number == ""


def test_copies_of_an_article_that_turns_out_to_be_another_are_still_found(db: sqlite3.Connection) -> None:
    early = put(db, "courier", TITLE, WIRE)
    copy = put(db, "herald", "Inquiry", WIRE)
    twin = new(db, "amp", "The page by its own name")
    articles.merge_into(db, 1, twin.id, NOON)
    assert [one.article for one in stories.tellers(db, early.story)] == [twin.id, 2]
    assert [report.text for report in stories.reports(stories.tellers(db, early.story))] == [twin.id, twin.id]
    assert put(db, "gazette", "Tank explodes", WIRE).story == early.story == copy.story


def test_of_two_merged_articles_the_headlines_of_both_are_remembered(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, WIRE)
    put(db, "amp", "Blast: toll of 15 at Amuay", WIRE)
    articles.merge_into(db, 1, 2, NOON)
    assert value(db, "SELECT count(*) FROM tellings") == 1
    assert value(db, "SELECT count(*) FROM shingle WHERE article_id = 1") == 0
    assert put(db, "herald", "Blast kills 12", WIRE).number == ""


def test_what_is_pruned_leaves_nothing_to_be_found(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, WIRE)
    keep = retention.Keep(articles=DAY, alerted=DAY, decisions=DAY, seen=DAY)
    assert retention.remove_articles(db, [1], keep, NOON + 9 * DAY) == 1
    for table in ("tellings", "shingle", "story_terms", "story_articles"):
        assert value(db, f"SELECT count(*) FROM {table}") == 0
    assert put(db, "herald", TITLE, WIRE, NOON + 9 * DAY).relation == "founder"


def test_after_a_week_only_what_people_look_at_is_kept(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, f"{WIRE}\n(AFP)")
    assert stories.forget_past(db, NOON + 6 * DAY, most=10) == 0
    assert stories.forget_past(db, NOON + 8 * DAY, most=10) == 1
    assert stories.forget_past(db, NOON + 8 * DAY, most=10) == 0
    for table in ("shingle", "story_terms"):
        assert value(db, f"SELECT count(*) FROM {table}") == 0
    assert stories.company(db, 1, "courier.example") == ((), ("AFP",))


def test_counts_of_terms_are_halved_when_they_are_many(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "COUNTED", 10)
    for n in range(10):
        stories.count_terms(db, "en", ("common", f"rare{n}"))
    known = stories.rarity(db, "en", ("common", "rare3"))
    assert (known.stories, known.counts) == (5, {"common": 5})


def test_a_formula_that_thousands_share_costs_no_more_than_a_few(db: sqlite3.Connection) -> None:
    told = telling(TITLE, WIRE, "en", ())
    for n in range(stories.NEWEST + 20):
        work = new(db, f"host{n}", TITLE)
        alerts.story_of(db, work.id, work.key, NOON)
        stories.remember(db, work.id, told, {"^amuay": 1.0}, NOON)
    assert len(stories.shares_shingles(db, 0, told.sketch, NOON)) == stories.LOOKED_AT
    assert len(stories.shares_terms(db, 0, {"^amuay": 1.0}, "en", NOON)) == stories.LOOKED_AT


def test_three_outlets_with_an_agencys_text_are_one_source(db: sqlite3.Connection) -> None:
    put(db, "courier", TITLE, f"{WIRE}\n(AFP)")
    put(db, "herald", "Inquiry", WIRE)
    story = put(db, "standard", "12 workers die in explosion at Amuay refinery", OWN).story
    told = stories.tellers(db, story)
    assert [one.relation for one in told] == ["founder", "same_text", "same_story"]
    assert [report.text for report in stories.reports(told)] == [1, 1, 3]
    assert stories.company(db, story, "elsewhere")[1] == ("AFP", "courier.example")


def test_what_a_host_repeats_under_other_news_is_no_part_of_what_an_article_tells() -> None:
    page = Page(title=TITLE, body=f"{WIRE}\n{OTHER[0]}", language="en")
    known = replace(page, background=(OTHER[0],))
    assert told_by(known, ENTRY) == told_by(replace(page, body=WIRE), ENTRY) != told_by(page, ENTRY)
