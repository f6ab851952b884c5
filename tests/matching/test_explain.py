"""Explanations: a pair's words in every situation, and changes that do change the outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.blocking import Filter
from matcher.errors import UsageError
from matcher.explain import Explanation
from matcher.features import FEATURES, UNKNOWN
from matcher.pipeline import Match
from tests.matching.conftest import Samples
from tests.matching.tables import Raw, made, one, people, positions


def explained(person: Raw, job: Raw, **options: Any) -> Explanation:
    return one(person, job, **options).explain("A0", "P0")


@pytest.mark.parametrize(
    ("person", "job", "words", "mend"),
    [
        ({"objection": "yes"}, {}, "s'oppose au rapprochement", {"objection": None}),
        (
            {"right_to_work_until": "none"},
            {},
            "une autorisation de travail en cours de validité",
            {"right_to_work_until": "2027-01-01"},
        ),
        ({"commune": "91174"}, {}, "accepter 2.6 km de plus", {"max_distance_km": 4.6}),
        (
            {"available_from": "2027-01-01"},
            {"end_date": "2026-12-31"},
            "être disponible au plus tard à la fin du poste, le 2026-12-31",
            {"available_from": "2026-12-31"},
        ),
        (
            {"accepts": "early"},
            {"schedule": "early|night|weekend"},
            "accepter : travail de nuit, travail le week-end",
            {"accepts": "early|night|weekend"},
        ),
        (
            {"licences": "none", "vehicle": "no"},
            {"licences": "B", "vehicle": "yes"},
            "obtenir le permis B et un véhicule",
            {"licences": "B", "vehicle": "yes"},
        ),
        (
            {"certificates": "SST@2026-08-31|AIPR"},
            {"certificates": "SST|AIPR"},
            "passer ou renouveler : SST",
            {"certificates": "SST@2028-08-31|AIPR"},
        ),
        (
            {"work_limits": "heights"},
            {"demands": "heights|noise"},
            "aménagement possible ? le poste demande : travail en hauteur ; un conseiller peut remettre la personne",
            {"work_limits": "none"},
        ),
    ],
)
def test_one_obstacle_and_its_mend(person: Raw, job: Raw, words: str, mend: Raw) -> None:
    person = {"max_distance_km": 2, **person} if "commune" in person else person
    before = explained(person, job)
    assert before.rank is None
    assert len(before.obstacles) == 1
    assert words in before.changes[0] or words in str(before)
    assert str(before).count("Pas sur la liste : mise de côté par un critère :") == 1
    assert explained({**person, **mend}, job).rank == 1


def test_the_distance_to_accept_is_enough(samples: Samples) -> None:
    checked = 0
    for row, i in ((row, i) for row in range(0, len(samples.people), 9) for i in (0, 7)):
        result = samples.result
        found = result.explain(result.engine.candidates["candidate_id"].iloc[row], result.engine.jobs[i].position_id)
        if [obstacle.filter for obstacle in found.obstacles] != [Filter.DISTANCE]:
            continue
        limit = float(result.engine.candidates["max_distance_km"].fillna(25).iloc[row])
        more = float(found.changes[0].rpartition("accepter ")[2].removesuffix(" km de plus"))
        table = samples.people.iloc[[row]].assign(max_distance_km=limit + more)
        again = made(table, samples.positions.iloc[[i]])
        assert len(again.shortlists) == 1
        checked += 1
    assert checked > 5


def test_not_eligible_says_the_next_step() -> None:
    lists = dict.fromkeys(("benefits", "programmes", "pass_iae_until"), "none")
    found = explained({**lists, "jobseeker": "no", "refugee": "no"}, {})
    assert [obstacle.filter for obstacle in found.obstacles] == [Filter.NOT_ELIGIBLE]
    assert found.changes[0] == found.decision["next_step"]
    assert "Éligibilité : non éligible – règles ccag-2021@1.0" in str(found)


def test_several_obstacles() -> None:
    found = explained({"licences": "none", "accepts": "none"}, {"licences": "B", "schedule": "night"})
    assert found.changes == ("il faudrait lever les 2 obstacles ci-dessus à la fois",)
    assert "Pas sur la liste : mise de côté par un critère : horaires ou conditions non acceptés." in str(found)


def test_who_objects_is_not_scored() -> None:
    found = explained({"objection": "yes"}, {})
    assert (found.score, found.raw, found.contributions) == (None, None, ())
    assert "Pas de score : la personne s'oppose au rapprochement." in str(found)
    assert "sur 100" not in str(found)


def test_listed_and_to_verify() -> None:
    found = explained({"benefits": None}, {"occupation": "F1703"})
    text = str(found)
    assert found.rank == 1
    assert "Sur la liste, au rang 1." in text
    assert "Éligibilité : à vérifier" in text
    assert "à demander : " in text
    assert "métier souhaité à préciser" in text
    assert found.changes[0] == found.decision["next_step"]
    assert sum(c.points for c in found.contributions) + found.base == found.raw


def test_absent_by_rank_and_the_change_that_lists() -> None:
    rows: list[Raw] = [{"available_from": "2026-09-20", "wage_min": 11} for _i in range(3)]
    table = people(*rows, {"candidate_id": "LATE"})
    job = positions({"start_date": "2026-09-15", "wage": 12})
    found = made(table, job, top=3).explain("LATE", "P0")
    assert found.rank is None
    assert "son score brut est 54, celui de la dernière personne listée 59" in found.absence
    assert found.changes[0].startswith("disponibilité : passer de « date de disponibilité à demander »")
    assert found.changes[0].endswith("donnerait jusqu'à 8 points de plus")
    mended = people(*rows, {"candidate_id": "LATE", "available_from": "2026-08-01"})
    assert made(mended, job, top=3).explain("LATE", "P0").rank == 1


def test_absent_by_a_tie() -> None:
    table = people({"candidate_id": "A"}, {"candidate_id": "B"})
    found = made(table, positions({}), top=1).explain("B", "P0")
    assert "à égalité, la personne disponible plus tôt passe devant, puis l'ordre des identifiants" in found.absence


def test_absent_because_of_the_limit() -> None:
    table = people({"occupations": "F1703"}, {"occupations": "F1703"}, {})
    result = made(table, positions({"occupation": "F1703"}, {"occupation": "F1703"}), top=1, max_per_candidate=1)
    lists = {row.position_id: row.candidate_id for row in result.shortlists.itertuples()}
    assert set(lists.values()) == {"A0", "A1"}
    elsewhere = next(key for key, name in lists.items() if name == "A1")
    found = result.explain("A0", elsewhere)
    assert found.absence == (
        "déjà sur 1 liste(s), le nombre permis ; à total égal, l'ordre fixe des postes l'a placée ailleurs"
    )


def test_absent_because_worth_more_elsewhere() -> None:
    """The first wishes for the work of both; the second for one of them alone."""
    table = people({"occupations": "F1703|G1602", "skills": "lire un plan"}, {"occupations": "F1703"}, {})
    jobs = positions({"occupation": "F1703", "skills": "lire un plan"}, {"occupation": "G1602"})
    result = made(table, jobs, top=1, max_per_candidate=1)
    listed = {row.position_id: row.candidate_id for row in result.shortlists.itertuples()}
    assert listed == {"P0": "A1", "P1": "A0"}
    points = {
        (person, job): result.explain(person, job).raw or 0 for person in ("A0", "A1", "A2") for job in ("P0", "P1")
    }
    price = points["A0", "P0"] - points["A1", "P0"]
    cost = points["A0", "P1"] + points["A1", "P0"] - points["A0", "P0"] - max(points["A1", "P1"], points["A2", "P1"])
    assert price > 0
    assert cost > 0
    assert result.explain("A0", "P0").absence == (
        f"déjà sur 1 liste(s), le nombre permis ; une liste de plus pour elle vaudrait {price} point(s) au total ; "
        f"la mettre ici plutôt qu'ailleurs coûterait {cost} point(s) au total"
    )


def test_unknown_place_and_identifiers() -> None:
    result = one({}, {"commune": "99999"})
    assert "le lieu du poste est inconnu : personne n'est listé" in str(result.explain("A0", "P0"))
    for candidate, position in (("X", "P0"), ("A0", "X")):
        with pytest.raises(UsageError, match="Aucune ligne utilisable n'a l'identifiant demandé"):
            result.explain(candidate, position)


def test_the_distance_says_what_it_is() -> None:
    assert explained({}, {}).distance == "0.0 km ; limite non dite, 25 km par défaut"
    assert explained({"max_distance_km": 7}, {}).distance == "0.0 km ; limite de la personne 7 km"
    area = explained({}, {"commune": None, "place_code": "91"}).distance
    assert area.startswith("au moins 0.0 km (le poste ne nomme qu'un territoire)")
    assert explained({"commune": None}, {}).distance.startswith("distance inconnue")


# For a feature, what the person's row must say for its best level (features that another one follows are left out).
BEST: dict[str, Any] = {
    "skills": lambda job: {"skills": job["skills"]},
    "availability": lambda job: {"available_from": job["start_date"]},
    "wish": lambda job: {"occupations": job["occupation"]},
    "hours": lambda job: {"weekly_hours_min": job["weekly_hours"], "weekly_hours_max": job["weekly_hours"]},
    "wage": lambda job: {"wage_min": job["wage"]},
    "demands": lambda _job: {"work_limits": "none"},
    "schedule": lambda job: {"accepts": job["schedule"]},
}


def mended(result: Match, row: int, i: int, feature: str) -> Match:
    """The same run where the person's row has what makes the best level of one feature."""
    job = result.engine.positions.iloc[i].copy()
    job["occupation"] = result.engine.jobs[i].occupation
    table = result.engine.candidates.copy()
    for name, value in BEST[feature](job).items():
        table[name] = table[name].where(np.arange(len(table)) != row, value)
    return made(table, result.engine.positions.iloc[[i]])


def test_suggested_changes_bring_what_they_say(samples: Samples) -> None:
    titles = {feature.title: name for name, feature in FEATURES.items()}
    checked = 0
    for row, i in ((row, i) for row in range(3, len(samples.people), 83) for i in (0, 5, 11)):
        key, position = samples.people["candidate_id"].iloc[row], samples.result.engine.jobs[i].position_id
        found = samples.result.explain(key, position)
        if found.obstacles:
            continue
        for change in found.changes:
            feature = titles.get(change.partition(" : ")[0])
            if feature not in BEST:
                continue
            again = mended(samples.result, row, i, feature).explain(key, position)
            gain = int(change.rpartition("jusqu'à ")[2].partition(" ")[0])
            assert again.raw is not None
            assert found.raw is not None
            assert again.raw - found.raw == gain
            if "aucun changement seul ne suffit" not in str(found) and found.rank is None:
                assert again.rank is not None
            checked += 1
    assert checked > 5


def test_only_what_may_change_is_suggested(samples: Samples) -> None:
    settled = {"pratique du métier", "expérience demandée", "niveau de qualification", "distance"}
    seen = 0
    for row in range(0, len(samples.people), 40):
        found = samples.result.explain(
            samples.people["candidate_id"].iloc[row], samples.result.engine.jobs[0].position_id
        )
        unknown = {FEATURES[c.feature].title for c in found.contributions if c.level == UNKNOWN}
        for change in found.changes:
            title = change.partition(" : ")[0]
            seen += 1
            assert title not in settled or title in unknown
    assert seen
    assert isinstance(found, Explanation)
    assert pd.notna(found.score)


def test_a_reservation_not_said_shows_what_each_rule_gives() -> None:
    found = explained({"benefits": "ASS", "disability": None}, {"reserved": "unspecified"})
    assert found.by_rules == (("iae-2021@1.0 (EI)", "eligible"), ("ccag-2021@1.0 (boeth)", "to_verify"))
    assert "selon ccag-2021@1.0 (boeth) : à vérifier" in str(found)
    assert explained({}, {}).by_rules == ()
