"""A text that is taken as it stands is what reading it would give."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.schema import CANDIDATES, POSITIONS, Column, Kind
from matcher.tables.canonical import already_canonical
from matcher.tables.cells import BadCell, parser
from matcher.tables.columns import clean
from matcher.tables.items import cut

LISTS = (Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST)
COLUMNS = [c for c in (*CANDIDATES.columns, *POSITIONS.columns) if c.kind in (*LISTS, Kind.TEXT, Kind.CODE)]
PIECES = st.sampled_from(
    (
        *("RSA", "rsa", " AAH", "none", "aucun", "", "SST@2027-03-01", "SST@1/3/2027", "SST@", "F1703:18"),
        *("F1703:18.0", "F1703", "maçon", "maçon ", "\tx", "x\x1f", "a\rb", "'=1", "91228", "1228", "1228.0"),
        *("912.0", "a,b", "B", "é"),
    )
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=4).map("|".join),
    st.text(alphabet=" |'=\r\x1c\u00a0aA1@:.-", max_size=8),
)


def read(column: Column, text: str, guarded: bool) -> object:
    """The slow way: what parsing the cleaned text gives, None when it cannot be read or says nothing."""
    word = clean(text, guarded=guarded)
    try:
        return parser(column)(word) if word else None
    except BadCell:
        return None


@pytest.mark.parametrize("guarded", [False, True])
@given(texts=st.lists(TEXTS, min_size=1, max_size=12))
def test_what_is_sure_is_read_as_itself(guarded: bool, texts: list[str]) -> None:
    for column in COLUMNS:
        sure = already_canonical(column, pa.array(texts), guarded=guarded)
        assert sure is not None
        for text, same in zip(texts, sure, strict=True):
            if same:
                assert read(column, text, guarded) == text, (column.name, text)


def test_the_usual_cells_are_sure() -> None:
    texts = {
        "benefits": "RSA|AAH",
        "experience": "F1703:18|maçon:3",
        "certificates": "SST@2027-03-01",
        "skills": "none",
    }
    texts |= {"candidate_id": "P00001", "commune": "91228"}
    for name, text in texts.items():
        sure = already_canonical(CANDIDATES.by_name[name], pa.array([text, text + " "]), guarded=True)
        assert sure is not None
        assert sure.tolist() == [True, False], name


def test_other_kinds_are_parsed() -> None:
    assert already_canonical(CANDIDATES.by_name["jobseeker_since"], pa.array(["2026-01-01"]), guarded=False) is None


@given(st.lists(st.none() | st.lists(st.sampled_from(["a", "b", "", " c"]), min_size=1).map("|".join)))
def test_cut_is_split(texts: list[str | None]) -> None:
    cells = cut(pa.array(texts, pa.string()))
    slow = [[] if text is None else text.split("|") for text in texts]
    bounds = zip(cells.starts[:-1], cells.starts[1:], strict=True)
    assert [[cells.words[i] for i in cells.items[low:high]] for low, high in bounds] == slow
    good = np.array([word in ("a", "b") for word in cells.words], bool)
    once = [len(items) == len(set(items)) and set(items) <= {"a", "b"} for items in slow]
    assert cells.whole(good).tolist() == once
