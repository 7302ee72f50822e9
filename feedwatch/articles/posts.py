"""The posts of a live blog: what its structured data name, else its dated blocks.

A post's key is the same at every reading: its own id or address, else its time and its first words. New posts come at
either end, and old ones fall off. One without an id that was reworded is known by its time, where that has seconds and
is no other post's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from feedwatch.articles.lines import class_of, key, said, words
from feedwatch.articles.moments import moment
from feedwatch.articles.structured import Structured, plain
from feedwatch.model import Post

T = TypeVar("T")

MOST = 300
"""Posts of one page, the newest."""

FEWEST = 3
"""Dated blocks side by side; fewer are an article with a date, or with two comments."""

_BLOCKS = ("article", "li", "section", "div")
_TIMES = 10_000  # of a page that are looked at
_LEVELS = 6  # of elements around a time that may be its block
_LEAST_WORDS = 12  # of a dated block: less is a list of headlines
_LINKED = 0.5  # share of a block's words that are links: more is a list of other pages
_KEY_CHARACTERS = 80
_APART = frozenset({"nav", "aside", "footer", "figure", "form"})
_NO_POSTS = ("comment", "related", "recommend", "teaser", "sidebar", "newsletter")


def posts_of(tree: Any, facts: Structured, body: str) -> tuple[Post, ...]:
    """The page's posts in its order; () if it is no live blog. `body` is its text: what is not in it is no post."""
    named = _latest(tuple(_named(facts.updates)))
    return _known_by_time(named or _latest(tuple(_dated(tree, body))))


def _latest(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    """The newest by their times; where one has none, those at both ends, for nobody knows where the page grows."""
    if len(posts) <= MOST:
        return posts
    times = {number: post.at for number, post in enumerate(posts) if post.at is not None}
    if len(times) < len(posts):
        return _ends(posts)
    newest = sorted(times, key=lambda number: times[number])[-MOST:]
    return tuple(posts[number] for number in sorted(newest))


def _ends(several: Sequence[T]) -> tuple[T, ...]:
    """MOST of them, from both ends."""
    return (*several[: MOST // 2], *several[-(MOST // 2) :]) if len(several) > MOST else tuple(several)


def _known_by_time(posts: tuple[Post, ...]) -> tuple[Post, ...]:
    often = Counter(post.at for post in posts)
    return tuple(
        replace(post, also=_hash(post.at.isoformat())) if post.at and post.at.second and often[post.at] == 1 else post
        for post in posts
    )


def _named(updates: Iterable[dict[str, Any]]) -> Iterator[Post]:
    for update in updates:
        title = plain(update.get("headline") or update.get("name"))
        text = plain(update.get("articleBody") or update.get("text"))
        claim = str(update.get("datePublished") or "")
        own = plain(update.get("@id")) or plain(update.get("url")) or plain(update.get("identifier"))
        if title or text:
            yield Post(
                key=_hash(own or f"{claim} {key(title or text)[:_KEY_CHARACTERS]}"),
                at=moment(claim),
                title=title,
                text=text,
            )


def _dated(tree: Any, body: str) -> Iterator[Post]:
    blocks = [block for block in _ends(_siblings(tree)) if not _is_apart(block)]
    found = [post for block in blocks if (post := _post(block))]
    text = key(body)
    shown = [post for post in found if key(post.text)[:_KEY_CHARACTERS] in text]
    if len(shown) >= FEWEST and 2 * len(shown) >= len(found):
        yield from shown


def _siblings(tree: Any) -> list[Any]:
    """The largest group of blocks of one parent and one tag that each carry a time."""
    groups: dict[tuple[Any, str], dict[Any, None]] = {}
    for time in islice(tree.iter("time"), _TIMES):
        for block in islice(time.iterancestors(*_BLOCKS), _LEVELS):
            groups.setdefault((block.getparent(), block.tag), {})[block] = None
    largest = max(groups.values(), key=len, default={})
    return list(largest) if len(largest) >= FEWEST else []


def _is_apart(block: Any) -> bool:
    near = [block, *block.iterancestors()]
    return any(one.tag in _APART for one in near) or any(
        word in class_of(one).lower() for one in near[:3] for word in _NO_POSTS
    )


def _post(block: Any) -> Post | None:
    text = said(block)
    linked = sum(words(said(link)) for link in block.iter("a"))
    if words(text) < _LEAST_WORDS or linked > _LINKED * words(text):
        return None
    stamp = next((time.get("datetime") for time in block.iter("time") if time.get("datetime")), "")
    head = next((said(one) for one in block.iter("h2", "h3", "h4", "h5", "strong") if said(one)), "")
    body = " ".join(said(one) for one in block.iter("p") if said(one)) or text
    own = block.get("id") or block.get("data-id") or block.get("data-post-id") or ""
    return Post(key=_hash(own or f"{stamp} {key(body)[:_KEY_CHARACTERS]}"), at=moment(stamp), title=head, text=body)


def _hash(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
