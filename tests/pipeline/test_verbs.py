"""What people ask of a running feedwatch, through the loops: mute, ack, resend."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedwatch.errors import AskedWrongly, NothingThere
from feedwatch.model import Outcome, Receipt
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.verbs import VERBS, Asked
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
HOUR = timedelta(hours=1)
DOWN = Receipt(outcome=Outcome.FAILED, detail="connection refused")
NO = Receipt(outcome=Outcome.REFUSED, detail="400")
WITHOUT_PHONE = CONFIG.replace(
    '[channels.phone]\nmax_per_hour = "off"\nurl = "json://127.0.0.1:9/phone"\nonly = "headline"\n', ""
).replace('["desk", "phone"]', '["desk"]')
WITH_MAIL = f'{CONFIG}\n[channels.mail]\nurl = "json://127.0.0.1:9/mail"\n'


async def ask(bench: Bench, verb: str, actor: str = "anna", **words: str) -> dict[str, Any]:
    asked = Asked(words=words, actor=actor, at=now(), settings=bench.program.plan.settings)
    return await bench.store.write(VERBS[verb].do, asked)


async def published(bench: Bench, *titles: str, text: str = "") -> None:
    for n, title in enumerate(titles):
        bench.web.page(f"http://one.example/{n}", title, text)
    bench.web.entries(FEED, *[(title, title, f"http://one.example/{n}") for n, title in enumerate(titles)])
    await bench.turn()


async def the_alert(bench: Bench) -> str:
    [(alert,)] = await bench.rows("SELECT id FROM alerts WHERE kind = 'first'")
    return str(alert)


async def mute_runs_out(bench: Bench) -> None:
    await bench.change("UPDATE mutes SET until_at = from_at")
    await bench.deliver()


# Mute ---------------------------------------------------------------------------------------------------


async def test_what_a_muted_watchlist_finds_is_recorded_and_not_sent(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    await published(bench, "Maduro speaks", "Maduro sings")
    assert bench.post.sent == []
    assert await bench.rows("SELECT outcome, alert FROM decisions") == [("muted", None)] * 2
    [(actor,)] = await bench.rows("SELECT actor FROM mutes")
    assert actor == "anna"


async def test_the_end_of_a_mute_tells_each_channel_in_one_message_what_it_takes(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    await published(bench, "Maduro speaks", "Rain", text="It was dry in Venezuela.")
    await mute_runs_out(bench)
    assert bench.post.titles("desk") == ["VE · 2 articles while muted"]
    assert bench.post.titles("phone") == ["VE · 1 article while muted"]
    [body] = [message.body for url, message in bench.post.sent if "phone" in url]
    assert "Maduro speaks" in body
    await bench.deliver()
    assert len(bench.post.sent) == 2


async def test_a_mute_that_kept_nothing_back_says_so(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="1s")
    await mute_runs_out(bench)
    assert bench.post.titles("desk") == ["VE · 0 articles while muted"]


async def test_after_a_mute_alerts_come_singly_again(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    await published(bench, "Maduro speaks")
    answer = await ask(bench, "mute", "ben", watchlist="ve")
    assert (answer["articles"], answer["until"]) == (1, None)
    await published(bench, "Maduro speaks", "Maduro sings")
    assert sorted(bench.post.titles("desk")) == ["VE · 1 article while muted", "VE · Maduro sings"]


async def test_a_mute_may_be_made_longer_or_shorter(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="1h")
    await ask(bench, "mute", "ben", watchlist="ve", time="3h")
    [(actor, lasts)] = await bench.rows("SELECT actor, until_at - from_at FROM mutes")
    assert actor == "ben"
    assert timedelta(microseconds=lasts) >= 3 * HOUR


async def test_the_mute_of_a_removed_watchlist_is_told_when_it_is_back(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    await published(bench, "Maduro speaks")
    await bench.reload(CONFIG.replace('id = "ve"', 'id = "other"'))
    await mute_runs_out(bench)
    assert bench.post.sent == []
    await bench.reload(CONFIG)
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · 1 article while muted"]


async def test_a_mute_lasts_no_longer_because_the_clock_went_back(bench: Bench) -> None:
    from feedwatch.store.mutes import straighten_mutes

    await ask(bench, "mute", watchlist="ve", time="2h")
    await bench.store.write(straighten_mutes, now() - timedelta(days=1))
    [(ends,)] = await bench.rows("SELECT until_at / 1000000 FROM mutes")
    assert ends <= (now() - timedelta(days=1) + 2 * HOUR).timestamp()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"watchlist": "vee", "time": "2h"}, "no watchlist vee (there are: ve)"),
        ({"watchlist": "ve", "time": "2 hours"}, '"2 hours" is no duration'),
        ({"watchlist": "ve", "time": "0s"}, "0s is out of range"),
        ({"watchlist": "ve", "time": "5w"}, "5w is out of range"),
        ({"time": "2h"}, "watchlist is missing"),
        ({"watchlist": 7, "time": "2h"}, "watchlist must be a text"),
        ({"watchlist": "v" * 10_000}, "watchlist must be a text"),
    ],
)
async def test_a_mute_that_cannot_be_meant_is_refused(bench: Bench, words: Any, said: str) -> None:
    with pytest.raises(AskedWrongly, match=said.replace("(", r"\(").replace(")", r"\)")):
        await ask(bench, "mute", **words)


async def test_what_is_not_muted_cannot_end(bench: Bench) -> None:
    with pytest.raises(NothingThere, match="ve is not muted"):
        await ask(bench, "mute", watchlist="ve")


# Ack ----------------------------------------------------------------------------------------------------


async def test_an_ack_keeps_who_was_first_and_when(bench: Bench) -> None:
    await published(bench, "Maduro speaks")
    alert = await the_alert(bench)
    assert (await ask(bench, "ack", alert=alert))["stories"] == 1
    again = await ask(bench, "ack", "ben", alert=alert[:6])
    assert again["stories"] == 0
    assert [(row["watchlist"], row["by"]) for row in again["acks"]] == [("ve", "anna")]


async def test_a_story_that_grows_stronger_is_told_after_an_ack(bench: Bench) -> None:
    await published(bench, "Rain", text="It was dry in Venezuela.")
    await ask(bench, "ack", alert=await the_alert(bench))
    bench.web.entries(FEED, ("Rain", "Rain for Venezuela", "http://one.example/0"))
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Rain", "VE · stronger: Rain for Venezuela"]
    [(by,)] = await bench.rows("SELECT acked_by FROM story_watch")
    assert by == "anna"


async def test_the_ack_of_a_digest_is_for_all_that_it_tells(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    await published(bench, "Maduro speaks", "Maduro sings")
    await mute_runs_out(bench)
    [(digest,)] = await bench.rows(
        "SELECT alert FROM deliveries JOIN targets ON target_id = targets.id WHERE channel = 'desk'"
    )
    assert (await ask(bench, "ack", alert=digest))["stories"] == 2


async def test_an_unknown_alert_is_named(bench: Bench) -> None:
    with pytest.raises(NothingThere, match="no alert zzzzzz"):
        await ask(bench, "ack", alert="zzzzzz")


# Resend -------------------------------------------------------------------------------------------------


async def test_a_sent_message_goes_again_under_the_same_id(bench: Bench) -> None:
    await published(bench, "Maduro speaks")
    alert = await the_alert(bench)
    assert (await ask(bench, "resend", alert=alert))["messages"] == 2
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"] * 2
    assert {message.alert for _, message in bench.post.sent} == {alert}
    assert await bench.rows("SELECT count(*) FROM deliveries") == [(2,)]


async def test_a_dead_message_goes_again_and_is_in_nobodys_way(bench: Bench) -> None:
    await published(bench, "Maduro speaks")
    await bench.change("UPDATE deliveries SET state = 'dead', refusals = 10, sent_at = NULL")
    bench.post.answers["desk"] = NO
    await ask(bench, "resend", alert=await the_alert(bench))
    await bench.deliver()
    assert await bench.rows(
        "SELECT channel, state FROM deliveries JOIN targets ON targets.id = target_id ORDER BY 1"
    ) == [("desk", "dead"), ("phone", "sent")]


async def test_another_channel_gets_it_worded_for_who_hears_it_first(bench: Bench) -> None:
    await bench.reload(WITH_MAIL)
    await published(bench, "Rain", text="It was dry in Venezuela.")
    bench.web.entries(FEED, ("Rain", "Rain for Venezuela", "http://one.example/0"))
    await bench.turn()
    [(stronger,)] = await bench.rows("SELECT id FROM alerts WHERE kind = 'raise'")
    answer = await ask(bench, "resend", alert=stronger, to="mail")
    assert answer == {"alerts": 1, "messages": 1, "moved": 0}
    await bench.deliver()
    assert bench.post.titles("mail") == ["VE · Rain for Venezuela"]
    await ask(bench, "resend", alert=stronger, to="mail")
    await bench.deliver()
    assert bench.post.titles("mail") == ["VE · Rain for Venezuela"] * 2


async def test_what_waits_for_a_removed_channel_can_be_moved_and_is_not_sent_when_it_is_back(bench: Bench) -> None:
    bench.post.answers["phone"] = DOWN
    await published(bench, "Maduro speaks")
    await bench.reload(WITHOUT_PHONE)
    alert = await the_alert(bench)
    assert await ask(bench, "resend", alert=alert, to="desk") == {"alerts": 1, "messages": 1, "moved": 1}
    bench.post.answers.clear()
    await bench.reload(CONFIG)
    await bench.change("UPDATE deliveries SET next_try_at = 0")
    await bench.deliver()
    assert bench.post.titles("phone") == []
    assert bench.post.titles("desk") == ["VE · Maduro speaks"] * 2


async def test_a_whole_queue_is_moved_in_order_and_doubles_nothing(bench: Bench) -> None:
    await bench.reload(WITH_MAIL)
    bench.post.answers["phone"] = DOWN
    await published(bench, "Maduro speaks", "Maduro sings", "Maduro rests")
    bench.post.answers.clear()
    assert await ask(bench, "resend", **{"from": "phone", "to": "mail"}) == {"alerts": 3, "messages": 3, "moved": 3}
    assert await ask(bench, "resend", **{"from": "phone", "to": "mail"}) == {"alerts": 0, "messages": 0, "moved": 0}
    await bench.change("UPDATE deliveries SET next_try_at = 0")
    await bench.deliver()
    assert bench.post.titles("phone") == []
    assert len(bench.post.titles("mail")) == len(bench.post.titles("desk")) == 3
    ids = [sorted(message.alert for url, message in bench.post.sent if name in url) for name in ("mail", "desk")]
    assert ids[0] == ids[1]


async def test_a_channel_that_comes_back_with_another_address_can_be_sent_what_its_old_one_was_to_get(
    bench: Bench,
) -> None:
    bench.post.answers["phone"] = DOWN
    await published(bench, "Maduro speaks", "Maduro sings")
    await bench.reload(WITHOUT_PHONE)
    await bench.reload(CONFIG.replace("json://127.0.0.1:9/phone", "ntfy://127.0.0.1:9/pocket"))
    bench.post.answers.clear()
    assert await ask(bench, "resend", **{"from": "phone", "to": "phone"}) == {"alerts": 2, "messages": 2, "moved": 2}
    await bench.deliver()
    assert sorted(bench.post.titles("pocket")) == ["VE · Maduro sings", "VE · Maduro speaks"]
    assert await ask(bench, "resend", **{"from": "phone", "to": "phone"}) == {"alerts": 0, "messages": 0, "moved": 0}


async def test_a_message_that_waits_is_left_to_wait(bench: Bench) -> None:
    bench.post.answers["phone"] = bench.post.answers["desk"] = DOWN
    await published(bench, "Maduro speaks")
    assert await ask(bench, "resend", alert=await the_alert(bench)) == {"alerts": 1, "messages": 0, "moved": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"alert": "abc", "to": "fone"}, r"no channel fone \(there are: desk, phone\)"),
        ({"from": "phone"}, "`from` takes a channel"),
        ({"from": "fone", "to": "desk"}, r"no channel fone, now or before \(there are: desk, phone\)"),
        ({}, "alert is missing"),
    ],
)
async def test_a_resend_that_cannot_be_meant_is_refused(bench: Bench, words: dict[str, str], said: str) -> None:
    with pytest.raises(AskedWrongly, match=said):
        await ask(bench, "resend", **words)


# Status -------------------------------------------------------------------------------------------------


async def test_status_names_what_is_late_what_is_muted_and_whose_pages_are_not_seen(bench: Bench) -> None:
    await ask(bench, "mute", watchlist="ve", time="2h")
    bench.web.entries(FEED, *[(str(n), f"Maduro {n}", f"http://one.example/{n}") for n in range(3)])
    await bench.turn()
    await bench.change("UPDATE feeds SET next_check_at = next_check_at - 3600000000")
    told = await ask(bench, "status")
    assert told["feeds_by_state"] == {"late": 1}
    assert [(feed["feed"], feed["state"]) for feed in told["feeds_in_trouble"]] == [("One", "late")]
    assert [(mute["watchlist"], mute["by"], mute["articles"]) for mute in told["mutes"]] == [("ve", "anna", 3)]
    assert told["hosts"] == [{"host": "one.example", "articles": 3, "not_seen": 3, "reason": "not_found", "share": 1.0}]
    assert told["articles_today"] == 3


async def test_status_has_the_open_window_and_every_target(tmp_path: Path) -> None:
    from tests.pipeline.conftest import opened

    async with opened(tmp_path) as bench:
        bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
        await bench.poll()
        told = await ask(bench, "status")
    assert [(window["kind"], window["entries"], window["undecided"]) for window in told["windows"]] == [
        ("backfill", 1, 1)
    ]
    assert [(target["channel"], target["waiting"]) for target in told["targets"]] == [("desk", 0), ("phone", 0)]
