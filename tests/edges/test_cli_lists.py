"""`feeds import` and `feeds export` as whole commands."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from feedwatch.config.load import load
from feedwatch.feeds.opml import Listed, read_opml, write_opml
from tests.harness import feedwatch

CONFIG = """# mine

[polling]   # as I like it
interval = "15m"

[[feeds]]
url = "https://known.example/rss"
"""

LIST = """<opml><body>
<outline text="World">
<outline text="Tom & Ann" xmlUrl="https://a.example/rss?x=1&y=2"/>
<outline text="Known" xmlUrl="http://KNOWN.example/rss"/>
<outline text="Mine" xmlUrl="http://192.168.1.7/rss"/>
<outline text="Odd" xmlUrl="http://0x7f.1/rss"/>
<outline text="Name" xmlUrl="http://rss.lan/rss"/>
<outline type="rss" text="Nothing"/>
</outline></body></opml>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "config.toml").chmod(0o640)
    (tmp_path / "My List.opml").write_text(LIST)
    return tmp_path


def test_a_broken_list_becomes_a_config_file_and_every_other_line_is_named(folder: Path) -> None:
    ended = feedwatch("feeds", "import", "My List.opml", "--tag", "all", folder=folder)
    assert ended.returncode == 0, ended.stderr
    yours = 'if it is yours: allow_private = ["{}"] under [polling], taken at the next start'
    private = f"which is not a public address ({yours})"
    assert ended.stderr.splitlines()[-6:] == [
        "line 5: 192.168.1.7 is at 192.168.1.7, " + private.format("192.168.1.7"),
        "line 6: 0x7f.1 is at 127.0.0.1, " + private.format("0x7f.1"),
        "line 7: rss.lan is a name of a private network " + f"({yours})".format("rss.lan"),
        "line 8: a feed without an address: Nothing",
        "1 feeds added to conf.d/my-list.toml; 1 were there already",
        "feedwatch is not running; its next start takes it",
    ]
    written = folder / "conf.d/my-list.toml"
    assert written.read_text().startswith("# My List.opml, imported on 20")
    assert written.read_text().endswith(
        '\n\n[[feeds]]\nurl = "https://a.example/rss?x=1&y=2"\nname = "Tom & Ann"\ntags = ["World", "all"]\n'
        "public_only = true\n"
    )
    assert stat.S_IMODE(written.stat().st_mode) == 0o640
    assert (folder / "config.toml").read_text() == CONFIG.replace("# mine\n", '# mine\n\ninclude = ["conf.d/*.toml"]\n')
    assert len(load(folder / "config.toml", {}).feeds) == 2


def test_a_private_host_is_taken_where_the_owner_allows_it(folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("[[feeds]]", 'allow_private = ["192.168.0.0/16", "rss.lan"]\n\n[[feeds]]'))
    ended = feedwatch("feeds", "import", "My List.opml", folder=folder)
    assert "3 feeds added" in ended.stderr
    assert [line[:6] for line in ended.stderr.splitlines() if "allow_private" in line] == ["line 6"]


def test_a_list_is_imported_again_and_only_what_is_new_is_added(folder: Path) -> None:
    feedwatch("feeds", "import", "My List.opml", folder=folder)
    before = (folder / "conf.d/my-list.toml").read_text()
    again = feedwatch("feeds", "import", "My List.opml", folder=folder)
    assert again.returncode == 0
    assert again.stderr.splitlines()[-1] == "no feed is new; 2 were there already"
    row = '<outline text="New" xmlUrl="https://new.example/"/>'
    more = feedwatch("feeds", "import", "-", "--name", "my-list", folder=folder, input=LIST.replace("<opml>", row))
    assert "1 feeds added to conf.d/my-list.toml; 2 were there already" in more.stderr
    assert (folder / "conf.d/my-list.toml").read_text().startswith(before.rstrip())
    assert len(load(folder / "config.toml", {}).feeds) == 3


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ('include = ["conf.d/*.toml"]', 'include = ["conf.d/*.toml"]'),
        ('include = ["teams/*.toml"]  # one a team', 'include = ["teams/*.toml", "conf.d/*.toml"]  # one a team'),
    ],
)
def test_an_include_that_is_there_is_kept_or_gets_one_more(include: str, expected: str, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("# mine\n", f"# mine\n{include}\n"))
    assert feedwatch("feeds", "import", "My List.opml", folder=folder).returncode == 0
    assert config.read_text() == CONFIG.replace("# mine\n", f"# mine\n{expected}\n")


def test_line_ends_stay_as_they_are(folder: Path) -> None:
    config = folder / "config.toml"
    config.write_bytes(CONFIG.replace("\n", "\r\n").encode())
    assert feedwatch("feeds", "import", "My List.opml", folder=folder).returncode == 0
    assert b'# mine\r\n\r\ninclude = ["conf.d/*.toml"]\r\n\r\n[polling]' in config.read_bytes()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("<html></html>", 1, "-: no list of feeds (an OPML file has <outline> tags)"),
        ('<outline type="rss" text="x"/>', 1, "-: no feed was added"),
        ('<outline xmlUrl="http://10.0.0.1/"/>', 1, "-: no feed was added"),
    ],
)
def test_a_list_that_brings_nothing_changes_nothing(text: str, code: int, said: str, folder: Path) -> None:
    ended = feedwatch("feeds", "import", "-", folder=folder, input=text)
    assert ended.returncode == code
    assert said in ended.stderr
    assert (folder / "config.toml").read_text() == CONFIG
    assert not (folder / "conf.d").exists()


def test_what_is_exported_is_imported_elsewhere_as_it_was(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    feeds = """
[[feeds]]
url = "https://user:secret@b.example/rss"
name = 'The "B" & more'
tags = ["ve", "world, wide"]
interval = "1h30m"

[[feeds]]
url = "https://c.example/news.xml"
kind = "sitemap"
tags = ["ve"]
"""
    (folder / "config.toml").write_text(CONFIG + feeds)
    exported = feedwatch("feeds", "export", folder=folder)
    assert exported.returncode == 0
    assert "secret" not in exported.stdout + exported.stderr
    assert "https://b.example/rss: its user and password are left out" in exported.stderr
    other = tmp_path_factory.mktemp("other")
    (other / "config.toml").write_text("")
    assert feedwatch("feeds", "import", "-", folder=other, input=exported.stdout).returncode == 0
    rows = {
        feed.url: (feed.name, set(feed.tags), str(feed.interval), feed.kind)
        for feed in load(other / "config.toml", {}).feeds
    }
    assert rows == {
        "https://known.example/rss": (None, set(), "None", "feed"),
        "https://b.example/rss": ('The "B" & more', {"ve", "world, wide"}, "1:30:00", "feed"),
        "https://c.example/news.xml": (None, {"ve"}, "None", "sitemap"),
    }


def test_ten_thousand_feeds_are_imported_in_seconds(folder: Path) -> None:
    feeds = [
        Listed(url=f"https://h{n}.example/rss?a=1&b={n}", name=f"Feed {n}", tags=(f"t{n % 40}",)) for n in range(10_000)
    ]
    (folder / "large.opml").write_text(write_opml(feeds, "large"))
    began = time.monotonic()
    ended = feedwatch("feeds", "import", "large.opml", folder=folder)
    assert "10000 feeds added to conf.d/large.toml" in ended.stderr
    assert time.monotonic() - began < 30  # 4 s on two idle cores
    assert len(read_opml(feedwatch("feeds", "export", folder=folder).stdout.encode()).feeds) == 10_001
