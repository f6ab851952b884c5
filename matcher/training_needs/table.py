"""The table taken to a training provider, and the one of steps that are no course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.fairness import MIN_GROUP
from matcher.locale import N_, _
from matcher.reference import occupations
from matcher.resolve.cells import Ints
from matcher.training_needs.groups import (
    ASKED,
    BASES,
    KEY,
    LACKED,
    WISHED,
    Places,
    basis,
    known,
    month_text,
    people,
    to_ask,
    wished,
)
from matcher.training_needs.needs import KIND_LABELS, Kind
from matcher.training_needs.seats import Edges, in_order
from matcher.training_needs.shortfalls import PROOF, Needs, Shortfalls, State
from matcher.training_needs.words import STATES, labels, remarks, sentence

COLUMNS = (
    "effect",
    "rank",
    "need",
    "kind",
    "label",
    "department",
    "place",
    "month",
    "needed_by",
    "weeks_left",
    "people",
    "stopped",
    "french_too",
    "to_check",
    "wished",
    "others",
    "ready",
    "positions",
    "openings",
    "hours",
    "seats",
    "gain",
    "cumulative",
    "position_departments",
    "occupations",
    "remark",
    "sentence",
)
COUNTS = ("people", "stopped", "french_too", "to_check", "wished", "others", "ready")
OPENS, NEARER, ASK, WISH = "opens", "nearer", "ask", "wish"
EFFECTS: Mapping[str, str] = {
    OPENS: N_("ouvre des postes"),
    NEARER: N_("rapproche de ce que demandent des postes"),
    ASK: N_("à vérifier d'abord"),
    WISH: N_("souhaité par des postes"),
}
Key = tuple[int, int, int]
Counts = Mapping[Key, Mapping[str, int]]
_WHOLE = ("rank", "weeks_left", *COUNTS, "positions", "openings", "hours", "seats", "gain", "cumulative")


def needs_table(engine: Engine, pairs: pd.DataFrame, found: Shortfalls, places: Places) -> pd.DataFrame:
    """One row per need, place and month of `pairs` (those of `found`, see `groups.gathered`), with COLUMNS.

    First what opens positions, ranked; then what brings people nearer to what positions ask, ranked apart; then what
    is to be asked, and what is only wished for. Counts of people from 1 to MIN_GROUP - 1 are not shown.
    """
    base = basis(pairs)
    counts = _counts(pairs)
    work = _work(engine, pairs, base, found.ready)
    rows = []
    cumulative = 0
    for place in _ordered(engine, pairs, found.needs, base, counts, work):
        cumulative = place.gain or 0 if place.rank == 1 else cumulative + (place.gain or 0)
        figures = {**counts[place.key], **work[place.key], "seats": place.seats, "gain": place.gain}
        order = {"rank": place.rank, "effect": place.effect, "cumulative": cumulative if place.rank else None}
        rows.append(_row(engine, found.needs[place.key[0]], place.key, places, {**figures, **order}))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["effect"] = [_(EFFECTS[effect]) for effect in table["effect"]]
    table["needed_by"] = table["needed_by"].astype("datetime64[s]")
    words = [name for name in COLUMNS if name not in _WHOLE and name != "needed_by"]
    return table.astype({**dict.fromkeys(_WHOLE, "Int64"), **dict.fromkeys(words, "str")})


def _counts(pairs: pd.DataFrame) -> Counts:
    """For each group its numbers of distinct people, COUNTS."""
    lacking, sensible, state = known(pairs), pairs["sensible"], pairs["state"]
    counted = pd.MultiIndex.from_frame(pairs[[*KEY, "row"]]).isin(
        pd.MultiIndex.from_frame(pairs.loc[lacking, [*KEY, "row"]])
    )
    chosen = {
        "people": lacking,
        "stopped": sensible & (state == State.STOPPED),
        "french_too": sensible & (state == State.STOPPED) & pairs["french"],
        "to_check": to_ask(pairs),
        "wished": wished(pairs),
        "others": ~sensible & state.isin([State.STOPPED, State.SHORT]) & ~counted,
    }
    table: Any = pd.DataFrame({name: people(pairs, where) for name, where in chosen.items()})
    found: Counts = table.fillna(0).astype("int64").to_dict("index")
    return found


def _work(
    engine: Engine, pairs: pd.DataFrame, base: pd.Series[int], ready: tuple[Ints, ...]
) -> dict[Key, dict[str, Any]]:
    """For each group the positions open to the people it is shown for. `ready`: the people of anywhere who could
    already take one of them."""
    openings, hours = _openings(engine), engine.positions["hours"].fillna(0).to_numpy(np.float64)
    starts = np.array([job.start for job in engine.jobs], "datetime64[D]")
    of_pair = base.reindex(pd.MultiIndex.from_frame(pairs[KEY])).to_numpy()
    chosen = pairs[
        np.select([of_pair == i for i in range(len(BASES))], [basis_of(pairs) for basis_of in BASES], False)
    ]
    found: dict[Key, dict[str, Any]] = {}
    groups: Any = chosen[[*KEY, "job"]].drop_duplicates().groupby(KEY)["job"]
    for key, jobs in groups:
        mine = np.sort(jobs.to_numpy())
        dated = starts[mine][~np.isnat(starts[mine])]
        found[key] = {
            "positions": len(mine),
            "openings": int(openings[mine].sum()),
            "hours": round(float(hours[mine].sum())),
            "ready": len(np.unique(np.concatenate([ready[i] for i in mine]))),
            "needed_by": dated.min() - 1 if len(dated) else np.datetime64("NaT", "D"),
            "occupations": _occupations(engine, mine, openings),
            "position_departments": _departments(engine, mine),
        }
    return found


def _openings(engine: Engine) -> Ints:
    return engine.positions["openings"].fillna(1).to_numpy(np.float64).astype(np.int64)


def _occupations(engine: Engine, jobs: Ints, openings: Ints) -> str:
    """The occupations of some positions, those with the most openings first, three at most."""
    total: dict[str, int] = {}
    reference = occupations()
    for i in jobs:
        code = engine.jobs[i].occupation
        name = reference.label(code) if code else str(engine.positions["title"].fillna("").iloc[i])
        total[name] = total.get(name, 0) + int(openings[i])
    ordered = sorted(total, key=lambda name: (-total[name], name))
    return ", ".join(ordered[:3]) + (" …" if len(ordered) > 3 else "")


def _departments(engine: Engine, jobs: Ints) -> str:
    codes = {str(engine.communes.departments[place]) for i in jobs for place in engine.jobs[i].places}
    return "|".join(sorted(codes))


@dataclass(frozen=True)
class _Place:
    """Where a group stands in the table."""

    effect: str
    rank: int | None
    key: Key
    seats: int | None
    gain: int | None


def _ordered(
    engine: Engine,
    pairs: pd.DataFrame,
    needs: tuple[Needs, ...],
    base: pd.Series[int],
    counts: Counts,
    work: Mapping[Key, Any],
) -> list[_Place]:
    """The groups in the order of the table."""
    lacking = dict(list(pairs[known(pairs)].groupby(KEY)))
    openings = _openings(engine)
    found: list[_Place] = []
    for effect, opens in ((OPENS, True), (NEARER, False)):
        mine = [key for key in _keys(base, LACKED) if _opens(needs[key[0]]) is opens]
        mine.sort(key=lambda key: (-counts[key]["people"], -work[key]["hours"], key))
        edges = {i: _edges(lacking[key]) for i, key in enumerate(mine)}
        steps = in_order(edges, openings, len(engine.people), range(len(mine)))
        found += [
            _Place(effect, rank, mine[step.group], step.seats, len(step.added.people))
            for rank, step in enumerate(steps, start=1)
        ]
    for effect, number, column in ((ASK, ASKED, "to_check"), (WISH, WISHED, "wished")):
        mine = sorted(_keys(base, number), key=lambda key: (-counts[key][column], key))
        found += [_Place(effect, None, key, None, None) for key in mine]
    return found


def _keys(base: pd.Series[int], number: int) -> list[Key]:
    keys: Any = base.index[base == number]
    return list(keys)


def _opens(needs: Needs) -> bool:
    """Whether a hard filter asks for it: French and proofs never set anybody aside."""
    return not all(need.kind == Kind.FRENCH or need == PROOF for need in needs)


def _edges(part: pd.DataFrame) -> Edges:
    pairs = part[["row", "job"]].drop_duplicates()
    return Edges(pairs["row"].to_numpy(), pairs["job"].to_numpy())


def _row(engine: Engine, needs: Needs, key: Key, places: Places, figures: Mapping[str, Any]) -> dict[str, Any]:
    _need, place, month = key
    shown = {name: _shown(figures[name]) if name in COUNTS else value for name, value in figures.items()}
    by = figures["needed_by"]
    row = {
        **shown,
        "need": "|".join(need.text for need in needs),
        "kind": "|".join(dict.fromkeys(_(KIND_LABELS[need.kind]) for need in needs)),
        "label": labels(needs),
        "department": places.department(place),
        "place": places.label(place),
        "month": month_text(month),
        "weeks_left": None if np.isnat(by) else int((by - engine.day) / np.timedelta64(7, "D")),
        "remark": remarks(needs),
    }
    return {**row, "sentence": sentence(needs, row)}


def _shown(count: int) -> int | None:
    """A number of people; nothing when it would say something of a few."""
    return None if 0 < count < MIN_GROUP else int(count)


def people_table(engine: Engine, found: Shortfalls, places: Places) -> pd.DataFrame:
    """For advisers, never for a provider: who lacks what, alone or with another need, and for which positions."""
    pairs = pd.DataFrame({"need": found.need, "row": found.row, "state": found.state, "job": found.job})
    chosen = pairs[found.sensible & pairs["state"].isin(list(STATES))]
    ids = engine.candidates["candidate_id"].to_numpy(dtype=object)
    groups: Any = chosen.groupby(["need", "row", "state"])["job"]
    lines = [
        {
            "candidate_id": ids[row],
            "need": "|".join(need.text for need in found.needs[number]),
            "label": labels(found.needs[number]),
            "state": _(STATES[State(state)]),
            "place": places.label(int(places.of_person[row])),
            "positions": "|".join(engine.jobs[job].position_id for job in sorted(set(jobs))),
        }
        for (number, row, state), jobs in groups
    ]
    columns = ["candidate_id", "need", "label", "state", "place", "positions"]
    table = pd.DataFrame(lines, columns=columns).astype("str")
    return table.sort_values(["need", "state", "candidate_id"], kind="stable", ignore_index=True)
