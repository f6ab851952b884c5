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
from service.openapi import _REFUSALS
from service.problems import KINDS
from service.rows import input_rows
from tests.service.support import ROOT, Server

DOCUMENT: dict[str, Any] = create_app().openapi()
NAMED = [(path, name) for path, examples in EXAMPLES.items() for name in examples]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_example_works(client: httpx2.Client, path: str, name: str) -> None:
    content = client.get("/openapi.json").json()["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]
    value = content["application/json"]["examples"][name]["value"]
    answer = client.post(f"/api/v1/{path}", json=value)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == []
    assert answer.json()["decisions" if path == "eligibility" else "shortlists"]


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
    assert {status for status, _title in KINDS.values()} - {404, 405} == set(_REFUSALS)


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


@described.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_generated_request_breaks_it(case: schemathesis.Case[Any], server: Server) -> None:
    case.call_and_validate(base_url=server.url)


def test_the_guide_has_no_other_example_than_these(client: httpx2.Client) -> None:
    """The guide's JSON bodies are posted as they stand."""
    guide = Path(ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    bodies = [part.split("```")[0] for part in guide.split("```json demande\n")[1:]]
    assert bodies
    for body in bodies:
        answer = client.post("/api/v1/match", content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
