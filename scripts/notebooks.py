"""The notebooks from their text form: `python -m scripts.notebooks` executes notebooks/*.py and writes the .ipynb.

The text form (jupytext, py:percent) is what is written and reviewed; the .ipynb beside it keeps what it shows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
LONGEST = 300  # seconds for one cell


def texts() -> list[Path]:
    """The text forms, in order."""
    return sorted(FOLDER.glob("*.py"))


def executed(path: Path) -> Any:
    """The notebook of a text form, with what each cell gives. Raises CellExecutionError."""
    book = plain(path)
    NotebookClient(
        book, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # the hours at which it ran
    book.metadata.pop("language_info", None)  # the version of Python
    return book


def plain(path: Path) -> Any:
    """The notebook of a text form, without outputs; its cells are named by their place."""
    book = jupytext.read(path)
    for number, cell in enumerate(book.cells, start=1):
        cell["id"] = f"cell-{number}"
    return book


def outputs(book: Any) -> list[list[str]]:
    """What each cell of code shows, in words: its text, and `image` for a plot."""
    return [[_shown(output) for output in cell.outputs] for cell in book.cells if cell.cell_type == "code"]


def _shown(output: Any) -> str:
    if output.output_type == "stream":
        return f"{output.name}: {output.text}"
    if output.output_type == "error":
        return f"error: {output.evalue}"
    if "image/png" in output.data:
        return "image"
    return str(output.data.get("text/markdown", output.data.get("text/plain")))


def main(names: Sequence[str]) -> None:
    """Execute the notebooks named, or all of them."""
    for path in texts():
        if not names or path.stem in names:
            nbformat.write(executed(path), path.with_suffix(".ipynb"))
            print(path.with_suffix(".ipynb").relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
