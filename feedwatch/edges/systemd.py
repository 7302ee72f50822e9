"""Tells systemd how the daemon is, as sd_notify(3) describes it; without $NOTIFY_SOCKET nothing happens."""

from __future__ import annotations

import contextlib
import os
import socket
import time


def ready(text: str = "running") -> None:
    _notify("READY=1", f"STATUS={text}")


def reloading() -> None:
    """To be followed by ready(): systemd waits for it (Type=notify-reload)."""
    _notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def stopping() -> None:
    _notify("STOPPING=1")


def status(text: str) -> None:
    _notify(f"STATUS={text}")


def watchdog() -> None:
    _notify("WATCHDOG=1")


def watchdog_seconds() -> float | None:
    """How long this process may be silent before systemd ends it (sd_watchdog_enabled(3)); None: for ever."""
    microseconds, meant_for = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or meant_for != str(os.getpid()):
        return None
    return int(microseconds) / 1e6


def _notify(*assignments: str) -> None:
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    message = "\n".join(" ".join(each.splitlines()) for each in assignments)  # one assignment a line
    # A socket that is gone or full is no reason to stop work: systemd acts on our silence by itself.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.sendto(message.encode(), address)
