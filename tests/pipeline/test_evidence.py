"""What an alerted page said is kept byte for byte, shown, and handed on in a folder that verifies itself."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from feedwatch.model import Fetched
from feedwatch.pipeline.prune import keep_of, prune
from tests.harness import feedwatch
from tests.pipeline.conftest import Bench

FEED = "http://one.example/feed"
A = "http://one.example/a"


async def alerted(bench: Bench) -> bytes:
    """One alert of a page with headers; the page."""
    bench.web.page(A, "Maduro speaks", "Maduro spoke for an hour.")
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-encoding": "gzip",
        "set-cookie": "secret=1",
        "etag": '"1"',
    }
    bench.web.answers[A] = Fetched(url=A, status=200, headers=headers, body=page)
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    return page


def sums(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `sha256sum -c` says of a folder."""
    return subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)


async def short_id(bench: Bench) -> str:
    ((short,),) = await bench.rows("SELECT short FROM alerts")
    return str(short)


async def test_an_exported_folder_verifies_with_sha256sum_and_holds_the_page_as_it_came(bench: Bench) -> None:
    page = await alerted(bench)
    ran = feedwatch("alerts", "export", await short_id(bench), "--into", "talks", folder=bench.folder)
    assert ran.returncode == 0, ran.stderr
    folder = bench.folder / "talks"
    checked = sums(folder)
    assert checked.returncode == 0
    assert checked.stdout.count(": OK") == len([path for path in folder.rglob("*") if path.is_file()]) - 1
    assert (folder / "pages/1-1.html").read_bytes() == page
    assert "Maduro spoke for an hour." in (folder / "pages/1-1.text.txt").read_text()
    told = json.loads((folder / "alert.json").read_text())
    times = told["articles"][0]["times"]
    assert list(times) == ["claimed", "first_seen", "fetched", "told"]
    assert all(times.values())
    assert times["first_seen"] <= times["fetched"] <= times["told"]
    about = json.loads((folder / "pages/1-1.json").read_text())
    assert about["sha256"] == hashlib.sha256(page).hexdigest()
    assert about["headers"]["etag"] == '"1"'
    assert "secret" not in (folder / "pages/1-1.json").read_text()


async def test_a_changed_file_does_not_verify(bench: Bench) -> None:
    await alerted(bench)
    feedwatch("alerts", "export", await short_id(bench), "--into", "talks", folder=bench.folder)
    (bench.folder / "talks/pages/1-1.html").write_bytes(b"something else")
    checked = sums(bench.folder / "talks")
    assert checked.returncode == 1
    assert "pages/1-1.html: FAILED" in checked.stdout


async def test_the_web_archive_holds_the_answer_with_its_headers(bench: Bench) -> None:
    page = await alerted(bench)
    feedwatch("alerts", "export", await short_id(bench), "--into", "talks", folder=bench.folder)
    records = ArchiveIterator(BytesIO((bench.folder / "talks/pages.warc.gz").read_bytes()))
    found = [
        (record.rec_headers.get_header("WARC-Target-URI"), record.http_headers, record.content_stream().read())
        for record in records
        if record.rec_type == "response"
    ]
    ((url, headers, body),) = found
    assert (url, body) == (A, page)
    assert headers.get_statuscode() == "200"
    assert headers.get_header("etag") == '"1"'
    assert headers.get_header("content-encoding") is None


async def test_a_folder_that_is_there_is_not_written_over(bench: Bench) -> None:
    await alerted(bench)
    (bench.folder / "talks").mkdir()
    ran = feedwatch("alerts", "export", await short_id(bench), "--into", "talks", folder=bench.folder)
    assert ran.returncode == 1
    assert "name a new folder" in ran.stderr
    assert list((bench.folder / "talks").iterdir()) == []


async def test_alerts_show_names_the_evidence_and_the_wording(bench: Bench) -> None:
    page = await alerted(bench)
    shown = feedwatch("alerts", "show", await short_id(bench), folder=bench.folder).stdout
    assert f"sha256 {hashlib.sha256(page).hexdigest()}" in shown
    assert re.search(r"\n    claimed \S+ \S+, first seen \S+ \S+, fetched \S+ \S+, told \S+ \S+\n", shown)
    assert "by ve as worded since" in shown
    assert "Maduro: 1 in the title" in shown


async def test_evidence_stays_as_long_as_its_alert(bench: Bench) -> None:
    await alerted(bench)
    keep, at = keep_of(bench.program.plan.settings.store), bench.program.watches["ve"].since
    await bench.change("UPDATE rereads SET due_at = NULL")
    await prune(bench.store, keep, at + timedelta(days=364))
    assert await bench.rows("SELECT count(*) FROM evidence") == [(1,)]
    await prune(bench.store, keep, at + timedelta(days=366))
    assert await bench.rows("SELECT count(*) FROM alerts") == [(0,)]
    assert await bench.rows("SELECT count(*) FROM evidence") == [(0,)]


async def test_an_alert_without_evidence_is_proved_by_the_next_reading(bench: Bench) -> None:
    bench.web.page(A, "Harbour", "Maduro spoke for an hour.")
    bench.web.entries(FEED, ("a", "Harbour", A))
    await bench.turn()
    await bench.change("DELETE FROM evidence")  # as where an alert came of a stored text
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    await bench.change("UPDATE rereads SET due_at = 0")
    await bench.change("UPDATE feeds SET next_check_at = 9000000000000000")
    await bench.reread()
    assert await bench.rows("SELECT count(*) FROM evidence") == [(1,)]


async def test_headers_that_are_no_ascii_are_archived_all_the_same(bench: Bench) -> None:
    bench.web.page(A, "Maduro speaks", "Maduro spoke for an hour.")
    page = bench.web.answers[A]
    assert isinstance(page, bytes)
    headers = {"content-type": "text/html", "x-author": "José\x85", "": "none", "x-long": "a" * 60_000}
    bench.web.answers[A] = Fetched(url=A, status=299, headers=headers, body=page)
    bench.web.entries(FEED, ("a", "Maduro speaks", A))
    await bench.turn()
    ran = feedwatch("alerts", "export", await short_id(bench), "--into", "talks", folder=bench.folder)
    assert ran.returncode == 0, ran.stderr
    archive = BytesIO((bench.folder / "talks/pages.warc.gz").read_bytes())
    _, record = list(ArchiveIterator(archive, check_digests="raise"))
    assert record.http_headers.get_header("x-author") == "Jos%E9%85"
    assert json.loads((bench.folder / "talks/pages/1-1.json").read_text())["headers"]["x-author"] == "José\x85"
