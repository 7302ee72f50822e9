"""One booted machine for all proofs; each proof is a line in the log."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import PROJECT
from tests.systemd.machine import CHECKOUT, SUITE, WHEELS, Machine, Unbootable, booted

README = PROJECT / "systemd" / "README.md"
PROVED = pytest.StashKey[list[str]]()

Prove = Callable[[str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.systemd)
            if not os.environ.get("SYSTEMD"):
                item.add_marker(pytest.mark.skip(reason="boots a real systemd: make test-systemd"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(PROVED, [])
    if lines:
        terminalreporter.section("proved")
        terminalreporter.write("".join(f"{line}\n" for line in lines))


@pytest.fixture
def proved(request: pytest.FixtureRequest) -> Prove:
    """Takes a line for the log, said at once and again at the end."""
    lines = request.config.stash.setdefault(PROVED, [])
    return lambda text: lines.append(f"proved: {text}")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    try:
        with booted() as made:
            yield made
    except Unbootable as reason:
        pytest.skip(str(reason))


def steps() -> list[str]:
    """The README's shell blocks in their order; the first installs."""
    return re.findall(r"^```\n(.*?)```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def installed(machine: Machine) -> float:
    """The machine after the README's steps, word for word; the seconds that they took.

    pip is told where its packages are, because the machine has no network.
    """
    began = time.monotonic()
    offline = f"export PIP_NO_INDEX=1 PIP_FIND_LINKS={WHEELS} PIP_DISABLE_PIP_VERSION_CHECK=1\ncd {CHECKOUT}/systemd\n"
    machine.run(offline + steps()[0], seconds=300)
    took = time.monotonic() - began
    machine.run(f"{offline}python3 -m venv /opt/mail && /opt/mail/bin/pip install -q aiosmtpd", seconds=120)
    mail = "/opt/mail/bin/python -m aiosmtpd -n -l 127.0.0.1:2525 -c aiosmtpd.handlers.Mailbox /srv/mail"
    machine.run(f"systemd-run --quiet --unit=mail {mail}")
    news = "--working-directory=/srv/news python3 -m http.server --bind 127.0.0.1 8080"
    machine.run(f"mkdir -p /srv/news && systemd-run --quiet --unit=news {news}")
    machine.run("useradd reader && useradd stranger && usermod -a -G feedwatch reader")
    return took


__all__ = ["SUITE"]
