"""From an alert to the words on a lock screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from feedwatch.alerts.markup import size
from feedwatch.alerts.phrases import LABEL, Manners
from feedwatch.alerts.render import NO_TITLE_LIMIT, render
from feedwatch.model import (
    AlertItem,
    AlertView,
    Change,
    HealthItem,
    Loudness,
    Message,
    Mute,
    Strength,
    SurgeView,
    WindowView,
)

CREATED = datetime(2026, 11, 22, 14, 7, tzinfo=UTC)
ITEM = AlertItem(
    watchlist="ve",
    strength=Strength.HEADLINE,
    title="Trump open to talks with Maduro",
    outlet="DW",
    language="en",
    published=datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
    snippet="…willing to talk with President Nicolas »Maduro«…",
    link="https://dw.example/a-1",
    body_seen=True,
)
FIRST = AlertView(id="7f3k" * 8, short="7f3k7f", kind="first", created=CREATED, items=(ITEM,))
DIGEST = replace(FIRST, kind="digest", total=212)
MANNERS = Manners(labels={"ve": "VE", "cu": "Cuba"}, zone=UTC, title_limit=0, body_limit=0)


def told(alert: AlertView, worded: str = "first", manners: Manners = MANNERS) -> Message:
    return render(alert, worded, manners)


def of(**changes: object) -> AlertView:
    return replace(FIRST, items=(replace(ITEM, **changes),))  # type: ignore[arg-type]


words = st.text(max_size=60)
texts = words | st.text(st.sampled_from("a é\u0301👩‍👩‍👧‍👦\u202e\u200b\n\r\t\x00<@\ud800ي日»"), max_size=400)
items = st.builds(
    AlertItem,
    watchlist=st.sampled_from(["ve", "cu", "gone"]) | texts,
    strength=st.sampled_from(Strength),
    title=texts,
    outlet=texts,
    language=st.none() | st.sampled_from(["en", "ar"]),
    published=st.datetimes(datetime(1991, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given
    snippet=texts,
    link=st.none() | texts | st.just("https://dw.example/a-1"),
    body_seen=st.booleans(),
)
alerts = st.builds(
    AlertView,
    id=st.just(FIRST.id),
    short=st.just(FIRST.short) | st.just(FIRST.id),
    kind=st.sampled_from(["first", "raise"]),
    created=st.just(CREATED),
    items=st.lists(items, min_size=1, max_size=1).map(tuple),
)
digests = st.builds(
    AlertView,
    id=st.just(FIRST.id),
    short=st.just(FIRST.short),
    kind=st.just("digest"),
    created=st.just(CREATED),
    items=st.lists(items, max_size=6).map(tuple),
    total=st.integers(0, 10**6),
)
labels = st.dictionaries(st.sampled_from(["ve", "cu"]), texts)
zones = st.sampled_from([UTC, ZoneInfo("America/Bogota"), ZoneInfo("Asia/Kathmandu")])


# Any text, any limit ------------------------------------------------------------------------------------


@given(alerts | digests, st.sampled_from(["first", "raise"]), labels, zones, st.integers(0, 300), st.integers(0, 2000))
@example(FIRST, "first", {}, UTC, 1, 8)
def test_a_message_keeps_within_any_limits_and_its_id_is_never_cut_off(
    alert: AlertView, worded: str, labels: dict[str, str], zone: ZoneInfo, title_limit: int, body_limit: int
) -> None:
    manners = Manners(labels=labels, zone=zone, title_limit=title_limit, body_limit=body_limit)
    message = told(alert, worded, manners)
    assert len(message.title) <= (title_limit or NO_TITLE_LIMIT)
    assert "\n" not in message.title
    assert message.body.split("\n")[-1] == f"#{alert.short}"
    assert len(message.body) <= max(body_limit, len(alert.short) + 1) or body_limit == 0
    assert message.alert == alert.id


@given(alerts | digests)
def test_without_a_limit_nothing_is_left_out(alert: AlertView) -> None:
    assert "more lines" not in told(alert).body
    assert told(alert).body.count("\n") <= 3 * len(alert.items) + 1


@given(alerts | digests, st.integers(8, 500))
def test_what_a_stranger_writes_is_never_a_line_of_its_own(alert: AlertView, limit: int) -> None:
    """Each item is at most three lines: no title can pretend to be another message's id or link."""
    lines = told(alert, manners=replace(MANNERS, body_limit=limit)).body.split("\n")
    assert len(lines) <= 3 * max(len(alert.items), 1) + 2
    assert sum(line.startswith("#") for line in lines[:-1]) <= len(alert.items), "an outlet may begin so, and no more"


@given(digests, st.integers(60, 400))
def test_a_digest_that_is_cut_says_how_many_stories_are_left_out_and_where_they_are(
    alert: AlertView, limit: int
) -> None:
    whole = headlines(told(alert))
    shown = told(alert, manners=replace(MANNERS, title_limit=100, body_limit=limit)).body.split("\n")
    word = next((line for line in shown if line.startswith("… and ")), None)
    assume(word is not None)
    assert word is not None
    number, command = word.removeprefix("… and ").split(" more: ")
    assert command == f"feedwatch alerts show {alert.short}"
    kept = [line for line in shown if not line.startswith(("  ", "…", "#"))]
    assert len(kept) + int(number) == len(whole)


def headlines(message: Message) -> list[str]:
    return [line for line in message.body.split("\n")[:-1] if not line.startswith("  ")]


# The lock screen ----------------------------------------------------------------------------------------


def test_the_message_of_the_handbook() -> None:
    message = told(FIRST)
    assert message.title == "VE · Trump open to talks with Maduro"
    assert message.body.split("\n") == [
        "DW [en] 14:05 · “…willing to talk with President Nicolas »Maduro«…”",
        "https://dw.example/a-1",
        "#7f3k7f",
    ]
    assert message.link == "https://dw.example/a-1"


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=100),
    st.text(st.characters(categories=["L", "N"]), min_size=20),
    st.sampled_from(["first", "raise"]),
)
def test_the_first_forty_characters_carry_label_and_headline(label: str, title: str, worded: str) -> None:
    start = told(of(title=title), worded, replace(MANNERS, labels={"ve": label})).title[:40]
    said, headline = start.split(" · ", 1)
    assert said[: LABEL - 1] == label[: LABEL - 1]
    assert title[:10] in headline


def test_the_reason_stands_within_the_first_hundred_characters_of_the_body() -> None:
    assert "»Maduro«" in told(FIRST).body[:100]


def test_stronger_is_said_to_those_who_heard_it_weaker() -> None:
    raised = replace(FIRST, kind="raise")
    assert told(raised, "raise").title.startswith("VE · stronger: Trump")
    assert told(raised, "first").title.startswith("VE · Trump"), "a first to whoever had no first"


def test_a_watchlist_without_a_label_is_called_by_its_root() -> None:
    assert told(FIRST, manners=replace(MANNERS, labels={})).title.startswith("ve · ")


@pytest.mark.parametrize("title", ["", " \n ", "\u200b\u202e"])
def test_an_article_without_a_title_is_called_by_its_address(title: str) -> None:
    assert told(of(title=title)).title == "VE · https://dw.example/a-1"
    assert told(of(title=title, link=None)).title == "VE · untitled"


def test_a_body_that_was_not_seen_is_said() -> None:
    assert "(body not seen)" not in told(FIRST).body
    assert "”" in told(of(body_seen=False)).body
    assert told(of(body_seen=False)).body.split("\n")[0].endswith("(body not seen)")


def test_the_date_is_shown_when_it_is_another_day_for_the_reader() -> None:
    assert "14:05 ·" in told(FIRST).body
    assert "21 Nov 14:05 ·" in told(of(published=CREATED - timedelta(days=1, minutes=2))).body
    late = replace(of(published=CREATED.replace(hour=3)), created=CREATED.replace(hour=6))
    assert "DW [en] 03:07 ·" in told(late).body
    bogota = replace(MANNERS, zone=ZoneInfo("America/Bogota"))
    assert "DW [en] 21 Nov 22:07 ·" in told(late, manners=bogota).body


def test_an_unknown_language_leaves_no_empty_brackets() -> None:
    assert told(of(language=None)).body.startswith("DW 14:05 ·")


@pytest.mark.parametrize("link", [None, "", "javascript:alert(1)", "ftp://x.example/", "https://a b.example/"])
def test_only_web_addresses_are_links(link: str | None) -> None:
    message = told(of(link=link))
    assert message.link is None
    assert len(message.body.split("\n")) == 2


def test_what_strangers_write_calls_nobody_and_turns_nothing_around() -> None:
    nasty = "@everyone <@42> \u202eexe.gpj \x1b[31m"
    message = told(of(title=nasty, snippet=nasty, outlet=nasty))
    for text in (message.title, message.body):
        assert not any(sign in text for sign in ("@everyone", "<@", "\u202e", "\x1b"))


# The digest ---------------------------------------------------------------------------------------------


def test_an_empty_digest_says_that_nothing_matched() -> None:
    message = told(replace(DIGEST, items=()), "digest")
    assert message.title == "feedwatch · 0 of 212 entries matched"
    assert message.body.split("\n")[0].startswith("First look at the feeds: nothing")
    assert message.link is None


def test_a_digest_lists_every_article_with_its_watchlist() -> None:
    other = replace(ITEM, watchlist="cu", title="Havana votes", link="https://dw.example/a-2", body_seen=False)
    message = told(replace(DIGEST, items=(ITEM, other)), "digest")
    assert message.title == "Cuba, VE · 2 of 212 entries match"
    assert message.body.split("\n") == [
        "VE · Trump open to talks with Maduro",
        "  DW [en] 14:05 · “…willing to talk with President Nicolas »Maduro«…”",
        "  https://dw.example/a-1",
        "Cuba · Havana votes",
        "  DW [en] 14:05 · “…willing to talk with President Nicolas »Maduro«…” (body not seen)",
        "  https://dw.example/a-2",
        "#7f3k7f",
    ]


def test_one_article_for_two_watchlists_is_one_entry_that_matches() -> None:
    both = (ITEM, replace(ITEM, watchlist="cu"))
    assert told(replace(DIGEST, items=both), "digest").title == "Cuba, VE · 1 of 212 entries matches"


def test_many_labels_do_not_push_the_numbers_off_the_screen() -> None:
    names = {f"w{n}": f"Watchlist {n}" for n in range(9)}
    many = tuple(replace(ITEM, watchlist=name) for name in names)
    title = told(replace(DIGEST, items=many), "digest", replace(MANNERS, labels=names)).title
    assert "1 of 212" in title[:40]


def test_a_digest_tells_each_story_once_with_the_newest_first() -> None:
    older = replace(ITEM, title="Caracas waits", story="s1", published=ITEM.published - timedelta(hours=3))
    report = replace(ITEM, title="Talks confirmed", story="s2", article="b", outlet="BBC", strength=Strength.TOPIC)
    newest = replace(ITEM, story="s2", article="a")
    both = replace(newest, watchlist="cu")
    message = told(replace(DIGEST, items=(older, newest, both, report), window=WINDOW))
    assert message.title == "Cuba, VE · 2 stories since 07:30"
    assert headlines(message) == ["Cuba, VE · Trump open to talks with Maduro", "VE · Caracas waits"]
    assert message.body.split("\n")[2] == "  + BBC 14:05 · Talks confirmed"


WINDOW = WindowView(
    kind="digest", key="digest/desk", opens=CREATED.replace(hour=7, minute=30), closes=CREATED, total=9, printed="w7"
)


@pytest.mark.parametrize(
    ("kind", "title", "first"),
    [
        ("digest", "VE · 1 story since 07:30", "VE · Trump open to talks with Maduro"),
        ("quiet", "VE · 1 story in the quiet hours since 07:30", "Held back in the quiet hours since 07:30."),
        ("budget", "VE · 1 story more since 07:30", "More alerts since 07:30 than this channel's max_per_hour lets"),
        ("backlog", "VE · 1 story waited since 07:30", "This channel took nothing since 07:30; this is what waited."),
    ],
)
def test_a_window_says_what_time_it_was(kind: str, title: str, first: str) -> None:
    message = told(replace(DIGEST, window=replace(WINDOW, kind=kind)))
    assert message.title == title
    assert message.body.startswith(first)


def test_what_is_cut_from_a_window_is_found_by_its_name() -> None:
    many = tuple(replace(ITEM, article=str(n), title=f"Article {n}") for n in range(40))
    message = told(replace(DIGEST, items=many, window=WINDOW), manners=replace(MANNERS, title_limit=99, body_limit=900))
    *listed, more, last = message.body.split("\n")
    kept = sum(line.startswith("VE · Article") for line in listed)
    assert more == f"… and {40 - kept} more: feedwatch alerts list --window w7"
    assert last == "#7f3k7f"
    assert kept > 4


def test_in_a_budgets_message_the_urgent_and_the_headlines_come_first() -> None:
    new = replace(ITEM, article="1", title="newest topic", strength=Strength.TOPIC)
    old = replace(ITEM, article="2", title="old headline", published=CREATED - timedelta(hours=1))
    urgent = replace(new, article="3", title="urgent topic", watchlist="cu", published=CREATED - timedelta(hours=2))
    alert = replace(DIGEST, items=(new, old, urgent), window=replace(WINDOW, kind="budget"))
    shown = headlines(told(alert, manners=replace(MANNERS, urgent=frozenset({"cu"}))))
    assert [line.split(" · ")[-1] for line in shown[1:]] == ["urgent topic", "old headline", "newest topic"]


def test_silence_means_that_nothing_happened() -> None:
    quiet = replace(DIGEST, items=(), window=replace(WINDOW, feeds=27, well=26))
    message = told(quiet)
    assert message.title == "feedwatch · all quiet since 07:30"
    assert message.body.startswith("All quiet since 07:30: 212 entries looked at, 0 matched; 26 of 27 feeds well.")


# Updates, revisions, surges -----------------------------------------------------------------------------


def test_other_outlets_and_sources_are_named() -> None:
    message = told(of(outlets=("France 24", "El País"), sources=("AFP",)))
    assert message.body.split("\n")[1] == "also: France 24, El País · 3 outlets, 1 source (AFP)"
    assert "source: AFP" in told(of(sources=("AFP",))).body
    many = told(of(outlets=tuple(f"Outlet {n}" for n in range(9)))).body.split("\n")[1]
    assert many == "also: Outlet 0, Outlet 1, Outlet 2, Outlet 3, Outlet 4 and 4 more · 10 outlets"


def test_an_update_stands_alone_and_wakes_nobody() -> None:
    others = (ITEM, replace(ITEM, title="A second report", outlet="BBC", article="b"))
    alert = replace(FIRST, kind="update", items=others, told=CREATED - timedelta(minutes=40), urgent=True)
    message = told(alert, "update")
    assert message.title == "VE · update: Trump open to talks with Maduro"
    assert message.body.startswith("Update to 13:27: DW [en] 14:05 · “")
    assert "+ BBC 14:05 · A second report" in message.body
    assert message.loudness is Loudness.SILENT
    assert told(alert, "first").loudness is Loudness.URGENT, "to whoever had no first"


@pytest.mark.parametrize(
    ("kind", "lines", "title", "body"),
    [
        ("corrected", ("Correction: two, not three.",), "corrected: ", "(told 13:27) · Correction: two, not three."),
        ("changed", ("was: “a”", "is: “b”"), "changed: ", "· was: “a”\nis: “b”\nhttps"),
        ("gone", (), "gone: ", "· The page is no longer there."),
        ("posts", ("15:01 Talks begin",), "live: ", "· 15:01 Talks begin"),
        ("changed", (), "changed: ", "· its text changed"),
    ],
)
def test_a_revision_says_what_became_of_the_article(kind: str, lines: tuple[str, ...], title: str, body: str) -> None:
    alert = replace(
        FIRST, kind="revision", told=CREATED - timedelta(minutes=40), change=Change(kind=kind, lines=lines)
    )  # fmt: skip
    message = told(alert, "revision")
    assert message.title.startswith(f"VE · {title}")
    assert body in message.body
    assert message.body.startswith("DW 14:05 (told 13:27)")


def test_a_surge_says_how_many_and_how_many_there_usually_are() -> None:
    alert = replace(FIRST, kind="surge", surge=SurgeView(hits=42, hours=3, usual=5.4))
    assert told(alert, "surge").title == "VE · surge: 42 articles in 3 h, usually 5"
    rare = replace(alert, surge=SurgeView(hits=7, hours=1.5, usual=0.2))
    assert told(rare, "surge").title == "VE · surge: 7 articles in 1.5 h, usually hardly any"
    assert told(replace(rare, items=()), "surge").title.startswith("feedwatch · surge")


@given(alerts | digests, st.sampled_from(["plain", "markdown", "html", "small", "entities"]), st.integers(160, 900))
def test_what_a_service_adds_is_counted(alert: AlertView, kind: str, limit: int) -> None:
    manners = replace(MANNERS, body_limit=limit, size=partial(size, markup=kind))
    message = told(alert, manners=manners)
    assert size(message.body, kind) + size(message.title, kind) <= max(limit, 60)
    assert message.body.endswith(f"#{alert.short}")


MUTE = Mute(watchlist="ve", since=CREATED - timedelta(hours=2), until=CREATED, actor="anna")


def test_the_end_of_a_mute_says_who_asked_for_it_and_what_it_kept_back() -> None:
    message = told(replace(DIGEST, mute=MUTE))
    assert message.title == "VE · 1 article while muted"
    first, headline, *_ = message.body.splitlines()
    assert first == "Muted by anna from 12:07 to 14:07; from now on each article is told again."
    assert headline == "VE · Trump open to talks with Maduro"


def test_the_end_of_a_mute_that_kept_nothing_back_says_so() -> None:
    message = told(replace(DIGEST, items=(), mute=replace(MUTE, since=CREATED - timedelta(days=1))))
    assert message.title == "VE · 0 articles while muted"
    assert message.body.startswith("Muted by anna from 21 Nov 14:07 to 14:07;")


BAD = HealthItem(
    kind="silent", name="DW", text="usually 40 entries a day, none for 26 h", cure="does its page show news?",
    since=datetime(2026, 11, 21, 12, tzinfo=UTC),
)  # fmt: skip
HEALTH = AlertView(id="7f3k" * 8, short="7f3k7f", kind="health", created=CREATED, items=(), health=(BAD,))


def test_a_single_trouble_stands_in_the_title_with_its_figure() -> None:
    message = told(HEALTH, "health")
    assert message.title == "feedwatch · DW: usually 40 entries a day, none for 26 h"
    assert message.body.splitlines() == [
        "DW: usually 40 entries a day, none for 26 h · since 21 Nov 12:00",
        "  does its page show news?",
        "#7f3k7f",
    ]


def test_several_troubles_and_recoveries_are_one_message() -> None:
    well = replace(BAD, name="BBC", since=CREATED - timedelta(hours=5), until=CREATED - timedelta(minutes=7))
    message = told(replace(HEALTH, health=(BAD, replace(BAD, name="the disk"), well)), "health")
    assert message.title == "feedwatch · 2 in trouble: DW, the disk; 1 well again: BBC"
    assert message.body.splitlines()[4].startswith("well again: BBC · from 09:07 to 14:00: usually")


def test_the_still_watching_line_is_the_message() -> None:
    line = replace(BAD, kind="watching", name="watching", text="27 feeds well; 4 articles since Monday 08:00", cure="")
    message = told(replace(HEALTH, health=(line,)), "health")
    assert message.title == "feedwatch · still watching"
    assert message.body.splitlines()[0] == "watching: 27 feeds well; 4 articles since Monday 08:00"


@given(texts, st.integers(1, 60), st.integers(60, 400))
def test_a_feed_that_names_itself_with_malice_does_no_harm(name: str, n: int, limit: int) -> None:
    message = told(replace(HEALTH, health=(replace(BAD, name=name),) * n), "health", replace(MANNERS, body_limit=limit))
    assert len(message.title) <= NO_TITLE_LIMIT
    assert len(message.body) <= limit
    assert message.body.endswith("#7f3k7f")
    assert not set("\n\x00\u202e") & set(message.title)
    assert "\x00" not in message.body


def test_an_alert_whose_episodes_were_forgotten_is_still_a_message() -> None:
    assert told(replace(HEALTH, health=()), "health").title.startswith("feedwatch · ")
