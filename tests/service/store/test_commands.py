"""`clausematch store …` from the command line: secrets, tables, a backup and its return, a rotation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.cli import main
from service.settings import Settings
from service.store.database import open_store
from tests.service.databases import KEYS, SECRET, settings_for
from tests.service.store.samples import content, fill

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], empty_database: str) -> Run:
    """Run a command on an empty database: status, standard output, standard error."""
    monkeypatch.setenv("DATABASE_URL", empty_database)
    monkeypatch.setenv("CLAUSEMATCH_SECRET", SECRET)
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[0])

    def run_one(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["store", *words])
        status = end.value.code
        assert isinstance(status, int)
        return status, *capsys.readouterr()

    return run_one


def test_new_secrets_are_new_and_accepted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for _time in range(2):
        status, out, err = run("new-secrets")
        assert (status, err) == (0, "Ils ne sont gardés nulle part : sans eux, les données ne s'ouvrent plus.\n")
        given = dict(line.split("=", 1) for line in out.splitlines())
        assert list(given) == ["CLAUSEMATCH_SECRET", "CLAUSEMATCH_ENCRYPTION_KEYS"]
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        seen.add((Settings().secret_bytes, Settings().keys))
    assert len(seen) == 2


def test_from_nothing_to_a_restored_backup(run: Run, empty_database: str, tmp_path: Path) -> None:
    assert run("upgrade")[:2] == (0, "Tables mises à jour : - → 0001.\n")
    assert run("upgrade")[:2] == (0, "Les tables sont à jour (0001).\n")
    store = open_store(settings_for(empty_database))
    fill(store)
    before = content(store)
    file = str(tmp_path / "backup.gz")
    status, out, _err = run("backup", "-o", file)
    assert status == 0
    told = r"\S+backup\.gz : 3 personnes, 1 postes, journal jusqu'à 5 \(empreinte [0-9a-f]{64}\)\.\n"
    assert re.fullmatch(told, out)
    status, _out, err = run("restore", file)
    assert status == 2
    assert "Que faire : La sauvegarder d'abord, puis recommencer avec --replace." in err
    assert run("restore", file, "--replace")[:2] == (
        0,
        f"Restauré : 3 personnes, 1 postes, état du {out and _moment(file)}.\n",
    )
    assert content(store)["people"] == before["people"]
    store.close()


def _moment(file: str) -> str:
    from service.store.backup import read_summary

    return read_summary(Path(file)).at


def test_rotation(run: Run, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("upgrade")
    store = open_store(settings_for(empty_database))
    fill(store)
    store.close()
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", f"{KEYS[1]},{KEYS[0]}")
    status, out, err = run("rotate-key")
    assert status == 0
    assert out.startswith("7 clés et textes scellés de nouveau")
    assert err.splitlines() == ["3 faits", "4 faits", "5 faits", "6 faits", "7 faits"]
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[1])
    assert run("rotate-key")[1].startswith("0 clés")


def test_without_a_secret_nothing_starts(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CLAUSEMATCH_SECRET")
    for words in (("upgrade",), ("rotate-key",), ("backup", "-o", str(tmp_path / "f")), ("restore", "f")):
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert "CLAUSEMATCH_SECRET est absent" in err
        assert "clausematch store new-secrets" in err


def test_a_database_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    status, _out, err = run("upgrade")
    assert status == 3
    assert "La base de données ne répond pas : rien n'a été enregistré." in err
