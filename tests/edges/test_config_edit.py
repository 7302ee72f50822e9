from __future__ import annotations

import os
import stat
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.config.edit import add_feed, remove_feed
from feedwatch.config.load import load
from feedwatch.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config.toml"

FEEDS = """\
# my feeds

# the German one
[[feeds]]
url = "https://example.org/de"   # with a remark
name = "German"
tags = [
    "world",
]

# the French one
[[feeds]]
url = "https://example.org/fr"

# Where alerts go.
[channels.here]
terminal = true
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FEEDS, encoding="utf-8")
    return path


def urls(path: Path) -> list[str]:
    return [feed.url for feed in load(path, {}).feeds]


def refusal(path: Path, url_or_name: str) -> str:
    with pytest.raises(ConfigError) as refused:
        remove_feed(path, url_or_name)
    return str(refused.value)


def test_a_feed_is_added_behind_the_last_one_and_nothing_else_changes(config: Path) -> None:
    assert add_feed(config, "https://example.org/es", name='El "País"', tags=["world", "es"]) == config
    added = '\n[[feeds]]\nurl = "https://example.org/es"\nname = "El \\"País\\""\ntags = ["world", "es"]\n'
    assert config.read_text(encoding="utf-8") == FEEDS.replace('/fr"\n', '/fr"\n' + added)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[channels.here]\nterminal = true"])
def test_the_first_feed_is_added_at_the_end(config: Path, text: str) -> None:
    config.write_text(text)
    add_feed(config, "https://example.org/es")
    assert urls(config) == ["https://example.org/es"]
    assert config.read_text().startswith(text)


def test_a_feed_is_removed_with_its_lines_only(config: Path) -> None:
    assert remove_feed(config, "German") == config
    expected = FEEDS[: FEEDS.index("[[feeds]]")] + FEEDS[FEEDS.index("# the French") :]
    assert config.read_text() == expected


def test_a_feed_is_removed_by_its_address_in_another_spelling(config: Path) -> None:
    remove_feed(config, "HTTPS://EXAMPLE.org:443/fr")
    assert urls(config) == ["https://example.org/de"]
    assert config.read_text().endswith("# the French one\n# Where alerts go.\n[channels.here]\nterminal = true\n")


@hypothesis.settings(max_examples=12, deadline=None)  # each edit is synced to the disk
@given(st.lists(st.integers(0, 5), max_size=6))
def test_the_shipped_comments_survive_any_removal(tmp_path_factory: pytest.TempPathFactory, picks: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "shipped.toml"
    text = SHIPPED.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    for pick in picks:
        remove_feed(path, urls(path)[pick * 3])
    left = path.read_text(encoding="utf-8")
    assert [row for row in left.split("\n") if row.startswith("#")] == [
        row for row in text.split("\n") if row.startswith("#")
    ]
    assert len(urls(path)) == len(urls(SHIPPED)) - len(picks)


def test_what_was_added_can_be_removed_without_a_trace(config: Path) -> None:
    add_feed(config, "https://example.org/es", tags=["x"])
    remove_feed(config, "https://example.org/es")
    assert config.read_text() == FEEDS


def test_a_feed_is_removed_from_the_included_file_that_has_it(config: Path) -> None:
    config.write_text('include = ["conf.d/*.toml"]\n' + FEEDS)
    team = config.parent / "conf.d/team.toml"
    team.parent.mkdir()
    team.write_text('# team\n[[feeds]]\nurl = "https://example.org/team"\nname = "Team"\n')
    assert remove_feed(config, "Team") == team
    assert team.read_text() == "# team\n"
    assert config.read_text().endswith(FEEDS)


def test_feeds_written_as_one_list_are_edited_too(config: Path) -> None:
    config.write_text('feeds = [\n  {url = "https://a.org/"},  # one\n  {url = "https://b.org/"},  # two\n] # end\n')
    add_feed(config, "https://c.org/", tags=["x"])
    assert urls(config) == ["https://a.org/", "https://b.org/", "https://c.org/"]
    remove_feed(config, "https://b.org/")
    assert urls(config) == ["https://a.org/", "https://c.org/"]
    assert "# one" in config.read_text()
    config.write_text("feeds = [] # none yet\n")
    add_feed(config, "https://c.org/")
    assert urls(config) == ["https://c.org/"]


def test_windows_line_ends_stay(config: Path) -> None:
    config.write_bytes(FEEDS.replace("\n", "\r\n").encode())
    add_feed(config, "https://example.org/es")
    remove_feed(config, "German")
    content = config.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 10
    assert urls(config) == ["https://example.org/fr", "https://example.org/es"]


def test_a_feed_that_is_there_is_not_added_again(config: Path) -> None:
    with pytest.raises(ConfigError, match=r"^config\.toml:5: this feed is there already"):
        add_feed(config, "https://EXAMPLE.org/de")
    assert config.read_text() == FEEDS


def test_what_is_no_feed_address_is_refused(config: Path) -> None:
    with pytest.raises(ConfigError, match=r"^url: is no web address"):
        add_feed(config, "ftp://example.org/", name="x")
    with pytest.raises(ConfigError, match=r"^name: must be one line"):
        add_feed(config, "https://example.org/es", name="a\nb")
    assert config.read_text() == FEEDS


def test_an_unknown_feed_is_refused_with_the_nearest_name(config: Path) -> None:
    assert refusal(config, "Germann") == 'no feed "Germann" (did you mean "German"?)'
    assert refusal(config, "zzz").startswith('no feed "zzz" (')
    assert config.read_text() == FEEDS


def test_a_name_of_two_feeds_needs_the_address(config: Path) -> None:
    add_feed(config, "https://example.org/es", name="German")
    assert refusal(config, "German") == '"German" names the feeds at config.toml:4, config.toml:15 (give the address)'


def test_an_edit_that_would_break_the_config_is_not_written(config: Path) -> None:
    text = FEEDS + '[[watchlists]]\nid = "x"\nkeywords = ["x"]\nnotify = ["here"]\nfeeds = ["German"]\n'
    config.write_text(text)
    assert 'feeds: no feed "German"' in refusal(config, "https://example.org/de")
    assert config.read_text() == text


def test_a_config_with_problems_is_not_edited(config: Path) -> None:
    config.write_text(FEEDS + "colour = 1\n")
    with pytest.raises(ConfigError, match='unknown key "colour"'):
        add_feed(config, "https://example.org/es")
    assert config.read_text() == FEEDS + "colour = 1\n"


def test_an_edit_needs_none_of_the_channels_secrets(config: Path) -> None:
    config.write_text(FEEDS + '[channels.a]\nurl_env = "NOT_SET"\n[channels.b]\nurl_file = "/not/there"\n')
    add_feed(config, "https://example.org/es")
    assert len(load(config, {}, secrets=False).feeds) == 3


def test_mode_and_owner_are_kept_and_no_draft_is_left(config: Path) -> None:
    config.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(config, 12345, 54321)
    before = config.stat()
    add_feed(config, "https://example.org/es")
    after = config.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)
    assert list(config.parent.iterdir()) == [config]


def test_a_link_stays_a_link_and_its_target_is_edited(config: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc/config.toml"
    link.symlink_to(config)
    assert add_feed(link, "https://example.org/es") == link
    assert link.is_symlink()
    assert len(urls(config)) == 3


def test_a_folder_that_cannot_be_written_is_said_and_the_file_stays(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        add_feed(config, "https://example.org/es")
    assert config.read_text() == FEEDS
    assert list(config.parent.iterdir()) == [config]
