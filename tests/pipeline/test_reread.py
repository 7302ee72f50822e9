"""A page that people were told of is read again, and what changed in it is told, as far as it matters to them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.engine import straighten
from tests.harness import words_of_its_own
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
A = "http://one.example/a"
LEAD = "Maduro met the envoy on Monday. The talks lasted for 3 hours, an aide said."
GONE = Failure(reason=Reason.NOT_FOUND, detail="404", status=404, final=True)
SOON = timedelta(minutes=10)


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def time() -> Time:
    return Time()


async def quiet(bench: Bench) -> None:
    """No feed is due: it would come first."""
    await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")


async def told(bench: Bench, title: str = "Maduro speaks", text: str = LEAD, *, link: str = A) -> None:
    """One article that alerted, and was sent."""
    bench.web.entries(FEED, ("a", title, link))
    bench.web.page(link, title, text)
    await bench.turn()
    assert bench.post.titles("desk") == [f"VE · {title}"]
    bench.post.sent.clear()


async def later(bench: Bench, time: Time, after: timedelta = SOON) -> int:
    """The time passes, pages are read again, and what that brings is sent; how many pages."""
    time.at += after + timedelta(minutes=1)  # what a busy machine takes to tell
    await quiet(bench)
    done = await bench.reread(time)
    await bench.change(
        "UPDATE deliveries SET next_try_at = 0 WHERE state = 'pending'"
    )  # the senders have no such clock
    await bench.deliver()
    return done


async def test_a_page_is_read_again_after_10_minutes_1_6_and_24_hours_and_then_left_alone(
    bench: Bench, time: Time
) -> None:
    await told(bench)
    began, looks = time.at, []
    await quiet(bench)
    for _ in range(60 * 30):
        time.at += timedelta(minutes=1)
        if await bench.reread(time):
            looks.append(round((time.at - began) / timedelta(minutes=1)))
    assert looks == pytest.approx([10, 60, 360, 1440], abs=1)
    assert bench.post.sent == []


async def test_a_page_that_alerted_nobody_is_not_read_again(bench: Bench, time: Time) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", "Nothing.")
    await bench.turn()
    assert await later(bench, time, timedelta(days=2)) == 0


async def test_what_the_page_gave_for_it_makes_the_request_conditional(bench: Bench, time: Time) -> None:
    await told(bench)
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    bench.web.answers[A] = Fetched(
        url=A, status=200, headers={"etag": '"1"'}, body=page.replace(b"3 hours", b"4 hours")
    )
    await later(bench, time)
    bench.web.answers[A] = Fetched(url=A, status=304, headers={}, body=b"")
    bench.web.asked.clear()
    bench.post.sent.clear()
    await later(bench, time, timedelta(hours=1))
    assert [request.validators.etag for request in bench.web.asked] == ['"1"']
    assert bench.post.sent == []


async def test_a_correction_is_told_once(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.page(A, "Maduro speaks", f"{LEAD} Correction: an earlier version of this article named another city.")
    await later(bench, time)
    assert bench.post.titles("desk") == bench.post.titles("phone") == ["VE · corrected: Maduro speaks"]
    assert "an earlier version of this article named another city" in bench.post.sent[0][1].body
    for _ in range(3):
        await later(bench, time, timedelta(days=1))
    assert len(bench.post.titles("desk")) == 1


async def test_another_headline_is_told_with_the_old_one(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.page(A, "Maduro is silent", LEAD)
    await later(bench, time)
    ((_, message), _) = bench.post.sent
    assert message.title == "VE · changed: Maduro is silent"
    assert "headline was “Maduro speaks”" in message.body


async def test_a_number_beside_a_hit_is_told_and_a_typo_is_not(bench: Bench, time: Time) -> None:
    text = "The minister of Maduro spoke of 12 dead."
    await told(bench, text=text)
    bench.web.page(A, "Maduro speaks", text.replace("spoke", "said"))
    await later(bench, time)
    assert bench.post.sent == []
    bench.web.page(A, "Maduro speaks", text.replace("12", "21"))
    await later(bench, time, timedelta(hours=1))
    assert bench.post.titles("desk") == ["VE · changed: Maduro speaks"]
    assert "21 dead" in bench.post.sent[0][1].body


async def test_every_text_stays_on_record(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.page(A, "Maduro speaks", LEAD.replace("3 hours", "4 hours"))
    await later(bench, time)
    rows = await bench.rows("SELECT n, kind, body LIKE '%3 hours%' FROM revisions ORDER BY n")
    assert rows == [(1, "page", 1), (2, "page", 0)]
    found = await bench.rows("SELECT n FROM evidence JOIN revisions ON revisions.id = revision_id ORDER BY n")
    assert found == [(1,), (2,)]


async def test_a_page_that_is_gone_is_told_at_the_second_sighting_an_hour_later(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.answers[A] = GONE
    await later(bench, time)
    await later(bench, time, timedelta(minutes=30))
    assert bench.post.sent == []
    await later(bench, time, timedelta(minutes=30))
    assert bench.post.titles("desk") == ["VE · gone: Maduro speaks"]
    assert "no longer at this address" in bench.post.sent[0][1].body
    assert await later(bench, time, timedelta(days=9)) == 0


async def test_a_page_that_is_back_was_not_gone(bench: Bench, time: Time) -> None:
    await told(bench)
    page = bench.web.answers[A]
    bench.web.answers[A] = GONE
    await later(bench, time)
    bench.web.answers[A] = page
    await later(bench, time, timedelta(hours=1))
    bench.web.answers[A] = GONE
    await later(bench, time, timedelta(hours=6))
    assert bench.post.sent == []


async def test_a_page_that_is_there_again_is_not_called_gone_any_longer(bench: Bench, time: Time) -> None:
    await told(bench)
    page = bench.web.answers[A]
    bench.web.answers[A] = GONE
    await later(bench, time)
    await later(bench, time, timedelta(hours=1))
    assert bench.post.titles("desk") == ["VE · gone: Maduro speaks"]
    bench.web.answers[A] = page
    await bench.change("UPDATE rereads SET due_at = 0")
    await later(bench, time)
    assert await bench.rows("SELECT kind FROM revisions ORDER BY n") == [("page",), ("gone",), ("page",)]
    assert len(bench.post.titles("desk")) == 1


async def test_a_server_in_trouble_says_nothing_of_the_page(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.answers[A] = Failure(reason=Reason.SERVER_ERROR, detail="503", status=503)
    for _ in range(9):
        await later(bench, time, timedelta(hours=3))
    assert bench.post.sent == []


async def test_a_wall_before_the_page_is_no_change(bench: Bench, time: Time) -> None:
    await told(bench)
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    rest, short = words_of_its_own(A), words_of_its_own(A, 40)
    assert page.count(rest.encode()) == 1
    bench.web.answers[A] = page.replace(rest.encode(), short.encode()).replace(LEAD.encode(), b"")
    await later(bench, time)
    assert bench.post.sent == []
    assert await bench.rows("SELECT count(*) FROM revisions") == [(1,)]


async def test_a_revision_with_the_word_alerts_a_watchlist_that_was_not_told(bench: Bench, time: Time) -> None:
    second = '\n[[watchlists]]\nid = "oil"\nkeywords = ["refinery"]\nnotify = ["desk"]\n'
    await bench.reload(CONFIG + second)
    await told(bench)
    bench.web.page(A, "Maduro speaks", f"{LEAD} Then the refinery burned.")
    await later(bench, time)
    assert bench.post.titles("desk") == ["OIL · Maduro speaks"]


async def test_a_page_that_grows_stronger_raises_and_is_not_told_twice(bench: Bench, time: Time) -> None:
    await told(bench, title="Harbour", text="The ship came from Venezuela.")
    bench.web.page(A, "Venezuela sends a ship", "The ship came from Venezuela.")
    await later(bench, time)
    assert bench.post.titles("desk") == ["VE · stronger: Venezuela sends a ship"]
    assert bench.post.titles("phone") == ["VE · Venezuela sends a ship"]


async def test_a_message_that_still_waits_tells_the_article_as_it_is_now(bench: Bench, time: Time) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.page(A, "Maduro speaks", LEAD)
    await bench.poll()
    await bench.read()
    bench.web.page(A, "Maduro is silent", LEAD.replace("envoy", "minister"))
    await later(bench, time)
    assert bench.post.titles("desk") == bench.post.titles("phone") == ["VE · Maduro is silent"]


async def test_an_ack_does_not_end_revisions(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change("UPDATE story_watch SET acked_at = 1, acked_by = 'ana'")
    bench.web.page(A, "Maduro is silent", LEAD)
    await later(bench, time)
    assert bench.post.titles("desk") == ["VE · changed: Maduro is silent"]


async def test_a_muted_watchlist_hears_of_a_revision_when_the_mute_ends(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change(
        "INSERT INTO mutes(root, key, actor, from_at, until_at) VALUES ('ve', 'k', 'ana', 0, 9000000000000000)"
    )
    bench.web.page(A, "Maduro is silent", LEAD)
    await later(bench, time)
    assert bench.post.sent == []
    await bench.change("UPDATE mutes SET until_at = 1")
    await bench.deliver()
    assert bench.post.titles("desk") == ["VE · 1 article while muted"]


async def test_a_feed_or_a_first_page_of_the_same_host_comes_first(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change("UPDATE feeds SET next_check_at = 0")
    time.at += SOON + timedelta(minutes=1)
    assert await bench.reread(time) == 0
    await quiet(bench)
    assert await bench.reread(time) == 1


async def test_a_host_that_asked_for_peace_is_left_alone(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change("UPDATE feeds SET hold_until = 9000000000000000")
    assert await later(bench, time) == 0


async def test_what_died_over_a_page_three_times_leaves_it(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change("UPDATE rereads SET interrupted = 3")
    bench.web.asked.clear()
    await later(bench, time)
    assert bench.web.asked == []


async def test_a_page_that_the_feed_retitles_is_read_again_soon(bench: Bench, time: Time) -> None:
    await told(bench)
    for _ in range(4):
        await later(bench, time, timedelta(days=1))
    bench.web.entries(FEED, ("a", "Maduro is silent", A))
    await bench.turn()
    bench.web.page(A, "Maduro is silent", LEAD)
    time.at = now()
    assert await later(bench, time) == 1
    assert bench.post.titles("desk")[-1] == "VE · changed: Maduro is silent"


async def test_a_page_that_came_after_its_alert_is_kept_and_read_again_too(bench: Bench, time: Time) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.answers[A] = Failure(reason=Reason.TIMEOUT, detail="20 s")
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Maduro speaks"]
    bench.web.page(A, "Maduro speaks", LEAD)
    await bench.change("UPDATE articles SET due_at = 0")
    await bench.read()
    assert await bench.rows("SELECT count(*) FROM evidence") == [(1,)]
    assert await later(bench, time) == 1


async def test_a_clock_that_went_back_puts_no_look_off(bench: Bench, time: Time) -> None:
    await told(bench)
    await bench.change("UPDATE rereads SET due_at = 9000000000000000, since_at = 9000000000000000")
    await bench.store.write(straighten, bench.program, time.at)
    assert await later(bench, time) == 1


async def test_reading_again_asks_robots_txt_as_reading_does(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.asked.clear()
    await later(bench, time)
    assert [(request.url, request.permit is not None) for request in bench.web.asked] == [(A, True)]
    await bench.reload(CONFIG.replace('tags = ["first"]', "robots = false"))
    bench.web.asked.clear()
    await later(bench, time, timedelta(hours=1))
    assert [request.permit for request in bench.web.asked] == [None]


# ---- live pages


def live(*posts: tuple[int, str]) -> bytes:
    """A live blog, the newest post first."""
    rows = ",".join(
        f'{{"@type":"BlogPosting","@id":"{A}#post-{n}","headline":"Post {n}",'
        f'"datePublished":"2026-11-22T{10 + n // 60:02}:{n % 60:02}:00+00:00","articleBody":"{text}"}}'
        for n, text in reversed(posts)
    )
    shown = "".join(f"<section><h2>Post {n}</h2><p>{text}</p></section>" for n, text in reversed(posts))
    data = f'{{"@context":"https://schema.org","@type":"LiveBlogPosting","liveBlogUpdate":[{rows}]}}'
    return (
        f"<html lang='en'><head><title>Live: the vote</title><script type='application/ld+json'>{data}</script></head>"
        f"<body><article><h1>Live: the vote</h1>{shown}</article></body></html>"
    ).encode()


def says(n: int) -> tuple[int, str]:
    """Every fourth post is about Maduro."""
    who = "Maduro greeted the crowd" if n % 4 == 0 else "The queue at the school grew longer"
    return n, f"{who} in district {n}, and the reporters at the gate wrote down all that was said about it there."


async def test_of_a_live_page_with_20_posts_each_new_one_is_told_once_and_a_batch_makes_one_message(
    bench: Bench, time: Time
) -> None:
    pytest.importorskip("feedwatch.articles.posts", reason="live pages are not read as posts yet")
    bench.web.entries(FEED, ("a", "Live: the vote", A))
    bench.web.answers[A] = live(*(says(n) for n in range(1, 6)))
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Live: the vote"]
    bench.post.sent.clear()
    for last in (10, 11, 20):
        bench.web.answers[A] = live(*(says(n) for n in range(1, last + 1)))
        await later(bench, time)
    bodies = [message.body for url, message in bench.post.sent if "desk" in url]
    assert len(bodies) == 2  # of posts 6 to 10 and of 12 to 20; nothing of 11
    assert "district 8" in bodies[0]
    assert "district 4" not in bodies[0]
    assert bodies[1].index("district 20") < bodies[1].index("district 16") < bodies[1].index("district 12")
    assert "district 8" not in bodies[1]


async def follow(bench: Bench, first: bytes, *later_pages: bytes, time: Time) -> list[str]:
    """A live page as it was when it alerted, and as it is read later; what the desk is told of that."""
    bench.web.entries(FEED, ("a", "Live: the vote", A))
    bench.web.answers[A] = first
    await bench.turn()
    bench.post.sent.clear()
    for each in later_pages:
        bench.web.answers[A] = each
        await bench.change("UPDATE rereads SET due_at = 0")
        await later(bench, time)
    return [message.body for url, message in bench.post.sent if "desk" in url]


async def test_a_live_page_with_5000_posts_that_grows_at_its_end_tells_the_newest(bench: Bench, time: Time) -> None:
    def upwards(last: int) -> bytes:
        rows = ",".join(
            f'{{"@type":"BlogPosting","@id":"#{n}","articleBody":"{says(n)[1]}",'
            f'"datePublished":"2026-11-{1 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00+00:00"}}'
            for n in range(1, last + 1)
        )
        return live((1, says(1)[1])).replace(b'"liveBlogUpdate":[', f'"liveBlogUpdate":[{rows},'.encode())

    (body,) = await follow(bench, upwards(5_000), upwards(5_004), time=time)
    assert "district 5004" in body
    assert "district 5000" not in body


async def test_posts_that_change_places_or_words_are_not_told_again(bench: Bench, time: Time) -> None:
    def nameless(*posts: tuple[int, str]) -> bytes:
        said = live(*posts).replace(b'"@id"', b'"about"').replace(b":00+00:00", b":07+00:00")
        return re.sub(rb'"headline":"Post \d+",', b"", said)

    posts = [says(n) for n in range(1, 9)]
    edited = [(n, text.replace("Maduro greeted", "President Maduro greeted warmly")) for n, text in posts]
    shuffled = edited[4:] + edited[:4]
    more = [*shuffled, says(12)]
    (body,) = await follow(bench, nameless(*posts), nameless(*edited), nameless(*shuffled), nameless(*more), time=time)
    assert "district 12" in body


async def test_a_live_page_keeps_its_headline_whatever_its_newest_post_is_called(bench: Bench, time: Time) -> None:
    await follow(bench, live(says(4)), live(says(4), says(8)), time=time)
    assert [message.title for url, message in bench.post.sent if "desk" in url] == ["VE · live: Live: the vote"]
    assert await bench.rows("SELECT DISTINCT title FROM revisions") == [("Live: the vote",)]


# ---- pages that try hard


async def test_a_caption_that_is_corrected_is_told(bench: Bench, time: Time) -> None:
    await told(bench)
    plain = bench.web.answers[A]
    assert isinstance(plain, bytes)
    picture = "<figure><img src='a.jpg'><figcaption>{}</figcaption></figure></article>"
    wrong, right = (
        plain.replace(b"</article>", picture.format(said).encode())
        for said in ("The pier of Guanta in May", "Correction: an earlier caption named the wrong pier")
    )
    bench.web.answers[A] = wrong
    await later(bench, time)
    assert bench.post.sent == []
    bench.web.answers[A] = right
    await later(bench, time, timedelta(hours=1))
    assert bench.post.titles("desk") == ["VE · corrected: Maduro speaks"]


@pytest.mark.parametrize("place", ["http://one.example/", "http://one.example/section", "http://one.example/shop?x=1"])
async def test_a_redirect_to_another_page_is_neither_a_change_nor_the_end(bench: Bench, time: Time, place: str) -> None:
    await told(bench)
    bench.web.page(place, "Welcome to the Courier", "Maduro and 12 others are in the news today. Read all of it here.")
    shown = bench.web.answers[place]
    assert isinstance(shown, bytes)
    bench.web.answers[A] = Fetched(url=place, status=200, headers={}, body=shown)
    for _ in range(4):
        await later(bench, time, timedelta(hours=7))
    assert bench.post.sent == []
    assert await bench.rows("SELECT count(*) FROM revisions") == [(1,)]
    assert await bench.rows("SELECT found FROM rereads") == [("no_text",)]


async def test_an_article_that_moved_is_still_compared(bench: Bench, time: Time) -> None:
    await told(bench)
    bench.web.page(A, "Maduro is silent", LEAD)
    shown = bench.web.answers[A]
    assert isinstance(shown, bytes)
    bench.web.answers[A] = Fetched(url="http://one.example/moved", status=200, headers={}, body=shown)
    await later(bench, time)
    assert bench.post.titles("desk") == ["VE · changed: Maduro is silent"]


async def test_a_page_that_changes_at_every_reading_tells_nothing(bench: Bench, time: Time) -> None:
    await told(bench)
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    for n in range(1, 9):
        head = (
            f"<nav><a href='/c'>Correction: {n}</a></nav><p>Updated {n} November 2026, 14:0{n} GMT.</p>"
            f"<p>{n},20{n} people are reading this now.</p>"
        )
        tail = (
            f"<p>{n} comments</p><p>Read more: <a href='/m{n}'>Maduro and the {n} oranges</a></p>"
            f"<aside><h3>Corrections</h3><a href='/x{n}'>Maduro visits {n} schools</a></aside></article>"
            f"<footer>Correction: write to desk{n}@one.example</footer>"
        )
        changed = page.replace(b"</h1>", b"</h1>" + head.encode(), 1).replace(b"</article>", tail.encode())
        bench.web.answers[A] = changed
        await later(bench, time, timedelta(hours=3))
    assert [(message.title, message.body) for _, message in bench.post.sent] == []


HOSTILE = [
    '{"@type":"LiveBlogPosting","liveBlogUpdate":' + "[" * 5000 + "]" * 5000 + "}",
    '{"@type":"LiveBlogPosting","liveBlogUpdate":[{"@id":[1],"headline":{"a":1},"articleBody":7,"datePublished":{}}]}',
    '{"@type":["LiveBlogPosting",7,null],"headline":"\\ud800","liveBlogUpdate":[{"headline":"\\udfff Maduro"}]}',
    '{"@type":"LiveBlogPosting","liveBlogUpdate":[{"datePublished":"2026-13-99T99:99:99","text":"\\u0000Maduro\\ud83d"}]}',
    '{"@graph":' + '{"@graph":' * 900 + "7" + "}" * 901,
    '{"@type":"NewsArticle","datePublished":' + "9" * 5000 + "}",
    "[" + ",".join(['{"@type":"LiveBlogPosting","liveBlogUpdate":{"headline":"Maduro"}}'] * 2000) + "]",
]


async def test_half_a_letter_in_structured_data_loses_no_alert(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Harbour", A))
    bench.web.page(A, "Harbour", LEAD)
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    data = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Har\\ud83dbour"}</script></head>'
    bench.web.answers[A] = page.replace(b"</head>", data.encode())
    await bench.turn()
    assert bench.post.titles("desk") == ["VE · Harbour"]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_structured_data_end_nothing(bench: Bench, time: Time, data: str) -> None:
    await told(bench)
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    script = f"<script type='application/ld+json'>{data}</script></head>"
    bench.web.answers[A] = page.replace(b"</head>", script.encode())
    assert await later(bench, time) == 1
    ((found, due),) = await bench.rows("SELECT found, due_at IS NOT NULL FROM rereads")
    assert (found in {"unchanged", "changed"}, due) == (True, 1)


async def test_what_a_mute_kept_back_is_proved_and_read_again_too(bench: Bench) -> None:
    await bench.change(
        "INSERT INTO mutes(root, key, actor, from_at, until_at) VALUES ('ve', 'k', 'ana', 0, 9000000000000000)"
    )
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.page(A, "Maduro speaks", LEAD)
    await bench.turn()
    assert await bench.rows("SELECT count(*) FROM evidence") == [(1,)]
    assert await bench.rows("SELECT why FROM rereads") == [("alerted",)]
