from __future__ import annotations

from dataclasses import replace

from feedwatch.cli.story import _teller, lines
from feedwatch.store.stories import Told

FIRST = Told(
    article=1,
    outlet="Courier",
    title="Explosion kills 12",
    link="https://courier.example/a",
    relation="founder",
    evidence={},
    credits=("AFP",),
)
COPY = Told(
    article=2,
    outlet="Herald",
    title="Governor\x1b[2J orders inquiry",
    link=None,
    relation="same_text",
    evidence={"like": 1, "share": 0.93},
    credits=(),
)
REPORT = Told(
    article=3,
    outlet="Standard",
    title="12 die",
    link=None,
    relation="same_story",
    evidence={"like": 1, "link": 0.71, "words": ["#12", "^amuay", "amuay"]},
    credits=(),
)


def test_the_story_of_an_alert_is_told_with_its_evidence() -> None:
    told = (FIRST, COPY, REPORT)
    story = {"told_by": [_teller(one, told) for one in told], "sources": ["AFP", "Standard"]}
    assert lines(story) == [
        "  story: 3 outlets, 2 sources (AFP, Standard)",
        "    Courier: Explosion kills 12; told it first; credits AFP",
        "    Herald: Governor[2J orders inquiry; 93 % of its text is Courier's",
        "    Standard: 12 die; reports what Courier reports: 12, amuay (likeness 0.71)",
    ]


def test_a_text_that_holds_more_of_another_than_of_itself_says_so() -> None:
    longer = replace(COPY, evidence={"like": 1, "share": 0.41, "holds": 1.0})
    assert _teller(longer, (FIRST, longer))["why"] == "holds 100 % of Courier's text"


def test_evidence_that_was_pruned_is_called_an_older_article() -> None:
    assert _teller(COPY, (COPY,))["why"] == "93 % of its text is an older article's"
