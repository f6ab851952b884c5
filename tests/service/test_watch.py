"""What those who run the service watch: alive, ready, counters; on both databases."""

from __future__ import annotations

import re
import time
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from tests.service.databases import Api
from tests.service.support import refused


def ready(api: Api) -> httpx2.Response:
    deadline = time.monotonic() + 30
    while (answer := httpx2.get(f"{api.url}/health/ready")).status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def figures(told: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in told.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in lines}


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_alive_and_ready(api: Api, path: str) -> None:
    assert httpx2.get(f"{api.url}{path}").json()["status"] == "ok"
    first = httpx2.get(f"{api.url}{path}/ready")
    if first.status_code != 200:
        problem = refused(first, 503, "busy")
        assert problem["detail"].startswith("Les personnes et les postes ne sont pas encore en mémoire.")
    assert ready(api).json() | {"version": "-"} == {"status": "ready", "version": "-", "step": "0001"}


def test_alive_but_not_ready_when_the_tables_are_of_another_version(api: Api) -> None:
    ready(api)
    with api.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    problem = refused(httpx2.get(f"{api.url}/health/ready"), 503, "environment")
    assert "clausematch store upgrade" in problem["detail"]
    assert httpx2.get(f"{api.url}/health").status_code == 200


def test_alive_but_not_ready_without_its_tables(api: Api) -> None:
    ready(api)
    with api.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE head RENAME TO elsewhere"))
    assert httpx2.get(f"{api.url}/health/ready").status_code == 503
    assert httpx2.get(f"{api.url}/health").status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/metrics"])
def test_who_may_read_the_counters(api: Api, path: str) -> None:
    for role in ("auditor", "admin"):
        answer = api.client(role).get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for role in ("adviser", "facilitator", "contractor"):
        refused(api.client(role).get(path), 403, "forbidden")
    refused(api.client().get(path), 401, "unauthorized")


def test_requests_are_counted_by_route_never_by_address(api: Api) -> None:
    client = api.client("auditor")
    before = figures(client.get("/metrics").text)
    for name in ("one", "two", "three"):
        api.client("adviser").get(f"/api/v1/candidates/MARKER-{name}")
        httpx2.get(f"{api.url}/MARKER-{name}")
    told = client.get("/metrics").text
    after = figures(told)
    assert "MARKER" not in told
    counted = {
        name: after[name] - before.get(name, 0) for name in after if name.startswith("clausematch_requests_total")
    }
    assert counted['clausematch_requests_total{method="GET",route="-",status="404"}'] == 3
    assert counted['clausematch_requests_total{method="GET",route="/metrics",status="200"}'] == 1
    in_all = 'clausematch_request_seconds_count{method="GET",route="-"}'
    assert after[in_all] == 3
    assert after["clausematch_requests_in_progress"] == 1  # this very one


def test_the_counters_tell_the_state_of_the_store(api: Api) -> None:
    client = api.client(["auditor", "admin"])
    ready(api)
    with api.store.read() as connection:
        last = connection.execute(text("SELECT seq FROM head")).scalar_one()
    told = figures(client.get("/metrics").text)
    assert told["clausematch_database_up"] == 1
    assert told["clausematch_log_seq"] == last
    assert told["clausematch_data_seq"] == 0
    assert [value for name, value in told.items() if name.startswith("clausematch_pool_people{")] == [0]


def test_a_request_has_the_callers_name_when_it_is_a_uuid(api: Api) -> None:
    mine = str(uuid4())
    answer = httpx2.get(f"{api.url}/nowhere", headers={"X-Request-Id": mine})
    assert answer.headers["x-request-id"] == mine
    assert answer.json()["instance"] == f"urn:uuid:{mine}"


@pytest.mark.parametrize("given", ["", "Jeanne", "1850578006084", "x" * 36, "{" + "0" * 36 + "}", "0" * 32])
def test_any_other_name_is_replaced(api: Api, given: str) -> None:
    answer = httpx2.get(f"{api.url}/health", headers={"X-Request-Id": given})
    name = answer.headers["x-request-id"]
    assert str(UUID(name)) == name
    assert re.sub(r"\W", "", given) not in name or not given
