"""The columns of what followed a proposal."""

from __future__ import annotations

from matcher import vocabulary as v
from matcher.locale import N_
from matcher.schema.model import Kind as K
from matcher.schema.model import TableSpec, column
from matcher.vocabulary import fold

OUTCOMES = TableSpec(
    "outcomes",
    N_("suites données"),
    (
        column(
            "proposal_id",
            K.CODE,
            "",
            N_("identifiant de la proposition"),
            "id|identifiant|proposition|id proposition",
            required=True,
        ),
        column("position_id", K.CODE, "", N_("poste"), "poste|id poste|identifiant poste", required=True),
        column(
            "candidate_id",
            K.CODE,
            "I",
            N_("personne"),
            "candidat|id candidat|identifiant candidat|personne|id personne",
            required=True,
        ),
        column("proposed_on", K.DATE, "", N_("proposée le"), "proposé le|proposée le|date de proposition"),
        column("shown_rank", K.INTEGER, "", N_("rang affiché"), "rang affiché|rang", low=1, high=1e9),
        column("shown_score", K.NUMBER, "", N_("score affiché"), "score affiché|score", low=0, high=100),
        column(
            "listed_by",
            K.CHOICE,
            "",
            N_("mise sur la liste par"),
            "listé par",
            words={w: w for w in ("model", "adviser", "facilitator")},
            closed=True,
        ),
        column("human_rank", K.INTEGER, "", N_("rang choisi par une personne"), "rang humain", low=1, high=1e9),
        column("scorecard", K.CODE, "", N_("grille de score"), "grille"),
        column(
            "decision",
            K.CHOICE,
            "",
            N_("décision"),
            "décision|avis",
            words={w: w for w in ("accepted", "rejected")},
            closed=True,
        ),
        column(
            "decided_by",
            K.CHOICE,
            "",
            N_("décidé par"),
            "décidé par",
            words={w: w for w in ("adviser", "facilitator", "employer", "person")},
            closed=True,
        ),
        column(
            "stage",
            K.CHOICE,
            "",
            N_("étape atteinte"),
            "étape|étape atteinte",
            words={fold(w): w for w in v.STAGES},
            closed=True,
        ),
        column("reason", K.TEXT, "", N_("motif"), "motif"),
        column("decided_on", K.DATE, "", N_("décidé le"), "date de décision|décidé le|décidée le"),
    ),
    key="proposal_id",
)
