"""Reading the two editable YAML files with messages an editor can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from matcher.errors import UnreadableFile, UsageError
from matcher.locale import _
from matcher.yamltext import load_yaml, not_too_deep


@dataclass(frozen=True)
class YamlFile:
    """A parsed file, with typed access that says which key is wrong."""

    path: Path
    content: Any

    def fault(self, problem: str) -> UsageError:
        """The error for a file that does not say what it should."""
        return UsageError(
            _("{file} : {problem}.").format(file=self.path.name, problem=problem),
            _("Corriger ce fichier ; sa forme est décrite dans docs/notices-et-heures.md."),
        )

    def mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.fault(_("« {where} » doit être un bloc clé : valeur").format(where=where or "…"))
        return value

    def sequence(self, entry: Mapping[str, Any], key: str) -> Sequence[Any]:
        value = entry.get(key, [])
        if not isinstance(value, list):
            raise self.fault(_("« {key} » doit être une liste").format(key=key))
        return value

    def number(self, entry: Mapping[str, Any], key: str, *, high: float = float("inf")) -> float:
        value = entry.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            limit = _(" entre 0 et 1") if high == 1 else ""
            raise self.fault(_("« {key} » doit être un nombre{limit}").format(key=key, limit=limit))
        return float(value)

    def text(self, entry: Mapping[str, Any], key: str, default: str | None = None) -> str:
        value = entry.get(key, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.fault(_("« {key} » doit être un texte").format(key=key))
        return value.strip()

    def texts(self, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = self.sequence(entry, key)
        if not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fault(_("« {key} » ne doit contenir que des textes entre guillemets").format(key=key))
        return tuple(item.strip() for item in value)


def read_yaml(path: Path) -> YamlFile:
    """Raises UnreadableFile when the file is missing or is not YAML."""
    try:
        return YamlFile(path, load_yaml(not_too_deep(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile(
            _("Le fichier {file} ne peut pas être lu.").format(file=path), _("Vérifier son chemin.")
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = "?" if mark is None else mark.line + 1
        raise UnreadableFile(
            _("Le fichier {file} n'est pas du YAML valide (ligne {line}).").format(file=path.name, line=line),
            _("Vérifier l'indentation et les guillemets de cette ligne."),
        ) from None
