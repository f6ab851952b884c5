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
# # 4. L'audit
#
# Qui est listé, groupe par groupe ? À mérite égal ? Ce que la grille voit laisse-t-il deviner le sexe ou l'âge ?
# Que change un trou dans un dossier ? Des chiffres à discuter, **jamais un verdict** : chaque taux a son
# intervalle, un groupe de moins de cinq personnes est masqué, et ce que l'on ne sait pas est un groupe à part. Ce
# que veut dire chaque chiffre : [docs/equite.md](../docs/equite.md). Tout est inventé : les échantillons de
# `data_samples/`.

# %%
from datetime import date
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import matcher
from matcher.engine import Engine, Options
from matcher.fairness import DIMENSIONS, Groups, eligible_pool, fairness, wilson
from matcher.features import FEATURES
from models.audit.pools import read_pairs
from models.audit.proxy import proxy_audit
from models.audit.stability import stability
from models.audit.titles import swap_audit

JOUR = date(2026, 9, 1)
BLEU, ORANGE, GRIS = "#2f5d8a", "#c9762b", "#b8bec6"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
dossier = files("data_samples")
personnes = matcher.read_candidates(dossier / "candidates.csv", today=JOUR)
postes = matcher.read_positions(dossier / "positions.csv", today=JOUR)
resultat = matcher.Matcher(max_per_candidate=3).match(personnes, postes, on=JOUR, top=10)

# %% [markdown]
# ## Qui est listé
#
# Le vivier : les personnes éligibles ou à vérifier pour un poste au moins. Le taux : celles qui sont sur une liste.
# Le trait gris est l'intervalle à 95 % ; le trait vertical, le taux de tout le vivier.

# %%
equite = fairness(resultat)
taux = equite.rates[~equite.rates["hidden"] & equite.rates["dimension"].isin(DIMENSIONS)].iloc[::-1]
noms = [
    f"{DIMENSIONS[d].title} : {DIMENSIONS[d].groups[g]}"
    for d, g in zip(taux["dimension"], taux["group"], strict=True)
]
figure, axe = plt.subplots(figsize=(7.5, 0.3 * len(taux) + 1))
rang = np.arange(len(taux))
axe.hlines(rang, 100 * taux["low"], 100 * taux["high"], color=GRIS, linewidth=4)
axe.plot(100 * taux["rate"], rang, "o", color=BLEU)
axe.axvline(100 * equite.exposure.coverage, color=ORANGE, linewidth=1)
axe.set_yticks(rang, noms)
axe.set_xlabel("% du vivier sur une liste au moins")
axe.set_title(f"{equite.exposure.listed} personnes listées sur {equite.exposure.pool}", loc="left")
figure.tight_layout()

# %% [markdown]
# Un écart ne dit pas sa cause : métiers souhaités, lieux, permis, hasard. Dans cet échantillon les métiers du
# bâtiment sont nombreux, et peu de femmes les demandent. D'où la question suivante : **à mérite égal**, reçoit-on
# autant ? On compare alors des personnes du même poste et du même score ; 1 veut dire autant que les autres.

# %%
egal = taux[taux["equal_score"].notna()]
noms = [
    f"{DIMENSIONS[d].title} : {DIMENSIONS[d].groups[g]}"
    for d, g in zip(egal["dimension"], egal["group"], strict=True)
]
figure, axe = plt.subplots(figsize=(7.5, 0.3 * len(egal) + 1))
rang = np.arange(len(egal))
axe.hlines(rang, egal["equal_score_low"], egal["equal_score_high"], color=GRIS, linewidth=4)
axe.plot(egal["equal_score"], rang, "o", color=BLEU)
axe.axvline(1, color=ORANGE, linewidth=1)
axe.set_yticks(rang, noms)
axe.set_xlabel("exposition reçue ÷ attendue à score égal")
figure.tight_layout()

# %% [markdown]
# ## Pourquoi pas de verdict sans intervalle
#
# La « règle des quatre cinquièmes » déclare un problème quand un taux tombe sous 80 % de l'autre. Ici deux groupes
# sont traités **exactement pareil** (10 % de chances chacun) : voici combien de fois la règle se trompe, selon le
# nombre de personnes. Et combien de fois deux intervalles à 95 % se séparent.

# %%
tirage = np.random.default_rng(91)
effectifs = np.array([50, 100, 200, 500, 1000, 2000, 5000])
fausse, separes = [], []
for effectif in effectifs:
    un, autre = tirage.binomial(effectif, 0.1, (2, 20_000))
    fausse.append(np.mean(np.minimum(un, autre) < 0.8 * np.maximum(un, autre)))
    (bas, haut), (bas2, haut2) = wilson(un, effectif), wilson(autre, effectif)
    separes.append(np.mean((bas > haut2) | (bas2 > haut)))
figure, axe = plt.subplots(figsize=(7, 3))
axe.semilogx(effectifs, 100 * np.array(fausse), "o-", color=ORANGE, label="règle des 4/5 seule")
axe.semilogx(effectifs, 100 * np.array(separes), "o-", color=BLEU, label="intervalles séparés")
axe.set_xlabel("personnes dans chaque groupe")
axe.set_ylabel("fausses alertes, en %")
axe.legend(frameon=False)
figure.tight_layout()
pd.DataFrame({"personnes": effectifs, "règle des 4/5 (%)": np.round(100 * np.array(fausse)).astype(int)})

# %% [markdown]
# ## Les visées de la charte
#
# La charte veut que les clauses servent les femmes, les bénéficiaires du RSA, les habitants des quartiers
# prioritaires. On compare leur part parmi les personnes listées à leur part dans le vivier.

# %%
pd.DataFrame(
    [
        {
            "visée": visee.label,
            "part des listées (%)": round(100 * visee.share_listed, 1),
            "de": round(100 * visee.low, 1),
            "à": round(100 * visee.high, 1),
            "part du vivier (%)": round(100 * visee.share_pool, 1),
        }
        for visee in equite.aims
    ]
)

# %% [markdown]
# ## Ce que la grille voit laisse-t-il deviner un groupe ?
#
# Le sexe, l'âge, le RSA, le handicap, le quartier n'entrent dans aucun score. Mais les critères pourraient les
# trahir : un modèle essaie de les deviner à partir des seuls niveaux, sur des personnes qu'il n'a pas vues. 0,5 :
# il ne devine rien ; 1 : tout. La zone grise est ce que donne le hasard.

# %%
moteur = Engine(personnes, postes, Options(JOUR))
groupes = Groups.of(personnes, JOUR)
indices = proxy_audit(read_pairs(moteur), groupes.codes, 91)
CIBLES = {
    "women": "femmes",
    "under_26": "moins de 26 ans",
    "50_over": "50 ans ou plus",
    "rsa": "RSA",
    "disability": "handicap",
    "qpv": "quartier prioritaire",
}
figure, axe = plt.subplots(figsize=(7, 3))
for n, nom in enumerate(reversed(CIBLES)):
    if not indices[nom]["measured"]:
        continue
    moyenne, bas, haut = indices[nom]["pair"]
    _hasard, moins, plus = indices[nom]["chance"]
    axe.barh(n, plus - moins, left=moins, color="#e6e8eb", height=0.7)
    axe.plot([bas, haut], [n, n], color=GRIS, linewidth=4)
    axe.plot(moyenne, n, "o", color=BLEU)
axe.set_yticks(range(len(CIBLES)), list(reversed(CIBLES.values())))
axe.axvline(0.5, color="black", linewidth=0.7)
axe.set_xlabel("AUC : chance de reconnaître le groupe")
figure.tight_layout()

# %%
porteurs = {
    mot: [
        f"{FEATURES[f].title} ({gain:+.2f})" for f, gain in list(indices[nom]["features"].items())[:3] if gain >= 0.01
    ]
    for nom, mot in CIBLES.items()
    if indices[nom]["measured"]
}
for mot, liste in porteurs.items():
    print(f"{mot} : {', '.join(liste) or 'aucun critère ne porte plus que le hasard'}")

# %% [markdown]
# ## Deux formes d'un même métier
#
# « Maçon » et « maçonne » doivent donner le même score. Chaque intitulé du fichier est changé de forme, et toutes
# les paires sont recalculées.

# %%
formes = swap_audit(moteur)
print(f"{formes['titles']['swapped']} intitulés changés de forme, {formes['pairs']} paires recalculées :")
print(f"{formes['different_levels']} niveaux et {formes['different_scores']} scores différents.")

# %% [markdown]
# ## Que change un trou dans un dossier ?
#
# On vide au hasard un cinquième des cases connues d'une colonne, et l'on regarde combien des dix premières places
# changent de main. Sur 150 personnes et 6 postes.

# %%
petit = Engine(personnes.head(150), postes.head(6), Options(JOUR))
essai = stability(petit, eligible_pool(petit), 91)["blank"]
change = pd.DataFrame(
    {nom: mesure["changed"] for nom, mesure in essai.items() if nom != "all"}, index=["moyenne", "bas", "haut"]
).T
change = change.sort_values("moyenne").tail(10)
figure, axe = plt.subplots(figsize=(7, 3.4))
axe.hlines(change.index, 100 * change["bas"], 100 * change["haut"], color=GRIS, linewidth=4)
axe.plot(100 * change["moyenne"], change.index, "o", color=BLEU)
axe.set_xlabel("% des dix premières places tenues par quelqu'un d'autre")
axe.set_title("Les colonnes dont les trous déplacent le plus", loc="left")
figure.tight_layout()

# %% [markdown]
# Une colonne qui déplace beaucoup est une colonne à faire remplir avant de se fier à l'ordre. L'audit complet d'une
# grille, avec les suites quand il y en a : `models/audit`.
