"""The committed samples, read once, and the result of a run over them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from data_samples.datasheet import PATH
from matcher.pipeline import Match
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table
from tests.matching.tables import ON, made


@dataclass(frozen=True)
class Samples:
    """The sample people and positions, canonical, and their plain run."""

    people: pd.DataFrame
    positions: pd.DataFrame
    result: Match


@pytest.fixture(scope="session")
def samples() -> Samples:
    folder = PATH.parent
    people = read_table(CANDIDATES, folder / "candidates.csv", today=ON).table
    positions = read_table(POSITIONS, folder / "positions.csv", today=ON).table
    return Samples(people, positions, made(people, positions))
