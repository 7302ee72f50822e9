"""What becomes of a match, over any history of one story and one watchlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.decide import (
    ACKED,
    ALERTED,
    BASELINE,
    BEFORE,
    BELOW,
    COPY,
    GATHERED,
    MUTED,
    TOLD,
    UPDATE,
    Situation,
    Verdict,
    decide,
)
from feedwatch.model import Strength

MENTION, TOPIC, HEADLINE = Strength
OUTCOMES = {ALERTED, BASELINE, BEFORE, BELOW, GATHERED, MUTED, TOLD}

NEW = Situation(
    strength=TOPIC, told=None, how="new", window_open=False, before_watchlist=False, floors={"desk": MENTION}
)

strengths = st.sampled_from(Strength)
floors = st.dictionaries(st.sampled_from(["desk", "phone", "mail"]), strengths)
situations = st.builds(
    Situation,
    strength=strengths,
    told=st.none() | strengths,
    how=st.sampled_from(["new", "backfill", "baseline"]),
    window_open=st.booleans(),
    before_watchlist=st.booleans(),
    floors=floors,
    muted=st.booleans(),
)
relations = st.sampled_from(["founder", "same_text", "same_story"])
among_stories = st.builds(
    lambda now, relation, number, known, acked: replace(
        now, relation=relation, changed_number=number, known=known, acked=acked
    ),
    situations,
    relations,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@dataclass
class History:
    """One story and one watchlist over time, as the store keeps them."""

    floors: Mapping[str, Strength]
    told: Strength | None = None
    heard: list[tuple[str, str, Strength]] = field(default_factory=list)  # (channel, worded, strength)
    verdicts: list[Verdict] = field(default_factory=list)
    met: list[Situation] = field(default_factory=list)

    def meet(self, found: Situation) -> None:
        verdict = decide(replace(found, told=self.told, floors=self.floors))
        self.verdicts.append(verdict)
        self.met.append(found)
        self.heard += [(channel, worded, found.strength) for channel, worded in verdict.channels]
        if verdict.tells:
            self.told = found.strength

    def of(self, channel: str) -> list[tuple[str, Strength]]:
        return [(worded, strength) for name, worded, strength in self.heard if name == channel]


@st.composite
def histories(
    draw: st.DrawFn, how: st.SearchStrategy[str] | None = None, muted: st.SearchStrategy[bool] | None = None
) -> History:
    history = History(draw(floors))
    for found in draw(st.lists(situations, max_size=8)):
        here = replace(found, how=draw(how)) if how is not None else found
        history.meet(replace(here, muted=draw(muted)) if muted is not None else here)
    return history


always_new = st.just("new")


# Over any history ---------------------------------------------------------------------------------------


@given(situations)
def test_every_match_has_an_outcome_and_only_an_alert_has_listeners(now: Situation) -> None:
    verdict = decide(now)
    assert verdict.outcome in OUTCOMES
    assert (verdict.outcome == ALERTED) == bool(verdict.channels) == (verdict.kind is not None)


@given(histories())
def test_no_channel_hears_two_firsts_or_a_raise_before_a_first(history: History) -> None:
    gathered = any(verdict.outcome in (GATHERED, MUTED) for verdict in history.verdicts)
    for channel in history.floors:
        words = [worded for worded, _ in history.of(channel)]
        assert words.count("first") <= 1
        assert words[:1] in ([], ["first"]) or gathered, "what was gathered is told by the window's digest"


@given(histories())
def test_what_a_channel_hears_grows_stronger_each_time_and_reaches_its_floor(history: History) -> None:
    for channel, floor in history.floors.items():
        strengths = [strength for _, strength in history.of(channel)]
        assert strengths == sorted(set(strengths))
        assert all(strength >= floor for strength in strengths)


@given(histories(always_new))
def test_silence_ends_in_one_message_that_tells_what_would_have_been_told(history: History) -> None:
    """A mute changes how something is told, never whether: the same histories with and without one know the same."""
    loud = History(history.floors)
    for found in history.met:
        loud.meet(replace(found, muted=False))
    assert history.told == loud.told
    assert [verdict.tells for verdict in history.verdicts] == [verdict.tells for verdict in loud.verdicts]


@given(histories(always_new, st.just(False)))
def test_the_strongest_match_is_heard_by_everyone_whom_it_concerns(history: History) -> None:
    """Nothing is lost: whoever takes a strength knows of it, or of a stronger one."""
    decided = [verdict for verdict in history.verdicts if verdict.outcome != BEFORE]
    for channel, floor in history.floors.items():
        if history.told is not None and history.told >= floor:
            assert history.of(channel)[-1][1] == history.told
    if history.told is None:
        assert {verdict.outcome for verdict in decided} <= {BELOW}


@given(histories())
def test_of_several_alerts_of_a_story_one_is_a_first_unless_a_digest_told_it(history: History) -> None:
    kinds = [verdict.kind for verdict in history.verdicts if verdict.kind]
    assert kinds[1:] == ["raise"] * (len(kinds) - 1)


@given(situations)
def test_a_raise_is_always_stronger_than_what_was_told(now: Situation) -> None:
    verdict = decide(now)
    if verdict.kind == "raise":
        assert now.told is not None
        assert now.strength > now.told
    if verdict.kind == "first":
        assert now.told is None


@given(situations)
def test_a_channel_that_was_too_high_for_what_was_told_hears_of_a_raise_as_a_first(now: Situation) -> None:
    for channel, worded in decide(now).channels:
        heard_before = now.told is not None and now.told >= now.floors[channel]
        assert worded == ("raise" if heard_before else "first")


@given(situations)
def test_an_alert_goes_to_exactly_the_channels_that_take_its_strength(now: Situation) -> None:
    verdict = decide(now)
    if verdict.outcome == ALERTED:
        assert {name for name, _ in verdict.channels} == {n for n, least in now.floors.items() if now.strength >= least}


@given(situations)
def test_nothing_is_told_of_the_baseline_or_of_what_was_seen_before_the_watchlist(now: Situation) -> None:
    assert decide(replace(now, how="baseline")) == Verdict(outcome=BASELINE)
    earlier = decide(replace(now, before_watchlist=True))
    assert earlier.outcome in (BASELINE, BEFORE)
    assert not earlier.tells


@given(situations)
def test_what_somebody_should_know_is_never_held_back_but_for_a_reason(now: Situation) -> None:
    """In doubt it alerts: only the four reasons below make an outcome that tells nobody."""
    excused = (
        now.how == "baseline"
        or now.before_watchlist
        or (now.told is not None and now.told >= now.strength)
        or all(now.strength < least for least in now.floors.values())
    )
    assert decide(now).tells is not excused


# One by one ---------------------------------------------------------------------------------------------


def test_a_first_match_is_a_first() -> None:
    assert decide(NEW) == Verdict(outcome=ALERTED, kind="first", channels=(("desk", "first"),))


def test_the_same_strength_again_is_known_already() -> None:
    assert decide(replace(NEW, told=TOPIC)).outcome == TOLD


def test_too_weak_for_every_channel_is_not_told_and_does_not_count_as_told() -> None:
    history = History({"phone": HEADLINE})
    history.meet(NEW)
    history.meet(replace(NEW, strength=HEADLINE))
    assert [verdict.outcome for verdict in history.verdicts] == [BELOW, ALERTED]
    assert history.of("phone") == [("first", HEADLINE)]


def test_one_channels_raise_is_anothers_first() -> None:
    history = History({"desk": MENTION, "phone": HEADLINE})
    history.meet(NEW)
    history.meet(replace(NEW, strength=HEADLINE))
    assert history.heard == [("desk", "first", TOPIC), ("desk", "raise", HEADLINE), ("phone", "first", HEADLINE)]


def test_who_was_told_at_just_the_floor_hears_a_raise() -> None:
    assert decide(replace(NEW, told=MENTION)).channels == (("desk", "raise"),)


def test_a_backfill_entry_gathers_while_its_window_is_open_and_alerts_singly_after() -> None:
    backfill = replace(NEW, how="backfill")
    assert decide(replace(backfill, window_open=True)) == Verdict(outcome=GATHERED)
    assert decide(backfill).outcome == ALERTED


def test_a_new_entry_never_waits_for_the_window() -> None:
    assert decide(replace(NEW, window_open=True)).outcome == ALERTED


def test_what_was_gathered_is_not_told_again_when_a_copy_comes() -> None:
    history = History({"desk": MENTION})
    history.meet(replace(NEW, how="backfill", window_open=True))
    history.meet(NEW)
    assert [verdict.outcome for verdict in history.verdicts] == [GATHERED, TOLD]


def test_a_watchlist_without_channels_is_told_nothing() -> None:
    assert decide(replace(NEW, floors={})).outcome == BELOW


def test_a_muted_match_is_held_back_and_counts_as_told() -> None:
    history = History({"desk": MENTION})
    history.meet(replace(NEW, muted=True))
    history.meet(NEW)
    assert [verdict.outcome for verdict in history.verdicts] == [MUTED, TOLD]


def test_what_grows_stronger_after_the_mute_is_told() -> None:
    history = History({"desk": MENTION})
    history.meet(replace(NEW, muted=True))
    history.meet(replace(NEW, strength=HEADLINE))
    assert history.heard == [("desk", "raise", HEADLINE)]


def test_a_mute_counts_only_what_would_have_been_told() -> None:
    muted = replace(NEW, muted=True)
    assert decide(replace(muted, floors={"phone": HEADLINE})).outcome == BELOW
    assert decide(replace(muted, how="baseline")).outcome == BASELINE


def test_a_muted_watchlist_gathers_nothing_for_the_windows_digest() -> None:
    assert decide(replace(NEW, how="backfill", window_open=True, muted=True)).outcome == MUTED


# Stories ------------------------------------------------------------------------------------------------


@given(among_stories)
def test_what_a_watchlist_was_not_told_of_is_a_first_whatever_the_story(now: Situation) -> None:
    """A wrong merge of stories never costs anybody the first alert."""
    alone = replace(now, told=None)
    founder = replace(alone, relation="founder", changed_number=False, known=False, acked=False)
    assert decide(alone).outcome == decide(founder).outcome
    assert decide(alone).channels == decide(founder).channels


@given(among_stories)
def test_what_is_stronger_than_told_is_no_copy_and_no_update(now: Situation) -> None:
    if now.told is not None and now.strength > now.told:
        assert decide(now).outcome not in {TOLD, COPY, UPDATE, ACKED}


@given(among_stories)
def test_every_match_has_one_outcome_and_an_alert_has_listeners(now: Situation) -> None:
    verdict = decide(now)
    assert verdict.outcome in OUTCOMES | {COPY, UPDATE, ACKED}
    assert (verdict.outcome == ALERTED) == bool(verdict.channels)


@given(among_stories)
def test_an_ack_ends_updates_and_nothing_else(now: Situation) -> None:
    before, after = decide(replace(now, acked=False)), decide(replace(now, acked=True))
    if before.outcome != after.outcome:
        assert after.outcome == ACKED
        assert before.outcome in {UPDATE, BELOW, MUTED, GATHERED}
        assert now.relation == "same_story"


KNOWN = replace(NEW, told=TOPIC)


def test_a_copy_alerts_nobody_and_says_so() -> None:
    verdict = decide(replace(KNOWN, relation="same_text"))
    assert (verdict.outcome, verdict.tells) == (COPY, False)
    assert verdict.why == "a topic; told of the story before, as a topic"


def test_another_report_joins_the_updates() -> None:
    assert decide(replace(KNOWN, relation="same_story")).outcome == UPDATE
    assert decide(replace(KNOWN, relation="same_story", known=True)).outcome == TOLD, "it joined already"
    assert decide(replace(KNOWN, relation="same_story", acked=True)).outcome == ACKED
    assert decide(replace(KNOWN, relation="same_story", strength=MENTION, floors={"desk": TOPIC})).outcome == BELOW
    assert decide(replace(KNOWN, relation="same_story", muted=True)).outcome == MUTED
    gathers = replace(KNOWN, relation="same_story", how="backfill", window_open=True)
    assert decide(gathers).outcome == GATHERED, "the digest groups by story"


def test_another_number_in_the_headline_is_a_raise() -> None:
    other = replace(KNOWN, relation="same_story", changed_number=True, acked=True)
    assert decide(other) == Verdict(outcome=ALERTED, kind="raise", channels=(("desk", "raise"),))
    assert decide(replace(other, known=True)).outcome == TOLD


def test_what_is_too_weak_says_for_whom() -> None:
    assert decide(replace(NEW, floors={"phone": HEADLINE})).why == "a topic; phone takes headline and up"
