"""docs/configuration.md against the models: every key, its default, its range, its meaning; examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from feedwatch.config.load import load
from feedwatch.config.settings import Settings
from feedwatch.config.values import format_duration, format_size, parse_duration, parse_size
from feedwatch.config.words import TABLES
from feedwatch.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs/configuration.md").read_text(encoding="utf-8")
HEADINGS = {name: rf"\[{name}\]" for name in TABLES} | {
    "feeds": r"\[\[feeds\]\]",
    "sites": r"\[\[sites\]\]",
    "channels": r"\[channels\.NAME\]",
    "watchlists": r"\[\[watchlists\]\]",
    "aliases": r"\[aliases\]",
    "": "Top level",
}
COMPUTED = {
    "workers.count": "the processor cores",
    "workers.memory": "the lesser of 1GB and a quarter of the machine's",
    "aliases.NAME": "none",
    "watchlists.name": "the id",
    "watchlists.label": "the id in capitals",
}


def rows(table: str) -> dict[str, tuple[str, str, str]]:
    """key -> value, default, meaning, as the page says."""
    section = re.search(rf"^## {HEADINGS[table]}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    cells = [re.split(r" \| ", row.strip("| ")) for row in section[1].splitlines() if row.startswith("| `")]
    return {key.strip("`"): (value, default, meaning) for key, value, default, meaning in cells}


def fields() -> list[tuple[str, str, FieldInfo]]:
    tables: dict[str, type[BaseModel]] = dict(TABLES)
    listed = [(table, key, field) for table, model in tables.items() for key, field in model.model_fields.items()]
    top = [("", key, Settings.model_fields[key]) for key in ("include", "timezone")]
    top.append(("aliases", "NAME", Settings.model_fields["aliases"]))
    return [*top, *listed]


def is_default(text: str, default: object) -> bool:
    """Whether a default as the page writes it (`"15m"`, `100`, `[]`) is the model's."""
    bare = text.strip("`").strip('"')
    shown = {"none": None, "[]": (), "false": False, "true": True, "100": 100, "1": 1, "6": 6}
    if text in shown or bare in shown:
        return bool(shown[bare] == default)
    return bare in {str(default), str(getattr(default, "word", None))} or _measure(bare) == default


def _measure(text: str) -> object:
    for read in (parse_duration, parse_size):
        try:
            return read(text)
        except ValueError:
            continue
    return None


def test_the_page_has_every_key_and_no_other() -> None:
    documented = {(table, key) for table in HEADINGS for key in rows(table)}
    assert documented == {(table, key) for table, key, _ in fields()}


@pytest.mark.parametrize(("table", "key", "field"), fields(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_key_is_documented_with_its_meaning_and_its_true_default(table: str, key: str, field: FieldInfo) -> None:
    _, default, meaning = rows(table)[key]
    assert field.description
    assert meaning == field.description
    if field.is_required():
        assert default == "required"
    elif field.default_factory is not None:
        assert default == COMPUTED[f"{table}.{key}"]
    else:
        assert is_default(default, field.default)


RANGES = [
    (table, key, found[1], found[2])
    for table, key, _ in fields()
    if (found := re.search(r"(\S+) to (\S+)", rows(table)[key][0]))
]

REST = """
[channels.here]
terminal = true
"""


def shown(text: str) -> str:
    return text if text.isdigit() else f'"{text}"'


def next_outside(low: str, high: str) -> list[str]:
    """Just below and just above a range; nothing is below 0."""
    if low.isdigit():
        return [str(n) for n in (int(low) - 1, int(high) + 1) if n >= 0]
    measure = parse_size if _is_size(low) else parse_duration
    second = parse_duration("1s")
    if measure is parse_size:
        return [format_size(parse_size(low) - 1), format_size(parse_size(high) + 1)]
    below = [format_duration(parse_duration(low) - second)] if parse_duration(low) else []
    return [*below, format_duration(parse_duration(high) + second)]


def _is_size(text: str) -> bool:
    return text.endswith("B")


def config(tmp_path: Path, table: str, key: str, value: str) -> Path:
    feed = 'url = "https://example.org/"\n' if table == "feeds" else ""
    header = {"feeds": "[[feeds]]", "channels": "[channels.there]\nterminal = true"}.get(table, f"[{table}]")
    bounds = (
        'min_interval = "0s"\n' if key == "max_interval" else 'max_interval = "1w"\n' if key == "min_interval" else ""
    )
    path = tmp_path / "config.toml"
    path.write_text(f"{header}\n{feed}{bounds}{key} = {shown(value)}\n{REST}")
    return path


@pytest.mark.parametrize(("table", "key", "low", "high"), RANGES)
def test_the_range_on_the_page_is_the_range_that_holds(
    tmp_path: Path, table: str, key: str, low: str, high: str
) -> None:
    for value in (low, high):
        load(config(tmp_path, table, key, value), {})
    for value in next_outside(low, high):
        with pytest.raises(ConfigError, match=re.escape(f"{key}: {value} is out of range ({low} to {high})")):
            load(config(tmp_path, table, key, value), {})


def test_every_number_duration_and_size_has_a_range_on_the_page() -> None:
    measured = {
        (table, key)
        for table in HEADINGS
        for key, (value, _, _) in rows(table).items()
        if value.split(",")[0] in {"number", "duration", "size"}
    }
    assert measured == {(table, key) for table, key, _, _ in RANGES}
    assert len(measured) >= 13


EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    load(path, {})


def test_the_problems_on_the_page_are_worded_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    lines = [""] * 40
    lines[10:12] = ["[polling]", 'intervall = "15m"']
    lines[20:22] = ["[channels.phone]", "terminal = true"]
    lines[36:40] = ["[[watchlists]]", 'id = "x"', 'keywords = ["x"]', 'notify = ["fone"]']
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert f"```\n{refused.value}\n```" in PAGE
