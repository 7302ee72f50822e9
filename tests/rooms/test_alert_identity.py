"""Alert ids: pinned, because another value for the same cause would tell everything twice."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.identity import alert_id, first_cause, raise_cause, window_cause

STORY = "a:https://courier.example/ferry"


@pytest.mark.parametrize(
    ("root", "kind", "cause", "known"),
    [
        ("ve", "first", first_cause(STORY), "f411edc9b88841ecdac1ceebc50f7f67"),
        ("ve", "raise", raise_cause(STORY, "headline"), "ff67d4e75c444fda863af936d0f9214d"),
        ("", "digest", window_cause("backfill/1795348800000000", "phone"), "ab6d5fd1ee8936bec271455e49cd3a39"),
        ("вс", "first", first_cause("e:https://courier.example/feed 6b"), "0f11d98e6cf1795593e51a3743dee247"),
    ],
)
def test_ids_are_the_same_in_every_version(root: str, kind: str, cause: str, known: str) -> None:
    assert alert_id(root, kind, cause) == known


def test_causes_are_what_they_were() -> None:
    assert first_cause(STORY) == STORY
    assert raise_cause(STORY, "topic") == f"{STORY} topic"
    assert window_cause("backfill/1", "phone") == "backfill/1/phone"


def test_watchlist_kind_and_cause_each_make_another_alert() -> None:
    ids = [
        alert_id("ve", "first", STORY),
        alert_id("cu", "first", STORY),
        alert_id("ve", "raise", STORY),
        alert_id("ve", "first", STORY + "2"),
        alert_id("ve", "raise", raise_cause(STORY, "topic")),
        alert_id("ve", "raise", raise_cause(STORY, "headline")),
        alert_id("", "digest", window_cause("backfill/1", "a")),
        alert_id("", "digest", window_cause("backfill/1", "b")),
    ]
    assert all(one != other for one, other in combinations(ids, 2))


parts = st.text(st.characters(exclude_characters="\0"), max_size=8)


@given(st.tuples(parts, parts, parts), st.tuples(parts, parts, parts))
def test_parts_do_not_run_into_each_other(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (alert_id(*one) == alert_id(*other)) == (one == other)


@given(st.text(), st.text(), st.text())
def test_an_id_is_32_hex_digits_whatever_it_is_made_from(root: str, kind: str, cause: str) -> None:
    made = alert_id(root, kind, cause)
    assert len(made) == 32
    assert int(made, 16) >= 0


def test_text_that_is_no_unicode_has_an_id_too() -> None:
    assert alert_id("ve", "first", "a:\ud800") != alert_id("ve", "first", "a:")
