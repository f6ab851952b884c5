"""The columns of award notices."""

from __future__ import annotations

from matcher import vocabulary as v
from matcher.locale import N_
from matcher.schema.model import Kind as K
from matcher.schema.model import TableSpec, column

AWARDS = TableSpec(
    "awards",
    N_("notices d'attribution"),
    (
        column(
            "award_id",
            K.CODE,
            "",
            N_("identifiant du contrat"),
            "id|identifiant|uid|id marché|numéro de marché",
        ),
        column(
            "buyer_siret",
            K.CODE,
            "",
            N_("SIRET de l'acheteur"),
            "acheteur|acheteur id|siret acheteur|acheteur_id",
        ),
        column(
            "contractors",
            K.LIST,
            "",
            N_("SIRET des titulaires"),
            "titulaires|titulaire|siret titulaire|attributaires|titulaire_id|titulaire_id_1",
        ),
        column("object", K.TEXT, "", N_("objet du contrat"), "objet|libellé|intitulé"),
        column("cpv", K.CODE, "", N_("code CPV"), "code cpv|codecpv"),
        column(
            "amount",
            K.NUMBER,
            "",
            N_("montant en euros hors taxes"),
            "montant|montant ht|montant hors taxes",
            low=0,
            high=1e12,
        ),
        column(
            "notified_on",
            K.DATE,
            "",
            N_("date de notification"),
            "date de notification|notifié le|datenotification|date notification",
        ),
        column(
            "duration_months",
            K.NUMBER,
            "",
            N_("durée en mois"),
            "durée|durée mois|dureemois|durée en mois",
            low=0,
            high=1200,
        ),
        column(
            "place_code",
            K.CODE,
            "",
            N_("code du lieu d'exécution"),
            "lieu|code lieu|lieuexecution_code|lieu d'exécution|lieu d'exécution code",
        ),
        column(
            "place_kind",
            K.CHOICE,
            "",
            N_("nature du code du lieu"),
            "type lieu|lieuexecution_typecode|type de code lieu|lieu d'exécution type",
            words=v.PLACE_KINDS,
        ),
        column(
            "social",
            K.LIST,
            "",
            N_("considérations sociales"),
            "considérations sociales|considerationssociales|clause sociale|social",
            words=v.SOCIAL_WORDS,
        ),
        column(
            "reserved",
            K.CHOICE,
            "",
            N_("contrat réservé"),
            "réservé|marché réservé",
            words=v.RESERVED_WORDS,
            closed=True,
        ),
        column(
            "labour_share",
            K.RATE,
            "",
            N_("part de la main-d'œuvre dans le montant"),
            "part main d'oeuvre|part de main d'oeuvre|taux main d'oeuvre",
            low=0,
            high=1,
        ),
        column(
            "insertion_rate",
            K.RATE,
            "",
            N_("taux d'insertion"),
            "taux d'insertion|taux insertion",
            low=0,
            high=1,
        ),
        column(
            "hourly_cost",
            K.NUMBER,
            "",
            N_("coût horaire en euros"),
            "coût horaire|cout horaire",
            low=1,
            high=1000,
        ),
        column(
            "hours",
            K.NUMBER,
            "",
            N_("heures d'insertion déjà fixées"),
            "heures|heures d'insertion|volume d'heures",
            low=0,
            high=1e9,
        ),
    ),
    key="award_id",
    unique=False,
)
