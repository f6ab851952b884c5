"""The notebooks: text and notebook in step, small, run without a warning, and showing what they are kept with."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from scripts.notebooks import FOLDER, executed, outputs, plain, texts
from tests.markdown import links

MOST = 1_000_000  # bytes
STALE = "{name} is out of date: run `python -m scripts.notebooks`"
PATHS = [pytest.param(path, id=path.stem) for path in texts()]
LONG = [pytest.param(path, id=path.stem, marks=pytest.mark.soak) for path in texts()[2:]]  # half a minute each


def kept(path: Path) -> Any:
    return nbformat.read(path.with_suffix(".ipynb"), as_version=4)


def test_the_test_tools_hold_what_readers_install(root: Path) -> None:
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras["notebooks"]) <= set(extras["dev"])


def test_there_are_four() -> None:
    assert [path.stem for path in texts()] == ["1_prise_en_main", "2_eligibilite", "3_apprentissage", "4_audit"]
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == [path.stem for path in texts()]


@pytest.mark.parametrize("path", PATHS)
def test_both_forms_say_the_same(path: Path) -> None:
    written, shown = plain(path), kept(path)
    nbformat.validate(shown)
    cells = [[(cell.cell_type, cell.source) for cell in book.cells] for book in (written, shown)]
    assert cells[0] == cells[1], STALE.format(name=path.stem)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_small_and_has_its_plots(path: Path) -> None:
    assert path.with_suffix(".ipynb").stat().st_size < MOST
    shown = [line for cell in outputs(kept(path)) for line in cell]
    assert shown.count("image") >= 3
    assert not [line for line in shown if line.startswith(("error", "stderr"))]


@pytest.mark.parametrize("path", PATHS)
def test_its_links_lead_somewhere(path: Path) -> None:
    prose = "\n".join(cell.source for cell in plain(path).cells if cell.cell_type == "markdown")
    assert links(prose)
    assert [target for target in links(prose) if not (FOLDER / target).exists()] == []


@pytest.mark.parametrize("path", [*PATHS[:2], *LONG])
def test_running_it_again_shows_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    assert outputs(executed(path)) == outputs(kept(path)), STALE.format(name=path.stem)
