"""Who may use which address, and on which rows: docs/acces.md is made from here, and a test tries every case of it.

The roles are those of the routes themselves; what is added here is which rows each role has there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from service.access.principals import Role, Scope
from service.access.visibility import REVEALING_CATEGORIES, REVEALING_FACTS, SMALLEST_COUNT
from service.openapi import full_path
from service.pages.page import Page
from service.routing import Route


class Reach(StrEnum):
    """How far a role sees on a route: `own`, what is elsewhere answers 404 as what does not exist; `list`, an answer
    for everybody, made of what is theirs; `all`, the same for every organisation."""

    OWN = "own"
    LIST = "list"
    ALL = "all"


class Rows(NamedTuple):
    """The rows of a role on a route, in words."""

    reach: Reach
    words: str


_PEOPLE = Rows(Reach.LIST, "ses personnes")
_PERSON = Rows(Reach.OWN, "ses personnes")
_ANYBODY = Rows(Reach.ALL, "toute personne, par référence")
_POSITION = Rows(Reach.OWN, "ses postes")
_POSITIONS = Rows(Reach.LIST, "ses postes")
_AWARD = Rows(Reach.OWN, "ses contrats")
_AWARDS = Rows(Reach.LIST, "ses contrats")
_SITE = Rows(Reach.OWN, "les postes de son SIRET")
_EVERYTHING = Rows(Reach.ALL, "tout, sans identité")

A, F, C, U, M = Role.ADVISER, Role.FACILITATOR, Role.CONTRACTOR, Role.AUDITOR, Role.ADMIN

ACCESS: Mapping[str, Mapping[Role, Rows]] = {
    "eligibility": dict.fromkeys((A, F, M), Rows(Reach.ALL, "les personnes de la demande")),
    "match": {
        A: Rows(Reach.LIST, "les personnes de la demande, ou les siennes"),
        F: Rows(Reach.ALL, "les personnes de la demande, ou toutes, par référence"),
        M: Rows(Reach.ALL, "les personnes de la demande, ou toutes, par référence"),
    },
    "put_candidates": {A: _PEOPLE},
    "list_candidates": {A: _PEOPLE},
    "get_candidate": {A: _PERSON},
    "change_candidate": {A: _PERSON},
    "candidate_file": {A: _PERSON, M: _ANYBODY},
    "erase_candidate": {A: _PERSON, M: _ANYBODY},
    "put_positions": {F: _POSITIONS},
    "list_positions": {
        A: Rows(Reach.ALL, "les postes ouverts"),
        F: _POSITIONS,
        C: Rows(Reach.LIST, "les postes de son SIRET"),
    },
    "get_position": {A: Rows(Reach.ALL, "les postes ouverts"), F: _POSITION, C: _SITE},
    "change_position": {F: _POSITION},
    "post_awards": {F: _AWARDS},
    "list_awards": {F: _AWARDS},
    "get_award": {F: _AWARD},
    "shortlist": {
        A: Rows(Reach.LIST, "les postes ouverts, ses personnes"),
        F: Rows(Reach.OWN, "ses postes, toute personne par référence ; nom et contact une fois proposée"),
    },
    "shortlist_fairness": {F: Rows(Reach.OWN, "ses postes ; des groupes de 5 personnes au moins, sans personne")},
    "pair": {
        A: Rows(Reach.OWN, "les postes ouverts, ses personnes"),
        F: Rows(Reach.OWN, "ses postes, toute personne par référence"),
    },
    "positions_for": {A: Rows(Reach.OWN, "ses personnes, les postes ouverts")},
    "company_sheet": {
        F: Rows(Reach.OWN, "ses postes, les personnes proposées"),
        C: Rows(Reach.OWN, "les postes de son SIRET, les personnes retenues et validées"),
    },
    "propose": {A: Rows(Reach.OWN, "ses personnes, les postes ouverts")},
    "proposals": {
        A: Rows(Reach.LIST, "celles de ses personnes"),
        F: Rows(Reach.LIST, "celles de ses postes"),
    },
    "proposal": {
        A: Rows(Reach.OWN, "celles de ses personnes"),
        F: Rows(Reach.OWN, "celles de ses postes, avec nom et contact"),
    },
    "move_proposal": {
        A: Rows(Reach.OWN, "celles de ses personnes ; retirer, embauche, maintien"),
        F: Rows(Reach.OWN, "celles de ses postes ; chaque étape, refuser"),
    },
    "order_position": {
        A: Rows(Reach.LIST, "les postes ouverts, ses personnes : ajouter, mettre de côté"),
        F: Rows(Reach.OWN, "ses postes, toute personne par référence"),
    },
    "outcomes": {F: Rows(Reach.LIST, "celles de ses postes, par référence"), U: _EVERYTHING},
    "put_hours": {F: _AWARDS},
    "list_hours": {F: Rows(Reach.LIST, "ses contrats, les personnes par référence")},
    "indicators": {F: _AWARDS, U: _EVERYTHING, M: _EVERYTHING},
    "list_audit": {U: _EVERYTHING, M: _EVERYTHING},
    "verify_audit": {U: _EVERYTHING, M: _EVERYTHING},
    "metrics": {U: _EVERYTHING, M: _EVERYTHING},
}

NAMES: Mapping[Role, str] = {
    A: "conseiller",
    F: "facilitateur",
    C: "entreprise",
    U: "audit",
    M: "administration",
}


def access_page(routes: Iterable[Route], pages: Iterable[Page]) -> str:
    """docs/acces.md."""
    lines = [_ABOUT, "| adresse | droit | " + " | ".join(NAMES.values()) + " |", "|---" * (2 + len(NAMES)) + "|"]
    for route in routes:
        right = "écrire" if route.scope is Scope.WRITE else "lire"
        cells = [_cell(route, role) for role in NAMES]
        lines.append(f"| `{route.method} {full_path(route)}` | {right} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, _PAGES, *_lines_of(pages)]) + "\n" + _AFTER


def _lines_of(pages: Iterable[Page]) -> list[str]:
    lines = ["| page | " + " | ".join(NAMES.values()) + " |", "|---" * (1 + len(NAMES)) + "|"]
    for page in sorted(pages, key=lambda one: (one.path, one.method)):
        cells = ["sans clé" if page.public else "oui" if role in page.roles else "–" for role in NAMES]
        lines.append(f"| `{page.method} {page.path}` | " + " | ".join(cells) + " |")
    return lines


def _cell(route: Route, role: Role) -> str:
    return ACCESS[route.name][role].words if role in route.roles else "–"


_ABOUT = """# Qui voit quoi

Page produite par `python scripts/generate_docs.py` à partir du code ; ne pas la modifier à la main. Un essai
automatique tente chaque adresse avec chaque rôle, pour son organisme et pour un autre, et compare avec cette page.

Une clé (ou un membre connecté) appartient à un organisme et porte un ou plusieurs rôles ; avec plusieurs, elle a ce
que chacun permet. Une clé « lecture seule » n'a que les lignes `lire`. Un tiret veut dire 403. Ce qui est à un autre
organisme répond exactement comme ce qui n'existe pas : 404.
"""
_PAGES = """
## Les pages

Une page demande ses données aux adresses ci-dessus, au nom de qui la lit : elle montre ce que ces adresses lui
donnent, rien de plus, et ce qui est à un autre organisme y répond de même 404. Un tiret veut dire que la page n'est
pas pour ce rôle (403).
"""
_AFTER = f"""
Sans clé : `/health` et `/health/ready`, `/openapi.json`, les pages de connexion ; elles ne montrent personne.

## Ce qu'un facilitateur ne lit pas

- Le nom et le contact d'une personne, tant que son conseiller ne l'a pas proposée **pour ce poste**, ou une fois la
  proposition retirée. Avant, il connaît une référence, la même sur tous ses postes, qui ne dit rien de la personne.
- Les catégories {", ".join(f"`{code}`" for code in sorted(REVEALING_CATEGORIES))} : une raison de santé ou de
  justice peut les ouvrir, ou elles laisseraient deviner celles qui manquent. L'issue est toujours là.
- Les faits {", ".join(f"`{name}`" for name in sorted(REVEALING_FACTS))} parmi ceux à demander, et la phrase qui dit
  comment la décision a été prise.
- Les limites au travail : il lit « aménagement possible ? », jamais laquelle.
- Un nombre de personnes mises de côté par un critère, en dessous de {SMALLEST_COUNT}.

## Ce que lit une entreprise

La fiche de ses postes (SIRET de l'organisme et SIRET du poste), pour les personnes que le facilitateur a retenues et
validées, sous un pseudonyme propre au poste : voir [la fiche](fiche-entreprise.md).

## Ce qui est écrit au journal

Chaque écriture, et chaque lecture de données sur une personne, avant que la réponse ne parte : qui, quand, quel
poste, quelles personnes (par des noms que seule la base sait relier, et que l'effacement ne laisse à personne). La
lecture du journal elle-même y est écrite.
"""
