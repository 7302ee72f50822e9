from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.citizen.simulated import Simulation, simulation


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Simulation]:
    async with simulation(tmp_path) as made:
        yield made
