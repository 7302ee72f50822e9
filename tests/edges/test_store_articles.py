"""Articles in the store: claims, entry versions that wait, twins, revisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.model import Failure, Page, ParsedEntry, Reason, Strength
from feedwatch.store import alerts, articles, feeds
from feedwatch.store.articles import ArticleWork
from feedwatch.store.feeds import ALONE
from tests.edges.rows import (
    DAY,
    FEED,
    MINUTE,
    NOON,
    claim,
    configure,
    entry,
    opened,
    page_of,
    plans,
    read,
    value,
    watch,
)

OTHER_FEED = "https://gazette.example/feed"
TIMEOUT = Failure(reason=Reason.TIMEOUT, detail="slow")
STORY = "https://courier.example/story"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as db:
        configure(db, FEED, OTHER_FEED)
        yield db


def add(db: sqlite3.Connection, *new: feeds.NewEntry, feed: int = 1) -> None:
    feeds.add_entries(db, feed, new, None, NOON)


def change(db: sqlite3.Connection, key: str, title: str) -> None:
    assert feeds.change_entry(db, 1, key, ParsedEntry(title=title), NOON + MINUTE)


def pending(works: list[ArticleWork]) -> list[tuple[int, str]]:
    return [(entry.version, entry.title) for work in works for entry in work.entries]


# Claims -------------------------------------------------------------------------------------------------


def test_an_article_is_claimed_once(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    assert len(claim(db)) == 1
    assert claim(db, NOON + DAY) == []


def test_a_claim_keeps_to_the_room_and_to_the_hosts_share(db: sqlite3.Connection) -> None:
    add(db, *(entry(f"k{n}", f"https://one.example/{n}") for n in range(5)), *(page_of(n) for n in range(10, 13)))
    works = claim(db, room=4, per_host=2)
    assert sorted(work.host for work in works) == ["host10.example", "host11.example", "one.example", "one.example"]
    assert len(claim(db, room=9, per_host=2)) == 3


def test_a_busy_host_is_left_out_and_holds_up_no_other(db: sqlite3.Connection) -> None:
    add(db, *(entry(f"k{n}", f"https://one.example/{n}") for n in range(5)), page_of(1))
    assert [work.host for work in claim(db, room=1, busy=frozenset({"one.example"}))] == ["host1.example"]


def test_articles_without_an_address_know_no_host(db: sqlite3.Connection) -> None:
    add(db, *(entry(f"k{n}") for n in range(5)))
    assert len(claim(db, per_host=1)) == 5


def test_the_longest_waiting_comes_first(db: sqlite3.Connection) -> None:
    feeds.add_entries(db, 1, [page_of(1)], None, NOON)
    feeds.add_entries(db, 1, [page_of(2)], None, NOON - MINUTE)
    assert [claim(db, room=1)[0].host for _ in range(2)] == ["host2.example", "host1.example"]


def test_what_a_dead_process_held_is_due_again_and_counted(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    counted = []
    for _ in range(2):
        counted += [work.interrupted for work in claim(db)]
        feeds.release_orphans(db)
    assert counted == [1, 2]


def test_an_article_that_was_interrupted_too_often_comes_alone_and_only_when_idle(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    for _ in range(ALONE):
        assert len(claim(db)) == 1
        feeds.release_orphans(db)
    add(db, page_of(2), page_of(3))
    assert len(claim(db)) == 2, "not beside others"
    assert claim(db, idle=False) == []
    (work,) = claim(db)
    assert (work.host, work.interrupted) == ("host1.example", ALONE + 1)


def test_one_that_waits_alone_comes_before_others_when_its_turn_has_come_and_room_is_made(
    db: sqlite3.Connection,
) -> None:
    add(db, page_of(1))
    db.execute("UPDATE articles SET interrupted = ?", (ALONE,))
    add(db, page_of(2), page_of(3))
    assert claim(db, idle=False, alone_first=True) == []
    assert [work.host for work in claim(db, alone_first=True)] == ["host1.example"]
    assert len(claim(db, alone_first=True)) == 2


def test_only_one_of_several_dangerous_articles_comes_at_a_time(db: sqlite3.Connection) -> None:
    add(db, page_of(1), page_of(2))
    db.execute("UPDATE articles SET interrupted = ?", (ALONE,))
    assert len(claim(db)) == 1


def test_giving_back_is_no_interruption_and_no_try(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    for _ in range(2 * ALONE):
        (work,) = claim(db, idle=False)
        articles.release_article(db, work.id)
    (work,) = claim(db)
    assert (work.interrupted, work.tries) == (1, 0)


def test_giving_back_what_was_settled_already_changes_nothing(db: sqlite3.Connection) -> None:
    """A cancelled caller's write may have come through."""
    add(db, page_of(1))
    (work,) = claim(db)
    read(db, work)
    articles.release_article(db, work.id)
    assert claim(db, NOON + DAY) == []
    assert value(db, "SELECT interrupted FROM articles") == 0


def test_a_failed_try_comes_back_at_its_time_with_its_first_turn(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    (work,) = claim(db)
    articles.retry_article(db, work.id, TIMEOUT, NOON + 2 * MINUTE)
    assert claim(db, NOON + MINUTE) == []
    (work,) = claim(db, NOON + 2 * MINUTE)
    assert (work.tries, work.turn_at, work.fetch) == (1, NOON, True)
    assert len(work.entries) == 1, "it still waits for its decision"


def test_the_turn_of_a_page_is_counted_from_when_it_was_first_asked_for(db: sqlite3.Connection) -> None:
    """Not from when a baseline entry was judged on the feed's own text, weeks before."""
    add(db, entry("1", STORY, how="baseline"))
    (work,) = claim(db)
    assert work.turn_at == NOON
    articles.settle_article(db, work, NOON)
    feeds.add_entries(db, 2, [entry("2", STORY)], None, NOON + DAY)
    (work,) = claim(db, NOON + DAY)
    assert (work.fetch, work.turn_at) == (True, NOON + DAY)


def test_a_clock_that_went_back_puts_no_page_off_for_long(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    (work,) = claim(db, NOON)
    articles.retry_article(db, work.id, TIMEOUT, NOON + 2 * MINUTE)
    yesterday = NOON - DAY
    articles.make_pending_due(db, yesterday)
    (work,) = claim(db, yesterday)
    assert work.turn_at == yesterday, "the next try is counted from a time that has been"


def test_at_the_start_whatever_has_something_to_decide_is_due(db: sqlite3.Connection) -> None:
    add(db, page_of(1), page_of(2))
    first, second = claim(db)
    read(db, first)
    db.execute("UPDATE articles SET due_at = NULL, claimed_at = NULL")
    articles.make_pending_due(db, NOON)
    assert [work.id for work in claim(db)] == [second.id]


def test_a_claim_walks_the_index_of_what_is_due(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    shown = plans(db, lambda: claim(db))
    assert "SEARCH articles USING INDEX articles_due (due_at<?)" in shown
    assert "SEARCH entries USING INDEX entries_pending (article_id=?)" in shown
    assert "SCAN articles" not in shown
    assert "SCAN entries" not in shown


def test_settling_and_merging_walk_through_no_table(db: sqlite3.Connection) -> None:
    add(db, page_of(1), page_of(2))
    one, two = claim(db)

    def work() -> None:
        read(db, one)
        articles.twin(db, two.id, ["x"], b"")
        articles.learn_addresses(db, two.id, {"x": "canonical"})
        articles.merge_into(db, two.id, one.id, NOON)

    shown = plans(db, work)
    assert not [step for step in shown.splitlines() if step.startswith("SCAN") and "CONSTANT" not in step]


# Pending is per entry version ---------------------------------------------------------------------------


def test_a_change_during_a_read_stays_pending(db: sqlite3.Connection) -> None:
    add(db, entry("1", STORY, title="Old"))
    (work,) = claim(db)
    change(db, "1", "New")
    read(db, work)
    (again,) = claim(db, NOON + MINUTE)
    assert pending([again]) == [(2, "New")]
    assert again.fetch is False, "a changed entry does not fetch"
    assert again.stored is not None
    read(db, again)
    assert claim(db, NOON + DAY) == []


def test_a_change_during_the_last_failing_try_stays_pending(db: sqlite3.Connection) -> None:
    add(db, entry("1", STORY))
    (work,) = claim(db)
    change(db, "1", "New")
    articles.settle_article(db, work, NOON, page_state="given_up", failure=TIMEOUT)
    assert pending(claim(db, NOON + MINUTE)) == [(2, "New")]


def test_an_entry_of_another_feed_that_comes_during_a_read_stays_pending(db: sqlite3.Connection) -> None:
    add(db, entry("1", STORY, title="Ours"))
    (work,) = claim(db)
    add(db, entry("2", STORY, title="Theirs"), feed=2)
    read(db, work)
    assert pending(claim(db)) == [(1, "Theirs")]


def test_an_older_reading_does_not_undo_a_later_decision(db: sqlite3.Connection) -> None:
    add(db, entry("1", STORY))
    (old,) = claim(db)
    change(db, "1", "New")
    feeds.release_orphans(db)
    (new,) = claim(db, NOON + MINUTE)
    read(db, new)
    read(db, old)
    assert claim(db, NOON + DAY) == []


def test_an_article_that_was_read_is_not_fetched_for_the_next_entry(db: sqlite3.Connection) -> None:
    add(db, entry("1", STORY))
    (work,) = claim(db)
    page = Page(title="T", body="B", language="en", authors=("Ana",), published=NOON)
    revision = articles.add_revision(db, work.id, "page", page, STORY, NOON)
    articles.settle_article(db, work, NOON, page_state="read")
    add(db, entry("2", STORY), feed=2)
    (work,) = claim(db)
    assert work.fetch is False
    assert work.stored is not None
    assert (work.stored.revision, work.stored.page) == (revision, page)


def test_a_given_up_page_says_why(db: sqlite3.Connection) -> None:
    add(db, page_of(1), page_of(2))
    one, two = claim(db)
    articles.settle_article(db, one, NOON, page_state="given_up", failure=TIMEOUT)
    read(db, two)
    assert articles.reading_counts(db) == {"timeout": 1, "read": 1}


# Revisions ----------------------------------------------------------------------------------------------


def test_the_same_text_again_is_no_new_revision_but_the_same_text_after_another_is(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    (work,) = claim(db)
    numbers = [
        articles.add_revision(db, work.id, "page", Page(title="T", body=body), None, NOON) for body in ("a", "a", "b")
    ]
    back = articles.add_revision(db, work.id, "page", Page(title="T", body="a"), None, NOON)
    assert numbers[0] == numbers[1] != numbers[2]
    assert back not in numbers
    assert value(db, "SELECT max(n) FROM revisions") == 3


def test_title_and_body_are_told_apart(db: sqlite3.Connection) -> None:
    del db
    assert articles.content_sha(Page(title="a", body="bc")) != articles.content_sha(Page(title="ab", body="c"))


def test_the_feeds_text_is_no_page(db: sqlite3.Connection) -> None:
    add(db, page_of(1))
    (work,) = claim(db)
    page = Page(title="T", body="B")
    first = articles.add_revision(db, work.id, "feed_text", page, None, NOON)
    assert articles.latest_page(db, work.id) is None
    assert articles.add_revision(db, work.id, "page", page, STORY, NOON) != first


# Twins --------------------------------------------------------------------------------------------------


def twins(db: sqlite3.Connection) -> tuple[ArticleWork, ArticleWork]:
    """One page under two addresses: the first was read and learnt the canonical one."""
    add(db, entry("1", STORY, title="One"))
    (one,) = claim(db)
    articles.learn_addresses(db, one.id, {"c": "canonical"})
    read(db, one)
    add(db, entry("2", "https://amp.example/story", title="Two"), feed=2)
    (two,) = claim(db)
    return one, two


SHA = articles.content_sha(Page(title="T", body="body"))


def test_a_twin_is_known_by_an_address_and_the_same_text(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    assert articles.twin(db, two.id, ["c"], SHA) == one.id
    assert articles.twin(db, two.id, ["c"], b"another text") is None, "a page may name a wrong address"
    assert articles.twin(db, two.id, ["d"], SHA) is None
    assert articles.twin(db, one.id, ["c"], SHA) is None, "nobody is the twin of himself"


def test_a_merged_articles_entry_is_decided_as_one_of_the_other(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    articles.merge_into(db, two.id, one.id, NOON)
    (work,) = claim(db)
    assert (work.id, pending([work])) == (one.id, [(1, "Two")])
    assert work.stored is not None
    read(db, work)
    assert claim(db, NOON + DAY) == [], "the merged one wants nothing any more"


def test_later_entries_of_a_merged_address_come_to_the_other(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    articles.merge_into(db, two.id, one.id, NOON)
    add(db, entry("3", "https://amp.example/story", title="Three"), feed=1)
    assert [(work.id, len(work.entries)) for work in claim(db)] == [(one.id, 2)]


def test_a_merge_into_an_article_at_work_is_not_lost(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    change(db, "1", "Changed")
    (busy,) = claim(db, NOON + MINUTE)
    articles.merge_into(db, two.id, one.id, NOON)
    read(db, busy)
    assert pending(claim(db, NOON + DAY)) == [(1, "Two")]


def test_articles_whose_address_is_no_identity_are_nobodys_twins(db: sqlite3.Connection) -> None:
    """A live page says the same under every entry, and each of them is news."""
    add(db, entry("1", STORY, shared=True), entry("2", STORY, shared=True))
    one, two = claim(db)
    articles.learn_addresses(db, one.id, {"c": "canonical"})
    read(db, one)
    assert articles.twin(db, two.id, ["c"], SHA) is None
    assert value(db, "SELECT count(*) FROM addresses") == 0, "and no later article is led to one of them"


def test_not_even_of_an_article_that_has_the_address_for_itself(db: sqlite3.Connection) -> None:
    one, _ = twins(db)
    add(db, entry("3", "https://courier.example/live", shared=True))
    (live,) = claim(db)
    assert one.key.startswith("a:")
    assert articles.twin(db, live.id, ["c"], SHA) is None


def test_an_address_that_names_another_article_stays_its_own(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    articles.learn_addresses(db, two.id, {"c": "redirect"})
    assert value(db, "SELECT article_id FROM addresses WHERE address = 'c'") == one.id


def tell(db: sqlite3.Connection, work: ArticleWork, root: str, strength: Strength) -> int:
    story, _ = alerts.story_of(db, work.id, work.key, NOON)
    alerts.remember_told(db, story, root, strength)
    return story


def test_what_a_merged_article_told_early_is_not_told_again(db: sqlite3.Connection) -> None:
    one, two = twins(db)
    root = watch(db).root
    tell(db, two, root, Strength.TOPIC)
    articles.merge_into(db, two.id, one.id, NOON)
    story, key = alerts.story_of(db, one.id, one.key, NOON)
    assert alerts.told(db, story) == {root: Strength.TOPIC}
    assert key == two.key, "the story that was told of goes on under its own name"


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Strength.MENTION, Strength.HEADLINE), (Strength.TOPIC, Strength.MENTION)]
)
def test_of_two_told_stories_the_stronger_word_counts(db: sqlite3.Connection, ours: Strength, theirs: Strength) -> None:
    one, two = twins(db)
    root, other = watch(db).root, watch(db, "cu").root
    story = tell(db, one, root, ours)
    tell(db, two, root, theirs)
    tell(db, two, other, Strength.MENTION)
    articles.merge_into(db, two.id, one.id, NOON)
    assert alerts.story_of(db, one.id, one.key, NOON)[0] == story
    assert alerts.told(db, story) == {root: max(ours, theirs), other: Strength.MENTION}
