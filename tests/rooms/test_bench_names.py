"""The measure of names counts rightly, and can fail: sentences in three languages, counted by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.names import Gold, Pair, measure, read, table, whole_words, with_forms
from tests.harness import PROJECT

NAMES = PROJECT / "tests" / "names"
HEAD = "query\tsentence\tcount\n"


def gold(language: str) -> Gold:
    return read(NAMES / f"{language}.tsv")


def starts(query: str, sentence: str, _language: str) -> int:
    """A finder that takes every word that starts as the name does, whatever it means."""
    return sum(word.startswith(query[:4]) for word in sentence.split())


def test_every_query_is_asked_of_every_sentence() -> None:
    asked: list[tuple[str, str]] = []

    def find(query: str, sentence: str, _language: str) -> int:
        asked.append((query, sentence))
        return 0

    measure(gold("ru"), find)
    assert len(asked) == len(set(asked)) == 3 * 4


def test_whole_words_miss_the_names_that_are_declined() -> None:
    score = measure(gold("ru"), whole_words)
    assert (score.mentions, score.found, score.false) == (5, 2, 0)
    assert (score.recall, score.precision) == (0.4, 1.0)
    assert [(pair.query, pair.missed) for pair in score.wrong] == [("Россия", 1), ("Москва", 1), ("Анна Белова", 1)]


def test_a_find_beyond_the_mentions_is_false() -> None:
    score = measure(gold("fi"), starts)
    assert (score.mentions, score.found, score.false) == (4, 3, 1)  # Turusta is missed, Suomalainen is false
    score = measure(gold("ru"), starts)
    assert (score.mentions, score.found, score.false) == (5, 4, 1)
    assert score.precision == 4 / 5
    assert score.wrong == (
        Pair(query="Москва", sentence="Московский вокзал закрыли на ремонт.", missed=0, false=1),
        Pair(query="Анна Белова", sentence="Анну Белову встречали на вокзале.", missed=1, false=0),
    )


@pytest.mark.parametrize(
    ("hits", "found", "false"), [(0, 0, 0), (1, 1, 0), (2, 1, 0), (3, 1, 1)], ids=["none", "one", "arguable", "more"]
)
def test_an_arguable_mention_is_neither_missed_nor_false(hits: int, found: int, false: int) -> None:
    score = measure(gold("cs"), lambda query, sentence, _language: hits if query in sentence else 0)
    assert (score.mentions, score.found, score.false) == (3, found, false)


@pytest.mark.parametrize("language", ["ru", "fi", "cs"])
def test_forms_find_what_whole_words_miss_in_sentences_of_our_own(language: str) -> None:
    plain, full = measure(gold(language), whole_words), measure(gold(language), with_forms)
    assert plain.recall is not None
    assert plain.recall < 1
    assert (full.recall, full.precision) == (1, 1), full.wrong


def test_the_table_names_the_misses_and_says_when_there_are_too_few() -> None:
    lines = list(table([gold("fi")], misses=True))
    assert lines[1].endswith("too few: under 30 mentions")
    assert lines[1].split()[:4] == ["fi", "4", "0.25", "1.00"]
    assert len(lines) == 2


def test_nothing_found_has_no_precision() -> None:
    score = measure(gold("fi"), lambda _query, _sentence, _language: 0)
    assert (score.recall, score.precision) == (0, None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "line 1: must be query sentence count, parted by tabs"),
        (HEAD + "Oslo\tOslo sover.", "line 2: must be query, sentence, count, parted by tabs"),
        (HEAD + "Oslo\tOslo sover.\tone", "line 2: 'one' is no count: write 2, or 1-2 where one of two is arguable"),
        (HEAD + "Oslo\tOslo sover.\t2-1", "line 2: '2-1' is no count: write 2, or 1-2 where one of two is arguable"),
        (HEAD + 2 * "Oslo\tOslo sover.\t1\n", "line 3: Oslo was counted in this sentence before"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(tmp_path: Path, lines: str, said: str) -> None:
    path = tmp_path / "no.tsv"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(ValueError, match="line") as raised:
        read(path)
    assert str(raised.value) == f"{path}: {said}"


def test_the_command_prints_one_line_a_language() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.names", str(NAMES)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["language", "cs", "fi", "ru"]
