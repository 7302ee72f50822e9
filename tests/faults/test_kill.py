"""kill -9 anywhere: nothing is lost, and what comes twice comes with the same id, within the contract."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.launcher import STEPS
from tests.faults.rig import FULL, Rig, Struck, in_full, rig

TIMES, RANDOM, ITEMS = (20, 200, 1_000) if FULL else (5, 60, 1_000)

PATIENCE = 1800 if FULL else 600
"""Seconds that the undisturbed run at the end may take to tell what is left."""

CLAIMED: dict[str, Callable[[Struck], bool]] = {
    "feed": lambda struck: struck.feeds > 0,
    "article": lambda struck: struck.articles > 0,
    "delivery": lambda struck: bool(struck.sending),
}

STATES = {
    "after the commit of the claim of feeds": "feed",
    "before a feed is asked": "feed",
    "after a feed was read": "feed",
    "before the commit of TX A": "feed",
    "after the commit of the claim of articles": "article",
    "before a page is asked": "article",
    "after a page was read": "article",
    "before the commit of TX B": "article",
    "after the commit of the claim of deliveries": "delivery",
    "before a message is sent": "delivery",
    "while a message is sent": "delivery",
    "after a message was sent": "delivery",
    "before the commit of TX C": "delivery",
}
"""The steps between a claim and its transaction, and the row that each must find claimed."""


def passes(step: str, chance: random.Random) -> int:
    """A start and a poll with news come once a run; the rest as often as there are articles."""
    once = step.endswith(("the start", "of feeds", "TX A")) or " feed " in step
    return 1 if once else chance.randint(1, 3)


def killed_at_steps(made: Rig, steps: list[str], articles: int, chance: random.Random) -> None:
    for step in steps:
        before = made.struck[-1] if made.struck else made.look("")
        made.paper.publish(articles)
        struck = made.kill_at(step, passes(step, chance))
        assert step not in STATES or CLAIMED[STATES[step]](struck), (step, struck)
        if step == "before the commit of TX A":
            assert (struck.entries, struck.etag) == (before.entries, before.etag), "all of a poll or nothing"
        if step == "after the commit of TX A":
            assert (struck.entries, struck.etag) == (len(made.paper.items), made.paper.etag)
        if step.startswith("after the commit of TX"):
            assert (struck.entries, struck.decided, struck.sent) > (before.entries, before.decided, before.sent)
        made.whole()


def killed_at_random(made: Rig, kills: int, articles: int, longest: float, chance: random.Random) -> int:
    """Kills the daemon's whole process tree, one in six while it starts; how many found rows in flight."""
    in_flight = 0
    for number in range(kills):
        made.paper.publish(articles)
        before = made.log.count("start feeds=")
        daemon = made.start()
        if number % 6:
            made.started_since(before)
        time.sleep(chance.uniform(0, longest))
        assert daemon.process.poll() is None, made.log[-3000:]
        daemon.kill_tree()
        started = made.log.count("start feeds=") > before
        in_flight += made.look("at random").in_flight and started
        made.whole()
    return in_flight


def told(made: Rig, kills: int, in_flight: int) -> str:
    sending = sum(bool(struck.sending) for struck in made.struck)
    interrupted = made.count("articles WHERE page_state = 'given_up'")
    return (
        f"\n{kills} kills, {in_flight} with rows in flight, {sending} while sending; {len(made.paper.items)} articles,"
        f" {len(made.service.taken)} messages to {len(made.channels)} channels, {sum(made.doubles().values())} doubles,"
        f" {interrupted} pages not read"
    )


def test_a_kill_at_any_step_of_a_delivery_loses_nothing(tmp_path: Path) -> None:
    """The short form: one kill on each side of the send."""
    steps = ["after the commit of the claim of deliveries", "after a message was sent", "before the commit of TX B"]
    with rig(tmp_path) as made:
        made.service.delay = 0.1
        killed_at_steps(made, steps, 3, random.Random(5))  # noqa: S311 - moments, not secrets
        made.account()


@in_full
def test_a_kill_at_every_named_step_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    steps = [step for step in STEPS for _ in range(TIMES)]
    chance.shuffle(steps)
    with rig(tmp_path) as made:
        made.service.delay = 0.06
        killed_at_steps(made, steps, max(3, -(-ITEMS // len(steps))), chance)
        made.account(PATIENCE)
        in_flight = sum(struck.in_flight for struck in made.struck)
        with capsys.disabled():
            print(told(made, len(steps), in_flight))  # noqa: T201 - the figures are what a long run is for
        assert Counter(struck.step for struck in made.struck if struck.step) == dict.fromkeys(STEPS, TIMES)
        assert in_flight >= len(steps) / 2


@in_full
def test_kills_at_random_moments_lose_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    with rig(tmp_path) as made:
        made.service.delay = 0.05
        in_flight = killed_at_random(made, RANDOM, max(10, -(-ITEMS // RANDOM)), 1.2, chance)
        made.account(PATIENCE)
        with capsys.disabled():
            print(told(made, RANDOM, in_flight))  # noqa: T201 - the figures are what a long run is for
        assert in_flight >= RANDOM / 2
