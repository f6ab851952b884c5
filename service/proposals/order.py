"""The order that people give to a position's list, beside the model's: places, people added, people set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from matcher.locale import _
from service.access.principals import Role
from service.people.find import Person, absent_person, find, is_own
from service.problems import Problem, at_field
from service.proposals.models import OrderBody
from service.proposals.work import refuse_objection
from service.routing import Answer, Call
from service.store import tables as t
from service.versions import check_version


class Placed(NamedTuple):
    """One person in the order of a position: `place` 1 is the first; `aside` is why they are set aside."""

    subject: str
    place: int | None
    added: bool
    aside: str | None


def order_of(connection: Connection, position_id: str) -> list[Placed]:
    """The order given to a position: places first, then people added without a place, then those set aside."""
    places = t.places_in_order.c
    query = select(places.subject, places.place, places.added, places.aside).where(places.position_id == position_id)
    found = [Placed(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.aside is not None, one.place is None, one.place or 0, one.subject))


def version_of(connection: Connection, position_id: str) -> int:
    """What an ETag of the order holds: the number of the change that wrote it, 0 when nobody gave one."""
    changes = select(t.places_in_order.c.changed).filter_by(position_id=position_id)
    return max(connection.execute(changes).scalars(), default=0)


def put_order(call: Call) -> Answer:
    """Replace the order: a facilitator's whole, or what an adviser adds and sets aside of their own people."""
    body: OrderBody = call.body
    position_id = call.path["position_id"]
    whole = _is_facilitator(call, position_id)
    if not whole and body.order:
        raise at_field("/order", _("seul le facilitateur du poste range la liste. Ajouter ou mettre de côté."))
    _no_repeats(body)
    with call.store.read() as connection:
        people = {name: _person(connection, call, name, own=not whole) for name in _names(body)}
    placed = _placed(body, people)
    with call.write() as change:
        check_version(call, version_of(change.connection, position_id))
        before = {one.subject: one for one in order_of(change.connection, position_id)}
        if not whole:
            placed = _laid_over(list(before.values()), placed, _own(change.connection, call, before))
        change.connection.execute(delete(t.places_in_order).filter_by(position_id=position_id))
        if placed:
            rows = [{"position_id": position_id, "changed": change.seq, **one._asdict()} for one in placed]
            change.connection.execute(insert(t.places_in_order), rows)
        names = [person.key.log_name for person in people.values()]
        change.log("position.order", f"position:{position_id}", names, _summary(placed))
        shown = [_shown(change.connection, call, one) for one in order_of(change.connection, position_id)]
        places = [one for one, mine in shown if whole or mine]
        version = str(version_of(change.connection, position_id))
        return call.done(change, Answer({"position_id": position_id, "places": places}, version=version))


def _is_facilitator(call: Call, position_id: str) -> bool:
    """True for the position's own facilitator, False for an adviser. Raises Problem when it is neither's business."""
    with call.store.read() as connection:
        row = connection.execute(select(t.positions).filter_by(position_id=position_id)).first()
    own = row is not None and row.org_id == call.principal.org_id and call.principal.has(Role.FACILITATOR)
    if row is None or not (own or (call.principal.has(Role.ADVISER) and not row.closed)):
        raise Problem("absent", _("Aucun de vos postes ne porte cet identifiant. Le vérifier."))
    return own


def _names(body: OrderBody) -> list[str]:
    return list(dict.fromkeys([*body.order, *body.added, *(one.candidate_id for one in body.aside)]))


def _no_repeats(body: OrderBody) -> None:
    aside = [one.candidate_id for one in body.aside]
    for pointer, names in (("/order", body.order), ("/added", body.added), ("/aside", aside)):
        if len(set(names)) < len(names):
            raise at_field(pointer, _("une personne y est deux fois. L'écrire une fois."))
    if not set(aside).isdisjoint([*body.order, *body.added]):
        raise at_field("/aside", _("une personne est à la fois rangée et mise de côté. Choisir."))


def _person(connection: Connection, call: Call, name: str, *, own: bool) -> Person:
    person = find(connection, call.store.keys, call.principal, name)
    if own and not is_own(call.principal, person.org_id):
        raise absent_person()
    refuse_objection(person.facts())
    return person


def _placed(body: OrderBody, people: dict[str, Person]) -> list[Placed]:
    subjects = {name: person.subject for name, person in people.items()}
    if len(set(subjects.values())) < len(subjects):
        raise at_field("/order", _("une personne y est sous deux identifiants. L'écrire une fois."))
    added = set(body.added)
    ranked = [Placed(subjects[name], place, name in added, None) for place, name in enumerate(body.order, 1)]
    more = [Placed(subjects[name], None, True, None) for name in body.added if name not in set(body.order)]
    return [*ranked, *more, *(Placed(subjects[one.candidate_id], None, False, one.reason) for one in body.aside)]


def _own(connection: Connection, call: Call, subjects: Iterable[str]) -> set[str]:
    people = t.people.c
    query = select(people.subject).where(people.org_id == call.principal.org_id, people.subject.in_(list(subjects)))
    return set(connection.execute(query).scalars())


def _laid_over(before: Sequence[Placed], new: Sequence[Placed], own: set[str]) -> list[Placed]:
    """What an adviser says of their own people over the facilitator's order: a place stays unless set aside."""
    said = {one.subject: one for one in new}
    kept = []
    for one in before:
        mine = said.pop(one.subject, None)
        if one.subject not in own:
            kept.append(one)
        elif mine is not None:
            kept.append(mine if mine.aside is not None else Placed(one.subject, one.place, True, None))
        elif one.place is not None:
            kept.append(one)
    return [*kept, *said.values()]


def _summary(placed: Sequence[Placed]) -> dict[str, Any]:
    return {
        "ranked": sum(one.place is not None for one in placed),
        "added": sum(one.added for one in placed),
        "aside": sorted(one.aside for one in placed if one.aside is not None),
    }


def _shown(connection: Connection, call: Call, one: Placed) -> tuple[dict[str, Any], bool]:
    """A place as the caller knows the person, and whether the person is their own."""
    people = t.people.c
    query = select(people.org_id, people.candidate_id, people.reference).where(people.subject == one.subject)
    row = connection.execute(query).one()
    own = is_own(call.principal, row.org_id)
    name = row.candidate_id if own else row.reference
    return {"candidate_id": name, "place": one.place, "added": one.added, "aside": one.aside}, own
