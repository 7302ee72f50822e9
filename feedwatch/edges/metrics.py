"""What Prometheus reads: counters that the loops turn, gauges that are read when it asks.

Labels are bounded: words of ours, channels and targets of the config; never an address, a title or a reason in prose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Info, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from feedwatch import __version__

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double each counter
COUNTERS = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

POLLS = Counter(
    "feedwatch_polls", "Polls since the start, by outcome: new, nothing new, not modified, or why not.",
    ["outcome"], registry=COUNTERS,
)  # fmt: skip
READS = Counter(
    "feedwatch_reads", "Articles worked on since the start, by what became of the page: read, or why not.",
    ["outcome"], registry=COUNTERS,
)  # fmt: skip
REREADS = Counter(
    "feedwatch_rereads", "Pages read again since the start: unchanged, changed, cut, missing, or why not.",
    ["outcome"], registry=COUNTERS,
)  # fmt: skip
SENDS = Counter(
    "feedwatch_sends", "Tries to send a message since the start: sent, refused, failed.",
    ["channel", "target", "outcome"], registry=COUNTERS,
)  # fmt: skip

_VERSION = Info("feedwatch_build", "The version that runs.", registry=COUNTERS)
_VERSION.info({"version": __version__})

GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "feedwatch_feeds": ("Configured feeds: well, late, failing.", ("state",)),
    "feedwatch_last_good_poll_timestamp_seconds": ("When a feed last gave an answer; 0: never.", ()),
    "feedwatch_entries_pending": ("Entries that wait for their decision.", ()),
    "feedwatch_pages": ("Articles kept, by what became of their page.", ("state",)),
    "feedwatch_rereads_waiting": ("Pages to be read again: later, due, overdue.", ("state",)),
    "feedwatch_alerts": ("Alerts kept, by kind.", ("kind",)),
    "feedwatch_deliveries": ("Messages kept, by what became of them.", ("channel", "target", "state")),
    "feedwatch_oldest_waiting_timestamp_seconds": ("When the oldest waiting message was made.", ("channel", "target")),
    "feedwatch_episodes": ("Troubles that go on, told or not.", ("kind",)),
    "feedwatch_in_flight": ("Jobs that a loop works on.", ("loop",)),
    "feedwatch_disk_free_bytes": ("Space beside the database.", ()),
    "feedwatch_database_bytes": ("The database with its newest part.", ()),
}
"""name -> help, labels: what is read from database and disk whenever somebody asks."""

Rows = Sequence[tuple[tuple[str, ...], float]]
"""A gauge's values, each with the values of its labels."""


@dataclass(eq=False, slots=True)  # a registry knows its collectors by identity
class _Reading(Collector):
    """The gauges as they were read just now."""

    values: Mapping[str, Rows]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, rows in self.values.items():
            told, labels = GAUGES[name]
            family = GaugeMetricFamily(name, told, labels=labels)
            for given, value in rows:
                family.add_metric(given, value)
            yield family


def exposition(values: Mapping[str, Rows]) -> bytes:
    """The page, in Prometheus' text format: the counters, and `values` by the gauges' names."""
    gauges = CollectorRegistry()
    gauges.register(_Reading(values))
    return generate_latest(COUNTERS) + generate_latest(gauges)
