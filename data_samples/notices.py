"""Invented award notices in the DECP form of the 2022 decree, around Essonne: one for each case worth showing.

Buyers, contractors, objects, amounts and numbers are invented; the shape of the records is the decree's
(arrêté du 22 décembre 2022 relatif aux données essentielles des marchés publics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from data_samples.draws import Dice

CLAUSE = ("Clause sociale",)
RESERVED = ("Marché réservé",)
NO_CLAUSE = ("Pas de considération sociale",)


@dataclass(frozen=True)
class Notice:
    """One notice: `age` is in days before `on`, `place` a (code, kind) pair, `sector` as in trades.yml."""

    object: str
    cpv: str
    amount: float
    months: int
    age: int
    place: tuple[str, str]
    social: Sequence[str] = CLAUSE
    sector: str = ""
    buyer: int = 1
    framework: bool = False
    changes: tuple[tuple[int, float, int], ...] = ()
    about: str = ""


NOTICES: tuple[Notice, ...] = (
    Notice(
        "Reconstruction du groupe scolaire des Petits Prés à Corbeil-Essonnes: Lot 1: Gros oeuvre - maçonnerie",
        "45223220",
        1_840_000,
        18,
        40,
        ("91100", "Code postal"),
        sector="batiment",
        about="lot de travaux, clause sociale",
    ),
    Notice(
        "Reconstruction du groupe scolaire des Petits Prés à Corbeil-Essonnes: Lot 7: Peinture - sols souples",
        "45442100",
        312_500,
        10,
        40,
        ("91174", "Code commune"),
        sector="second_oeuvre",
        about="autre lot du même achat",
    ),
    Notice(
        "Réhabilitation de 96 logements résidence du Belvédère à Évry-Courcouronnes: Lot 5: Electricité courants "
        "forts et faibles",
        "71314100",
        428_000,
        14,
        75,
        ("91000", "Code postal"),
        ("Critère social", "Clause sociale"),
        sector="second_oeuvre",
        buyer=2,
        about="électricité sous un code CPV d'ingénierie",
    ),
    Notice(
        "R\ufffdfection de la voirie et des r\ufffdseaux du quartier de la Plaine \ufffd Massy et#8211, tranche 2",
        "45233140",
        2_650_000,
        24,
        20,
        ("91300", "Code postal"),
        sector="voirie",
        buyer=3,
        about="caractères abîmés",
    ),
    Notice(
        "Nettoyage des locaux et de la vitrerie des collèges du secteur sud",
        "90911200",
        720_000,
        36,
        60,
        ("91", "Code département"),
        sector="proprete",
        buyer=4,
        about="lieu donné par le département",
    ),
    Notice(
        "Accord-cadre d'entretien des espaces verts et naturels du val d'Orge: Lot 2: secteur aval - lot réservé",
        "77310000",
        240_000,
        48,
        35,
        ("91220", "Code postal"),
        RESERVED,
        sector="espaces_verts",
        buyer=5,
        framework=True,
        about="contrat réservé, plafond d'accord-cadre",
    ),
    Notice(
        "Accord-cadre à bons de commande pour l'entretien courant des bâtiments communaux d'Étampes",
        "45453100",
        1_200_000,
        48,
        320,
        ("91223", "Code commune"),
        sector="maintenance",
        buyer=6,
        framework=True,
        changes=((150, 1_260_000, 48), (30, 1_310_000, 54)),
        about="plafond d'accord-cadre avec deux modifications",
    ),
    Notice(
        "Nettoyage des locaux et de la vitrerie des collèges du secteur sud",
        "90911200",
        720_000,
        36,
        60,
        ("91", "Code département"),
        sector="proprete",
        buyer=4,
        about="doublon de l'avis précédent sur le même achat",
    ),
    Notice(
        "Fourniture et livraison de petit outillage et de quincaillerie pour les ateliers municipaux",
        "44510000",
        85_000,
        24,
        50,
        ("91200", "Code postal"),
        sector="",
        buyer=7,
        about="fournitures: aucune heure",
    ),
    Notice(
        "Remplacement des gouttières du gymnase de Milly-la-Forêt",
        "45261320",
        18_500,
        2,
        25,
        ("91490", "Code postal"),
        sector="second_oeuvre",
        buyer=8,
        about="trop petit: à regrouper",
    ),
    Notice(
        "Démolition de l'ancien centre technique de Viry-Châtillon",
        "45111100",
        390_000,
        4,
        420,
        ("91170", "Code postal"),
        sector="batiment",
        buyer=9,
        about="contrat terminé",
    ),
    Notice(
        "Mission de contrôle technique pour l'extension de la médiathèque de Palaiseau",
        "71630000",
        46_000,
        20,
        45,
        ("91120", "Code postal"),
        NO_CLAUSE,
        buyer=10,
        about="aucune considération sociale",
    ),
    Notice(
        "Restauration scolaire en liaison froide: préparation, livraison et service des repas",
        "55524000",
        1_150_000,
        36,
        30,
        ("91286", "Code commune"),
        sector="restauration",
        buyer=11,
        about="restauration",
    ),
    Notice(
        "Collecte des encombrants sur rendez-vous et tri en ressourcerie",
        "90511200",
        305_000,
        36,
        15,
        ("91054 CEDEX", "Code postal"),
        ("Critère social", "Marché réservé"),
        sector="dechets",
        buyer=12,
        framework=True,
        about="contrat réservé, lieu en CEDEX",
    ),
    Notice(
        "Gardiennage et sécurité incendie des sites universitaires du plateau de Saclay",
        "79713000",
        640_000,
        24,
        55,
        ("91190", "Code postal"),
        sector="securite",
        buyer=13,
        about="sécurité",
    ),
)
# Position in NOTICES of a notice sent twice → of the first one; of a lot → of the lot that shares its number.
DUPLICATE_OF = {7: 4}
LOT_OF = {1: 0}


def luhn_siret(serial: int, nic: int = 1) -> str:
    """A SIRET under the unassigned prefix 000, with right check digits (Luhn) and no company behind it."""
    siren = _with_key(f"000{serial:05d}")
    return _with_key(f"{siren}{nic:04d}")


def _with_key(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def notice_id(index: int, on: date) -> str:
    """The contract's number at the buyer; a duplicate or a second lot repeats the number of the first."""
    return f"{on.year}-{(DUPLICATE_OF | LOT_OF).get(index, index) + 101}"


def award_ids(on: date) -> Mapping[str, list[str]]:
    """Identifiers `buyer-number` of the notices with a clause still running, by sector."""
    found: dict[str, list[str]] = {}
    for index, notice in enumerate(NOTICES):
        running = notice.age < notice.months * 30 and index not in DUPLICATE_OF
        if notice.sector and running and "Clause sociale" in notice.social and notice.amount > 50_000:
            lot = "-2" if index in LOT_OF else ""
            found.setdefault(notice.sector, []).append(f"{luhn_siret(notice.buyer)}-{notice_id(index, on)}{lot}")
    return found


def _record(index: int, notice: Notice, on: date, dice: Dice) -> dict[str, Any]:
    notified = on - timedelta(days=notice.age)
    works = notice.cpv.startswith("45")
    record: dict[str, Any] = {
        "id": notice_id(index, on),
        "acheteur": {"id": luhn_siret(notice.buyer)},
        "nature": "Marché",
        "objet": notice.object,
        "codeCPV": notice.cpv,
        "procedure": "Procédure adaptée" if notice.amount < 500_000 else "Appel d'offres ouvert",
        "marcheInnovant": False,
        "ccag": "Travaux" if works else "Fournitures courantes et services",
        "offresRecues": dice.whole(1, 7),
        "attributionAvance": dice.chance(0.3),
        "typeGroupementOperateurs": "Pas de groupement",
        "lieuExecution": {"code": notice.place[0], "typeCode": notice.place[1]},
        "dureeMois": notice.months,
        "dateNotification": notified.isoformat(),
        "datePublicationDonnees": (notified + timedelta(days=dice.whole(3, 14))).isoformat(),
        "montant": notice.amount,
        "formePrix": "Unitaire" if notice.framework else "Forfaitaire",
        "sousTraitanceDeclaree": False,
        "titulaires": [
            {"titulaire": {"typeIdentifiant": "SIRET", "id": luhn_siret(500 + DUPLICATE_OF.get(index, index))}}
        ],
        "considerationsSociales": {"considerationSociale": list(notice.social)},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
        "modalitesExecution": {"modaliteExecution": ["Bons de commande" if notice.framework else "Sans objet"]},
        "techniques": {"technique": ["Accord-cadre" if notice.framework else "Sans objet"]},
        "typesPrix": {"typePrix": ["Définitif révisable"]},
    }
    if notice.changes:
        record["modifications"] = [
            {
                "modification": {
                    "id": number,
                    "dateNotificationModification": (on - timedelta(days=age)).isoformat(),
                    "datePublicationDonneesModification": (on - timedelta(days=age - 5)).isoformat(),
                    "montant": amount,
                    "dureeMois": months,
                }
            }
            for number, (age, amount, months) in enumerate(notice.changes, 1)
        ]
    return record


def notices(seed: int, on: date) -> dict[str, Any]:
    """The DECP document: every notice of NOTICES, and last a broken record (no identifier, no amount)."""
    records = []
    for index, notice in enumerate(NOTICES):
        # A duplicate is the same record, so it draws from the same stream.
        dice = Dice(seed, f"notice {DUPLICATE_OF.get(index, index)}")
        records.append(_record(index, notice, on, dice))
    broken = {
        "acheteur": {"id": ""},
        "nature": "Marché",
        "objet": "Entretien des toitures terrasses",
        "codeCPV": "45261",
        "lieuExecution": {"code": None, "typeCode": "Code postal"},
        "dureeMois": "NC",
        "dateNotification": "2026-13-45",
        "montant": "NC",
        "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
    }
    return {"marches": {"marche": [*records, broken]}}
