"""What the endpoints answer: the same decisions and lists as the command and the pipeline."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from matcher.eligibility import decide
from matcher.engine import Engine, Options
from matcher.pipeline import run
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table
from service.clock import local_day, now
from service.work import rows
from tests.service.support import COMMAND, ROOT, Server

Rows = list[dict[str, Any]]
ON = date(2026, 9, 1)
SAMPLES = ROOT / "data_samples"
PERSON = {"candidate_id": "A", "commune": "91228", "jobseeker": True, "benefits": ["RSA"], "accepts": ["early"]}
JOB = {"position_id": "J", "commune": "91228", "occupation": "F1703", "schedule": "early"}


def post(client: httpx2.Client, path: str, body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_health(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": matcher.__version__})
    assert answer.headers["cache-control"] == "no-store"


def test_match_is_the_pipeline_on_the_same_tables(
    client: httpx2.Client, people: Rows, jobs: Rows, tmp_path: Path
) -> None:
    body = {"candidates": people, "positions": jobs, "on": ON.isoformat(), "top": 7, "max_per_candidate": 2}
    answer = post(client, "match", body)
    for name in ("candidates", "positions"):
        (tmp_path / name).write_text(json.dumps(body[name]), encoding="utf-8")
    read_people = read_table(CANDIDATES, tmp_path / "candidates", today=date.today())  # noqa: DTZ011
    read_jobs = read_table(POSITIONS, tmp_path / "positions", today=date.today())  # noqa: DTZ011
    found = run(Engine(read_people.table, read_jobs.table, Options(ON, top=7, max_per_candidate=2)))
    assert len(answer["shortlists"]) > 100
    assert answer["shortlists"] == rows(found.shortlists)
    assert answer["exclusions"] == rows(found.exclusions)
    assert answer["unfilled"] == rows(found.unfilled)
    assert answer["rejected"] == rows(pd.concat([read_people.rejected, read_jobs.rejected]))
    assert len(answer["rejected"]) > 3
    assert answer["warnings"] == [*read_people.warnings, *read_jobs.warnings, *found.remarks]


def cells(table: Rows, columns: list[str]) -> list[list[str]]:
    def text(value: object) -> str:
        return "|".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)

    return [[text(row[column]) for column in columns] for row in table]


def as_in_a_file(row: dict[str, Any]) -> dict[str, Any]:
    """A rejected row as the command tells it: the header is row 1."""
    message = re.sub(r"(?<=à la ligne )\d+", lambda number: str(int(number[0]) + 1), row["message"])
    return {**row, "row": row["row"] + 1, "file": f"{row['file']}.csv", "message": message}


def from_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        header, *lines = csv.reader(text, delimiter=";")
    return header, lines


def test_match_is_the_command_on_the_same_tables(
    client: httpx2.Client, people: Rows, jobs: Rows, environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = ["match", str(SAMPLES / "candidates.csv"), str(SAMPLES / "positions.csv"), "--on", "2026-09-01"]
    arguments += ["--rules", "charte-91-2018", "--complete", "certificates", "--top", "5", "--outputs", "csv"]
    subprocess.run([*COMMAND, *arguments, "-o", str(tmp_path / "out")], env=environment, check=True, timeout=120)
    body = {"candidates": people, "positions": jobs, "on": "01/09/2026", "rules": "charte-91-2018", "top": 5}
    answer = post(client, "match", {**body, "complete": ["certificates"]})
    for name in ("shortlists", "exclusions", "unfilled"):
        header, lines = from_csv(tmp_path / "out" / f"{name}.csv")
        assert lines
        assert cells(answer[name], header) == lines
    header, lines = from_csv(tmp_path / "out" / "rejected.csv")
    assert cells([as_in_a_file(row) for row in answer["rejected"]], header) == lines


def test_eligibility_is_the_command_on_the_same_table(
    client: httpx2.Client, people: Rows, environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = ["eligibility", str(SAMPLES / "candidates.csv"), "--on", "2026-09-01", "--mode", "EI"]
    arguments += ["--assume-no", "refugee,zrr", "--require-proof", "-o", str(tmp_path / "decisions.csv")]
    subprocess.run([*COMMAND, *arguments], env=environment, check=True, timeout=120)
    body = {"candidates": people, "on": "2026-09-01", "mode": "EI", "assume_no": "refugee|zrr", "require_proof": True}
    header, lines = from_csv(tmp_path / "decisions.csv")
    assert cells(post(client, "eligibility", body)["decisions"], header) == lines


def test_eligibility_is_the_librarys_own(client: httpx2.Client, people: Rows) -> None:
    table = read_table(CANDIDATES, SAMPLES / "candidates.csv", today=ON).table
    answer = post(client, "eligibility", {"candidates": people, "on": "2026-09-01"})
    assert answer["decisions"] == rows(decide(table, on=ON))
    assert {row["outcome"] for row in answer["decisions"]} == {"eligible", "to_verify", "not_eligible"}


def test_lists_are_lists_and_unknown_is_null(client: httpx2.Client) -> None:
    answer = post(client, "match", {"candidates": [PERSON], "positions": [JOB], "on": "2026-09-01"})
    (line,) = answer["shortlists"]
    assert line["categories"] == ["minima"]
    assert line["missing"] == []
    assert line["at_start"] is None
    lost = {key: value for key, value in PERSON.items() if key != "commune"}
    (line,) = post(client, "match", {"candidates": [lost], "positions": [JOB], "on": "2026-09-01"})["shortlists"]
    assert line["distance_km"] is None
    (decision,) = post(client, "eligibility", {"candidates": [{"candidate_id": 7}]})["decisions"]
    assert (decision["candidate_id"], decision["outcome"], decision["categories"]) == ("7", "to_verify", [])
    assert decision["position_id"] is None


@pytest.mark.parametrize("accepts", [["early", "tôt"], "early", "early|tôt", "Matin tôt"])
def test_lists_come_as_json_or_as_one_text(client: httpx2.Client, accepts: object) -> None:
    body = {"candidates": [{**PERSON, "accepts": accepts}], "positions": [JOB]}
    assert len(post(client, "match", body)["shortlists"]) == 1


@pytest.mark.parametrize(("accepts", "listed"), [([], 0), ("none", 0), (None, 1), ("", 1)])
def test_an_empty_list_is_known_and_null_is_not(client: httpx2.Client, accepts: object, listed: int) -> None:
    body = {"candidates": [{**PERSON, "accepts": accepts}], "positions": [JOB]}
    assert len(post(client, "match", body)["shortlists"]) == listed


def test_the_day_is_today_unless_given(client: httpx2.Client) -> None:
    before = local_day(now())
    (decision,) = post(client, "eligibility", {"candidates": [PERSON]})["decisions"]
    assert before.isoformat() <= decision["on"] <= local_day(now()).isoformat()
    (decision,) = post(client, "eligibility", {"candidates": [PERSON], "on": "2020-02-29"})["decisions"]
    assert decision["on"] == "2020-02-29"


def test_absent_options_may_be_null(client: httpx2.Client) -> None:
    options = dict.fromkeys(["rules", "on", "top", "max_per_candidate", "complete", "assume_no"])
    bare = post(client, "match", {"candidates": [PERSON], "positions": [JOB]})
    assert post(client, "match", {"candidates": [PERSON], "positions": [JOB], **options}) == bare


def test_a_position_without_dates_or_place_is_answered(client: httpx2.Client) -> None:
    answer = post(client, "match", {"candidates": [PERSON], "positions": [{"position_id": "J"}], "top": 1})
    assert answer["unfilled"] == [{"position_id": "J", "asked": 1, "listed": 0, "reason": "lieu inconnu"}]


def test_other_columns_are_kept_aside_and_told(client: httpx2.Client) -> None:
    answer = post(client, "eligibility", {"candidates": [{**PERSON, "commentaire": "x", "n° interne": 3}]})
    assert answer["warnings"] == [
        "candidates : colonnes non reconnues, gardées de côté et non utilisées : « commentaire », « n° interne »"
    ]


def test_rules_outside_their_dates_are_told(client: httpx2.Client) -> None:
    answer = post(client, "eligibility", {"candidates": [PERSON], "rules": "charte-91-2018", "on": "2026-09-01"})
    assert any("charte-91-2018" in warning and "hors de leurs dates" in warning for warning in answer["warnings"])


def test_bad_rows_are_set_aside_and_the_others_go_on(client: httpx2.Client) -> None:
    bad = [
        5,
        {"candidate_id": "B", "jobseeker": "peut-être"},
        {"candidate_id": "A"},
        {"candidate_id": "C", "sex": {}},
    ]
    answer = post(client, "eligibility", {"candidates": [PERSON, *bad]})
    assert [decision["candidate_id"] for decision in answer["decisions"]] == ["A"]
    assert [(row["file"], row["row"]) for row in answer["rejected"]] == [("candidates", row) for row in (2, 3, 4, 5)]
    messages = [row["message"] for row in answer["rejected"]]
    assert messages[0] == "une fiche doit être un objet { colonne : valeur }"
    assert messages[1] == "ni oui ni non ; écrire oui ou non, ou laisser vide si ce n'est pas connu"
    assert messages[2] == "identifiant déjà donné à la ligne 1 ; chaque identifiant ne sert qu'une fois"
    assert messages[3].startswith("objet dans une cellule")


def test_texts_follow_the_language_asked(client: httpx2.Client) -> None:
    french = client.post("/api/v1/eligibility", json={"candidates": [PERSON]})
    english = client.post(
        "/api/v1/eligibility", json={"candidates": [PERSON]}, headers={"Accept-Language": "en-GB, fr;q=0.5"}
    )
    assert french.headers["content-language"] == "fr"
    assert english.headers["content-language"] == "en"
    assert french.json()["decisions"][0]["next_step"].startswith("Éligible : apporter")


@settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_the_order_of_rows_changes_nothing(client: httpx2.Client, people: Rows, jobs: Rows, data: Any) -> None:
    some = [row for row in people[:80] if row["candidate_id"]]
    few = {row["candidate_id"]: row for row in some}
    body = {"candidates": list(few.values()), "positions": jobs[:6], "on": "2026-09-01", "max_per_candidate": 1}
    wanted = post(client, "match", body)
    shuffled = {
        **body,
        "candidates": data.draw(st.permutations(list(few.values()))),
        "positions": data.draw(st.permutations(jobs[:6])),
    }
    found = post(client, "match", shuffled)
    assert found["shortlists"] == wanted["shortlists"]
    assert found["exclusions"] == wanted["exclusions"]
    assert found["unfilled"] == wanted["unfilled"]


def test_requests_at_once_do_not_mix(server: Server, people: Rows) -> None:
    """Eight clients, two languages: each gets its own people in its own language."""
    from concurrent.futures import ThreadPoolExecutor

    def ask(number: int) -> tuple[list[str], str | None]:
        few = [{**row, "candidate_id": f"{number}-{i}"} for i, row in enumerate(people[:30])]
        language = "en" if number % 2 else "fr"
        headers = {"Accept-Language": language, **server.headers}
        answer = httpx2.post(
            f"{server.url}/api/v1/eligibility", json={"candidates": few}, headers=headers, timeout=60
        )
        assert answer.headers["content-language"] == language
        return [row["candidate_id"] for row in answer.json()["decisions"]], language

    with ThreadPoolExecutor(8) as pool:
        for number, (ids, _language) in enumerate(pool.map(ask, range(8))):
            assert ids
            assert all(one.startswith(f"{number}-") for one in ids)


def test_answers_are_tables_as_pandas_reads_them(client: httpx2.Client) -> None:
    answer = post(client, "match", {"candidates": [PERSON], "positions": [JOB]})
    frame = pd.DataFrame(answer["shortlists"])
    assert frame["score"].between(0, 100).all()
