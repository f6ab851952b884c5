# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. Comment l'éligibilité décide
#
# Une personne est **éligible**, **à vérifier** ou **non éligible** à une clause. Ce carnet montre pourquoi il y a
# trois réponses et non deux, ce que change un fait, une date ou un justificatif, et quels faits il vaut la peine de
# demander. Les personnes sont inventées ; les règles sont celles de [docs/regles.md](../docs/regles.md), avec leurs
# sources.

# %%
from datetime import date, timedelta
from importlib.resources import files

import matplotlib.pyplot as plt
import pandas as pd

import matcher
from matcher.report.words import fact_label

JOUR = date(2026, 9, 1)
COULEURS = {"eligible": "#3b7d4f", "to_verify": "#d9a441", "not_eligible": "#b8bec6"}
MOTS = {"eligible": "éligible", "to_verify": "à vérifier", "not_eligible": "non éligible"}
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", 80)


def barres(tableau, titre):
    """Une barre par ligne, coupée en trois selon la décision."""
    figure, axe = plt.subplots(figsize=(7, 0.5 * len(tableau) + 1.3))
    gauche = pd.Series(0.0, index=tableau.index)
    for decision, couleur in COULEURS.items():
        part = 100 * tableau[decision] / tableau.sum(axis=1)
        axe.barh(tableau.index, part, left=gauche, color=couleur, label=MOTS[decision])
        gauche += part
    axe.invert_yaxis()
    axe.set_xlabel("% des personnes")
    axe.set_title(titre, loc="left")
    figure.legend(*axe.get_legend_handles_labels(), ncols=3, frameon=False, loc="lower right")
    figure.tight_layout(rect=(0, 0.25 / len(tableau), 1, 1))


def comptes(decisions):
    """Combien de personnes par décision."""
    return decisions["outcome"].value_counts().reindex(COULEURS).fillna(0)


# %% [markdown]
# ## Trois valeurs
#
# Un fait est vrai, faux ou **inconnu**. Une personne dont on ne sait presque rien n'est pas refusée : elle est à
# vérifier, et la règle dit quoi demander, en commençant par le moins intrusif. Voici la même personne, décrite de
# mieux en mieux.

# %%
BASE = {"birth_date": "1990-05-04"}
ETAPES = {
    "on ne sait que son âge": {},
    "demandeuse d'emploi": {"jobseeker": "oui"},
    "inscrite depuis le 15/03/2026": {"jobseeker": "oui", "jobseeker_since": "2026-03-15"},
    "… et touche le RSA": {"jobseeker": "oui", "jobseeker_since": "2026-03-15", "benefits": "RSA"},
}
lignes = [{"candidate_id": nom, **BASE, **faits} for nom, faits in ETAPES.items()]
decisions = matcher.decide(pd.DataFrame(lignes), "ccag-2021", on=JOUR)
decisions[["candidate_id", "outcome", "categories", "possible", "missing", "next_step"]]

# %% [markdown]
# Savoir davantage ne fait jamais perdre un droit déjà acquis : ajouter un fait vrai ne rend personne moins
# éligible, et remplir une case vide ne change que des « à vérifier ». Les tests du projet le vérifient sur des
# milliers de cas.

# %% [markdown]
# ## Les mêmes personnes, d'autres règles
#
# Les règles dépendent du contrat et de la façon de l'exécuter : embauche directe (CCAG 2021), insertion par
# l'activité économique (`iae-2021`), groupement d'employeurs (`geiq`), charte de l'Essonne.

# %%
personnes = matcher.read_candidates(files("data_samples") / "candidates.csv", today=JOUR)
REGLES = {
    "CCAG 2021, embauche directe": ("ccag-2021", None),
    "charte de l'Essonne 2018": ("charte-91-2018", None),
    "IAE, intérim d'insertion": ("iae-2021", "ETTI"),
    "IAE, entreprise d'insertion": ("iae-2021", "EI"),
    "GEIQ": ("geiq", "GEIQ"),
    "NPNRU": ("npnru", None),
}
tableau = pd.DataFrame(
    {nom: comptes(matcher.decide(personnes, regle, on=JOUR, mode=mode)) for nom, (regle, mode) in REGLES.items()}
).T.astype(int)
barres(tableau, "Une décision par règle")
tableau

# %% [markdown]
# ## Une date peut suffire
#
# Une durée se compte au jour près. Cette personne est inscrite depuis le 10 mars 2026 : le CCAG demande **plus de**
# douze mois, la charte de même. Le lendemain du douzième mois, la réponse change.

# %%
inscrite = pd.DataFrame(
    [
        {
            "candidate_id": "A",
            "birth_date": "1985-01-01",
            "jobseeker": "oui",
            "jobseeker_since": "2026-03-10",
            "months_worked_12": 0,
            "months_registered_36": 5,
            "benefits": "aucun",
            "programmes": "aucun",
            "pass_iae_until": "none",
            "disability": "non",
            "qpv": "non",
            "refugee": "non",
            "qualification_level": 5,
        }
    ]
)
jours = [date(2027, 3, 6) + timedelta(days=n) for n in range(9)]
suite = pd.concat([matcher.decide(inscrite, "ccag-2021", on=jour) for jour in jours])
figure, axe = plt.subplots(figsize=(7, 1.9))
niveau = {"not_eligible": 0, "to_verify": 1, "eligible": 2}
axe.step([jour.strftime("%d/%m") for jour in jours], suite["outcome"].map(niveau), where="mid", color="#2f5d8a")
axe.set_yticks([0, 1, 2], list(reversed(MOTS.values())))
axe.set_title("Inscrite le 10/03/2026 : la décision, jour par jour, en mars 2027", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Ce qu'il vaut la peine de demander
#
# Pour les personnes à vérifier, la colonne `missing` nomme les faits utiles. Jamais la santé ni la justice tant
# qu'un autre fait suffirait.

# %%
decisions = matcher.decide(personnes, "ccag-2021", on=JOUR)
a_verifier = decisions[decisions["outcome"] == "to_verify"]
faits = a_verifier["missing"].str.split("|").explode().value_counts()
figure, axe = plt.subplots(figsize=(7, 0.26 * len(faits) + 1))
axe.barh([fact_label(nom) for nom in faits.index[::-1]], faits[::-1], color=COULEURS["to_verify"])
axe.set_xlabel("personnes à vérifier à qui le demander")
axe.set_title(f"Les faits à demander ({len(a_verifier)} personnes à vérifier)", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Deux choix qui se voient
#
# `assume_no` lit les cases vides de certaines colonnes comme des non : c'est un choix, il est écrit dans chaque
# décision qu'il touche. `require_proof` laisse « à vérifier » une personne éligible dont aucun justificatif valable
# n'a été vu.

# %%
VARIANTES = {
    "telles quelles": {},
    "vide = non pour RQTH, QPV, PASS": {"assume_no": ["disability", "qpv", "pass_iae_until"]},
    "justificatif exigé": {"require_proof": True},
}
tableau = pd.DataFrame(
    {nom: comptes(matcher.decide(personnes, "ccag-2021", on=JOUR, **choix)) for nom, choix in VARIANTES.items()}
).T.astype(int)
barres(tableau, "CCAG 2021 : ce que changent les options")
tableau

# %% [markdown]
# ## Prudence
#
# La plupart des jeux de règles sont marqués « à confirmer » : une lecture soigneuse des textes, pas l'avis d'un
# juriste. Suite : [comment le classement s'apprend](3_apprentissage.ipynb).
