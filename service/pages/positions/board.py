"""The people of a position side by side: the features in columns, what each filter hides, the order people gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.features import FEATURES, NOT_ASKED, UNKNOWN
from matcher.locale import N_, _
from matcher.report.formats import number
from matcher.report.words import fact_label
from service.pages.people.person import full_name
from service.proposals.moves import LIVE, REASONS

FAR_KM = 20
_LATE = ("within_month", "later")
_NEEDED = ("certificates", "driving")  # what the position requires


@dataclass(frozen=True)
class Cell:
    """What a feature adds for one person: words, and points of the `most` it could add. `asked`: the position or the
    person asks for it."""

    title: str
    text: str
    points: int
    most: int
    asked: bool
    unknown: bool


@dataclass(frozen=True)
class Row:
    """One person. `contact` and `name` are there only for those who may know them."""

    id: str
    own: bool
    name: str
    contact: Mapping[str, Any] | None
    rank: int | None
    score: float | None
    place: int | None
    outcome: str
    at_start: str | None
    asks: tuple[str, ...]
    added: bool
    aside: str | None
    reason: str
    proposal: Mapping[str, Any] | None
    cells: tuple[Cell, ...]
    km: float | None
    levels: Mapping[str, str]

    @property
    def proposed(self) -> bool:
        """Whether a proposal of theirs is under way."""
        return self.proposal is not None and self.proposal["stage"] in LIVE


@dataclass(frozen=True)
class Filter:
    """What may be hidden on demand, and how many people of the list that would hide."""

    name: str
    label: str
    count: int
    on: bool


@dataclass(frozen=True)
class Board:
    """The list of a position. `order` is everybody who is not set aside, hidden ones included, as placed."""

    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    hidden: tuple[Row, ...]
    aside: tuple[Row, ...]
    order: tuple[Row, ...]
    filters: tuple[Filter, ...]
    most: int

    @property
    def ranked(self) -> bool:
        """Whether somebody gave an order."""
        return any(row.place is not None for row in self.order)


_HIDES: Mapping[str, tuple[str, Callable[[Row], bool]]] = {
    "verify": (N_("éligibilité à vérifier"), lambda row: row.outcome == "to_verify"),
    "unsure": (
        N_("certificats ou permis exigés encore inconnus"),
        lambda row: any(row.levels.get(name) in (UNKNOWN, "part") for name in _NEEDED),
    ),
    "far": (N_("à plus de 20 km, ou distance inconnue"), lambda row: row.km is None or row.km > FAR_KM),
    "late": (
        N_("pas disponibles au démarrage, ou date inconnue"),
        lambda row: row.levels.get("availability") in (*_LATE, UNKNOWN),
    ),
    "proposed": (N_("déjà proposées"), lambda row: row.proposed),
}
FILTERS = tuple(_HIDES)


def board(people: Sequence[Mapping[str, Any]], hiding: Sequence[str], names: Mapping[str, str]) -> Board:
    """The lines of the route `shortlist` (with their contributions) as a board; `names` are those of one's own
    people, `hiding` the filters that are on."""
    shown = _columns(people)
    rows = [_row(one, shown, names) for one in people]
    order = tuple(
        sorted((row for row in rows if row.aside is None), key=lambda row: (row.place is None, row.place or 0))
    )
    tests = [_HIDES[name][1] for name in hiding]
    hidden = tuple(row for row in order if any(test(row) for test in tests))
    return Board(
        tuple(_(FEATURES[name].title) for name in shown),
        tuple(row for row in order if row not in hidden),
        hidden,
        tuple(row for row in rows if row.aside is not None),
        order,
        tuple(
            Filter(name, _(label), sum(test(row) for row in order), name in hiding)
            for name, (label, test) in _HIDES.items()
        ),
        max([1, *(max(cell.most, abs(cell.points)) for row in rows for cell in row.cells)]),
    )


def _columns(people: Sequence[Mapping[str, Any]]) -> list[str]:
    """The features that matter for one person at least, in the order of the scorecard."""
    asked = {part["feature"] for one in people for part in one["contributions"] or () if part["level"] != NOT_ASKED}
    return [name for name in FEATURES if name in asked]


def _row(one: Mapping[str, Any], shown: Sequence[str], names: Mapping[str, str]) -> Row:
    parts = {part["feature"]: part for part in one["contributions"] or ()}
    contact, name = one["contact"], one["candidate_id"]
    return Row(
        id=name,
        own=one["own"],
        name=full_name(contact) if contact else names.get(name, "") if one["own"] else "",
        contact=contact,
        rank=one["rank"],
        score=one["score"],
        place=one["place"],
        outcome=one["outcome"],
        at_start=one["at_start"],
        asks=tuple(fact_label(fact) for fact in one["missing"]),
        added=one["added"],
        aside=one["aside"],
        reason=_(REASONS[one["aside"]]) if one["aside"] in REASONS else "",
        proposal=one["proposal"],
        cells=tuple(_cell(feature, parts.get(feature), one["distance_km"]) for feature in shown),
        km=one["distance_km"],
        levels={feature: part["level"] for feature, part in parts.items()},
    )


def _cell(feature: str, part: Mapping[str, Any] | None, km: float | None) -> Cell:
    title = _(FEATURES[feature].title)
    if part is None:  # not for this visitor to read
        return Cell(title, _("vu par son conseiller"), 0, 0, asked=False, unknown=False)
    text = part["text"]
    if feature == "distance" and km is not None:
        text = _("{km} km : {text}").format(km=number(km), text=text)
    level = part["level"]
    return Cell(title, text, part["points"], part["most"], asked=level != NOT_ASKED, unknown=level == UNKNOWN)
