"""The pages and examples that the code writes: `python -m scripts.generate_guides` (part of `make docs`).

Pages: docs/commandes.md (from the commands), docs/criteres.md (from the features, the filters and the expert
scorecard), docs/regles.md (from the rule packs). Examples: the parts of the READMEs between markers, taken from a run
of `clausematch demo`. The tests compare all of them with what stands in the tree.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import groupby
from pathlib import Path

import click

from data_samples.datasheet import filled
from matcher.blocking import FILTER_LABELS, Filter
from matcher.cli import build
from matcher.cli import main as main_command
from matcher.commands.matching import DEMO_DATE
from matcher.features import FEATURES, POSITION, Feature
from matcher.locale import current_language, language, set_language
from matcher.rules.loader import list_rules
from matcher.rules.render import show_text
from matcher.schema import CANDIDATES
from matcher.scoring import Scorecard, load_scorecard
from matcher.tables import read_table
from matcher.wording import PHRASES

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = "data_samples"
WRITTEN_BY = "<!-- Page écrite par `make docs` ; ne pas la modifier à la main. -->\n"
READMES = {"README.md": "en", "README.fr.md": "fr"}
LISTED = 3


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    cells = [list(head), ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


# ------------------------------------------------------------------------------------------------ commands


def _commands(group: click.Group, path: str = "clausematch") -> Iterator[tuple[str, click.Command]]:
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _usage(name: str, command: click.Command) -> str:
    words = [name]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            words.append((parameter.name or "").upper())
        elif isinstance(parameter, click.Option) and parameter.required:
            words.append(f"{parameter.opts[0]} …")
    return " ".join([*words, "[OPTIONS]"])


def _option(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.required:
        default = "obligatoire"
    elif option.is_flag or option.default is None or "Sentinel" in type(option.default).__name__:
        default = ""
    else:
        default = f"`{option.default}`"
    return names, option.help or "", default


def commands_page() -> str:
    """docs/commandes.md."""
    group = build()
    common = [_option(option) for option in group.params if isinstance(option, click.Option)]
    lines = [
        "# Les commandes",
        "",
        WRITTEN_BY,
        "`clausematch COMMANDE --help` dit la même chose dans le terminal. Options de `clausematch` lui-même, à "
        "placer avant le nom de la commande :",
        "",
        table(("option", "sens", "par défaut"), common),
        "",
        "Code de sortie : 0 un résultat utilisable, avec ou sans lignes rejetées ; 1 rien d'utilisable, ou une "
        "vérification qui échoue ; 2 mauvaise commande, fichier illisible, numéro de sécurité sociale, ou lignes "
        "rejetées sous `--strict` ; 3 la machine (disque, droits, port).",
        "",
    ]
    for name, command in _commands(group):
        options = [_option(option) for option in command.params if isinstance(option, click.Option)]
        lines += [f"## {name}", "", command.help or "", "", "```", _usage(name, command), "```", ""]
        if options:
            lines += [table(("option", "sens", "par défaut"), options), ""]
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------ features


def _feature_rows(feature: Feature, card: Scorecard) -> list[tuple[str, str, str]]:
    words = {"not_asked": "le poste ne demande rien", **PHRASES[feature.name]}
    points = {level: card.of(feature.name, level) for level in feature.levels}
    return [(f"`{level}`", words[level], f"{worth:+d}" if worth else "0") for level, worth in points.items()]


def features_page() -> str:
    """docs/criteres.md."""
    card = load_scorecard()
    lines = [
        "# Filtres, critères et points",
        "",
        WRITTEN_BY,
        "Comment s'en servir : [rapprochement.md](rapprochement.md). Un **filtre** met de côté, un **critère** donne "
        "des points. Ce qui n'est pas connu n'écarte personne et vaut zéro point.",
        "",
        "## Filtres, dans l'ordre où les personnes sont comptées",
        "",
        table(("filtre", "motif"), [(f"`{name}`", FILTER_LABELS[name]) for name in Filter]),
        "",
        "## Points de la grille d'expert",
        "",
        f"Grille `{card.id}`, version {card.version} : {card.title}. Toute personne part de {card.base} points ; la "
        f"grille peut donner de {card.least} à {card.most} points. Le score affiché est "
        "`100 × (points − minimum) ÷ (maximum − minimum)`, arrondi au dixième ; le classement suit les points.",
        "",
    ]
    sides = {True: "### Ce que le poste attend de la personne", False: "### Ce que la personne attend du poste"}
    for asks, features in groupby(FEATURES.values(), lambda feature: feature.side == POSITION):
        lines += [sides[asks], ""]
        for feature in features:
            lines += [f"#### {feature.title} (`{feature.name}`)", ""]
            lines += [table(("niveau", "sens", "points"), _feature_rows(feature, card)), ""]
    return "\n".join(lines)


# --------------------------------------------------------------------------------------------------- rules


def _pack_lines(text: str) -> Iterator[str]:
    """A pack's text one heading level down, its notes as items under their category."""
    for line in text.splitlines():
        if line.startswith("#"):
            yield f"#{line}"
        elif line.startswith("  "):
            yield f"  - {line.strip()}"
        elif line.startswith(("Source", "Statut", "Vérifié")):
            yield f"- {line}"
        else:
            yield line


def rules_page() -> str:
    """docs/regles.md."""
    lines = [
        "# Les jeux de règles",
        "",
        WRITTEN_BY,
        "Ce que le programme applique, écrit à partir des fichiers `matcher/rules/packs/*.yml`. "
        "**« À confirmer »** : la lecture du texte n'a pas été validée par un juriste ; à faire relire avant usage. "
        "Comment une décision est prise : [eligibilite.md](eligibilite.md).",
        "",
    ]
    for pack in list_rules():
        lines += [*_pack_lines(show_text(pack)), ""]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> Mapping[str, str]:
    """The generated pages, by their path in the tree."""
    with language("fr"):
        return {
            "docs/commandes.md": commands_page(),
            "docs/criteres.md": features_page(),
            "docs/regles.md": rules_page(),
        }


# ------------------------------------------------------------------------------------------------- examples


@dataclass(frozen=True)
class Example:
    """What the READMEs show of the demonstration: a position, its first people, two whom an employer may see."""

    position: str
    people: Sequence[Mapping[str, str]]
    shown: Sequence[str]

    @property
    def explained(self) -> str:
        """The first person still to verify, else the first."""
        waiting = [row["candidate_id"] for row in self.people if row["outcome"] == "to_verify"]
        return (waiting or [self.people[0]["candidate_id"]])[0]


def clausematch(*words: str, cwd: Path) -> str:
    """What a command prints, run in this process. Raises RuntimeError when it fails."""
    said = StringIO()
    before = current_language()
    try:
        with chdir(cwd), redirect_stdout(said):
            main_command(words)
    except SystemExit as stop:
        if stop.code:
            raise RuntimeError(f"clausematch {' '.join(words)}: {stop.code}") from None
    finally:
        set_language(before)
    return said.getvalue()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def choose(folder: Path) -> Example:
    """The first list whose first people are both eligible and to verify, in the results of a demonstration."""
    lists = {
        key: list(rows) for key, rows in groupby(_rows(folder / "shortlists.csv"), lambda row: row["position_id"])
    }
    validated = _validated()
    for position, rows in lists.items():
        shown = [row["candidate_id"] for row in rows if row["candidate_id"] in validated]
        if len({row["outcome"] for row in rows[:LISTED]}) > 1 and len(shown) > 1:
            return Example(position, rows[:LISTED], shown[:2])
    raise RuntimeError("no list of the demonstration can serve as an example")


def _validated() -> set[str]:
    people = read_table(CANDIDATES, ROOT / SAMPLES / "candidates.csv", today=date.fromisoformat(DEMO_DATE)).table
    known = people[people["validated_by"].notna() & (people["validated_on"] <= DEMO_DATE)]
    return set(known["candidate_id"])


HEADS = {
    "en": ("rank", "person", "score", "eligibility", "km", "strengths", "to look at"),
    "fr": ("rang", "personne", "score", "éligibilité", "km", "atouts", "à voir"),
}
OUTCOMES = {
    "en": {"eligible": "eligible", "to_verify": "to verify: ask for {missing}"},
    "fr": {"eligible": "éligible", "to_verify": "à vérifier : demander {missing}"},
}


def _shortlist(example: Example, spoken: str) -> str:
    rows = [
        (
            row["rank"],
            row["candidate_id"],
            row["score"],
            OUTCOMES[spoken][row["outcome"]].format(missing=row["missing"].replace("|", ", ")),
            row["distance_km"],
            row["strengths"],
            row["concerns"],
        )
        for row in example.people
    ]
    return table(HEADS[spoken], rows)


def _explain_words(example: Example) -> list[str]:
    files = [f"{SAMPLES}/candidates.csv", "demo-out/positions.csv"]
    pair = ["--candidate", example.explained, "--position", example.position]
    return ["explain", *files, *pair, "--on", DEMO_DATE, "--max-per-candidate", "3"]


def _commands_block(example: Example) -> str:
    people, notices = f"{SAMPLES}/candidates.csv", f"{SAMPLES}/awards.json"
    on = f"--on {DEMO_DATE}"
    social = "--social 'Clause sociale|Marché réservé'"
    chosen = "|".join(example.shown)
    return "\n".join(
        (
            "```bash",
            "clausematch demo -o demo-out",
            f"clausematch eligibility {people} {on} -o decisions.csv",
            f"clausematch awards {notices} {social} {on} -o awards-out",
            f"clausematch match {people} {SAMPLES}/positions.csv {on} -o lists-out",
            f"clausematch batch {notices} {people} {social} {on} -o batch-out",
            f"clausematch feasibility {people} {notices} {on} -o feasibility.csv",
            f"clausematch training-needs {people} {SAMPLES}/positions.csv {on} -o training-out",
            f"clausematch duplicates {people} -o duplicates.csv",
            f"clausematch company-sheet {people} demo-out/positions.csv \\",
            f"  --position {example.position} --candidates '{chosen}' {on} -o sheet.xlsx",
            "printf 'id;title\\n1;maçon VRD N3P2\\n' > titles.csv",
            "clausematch titles titles.csv -o codes.csv",
            "clausematch rules list",
            "clausematch rules show ccag-2021",
            "clausematch rules check ccag-2021",
            "clausematch reference show",
            "clausematch serve --demo --port 8000",
            "```",
        )
    )


def _blocks(spoken: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / SAMPLES).symlink_to(ROOT / SAMPLES)
        clausematch("--lang", spoken, "demo", "-o", "demo-out", cwd=folder)
        example = choose(folder / "demo-out")
        words = _explain_words(example)
        said = clausematch("--lang", spoken, *words, cwd=folder).rstrip()
    return {
        "demo-shortlist": _shortlist(example, spoken),
        "demo-explain": f"```bash\nclausematch {' '.join(words)}\n```\n\n```text\n{said}\n```",
        "demo-commands": _commands_block(example),
    }


def readme(name: str) -> str:
    """A README with its examples taken anew."""
    return filled((ROOT / name).read_text(encoding="utf-8"), _blocks(READMES[name]))


def main() -> int:
    """Write everything into the tree."""
    for name, text in {**pages(), **{name: readme(name) for name in READMES}}.items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
