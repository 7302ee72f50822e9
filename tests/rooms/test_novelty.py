"""New, changed or seen: the three answers over one and several documents of a feed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from feedwatch.feeds.novelty import Mark, Novelty, SeenRow, Verdict, classify, keys, marked
from feedwatch.model import ParsedEntry

NEW, CHANGED, SEEN = Novelty.NEW, Novelty.CHANGED, Novelty.SEEN

FERRY = ParsedEntry(
    id="c-1", link="https://courier.example/ferry", title="Ferry back", summary="It sails again after nine days."
)
BRIDGE = ParsedEntry(
    id="c-2", link="https://courier.example/bridge", title="Bridge shut", summary="Engineers look at the cables."
)


class Feed:
    """A feed's rows of table `seen`, upserted as the store does."""

    def __init__(self) -> None:
        self.rows: dict[Mark, SeenRow] = {}

    def verdicts(self, *entries: ParsedEntry) -> tuple[Verdict, ...]:
        verdicts = classify(marked(entries), self.rows)
        self.rows |= {row.mark: row for verdict in verdicts for row in verdict.remember}
        return verdicts

    def show(self, *entries: ParsedEntry) -> list[Novelty]:
        return [verdict.novelty for verdict in self.verdicts(*entries)]


def test_what_was_never_shown_is_new_and_then_seen() -> None:
    feed = Feed()
    assert feed.show(FERRY, BRIDGE) == [NEW, NEW]
    assert feed.show(BRIDGE, FERRY) == [SEEN, SEEN]


def test_another_title_under_the_same_id_is_a_change_once() -> None:
    feed = Feed()
    feed.show(FERRY)
    renamed = replace(FERRY, title="Ferry back, Maduro says")
    assert [feed.show(renamed), feed.show(renamed)] == [[CHANGED], [SEEN]]


def test_another_summary_under_the_same_id_is_a_change() -> None:
    feed = Feed()
    feed.show(FERRY)
    assert feed.show(replace(FERRY, summary="It sails to Caracas.")) == [CHANGED]


def test_other_dates_and_authors_are_no_change() -> None:
    feed = Feed()
    feed.show(FERRY)
    assert feed.show(replace(FERRY, authors=("Ana",), content="More.")) == [SEEN]


def test_a_server_that_changes_all_its_ids_makes_nothing_new() -> None:
    feed = Feed()
    (before,) = feed.verdicts(FERRY)
    (after,) = feed.verdicts(replace(FERRY, id="guid-9999"))
    assert (after.novelty, after.entry_key) == (SEEN, before.entry_key)
    assert feed.show(replace(FERRY, id="guid-9999")) == [SEEN]


def test_a_move_to_https_and_new_ids_makes_nothing_new() -> None:
    feed = Feed()
    feed.show(replace(FERRY, link="http://courier.example/ferry"))
    assert feed.show(replace(FERRY, id="https-1")) == [SEEN]


def test_a_move_to_another_host_with_new_ids_is_recognised_by_the_text() -> None:
    feed = Feed()
    feed.show(FERRY)
    assert feed.show(replace(FERRY, id="n-1", link="https://news.example/77")) == [SEEN]


def test_a_new_headline_with_a_new_id_under_a_known_address_is_a_change() -> None:
    feed = Feed()
    (before,) = feed.verdicts(replace(FERRY, id="ferry#0"))
    (after,) = feed.verdicts(replace(FERRY, id="ferry#1", title="Ferry back, Maduro says"))
    assert (after.novelty, after.entry_key) == (CHANGED, before.entry_key)


def test_without_ids_the_address_is_the_identity() -> None:
    feed = Feed()
    feed.show(replace(FERRY, id=None))
    assert feed.show(replace(FERRY, id=None, title="Ferry stops")) == [CHANGED]


def test_fragments_part_the_posts_of_a_page() -> None:
    posts = [replace(FERRY, id=None, link=f"https://courier.example/live#{n}", title=f"Post {n}") for n in range(3)]
    assert Feed().show(*posts) == [NEW] * 3


def test_without_id_and_address_the_text_is_the_identity() -> None:
    feed = Feed()
    note = ParsedEntry(title="Note", summary="One line.")
    assert feed.show(note, replace(note, summary="Another line.")) == [NEW, NEW]
    assert feed.show(note) == [SEEN]


def test_a_duplicate_within_one_document_gives_one_verdict() -> None:
    assert Feed().show(FERRY, FERRY) == [NEW]
    assert Feed().show(FERRY, replace(FERRY, title="Ferry back (again)")) == [NEW]
    bare = replace(FERRY, id=None)
    assert Feed().show(bare, bare) == [NEW]


def test_entries_that_all_link_to_the_home_page_are_told_apart_by_their_ids() -> None:
    feed = Feed()
    home = "https://alerts.example/"
    first = replace(FERRY, link=home), replace(BRIDGE, link=home)
    verdicts = feed.verdicts(*first)
    assert [verdict.novelty for verdict in verdicts] == [NEW, NEW]
    assert not any(verdict.address_is_identity for verdict in verdicts)
    assert feed.show(replace(FERRY, id="c-3", link=home, title="Third", summary="Else.")) == [NEW]


def test_entries_without_ids_that_all_link_to_the_home_page_are_told_apart_by_their_texts() -> None:
    feed = Feed()
    home = "https://alerts.example/"
    one, two = replace(FERRY, id=None, link=home), replace(BRIDGE, id=None, link=home)
    assert feed.show(one, two) == [NEW, NEW]
    assert feed.show(two, one) == [SEEN, SEEN]


def test_a_constant_guid_swallows_nothing() -> None:
    feed = Feed()
    one, two = replace(FERRY, id="0"), replace(BRIDGE, id="0")
    assert feed.show(one, two) == [NEW, NEW]
    assert feed.show(one, two) == [SEEN, SEEN]


def test_a_daily_title_without_a_summary_is_new_every_day() -> None:
    feed = Feed()
    days = [ParsedEntry(id=f"d{n}", link=f"https://courier.example/{n}", title="Briefing") for n in range(3)]
    assert [feed.show(day) for day in days] == [[NEW]] * 3
    assert feed.show(*days) == [SEEN] * 3


def test_two_articles_with_one_text_in_one_document_are_two() -> None:
    feed = Feed()
    twin = replace(FERRY, id="c-9", link="https://courier.example/ferry-video")
    assert feed.show(FERRY, twin) == [NEW, NEW]
    assert feed.show(FERRY, twin) == [SEEN, SEEN]


def test_the_entry_key_is_the_founding_mark_in_hex_for_life() -> None:
    feed = Feed()
    (new,) = feed.verdicts(FERRY)
    (changed,) = feed.verdicts(replace(FERRY, title="Other"))
    founding = keys(FERRY).id
    assert founding is not None
    assert new.entry_key == changed.entry_key == founding.hex()
    assert len(founding) == 16


def test_every_mark_is_remembered_whatever_the_answer() -> None:
    feed = Feed()
    for verdict in (*feed.verdicts(FERRY), *feed.verdicts(FERRY)):
        assert [row.kind for row in verdict.remember] == ["id", "address", "content"]
        assert {row.entry_key for row in verdict.remember} == {verdict.entry_key}
        assert {row.fingerprint for row in verdict.remember} == {keys(FERRY).fingerprint}


def test_title_and_summary_are_not_mixed_up() -> None:
    assert keys(ParsedEntry(title="ab", summary="c")).content != keys(ParsedEntry(title="a", summary="bc")).content


def test_the_content_stands_in_for_a_missing_summary() -> None:
    one, two = (ParsedEntry(content=text) for text in ("First post.", "Second post."))
    assert Feed().show(one, two) == [NEW, NEW]


entries = st.builds(
    ParsedEntry,
    id=st.none() | st.sampled_from("abc"),
    link=st.none() | st.sampled_from([f"https://a.example/{n}" for n in "xyz"]),
    title=st.sampled_from(["", "T", "U"]),
    summary=st.sampled_from(["", "s", "t"]),
)
documents = st.lists(entries, max_size=6)


@given(documents)
def test_a_document_shown_twice_has_nothing_new(document: list[ParsedEntry]) -> None:
    feed = Feed()
    assert set(feed.show(*document)) <= {NEW}
    assert NEW not in feed.show(*document)


@given(documents)
def test_what_has_no_verdict_is_a_duplicate_of_what_has_one(document: list[ParsedEntry]) -> None:
    shown = [verdict.entry for verdict in Feed().verdicts(*document)]
    for entry in document:
        assert any(
            (entry.title, entry.summary) == (other.title, other.summary)
            or (entry.id and entry.id == other.id)
            or (entry.link and entry.link == other.link)
            for other in shown
        )


@given(st.lists(documents, max_size=4))
def test_entry_keys_are_unique_among_the_new(history: list[list[ParsedEntry]]) -> None:
    feed = Feed()
    founded = [v.entry_key for document in history for v in feed.verdicts(*document) if v.novelty is NEW]
    assert len(founded) == len(set(founded))


@given(documents, entries)
def test_an_entry_with_unknown_marks_is_new(document: list[ParsedEntry], entry: ParsedEntry) -> None:
    feed = Feed()
    feed.show(*document)
    fresh = replace(entry, id="fresh", link="https://a.example/fresh", title="Fresh")
    assert feed.show(fresh, *document)[0] is NEW
