"""Creating a position, changing it, closing it. What somebody else changed meanwhile is shown, and nothing typed is
lost."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.locale import N_, _
from matcher.report.words import MODES, RESERVED
from matcher.rules import PACK_IDS
from matcher.schema import POSITIONS
from matcher.schema.model import Column, Kind
from matcher.vocabulary import FRENCH_LEVELS
from service.addresses import address
from service.facts import LISTS
from service.pages.forms import in_words
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people.edit import written
from service.pages.positions.facts import label_of, title_of
from service.problems import Problem, at_field

# Heading, columns, whether the group is open at first.
_GROUPS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    (N_("Le poste"), ("title", "occupation", "employer", "siret", "openings", "asked", "tasks"), True),
    (N_("Le lieu"), ("city", "postal_code", "commune", "bus_reachable", "place_code", "place_kind"), True),
    (N_("Quand et combien"), ("start_date", "end_date", "weekly_hours", "hours", "wage", "schedule"), True),
    (
        N_("Ce qui est exigé"),
        ("licences", "vehicle", "certificates", "experience_months", "qualification_min", "french_min", "demands"),
        True,
    ),
    (N_("Ce qui est souhaité"), ("skills", "certificates_wished"), True),
    (N_("La clause"), ("award_id", "mode", "rules", "reserved", "categories"), False),
)
EDITED = tuple(name for _heading, names, _open in _GROUPS for name in names)
_HINTS: Mapping[str, str] = {
    "title": N_("Comme on le dit : maçon, agent d'entretien."),
    "occupation": N_("Code ROME ; déduit de l'intitulé si ce champ est vide."),
    "city": N_("La ville et le code postal suffisent."),
    "hours": N_("Heures d'insertion que le poste doit produire."),
    "openings": N_("Une, si ce champ est vide."),
    "experience_months": N_("0 : aucune expérience demandée."),
    "schedule": N_("Parmi : nuit, week-end, matin tôt, extérieur, déplacements. Séparer par |."),
    "demands": N_(
        "Parmi : port de charges, hauteur, debout, conduite, bruit, extérieur, écran. Séparer par | ; « aucun » "
        "s'il n'y en a pas."
    ),
    "licences": N_("B, C, CE, D… Séparer par | ; « aucun » si aucun n'est exigé."),
}
# What the fields say for codes of the tables; read back as such in either language.
_SAID: Mapping[str, str] = {
    "night": "nuit",
    "weekend": "week-end",
    "early": "matin tôt",
    "travel": "déplacements",
    "heavy_lifting": "port de charges",
    "heights": "hauteur",
    "standing": "debout",
    "driving": "conduite",
    "noise": "bruit",
    "outdoor": "extérieur",
    "screen": "écran",
}
_LIST_HINT = N_("Séparer par | ; « aucun » s'il n'y en a pas.")


@dataclass(frozen=True)
class Field:
    """One field: `value` as typed, `was` as it was when the form was opened, `meanwhile` what somebody else wrote."""

    name: str
    label: str
    value: str
    was: str
    kind: str
    hint: str
    error: str
    meanwhile: str | None
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """Some fields under a heading; closed at first unless something in it is to be seen."""

    heading: str
    fields: tuple[Field, ...]
    open: bool


@dataclass(frozen=True)
class Typed:
    """What a form holds: each field as typed and as it was, and what changed meanwhile (field → value now)."""

    values: Mapping[str, str]
    was: Mapping[str, str]
    meanwhile: Mapping[str, str]
    version: str = ""

    @property
    def changes(self) -> dict[str, str | None]:
        """The facts that the visitor changed."""
        return {name: text or None for name, text in self.values.items() if text != self.was[name]}


def new(visit: Visit) -> Outcome:
    """An empty form, with an identifier that nobody has."""
    name = f"P-{visit.today:%Y%m%d}-{secrets.token_hex(2)}"
    award = visit.query.get("award", "")
    nothing = dict.fromkeys(EDITED, "")
    return _form(visit, None, name, Typed({**nothing, "award_id": award}, nothing, {}), None)


def create(visit: Visit) -> Outcome:
    """Create the position, unless there is one of that name; the same form again when something is refused."""
    name = visit.form.one("position_id")
    typed = _typed(visit)
    row = {"position_id": name, **{key: text for key, text in typed.values.items() if text}}
    try:
        for dry in ("true", "false"):
            report = visit.ask("put_positions", query={"dry_run": dry}, body={"positions": [row]}).content["report"]
            _refuse(report[0])
    except Problem as problem:
        return _form(visit, None, name, typed, _by_field(problem))
    return Go(address("positions", name) + "?done=position_created")


def _by_field(problem: Problem) -> Problem:
    """The same refusal, what was wrong in each column told apart."""
    if not problem.rejected:
        return problem
    errors = [{"pointer": f"/facts/{row['column']}", "detail": row["message"]} for row in problem.rejected]
    return Problem("usage", _("Des champs sont à corriger ; rien n'est perdu, rien n'est encore enregistré."), errors)


def _refuse(line: Mapping[str, Any]) -> None:
    """Raise Problem for a row that would not make a position."""
    if line["result"] == "error":
        raise _refusal(line["column"] or "position_id", line["message"])
    if line["result"] != "created":
        raise _refusal("position_id", _("un de vos postes a déjà cet identifiant ; en choisir un autre"))


def _refusal(column: str, text: str) -> Problem:
    return at_field(f"/facts/{column}", text)


def edit(visit: Visit) -> Outcome:
    """The form with what is known."""
    found = own(visit)
    texts = _texts(found)
    return _form(visit, found, found["position_id"], Typed(texts, texts, {}, str(found["version"])), None)


def save(visit: Visit) -> Outcome:
    """Store what was changed; the same form again, with what was typed, when it is refused."""
    found = own(visit)
    name, typed = found["position_id"], _typed(visit)
    if typed.changes:
        try:
            body = {"facts": typed.changes}
            visit.ask("change_position", path={"position_id": name}, body=body, if_match=typed.version)
        except Problem as problem:
            if problem.code != "changed":
                return _form(visit, found, name, typed, problem)
            return _form(visit, found, name, _again(typed, found), _meanwhile())
    return Go(address("positions", name) + "?done=saved")


def _meanwhile() -> Problem:
    return Problem(
        "changed",
        _(
            "Quelqu'un a modifié ce poste pendant votre saisie. Rien n'est perdu : les champs modifiés entre-temps "
            "sont signalés. Relire, puis enregistrer."
        ),
    )


def _again(typed: Typed, found: Mapping[str, Any]) -> Typed:
    """The same over what is stored now: the visitor's changes stay, others' come in, both are said."""
    now = _texts(found)
    moved = {name: now[name] for name in EDITED if now[name] != typed.was[name]}
    values = {name: text if text != typed.was[name] else now[name] for name, text in typed.values.items()}
    return Typed(values, now, moved, str(found["version"]))


def own(visit: Visit) -> Mapping[str, Any]:
    """The position of the address, which is the visitor's to change. Raises Problem."""
    found: Mapping[str, Any] = visit.ask("get_position", path={"position_id": visit.path["position_id"]}).content
    if not found["own"]:
        raise Problem("absent", _("Aucun de vos postes ne porte cet identifiant. Le vérifier."))
    return found


def close(visit: Visit) -> Outcome:
    """Close the position, or open it again."""
    closed = visit.form.one("closed") == "yes"
    path = {"position_id": visit.path["position_id"]}
    visit.ask("change_position", path=path, body={"closed": closed})
    done = "position_closed" if closed else "position_reopened"
    return Go(f"{address('positions', path['position_id'])}?done={done}")


def _typed(visit: Visit) -> Typed:
    values = {name: visit.form.one(name) for name in EDITED}
    was = {name: visit.form.one(f"was-{name}") for name in EDITED}
    return Typed(values, was, {}, visit.form.one("version"))


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(name, found["facts"].get(name)) for name in EDITED}


def _text(name: str, value: Any) -> str:
    if name in ("schedule", "demands") and value:
        return "|".join(_SAID.get(word, word) for word in value)
    return written(value)


def _form(visit: Visit, found: Mapping[str, Any] | None, name: str, typed: Typed, problem: Problem | None) -> Outcome:
    errors = problem.fields if problem else {}
    groups = []
    for heading, names, open_ in _GROUPS:
        fields = tuple(_field(one, typed, errors.get(one, "")) for one in names)
        told = any(one.error or one.meanwhile is not None for one in fields)
        groups.append(Group(_(heading), fields, open_ or told))
    data = {
        "position_id": name,
        "title": None if found is None else title_of(name, found["facts"]),
        "id_error": errors.get("position_id", ""),
        "groups": groups,
        "row_version": typed.version,
        "problem": problem and in_words(problem, {one: label_of(one) for one in POSITIONS.names}),
    }
    return Shown("positions/edit.html", data, 200 if problem is None else problem.status)


def _field(name: str, typed: Typed, error: str) -> Field:
    column = POSITIONS.by_name[name]
    hint = _HINTS.get(name) or (_LIST_HINT if column.kind in LISTS else "")
    value = typed.values[name]
    is_day = column.kind is Kind.DATE and (not value or (len(value) == 10 and value[4] == value[7] == "-"))
    kind = "date" if is_day else "area" if name == "tasks" else "text"
    return Field(
        name,
        label_of(name),
        value,
        typed.was[name],
        kind,
        _(hint) if hint else "",
        error,
        typed.meanwhile.get(name),
        tuple(_options(column, value)),
    )


def _options(column: Column, value: str) -> Sequence[tuple[str, str]]:
    """What a closed field offers; what was typed stays among it."""
    known: list[tuple[str, str]] = []
    if column.kind is Kind.TRI:
        known = [("yes", _("oui")), ("no", _("non"))]
    elif column.name in ("mode", "reserved"):
        labels = MODES if column.name == "mode" else RESERVED
        known = [(str(code), _(text)) for code, text in labels.items()]
    elif column.name in ("french_min", "rules"):
        known = [(code, code) for code in (FRENCH_LEVELS if column.name == "french_min" else PACK_IDS)]
    if not known:
        return ()
    odd = [(value, value)] if value and value not in dict(known) else []
    return [("", _("non précisé")), *known, *odd]
