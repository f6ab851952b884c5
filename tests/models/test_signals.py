"""What outcomes say, and which of them are set aside with which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from matcher.schema import OUTCOMES
from matcher.tables import coerce
from models.signals import Checked, check_outcomes, meaning, read_feedback
from models.simulation import Market

ON = date(2026, 9, 1)
PEOPLE = pd.DataFrame({"candidate_id": ["A", "B"]})
POSITIONS = pd.DataFrame({"position_id": ["P", "Q"]})


def rows(*given: dict[str, Any]) -> pd.DataFrame:
    plain = {"position_id": "P", "candidate_id": "A", "proposed_on": "2026-03-01"}
    full = [{"proposal_id": f"S{i}", **plain, **one} for i, one in enumerate(given)]
    return coerce(OUTCOMES, pd.DataFrame(full)).table


def check(*given: dict[str, Any]) -> Checked:
    return check_outcomes(rows(*given), PEOPLE, POSITIONS, ON, file="suites.csv")


@pytest.mark.parametrize(
    ("given", "passed", "failed", "excused"),
    [
        ({"decision": "accepted"}, 1, False, False),
        ({"stage": "proposed"}, 0, False, False),
        ({"decision": "rejected", "reason": "person_skills"}, 0, True, False),
        ({"decision": "rejected"}, 0, True, False),
        ({"decision": "rejected", "reason": "position_cancelled"}, 0, False, True),
        ({"decision": "rejected", "reason": "other_no_answer", "stage": "interviewed"}, 2, False, True),
        ({"decision": "rejected", "reason": "person_skills", "stage": "interviewed"}, 2, True, False),
        ({"stage": "withdrawn"}, 0, False, True),
        ({"stage": "withdrawn", "decision": "accepted"}, 1, False, True),
        ({"stage": "withdrawn", "decision": "accepted", "reason": "person_distance"}, 0, True, False),
        ({"stage": "hired", "decision": "accepted"}, 3, False, False),
        ({"stage": "kept_3_months"}, 4, False, False),
    ],
)
def test_meaning_of_an_outcome(given: dict[str, Any], passed: int, failed: bool, excused: bool) -> None:
    found = meaning(rows(given))
    assert (int(found[0][0]), bool(found[1][0]), bool(found[2][0])) == (passed, failed, excused)


@pytest.mark.parametrize(
    ("given", "column", "words"),
    [
        ({"candidate_id": "Z"}, "candidate_id", "personne inconnue du fichier des personnes"),
        ({"position_id": "Z"}, "position_id", "poste inconnu du fichier des postes"),
        ({"proposed_on": "2026-09-02"}, "proposed_on", "date après le jour du calcul"),
        ({"decided_on": "2027-01-01"}, "decided_on", "date après le jour du calcul"),
        ({"decided_on": "2026-02-01"}, "decided_on", "décidée avant d'être proposée"),
        ({"decision": "rejected", "stage": "hired"}, "decision", "refusée, et pourtant embauchée"),
    ],
)
def test_rows_that_cannot_be_used(given: dict[str, Any], column: str, words: str) -> None:
    checked = check({"candidate_id": "B", "decision": "accepted"}, given)
    assert checked.table["candidate_id"].tolist() == ["B"]
    line = checked.rejected.iloc[0]
    assert (line["file"], line["row"], line["column"]) == ("suites.csv", 3, column)
    assert words in line["message"]
    assert line["value"] != "Z" or column != "candidate_id", "no identifier of a person is repeated"


def test_the_latest_proposal_of_a_pair_counts() -> None:
    checked = check(
        {"decision": "rejected", "proposed_on": "2026-01-01"}, {"decision": "accepted", "proposed_on": "2026-02-01"}
    )
    assert checked.table["decision"].tolist() == ["accepted"]
    assert "1 proposition(s) répétée(s)" in checked.remarks[0]


def test_two_answers_the_same_day_are_both_set_aside() -> None:
    checked = check({"decision": "rejected"}, {"decision": "accepted"})
    assert checked.table.empty
    assert checked.contradictory == 2
    assert checked.rejected["message"].str.contains("se contredisent le même jour").all()


def test_an_odd_reason_is_told() -> None:
    assert "motif(s) hors liste" in check({"decision": "rejected", "reason": "bof"}).remarks[0]


def test_picks_that_nobody_wrote_down_need_somebody_passed_over(market: Market) -> None:
    table = market.first(2).copy()
    table["decision"], table["human_rank"], table["reason"] = pd.NA, float("nan"), pd.NA
    table["stage"] = "proposed"
    table.loc[table["position_id"] == table["position_id"].iloc[0], "stage"] = "shortlisted"
    feedback = read_feedback(coerce(OUTCOMES, table).table, market.engine)
    first = feedback.group == 0
    listed = ~feedback.added
    assert (feedback.picked[first & listed] == 1).all()
    assert (feedback.picked[~first] == 0).all(), "nobody picked there: silence says nothing"
    assert not feedback.explicit.any()


def test_feedback_has_the_levels_of_each_pair(market: Market) -> None:
    checked = check_outcomes(market.outcomes, market.candidates, market.positions, ON)
    feedback = read_feedback(checked.table, market.engine)
    for row in (0, 57, len(feedback) - 1):
        alone = market.engine.levels(int(feedback.position[row]), feedback.person[[row]])
        assert alone[:, 0].tolist() == feedback.levels[:, row].tolist()
    half = feedback.take(feedback.group % 2 == 0)
    assert half.groups == (feedback.groups + 1) // 2
