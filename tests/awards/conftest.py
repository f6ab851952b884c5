"""Notices shaped on real ones; every name, number and SIRET here is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Notice = dict[str, Any]


@pytest.fixture
def notice() -> Callable[..., Notice]:
    """A notice of the 2022 decree, with any of its fields replaced (None removes one)."""

    def make(**changes: Any) -> Notice:
        record: Notice = {
            "id": "2024-01",
            "acheteur": {"id": "21910000000017"},
            "nature": "Marché",
            "objet": "Construction de 12 logements : Lot 2 : Gros oeuvre",
            "codeCPV": "45223220",
            "procedure": "Procédure adaptée",
            "lieuExecution": {"code": "91000", "typeCode": "Code postal"},
            "dureeMois": 12,
            "dateNotification": "2024-02-15",
            "montant": 1000000,
            "techniques": {"technique": ["Sans objet"]},
            "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
            "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "11111111100011"}}],
            "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
        }
        record.update(changes)
        return {key: value for key, value in record.items() if value is not None}

    return make


@pytest.fixture
def decp(tmp_path: Path) -> Callable[..., Path]:
    """A file of these notices in the shape of the 2022 decree."""

    def write(*records: Any, name: str = "decp.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"marches": {"marche": list(records)}}, ensure_ascii=False), encoding="utf-8")
        return path

    return write
