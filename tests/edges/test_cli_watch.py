"""`feedwatch watch test`: a verdict, and an exit code for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import feedwatch, site

CONFIG = """
[channels.here]
terminal = true

[[watchlists]]
id = "ve"
keywords = ["Venezuela", "Maduro"]
notify = ["here"]
"""


def test_a_match_ends_with_0_and_says_where(tmp_path: Path) -> None:
    ended = feedwatch(
        "watch", "test", "maduro OR caracas", "--title", "Maduro speaks", "--text", "In Caracas.", folder=tmp_path
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (
        ended.stdout == "match, strength headline: 2 hits, one in the title\n"
        "  title: “»Maduro« speaks”\n    maduro 1\n  lead: “In »Caracas«.”\n    caracas 1\n"
    )


def test_no_match_ends_with_1(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "Maduro", "--text", "plátanos maduros", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (
        1,
        "no match\n  Maduro: only inside “maduros” (a * at the end finds it)\n",
    )


def test_a_refused_query_ends_with_2_and_a_sign_under_the_place(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "oil NEAR/x gas", "--text", "oil", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    query, sign, message = ended.stderr.splitlines()
    assert query[sign.index("^") :].startswith("NEAR")
    assert "at character 5 (" in message


def test_the_text_may_come_from_stdin(tmp_path: Path) -> None:
    ended = feedwatch("watch", "test", "Maduro", "--text", "-", "--json", folder=tmp_path, input="Nicolás MADURO")
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {
        "match": True,
        "strength": "topic",
        "because": {"zone": "lead", "hits": 1},
        "score": 2.692,
        "snippet": "Nicolás »MADURO«",
        "hits": [{"term": "Maduro", "zone": "lead", "count": 1}],
        "zones": [{"zone": "lead", "snippet": "Nicolás »MADURO«"}],
    }


def test_a_watchlist_of_the_config_is_asked_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    ended = feedwatch("watch", "test", "@ve", "--title", "Venezuela", "--json", folder=tmp_path)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["strength"] == "headline"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["@vee", "--title", "Venezuela"], "no watchlist and no list @vee (there are: @ve)"),
        ([], "there is no query to test (give QUERY or @ID; --cases FILE has its own)"),
        (
            ["ve", "--text", "x"],
            "“ve” is a word, and a watchlist too (write @ve for the watchlist, '\"ve\"' for the word)",
        ),
        (["oil", "--text", "x", "--url", "http://127.0.0.1/"], "give --url, or --title and --text: one of the two"),
        (["Venezuela"], "there is no text to test (give --title, --text or both, or --url)"),
    ],
)
def test_a_question_without_a_sense_ends_with_2(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    ended = feedwatch("watch", "test", *words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1] == said


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    words = ["Maduro Caracas", "--text", "Maduro spoke."]
    ended = feedwatch("watch", "test", *words, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "no match\n  Caracas: not found\n")
    ended = feedwatch("watch", "test", *words, "--json", folder=tmp_path)
    assert json.loads(ended.stdout) == {"match": False, "missing": [{"part": "Caracas", "why": "not found"}]}


def test_words_take_the_forms_of_the_language_that_is_given(tmp_path: Path) -> None:
    words = ["Maduro", "--text", "Maduros Regierung"]
    assert feedwatch("watch", "test", *words, "--language", "de", folder=tmp_path).returncode == 0
    assert feedwatch("watch", "test", *words, "--language", "es", folder=tmp_path).returncode == 1


def test_a_broken_config_is_named_where_a_query_needs_none(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("nonsense = 1")
    assert feedwatch("watch", "test", "oil", "--text", "oil", folder=tmp_path).returncode == 78


TEXT = (
    "El presidente Maduro dijo el lunes en Caracas que el petróleo sube y que habrá más trabajo para todos.\n"
    "La oposición respondió por la tarde con un comunicado largo, y los mercados esperan las cifras de mañana."
)


def test_a_page_is_fetched_and_judged(tmp_path: Path) -> None:
    with site() as made:
        made.publish("a", "Maduro habla", TEXT)
        url = made.url
        ended = feedwatch("watch", "test", "petróleo lang:en", "--url", f"{url}/a", "--json", folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["strength"] == "topic"
        assert "read: Maduro habla [en]" in ended.stderr
        ended = feedwatch("watch", "test", "petróleo lang:es", "--url", f"{url}/a", folder=tmp_path)
        assert (ended.returncode, ended.stdout) == (1, "no match\n  lang:es: it is en\n")


def test_a_page_that_is_not_there_gives_no_verdict(tmp_path: Path) -> None:
    with site() as made:
        ended = feedwatch("watch", "test", "oil", "--url", f"{made.url}/a", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (75, "")
    assert "the page is not to be had: not_found" in ended.stderr


HEAD = "id\tquery\tlang\ttitle\tbody\texpected\tmeta\tnote\n"


def test_a_table_is_judged_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    rows = "good\tMaduro\t\tMaduro\t\t1\t\t\nbad\tCaracas\t\tMaduro\t\t1\t\t\n"
    (tmp_path / "c.tsv").write_text(HEAD + rows)
    ended = feedwatch("watch", "test", "--cases", "c.tsv", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "c.tsv:3: row bad: no match: Caracas: not found\n")
    assert ended.stderr.endswith("1 of 2 rows as expected\n")
    (tmp_path / "c.tsv").write_text(HEAD + "own\t\t\tMaduro\t\t1\t\t\n")
    assert feedwatch("watch", "test", "@ve", "--cases", "c.tsv", folder=tmp_path).returncode == 0
    (tmp_path / "c.tsv").write_text("nothing")
    ended = feedwatch("watch", "test", "--cases", "c.tsv", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert 'c.tsv:1: no column "nothing"' in ended.stderr


def test_check_runs_the_cases_of_a_watchlist(tmp_path: Path) -> None:
    folder = tmp_path / "conf.d"
    folder.mkdir()
    (tmp_path / "config.toml").write_text('include = ["conf.d/*.toml"]\n')
    (folder / "ve.toml").write_text(CONFIG + 'cases = "ve.tsv"\n')
    missing = feedwatch("check", folder=tmp_path)
    assert missing.returncode == 78
    assert "conf.d/ve.toml:9: cases: " in missing.stderr
    (folder / "ve.tsv").write_text(HEAD + "1\t\t\tMaduro\t\t0\t\t\n")
    failed = feedwatch("check", folder=tmp_path)
    assert failed.returncode == 78
    assert f"{folder}/ve.tsv:2: row 1 of watchlist ve: matches: “»Maduro«”" in failed.stderr
    (folder / "ve.tsv").write_text(HEAD + "1\t\t\tMaduro\t\t1\t\t\n")
    assert feedwatch("check", folder=tmp_path).returncode == 0
