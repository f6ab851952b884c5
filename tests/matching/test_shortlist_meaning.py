"""What a score means, beside it: in its own column, the last, in every output, and ordering nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.engine import Engine, Options
from matcher.explain import explain
from matcher.pipeline import run
from matcher.report import report_html
from matcher.scoring import Calibration, load_scorecard
from matcher.shortlist import SHORTLIST_COLUMNS, Result
from tests.matching.tables import ON, people, positions

CARD = load_scorecard()
CURVE = Calibration((60.0, 110.0), (0.05, 0.45), 240, 60, "logistic")
POINTS = "points d'expert, sans valeur de probabilité"


def listed(**changes: object) -> Result:
    someone = [
        {"occupations": "F1703"},
        {"occupations": "A1203"},
        {"occupations": "F1703", "licences": "B", "vehicle": "yes"},
    ]
    engine = Engine(people(*someone), positions({"occupation": "F1703"}), Options(ON), replace(CARD, **changes))
    return run(engine)


def test_without_outcomes_every_line_says_expert_points() -> None:
    found = listed()
    assert tuple(found.shortlists.columns) == SHORTLIST_COLUMNS
    assert SHORTLIST_COLUMNS[-1] == "meaning"
    assert set(found.shortlists["meaning"]) == {POINTS}
    assert f"sens de ce score : {POINTS}" in str(explain(found, *_first(found)))


def test_a_learned_card_without_meaning_says_so() -> None:
    assert set(listed(kind="learned").shortlists["meaning"]) == {"points appris, sans valeur de probabilité"}


def test_the_meaning_of_each_line_is_that_of_its_score_and_the_order_is_the_same() -> None:
    plain, found = listed(), listed(calibration=CURVE)
    assert found.shortlists["candidate_id"].tolist() == plain.shortlists["candidate_id"].tolist()
    assert found.shortlists["score"].tolist() == plain.shortlists["score"].tolist()
    span = CARD.most - CARD.least
    for line in found.shortlists.itertuples(index=False):
        raw = CARD.least + line.score * span / 100  # one obvious line at a time
        number = round(100 * float(np.interp(raw, CURVE.raw, CURVE.probability)))
        words = f"sur 100 personnes montrées avec ce score, environ {number} arrivent à un entretien"
        assert line.meaning == words


def test_report_explanation_and_record_say_it(tmp_path: Path) -> None:
    found = listed(calibration=CURVE)
    html = report_html(found)
    assert "cette valeur a des ex æquo et ne range personne" in html.replace("\u00a0", " ")
    assert html.count("sur 100</small>") == len(found.shortlists)
    assert "arrivent à un entretien" in str(explain(found, *_first(found)))
    plain = report_html(listed())
    assert "sur 100</small>" not in plain


def test_the_workbook_and_the_record_name_the_scorecard(tmp_path: Path) -> None:
    from matcher.export import Origin, run_record, write_result

    found = listed(calibration=CURVE)
    write_result(found, tmp_path, ("xlsx", "json"))
    sheets = pd.read_excel(tmp_path / "shortlists.xlsx", sheet_name=None, dtype=str, engine="calamine")
    assert list(sheets) == ["clausematch", "à lire"]
    nature = "score calé sur 240 propositions, dont 60 ont mené à un entretien"
    assert nature in sheets["à lire"].iloc[:, 1].tolist()
    rows = json.loads((tmp_path / "shortlists.json").read_text(encoding="utf-8"))
    assert all("sur 100 personnes" in row["meaning"] for row in rows)
    record = run_record(found, Origin())["scorecard"]
    assert record["meaning"] == nature
    assert record["calibration"] == {"event": "interviewed", "people": 240, "reached": 60}
    assert run_record(listed(), Origin())["scorecard"]["meaning"] == POINTS


def _first(found: Result) -> tuple[str, str]:
    line = found.shortlists.iloc[0]
    return str(line["candidate_id"]), str(line["position_id"])
