from __future__ import annotations

import jsonschema

from feedwatch.config.schema import webhook_schema
from feedwatch.errors import WorkerCrash
from feedwatch.model import Outcome, Receipt
from tests.harness import receiver
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


async def test_a_webhook_gets_the_alert_with_the_places_of_its_words(bench: Bench) -> None:
    with receiver() as hook:
        await bench.reload(
            CONFIG.replace('url = "json://127.0.0.1:9/desk"', f'webhook = "http://127.0.0.1:{hook.port}/desk"')
        )
        bench.web.page("http://one.example/0", "Maduro speaks", "In Caracas President Maduro spoke.")
        await published(bench, "Maduro speaks")
        await bench.deliver()
    ((_, path, post),) = hook.got
    jsonschema.Draft202012Validator(webhook_schema()).validate(post)
    assert (path, post["type"], post["title"]) == ("/desk", "alert.first", "VE · Maduro speaks")
    assert (post["watchlist"], post["strength"], post["url"]) == ("ve", "headline", "http://one.example/0")
    assert post["story"]
    assert post["article"]
    zones = {hit["zone"] for hit in post["hits"]}
    assert {"title", "body"} <= zones
    assert all(hit["text"] == "Maduro" and hit["end"] - hit["start"] == 6 for hit in post["hits"])
    assert post["reasons"]["judged"] == "page"


async def test_what_a_webhook_did_not_take_waits_with_the_reason(bench: Bench) -> None:
    with receiver() as hook:
        hook.status = 503
        await bench.reload(
            CONFIG.replace('url = "json://127.0.0.1:9/desk"', f'webhook = "http://127.0.0.1:{hook.port}/desk"')
        )
        await published(bench, "Maduro speaks")
        await bench.deliver()
    rows = await bench.rows(
        "SELECT state, error FROM deliveries JOIN targets ON targets.id = target_id WHERE channel = 'desk'"
    )
    assert rows == [("pending", "answered 503 Service Unavailable")]
