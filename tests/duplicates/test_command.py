"""`clausematch duplicates`: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from matcher.cli import main

HEAD = "candidate_id;Nom;Prénom;Date de naissance;Téléphone;Courriel;Ville\n"
TWO = (
    "A1;Belhadj;Nadia;07/03/1988;06 39 98 12 34;n@example.org;Évry\n"
    "=B2;MARTIN née BELHADJ;Nadia;1988-03-07;+33639981234;;Évry\n"
    "C3;Moreau;Lucie;1990-01-02;06 39 98 55 55;l@example.org;Évry\n"
)


def run(words: list[str]) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    return int(stopped.value.code or 0)


def test_pairs_are_written_with_words_and_no_personal_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "out" / "pairs.csv"
    people.write_text(HEAD + TWO, encoding="utf-8")
    assert run(["duplicates", str(people), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "candidate_id;other_id;probability;group;agree;differ;unknown;reason"
    rows = pd.read_csv(out, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert rows[["candidate_id", "other_id"]].to_numpy().tolist() == [["'=B2", "A1"]]  # safe in a spreadsheet
    assert rows["agree"].iloc[0] == "last_name|first_name|birth_date|phone|place"
    assert rows["unknown"].iloc[0] == "email"
    assert "Identiques : prénom, date de naissance, téléphone, lieu" in rows["reason"].iloc[0]
    assert float(rows["probability"].iloc[0]) < 1
    told = capsys.readouterr()
    assert "3 personnes : 1 paire(s) à vérifier, en 1 groupe(s) ; 0 ligne(s) rejetée(s)" in told.out
    for value in ("Belhadj", "BELHADJ", "Nadia", "1988", "39 98", "n@example"):
        assert value not in text + told.out + told.err
    assert (out.parent / "rejected.csv").exists()


def test_no_pair_is_an_empty_table(tmp_path: Path) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "pairs.json"
    people.write_text(HEAD + TWO.splitlines()[2] + "\n", encoding="utf-8")
    assert run(["duplicates", str(people), "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8").strip() == "[]"


def test_the_threshold_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people.csv"
    people.write_text(HEAD + TWO, encoding="utf-8")
    for wrong in ("0", "1.5", "nan"):
        assert run(["duplicates", str(people), "--min-probability", wrong, "-o", str(tmp_path / "o.csv")]) == 2
        assert "n'est pas une probabilité" in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


def test_nothing_to_compare_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people.csv"
    people.write_text("candidate_id;qpv\nA;oui\nB;non\n", encoding="utf-8")
    assert run(["duplicates", str(people), "-o", str(tmp_path / "o.csv")]) == 2
    told = capsys.readouterr().err
    assert "Rien à comparer : il faut au moins deux de ces colonnes remplies" in told
    assert "Ajouter au moins le nom, le prénom et la date de naissance." in told
