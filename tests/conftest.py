"""Fixtures that every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")  # its driver's event loop would be in the way of other tests
def chromium() -> Iterator[Any]:
    """Debian's Chromium; make a page with `chromium.new_page()` or a context with `chromium.new_context()`."""
    driver_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium not found; on Debian: apt-get install chromium")
    with driver_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        browser.close()
