"""A sitemap of an index is asked as a feed is, and an index with its sitemaps is one finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedwatch.feeds.sitemap import joined
from feedwatch.model import Failure, FeedSpec, FeedState, ParsedFeed, Reason
from feedwatch.pipeline.findings import Finding, Index, News, Unchanged
from feedwatch.text.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedwatch.store.feeds import Part


def state_of(part: Part, feed: FeedState) -> FeedState:
    return replace(feed, url=part.url, validators=part.validators, body_sha=part.body_sha, asks=None)


def spec_of(part: Part, spec: FeedSpec) -> FeedSpec:
    """The index names it, not the owner: only on the index's own host may it be private."""
    at_home = host_of(part.url) == host_of(spec.url)
    return replace(spec, url=part.url, public_only=spec.public_only or not at_home)


def is_setback(finding: Finding) -> bool:
    return isinstance(finding, Failure) and (finding.reason is Reason.REFUSED or finding.retry_after is not None)


def together(found: News | Unchanged, seen: Mapping[Part, Finding], rest: tuple[Part, ...]) -> Finding:
    """An index and its sitemaps as one finding; a failure where no sitemap was to be had.

    What a sitemap that failed was known by stays, so that it is asked again as if nothing had been.
    """
    failed = {part.url: each for part, each in seen.items() if isinstance(each, Failure)}
    if len(failed) == len(seen):
        return next(iter(failed.values()))
    parts = tuple(part if isinstance(each, Failure) else _renewed(part, each) for part, each in seen.items())
    index = Index(
        parts=parts + rest,
        trouble=_trouble(failed, len(seen)),
        setback=next((each for each in failed.values() if is_setback(each)), None),
    )
    documents = [each.document for each in seen.values() if isinstance(each, News)]
    if not documents:
        return Unchanged(outcome="nothing new", transfer=found.transfer, index=index)
    whole = joined(found.document if isinstance(found, News) else ParsedFeed(), documents)
    return News(document=whole, transfer=found.transfer, index=index)


def _renewed(part: Part, finding: News | Unchanged) -> Part:
    return replace(part, validators=finding.transfer.validators, body_sha=finding.transfer.body_sha)


def _trouble(failed: Mapping[str, Failure], asked: int) -> str:
    told = "; ".join(f"{url}: {failure.reason}, {failure.detail}" for url, failure in failed.items())
    return f"{len(failed)} of {asked} sitemaps failed: {told}" if failed else ""
