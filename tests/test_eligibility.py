"""Decisions as people read them: options, assumptions, proof, what is asked and said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

from matcher.eligibility import DECISION_COLUMNS, decide, evaluate, facts
from matcher.errors import UsageError
from matcher.rules import load_rules
from tests.eligibility_twin import table

ON = date(2026, 11, 22)
NOTHING: dict[str, Any] = {
    "pass_iae_until": date(1, 1, 1),
    "programmes": (),
    "benefits": (),
    "jobseeker": False,
    "qpv": False,
    "refugee": False,
    "disability": False,
}


def _row(person: dict[str, Any], rules: str = "ccag-2021", **options: Any) -> dict[str, Any]:
    row: dict[str, Any] = decide(table([person]), rules, on=options.pop("on", ON), **options).iloc[0].to_dict()
    return row


def test_the_columns_are_the_agreed_ones_in_their_order() -> None:
    decisions = decide(table([{"candidate_id": "C1"}, {"candidate_id": "C2"}]), on=ON)
    assert tuple(decisions.columns) == DECISION_COLUMNS
    assert list(decisions["candidate_id"]) == ["C1", "C2"]
    assert set(decisions["rules"]) == {"ccag-2021@1.0"}
    assert set(decisions["on"]) == {"2026-11-22"}
    assert list(decisions.dtypes.astype(str).unique()) == ["str"]


def test_nobody_and_columns_that_are_not_there() -> None:
    assert decide(table([]), on=ON).empty
    bare = pd.DataFrame({"candidate_id": pd.Series(["C1"], dtype="str")})
    for pack in ("ccag-2021", "charte-91-2018", "geiq", "npnru", "iae-2021"):
        assert decide(bare, pack, on=ON, mode="EI")["outcome"].item() == "to_verify"


def test_the_same_day_as_a_datetime_decides_the_same() -> None:
    assert _row({"pass_iae_until": ON}, on=datetime(2026, 11, 22, 23, 59)) == _row({"pass_iae_until": ON})  # noqa: DTZ001


def test_eligible_people_keep_their_undecided_categories_and_are_asked_nothing() -> None:
    row = _row({"refugee": True})
    assert row["outcome"] == "eligible"
    assert row["categories"] == "refugee"
    assert row["possible"] == (
        "structure|deld|minima|boeth|youth_unqualified|youth_graduate|senior|qpv|youth_support"
    )
    assert row["missing"] == ""
    assert row["next_step"] == "Éligible : apporter titre de séjour."


def test_not_eligible_says_what_a_partner_may_still_do() -> None:
    row = _row(NOTHING)
    assert (row["outcome"], row["categories"], row["possible"], row["missing"]) == ("not_eligible", "", "", "")
    assert row["next_step"] == "Non éligible d'après les faits connus : un partenaire peut donner un avis motivé."
    assert _row({"qpv": False}, "npnru")["next_step"].endswith("regarder un autre dispositif.")


def test_the_least_intrusive_fact_is_asked_first_and_health_last() -> None:
    everything = _row({})
    assert everything["missing"].split("|")[:2] == ["pass_iae_until", "jobseeker"]
    assert not {"disability", "refugee"} & set(everything["missing"].split("|"))
    known = NOTHING | {"jobseeker": True, "months_worked_12": 7, "birth_date": date(1990, 1, 1)}
    both = {key: value for key, value in known.items() if key not in ("refugee", "disability")}
    assert _row(both)["missing"] == "refugee"
    assert _row(both | {"refugee": False})["missing"] == "disability|disability_until"


def test_one_of_two_alternatives_is_asked_and_both_of_two_conditions() -> None:
    charte = {"jobseeker": True, "benefits": (), "disability": False, "qualification_level": 5}
    charte |= {"birth_date": date(1985, 1, 1)}
    assert _row(charte, "charte-91-2018")["missing"] == "jobseeker_since"
    young = NOTHING | {"jobseeker": True, "birth_date": date(2004, 1, 1), "months_worked_12": 8}
    assert _row(young)["missing"] == "qualification_level|left_education|last_activity_end"


def test_an_opinion_without_author_asks_for_the_author_only() -> None:
    row = _row(NOTHING | {"adviser_opinion_on": date(2026, 11, 1)})
    assert (row["outcome"], row["possible"], row["missing"]) == ("to_verify", "opinion", "adviser_opinion_by")
    assert row["next_step"] == "À vérifier : demander l'auteur de l'avis motivé."


def test_criteria_that_must_add_up_are_asked_together_with_what_is_milder_first() -> None:
    known = NOTHING | {"qualification_level": 5, "birth_date": date(1990, 1, 1), "french_level": "B2"}
    known |= dict.fromkeys(["ase_leaver", "single_parent", "homeless", "justice", "mobility_difficulty"], False)
    known["zrr"] = True
    one_of_two = {key: value for key, value in known.items() if key not in ("qpv", "justice")}
    assert _row(one_of_two, "iae-2021", mode="ETTI")["missing"] == "qpv"
    assert _row(one_of_two, "iae-2021", mode="EI")["missing"] == "qpv|justice"


def test_a_mode_is_needed_where_criteria_are_counted() -> None:
    with pytest.raises(UsageError, match=r"iae-2021 demandent un mode\. Donner --mode avec ETTI, AI, EI, ACI, EITI"):
        _row({}, "iae-2021")
    with pytest.raises(UsageError, match="Le mode « direct » n'est pas prévu"):
        _row({}, "iae-2021", mode="direct")
    assert decide(table([{}]), on=ON, mode="etti")["rules"].item() == "iae-2021@1.0"


def test_categories_restrict_the_pack() -> None:
    person = NOTHING | {"jobseeker": True, "disability": True, "disability_until": ON, "refugee": True}
    row = _row(person, categories=["boeth"])
    assert (row["outcome"], row["categories"]) == ("eligible", "boeth")
    assert _row(person, categories="boeth|refugee")["categories"] == "boeth|refugee"
    assert _row(NOTHING | {"refugee": True}, categories=["BOETH"])["outcome"] == "not_eligible"
    assert _row(NOTHING, categories=["boeth"])["next_step"].endswith("regarder un autre dispositif.")
    with pytest.raises(UsageError, match=r"ccag-2021 : handicap\. Choisir parmi structure, deld, minima, boeth"):
        _row({}, categories=["boeth", "handicap"])


def test_restricted_criteria_are_counted_among_themselves() -> None:
    person = {"qpv": True, "zrr": True, "single_parent": True, "benefits": ("RSA",)}
    assert _row(person, "iae-2021", mode="EI", categories=["QPV", "ZRR"])["outcome"] == "not_eligible"
    assert _row(person, "iae-2021", mode="ETTI", categories=["QPV", "ZRR"])["categories"] == "ZRR|QPV"
    assert _row({}, "iae-2021", mode="ETTI", categories=["SENIOR", "JEUNE"])["outcome"] == "not_eligible"


def test_assumptions_are_said_where_an_empty_cell_was_read() -> None:
    unknown = {key: value for key, value in NOTHING.items() if key != "refugee"}
    row = _row(unknown, assume_no=["refugee"])
    assert row["outcome"] == "not_eligible"
    assert row["next_step"].endswith(
        "Hypothèse : case vide lue comme « non » pour la protection internationale ou la demande d'asile (refugee)."
    )
    assert "Hypothèse" not in _row(NOTHING, assume_no=["refugee"])["next_step"]
    assert "Hypothèse" not in _row(NOTHING, assume_no=["justice", "vehicle"])["next_step"]
    for column, value in (("benefits", ()), ("programmes", ()), ("pass_iae_until", date(1, 1, 1))):
        without = {key: cell for key, cell in NOTHING.items() if key != column}
        assert _row(without)["outcome"] == "to_verify"
        assumed = _row(without, assume_no=column)
        assert (assumed["outcome"], assumed["missing"]) == ("not_eligible", "")
        assert f"({column})" in assumed["next_step"]
        assert _row(without | {column: value})["outcome"] == "not_eligible"


def test_only_three_valued_and_list_columns_can_be_assumed() -> None:
    with pytest.raises(UsageError, match=r"--assume-no ne peut pas porter sur : birth_date, xyz\. Colonnes permises"):
        _row({}, assume_no="birth_date,qpv,xyz")


def test_never_assumed_people_who_never_worked_count_from_school() -> None:
    person = {"left_education": date(2020, 6, 30), "employed": False}
    assert "away" in _row(person, "geiq")["possible"]
    assert "away" in _row(person, "geiq", assume_no=["ever_worked"])["categories"]


def test_requiring_proof_turns_unproved_people_to_verify_and_names_the_document() -> None:
    person = {"refugee": True}
    row = _row(person, require_proof=True)
    assert (row["outcome"], row["categories"], row["missing"], row["proof"]) == (
        "to_verify",
        "refugee",
        "evidence",
        "missing",
    )
    assert row["next_step"] == "À vérifier : il manque le justificatif, apporter titre de séjour."
    seen = _row(person | {"evidence": ("titre_sejour@2020-01-01",)}, require_proof=True)
    assert (seen["outcome"], seen["proof"]) == ("eligible", "seen")
    assert seen["next_step"] == "Éligible : les justificatifs vus suffisent."


def test_a_stale_proof_asks_for_a_recent_one() -> None:
    person = {"programmes": ("CEJ",), "evidence": ("attestation_structure@2026-08-21",)}
    assert _row(person)["proof"] == "stale"
    assert "n'est plus valable, en apporter un récent (attestation de la structure)" in _row(person)["next_step"]
    assert _row(person, require_proof=True)["outcome"] == "to_verify"
    renewed = person | {"evidence": ("attestation_structure@2026-08-21", "attestation_structure@2026-08-22")}
    assert _row(renewed)["proof"] == "seen"


def test_what_is_renewed_is_the_document_that_was_seen() -> None:
    person = {"programmes": ("CEJ",), "qpv": True, "jobseeker": True, "months_worked_12": 0}
    person |= {"evidence": ("avis_situation_ft@2026-11-01", "justificatif_domicile@2026-05-21")}
    row = _row(person)
    assert (row["categories"], row["proof"]) == ("qpv|youth_support", "stale")
    assert "(justificatif de domicile)" in row["next_step"]


def test_one_proved_category_is_enough_and_undated_proofs_count_where_nothing_expires() -> None:
    person = {"refugee": True, "programmes": ("CEJ",)}
    assert _row(person | {"evidence": ("attestation_structure@2026-11-22",)})["proof"] == "seen"
    assert _row(person | {"evidence": ("titre_sejour",)})["proof"] == "seen"
    assert _row(person | {"evidence": ("attestation_structure",)})["proof"] == "stale"
    assert _row(person | {"evidence": ()})["proof"] == "missing"


def test_the_proof_of_one_ground_is_not_the_proof_of_another() -> None:
    rsa = {"benefits": ("RSA",), "jobseeker": True}
    seen = ("avis_situation_ft@2026-11-01",)

    def decided(*codes: str) -> dict[str, Any]:
        return _row(rsa | {"evidence": (*seen, *codes)}, categories=["minima"])

    assert decided("attestation_aah@2026-11-01")["proof"] == "missing"
    assert decided("attestation_rsa@2026-11-01")["proof"] == "seen"
    assert decided()["next_step"] == "Éligible : apporter attestation RSA."


def test_a_notification_is_good_until_its_own_end() -> None:
    person = {"disability": True, "disability_until": ON, "evidence": ("notification_rqth@2016-01-01",)}
    assert _row(person, "charte-91-2018", categories=["boeth"])["proof"] == "seen"
    late = _row(person, "charte-91-2018", categories=["boeth"], on=date(2026, 11, 23))
    assert (late["outcome"], late["proof"]) == ("to_verify", "missing")


def test_a_pack_outside_its_dates_is_applied_with_a_warning() -> None:
    people = facts(table([{"qualification_level": 3}]))
    pack = load_rules("charte-91-2018")
    assert evaluate(people, pack, on=date(2020, 12, 31)).warnings == ()
    late = evaluate(people, pack, on=date(2021, 1, 1))
    assert late.outcome[0] == 2
    assert late.warnings == (
        "Règles charte-91-2018@1.0 appliquées hors de leurs dates (en vigueur du 2018-01-01 au 2020-12-31) "
        "au 2021-01-01.",
    )
    early = evaluate(people, load_rules("ccag-2021"), on=date(2021, 3, 31))
    assert "en vigueur à partir du 2021-04-01" in early.warnings[0]


def test_contradictory_facts_are_each_used_as_given() -> None:
    person = NOTHING | {"jobseeker_since": date(2020, 1, 1), "months_worked_12": 0}
    assert _row(person, "iae-2021", mode="EI", categories=["DETLD", "DELD"])["outcome"] == "not_eligible"


def test_people_are_decided_alike_whoever_else_is_in_the_file() -> None:
    crowd = [{"refugee": True}, NOTHING, {}, NOTHING | {"refugee": True}]
    together = decide(table(crowd), on=ON).drop(columns="candidate_id")
    alone = pd.concat([decide(table([person]), on=ON) for person in crowd]).drop(columns="candidate_id")
    assert together.to_dict("records") == alone.to_dict("records")
