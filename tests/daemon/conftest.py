"""Who publishes and who is told, each a real server of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import Receiver, Site, receiver, site


@pytest.fixture
def place() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.fixture
def desk() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def phone() -> Iterator[Receiver]:
    with receiver() as made:
        yield made
