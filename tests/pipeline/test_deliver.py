from __future__ import annotations

from feedwatch.errors import WorkerCrash
from feedwatch.model import Outcome, Receipt
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"


async def published(bench: Bench, *titles: str) -> None:
    bench.web.entries(FEED, *[(title, title, f"http://one.example/{n}") for n, title in enumerate(titles)])
    await bench.poll()
    await bench.read()


async def test_a_dead_target_delays_no_other(bench: Bench) -> None:
    bench.post.answers["phone"] = Receipt(outcome=Outcome.FAILED, detail="connection refused")
    await published(bench, "Maduro speaks")
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]
    assert await bench.rows("SELECT state, attempts, error FROM deliveries WHERE state != 'sent'") == [
        ("pending", 1, "connection refused")
    ]


async def test_a_failed_message_goes_again_with_the_same_id_and_in_order(bench: Bench) -> None:
    bench.post.answers["phone"] = Receipt(outcome=Outcome.FAILED, detail="connection refused")
    await published(bench, "Maduro speaks", "Maduro sings")
    await bench.deliver()
    bench.post.answers.clear()
    await bench.change("UPDATE deliveries SET next_try_at = 0")
    await bench.deliver()
    assert sorted(bench.post.titles("phone")) == ["VE · Maduro sings", "VE · Maduro speaks"]
    ids = [{message.alert for url, message in bench.post.sent if name in url} for name in ("desk", "phone")]
    assert ids[0] == ids[1]


async def test_a_message_that_a_healthy_target_will_not_have_makes_way_in_the_end(bench: Bench) -> None:
    bench.post.answers["phone"] = Receipt(outcome=Outcome.REFUSED, detail="400")
    await published(bench, "Maduro speaks")
    for _ in range(12):
        await bench.deliver()
        await bench.change("UPDATE deliveries SET next_try_at = 0")
    rows = await bench.rows(
        "SELECT state, attempts FROM deliveries JOIN targets ON targets.id = target_id WHERE channel = 'phone'"
    )
    assert rows == [("dead", 10)]


async def test_what_waits_for_a_removed_channel_waits_until_it_is_back(bench: Bench) -> None:
    bench.post.answers["phone"] = Receipt(outcome=Outcome.FAILED, detail="down")
    await published(bench, "Maduro speaks")
    await bench.deliver()
    bench.post.answers.clear()
    start, end = CONFIG.split("[channels.phone]")
    await bench.reload(start + end.split('only = "headline"')[1].replace('["desk", "phone"]', '["desk"]'))
    await bench.change("UPDATE deliveries SET next_try_at = 0")
    await bench.deliver()
    assert bench.post.titles("phone") == []
    await bench.reload(CONFIG)
    await bench.deliver()
    assert bench.post.titles("phone") == ["VE · Maduro speaks"]


async def test_a_message_that_kills_its_sender_makes_way_in_the_end(bench: Bench) -> None:
    await published(bench, "Maduro speaks")
    good = bench.post.run

    async def crash(*_: object, **__: object) -> Receipt:
        raise WorkerCrash("signal 11")

    bench.post.run = crash  # type: ignore[method-assign]
    for _ in range(12):
        await bench.deliver()
        await bench.change("UPDATE deliveries SET next_try_at = 0")
    assert await bench.rows("SELECT DISTINCT state FROM deliveries") == [("dead",)]
    bench.post.run = good  # type: ignore[method-assign]
    await published(bench, "Maduro speaks", "Maduro sings")
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · Maduro sings"]
