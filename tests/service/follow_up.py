"""People, positions and contracts put straight into a store, and calls made without a server: what the tests of
proposals, hours and indicators share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from service.access.organisations import create_organisation
from service.access.principals import Principal, Role
from service.clock import local_day
from service.people.find import new_reference
from service.pool import Absent
from service.proposals.work import facts_of
from service.routing import Answer, Call, NoQuery
from service.settings import Settings
from service.store import tables as t
from service.store.crypto import SubjectKey, new_subject
from service.store.database import Store

START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@dataclass
class Ranks:
    """What the model says, decided by the test: (subject, position) → rank and score."""

    said: dict[tuple[str, str], tuple[int | None, float | None]] = field(default_factory=dict)
    scorecard: str = "expert-test"

    def refresh(self, _today: object) -> Ranks:
        return self

    def rank_of(self, subject: str, position_id: str) -> tuple[int | None, float | None]:
        if (subject, position_id) not in self.said:
            raise Absent("person")
        return self.said[subject, position_id]


@dataclass
class Desk:
    """A store with organisations, and how to ask it in somebody's name, on a day that the test chooses."""

    store: Store
    settings: Settings
    ranks: Ranks = field(default_factory=Ranks)
    at: datetime = START

    def __post_init__(self) -> None:
        with self.store.write("command:tests", None, self.at) as change:
            for org in ("A", "B", "F", "G"):
                create_organisation(change, org, f"Organisme {org}", "authority")

    def person(self, name: str, org: str = "A", **facts: Any) -> str:
        """A person of an organisation; their subject."""
        key = SubjectKey(new_subject(), self.store.keys.new_key())
        with self.store.write("command:tests", None, self.at) as change:
            change.connection.execute(
                insert(t.subjects).values(
                    subject=key.subject,
                    wrapped_key=self.store.keys.wrap(key.subject, key.key),
                    log_name=key.log_name,
                )
            )
            change.connection.execute(
                insert(t.people).values(
                    subject=key.subject,
                    org_id=org,
                    candidate_id=name,
                    reference=new_reference(),
                    body=key.seal({"candidate_id": name, **facts}),
                    last_action_on="2026-01-01",
                    version=1,
                    changed=change.seq,
                )
            )
            change.log("people.create", "people", [key.log_name], pool=True)
        return key.subject

    def change_facts(self, subject: str, **facts: Any) -> None:
        """Say something new of a person."""
        with self.store.write("command:tests", None, self.at) as change:
            found = facts_of(change.connection, self.store.keys, subject)
            wrapped = select(t.subjects.c.wrapped_key).filter_by(subject=subject)
            key = self.store.keys.unwrap(subject, change.connection.execute(wrapped).scalar_one())
            row = {"body": key.seal({**(found or {}), **facts}), "changed": change.seq}
            change.connection.execute(update(t.people).filter_by(subject=subject).values(**row))
            change.log("people.update", "people", [key.log_name], pool=True)

    def award(self, name: str, org: str = "F", **columns: Any) -> None:
        given = {"buyer_siret": "21910228000019", "hours_due": 1000.0, "notified_on": "2026-01-01", **columns}
        body = json.dumps(given.pop("body", {"place_code": "91228"}))
        with self.store.write("command:tests", None, self.at) as change:
            given = {"ends_on": "2026-12-31", **given}
            change.connection.execute(
                insert(t.awards).values(award_id=name, org_id=org, body=body, version=1, changed=change.seq, **given)
            )
            change.log("award.create", f"award:{name}")

    def position(
        self, name: str, org: str = "F", *, openings: int = 1, award: str | None = None, **body: Any
    ) -> None:
        with self.store.write("command:tests", None, self.at) as change:
            change.connection.execute(
                insert(t.positions).values(
                    position_id=name,
                    org_id=org,
                    award_id=award,
                    siret=None,
                    body=json.dumps({"position_id": name, **body}),
                    openings=openings,
                    filled=0,
                    closed=False,
                    version=1,
                    changed=change.seq,
                )
            )
            change.log("position.create", f"position:{name}", pool=True)

    def reference(self, subject: str) -> str:
        with self.store.read() as connection:
            return str(connection.execute(select(t.people.c.reference).filter_by(subject=subject)).scalar_one())

    def call(
        self,
        roles: str | Sequence[str],
        org: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Any = None,
        body: Any = None,
        if_match: str | None = None,
    ) -> Call:
        held = frozenset(Role(role) for role in ([roles] if isinstance(roles, str) else roles))
        principal = Principal(f"key:{org.lower()}", org, held)
        day = local_day(self.at)
        pool: Any = self.ranks
        return Call(
            principal,
            self.store,
            pool,
            self.settings,
            self.at,
            day,
            dict(path or {}),
            NoQuery() if query is None else query,
            body,
            if_match,
        )

    def rows(self, table: Any, **values: Any) -> list[dict[str, Any]]:
        """Rows of a table, as dictionaries."""
        with self.store.read() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table).filter_by(**values))]


def content(answer: Answer) -> Any:
    """What an answer holds, once through JSON."""
    return json.loads(json.dumps(answer.content, allow_nan=False))
