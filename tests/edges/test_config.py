from __future__ import annotations

import string
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from feedwatch.config.lines import line_map
from feedwatch.config.load import find_config, load
from feedwatch.config.settings import Settings
from feedwatch.config.values import format_duration, format_size, parse_duration, parse_size
from feedwatch.errors import ConfigError
from feedwatch.model import Hook, Strength
from feedwatch.pipeline.program import compile_plan

SHIPPED = Path(__file__).parents[2] / "config.toml"

SMALL = """
[[feeds]]
url = "https://example.org/rss"
name = "Example"
tags = ["world"]

[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["here"]
"""


def written(folder: Path, text: str, name: str = "config.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def settings(folder: Path, text: str, **environ: str) -> Settings:
    return load(written(folder, text), environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        settings(folder, text, **environ)
    return list(refused.value.problems)


# --- durations and sizes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172_800), ("1w", 604_800), ("1d0h5s", 86_405)],
)
def test_a_duration_is_text_with_units(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "15 m", "-5m", "1.5h", "5ms", "5M", "30m1h", "1m1m", "٣m", "9999999w", 15, None]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_a_duration_reads_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "size"), [("0B", 0), ("7B", 7), ("1kB", 1000), ("10MB", 10**7), ("1GB", 10**9), ("64MiB", 64 * 2**20)]
)
def test_a_size_is_text_with_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "10", "10 MB", "10mb", "-1B", "1.5GB", "10TB", 10])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


@given(st.integers(0, 10**12 - 1))
def test_a_size_reads_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


# --- lines


def ways(value: Any, way: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Every way into a document, as tomllib sees it."""
    if isinstance(value, dict):
        parts: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        parts = []
    return {(*way, key) for key, _ in parts}.union(*(ways(each, (*way, key)) for key, each in parts))


KEYS = st.text(string.ascii_letters + "_-.é\" #'\n", min_size=1, max_size=6)
TEXTS = st.text(string.printable + "…[]{}#=\"'\\", max_size=12).filter(lambda text: "\r" not in text)
VALUES = st.recursive(
    st.integers(-(10**6), 10**6) | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_the_line_map_knows_every_value_and_no_other(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    assert set(line_map(text)) == ways(tomllib.loads(text))


def test_lines_are_found_in_every_way_of_writing() -> None:
    text = '''# head
a.b = 1
"c d" = """one
two"""""
lists = [ # first
  "x", # [ not a bracket ]
  ["y",
   'z#'],
]
inline = { p = 1, q.r = [2, 3] }
[t.u]
k = 1979-05-27T07:32:00Z
[[t.rows]]
n = 1.5
[[t.rows]]
[t.rows.sub]
m = 2
[[t.rows.deep]]
[[t.rows.deep]]
o = ""
'''
    lines = line_map(text)
    assert set(lines) == ways(tomllib.loads(text))
    expected = {
        ("a", "b"): 2,
        ("c d",): 3,
        ("lists", 0): 6,
        ("lists", 1): 7,
        ("lists", 1, 1): 8,
        ("inline", "q", "r", 1): 10,
        ("t", "u", "k"): 12,
        ("t", "rows"): 13,
        ("t", "rows", 0, "n"): 14,
        ("t", "rows", 1): 15,
        ("t", "rows", 1, "sub", "m"): 17,
        ("t", "rows", 1, "deep", 1, "o"): 20,
    }
    assert {way: lines[way] for way in expected} == expected


# --- what a file may say


def test_the_shipped_config_loads_without_an_account_or_a_warning() -> None:
    shipped = load(SHIPPED, {})
    assert shipped.warnings == ()
    assert {name: channel.terminal for name, channel in shipped.channels.items()} == {"here": True}
    main, press = shipped.watchlists
    assert main.id == "ve"
    assert main.keywords == ("@venezuela",)
    assert {"@country:VE", "@name:maduro"} <= set(shipped.aliases["venezuela"])
    wide, narrow = shipped.feeds_of(main), shipped.feeds_of(press)
    assert wide
    assert narrow
    assert not wide & narrow
    assert len(wide | narrow) == len(shipped.feeds)
    assert not {"Venezuela", "@country:VE", "@venezuela", "Caracas"} & set(press.keywords)


def test_a_value_of_the_shipped_config_is_found_on_its_line() -> None:
    shipped, rows = load(SHIPPED, {}), SHIPPED.read_text(encoding="utf-8").split("\n")
    for number, watchlist in enumerate(shipped.watchlists):
        for position, keyword in enumerate(watchlist.keywords):
            name, line = shipped.where("watchlists", number, "keywords", position).split(":")
            assert (name, f'"{keyword}"' in rows[int(line) - 1]) == ("config.toml", True)


def test_an_empty_file_has_every_default_and_says_that_it_does_nothing(tmp_path: Path) -> None:
    empty = settings(tmp_path, "")
    assert empty.polling.interval == timedelta(minutes=15)
    assert empty.workers.count >= 1
    assert 0 < empty.workers.memory <= 10**9
    assert [warning.split(",")[0] for warning in empty.warnings] == [
        "config.toml: no feeds",
        "config.toml: no watchlists",
    ]


def test_every_key_reaches_the_settings(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        """
        [store]
        path = "state/x.db"
        [polling]
        interval = "1s"
        min_interval = "0s"
        max_interval = "2h"
        concurrency = 7
        per_host = 2
        host_delay = "0s"
        timeout = "5s"
        max_bytes = "64MiB"
        contact = "desk@example.org"
        allow_private = ["127.0.0.1", "10.0.0.0/8", "::1", "rss-bridge", "box.lan"]
        [reading]
        max_wait = "0s"
        [workers]
        count = 3
        memory = "300MB"
        [alerts]
        backfill = "6h"
        [[feeds]]
        url = "http://127.0.0.1:8000/rss"
        name = "Local"
        tags = ["a", "b"]
        interval = "10m"
        [channels.phone]
        url = "ntfy://host/topic"
        only = "headline"
        [[watchlists]]
        id = "x"
        name = "Ex"
        label = "EX!"
        keywords = ["one", "two words"]
        feeds = ["tag:a", "Local"]
        notify = ["phone"]
        was = "old"
        """,
    )
    assert loaded.store.path == tmp_path / "state/x.db"
    assert loaded.polling.allow_private == ("127.0.0.1", "10.0.0.0/8", "::1", "rss-bridge", "box.lan")
    assert loaded.polling.max_bytes == 64 * 2**20
    assert (loaded.workers.count, loaded.workers.memory) == (3, 300_000_000)
    assert loaded.channels["phone"].only is Strength.HEADLINE
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/topic")
    assert loaded.watchlists[0].was == "old"
    assert loaded.warnings == ()
    (spec,) = loaded.feed_specs()
    assert (spec.url, spec.name, spec.tags, spec.interval) == (
        "http://127.0.0.1:8000/rss",
        "Local",
        ("a", "b"),
        timedelta(minutes=10),
    )
    assert spec.address in (loaded.feeds_of(loaded.watchlists[0]) or ())


def test_name_and_label_of_a_watchlist_come_from_its_id(tmp_path: Path) -> None:
    (watchlist,) = settings(tmp_path, SMALL).watchlists
    assert (watchlist.name, watchlist.label) == ("ve", "VE")


def test_a_watchlist_without_feeds_watches_all_of_them(tmp_path: Path) -> None:
    loaded = settings(tmp_path, SMALL)
    assert loaded.feeds_of(loaded.watchlists[0]) is None


def test_a_feed_may_be_named_by_its_address_in_another_spelling(tmp_path: Path) -> None:
    loaded = settings(tmp_path, SMALL.replace("notify", 'feeds = ["HTTPS://EXAMPLE.org/rss"]\nnotify'))
    assert loaded.feeds_of(loaded.watchlists[0]) == frozenset({loaded.feed_specs()[0].address})


def test_the_database_lies_in_the_state_directory_if_there_is_one(tmp_path: Path) -> None:
    assert settings(tmp_path, SMALL).store.path == tmp_path / "feedwatch.db"
    assert settings(tmp_path, SMALL, STATE_DIRECTORY="/var/lib/a:/b").store.path == Path("/var/lib/a/feedwatch.db")
    elsewhere = SMALL + '[store]\npath = "/srv/x.db"\n'
    assert settings(tmp_path, elsewhere, STATE_DIRECTORY="/var/lib/a").store.path == Path("/srv/x.db")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    loaded = settings(tmp_path, SMALL)
    with pytest.raises(ValueError, match="frozen"):
        loaded.polling.per_host = 5  # type: ignore[misc]  # the point of the test


# --- all mistakes at once


MISTAKES = """\
colour = "red"
interval = "15m"
[polling]
intervall = "15m"
timeout = "0s"
per_host = "1"
max_bytes = "10 MB"
allow_private = [
    "192.168.1.0/24",
    "http://box",
]
[workers]
count = 0
[[feeds]]
url = "ftp://example.org/rss"
[[feeds]]
name = "no address"
[[feeds]]
url = "https://example.org/rss"
tags = "world"
[[feeds]]
url = "HTTPS://example.org/rss"
interval = 15
[channels.here]
terminal = true
only = "headlines"
loud = "22:00-07:00"
[channels.phone]
[channels.mail]
url = "mailto://user:hunter2@example.org"
url_env = "MAIL"
[channels.Desk]
terminal = "yes"
[[watchlists]]
id = "ve"
keywords = []
notify = [
    "here",
    "fone",
]
[[watchlists]]
id = "ve"
keywords = ["x", " "]
feeds = ["tag:word", "example"]
notify = ["here", "here"]
[[watchlists]]
id = "Big Name"
keywords = ["x"]
query = "x AND y"
[[watchlists]]
id = "next"
was = "ve"
keywords = ["x"]
notify = []
"""

SAID = {
    1: ['unknown key "colour" (known: alerts,'],
    2: ['unknown key "interval" (it belongs in [polling] or [[feeds]])'],
    4: ['unknown key "intervall" (did you mean "interval"?)'],
    5: ["timeout: 0s is out of range (1s to 10m)"],
    6: ["per_host: must be a whole number without quotes"],
    7: ['max_bytes: "10 MB" is no size (write "10MB"'],
    10: ['allow_private: "http://box" is no host'],
    13: ["count: 0 is out of range (1 to 256)"],
    15: ["url: is no web address (feeds begin with http:// or https://)"],
    16: ['"url" is missing in [[feeds]] (add url'],
    20: ["tags: must be a list"],
    22: ["url: the same feed as at config.toml:19 (remove one"],
    23: ['interval: must be a duration in quotes, as in "15m"'],
    26: ["only: must be one of mention, topic, headline"],
    27: ['unknown key "loud" (known: digest,'],
    28: ['channel "phone" has no address (add url'],
    31: ["url_env: url is given too (a channel has one address)", 'url_env: the environment has no "MAIL"'],
    32: ['Desk: "Desk" is no short name (a-z'],
    33: ["terminal: must be true or false"],
    36: ["keywords: the list is empty"],
    39: ['notify: no channel "fone" (did you mean "phone"?)'],
    42: ['id: "ve" is taken at config.toml:35'],
    43: ["keywords: must be one line of text that is not blank"],
    44: ['feeds: no feed "tag:word" (none is defined)', 'feeds: no feed "example" (none is defined)'],
    45: ['notify: "here" stands twice'],
    46: ['"notify" is missing in [[watchlists]]'],
    47: ['id: "Big Name" is no short name'],
    49: ["query: keywords are given too (keep one of the two)"],
    52: ['was: "ve" is still the id at config.toml:35'],
    54: ["notify: the list is empty"],
}


def test_every_mistake_is_named_at_once_on_its_line(tmp_path: Path) -> None:
    said = problems(tmp_path, MISTAKES)
    expected = [(line, text) for line, texts in SAID.items() for text in texts]
    assert [problem.split(":")[1] for problem in said] == [str(line) for line, _ in expected]
    unlike = [(text, problem) for (_, text), problem in zip(expected, said, strict=True) if text not in problem]
    assert unlike == []


def test_a_problem_never_shows_a_channels_address(tmp_path: Path) -> None:
    assert "hunter2" not in "\n".join(problems(tmp_path, MISTAKES))


def test_min_interval_may_not_be_longer_than_max_interval(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '\n[polling]\nmin_interval = "2h"\n')
    assert problem.startswith("config.toml:2: polling: min_interval is longer than max_interval")


def test_an_interval_outside_its_bounds_is_a_warning(tmp_path: Path) -> None:
    loaded = settings(tmp_path, SMALL.replace("tags", 'interval = "1m"\ntags') + '[polling]\ninterval = "3h"\n')
    assert [warning.split(",")[0] for warning in loaded.warnings] == [
        "config.toml:5: interval: min_interval is 5m",
        "config.toml:16: interval: max_interval is 1h",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = [\n1,\n", 2),
        ('a = 1\n\na = "x"\n', 3),
        ("[polling\n", 1),
        ("x", 1),
        ("[[a]]\n[a]\n", 2),
    ],
)
def test_text_that_is_no_toml_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(f"config.toml:{line}: not TOML: ")


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("a = 1\na = 2\n", "remove one"),
        ("[a]\n[a]\n", "remove one"),
        ('a = "x\nb = 1\n', "close the quotes on this line"),
        ('a = "C:\\data"\n', "single quotes"),
        ("two words = 1\n", "write key = value"),
        ("a = [1,\n", "a list its closing bracket"),
    ],
)
def test_text_that_is_no_toml_is_told_with_its_own_cure(tmp_path: Path, text: str, cure: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert cure in problem.rpartition("(")[2]


def test_a_misspelt_key_is_told_once_and_not_as_missing_too(tmp_path: Path) -> None:
    text = SMALL.replace("keywords", "keyword")
    assert [problem.partition(": ")[2] for problem in problems(tmp_path, text)] == [
        'unknown key "keyword" (did you mean "keywords"?)'
    ]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("[[watchlist]]\nid = 1\n", "(did you mean [[watchlists]]?)"),
        ("[channel.a]\nterminal = true\n", "(did you mean [channels.NAME]?)"),
        ('[channels]\nphone = "ntfy://x/y"\n', "(write [channels.phone])"),
    ],
)
def test_a_table_that_is_meant_is_shown_as_it_is_written(tmp_path: Path, text: str, cure: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.endswith(cure)


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes("[channels.here]\n# Agência\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"^config\.toml:2: not UTF-8"):
        load(path, {})


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    loaded = load(path, {})
    assert loaded.where("watchlists", 0, "id") == "config.toml:11"


@pytest.mark.parametrize("where", ["missing.toml", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=f"{where}: cannot be read: .*looked at {tmp_path}"):
        load(tmp_path / where, {})


def test_a_table_where_a_value_belongs_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    said = problems(tmp_path, 'polling = 1\nfeeds = "x"\nchannels = []\nwatchlists = {}\nstore = []\ninclude = 5\n')
    assert [problem.split(":")[1] for problem in said] == ["1", "2", "3", "4", "5", "6"]


WILD = st.recursive(
    st.none().map(lambda _: True)
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["here", "tag:a", "http://[", "1m"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "id", "was", "notify", "feeds", "tags", "name", "here", "url_env"]), inner
        )
    ),
    max_leaves=10,
)
TOP = st.sampled_from(["store", "polling", "feeds", "channels", "watchlists", "workers", "x"])


@hypothesis.settings(deadline=None)  # it writes a file
@given(document=st.dictionaries(TOP, WILD, max_size=4))
def test_any_toml_is_settings_or_problems(tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]) -> None:
    path = written(tmp_path_factory.getbasetemp(), tomlkit.dumps(document), "wild.toml")
    try:
        load(path, {})
        said: tuple[str, ...] = ()
    except ConfigError as error:
        said = error.problems
    assert all(problem.startswith("wild.toml") for problem in said)


# --- included files


def test_included_files_join_and_are_named_in_problems(tmp_path: Path) -> None:
    written(tmp_path, '[[feeds]]\nurl = "https://example.org/b"\n[channels.b]\nterminal = true\n', "conf.d/b.toml")
    written(
        tmp_path, '[polling]\nper_host = 2\n[[watchlists]]\nid="a"\nkeywords=["a"]\nnotify=["b"]\n', "conf.d/a.toml"
    )
    loaded = settings(tmp_path, 'include = ["conf.d/*.toml"]\n' + SMALL)
    assert [feed.url for feed in loaded.feeds] == ["https://example.org/rss", "https://example.org/b"]
    assert [watchlist.id for watchlist in loaded.watchlists] == ["ve", "a"]
    assert (sorted(loaded.channels), loaded.polling.per_host) == (["b", "here"], 2)
    assert loaded.where("feeds", 1, "url") == "conf.d/b.toml:2"
    assert loaded.where("watchlists", 1, "keywords", 0) == "conf.d/a.toml:5"
    assert loaded.where("watchlists", 0, "keywords", 0) == "config.toml:13"


def test_what_two_files_set_is_a_problem_that_names_both(tmp_path: Path) -> None:
    both = '[polling]\nper_host = 2\n[channels.here]\nterminal = true\n[[feeds]]\nurl = "https://example.org/rss"\n'
    written(tmp_path, both, "conf.d/a.toml")
    main = 'include = ["conf.d/*.toml"]\n[polling]\nper_host = 1\n' + SMALL
    assert problems(tmp_path, main) == [
        "conf.d/a.toml:2: per_host: set at config.toml:3 already (remove one of the two)",
        "conf.d/a.toml:3: here: set at config.toml:10 already (remove one of the two)",
        "conf.d/a.toml:6: url: the same feed as at config.toml:6 (remove one of the two)",
    ]


def test_a_wildcard_may_match_nothing_but_a_name_must_exist(tmp_path: Path) -> None:
    assert settings(tmp_path, 'include = ["conf.d/*.toml"]\n' + SMALL).feeds
    (problem,) = problems(tmp_path, 'include = [\n"team.toml"]\n' + SMALL)
    assert problem.startswith('config.toml:2: include: no file "team.toml"')


def test_a_file_does_not_include_itself_nor_another_twice(tmp_path: Path) -> None:
    written(tmp_path, '[[feeds]]\nurl = "https://example.org/b"\n', "b.toml")
    assert len(settings(tmp_path, 'include = ["*.toml", "b.toml"]\n' + SMALL).feeds) == 2


def test_only_the_main_file_includes(tmp_path: Path) -> None:
    written(tmp_path, '\ninclude = ["c.toml"]\n', "b.toml")
    (problem,) = problems(tmp_path, 'include = ["b.toml"]\n')
    assert problem.startswith("b.toml:2: include: only the main file may include others")


def test_all_files_that_are_no_toml_are_named(tmp_path: Path) -> None:
    written(tmp_path, "x", "a.toml")
    written(tmp_path, "y", "b.toml")
    said = problems(tmp_path, 'include = ["a.toml", "b.toml"]\n')
    assert [problem.split(" ")[0] for problem in said] == ["a.toml:1:", "b.toml:1:"]


# --- environment


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        SMALL + '[polling]\ninterval = "20m"\n',
        FEEDWATCH_POLLING__INTERVAL="6m",
        FEEDWATCH_POLLING__PER_HOST="3",
        FEEDWATCH_POLLING__ALLOW_PRIVATE='["127.0.0.0/8"]',
        FEEDWATCH_CHANNELS__HERE__ONLY="mention",
        FEEDWATCH_CHANNELS__PHONE__URL="ntfy://host/topic#x",
        FEEDWATCH_FEEDS='[{url = "https://example.org/other"}]',
        FEEDWATCH_CONFIG="/elsewhere",
        FEEDWATCH_SHARED="/elsewhere",
        OTHER="x",
    )
    assert loaded.polling.interval == timedelta(minutes=6)
    assert (loaded.polling.per_host, loaded.polling.allow_private) == (3, ("127.0.0.0/8",))
    assert loaded.channels["here"].only is Strength.MENTION
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/topic#x")
    assert [feed.url for feed in loaded.feeds] == ["https://example.org/other"]
    assert loaded.where("polling", "interval") == "environment: FEEDWATCH_POLLING__INTERVAL"


def test_a_channels_address_from_the_environment_replaces_the_one_in_the_file(tmp_path: Path) -> None:
    loaded = settings(tmp_path, SMALL, FEEDWATCH_CHANNELS__HERE__URL="ntfy://host/topic")
    assert (loaded.channels["here"].terminal, loaded.channels["here"].url) == (False, SecretStr("ntfy://host/topic"))


def test_an_unknown_name_in_the_environment_is_a_problem(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        SMALL,
        FEEDWATCH_POLING__INTERVAL="1m",
        FEEDWATCH_INTERVAL="1m",
        FEEDWATCH_POLLING__INTERVAL="soon",
        FEEDWATCH_CHANNELS__HERE__ONLI="topic",
        FEEDWATCH_POLLING__INTERVAL__X="1",
    )
    assert [problem.split(" (")[0] for problem in said] == [
        "environment: FEEDWATCH_CHANNELS__HERE__ONLI: unknown name",
        "environment: FEEDWATCH_INTERVAL: unknown name",
        "environment: FEEDWATCH_POLING__INTERVAL: unknown name",
        'environment: FEEDWATCH_POLLING__INTERVAL: interval: "soon" is no duration',
        "environment: FEEDWATCH_POLLING__INTERVAL__X: unknown name",
    ]
    assert '(did you mean "FEEDWATCH_CHANNELS__HERE__ONLY"?)' in said[0]
    assert '(did you mean "FEEDWATCH_POLLING__INTERVAL"?)' in said[2]


def test_two_lines_in_a_variable_do_not_become_two_keys(tmp_path: Path) -> None:
    said = problems(tmp_path, SMALL, FEEDWATCH_WORKERS__COUNT="2\nmemory = 3")
    assert said == ["environment: FEEDWATCH_WORKERS__COUNT: count: must be a whole number without quotes"]


# --- secrets


def test_a_channels_address_comes_from_a_file_or_a_variable_and_is_never_shown(tmp_path: Path) -> None:
    secret = written(tmp_path, "  ntfy://host/s3cret\n", "phone.url")
    secret.chmod(0o600)
    text = (
        SMALL
        + '[channels.a]\nurl_file = "phone.url"\n[channels.b]\nurl_env = "FEEDWATCH_B"\n[channels.c]\nurl = "x://s3cret"\n'
    )
    loaded = settings(tmp_path, text, FEEDWATCH_B="slack://s3cret")
    urls = [loaded.channels[name].url for name in "abc"]
    assert [url and url.get_secret_value() for url in urls] == ["ntfy://host/s3cret", "slack://s3cret", "x://s3cret"]
    assert "s3cret" not in repr(loaded) + str(loaded) + repr(loaded.channels)
    assert loaded.warnings == ()


def test_a_credential_comes_before_a_file_beside_the_config(tmp_path: Path) -> None:
    credentials = written(tmp_path, "ntfy://host/credential", "run/phone.url").parent
    written(tmp_path, "ntfy://host/beside", "phone.url").chmod(0o600)
    (credentials / "phone.url").chmod(0o400)
    text = SMALL + '[channels.phone]\nurl_file = "phone.url"\n'
    loaded = settings(tmp_path, text, CREDENTIALS_DIRECTORY=str(credentials))
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/credential")
    loaded = settings(tmp_path, text, CREDENTIALS_DIRECTORY=str(tmp_path / "none"))
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/beside")


def test_a_folder_of_credentials_is_found_under_the_names_that_systemd_gives_its_files(tmp_path: Path) -> None:
    credentials = written(tmp_path, "ntfy://host/credential", "run/secrets_phone.url").parent
    written(tmp_path, "ntfy://host/beside", "secrets/phone.url").chmod(0o600)
    (credentials / "secrets_phone.url").chmod(0o400)
    text = SMALL + '[channels.phone]\nurl_file = "secrets/phone.url"\n'
    assert settings(tmp_path, text, CREDENTIALS_DIRECTORY=str(credentials)).warnings == ()
    loaded = settings(tmp_path, text, CREDENTIALS_DIRECTORY=str(credentials))
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/credential")
    assert settings(tmp_path, text).channels["phone"].url == SecretStr("ntfy://host/beside")


def test_a_secret_file_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    written(tmp_path, '[channels.phone]\nurl_file = "phone.url"\n', "conf.d/a.toml")
    written(tmp_path, "ntfy://host/topic", "conf.d/phone.url").chmod(0o600)
    loaded = settings(tmp_path, 'include = ["conf.d/*.toml"]\n' + SMALL)
    assert loaded.channels["phone"].url == SecretStr("ntfy://host/topic")


def test_a_secret_file_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    written(tmp_path, "ntfy://host/topic", "phone.url").chmod(0o640)
    loaded = settings(tmp_path, SMALL + '[channels.phone]\nurl_file = "phone.url"\n')
    assert loaded.warnings == (f"config.toml:15: url_file: {tmp_path}/phone.url can be read by others (chmod 600 it)",)


@pytest.mark.parametrize("content", [None, b"", b" \n", b"ntfy://a\nntfy://b\n", b"\xff\xfe"])
def test_a_secret_file_without_one_address_is_a_problem(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "phone.url").write_bytes(content)
    (problem,) = problems(tmp_path, SMALL + '[channels.phone]\nurl_file = "phone.url"\n')
    assert problem.startswith(f"config.toml:15: url_file: {tmp_path}/phone.url ")


def test_a_variable_that_is_not_set_is_a_problem(tmp_path: Path) -> None:
    text = SMALL + '[channels.phone]\nurl_env = "PHONE"\n'
    assert problems(tmp_path, text, PHONE=" ") == ['config.toml:15: url_env: the environment has no "PHONE" (set it)']


def test_who_tells_nobody_needs_no_secrets(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL + '[channels.a]\nurl_file = "none"\n[channels.b]\nurl_env = "NONE"\n')
    assert load(path, {}, secrets=False).channels["a"].url is None


# --- the search


def test_the_first_config_file_that_exists_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    explicit, named, user = (written(tmp_path, "", name) for name in ("a.toml", "b.toml", "xdg/feedwatch/config.toml"))
    environ = {"FEEDWATCH_CONFIG": str(named), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find_config(explicit, environ) == explicit
    assert find_config(None, environ) == named
    del environ["FEEDWATCH_CONFIG"]
    assert find_config(None, environ) == user
    written(tmp_path, "")
    assert find_config(None, environ) == Path("config.toml")


def test_the_users_folder_is_under_home_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    user = written(tmp_path, "", "home/.config/feedwatch/config.toml")
    assert find_config(None, {"HOME": str(tmp_path / "home")}) == user


def test_without_a_config_file_every_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as refused:
        find_config(None, {"XDG_CONFIG_HOME": str(tmp_path)})
    for place in (
        "looked at config.toml,",
        f"{tmp_path}/feedwatch/config.toml",
        "/etc/feedwatch/config.toml",
        "`feedwatch init`",
    ):
        assert place in str(refused.value)


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: no such file \(--config names it"):
        find_config(tmp_path / "x.toml", {})
    with pytest.raises(ConfigError, match=r"y\.toml: no such file \(\$FEEDWATCH_CONFIG names it"):
        find_config(None, {"FEEDWATCH_CONFIG": str(tmp_path / "y.toml")})


# --- health

LISTEN = "\n[health]\n"


def test_health_is_read(tmp_path: Path) -> None:
    text = SMALL + LISTEN + 'notify = ["here"]\nstill_watching = "mon-fri 07:30"\nlisten = "[::1]:9321"\n'
    health = settings(tmp_path, text).health
    assert health.notify == ("here",)
    assert str(health.listen) == "[::1]:9321"
    assert health.still_watching is not None
    assert health.still_watching.days == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('notify = ["her"]', 'notify: no channel "her" (did you mean "here"?)'),
        ('still_watching = "8"', 'still_watching: "8" is no time (write "08:00", "mon 08:00" or "mon-fri 07:30")'),
        ('listen = "9321"', 'listen: \'9321\' is no address with a port (write "127.0.0.1:9321" or "[::1]:9321")'),
        ('listen = "127.0.0.1:0"', "listen: '127.0.0.1:0' is no address"),
        ('listen = "localhost:9321"', "listen: 'localhost:9321' is no address"),
        ('listen = "999.0.0.1:9321"', "listen: '999.0.0.1:9321' is no address"),
        ('listen = "0.0.0.0:9321"', "listen is 0.0.0.0:9321, which other machines reach (add listen_public = true"),
        ('heartbeat = "hc-ping.example/secret"', "heartbeat: is no web address"),
        ('heartbeat_env = "BEAT"', 'heartbeat_env: the environment has no "BEAT" (set it)'),
        ('heartbeat_file = "beat.url"', "beat.url cannot be read: No such file or directory"),
    ],
)
def test_a_mistake_in_health_is_named_and_never_shows_the_heartbeat(tmp_path: Path, line: str, said: str) -> None:
    [problem] = problems(tmp_path, SMALL + LISTEN + line)
    assert problem.startswith("config.toml:1")
    assert said in problem
    assert "secret" not in problem


def test_two_heartbeats_are_a_problem(tmp_path: Path) -> None:
    text = SMALL + LISTEN + 'heartbeat = "https://x.example/"\nheartbeat_env = "BEAT"\n'
    [problem] = problems(tmp_path, text, BEAT="https://y.example/")
    assert "heartbeat is given too" in problem


def test_a_heartbeat_may_stand_in_a_file_or_a_variable(tmp_path: Path) -> None:
    written(tmp_path, "https://x.example/1\n", "beat.url").chmod(0o600)
    from_file = settings(tmp_path, SMALL + LISTEN + 'heartbeat_file = "beat.url"')
    from_variable = settings(tmp_path, SMALL + LISTEN + 'heartbeat_env = "FEEDWATCH_BEAT"', FEEDWATCH_BEAT="https://y/")
    laid_over = settings(
        tmp_path, SMALL + LISTEN + 'heartbeat_file = "gone.url"', FEEDWATCH_HEALTH__HEARTBEAT="https://z.example/"
    )
    found = [each.health.heartbeat for each in (from_file, from_variable, laid_over)]
    assert [each and each.get_secret_value() for each in found] == [
        "https://x.example/1", "https://y/", "https://z.example/",
    ]  # fmt: skip
    assert from_file.warnings == ()
    assert "x.example" not in repr(from_file)


def test_other_machines_may_reach_it_where_that_is_said(tmp_path: Path) -> None:
    text = SMALL + LISTEN + 'listen = "0.0.0.0:9321"\nlisten_public = true\n'
    assert str(settings(tmp_path, text).health.listen) == "0.0.0.0:9321"
    needless = settings(tmp_path, SMALL + LISTEN + 'listen = "127.0.0.1:9321"\nlisten_public = true\n')
    assert "remove listen_public" in needless.warnings[0]


# ---- webhooks

SIGNING = "whsec_" + "a2tr" * 11  # base64 of 33 bytes
HOOK = '\n[channels.n8n]\nwebhook = "http://192.168.1.10:5678/webhook/news"\n'


def test_a_webhook_may_be_private_and_has_no_budget_unless_it_is_written(tmp_path: Path) -> None:
    channel = settings(tmp_path, HOOK).channels["n8n"]
    assert channel.webhook is not None
    assert channel.webhook.get_secret_value() == "http://192.168.1.10:5678/webhook/news"
    assert channel.per_hour is None
    assert settings(tmp_path, HOOK + "max_per_hour = 3\n").channels["n8n"].per_hour == 3


def test_its_address_its_headers_and_its_secret_may_stand_in_files_and_variables(tmp_path: Path) -> None:
    for name, text in (("url", "https://hook.example/x"), ("headers", "Authorization: Bearer t\nX-Desk: 1")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    text = '\n[channels.n8n]\nwebhook_file = "url"\nheaders_file = "headers"\nsecret_env = "KEY"\n'
    loaded = settings(tmp_path, text, KEY=SIGNING)
    (target,) = compile_plan(loaded).channels["n8n"].targets
    assert (target.name, target.url) == ("hook.example", "https://hook.example/x")
    assert target.hook == Hook(headers=(("Authorization", "Bearer t"), ("X-Desk", "1")), secret=SIGNING)
    assert "Bearer" not in f"{target!r} {loaded!r}"


LOGIN_TWICE = """
[channels.n8n]
webhook = "https://jo:hunter2@hook.example/x"
headers = { authorization = "Bearer t" }
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HOOK + 'url = "json://127.0.0.1/"\n', "a channel has one address"),
        (HOOK + 'secret = "hunter2"\n', "secret: is not base64 of 24 to 64 bytes"),
        (HOOK + f'secret = "{SIGNING}"\nsecret_env = "KEY"\n', "secret_env: secret is given too"),
        ('\n[channels.n8n]\nwebhook = "ntfy://ntfy.sh/x"\n', "webhook: is no web address"),
        ('\n[channels.n8n]\nterminal = true\nheaders = { X = "1" }\n', "headers: only a webhook has it"),
        (LOGIN_TWICE, "its webhook holds a login and its headers an Authorization (keep one of the two)"),
        (f'\n[channels.n8n]\nurl = "json://h/"\nsecret = "{SIGNING}"\n', "secret: only a webhook has it"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_named(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text, KEY=SIGNING)
    assert any(said in problem for problem in found), found
    assert "hunter2" not in "\n".join(found)


# --- how many messages an hour


@pytest.mark.parametrize(
    ("channel", "an_hour"),
    [
        ('url = "json://127.0.0.1:9/x"', 6),
        ('url = "json://127.0.0.1:9/x"\nmax_per_hour = 0', None),
        ("terminal = true", None),
        ('webhook = "https://hooks.example/x"', None),
        ('webhook = "https://hooks.example/x"\nmax_per_hour = 3', 3),
    ],
)
def test_a_webhook_and_the_terminal_have_no_limit_of_messages_unless_it_is_written(
    tmp_path: Path, channel: str, an_hour: int | None
) -> None:
    assert settings(tmp_path, f"[channels.here]\n{channel}\n").channels["here"].per_hour == an_hour
