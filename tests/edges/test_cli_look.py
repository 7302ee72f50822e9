"""`feeds test`, `feeds discover`, and what `feeds add` does with a page: a real process asks a site on loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.feeds.discover import COMMON_PLACES, SITEMAP_PLACES
from tests.edges.recorder import Asked, Recorder, always, reply
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
    assert ended.stdout.splitlines()[1].split("\t")[:4] == [f"{made.url}/feed", "feed", "The Site", "2"]
    assert list(tmp_path.iterdir()) == []


def test_a_variable_that_names_no_config_is_as_none(
    made: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDWATCH_CONFIG", "")
    ended = feedwatch("feeds", "discover", page(made, "/"), folder=tmp_path)
    assert ended.returncode == 0, ended.stderr


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
    assert [asked.target for asked in server.asked] == ["/", *COMMON_PLACES, "/robots.txt", *SITEMAP_PLACES]


RSS = "<rss version='2.0'><channel><title>{}</title><item><title>x</title></item></channel></rss>"


def test_a_pages_only_feed_is_added_in_its_place(made: Site, folder: Path) -> None:
    url = page(made, "/page", "<link rel=alternate type=application/rss+xml href=/feed>")
    ended = feedwatch("feeds", "add", url, folder=folder)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert f"its feed is taken: {made.url}/feed" in ended.stderr
    assert f'url = "{made.url}/feed"' in (folder / "config.toml").read_text()


def test_of_a_pages_several_feeds_one_is_picked(made: Site, folder: Path) -> None:
    head = "".join(f"<link rel=alternate type=application/rss+xml href={path}>" for path in ("/feed", "/sport"))
    url = page(made, "/page", head)
    made.answers["/sport"] = (200, "text/xml", RSS.format("Sport").encode())
    config = folder / "config.toml"
    before = config.read_text()
    ended = feedwatch("feeds", "add", url, folder=folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-5:] == [
        f"{url}: a page, no feed (`feedwatch feeds discover {url}` looks for its feeds)",
        f"  1  {made.url}/feed  The Site, 2 entries",
        f"  2  {made.url}/sport  Sport, 1 entries",
        "it has several feeds (--pick N takes one of them)",
        "nothing was added (--unseen adds an address without asking it)",
    ]
    assert feedwatch("feeds", "add", url, "--pick", "3", folder=folder).returncode == 1
    assert config.read_text() == before
    assert feedwatch("feeds", "add", url, "--pick", "2", folder=folder).returncode == 0
    assert f'url = "{made.url}/sport"' in config.read_text()


async def test_a_page_without_a_feed_is_added_only_unseen(folder: Path) -> None:
    async with Recorder(always(reply(PAGE.encode(), content_type="text/html"))) as server:
        ended = await asyncio.to_thread(feedwatch, "feeds", "add", server.url("/"), folder=folder)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "nothing was added (--unseen adds an address without asking it)"
    assert feedwatch("feeds", "add", server.url("/"), "--unseen", "--sitemap", folder=folder).returncode == 0
    assert f'url = "{server.url("/")}"\nkind = "sitemap"\n' in (folder / "config.toml").read_text()


NEWS = (
    "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
    "<url><loc>{url}/new</loc><n:news><n:publication><n:name>The Site</n:name><n:language>en</n:language>"
    "</n:publication><n:title>Talks with Maduro</n:title><n:keywords>Talks, Oil</n:keywords></n:news></url></urlset>"
)


def test_a_news_sitemap_is_recognised_tried_and_added_as_one(made: Site, folder: Path) -> None:
    made.answers["/s.xml.gz"] = (200, "application/gzip", gzip.compress(NEWS.format(url=made.url).encode()))
    index = f"<sitemapindex><sitemap><loc>{made.url}/s.xml.gz</loc></sitemap></sitemapindex>"
    made.answers["/index.xml"] = (200, "text/xml", index.encode())
    tried = feedwatch("feeds", "test", f"{made.url}/index.xml", folder=folder)
    assert tried.returncode == 0, tried.stderr
    lines = tried.stdout.splitlines()
    assert lines[:2] == [
        "sitemap    The Site: 1 entry, none of them dated",
        "           an index: 1 sitemaps of it are read",
    ]
    assert "           filed under Talks, Oil" in lines
    assert "watchlist  ve: headline, would tell here, phone" in lines
    assert feedwatch("feeds", "add", f"{made.url}/index.xml", folder=folder).returncode == 0
    assert f'url = "{made.url}/index.xml"\nkind = "sitemap"\n' in (folder / "config.toml").read_text()


async def test_the_news_sitemap_of_a_site_without_a_feed_is_found_by_its_robots_txt(tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        answers = {
            "/": reply(PAGE.encode(), content_type="text/html"),
            "/robots.txt": reply(f"Sitemap: {server.url('/a/news.xml')}\nSITEMAP: /pages.xml".encode()),
            "/a/news.xml": reply(NEWS.format(url=server.url("")).encode()),
        }
        writer.write(answers.get(asked.target, reply(status="404 Not Found")))

    async with Recorder(answer) as server:
        ended = await asyncio.to_thread(feedwatch, "feeds", "discover", server.url("/"), "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    (found,) = map(json.loads, ended.stdout.splitlines())
    assert (found["url"], found["kind"]) == (server.url("/a/news.xml"), "sitemap")
    assert "/pages.xml" not in [asked.target for asked in server.asked]


@pytest.mark.parametrize("command", ["test", "discover", "add"])
def test_an_address_is_asked_with_the_secrets_of_its_site(made: Site, tmp_path: Path, command: str) -> None:
    site_table = '[[sites]]\nhost = "127.0.0.1"\nheaders_env = "PASS"\n'
    (tmp_path / "config.toml").write_text(f"[channels.here]\nterminal = true\n{site_table}")
    environment = os.environ | {"PASS": "X-Pass: let me in"}
    feedwatch("feeds", command, f"{made.url}/feed", folder=tmp_path, env=environment)
    assert [headers["X-Pass"] for path, headers in made.asked if path == "/feed"] == ["let me in"]


def test_a_json_feed_is_tried(made: Site, folder: Path) -> None:
    items = [{"id": 1, "url": f"{made.url}/new", "title": "Talks with Maduro", "tags": ["Oil"]}]
    made.answers["/feed.json"] = (200, "text/plain", json.dumps({"title": "J", "items": items}).encode())
    ended = feedwatch("feeds", "test", f"{made.url}/feed.json", "--json", folder=folder)
    found = json.loads(ended.stdout)
    assert (found["kind"], found["title"], found["article"]["categories"]) == ("feed", "J", ["Oil"])


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
