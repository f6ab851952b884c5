"""The addresses about people."""

from __future__ import annotations

from service.access.principals import Role, Scope
from service.examples import EXAMPLES
from service.merging import UpsertQuery
from service.people import resource
from service.people.erase import erase
from service.people.file import file
from service.people.models import (
    Candidate,
    CandidatesBody,
    CandidatesPage,
    CandidatesQuery,
    CandidatesReport,
    ChangeBody,
    File,
)
from service.routing import Route

_ADVISER = frozenset({Role.ADVISER})
_RIGHTS = frozenset({Role.ADVISER, Role.ADMIN})

ROUTES = (
    Route(
        "PUT",
        "/candidates",
        "put_candidates",
        "Créer ou mettre à jour des personnes",
        "Chaque ligne est reconnue par `candidate_id` dans votre organisme. Elle remplace ce qui est connu pour les "
        "colonnes qu'elle nomme (`null` efface) et laisse les autres. Une ligne qui ne change rien ne change pas la "
        "version. Les lignes illisibles sont dites dans le compte rendu, les autres continuent.",
        resource.put,
        _ADVISER,
        query=UpsertQuery,
        body=CandidatesBody,
        answer=CandidatesReport,
        examples=EXAMPLES["put_candidates"],
        bulk=True,
        stores=True,
        scope=Scope.WRITE,
    ),
    Route(
        "GET",
        "/candidates",
        "list_candidates",
        "Les personnes de son organisme",
        "Par pages. `q` cherche le début de l'identifiant, du nom ou du prénom. Ce qui est montré est écrit au "
        "journal.",
        resource.listing,
        _ADVISER,
        query=CandidatesQuery,
        answer=CandidatesPage,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/candidates/{candidate_id}",
        "get_candidate",
        "Une personne",
        "Ses faits, et leur version dans ETag. La lecture est écrite au journal.",
        resource.see,
        _ADVISER,
        answer=Candidate,
        statuses=(304,),
    ),
    Route(
        "PATCH",
        "/candidates/{candidate_id}",
        "change_candidate",
        "Changer des colonnes d'une personne",
        "`facts` donne les colonnes à changer, avec les mots de PUT. Avec If-Match, refusé si quelqu'un l'a modifiée "
        "depuis.",
        resource.change,
        _ADVISER,
        body=ChangeBody,
        answer=Candidate,
        examples=EXAMPLES["change_candidate"],
        stores=True,
        scope=Scope.WRITE,
        statuses=(412,),
    ),
    Route(
        "GET",
        "/candidates/{candidate_id}/file",
        "candidate_file",
        "Le dossier d'une personne : tout ce qui est gardé d'elle",
        "Faits, historique, propositions, heures, ordres, actions, et qui a vu ses données (droit d'accès). "
        "L'administrateur la désigne par sa référence. La lecture est écrite au journal.",
        file,
        _RIGHTS,
        answer=File,
    ),
    Route(
        "DELETE",
        "/candidates/{candidate_id}",
        "erase_candidate",
        "Effacer une personne",
        "Ses faits, leur historique, son identifiant, sa référence et sa clé sont détruits ; il reste des comptes où "
        "elle n'est plus. L'administrateur la désigne par sa référence. Sans retour.",
        erase,
        _RIGHTS,
        stores=True,
        scope=Scope.WRITE,
        statuses=(204,),
    ),
)
