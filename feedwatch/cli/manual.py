"""The manual page, made from the commands themselves: `python -m feedwatch.cli.manual > man/feedwatch.1`.

One page holds all commands, as git's and systemctl's users look for `feedwatch feeds add` in `man feedwatch`. Written
in the man macros that groff, mandoc and busybox know: man(7).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feedwatch import __version__
from feedwatch.cli.show import put

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_CODES = (
    ("0", "Done."),
    ("1", "A failure, or nothing found."),
    ("2", "The command was written wrongly."),
    ("75", "Try again later."),
    ("78", "A person is needed: a bad config, a damaged, vanished or newer database."),
    ("130", "Interrupted with Ctrl-C."),
)

FILES = (
    ("./config.toml", "The config, where no other is named."),
    ("$XDG_CONFIG_HOME/feedwatch/config.toml", "The user's config; looked for next."),
    ("/etc/feedwatch/config.toml", "The machine's config; looked for last."),
    ("feedwatch.db", "The database, beside the config or in $STATE_DIRECTORY; [store] path moves it."),
)

ENVIRONMENT = (
    ("FEEDWATCH_CONFIG", "The config file's path; --config goes before it."),
    ("FEEDWATCH_TABLE__KEY", "Any key of the config, as in FEEDWATCH_POLLING__INTERVAL=30m; goes before the file."),
    ("NO_COLOR", "Switches colours off."),
)

_TYPE = re.compile(r" <[^>]*>$")  # of an argument, in Python's words


def page() -> str:
    """The whole page in roff."""
    from typer.main import get_command

    from feedwatch.cli.app import app

    return "\n".join(_page(get_command(app))) + "\n"


def _page(root: Any) -> Iterator[str]:
    context = root.make_context("feedwatch", [], resilient_parsing=True)
    yield f'.TH FEEDWATCH 1 "" "feedwatch {__version__}" "User Commands"'
    yield from (".SH NAME", "feedwatch \\- read the news behind the feeds and tell what you watch for")
    yield from (".SH SYNOPSIS", ".B feedwatch", "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]")
    yield from (".SH DESCRIPTION", *_paragraphs(root.help or ""))
    yield from (".SH OPTIONS", *_options(root, context))
    yield ".SH COMMANDS"
    for name, command in root.commands.items():
        yield from _command(command, name, context)
    yield from (".SH EXIT STATUS", *_list(EXIT_CODES))
    yield from (".SH ENVIRONMENT", *_list(ENVIRONMENT))
    yield from (".SH FILES", *_list(FILES))


def _command(command: Any, name: str, parent: Any) -> Iterator[str]:
    """A command, or for a group each of its commands."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    for child, inner in getattr(command, "commands", {}).items():
        yield from _command(inner, child, context)
    if hasattr(command, "commands"):
        return
    pieces = " ".join(command.collect_usage_pieces(context))
    yield from (f'.SS "{_text(context.command_path)} {_text(pieces)}"', *_paragraphs(command.help or ""))
    yield from _options(command, context)
    yield from _examples(command.epilog or "")


def _options(command: Any, context: Any) -> Iterator[str]:
    records = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    yield from _list([(_TYPE.sub("", term), meaning) for term, meaning in records])


def _examples(epilog: str) -> Iterator[str]:
    lines = [line.strip() for line in epilog.splitlines() if line.startswith("  ")]
    if lines:
        yield from (".PP", "Examples:", ".RS", ".nf", *map(_line, lines), ".fi", ".RE")


def _list(rows: Any) -> Iterator[str]:
    for term, meaning in rows:
        yield from (".TP", f"\\fB{_text(term)}\\fR", _line(" ".join(meaning.split())))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield from (".PP", _line(" ".join(paragraph.split())))


def _line(text: str) -> str:
    """Text that begins a line: a dot or an apostrophe there would be a request."""
    return ("\\&" if text[:1] in {".", "'"} else "") + _text(text)


def _text(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")


if __name__ == "__main__":
    put(page().rstrip("\n"))
