"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

# Small tables, and several test processes at once: more threads would wait for one another. Before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official open data (rome/, decp/, cpv/, geo/…), or a skip that says so."""
    folder = Path(os.environ.get("CLAUSEMATCH_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "rome").is_dir():
        pytest.skip(f"official open data not found at {folder}; set CLAUSEMATCH_SHARED_DATA to run this test")
    return folder


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own data directory."""
    monkeypatch.setenv("CLAUSEMATCH_DATA_DIR", str(tmp_path_factory.getbasetemp() / "user-data"))
