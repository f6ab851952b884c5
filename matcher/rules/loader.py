"""Rule packs from their files: strict, whole, with one French message per mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from matcher.errors import UsageError
from matcher.locale import _
from matcher.rules.conditions import ConditionReader
from matcher.rules.model import (
    Category,
    Counting,
    Named,
    Parameter,
    Proof,
    Reference,
    RulePack,
    facts_read,
    proofs_named,
)
from matcher.rules.reading import Mistake, Section, read_yaml
from matcher.rules.vocabulary import ATOMS, fact_table

PACKS = Path(__file__).parent / "packs"
PACK_IDS = ("ccag-2021", "charte-91-2018", "iae-2021", "geiq", "npnru")
UNITS = ("mois", "ans", "niveau", "critères")
MAX_ROWS = {"categories": 60, "evidence": 31}  # each is a bit of a mask in the eligibility stage
_LARGEST = {"mois": 600, "ans": 120, "niveau": 8, "critères": 20}
_Row = TypeVar("_Row")


def load_rules(id_or_path: str | Path) -> RulePack:
    """A pack by its id (`ccag-2021`) or by the path of a YAML file.

    Raises UsageError, in French, when there is no such pack or when its file has mistakes (all are listed).
    """
    if str(id_or_path) in PACK_IDS:
        return _embedded(str(id_or_path))
    path = Path(id_or_path)
    if path.suffix.lower() not in (".yml", ".yaml"):
        raise UsageError(
            _("Le jeu de règles « {id} » est inconnu.").format(id=id_or_path),
            _("Choisir parmi {ids}, ou donner le chemin d'un fichier .yml.").format(ids=", ".join(PACK_IDS)),
        )
    return _load(path)


def list_rules() -> tuple[RulePack, ...]:
    """The packs that come with the software, in the order of their documentation."""
    return tuple(_embedded(name) for name in PACK_IDS)


def check_rules(path: str | Path) -> tuple[str, ...]:
    """Every mistake of a pack's file, one French sentence each with its place; empty when there is none."""
    return _PackReader(Path(path)).read()[1]


@lru_cache(maxsize=len(PACK_IDS))
def _embedded(name: str) -> RulePack:
    return _load(PACKS / f"{name}.yml")


def _load(path: Path) -> RulePack:
    pack, mistakes = _PackReader(path).read()
    if pack is None:
        raise UsageError(
            "\n".join(mistakes), _("Corriger ce fichier, puis : clausematch rules check {file}").format(file=path)
        )
    return pack


class _PackReader:
    """Reads one file from top to bottom and goes on after a mistake, so that all are told at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mistakes: list[str] = []
        self._references: dict[str, Reference] = {}
        self._parameters: dict[str, Parameter] = {}
        self._proofs: dict[str, Proof] = {}
        self._conditions = ConditionReader(self._parameters, self._proofs)

    def read(self) -> tuple[RulePack | None, tuple[str, ...]]:
        pack = None
        with self._gather():
            top = Section(read_yaml(self._path), "")
            pack = self._pack(top)
            top.done()
        return (None if self._mistakes else pack), tuple(self._mistakes)

    @contextmanager
    def _gather(self) -> Iterator[None]:
        try:
            yield
        except Mistake as mistake:
            self._mistakes.append(_("Règles {file}, {mistake}").format(file=self._path.name, mistake=mistake))

    def _pack(self, top: Section) -> RulePack:
        head = Section({key: top.take(key) for key in _HEAD if key in top or key != "valid_to"}, "")
        self._references.update((row.id, row) for row in self._rows(top, "references", "id", _reference))
        if "parameters" in top:
            self._parameters.update((row.name, row) for row in self._rows(top, "parameters", "name", self._parameter))
        self._proofs.update((row.code, row) for row in self._rows(top, "evidence", "code", _proof))
        if "definitions" in top:
            self._rows(top, "definitions", "name", self._definition)
        counted = "counting" in top
        categories = self._rows(top, "categories", "code", lambda row: self._category(row, counted))
        counting = None
        if counted:
            counting = self._counting(Section(top.take("counting"), "counting"), {row.code for row in categories})
        self._unused()
        return _assemble(head, self._references, self._parameters, self._proofs, categories, counting, self._path)

    def _rows(self, top: Section, key: str, name: str, read: Callable[[Section], _Row]) -> tuple[_Row, ...]:
        """The rows of a list, each named by its `name` key; a bad row is noted and the next one read."""
        rows: list[_Row] = []
        seen: set[str] = set()
        values = top.sections(key)
        if len(values) > MAX_ROWS.get(key, len(values)):
            raise Mistake(key, _("{count} lignes au plus.").format(count=MAX_ROWS[key]))
        for rank, value in enumerate(values, start=1):
            with self._gather():
                section = Section(value, f"{key} › {rank}")
                code = value.get(name) if isinstance(value, dict) else None
                section.place = f"{key} › {code or rank}"
                if isinstance(code, str) and code in seen:
                    raise Mistake(section.place, _("« {code} » est défini deux fois.").format(code=code))
                seen.add(str(code))
                rows.append(read(section))
                section.done()
        return tuple(rows)

    def _cited(self, section: Section) -> str:
        cited = section.text("reference")
        if cited not in self._references:
            raise Mistake(
                section.at("reference"),
                _("référence « {name} » absente de « references ».").format(name=cited),
            )
        return cited

    def _parameter(self, section: Section) -> Parameter:
        name, unit = section.text("name"), section.text("unit")
        if unit not in UNITS:
            raise Mistake(
                section.at("unit"),
                _("unité « {unit} » inconnue ; choisir : {units}.").format(unit=unit, units=", ".join(UNITS)),
            )
        value = section.whole("value", _LARGEST[unit])
        return Parameter(name, value, unit, section.text("label"), self._cited(section))

    def _definition(self, section: Section) -> Named:
        name, label = section.text("name"), section.text("label")
        child = self._conditions.read(section.take("condition"), section.at("condition"), depth=2)
        self._conditions.definitions[name] = Named(name, label, child)
        return self._conditions.definitions[name]

    def _category(self, section: Section, counted: bool) -> Category:
        code, label, explanation = (section.text(key) for key in ("code", "label", "explanation"))
        level = section.whole("level", 2) if counted else 0
        condition = self._conditions.read(section.take("condition"), section.at("condition"))
        if not proofs_named(condition):
            raise Mistake(section.place, _("aucun justificatif ; ajouter « proof » à une question au moins."))
        return Category(
            code, label, explanation, self._cited(section), condition, level, section.text("reminder", "")
        )

    def _counting(self, section: Section, codes: set[str]) -> Counting:
        required = Section(section.take("required"), section.at("required"))
        modes = []
        for mode in [word for word in ("ETTI", "AI", "EI", "ACI", "EITI") if word in required]:
            parameter = self._conditions.parameter(required.text(mode), required.at(mode), "critères")
            modes.append((mode, parameter.name, parameter.value))
        required.done()
        if not modes:
            raise Mistake(section.at("required"), _("il faut au moins un mode : ETTI, AI, EI, ACI ou EITI."))
        once: list[tuple[str, ...]] = []
        if "once" in section:
            for rank, group in enumerate(section.sections("once"), start=1):
                words = Section({"once": group}, f"counting › once {rank}").words("once")
                for word in words:
                    if word not in codes:
                        raise Mistake(section.at("once"), _("catégorie « {code} » inconnue.").format(code=word))
                once.append(words)
        section.done()
        return Counting(tuple(modes), tuple(once))

    def _unused(self) -> None:
        with self._gather():
            for name in self._parameters:
                if name not in self._conditions.used and not self._mistakes:
                    raise Mistake(f"parameters › {name}", _("ce paramètre ne sert à aucune condition ; l'ôter."))


_HEAD = ("id", "version", "title", "source", "status", "valid_from", "valid_to", "checked_on")


def _assemble(
    head: Section,
    references: dict[str, Reference],
    parameters: dict[str, Parameter],
    proofs: dict[str, Proof],
    categories: tuple[Category, ...],
    counting: Counting | None,
    path: Path,
) -> RulePack:
    status = head.text("status")
    if status not in ("official", "to_confirm"):
        raise Mistake("status", _("« {status} » : écrire official ou to_confirm.").format(status=status))
    valid_from = head.day("valid_from")
    valid_to = head.day("valid_to") if "valid_to" in head else None
    if valid_to is not None and valid_to < valid_from:
        raise Mistake("valid_to", _("la fin de validité précède le début."))
    return RulePack(
        id=head.text("id"),
        version=head.text("version"),
        title=head.text("title"),
        source=head.text("source"),
        status="official" if status == "official" else "to_confirm",
        valid_from=valid_from,
        valid_to=valid_to,
        checked_on=head.day("checked_on"),
        references=tuple(references.values()),
        parameters=tuple(parameters.values()),
        proofs=tuple(proofs.values()),
        categories=categories,
        counting=counting,
        path=str(path),
    )


def _reference(section: Section) -> Reference:
    url = section.text("url", "")
    if url and not url.startswith("https://"):
        raise Mistake(section.at("url"), _("l'adresse doit commencer par https://."))
    return Reference(section.text("id"), section.text("text"), section.text("article"), section.day("date"), url)


def _proof(section: Section) -> Proof:
    code, label = section.text("code"), section.text("label")
    given = [key for key in ("months", "until", "no_end") if key in section]
    if len(given) != 1:
        raise Mistake(
            section.place, _("écrire une seule durée : « months », « until » (une date) ou « no_end: true ».")
        )
    if given[0] == "months":
        return Proof(code, label, months=section.whole("months", _LARGEST["mois"]))
    if given[0] == "until":
        until = section.text("until")
        fact = fact_table().named(until)
        if fact is None or fact.kind != "date":
            raise Mistake(section.at("until"), _("« {name} » n'est pas une date connue.").format(name=until))
        return Proof(code, label, until=until)
    if section.take("no_end") is not True:
        raise Mistake(section.at("no_end"), _("écrire « no_end: true », ou une durée."))
    return Proof(code, label)


def translatable() -> tuple[str, ...]:
    """Every French text of the embedded packs and facts that decisions or pages show, for the catalogue."""
    texts = [fact.label for fact in fact_table().facts]
    texts += [spec.phrase for spec in ATOMS.values()]
    for pack in list_rules():
        texts.append(pack.title)
        texts += [proof.label for proof in pack.proofs]
        texts += [parameter.label for parameter in pack.parameters]
        texts += [category.label for category in pack.categories]
        texts += [category.explanation for category in pack.categories]
        texts += [category.reminder for category in pack.categories if category.reminder]
    return tuple(dict.fromkeys(texts))


def columns_read(pack: RulePack) -> frozenset[str]:
    """The columns of the candidates' table that a pack may read, evidence aside."""
    return frozenset().union(*(facts_read(category.condition) for category in pack.categories))
