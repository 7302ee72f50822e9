"""`why` tells of any address how far it came and where it stopped; what it prints is written out here."""

from __future__ import annotations

import json
import re
from contextlib import closing

import pytest

from feedwatch.cli.why import told
from feedwatch.config.load import load
from feedwatch.model import Failure, Reason
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
    text = re.sub(r"(page: read .*”), [\d,]+ letters", r"\1", text)
    return re.sub(r"#[0-9a-f]{6}", "#ID", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "T", text))


async def read(bench: Bench, title: str = "Harbour", text: str = TEXT, url: str = A) -> None:
    bench.web.entries(FEED, (url, title, url))
    bench.web.page(url, title, text)
    await bench.turn()


async def test_why_an_article_alerted(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    assert why(bench, A) == (
        """\
http://one.example/a
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
    assert "  story: the same text as “Maduro speaks” (One, http://one.example/a)" in text
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
    assert "    T: its headline had become “Maduro is silent”" in text
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


SPELLINGS = (
    "http://one.example/a/",
    "https://www.one.example/a",
    "one.example/a?utm_source=mail&fbclid=1#top",
    "HTTPS://ONE.example:443/a",
    "  http://one.example/a\n",
)


@pytest.mark.parametrize("typed", SPELLINGS)
async def test_why_knows_an_address_however_it_is_spelt(bench: Bench, typed: str) -> None:
    await read(bench, "Maduro speaks")
    asked = feedwatch("why", typed, folder=bench.folder)
    assert asked.returncode == 0
    assert asked.stdout.startswith("http://one.example/a\n  seen: ")


async def test_why_tells_posts_apart_that_a_feed_parts_by_fragments(bench: Bench) -> None:
    bench.web.entries(FEED, ("1", "Maduro speaks", f"{A}#p1"), ("2", "The boats are late", f"{A}#p2"))
    bench.web.page(A, "Live", TEXT)
    await bench.turn()
    for post, title in (("p1", "Maduro speaks"), ("p2", "The boats are late")):
        assert f"  seen: T in One, as “{title}”" in why(bench, f"{A}#{post}")


async def test_why_of_an_entry_without_an_address(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", ""))
    await bench.turn()
    ((short,),) = await bench.rows("SELECT short FROM alerts")
    told = feedwatch("why", short, folder=bench.folder).stdout.splitlines()
    assert told[0] == "an entry without an address"
    assert told[2] == "  page: not asked for"


async def test_why_names_the_watchlists_that_told_first(bench: Bench) -> None:
    other = '\n[[watchlists]]\nid = "aa"\nkeywords = ["refinery"]\nnotify = ["desk"]\n'
    await bench.reload(CONFIG + other)
    await read(bench, "Maduro speaks")
    verdicts = [line for line in why(bench, A).splitlines() if line.startswith(("  aa:", "  ve:"))]
    assert verdicts == ["  ve: alerted (headline), T", "  aa: no match"]


async def test_why_says_what_the_last_look_found(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    for answer, found in (
        (bench.web.answers[A], "it said the same"),
        (Failure(reason=Reason.TIMEOUT, detail="20 s"), "not to be had (timeout)"),
        (Failure(reason=Reason.NOT_FOUND, detail="404", final=True), "its server said that there is no such page"),
    ):
        bench.web.answers[A] = answer
        await bench.change("UPDATE rereads SET due_at = 0")
        await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")
        await bench.reread()
        assert f"    read again T: {found}" in why(bench, A)


async def test_why_dates_a_page_by_its_reading_and_not_by_its_feeds_text(bench: Bench) -> None:
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    bench.web.answers[A] = Failure(reason=Reason.TIMEOUT, detail="20 s")
    for _ in range(9):
        await bench.change("UPDATE articles SET due_at = 0 WHERE due_at IS NOT NULL")
        await bench.turn()
    assert "  page: not to be had (timeout, 20 s); judged on the feed's own text" in why(bench, A)
    bench.web.page(A, "Maduro is silent", TEXT)
    await bench.change("UPDATE rereads SET due_at = 0")
    await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")
    await bench.reread()
    assert "  page: read T, as “Maduro is silent”\n    it is read again T" in why(bench, A)


async def test_why_of_a_page_that_went_has_its_title(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    bench.web.answers[A] = Failure(reason=Reason.GONE, detail="410", final=True)
    await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")
    for _ in range(2):
        await bench.change("UPDATE rereads SET due_at = 0, missing_at = missing_at - 9000000000")
        await bench.reread()
    text = why(bench, A)
    assert "  page: read T, as “Maduro speaks”\n    T: no longer at this address" in text
    assert "read again" not in text


@pytest.mark.parametrize("typed", ["http://", "//", "https://[::1/x", "../../x"])
async def test_what_is_neither_an_address_nor_an_id_is_refused(bench: Bench, typed: str) -> None:
    asked = feedwatch("why", typed, folder=bench.folder)
    assert asked.returncode == 2
    assert asked.stderr.endswith("this is neither an address nor an alert's id\n")


async def test_half_a_letter_is_asked_like_any_other(bench: Bench) -> None:
    for command in (["why"], ["alerts", "show"], ["alerts", "export"]):
        asked = feedwatch(*command, "abc\udcff", folder=bench.folder)
        assert (asked.returncode, "Traceback" in asked.stderr) == (1, False)
    assert feedwatch("why", "one.example/\udcff", folder=bench.folder).returncode == 1


async def test_why_says_how_much_of_a_page_was_read(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    ((length,),) = await bench.rows("SELECT length(body) FROM revisions")
    asked = feedwatch("why", A, folder=bench.folder).stdout
    assert f", as “Maduro speaks”, {length:,} letters\n" in asked
    await bench.change("UPDATE revisions SET whole = 0")
    assert f"{length:,} letters, only a taste of its text\n" in feedwatch("why", A, folder=bench.folder).stdout


async def test_every_wording_of_a_watchlist_is_listed_with_what_it_matched(bench: Bench) -> None:
    await read(bench, "Maduro speaks")
    await bench.reload(CONFIG.replace('"Maduro"]', '"refinery"]'))
    rows = feedwatch("watch", "list", "ve", "--json", folder=bench.folder).stdout.splitlines()
    wordings = [json.loads(row) for row in rows]
    assert [(row["words"], row["matches"]) for row in wordings] == [
        ("Venezuela OR refinery", 0),
        ("Venezuela OR Maduro", 1),
    ]
    unknown = feedwatch("watch", "list", "oil", folder=bench.folder)
    assert unknown.returncode == 1
    assert unknown.stderr.endswith("no watchlist oil has run yet (in the config: ve)\n")
