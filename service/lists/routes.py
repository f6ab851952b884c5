"""The addresses of lists."""

from __future__ import annotations

from service.access.principals import Role
from service.lists import fairness, pairs, sheets, shortlist
from service.lists.fairness import FairnessAnswer
from service.lists.models import (
    PairAnswer,
    SheetAnswer,
    SheetQuery,
    ShortlistAnswer,
    ShortlistQuery,
    SuitableAnswer,
    TopQuery,
)
from service.routing import Route

_LOOKING = frozenset({Role.ADVISER, Role.FACILITATOR})

ROUTES = (
    Route(
        "GET",
        "/positions/{position_id}/shortlist",
        "shortlist",
        "Les personnes pour un poste",
        "Le facilitateur du poste voit toutes les personnes, par référence, sans les catégories de santé, de justice "
        "ni de minimum social ; le nom et le contact une fois la personne proposée pour ce poste. Un conseiller voit "
        "les personnes de son organisme, rangées entre elles, pour tout poste ouvert. À côté du rang de la grille : "
        "l'ordre donné par le facilitateur, les personnes ajoutées ou mises de côté, les propositions. Ce qui est "
        "montré est écrit au journal, d'où la liste peut être refaite.",
        shortlist.shortlist,
        _LOOKING,
        query=ShortlistQuery,
        answer=ShortlistAnswer,
        statuses=(409, 422),
    ),
    Route(
        "GET",
        "/positions/{position_id}/shortlist/fairness",
        "shortlist_fairness",
        "Les chiffres d'équité d'une liste",
        "Par groupe (sexe, âge, QPV, RSA, handicap), sa part parmi les personnes éligibles, parmi celles qui passent "
        "les critères du poste, et sur la liste de la grille. Rien de cela n'entre dans le score. Un groupe de moins "
        "de 5 personnes n'est pas montré, ni ce qui le ferait deviner. La lecture est écrite au journal.",
        fairness.fairness,
        frozenset({Role.FACILITATOR}),
        answer=FairnessAnswer,
        statuses=(409,),
    ),
    Route(
        "GET",
        "/positions/{position_id}/candidates/{candidate_id}",
        "pair",
        "Expliquer une personne et un poste",
        "Le score, point par point, ce qui manque, ce qui changerait le résultat, ou pourquoi la personne n'est pas "
        "sur la liste. Le conseiller, pour une personne de son organisme ; le facilitateur du poste, par référence, "
        "sans ce qui dit la santé ou la justice.",
        pairs.pair,
        _LOOKING,
        answer=PairAnswer,
        statuses=(409,),
    ),
    Route(
        "GET",
        "/candidates/{candidate_id}/positions",
        "positions_for",
        "Les postes ouverts pour une personne",
        "Les meilleurs d'abord, avec les forces, les points à voir et l'éligibilité selon les règles de chacun.",
        pairs.positions_for,
        frozenset({Role.ADVISER}),
        query=TopQuery,
        answer=SuitableAnswer,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/positions/{position_id}/company-sheet",
        "company_sheet",
        "La fiche pour l'employeur",
        "Une ligne par personne, sous un pseudonyme propre au poste, et rien d'autre que ce qui peut sortir. Le "
        "facilitateur du poste, pour les personnes proposées ; l'entreprise du poste, pour celles qu'il "
        "a retenues. `candidates` en choisit quelques-unes, séparées par |. Les personnes que personne n'a validées "
        "n'y sont pas.",
        sheets.company_sheet,
        frozenset({Role.FACILITATOR, Role.CONTRACTOR}),
        query=SheetQuery,
        answer=SheetAnswer,
        statuses=(409,),
        also=tuple(sheets.MEDIA.values()),
    ),
)
