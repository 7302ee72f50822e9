"""How the owner wants servers to be asked, as the fetcher that does so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.edges.http import Fetcher
from feedwatch.edges.proxy import way

if TYPE_CHECKING:
    from feedwatch.config.settings import Polling


def fetcher_of(polling: Polling) -> Fetcher:
    """Not open yet; ConfigError where the environment's proxy cannot be used."""
    return Fetcher(
        contact=polling.contact,
        per_host=polling.per_host,
        host_delay=polling.host_delay,
        concurrency=polling.concurrency,
        allow_private=polling.allow_private,
        proxy=way(polling.proxy),
    )
