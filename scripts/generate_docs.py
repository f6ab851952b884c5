"""Write the pages that come from the code: the data dictionary, one empty template per table, settings, access.

python scripts/generate_docs.py          # write docs/donnees.md, docs/modeles/*.csv, docs/reglages.md, acces.md
python scripts/generate_docs.py --check  # exit 1 when a committed page is not what the code says
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from matcher.schema import TABLES, Column, Kind, Sensitive, TableSpec
from matcher.tables.raw import MAX_COLUMNS
from matcher.vocabulary import YES_NO
from service.access_table import access_page
from service.pages.routes import PAGES
from service.routes import ROUTES
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

KINDS = {
    Kind.TEXT: "texte",
    Kind.CODE: "code (texte ; les zéros de tête sont gardés)",
    Kind.CHOICE: "un mot",
    Kind.DATE: "date",
    Kind.TRI: "oui / non / vide",
    Kind.NUMBER: "nombre",
    Kind.RATE: "taux (0,05 ou 5 %)",
    Kind.INTEGER: "nombre entier",
    Kind.LEVEL: "niveau de 0 à 8, ou un diplôme",
    Kind.LIST: "liste",
    Kind.DATED_LIST: "liste datée",
    Kind.WEIGHTED_LIST: "liste chiffrée",
}
ROLES = {"I": "identité", "E": "éligibilité", "M": "rapprochement", "S": "statistiques"}
HIDDEN = {Sensitive.IDENTITY: "identité", Sensitive.HEALTH: "santé", Sensitive.JUSTICE: "justice"}

INTRODUCTION = f"""# Dictionnaire des données

Page produite par `python scripts/generate_docs.py` à partir de `matcher/schema` ; ne pas la modifier à la main.

## Conventions de toutes les tables

- Fichiers lus : CSV (`;`, `,` ou tabulation ; UTF-8 avec ou sans BOM, UTF-16 avec BOM, Windows-1252), XLSX (la
  première feuille qui contient quelque chose), JSON (liste d'objets), Parquet ; CSV et JSON peuvent être compressés
  en `.gz`. Le contenu décide du format, pas le nom du fichier. {MAX_COLUMNS} colonnes au plus.
- Une cellule vide veut dire *inconnu*, jamais *non*.
- Dates : `AAAA-MM-JJ` ou `JJ/MM/AAAA` ; une heure éventuelle est laissée de côté. Nombres : point ou virgule, espaces
  admises entre les milliers.
- Oui / non, sans égard à la casse : {", ".join(f"`{word}`" for word, yes in YES_NO.items() if yes)} ;
  {", ".join(f"`{word}`" for word, yes in YES_NO.items() if not yes)}. Tout autre mot est une erreur.
- Listes : éléments séparés par `|`. `none` ou `aucun` : liste vide et connue comme telle. Élément daté :
  `SST@2027-03-01`. Élément chiffré : `F1703:18`. Une liste remplie est complète pour `benefits`, `programmes`,
  `licences`, `accepts` et `work_limits`. Pour `certificates` et `skills`, ce qu'elle ne dit pas reste inconnu, sauf
  si `--complete certificates,skills` dit ces colonnes complètes.
- Noms de colonnes : le nom anglais ou l'un des autres noms, sans égard aux accents, à la casse, aux espaces ni à la
  ponctuation. Une colonne inconnue, ou donnée deux fois, est gardée de côté et signalée.
- Une ligne entièrement vide d'un CSV ou d'un XLSX est sautée ; les numéros de ligne restent ceux du fichier, la ligne
  d'en-têtes étant la première (de même dans un Parquet ; dans un JSON, le premier objet est la ligne 1).
- Une ligne fausse est mise de côté dans `rejected.csv` : `file`, `row`, `column`, `value`, `message`. La valeur reste
  blanche pour les colonnes marquées « valeur jamais répétée ». Une colonne obligatoire se remplit à chaque ligne ; un
  identifiant répété garde sa première ligne utilisable.
- Des faits qui se contredisent (une fin avant le début, une date d'inscription sans inscription) sont signalés, et
  chacun est pris tel quel. Une date dans le futur se garde, sauf une date de naissance.
- Un numéro de sécurité sociale (NIR) fait refuser le fichier : par le nom de la colonne, ou quand au moins la moitié
  de ses cellules remplies en ont la structure (15 caractères et clé juste, ou 13 caractères avec un mois réel).
- Dans les CSV écrits, un texte qui commencerait une formule reçoit une apostrophe devant lui ; elle est enlevée à la
  relecture.
"""


def quoted(words: list[str]) -> str:
    """Words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def nature(column: Column) -> str:
    """How a cell of the column is written."""
    text = KINDS[column.kind]
    if column.special:
        text += " ou " + quoted(list(column.special))
    bounds = [
        f"{sign} {bound:,.10g}".replace(",", "\u202f")
        for sign, bound in (("≥", column.low), ("≤", column.high))
        if bound is not None and column.kind is not Kind.LEVEL
    ]
    return text + (f" ({', '.join(bounds)})" if bounds else "")


def words(column: Column) -> str:
    """The canonical words; an open list takes others."""
    if not column.words:
        return ""
    codes = quoted(list(dict.fromkeys(column.words.values())))
    return codes if column.closed else f"{codes} ou un autre mot"


def meaning(column: Column) -> str:
    """What the column says, and what must be known about it."""
    notes = [column.about]
    if column.required:
        notes.append("**obligatoire**")
    if column.sensitive:
        notes.append("valeur jamais répétée" + (f" ({HIDDEN[column.private]})" if column.private else ""))
    return " ; ".join(notes)


def table_page(spec: TableSpec) -> str:
    """The section of one table."""
    lines = [
        f"\n## `{spec.name}` : {spec.title}\n",
        f"Modèle vide : [modeles/{spec.name}.csv](modeles/{spec.name}.csv).\n",
        "| colonne | sens | écriture | rôle | autres noms | mots |",
        "|---|---|---|---|---|---|",
    ]
    for column in spec.columns:
        cells = (
            f"`{column.name}`",
            meaning(column),
            nature(column),
            ", ".join(ROLES[role] for role in column.roles),
            ", ".join(column.aliases),
            words(column),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def synonyms() -> str:
    """Other words understood for each code, by column."""
    lines = [
        "\n## Mots compris\n",
        "Formes comprises sans accents, casse, espaces ni ponctuation, en plus des mots eux-mêmes.\n",
    ]
    seen: set[int] = set()
    for spec in TABLES.values():
        for column in spec.columns:
            if not column.words or id(column.words) in seen:
                continue
            seen.add(id(column.words))
            groups: dict[str, list[str]] = {}
            for word, code in column.words.items():
                groups.setdefault(code, []).append(word)
            shown = [f"`{code}` ({', '.join(forms[1:])})" for code, forms in groups.items() if len(forms) > 1]
            if shown:
                lines.append(f"- `{column.name}` : {' ; '.join(shown)}.")
    return "\n".join(lines) + "\n"


def dictionary() -> str:
    """docs/donnees.md."""
    return INTRODUCTION + "".join(table_page(spec) for spec in TABLES.values()) + synonyms()


SETTINGS = """# Les réglages du service

Page produite par `python scripts/generate_docs.py` à partir de `service/settings.py` ; ne pas la modifier à la main.

Chaque réglage est une variable d'environnement. Ceux que l'on ne veut pas y voir (secrets, adresse de la base avec
son mot de passe) peuvent être des fichiers : `CLAUSEMATCH_SECRETS_DIR` nomme un dossier, et chaque fichier y porte
le nom du réglage en minuscules (`clausematch_secret`, `database_url`…). L'environnement passe avant les fichiers.
Rien de secret n'a de valeur par défaut : sans les réglages **obligatoires**, le service refuse de démarrer.
Installation et conduite : [exploitation](exploitation.md).

Les tailles sont en octets, les durées en secondes. Les limites et les mémoires sont celles d'**un** processus : avec
`--workers 2`, une clé peut demander deux fois plus.

| réglage | sens | par défaut | bornes |
|---|---|---|---|
"""
REQUIRED = ("secret", "encryption_keys")


def setting_name(name: str, field: FieldInfo) -> str:
    """The variable of the environment."""
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"CLAUSEMATCH_{name.upper()}"


def setting_default(name: str, value: object) -> str:
    """What holds when the variable is not given."""
    if name in REQUIRED:
        return "**obligatoire**"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    return "" if value in (None, "") else f"`{value}`"


def setting_bounds(field: FieldInfo) -> str:
    """The values that are accepted."""
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    limits = [
        (sign, getattr(part, key)) for part in field.metadata for key, sign in signs.items() if hasattr(part, key)
    ]
    return ", ".join(f"{sign} {limit}" for sign, limit in limits)


def settings_page() -> str:
    """docs/reglages.md."""
    rows = [
        f"| `{setting_name(name, field)}` | {field.description} | {setting_default(name, field.default)} | "
        f"{setting_bounds(field)} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return SETTINGS + "".join(rows)


def template(spec: TableSpec) -> bytes:
    """An empty file of the table, as a spreadsheet opens it."""
    return ("\ufeff" + ";".join(spec.names) + "\n").encode()


def pages() -> dict[Path, bytes]:
    """Every generated page and its content."""
    templates = {DOCS / "modeles" / f"{spec.name}.csv": template(spec) for spec in TABLES.values()}
    return {
        DOCS / "donnees.md": dictionary().encode(),
        DOCS / "reglages.md": settings_page().encode(),
        DOCS / "acces.md": access_page(ROUTES, PAGES).encode(),
        **templates,
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true", help="compare, write nothing")
    if options.parse_args().check:
        stale = [path for path, content in pages().items() if not path.is_file() or path.read_bytes() != content]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says; run python scripts/generate_docs.py")
        return 1 if stale else 0
    for path, content in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
