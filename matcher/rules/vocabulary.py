"""What conditions may speak of: the facts (facts.yml) and the atoms, the small questions asked of a fact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from matcher.rules.model import TIERS, Fact, FactKind
from matcher.yamltext import load_yaml


@dataclass(frozen=True)
class AtomSpec:
    """How an atom is written: the kind of fact it reads, its keys in YAML, and its French reading.

    An empty `fact_key` means that the atom is written with one value: `age_under: $youth_years`.
    `fact` is the column implied when the atom names none; `unit` the unit its parameter must have.
    """

    kind: FactKind
    phrase: str
    fact_key: str = ""
    fact: str = ""
    number_key: str = ""
    unit: str = ""
    items_key: str = ""
    author_key: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that must be written, in reading order (the author's is optional)."""
        return tuple(key for key in (self.fact_key, self.number_key, self.items_key) if key)


ATOMS: dict[str, AtomSpec] = {
    "fact": AtomSpec("tri", "{fact}"),
    "not_past": AtomSpec("date", "{fact} non dépassée (dernier jour compris)"),
    "months_since_more_than": AtomSpec("date", "plus de {number} mois depuis {fact}", "date", "", "months", "mois"),
    "months_since_at_least": AtomSpec("date", "{number} mois au moins depuis {fact}", "date", "", "months", "mois"),
    "months_since_under": AtomSpec("date", "moins de {number} mois depuis {fact}", "date", "", "months", "mois"),
    "age_under": AtomSpec("date", "moins de {number} ans", "", "birth_date", "", "ans"),
    "age_over": AtomSpec("date", "plus de {number} ans (anniversaire passé)", "", "birth_date", "", "ans"),
    "age_at_least": AtomSpec("date", "{number} ans ou plus", "", "birth_date", "", "ans"),
    "last_activity_more_than": AtomSpec(
        "date", "plus de {number} mois sans activité", "", "last_activity_end", "", "mois"
    ),
    "last_activity_at_least": AtomSpec(
        "date", "{number} mois au moins sans activité", "", "last_activity_end", "", "mois"
    ),
    "number_at_most": AtomSpec("number", "{fact} : {number} au plus", "number", "", "value"),
    "number_at_least": AtomSpec("number", "{fact} : {number} au moins", "number", "", "value"),
    "number_under": AtomSpec("number", "{fact} : moins de {number}", "number", "", "value"),
    "number_over": AtomSpec("number", "{fact} : plus de {number}", "number", "", "value"),
    "holds": AtomSpec("list", "{fact} : {items}", "list", items_key="any"),
    "value_is": AtomSpec("text", "{fact} : {items}", "text", items_key="value"),
    "given_within": AtomSpec(
        "date", "{fact} : donnée depuis {number} mois au plus", "date", "", "months", "mois", author_key="author"
    ),
}


@dataclass(frozen=True)
class FactTable:
    """The facts of facts.yml, in their order of intrusiveness."""

    facts: tuple[Fact, ...]
    other_assume_no: tuple[str, ...]

    def named(self, name: str) -> Fact | None:
        """The fact of that column name, or None."""
        return next((fact for fact in self.facts if fact.name == name), None)

    @property
    def assumable(self) -> tuple[str, ...]:
        """The columns that --assume-no accepts: three-valued, lists and pass_iae_until."""
        return (*(fact.name for fact in self.facts if fact.assume_no), *self.other_assume_no)

    def limits(self) -> tuple[int, ...]:
        """For each tier, the first bit mask that reaches beyond it (a mask below asks for nothing worse)."""
        return tuple(
            1 << (1 + max(fact.bit for fact in self.facts if TIERS.index(fact.tier) <= tier))
            for tier in range(len(TIERS))
        )


@lru_cache(maxsize=1)
def fact_table() -> FactTable:
    """The facts that rules may read, from the data file beside this module."""
    data = load_yaml(files("matcher.rules").joinpath("facts.yml").read_text("utf-8"))
    facts = tuple(
        Fact(row["name"], row["kind"], row["label"], row["tier"], bool(row.get("assume_no")), bit)
        for bit, row in enumerate(data["facts"])
    )
    return FactTable(facts, tuple(data["other_assume_no"]))
