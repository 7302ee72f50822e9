"""Secrets, gaps and second feeds by the whole program: from a server's bytes to the alert."""

from __future__ import annotations

from pathlib import Path

from tests.harness import Folder, count, daemon, query, receiver, site, wait_until, write_config

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


def test_a_paid_sites_headers_reach_it_and_no_log_no_row_and_no_other_site(tmp_path: Path) -> None:
    database = tmp_path / "feedwatch.db"
    with site() as paid, site() as free, receiver() as desk:
        config = write_config(tmp_path, WATCH.format(desk=desk.port), [f"{free.url}/feed"])
        config.write_text(
            f'{config.read_text()}\n[[feeds]]\nurl = "{paid.url}/feed"\nheaders = {{ X-Reader = "s3cret-feed" }}\n'
            '\n[[sites]]\nhost = "localhost"\nauth = "jo:s3cret-site"\n'
        )
        with daemon(config) as running:
            wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2, 30)
            paid.publish("crane", "Crane", TEXT + "Maduro saw the crane.")
            page = paid.answers["/crane"]
            paid.answers["/crane"] = (200, "text/html", b"<meta http-equiv=refresh content='0;url=%s'>" % (
                f"http://localhost:{paid.port}/behind".encode()
            ))  # fmt: skip
            paid.answers["/behind"] = page
            free.publish("ship", "Ship: Maduro", TEXT)
            wait_until(lambda: len(desk.got) == 2, 30)
            said = running.said()
            shown = Folder(tmp_path).text("status") + Folder(tmp_path).text("feeds", "show", f"{paid.url}/feed")
            assert running.stop() == 0
    seen = [(path, headers.get("X-Reader"), headers.get("Authorization")) for path, headers in paid.asked]
    assert {each for each in seen if each[0] != "/robots.txt"} == {
        ("/feed", "s3cret-feed", None),
        ("/crane", None, None),
        ("/behind", None, "Basic am86czNjcmV0LXNpdGU="),
    }
    assert {(headers.get("X-Reader"), headers.get("Authorization")) for _, headers in free.asked} == {(None, None)}
    written = b"".join(
        file.read_bytes() for file in tmp_path.iterdir() if file.name != "config.toml" and file.is_file()
    )
    for secret in ("s3cret", "am86czNjcmV0"):
        assert secret not in said + shown
        assert secret.encode() not in written


def test_a_feed_that_shows_none_of_what_it_showed_says_that_items_may_have_been_missed(tmp_path: Path) -> None:
    database = tmp_path / "feedwatch.db"
    with site() as made:
        for number in range(5):
            made.publish(f"old{number}", f"Old {number}", TEXT)
        config = write_config(tmp_path, "", [f"{made.url}/feed"])
        with daemon(config) as running:
            wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL"), 30)
            made.items.clear()
            for number in range(5):
                made.publish(f"new{number}", f"New {number}", TEXT)
            wait_until(lambda: count(database, "feeds WHERE missed_at IS NOT NULL"), 30)
            (shown,) = Folder(tmp_path).rows("feeds", "show", f"{made.url}/feed")
            assert "items may have been missed" in running.said()
            assert running.stop() == 0
    assert shown["missed"] is not None
    assert count(database, "entries") == 10


def other(items: str = "") -> tuple[int, str, bytes]:
    body = f"<rss version='2.0'><channel><title>Two</title>{items}</channel></rss>"
    return 200, "application/rss+xml", body.encode()


def test_an_article_in_a_second_feed_is_decided_for_the_watchlist_that_looks_there(tmp_path: Path) -> None:
    database = tmp_path / "feedwatch.db"
    with site() as one, site() as two, receiver() as desk:
        two.answers["/rss"] = other()
        narrowed = WATCH.format(desk=desk.port).replace('id = "ve"', f'id = "ve"\nfeeds = ["{two.url}/rss"]')
        config = write_config(tmp_path, narrowed, [f"{one.url}/feed", f"{two.url}/rss"])
        with daemon(config) as running:
            wait_until(lambda: count(database, "feeds WHERE first_polled_at IS NOT NULL") == 2, 30)
            one.publish("crane", "Crane", TEXT + "Maduro saw the crane.")
            wait_until(lambda: count(database, "articles WHERE page_state = 'read'"), 30)
            assert desk.got == []
            two.answers["/rss"] = other(f"<item><title>A crane</title><link>{one.url}/crane</link></item>")
            wait_until(lambda: len(desk.got) == 1, 30)
            assert running.stop() == 0
    assert [row["n"] for row in query(database, "SELECT count(*) AS n FROM articles")] == [1]
    assert [path for path, _ in one.asked].count("/crane") == 1
