"""What becomes of a match? Pure: called inside the transaction that writes the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.model import Strength

BASELINE = "baseline"  # shown by a first poll and not of the last day
BEFORE = "before"  # seen before the watchlist existed
TOLD = "told"  # this watchlist knows of the story, as strongly
COPY = "copy"  # the same text as an article of a story that it knows
ACKED = "acked"  # another report of a story that somebody said to have seen
BELOW = "below"  # too weak for each of its channels
MUTED = "muted"  # the watchlist is silenced; told in one message when that ends
GATHERED = "gathered"  # waits in a window, to be told as one message
UPDATE = "update"  # another report of a story that it knows: waits in the story's batch, or went out with it
REMOVED = "removed"  # its watchlist left the config before it was told
ALERTED = "alerted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision on one match of one watchlist depends on."""

    strength: Strength
    told: Strength | None  # how strongly this watchlist was told of the story
    how: str  # the entry: new, backfill, baseline
    window_open: bool  # the backfill window that waits for it
    before_watchlist: bool  # seen before the watchlist existed
    floors: Mapping[str, Strength]  # channel → the least strength that gets through
    muted: bool = False  # somebody asked for silence
    relation: str = "founder"  # to the story that was told: founder, same_text, same_story
    changed_number: bool = False  # its headline has another number than the one that was told
    known: bool = False  # the watchlist was told of this very article, or is going to be
    acked: bool = False  # somebody has seen what was told of the story

    @property
    def stronger(self) -> bool:
        """Whether it says more than was told; what was not told at all is always news."""
        return self.told is None or self.strength > self.told

    @property
    def news(self) -> bool:
        return self.stronger or (self.changed_number and not self.known)

    @property
    def another_report(self) -> bool:
        return not self.news and not self.known and self.relation == "same_story"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome and its reason; where it is an alert, its kind and as what each channel hears of it."""

    outcome: str
    why: str = ""  # in words, where something is held back
    kind: str | None = None  # first, raise
    channels: tuple[tuple[str, str], ...] = ()  # (channel, worded as first or raise)

    @property
    def tells(self) -> bool:
        """Whether the watchlist knows of the story from now on."""
        return self.outcome in (ALERTED, GATHERED, MUTED)


def decide(now: Situation) -> Verdict:
    """In doubt it alerts; whatever it holds back has an outcome that says why, the first that holds."""
    channels = tuple((name, _worded(floor, now.told)) for name, floor in now.floors.items() if now.strength >= floor)
    held_back = (
        (BASELINE, now.how == "baseline"),
        (BEFORE, now.before_watchlist),
        (COPY, not now.news and not now.known and now.relation == "same_text"),
        (TOLD, not now.news and not now.another_report),
        (ACKED, now.another_report and now.acked),
        (BELOW, not channels),
        (MUTED, now.muted),
        (GATHERED, now.how == "backfill" and now.window_open),
        (UPDATE, now.another_report),
    )
    for outcome, holds in held_back:
        if holds:
            return Verdict(outcome=outcome, why=_why(outcome, now))
    return Verdict(outcome=ALERTED, kind="first" if now.told is None else "raise", channels=channels)


def _worded(floor: Strength, told: Strength | None) -> str:
    """A channel that took no first, because it was too weak for it, hears of a raise as a first."""
    return "first" if told is None or told < floor else "raise"


def _why(outcome: str, now: Situation) -> str:
    """The particulars of this case, where there are any."""
    if outcome == BELOW:
        takes = ", ".join(f"{name} takes {floor.word} and up" for name, floor in now.floors.items())
        return f"a {now.strength.word}; {takes}"
    if outcome in (TOLD, COPY, UPDATE, ACKED) and now.told is not None:
        return f"a {now.strength.word}; told of the story before, as a {now.told.word}"
    return ""
