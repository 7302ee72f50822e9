"""Secrets under faults: all other tests look for canaries, too; here are the moments that are likeliest to tell."""

from __future__ import annotations

import signal
from base64 import b64encode
from pathlib import Path

from tests.faults.rig import CANARY, LOGINS, in_full, leaks, rig
from tests.harness import feedwatch, wait_until

BAD = '\n[channels.bad]\nurl = "json://desk:kanarienvogel-bad@/?+X-Token=kanarienvogel-bad"\n[polling]\n'

UNKNOWN = '\n[channels.bad]\nurl = "nosuchservice://kanarienvogel-bad"\n'


def test_a_canary_is_found_wherever_it_hides() -> None:
    wire = b"Authorization: Basic " + b64encode(LOGINS[0].encode())
    assert set(leaks({"log": CANARY.encode(), "wire": wire, "clean": b"***"})) == {"log", "wire"}


@in_full
def test_channels_that_fail_and_configs_that_are_refused_tell_no_secret(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.running() as daemon:
        made.service.ways |= {"first": "broken", "second": "down", "third": "hanging"}
        made.paper.publish(3)
        wait_until(lambda: made.count("deliveries WHERE error IS NOT NULL") == 3, 90)
        good = made.config.read_text()
        for number, bad in enumerate((BAD, UNKNOWN), 1):
            made.config.write_text(good + bad)
            daemon.signal(signal.SIGHUP)
            made.logs("reload=refused problem=", number)
            for command in ("check", "doctor", "channels list", "channels test --sample first", "status"):
                words = (*command.split(), "--config", str(made.config))
                ended = feedwatch(*words, folder=tmp_path, env=made.full_environment)
                assert leaks({command: (ended.stdout + ended.stderr).encode()}) == {}
        made.config.write_text(good)
        daemon.signal(signal.SIGHUP)
        made.logs("reload=done")
        tried = feedwatch("channels", "test", "--config", str(made.config), folder=tmp_path, env=made.full_environment)
        assert "503" in tried.stdout + tried.stderr, "it says what happened"
        assert leaks({"channels test": (tried.stdout + tried.stderr).encode()}) == {}
        made.service.ways.clear()
        made.nothing_told()
        daemon.kill_tree()
        made.nothing_told_by_the_dead()
