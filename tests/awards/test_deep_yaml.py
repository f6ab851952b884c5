"""An editable file nested without end is refused in words, and does not end the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.awards.yamlfile import read_yaml
from matcher.errors import UnreadableFile


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "[" * 5_000 + "]" * 5_000, "- " * 20_000])
def test_a_file_nested_without_end_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "templates.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="n'est pas du YAML valide"):
        read_yaml(path)
