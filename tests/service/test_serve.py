"""The `serve` command: loopback only, its port, its stop."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from matcher.errors import EnvironmentFault, UsageError
from service.server import address_of, listen, loopback_address
from tests.service.support import COMMAND, Server

Start = Callable[..., Server]


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("127.8.9.1", "127.8.9.1"), ("[::1]", "::1")],
)
def test_loopback(host: str, address: str) -> None:
    assert loopback_address(host) == address


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.org", "", "127.0.0.1.example.org"])
def test_any_other_address_is_refused(host: str) -> None:
    with pytest.raises(UsageError) as refusal:
        loopback_address(host)
    assert "la démonstration n'a que des clés affichées à l'écran" in refusal.value.message
    assert refusal.value.mend.startswith("Garder --host 127.0.0.1")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "serve", *arguments], env=environment, capture_output=True, encoding="utf-8", timeout=300
    )


def test_the_command_refuses_other_addresses(environment: dict[str, str]) -> None:
    done = run(environment, "--demo", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "--host 0.0.0.0 : la démonstration n'a que des clés affichées à l'écran" in done.stderr
    assert "Que faire : Garder --host 127.0.0.1" in done.stderr


def test_it_refuses_to_start_without_a_secret(environment: dict[str, str], tmp_path: Path) -> None:
    bare = {name: value for name, value in environment.items() if not name.startswith("CLAUSEMATCH_SECRET")}
    bare["DATABASE_URL"] = f"sqlite:///{tmp_path / 'none.db'}"
    done = run(bare, "--port", "0")
    assert done.returncode == 2
    assert "Erreur : CLAUSEMATCH_SECRET est absent, ou plus court que 32 caractères." in done.stderr
    assert "clausematch serve --demo" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_demonstration_has_people_and_keys(server: Server) -> None:
    with httpx2.Client(base_url=server.url, headers=server.headers) as client:
        found = client.get("/api/v1/positions/POSTE-001/shortlist", params={"top": 3}).json()
        assert [line["rank"] for line in found["people"]][:3] == [1, 2, 3]
        assert client.get("/api/v1/candidates", params={"limit": 1}).json()["candidates"]
        assert client.get("/api/v1/indicators").status_code == 200
    assert httpx2.get(f"{server.url}/api/v1/candidates").status_code == 401


def test_a_port_already_taken(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(environment, "--demo", "--port", str(port))
    assert done.returncode == 3
    assert f"Erreur : Le port {port} est déjà pris sur cette machine." in done.stderr
    assert "choisir un autre port : clausematch serve --port" in done.stderr
    assert done.stdout == ""


def test_an_address_this_machine_lacks() -> None:
    with pytest.raises(EnvironmentFault) as fault, socket.create_server(("127.0.0.1", 0)) as other:
        listen("127.0.0.1", other.getsockname()[1])
    assert fault.value.exit_status == 3


def test_port_zero_takes_a_free_one() -> None:
    with listen("localhost", 0) as one, listen("localhost", 0) as two:
        assert address_of(one) != address_of(two)
        assert address_of(one).startswith("http://127.0.0.1:")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_after_what_is_under_way(start: Start, stop: signal.Signals) -> None:
    server = start("--port", "0", "--host", "127.0.0.1")
    people = [{"candidate_id": str(i), "benefits": ["RSA"]} for i in range(20_000)]
    with httpx2.Client(base_url=server.url, timeout=60, headers=server.headers) as client:
        assert client.get("/health").status_code == 200
        request = client.build_request("POST", "/api/v1/eligibility", json={"candidates": people})
        from threading import Timer

        Timer(0.3, server.process.send_signal, [stop]).start()
        answer = client.send(request)
        assert len(answer.json()["decisions"]) == len(people)
    assert server.process.wait(30) == 0
    assert "Traceback" not in server.log()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/health")


def test_help_is_french(environment: dict[str, str]) -> None:
    done = run(environment, "--help")
    assert done.returncode == 0
    assert "Le service : personnes, postes, listes" in done.stdout
    assert "--port" in done.stdout
