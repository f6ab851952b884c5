"""What a course, an examination or a document can give: its code, its French name, what must come before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from matcher.locale import N_, _


class Kind(StrEnum):
    """What sort of thing is lacking. The first three are courses; the others are steps that no provider sells."""

    CERTIFICATE = "certificate"
    LICENCE = "licence"
    FRENCH = "french"
    EMPLOYER = "employer"
    VEHICLE = "vehicle"
    DOCUMENT = "document"


COURSES = (Kind.CERTIFICATE, Kind.LICENCE, Kind.FRENCH)
KIND_LABELS: Mapping[Kind, str] = {
    Kind.CERTIFICATE: N_("certificat"),
    Kind.LICENCE: N_("permis de conduire"),
    Kind.FRENCH: N_("cours de français"),
    Kind.EMPLOYER: N_("carte à demander par l'employeur ou la personne"),
    Kind.VEHICLE: N_("moyen de transport"),
    Kind.DOCUMENT: N_("document ou avis à renouveler"),
}

RIGHT_TO_WORK = "right_to_work"
DISABILITY = "disability"
PASS_IAE = "pass_iae"
DIAGNOSIS = "diagnosis"
OPINION = "opinion"
EVIDENCE = "evidence"
_DOCUMENTS: Mapping[str, str] = {
    RIGHT_TO_WORK: N_("renouvellement du titre qui permet de travailler"),
    DISABILITY: N_("renouvellement de la reconnaissance de travailleur handicapé"),
    PASS_IAE: N_("PASS IAE terminé : à voir avec un prescripteur habilité"),
    DIAGNOSIS: N_("diagnostic d'éligibilité à l'IAE à refaire par un prescripteur habilité"),
    OPINION: N_("avis motivé à renouveler"),
    EVIDENCE: N_("justificatif d'éligibilité à revoir"),
}


@dataclass(frozen=True, order=True)
class Need:
    """One thing lacking: its kind, and its code within the kind (`CACES_R482_A`, `B`, `A2`, `right_to_work`)."""

    kind: Kind
    code: str

    @property
    def is_course(self) -> bool:
        return self.kind in COURSES

    @property
    def text(self) -> str:
        """The code as files show it: `certificate:AIPR`, `licence:B`, `french:A2`."""
        return f"{self.kind}:{self.code}"

    @property
    def label(self) -> str:
        """Its name, in the current language."""
        if self.kind == Kind.LICENCE:
            return _("permis {code}").format(code=self.code)
        if self.kind == Kind.FRENCH:
            return _("cours de français visant le niveau {level}").format(level=self.code)
        if self.kind == Kind.VEHICLE:
            return _("un véhicule, ou une aide à la mobilité")
        if self.kind == Kind.DOCUMENT:
            return _(_DOCUMENTS[self.code])
        found = _about(self.code)
        category = _category(self.code, found)
        name = _(str(found["label"])) if found else self.code.replace("_", " ")
        return _("{name}, catégorie {category}").format(name=name, category=category) if category else name

    @property
    def remark(self) -> str:
        """What must come first and how long it is good for, with the source; empty when nothing was checked."""
        if self.kind == Kind.LICENCE and self.code in PREREQUISITES:
            before = PREREQUISITES[self.code]
            return _("suppose le permis {before} (code de la route, R221-4 et suivants)").format(before=before)
        if self.kind not in (Kind.CERTIFICATE, Kind.EMPLOYER):
            return ""
        return _certificate_remark(_about(self.code))


# Code de la route, R221-4 and following: the licence that must be held before the course can end with another.
PREREQUISITES: Mapping[str, str] = {
    **dict.fromkeys(("BE", "C1", "C", "D1", "D"), "B"),
    "C1E": "C1",
    "CE": "C",
    "D1E": "D1",
    "DE": "D",
}


def certificate_need(code: str) -> Need:
    """The need for a certificate: a course, or a card that the employer or the person asks for."""
    found = _about(code)
    return Need(Kind.CERTIFICATE if not found or found["by"] == "provider" else Kind.EMPLOYER, code)


@lru_cache(maxsize=1)
def _catalogue() -> tuple[Mapping[str, Any], ...]:
    """The entries of certificates.yml, the longest codes first."""
    text = files("matcher.training_needs").joinpath("certificates.yml").read_text(encoding="utf-8")
    return tuple(sorted(yaml.safe_load(text), key=lambda entry: -len(entry["code"])))


def translatable() -> Iterator[str]:
    """The French texts of certificates.yml, for the catalogues."""
    for entry in _catalogue():
        yield from (str(entry[name]) for name in ("label", "before", "source") if name in entry)


def _about(code: str) -> Mapping[str, Any] | None:
    for entry in _catalogue():
        if code == entry["code"] or code.startswith(entry["code"] + "_"):
            return entry
        if entry["code"] in ("SSIAP", "AMIANTE_SS") and code.startswith(entry["code"]):
            return entry
    return None


def _category(code: str, found: Mapping[str, Any] | None) -> str:
    """What follows the family in a code: `A` of `CACES_R482_A`."""
    return code[len(found["code"]) :].strip("_").replace("_", " ") if found else ""


def _certificate_remark(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    words = []
    if found["by"] == "employer":
        words.append(_("se demande par l'employeur à l'embauche : ce n'est pas une formation"))
    elif found["by"] == "person":
        words.append(_("se demande par la personne : ce n'est pas une formation"))
    if "before" in found:
        words.append(_("suppose {before}").format(before=_(str(found["before"]))))
    if found.get("validity"):
        words.append(_("valable {months} mois").format(months=found["validity"]))
    text = " ; ".join(words)
    return f"{text} ({_(str(found['source']))})" if words and "source" in found else text
