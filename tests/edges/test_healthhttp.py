"""Pages for who watches the watcher, over real sockets; and what Prometheus reads there."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from feedwatch.edges import metrics
from feedwatch.edges.healthhttp import Answer, Listener


async def ask(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    def asking() -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, ""

    return await asyncio.to_thread(asking)


async def well() -> Answer:
    return Answer(status=200, body=b"well\n")


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    made = Listener({"/healthz": well})
    yield made
    await made.close()


async def test_a_page_is_served_and_no_other_and_nothing_can_be_changed(
    listener: Listener, unused_tcp_port: int
) -> None:
    assert await listener.move(("127.0.0.1", unused_tcp_port))
    assert await ask(unused_tcp_port, "/healthz") == (200, "well\n")
    assert await ask(unused_tcp_port, "/healthz", "HEAD") == (200, "")
    assert (await ask(unused_tcp_port, "/healthz", "POST"))[0] == 405
    assert (await ask(unused_tcp_port, "/other"))[0] == 404


async def test_it_stays_where_it_is_until_told_to_move(listener: Listener, unused_tcp_port: int) -> None:
    await listener.move(("127.0.0.1", unused_tcp_port))
    assert not await listener.move(("127.0.0.1", unused_tcp_port))
    assert await listener.move(None)
    with pytest.raises(urllib.error.URLError):
        await ask(unused_tcp_port, "/healthz")


async def test_a_port_that_is_taken_is_an_error_and_can_be_had_later(listener: Listener, unused_tcp_port: int) -> None:
    holder = Listener({"/healthz": well})
    await holder.move(("127.0.0.1", unused_tcp_port))
    with pytest.raises(OSError, match="address already in use"):
        await listener.move(("127.0.0.1", unused_tcp_port))
    await holder.close()
    assert await listener.move(("127.0.0.1", unused_tcp_port))


def test_the_exposition_is_read_by_prometheus_own_parser() -> None:
    metrics.SENDS.labels(channel="desk", target='a "b"\\', outcome="sent").inc()
    page = metrics.exposition({"feedwatch_feeds": [(("well",), 3), (("late",), 1)]}).decode()
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert found["feedwatch_feeds", ("state", "well")] == 3
    name = ("feedwatch_sends_total", ("channel", "desk"), ("outcome", "sent"), ("target", 'a "b"\\'))
    assert found[name] >= 1


def test_a_row_that_is_gone_leaves_its_gauge() -> None:
    name = "feedwatch_oldest_waiting_timestamp_seconds"
    assert b'channel="desk"} ' not in metrics.exposition({name: []})
    assert f'{name}{{channel="desk",target="x"}} 7.0'.encode() in metrics.exposition({name: [(("desk", "x"), 7)]})
    assert f"{name}{{".encode() not in metrics.exposition({name: []})
