"""What the C library does with memory that is given back (mallopt(3))."""

from __future__ import annotations

import ctypes
from contextlib import suppress

LARGE = 256 * 1024
"""Bytes of a block that goes back to the system when it is freed."""

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD in malloc.h


def give_back_large_blocks() -> None:
    """From now on every large block has memory of its own, which goes when it is freed.

    Left to itself, glibc takes the first large block that is freed as a reason to keep such ones: bodies then grow by
    copies within one heap, and leave holes in it. A C library without the setting (musl) needs none.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE)
