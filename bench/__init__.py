"""How fast? Every figure is a ratio to what one could do at best, measured in the same run."""

import statistics


def summary(values: list[float]) -> str:
    """Median (least – greatest)."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} – {max(values):.2f})"


def ratio(ones: list[float], others: list[float]) -> str:
    """Of pairs that were measured in turn."""
    return summary([one / other for one, other in zip(ones, others, strict=True)])
