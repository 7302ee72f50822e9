"""What an answer to a poll turned out to be: news, nothing new, or a failure; and what to remember of its transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.feeds.hints import fresh_for
from feedwatch.feeds.parse import parse_feed
from feedwatch.feeds.sitemap import parse_sitemap
from feedwatch.model import Failure, FeedState, Fetched, ParsedFeed, Validators

if TYPE_CHECKING:
    from feedwatch.edges.workers import Workers
    from feedwatch.store.feeds import Part

PARSE_DEADLINE = timedelta(seconds=30)
"""A real 2.2 MB feed took 2.8 s; a 32 KB one made for it takes 5.5 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What to remember of a good answer, whatever its document says."""

    validators: Validators
    body_sha: bytes | None
    fresh_for: timedelta | None  # as the server says
    moved: str | None  # where permanent redirects led


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The sitemaps of an index, after they were asked."""

    parts: tuple[Part, ...]
    trouble: str = ""  # those that failed, in words
    setback: Failure | None = None  # a refusal among their answers, or a wait that one asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A document that is worth looking at entry by entry."""

    transfer: Transfer
    document: ParsedFeed
    index: Index | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server says, or the body shows, that nothing is new."""

    transfer: Transfer
    outcome: str
    index: Index | None = None


Finding = News | Unchanged | Failure


def transfer(answer: Fetched, validators: Validators, body_sha: bytes | None, at: datetime) -> Transfer:
    return Transfer(
        validators=validators, body_sha=body_sha, fresh_for=fresh_for(answer.headers, at), moved=answer.moved
    )


def kept(feed: FeedState, answer: Fetched) -> Validators:
    """A 304 may bring new validators; one that brings none confirms those we have."""
    new = answer.validators
    return Validators(
        etag=new.etag or feed.validators.etag, last_modified=new.last_modified or feed.validators.last_modified
    )


async def parsed(workers: Workers, kind: str, answer: Fetched, max_bytes: int, at: datetime) -> ParsedFeed:
    """The document, read in a worker; raises FeedUnreadable and WorkerError."""
    if kind == "sitemap":
        return await workers.run(parse_sitemap, answer.body, answer.url, at, max_bytes, deadline=PARSE_DEADLINE)
    content_type = answer.headers.get("content-type")
    return await workers.run(parse_feed, answer.body, content_type, answer.url, deadline=PARSE_DEADLINE)
