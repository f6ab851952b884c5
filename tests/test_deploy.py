"""The files of deploy/ against the code: what they name exists, nothing secret has a default, nothing runs as root.

Their syntax alone is checked here: no image is built and no unit is started.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from matcher.cli import build
from service.settings import SECRETS_DIR, Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KNOWN = {
    "DATABASE_URL",
    SECRETS_DIR,
    "CLAUSEMATCH_DATA_DIR",
    *(f"CLAUSEMATCH_{name.upper()}" for name in Settings.model_fields),
}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yml"))
    return found


def unit() -> Iterator[tuple[str, str]]:
    for line in read("clausematch.service").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _sign, value = line.partition("=")
            yield name, value


def options_of(*path: str) -> set[str]:
    command: click.Command = build()
    for word in path:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", ["Containerfile", "compose.yml", "clausematch.service"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    given = set(
        re.findall(r"^\s*(?:Environment=|ENV )?((?:CLAUSEMATCH_[A-Z_]+|DATABASE_URL))[=:]", read(name), re.MULTILINE)
    )
    assert given
    assert given <= KNOWN
    files = set(re.findall(r"\b(clausematch_[a-z_]+|database_url)\b(?=:|,|\])", read(name)))
    assert {one.upper() for one in files} <= KNOWN


def test_the_commands_take_the_options_they_are_given() -> None:
    [line] = re.findall(r"^CMD (\[.*\])$", read("Containerfile"), re.MULTILINE)
    words = yaml.safe_load(line)
    assert words[0] == "serve"
    started = dict(unit())["ExecStart"]
    assert shlex.split(started)[1] == "serve"
    for given in (words, shlex.split(started)):
        assert {word for word in given if word.startswith("-")} <= options_of("serve")


def test_no_secret_is_written_anywhere(compose: dict[str, Any]) -> None:
    for name in ("Containerfile", "compose.yml"):
        assert (
            re.findall(r"(?i)(?:password|secret|keys?)\s*[=:]\s*[\"']?[\w+/-]{8,}$", read(name), re.MULTILINE) == []
        )
    loaded = [value.partition(":") for name, value in unit() if name == "LoadCredential"]
    assert [name.upper() for name, _colon, _file in loaded] == ["CLAUSEMATCH_SECRET", "CLAUSEMATCH_ENCRYPTION_KEYS"]
    assert all(file.startswith("/etc/clausematch/") for _name, _colon, file in loaded)
    assert "POSTGRES_PASSWORD" not in compose["services"]["database"]["environment"]
    named = {one for service in compose["services"].values() for one in service["secrets"]}
    assert named == set(compose["secrets"])
    assert all(set(one) == {"file"} for one in compose["secrets"].values())


def test_the_container_is_not_root_and_writes_nowhere(compose: dict[str, Any]) -> None:
    users = re.findall(r"^USER (\S+)", read("Containerfile"), re.MULTILINE)
    server = compose["services"]["server"]
    assert users == [server["user"]]
    assert int(users[0]) > 0
    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert all(one["security_opt"] == ["no-new-privileges:true"] for one in compose["services"].values())
    assert server["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in compose["services"]["database"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_what_the_image_copies_is_in_the_checkout() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+)$", read("Containerfile"), re.MULTILINE)
    names = [name for line in copied for name in line.split()[:-1]]
    assert {"matcher", "models", "service", "data_samples", "pyproject.toml"} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_stopping_leaves_the_time_that_the_server_takes(compose: dict[str, Any]) -> None:
    takes = Settings.model_fields["stop_seconds"].default + 5
    assert int(compose["services"]["server"]["stop_grace_period"].removesuffix("s")) > takes
    assert int(dict(unit())["TimeoutStopSec"]) > takes


def test_the_unit_is_confined() -> None:
    given = dict(unit())
    assert given["User"] == "clausematch"
    assert (given["ProtectSystem"], given["NoNewPrivileges"], given["CapabilityBoundingSet"]) == ("strict", "yes", "")
    assert given["UMask"] == "0077"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "clausematch.service"
    copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", read("clausematch.service")), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, encoding="utf-8", timeout=60)
    told = [line for line in done.stderr.splitlines() if "clausematch" in line]
    assert (told, done.returncode) == ([], 0)


def test_settings_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clausematch_secret").write_text("s" * 40 + "\n")
    (tmp_path / "database_url").write_text("postgresql://a@b/c\n")
    (tmp_path / "clausematch_hosts").write_text("a.example.org, b.example.org")
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = Settings()
    assert settings.secret_bytes == b"s" * 40
    assert settings.database_url == "postgresql://a@b/c"
    assert settings.hosts == ("a.example.org", "b.example.org")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///first.db")
    assert Settings().database_url == "sqlite:///first.db"


def test_every_setting_of_the_code_is_in_the_page() -> None:
    page = (ROOT / "docs" / "reglages.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| .* \| .*\|$", page, re.MULTILINE))
    assert set(rows) == KNOWN - {SECRETS_DIR, "CLAUSEMATCH_DATA_DIR", "CLAUSEMATCH_DATABASE_URL"}
    for name, meaning in rows.items():
        assert Settings.model_fields[_field(name)].description == meaning


@pytest.mark.parametrize("name", sorted(KNOWN - {SECRETS_DIR, "CLAUSEMATCH_DATA_DIR", "CLAUSEMATCH_DATABASE_URL"}))
def test_every_setting_is_read_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = getattr(Settings(), _field(name))
    values = {bool: "true", int: "3", float: "3.5"}
    monkeypatch.setenv(name, values.get(type(usual), "read,from,here"))
    assert getattr(Settings(), _field(name)) != usual


def _field(name: str) -> str:
    return "database_url" if name == "DATABASE_URL" else name.removeprefix("CLAUSEMATCH_").lower()
