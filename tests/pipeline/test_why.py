"""`why` tells of any address how far it came and where it stopped; what it prints is written out here."""

from __future__ import annotations

import json
import re
from contextlib import closing

import pytest

from feedwatch.cli.why import told
from feedwatch.config.load import load
from feedwatch.pipeline.clock import now
from feedwatch.pipeline.why import of_address
from feedwatch.store.database import connect_readonly
from tests.harness import feedwatch
from tests.pipeline.conftest import CONFIG, Bench

FEED = "http://one.example/feed"
HELD = CONFIG.replace('only = "headline"', 'only = "headline"\nquiet = "00:00-23:59"\ntimezone = "UTC"')
ONLY_PHONE = CONFIG.replace('notify = ["desk", "phone"]', 'notify = ["phone"]')
A = "http://one.example/a"
TEXT = "The ship of Maduro came from the south and anchored before the town for three days."


def why(bench: Bench, address: str) -> str:
    """What is printed, with times as T and ids as #ID."""
    settings = load(bench.folder / "config.toml", {})
    with closing(connect_readonly(bench.store.path)) as db:
        text = "\n".join(told(of_address(db, settings, address)))
    text = re.sub(r"…[a-z .]{20,}\. The ship", "…WORDS. The ship", text)  # that the page has to be like no other
    return re.sub(r"#[0-9a-f]{6}", "#ID", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "T", text))


async def read(bench: Bench, title: str = "Harbour", text: str = TEXT, url: str = A) -> None:
    bench.web.entries(FEED, (url, title, url))
    bench.web.page(url, title, text)
    await bench.turn()


async def test_why_an_article_alerted(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    assert why(bench, A) == (
        """\
https://one.example/a
  seen: T in One, as “Maduro speaks”
  page: read T, as “Maduro speaks”
    it is read again T
    its bytes are kept as evidence (feedwatch alerts export ID)
  story: the first article of its story
  ve: alerted (headline), T
    “…WORDS. The ship of »Maduro« came from the south and anchored before the town for three days.”
    Maduro: 1 in the title
    Maduro: 1 in the body
    by the wording of T: Venezuela OR Maduro
    #ID (first), T
      desk/127.0.0.1: sent T
      phone/127.0.0.1: sent T"""
    )


async def test_why_a_word_in_the_furniture_alerted_nobody(bench: Bench) -> None:
    bench.web.page(A, "Harbour", "The ship came from Portugal.")
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    bench.web.answers[A] = page.replace(b"<body>", b"<body><nav><a href='/m'>Maduro on trial</a></nav>")
    bench.web.entries(FEED, ("a", "Harbour", A))
    await bench.turn()
    verdict, snippet = why(bench, A).splitlines()[3:]
    assert verdict == ("  ve: no match: its words are on the page, and not in the article (a menu, a box, a teaser), T")
    assert snippet.startswith("    “Harbour »Maduro« on trial Harbour ")


async def test_why_a_copy_alerted_nobody(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    bench.web.answers["http://two.example/b"] = page.replace(b"Maduro speaks", b"Harbour: a visit")
    bench.web.entries(FEED, ("b", "Harbour: a visit", "http://two.example/b"))
    await bench.turn()
    text = why(bench, "http://two.example/b")
    assert "  story: the same text as another article (https://one.example/a)" in text
    assert (
        "  ve: no alert of its own: a copy, the same text as an article that its people were told of (mention), T"
        in text
    )
    assert "#ID" not in text


async def test_why_a_message_is_held(bench: Bench) -> None:
    await bench.reload(HELD)
    await read(bench, "Maduro speaks")
    if now().strftime("%H:%M") == "23:59":
        pytest.skip("the one minute that is not quiet")
    lines = why(bench, A).splitlines()
    assert lines[-2:] == ["      desk/127.0.0.1: sent T", "      phone/127.0.0.1: held until T"]


async def test_why_an_article_is_below_the_channels_strength(bench: Bench) -> None:
    await bench.reload(ONLY_PHONE)
    await read(bench)
    lines = why(bench, A).splitlines()
    assert re.fullmatch(r"  ve: too weak for each of its channels \((topic|mention)\), T", lines[4])
    assert re.search(r"a (topic|mention); phone takes headline and up", lines[-2])


async def test_why_an_address_was_never_seen(bench: Bench) -> None:
    assert why(bench, "http://one.example/other") == (
        """\
https://one.example/other
  never seen: no feed has shown this address
    One is a feed of this host, polled last T: https://one.example/feed
    (feedwatch feeds discover finds a site's feeds; feedwatch watch test @ID --url judges the page now)"""
    )


async def test_why_a_page_without_the_word_is_no_match(bench: Bench) -> None:
    await read(bench, text="Nothing at all was said.")
    assert why(bench, A).splitlines()[-2:] == ["  ve: no match", "    Venezuela | Maduro: none of them found"]


async def test_why_a_page_that_is_not_to_be_had_was_judged_on_the_feeds_text(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    assert "  page: not to be had (not_found, 404); judged on the feed's own text" in why(bench, A)


async def test_why_an_entry_is_not_decided_yet(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.poll()
    text = why(bench, A)
    assert "  page: not read yet, next try T" in text
    assert "  ve: not decided yet" in text


async def test_why_an_article_would_match_a_newer_wording(bench: Bench) -> None:
    await read(bench, text="The refinery burned.")
    await bench.reload(CONFIG.replace('"Maduro"]', '"refinery"]'))
    assert "  ve: would match today, and came before this wording" in why(bench, A)


async def test_why_a_watchlist_was_not_asked(bench: Bench) -> None:
    other = '\n[[feeds]]\nurl = "http://two.example/feed"\ntags = ["second"]\n'
    second = '\n[[watchlists]]\nid = "oil"\nkeywords = ["oil"]\nfeeds = ["tag:second"]\nnotify = ["desk"]\n'
    await bench.reload(CONFIG + other + second)
    await read(bench)
    assert "  oil: not asked: it is narrowed to other feeds\n    tag:second" in why(bench, A)


async def test_why_an_address_whose_article_was_removed_is_still_known(bench: Bench) -> None:
    await read(bench, text="Nothing at all was said.")
    for table in ("fts", "near_misses", "entries", "revisions", "addresses", "rereads", "articles"):
        await bench.change(f"DELETE FROM {table}")
    assert "  seen: in One until T; what was known of it was removed since" in why(bench, A)


async def test_why_a_revision_is_told_with_its_alert(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    bench.web.page(A, "Maduro is silent", TEXT)
    await bench.change("UPDATE rereads SET due_at = 0")
    await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")
    await bench.reread()
    await bench.deliver()
    text = why(bench, A)
    assert "    T: it said something else: “Maduro is silent”" in text
    assert "    #ID (revision), T" in text


async def test_why_names_who_acknowledged(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    await bench.change("UPDATE story_watch SET acked_at = 1, acked_by = 'ana'")
    assert "    acknowledged by ana, T" in why(bench, A)


async def test_why_names_who_muted(bench: Bench) -> None:
    await bench.change(
        "INSERT INTO mutes(root, key, actor, from_at, until_at) VALUES ('ve', 'k', 'eva', 0, 9000000000000000)"
    )
    await read(bench, "Maduro speaks")
    assert "  ve: muted by eva; told in one message when that ends (headline), T" in why(bench, A)


async def test_why_takes_an_alerts_id_and_ends_with_1_for_what_was_never_seen(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    ((short,),) = await bench.rows("SELECT short FROM alerts")
    by_id = feedwatch("why", f"#{short}", folder=bench.folder)
    by_address = feedwatch("why", A, folder=bench.folder)
    assert (by_id.returncode, by_address.returncode) == (0, 0)
    assert by_id.stdout.splitlines()[1:] == by_address.stdout.splitlines()[1:]
    never = feedwatch("why", "one.example/never", folder=bench.folder)
    assert (never.returncode, never.stdout.splitlines()[0]) == (1, "https://one.example/never")
    told = json.loads(feedwatch("why", A, "--json", folder=bench.folder).stdout)
    assert told["verdicts"][0]["outcome"] == "alerted"
    assert told["verdicts"][0]["alerts"][0]["deliveries"][0]["state"] == "sent"
