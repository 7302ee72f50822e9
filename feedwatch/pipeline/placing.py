"""Which story is it? Inside the deciding transaction, so that copies decided at once find each other.

what an article is compared by → a text it copies, else a story it reports, else a story of its own
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedwatch.store import alerts, stories
from feedwatch.stories import group, sketch
from feedwatch.stories.numbers import changed_number
from feedwatch.text.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feedwatch.store import Connection
    from feedwatch.stories.group import Rarity
    from feedwatch.stories.telling import Telling

NEW_PASSAGE = 0.2
"""A paragraph with a hit that shares less than this with the text it is said to copy is new."""

PASSAGE = 12
"""Words of a paragraph at the least: a shorter one is a heading or a caption."""

_TEXTS = 4  # that are compared in full, those whose samples have most in common
_STORIES = 4  # that are compared in full …
_HOPE = group.LINK / 2  # … if the plain link is so high: without the story in the counts it is up to a fifth more
_COUNTED = 8_000  # characters whose numbers are compared: a table of prices has thousands
_LONG_WORD = 16  # characters
_WORDS = 6  # that say why two reports are one story


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An article's place in a story, whatever anybody was told of it."""

    story: int
    key: str  # of the founding article: alerts are named by it
    relation: str  # founder, same_text, same_story
    evidence: str | None  # JSON: the article it is like, and how much
    number: str = ""  # in the headline, in the place of another that the story's headlines had

    @property
    def changed_number(self) -> bool:
        return bool(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Like:
    story: int
    relation: str
    evidence: dict[str, object]


def place(db: Connection, article: int, key: str, told: Telling, at: datetime) -> Placed:
    """The article's story: the one it has, one that it joins now, or its own."""
    rare = stories.rarity(db, told.language, told.terms)
    own = group.vector(told.terms, rare)
    now = stories.member(db, article) or _join(db, article, key, told, rare, at)
    number = changed_number(told.headline, stories.headlines(db, now.story), told.language)
    stories.remember(db, article, told, own, at)
    return Placed(story=now.story, key=now.key, relation=now.relation, evidence=now.evidence, number=number)


def _join(db: Connection, article: int, key: str, told: Telling, rare: Rarity, at: datetime) -> stories.Member:
    found = _copied(db, article, told, at) or _reported(db, article, told, rare, at)
    if found is None:
        stories.count_terms(db, told.language, told.terms)
        story, founded = alerts.story_of(db, article, key, at)
        return stories.Member(story=story, key=founded, relation="founder", evidence=None)
    return stories.join(db, article, found.story, found.relation, json.dumps(found.evidence, ensure_ascii=False), at)


def _copied(db: Connection, article: int, told: Telling, at: datetime) -> _Like | None:
    """The story of the text that it has most in common with, if it is a copy of it or of a part, or the other way."""
    if not told.sketch.enough:
        return None
    shares = {other: _sampled(told, other) for other in stories.shares_shingles(db, article, told.sketch, at)}
    near = sorted((other for other in shares if shares[other] >= sketch.MAYBE), key=lambda other: -shares[other])
    own = _tokens(stories.text_of(db, article)) if near else ()
    for other in near[:_TEXTS]:
        if found := _shares(db, own, told, other):
            return _Like(story=other.story, relation="same_text", evidence=_shared_text(other.article, *found))
    return None


def _sampled(told: Telling, other: stories.Shared) -> float:
    """What the samples have in common."""
    return sketch.contained(other.shared, len(told.sketch.hashes), other.sampled)


def _shares(db: Connection, own: tuple[str, ...], told: Telling, other: stories.Shared) -> tuple[float, float] | None:
    """What each text has of the other if one is a copy: of whole texts, where both are kept, else of their samples."""
    theirs = _tokens(stories.text_of(db, other.article)) if own else ()
    if own and theirs:
        return sketch.copied(own, theirs)
    sampled = (other.shared / len(told.sketch.hashes), other.shared / other.sampled)
    return sampled if max(sampled) >= sketch.COPY else None


def _shared_text(other: int, share: float, holds: float) -> dict[str, object]:
    """`share` of the article's text is in the other one; where it has more of that than of itself, it says so."""
    more = {"holds": round(holds, 2)} if holds > share else {}
    return {"like": other, "share": round(share, 2), **more}


def _tokens(text: str) -> tuple[str, ...]:
    """Of the part of the text that is compared."""
    return tokenize(text[: sketch.MOST_WORDS * _LONG_WORD]).tokens


def _reported(db: Connection, article: int, told: Telling, rare: Rarity, at: datetime) -> _Like | None:
    """The story with the highest mean link, if that is high enough."""
    own = group.vector(told.terms, rare)
    near: dict[int, list[tuple[float, stories.Compared]]] = defaultdict(list)
    for other in stories.shares_terms(db, article, own, told.language, at):
        near[other.story].append((group.link(own, other.vector), other))
    links = {story: max(some, key=_by_link)[0] for story, some in near.items()}
    nearest = sorted((story for story in links if links[story] >= _HOPE), key=lambda story: -links[story])[:_STORIES]
    links = {story: _mean_link(db, story, told, rare, at) for story in nearest}
    best = max(links, key=links.__getitem__, default=None)
    if best is None or links[best] < group.LINK:
        return None
    _, like = max(near[best], key=_by_link)
    words = group.in_common(own, like.vector, _WORDS)
    evidence: dict[str, object] = {"like": like.article, "link": round(links[best], 2), "words": words}
    return _Like(story=best, relation="same_story", evidence=evidence)


def _mean_link(db: Connection, story: int, told: Telling, rare: Rarity, at: datetime) -> float:
    members = stories.latest_members(db, story, at)
    return group.mean([group.likeness(told.terms, rare, member) for member in members])


def _by_link(one: tuple[float, stories.Compared]) -> float:
    return one[0]


def relation_for(db: Connection, placed: Placed, passages: Iterable[str]) -> str:
    """The relation as it counts for one match: a copy that says something new about the watched words is a report.

    New is a paragraph that the other text does not have, or one in which a number took the place of another: an
    agency's next toll, and the next bulletin that a template makes.

    `passages`: the paragraphs that hold the match's hits.
    """
    if placed.relation == "same_text" and _says_new(db, placed, passages):
        return "same_story"
    return placed.relation


def _says_new(db: Connection, placed: Placed, passages: Iterable[str]) -> bool:
    long = [(passage, cut.tokens) for passage in passages if len((cut := tokenize(passage)).tokens) >= PASSAGE]
    like = json.loads(placed.evidence or "{}").get("like")
    text = stories.text_of(db, like) if long and isinstance(like, int) else ""
    known, lines = _tokens(text), text[:_COUNTED].split("\n")
    return bool(known) and any(
        sketch.known_share(tokens, known) < NEW_PASSAGE or changed_number(passage[:_COUNTED], lines)
        for passage, tokens in long
    )
