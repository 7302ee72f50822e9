from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts import health, readiness, troubles
from feedwatch.alerts.health import Bulletin, Episode, Scene, Sighting, step
from feedwatch.alerts.readiness import Readiness, Tally
from feedwatch.alerts.troubles import FailingFeed, Jump, Queue, QuietFeed, QuietWatch

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    failures: int = 3
    failing_for: timedelta = 2 * HOUR
    silent_after: timedelta = DAY
    stuck_after: timedelta = 30 * MINUTE
    disk_free: int = 500_000_000


LIMITS = Limits()
SUBJECTS = ("a", "b", "c")
SCENE = Scene(subjects=frozenset(SUBJECTS), notify=("desk",), channels=("desk", "phone"))


def bad(
    subject: str, now: datetime, *, kind: str = health.FAILING, after: timedelta = 2 * HOUR, channel: str | None = None
) -> Sighting:
    return Sighting(
        kind=kind, subject=subject, name=subject.upper(), text="fails", cure="wait", since=now, after=after,
        channel=channel,
    )  # fmt: skip


@dataclass
class Watch:
    """Looks one after another, as the daemon makes them."""

    scene: Scene = SCENE
    now: datetime = NOON
    episodes: tuple[Episode, ...] = ()

    def look(self, *seen: Sighting, after: timedelta = MINUTE) -> tuple[Bulletin, ...]:
        self.now += after
        every, bulletins = step(self.episodes, seen, self.scene, self.now)
        self.episodes = tuple(each for each in every if each.settled is None)
        return bulletins


def test_a_trouble_is_told_when_it_is_ripe_and_not_again() -> None:
    watch = Watch()
    assert watch.look(bad("a", NOON)) == ()
    assert watch.look(bad("a", NOON), after=HOUR) == ()
    [told] = watch.look(bad("a", NOON), after=HOUR)
    assert told.channels == ("desk",)
    assert [each.subject for each in told.bad] == ["a"]
    assert watch.look(bad("a", NOON), after=DAY) == ()


def test_a_trouble_that_nobody_heard_of_ends_in_silence() -> None:
    watch = Watch()
    watch.look(bad("a", NOON))
    assert watch.look() == ()
    assert watch.episodes == ()


def test_the_end_of_a_trouble_is_told_once_where_it_was_told() -> None:
    watch = Watch()
    watch.look(bad("a", NOON, after=health.NOW))
    watch.scene = Scene(subjects=SCENE.subjects, notify=("phone",), channels=("desk", "phone"))
    [told] = watch.look()
    assert (told.channels, told.bad, [each.subject for each in told.well]) == (("desk",), (), ["a"])
    assert watch.look() == ()


def test_an_outage_is_one_message_and_its_end_another() -> None:
    watch = Watch()
    seen: list[Sighting] = []
    told: list[Bulletin] = []
    for subject in SUBJECTS:  # one after another they fail
        seen.append(bad(subject, watch.now))
        told += watch.look(*seen, after=5 * MINUTE)
    for _ in range(180):
        told += watch.look(*seen)
    assert [[each.subject for each in bulletin.bad] for bulletin in told] == [["a", "b", "c"]]
    told.clear()
    while seen:  # one after another they come back
        del seen[0]
        told += watch.look(*seen, after=15 * MINUTE)
    assert [{each.subject for each in bulletin.well} for bulletin in told] == [{"a", "b", "c"}]


def test_a_recovery_does_not_wait_for_ever_for_the_others() -> None:
    watch = Watch()
    both = (bad("a", NOON, after=health.NOW), bad("b", NOON, after=health.NOW))
    watch.look(*both)
    assert watch.look(both[0]) == ()
    assert watch.look(both[0], after=59 * MINUTE) == ()
    [told] = watch.look(both[0])
    assert [each.subject for each in told.well] == ["b"]


def test_what_left_the_config_gets_well_in_silence() -> None:
    watch = Watch()
    watch.look(bad("a", NOON, after=health.NOW))
    watch.scene = Scene(subjects=frozenset("b"), notify=("desk",), channels=("desk",))
    assert watch.look() == ()
    assert watch.episodes == ()


def test_without_anybody_to_tell_it_waits_until_there_is_somebody() -> None:
    watch = Watch(Scene(subjects=SCENE.subjects, notify=(), channels=("desk",)))
    assert watch.look(bad("a", NOON, after=health.NOW)) == ()
    watch.scene = SCENE
    assert len(watch.look(bad("a", NOON, after=health.NOW))) == 1


def test_a_second_episode_of_a_subject_is_another_alert() -> None:
    watch = Watch()
    causes = [bulletin.cause for bulletin in watch.look(bad("a", NOON, after=health.NOW))]
    causes += [bulletin.cause for bulletin in watch.look()]
    causes += [bulletin.cause for bulletin in watch.look(bad("a", NOON, after=health.NOW))]
    assert len(set(causes)) == 3


def test_a_clock_that_goes_back_delays_no_trouble_for_longer_than_it_takes_to_ripen() -> None:
    watch = Watch()
    watch.look(bad("a", NOON))
    assert watch.look(bad("a", NOON), after=-DAY) == ()
    assert len(watch.look(bad("a", NOON), after=2 * HOUR)) == 1


def test_a_recovery_is_told_although_the_clock_went_back() -> None:
    watch = Watch()
    both = (bad("a", NOON, after=health.NOW), bad("b", NOON, after=health.NOW))
    watch.look(*both)
    watch.look(both[0])
    watch.look(both[0], after=-DAY)
    assert len(watch.look(both[0], after=HOUR)) == 1


def test_a_stuck_channel_is_told_on_another() -> None:
    stuck = bad("desk/x", NOON, kind=health.STUCK, after=health.NOW, channel="desk")
    [told] = Watch().look(stuck)
    assert told.channels == ("phone",)


def test_the_troubles_of_feeds_avoid_a_stuck_channel_too() -> None:
    stuck = bad("desk/x", NOON, kind=health.STUCK, after=health.NOW, channel="desk")
    [told] = Watch().look(stuck, bad("a", NOON, after=health.NOW))
    assert (told.channels, len(told.bad)) == (("phone",), 2)


def test_a_stuck_channel_that_is_the_only_one_is_told_itself() -> None:
    alone = Scene(subjects=frozenset(), notify=("desk",), channels=("desk",))
    [told] = Watch(alone).look(bad("desk/x", NOON, kind=health.STUCK, after=health.NOW, channel="desk"))
    assert told.channels == ("desk",)


def test_a_refused_message_is_told_on_another_channel() -> None:
    two = Scene(subjects=frozenset(), notify=("desk", "phone"), channels=("desk", "phone"))
    [told] = Watch(two).look(bad("desk/x", NOON, kind=health.DEAD, after=health.NOW, channel="desk"))
    assert told.channels == ("phone",)


looks = st.lists(
    st.tuples(st.sets(st.sampled_from(SUBJECTS)), st.integers(1, 200), st.sampled_from((0, 120))), max_size=60
)


@given(looks)
def test_every_episode_is_told_at_most_once_and_recovers_exactly_once_if_it_was(
    sequence: list[tuple[set[str], int, int]],
) -> None:
    watch, told, over = Watch(), list[str](), list[str]()
    for subjects, minutes, ripens in sequence:
        seen = [bad(each, watch.now, after=ripens * MINUTE) for each in sorted(subjects)]
        for bulletin in watch.look(*seen, after=minutes * MINUTE):
            told += [each.cause for each in bulletin.bad]
            over += [each.cause for each in bulletin.well]
            assert set(over) <= set(told), "nobody recovers who was not said to be ill"
    for bulletin in (*watch.look(), *watch.look(after=2 * HOUR)):
        over += [each.cause for each in bulletin.well]
        assert bulletin.bad == ()
    assert len(told) == len(set(told))
    assert sorted(over) == sorted(told)
    assert watch.episodes == ()


@given(st.lists(st.booleans(), max_size=80), st.integers(0, 200))
def test_an_episode_is_told_if_and_only_if_it_lasts(sightings: list[bool], ripens: int) -> None:
    """Against a second, plainer way to count: runs of bad looks, ten minutes apart."""
    watch, told = Watch(), 0
    for ill in sightings:
        seen = [bad("a", watch.now + 10 * MINUTE, after=ripens * MINUTE)] if ill else []
        told += sum(len(bulletin.bad) for bulletin in watch.look(*seen, after=10 * MINUTE))
    runs = "".join("x" if ill else " " for ill in sightings).split()
    assert told == sum((len(run) - 1) * 10 >= ripens for run in runs)


def feed(failures: int, *, stopped: bool = False) -> FailingFeed:
    return FailingFeed(
        address="a", name="A", failures=failures, outcome="timeout", detail="20 s were over", stopped=stopped
    )


def test_a_feed_is_failing_after_three_failures_and_two_hours() -> None:
    assert [troubles.failing(feed(n), LIMITS, NOON).ripe for n in (1, 2, 3)] == [False, False, True]
    assert troubles.failing(feed(3), LIMITS, NOON).after == 2 * HOUR
    assert troubles.failing(feed(3), LIMITS, NOON).text == "failed 3 times: timeout, 20 s were over"


def test_a_feed_that_is_gone_is_told_at_once() -> None:
    seen = troubles.failing(feed(1, stopped=True), LIMITS, NOON)
    assert (seen.ripe, seen.after) == (True, health.NOW)


def quiet(*arrivals: datetime, good: datetime, known: timedelta = 30 * DAY) -> QuietFeed:
    pause = max((later - earlier for earlier, later in pairwise(arrivals)), default=health.NOW)
    newest = arrivals[-1]
    return QuietFeed(
        address="a", name="A", known_since=newest - known, good=good, newest=newest, entries=len(arrivals), pause=pause
    )


def daily(n: int, *, days: int = 14, weekdays: bool = False) -> list[datetime]:
    """`n` entries a day from 8 to 20 o'clock, until noon."""
    first = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
    times = [first + day * DAY + k * 12 * HOUR / n for day in range(days) for k in range(n)]
    return [each for each in times if each <= NOON and (not weekdays or each.weekday() < 5)]


def test_forty_entries_a_day_and_none_for_26_hours_is_silence() -> None:
    entries = daily(40)
    seen = troubles.silent(quiet(*entries, good=entries[-1] + 26 * HOUR), LIMITS)
    assert seen is not None
    assert seen.text == "usually 38 entries a day, none for 26 h"
    assert seen.since == entries[-1]


def test_a_night_is_no_silence() -> None:
    entries = daily(40)
    assert troubles.silent(quiet(*entries, good=entries[-1] + 20 * HOUR), LIMITS) is None


def test_a_weekend_is_no_silence_for_a_feed_that_rests_at_weekends() -> None:
    entries = daily(10, weekdays=True)
    assert troubles.silent(quiet(*entries, good=entries[-1] + 70 * HOUR), LIMITS) is None
    assert troubles.silent(quiet(*entries, good=entries[-1] + 7 * DAY), LIMITS) is not None


@pytest.mark.parametrize("entries", [daily(1), daily(1, days=5), [NOON]])
def test_a_sparse_feed_is_never_silent(entries: list[datetime]) -> None:
    assert troubles.silent(quiet(*entries, good=NOON + 300 * DAY), LIMITS) is None


def test_a_feed_that_is_known_for_days_only_has_no_rhythm_yet() -> None:
    entries = daily(40)[-200:]
    assert troubles.silent(quiet(*entries, good=NOON + 9 * DAY, known=6 * DAY), LIMITS) is None
    assert troubles.silent(quiet(*entries, good=NOON + 9 * DAY, known=8 * DAY), LIMITS) is not None


ARTICLES_AN_HOUR = 50


def watched(*matches: datetime, known: timedelta = 100 * DAY) -> QuietWatch:
    """What the database says of a watchlist with these matches, while articles come evenly."""
    newest = matches[-1]
    begin = max(newest - troubles.WATCH_RHYTHM, newest - known)
    lately = [each for each in matches if each > begin]
    pause = max(later - earlier for earlier, later in pairwise([begin, *lately]))
    return QuietWatch(
        root="ve", name="ve", known_since=begin, newest=newest, matches=len(lately), pause=pause,
        passed=pause // HOUR * ARTICLES_AN_HOUR, passed_now=0,
    )  # fmt: skip


def is_quiet(watch: QuietWatch, silence: timedelta, *, articles: int | None = None, was_bad: bool = False) -> bool:
    passed = silence // HOUR * ARTICLES_AN_HOUR if articles is None else articles
    seen = troubles.quiet(replace(watch, passed_now=passed), LIMITS, watch.newest + silence, was_bad=was_bad)
    return seen is not None


def every(pause: timedelta, n: int) -> list[datetime]:
    return [NOON + k * pause for k in range(n)]


def test_a_watchlist_that_matches_daily_and_nothing_for_three_days_is_quiet() -> None:
    watch = watched(*every(6 * HOUR, 120))
    assert not is_quiet(watch, 23 * HOUR)
    assert is_quiet(watch, 25 * HOUR)
    seen = troubles.quiet(replace(watch, passed_now=3600), LIMITS, watch.newest + 3 * DAY, was_bad=False)
    assert seen is not None
    assert seen.text == "usually 4 matches a day, none for 3 days in 3,600 articles"
    assert (seen.subject, seen.name, seen.since) == ("watchlist ve", "watchlist ve", watch.newest)


@pytest.mark.parametrize("matches", [every(36 * HOUR, 40), every(6 * HOUR, 19), every(HOUR, 100)])
def test_a_watchlist_that_matches_rarely_or_is_new_is_never_quiet(matches: list[datetime]) -> None:
    assert not is_quiet(watched(*matches, known=matches[-1] - matches[0] + HOUR), 300 * DAY)


def test_a_weekend_is_no_silence_for_a_watchlist_that_rests_at_weekends() -> None:
    matches = daily(4, weekdays=True)
    watch = watched(*matches, known=matches[-1] - matches[0] + HOUR)
    assert not is_quiet(watch, 3 * DAY)
    assert is_quiet(watch, 7 * DAY)


def test_a_story_that_came_and_went_is_no_rhythm() -> None:
    """Weeks of nothing, three days of a hundred matches, and nothing again."""
    before = NOON - 40 * DAY
    watch = watched(before, *every(HOUR, 72))
    assert watch.matches == 72
    assert not is_quiet(watch, 49 * DAY)
    assert is_quiet(watch, 51 * DAY)


def test_a_silence_is_one_by_the_clock_and_by_the_news() -> None:
    watch = watched(*every(6 * HOUR, 120))
    assert watch.passed == 300
    assert not is_quiet(watch, 10 * DAY, articles=600), "the machine was off"
    assert is_quiet(watch, 10 * DAY, articles=601)
    assert not is_quiet(watch, 11 * HOUR, articles=50_000), "many feeds are new"


def test_a_quiet_watchlist_stays_quiet_while_its_rhythm_is_forgotten() -> None:
    faded = replace(watched(*every(6 * HOUR, 120)), known_since=NOON + 90 * DAY, matches=0)
    assert not is_quiet(faded, 80 * DAY)
    assert is_quiet(faded, 80 * DAY, was_bad=True)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=60), st.integers(1, 400))
def test_no_silence_is_one_that_was_as_long_before(pauses: list[int], silence: int) -> None:
    matches = [NOON]
    for hours in pauses:
        matches.append(matches[-1] + hours * HOUR)
    if is_quiet(watched(*matches), silence * HOUR):
        assert silence > 24
        assert all(silence > 2 * hours for hours in pauses if hours <= 24)
        assert len(matches) > 20


def queue(**facts: object) -> Queue:
    known: dict[str, object] = {
        "channel": "desk", "target": "x", "waiting": 2, "oldest": NOON, "why": "down", "dead": 0, "died": None,
        "last_words": "",
    }  # fmt: skip
    return Queue(**{**known, **facts})  # type: ignore[arg-type]


def test_a_message_may_wait_for_half_an_hour() -> None:
    assert troubles.stuck(queue(), LIMITS, NOON + 30 * MINUTE) is None
    seen = troubles.stuck(queue(), LIMITS, NOON + 31 * MINUTE)
    assert seen is not None
    assert (seen.text, seen.channel, seen.since) == ("2 messages wait: down", "desk", NOON)
    assert troubles.stuck(queue(oldest=None), LIMITS, NOON + DAY) is None


def test_a_message_given_up_is_trouble_for_a_day() -> None:
    gone = queue(dead=1, died=NOON, last_words="400")
    seen = troubles.dead(gone, NOON)
    assert seen is not None
    assert seen.text == "refused 1 message for good: 400"
    assert troubles.dead(gone, NOON + DAY) is None
    assert troubles.dead(queue(), NOON) is None


def test_a_disk_is_well_again_with_a_fifth_more_than_the_least() -> None:
    def full(free: int, *, was_bad: bool) -> bool:
        return troubles.disk(free, "/data", LIMITS, NOON, was_bad=was_bad) is not None

    assert full(499_999_999, was_bad=False)
    assert not full(500_000_000, was_bad=False)
    assert full(599_999_999, was_bad=True)
    assert not full(600_000_000, was_bad=True)


def test_a_clock_that_jumped_is_well_after_an_hour() -> None:
    seen = troubles.clock(Jump(at=NOON, by=-DAY), NOON)
    assert seen is not None
    assert seen.text == "jumped back by 24 h"
    assert troubles.clock(Jump(at=NOON, by=3 * DAY), NOON + MINUTE) is not None
    assert troubles.clock(Jump(at=NOON, by=-DAY), NOON + HOUR) is None
    assert troubles.clock(None, NOON) is None


def test_the_still_watching_line_counts_what_is_not_well_apart() -> None:
    line = readiness.watching(Tally(feeds=28, failing=0, late=1, articles=412, alerts=3), "Monday 08:00")
    assert line == "27 feeds well, 1 late; 412 articles, 3 alerts since Monday 08:00"
    line = readiness.watching(Tally(feeds=4, failing=2, late=1, articles=1, alerts=0), "Monday 08:00")
    assert line == "1 feed well, 1 late, 2 failing; 1 article, 0 alerts since Monday 08:00"


def test_it_is_ready_when_news_come_in_and_messages_go_out() -> None:
    def reasons(**facts: object) -> tuple[str, ...]:
        known: dict[str, object] = {"feeds": 2, "untried": 0, "last_good": NOON, "oldest_waiting": None}
        return readiness.unready(Readiness(**{**known, **facts}), 15 * MINUTE, LIMITS, NOON + 35 * MINUTE)  # type: ignore[arg-type]

    assert reasons() == ()
    assert reasons(feeds=0, last_good=None) == ()
    assert reasons(untried=1) == ("1 feed not polled yet",)
    assert reasons(last_good=NOON - MINUTE) == ("the last good poll was 36 min ago (at most 35 min)",)
    assert reasons(last_good=None) == ("the last good poll was never (at most 35 min)",)
    assert reasons(oldest_waiting=NOON) == ("a message has waited for 35 min (at most 30 min)",)
