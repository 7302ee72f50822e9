"""Each attack on the wire against the client alone: it ends in time, with a reason, and costs its loop little.

The loop's own processor time is measured, which a busy machine does not change; the attackers have a thread of theirs.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from asyncio import events
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from time import thread_time
from typing import Any

import pytest

from feedwatch.edges import http
from feedwatch.edges.bodies import TOGETHER, Arriving
from feedwatch.edges.http import Fetcher, Request
from feedwatch.model import Failure, Fetched, Reason
from tests.edges.recorder import Answer, Recorder, always, reply
from tests.hostile.attacks import CHUNKED, MB, drip, on_the_wire

STEP = 0.1  # seconds of processor time that a single step of the loop may take
ATTACKS = on_the_wire("text/html", 100 * MB)
HARMLESS = {"nested encodings", "ten encodings"}
"""They come as they are: an encoding that nobody asked for is not unpacked, and small is small."""

EXPECTED = {
    "bomb": Reason.TOO_LARGE,
    "endless body": Reason.TOO_LARGE,
    "endless chunks": Reason.TOO_LARGE,
    "a lie about the length": Reason.TOO_LARGE,
    "drip": Reason.TIMEOUT,
    "silence": Reason.TIMEOUT,
    "endless empty": Reason.TIMEOUT,
    "endless 100s": Reason.TIMEOUT,
    "chunk extensions": Reason.TIMEOUT,
}


@contextmanager
def attackers(answers: dict[str, Answer]) -> Iterator[dict[str, str]]:
    """Each at an address of its own, in a thread of their own."""
    urls: dict[str, str] = {}
    loop = asyncio.new_event_loop()
    ready, done = threading.Event(), asyncio.Event()

    async def serve() -> None:
        recorders = {name: Recorder(answer) for name, answer in answers.items()}
        for name, recorder in recorders.items():
            await recorder.__aenter__()
            urls[name] = recorder.url()
        ready.set()
        await done.wait()
        await asyncio.gather(*(recorder.close() for recorder in recorders.values()))

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield urls
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextmanager
def longest_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Processor seconds of this thread in the longest single callback of its loop."""
    worst, here, run = [0.0], threading.get_ident(), events.Handle._run

    def timed(handle: events.Handle) -> Any:
        if threading.get_ident() != here:
            return run(handle)
        began = thread_time()
        try:
            return run(handle)
        finally:
            worst[0] = max(worst[0], thread_time() - began)

    gc.collect()
    gc.freeze()  # as the daemon does after its start; what the tests before this one left is not looked through
    with monkeypatch.context() as patched:
        patched.setattr(events.Handle, "_run", timed)
        yield worst
    gc.unfreeze()


@asynccontextmanager
async def fetching() -> AsyncIterator[Fetcher]:
    words: dict[str, Any] = {"contact": "", "per_host": 100, "host_delay": timedelta(0), "concurrency": 100}
    async with Fetcher(**words, allow_private=("127.0.0.0/8",)) as client:
        yield client


def request(url: str, accept: Any = "page") -> Request:
    return Request(url=url, owner=False, accept=accept, timeout=timedelta(seconds=0.7), max_bytes=10**7)


async def test_every_attack_ends_with_a_reason_and_no_step_of_the_loop_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    got: dict[str, Fetched | Failure] = {}
    with attackers(ATTACKS) as urls, longest_step(monkeypatch) as worst:
        async with fetching() as client:
            for name, url in urls.items():
                got[name] = await client.get(request(url, "feed"))
    assert {name for name, answer in got.items() if isinstance(answer, Fetched)} == HARMLESS
    reasons = {name: answer.reason for name, answer in got.items() if isinstance(answer, Failure)}
    for part, reason in EXPECTED.items():
        assert {found for name, found in reasons.items() if part in name} == {reason}, part
    assert set(reasons.values()) <= {*EXPECTED.values(), Reason.NETWORK}
    assert worst[0] <= STEP


async def test_all_attacks_at_once_keep_no_honest_answer_back(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = always(reply(b"<html>honest"))
    with attackers(ATTACKS | {"honest": honest}) as urls, longest_step(monkeypatch) as worst:
        news = urls.pop("honest")
        async with fetching() as client:
            under_way = [asyncio.create_task(client.get(request(url))) for url in urls.values()]
            while not all(task.done() for task in under_way):
                assert isinstance(await client.get(request(news)), Fetched)
                await asyncio.sleep(0.05)
            ended = await asyncio.gather(*under_way)
    assert [answer for answer in ended if isinstance(answer, Fetched)] == []
    assert worst[0] <= STEP


async def test_of_thirty_endless_bodies_the_largest_are_given_up_and_the_small_arrive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Together they may have 20 MB; each alone might have 10."""
    most = [0]

    class Counted(Arriving):
        def grew(self, body: asyncio.Timeout, allowed: int, size: int) -> None:
            super().grew(body, allowed, size)
            most[0] = max(most[0], sum(self._sizes.values()))

    monkeypatch.setattr(http, "Arriving", Counted)
    slow = {f"slow {n}": drip(CHUNKED, b"10000\r\n" + b"<p>x" * 16_384 + b"\r\n", 0.01) for n in range(30)}
    small = always(reply(b"<html>" + b"x" * 300_000))
    with attackers(slow | {"small": small}) as urls:
        news = urls.pop("small")
        async with fetching() as client:
            patient = [replace(request(url), timeout=timedelta(seconds=20)) for url in urls.values()]
            under_way = [asyncio.create_task(client.get(one)) for one in patient]
            while not all(task.done() for task in under_way):
                assert isinstance(await client.get(replace(request(news), timeout=timedelta(seconds=20))), Fetched)
            ended = await asyncio.gather(*under_way)
    reasons = [answer.reason for answer in ended if isinstance(answer, Failure)]
    assert Counter(reasons).keys() == {Reason.TIMEOUT, Reason.TOO_LARGE}
    assert len(reasons) == 30
    assert most[0] <= TOGETHER
