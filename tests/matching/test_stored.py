"""People encoded once, kept on disk, and mapped again: the same lists, and a damaged folder is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.engine import Engine, Options
from matcher.errors import UnreadableFile
from matcher.pipeline import run
from matcher.resolve.stored import load_people, save_people
from tests.matching.conftest import Samples
from tests.matching.tables import ON


def test_mapped_people_give_the_same_lists(samples: Samples, tmp_path: Path) -> None:
    fresh = Engine(samples.people, samples.positions, Options(ON))
    save_people(fresh.people, tmp_path)
    kept = load_people(tmp_path)
    assert isinstance(kept.commune, np.memmap)
    again = Engine(samples.people, samples.positions, Options(ON), people=kept)
    one, two = run(fresh), run(again)
    pd.testing.assert_frame_equal(one.shortlists, two.shortlists)
    pd.testing.assert_frame_equal(one.contributions, two.contributions)
    pd.testing.assert_frame_equal(one.exclusions, two.exclusions)


def test_a_changed_file_is_refused(samples: Samples, tmp_path: Path) -> None:
    save_people(Engine(samples.people, samples.positions, Options(ON)).people, tmp_path)
    path = tmp_path / "commune.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(UnreadableFile, match="ne peuvent pas être relues"):
        load_people(tmp_path)


@pytest.mark.parametrize("text", [None, "{", '{"version": 99}', '{"version": 1, "arrays": {}, "words": {}}'])
def test_a_folder_that_is_not_one_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "people.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="Les personnes préparées"):
        load_people(tmp_path)
