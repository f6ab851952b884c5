"""The addresses about positions."""

from __future__ import annotations

from service.access.principals import Role, Scope
from service.examples import EXAMPLES
from service.merging import UpsertQuery
from service.positions import resource
from service.positions.models import (
    ChangedPosition,
    Position,
    PositionChange,
    PositionsBody,
    PositionsPage,
    PositionsQuery,
    PositionsReport,
)
from service.routing import Route

_FACILITATOR = frozenset({Role.FACILITATOR})
_READERS = frozenset({Role.ADVISER, Role.FACILITATOR, Role.CONTRACTOR})

ROUTES = (
    Route(
        "PUT",
        "/positions",
        "put_positions",
        "Créer ou mettre à jour des postes",
        "Chaque ligne est reconnue par `position_id`. Elle remplace ce qui est connu pour les colonnes qu'elle nomme "
        "(`null` efface) et laisse les autres. Une ligne qui ne change rien ne change pas la version.",
        resource.put,
        _FACILITATOR,
        query=UpsertQuery,
        body=PositionsBody,
        answer=PositionsReport,
        examples=EXAMPLES["put_positions"],
        bulk=True,
        stores=True,
        scope=Scope.WRITE,
    ),
    Route(
        "GET",
        "/positions",
        "list_positions",
        "Les postes",
        "Par pages. Un conseiller voit ceux qui cherchent encore, de tous les organismes ; un facilitateur, tous "
        "ceux du sien ; une entreprise, ceux de son SIRET.",
        resource.listing,
        _READERS,
        query=PositionsQuery,
        answer=PositionsPage,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/positions/{position_id}",
        "get_position",
        "Un poste",
        "Ses colonnes, ses places, et leur version dans ETag.",
        resource.see,
        _READERS,
        answer=Position,
        statuses=(304,),
    ),
    Route(
        "PATCH",
        "/positions/{position_id}",
        "change_position",
        "Changer, fermer ou rouvrir un poste",
        "`facts` donne les colonnes à changer, avec les mots de PUT ; `closed` ferme ou rouvre. Avec If-Match, "
        "refusé si le poste a changé depuis.",
        resource.change,
        _FACILITATOR,
        body=PositionChange,
        answer=ChangedPosition,
        examples=EXAMPLES["change_position"],
        stores=True,
        scope=Scope.WRITE,
        statuses=(409, 412),
    ),
)
