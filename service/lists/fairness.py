"""Whom the list of a position shows, by group, against whom it could have shown: figures, nobody in them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from matcher.fairness import DIMENSIONS, MIN_GROUP
from matcher.locale import _
from service.access.visibility import open_count
from service.lists.access import absent_position, check_usable, onlooker
from service.models import _Row
from service.pool import Absent
from service.pool.make_up import OF_THE_LIST, Group
from service.routing import Answer, Call

_Share = Annotated[float | None, Field(description="De 0 à 1 ; vide : trop peu de personnes pour être montré.")]
_Count = Annotated[int | None, Field(description="Vide en dessous de 5.")]


class GroupShares(_Row):
    """La part d'un groupe à chaque étape."""

    group: str
    label: str
    eligible: _Share
    passing: _Share
    listed: Annotated[float | None, Field(description="Arrondie à la dizaine de %.")]


class Split(_Row):
    """Les groupes d'une dimension."""

    dimension: str
    label: str
    of_list: bool = Field(description="false : la part sur la liste n'est jamais montrée (RSA, handicap).")
    groups: list[GroupShares]


class FairnessAnswer(_Row):
    """Qui pouvait être sur la liste, qui passe les critères, qui y est : par groupe, sans personne."""

    position_id: str
    on: str
    smallest: int = Field(description="Un groupe plus petit n'est pas montré, ni ce qui le ferait deviner.")
    eligible: _Count
    passing: _Count
    listed: int
    splits: list[Split]


def fairness(call: Call) -> Answer:
    """The figures of a position of one's own, written down before they leave."""
    position_id = call.path["position_id"]
    with call.store.read() as connection:
        if not onlooker(connection, call, position_id).facilitator:
            raise absent_position()
    now = call.pool.refresh(call.today)
    check_usable(now, position_id)
    try:
        found = now.make_up(position_id)
    except Absent:
        raise absent_position() from None
    with call.write() as change:
        change.log(
            "shortlist.fairness", f"position:{position_id}", detail={"data": now.head, "on": now.on.isoformat()}
        )
    splits = [
        {
            "dimension": name,
            "label": _(DIMENSIONS[name].title),
            "of_list": name in OF_THE_LIST,
            "groups": [_shares(name, group) for group in groups],
        }
        for name, groups in found.dimensions.items()
    ]
    return Answer(
        {
            "position_id": position_id,
            "on": now.on.isoformat(),
            "smallest": MIN_GROUP,
            "eligible": open_count(found.eligible),
            "passing": open_count(found.passing),
            "listed": found.listed,
            "splits": splits,
        }
    )


def _shares(dimension: str, group: Group) -> dict[str, Any]:
    return {
        "group": group.name,
        "label": _(DIMENSIONS[dimension].groups[group.name]),
        "eligible": group.eligible,
        "passing": group.passing,
        "listed": group.listed,
    }
