"""`feeds test`, `feeds discover`, and what `feeds add` does with a page: a real process asks a site on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.feeds.discover import COMMON_PLACES
from tests.edges.recorder import Recorder, always, reply
from tests.harness import Site, feedwatch, site, write_config

WATCH = """
[channels.here]
terminal = true

[channels.phone]
url_file = "a-secret-that-is-not-there"
only = "headline"

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["here", "phone"]

[[watchlists]]
id = "oil"
keywords = ["petroleum"]
notify = ["here"]

[[watchlists]]
id = "elsewhere"
keywords = ["Maduro"]
feeds = ["tag:press"]
notify = ["here"]

[[feeds]]
url = "https://press.example/rss"
tags = ["press"]
"""
TEXT = "The minister said little about it, and less about anything else that was asked.\n" * 5
PAGE = "<html><head><title>The Site</title>{}</head><body><p>News.</p></body></html>"


@pytest.fixture
def made() -> Iterator[Site]:
    with site() as made:
        made.publish("old", "Rain in the north", TEXT)
        made.publish("new", "Talks with Maduro", TEXT)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_config(tmp_path, WATCH, [])
    return tmp_path


def page(made: Site, path: str, head: str = "") -> str:
    made.answers[path] = (200, "text/html; charset=utf-8", PAGE.format(head).encode())
    return made.url + path


def test_a_feed_is_tried_and_every_watchlist_says_what_it_would_do(made: Site, folder: Path) -> None:
    before = sorted(folder.iterdir())
    ended = feedwatch("feeds", "test", f"{made.url}/feed", folder=folder)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("feed       The Site: 2 entries, the newest of 20")
    assert lines[1] == "           no validators: every poll transfers the whole feed"
    assert lines[2:4] == ["article    Talks with Maduro", f"           {made.url}/new"]
    assert lines[4].startswith("           page read: ")
    assert "watchlist  ve: headline, would tell here, phone" in lines
    assert next(line.strip() for line in lines if "»" in line).startswith("“Talks with »Maduro«")
    assert any(line.startswith("           Maduro 1 in the title") for line in lines)
    assert "watchlist  oil: no match" in lines
    assert "watchlist  elsewhere: looks at other feeds only" in lines
    assert sorted(folder.iterdir()) == before  # no database


def test_a_trial_is_one_object_in_json(made: Site, folder: Path) -> None:
    ended = feedwatch("feeds", "test", f"{made.url}/feed", "--json", folder=folder)
    found = json.loads(ended.stdout)
    assert (found["title"], found["entries"], found["etag"]) == ("The Site", 2, False)
    assert found["article"]["page_read"] is True
    told = {each["watchlist"]: (each["outcome"], each["channels"]) for each in found["watchlists"]}
    assert told == {"ve": ("alerted", ["here", "phone"]), "oil": (None, []), "elsewhere": (None, [])}


def test_the_typed_address_may_be_private_its_articles_may_not(made: Site, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('allow_private = ["127.0.0.0/8"]', ""))
    ended = feedwatch("feeds", "test", f"{made.url}/feed", folder=folder)
    assert ended.returncode == 1
    assert [path for path, _ in made.asked] == ["/feed"]
    assert "page not read: refused, 127.0.0.1 is at 127.0.0.1, which is not a public address" in ended.stdout
    assert "allow_private" in ended.stdout
    assert "watchlist  ve: headline, would tell here, phone" in ended.stdout  # by the feed's text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nothing", "{url}: not_found, answered 404 Not Found"),
        ("/page", "{url}: a page, no feed (`feedwatch feeds discover {url}` looks for its feeds)"),
        ("/pdf", "{url} is no feed but a PDF file (check the address)"),
    ],
)
def test_what_is_no_feed_ends_with_1_and_says_what_it_is(path: str, said: str, made: Site, folder: Path) -> None:
    page(made, "/page")
    made.answers["/pdf"] = (200, "application/pdf", b"%PDF-1.7 ...")
    ended = feedwatch("feeds", "test", made.url + path, folder=folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == said.format(url=made.url + path)


def test_a_feed_without_entries_works(made: Site, folder: Path) -> None:
    made.items.clear()
    ended = feedwatch("feeds", "test", f"{made.url}/feed", folder=folder)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0] == "feed       The Site: 0 entries"
    assert ended.stdout.splitlines()[-1] == "article    none: no entry has a page of its own"


@pytest.mark.parametrize("command", ["test", "discover"])
def test_something_that_is_no_address_is_a_usage_error(command: str, folder: Path) -> None:
    ended = feedwatch("feeds", command, "paper.example", folder=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "is no web address" in ended.stderr


def test_a_pages_feeds_are_found_and_only_those_that_answer(made: Site, folder: Path) -> None:
    head = "".join(f"<link rel=alternate type=application/rss+xml href={path}>" for path in ("/dead", "/feed", "/page"))
    url = page(made, "/page", head)
    ended = feedwatch("feeds", "discover", url, "--json", folder=folder)
    assert ended.returncode == 0, ended.stderr
    (found,) = map(json.loads, ended.stdout.splitlines())
    assert (found["url"], found["title"], found["entries"]) == (f"{made.url}/feed", "The Site", 2)
    assert "/dead" in [path for path, _ in made.asked]


def test_discovering_needs_no_config_and_tries_the_usual_places(made: Site, tmp_path: Path) -> None:
    ended = feedwatch("feeds", "discover", page(made, "/"), folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[1].split("\t")[:3] == [f"{made.url}/feed", "The Site", "2"]
    assert list(tmp_path.iterdir()) == []


def test_a_page_may_not_lead_to_another_private_host(made: Site, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('allow_private = ["127.0.0.0/8"]', ""))
    with site() as other:
        other.publish("x", "X", TEXT)
        url = page(made, "/page", f"<link rel=alternate type=text/xml href=http://localhost:{other.port}/feed>")
        ended = feedwatch("feeds", "discover", url, "--json", folder=folder)
    assert other.asked == []
    assert json.loads(ended.stdout)["url"] == f"{made.url}/feed"  # at a usual place of the host that was typed


async def test_a_page_without_a_feed_ends_with_1(tmp_path: Path) -> None:
    async with Recorder(always(reply(PAGE.encode(), content_type="text/html"))) as server:
        ended = await asyncio.to_thread(feedwatch, "feeds", "discover", server.url("/"), folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    said = "the page names no feed that answers, and there is none at the usual places"
    assert ended.stderr.splitlines()[-1] == f"{server.url('/')}: {said}"
    assert [asked.target for asked in server.asked] == ["/", *COMMON_PLACES]


def test_a_page_is_not_added_its_feeds_are_proposed(made: Site, folder: Path) -> None:
    url = page(made, "/page", "<link rel=alternate type=application/rss+xml href=/feed>")
    config = folder / "config.toml"
    before = config.read_text()
    ended = feedwatch("feeds", "add", url, folder=folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-3:] == [
        f"{url}: a page, no feed (`feedwatch feeds discover {url}` looks for its feeds)",
        f"its feed: feedwatch feeds add {made.url}/feed",
        "nothing was added (--unseen adds an address without asking it)",
    ]
    assert config.read_text() == before
    assert feedwatch("feeds", "add", url, "--unseen", folder=folder).returncode == 0
    assert f'url = "{url}"' in config.read_text()


def test_a_feed_is_asked_once_before_it_is_added(made: Site, folder: Path) -> None:
    ended = feedwatch("feeds", "add", f"{made.url}/feed", folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert [path for path, _ in made.asked] == ["/feed"]
    assert "added to config.toml" in ended.stderr


def test_a_feed_that_does_not_answer_is_added_and_said(made: Site, folder: Path) -> None:
    ended = feedwatch("feeds", "add", f"{made.url}/later", folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert f"{made.url}/later: not_found, answered 404 Not Found" in ended.stderr
    assert "added all the same" in ended.stderr
