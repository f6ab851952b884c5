"""Rotation of the instance's key: everything opens with the new one alone, and a rotation that stopped goes on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from matcher.errors import EnvironmentFault
from service.chain.verify import verify
from service.store import rotate
from service.store import tables as t
from service.store.database import Store, open_store
from tests.service.databases import KEYS, settings_for
from tests.service.store.samples import AT, content, fill


def open_all(store: Store) -> list[Any]:
    """What every sealed row says."""
    with store.read() as connection:
        said = [
            store.keys.open(getattr(row, one.column), one.context(row))
            for one in rotate.SEALED
            for row in connection.execute(select(one.table).order_by(*one.table.primary_key.columns))
        ]
        people = connection.execute(
            select(t.people, t.subjects.c.wrapped_key).join(t.subjects).order_by(t.people.c.subject)
        ).all()
        return [*said, *(store.keys.unwrap(row.subject, row.wrapped_key).open(row.body) for row in people)]


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, people=7)
    return store


def test_after_it_the_new_key_is_enough(filled: Store, database: str) -> None:
    before, rows = open_all(filled), content(filled)
    both = open_store(settings_for(database, encryption_keys=f"{KEYS[1]},{KEYS[0]}"))
    assert rotate.rotate(both, lambda: AT) == 11
    both.close()
    new = open_store(settings_for(database, encryption_keys=KEYS[1]))
    assert open_all(new) == before
    assert content(new)["people"] == rows["people"]
    with new.read() as connection:
        assert verify(connection).whole
        entries = connection.execute(select(t.log).filter_by(action="store.rotate")).all()
    assert len(entries) == 5
    assert rotate.rotate(new, lambda: AT) == 0
    new.close()
    with pytest.raises(EnvironmentFault, match="Aucune clé de CLAUSEMATCH_ENCRYPTION_KEYS"):
        open_all(filled)


def test_one_that_stopped_goes_on(filled: Store, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate, "BATCH", 3)
    before = open_all(filled)
    both = open_store(settings_for(database, encryption_keys=f"{KEYS[1]},{KEYS[0]}"))

    class Stopped(Exception):
        pass

    def stop(_done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        rotate.rotate(both, lambda: AT, stop)
    assert open_all(both) == before
    told: list[int] = []
    assert rotate.rotate(both, lambda: AT, told.append) == 8
    assert told == [3, 4, 5, 6, 7, 8]
    assert open_all(both) == before
    both.close()


def test_without_the_old_key_nothing_is_lost(filled: Store, database: str) -> None:
    rows = content(filled)
    new = open_store(settings_for(database, encryption_keys=KEYS[1]))
    with pytest.raises(EnvironmentFault) as fault:
        rotate.rotate(new, lambda: AT)
    assert fault.value.mend == "Remettre l'ancienne clé à la suite de la nouvelle, séparées par une virgule."
    new.close()
    assert content(filled) == rows


def test_every_binary_column_is_sealed_by_the_instance_or_by_a_person() -> None:
    """A column added to the tables must be added to the rotation, or be a person's own."""
    binary = {f"{one.name}.{part.name}" for one in t.metadata.tables.values() for part in one.columns
              if isinstance(part.type, LargeBinary)}  # fmt: skip
    rotated = {f"{one.table.name}.{one.column}" for one in rotate.SEALED}
    own = {"people.body", "people_past.body", "merges.body"}
    assert binary == rotated | own
