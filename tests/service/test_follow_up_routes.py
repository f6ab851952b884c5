"""Proposals, order, hours, indicators and outcomes through the real application."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.databases import Api
from tests.service.support import refused

PERSON = {
    "candidate_id": "P1",
    "commune": "91228",
    "jobseeker": True,
    "jobseeker_since": "2020-01-15",
    "months_worked_12": 0,
    "benefits": ["RSA"],
    "qualification_level": 3,
    "occupations": ["F1703"],
    "experience": ["F1703:18"],
    "first_name": "Ana",
    "last_name": "Inventée",
    "validated_on": "2026-01-10",
    "validated_by": "Une facilitatrice",
}
JOB = {"position_id": "J1", "occupation": "F1703", "commune": "91228", "start_date": "2026-10-01", "hours": 300}


@pytest.fixture
def seats(api: Api) -> dict[str, Any]:
    adviser, facilitator = api.client("adviser", "A"), api.client("facilitator", "F")
    people = [PERSON, {**PERSON, "candidate_id": "P2", "occupations": ["K2204"], "experience": None}]
    assert adviser.put("/api/v1/candidates", json={"candidates": people}).json()["created"] == 2
    award = {"award_id": "C1", "buyer_siret": "21910228000019", "object": "Travaux de maçonnerie", "cpv": "45262500"}
    award |= {"amount": 1_000_000, "notified_on": "2026-01-05", "duration_months": 24, "place_code": "91228"}
    answer = facilitator.post("/api/v1/awards", json={"awards": [{**award, "social": "Clause sociale"}]})
    assert answer.json()["created"] == 1, answer.text
    answer = facilitator.put("/api/v1/positions", json={"positions": [{**JOB, "award_id": "C1"}]})
    assert answer.json()["created"] == 1, answer.text
    return {"adviser": adviser, "facilitator": facilitator, "auditor": api.client("auditor", "X")}


def test_rows_alone_are_the_object_that_names_them(seats: dict[str, Any]) -> None:
    award = {"award_id": "C2", "buyer_siret": "21910228000019", "object": "Peinture", "cpv": "45442100"}
    hours = {
        "award_id": "C1",
        "candidate_id": "P1",
        "employer": "E",
        "mode": "direct",
        "month": "2026-02",
        "hours": 9,
    }
    sent = (
        (
            "adviser",
            "PUT",
            "candidates",
            [{**PERSON, "phone": "0100000000"}, {"candidate_id": "P9", "qpv": "peut-être"}],
        ),
        ("facilitator", "PUT", "positions", [{**JOB, "hours": 250}, {"title": "sans identifiant"}]),
        ("facilitator", "POST", "awards", [{**award, "amount": 900_000, "social": "Clause sociale"}]),
        ("facilitator", "PUT", "hours", [hours]),
    )
    for who, method, name, rows in sent:
        address, client = f"/api/v1/{name}?dry_run=true", seats[who]
        alone, named = (client.request(method, address, json=body) for body in (rows, {name: rows}))
        assert (alone.status_code, alone.json()) == (200, named.json()), alone.text
        assert len(alone.json()["report"]) == len(rows)
        refused(client.request(method, address, json="x"), 400, "malformed")


def test_from_a_proposal_to_hours_and_figures(seats: dict[str, Any]) -> None:
    adviser, facilitator = seats["adviser"], seats["facilitator"]
    body = {"position_id": "J1", "candidate_id": "P1"}
    named = {"Idempotency-Key": "une fois"}
    answer = adviser.post("/api/v1/proposals", json=body, headers=named)
    assert answer.status_code == 201, answer.text
    again = adviser.post("/api/v1/proposals", json=body, headers=named)
    assert (again.json(), again.headers["etag"]) == (answer.json(), answer.headers["etag"])
    refused(adviser.post("/api/v1/proposals", json=body), 409, "conflict")
    proposal = answer.json()
    assert (proposal["shown_rank"], proposal["listed_by"]) == (1, "model")
    assert 0 <= proposal["shown_score"] <= 100
    assert proposal["scorecard"]
    address = f"/api/v1/proposals/{proposal['proposal_id']}"
    tag = answer.headers["etag"]
    assert facilitator.patch(address, json={"stage": "shortlisted"}, headers={"If-Match": tag}).status_code == 200
    refused(facilitator.patch(address, json={"stage": "interviewed"}, headers={"If-Match": tag}), 412, "changed")
    refused(adviser.patch(address, json={"stage": "interviewed"}), 403, "forbidden")
    refused(facilitator.patch(address, json={"stage": "hired"}), 409, "conflict")
    refused(facilitator.patch(address, json={"stage": "refused"}), 422, "usage")
    refused(facilitator.patch(address, json={"stage": "refused", "reason": "santé"}), 422, "usage")
    assert facilitator.patch(address, json={"stage": "interviewed"}).status_code == 200
    hired = facilitator.patch(address, json={"stage": "hired", "contract": "fixed", "contract_months": 8})
    assert hired.json()["stage"] == "hired"
    assert facilitator.get(address).json()["contact"]["first_name"] == "Ana"
    refused(adviser.post("/api/v1/proposals", json={**body, "candidate_id": "P2"}), 409, "conflict")
    row = {"award_id": "C1", "candidate_id": hired.json()["candidate_id"], "employer": "E", "mode": "direct"}
    sent = facilitator.put("/api/v1/hours", json={"hours": [{**row, "month": "2026-02", "hours": 100}]})
    assert sent.json()["created"] == 1, sent.text
    hours = facilitator.get("/api/v1/awards/C1").json()["hours"]
    assert (hours["done"], hours["signed"] >= 300) == (100.0, True)
    figures = facilitator.get("/api/v1/indicators", params={"by": "year", "place": "91"}).json()
    assert (figures["total"]["hours"], figures["total"]["people"], figures["aims"]["people"]) == (100.0, None, 3500)
    found = facilitator.get("/api/v1/outcomes").json()["outcomes"]
    assert [(row["stage"], row["candidate_id"]) for row in found] == [("hired", hired.json()["candidate_id"])]
    csv = seats["auditor"].get("/api/v1/outcomes", params={"format": "csv"})
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(csv.text.splitlines()) == 2


def test_an_order_is_put_and_seen(seats: dict[str, Any]) -> None:
    facilitator = seats["facilitator"]
    listed = facilitator.get("/api/v1/positions/J1/shortlist").json()
    name = listed["people"][0]["candidate_id"] if "people" in listed else listed["shortlist"][0]["candidate_id"]
    aside = {"aside": [{"candidate_id": name, "reason": "person_distance"}]}
    answer = facilitator.put("/api/v1/positions/J1/order", json=aside)
    assert answer.status_code == 200, answer.text
    assert answer.json()["places"] == [
        {"candidate_id": name, "place": None, "added": False, "aside": "person_distance"}
    ]
    refused(facilitator.put("/api/v1/positions/J1/order", json=aside, headers={"If-Match": '"0"'}), 412, "changed")
    refused(facilitator.put("/api/v1/positions/J9/order", json=aside), 404, "absent")
