import pytest

from feedwatch.errors import QueryError
from feedwatch.watches.caret import show_error
from feedwatch.watches.parse import parse_query


def shown(text: str) -> list[str]:
    with pytest.raises(QueryError) as refusal:
        parse_query(text)
    return show_error(text, refusal.value).split("\n")


@pytest.mark.parametrize(
    ("text", "line", "columns"),
    [
        ("a OR", "a OR", 2),
        ("委内瑞拉 OR", "委内瑞拉 OR", 9),
        ("e\u0301 OR", "e\u0301 OR", 2),
        ("a\nOR OR", "a OR OR", 5),
        ("\u202eab OR", "\u202eab OR", 3),
        ("", "", 0),
    ],
)
def test_the_sign_stands_under_the_place(text: str, line: str, columns: int) -> None:
    assert shown(text) == [line, " " * columns + "^"]


def test_of_a_long_query_the_surroundings_are_shown() -> None:
    line, sign = shown("word " * 100 + "OR OR " + "word " * 100)
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) < 130
    assert line[len(sign) - 1 :].startswith("OR word")
