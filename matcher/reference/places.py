"""Place codes of notices and positions: what area they mean, whatever kind they claim to be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.locale import N_, _
from matcher.reference.nuts import nuts_departments
from matcher.reference.residence import clean_code, postal_department
from matcher.reference.text import normalise_place

if TYPE_CHECKING:
    from matcher.reference.communes import Communes

# Regions of before 2016 (INSEE codes): the départements keep theirs, so each is the union of some.
_OLD_REGIONS = {
    "21": "08 10 51 52", "22": "02 60 80", "23": "27 76", "25": "14 50 61", "26": "21 58 71 89", "31": "59 62",
    "41": "54 55 57 88", "42": "67 68", "43": "25 39 70 90", "54": "16 17 79 86", "72": "24 33 40 47 64",
    "73": "09 12 31 32 46 65 81 82", "74": "19 23 87", "82": "01 07 26 38 42 69 73 74", "83": "03 15 43 63",
    "91": "11 30 34 48 66",
}  # fmt: skip
_FRANCE = {"FR", "FRA", "FRANCE", "99100", "100"}
_KINDS = (
    ("postal", "postal"), ("commune", "commune"), ("canton", "canton"), ("arrondissement", "arrondissement"),
    ("departement", "departement"), ("region", "region"), ("pays", "pays"), ("country", "pays"),
    ("epci", "epci"), ("department", "departement"), ("insee", "commune"),
)  # fmt: skip
_NAMES = {
    "postal": N_("code postal"),
    "commune": N_("commune"),
    "departement": N_("département"),
    "region": N_("région"),
    "pays": N_("pays"),
    "arrondissement": N_("arrondissement"),
    "canton": N_("canton"),
    "epci": N_("intercommunalité"),
    "nuts": N_("territoire européen (NUTS)"),
}


@dataclass(frozen=True)
class Place:
    """An area: its ``kind`` and ``code`` as understood, a label, its communes (indices), and a note.

    ``kind`` is ``postal``, ``commune``, ``departement``, ``region``, ``pays``, ``arrondissement``, ``epci`` or
    ``nuts``; empty when the place is unknown. ``note`` says in words when the code was not what it claimed to be.
    """

    kind: str
    code: str
    label: str
    communes: tuple[int, ...]
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether the place has at least one commune."""
        return bool(self.communes)


_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_DECIMAL = re.compile(r"^(\d+)\.0+$")
_CEDEX = re.compile(r"CEDEX\d*$")

Reader = Callable[["Communes", str], Place | None]


def place_kind(kind: str | None) -> str:
    """``"Code département"`` becomes ``"departement"``; empty for an unknown or absent kind."""
    text = unicodedata.normalize("NFKD", kind or "")
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    return next((name for word, name in _KINDS if word in text), "")


def read_place(communes: Communes, code: str | None, kind: str | None = None, name: str | None = None) -> Place:
    """The area that a code means, tried first as its kind says, then as what it looks like.

    A postal code that is none is tried as an INSEE code, then (CEDEX) as its département; before that, ``name``
    (the 2019 notices give one) decides when it is exactly the name of one commune of that département: many
    CEDEX codes are the INSEE code of another commune. Arrondissements and intercommunalities (SIREN) are
    understood; a canton becomes its département. Nothing is raised: an unknown place has no commune, and its
    note says why.
    """
    text = _CEDEX.sub("", _DECIMAL.sub(r"\1", _SPACES.sub("", code or "")).upper())
    asked = place_kind(kind)
    for reader_kind, reader in _order(asked):
        named = _named(communes, text, name) if reader_kind in {"commune_exact", "cedex"} else None
        if named is not None:
            return named
        place = reader(communes, text)
        if place is not None:
            return _noted(place, text, asked, reader_kind)
    if asked == "pays" or re.fullmatch(r"99\d{3}", text):
        return Place("", text, "", (), _("lieu hors de France : {code}").format(code=code))
    if not text:
        return Place("", "", "", (), _("lieu non renseigné"))
    return Place("", text, "", (), _("lieu inconnu : {code}").format(code=code))


def _named(communes: Communes, text: str, name: str | None) -> Place | None:
    """The commune that a notice names beside a five-digit code that is not a postal code."""
    department = postal_department(_without_country(text)) if name else ""
    if not name or not department:
        return None
    indices = communes.names_in_department(department).get(normalise_place(name), ())
    if len(indices) != 1:
        return None
    place = Place("commune", communes.codes[indices[0]], communes.names[indices[0]], indices)
    if place.code == text:
        return None
    note = _("code {code} inconnu (CEDEX ?) : pris pour {name}, que l'avis nomme").format(code=text, name=place.label)
    return Place(place.kind, place.code, place.label, place.communes, note)


def _noted(place: Place, text: str, asked: str, reader_kind: str) -> Place:
    if reader_kind == "cedex":
        note = _("code {code} inconnu (CEDEX ?) : pris pour son département").format(code=text)
    elif asked == "canton" or reader_kind == "canton":
        note = _("canton {code} : pris pour son département").format(code=text)
    elif asked and asked != place.kind and place.kind in _NAMES and asked in _NAMES:
        note = _("{code} n'est pas un code de type « {asked} » : lu comme « {kind} »").format(
            code=text, asked=_(_NAMES[asked]), kind=_(_NAMES[place.kind])
        )
    else:
        return place
    return Place(place.kind, place.code, place.label, place.communes, note)


def _order(asked: str) -> list[tuple[str, Reader]]:
    """Readers in the order that the stated kind asks for; with none, the code's own shape decides."""
    first: dict[str, list[str]] = {
        "postal": ["postal", "commune_exact"],
        "commune": ["commune", "postal", "commune_exact", "prefixed_region", "department", "canton"],
        "departement": ["department"],
        "region": ["region", "nuts_tail"],
        "pays": ["country", "nuts"],
        "arrondissement": ["commune_exact", "district", "canton"],
        "canton": ["canton"],
        "epci": ["epci"],
        "": ["prefixed_region", "postal", "commune"],
    }
    usual = [
        "prefixed_region", "department", "postal", "commune_exact", "country", "nuts", "epci", "district",
        "old_region", "cedex",
    ]  # fmt: skip
    return [(name, _READERS[name]) for name in dict.fromkeys([*first[asked], *usual])]


def _without_country(text: str) -> str:
    return text[2:] if re.fullmatch(r"FR-?\d{4,5}", text) else text


def _postal(communes: Communes, text: str) -> Place | None:
    code = clean_code(_without_country(text))
    found = communes.by_postal.get(code)
    if not found:
        return None
    return Place("postal", code, f"{code} {communes.names[found[0]]}", found)


def _commune(communes: Communes, text: str) -> Place | None:
    index = communes.by_code.get(clean_code(_without_country(text)), -1)
    return None if index < 0 else Place("commune", communes.codes[index], communes.names[index], (index,))


def _commune_exact(communes: Communes, text: str) -> Place | None:
    # Under another kind a four-digit code is not an INSEE code without its zero: that would be a guess on a guess.
    return _commune(communes, text) if len(_without_country(text)) == 5 else None


def _union(communes: Communes, departments: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(sorted(i for d in departments for i in communes.by_department.get(d, ())))


def _department(communes: Communes, text: str) -> Place | None:
    code = re.sub(r"^FR-", "", text)
    if re.fullmatch(r"\d", code):
        code = f"0{code}"
    elif re.fullmatch(r"0\d[0-9AB]", code):
        code = code[1:]
    code = {"69D": "69", "69M": "69"}.get(code, code)
    if code == "20":
        return Place("departement", "20", "Corse", _union(communes, ("2A", "2B")))
    found = communes.by_department.get(code)
    if not found and re.fullmatch(r"97\d{4}", code):
        code = code[:3]
        found = communes.by_department.get(code)
    return (
        Place("departement", code, communes.territory_names.get(("departement", code), code), found)
        if found
        else None
    )


def _region(communes: Communes, text: str) -> Place | None:
    code = re.sub(r"^(?:REG|R)-?", "", text)
    code = f"0{code}" if re.fullmatch(r"\d", code) else code
    found = communes.by_region.get(code)
    return Place("region", code, communes.territory_names.get(("region", code), code), found) if found else None


def _prefixed_region(communes: Communes, text: str) -> Place | None:
    return _region(communes, text) if re.fullmatch(r"R\d{1,3}", text) else None


def _old_region(communes: Communes, text: str) -> Place | None:
    departments = _OLD_REGIONS.get(text)
    return Place("region", text, text, _union(communes, tuple(departments.split()))) if departments else None


def _country(communes: Communes, text: str) -> Place | None:
    return Place("pays", "FR", "France", tuple(range(len(communes)))) if text in _FRANCE else None


def _nuts(communes: Communes, text: str) -> Place | None:
    departments = nuts_departments(text)
    if not departments:
        return None
    names = [communes.territory_names.get(("departement", d), d) for d in departments]
    return Place("nuts", text, ", ".join(names), _union(communes, departments))


def _nuts_tail(communes: Communes, text: str) -> Place | None:
    """``10`` or ``101`` given as a region is the end of FR10, FR101: no INSEE region has these codes."""
    return _nuts(communes, f"FR{text}") if text == "10" or re.fullmatch(r"[1-9]\d\d", text) else None


def _epci(communes: Communes, text: str) -> Place | None:
    siren = text[:9] if re.fullmatch(r"\d{9}(\d{5})?", text) else ""
    found = communes.by_epci.get(siren)
    return Place("epci", siren, communes.territory_names.get(("epci", siren), siren), found) if found else None


def _district(communes: Communes, text: str) -> Place | None:
    found = communes.by_arrondissement.get(text)
    name = communes.territory_names.get(("arrondissement", text), text)
    return Place("arrondissement", text, name, found) if found else None


def _canton(communes: Communes, text: str) -> Place | None:
    return _department(communes, text[:2]) if re.fullmatch(r"(\d\d|2[AB])\d\d", text) else None


def _cedex(communes: Communes, text: str) -> Place | None:
    code = _without_country(text)
    return _department(communes, postal_department(code)) if len(code) == 5 else None


_READERS: dict[str, Reader] = {
    "postal": _postal,
    "commune": _commune,
    "commune_exact": _commune_exact,
    "department": _department,
    "region": _region,
    "prefixed_region": _prefixed_region,
    "old_region": _old_region,
    "country": _country,
    "nuts": _nuts,
    "nuts_tail": _nuts_tail,
    "epci": _epci,
    "district": _district,
    "canton": _canton,
    "cedex": _cedex,
}
