"""Outputs appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from matcher.errors import EnvironmentFault, UsageError
from matcher.tables import atomic, write_table, write_workbook

FRAME = pd.DataFrame({"a": ["x"] * 3})


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("ancien")

    def cut_short() -> None:
        with atomic(path) as temporary:
            temporary.write_text("à moitié")
            raise RuntimeError("coupure")

    with pytest.raises(RuntimeError, match="coupure"):
        cut_short()
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
    assert path.read_text() == "ancien"


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "parquet"])
def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path: Path, form: str) -> None:
    frame = pd.DataFrame({"a": [object(), {"b": {1, 2}}]})
    if form == "csv":  # every object has a text; a lone surrogate has no UTF-8
        frame = pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)})
    with pytest.raises((TypeError, ValueError)):
        write_table(frame, tmp_path / f"t.{form}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "parquet"])
def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, form: str) -> None:
    script = """
        import resource, signal, sys
        from pathlib import Path
        import numpy as np, pandas as pd, xlsxwriter, pyarrow.parquet
        from matcher.errors import EnvironmentFault
        from matcher.tables import write_table
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        frame = pd.DataFrame({"a": [str(x) for x in np.random.default_rng(1).random(5000)]})
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            write_table(frame, Path(sys.argv[1]))
        except EnvironmentFault as error:
            print(error, error.exit_status)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / f"t.{form}")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path.parent)},
    )
    assert "n'a pas pu être écrit (taille de fichier limitée par le système)" in run.stdout
    assert "aucun fichier partiel n'a été laissé. 3" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "plat").write_text("")
    (tmp_path / "dossier.csv").mkdir()
    for path, words in (
        (tmp_path / "plat" / "t.csv", "un fichier se trouve là où il faudrait un dossier"),
        (tmp_path / "dossier.csv", "un dossier porte déjà ce nom"),
        (tmp_path / ("x" * 300 + ".csv"), "nom trop long"),
    ):
        with pytest.raises(EnvironmentFault, match=words):
            write_table(FRAME, path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dossier.csv", "plat"]


def test_missing_folders_are_made_and_endings_checked(tmp_path: Path) -> None:
    write_table(FRAME, tmp_path / "été" / "un" / "T.CSV")
    assert (tmp_path / "été" / "un" / "T.CSV").is_file()
    with pytest.raises(UsageError, match=r"t.txt : extension non prévue. Choisir un nom en .csv, .xlsx"):
        write_table(FRAME, tmp_path / "t.txt")


def test_new_files_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_table(FRAME, tmp_path / "t.csv")
    finally:
        os.umask(before)
    assert (tmp_path / "t.csv").stat().st_mode & 0o777 == 0o600


def test_a_sheet_too_long_is_refused_rather_than_cut(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": range(1_048_576)})
    with pytest.raises(UsageError, match=r"1048576 lignes ne tiennent pas.* Choisir un nom en .csv ou .parquet"):
        write_table(frame, tmp_path / "t.xlsx")
    with pytest.raises(UsageError):
        write_workbook({"x": frame}, tmp_path / "u.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_cell_longer_than_a_sheet_allows_is_cut_visibly(tmp_path: Path) -> None:
    import openpyxl  # type: ignore[import-untyped]

    write_table(pd.DataFrame({"a": ["x" * 40_000]}), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    text = str(sheet["A2"].value)
    assert len(text) == 32_767
    assert text.endswith("x…")
