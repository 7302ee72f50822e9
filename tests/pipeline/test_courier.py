"""Each service at its pace, and none because of another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from feedwatch.errors import WorkerCrash, WorkerTimeout
from feedwatch.model import Hook, Message, Outcome, Receipt, Target
from feedwatch.pipeline.courier import Courier
from tests.edges.services import free_port

MESSAGE = Message(alert="7f3k", title="VE", body="#7f3k")


class Senders:
    """Takes every message at once and notes when."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem
        self.at: dict[str, list[float]] = {}

    async def run(self, _send: Callable[..., Receipt], url: str, _message: Message, *, deadline: timedelta) -> Receipt:
        assert deadline > timedelta(0)
        self.at.setdefault(url, []).append(monotonic())
        if self.problem:
            raise self.problem
        return Receipt(outcome=Outcome.SENT)


def courier(senders: Senders) -> Courier:
    pool: Any = senders
    return Courier(pool)


def target(url: str, service: str, pace: float) -> Target:
    return Target(channel="x", name=url, url=url, title_limit=0, body_limit=0, service=service, pace=pace)


async def test_a_service_rests_between_two_messages_and_holds_up_no_other() -> None:
    senders = Senders()
    post = courier(senders)
    slow = [target(f"chat{n}", "telegram:bot", 0.2) for n in range(3)]
    fast = [target("hook", "json:host", 0.0)] * 3
    began = monotonic()
    await asyncio.gather(*(post.send(each, MESSAGE) for each in (*slow, *fast)))
    first, second, third = (senders.at[f"chat{n}"][0] - began for n in range(3))
    assert first < 0.2 <= second < third
    assert third >= 0.4
    assert max(senders.at["hook"]) - began < second


async def test_after_a_rest_nothing_is_waited_for() -> None:
    post = courier(Senders())
    await post.send(target("a", "s", 0.5), MESSAGE)
    await asyncio.sleep(0.5)
    began = monotonic()
    await post.send(target("b", "s", 0.5), MESSAGE)
    assert monotonic() - began < 0.4


async def test_a_killed_sender_is_a_failure_and_one_that_the_message_kills_a_refusal() -> None:
    late = await courier(Senders(WorkerTimeout("took longer than 30 s"))).send(target("a", "s", 0), MESSAGE)
    dead = await courier(Senders(WorkerCrash("signal 11"))).send(target("a", "s", 0), MESSAGE)
    assert (late.outcome, dead.outcome) == (Outcome.FAILED, Outcome.REFUSED)


async def test_a_webhook_needs_no_sender() -> None:
    hook = Target(
        channel="x", name="x", url=f"http://127.0.0.1:{free_port()}/", title_limit=0, body_limit=0, hook=Hook()
    )
    senders = Senders()
    assert (await courier(senders).send(hook, MESSAGE)).outcome is Outcome.FAILED
    assert senders.at == {}
