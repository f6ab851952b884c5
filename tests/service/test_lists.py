"""Lists over real HTTP: who sees whom, what of them, and what is written down of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from matcher.cli import main
from service import clock
from service.store import tables as t
from tests.service.databases import Api
from tests.service.lists import PEOPLE, POSITION, World, person

HIDDEN = ("Marqueur", "0100000001", "disability", "heavy_lifting", "port de charges", "boeth", "minima")


@pytest.fixture
def world(api: Api) -> World:
    return World(api).fill()


def test_a_facilitator_sees_everybody_by_reference_and_nothing_that_reveals(world: World) -> None:
    found = world.shortlist(world.facilitator)
    assert {one["candidate_id"] for one in found["people"]} == set(world.references().values())
    assert [one["rank"] for one in found["people"]] == [1, 2, 3, 4, 5, 6]
    assert all(one["outcome"] == "eligible" and one["categories"] == ["deld"] for one in found["people"])
    assert all(one["contact"] is None and not one["own"] for one in found["people"])
    text = json.dumps(found, ensure_ascii=False)
    assert not [word for word in (*HIDDEN, "P1", "Q1") if word in text]


def test_an_adviser_sees_their_own_people_ranked_among_themselves_and_all_that_is_known(world: World) -> None:
    found = world.shortlist(world.other)
    assert [(one["candidate_id"], one["rank"], one["own"]) for one in found["people"]] == [
        ("P1", 1, True),
        ("Q1", 2, True),
    ]
    mine = {one["candidate_id"]: one for one in world.shortlist(world.adviser)["people"]}
    assert mine["P2"]["categories"] == ["deld", "minima", "boeth"]
    assert found["unfilled"] == {
        "asked": 10,
        "listed": 2,
        "reason": "moins de personnes que demandé passent les critères ; voir exclusions.csv",
    }


def test_the_log_says_who_was_seen_before_the_list_leaves_and_names_nobody(world: World) -> None:
    world.shortlist(world.facilitator, top=2)
    entry = world.log(action="shortlist.see")[0]
    assert (entry["organisation"], entry["object"], len(entry["subjects"])) == ("F", "position:J1", 2)
    detail = entry["detail"]
    assert detail["asked"] == {"position": "J1", "top": 2, "people_of": None}
    assert set(detail["versions"]) == {"clausematch", "scorecard", "rules", "reference"}
    text = json.dumps(world.log(), ensure_ascii=False)
    references = world.references()
    assert not [word for word in ("Marqueur", "P1", "P2", *references.values()) if word in text]


def test_name_and_contact_come_with_the_proposal_and_go_with_its_withdrawal(world: World) -> None:
    proposal = world.propose(world.adviser, "P1")
    reference = world.references()["A", "P1"]

    def line() -> dict[str, Any]:
        people = world.shortlist(world.facilitator)["people"]
        return next(one for one in people if one["candidate_id"] == reference)

    assert line()["contact"]["first_name"] == "Marqueur1"
    assert line()["contact"]["phone"] == "0100000001"
    assert line()["proposal"] == {"proposal_id": proposal, "stage": "proposed"}
    assert len(world.log(action="contact.see")[0]["subjects"]) == 1
    world.positions({**POSITION, "position_id": "J2"})
    assert "Marqueur" not in json.dumps(world.shortlist(world.facilitator, "J2")), "another position"
    world.move(world.adviser, proposal, "withdrawn")
    assert line()["contact"] is None
    assert line()["proposal"] is None


def test_the_people_s_order_stands_beside_the_model_s(world: World) -> None:
    world.put(world.adviser, "candidates", [person(candidate_id="P9", commune="13055", max_distance_km=5)])
    names = world.references()
    order = {
        "order": [names["A", "P4"], names["A", "P9"]],
        "added": [names["A", "P9"]],
        "aside": [{"candidate_id": names["B", "Q1"], "reason": "position_employer"}],
    }
    assert world.facilitator.put("/api/v1/positions/J1/order", json=order).status_code == 200
    people = {one["candidate_id"]: one for one in world.shortlist(world.facilitator)["people"]}
    assert people[names["A", "P4"]]["place"] == 1
    assert people[names["B", "Q1"]]["aside"] == "position_employer"
    far = people[names["A", "P9"]]
    assert (far["rank"], far["place"], far["added"]) == (None, 2, True), "the model did not list this one"
    assert len(world.log(action="shortlist.see.others")[0]["subjects"]) == 1
    assert "P9" not in {one["candidate_id"] for one in world.shortlist(world.other)["people"]}


def test_small_counts_of_a_filter_are_hidden_from_a_facilitator(world: World) -> None:
    world.positions({**POSITION, "licences": ["C"]})
    world.put(world.adviser, "candidates", [person(candidate_id="P1", licences="none")])
    assert world.shortlist(world.adviser)["exclusions"] == [
        {"filter": "licence", "label": "permis ou véhicule exigé", "people": 1}
    ]
    assert world.shortlist(world.facilitator)["exclusions"][0]["people"] is None
    world.put(world.other, "candidates", [person(candidate_id=f"L{n}", licences="none") for n in range(4)])
    assert world.shortlist(world.facilitator)["exclusions"][0]["people"] == 5
    assert world.shortlist(world.adviser)["exclusions"][0]["people"] == 1, "those of other organisations do not count"


def test_somebody_who_objects_is_nowhere_at_once(world: World) -> None:
    reference = world.references()["A", "P1"]
    world.propose(world.adviser, "P1")
    world.put(world.adviser, "candidates", [{"candidate_id": "P1", "objection": "yes"}])
    assert reference not in json.dumps(world.shortlist(world.facilitator))
    world.get(world.facilitator, f"/positions/J1/candidates/{reference}", 404)
    assert world.get(world.adviser, "/candidates/P1/positions")["aside"] == "objection"


def test_one_s_own_person_has_positions_with_what_they_are(world: World) -> None:
    world.positions({**POSITION, "position_id": "J2", "title": "plombier", "occupation": "F1603", "employer": "SARL"})
    found = world.get(world.adviser, "/candidates/P1/positions", top=1)
    assert [one["position_id"] for one in found["positions"]] == ["J1"]
    second = world.get(world.adviser, "/candidates/P1/positions")["positions"][1]
    assert (second["rank"], second["title"], second["employer"]) == (2, "plombier", "SARL")
    world.get(world.other, "/candidates/P4/positions", 404)
    world.get(world.facilitator, "/candidates/P1/positions", 403)


def test_an_explanation_tells_a_facilitator_no_limit_at_work(world: World) -> None:
    world.positions({**POSITION, "demands": ["heavy_lifting"]})
    names = world.references()
    mine = world.get(world.adviser, "/positions/J1/candidates/P3")
    assert mine["obstacles"][0]["filter"] == "work_limits"
    assert "port de charges" in mine["obstacles"][0]["change"]
    assert "port de charges" in mine["text"]
    theirs = world.get(world.facilitator, f"/positions/J1/candidates/{names['A', 'P3']}")
    assert theirs["obstacles"] == [{"filter": "work_limits", "label": "aménagement possible ?", "change": None}]
    assert theirs["outcome"] == "eligible"
    for name in names.values():
        text = json.dumps(world.get(world.facilitator, f"/positions/J1/candidates/{name}"), ensure_ascii=False)
        assert not [word for word in (*HIDDEN, "justice", "demands", "contre-indication") if word in text]


def test_a_pair_of_elsewhere_is_nobody(world: World) -> None:
    names = world.references()
    world.get(world.other, "/positions/J1/candidates/P4", 404)
    world.get(world.adviser, f"/positions/J1/candidates/{names['B', 'Q1']}", 404)
    world.get(world.api.client("facilitator", "G"), f"/positions/J1/candidates/{names['A', 'P1']}", 404)


def test_a_company_sees_those_kept_for_it_and_only_the_sheet(world: World) -> None:
    first, _second = world.propose(world.adviser, "P1"), world.propose(world.adviser, "P2")
    assert world.get(world.company, "/positions/J1/company-sheet")["people"] == []
    world.move(world.facilitator, first, "shortlisted")
    sheet = world.get(world.company, "/positions/J1/company-sheet")
    assert [line["contact du facilitateur"] for line in sheet["people"]] == ["Facilitatrice"]
    assert sheet["people"][0]["éligibilité"] == "éligible à la clause, validé le 05/01/2026"
    assert sheet["references"] == sheet["refused"] == []
    name = sheet["people"][0]["référence"]
    text = json.dumps(sheet)
    assert not [word for word in ("Marqueur", "P1", *world.references().values(), *HIDDEN) if word in text]
    assert world.get(world.company, "/positions/J1/company-sheet", candidates=name) == sheet
    world.get(world.company, "/positions/J1/company-sheet", 404, candidates=world.references()["A", "P1"])
    world.get(world.api.client("contractor", "ELSEWHERE"), "/positions/J1/company-sheet", 404)
    world.get(world.company, "/positions/J1/shortlist", 403)


def test_a_facilitator_s_sheet_says_who_is_who_and_who_is_refused(world: World) -> None:
    world.put(world.adviser, "candidates", [{"candidate_id": "P2", "validated_on": None}])
    world.propose(world.adviser, "P1")
    world.propose(world.adviser, "P2")
    names = world.references()
    sheet = world.get(world.facilitator, "/positions/J1/company-sheet")
    assert sheet["references"] == [{"candidate_id": names["A", "P1"], "reference": sheet["people"][0]["référence"]}]
    assert sheet["refused"] == [{"candidate_id": names["A", "P2"], "rule": "validated_on"}]
    one = world.get(world.facilitator, "/positions/J1/company-sheet", candidates=names["A", "P1"])
    assert (len(one["people"]), one["refused"]) == (1, [])
    world.get(world.facilitator, "/positions/J1/company-sheet", 404, candidates=names["A", "P4"])
    assert len(world.log(action="sheet.see")[0]["subjects"]) == 1


def test_the_sheet_as_files(world: World) -> None:
    world.propose(world.adviser, "P1")
    path = "/api/v1/positions/J1/company-sheet"
    answer = world.facilitator.get(path, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="fiche-entreprise.csv"' in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [line["référence"] for line in lines] == [
        line["référence"] for line in world.get(world.facilitator, "/positions/J1/company-sheet")["people"]
    ]
    book = world.facilitator.get(path, params={"format": "xlsx"})
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    assert book.content[:2] == b"PK"


def test_a_closed_position_is_its_facilitator_s_alone(world: World) -> None:
    assert world.facilitator.patch("/api/v1/positions/J1", json={"closed": True}).status_code == 200
    world.get(world.adviser, "/positions/J1/shortlist", 404)
    assert len(world.shortlist(world.facilitator)["people"]) == 6


def test_stored_sent_and_given_to_the_command_the_lists_are_the_same(world: World, tmp_path: Path) -> None:
    people = [person(**one) for one in PEOPLE]
    jobs = [{**POSITION, "position_id": name, "asked": asked} for name, asked in (("X1", 2), ("X2", 5))]
    stored = world.adviser.post("/api/v1/match", json={"positions": jobs, "on": "2026-10-01"}).json()
    sent = world.adviser.post("/api/v1/match", json={"positions": jobs, "candidates": people, "on": "2026-10-01"})
    assert stored["shortlists"] == sent.json()["shortlists"]
    assert len(stored["shortlists"]) == 6
    for name, rows in (("candidates", people), ("positions", jobs)):
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    arguments = ["match", str(tmp_path / "candidates.json"), str(tmp_path / "positions.json"), "--on", "2026-10-01"]
    with pytest.raises(SystemExit) as done:
        main([*arguments, "--outputs", "json", "-o", str(tmp_path / "out")])
    assert not done.value.code
    written = json.loads((tmp_path / "out" / "shortlists.json").read_text(encoding="utf-8"))
    keys = (
        "position_id",
        "rank",
        "candidate_id",
        "score",
        "outcome",
        "distance_km",
        "strengths",
        "concerns",
        "rules",
    )
    assert [[row[key] for key in keys] for row in written] == [
        [row[key] for key in keys] for row in stored["shortlists"]
    ]


def test_a_facilitator_matches_everybody_by_reference(world: World) -> None:
    jobs = [{**POSITION, "position_id": "X1"}]
    found = world.facilitator.post("/api/v1/match", json={"positions": jobs}).json()
    assert {row["candidate_id"] for row in found["shortlists"]} == set(world.references().values())
    assert all(row["categories"] == ["deld"] for row in found["shortlists"])
    entry = world.log(action="match.run")[0]
    assert len(entry["subjects"]) == 6
    assert entry["detail"]["asked"]["people_of"] is None


def test_a_position_whose_rules_no_longer_apply_says_so(world: World) -> None:
    with world.api.store.write("command:tests", None, clock.now()) as change:
        body = json.dumps({**POSITION, "categories": "nonesuch"})  # as rules of an older version allowed
        change.connection.execute(update(t.positions).values(body=body, changed=change.seq))
        change.log("positions.update", "position:J1", pool=True)
    problem = world.get(world.facilitator, "/positions/J1/shortlist", 409)
    assert "catégorie « nonesuch » inconnue" in problem["detail"]
    world.get(world.facilitator, "/positions/J1/company-sheet", 409)


def test_a_length_that_is_none_is_refused(world: World) -> None:
    for top in ("0", "1001", "x"):
        answer = world.facilitator.get("/api/v1/positions/J1/shortlist", params={"top": top})
        assert answer.status_code in (400, 422), top


def test_contributions_come_with_the_list_and_add_up(api: Api) -> None:
    here = World(api).fill()
    for client in (here.facilitator, here.adviser):
        assert all(line["contributions"] is None for line in here.shortlist(client)["people"])
        for line in here.shortlist(client, contributions=True)["people"]:
            pair = here.get(client, f"/positions/J1/candidates/{line['candidate_id']}")
            assert line["contributions"] == pair["contributions"]
    features = {
        part["feature"] for part in here.shortlist(here.facilitator, contributions=True)["people"][0]["contributions"]
    }
    assert "demands" not in features


def test_the_order_of_a_list_has_the_version_that_changes_it(api: Api) -> None:
    here = World(api).fill()
    found = here.shortlist(here.facilitator)
    body = {"order": [line["candidate_id"] for line in found["people"]][::-1]}
    header = {"If-Match": f'"{found["order_version"]}"'}
    put = here.facilitator.put("/api/v1/positions/J1/order", json=body, headers=header)
    assert put.status_code == 200
    assert here.facilitator.put("/api/v1/positions/J1/order", json=body, headers=header).status_code == 412
    assert f'"{here.shortlist(here.facilitator)["order_version"]}"' == put.headers["etag"]


def test_the_fairness_figures_of_a_list_hide_few_people_and_are_written_down(api: Api) -> None:
    here = World(api).fill()
    here.put(here.adviser, "candidates", [person(candidate_id=f"F{n}", sex="F") for n in range(8)])
    here.put(here.adviser, "candidates", [person(candidate_id=f"M{n}", sex="M") for n in range(6)])
    path = "/positions/J1/shortlist/fairness"
    found = here.get(here.facilitator, path)
    assert (found["eligible"], found["passing"], found["smallest"]) == (20, 20, 5)
    splits = {one["dimension"]: {group["group"]: group for group in one["groups"]} for one in found["splits"]}
    assert splits["sex"]["F"]["eligible"] == 8 / 20
    assert all(group["listed"] is None for name in ("rsa", "disability") for group in splits[name].values())
    assert all(group["eligible"] is None for group in splits["rsa"].values()), "one person has it"
    entry = here.log(action="shortlist.fairness")[0]
    assert (entry["object"], entry["subjects"]) == ("position:J1", [])
    for client, status in ((here.adviser, 403), (here.company, 403), (api.client("facilitator", "G"), 404)):
        here.get(client, path, status)
