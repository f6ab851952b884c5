"""The description of the service: true, in French, with examples that work, and no input that breaks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import PositiveDataAcceptanceConfig

from matcher.schema import CANDIDATES, POSITIONS
from service.app import create_app
from service.examples import EXAMPLES
from service.openapi import REFUSALS, full_path
from service.problems import KINDS
from service.routes import ROUTES
from service.rows import input_rows
from tests.service.databases import settings_for
from tests.service.support import ROOT, Server

DOCUMENT: dict[str, Any] = create_app(settings_for("sqlite://")).openapi()
ALONE = [route for route in ROUTES if route.examples and "{" not in route.path]
NAMED = [(route.name, name) for route in ALONE for name in route.examples]


@pytest.mark.parametrize(("operation", "name"), NAMED)
def test_every_example_works(client: httpx2.Client, operation: str, name: str) -> None:
    route = next(one for one in ROUTES if one.name == operation)
    described = client.get("/openapi.json").json()["paths"][full_path(route)][route.method.lower()]
    value = described["requestBody"]["content"]["application/json"]["examples"][name]["value"]
    answer = client.request(
        route.method, full_path(route), json=value, params={"dry_run": True} if route.stores else {}
    )
    if answer.status_code == 400 and "dry_run" in answer.text:
        answer = client.request(route.method, full_path(route), json=value)
    # Examples name people, positions and contracts that the demonstration may not have: that is all they may lack.
    assert answer.status_code in (200, 201, 404), answer.text
    if operation in ("match", "eligibility"):
        assert answer.json()["rejected"] == []
        assert answer.json()["decisions" if operation == "eligibility" else "shortlists"]


def test_the_document_is_the_one_served(client: httpx2.Client) -> None:
    assert client.get("/openapi.json").json() == DOCUMENT


def test_rows_are_the_columns_of_the_tables() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for spec, name in ((CANDIDATES, "CandidateRow"), (POSITIONS, "PositionRow")):
        assert list(schemas[name]["properties"]) == list(spec.names)
        assert schemas[name]["required"] == [spec.key]
        assert schemas[name]["additionalProperties"] is True
        for column in spec.columns:
            assert schemas[name]["properties"][column.name]["description"].startswith(column.about)
    model = input_rows()["CandidateRow"]
    for example in EXAMPLES["match"].values():
        for row in example["value"]["candidates"]:
            model.model_validate(row)


def test_every_refusal_is_described() -> None:
    assert {status for status, _title in KINDS.values()} - {405} == set(REFUSALS)


def test_nothing_comes_from_other_hosts() -> None:
    text = json.dumps(DOCUMENT)
    assert "http://" not in text
    assert "https://" not in text


def test_every_address_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in guide
            assert operation["summary"]
    for model in ("EligibilityRequest", "MatchRequest"):
        for field in DOCUMENT["components"]["schemas"][model]["properties"]:
            assert f"`{field}`" in guide
    for code, (status, _title) in KINDS.items():
        assert f"| {status} | `{code}` |" in guide


described = schemathesis.openapi.from_dict(DOCUMENT)
# What the schema cannot tell (no usable row, a pack that needs a mode) is 422 by contract.
described.config.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(
    expected_statuses=[*PositiveDataAcceptanceConfig().expected_statuses, "422"]
)


def _generated(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.soak
@described.parametrize()
@_generated(40)
def test_no_generated_request_breaks_it(case: schemathesis.Case[Any], server: Server) -> None:
    case.call_and_validate(base_url=server.url, headers=server.headers)


def test_the_guide_has_no_other_example_than_these(client: httpx2.Client) -> None:
    """The guide's JSON bodies are posted as they stand."""
    guide = Path(ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    bodies = [part.split("```")[0] for part in guide.split("```json demande\n")[1:]]
    assert bodies
    for body in bodies:
        answer = client.post("/api/v1/match", content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
