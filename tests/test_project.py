"""The project as a whole: its two commands, what its wheel holds, its public description."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

import matcher

PACKAGES = ("matcher", "models", "service", "data_samples")
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "build", "dist", "demo-out", "node_modules", "data", "tests", "docs"
)
DATA_KEPT = "matcher/reference/data"  # the one folder called data that is source


def source_copy(root: Path, target: Path) -> Path:
    """The files a build needs, away from the checkout, so that nothing is left in it."""
    shutil.copytree(root, target, ignore=NOT_SOURCE)
    shutil.copytree(root / DATA_KEPT, target / DATA_KEPT)
    return target


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_options() -> list[str]:
    """Without a registry when the environment has a recent enough setuptools."""
    return ["--no-build-isolation"] if int(version("setuptools").partition(".")[0]) >= 77 else []


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = source_copy(root, folder / "source")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    run(*pip, *build_options(), "--wheel-dir", folder, source, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {
        path.relative_to(root).as_posix()
        for package in PACKAGES
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - held == set()
    assert held - wanted == set()


@pytest.mark.parametrize(
    "name",
    [
        "matcher/rules/packs/ccag-2021.yml",
        "matcher/rules/facts.yml",
        "matcher/awards/templates.yml",
        "matcher/awards/hours.yml",
        "matcher/reference/data/rome.csv.gz",
        "matcher/reference/data/SOURCES.yml",
        "matcher/scorecards/expert.json",
        "matcher/locale/fr/LC_MESSAGES/messages.mo",
        "matcher/report/page.html",
        "matcher/report/report.css",
        "matcher/py.typed",
        "data_samples/candidates.csv",
        "data_samples/awards.json",
        "data_samples/trades.yml",
        "service/app.py",
    ],
)
def test_the_wheel_holds(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(name).file_size > 0 or name.endswith("py.typed")


def test_the_wheel_gives_the_command_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        text = archive.read(entry_points).decode()
    assert "clausematch = matcher.cli:main" in text
    assert "[clausematch.commands]" in text
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "docs/", "benchmarks/"))]


@pytest.mark.soak
def test_an_installed_package_runs_the_demonstration(root: Path, tmp_path: Path) -> None:
    source = source_copy(root, tmp_path / "source")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", source, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    said = run(tmp_path / "venv" / "bin" / "clausematch", "demo", "-o", "out", cwd=elsewhere, env=env)
    assert "report.html" in said
    assert (elsewhere / "out" / "report.html").stat().st_size > 10_000


def test_one_version(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert matcher.__version__ == project["version"]
    assert public(root)["softwareVersion"] == project["version"]


# ------------------------------------------------------------------------------------------- make and .ci/run


def makefile(root: Path) -> str:
    return (root / "Makefile").read_text(encoding="utf-8")


def test_help_tells_every_target(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", makefile(root), re.MULTILINE)
    assert phony is not None
    told = set(re.findall(r'"make (\w+)', makefile(root)))
    assert set(phony[1].split()) - told == {"help", "chromium"}


def test_make_names_no_path_of_a_machine(root: Path) -> None:
    for name in ("Makefile", ".ci/run"):
        text = (root / name).read_text(encoding="utf-8")
        found = set(re.findall(r"(?<![\w.$}])/[a-z][\w./-]+", text))
        assert found <= {"/dev/null", "/usr/bin/env", "/path/to/python3.11"}, name


def test_demo_and_test_make_their_own_environment(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "Makefile", tmp_path)
    shutil.copy(root / "pyproject.toml", tmp_path)
    for target, install in (
        ("demo", "install --quiet --editable ."),
        ("test", "install --quiet --editable '.[dev]'"),
    ):
        planned = run("make", "--dry-run", target, cwd=tmp_path)
        assert "-m venv .venv" in planned
        assert install in planned
    assert "-m matcher demo" in run("make", "--dry-run", "demo", cwd=tmp_path)
    planned = run("make", "--dry-run", "test", cwd=tmp_path)
    steps = ["ruff check", "ruff format --check", "-m mypy", "lint-imports", "-m pytest"]
    places = [planned.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


def test_a_python_that_is_too_old_is_told(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "Makefile", tmp_path)
    shutil.copy(root / "pyproject.toml", tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    for name in ("make", "sh"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    done = subprocess.run(
        ["make", "demo"], cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Python 3.11 or later is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()


def ci(root: Path, tmp_path: Path, recipe: str) -> subprocess.CompletedProcess[str]:
    """`.ci/run` over a Makefile whose test target is this recipe."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text(f"test:\n{recipe}", encoding="utf-8")
    return subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)


def test_ci_ends_with_the_closing_line_of_pytest(root: Path, tmp_path: Path) -> None:
    done = ci(root, tmp_path, "\t@echo '== 1 failed, 2 passed in 0.10s =='; exit 1\n")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == "== 1 failed, 2 passed in 0.10s =="


def test_ci_says_it_is_ci_and_passes_when_the_tests_do(root: Path, tmp_path: Path) -> None:
    done = ci(root, tmp_path, "\t@echo CI is $$CI; echo '=== 3 passed in 0.10s ==='\n")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["CI is true", "=== 3 passed in 0.10s ==="]


def test_ci_fails_when_nothing_was_tested(root: Path, tmp_path: Path) -> None:
    assert ci(root, tmp_path, "\t@echo broken; exit 2\n").returncode != 0


# --------------------------------------------------------------------------------------------- publiccode.yml

# https://yml.publiccode.tools, version 0.4: the mandatory keys, and the parts of the closed lists that are used.
MANDATORY = ("publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType")
SCOPES = {"employment", "welfare", "local-authorities", "society", "government"}
CATEGORIES = {"applicant-tracking", "procurement", "hr", "talent-management", "employee-management"}
STATUS = {"concept", "development", "beta", "stable", "obsolete"}


def public(root: Path) -> dict[str, Any]:
    content = yaml.safe_load((root / "publiccode.yml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_publiccode_has_what_the_standard_asks(root: Path) -> None:
    content = public(root)
    assert content["publiccodeYmlVersion"] == "0.4"
    assert [
        key for key in (*MANDATORY, "description", "legal", "maintenance", "localisation") if key not in content
    ] == []
    assert content["url"].startswith("https://")
    assert set(content["categories"]) <= CATEGORIES
    assert set(content["intendedAudience"]["scope"]) <= SCOPES
    assert content["developmentStatus"] in STATUS
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", content["releaseDate"])
    assert content["maintenance"]["type"] in {"none", "internal", "community", "contract"}
    assert isinstance(content["localisation"]["localisationReady"], bool)


@pytest.mark.parametrize("spoken", ["fr", "en"])
def test_publiccode_describes_in_both_languages(root: Path, spoken: str) -> None:
    about = public(root)["description"][spoken]
    assert len(about["genericName"]) <= 35
    assert len(about["shortDescription"]) <= 150
    assert 500 <= len(about["longDescription"]) <= 10_000
    assert len(about["features"]) > 0


def test_publiccode_agrees_with_the_project(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    content = public(root)
    assert content["name"] == project["name"]
    assert content["legal"]["license"] == project["license"]
