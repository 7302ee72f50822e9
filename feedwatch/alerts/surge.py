"""Is that far more than usual? A watchlist's hits an hour against its own rhythm.

The hits of the last hour, and of the last three, are held against the mean of two weeks. Counts of news are burstier
than Poisson's: they come in stories and by day. So they are taken as negative binomial with the variance that the hours
themselves show, and at least OVERDISPERSION times the mean; a surge is a count whose upper tail is below CHANCE. That
is the algorithm of outbreak detection (Farrington et al., J. R. Stat. Soc. A 159, 1996; with the negative binomial's
quantile Noufaily et al., Stat. Med. 32, 2013) without its trend and season, for which two weeks are too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import fmean, pvariance

from feedwatch.model import SurgeView

WINDOWS = (1, 3)
"""Hours that are looked at together."""

HISTORY = 14 * 24
"""Hours that make the rhythm."""

LEARNT = 3 * 24
"""Hours that must be known; a watchlist younger than that has no rhythm."""

LEAST = 8
"""Hits; fewer are no surge, however rare they are."""

TIMES = 3
"""As many as usual, at the least: what a reader calls far above."""

CHANCE = 1e-6
"""Of such a count at one look: 18 simulated years of a watchlist, in stories and by day, had no false surge."""

OVERDISPERSION = 2.0
"""Variance over mean at the least: two articles a story, and a night without news."""

CALM = timedelta(hours=3)
"""A surge is over when nothing was above the rhythm for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Hits an hour: their mean, and their variance as so many times the mean."""

    mean: float
    dispersion: float


def rhythm(hours: Sequence[int]) -> Rhythm | None:
    """What these hours show; None: too few of them. Half a hit is added, so that a silent watchlist has a mean."""
    if len(hours) < LEARNT:
        return None
    mean = (sum(hours) + 0.5) / len(hours)
    return Rhythm(mean=mean, dispersion=max(OVERDISPERSION, pvariance(hours, fmean(hours)) / mean))


def surge(latest: Sequence[int], usual: Rhythm | None) -> SurgeView | None:
    """Whether the last hours, the latest first, are far above the rhythm, and in which window most clearly."""
    if usual is None:
        return None
    seen = [(hours, sum(islice(latest, hours))) for hours in WINDOWS]
    high = [
        (tail(hits, usual.mean * hours, usual.dispersion), hours, hits)
        for hours, hits in seen
        if hits >= LEAST and hits >= TIMES * usual.mean * hours
    ]
    chance, hours, hits = min(high, default=(1.0, 0, 0))
    if chance >= CHANCE:
        return None
    return SurgeView(hits=hits, hours=hours, usual=round(usual.mean * hours, 2))


def tail(count: int, mean: float, dispersion: float) -> float:
    """The chance of `count` or more where the mean is `mean` and the variance `dispersion` (above 1) times that."""
    size, less = mean / (dispersion - 1), 1 - 1 / dispersion
    each, below = dispersion**-size, 0.0
    for k in range(count):
        below += each
        each *= (k + size) / (k + 1) * less
    return max(0.0, 1.0 - below)
