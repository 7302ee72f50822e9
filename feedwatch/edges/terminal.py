"""The channel for people who look at a terminal: messages as plain text, a blank line after each."""

from __future__ import annotations

import os
from typing import TextIO

from feedwatch.model import Message, Outcome, Receipt


def send(message: Message, stream: TextIO) -> Receipt:
    """Print `message`, coloured only where `stream` is a terminal and NO_COLOR is unset (no-color.org)."""
    try:
        _print(message, stream)
        stream.flush()
    except (OSError, ValueError) as problem:  # a broken pipe; a closed stream is a ValueError
        return Receipt(outcome=Outcome.FAILED, detail=f"terminal: {problem or type(problem).__name__}")
    return Receipt(outcome=Outcome.SENT)


def _print(message: Message, stream: TextIO) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    title, rest = (text.encode(encoding, "replace").decode(encoding) for text in (message.title, _rest(message)))
    if stream.isatty() and not os.environ.get("NO_COLOR"):
        _print_coloured(title, rest, stream)
    else:
        stream.write(f"{title}\n{rest}\n\n")


def _print_coloured(title: str, rest: str, stream: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    text = Text.assemble((title, "bold"), "\n", rest, "\n")
    text.highlight_regex(r"»[^«]*«", "bold yellow")
    text.highlight_regex(r"https?://\S+", "blue")
    Console(file=stream, highlight=False, soft_wrap=True).print(text)


def _rest(message: Message) -> str:
    if message.link is None or message.link in message.body:
        return message.body
    return f"{message.body}\n{message.link}"
