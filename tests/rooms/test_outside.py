from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedwatch.articles.outside import shown_text


def test_menus_are_shown_and_scripts_are_not() -> None:
    page = b"<html><script>if (a<b) Maduro()</script><nav>Caf&eacute;</nav><style>p{}</style><p>Text<!-- no --></p>"
    assert shown_text(page).split() == ["Café", "Text"]


def test_a_comment_is_not_shown() -> None:
    assert shown_text(b"<p>a</p><!-- Maduro <b>x</b> --><p>c</p>").split()[0] == "a"


def test_a_page_in_another_charset_is_read() -> None:
    assert "Мадуро" in shown_text("<meta charset=windows-1251><p>Вчера Мадуро говорил</p>".encode("cp1251"))


def test_a_page_that_names_less_than_it_uses_is_read_as_browsers_read_it() -> None:
    assert shown_text("<meta charset=iso-8859-1><p>“Maduro”</p>".encode("cp1252")).split() == ["“Maduro”"]


@given(st.binary(max_size=300))
def test_any_bytes_have_a_text(page: bytes) -> None:
    assert isinstance(shown_text(page), str)


def test_a_page_of_signs_that_open_nothing_takes_no_time() -> None:
    assert len(shown_text(b"<" * 1_000_000)) == 1_000_000
