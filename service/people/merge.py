"""Two records of one person made one by an adviser, and undoing it.

The record left keeps its key: what it said is sealed with it beside, until the merge is undone, or until the person
is erased. Only a record without proposals nor hours may go, so that nothing that happened changes its person.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from matcher.locale import _
from service.access.principals import Principal, Role
from service.clock import written
from service.people.find import Person, find
from service.people.upsert import keep_past
from service.problems import Problem
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Change

_KEPT = ("candidate_id", "reference", "last_action_on")


@dataclass(frozen=True)
class Merged:
    """A merge that can be undone."""

    merge_id: str
    kept_id: str
    gone_id: str
    at: str


def followed(connection: Connection, subject: str) -> int:
    """Proposals and months of hours of a record."""
    counts = [
        connection.execute(select(func.count()).select_from(table).where(table.c.subject == subject)).scalar_one()
        for table in (t.proposals, t.hours)
    ]
    return int(sum(counts))


def check_may_go(connection: Connection, person: Person) -> None:
    """Raise Problem for a record that something followed: that one is to be kept."""
    if followed(connection, person.subject):
        raise Problem(
            "conflict",
            _(
                "La fiche {name} a des propositions ou des heures : c'est elle qu'il faut garder. Si les deux en "
                "ont, les fiches ne peuvent pas être réunies ; noter dans chacune qu'il s'agit de la même personne."
            ).format(name=person.candidate_id),
        )


def merge(
    change: Change, keys: KeyRing, principal: Principal, kept_id: str, gone_id: str, before: Mapping[str, Any]
) -> str:
    """Put the record `gone_id` aside for `kept_id`, who said `before`: the name of the merge. Raises Problem."""
    connection = change.connection
    kept, gone = (find(connection, keys, _adviser(principal), name) for name in (kept_id, gone_id))
    if kept.subject == gone.subject:
        raise Problem("usage", _("C'est la même fiche. En choisir deux."))
    check_may_go(connection, gone)
    row = connection.execute(select(t.people).filter_by(subject=gone.subject)).one()
    places = connection.execute(select(t.places_in_order).filter_by(subject=gone.subject)).mappings()
    aside = {name: getattr(row, name) for name in _KEPT} | {
        "facts": gone.facts(),
        "places": [dict(one) for one in places],
        "before": dict(before),  # of the person kept, without what was taken from the other
    }
    keep_past(change, [{"subject_": gone.subject, "since": gone.changed, "before": gone.body}])
    connection.execute(delete(t.places_in_order).filter_by(subject=gone.subject))
    _join_earlier(connection, kept.subject, gone.subject)
    name = secrets.token_hex(8)
    connection.execute(
        insert(t.merges).values(
            merge_id=name,
            org_id=principal.org_id,
            kept=kept.subject,
            gone=gone.subject,
            body=gone.key.seal(aside),
            at=written(change.at),
        )
    )
    connection.execute(
        update(t.people)
        .filter_by(subject=gone.subject)
        .values(
            candidate_id=None, reference=None, body=None, version=t.people.c.version + 1, changed=change.seq
        )
    )  # fmt: skip
    change.log("people.merge", "people", [kept.key.log_name, gone.key.log_name], pool=True)
    return name


def _join_earlier(connection: Connection, kept: str, gone: str) -> None:
    """What had been put aside for the record that goes now is aside for the one kept."""
    connection.execute(update(t.merges).where(t.merges.c.kept == gone).values(kept=kept))


def undo(change: Change, keys: KeyRing, principal: Principal, merge_id: str) -> str:
    """Bring back the record that was put aside: its identifier. Raises Problem."""
    connection = change.connection
    query = (
        select(t.merges, t.subjects.c.wrapped_key)
        .join(t.subjects, t.subjects.c.subject == t.merges.c.gone)
        .where(t.merges.c.merge_id == merge_id, t.merges.c.org_id == principal.org_id)
    )
    row = connection.execute(query).first()
    if row is None:
        raise Problem("absent", _("Cette fusion a déjà été défaite, ou la personne a été effacée."))
    key = keys.unwrap(row.gone, row.wrapped_key)
    aside: Mapping[str, Any] = key.open(row.body)
    taken = select(t.people.c.subject).filter_by(org_id=principal.org_id, candidate_id=aside["candidate_id"])
    if connection.execute(taken).first() is not None:
        raise Problem(
            "conflict",
            _("Une autre fiche porte maintenant l'identifiant {name}. La renommer ou l'effacer d'abord.").format(
                name=aside["candidate_id"]
            ),
        )
    connection.execute(
        update(t.people)
        .filter_by(subject=row.gone)
        .values(
            **{name: aside[name] for name in _KEPT},
            body=key.seal(aside["facts"]),
            version=t.people.c.version + 1,
            changed=change.seq,
        )
    )
    if aside["places"]:
        connection.execute(insert(t.places_in_order), aside["places"])
    connection.execute(delete(t.merges).filter_by(merge_id=merge_id))
    kept = connection.execute(select(t.subjects.c.log_name).filter_by(subject=row.kept)).scalar_one()
    change.log("people.unmerge", "people", [kept, key.log_name], pool=True)
    return str(aside["candidate_id"])


def said_before(
    connection: Connection, keys: KeyRing, principal: Principal, merge_id: str
) -> tuple[str, dict[str, Any]]:
    """The person kept by a merge, and what they said before it. Raises Problem."""
    row = connection.execute(
        select(t.merges, t.subjects.c.wrapped_key, t.people.c.candidate_id)
        .join(t.subjects, t.subjects.c.subject == t.merges.c.gone)
        .join(t.people, t.people.c.subject == t.merges.c.kept)
        .where(t.merges.c.merge_id == merge_id, t.merges.c.org_id == principal.org_id)
    ).first()
    if row is None:
        raise Problem("absent", _("Cette fusion a déjà été défaite, ou la personne a été effacée."))
    aside = keys.unwrap(row.gone, row.wrapped_key).open(row.body)
    return str(row.candidate_id), dict(aside["before"])


def merges(connection: Connection, keys: KeyRing, org_id: str, most: int) -> list[Merged]:
    """The last merges of an organisation."""
    m, kept = t.merges.c, t.people.c.candidate_id
    query = (
        select(t.merges, t.subjects.c.wrapped_key, kept)
        .join(t.subjects, t.subjects.c.subject == m.gone)
        .join(t.people, t.people.c.subject == m.kept)
        .where(m.org_id == org_id)
        .order_by(m.at.desc(), m.merge_id)
        .limit(most)
    )
    found = []
    for row in connection.execute(query):
        aside = keys.unwrap(row.gone, row.wrapped_key).open(row.body)
        found.append(Merged(row.merge_id, str(row.candidate_id), str(aside["candidate_id"]), row.at))
    return found


def say_apart(change: Change, keys: KeyRing, principal: Principal, first: str, second: str) -> None:
    """Note that two records are two people. Raises Problem."""
    people = [find(change.connection, keys, _adviser(principal), name) for name in (first, second)]
    left, right = sorted(one.subject for one in people)
    change.connection.execute(delete(t.apart).filter_by(left=left, right=right))
    change.connection.execute(insert(t.apart).values(left=left, right=right))
    change.log("people.apart", "people", [one.key.log_name for one in people])


def forget(connection: Connection, subject: str) -> None:
    """Of somebody erased: what was put aside for them goes with its keys, and what was said of pairs."""
    for row in connection.execute(select(t.merges).filter_by(kept=subject)).all():
        connection.execute(delete(t.people_past).filter_by(subject=row.gone))
        connection.execute(delete(t.merges).filter_by(merge_id=row.merge_id))
        connection.execute(update(t.subjects).filter_by(subject=row.gone).values(wrapped_key=None, log_name=None))
    connection.execute(delete(t.apart).where(or_(t.apart.c.left == subject, t.apart.c.right == subject)))


def _adviser(principal: Principal) -> Principal:
    return replace(principal, roles=principal.roles & {Role.ADVISER})
