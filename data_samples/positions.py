"""Invented positions under a social clause: what the trades ask, where the work is, and a few awkward cases."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from data_samples.draws import Dice
from data_samples.notices import award_ids, luhn_siret
from data_samples.places import Towns
from data_samples.trades import Trade, trades
from data_samples.wishes import smic
from matcher.schema import POSITIONS

Row = dict[str, Any]
MODES = ("direct", "ETTI", "EI", "GEIQ", "AI", "ACI")
MODE_WEIGHTS = (62, 14, 7, 7, 5, 5)
STRUCTURES = {
    "ETTI": "Passerelle Intérim Insertion",
    "EI": "Nouvel Élan Services",
    "GEIQ": "GEIQ Bâtir et Servir",
    "AI": "Association Coup de Pouce Emploi",
    "ACI": "Les Chantiers du Val",
}
EMPLOYERS = {
    "batiment": ("Maçonnerie Hurepoix", "Constructions Valmartin", "Gros Œuvre du Gâtinais"),
    "voirie": ("Routes et Réseaux du Sud", "Travaux Publics Marsac"),
    "second_oeuvre": ("Peintures Orcières", "Ateliers Verlac", "Électricité Lumel", "Façades Brivain"),
    "maintenance": ("Multiservices Coligny", "Maintien et Bâti"),
    "espaces_verts": ("Paysages de la Juine", "Vert et Nature Services"),
    "proprete": ("Propreté Ondine", "Net Horizon", "Clair et Net Essonne"),
    "dechets": ("Collecte Francilienne Durable", "Tri et Valorisation du Parc"),
    "restauration": ("Cuisine Centrale Les Tablées", "Saveurs Collectives"),
    "logistique": ("Logistique des Linas", "Dépôts Sénart Express"),
    "transport": ("Transports Fontanges", "Livraisons du Plateau"),
    "accueil": ("Accueil et Bureaux Services", "Secrétariat Plus"),
    "securite": ("Vigie Sécurité Conseil", "Gardiens de la Vallée"),
    "aide": ("Domicile Tendresse", "Aides et Familles"),
    "commerce": ("Marché des Quatre Routes",),
    "industrie": ("Conditionnement Ultrapack", "Ateliers Couture Solidaire"),
    "numerique": ("Reconditech", "Pixel et Compagnie"),
}
# Workplaces outside the département that people of Essonne reach.
NEIGHBOURS = ("77122", "77445", "77285", "94054", "94065", "94078", "92002", "78517", "78640", "75113")
ALWAYS = {"CARTE_PRO_SECURITE", "FIMO", "CARTE_CONDUCTEUR", "CACES_R482_B1", "CS_ELAGAGE"}
FRENCH_BY_SECTOR = {"accueil": ("B1", "B2"), "numerique": ("B2",), "securite": ("B1",), "aide": ("A2", "B1")}


def _contract(row: Row, mode: str, on: date, dice: Dice) -> None:
    """Dates, hours and openings that agree with one another."""
    months = dice.pick((1, 2, 3, 4, 6, 9, 12), (1, 3, 6, 4, 4, 2, 2))
    start = dice.day(on, 5, 120)
    weekly = {"ACI": 26.0, "AI": 20.0}.get(mode) or dice.pick((35.0, 39.0, 30.0, 24.0), (76, 8, 10, 6))
    openings = dice.pick((1, 2, 3, 4, 6), (60, 22, 10, 5, 3))
    row["start_date"] = start
    row["end_date"] = start + timedelta(days=round(months * 30.4375) - 1)
    row["weekly_hours"] = weekly
    row["openings"] = openings
    row["hours"] = round(openings * weekly * 52 / 12 * months)
    row["asked"] = dice.pick((None, 5, 10, openings * 3), (50, 20, 15, 15))


def _requirements(row: Row, trade: Trade, rural: bool, dice: Dice) -> None:
    required, wished = [], []
    for name, _, share in trade.certificates:
        if name in ALWAYS or dice.chance(share * 0.4):
            required.append(name)
        elif dice.chance(0.5):
            wished.append(name)
    row["certificates"] = "|".join(required) or "none"
    row["certificates_wished"] = "|".join(wished) or None
    licence = trade.licence or ("B" if dice.chance(0.3 if rural else 0.12) else "")
    row["licences"] = licence or "none"
    row["vehicle"] = dice.chance(0.35 if rural else 0.04)
    row["bus_reachable"] = None if dice.chance(0.3) else dice.chance(0.35 if rural else 0.9)
    row["experience_months"] = dice.pick((0, None, 3, 6, 12, 24), (45, 25, 10, 10, 7, 3))
    row["qualification_min"] = 3 if trade.level >= 3 and dice.chance(0.5) else None
    sector = FRENCH_BY_SECTOR.get(trade.sector, ("A1", "A2", "A2", None))
    row["french_min"] = dice.pick(sector)
    row["demands"] = "|".join(w for w in trade.demands if dice.chance(0.8)) or "none"
    row["schedule"] = "|".join(w for w in trade.schedule if dice.chance(0.75)) or "none"
    row["skills"] = "|".join(dice.some(trade.skills, dice.whole(2, 4)))


def _position(trade: Trade, mode: str, towns: Towns, on: date, dice: Dice, awards: Mapping[str, list[str]]) -> Row:
    row: Row = dict.fromkeys(POSITIONS.names)
    place = dice.pick(range(len(towns.codes)), towns.weights.tolist())
    rural = bool(towns.rural[place])
    row["commune"] = towns.codes[place]
    if dice.chance(0.14):
        row["commune"], rural = dice.pick(NEIGHBOURS), False
    employers = EMPLOYERS[trade.sector]
    name = dice.pick(employers) if mode == "direct" else STRUCTURES[mode]
    row["employer"], row["mode"] = name, mode
    known = sorted({*STRUCTURES.values(), *(e for group in EMPLOYERS.values() for e in group)})
    row["siret"] = luhn_siret(700 + known.index(name))
    row["title"] = trade.feminine if dice.chance(0.25) else trade.masculine
    row["occupation"] = trade.code
    row["tasks"] = "Au sein d'une équipe : " + ", ".join(dice.some(trade.skills, 3)) + "."
    if mode == "direct" and trade.sector in awards and dice.chance(0.5):
        row["award_id"] = dice.pick(awards[trade.sector])
    if mode == "direct" and dice.chance(0.2):
        row["rules"] = "charte-91-2018"
    _contract(row, mode, on, dice)
    _requirements(row, trade, rural, dice)
    wage = smic(on) * trade.wage * (1 + 0.05 * dice.uniform())
    row["wage"] = math.ceil(wage * 100) / 100
    return row


# The awkward cases, in order: what the row is turned into, and why it is there.
SPECIAL: tuple[tuple[str, Row, str], ...] = (
    ("A1203", {"commune": None, "place_code": "91", "place_kind": "département"}, "lieu donné par un territoire"),
    ("F1704", {"commune": None, "postal_code": "00000", "city": "Chantier à préciser"}, "lieu inconnu"),
    ("H3302", {"reserved": "handicap"}, "réservé aux EA et ESAT"),
    ("A1202", {"reserved": "insertion"}, "réservé aux SIAE"),
    ("K2304", {"reserved": "unspecified"}, "réservé, sans dire à qui"),
    (
        "F1302",
        {"commune": "59183", "licences": "CE", "vehicle": True, "certificates": "CACES_R482_B1"},
        "hors d'atteinte de tous",
    ),
    ("K2205", {"categories": "qpv", "rules": "ccag-2021"}, "limité à une catégorie"),
)


def positions(seed: int, count: int, towns: Towns, on: date) -> list[Row]:
    """`count` invented positions with every column of the table (None is unknown).

    From ten positions on, the last ones are the awkward cases of SPECIAL.
    """
    dice = Dice(seed, "positions")
    every = trades()
    awards = award_ids(on)
    special = SPECIAL if count >= 10 else ()
    by_code = {trade.code: trade for trade in every}
    rows = []
    for number in range(1, count + 1):
        case = number - 1 - (count - len(special))
        if case < 0:
            trade = dice.pick(every, [t.jobs for t in every])
            row = _position(trade, dice.pick(MODES, MODE_WEIGHTS), towns, on, dice, awards)
        else:
            code, changes, _ = special[case]
            row = _position(by_code[code], "direct", towns, on, dice, {}) | {"rules": None} | changes
        row["position_id"] = f"POSTE-{number:03d}" if count < 1000 else f"POSTE-{number:05d}"
        rows.append(row)
    return rows
