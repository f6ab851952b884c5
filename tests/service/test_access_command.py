"""`clausematch access …` run as an administrator of the machine would."""

from __future__ import annotations

import pytest

from matcher.cli import main
from tests.service.databases import KEYS, SECRET

WARNING = "Attention : plus personne n'administre le service. Créer une clé : clausematch access key"


def test_the_last_administrator_can_be_removed_and_the_command_says_so(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("CLAUSEMATCH_SECRET", SECRET)
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[0])

    def run(*arguments: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["access", *arguments])
        told = capsys.readouterr()
        assert stopped.value.code == 0, told
        return told.out, told.err

    run("organisation", "A", "--name", "Un organisme", "--kind", "authority")
    for label in ("one", "two"):
        run("key", "A", "--role", "admin", "--label", label)
    run("key", "A", "--role", "adviser", "--label", "other")
    ids = {line.split("\t")[-1]: line.split("\t")[0] for line in run("keys")[0].splitlines()}
    assert WARNING not in run("revoke", ids["one"])[1]
    assert WARNING not in run("revoke", ids["other"])[1]
    out, err = run("revoke", ids["two"])
    assert (out.strip(), WARNING in err) == (f"Clé {ids['two']} arrêtée.", True)
    run("key", "A", "--role", "admin", "--label", "back")
    member = run("member", "chef@example.org", "A", "--role", "admin")[0].split()[1]
    assert WARNING not in run("dismiss", member)[1]
