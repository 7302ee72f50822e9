"""For any sequence of matches, copies, acks, mutes, quiet hours, budgets, clock moves, reloads and restarts: every
match is sent, held with a time, merged into a message that names it, or on record with the reason why not.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from feedwatch.alerts import decide
from feedwatch.alerts.updates import LONGEST
from feedwatch.model import Strength
from feedwatch.store import Row, deliveries, mutes, views
from feedwatch.store.times import micros
from tests.pipeline.newsroom import Newsroom, opened

FULL = bool(os.environ.get("FULL"))
pytestmark = pytest.mark.timeout(3600 if FULL else 300)

WHY_NOT = {decide.BASELINE, decide.BEFORE, decide.TOLD, decide.COPY, decide.ACKED, decide.BELOW, decide.REMOVED}

QUIET = 'quiet = "22:00-07:00"\ntimezone = "Europe/Berlin"\n'
POLICIES = (
    "",
    QUIET,
    f"{QUIET}urgent_breaks_quiet = true\n",
    "max_per_hour = 2\n",
    'max_per_hour = "off"\nonly = "headline"\n',
    f"max_per_hour = 12\n{QUIET}",
    'digest = "02:30"\ntimezone = "Europe/Berlin"\n',
    f'digest = "02:30"\n{QUIET}',
    'digest = ["07:30", "mon-fri 17:00"]\nempty = "send"\nurgent_breaks_digest = true\n',
    'digest = "1h"\nonly = "topic"\n',
    f'digest = "1h"\nempty = "send"\n{QUIET}',
    'quiet = ["mon-fri 20:00-08:00", "sat-sun 00:00-24:00"]\nonly = "mention"\n',
)
WEEK = timedelta(days=8)
MINUTE = timedelta(minutes=1)
LATEST = {"budget": timedelta(hours=3), "quiet": timedelta(hours=60), "digest": timedelta(days=3)}
"""The longest that any of the manners above hold something back."""

starts = st.sampled_from(
    [
        datetime(2026, 10, 24, 20, tzinfo=UTC),  # the evening before clocks go back in Berlin
        datetime(2026, 3, 28, 20, tzinfo=UTC),  # and forward
        datetime(2026, 11, 22, 12, tzinfo=UTC),
    ]
)
policies = st.sampled_from(POLICIES)
strengths = st.sampled_from(Strength)
watchlists = st.sampled_from(["ve", "co"])


@st.composite
def configs(draw: st.DrawFn) -> str:
    """Up to three channels with any manners, one or two watchlists that tell some of them."""
    names = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c"), ("b", "c")]))
    channels = [f'[channels.{name}]\nurl = "json://127.0.0.1:9/{name}"\n{draw(policies)}' for name in names]
    watched = draw(st.sampled_from([("ve",), ("ve", "co")]))
    lists = [_watchlist(watch, draw(st.sampled_from([names, names[:1]])), draw(st.booleans())) for watch in watched]
    return "\n".join([*channels, *lists])


def _watchlist(name: str, channels: tuple[str, ...], urgent: bool) -> str:  # noqa: FBT001 - as Hypothesis draws it
    told = ", ".join(f'"{channel}"' for channel in channels)
    return f'[[watchlists]]\nid = "{name}"\nkeywords = ["x"]\nnotify = [{told}]\nurgent = {str(urgent).lower()}\n'


class Policy(RuleBasedStateMachine):
    """A newsroom to which anything happens."""

    @initialize(config=configs(), at=starts)
    def begin(self, config: str, at: datetime) -> None:
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.room: Newsroom = self.stack.enter_context(opened(folder, config, at))
        self.died = 0

    def teardown(self) -> None:
        if hasattr(self, "room"):
            try:
                self.calm_down()
            finally:
                self.stack.close()

    # What happens ---------------------------------------------------------------------------------------

    @rule(strength=strengths, watch=watchlists)
    def a_match(self, strength: Strength, watch: str) -> None:
        if watch in self.room.program.watches:
            self.room.publish(strength, watch=watch)

    @precondition(lambda self: self.room.published)
    @rule(
        strength=strengths,
        watch=watchlists,
        like=st.integers(0, 100),
        relation=st.sampled_from(["same_text", "same_story", "same_story"]),
    )
    def a_copy_or_report(self, strength: Strength, watch: str, like: int, relation: str) -> None:
        if watch in self.room.program.watches:
            self.room.publish(strength, watch=watch, like=like % self.room.published + 1, relation=relation)

    @rule(strength=strengths, count=st.integers(4, 12))
    def a_flood(self, strength: Strength, count: int) -> None:
        for _ in range(count):
            self.room.publish(strength)

    @rule(which=st.integers(0, 1000))
    def somebody_has_seen_one(self, which: int) -> None:
        alerts = self.room.rows("SELECT id FROM alerts ORDER BY created_at, id")
        if alerts:
            views.acknowledge(self.room.db, str(alerts[which % len(alerts)][0]), "anna", self.room.at)

    @rule(watch=watchlists, hours=st.integers(1, 30))
    def a_watchlist_is_muted(self, watch: str, hours: int) -> None:
        if watch in self.room.program.watches:
            mutes.mute(self.room.db, watch, self.room.at + timedelta(hours=hours), "ben", self.room.at)

    @rule(watch=watchlists)
    def a_mute_is_ended(self, watch: str) -> None:
        mutes.unmute(self.room.db, watch, self.room.at)

    @rule(minutes=st.sampled_from([1, 5, 16, 61, 190, 600, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.room.pass_time(minutes * MINUTE, max(minutes // 8, 1) * MINUTE)

    @rule(by=st.sampled_from([timedelta(days=1), -timedelta(days=1), timedelta(hours=3), -timedelta(minutes=5)]))
    def the_clock_is_moved(self, by: timedelta) -> None:
        self.room.clock_to(self.room.at + by)
        self.room.tick()

    @rule(config=configs())
    def the_config_changes(self, config: str) -> None:
        self.room.configure(config)
        self.room.tick()

    @rule()
    def it_is_started_again(self) -> None:
        self.room.restart()
        self.room.tick()

    @rule()
    def it_dies_with_messages_in_flight(self) -> None:
        self.died += len(deliveries.claim_due_deliveries(self.room.db, self.room.at, room=8))
        self.room.restart()

    @rule(channel=st.sampled_from("abc"))
    def a_channel_goes_down(self, channel: str) -> None:
        self.room.down.add(channel)

    @rule(channel=st.sampled_from("abc"))
    def a_channel_is_back(self, channel: str) -> None:
        self.room.down.discard(channel)

    # What holds -----------------------------------------------------------------------------------------

    @invariant()
    def every_match_has_its_place(self) -> None:
        if not hasattr(self, "room"):
            return
        for decision in self.room.db.execute(
            "SELECT decisions.*, article_id FROM decisions JOIN entries ON entries.id = entry_id"
        ):
            outcome = decision["outcome"]
            if outcome == decide.ALERTED:
                assert self.alert_is_on_its_way(decision["alert"])
            elif outcome == decide.UPDATE:
                assert self.update_is_on_its_way(decision["id"], decision["alert"])
            elif outcome == decide.MUTED:
                assert self.mute_ends_or_told(decision["mute_id"], decision["article_id"])
            else:
                assert outcome in WHY_NOT

    @invariant()
    def every_alert_reaches_a_target_once_at_the_most(self) -> None:
        if hasattr(self, "room"):
            told = Counter((each.alert.id, each.channel, each.target) for each in self.room.sent)
            assert all(count == 1 for count in told.values())

    @invariant()
    def what_is_held_is_held_until_a_time_that_comes(self) -> None:
        if hasattr(self, "room"):
            open_ = self.room.rows("SELECT kind, closes_at FROM windows WHERE closed_at IS NULL")
            for kind, closes_at in open_:
                assert int(str(closes_at)) <= micros(self.room.at + LATEST[str(kind)])
            latest = micros(self.room.at + LONGEST)
            assert self.room.rows("SELECT * FROM story_watch WHERE closes_at > ?", latest) == []

    def alert_is_on_its_way(self, alert: str) -> bool:
        found = self.room.db.execute(
            "SELECT deliveries.*, closed_at FROM deliveries LEFT JOIN windows ON windows.id = window_id"
            " WHERE alert = ?",
            (alert,),
        ).fetchall()
        return bool(found) and all(self.has_its_place(row) for row in found)

    def has_its_place(self, row: Row) -> bool:
        if row["state"] == "held":
            return row["window_id"] is not None and row["closed_at"] is None
        if row["state"] == "merged":
            return self.is_named_by_its_window(row)
        return row["state"] in ("sent", "pending") or (row["state"] == "dead" and bool(row["error"]))

    def is_named_by_its_window(self, row: Row) -> bool:
        """The window's message goes to the same target and names every article of the alert, for its watchlist."""
        left_out = self.room.rows(
            "SELECT article_id, root FROM alert_articles WHERE alert = ?1 EXCEPT SELECT article_id, root"
            " FROM alert_articles WHERE alert IN (SELECT alerts.id FROM alerts JOIN deliveries ON alert = alerts.id"
            "  WHERE alerts.window_id = ?2 AND target_id = ?3)",
            row["alert"], row["window_id"], row["target_id"],
        )  # fmt: skip
        return left_out == []

    def update_is_on_its_way(self, decision: int, alert: str | None) -> bool:
        if alert is not None:
            return self.alert_is_on_its_way(alert)
        held = self.room.rows(
            "SELECT 1 FROM update_articles JOIN story_watch USING(story_id, root)"
            " WHERE decision_id = ? AND closes_at IS NOT NULL",
            decision,
        )
        return bool(held)

    def mute_ends_or_told(self, mute: int, article: int) -> bool:
        [(ended, until)] = self.room.rows("SELECT ended_at, until_at FROM mutes WHERE id = ?", mute)
        if ended is None:
            return until is not None
        named = self.room.rows(
            "SELECT 1 FROM alert_articles JOIN alerts ON alerts.id = alert WHERE mute_id = ? AND article_id = ?",
            mute, article,
        )  # fmt: skip
        return bool(named)

    # How it ends ----------------------------------------------------------------------------------------

    def calm_down(self) -> None:
        """All channels are up and two weeks pass: nothing is held any more, and what was alerted was told."""
        room = self.room
        room.down.clear()
        for watch in ("ve", "co"):
            mutes.unmute(room.db, watch, room.at)
        room.pass_time(2 * WEEK, timedelta(hours=5))
        open_ = room.rows("SELECT alert, state FROM deliveries WHERE state IN ('held','pending','sending')")
        assert open_ == []
        told = {(each.alert.id, each.channel, each.target) for each in room.sent}
        for alert, channel, name in room.rows(
            "SELECT alert, channel, name FROM deliveries JOIN targets ON targets.id = target_id WHERE state = 'sent'"
        ):
            assert (alert, channel, name) in told
        self.every_match_has_its_place()


TestPolicy = Policy.TestCase
TestPolicy.settings = settings(
    max_examples=1500 if FULL else 40,
    stateful_step_count=40 if FULL else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
