"""The READMEs: their examples are what the program says today, and every command they show works.

Commands run in this process, as a shell would split them: starting each anew would take as long as their work. What
needs a shell has one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from matcher.cli import main
from scripts.generate_guides import READMES, readme
from tests.markdown import commands, fenced

NAMES = tuple(READMES)
# Shown for a reader's own machine; tests/test_project.py sees to them.
ELSEWHERE = ("make ", "pip install ")
SERVE = "clausematch serve"
DEMO = "clausematch demo -o demo-out"


def shown(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(root: Path) -> Iterator[Path]:
    """A folder with the samples and the results of the demonstration, as after `make demo`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "data_samples").symlink_to(root / "data_samples")
        shell(DEMO, folder)
        yield folder


def environment(folder: Path) -> dict[str, str]:
    """Where `clausematch` is the command under test, and the reader's own data stay out of it."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    command = tools / "clausematch"
    if not command.exists():
        code = "import sys; from matcher.cli import main; main(sys.argv[1:])"
        command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n", encoding="utf-8")
        command.chmod(0o755)
    root = str(Path(__file__).resolve().parent.parent)
    return {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": root,
        "CLAUSEMATCH_DATA_DIR": str(folder / "user-data"),
    }


def shell(line: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", line], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run(line: str, folder: Path) -> None:
    """A command without anything for a shell to do but to split its words."""
    words = shlex.split(line)
    assert words[0] == "clausematch"
    assert not set(words) & {"|", ">", "<", "&&", ";"}, line
    with pytest.MonkeyPatch.context() as patch, chdir(folder):
        for name, value in environment(folder).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as stop:
            main(words[1:])
    assert stop.value.code in (0, None), line


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_what_the_program_says(root: Path, name: str) -> None:
    assert shown(root, name) == readme(name), f"{name} is out of date: run `make docs`"


def test_both_readmes_show_the_same_commands(root: Path) -> None:
    english, french = (commands(shown(root, name)) for name in NAMES)
    assert english == french
    assert fenced(shown(root, NAMES[0]), "python") == fenced(shown(root, NAMES[1]), "python")


def test_the_two_commands_come_first(root: Path) -> None:
    for name in NAMES:
        assert commands(shown(root, name))[:2] == ["make demo", "make test"]


def test_every_command_shown_works(root: Path, desk: Path) -> None:
    lines = commands(shown(root, "README.md"))
    tried = [line for line in lines if not line.startswith((*ELSEWHERE, SERVE))]
    assert len(tried) > 8
    tried.remove(DEMO)  # as the desk was made
    for line in tried:
        (run if line.startswith("clausematch ") else shell)(line, desk)
    for made in ("decisions.csv", "awards-out/awards.csv", "lists-out/report.html", "batch-out/shortlists.csv"):
        assert (desk / made).stat().st_size > 0, made
    assert (desk / "sheet.xlsx").stat().st_size > 0
    assert "F1702" in (desk / "codes.csv").read_text(encoding="utf-8-sig")


def test_the_service_starts_as_shown(root: Path, desk: Path) -> None:
    [line] = [line for line in commands(shown(root, "README.md")) if line.startswith(SERVE)]
    free = re.sub(r"--port \d+", "--port 0", line)
    assert free != line
    with subprocess.Popen(
        ["bash", "-c", f"exec {free}"],
        cwd=desk,
        env=environment(desk),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
        finally:
            server.kill()
    assert "http://127.0.0.1:" in said


def test_the_python_example_works(root: Path, desk: Path) -> None:
    [code] = fenced(shown(root, "README.md"), "python")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, env=environment(desk), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Éligibilité" in done.stdout
    assert "Sur la liste, au rang 1." in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_a_run_are_named(root: Path, desk: Path, name: str) -> None:
    text = shown(root, name)
    for path in (desk / "demo-out").iterdir():
        stem, suffix = path.name.split(".")
        assert (
            path.name in text
            or (f"`{stem}.csv`" in text and f"`.{suffix}`" in text)
            or stem
            in {
                "awards",
                "positions",
            }
        ), path.name
