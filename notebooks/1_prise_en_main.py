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
# # 1. Prise en main
#
# De deux fichiers (des personnes, des postes) à des listes courtes, classées et expliquées. Tout ce qui suit est
# **inventé** : les échantillons de `data_samples/`. Le jour des décisions est fixé au 1er septembre 2026, pour que
# le carnet donne toujours les mêmes résultats.

# %%
from datetime import date
from importlib.resources import files

import matplotlib.pyplot as plt
import pandas as pd

import matcher

JOUR = date(2026, 9, 1)
BLEU, VERT, ROUGE, GRIS = "#2f5d8a", "#3b7d4f", "#b4532a", "#b8bec6"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", 60)

# %% [markdown]
# ## Lire
#
# Un fichier réel est désordonné : dates écrites de deux façons, mots au lieu de codes, colonnes inconnues. Ce qui
# est illisible est mis de côté avec la raison ; le reste continue.

# %%
dossier = files("data_samples")
personnes = matcher.read_candidates(dossier / "candidates.csv", today=JOUR)
postes = matcher.read_positions(dossier / "positions.csv", today=JOUR)
rejets = pd.DataFrame(personnes.attrs["rejected"])
print(f"{len(personnes)} personnes lues, {len(rejets)} lignes mises de côté, {len(postes)} postes.")
rejets[["row", "column", "message"]]

# %% [markdown]
# ## Ce que l'on ne sait pas
#
# Une case vide veut dire **inconnu**, jamais non. Elle n'écarte personne et ne rapporte aucun point. Voici la part
# de cases vides des colonnes qui servent à rapprocher.

# %%
colonnes = [
    "certificates",
    "licences",
    "vehicle",
    "french_level",
    "skills",
    "experience",
    "max_distance_km",
    "wage_min",
]
vides = personnes[colonnes].isna().mean().sort_values()
figure, axe = plt.subplots(figsize=(7, 3))
axe.barh(vides.index, 100 * vides, color=GRIS)
axe.set_xlabel("cases vides, en % des personnes")
axe.set_title("Ce que le fichier ne dit pas", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Rapprocher
#
# `Matcher` porte les options, `match` fait le travail : filtres, points, listes.

# %%
resultat = matcher.Matcher(max_per_candidate=3).match(personnes, postes, on=JOUR, top=5)
print(f"{len(resultat.shortlists)} places de liste, {resultat.shortlists['candidate_id'].nunique()} personnes.")
resultat.shortlists[["position_id", "rank", "candidate_id", "score", "outcome", "distance_km", "strengths"]].head(8)

# %% [markdown]
# Chaque personne qui n'est pas sur une liste est comptée sous le premier filtre qui l'écarte. Aucun de ces filtres
# ne regarde le métier ni le score.

# %%
LIBELLES = {
    "objection": "s'oppose au rapprochement",
    "right_to_work": "droit de travailler terminé",
    "not_eligible": "non éligible",
    "distance": "au-delà de sa distance",
    "availability": "disponible trop tard",
    "schedule": "horaires non acceptés",
    "licence": "permis ou véhicule",
    "certificate": "certificat",
    "work_limits": "aménagement possible ?",
}
ecarts = resultat.exclusions.groupby("filter")["people"].sum().reindex(LIBELLES).fillna(0)
figure, axe = plt.subplots(figsize=(7, 3))
axe.barh([LIBELLES[nom] for nom in ecarts.index][::-1], ecarts[::-1], color=BLEU)
axe.set_xlabel("couples personne et poste")
axe.set_title("Le premier filtre qui écarte", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Comprendre une ligne
#
# Le score est une somme de points entiers : l'explication **est** le calcul.

# %%
premiere = resultat.shortlists.iloc[0]
print(resultat.explain(premiere["candidate_id"], premiere["position_id"]))

# %%
points = resultat.contributions
paire = points[
    (points["candidate_id"] == premiere["candidate_id"]) & (points["position_id"] == premiere["position_id"])
]
paire = paire[paire["points"] != 0].sort_values("points")
figure, axe = plt.subplots(figsize=(7, 3.6))
axe.barh(
    paire["feature"] + " : " + paire["level"],
    paire["points"],
    color=[VERT if p > 0 else ROUGE for p in paire["points"]],
)
axe.set_xlabel("points")
axe.set_title(
    f"{premiere['candidate_id']} pour {premiere['position_id']} : {int(paire['points'].sum())} points", loc="left"
)
figure.tight_layout()

# %% [markdown]
# La somme des points d'une paire est son score brut ; le score de 0 à 100 n'en est qu'un affichage.

# %%
sommes = points.groupby(["position_id", "candidate_id"])["points"].sum().rename("brut").reset_index()
ensemble = resultat.shortlists.merge(sommes, on=["position_id", "candidate_id"])
figure, axe = plt.subplots(figsize=(5, 3))
axe.plot(ensemble["brut"], ensemble["score"], ".", color=BLEU)
axe.set_xlabel("points")
axe.set_ylabel("score affiché")
axe.set_title("Un seul calcul", loc="left")
figure.tight_layout()

# %% [markdown]
# ## Et ensuite
#
# `resultat.save("dossier")` écrit tous les fichiers, dont `report.html`. En ligne de commande :
#
# ```bash
# clausematch match data_samples/candidates.csv data_samples/positions.csv --on 2026-09-01 -o listes
# ```
#
# Suite : [comment l'éligibilité décide](2_eligibilite.ipynb).
