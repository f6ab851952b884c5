"""Training needs: pair by pair against a slow twin, what a course changes, who is counted, and the words."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_samples.generate import Options as Sample
from data_samples.generate import write_samples
from matcher.blocking import Filter, failing
from matcher.cli import main
from matcher.engine import Engine, Options
from matcher.errors import UsageError
from matcher.resolve.words import certificate_codes
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table
from matcher.training_needs import COLUMNS, TrainingNeeds, training_needs
from matcher.training_needs.groups import gathered, places_of
from matcher.training_needs.needs import Kind, Need, certificate_need
from matcher.training_needs.seats import Edges, assign, in_order
from matcher.training_needs.shortfalls import Shortfalls, State, shortfalls
from tests.matching import tables
from tests.matching.tables import ON, PEOPLE, POSITION
from tests.matching.twin import people_of, positions_of
from tests.training_twin import Entry, Slow, entries, most

GENERATED = date(2026, 10, 1)
COUNTED = ("people", "stopped", "french_too", "to_check", "wished", "others", "ready")


def engine_of(people: pd.DataFrame, jobs: pd.DataFrame, on: date = ON, **options: Any) -> Engine:
    return Engine(people, jobs, Options(on, **options))


@pytest.fixture(scope="module")
def needed(generated: Engine) -> TrainingNeeds:
    """The tables of the generated file."""
    return training_needs(generated, 2)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """1 500 invented people and 40 positions of Essonne."""
    folder = tmp_path_factory.mktemp("generated")
    write_samples(Sample(on=GENERATED, people=1500, positions=40, seed=3, format="parquet"), folder)
    people = read_table(CANDIDATES, folder / "candidates.parquet", today=GENERATED).table
    return engine_of(people, read_table(POSITIONS, folder / "positions.parquet", today=GENERATED).table, GENERATED)


def as_entries(engine: Engine, found: Shortfalls) -> set[Entry]:
    """The shortfalls with identifiers instead of numbers."""
    ids = engine.candidates["candidate_id"].tolist()
    listed = [
        (
            "|".join(sorted(need.text for need in found.needs[number])),
            ids[row],
            engine.jobs[job].position_id,
            int(state),
            bool(sensible),
            bool(french),
        )
        for number, row, job, state, sensible, french in zip(
            found.need, found.row, found.job, found.state, found.sensible, found.french, strict=True
        )
    ]
    assert len(listed) == len(set(listed))
    return set(listed)


# ------------------------------------------------------------------------------------------------ the slow twin


def same(engine: Engine, slow: Slow, weeks: int = 0) -> set[Entry]:
    people, jobs = people_of(engine.candidates), positions_of(engine.positions)
    wanted = entries(slow, people, engine.candidates, jobs, weeks)
    assert as_entries(engine, shortfalls(engine, weeks)) == wanted
    return wanted


def test_every_pair_of_a_generated_file(generated: Engine) -> None:
    people = generated.candidates.iloc[:160].reset_index(drop=True)
    engine = engine_of(people, generated.positions.iloc[::2], GENERATED, complete=("certificates",))
    found = same(engine, Slow(GENERATED, complete=("certificates",)), weeks=2)
    assert {state for _needs, _person, _position, state, _sensible, _french in found} == {0, 1, 2, 3}
    assert any("|" in needs for needs, *_rest in found)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(PEOPLE, min_size=1, max_size=10),
    st.lists(POSITION, min_size=1, max_size=3),
    st.sampled_from([(), ("certificates",)]),
)
def test_random_tables(rows: list[Any], jobs: list[Any], complete: tuple[str, ...]) -> None:
    engine = engine_of(tables.people(*rows), tables.positions(*jobs), complete=complete)
    same(engine, Slow(ON, complete=complete))


# -------------------------------------------------------------------------------------------- what a course changes


def passes(engine: Engine, i: int) -> set[int]:
    """The rows that no hard filter stops for position i."""
    job = engine.jobs[i]
    outcome = engine.decisions.outcome(engine.rule_sets[i])
    failed = failing(engine.people, engine.gate, outcome, job, engine.distances.to(job.places), engine.day)
    return set(np.flatnonzero(~np.logical_or.reduce([failed[name] for name in Filter])).tolist())


@pytest.mark.parametrize("code", ["CACES_R482_A", "CACES_R489_1A", "SST", "CARTE_BTP", "HACCP"])
def test_giving_a_certificate_to_all_opens_exactly_the_pairs_counted(generated: Engine, code: str) -> None:
    plain = engine_of(generated.candidates, generated.positions, GENERATED, complete=("certificates",))
    found = shortfalls(plain)
    need = certificate_need(code)
    cells = generated.candidates["certificates"].fillna("").tolist()
    given = [f"{'' if cell == 'none' else cell + '|'}{code}" if cell else None for cell in cells]
    people = generated.candidates.assign(certificates=pd.array(given, dtype="str"))
    trained = engine_of(people, generated.positions, GENERATED, complete=("certificates",))
    moved = 0
    for i, job in enumerate(generated.jobs):
        if not job.places or job.start <= generated.day:
            continue
        mine = (found.job == i) & (found.state == State.STOPPED)
        alone = mine & (found.need == found.needs.index((need,)) if (need,) in found.needs else False)
        counted = set(found.row[alone].tolist())
        assert passes(trained, i) - passes(plain, i) == counted
        assert code in job.certificates or not counted
        moved += len(counted)
    asked = any(code in certificate_codes(item) for job in generated.jobs for item in job.certificates)
    assert (moved > 0) == asked


def test_giving_a_vehicle_to_all_opens_exactly_the_pairs_counted(generated: Engine) -> None:
    found = shortfalls(generated)
    number = found.needs.index((Need(Kind.VEHICLE, "vehicle"),))
    everybody = generated.candidates.assign(vehicle=pd.array([True] * len(generated.candidates), dtype="boolean"))
    driven = engine_of(everybody, generated.positions, GENERATED)
    moved = 0
    for i, job in enumerate(generated.jobs):
        if job.places and job.start > generated.day:
            alone = (found.job == i) & (found.state == State.STOPPED) & (found.need == number)
            assert passes(driven, i) - passes(generated, i) == set(found.row[alone].tolist())
            moved += int(alone.sum())
    assert moved > 0


# ------------------------------------------------------------------------------------------------------- the seats

EDGES = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 4)), max_size=24)
OPENINGS = st.lists(st.integers(1, 3), min_size=5, max_size=5)


def edges_of(pairs: set[tuple[int, int]]) -> Edges:
    table = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return Edges(table[:, 0], table[:, 1])


def pairs_of(edges: Edges) -> set[tuple[int, int]]:
    return set(zip(edges.people.tolist(), edges.jobs.tolist(), strict=True))


@settings(max_examples=200, deadline=None)
@given(EDGES, OPENINGS)
def test_seats_are_a_largest_sharing(pairs: set[tuple[int, int]], openings: list[int]) -> None:
    taken = assign(edges_of(pairs), np.array(openings))
    assert pairs_of(taken) <= pairs
    assert len(set(taken.people.tolist())) == len(taken.people) == most(pairs, dict(enumerate(openings)))
    assert (np.bincount(taken.jobs, minlength=5) <= openings).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(EDGES, min_size=1, max_size=4), OPENINGS)
def test_each_line_adds_the_most_that_is_left(groups: list[set[tuple[int, int]]], openings: list[int]) -> None:
    steps = in_order(
        {i: edges_of(pairs) for i, pairs in enumerate(groups)}, np.array(openings), 8, range(len(groups))
    )
    assert sorted(step.group for step in steps) == list(range(len(groups)))
    used, left, waiting = set[int](), dict(enumerate(openings)), dict(enumerate(groups))
    for step in steps:
        rest = {
            i: {(who, job) for who, job in pairs if who not in used and left[job]} for i, pairs in waiting.items()
        }
        gains = {i: most(pairs, left) for i, pairs in rest.items()}
        assert step.group == min(gains, key=lambda i: (-gains[i], i))
        assert len(step.added.people) == gains[step.group]
        assert step.seats == most(groups[step.group], dict(enumerate(openings)))
        assert pairs_of(step.added) <= rest[step.group]
        for who, job in pairs_of(step.added):
            assert who not in used
            used.add(who)
            left[job] -= 1
        assert min(left.values()) >= 0
        del waiting[step.group]


# ------------------------------------------------------------------------------------------------------- the counts


def both(found: TrainingNeeds) -> pd.DataFrame:
    return pd.concat([found.courses, found.steps], ignore_index=True)


def test_the_counts_are_those_of_the_pairs(generated: Engine, needed: TrainingNeeds) -> None:
    """Every figure of every row again, with sets in a loop."""
    found = shortfalls(generated, 2)
    places = places_of(generated)
    pairs, _hidden = gathered(generated, found, places)
    sets: dict[Any, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for need, place, month, row, job, state, sensible, french in pairs.itertuples(index=False):
        mine = sets[need, place, month]
        if sensible:
            mine[State(state).name].add(row)
            mine[f"jobs of {State(state).name}"].add(job)
            if state == State.STOPPED and french:
                mine["french_too"].add(row)
        elif state in (State.STOPPED, State.SHORT):
            mine["others"].add(row)
    expected = []
    for mine in sets.values():
        lacking = mine["STOPPED"] | mine["SHORT"]
        base = next(
            names
            for names, who in (
                (("STOPPED", "SHORT"), lacking),
                (("UNKNOWN",), mine["UNKNOWN"]),
                (("WISHED",), mine["WISHED"]),
            )
            if len(who) >= 5
        )
        jobs = set[int]().union(*(mine[f"jobs of {name}"] for name in base))
        counts = {
            "people": len(lacking),
            "stopped": len(mine["STOPPED"]),
            "french_too": len(mine["french_too"]),
            "to_check": len(mine["UNKNOWN"]),
            "wished": len(mine["WISHED"]),
            "others": len(mine["others"] - lacking),
            "ready": len({who for job in jobs for who in found.ready[job].tolist()}),
        }
        shown = [None if 0 < counts[name] < 5 else counts[name] for name in COUNTED]
        openings = int(generated.positions["openings"].fillna(1).iloc[sorted(jobs)].sum())
        hours = round(float(generated.positions["hours"].fillna(0).iloc[sorted(jobs)].sum()))
        expected.append((*shown, len(jobs), openings, hours))
    table = both(needed)
    columns = [*COUNTED, "positions", "openings", "hours"]
    given = [tuple(None if pd.isna(v) else int(v) for v in row) for row in table[columns].itertuples(index=False)]
    assert sorted(map(str, given)) == sorted(map(str, expected))
    assert len(given) > 30


def test_nobody_is_counted_twice(generated: Engine, needed: TrainingNeeds) -> None:
    """What the lines add together is what one sharing of people and openings can give, and no more."""
    for table in (needed.courses, needed.steps):
        for _effect, part in table[table["rank"].notna()].groupby("effect"):
            assert part["rank"].tolist() == list(range(1, len(part) + 1))
            assert part["gain"].cumsum().tolist() == part["cumulative"].tolist()
            assert part["gain"].is_monotonic_decreasing
            assert part["gain"].iloc[0] == part["seats"].iloc[0] == part["seats"].max()
            assert (part["gain"] <= part["seats"]).all()
            assert (part["seats"] <= np.minimum(part["people"], part["openings"])).all()
            assert part["cumulative"].max() <= generated.positions["openings"].fillna(1).sum()


def test_no_row_says_something_of_fewer_than_five_people(needed: TrainingNeeds) -> None:
    table = both(needed)
    for name in COUNTED:
        assert not table[name].between(1, 4).any(), name
    assert (table[["people", "to_check", "wished"]].max(axis=1) >= 5).all()
    assert not table["sentence"].str.contains(r"\b[1-4] personnes? ", regex=True).any()


def test_the_provider_sees_nobody(generated: Engine, needed: TrainingNeeds) -> None:
    text = both(needed).to_csv()
    assert not [key for key in generated.candidates["candidate_id"] if key in text]
    assert not needed.courses["need"].str.contains("document:", regex=False).any()
    assert needed.steps["need"].str.contains("document:", regex=False).any()


def test_a_row_of_one_town_and_month_has_its_own_place(needed: TrainingNeeds) -> None:
    table = needed.courses
    assert set(COLUMNS) == set(table.columns)
    assert "Évry (91)" in set(table["place"])
    for row in table[table["month"].str.match(r"\d{4}-\d{2}")].itertuples():
        assert (row.needed_by + pd.Timedelta(days=1)).strftime("%Y-%m") == row.month
        assert row.weeks_left >= 2


# --------------------------------------------------------------------------------------------------------- the words

JOB = {
    "occupation": "F1702",
    "title": "Ouvrier VRD",
    "start_date": "2026-10-12",
    "end_date": "2027-01-31",
    "openings": 3,
    "hours": 900,
}


def crowd(count: int, **facts: Any) -> list[dict[str, Any]]:
    return [{"occupations": "F1702", **facts} for _i in range(count)]


def needs(people: list[dict[str, Any]], *jobs: dict[str, Any], weeks: int = 2) -> TrainingNeeds:
    return training_needs(
        engine_of(tables.people(*people), tables.positions(*({**JOB, **job} for job in jobs))), weeks
    )


def test_a_course_in_words() -> None:
    people = [*crowd(6, certificates="none"), *crowd(5), *crowd(7, certificates="AIPR")]
    found = needs(people, {"certificates": "AIPR"})
    (row,) = found.courses.to_dict("records")
    assert row["sentence"] == (
        "AIPR, intervention à proximité des réseaux : examen, puis autorisation signée par l'employeur – Évry (91). "
        "6 personnes qui cherchent ou ont exercé ce métier (Ouvrier / Ouvrière en voiries) sont arrêtées par ce seul "
        "point ; 1 poste(s), 3 place(s), 900 h. Former 3 d'entre elles suffirait à pourvoir autant de places. "
        "12 personnes peuvent déjà prendre ces postes. À vérifier d'abord : 5 personne(s) ne le disent pas et l'ont "
        "peut-être. Premier démarrage le 12/10/2026 : à terminer au plus tard le 11/10/2026."
    )
    assert (row["effect"], row["rank"], row["people"], row["to_check"], row["seats"]) == (
        "ouvre des postes",
        1,
        6,
        5,
        3,
    )
    assert row["remark"] == "valable 60 mois (arrêtés du 15 février 2012 et du 22 décembre 2015)"
    assert not len(found.steps[found.steps["need"].str.startswith("employer")])


def test_unknown_is_never_no() -> None:
    """Who does not say is to be asked, and is counted apart."""
    (row,) = needs(crowd(8), {"certificates": "AIPR"}).courses.to_dict("records")
    assert (row["effect"], row["people"], row["to_check"]) == ("à vérifier d'abord", 0, 8)
    assert pd.isna(row["rank"])
    assert "1 poste(s) le demandent ou le souhaitent (Ouvrier / Ouvrière en voiries)." in row["sentence"]


def test_french_brings_nearer_and_stops_nobody() -> None:
    (row,) = needs(crowd(6, french_level="A1"), {"french_min": "B1"}).courses.to_dict("records")
    assert (row["effect"], row["stopped"], row["people"]) == ("rapproche de ce que demandent des postes", 0, 6)
    assert row["sentence"].startswith("Cours de français visant le niveau B1 – Évry (91). 6 personnes ")
    assert "sont sous le niveau demandé" in row["sentence"]


def test_two_courses_together() -> None:
    people = crowd(5, certificates="none", licences="none")
    (row,) = needs(people, {"certificates": "AIPR", "licences": "B"}).courses.to_dict("records")
    assert row["need"] == "certificate:AIPR|licence:B"
    assert "sont arrêtées par ces deux points ensemble" in row["sentence"]


def test_a_heavy_licence_needs_the_light_one_first() -> None:
    found = needs([*crowd(5, licences="none"), *crowd(5, licences="B")], {"licences": "C"}).courses
    assert sorted(found["need"]) == ["licence:B|licence:C", "licence:C"]
    assert set(found["people"]) == {5}
    assert (
        found["remark"].str.contains("suppose le permis B (code de la route, R221-4 et suivants)", regex=False).all()
    )


def test_a_card_that_the_employer_asks_for_is_no_course() -> None:
    found = needs(crowd(6, certificates="none"), {"certificates": "carte BTP"})
    assert not len(found.courses)
    (row,) = found.steps[found.steps["need"] == "employer:CARTE_BTP"].to_dict("records")
    assert row["remark"] == (
        "se demande par l'employeur à l'embauche : ce n'est pas une formation (code du travail, L8291-1 et R8291-1)"
    )
    assert "Le régler pour 3 d'entre elles suffirait" in row["sentence"]


def test_papers_that_ran_out() -> None:
    """An RQTH that is past would open the contract again; a right to work known as absent is nobody's course."""
    base = {"benefits": "none", "jobseeker": "yes", "jobseeker_since": "2026-08-01", "months_worked_12": 12}
    base |= {"qualification_level": 5, "birth_date": "1990-01-01", "programmes": "none", "pass_iae_until": "none"}
    base |= {"qpv": "no", "refugee": "no", "left_education": "2010-01-01", "last_activity_end": "2026-07-31"}
    people = crowd(6, **base, disability="yes", disability_until="2026-05-01")
    people += crowd(5, right_to_work_until="2026-08-31") + crowd(5, right_to_work_until="none")
    steps = needs(people, {}).steps.set_index("need")
    assert steps.at["document:disability", "stopped"] == 6
    assert steps.at["document:right_to_work", "stopped"] == 5


def test_a_course_and_a_paper_together_stay_with_the_facilitator() -> None:
    people = crowd(6, certificates="none", right_to_work_until="2026-08-31")
    found = needs(people, {"certificates": "AIPR"})
    assert not len(found.courses)
    assert found.steps["need"].tolist() == ["certificate:AIPR|document:right_to_work"]


def test_two_overlapping_courses_are_not_counted_twice() -> None:
    """The same people and openings: whichever comes second adds nothing."""
    people = crowd(5, certificates="none", licences="none")
    jobs = [{"certificates": "AIPR", "openings": 5}, {"licences": "B", "openings": 5}]
    found = needs(people, *jobs).courses
    assert found["seats"].tolist() == [5, 5]
    assert found["gain"].tolist() == [5, 0]
    assert found["cumulative"].tolist() == [5, 5]
    assert "Les lignes au-dessus suffisent déjà à pourvoir ces places." in found["sentence"].iloc[1]


def test_small_places_are_put_together_before_being_hidden() -> None:
    people = crowd(3, certificates="none") + crowd(3, certificates="none", commune="91223", max_distance_km=60)
    (row,) = needs(people, {"certificates": "AIPR"}).courses.to_dict("records")
    assert (row["place"], row["department"], row["people"], row["month"]) == ("autres lieux", "", 6, "2026-10")
    found = needs(crowd(4, certificates="none"), {"certificates": "AIPR"})
    assert not len(found.courses)
    assert "1 besoin(s) de moins de cinq personnes ne sont pas montrés." in found.remarks


def test_positions_that_start_too_soon_are_left_out_and_told() -> None:
    people = crowd(6, certificates="none")
    job = {"certificates": "AIPR", "start_date": "2026-09-10"}
    assert needs(people, job).remarks == (
        "1 poste(s) démarrés, ou qui démarrent dans les 2 semaines, ne comptent pas.",
    )
    assert len(needs(people, job, weeks=1).courses) == 1
    with pytest.raises(UsageError, match="--weeks doit être 0 ou plus"):
        needs(people, job, weeks=-1)


def test_an_empty_file_of_needs_keeps_its_columns() -> None:
    found = needs(crowd(6), {})
    assert tuple(found.courses.columns) == COLUMNS
    assert not len(found.courses)


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("CACES_R489_1A", "CACES R489 (chariots élévateurs), catégorie 1A"),
        ("CACES_R482_B1", "CACES R482 (engins de chantier), catégorie B1"),
        ("SSIAP1", "SSIAP (sécurité incendie), catégorie 1"),
        ("DIPLOME_MAISON", "DIPLOME MAISON"),
    ],
)
def test_certificates_have_a_readable_name(code: str, label: str) -> None:
    assert certificate_need(code).label == label


def test_every_column_is_explained(root: Path) -> None:
    guide = (root / "docs" / "besoins-de-formation.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in guide] == []


# ------------------------------------------------------------------------------------------------------- the command


def test_command_writes_its_files(tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = root / "data_samples"
    words = ["training-needs", str(samples / "candidates.csv"), str(samples / "positions.csv"), "--on", "2026-09-01"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "-o", str(tmp_path / "out"), "--people", str(tmp_path / "names.csv")])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert "pour leurs conseillers, à ne pas transmettre" in said
    table = pd.read_csv(tmp_path / "out" / "training_needs.csv", sep=";", encoding="utf-8-sig")
    assert tuple(table.columns) == COLUMNS
    assert (tmp_path / "out" / "training_steps.csv").exists()
    assert (tmp_path / "out" / "rejected.csv").exists()
    names = pd.read_csv(tmp_path / "names.csv", sep=";", encoding="utf-8-sig")
    assert list(names.columns) == ["candidate_id", "need", "label", "state", "place", "positions"]
    assert set(names["state"]) == {
        "arrêtée par ce seul point",
        "sous la demande du poste à son démarrage",
        "à vérifier d'abord",
    }


def test_command_takes_a_workbook_and_refuses_an_odd_number(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = root / "data_samples"
    words = ["training-needs", str(samples / "candidates.csv"), str(samples / "positions.csv"), "--on", "2026-09-01"]
    words += ["-o", str(tmp_path / "besoins.xlsx")]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--weeks", "-1"])
    assert stop.value.code == 2
    assert "--weeks doit être 0 ou plus." in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["besoins.xlsx", "besoins_steps.xlsx", "rejected.csv"]
