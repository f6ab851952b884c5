"""A limit and a floor in a whole run: options, files, words, exposure, and people on no list."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.allocation import Floor, recipients
from matcher.engine import Engine, Options
from matcher.errors import UsageError
from matcher.exposure import Share, never_listed, shares
from matcher.sharing import FLOOR_COLUMNS
from tests.matching.conftest import Samples
from tests.matching.tables import ON, listed, made, people, positions


@pytest.mark.parametrize(
    ("text", "share"),
    [("rsa:0.3", "3/10"), ("RSA:0,3", "3/10"), ("rsa:3/10", "3/10"), (" rsa : 30 % ", "3/10"), ("rsa:1", "1")],
)
def test_floors_are_read(text: str, share: str) -> None:
    assert Floor.read(text) == Floor(Fraction(share))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.3", "--floor : « 0.3 » n'est pas compris. Écrire par exemple rsa:0.3."),
        ("rsa:-1", "n'est pas compris"),
        ("rsa:0", "la part doit être au-dessus de 0 et de 1 au plus"),
        ("rsa:1.01", "la part doit être au-dessus de 0 et de 1 au plus"),
        ("rsa:1/0", "la part doit être au-dessus de 0"),
        ("sex:0.3", "un plancher n'est prévu que pour le RSA, pas pour « sex »"),
        ("qpv:0.3", "pas pour « qpv »"),
        ("disability:10%", "pas pour « disability »"),
    ],
)
def test_floors_that_are_not_offered(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Options(ON, floor=text).checked()


def test_places_are_rounded_up() -> None:
    floor = Floor(Fraction(3, 10))
    assert [floor.places(asked) for asked in (1, 3, 4, 10, 11, 20)] == [1, 1, 2, 3, 4, 6]


def test_only_known_recipients_count() -> None:
    table = people(
        {"benefits": "RSA|ARE"}, {"benefits": "ASS"}, {"benefits": None, "qpv": "yes"}, {"benefits": "none"}
    )
    assert recipients(table).tolist() == [True, False, False, False]


def crowd(receiving: int, others: int) -> pd.DataFrame:
    """Others, who wish for the work, then recipients of the RSA, who do not say so."""
    rest: list[dict[str, Any]] = [{"candidate_id": f"O{i:03d}", "occupations": "F1703"} for i in range(others)]
    rsa = [{"candidate_id": f"R{i:03d}", "benefits": "RSA", "jobseeker": "yes"} for i in range(receiving)]
    return people(*rest, *rsa)


WORK = {"occupation": "F1703", "asked": 10}


def test_a_floor_reserves_places_and_says_its_cost(tmp_path: Path) -> None:
    table = crowd(20, 230)
    plain, floored = made(table, positions(WORK)), made(table, positions(WORK), floor="rsa:0.3")
    assert listed(plain) == [f"O{i:03d}" for i in range(10)]
    assert listed(floored) == [*(f"O{i:03d}" for i in range(7)), "R000", "R001", "R002"], "beyond the 200 first kept"
    row = floored.shared.floor.iloc[0].to_dict()
    lost = int(plain.contributions["points"].sum() - floored.contributions["points"].sum())
    expected = {"position_id": "P0", "asked": 10, "listed": 10, "floor": 3, "missing": 0, "points_lost": lost}
    assert row == expected
    assert lost > 0
    assert any(
        text.startswith(
            f"Plancher RSA : atteint sur 1 liste(s) sur 1 ; il manque 0 place(s) sur 3 ; coût {lost} point"
        )
        for text in floored.remarks
    )
    assert (floored.shared.floor.columns == list(FLOOR_COLUMNS)).all()
    written = {path.name for path in floored.save(tmp_path, ["csv"])}
    assert "floor.csv" in written
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["options"]["floor"] == "rsa:0.3"
    assert record["lists"]["floor"] == {"places": 3, "missing": 0, "points_lost": lost}
    assert record["lists"]["exact"] is True
    why = floored.explain("O007", "P0").absence
    assert why == "une place de cette liste est gardée à un bénéficiaire du RSA (option --floor)"
    plain.save(tmp_path, ["csv"])
    assert not (tmp_path / "floor.csv").exists(), "an earlier run's floor does not stay"


def test_a_floor_never_changes_a_score() -> None:
    table = crowd(20, 30)
    plain, floored = made(table, positions(WORK), top=50), made(table, positions(WORK), floor="rsa:1")
    scores = plain.shortlists.set_index("candidate_id")["score"]
    assert listed(floored) == [f"R{i:03d}" for i in range(10)]
    for row in floored.shortlists.itertuples():
        assert (
            row.score
            == made(table, positions({**WORK, "asked": 50})).shortlists.set_index("candidate_id")["score"][
                row.candidate_id
            ]
        )
    assert scores.is_monotonic_decreasing


def test_a_floor_out_of_reach_lists_who_it_can() -> None:
    result = made(crowd(2, 30), positions(WORK), floor="rsa:0.5")
    assert len(listed(result)) == 10
    assert not len(result.unfilled)
    assert result.shared.floor[["floor", "missing"]].iloc[0].tolist() == [5, 3]
    assert any("atteint sur 0 liste(s) sur 1 ; il manque 3 place(s) sur 5" in text for text in result.remarks)


def test_a_floor_under_a_limit_shares_recipients_too() -> None:
    """Four recipients for three lists that want two each, at most one list per person: two places are missed."""
    jobs = positions(*({**WORK, "asked": 4} for _i in range(3)))
    result = made(crowd(4, 30), jobs, floor="rsa:0.5", max_per_candidate=1)
    assert result.shortlists["candidate_id"].is_unique
    assert len(result.shortlists) == 12
    assert result.shared.floor["missing"].sum() == 2
    assert result.shared.allocation.total.floor == 4


def test_the_order_of_rows_changes_nothing_with_a_floor(samples: Samples) -> None:
    options: dict[str, Any] = {"max_per_candidate": 2, "floor": "rsa:0.4"}
    straight = made(samples.people, samples.positions, **options)
    turned = made(
        samples.people.sample(frac=1, random_state=1), samples.positions.sample(frac=1, random_state=2), **options
    )
    pd.testing.assert_frame_equal(straight.shortlists, turned.shortlists)
    pd.testing.assert_frame_equal(straight.shared.floor, turned.shared.floor)
    assert straight.shared.floor_cost > 0


def test_exposure_before_and_after_a_limit() -> None:
    """Three like positions of two people: without a limit the same two; with one, six."""
    jobs = positions(*({"asked": 2} for _i in range(3)))
    result = made(people(*({} for _i in range(8))), jobs, max_per_candidate=1)
    both = shares(result.engine, result.shared)
    assert (both.before.exposure.listed, both.before.exposure.most) == (2, 3)
    assert (both.after.exposure.listed, both.after.exposure.most) == (6, 1)
    assert both.before.exposure.coverage == 2 / 8
    assert both.after.exposure.gini < both.before.exposure.gini
    expected = (
        "Limite de 1 liste(s) par personne : 2 personne(s) listée(s) sans elle, 6 avec ; "
        "la plus listée passe de 3 à 1 listes."
    )
    assert expected in result.remarks
    assert not any(text.startswith("Limite de") for text in made(people({}), jobs).remarks)


def test_the_share_of_the_most_listed() -> None:
    places = np.array([5, 1, *[0] * 148, *[1] * 50])
    assert Share.of(places).top_share == (5 + 1) / 56
    assert Share.of(np.zeros(4, np.int64)).record()["top_1_percent"] is None


def test_people_on_no_list_and_why() -> None:
    table = people(
        {"candidate_id": "LISTED", "occupations": "F1703"},
        {"candidate_id": "LATER", "adviser": "Conseil B"},
        {"candidate_id": "FAR", "commune": "77288", "max_distance_km": 1, "adviser": "Conseil A"},
        {"candidate_id": "NOT", "benefits": "none", "jobseeker": "no", "disability": "no", "qpv": "no"},
        {"candidate_id": "RIGHT", "right_to_work_until": "none"},
        {"candidate_id": "NIGHT", "accepts": "weekend"},
        {"candidate_id": "OBJECTS", "objection": "yes"},
    )
    result = made(table, positions({"occupation": "F1703", "asked": 1, "schedule": "night"}))
    found = never_listed(result).set_index("candidate_id")
    assert "OBJECTS" not in found.index
    assert "LISTED" not in found.index
    assert found["reason"].to_dict() | {"NOT": ""} == {
        "LATER": "classée après les dernières places de chaque liste",
        "FAR": "aucun poste à portée du domicile",
        "NOT": "",
        "RIGHT": "droit de travailler terminé ou connu comme absent",
        "NIGHT": "un critère met de côté sur chaque poste à portée ; explain dit lequel",
    }
    assert list(found.index[:2]) == ["FAR", "LATER"], "people of one adviser stand together"
    assert found["outcome"]["FAR"] == "eligible"


def test_the_nearest_position_of_somebody_on_no_list() -> None:
    table = people({"occupations": "F1703"}, {"occupations": "F1703"}, {})
    jobs = positions({"occupation": "F1703", "asked": 1}, {"occupation": "G1602", "asked": 1})
    result = made(table, jobs, max_per_candidate=2)
    nearest = never_listed(result).set_index("candidate_id")
    missing = set(table["candidate_id"]) - set(result.shortlists["candidate_id"])
    assert set(nearest.index) == missing
    engine: Engine = result.engine
    for name, row in nearest.iterrows():
        place = engine.candidates.index[engine.candidates["candidate_id"] == name].to_numpy()
        gaps = {
            job: int(
                engine.card.raw(engine.levels(i, result.listed[i][-1:]))[0]
                - engine.card.raw(engine.levels(i, place))[0]
            )
            for i, job in enumerate(engine.positions["position_id"])
        }
        assert row["points_short"] == max(0, min(gaps.values()))
        assert max(0, gaps[row["position_id"]]) == row["points_short"]
