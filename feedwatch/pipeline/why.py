"""How far did an address come, and why no further? Step by step, from the first feed to the last delivery.

What was decided is on record. What was not is worked out again: today's wording is asked about the stored text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feedwatch.feeds.novelty import keys
from feedwatch.model import ParsedEntry
from feedwatch.pipeline.archive import readings, strongest
from feedwatch.pipeline.program import query_of, tags_of
from feedwatch.store import account, near_misses, search
from feedwatch.store.stories import tellers
from feedwatch.store.times import moment
from feedwatch.text.addresses import canonical, host_of
from feedwatch.watches.why import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.config.settings import Settings, Watchlist
    from feedwatch.pipeline.archive import Reading
    from feedwatch.store import Connection, Row

NOT_FOUND = "no_match"  # its words are not in the stored text
NOT_ASKED = "not_asked"  # it is narrowed to other feeds
WOULD = "would_match"  # its present wording would find it: it came earlier than that
WAITS = "waits"  # nothing is decided yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A feed that showed the address."""

    feed: str
    name: str
    at: datetime
    title: str = ""
    how: str = "new"
    decided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of one message."""

    target: str
    state: str
    at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """An alert that told of it."""

    short: str
    kind: str
    at: datetime
    deliveries: tuple[Delivered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one watchlist made of it."""

    watchlist: str
    outcome: str  # of a decision, a near miss, or one of the words above
    why: tuple[str, ...] = ()
    strength: str | None = None
    snippet: str = ""
    at: datetime | None = None
    wording: str = ""
    worded: datetime | None = None  # since when the wording that decided is used
    by: str | None = None  # who muted it
    alerts: tuple[Alerted, ...] = ()
    acked: str = ""  # by whom
    acked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the page said, one revision."""

    n: int
    kind: str
    at: datetime
    title: str
    letters: int
    whole: bool  # or a taste of it, before a wall
    kept: bool  # as evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """An article of the same story."""

    outlet: str
    title: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that can be said of an address."""

    address: str  # "": of an entry without one
    url: str | None = None
    shown: tuple[Shown, ...] = ()  # nothing: never
    page: str = ""  # its state: pending, read, given_up, not_wanted; "": it is not known any more
    reason: str | None = None
    detail: str | None = None
    next_try: datetime | None = None
    next_look: datetime | None = None
    last_look: datetime | None = None  # when it was read again
    found: str = ""  # by that: unchanged, changed, cut, missing, or why it was not to be had
    texts: tuple[Text, ...] = ()
    relation: str = ""  # to its story
    story: str = ""
    evidence: str = ""  # what the relation rests on
    like: Like | None = None  # the article of the story that it is like
    others: int = 0  # further articles of the story
    verdicts: tuple[Verdict, ...] = ()
    neighbours: tuple[Shown, ...] = ()  # of an address that was never seen: feeds of its host, and their last poll


def of_address(db: Connection, settings: Settings, typed: str) -> Account:
    """The account of an address as a person types it."""
    address = canonical(typed)
    found = account.article_at(db, typed, spellings(address))
    if found is not None:
        return of_article(db, settings, found, address)
    shown = tuple(_marked(db, typed))
    return Account(address=address, shown=shown, neighbours=() if shown else tuple(_neighbours(db, address)))


def spellings(address: str) -> tuple[str, ...]:
    """A canonical address, and the same with and without www. and the last slash, which people drop."""
    if not address.startswith("https://"):
        return (address,)
    path, mark, query = address.removeprefix("https://").partition("?")
    bare = path.removeprefix("www.").rstrip("/")
    hosts = (f"https://{www}{bare}{slash}{mark}{query}" for www in ("", "www.") for slash in ("", "/"))
    return tuple(dict.fromkeys((address, *hosts)))


def of_article(db: Connection, settings: Settings, number: int, address: str = "") -> Account:
    """The account of an article of the database."""
    row = account.article(db, number)
    again, story = account.reread(db, row["id"]), account.story(db, row["id"])
    like, others = _company(db, row["id"], story)
    return Account(
        address=address or row["url"] or "",
        url=row["url"],
        shown=tuple(_shown(entry) for entry in account.entries(db, row["id"])),
        page=row["page_state"],
        reason=row["reason"],
        detail=row["detail"],
        next_try=moment(row["due_at"]),
        next_look=moment(again["due_at"]) if again else None,
        last_look=moment(again["looked_at"]) if again else None,
        found=(again["found"] or "") if again else "",
        texts=tuple(_text(each) for each in account.revisions(db, row["id"])),
        relation=story["relation"] if story else "",
        story=story["key"] if story else "",
        evidence=(story["evidence"] or "") if story else "",
        like=like,
        others=others,
        verdicts=tuple(_verdicts(db, settings, row, story["story_id"] if story else None)),
    )


def _company(db: Connection, article: int, story: Row | None) -> tuple[Like | None, int]:
    """The article that this one is like, and how many others tell its story."""
    if story is None:
        return None, 0
    told = tellers(db, story["story_id"])
    number = json.loads(story["evidence"] or "{}").get("like")
    like = next((one for one in told if one.article == number), None)
    known = Like(outlet=like.outlet, title=like.title, link=like.link) if like else None
    return known, sum(one.article != article for one in told)


def _shown(entry: Row) -> Shown:
    return Shown(
        feed=entry["address"],
        name=entry["called"],
        at=moment(entry["first_seen_at"]),
        title=entry["title"],
        how=entry["how"],
        decided=entry["decided_version"] >= entry["version"],
    )


def _text(row: Row) -> Text:
    return Text(
        n=row["n"],
        kind=row["kind"],
        at=moment(row["fetched_at"]),
        title=row["title"],
        letters=row["letters"],
        whole=bool(row["whole"]),
        kept=bool(row["kept"]),
    )


def _marked(db: Connection, typed: str) -> Iterator[Shown]:
    """Feeds that showed it so long ago that only the mark by which it is known is left."""
    key = keys(ParsedEntry(link=typed)).address
    for row in account.marks(db, key) if key else ():
        yield Shown(feed=row["address"], name=row["called"], at=moment(row["last_shown_at"]))


def _neighbours(db: Connection, address: str) -> Iterator[Shown]:
    for row in account.feeds_of_host(db, host_of(address)):
        yield Shown(feed=row["address"], name=row["called"], at=moment(row["last_polled_at"]))


# ---- watchlists


def _verdicts(db: Connection, settings: Settings, article: Row, story: int | None) -> Iterator[Verdict]:
    decided = {row["root"]: row for row in account.decisions(db, article["id"])}  # of each the one that says most
    near = _near(db, article["id"])
    pending = any(entry["decided_version"] < entry["version"] for entry in account.entries(db, article["id"]))
    now = {watch.id: watch for watch in settings.watchlists}
    for row in account.watchlists(db):
        root = row["root"]
        if root in decided:
            yield _decided(db, article["id"], decided.pop(root), story)
        elif pending:
            yield Verdict(watchlist=row["watchlist"], outcome=WAITS)
        elif root in near:
            yield _missed(row["watchlist"], near[root])
        elif row["watchlist"] in now:
            yield _worked_out(db, settings, now[row["watchlist"]], article["id"], row)
    for gone in decided.values():
        yield _decided(db, article["id"], gone, story)


def _near(db: Connection, article: int) -> dict[str, Row]:
    misses = [miss for entry in account.entries(db, article) for miss in near_misses.of_entry(db, entry["id"])]
    return {miss["root"]: miss for miss in sorted(misses, key=lambda miss: miss["kind"] == "kept_out")}


def _decided(db: Connection, article: int, row: Row, story: int | None) -> Verdict:
    reasons = json.loads(row["reasons"])
    acked = account.acks(db, story, row["root"]) if story else None
    return Verdict(
        watchlist=row["watchlist"],
        outcome=row["outcome"],
        why=tuple(_said(reasons)),
        strength=row["strength"],
        snippet=row["snippet"],
        at=moment(row["at"]),
        wording=row["query"],
        worded=moment(row["from_at"]),
        by=row["muted_by"],
        alerts=tuple(_alerted(db, alert) for alert in account.told(db, article, row["root"])),
        acked=acked["acked_by"] if acked else "",
        acked_at=moment(acked["acked_at"]) if acked else None,
    )


REPEATS = {
    "also": "some of it in a paragraph that this site repeats on other pages, which counts less",
    "only": "only in a paragraph that this site repeats on other pages, which counts less",
}


def _said(reasons: dict[str, Any]) -> Iterator[str]:
    """Why, in lines: the hits by zone, what counts less, what held it back."""
    for hit in reasons.get("hits", []):
        yield f"{hit['term']}: {hit['count']} in the {hit['zone']}"
    yield from filter(None, (REPEATS.get(reasons.get("background", "")), reasons.get("held_back")))


def _alerted(db: Connection, row: Row) -> Alerted:
    return Alerted(
        short=row["short"],
        kind=row["kind"],
        at=moment(row["created_at"]),
        deliveries=tuple(
            Delivered(
                target=f"{each['channel']}/{each['name']}",
                state=each["state"],
                at=moment(each["shown_at"]),
                error=each["error"],
            )
            for each in account.deliveries(db, row["id"])
        ),
    )


def _missed(watchlist: str, row: Row) -> Verdict:
    return Verdict(
        watchlist=watchlist,
        outcome=row["kind"],
        why=tuple(json.loads(row["why"])),
        snippet=row["snippet"],
        at=moment(row["at"]),
    )


def _worked_out(db: Connection, settings: Settings, watch: Watchlist, article: int, row: Row) -> Verdict:
    """Nothing is on record: today's wording is asked about the stored text."""
    feeds = settings.feeds_of(watch)
    every = [each for stored in search.archived(db, [article]) for each in readings(stored, tags_of(settings))]
    mine = [each for each in every if feeds is None or each.entry.feed in feeds]
    if not mine:
        return Verdict(watchlist=watch.id, outcome=NOT_ASKED, why=watch.feeds)
    query = query_of(settings, watch)
    if found := strongest(query, mine):
        return Verdict(
            watchlist=watch.id,
            outcome=WOULD,
            snippet=found.snippet,
            strength=found.match.strength.word,
            worded=moment(max(row["from_at"], row["since"])),
        )
    return Verdict(watchlist=watch.id, outcome=NOT_FOUND, why=tuple(_lacking(settings, watch, mine)))


def _lacking(settings: Settings, watch: Watchlist, mine: list[Reading]) -> Iterator[str]:
    last = mine[-1]
    yield from map(str, missing(query_of(settings, watch), last.index, last.metadata))
