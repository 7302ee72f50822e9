"""News sitemaps and their indexes through the poll loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedwatch.model import Failure, Fetched, Reason
from feedwatch.pipeline.clock import now
from tests.pipeline.conftest import CONFIG, Bench, opened

INDEX = "http://one.example/index.xml"
A, B = "http://one.example/a.xml", "http://two.example/b.xml"


@pytest.fixture
async def press(tmp_path: Path) -> AsyncIterator[Bench]:
    config = CONFIG.replace('url = "http://one.example/feed"', f'url = "{INDEX}"\nkind = "sitemap"')
    async with opened(tmp_path, config) as made:
        yield made


def answer(url: str, body: bytes, etag: str = "") -> Fetched:
    return Fetched(url=url, status=200, headers={"etag": etag} if etag else {}, body=body)


def index(*urls: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>".encode()


def urlset(*titles: str) -> bytes:
    urls = (
        f"<url><loc>http://one.example/{title}</loc><news><title>{title}</title>"
        f"<publication_date>{now().isoformat()}</publication_date></news></url>"
        for title in titles
    )
    return f"<urlset>{''.join(urls)}</urlset>".encode()


async def titles(bench: Bench) -> list[tuple[str, str]]:
    return [tuple(row) for row in await bench.rows("SELECT title, how FROM entries ORDER BY id")]


async def test_the_sitemaps_of_an_index_are_one_feed_and_each_is_asked_conditionally_for_life(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, index(A, B), '"i1"')
    press.web.answers[A] = answer(A, urlset("One"), '"a1"')
    press.web.answers[B] = answer(B, urlset("Two", "One"), '"b1"')
    await press.poll()
    assert sorted(await titles(press)) == [("One", "backfill"), ("Two", "backfill")]
    press.web.answers[INDEX] = Fetched(url=INDEX, status=304, headers={}, body=b"")
    press.web.answers[A] = Fetched(url=A, status=304, headers={"etag": '"a2"'}, body=b"")
    press.web.answers[B] = answer(B, urlset("Three", "Two"), '"b2"')
    await press.poll()
    await press.poll()
    assert [(request.url, request.validators.etag, request.owner) for request in press.web.asked] == [
        (INDEX, None, True), (A, None, True), (B, None, False),
        (INDEX, '"i1"', True), (A, '"a1"', True), (B, '"b1"', False),
        (INDEX, '"i1"', True), (A, '"a2"', True), (B, '"b2"', False),
    ]  # fmt: skip
    assert (await titles(press))[2:] == [("Three", "new")]
    assert await press.rows("SELECT count(*) FROM entries") == [(3,)]


async def test_a_sitemap_that_fails_hides_no_other_and_is_asked_as_if_nothing_had_been(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, index(A, B))
    press.web.answers[A] = answer(A, urlset("One")[:-9], '"cut"')
    press.web.answers[B] = answer(B, urlset("Two"))
    await press.poll()
    assert [title for title, _ in await titles(press)] == ["Two"]
    ((outcome, detail),) = await press.rows("SELECT outcome, detail FROM feeds")
    assert (outcome, detail.split(";")[1]) == (
        "new",
        f" 1 of 2 sitemaps failed: {A}: not_a_feed, {A} is cut short: it has no end (ask again later)",
    )
    press.web.answers[A] = answer(A, urlset("One"))
    await press.poll()
    assert press.web.asked[-2].validators.etag is None
    assert [title for title, _ in await titles(press)] == ["Two", "One"]


async def test_an_index_none_of_whose_sitemaps_answers_is_a_failure(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, index(A, B), '"i"')
    await press.poll()
    assert await press.rows("SELECT outcome, failures, etag FROM feeds") == [("not_found", 1, None)]


async def test_after_a_refusal_no_other_sitemap_is_asked_and_the_wait_is_kept(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, index(A, B))
    press.web.answers[A] = answer(A, urlset("One"), '"a"')
    press.web.answers[B] = answer(B, urlset("Two"), '"b"')
    await press.poll()
    press.web.asked.clear()
    press.web.answers[INDEX] = answer(INDEX, index(B, A))
    press.web.answers[B] = Failure(reason=Reason.REFUSED, detail="answered 429", retry_after=timedelta(hours=3))
    await press.poll()
    assert [request.url for request in press.web.asked] == [INDEX, B]
    press.web.answers[INDEX] = answer(INDEX, index(A, B, "http://one.example/c.xml"))
    press.web.answers[A] = answer(A, urlset("News"), '"a2"')
    await press.poll()
    assert ("News", "new") in await titles(press)
    ((waits,),) = await press.rows("SELECT (next_check_at - last_polled_at) / 1000000 FROM feeds")
    assert waits >= 3 * 3600
    etags = dict(await press.rows("SELECT url, etag FROM parts"))
    assert etags == {A: '"a2"', B: '"b"'}


async def test_a_sitemap_that_leaves_the_index_is_forgotten(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, index(A, B))
    press.web.answers[A] = answer(A, urlset("One"))
    press.web.answers[B] = answer(B, urlset("Two"))
    await press.poll()
    press.web.answers[INDEX] = answer(INDEX, index(B))
    await press.poll()
    assert await press.rows("SELECT url FROM parts") == [(B,)]
    press.web.answers[INDEX] = answer(INDEX, urlset("Three"))
    await press.poll()
    assert await press.rows("SELECT url FROM parts") == []
    assert sorted(title for title, _ in await titles(press)) == ["One", "Three", "Two"]


async def test_a_page_instead_of_the_sitemap_says_so(press: Bench) -> None:
    press.web.answers[INDEX] = answer(INDEX, b"<html><link rel=alternate type=application/rss+xml href=/rss></html>")
    await press.poll()
    ((detail,),) = await press.rows("SELECT detail FROM feeds")
    assert detail == (
        f"{INDEX} is no sitemap but an HTML page, which calls this its feed: http://one.example/rss "
        "(`feedwatch feeds add` takes it)"
    )


async def test_what_a_list_brought_may_not_be_private(tmp_path: Path) -> None:
    config = CONFIG.replace('name = "One"', 'name = "One"\npublic_only = true')
    async with opened(tmp_path, config) as bench:
        await bench.poll()
        assert [request.owner for request in bench.web.asked] == [False]
