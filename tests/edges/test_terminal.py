"""The terminal channel on real streams: a string, a pipe, a pseudo-terminal."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from feedwatch.edges import terminal
from feedwatch.model import Message, Outcome

MESSAGE = Message(
    alert="a" * 32,
    title="VE · Trump open to talks with Maduro",
    body="DW [en] 14:05 · “talk with »Maduro«”\n#ve-7f3k",
    link="https://example.org/a?b=[red]c[/red]",
)
PLAIN = (
    "VE · Trump open to talks with Maduro\nDW [en] 14:05 · “talk with »Maduro«”\n#ve-7f3k\n"
    "https://example.org/a?b=[red]c[/red]\n\n"
)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TextIO, int]]:
    """The two ends of a pseudo-terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream, ours
    os.close(ours)


def test_messages_are_plain_text_with_a_blank_line_between() -> None:
    stream = io.StringIO()
    assert terminal.send(MESSAGE, stream).outcome is Outcome.SENT
    assert terminal.send(MESSAGE, stream).outcome is Outcome.SENT
    assert stream.getvalue() == PLAIN * 2


def test_a_link_that_the_body_has_already_is_not_printed_again() -> None:
    stream = io.StringIO()
    terminal.send(Message(alert="a", title="t", body="see https://example.org/", link="https://example.org/"), stream)
    assert stream.getvalue() == "t\nsee https://example.org/\n\n"


def test_a_terminal_gets_colour_and_every_word(console: tuple[TextIO, int]) -> None:
    stream, ours = console
    terminal.send(MESSAGE, stream)
    shown = os.read(ours, 65536).decode()
    assert "\x1b[1mVE · Trump" in shown
    assert "[red]" in shown  # strangers' markup is no markup


def test_no_color_is_honoured_on_a_terminal(console: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream, ours = console
    terminal.send(MESSAGE, stream)
    assert os.read(ours, 65536).decode().replace("\r\n", "\n") == PLAIN


def test_a_long_line_is_not_broken_on_a_terminal(console: tuple[TextIO, int]) -> None:
    stream, ours = console
    terminal.send(Message(alert="a", title="word " * 60, body="b"), stream)
    assert os.read(ours, 65536).decode().count("\n") == 3


def test_a_stream_that_cannot_say_a_letter_says_a_question_mark() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert terminal.send(Message(alert="a", title="Мадуро", body="b"), stream).outcome is Outcome.SENT
    assert raw.getvalue() == b"??????\nb\n\n"


def test_a_broken_pipe_is_a_failure_and_no_exception() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    receipt = terminal.send(MESSAGE, stream)
    assert receipt.outcome is Outcome.FAILED
    assert "pipe" in receipt.detail.lower()
    with pytest.raises(BrokenPipeError):
        stream.close()  # Python tries once more to write what is left


def test_a_closed_stream_is_a_failure_and_no_exception() -> None:
    stream = io.StringIO()
    stream.close()
    assert terminal.send(MESSAGE, stream).outcome is Outcome.FAILED
