"""The examples of the OpenAPI document. A test posts each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PERSON: dict[str, Any] = {
    "candidate_id": "P-001",
    "commune": "91228",
    "jobseeker": True,
    "jobseeker_since": "2025-01-15",
    "months_worked_12": 0,
    "benefits": ["RSA"],
    "qualification_level": 3,
    "occupations": ["F1704", "Agent d'entretien des espaces verts"],
    "experience": ["F1704:18"],
    "skills": ["préparer le mortier", "lire un plan"],
    "certificates": ["SST@2027-03-01"],
    "licences": ["B"],
    "vehicle": True,
    "max_distance_km": 30,
    "available_from": "2026-09-15",
    "accepts": ["early", "outdoor"],
    "french_level": "B1",
}
_OTHER: dict[str, Any] = {
    "candidate_id": "P-002",
    "Code postal": "91000",
    "Ville": "Évry-Courcouronnes",
    "jobseeker": "oui",
    "benefits": None,
    "occupations": "K2204|A1203",
    "accepts": [],
}
_POSITION: dict[str, Any] = {
    "position_id": "POSTE-1",
    "title": "maçon",
    "occupation": "F1703",
    "commune": "91228",
    "start_date": "2026-10-01",
    "end_date": "2026-12-31",
    "hours": 455,
    "weekly_hours": 35,
    "openings": 1,
    "skills": ["préparer le mortier"],
    "schedule": ["early", "outdoor"],
    "asked": 5,
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "eligibility": {
        "simple": {
            "summary": "Deux personnes, règles par défaut",
            "value": {"candidates": [_PERSON, _OTHER], "on": "2026-09-01"},
        },
        "iae": {
            "summary": "Règles de l'IAE pour une ETTI, justificatifs exigés",
            "value": {
                "candidates": [_PERSON],
                "rules": "iae-2021",
                "mode": "ETTI",
                "on": "2026-09-01",
                "assume_no": ["refugee", "justice"],
                "require_proof": True,
            },
        },
    },
    "match": {
        "simple": {
            "summary": "Deux personnes, un poste",
            "value": {"candidates": [_PERSON, _OTHER], "positions": [_POSITION], "on": "2026-09-01"},
        },
        "limits": {
            "summary": "Règles nommées, listes limitées, compétences complètes",
            "value": {
                "candidates": [_PERSON, _OTHER],
                "positions": [_POSITION, {"position_id": "POSTE-2", "title": "agent de nettoyage", "city": "Massy"}],
                "rules": "charte-91-2018",
                "on": "2026-09-01",
                "top": 3,
                "max_per_candidate": 1,
                "complete": ["skills", "certificates"],
            },
        },
    },
    "put_candidates": {
        "simple": {"summary": "Deux personnes", "value": {"candidates": [_PERSON, _OTHER]}},
        "partial": {
            "summary": "Une colonne changée, une effacée, le reste gardé",
            "value": {"candidates": [{"candidate_id": "P-001", "available_from": "2026-10-01", "vehicle": None}]},
        },
        "objection": {
            "summary": "La personne s'oppose au rapprochement",
            "value": {"candidates": [{"candidate_id": "P-002", "objection": True}]},
        },
    },
    "change_candidate": {
        "simple": {
            "summary": "Disponible plus tard, faits vérifiés ce jour",
            "value": {"facts": {"available_from": "2026-11-02", "facts_on": "2026-09-10"}},
        },
    },
    "post_awards": {
        "table": {
            "summary": "Une ligne de la table des attributions, avec ses heures",
            "value": {
                "awards": [
                    {
                        "award_id": "21910228500018-2026-041",
                        "buyer_siret": "21910228500018",
                        "object": "Travaux de maçonnerie du groupe scolaire",
                        "cpv": "45262500",
                        "amount": 1000000,
                        "notified_on": "2026-08-20",
                        "duration_months": 12,
                        "place_code": "91228",
                        "place_kind": "commune",
                        "social": ["Clause sociale"],
                    }
                ]
            },
        },
        "decp": {
            "summary": "Une notice comme publiée (DECP 2022)",
            "value": {
                "marches": {
                    "marche": [
                        {
                            "id": "2026-042",
                            "acheteur": {"id": "21910228500018"},
                            "objet": "Entretien des espaces verts",
                            "codeCPV": "77310000",
                            "montant": 400000,
                            "dureeMois": 24,
                            "dateNotification": "2026-08-20",
                            "lieuExecution": {"code": "91228", "typeCode": "Code commune"},
                            "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
                            "titulaires": [{"titulaire": {"id": "00000000000000", "typeIdentifiant": "SIRET"}}],
                        }
                    ]
                }
            },
        },
    },
    "put_positions": {
        "simple": {"summary": "Un poste", "value": {"positions": [_POSITION]}},
    },
    "change_position": {
        "simple": {"summary": "Une place de plus", "value": {"facts": {"openings": 2}}},
        "close": {"summary": "Poste fermé", "value": {"closed": True}},
    },
}
