"""The public febrl sets, without their national number and without any label. Never committed: see the skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.duplicates import SETS, measured, read

FOLDER = os.environ.get("CLAUSEMATCH_FEBRL")


@pytest.mark.skipif(not FOLDER, reason="CLAUSEMATCH_FEBRL does not name the folder of dataset1.csv … dataset4b.csv")
@pytest.mark.parametrize("name", SETS)
def test_every_set_reaches_the_aim(name: str) -> None:
    found = measured(name, read(Path(FOLDER or ""), name))
    assert found.f1 >= 0.997
    assert found.completeness >= 0.999
