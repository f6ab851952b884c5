"""The commands about rules, reference data and job titles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.commands.inputs import all_rejected, beside, read_any, today, usable
from matcher.errors import CheckFailed, NothingUsable, UsageError
from matcher.locale import N_, _
from matcher.reference import install, status
from matcher.resolve.words import title_index
from matcher.rules import PACK_IDS, load_rules
from matcher.rules.render import check_text, list_text, show_text
from matcher.schema.model import Kind, TableSpec, column
from matcher.tables import Import, write_table
from matcher.titles import TitleIndex

Say = Callable[[str], None]

QUERIES = TableSpec(
    "titles",
    N_("intitulés"),
    (
        column("id", Kind.CODE, "", N_("identifiant"), "identifiant", required=True),
        column("title", Kind.TEXT, "", N_("intitulé"), "intitulé|métier|poste|libellé", required=True),
    ),
    key="id",
)
TAXONOMY = TableSpec(
    "taxonomy",
    N_("intitulés d'une nomenclature"),
    (
        column("code", Kind.CODE, "", N_("code"), required=True),
        column("label", Kind.TEXT, "", N_("libellé"), "libellé|intitulé|title", required=True),
    ),
    key="code",
    unique=False,
)


def rules_list(say: Say) -> None:
    """One line per pack."""
    say(list_text())


def rules_show(pack: str, say: Say) -> None:
    """A pack as a jurist reads it."""
    say(show_text(load_rules(pack)))


def rules_check(pack: str, say: Say) -> None:
    """Say that a pack is right. Raises CheckFailed with its mistakes."""
    path = load_rules(pack).path if pack in PACK_IDS else pack
    text, right = check_text(path)
    if not right:
        raise CheckFailed(text, _("Corriger le fichier puis relancer la vérification."))
    say(text)


def reference_install(source: Path, say: Say) -> None:
    """Compile the official files below a folder into the user's data directory."""
    for line in install(source, on=today()).lines():
        say(line)


def reference_show(say: Say) -> None:
    """What is in use, and from where."""
    for line in status().lines():
        say(line)


def titles(queries: Path, taxonomy: Path | None, top: int, strict: bool, output: Path, say: Say) -> None:
    """Write the best codes of each title, and the rejected rows beside. Raises UsageError, NothingUsable."""
    if top < 1:
        raise UsageError(_("--top doit être au moins 1."), _("Donner le nombre de réponses voulues."))
    read = read_any(QUERIES, queries)
    labels = [] if taxonomy is None else [read_any(TAXONOMY, taxonomy)]
    usable([read, *labels], output.parent, strict=strict)
    asked = read.table
    index = _index(labels[0]) if labels else title_index()
    found = index.search_labels(asked["title"].fillna("").tolist(), top)
    rank = np.tile(np.arange(1, found.codes.shape[1] + 1), len(asked))
    table = pd.DataFrame(
        {
            "id": np.repeat(asked["id"].to_numpy(), found.codes.shape[1]),
            "rank": rank,
            "code": found.codes.ravel(),
            "label": found.labels.ravel(),
            "confidence": np.round(found.confidence.ravel(), 3),
        }
    )
    write_table(table[table["code"].notna()], output)
    write_table(all_rejected(one.rejected for one in (read, *labels)), beside(output))
    for warning in (text for one in (read, *labels) for text in one.warnings):
        say(warning)
    say(_("{count} intitulés. Écrit : {file}").format(count=len(asked), file=output))


def _index(labels: Import) -> TitleIndex:
    table = labels.table.dropna()
    if not len(table):
        raise NothingUsable(
            _("{file} : aucun libellé.").format(file=labels.file), _("Donner un code et un libellé par ligne.")
        )
    return TitleIndex(table["code"].tolist(), table["label"].tolist())
