"""A machine of its own for the service: Debian with a real systemd, booted in a container without a network.

What is made once (the Debian tree, the wheels) stays in .cache; every boot begins with the tree as it was.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.harness import PROJECT, wait_until

SUITE = os.environ.get("SUITE", "bookworm")
"""Debian's release: bookworm has systemd 252 and Type=notify, trixie 257 and Type=notify-reload."""

CACHE = PROJECT / ".cache" / "systemd"
TREE = CACHE / SUITE
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv"
TOOLS = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container"}  # program → Debian's package

BOOTED = ("running", "degraded")

CHECKOUT, WHEELS = "/srv/feedwatch", "/srv/wheels"
"""Where the machine finds the checkout and what pip installs from, both read-only."""

CGROUP2 = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
"""As on every machine of today, on a host with the old control groups too: with those a container never hears that
a service's last process has ended, and each stop takes until its time-out."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Unbootable(Exception):
    """Why no machine can be had here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A booted machine; `init` is its first process as seen from outside."""

    init: int

    def ask(self, command: str, *, user: str = "root", seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs a shell command in it, to its end."""
        inside = ["nsenter", "--target", str(self.init), "--all", "runuser", "-u", user, "--"]
        environment = ["env", "-i", f"PATH={PATH}", "LANG=C.UTF-8", "HOME=/tmp", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER="]
        return subprocess.run(
            [*inside, *environment, "bash", "-ec", command],
            text=True,
            capture_output=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def run(self, command: str, *, seconds: float = 60) -> str:
        """What a command that must end well said."""
        ended = self.ask(command, seconds=seconds)
        assert ended.returncode == 0, f"{command[-300:]}\n{ended.stdout[-1000:]}{ended.stderr[-1000:]}"
        return ended.stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Writes a file's content anew and keeps its owner and mode."""
        where = Path(f"/proc/{self.init}/root{path}")
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text)

    def show(self, unit: str, name: str) -> str:
        """A unit's property."""
        return self.run(f"systemctl show --property={name} --value {unit}")

    def log(self, unit: str, since: str = "@0") -> str:
        """What a unit said, from a moment on that `date +@%s.%N` gave."""
        return self.run(f"journalctl --no-pager --output=cat --unit={unit} --since={since}")

    def wait(self, unit: str, name: str, value: str, seconds: float = 30) -> None:
        """Until a unit's property has the value."""
        try:
            wait_until(lambda: self.show(unit, name) == value, seconds, every=0.2)
        except AssertionError:
            told = self.run(f"systemctl status --no-pager --lines=30 {unit} || true")
            raise AssertionError(f"{unit} has {name}={self.show(unit, name)}, not {value}\n{told}") from None


@contextmanager
def booted() -> Iterator[Machine]:
    """A fresh machine; raises Unbootable."""
    prepare()
    command = ["systemd-nspawn", "--quiet", f"--directory={TREE}", "--volatile=overlay", "--private-network"]
    command += [f"--bind-ro={PROJECT}:{CHECKOUT}", f"--bind-ro={wheels()}:{WHEELS}"]
    command += ["--machine=feedwatch-test", "--register=no", "--keep-unit", "--boot"]
    with _own_groups() as enter, (CACHE / "boot.log").open("wb") as log:
        container = subprocess.Popen(
            ["sh", "-c", f'{enter}exec "$@"', "boot", *command],
            env=os.environ | CGROUP2,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield _up(container)
        finally:
            container.send_signal(signal.SIGTERM)  # an orderly power-off
            with suppress(subprocess.TimeoutExpired):
                container.wait(60)
            container.kill()
            container.wait(10)


@contextmanager
def _own_groups() -> Iterator[str]:
    """Shell words that enter control groups of the machine's own, where we are in the host's root groups.

    nspawn would use /payload there, and two machines at once would end each other's processes.
    """
    roots = [Path("/sys/fs/cgroup", name) for name in ("unified", "systemd")]
    roots = [root for root in roots if (root / "cgroup.procs").exists()]
    if not roots or "0::/\n" not in Path("/proc/self/cgroup").read_text():
        yield ""
        return
    groups = [root / f"feedwatch-test-{os.getpid()}" for root in roots]
    for group in groups:
        group.mkdir()
    try:
        yield "".join(f"echo $$ > {group}/cgroup.procs && " for group in groups)
    finally:
        for group in groups:
            for inner in sorted([group, *(path for path in group.rglob("*") if path.is_dir())], reverse=True):
                inner.rmdir()


def _up(container: subprocess.Popen[bytes]) -> Machine:
    try:
        machine = Machine(init=wait_until(lambda: _init(container.pid), 30, every=0.1))
        wait_until(lambda: machine.ask("systemctl is-system-running").stdout.strip() in BOOTED, 60, every=0.5)
    except AssertionError:
        said = (CACHE / "boot.log").read_text(errors="replace").split("\n")
        raise Unbootable(f"systemd does not boot here: {' / '.join(said[-5:])}") from None
    return machine


def _init(nspawn: int) -> int | None:
    """The machine's first process; before it nspawn has a child that only prepares the ground."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                return int(child)
    return None


def prepare() -> None:
    """Makes what a boot needs; raises Unbootable with the reason."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Unbootable("only root can boot a container")
    missing = [package for program, package in TOOLS.items() if not shutil.which(program)]
    if missing:
        _install(missing)
    if not (TREE / "ready").exists():
        _make_tree()


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise Unbootable(f"{' and '.join(packages)} must be installed, and there is no apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        _make(command, env=environment)


def _make_tree() -> None:
    shutil.rmtree(TREE, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    _make(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(TREE)])
    (TREE / "ready").touch()


def wheels() -> Path:
    """What pip would fetch for the program, for its build and for the mail server, fetched for the tree's Python."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"], "aiosmtpd"]
    pinned = PROJECT / "requirements.lock"
    version = max(re.findall(r"python(3\.\d+)$", "\n".join(map(str, (TREE / "usr/bin").iterdir())), re.MULTILINE))
    state = hashlib.sha256(f"{version}{wanted}{pinned.read_text()}".encode()).hexdigest()[:12]
    folder = CACHE / f"wheels-{state}"
    if not folder.exists():
        if not (CACHE / "pip/bin/pip").exists():
            _make([sys.executable, "-m", "venv", str(CACHE / "pip")])
        partial = folder.with_suffix(".partial")
        choice = ["--only-binary=:all:", f"--python-version={version}", "--constraint", str(pinned)]
        _make([str(CACHE / "pip/bin/pip"), "download", "--quiet", "--dest", str(partial), *choice, *wanted])
        partial.rename(folder)
    return folder


def _make(command: list[str], env: dict[str, str] | None = None) -> None:
    ended = subprocess.run(command, text=True, capture_output=True, check=False, env=env, stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise Unbootable(f"{command[0]} failed: {(ended.stderr or ended.stdout)[-300:].strip()}")
