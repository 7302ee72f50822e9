"""Wheel and sdist: built offline, installed elsewhere, run away from the source tree."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from feedwatch import __version__
from tests.harness import PROJECT

pytestmark = pytest.mark.service


def build(source: Path, target: Path, *options: str) -> Path:
    """What hatchling makes of a source tree; it asks no network."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target), *options]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(PROJECT, tmp_path_factory.mktemp("wheel"), "--target", "wheel")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(PROJECT, tmp_path_factory.mktemp("sdist"), "--target", "sdist")


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"feedwatch-{__version__}"


def files_of(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_is_the_package_the_shipped_config_and_nothing_else(wheel: Path) -> None:
    package = {path for path in files_below(PROJECT / "feedwatch") if "__pycache__" not in path}
    assert {"py.typed", "store/migrations/0001_initial.sql", "cli/demo/newsroom.toml"} <= package
    files = files_of(wheel)
    inside = {name.removeprefix("feedwatch/") for name in files if not name.startswith("feedwatch-")}
    assert inside == package | {"config/shipped.toml"}
    assert files["feedwatch/config/shipped.toml"] == (PROJECT / "config.toml").read_bytes()
    about = {name.partition("/")[2] for name in files if ".dist-info/" in name}
    assert {name for name in files if ".data/" in name and ".data/data/share/" not in name} == set()
    assert about == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def test_the_sdist_is_the_repository_and_nothing_else(unpacked: Path) -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("no repository, so nothing to compare with")
    ask = ["git", "-C", str(PROJECT), "ls-files", "--exclude-standard", "--cached"]
    tracked = set(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.split())
    new = set(subprocess.run([*ask, "--others"], check=True, capture_output=True, text=True).stdout.split())
    packed = files_below(unpacked)
    assert tracked - packed == set()
    assert packed - tracked - new == {"PKG-INFO"}


def test_what_lies_beside_the_config_stays_out_of_the_sdist(unpacked: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(unpacked, copy)
    secrets = ("phone.url", "desk.env", "feedwatch.db", "secrets/mail.url", "config/config.toml", "docs/feedwatch.db")
    for name in secrets:
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("a secret")
    with tarfile.open(build(copy, tmp_path / "dist", "--target", "sdist")) as archive:
        names = {member.partition("/")[2] for member in archive.getnames()}
    assert "config.toml" in names
    assert names & set(secrets) == set()


def test_the_sdist_builds_the_same_wheel(wheel: Path, unpacked: Path, tmp_path: Path) -> None:
    assert files_of(build(unpacked, tmp_path / "dist", "--target", "wheel")) == files_of(wheel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A fresh environment with the wheel in it, and an empty folder to stand in."""

    program: Path
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        command = [str(self.program), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel by pip; what it depends on is lent by the environment that runs the tests."""
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, env={**os.environ, "PYTHONPATH": ""})
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (venv / "lib" / version / "site-packages/lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(program=venv / "bin/feedwatch", folder=tmp_path_factory.mktemp("empty"))


def test_the_installed_program_says_its_version(installed: Installed) -> None:
    assert installed.run("--version").stdout == f"feedwatch {__version__}\n"


def test_the_installed_program_is_the_wheels(installed: Installed) -> None:
    python = installed.program.with_name("python")
    ask = [str(python), "-c", "import feedwatch; print(feedwatch.__file__)"]
    told = subprocess.run(ask, cwd=installed.folder, env={}, capture_output=True, text=True, check=True)
    assert Path(told.stdout).is_relative_to(installed.program.parents[1])


def test_the_demo_runs_from_the_wheel(installed: Installed) -> None:
    ended = installed.run("demo")
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^\d+ alerts from \d+ articles", ended.stdout, re.MULTILINE)
    assert list(installed.folder.iterdir()) == []


def test_without_a_config_the_error_says_how_to_get_the_shipped_one(installed: Installed) -> None:
    refused = installed.run("check")
    assert refused.returncode == 78
    command = re.search(r"cp (\S+) (config\.toml)", refused.stderr)
    assert command is not None
    subprocess.run(shlex.split(command[0]), cwd=installed.folder, check=True)
    accepted = installed.run("check")
    (installed.folder / "config.toml").unlink()
    assert (accepted.returncode, accepted.stdout.splitlines()[0]) == (0, "config.toml: all well")
