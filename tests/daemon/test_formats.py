"""A JSON Feed and a news sitemap, from the server's bytes to the alert, by the whole program."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

from tests.harness import Site, count, daemon, feedwatch, query, receiver, site, wait_until, write_config

WATCH = """
[channels.desk]
url = "json://127.0.0.1:{desk}/hook"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Maduro"]
notify = ["desk"]
"""
TEXT = "The harbour has a new crane, and the minister has seen it. " * 12


def json_feed(made: Site, *keys: str) -> None:
    items = [{"id": number, "url": f"{made.url}/{key}", "title": key} for number, key in enumerate(keys)]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "The Site", "items": items}
    made.answers["/feed.json"] = (200, "text/html", json.dumps(document).encode())


def news_sitemap(made: Site, *keys: str) -> None:
    date = datetime.now(UTC).isoformat()
    urls = "".join(
        f"<url><loc>{made.url}/{key}</loc><n:news><n:publication_date>{date}</n:publication_date>"
        f"<n:title>{key}</n:title></n:news></url>"
        for key in keys
    )
    body = f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>"
    made.answers["/news.xml.gz"] = (200, "application/gzip", gzip.compress(body.encode()))
    index = f"<sitemapindex><sitemap><loc>{made.url}/news.xml.gz</loc></sitemap></sitemapindex>"
    made.answers["/index.xml"] = (200, "application/xml", index.encode())


def test_a_json_feed_and_a_news_sitemap_alert_like_any_other_feed(tmp_path: Path) -> None:
    database = tmp_path / "feedwatch.db"
    with site() as made, receiver() as desk:
        json_feed(made)
        news_sitemap(made)
        config = write_config(tmp_path, WATCH.format(desk=desk.port), [f"{made.url}/feed.json"])
        config.write_text(f'{config.read_text()}\n[[feeds]]\nurl = "{made.url}/index.xml"\nkind = "sitemap"\n')
        with daemon(config) as running:
            wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2, 30)
            for key in ("crane", "ship"):
                made.publish(key, f"{key}: Maduro", TEXT + f"Maduro saw the {key}.")
            json_feed(made, "crane")
            news_sitemap(made, "ship")
            wait_until(lambda: len(desk.got) == 2, 30)
            assert running.stop() == 0
    assert {row["key"][:1] for row in query(database, "SELECT key FROM articles")} == {"a"}
    assert {post["message"].count("Maduro") > 0 for _, _, post in desk.got} == {True}


def test_an_imported_list_is_taken_by_the_running_daemon(tmp_path: Path) -> None:
    with site() as made:
        config = write_config(tmp_path, "", [f"{made.url}/feed"])
        rows = f'<outline text="Harbour" xmlUrl="{made.url}/feed.json"/><outline xmlUrl="{made.url}/feed"/>'
        json_feed(made)
        with daemon(config):
            wait_until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE first_polled_at IS NOT NULL") == 1, 30)
            ended = feedwatch("feeds", "import", "-", "--name", "harbour", folder=tmp_path, input=rows)
            assert ended.returncode == 0, ended.stderr
            assert ended.stderr.splitlines()[-2:] == [
                "1 feeds added to conf.d/harbour.toml; 1 were there already",
                "feedwatch has taken it: 2 feeds, 0 watchlists",
            ]
            wait_until(lambda: count(tmp_path / "feedwatch.db", "feeds WHERE first_polled_at IS NOT NULL") == 2, 30)
