"""What erased people leave to the indicators: counts by award and month, in which nobody is left.

`measure` is one of
- `hours`: hours done, in their month;
- `people`: 1 in the month of the person's first hours on that award, so that months add up to people;
- `proposals`: proposals, in the month they were made;
- `hires`: proposals at `hired` or beyond, in the month of the hire, and among them `durable` (permanent, or over six
  months), `contracts` (those whose length is known) and `contract_months` (the sum of these lengths);
- `kept`: hires that reached `kept_3_months`.
`part` is `all`, and each of `women`, `rsa`, `qpv`, `disability` that was true of the person. `award_id` is empty for
a position without an award.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.store import tables as t

DURABLE_MONTHS = 6  # the charter's durable exit: permanent, or more than this
HIRED = ("hired", "kept_3_months")

Figure = tuple[str, str, str]  # award, month, measure


def parts(facts: Mapping[str, Any]) -> list[str]:
    """The groups that a person counts in."""
    groups = {
        "women": facts.get("sex") == "F",
        "rsa": "RSA" in str(facts.get("benefits") or "").split("|"),
        "qpv": facts.get("qpv") is True,
        "disability": facts.get("disability") is True,
    }
    return ["all", *(name for name, true in groups.items() if true)]


def is_durable(contract: str | None, months: float | None) -> bool:
    """A durable exit: a permanent contract, or one of more than six months."""
    return contract == "permanent" or (months is not None and months > DURABLE_MONTHS)


def of_person(connection: Connection, subject: str) -> Counter[Figure]:
    """What one person adds to the figures of each award and month."""
    found: Counter[Figure] = Counter()
    worked = connection.execute(select(t.hours).where(t.hours.c.subject == subject, t.hours.c.hours > 0)).all()
    for row in worked:
        found[row.award_id, row.month, "hours"] += row.hours
    for award in {row.award_id for row in worked}:
        found[award, min(row.month for row in worked if row.award_id == award), "people"] += 1
    query = select(t.proposals, t.positions.c.award_id).join(
        t.positions, t.positions.c.position_id == t.proposals.c.position_id
    )
    for proposal in connection.execute(query.where(t.proposals.c.subject == subject)):
        _add_proposal(connection, found, proposal)
    return found


def _add_proposal(connection: Connection, found: Counter[Figure], proposal: Any) -> None:
    award = proposal.award_id or ""
    found[award, proposal.proposed_on[:7], "proposals"] += 1
    if proposal.stage not in HIRED:
        return
    moves = select(t.moves.c.stage, t.moves.c.happened_on).filter_by(proposal_id=proposal.proposal_id)
    days = {move.stage: move.happened_on for move in connection.execute(moves)}
    month = days["hired"][:7]
    found[award, month, "hires"] += 1
    found[award, month, "durable"] += is_durable(proposal.contract, proposal.contract_months)
    if proposal.contract_months is not None:
        found[award, month, "contracts"] += 1
        found[award, month, "contract_months"] += proposal.contract_months
    if proposal.stage == "kept_3_months":
        found[award, month, "kept"] += 1


def add(connection: Connection, found: Mapping[Figure, float], groups: Iterable[str]) -> None:
    """Add to what is there, for each group."""
    for (award, month, measure), value in found.items():
        for part in groups if value else ():
            name = {"award_id": award, "month": month, "measure": measure, "part": part}
            changed = connection.execute(
                update(t.figures).filter_by(**name).values(value=t.figures.c.value + value)
            ).rowcount
            if not changed:
                connection.execute(insert(t.figures).values(**name, value=value))
