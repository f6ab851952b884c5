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
# # 3. Comment le classement s'apprend et se mesure
#
# La grille livrée est un jugement d'expert. Quand on sait ce qui a suivi (accepté, refusé et pourquoi, reçu,
# embauché), elle peut être corrigée : prudemment, sans perdre le bon sens. Pour mesurer cela sans les données de
# personne, ce carnet se sert d'un **marché simulé** dont la vérité est connue
# ([models/SIMULATION.md](../models/SIMULATION.md)), en petit : 300 personnes, 100 postes suivis, 25 postes gardés
# pour mesurer. Les chiffres sérieux, sur 20 graines et jusqu'à 1 000 postes, sont dans
# [models/cards/expert-2026.md](../models/cards/expert-2026.md).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown

from data_samples.generate import DEFAULT_ON
from matcher.features import FEATURES
from matcher.scoring import load_scorecard
from models.cards import diff_markdown, weight
from models.evaluate import evaluate, labels
from models.experiments import run_seed
from models.learning import learn
from models.signals import check_outcomes, read_feedback
from models.simulation import simulate

BLEU, VERT, ORANGE, GRIS = "#2f5d8a", "#3b7d4f", "#c9762b", "#b8bec6"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## Ce qui suit une proposition
#
# Une ligne par proposition : le rang montré, la décision, l'étape atteinte, le motif.

# %%
marche = simulate(2, 100, people=300, tests=25)
suites = marche.outcomes
etapes = ["proposed", "shortlisted", "interviewed", "hired", "kept_3_months"]
MOTS = ["proposée", "retenue", "reçue", "embauchée", "encore là à 3 mois"]
atteint = [len(suites), *(int(suites["stage"].isin(etapes[n:]).sum()) for n in range(1, len(etapes)))]
figure, axe = plt.subplots(figsize=(7, 2.6))
axe.barh(MOTS[::-1], atteint[::-1], color=BLEU)
for n, nombre in enumerate(reversed(atteint)):
    axe.text(nombre, n, f" {nombre}", va="center")
axe.set_title("Jusqu'où vont les propositions", loc="left")
figure.tight_layout()

# %% [markdown]
# Deux pièges. **On ne voit que ce que l'on montre** : une ligne en bas de liste est moins regardée, et apprendre «
# qui a été pris en haut » ne ferait que redire l'ordre montré. **Un refus ne parle pas toujours de la personne** :
# un poste annulé n'est pas une faute. Seules comptent donc les décisions écrites, avec leur motif.

# %%
regard = suites[suites["shown_rank"].notna()].groupby("shown_rank")["decision"].apply(lambda d: d.notna().mean())
motifs = suites["reason"].dropna().str.partition("_")[0].value_counts()
figure, (gauche, droite) = plt.subplots(1, 2, figsize=(8, 2.8), width_ratios=[3, 2])
gauche.bar(regard.index, 100 * regard, color=GRIS)
gauche.set_xlabel("rang montré")
gauche.set_ylabel("% avec une décision")
gauche.set_title("Le bas des listes est moins regardé", loc="left", fontsize=10)
droite.bar(motifs.index, motifs, color=[ORANGE if nom == "person" else GRIS for nom in motifs.index])
droite.set_title("De quoi parlent les motifs", loc="left", fontsize=10)
figure.tight_layout()

# %% [markdown]
# ## Apprendre
#
# Chaque critère a quelques niveaux ordonnés et des points. L'apprentissage déplace les points **à partir** de ceux
# de l'expert, d'autant moins qu'il y a peu de suites, et sans jamais renverser l'ordre des niveaux (plus de
# compétences ne vaut jamais moins). La force du rappel vers l'expert est choisie par validation croisée sur les
# postes. Si le gain mesuré n'est pas sûrement positif, la grille d'expert reste, telle quelle.

# %%
grille = load_scorecard()
controle = check_outcomes(suites, marche.candidates, marche.positions, DEFAULT_ON)
retours = read_feedback(controle.table, marche.engine)
lignes = []
for nombre in (10, 40, 100):
    appris = learn(retours.take(retours.group < nombre), grille)
    choix = appris.selection
    gain = "" if choix is None else f"{choix.gain:+.3f} [{choix.low:+.3f} ; {choix.high:+.3f}]"
    lignes.append(
        {
            "postes suivis": nombre,
            "gain en validation croisée": gain,
            "la grille change": "oui" if appris.moved else "non",
        }
    )
pd.DataFrame(lignes)

# %% [markdown]
# Ce qui a changé, en phrases :

# %%
Markdown(diff_markdown(grille.points, appris.points).split("\n| ")[0].replace("# ", "### ", 1))

# %%
noms = sorted(FEATURES, key=lambda nom: weight(grille.points[nom]))
hauteur = np.arange(len(noms))
figure, axe = plt.subplots(figsize=(7, 4.6))
axe.hlines(hauteur, [weight(grille.points[n]) for n in noms], [weight(appris.points[n]) for n in noms], color=GRIS)
axe.plot([weight(grille.points[n]) for n in noms], hauteur, "o", color=GRIS, label="expert")
axe.plot([weight(appris.points[n]) for n in noms], hauteur, "o", color=BLEU, label="appris sur 100 postes")
axe.set_yticks(hauteur, [FEATURES[n].title for n in noms])
axe.set_xlabel("points d'écart entre le meilleur et le pire niveau")
axe.set_title("Le poids de chaque critère", loc="left")
axe.legend(frameon=False, loc="lower right")
figure.tight_layout()

# %% [markdown]
# ## Mesurer contre la vérité
#
# Dans la simulation, le vrai mérite est connu : on peut mesurer l'ordre lui-même, sur 25 postes jamais vus.
# **NDCG@10** vaut 1 quand les dix premières places ont les meilleures personnes dans le bon ordre. Deux graines,
# c'est peu : les points montrent d'abord combien un marché diffère d'un autre.

# %%
TAILLES = (100,)
mesures = [run_seed(graine, TAILLES, people=300, tests=25) for graine in (1, 2)]
REPERES = {
    "random": "hasard",
    "freshness": "fraîcheur",
    "tfidf": "mots en commun",
    "rule_632": "règle 6/3/2",
    "prior": "grille d'expert",
}
valeurs = {mot: [m[nom] for m in mesures] for nom, mot in REPERES.items()}
for taille in TAILLES:
    valeurs[f"apprise, {taille} postes"] = [m["sizes"][str(taille)]["learned"] for m in mesures]
valeurs["meilleure grille possible"] = [m["ceiling"] for m in mesures]
figure, axe = plt.subplots(figsize=(7, 3.8))
for n, (mot, liste) in enumerate(reversed(valeurs.items())):
    couleur = BLEU if mot.startswith("apprise") else VERT if "possible" in mot else GRIS
    axe.barh(n, np.mean(liste), color=couleur)
    axe.plot(liste, [n] * len(liste), ".", color="black", markersize=5)
axe.set_yticks(range(len(valeurs)), list(reversed(valeurs)))
axe.set_xlim(0, 1)
axe.set_xlabel("NDCG@10, moyenne (barre) et chaque graine (point)")
figure.tight_layout()
pd.DataFrame(valeurs, index=["graine 1", "graine 2"]).T.round(2)

# %% [markdown]
# ## Mesurer sur des suites
#
# Dans un bureau la vérité n'est pas connue : `clausematch evaluate` reclasse les personnes dont la suite est
# connue, et compare aux mêmes repères, avec des intervalles tirés sur les postes. Les chiffres sont plus hauts, car
# ces personnes avaient déjà été choisies pour être montrées : ils ne se comparent qu'entre eux.

# %%
mesure = evaluate(suites, marche.candidates, marche.positions, on=DEFAULT_ON, card=grille)
noms = labels()
ndcg = {noms[nom]: rang["ndcg@10"] for nom, rang in mesure.metrics["rankings"].items()}
ordre = sorted(ndcg, key=lambda nom: ndcg[nom][0])
figure, axe = plt.subplots(figsize=(7, 2.8))
for n, nom in enumerate(ordre):
    moyenne, bas, haut = ndcg[nom]
    axe.plot([bas, haut], [n, n], color=GRIS, linewidth=4)
    axe.plot(moyenne, n, "o", color=BLEU if nom == noms["scorecard"] else "black")
axe.set_yticks(range(len(ordre)), ordre)
axe.set_xlabel("NDCG@10 sur les personnes jugées, et intervalle à 95 %")
figure.tight_layout()

# %% [markdown]
# ## Ce qu'un score veut dire
#
# Une fois des suites connues, un score peut recevoir un sens : « sur 100 personnes montrées avec ce score, environ
# N sont reçues ». Il faut alors le vérifier : chaque point compare ce qui est dit à ce qui est arrivé. Ce sens vit
# dans sa propre colonne et n'ordonne personne.

# %%
calibration = mesure.metrics["calibration"]
table = pd.DataFrame(calibration["reliability"])
figure, axe = plt.subplots(figsize=(4.2, 4))
axe.plot([0, 1], [0, 1], color=GRIS)
axe.scatter(table["said"], table["happened"], s=table["people"], color=BLEU)
axe.set_xlim(0, 1)
axe.set_ylim(0, 1)
axe.set_xlabel("part de personnes reçues, dite")
axe.set_ylabel("part de personnes reçues, arrivée")
figure.tight_layout()
brier, moyenne = calibration["brier"][0], calibration["brier_of_the_mean"]
print(f"Score de Brier {brier:.2f} ; en disant à tous la moyenne : {moyenne:.2f}")

# %% [markdown]
# ## Ce que cela ne dit pas
#
# Que de vrais conseillers décident comme ceux-là. Une simulation vérifie une façon d'apprendre ; seules de vraies
# suites diront ce que vaut une grille dans un bureau. Suite : [l'audit](4_audit.ipynb).
