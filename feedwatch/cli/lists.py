"""`feedwatch watch lists`: the lists that a query may name, and what one of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from feedwatch.cli.options import Config, Json, examples, load_settings

if TYPE_CHECKING:
    from feedwatch.config.settings import Settings

EXAMPLES = examples("feedwatch watch lists", "feedwatch watch lists @country:VE", "feedwatch watch lists name:maduro")


def lists(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A list, with or without its @.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Every list that a query may name, or what one of them holds.

    Lists are those of the config's [aliases] and those that ship. An entry is a word, a phrase, another list or a
    query in parentheses; any one of them counts. Exit code 2 where there is no such list.
    """
    settings = load_settings(config)
    if name is None:
        _put_names(settings, as_json=as_json)
    else:
        _put_list(settings, name.removeprefix("@"), as_json=as_json)


def _put_names(settings: Settings, *, as_json: bool) -> None:
    from feedwatch.cli.show import rows
    from feedwatch.config.packs import shipped

    own = [{"list": f"@{alias}", "stands for": ", ".join(words)} for alias, words in settings.aliases.items()]
    ours = [{"list": f"@{name}", "stands for": meaning} for name, meaning in shipped().items()]
    rows([*own, *ours], as_json=as_json, columns=("list", "stands for"), none="no lists")


def _put_list(settings: Settings, name: str, *, as_json: bool) -> None:
    from feedwatch.cli.show import rows
    from feedwatch.errors import AskedWrongly, UnknownList

    try:
        found = _inside(settings, name)
    except UnknownList as error:
        raise AskedWrongly(str(error)) from None
    rows(found, as_json=as_json, columns=("list", "what", "entry"), none="an empty list")


def _inside(settings: Settings, name: str) -> list[dict[str, str]]:
    """The list's entries with what each is, and behind them those of the lists that it names."""
    from feedwatch.config.packs import origins

    entries, told = settings.lists(name), origins(name)
    own = [{"list": f"@{name}", "what": told.get(entry, ""), "entry": entry} for entry in entries]
    named = [entry[1:] for entry in entries if entry.startswith("@")]
    return own + [row for inner in named for row in _inside(settings, inner)]
