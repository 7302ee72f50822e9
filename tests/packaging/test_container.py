"""Containerfile, compose.yaml and the quadlet, read as texts: no container engine is needed, and none is replaced."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import takewhile

import pytest
import yaml

from tests.docs.test_cli_docs import COMMANDS
from tests.harness import PROJECT

pytestmark = pytest.mark.service

Step = tuple[str, str]


def steps() -> list[Step]:
    """Instructions of the Containerfile with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (PROJECT / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def stages() -> list[list[Step]]:
    """The steps after each FROM."""
    everything = steps()
    starts = [number for number, (word, _) in enumerate(everything) if word == "FROM"]
    return [everything[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


BUILD, RUN = stages()
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERIGNORE = (PROJECT / ".dockerignore").read_text(encoding="utf-8")
SERVICE = COMPOSE["services"]["feedwatch"]


def said(stage: list[Step], word: str) -> str:
    """The one instruction of its kind in a stage."""
    (argument,) = [argument for instruction, argument in stage if instruction == word]
    return argument


def quadlet() -> dict[str, list[str]]:
    """The unit's keys as Section.Key with every value that is given."""
    values: dict[str, list[str]] = {}
    section = ""
    for line in (PROJECT / "containers/feedwatch.container").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values.setdefault(f"{section}.{key}", []).append(value)
    return values


QUADLET = quadlet()


def test_the_last_stage_builds_nothing_and_brings_no_tools() -> None:
    commands = " ".join(argument for word, argument in RUN if word == "RUN")
    assert not re.search(r"\b(pip|apt|apt-get|gcc|make|hatchling|curl|wget)\b", commands)
    copies = [argument.split() for word, argument in RUN if word == "COPY"]
    assert copies == [
        ["--from=build", "/opt/feedwatch", "/opt/feedwatch"],
        ["config.toml", "/etc/feedwatch/config.toml"],
    ]


def test_both_stages_stand_on_the_same_slim_python() -> None:
    assert [said(stage, "FROM").split(" AS ")[0] for stage in (BUILD, RUN)] == [
        "docker.io/library/python:${PYTHON}-slim"
    ] * 2
    (default,) = [argument for word, argument in takewhile(lambda step: step[0] != "FROM", steps()) if word == "ARG"]
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"Python :: {default.removeprefix('PYTHON=')}" in project


def test_what_is_installed_has_the_versions_of_the_lock() -> None:
    installs = [part for _, step in BUILD for part in step.split(" && ") if "pip install" in part]
    assert installs
    assert [part for part in installs if "--constraint requirements.lock" not in part] == []


def test_it_runs_as_a_user_without_rights_who_owns_the_database_alone() -> None:
    words = [word for word, _ in RUN]
    assert said(RUN, "USER") == "10001:10001"
    assert words.index("USER") > max(n for n, word in enumerate(words) if word in {"RUN", "COPY"})
    commands = said(RUN, "RUN")
    assert "--uid 10001 --gid 10001" in commands
    assert re.findall(r"install [^&]*-o feedwatch -g feedwatch (\S+)", commands) == ["/var/lib/feedwatch"]


def test_its_volumes_its_signal_and_its_command() -> None:
    assert json.loads(said(RUN, "VOLUME")) == ["/etc/feedwatch", "/var/lib/feedwatch"]
    assert said(RUN, "STOPSIGNAL") == "SIGTERM"
    assert json.loads(said(RUN, "ENTRYPOINT")) + json.loads(said(RUN, "CMD")) == ["feedwatch", "run"]


def test_its_health_is_asked_by_a_command_that_exists() -> None:
    check = json.loads(said(RUN, "HEALTHCHECK").partition("CMD ")[2])
    assert " ".join(check) in COMMANDS
    assert QUADLET["Container.HealthCmd"] == [" ".join(check)]


def test_the_build_is_given_what_the_wheel_is_made_of_and_nothing_else() -> None:
    ignored = [line for line in DOCKERIGNORE.splitlines() if line and not line.startswith("#")]
    assert ignored[0] == "*"
    assert ignored[-1] == "**/__pycache__"
    wheel = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    data = [source for table in ("force-include", "shared-data") for source in wheel["wheel"].get(table, {})]
    needed = {"feedwatch", "pyproject.toml", "README.md", "LICENSE", "requirements.lock", *data}
    allowed = {line.removeprefix("!") for line in ignored[1:-1]}
    assert {source.partition("/")[0] for source in needed} <= allowed
    assert allowed - {source.partition("/")[0] for source in needed} <= {"man", "completions"}


def test_compose_and_quadlet_mount_the_volumes_of_the_image_and_the_config_read_only() -> None:
    volumes = set(json.loads(said(RUN, "VOLUME")))
    mounts = [mount.split(":") for mount in SERVICE["volumes"]]
    assert {target for _, target, *_ in mounts} == volumes
    assert [options for _, target, *options in mounts if target == "/etc/feedwatch"] == [["ro"]]
    assert set(COMPOSE["volumes"]) == {source for source, *_ in mounts if "/" not in source}
    units = [mount.split(":") for mount in QUADLET["Container.Volume"]]
    assert {target for _, target, *_ in units} == volumes
    assert [options for _, target, *options in units if target == "/etc/feedwatch"] == [["ro,Z"]]


def test_compose_and_quadlet_take_every_right_away() -> None:
    assert (SERVICE["read_only"], SERVICE["cap_drop"]) == (True, ["ALL"])
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    keys = ("ReadOnly", "DropCapability", "NoNewPrivileges")
    assert [QUADLET[f"Container.{key}"] for key in keys] == [["true"], ["all"], ["true"]]


def test_both_give_it_longer_to_stop_than_it_takes() -> None:
    stop = re.search(r"--stop-timeout=(\d+)", QUADLET["Container.PodmanArgs"][0])
    assert stop is not None
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) == int(stop[1]) > 10
    assert int(QUADLET["Service.TimeoutStopSec"][0].removesuffix("s")) > int(stop[1])


def test_the_quadlet_stays_down_where_a_person_is_needed() -> None:
    assert QUADLET["Service.RestartPreventExitStatus"] == ["78"]
    assert QUADLET["Container.ContainerName"][0] in QUADLET["Service.ExecReload"][0].split()
