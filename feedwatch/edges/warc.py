"""Web archives: answers of servers in one WARC file, which the tools of archives read (ISO 28500)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from feedwatch import __version__
from feedwatch.edges.answers import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNPACKED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""What a server said of the body on its way; ours is the unpacked one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime


def archive(answers: Iterable[Answer]) -> bytes:
    """A gzipped WARC file with a response record for each."""
    from warcio.warcwriter import WARCWriter

    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    about = {
        "software": f"feedwatch/{__version__}",
        "format": "WARC File Format 1.1",
        "note": "bodies are unpacked, letters of headers beyond ASCII escaped",
    }
    writer.write_record(writer.create_warcinfo_record("pages.warc.gz", about))
    for answer in answers:
        writer.write_record(_record(writer, answer))
    return file.getvalue()


def _record(writer: Any, answer: Answer) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    headers = [(_ascii(name), _ascii(value)) for name, value in answer.headers.items() if name not in UNPACKED]
    headers.append(("content-length", str(len(answer.body))))
    return writer.create_warc_record(
        answer.url,
        "response",
        payload=io.BytesIO(answer.body),
        length=len(answer.body),
        http_headers=StatusAndHeaders(f"{answer.status} {phrase(answer.status)}", headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": f"{answer.at:%Y-%m-%dT%H:%M:%SZ}"},
    )


def _ascii(text: str) -> str:
    """A header's text with % escapes for what is not printable ASCII: archives hold nothing else."""
    return re.sub(r"[^\t\x20-\x7e]", lambda other: quote(other[0], encoding="latin-1", errors="replace"), text)
