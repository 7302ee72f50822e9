"""What a service makes of a text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedwatch.alerts import markup
from feedwatch.alerts.markup import escaped, size
from feedwatch.alerts.outgoing import harmless, plainest

KINDS = [markup.PLAIN, markup.CHAT, markup.MARKDOWN, markup.LOOSE, markup.CONVERTED, markup.HTML, markup.ENTITIES]
CALLING = [kind for kind in KINDS if kind != markup.PLAIN]
texts = st.text(max_size=80) | st.text(st.sampled_from("ab @*_`[]()~|#>-1. \n\\<&;$é漢"), max_size=80)
LINK = "https://example.org/a_b*c?d=[1]&e=@f"


@given(texts)
def test_in_markdown_every_sign_has_its_backslash_and_reads_as_before(text: str) -> None:
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped(text, markup.MARKDOWN))
    assert shown.replace("＠", "@") == text.replace("＠", "@") or "http" in text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`~|\[\]>#<]", escaped(text, markup.MARKDOWN)) or "http" in text


@given(texts, st.sampled_from(CALLING))
def test_no_name_is_called(text: str, kind: str) -> None:
    assert not re.search(r"(?<!\w)@\w", escaped(text, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_address_and_a_price_stay_as_they_are(kind: str) -> None:
    text = "write to anna@paper.example, 5 @ 3 euros"
    assert escaped(text, kind) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", [LINK, f"  {LINK}"])
def test_a_line_that_is_a_link_stays_one(kind: str, line: str) -> None:
    assert escaped(f"*a*\n{line}\n#7f3k", kind).split("\n")[1] == line


@pytest.mark.parametrize(
    ("line", "kind", "shown"),
    [
        ("- one", markup.MARKDOWN, "\\- one"),
        ("a-b and 3-4", markup.MARKDOWN, "a-b and 3-4"),
        ("1. one", markup.MARKDOWN, "1\\. one"),
        ("at 1.5 and 2. two", markup.MARKDOWN, "at 1.5 and 2. two"),
        ("a &lt; b & c", markup.MARKDOWN, "a \\&lt; b & c"),
        ("[cheap](https://evil.example)", markup.LOOSE, "[cheap] (https://evil.example)"),
        ("$[spin x]", markup.LOOSE, "$ [spin x]"),
        ("@anna and @**all**", markup.LOOSE, "＠anna and ＠**all**"),
        ("*a* _b_", markup.CHAT, "*a* _b_"),
        ("<b> & @x", markup.PLAIN, "<b> & @x"),
    ],
)
def test_what_becomes_of_a_line(line: str, kind: str, shown: str) -> None:
    assert escaped(line, kind) == shown


@given(texts, st.sampled_from([markup.MARKDOWN, markup.PLAIN, markup.CHAT]))
def test_a_size_is_never_smaller_than_what_is_sent(text: str, kind: str) -> None:
    assert size(text, kind) >= len(escaped(text, kind))


@given(texts)
def test_a_size_in_html_and_entities_counts_what_apprise_adds(text: str) -> None:
    assert size(text, markup.HTML) >= len(html.escape(text))
    assert size(text, markup.ENTITIES) == len(html.escape(text, quote=False))


@given(texts)
def test_a_size_in_bytes_is_no_smaller_than_the_bytes(text: str) -> None:
    assert size(text, markup.SMALL) >= len(text.encode("utf-8", "surrogatepass"))


@given(st.text(max_size=100))
def test_the_plainest_words_have_no_sign_that_means_anything(text: str) -> None:
    plain = plainest(text)
    assert not set(plain) & set('<>&*_`@[]{}|\\~^=+"$\n')
    assert all(ord(letter) < 0x10000 for letter in plain)
    assert plainest(plain) == plain
    assert harmless(plain) == plain


def test_the_plainest_words_still_say_it() -> None:
    assert plainest("VE · **Maduro** <b>speaks</b> 😀, 14:05 (#ve)") == "VE Maduro b speaks /b , 14:05 (#ve)"
