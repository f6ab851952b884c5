"""People sent, listed, read and changed by their own organisation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned_by
from hypothesis import strategies as st
from sqlalchemy import func, select

from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_records
from service.facts import differing_columns, facts_of, frame_of, laid_over, open_facts
from service.people.source import StoredPool
from service.store.tables import people_past
from tests.service.databases import Api
from tests.service.people import API, actions, counts, one, person, put
from tests.service.support import refused


def test_sent_twice_nothing_changes(api: Api, people: list[dict[str, Any]]) -> None:
    adviser = api.client("adviser")
    dry = put(adviser, *people[:30], dry_run=True)
    assert counts(dry)[0] == 30
    assert dry["dry_run"]
    assert adviser.get(f"{API}/candidates").json()["candidates"] == []
    first = put(adviser, *people[:30])
    assert (counts(first), first["report"]) == (counts(dry), dry["report"])
    head = StoredPool(api.store).head()
    before = one(adviser, "P00001")
    again = put(adviser, *people[:30])
    assert counts(again) == (0, 0, 30, 0)
    assert StoredPool(api.store).head() == head
    assert one(adviser, "P00001") == before


def test_a_row_replaces_the_columns_it_names_and_leaves_the_others(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, person("A", sex="F", wage_min=12.5, benefits=["RSA", "ASS"]), person("B", sex="F"))
    report = put(
        adviser,
        {"Identifiant": "A", "Salaire minimum": "13,5", "sex": None},
        {"Identifiant": "B", "vehicle": "oui"},
        {"Identifiant": "A "},
    )
    assert [line["result"] for line in report["report"]] == ["updated", "updated", "error"]
    assert report["report"][2]["message"].startswith("identifiant déjà donné à la ligne 1")
    facts = one(adviser, "A")["facts"]
    assert (facts["sex"], facts["wage_min"], facts["benefits"]) == (None, 13.5, ["RSA", "ASS"])
    facts = one(adviser, "B")["facts"]
    assert (facts["sex"], facts["vehicle"]) == ("F", True)
    assert one(adviser, "A")["version"] == 2


def test_bad_rows_are_told_and_the_others_go_on(api: Api) -> None:
    adviser = api.client("adviser")
    rows = [person("A"), person("B", qpv="peut-être"), 3, person("x" * 201), person("D\u0000"), {"sex": "F"}]
    report = put(adviser, *rows)
    assert counts(report) == (1, 0, 0, 5)
    assert [line["row"] for line in report["report"]] == [1, 2, 3, 4, 5, 6]
    lines = report["report"]
    assert (lines[1]["candidate_id"], lines[1]["column"]) == ("B", "qpv")
    assert lines[1]["message"].startswith("ni oui ni non")
    assert lines[3]["message"] == (
        "identifiant de plus de 200 caractères, ou avec des caractères invisibles ; le changer"
    )
    assert lines[5]["message"].startswith("identifiant manquant")
    problem = refused(adviser.put(f"{API}/candidates", json={"candidates": [rows[1]]}), 422, "nothing_usable")
    assert problem["rejected"][0]["column"] == "qpv"


def test_what_a_partial_row_makes_contradictory_is_told(api: Api) -> None:
    facilitator = api.client("facilitator")
    position = {"position_id": "J", "start_date": "2026-10-01"}
    facilitator.put(f"{API}/positions", json={"positions": [position]})
    late = {"position_id": "J", "end_date": "2026-09-01"}
    report = facilitator.put(f"{API}/positions", json={"positions": [late]}).json()
    assert (report["rejected"], report["updated"]) == (0, 1)
    assert "fin avant le début (lignes 1)" in report["warnings"][0]


def test_a_change_needs_the_version_that_was_read(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, person("A/1", wage_min=12))
    url = f"{API}/candidates/A%2F1"
    read = adviser.get(url)
    tag = read.headers["etag"]
    assert read.json()["facts"]["wage_min"] == 12
    assert adviser.get(url, headers={"If-None-Match": tag}).status_code == 304
    changed = adviser.patch(url, json={"facts": {"wage_min": 13}}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["facts"]["wage_min"]) == (200, 13)
    assert changed.headers["etag"] != tag
    refused(adviser.patch(url, json={"facts": {"wage_min": 14}}, headers={"If-Match": tag}), 412, "changed")
    same = adviser.patch(url, json={"facts": {"wage_min": "13"}}, headers={"If-Match": changed.headers["etag"]})
    assert same.headers["etag"] == changed.headers["etag"]
    assert adviser.patch(url, json={"facts": {"wage_min": 15}}).json()["version"] == 3


def test_a_change_is_refused_with_the_words_of_the_table(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, person("A"))
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"wage_min": "beaucoup"}, "wage_min : nombre illisible"),
        ({"birth_date": "2999-01-01"}, "birth_date : date de naissance dans le futur"),
        ({"Identifiant": "B"}, "candidate_id : un identifiant ne se change pas"),
        ({"couleur": "bleu"}, "colonnes non reconnues"),
    )
    for facts, said in cases:
        problem = refused(adviser.patch(f"{API}/candidates/A", json={"facts": facts}), 422, "usage")
        assert problem["detail"].startswith(said)
    assert one(adviser, "A")["version"] == 1


def test_pages_show_everybody_once_and_search_begins_names(api: Api) -> None:
    adviser, other = api.client("adviser"), api.client("adviser", "B")
    names = [f"N{number:02d}" for number in range(23)]
    put(adviser, *[person(name, last_name=f"D'Étang {name}", first_name="Zoé") for name in names])
    put(other, person("N99"))
    seen, cursor = [], None
    while True:
        given = {"limit": 5} | ({"cursor": cursor} if cursor else {})
        page = adviser.get(f"{API}/candidates", params=given).json()
        seen += [line["candidate_id"] for line in page["candidates"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == names
    for text, expected in (("n0", 10), ("detang N1", 10), ("ZOE", 23), ("Anne", 0), ("étang", 0)):
        found = adviser.get(f"{API}/candidates", params={"q": text}).json()
        assert len(found["candidates"]) == expected, text
    cursor = adviser.get(f"{API}/candidates", params={"limit": 5}).json()["next"]
    refused(other.get(f"{API}/candidates", params={"limit": 5, "cursor": cursor}), 422, "usage")
    refused(adviser.get(f"{API}/candidates", params={"q": "n", "cursor": cursor}), 422, "usage")
    refused(adviser.get(f"{API}/candidates", params={"cursor": "é"}), 422, "usage")
    refused(adviser.get(f"{API}/candidates", params={"limit": 0}), 422, "usage")


def test_a_search_goes_on_where_it_stopped(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, *[person(f"N{number}", last_name="Pair" if number % 5 == 0 else "Autre") for number in range(11)])
    seen: list[str] = []
    cursor, pages = None, 0
    while cursor or not pages:
        given = {"q": "pair", "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = adviser.get(f"{API}/candidates", params=given).json()
        seen += [line["candidate_id"] for line in page["candidates"]]
        cursor, pages = page["next"], pages + 1
    assert sorted(seen) == ["N0", "N10", "N5"]
    assert pages == 3


def test_reading_is_written_down_before_the_answer(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, person("A"), person("B"))
    one(adviser, "A")
    adviser.get(f"{API}/candidates")
    adviser.get(f"{API}/candidates/A/file")
    assert [action for action in actions(api) if action.startswith(("people", "file"))] == [
        "people.create",
        "people.see",
        "people.see",
        "file.see",
    ]


def test_another_organisation_s_people_are_nobody(api: Api) -> None:
    mine, theirs = api.client("adviser"), api.client(("adviser", "facilitator"), "B")
    put(mine, person("A", last_name="Secret"))
    reference = one(mine, "A")["reference"]

    def told(name: str, method: str, path: str) -> tuple[int, str]:
        body = {"json": {"facts": {"wage_min": 12}}} if method == "PATCH" else {}
        answer = theirs.request(method, f"{API}/candidates/{name}{path}", **body)
        return answer.status_code, {**answer.json(), "instance": ""}["detail"]

    for method, path in (("GET", ""), ("GET", "/file"), ("PATCH", ""), ("DELETE", "")):
        assert told("A", method, path) == told("nobody", method, path) == told(reference, method, path)
        assert told("A", method, path)[0] == 404
    assert theirs.get(f"{API}/candidates").json() == {"candidates": [], "next": None}
    assert counts(put(theirs, person("A", last_name="Autre"))) == (1, 0, 0, 0)
    assert one(mine, "A")["facts"]["last_name"] == "Secret"
    assert one(theirs, "A")["facts"]["last_name"] == "Autre"


def test_objection_reaches_the_pool_at_once(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, person("A"), person("B"))
    source = StoredPool(api.store)
    before = source.head()
    put(adviser, person("A", objection="oui"))
    found = source.people_since(before)
    assert found.table[["candidate_id", "objection"]].to_numpy().tolist() == [["A", True]]
    assert source.head() == found.seq > before


def test_the_same_people_sent_at_once_are_created_once(api: Api) -> None:
    clients = [api.client("adviser") for _number in range(5)]
    rows = [person(f"N{number}", wage_min=12) for number in range(20)]
    with ThreadPoolExecutor(len(clients)) as pool:
        reports = list(pool.map(lambda client: counts(put(client, *rows)), clients))
    assert sorted(reports) == [(0, 0, 20, 0)] * 4 + [(20, 0, 0, 0)]
    wages = [[{**row, "wage_min": wage} for row in rows] for wage in range(13, 18)]
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda client, changed: put(client, *changed), clients, wages))
    assert {one(clients[0], row["candidate_id"])["version"] for row in rows} == {6}
    with api.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(people_past)).scalar_one() == 100


_VALUES = st.dictionaries(
    st.sampled_from(["sex", "wage_min", "benefits", "vehicle", "birth_date", "pass_iae_until", "skills", "commune"]),
    st.sampled_from(
        [None, "", "F", 12, 12.25, "RSA|ASS", [], ["a", "b"], True, "1990-02-28", "none", "01004", "É\n'"]
    ),
    max_size=5,
)


@given(st.lists(_VALUES, max_size=6), st.lists(_VALUES, max_size=6))
@tuned_by(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_facts_are_the_table_and_laying_over_is_a_dictionary_update(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
        records = [{"candidate_id": str(number), **row} for number, row in enumerate(rows)]
        return (
            read_records(CANDIDATES, records, "f", today=date(2026, 11, 23)).table
            if records
            else frame_of(CANDIDATES, [])
        )

    old, new = table(first), table(second)
    for frame in (old, new):
        facts = facts_of(CANDIDATES, frame)
        pd.testing.assert_frame_equal(frame_of(CANDIDATES, [_json(one) for one in facts]), frame)
        assert differing_columns(frame, frame, np.ones(len(frame), bool)) == {}
        again = read_records(
            CANDIDATES, [open_facts(CANDIDATES, one) for one in facts], "f", today=date(2026, 11, 23)
        )
        pd.testing.assert_frame_equal(again.table, frame) if facts else None
    size = min(len(old), len(new))
    old, new = old.head(size), new.head(size)
    given_columns = {name: new[name].notna().to_numpy() for name in CANDIDATES.names}
    expected = [{**a, **b} for a, b in zip(facts_of(CANDIDATES, old), facts_of(CANDIDATES, new), strict=True)]
    assert facts_of(CANDIDATES, laid_over(new, old, given_columns)) == expected


def _json(facts: dict[str, Any]) -> bytes:
    import json

    return json.dumps(facts, ensure_ascii=False).encode()


def test_positions_are_read_back_as_they_were(jobs: list[dict[str, Any]]) -> None:
    table = read_records(POSITIONS, jobs, "positions", today=date(2026, 11, 23)).table
    bodies = [_json(one) for one in facts_of(POSITIONS, table)]
    pd.testing.assert_frame_equal(frame_of(POSITIONS, bodies), table)
