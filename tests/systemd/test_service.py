"""The unit files on a real systemd, installed as systemd/README.md says. `make test-systemd` runs this as root."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string, policy
from email.utils import format_datetime

import pytest

from tests.harness import wait_until
from tests.systemd.conftest import Prove, steps
from tests.systemd.machine import Machine

SERVICE = "feedwatch.service"
CONFIG = "/etc/feedwatch/config.toml"
DATABASE = "/var/lib/feedwatch/feedwatch.db"
UNITS = ("feedwatch.service", "feedwatch-failed.service", "feedwatch-backup.service")

SETTINGS = """
[store]
path = "/var/lib/feedwatch/feedwatch.db"

[polling]
interval = "1s"
min_interval = "1s"
host_delay = "0s"
allow_private = ["127.0.0.0/8"]

[channels.mail]
url_file = "secrets/mail.url"
only = "mention"

[[watchlists]]
id = "ve"
keywords = ["Venezuela"]
notify = ["mail"]

[[feeds]]
url = "http://127.0.0.1:8080/feed.xml"
"""

ADDRESS = "mailto://127.0.0.1:2525/?from=watch@example.org&to=desk@example.org&mode=insecure"

SOCKET = "/run/feedwatch/control.sock"
ASK = f"""
import socket
with socket.socket(socket.AF_UNIX) as line:
    line.settimeout(20)
    line.connect("{SOCKET}")
    line.sendall(b'{{"verb": "status"}}\\n')
    print(line.recv(65536).decode())
"""

LOCK = f"""
import sqlite3, time
db = sqlite3.connect("{DATABASE}", isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
time.sleep(%d)
"""


@pytest.fixture
def service(machine: Machine, installed: float) -> Iterator[Machine]:
    """The service, running well on the test's own config."""
    assert installed
    began = machine.run("date +@%s.%N")
    machine.run(f"systemctl stop {SERVICE} feedwatch-failed.service; rm -f /srv/mail/new/*")
    machine.run(f"systemctl reset-failed {' '.join(UNITS)} || true")  # and the count of starts begins anew
    machine.run(f"rm -rf /var/lib/feedwatch/* /etc/systemd/system/{SERVICE}.d && systemctl daemon-reload")
    machine.write("/etc/feedwatch/secrets/mail.url", ADDRESS + "\n")
    machine.run("chmod 0600 /etc/feedwatch/secrets/mail.url")
    machine.write(CONFIG, SETTINGS)
    publish(machine)
    machine.run("systemctl start feedwatch.service")
    yield machine
    _, traceback, rest = machine.log(SERVICE, since=began).partition("Traceback")
    assert not traceback, f"a traceback in the log\n{rest[:3000]}"


def publish(machine: Machine, *titles: str) -> None:
    """A feed with these articles, whose pages say more than it does."""
    stamp = format_datetime(datetime.now(UTC))
    items = ""
    for number, title in enumerate(titles):
        text = f"<p>{'The harbour of Venezuela has a new crane and a new pier. ' * 20}</p>"
        page = f"<html lang='en'><title>{title}</title><article><h1>{title}</h1>{text}</article></html>"
        machine.write(f"/srv/news/{number}.html", page)
        items += f"<item><guid>{number}</guid><title>{title}</title><pubDate>{stamp}</pubDate>"
        items += f"<link>http://127.0.0.1:8080/{number}.html</link></item>"
    machine.write("/srv/news/feed.xml", f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>")


def letters(machine: Machine) -> list[tuple[str, str]]:
    """Subject and text of every mail that arrived, by time."""
    texts = machine.run("cd /srv/mail/new 2>/dev/null && for f in *; do cat $f; printf '\\f'; done || true")
    mails = [message_from_string(text.lstrip(), policy=policy.default) for text in texts.split("\f") if text.strip()]
    return [(str(mail["Subject"]), mail.get_body().get_content()) for mail in mails]  # type: ignore[union-attr]


def polled(machine: Machine) -> bool:
    """Whether the first poll is done: what comes later is news."""
    look = f"import sqlite3; db = sqlite3.connect('{DATABASE}')"
    look += "; print(*db.execute('SELECT count(*) FROM feeds WHERE first_polled_at IS NOT NULL').fetchone())"
    return machine.ask(f'python3 -c "{look}"', user="feedwatch").stdout.strip() == "1"


def status(machine: Machine) -> str:
    return machine.show(SERVICE, "StatusText")


def main_process(machine: Machine) -> str:
    return machine.show(SERVICE, "MainPID")


def watched_closely(machine: Machine, seconds: int) -> None:
    """The same unit with a shorter watchdog, so that a proof takes seconds."""
    machine.write(f"/etc/systemd/system/{SERVICE}.d/short.conf", f"[Service]\nWatchdogSec={seconds}\n")
    machine.run(f"systemctl daemon-reload && systemctl restart {SERVICE}")


def test_the_readme_installs_it(machine: Machine, installed: float, proved: Prove) -> None:
    version = machine.run("systemctl --version | head -1")
    assert machine.run(f"systemctl is-active {SERVICE} feedwatch-backup.timer") == "active\nactive"
    assert machine.run(f"systemctl is-enabled {SERVICE} feedwatch-backup.timer") == "enabled\nenabled"
    assert machine.run(f"stat -c '%U %G %a' {DATABASE}") == "feedwatch feedwatch 640"
    commands = [line for line in steps()[0].splitlines() if line]
    proved(f"the README's {len(commands)} commands install and start it in {installed:.0f} s on {version}")


def test_what_the_readme_says_after_the_install_works(service: Machine, proved: Prove) -> None:
    said = service.run(steps()[1])
    assert "all well" in said
    assert "desk@example.org" in letters(service)[0][1] or letters(service)[0][0] == "feedwatch · test"
    assert service.run(f"systemctl is-active {SERVICE}") == "active"
    proved("check, restart and `channels test` as the README says; the test message came by mail")


def test_the_status_line_says_how_it_goes(service: Machine, proved: Prove) -> None:
    wait_until(
        lambda: re.match(r"\d+ feeds?, \d+ failing; \d+ articles? .*; \d+ alerts? waiting$", status(service)), 10
    )
    shown = service.run(f"systemctl status --no-pager {SERVICE}")
    assert f'Status: "{status(service)}"' in shown
    proved(f"STATUS: {status(service)}")


def test_exposure_is_small(service: Machine, proved: Prove) -> None:
    figures = {}
    for unit in UNITS:
        told = service.run(f"systemd-analyze security --no-pager --offline=true /etc/systemd/system/{unit} || true")
        [figures[unit]] = [float(figure) for figure in re.findall(r"exposure level for \S+: ([0-9.]+)", told)]
    assert max(figures.values()) <= 1.5
    proved(f"exposure {', '.join(f'{unit} {figure}' for unit, figure in figures.items())}")


def test_the_walls_stand(service: Machine, proved: Prove) -> None:
    pid = main_process(service)
    facts = dict(re.findall(r"^(\w+):\s+(\S+)$", service.run(f"cat /proc/{pid}/status"), re.MULTILINE))
    assert (facts["Seccomp"], facts["NoNewPrivs"], int(facts["CapEff"], 16)) == ("2", "1", 0)
    view = service.run(
        f"nsenter --target {pid} --mount grep -E ' (/|/etc/feedwatch|/var/lib/feedwatch) ' /proc/self/mountinfo"
    )
    modes = {line.split()[4]: line.split()[5].split(",")[0] for line in view.splitlines()}
    assert modes["/"] == "ro"
    assert modes["/var/lib/feedwatch"] == "rw"
    proved("system calls are filtered, no capabilities, everything but its state is read-only")


def test_an_alert_comes_by_mail_with_an_address_from_a_credential(service: Machine, proved: Prove) -> None:
    wait_until(lambda: polled(service), 40, every=0.5)
    publish(service, "A crane for the harbour")
    began = time.monotonic()
    wait_until(lambda: letters(service), 40, every=0.5)
    [(subject, text)] = letters(service)
    assert subject == "VE · A crane for the harbour"
    assert "»Venezuela«" in text  # from the page, read by a worker: the feed does not say it
    assert service.ask("cat /etc/feedwatch/secrets/mail.url", user="feedwatch").returncode != 0
    proved(f"an alert from the page's text came by SMTP {time.monotonic() - began:.0f} s after it was published")


def test_a_member_of_the_group_sees_the_status_over_the_socket_and_the_backups_and_a_stranger_nothing(
    service: Machine, proved: Prove
) -> None:
    service.run("systemctl start feedwatch-backup.service")
    service.write("/srv/ask.py", ASK)
    assert service.run(f"stat -c '%U %G %a' {SOCKET}") == "feedwatch feedwatch 660"
    for command, said in {
        "feedwatch status": f"running (pid {main_process(service)})",
        "python3 /srv/ask.py": '{"answer": {"at": "',
        "ls /var/lib/feedwatch/backups": "feedwatch-20",
        "cd $(mktemp -d) && feedwatch backup . && ls": "feedwatch-20",
    }.items():
        told, refused = service.ask(command, user="reader"), service.ask(command, user="stranger")
        assert (told.returncode, told.stderr.count("Error")) == (0, 0), told.stderr
        assert said in told.stdout
        assert refused.returncode != 0
        assert said not in refused.stdout
    refused = service.ask("feedwatch status", user="stranger")
    assert refused.returncode == 78
    assert "be in its group" in refused.stderr
    proved("a member of the group: `status`, the control socket itself, a backup of its own, the backups' folder")
    proved(f"a stranger: none of them; {refused.stderr.strip()}")


def test_a_reload_takes_a_good_config_and_refuses_a_bad_one(service: Machine, proved: Prove) -> None:
    pid = main_process(service)
    service.write(CONFIG, SETTINGS.replace('notify = ["mail"]', 'notify = ["post"]'))
    service.run(f"systemctl reload {SERVICE}")
    wait_until(lambda: "no channel" in status(service), 10)
    assert "reload=refused problem=config.toml:18: notify: no channel" in service.log(SERVICE)
    refused = status(service)
    service.write(CONFIG, SETTINGS + '\n[[feeds]]\nurl = "http://127.0.0.1:8080/second.xml"\n')
    service.run(f"systemctl reload {SERVICE}")
    wait_until(lambda: re.match(r"2 feeds, [^;]*;[^;]*;[^;]*$", status(service)), 10)
    assert service.run(f"systemctl is-active {SERVICE}") == "active"
    assert main_process(service) == pid
    proved(f"a reload with a bad config: {refused}")
    proved(f"a reload with a good one: {status(service)}; the same process")


def test_a_killed_daemon_is_started_again(service: Machine, proved: Prove) -> None:
    before, began = main_process(service), time.monotonic()
    service.run(f"kill -KILL {before}")
    service.wait(SERVICE, "NRestarts", "1")
    service.wait(SERVICE, "ActiveState", "active")
    assert main_process(service) != before
    assert service.run(f"systemctl show -P TasksCurrent {SERVICE}") != "0"
    proved(f"kill -9: running again after {time.monotonic() - began:.0f} s")


def test_a_daemon_that_hangs_is_ended_by_the_watchdog_and_says_where_it_hung(service: Machine, proved: Prove) -> None:
    watched_closely(service, 8)
    before, began = main_process(service), time.monotonic()
    service.run(f"kill -STOP {before}")
    service.wait(SERVICE, "NRestarts", "1", seconds=60)
    service.wait(SERVICE, "ActiveState", "active")
    assert main_process(service) != before
    log = service.log(SERVICE)
    assert "Watchdog timeout" in log
    assert "Fatal Python error: Aborted" in log
    proved(f"SIGSTOP: the watchdog (8 s) ended it, it ran again after {time.monotonic() - began:.0f} s")


def test_a_locked_database_is_no_reason_to_be_killed(service: Machine, proved: Prove) -> None:
    watched_closely(service, 8)
    before = main_process(service)
    service.write("/srv/lock.py", LOCK % 25)
    held = service.ask("python3 /srv/lock.py", user="feedwatch", seconds=60)
    assert held.returncode == 0, held.stderr
    assert main_process(service) == before
    assert service.show(SERVICE, "NRestarts") == "0"
    wait_until(lambda: re.match(r"\d+ feeds?, ", status(service)), 40)
    proved("a database locked for 25 s under a watchdog of 8 s: the same process goes on")


def test_a_damaged_database_keeps_it_down_with_the_reason_and_tells_by_mail_once(
    service: Machine, proved: Prove
) -> None:
    service.run(f"systemctl stop {SERVICE} && rm -f {DATABASE}-wal {DATABASE}-shm && cp {DATABASE} /srv/whole.db")
    service.run(f"dd if=/dev/urandom of={DATABASE} bs=4096 seek=1 count=20 conv=notrunc status=none")
    assert service.ask(f"systemctl start {SERVICE}").returncode != 0
    wait_until(lambda: letters(service), 40, every=0.5)
    time.sleep(12)  # more than two pauses between starts
    assert service.show(SERVICE, "ActiveState") == "failed"
    assert (service.show(SERVICE, "ExecMainStatus"), service.show(SERVICE, "NRestarts")) == ("78", "0")
    words = status(service)
    assert "the database is damaged" in words
    [(_, text)] = letters(service)
    told = " ".join(text.split())
    assert "is down (exit-code, exit status 78)" in told
    assert "the database is damaged" in told
    service.run(f"cp /srv/whole.db {DATABASE} && systemctl start {SERVICE}")
    assert service.show(SERVICE, "ActiveState") == "active"
    proved(f"a damaged database: down with 78, not tried again; systemctl status says why: {words}")
    proved(f"one mail says so: {told}")


def test_news_that_it_is_down_waits_for_a_channel_and_is_kept_to_oneself_when_it_is_up(
    service: Machine, proved: Prove
) -> None:
    service.run(f"systemctl stop mail.service {SERVICE}; mv {DATABASE} /srv/away.db")
    service.run(f"systemctl start {SERVICE} || true")
    service.wait("feedwatch-failed.service", "SubState", "auto-restart", seconds=60)
    service.run(f"mv /srv/away.db {DATABASE} && systemctl start {SERVICE}")
    service.wait("feedwatch-failed.service", "ActiveState", "inactive", seconds=100)
    mail = "/opt/mail/bin/python -m aiosmtpd -n -l 127.0.0.1:2525 -c aiosmtpd.handlers.Mailbox /srv/mail"
    service.run(f"systemd-run --quiet --unit=mail {mail}")
    assert letters(service) == []
    proved("no channel took the news: tried again every minute, and given up when the watcher was up again")


def test_a_bad_config_is_told_through_the_channels_that_are_good(service: Machine, proved: Prove) -> None:
    service.write(CONFIG, SETTINGS.replace('keywords = ["Venezuela"]', "keywords = []"))
    assert service.ask(f"systemctl restart {SERVICE}").returncode != 0
    wait_until(lambda: letters(service), 40, every=0.5)
    [(_, text)] = letters(service)
    assert "config.toml:17: keywords" in " ".join(text.split())
    proved(f"a bad config at a start is told: {' '.join(text.split())}")


def test_it_stops_in_time_and_stays_stopped(service: Machine, proved: Prove) -> None:
    began = time.monotonic()
    service.run(f"systemctl stop {SERVICE}")
    took = time.monotonic() - began
    assert took < 12
    assert (service.show(SERVICE, "ActiveState"), service.show(SERVICE, "Result")) == ("inactive", "success")
    assert "stop" in service.log(SERVICE).splitlines()[-10:]
    assert letters(service) == []
    proved(f"stopped in {took:.1f} s with success, and nobody was told that it failed")


def test_the_timer_makes_a_backup_that_is_whole(service: Machine, proved: Prove) -> None:
    assert service.run("systemctl list-timers --no-pager --no-legend feedwatch-backup.timer").count("03:") >= 1
    drop_in = "/etc/systemd/system/feedwatch-backup.timer.d/soon.conf"
    service.write(drop_in, "[Timer]\nRandomizedDelaySec=0\nAccuracySec=100ms\nOnActiveSec=1s\n")
    service.run("rm -f /var/lib/systemd/timers/*feedwatch*; systemctl daemon-reload")
    service.run("systemctl restart feedwatch-backup.timer")
    files = "/var/lib/feedwatch/backups"
    wait_until(lambda: service.ask(f"ls {files}").stdout, 30, every=0.5)
    service.wait("feedwatch-backup.service", "ActiveState", "inactive")
    name = service.run(f"ls {files}")
    assert service.show("feedwatch-backup.service", "Result") == "success"
    check = f"import sqlite3; print(sqlite3.connect('{files}/{name}').execute('PRAGMA integrity_check').fetchone()[0])"
    assert service.run(f'python3 -c "{check}"') == "ok"
    service.run(f"rm {drop_in} && systemctl daemon-reload && systemctl restart feedwatch-backup.timer")
    proved(f"the timer made {name}, whole, beside the running daemon")


def test_a_backup_that_fails_is_told(service: Machine, proved: Prove) -> None:
    service.run("rm -rf /var/lib/feedwatch/backups; touch /var/lib/feedwatch/backups")
    assert service.ask("systemctl start feedwatch-backup.service").returncode != 0
    wait_until(lambda: letters(service), 40, every=0.5)
    [(_, text)] = letters(service)
    assert re.match(r"The backup of feedwatch on \S+ failed: .*backups", " ".join(text.split()))
    assert service.run(f"systemctl is-active {SERVICE}") == "active"
    proved(f"a backup that fails: {' '.join(text.split())}")
