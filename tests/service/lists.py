"""Two organisations that follow people, a facilitator's positions, and how to ask for lists: what the tests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.service.databases import Api, siret_of

SITE = "COMPANY"
PEOPLE: tuple[dict[str, Any], ...] = (
    {"candidate_id": "P1", "first_name": "Marqueur1", "last_name": "Nom1", "phone": "0100000001"},
    {"candidate_id": "P2", "first_name": "Marqueur2", "benefits": ["AAH"], "disability": "yes"},
    {"candidate_id": "P3", "benefits": ["RSA"], "work_limits": ["heavy_lifting"]},
    {"candidate_id": "P4", "justice": "yes", "work_limits": "none"},
)
COMMON: dict[str, Any] = {
    "commune": "91228",
    "jobseeker": "yes",
    "jobseeker_since": "2024-01-01",
    "months_worked_12": 0,
    "occupations": ["F1703"],
    "validated_on": "2026-01-05",
    "validated_by": "Facilitatrice",
}
POSITION: dict[str, Any] = {
    "position_id": "J1",
    "title": "maçon",
    "occupation": "F1703",
    "commune": "91228",
    "weekly_hours": 35,
    "openings": 2,
}


def person(**facts: Any) -> dict[str, Any]:
    return {**COMMON, **facts}


@dataclass
class World:
    """Organisations A and B follow people, F has positions for the company SITE."""

    api: Api

    def __post_init__(self) -> None:
        self.adviser = self.api.client("adviser", "A")
        self.other = self.api.client("adviser", "B")
        self.facilitator = self.api.client("facilitator", "F")
        self.company = self.api.client("contractor", SITE)
        self.auditor = self.api.client("auditor", "W")

    def fill(self) -> World:
        self.put(self.adviser, "candidates", [person(**one) for one in PEOPLE])
        self.put(self.other, "candidates", [person(candidate_id="P1"), person(candidate_id="Q1")])
        self.positions({**POSITION, "siret": siret_of(SITE)})
        return self

    def put(self, client: httpx2.Client, table: str, rows: list[dict[str, Any]]) -> Any:
        answer = client.put(f"/api/v1/{table}", json={table: rows})
        assert answer.status_code == 200, answer.text
        content = answer.json()
        assert content["rejected"] == 0, content["report"]
        return content

    def positions(self, *rows: dict[str, Any]) -> None:
        self.put(self.facilitator, "positions", list(rows))

    def get(self, client: httpx2.Client, path: str, status: int = 200, **parameters: Any) -> Any:
        answer = client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    def shortlist(self, client: httpx2.Client, position: str = "J1", **parameters: Any) -> Any:
        return self.get(client, f"/positions/{position}/shortlist", **parameters)

    def propose(self, client: httpx2.Client, candidate: str, position: str = "J1") -> str:
        answer = client.post("/api/v1/proposals", json={"position_id": position, "candidate_id": candidate})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["proposal_id"])

    def move(self, client: httpx2.Client, proposal: str, stage: str, **more: Any) -> None:
        answer = client.patch(f"/api/v1/proposals/{proposal}", json={"stage": stage, **more})
        assert answer.status_code == 200, answer.text

    def references(self) -> dict[tuple[str, str], str]:
        """(organisation, candidate_id) → reference."""
        found = {}
        for org, client in (("A", self.adviser), ("B", self.other)):
            for one in self.get(client, "/candidates")["candidates"]:
                found[org, one["candidate_id"]] = one["reference"]
        return found

    def log(self, **parameters: Any) -> list[dict[str, Any]]:
        """The entries of the log, the last one first."""
        entries: list[dict[str, Any]] = self.get(self.auditor, "/audit", limit=500, **parameters)["entries"]
        return entries
