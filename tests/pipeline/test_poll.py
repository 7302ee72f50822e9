from __future__ import annotations

from datetime import timedelta

import pytest

from feedwatch.errors import WorkerTimeout
from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline.clock import now
from feedwatch.store import Connection, database
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"


async def test_a_new_entry_waits_for_its_decision(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.poll()
    assert await bench.rows("SELECT title, how, decided_version, version FROM entries") == [("Harbour", "new", 0, 1)]
    assert await bench.rows("SELECT page_state, due_at IS NOT NULL FROM articles") == [("pending", 1)]


async def test_an_entry_is_new_only_once(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.poll()
    bench.web.entries(FEED, ("b", "Cranes", "http://one.example/b"), ("a", "Harbour", "http://one.example/a"))
    await bench.poll()
    assert await bench.rows("SELECT title FROM entries ORDER BY id") == [("Harbour",), ("Cranes",)]


async def test_a_changed_headline_is_decided_again(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.turn()
    bench.web.entries(FEED, ("a", "Harbour burns", "http://one.example/a"))
    await bench.poll()
    assert await bench.rows("SELECT title, version, decided_version FROM entries") == [("Harbour burns", 2, 1)]


async def test_validators_go_back_as_they_came_and_the_server_may_drop_them(bench: Bench) -> None:
    headers = {"etag": 'W/"odd , one"', "last-modified": "yesterday"}
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    body = bench.web.answers[FEED]
    assert isinstance(body, bytes)
    bench.web.answers[FEED] = Fetched(url=FEED, status=200, headers=headers, body=body)
    await bench.poll()
    bench.web.answers[FEED] = Fetched(url=FEED, status=304, headers={"etag": '"new"'}, body=b"")
    await bench.poll()
    bench.web.answers[FEED] = Fetched(url=FEED, status=200, headers={}, body=body)
    await bench.poll()
    await bench.poll()
    sent = [(request.validators.etag, request.validators.last_modified) for request in bench.web.asked[-3:]]
    assert sent == [('W/"odd , one"', "yesterday"), ('"new"', "yesterday"), (None, None)]


async def test_what_cannot_be_parsed_leaves_the_validators_alone(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    body = bench.web.answers[FEED]
    assert isinstance(body, bytes)
    bench.web.answers[FEED] = Fetched(url=FEED, status=200, headers={"etag": '"good"'}, body=body)
    await bench.poll()
    bench.web.answers[FEED] = Fetched(url=FEED, status=200, headers={"etag": '"bad"'}, body=b"<html>maintenance</html>")
    await bench.poll()
    assert await bench.rows("SELECT etag, outcome, failures FROM feeds") == [('"good"', "not_a_feed", 1)]


async def test_a_body_seen_before_is_not_parsed_again(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.poll()
    bench.workers.failing["parse_feed"] = WorkerTimeout("never again")
    await bench.poll()
    assert await bench.rows("SELECT outcome FROM feeds") == [("nothing new",)]


async def test_a_failed_poll_says_why_and_waits_longer(bench: Bench) -> None:
    bench.web.answers[FEED] = Failure(reason=Reason.REFUSED, detail="429", retry_after=timedelta(hours=3))
    before = now()
    await bench.poll()
    [(outcome, failures, again)] = await bench.rows("SELECT outcome, failures, next_check_at FROM feeds")
    assert (outcome, failures) == ("refused", 1)
    assert again / 1e6 >= before.timestamp() + 3 * 3600


async def test_a_gone_feed_is_not_asked_again(bench: Bench) -> None:
    bench.web.answers[FEED] = Failure(reason=Reason.GONE, detail="410", final=True)
    await bench.poll()
    asked = len(bench.web.asked)
    await bench.poll()
    assert len(bench.web.asked) == asked


async def test_a_surprise_in_a_poll_stands_on_its_feed(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    bench.workers.failing["parse_feed"] = RuntimeError("boom")
    await bench.poll()
    assert await bench.rows("SELECT outcome, detail, claimed_at FROM feeds") == [
        ("worker_crash", "RuntimeError: boom", None)
    ]


# When it is asked again, and where


def answered(bench: Bench, headers: dict[str, str] | None = None, moved: str | None = None) -> None:
    """What the feed says next, with other headers or by way of a permanent redirect."""
    body = bench.web.answers[FEED]
    assert isinstance(body, bytes)
    bench.web.answers[FEED] = Fetched(url=moved or FEED, status=200, headers=headers or {}, body=body, moved=moved)


async def test_the_feed_knows_why_it_is_asked_when_and_how_late_that_may_be(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    answered(bench, {"cache-control": "max-age=1800"})
    await bench.poll()
    ((because, late),) = await bench.rows("SELECT because, late FROM feeds")
    assert "Cache-Control" in because
    assert late >= 1800 * 1_000_000


async def test_a_document_that_shares_no_entry_with_those_before_may_have_lost_some(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.poll()
    assert await bench.rows("SELECT missed_at FROM feeds") == [(None,)], "there was nothing before"
    bench.web.entries(FEED, ("b", "Cranes", "http://one.example/b"))
    await bench.poll()
    ((detail, missed),) = await bench.rows("SELECT detail, missed_at FROM feeds")
    assert "may have been missed" in detail
    assert missed
    bench.web.entries(FEED, ("c", "Docks", "http://one.example/c"), ("b", "Cranes", "http://one.example/b"))
    await bench.poll()
    assert await bench.rows("SELECT detail, missed_at FROM feeds") == [("1 new, 0 changed", missed)]


NEW = "http://new.example/feed"


async def moved(bench: Bench) -> None:
    """Three polls over a day that a permanent redirect led on."""
    for _ in range(3):
        bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
        answered(bench, moved=NEW)
        await bench.poll()
        await bench.change("UPDATE feeds SET moved_since = moved_since - 43200000000")


async def test_a_feed_that_moved_for_good_is_asked_at_its_new_address_which_is_not_the_owners_word(
    bench: Bench,
) -> None:
    await moved(bench)
    bench.web.answers[NEW] = Fetched(url=NEW, status=304, headers={}, body=b"")
    await bench.poll()
    assert [request.url for request in bench.web.asked[-2:]] == [FEED, NEW]
    assert [request.owner for request in bench.web.asked[-2:]] == [True, False]
    assert await bench.rows("SELECT address, url FROM feeds") == [("https://one.example/feed", FEED)]


async def test_where_the_new_address_fails_the_owners_is_asked_again(bench: Bench) -> None:
    await moved(bench)
    bench.web.answers[NEW] = Failure(reason=Reason.GONE, detail="410", status=410, final=True)
    await bench.poll()
    await bench.poll()
    assert [request.url for request in bench.web.asked[-2:]] == [NEW, FEED]


async def test_a_feed_that_moved_to_another_one_of_the_config_says_so_and_its_news_is_told_once(bench: Bench) -> None:
    await bench.reload(f'{CONFIG}\n[[feeds]]\nurl = "{NEW}"\n')
    bench.web.entries(NEW)
    await moved(bench)
    [(detail,)] = await bench.rows("SELECT detail FROM feeds WHERE address LIKE '%one.example%'")
    assert "which is another feed of the config: remove one of the two" in detail
    bench.web.entries(NEW, ("b", "Maduro speaks", "http://one.example/b"))
    await bench.turn()
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]


# With a password or headers

KNOWN = CONFIG.replace("[polling]", '[polling]\nallow_private = ["one.example"]').replace(
    'name = "One"', 'name = "One"\nheaders = { Cookie = "s3cret" }'
)


async def test_a_feed_with_headers_does_not_move_to_another_origin(bench: Bench) -> None:
    await bench.reload(KNOWN)
    await moved(bench)
    await bench.poll()
    assert {request.url for request in bench.web.asked} == {FEED}
    assert await bench.rows("SELECT moved_to, asks FROM feeds") == [(None, None)]


async def test_a_feed_with_headers_moves_within_its_origin(bench: Bench) -> None:
    await bench.reload(KNOWN)
    for _ in range(3):
        bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
        answered(bench, moved="http://one.example/new")
        await bench.poll()
        await bench.change("UPDATE feeds SET moved_since = moved_since - 43200000000")
    await bench.poll()
    assert bench.web.asked[-1].url == "http://one.example/new"
    assert [dict(each.headers) for each in bench.web.asked[-1].credentials] == [{"Cookie": "s3cret"}]


@pytest.mark.parametrize("config", [KNOWN, CONFIG.replace("http://one", "http://jo:pw@one")])
async def test_a_move_that_was_learnt_before_there_was_a_secret_is_taken_back(bench: Bench, config: str) -> None:
    await moved(bench)
    await bench.reload(config)
    bench.web.answers[config.rsplit('url = "', maxsplit=1)[-1].split('"', maxsplit=1)[0]] = bench.web.answers[FEED]
    await bench.poll()
    assert bench.web.asked[-1].url.endswith("one.example/feed")
    assert await bench.rows("SELECT asks FROM feeds") == [(None,)]


async def test_a_feeds_headers_go_with_its_polls_and_a_sites_with_its_pages(bench: Bench) -> None:
    await bench.reload(KNOWN + '\n[[sites]]\nhost = "one.example"\nauth = "jo:pw"\n')
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    bench.web.page("http://one.example/a", "Harbour", "Maduro came.")
    await bench.turn()
    sent = {
        request.url: [name for each in request.credentials for name, _ in each.headers] for request in bench.web.asked
    }
    assert sent[FEED] == ["Authorization", "Cookie"]
    assert sent["http://one.example/a"] == ["Authorization"]


async def test_no_secret_reaches_the_database(bench: Bench) -> None:
    await bench.reload(KNOWN)
    bench.web.entries(FEED, ("a", "Harbour", "http://one.example/a"))
    await bench.turn()
    dump = await bench.store.read(lambda db: "\n".join(db.iterdump()))
    assert "one.example" in dump
    assert "s3cret" not in dump


async def test_after_a_new_way_to_see_a_change_what_was_seen_is_no_news_and_later_changes_are(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"))
    await bench.turn()
    told = len(bench.post.sent)
    await bench.store.write(migrate_again)
    bench.web.entries(FEED, ("a", "Maduro speaks", "http://one.example/a"), ("b", "Cranes", "http://one.example/b"))
    await bench.turn()
    assert await bench.rows("SELECT title, version FROM entries ORDER BY id") == [("Maduro speaks", 1), ("Cranes", 1)]
    assert len(bench.post.sent) == told
    bench.web.entries(FEED, ("a", "Maduro speaks again", "http://one.example/a"))
    await bench.poll()
    assert await bench.rows("SELECT max(version) FROM entries") == [(2,)]


def migrate_again(db: Connection) -> None:
    for statement in database._statements(database._script("0009_identity.sql")):
        db.execute(statement)
