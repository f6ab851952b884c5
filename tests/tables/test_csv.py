"""CSV files as people export them."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.errors import NothingUsable, UnreadableFile
from tests.tables.files import cell, one_cell, read, rejected

TEXT = "candidate_id;prénom;ville\nP1;Zoé;Évry-Courcouronnes\nP2;Noël;Sèvres\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    found = read(tmp_path, TEXT.replace(";", separator).replace("\n", end).encode(encoding))
    assert found.table["candidate_id"].tolist() == ["P1", "P2"]
    assert found.table["first_name"].tolist() == ["Zoé", "Noël"]
    assert found.table["city"].tolist() == ["Évry-Courcouronnes", "Sèvres"]
    assert found.rows.tolist() == [2, 3]
    assert not found.warnings


def test_utf_16_big_endian(tmp_path: Path) -> None:
    assert cell(read(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be")), "first_name") == "Zoé"


def test_a_damaged_byte_does_not_spoil_the_other_accents(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT.encode().replace("Noël".encode(), b"No\xebl"))
    assert cell(found, "city") == "Évry-Courcouronnes"
    assert "1 caractère(s) abîmé(s)" in found.warnings[0]


def test_windows_quotes_and_euro_sign(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;compétences\nP1;l’accueil – œuvre à 5 €\n".encode("cp1252"))
    assert cell(found, "skills") == "l’accueil – œuvre à 5 €"


def test_the_separator_is_looked_for_outside_quotes(tmp_path: Path) -> None:
    found = read(tmp_path, 'candidate_id,"a;b;c;d",city\nP1,x,Évry\n')
    assert cell(found, "city") == "Évry"


@pytest.mark.parametrize(
    "content",
    ["candidate_id;métiers (un, ou deux, ou trois)\nP1;maçon\n", "candidate_id,skills,x\n\nP1,a;b;c;d,e\n"],
)
def test_the_separator_is_the_one_of_both_first_lines(tmp_path: Path, content: str) -> None:
    assert cell(read(tmp_path, content), "candidate_id") == "P1"


def test_quoted_separators_quotes_and_line_breaks(tmp_path: Path) -> None:
    found = read(tmp_path, 'candidate_id;skills;city\nP1;"a ;""b""\r\nc";Évry\nP2;x;Massy\n')
    assert cell(found, "skills") == 'a ;"b"\nc'
    assert found.rows.tolist() == [2, 3]


def test_a_multi_line_header_is_row_1(tmp_path: Path) -> None:
    found = read(tmp_path, 'candidate_id;"code\npostal";city\nP1;91000;Évry\n')
    assert cell(found, "postal_code") == "91000"
    assert found.rows.tolist() == [2]


def test_blank_lines_keep_the_row_numbers_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;city\nP1;a\n\n;\n ; \nP2;b\nP3\n\nP4;d\n\n\n")
    assert found.rows.tolist() == [2, 6, 9]
    assert rejected(found) == [(7, "", "", "1 cellules au lieu de 2 ; vérifier les séparateurs et les guillemets")]


@pytest.mark.parametrize(("above", "first"), [("\n\n", 4), ("\r\n", 3), ("\r\r", 4), ("sep=;\r\n", 3), (" \n", 3)])
def test_lines_above_the_header_are_counted(tmp_path: Path, above: str, first: int) -> None:
    assert read(tmp_path, above + TEXT).rows.tolist() == [first, first + 1]


def test_a_blank_line_in_a_table_of_one_column(tmp_path: Path) -> None:
    assert read(tmp_path, "candidate_id\nP1\n\nP2\n").rows.tolist() == [2, 4]


def test_ragged_rows_are_set_aside_one_by_one(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;city\nP1;a\nP2\nP3;c;d;e\nP4;d\n")
    assert found.table["candidate_id"].tolist() == ["P1", "P4"]
    assert [(row, message[:11]) for row, _column, _value, message in rejected(found)] == [
        (3, "1 cellules "),
        (4, "4 cellules "),
    ]


def test_row_numbers_hold_past_a_block_of_the_reader(tmp_path: Path) -> None:
    wide = "x" * 30_000
    lines = [f"P{i};{wide}" for i in range(2500)]
    lines[2400] = "P2400"
    found = read(tmp_path, "candidate_id;skills\n" + "\n".join(lines))
    assert found.rows[-1] == 2501
    assert rejected(found)[0][0] == 2402


def test_a_separator_too_many_at_the_end_of_each_line(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;city;\nP1;a;\n")
    assert not found.warnings
    assert found.aside.empty


def test_a_quote_never_closed_is_refused_rather_than_swallowing_the_file(tmp_path: Path) -> None:
    lines = "".join(f"P{i};ville;{i}\n" for i in range(20))
    with pytest.raises(UnreadableFile, match=r"à partir de la ligne 2, un guillemet n'est jamais refermé.* tableur"):
        read(tmp_path, f'candidate_id;city;skills\nP99;a;"tube 5\n{lines}')


def test_a_quote_closed_lines_later_costs_its_rows_only(tmp_path: Path) -> None:
    header = "candidate_id;first_name;last_name;city;skills"
    found = read(tmp_path, f'{header}\nP1;x;y;a;"b\nP2;x;y;c;d\nP3;x;y;e;f"\nP4;x;y;g;h\n')
    assert found.table["candidate_id"].tolist() == ["P4"]
    assert rejected(found)[0][0] == 2
    assert "a pris plusieurs lignes" in rejected(found)[0][3]


def test_a_note_of_several_lines_is_not_a_mistake(tmp_path: Path) -> None:
    note = '"poser ; couper\nporter ; ranger ; trier"'
    found = read(tmp_path, f"candidate_id;skills;city\nP1;{note};Évry\nP2;{note};Massy\n")
    assert found.rejected.empty
    assert cell(found, "city", 1) == "Massy"
    assert cell(read(tmp_path, 'candidate_id;skills\nP1;"\n;x"\n'), "skills") == ";x"


def test_a_stray_quote_inside_a_cell_is_itself(tmp_path: Path) -> None:
    assert cell(read(tmp_path, 'candidate_id;skills\nP1;tube 5" acier\nP2;x\n'), "skills") == 'tube 5" acier'


def test_header_only_has_nothing_usable(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;city\n")
    assert found.read == 0
    with pytest.raises(NothingUsable, match="aucune ligne utilisable"):
        found.usable()


@pytest.mark.parametrize("content", ["", "\n\n  \n", "\ufeff", "\ufeff \n"])
def test_an_empty_file_says_so(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFile, match=r"personnes.csv est vide. Vérifier l'export"):
        read(tmp_path, content)


def test_an_empty_header_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="la ligne d'en-têtes est vide"):
        read(tmp_path, ";;;\nP1;a;b;c\n")


def test_a_name_with_accents_and_spaces(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT, "Été à l'œuvre – 91.csv")
    assert found.file == "Été à l'œuvre – 91.csv"


def test_the_guard_against_formulas_is_taken_off(tmp_path: Path) -> None:
    assert cell(one_cell(tmp_path, "skills", "'=1+1"), "skills") == "=1+1"
    assert cell(one_cell(tmp_path, "skills", "''=1+1"), "skills") == "'=1+1"
    assert cell(one_cell(tmp_path, "skills", "'usine"), "skills") == "'usine"
    assert cell(one_cell(tmp_path, "skills", " '=1"), "skills") == "'=1"
