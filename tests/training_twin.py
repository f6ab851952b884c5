"""Training needs found pair by pair, by giving a person each thing in turn and asking the slow matcher again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from types import SimpleNamespace

import pandas as pd

from matcher.clause import rule_set
from matcher.eligibility import decide
from tests.matching.twin import FRENCH, Row, SlowMatcher, certificates, licences, place_of

PAPERS = {
    "disability": "disability_until",
    "pass_iae": "pass_iae_until",
    "diagnosis": "iae_diagnosis_on",
    "opinion": "adviser_opinion_on",
}
# Code de la route, R221-4 and following: the licence held before.
BEFORE = {"BE": "B", "C1": "B", "C": "B", "D1": "B", "D": "B", "C1E": "C1", "CE": "C", "D1E": "D1", "DE": "D"}
NOT_COURSES = ("CARTE_BTP", "CARTE_CONDUCTEUR")
Entry = tuple[str, str, str, int, bool, bool]  # needs, person, position, state, sensible, French too low


class Slow(SlowMatcher):
    """The slow matcher over people who keep what was known of their lists when they are given one thing more."""

    def whole(self, person: Row, column: str) -> bool:
        return (column == "certificates" and person.get("still whole", False)) or super().whole(person, column)


def certificate(code: str) -> str:
    return f"employer:{code}" if code in NOT_COURSES else f"certificate:{code}"


def give(slow: Slow, person: Row, need: str) -> Row:
    """The person once they have this; the same person where it cannot be had."""
    kind, _colon, code = need.partition(":")
    if kind in ("certificate", "employer"):
        held = (*(person["certificates"] or ()), f"{code}@9999-12-31")
        return {**person, "certificates": held, "still whole": slow.whole(person, "certificates")}
    if kind == "licence":
        held = licences(person["licences"]) or set()
        possible = BEFORE.get(code, code) in held or code not in BEFORE
        return {**person, "licences": (*(person["licences"] or ()), code)} if possible else person
    if kind == "vehicle":
        return {**person, "vehicle": True}
    if code == "right_to_work":
        return {**person, "right_to_work_until": date.max}
    return {**person, PAPERS[code]: date.max if code == "disability" else slow.on}


def offers(slow: Slow, person: Row, position: Row) -> Iterator[str]:
    """What could be given to this person for this position."""
    yield from (certificate(code) for code in certificates(position["certificates"]) if slow.lacking(person, code))
    held = licences(person["licences"])
    wanted = set()
    for code in (
        (position["licences"] or ()) if held is not None and not set(position["licences"] or ()) <= held else ()
    ):
        step = None if code in held else code
        while step:
            wanted.add(step)
            step = BEFORE.get(step)
    yield from (f"licence:{code}" for code in sorted(wanted - (held or set())))
    if position["vehicle"] is True:
        yield "vehicle:vehicle"
    until = person["right_to_work_until"]
    if until is not None and date.min < until < slow.on:
        yield "document:right_to_work"
    for paper, column in PAPERS.items():
        end = person[column]
        valid = end is not None and date.min < end < slow.on
        valid &= paper != "disability" or person["disability"] is True
        valid &= paper != "opinion" or person["adviser_opinion_by"] is not None
        renewed = give(slow, person, f"document:{paper}")
        if valid and slow.outcome(person, position) == "not_eligible" != slow.outcome(renewed, position):
            yield f"document:{paper}"
            return


def entries(slow: Slow, people: list[Row], table: pd.DataFrame, positions: list[Row], weeks: int) -> set[Entry]:
    """Every shortfall of every pair. `table` holds the same people, for the state of their proofs."""
    found: set[Entry] = set()
    for position in positions:
        start = position["start_date"]
        if (start and start <= slow.on + timedelta(weeks=weeks)) or not place_of(position):
            continue
        proofs = _proofs(slow, table, position)
        for person in people:
            sensible = slow.wish(person, position) in ("first", "wished", "near")
            sensible |= slow.practice(person, position) in ("confirmed", "some", "near")
            low = slow.french(person, position) in ("one_below", "below")
            for needs, state in of_pair(slow, person, position, proofs[person["candidate_id"]]):
                if sensible or needs != "document:evidence":
                    found.add((needs, person["candidate_id"], position["position_id"], state, sensible, low))
    return found


def of_pair(slow: Slow, person: Row, position: Row, proof: str) -> Iterator[tuple[str, int]]:
    if slow.first_filter(person, position) is None:
        yield from _near(slow, person, position, proof)
        return
    things = list(dict.fromkeys(offers(slow, person, position)))
    alone = [thing for thing in things if slow.first_filter(give(slow, person, thing), position) is None]
    yield from ((thing, 0) for thing in alone)
    if not alone:
        for one, other in combinations(things, 2):
            both = (give(slow, give(slow, person, a), b) for a, b in ((one, other), (other, one)))
            if any(slow.first_filter(given, position) is None for given in both):
                yield "|".join(sorted((one, other))), 0


def _near(slow: Slow, person: Row, position: Row, proof: str) -> Iterator[tuple[str, int]]:
    start = position["start_date"] or slow.on
    held = certificates(person["certificates"])
    if position["french_min"]:
        known, asked = person["french_level"], position["french_min"]
        if known is None or FRENCH.index(known) < FRENCH.index(asked):
            yield f"french:{asked}", 3 if known is None else 1
    required = certificates(position["certificates"])
    for code in required:
        if code in held and held[code] < start:
            yield certificate(code), 1
        if code not in held and not slow.whole(person, "certificates"):
            yield certificate(code), 3
    for code in set(certificates(position["certificates_wished"])) - set(required):
        if held[code] < start if code in held else slow.whole(person, "certificates"):
            yield certificate(code), 2
    if person["licences"] is None:
        yield from ((f"licence:{code}", 3) for code in position["licences"] or ())
    if position["vehicle"] is True and person["vehicle"] is None:
        yield "vehicle:vehicle", 3
    if person["right_to_work_until"] is not None and person["right_to_work_until"] < start:
        yield "document:right_to_work", 1
    if proof in ("stale", "missing"):
        yield "document:evidence", 1 if proof == "stale" else 3


def _proofs(slow: Slow, table: pd.DataFrame, position: Row) -> dict[str, str]:
    """The best state of proof of each person who meets one of the position's rules; empty for others."""
    best = dict.fromkeys(table["candidate_id"], "")
    order = ["", "missing", "stale", "seen"]
    row = SimpleNamespace(**{**position, "categories": "|".join(position["categories"] or ()) or None})
    for rule in rule_set(row, slow.rules).rules:
        decided = decide(
            table, rule.pack, on=slow.on, mode=rule.mode, categories=rule.categories, assume_no=slow.assume_no
        )
        for one in decided.itertuples():
            if one.outcome == "eligible":
                best[one.candidate_id] = max(best[one.candidate_id], one.proof, key=order.index)
    return best


def most(edges: set[tuple[int, int]], openings: dict[int, int]) -> int:
    """The most pairs with each person once and each position at most `openings` times, by augmenting paths."""
    taken: dict[int, list[int]] = {job: [] for _person, job in edges}

    def place(person: int, seen: set[int]) -> bool:
        for who, job in sorted(edges):
            if who == person and job not in seen:
                seen.add(job)
                if len(taken[job]) < openings[job]:
                    taken[job].append(person)
                    return True
                for i, other in enumerate(taken[job]):
                    if place(other, seen):
                        taken[job][i] = person
                        return True
        return False

    return sum(place(person, set()) for person in sorted({who for who, _job in edges}))
