"""Sixty pages of one host through the real daemon: rotating boxes of other stories, and a background paragraph."""

from __future__ import annotations

import json
import random
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from feedwatch.articles.furniture import PAGES
from tests.harness import Receiver, Site, count, daemon, query, receiver, site, wait_until, write_config

N = 60
WATCH = """
[channels.desk]
url = "json://127.0.0.1:{port}/"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["desk"]
"""

BACKGROUND = (
    "The harbour office answers to the ministry since the reform of last spring, when Nicolás Maduro sent the first of"
    " three delegations to the northern ports, and the towns along the river were promised a bridge that nobody built."
)
"""Prose of more than 25 words that the host's agency adds to its articles."""

BOXES = (
    "Maduro opens a new bridge",
    "Maduro speaks to the fleet",
    "Maduro visits the islands",
    "Maduro closes the border again",
    "Maduro meets four ministers",
    "Maduro greets the winners",
)
"""Headlines of other stories; three of them on every page, by turns."""

TOPICS = ("ferry", "school", "bakery", "library", "stadium", "market", "museum", "tramway", "orchard", "lighthouse")

WORDS = """
neighbours council engine baker Tuesday crowns bridge winter timber letters captain window garden pupils autumn trains
harvest doctor painter meadow ticket morning island barrel copper spoon violin harbour ladder granite opened counted
promised carried repaired measured painted answered crossed gathered planted watched borrowed narrow quiet golden
distant wooden patient hollow bright seven eleven forty behind without beneath across before
"""


def paragraphs(number: int) -> list[str]:
    """An article's own words: no two articles share five in a row."""
    draw = random.Random(number)  # noqa: S311 - the same words at every run
    topic = TOPICS[number % len(TOPICS)]
    lengths = (26, 31, 28, 34, 29, 27)
    texts = (" ".join(draw.choice(WORDS.split()) for _ in range(length)) for length in lengths)
    return [f"The {topic} {text}." for text in texts]


def page(number: int, *, background: bool, linked: bool) -> bytes:
    """Boxes in plain blocks without a class, in the middle of the text and behind it."""
    own = paragraphs(number)
    shown = [BOXES[(number + turn) % len(BOXES)] for turn in range(3)]
    boxes = [f"<p><a href='/other/{BOXES.index(one)}'>{one}</a></p>" if linked else f"<p>{one}</p>" for one in shown]
    text = [*(f"<p>{line}</p>" for line in own[:2]), boxes[0], *(f"<p>{line}</p>" for line in own[2:]), *boxes[1:]]
    if background:
        text.insert(2, f"<p>{BACKGROUND}</p>")
    name = f"District {number} gets its {TOPICS[number % len(TOPICS)]}"
    return (
        f"<html lang='en'><head><title>{name}</title></head><body><article><h1>{name}</h1>{''.join(text)}"
        "</article></body></html>"
    ).encode()


def publish(made: Site, number: int, **how: bool) -> None:
    made.answers[f"/a{number}"] = (200, "text/html; charset=utf-8", page(number, **how))
    made.items.insert(0, (f"a{number}", f"District {number} gets its {TOPICS[number % len(TOPICS)]}", ""))


def are_read(database: Path, pages: int) -> bool:
    return count(database, "articles WHERE page_state = 'read'") >= pages


def run(folder: Path, *, background: range, linked: bool, others: tuple[str, ...] = ()) -> tuple[Path, Receiver]:
    """Every page published after the first poll, one by one in batches; what arrived at the desk.

    `others` are stories that the feed showed before.
    """
    with site() as made, receiver() as desk:
        config = write_config(folder, WATCH.format(port=desk.port), [f"{made.url}/feed"])
        database = folder / "feedwatch.db"
        made.publish(
            "first", "A quiet day at the harbour", "Nothing happened at the harbour today, said the office. " * 5
        )
        made.items += [(f"o{number}", title, "") for number, title in enumerate(others)]
        with daemon(config) as running:
            wait_until(partial(are_read, database, 1), 120)
            for number in range(N):
                publish(made, number, background=number in background, linked=linked)
                if number <= PAGES or number % 10 == 0:  # one by one, then ten at once
                    wait_until(partial(are_read, database, number + 2), 60)
            wait_until(partial(are_read, database, N + 1), 120)
            running.stop()
    return database, desk


def decisions(database: Path) -> list[sqlite3.Row]:
    return query(
        database,
        "SELECT entries.title, outcome, strength, snippet, reasons FROM decisions JOIN entries ON entries.id = entry_id"
        " ORDER BY entries.id",
    )


def bodies(database: Path) -> dict[str, str]:
    rows = query(database, "SELECT title, body FROM revisions WHERE kind = 'page' AND title LIKE 'District%'")
    return {row["title"]: row["body"] for row in rows}


def assert_articles_are_whole(database: Path) -> None:
    known = bodies(database)
    for number in range(N):
        body = known[f"District {number} gets its {TOPICS[number % len(TOPICS)]}"]
        assert all(line in body for line in paragraphs(number)), number


@pytest.mark.timeout(400)
def test_rotating_boxes_of_links_alert_nobody_and_a_background_paragraph_is_not_silenced(tmp_path: Path) -> None:
    database, _ = run(tmp_path, background=range(10, N, 2), linked=True)
    made = decisions(database)
    assert made
    assert all("delegations" in row["snippet"] for row in made), [row["snippet"] for row in made]
    told = [row for row in made if "background" not in json.loads(row["reasons"])]
    lowered = [row for row in made if json.loads(row["reasons"]).get("background") == "only"]
    assert len(told) <= PAGES + 4  # pages in flight know of those that are written
    assert len(lowered) >= 25 - PAGES - 4
    assert {row["strength"] for row in lowered} == {"mention"}
    assert len(made) == 25  # every page with the paragraph was decided, none forgotten
    assert_articles_are_whole(database)


@pytest.mark.timeout(400)
def test_boxes_without_a_link_are_learnt_after_a_few_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database, _ = run(tmp_path, background=range(0), linked=False)
    hit = [row["title"] for row in decisions(database)]
    with capsys.disabled():
        print(f"\npages with a box taken for text: {len(hit)} of {N}: {hit}")  # noqa: T201 - what this run is for
    assert len(hit) <= 2 * len(BOXES) + 4
    assert_articles_are_whole(database)


@pytest.mark.timeout(400)
def test_boxes_of_stories_that_the_feed_told_alert_nobody_from_the_first_page_on(tmp_path: Path) -> None:
    """No link, no class, no heading: but a line that is another story's headline is told with that story."""
    database, _ = run(tmp_path, background=range(0), linked=False, others=BOXES)
    hit = [row["title"] for row in decisions(database) if row["title"] not in BOXES]
    assert hit == []
    assert_articles_are_whole(database)


def test_no_two_of_the_pages_share_a_paragraph() -> None:
    texts = [line for number in range(N) for line in paragraphs(number)]
    assert len(set(texts)) == len(texts)
