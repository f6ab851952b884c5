"""The table of monthly hours, read as every other table is."""

from __future__ import annotations

from matcher.locale import N_
from matcher.rules.modes import MODES
from matcher.schema import TableSpec
from matcher.schema.model import Kind, column
from matcher.vocabulary import fold

MOST_IN_A_MONTH = 744  # 31 days of 24 hours: no month holds more

HOURS = TableSpec(
    "hours",
    N_("heures faites"),
    (
        column("award_id", Kind.CODE, "", N_("contrat"), "contrat|marché|id contrat|id marché", required=True),
        column("candidate_id", Kind.CODE, "I", N_("personne"), "candidat|id candidat|référence", required=True),
        column("employer", Kind.TEXT, "", N_("employeur"), "employeur|entreprise|structure", required=True),
        column(
            "mode",
            Kind.CHOICE,
            "",
            N_("mode de réalisation"),
            "mode de réalisation|modalité",
            words={fold(word): word for word in MODES},
            closed=True,
            required=True,
        ),
        column("month", Kind.TEXT, "", N_("mois, AAAA-MM"), "mois|période", required=True),
        column(
            "hours", Kind.NUMBER, "", N_("heures faites ce mois-là"), "heures|nb heures", required=True, low=0,
            high=MOST_IN_A_MONTH,
        ),
    ),
    key="award_id",
    unique=False,
)  # fmt: skip
