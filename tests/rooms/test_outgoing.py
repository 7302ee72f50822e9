"""What leaves the house: nothing in it acts, and it fits."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts.outgoing import cut, harmless, one_line, web_link

SHARED = Path(os.environ.get("FEEDWATCH_SHARED") or Path(__file__).parents[2].parent / "shared")
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ZERO_WIDTH = set("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")

# Texts that come near what matters, which plain st.text() hardly ever hits.
MENTIONS = ["@everyone", "@here", "@Channel", "<@1>", "<!here>", "<#9>", "@", "<"]
SIGNS = ["\r\n", "\x00", "\x85", "\u202e", "\u200d", "\u200b", "\u200c", "\ud83d", "\U0001f468", "\u0645\u06cc", " "]
PIECES = st.sampled_from([*MENTIONS, *SIGNS, "\u0915\u094d", "e\u0301", "a"])
TEXTS = st.one_of(st.text(st.characters(exclude_categories=())), st.lists(PIECES).map("".join))


def assert_harmless(text: str) -> None:
    for character in text.replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cs"}
    assert not BIDI & set(text)
    assert not regex.search(r"@(everyone|here|channel)|<[@!#]", text, regex.IGNORECASE)
    text.encode()  # raises for a lone surrogate


@given(TEXTS)
def test_whatever_comes_in_nothing_that_acts_goes_out(text: str) -> None:
    assert_harmless(harmless(text))


@given(TEXTS)
def test_harmless_twice_is_harmless_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(TEXTS)
def test_a_title_is_one_line_without_zero_width(text: str) -> None:
    title = one_line(text)
    assert_harmless(title)
    assert len(title.splitlines()) <= 1
    assert not ZERO_WIDTH & set(title)
    assert one_line(title) == title


@given(TEXTS, st.integers(min_value=-1, max_value=40))
def test_a_cut_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= max(limit, 0)
    assert cut(short, limit) == short
    assert short == text or short.endswith("…") or limit < 1


@given(TEXTS, st.integers(min_value=1, max_value=40))
def test_a_cut_never_falls_inside_a_grapheme(text: str, limit: int) -> None:
    short = cut(text, limit)
    if short == text:
        return
    kept = len(short) - 1
    boundaries = {0} | {grapheme.end() for grapheme in regex.finditer(r"\X", text)}
    assert kept in boundaries


@given(TEXTS, st.integers(min_value=0, max_value=40))
def test_cutting_wakes_no_mention(text: str, limit: int) -> None:
    assert_harmless(cut(harmless(text), limit))


def test_a_family_is_cut_as_a_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert cut(family + " at home", 4) == "…"
    assert cut(family + " at home", 6) == family + "…"


def test_a_cut_leaves_no_space_before_the_ellipsis() -> None:
    assert cut("Maduro speaks", 8) == "Maduro…"


def test_an_override_and_a_control_character_are_gone_and_lines_stay() -> None:
    assert harmless("a\u202eb\x1b[31m\x00c\r\nd\x85e\u2028f\tg") == "ab[31mc\nd\ne\nf g"


def test_a_mention_reads_the_same_and_calls_nobody() -> None:
    assert (
        harmless("@everyone, @HERE and <@42>, <!channel>, <#7>") == "＠everyone, ＠HERE and ＜@42>, ＜!channel>, ＜#7>"
    )


def test_a_mention_hidden_by_a_zero_width_character_is_found() -> None:
    assert harmless("@\u200beveryone @\u2060here") == "＠everyone ＠here"
    assert one_line("@\u200deveryone") == "＠everyone"


def test_what_is_no_mention_stays_as_it_is() -> None:
    text = "mail a@example.org, 3 < 4, @nicolasmaduro, <b>"
    assert harmless(text) == text


def test_joiners_stay_in_a_body_where_spelling_and_emoji_need_them() -> None:
    persian = "\u0645\u06cc\u200c\u06af\u0648\u06cc\u062f"
    family = "\U0001f468\u200d\U0001f469"
    assert harmless(persian + family) == persian + family
    assert harmless("Mad\u200du\u200cro") == "Maduro"


def test_a_lone_surrogate_becomes_a_replacement_character() -> None:
    assert harmless("a\ud83db") == "a\ufffdb"


def test_a_title_has_no_line_breaks_and_no_double_spaces() -> None:
    assert one_line(" Maduro\r\nBcc: x@example.org \u2029 now ") == "Maduro Bcc: x@example.org now"


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a?b=c#d", "http://127.0.0.1:8080/%C3%A4", "https://пример.example/новость", "https://[::1]/"],
)
def test_a_web_address_passes(url: str) -> None:
    assert web_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a/", "//example.org/"),
        *("https://", "https:///a", "https://[1", "https://example.org/a b", "https://example.org/\r\nX: y"),
        *("https://example.org/\u202egpj", "https://example.org/\x00", "https://example.org/\ud800"),
        "https://example.org\\@evil.example/",
    ],
)
def test_anything_else_is_no_link(url: str) -> None:
    assert web_link(url) is None


def test_a_mention_in_an_address_is_quoted() -> None:
    assert web_link("https://example.org/@channel/<@1>") == "https://example.org/%40channel/%3C@1%3E"


@given(TEXTS)
def test_a_link_that_passed_passes_again(text: str) -> None:
    link = web_link("https://example.org/" + text)
    if link is not None:
        assert_harmless(link)
        assert web_link(link) == link


@pytest.mark.corpus
def test_the_naughty_strings_go_out_harmless() -> None:
    path = SHARED / "corpus" / "hostile" / "naughty-strings.json"
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    texts = json.loads(path.read_text(encoding="utf-8"))
    assert len(texts) > 400
    for text in texts:
        assert_harmless(harmless(text))
        assert_harmless(one_line(text))
        assert len(cut(harmless(text), 20)) <= 20
        assert web_link(text) is None or text.startswith("http")
