"""People for the tests of the store: two organisations of advisers, rows, and short ways to ask."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.service.databases import Api

API = "/api/v1"
# Every cell bears a mark that no other text has, so that what is left of it can be looked for.
MARKED: dict[str, Any] = {
    "candidate_id": "MARK-ID-71",
    "first_name": "Marquedezoe",
    "last_name": "Marquedenom",
    "birth_date": "1987-06-05",
    "email": "marque@example.org",
    "phone": "06 39 98 71 71",
    "city": "Marqueville",
    "benefits": ["RSA"],
    "sex": "F",
    "qpv": True,
    "disability": False,
    "skills": ["marquage de parquets"],
    "validated_by": "Marquefacilitatrice",
}
MARKS = ("MARK-ID-71", "Marquedezoe", "Marquedenom", "marque@", "71 71", "Marqueville", "marquage", "Marquefaci")


def person(name: str, **facts: Any) -> dict[str, Any]:
    return {"candidate_id": name, **facts}


def put(client: httpx2.Client, *rows: Any, dry_run: bool = False) -> dict[str, Any]:
    """Send people; the answer of a PUT that worked."""
    answer = client.put(f"{API}/candidates", params={"dry_run": dry_run}, json={"candidates": list(rows)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def put_positions(client: httpx2.Client, *rows: Any, dry_run: bool = False) -> dict[str, Any]:
    """Send positions."""
    answer = client.put(f"{API}/positions", params={"dry_run": dry_run}, json={"positions": list(rows)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected."""
    return report["created"], report["updated"], report["unchanged"], report["rejected"]


def one(client: httpx2.Client, name: str) -> dict[str, Any]:
    """A person as their adviser reads them."""
    answer = client.get(f"{API}/candidates/{name}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def actions(api: Api) -> list[str]:
    """What the log says was done, from the first entry on."""
    from sqlalchemy import select

    from service.store.tables import log

    with api.store.read() as connection:
        return [row.action for row in connection.execute(select(log.c.action).order_by(log.c.seq))]
