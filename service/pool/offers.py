"""One person against every position that looks for people: the tables of the facets read along one line.

What `matcher.board.Board` answers for a fixed set of people and positions, without its memory, and for people and
positions that come and go: each demand is looked up where it was answered, or answered then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.board import Suited
from matcher.facets import Facet, View
from matcher.resolve.cells import Bools, Ints
from service.pool.crowd import Crowd
from service.pool.openings import Demands, Openings

# Facets that read lists of words, by their first feature: the column that holds these. Numbers of words are those of
# one table of people; texts are the same in all.
_WORDS: Mapping[str, str] = {
    "certificates": "certificates",
    "wished_certificates": "certificates",
    "skills": "skills",
    "wish": "occupations",
    "practice": "experience",
    "experience": "experience",
}


def suited(crowd: Crowd, row: int, base: Crowd, openings: Openings) -> Suited:
    """The open positions for which somebody passes every hard filter, higher raw score first, equal ones in the order
    of their identifiers."""
    engine = crowd.engine
    left = np.flatnonzero(openings.open_to(engine.decisions, row))
    raw = np.full(len(left), engine.card.base, np.int64)
    seen = [(*_stand_in(crowd, row, base, place), demands) for place, demands in enumerate(openings.demands)]
    # Those whose filters are looked at first leave less to look at for the others.
    for view, person, demands in sorted(seen, key=lambda one: not one[0].facet.filters):
        asked, of_left = np.unique(demands.of_position[left], return_inverse=True)
        points, good = _line(view, demands, asked.tolist(), person)
        kept = good[of_left]
        raw = raw[kept] + points[of_left[kept]]
        left = left[kept]
    order = np.argsort(-raw, kind="stable")
    return Suited(left[order], raw[order])


def warm(crowd: Crowd, openings: Openings) -> None:
    """Answer every demand beforehand, so that the first questions are as quick as the next ones."""
    _ends = crowd.rows.ends  # worked out once for these rows
    for view, demands in zip(crowd.engine.views, openings.demands, strict=True):
        view.answers(demands.keys, demands.jobs)


def _stand_in(crowd: Crowd, row: int, base: Crowd, place: int) -> tuple[View, int]:
    """Where to look for what facet number `place` says of somebody: in the large tables, on the line of anybody there
    who is alike in all that the facet reads (whoever changed mostly changed one thing), else on their own line."""
    view = base.engine.views[place]
    if crowd is base:
        return view, row
    alike: Bools = np.ones(len(base.rows), bool)
    for mine, theirs in _columns(view.facet, crowd, row, base):
        alike &= theirs == mine if mine == mine else theirs != theirs  # an unknown number is not equal to itself
    found = int(alike.argmax()) if len(alike) else 0
    return (view, found) if len(alike) and alike[found] else (crowd.engine.views[place], row)


def _columns(facet: Facet, crowd: Crowd, row: int, base: Crowd) -> list[tuple[Any, Any]]:
    """For each column that a facet reads, the person's value and everybody's in the large tables."""
    column = _WORDS.get(facet.features[0])
    if column is not None:
        texts = base.rows.texts(column)
        cell = crowd.rows.table[column].iloc[row]
        return [(texts[1].get(cell, -2) if isinstance(cell, str) else -1, texts[0])]
    mine, theirs = facet.person(crowd.engine.people), facet.person(base.engine.people)
    return [(one[row], many) for one, many in zip(mine, theirs, strict=True)]


def _line(view: View, demands: Demands, asked: list[int], person: int) -> tuple[Ints, Bools]:
    """For each demand asked the person's points, and whether none of the facet's filters sets them aside."""
    jobs = [demands.jobs[number] for number in asked]
    answers = view.answers([demands.keys[number] for number in asked], jobs)
    mine = int(view.classes[person])
    points = [one.least + one.above_one(person) if one.spread else one.least for one in answers]
    good = [not any(verdict[mine] for verdict in one.lacks.values()) for one in answers]
    return np.array(points, np.int64), np.array(good, bool)
