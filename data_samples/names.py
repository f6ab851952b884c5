"""Common and invented names, and the invented organisations of the samples. Nobody is behind them."""

from __future__ import annotations

from pathlib import Path

import yaml

_NAMES = yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))
WOMEN: tuple[str, ...] = tuple(_NAMES["women"])
MEN: tuple[str, ...] = tuple(_NAMES["men"])
LAST: tuple[str, ...] = tuple(_NAMES["last"])

YOUTH_OFFICES = ("Mission locale des Trois Vallées", "Mission locale du Plateau", "Mission locale Rives de Seine")
BENEFIT_OFFICES = ("Maison des solidarités Les Glycines", "Maison des solidarités Le Parc", "CCAS Les Tilleuls")
DISABILITY_OFFICES = ("Cap emploi Horizon",)
GENERAL_OFFICES = (
    "France Travail agence des Acacias",
    "France Travail agence de la Gare",
    "France Travail agence du Lac",
    "PLIE Nord-Sud",
    "PLIE des Deux Rivières",
    "Association Le Tremplin",
)
OFFICES = YOUTH_OFFICES + BENEFIT_OFFICES + DISABILITY_OFFICES + GENERAL_OFFICES

ADVISERS = (
    "Agathe Rolin",
    "Basile Ferrand",
    "Clémence Aubry",
    "Driss Lahlou",
    "Edwige Marsan",
    "Firmin Toussaint",
    "Gwenola Prat",
    "Hassan Meziane",
    "Irène Vauquelin",
    "Joris Delabre",
    "Kadiatou Sylla",
    "Ludivine Caron",
)
FACILITATORS = ("Solène Garrigue, facilitatrice", "Tarek Vidalin, facilitateur", "Mireille Osman, facilitatrice")


def plain(text: str) -> str:
    """Lower-case ASCII letters of a name, for an invented e-mail address."""
    table = str.maketrans("àâäçéèêëîïôöùûüÿ", "aaaceeeeiioouuuy")
    return "".join(c for c in text.lower().translate(table) if c.isascii() and c.isalpha())
