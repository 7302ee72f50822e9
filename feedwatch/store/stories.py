"""Stories: who tells the same, found by index; what every article that somebody watches for is compared by."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from sys import byteorder
from typing import TYPE_CHECKING

from feedwatch.store.feeds import OUTLET
from feedwatch.store.times import micros
from feedwatch.stories import group, sketch
from feedwatch.stories.group import Rarity, Vector
from feedwatch.stories.sketch import COPY, Sketch
from feedwatch.stories.sources import Report, independent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from feedwatch.stories.telling import Telling

NEWEST = 32
"""Articles that an index is asked for by one shingle or term, the newest: what thousands share costs no more."""

INDEXED = 16
"""Terms of an article by which others find it, the weightiest."""

LOOKED_AT = 16
"""Articles that are compared in full, those with the weightiest terms in common."""

NEAR = 0.3
"""The least weight of the indexed terms in common: with less no link comes near to what joins."""

MEMBERS = 12
"""Of a story that are compared in full, the latest: a mean over so many says enough."""

COUNTED = 4_000
"""Stories of a language after which the counts of its terms are halved."""

MOST_TOLD = 200
"""Articles of a story that are told of, the first ones, and whose headlines count, the latest."""

HEADLINES = 8
"""Of one article that are kept, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article's place in a story."""

    story: int
    key: str
    relation: str  # founder, same_text, same_story
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Another article that has shingles of a text."""

    article: int
    shared: int
    sampled: int  # of its own
    story: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An article of a story, by its terms."""

    article: int
    story: int
    vector: Vector


def member(db: sqlite3.Connection, article: int) -> Member | None:
    row = db.execute(
        "SELECT story_id, key, relation, evidence FROM story_articles JOIN stories ON stories.id = story_id"
        " WHERE article_id = ?",
        (article,),
    ).fetchone()
    return row and Member(story=row[0], key=row[1], relation=row[2], evidence=row[3])


def join(db: sqlite3.Connection, article: int, story: int, relation: str, evidence: str, now: datetime) -> Member:
    """The article becomes one of the story's."""
    db.execute("INSERT INTO story_articles VALUES (?, ?, ?, ?)", (article, story, relation, evidence))
    db.execute("UPDATE stories SET last_at = max(last_at, ?) WHERE id = ?", (micros(now), story))
    (key,) = db.execute("SELECT key FROM stories WHERE id = ?", (story,)).fetchone()
    return Member(story=story, key=key, relation=relation, evidence=evidence)


def shares_shingles(db: sqlite3.Connection, article: int, sample: Sketch, now: datetime) -> list[Shared]:
    """Other articles of a story that have most of the sample's shingles and are recent and long enough to be copies."""
    rows = db.execute(
        "SELECT (SELECT json_group_array(article_id) FROM"
        "  (SELECT article_id FROM shingle WHERE hash = code.value ORDER BY article_id DESC LIMIT ?2))"
        " FROM json_each(?1) AS code",
        (json.dumps(sample.hashes), NEWEST),
    )
    found: Counter[int] = Counter(article for row in rows for article in json.loads(row[0]))
    most = [(one, shared) for one, shared in found.most_common(LOOKED_AT) if one != article]
    return [known for one, shared in most if (known := _shared(db, one, shared, now))]


def _shared(db: sqlite3.Connection, article: int, shared: int, now: datetime) -> Shared | None:
    row = db.execute(
        "SELECT sampled, story_id FROM tellings JOIN story_articles USING(article_id)"
        " WHERE article_id = ? AND words >= ? AND at >= ?",
        (article, sketch.LEAST_WORDS, micros(now - sketch.WITHIN)),
    ).fetchone()
    return row and Shared(article=article, shared=shared, sampled=row[0], story=row[1])


def shares_terms(db: sqlite3.Connection, article: int, own: Vector, language: str, now: datetime) -> list[Compared]:
    """Other recent articles of that language with weighty terms in common."""
    rows = db.execute(
        "SELECT value, (SELECT json_group_array(article_id) FROM"
        "  (SELECT article_id FROM story_terms WHERE term = value ORDER BY article_id DESC LIMIT ?2))"
        " FROM json_each(?1)",
        (_json(_weightiest(own)), NEWEST),
    )
    found: dict[int, float] = {}
    for term, articles in rows:
        for one in json.loads(articles):
            found[one] = found.get(one, 0.0) + own[term]
    found.pop(article, None)
    near = [one for one, weight in found.items() if weight >= NEAR]
    best = sorted(near, key=lambda one: (-found[one], one))[:LOOKED_AT]
    return [known for one in best if (known := _compared(db, one, language, now))]


def _compared(db: sqlite3.Connection, article: int, language: str, now: datetime) -> Compared | None:
    row = db.execute(
        "SELECT language, vector, story_id FROM tellings JOIN story_articles USING(article_id)"
        " WHERE article_id = ? AND at >= ?",
        (article, micros(now - group.WITHIN)),
    ).fetchone()
    if row is None or not group.same_language(row[0], language):
        return None
    return Compared(article=article, story=row[2], vector=json.loads(row[1]))


def latest_members(db: sqlite3.Connection, story: int, now: datetime) -> list[Vector]:
    """The latest reports of a story; copies of one text count once, as the text that was first."""
    rows = db.execute(
        "SELECT vector FROM story_articles JOIN tellings USING(article_id)"
        " WHERE story_id = ? AND relation != 'same_text' AND at >= ? AND vector != '{}'"
        " ORDER BY article_id DESC LIMIT ?",
        (story, micros(now - group.WITHIN), MEMBERS),
    )
    return [json.loads(row[0]) for row in rows]


def _weightiest(own: Vector) -> list[str]:
    return sorted(own, key=lambda term: (-own[term], term))[:INDEXED]


def rarity(db: sqlite3.Connection, language: str, terms: Iterable[str]) -> Rarity:
    """How many of the latest stories in that language have the terms."""
    rows = db.execute(
        "SELECT term, n FROM term_counts WHERE language = ? AND term IN (SELECT value FROM json_each(?))",
        (language, json.dumps(["", *terms])),
    )
    counts = {row[0]: row[1] for row in rows}
    return Rarity(stories=counts.pop("", 0), counts=counts)


def count_terms(db: sqlite3.Connection, language: str, terms: Collection[str]) -> None:
    """One story more has the terms; when they are many, all counts are halved, and what is rare is forgotten."""
    db.executemany(
        "INSERT INTO term_counts VALUES (?, ?, 1) ON CONFLICT(language, term) DO UPDATE SET n = n + 1",
        [(language, term) for term in ("", *terms)],
    )
    (known,) = db.execute("SELECT n FROM term_counts WHERE language = ? AND term = ''", (language,)).fetchone()
    if known >= COUNTED:
        db.execute("DELETE FROM term_counts WHERE language = ? AND n < 2", (language,))
        db.execute("UPDATE term_counts SET n = n / 2 WHERE language = ?", (language,))


def headlines(db: sqlite3.Connection, story: int) -> Iterator[str]:
    """All that the story's latest articles had; asked for when the first is."""
    rows = db.execute(
        "SELECT headlines FROM story_articles JOIN tellings USING(article_id) WHERE story_id = ?"
        " ORDER BY article_id DESC LIMIT ?",
        (story, MOST_TOLD),
    )
    for row in rows:
        yield from json.loads(row[0])


def remember(db: sqlite3.Connection, article: int, told: Telling, own: Vector, now: datetime) -> None:
    """What the article is compared by from now on; a text that is known better than this one stays."""
    old = db.execute("SELECT words, headlines FROM tellings WHERE article_id = ?", (article,)).fetchone()
    kept = json.loads(old["headlines"]) if old else []
    titles = [*kept, *([told.headline] if told.headline and told.headline not in kept else [])][-HEADLINES:]
    if old is not None and old["words"] > told.sketch.words:
        db.execute("UPDATE tellings SET headlines = ? WHERE article_id = ?", (_json(titles), article))
        return
    forget_article(db, article)
    db.execute(
        "INSERT INTO tellings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(article_id) DO UPDATE SET"
        " language = excluded.language, words = excluded.words, hashes = excluded.hashes, sampled = excluded.sampled,"
        " vector = excluded.vector, headlines = excluded.headlines, credits = excluded.credits",
        (
            article, micros(now), told.language, told.sketch.words, _packed(told.sketch.hashes),
            len(told.sketch.hashes), _json({term: round(weight, 4) for term, weight in own.items()}), _json(titles),
            _json(told.credits),
        ),
    )  # fmt: skip
    if told.sketch.enough:
        db.executemany("INSERT OR IGNORE INTO shingle VALUES (?, ?)", [(code, article) for code in told.sketch.hashes])
    db.executemany("INSERT OR IGNORE INTO story_terms VALUES (?, ?)", [(term, article) for term in _weightiest(own)])


def forget_article(db: sqlite3.Connection, article: int) -> None:
    """No other article finds this one any more; its headlines and credits stay."""
    row = db.execute("SELECT hashes, vector FROM tellings WHERE article_id = ?", (article,)).fetchone()
    if row is None:
        return
    db.executemany("DELETE FROM shingle WHERE hash = ? AND article_id = ?", [(c, article) for c in _unpacked(row[0])])
    db.executemany(
        "DELETE FROM story_terms WHERE term = ? AND article_id = ?",
        [(term, article) for term in json.loads(row[1])],
    )
    db.execute("UPDATE tellings SET hashes = x'', sampled = 0, vector = '{}' WHERE article_id = ?", (article,))


def forget_past(db: sqlite3.Connection, now: datetime, *, most: int) -> int:
    """Up to `most` articles that are too old to be anybody's copy or report are found no more."""
    rows = db.execute(
        "SELECT article_id FROM tellings WHERE at < ? AND (sampled > 0 OR vector != '{}') LIMIT ?",
        (micros(now - max(sketch.WITHIN, group.WITHIN)), most),
    ).fetchall()
    for (article,) in rows:
        forget_article(db, article)
    return len(rows)


def remove_tellings(db: sqlite3.Connection, articles: Sequence[object]) -> None:
    """The articles go."""
    for article in articles:
        forget_article(db, article)  # type: ignore[arg-type]
        db.execute("DELETE FROM tellings WHERE article_id = ?", (article,))


def hand_over(db: sqlite3.Connection, article: int, other: int) -> None:
    """`article` turned out to be `other`: its headlines are that one's now, and the rest goes."""
    rows = {
        row["article_id"]: json.loads(row["headlines"])
        for row in db.execute("SELECT article_id, headlines FROM tellings WHERE article_id IN (?, ?)", (article, other))
    }
    db.execute(
        "UPDATE story_articles SET evidence = json_set(evidence, '$.like', ?2)"
        " WHERE json_extract(evidence, '$.like') = ?1"
        " AND story_id IN (SELECT story_id FROM story_articles WHERE article_id IN (?1, ?2))",
        (article, other),
    )
    if article in rows and other in rows:
        titles = list(dict.fromkeys([*rows[article], *rows[other]]))[-HEADLINES:]
        db.execute("UPDATE tellings SET headlines = ? WHERE article_id = ?", (_json(titles), other))
    if other in rows:
        remove_tellings(db, [article])
    elif article in rows:
        _rename(db, article, other)


def _rename(db: sqlite3.Connection, article: int, other: int) -> None:
    db.execute("UPDATE tellings SET article_id = ? WHERE article_id = ?", (other, article))
    row = db.execute("SELECT hashes, vector FROM tellings WHERE article_id = ?", (other,)).fetchone()
    codes = [(other, code, article) for code in _unpacked(row[0])]
    names = [(other, term, article) for term in json.loads(row[1])]
    db.executemany("UPDATE OR IGNORE shingle SET article_id = ? WHERE hash = ? AND article_id = ?", codes)
    db.executemany("UPDATE OR IGNORE story_terms SET article_id = ? WHERE term = ? AND article_id = ?", names)


def text_of(db: sqlite3.Connection, article: int) -> str:
    """The latest text of an article; "" where none is kept."""
    row = db.execute("SELECT body FROM revisions WHERE article_id = ? ORDER BY n DESC LIMIT 1", (article,)).fetchone()
    return row[0] if row else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article of a story, as people are told of it."""

    article: int
    outlet: str
    title: str
    link: str | None
    relation: str
    evidence: Mapping[str, object]
    credits: tuple[str, ...]


def stories_of(db: sqlite3.Connection, alert: str) -> list[int]:
    """The stories that an alert's articles tell, the one that it is about first."""
    rows = db.execute(
        "SELECT story_id FROM alerts WHERE id = ?1 AND story_id IS NOT NULL UNION ALL"
        " SELECT story_id FROM alert_articles JOIN story_articles USING(article_id) WHERE alert = ?1",
        (alert,),
    )
    return list(dict.fromkeys(row[0] for row in rows))


def tellers(db: sqlite3.Connection, story: int) -> list[Told]:
    """Every article of a story, each by its first entry, the first one first."""
    rows = db.execute(
        "SELECT story_articles.article_id, relation, evidence, credits, entries.title, entries.link,"
        f" {OUTLET} AS outlet"
        " FROM story_articles JOIN entries ON entries.id ="
        "  (SELECT min(id) FROM entries AS one WHERE one.article_id = story_articles.article_id)"
        " JOIN feeds ON feeds.id = feed_id LEFT JOIN tellings ON tellings.article_id = story_articles.article_id"
        " WHERE story_id = ? ORDER BY story_articles.rowid LIMIT ?",
        (story, MOST_TOLD),
    )
    return [
        Told(
            article=row["article_id"],
            outlet=row["outlet"],
            title=row["title"],
            link=row["link"],
            relation=row["relation"],
            evidence=json.loads(row["evidence"] or "{}"),
            credits=tuple(json.loads(row["credits"] or "[]")),
        )
        for row in rows
    ]


def company(db: sqlite3.Connection, story: int | None, outlet: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other outlets that tell a story, and who stands behind all of them; no source where it is only the outlet."""
    told = [] if story is None else tellers(db, story)
    others = tuple(dict.fromkeys(one.outlet for one in told if one.outlet != outlet))
    behind = independent(reports(told))
    return others, behind if others or behind != (outlet,) else ()


def reports(told: Iterable[Told]) -> list[Report]:
    """The same by origin: a copy, and a copy of a copy, has the number of the text that was first.

    What quotes half of another text is a text of its own.
    """
    every = list(told)
    copied = {one.article: one.evidence.get("like") for one in every if _is_whole_copy(one)}
    return [Report(outlet=one.outlet, text=_first_text(one.article, copied), credits=one.credits) for one in every]


def _is_whole_copy(one: Told) -> bool:
    shares = (one.evidence.get("share"), one.evidence.get("holds"))
    return one.relation == "same_text" and any(isinstance(share, float) and share >= COPY for share in shares)


def _first_text(article: int, copied: Mapping[int, object]) -> int:
    for _ in range(len(copied)):
        like = copied.get(article)
        if not isinstance(like, int):
            break
        article = like
    return article


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _packed(hashes: Iterable[int]) -> bytes:
    made = array("I", hashes)
    if byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _unpacked(packed: bytes) -> Iterable[int]:
    made = array("I", packed)
    if byteorder == "big":
        made.byteswap()
    return made
