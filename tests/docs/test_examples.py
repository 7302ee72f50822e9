"""docs/examples: each file is a config that works once its address is written, and none holds a secret."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from feedwatch.config.load import load
from feedwatch.edges import apprise
from feedwatch.model import Message, Outcome
from tests.harness import feedwatch, receiver

FOLDER = Path(__file__).parents[2] / "docs/examples"
EXAMPLES = sorted(FOLDER.glob("*.toml"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SERVICES = {"ntfy", "gotify", "telegram", "matrix", "slack", "discord", "mail", "home-assistant"}


def addresses(example: Path) -> list[str]:
    """The addresses that its steps tell to write down, one alone in a line of comment."""
    return re.findall(r"^# {8}(\w+://\S+)$", example.read_text(encoding="utf-8"), re.MULTILINE)


def targets_said(example: Path) -> int:
    said = re.search(r"^# Targets: (\d+)\.", example.read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None
    return int(said[1])


def test_every_service_has_its_example() -> None:
    assert {example.stem for example in EXAMPLES} == SERVICES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_check_accepts_the_example_with_its_targets(example: Path, tmp_path: Path) -> None:
    first, *others = addresses(example)
    config = tmp_path / "config.toml"
    config.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    ((name, channel),) = tomllib.loads(config.read_text(encoding="utf-8"))["channels"].items()
    environ = {channel["url_env"]: first} if "url_env" in channel else {}
    if "url_file" in channel:
        (tmp_path / channel["url_file"]).write_text(first)
        (tmp_path / channel["url_file"]).chmod(0o600)
    ended = feedwatch("check", folder=tmp_path, env={"PATH": "/usr/bin:/bin", **environ})
    assert (ended.returncode, ended.stderr) == (0, "using ./config.toml\n")
    shown = re.search(rf"channel +{name}: (.*); from strength", ended.stdout)
    assert shown is not None
    assert len(shown[1].split(", ")) == targets_said(example)
    settings = load(config, environ)
    assert settings.warnings == ()
    for address in (first, *others):
        targets = apprise.open_channel(name, address)
        assert [target.addresses for target in targets] == [1] * len(targets)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_no_address_stands_in_the_config_itself(example: Path) -> None:
    for channel in tomllib.loads(example.read_text(encoding="utf-8"))["channels"].values():
        assert channel.keys() & {"url_file", "url_env"}
        assert "url" not in channel
    bare = "\n".join(re.sub("#.*", "", line) for line in example.read_text(encoding="utf-8").splitlines())
    assert set(re.findall(r"\w+(?=://)", bare)) == {"https"}  # the feeds


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_page_says_the_same_number_of_targets(example: Path) -> None:
    (row,) = [line for line in README.splitlines() if f"({example.name})" in line]
    assert row.endswith(f"| {targets_said(example)} |")


def test_the_channel_of_an_example_is_tested_by_its_name() -> None:
    for example in EXAMPLES:
        text = example.read_text(encoding="utf-8")
        (name,) = tomllib.loads(text)["channels"]
        assert re.findall(r"feedwatch channels test (\S+)", text) == [name]


def test_home_assistants_automation_takes_what_is_posted() -> None:
    text = (FOLDER / "home-assistant.yaml").read_text(encoding="utf-8")
    automation = yaml.safe_load(text)
    (trigger,) = automation["triggers"]
    (address,) = addresses(FOLDER / "home-assistant.toml")
    assert address.endswith(f"/api/webhook/{trigger['webhook_id']}")
    body = "DW [en] 14:05 · “…»Maduro«…”\nhttps://dw.example/a?b=c\n#7f3k2a"
    message = Message(alert="7f3k2a" + 26 * "0", title="VE · Talks", body=body, link="https://dw.example/a?b=c")
    with receiver() as served:
        (target,) = apprise.open_channel("ha", f"json://127.0.0.1:{served.port}/api/webhook/{trigger['webhook_id']}")
        assert apprise.send(target.url, message).outcome is Outcome.SENT
    ((_, path, posted),) = served.got
    assert path == f"/api/webhook/{trigger['webhook_id']}"
    used = set(re.findall(r"trigger\.json\.(\w+)", text))
    assert used == {"title", "message", "id"}
    assert [posted[key] for key in ("title", "message", "id")] == [message.title, body, message.alert]
    data = automation["actions"][0]["data"]["data"]
    pattern = re.search(r"regex_findall\('(.*?)'\)", data["clickAction"])
    assert pattern is not None
    assert data["clickAction"] == data["url"]
    assert re.findall(pattern[1].replace("\\n", "\n"), posted["message"])[0] == message.link
