"""What happened in the demonstration before today, told in order, so that every page has something to show.

Everything goes through the routes of the API, at instants of the past: the log is that of a service in use. Days are
counted back from today.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from typing import Any

from matcher.tables.cells import BadCell, parse_date
from service.access.principals import EVERYONE, Principal, Role
from service.bodies import validate
from service.clock import local_day
from service.desk import Office
from service.routes import ROUTES
from service.routing import Answer, Call

ACTOR = "command:demo"
FORGOTTEN, START, WAITING = 800, 190, 12  # days before today
HIRES, WAITERS, LONG_AGO = 26, 8, 3
AWARDS_BEFORE = 110  # days that the samples' contracts are moved back, so that their hours are under way
WAVES = (20, 50)  # days after START when the first half, then the others, are hired; KEPT of the first stay
HOURS = (14.0, 21.0, 24.5, 17.5, 10.5)
KEPT = 10
MONTHS, CONTRACTS, SECONDED = 5, 5, 40  # of hours; contracts that have some; people of agencies and associations
_MODES = ("direct", "direct", "ETTI", "GEIQ", "EI")
_ROUTES = {route.name: route for route in ROUTES}
_REASONS = ("person_distance", "person_experience", "position_employer")


@dataclass(frozen=True)
class Story:
    """The two organisations that it is about."""

    org: str
    other: str
    forgotten: int


@dataclass
class Teller:
    """Asks the routes, at a day before today."""

    one: Office
    org: str
    before: int = 0
    used: set[str] = field(default_factory=set)

    def today(self) -> date:
        return local_day(self.one.clock() - timedelta(days=self.before))

    def ask(
        self,
        name: str,
        path: Mapping[str, str] | None = None,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        roles: frozenset[Role] = EVERYONE,
    ) -> Answer:
        """What the route answers, as if the request had come from outside on that day."""
        route, one = _ROUTES[name], self.one
        at = one.clock() - timedelta(days=self.before)
        content = validate(route.body, body) if route.body is not None else None
        principal = Principal(ACTOR, self.org, roles)
        asked = validate(route.query, dict(query or {}), strict=False)
        call = Call(principal, one.store, one.pool, one.settings, at, local_day(at), path or {}, asked, content)
        return route.work(call)


def sample(name: str) -> list[dict[str, Any]]:
    """The rows of a sample table, without their empty cells."""
    text = resources.files("data_samples").joinpath(name).read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return [{column: cell for column, cell in row.items() if cell} for row in rows]


def tell(one: Office, story: Story) -> None:
    """Fill the store."""
    people = sample("candidates.csv")
    cut = len(people) * 4 // 5
    mine = Teller(one, story.org, story.forgotten)
    today = local_day(one.clock())
    mine.ask("put_candidates", body={"candidates": people[:LONG_AGO]})
    mine.before = START
    first, notices = sample("positions.csv"), _notices()
    shift = today + timedelta(days=14) - min(_days(first, "start_date"))
    mine.ask("post_awards", body={"marches": [_moved(notice, shift) for notice in notices]})
    mine.ask("put_positions", body={"positions": [_from(row, shift) for row in first]})
    mine.ask("put_candidates", body={"candidates": people[LONG_AGO:cut]})
    Teller(one, story.other, START).ask("put_candidates", body={"candidates": people[cut:]})
    names = [row["position_id"] for row in first]
    hired = _hired(mine, names)
    mine.before = WAITING
    _waiting(mine, names)
    mine.before = 0
    _hours(mine, [*hired, *_seconded(mine)])
    _ranked(mine, names)


def _notices() -> list[dict[str, Any]]:
    found = json.loads(resources.files("data_samples").joinpath("awards.json").read_text(encoding="utf-8"))["marches"]
    return list(found["marche"] if isinstance(found, dict) else found)


def _moved(notice: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
    moved = dict(notice)
    for name in ("dateNotification", "datePublicationDonnees"):
        day = _day(notice.get(name))
        if day is not None:
            moved[name] = (day + shift - timedelta(days=AWARDS_BEFORE)).isoformat()
    return moved


def _day(text: object) -> date | None:
    """The day; None where the samples have none, or one that the calendar does not."""
    try:
        return parse_date(str(text)) if text else None
    except BadCell:
        return None


def _days(rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[date]:
    for row in rows:
        day = _day(row.get(name))
        if day is not None:
            yield day


def _from(row: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
    """A position moved in time as all the others, so that the first one starts in a fortnight."""
    moved = {name: day for name in ("start_date", "end_date") if (day := _day(row.get(name)))}
    return {**row, **{name: (day + shift).isoformat() for name, day in moved.items()}}


def _proposed(mine: Teller, position: str, count: int) -> list[tuple[str, str]]:
    """Proposals of the best people of a list who have none yet: proposal, person."""
    adviser = frozenset({Role.ADVISER})
    listed = mine.ask("shortlist", {"position_id": position}, roles=adviser).content["people"]
    free = [row["candidate_id"] for row in listed if row["candidate_id"] not in mine.used][:count]
    made = []
    for person in free:
        mine.used.add(person)
        answer = mine.ask("propose", body={"position_id": position, "candidate_id": person}, roles=adviser)
        made.append((answer.content["proposal_id"], person))
    return made


def _step(mine: Teller, proposal: str, stage: str, before: int, **more: Any) -> None:
    on = (mine.today() + timedelta(days=mine.before - before)).isoformat()
    path = {"proposal_id": proposal}
    mine.ask("move_proposal", path, {"stage": stage, "on": on, **more})


def _hired(mine: Teller, positions: Sequence[str]) -> list[str]:
    """People who got through to a hire, months ago; the references that others call them by."""
    made = [pair for position in positions[5:] for pair in _proposed(mine, position, 1)][:HIRES]
    mine.before = START - 60
    hired = []
    for number, (proposal, person) in enumerate(made):
        for stage, before in (("shortlisted", START - 4), ("interviewed", START - 12)):
            _step(mine, proposal, stage, before)
        if number % 6 == 5:
            _step(mine, proposal, "refused", START - 15, reason=_REASONS[number % len(_REASONS)])
            continue
        months = (None, 4, 9)[number % 3]
        contract = {"contract": "permanent"} if months is None else {"contract": "fixed", "contract_months": months}
        _step(mine, proposal, "hired", START - WAVES[number >= len(made) // 2], **contract)
        hired.append((proposal, person))
    _validate(mine, [person for _proposal, person in hired])
    mine.before = START - 20 - 95
    for proposal, _person in hired[:KEPT]:
        _step(mine, proposal, "kept_3_months", mine.before)
    return [person for _proposal, person in hired]


def _validate(mine: Teller, people: Sequence[str]) -> None:
    facts = {"validated_on": mine.today().isoformat(), "validated_by": "Facilitatrice de démonstration"}
    mine.ask("put_candidates", body={"candidates": [{"candidate_id": person, **facts} for person in people]})


def _seconded(mine: Teller) -> list[str]:
    """People whom agencies and associations send to the contracts: hours, without a position of their own."""
    known = mine.ask("list_candidates", query={"limit": "200"}, roles=frozenset({Role.ADVISER})).content["candidates"]
    free = [one["candidate_id"] for one in known if one["candidate_id"] not in mine.used and not one["objection"]]
    _validate(mine, free[:SECONDED])
    return free[:SECONDED]


def _waiting(mine: Teller, positions: Sequence[str]) -> None:
    """Proposals at each step, some without an answer for more than a week."""
    made = [pair for position in positions[:4] for pair in _proposed(mine, position, 3)]
    for proposal, _person in made[::3]:
        _step(mine, proposal, "shortlisted", WAITING)
    _validate(mine, [person for _proposal, person in made[::3]])  # so that the companies' sheets have somebody
    for proposal, _person in made[3::6]:
        _step(mine, proposal, "interviewed", WAITING)
    if made:
        _step(mine, made[-1][0], "withdrawn", WAITING, reason="other_found_a_job")


def _hours(mine: Teller, people: Sequence[str]) -> None:
    """The hours of some months, on the contracts that have most hours due: ways to work are mixed on each."""
    found = mine.ask("list_awards", query={"limit": "100"}).content["awards"]
    due = sorted(found, key=lambda one: -(one["hours_due"] or 0.0))[:CONTRACTS]
    rows = []
    for number, person in enumerate(people):
        award = due[number % len(due)]
        for back in range(MONTHS - number % 3):
            month = _month(mine.today(), back + number % 2)
            if month >= (award["notified_on"] or "")[:7]:
                rows.append(
                    {
                        "award_id": award["award_id"],
                        "candidate_id": person,
                        "employer": f"Entreprise {number % 7 + 1}",
                        "mode": _MODES[number // CONTRACTS % len(_MODES)],
                        "month": month,
                        "hours": HOURS[(number + back) % len(HOURS)],
                    }
                )
    mine.ask("put_hours", body={"hours": rows})


def _month(day: date, back: int) -> str:
    number = day.year * 12 + day.month - 1 - back
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _ranked(mine: Teller, positions: Sequence[str]) -> None:
    """An order of one's own on a list, and somebody set aside."""
    facilitator = frozenset({Role.FACILITATOR})
    path = {"position_id": positions[4]}
    listed = mine.ask("shortlist", path, roles=facilitator).content["people"]
    names = [row["candidate_id"] for row in listed]
    if len(names) > 3:
        body = {
            "order": [names[1], names[0], *names[3:]],
            "aside": [{"candidate_id": names[2], "reason": "person_distance"}],
        }
        mine.ask("order_position", path, body, roles=facilitator)
