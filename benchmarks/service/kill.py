"""kill -9 of a worker in the middle of upserts and proposals, again and again.

    python -m benchmarks.service.kill [--database sqlite|postgresql] [--times 20]

Afterwards every acknowledged change must be there, none may be half done, and the log must be one whole chain.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.service.stand import Stand, database, environment, fill, organise, tables

PEOPLE, POSITIONS, ROUND = 2000, 50, 1000


def write(stand: Stand, people: Any, positions: Any, seed: int, told: dict[str, Any]) -> None:
    """`ROUND` upserts and proposals of one organisation; what the server acknowledged goes into `told`."""
    draw = random.Random(seed)
    key = stand.keys["org00"]
    for number in range(ROUND // 4):
        person, job = draw.choice(people), draw.choice(positions)
        who, where = person["candidate_id"], job["position_id"]
        if draw.random() < 0.6:
            value = float(draw.randint(1, 10_000))
            body = {"candidates": [{"candidate_id": who, "max_distance_km": value}]}
            told[f"try {who}"] = {*told.get(f"try {who}", set()), value}
            status, _answer = stand.ask("PUT", "/candidates", key, body)
            if status == 200:
                told[f"km {who}"] = value
                told[f"try {who}"] = set()
        else:
            name = f"{seed}-{number}"
            body = {"position_id": where, "candidate_id": who}
            status, answer = stand.ask("POST", "/proposals", key, body, **{"Idempotency-Key": name})
            if status == 201:
                told[f"proposal {answer['proposal_id']}"] = (where, who)


def check(stand: Stand, told: dict[str, Any]) -> list[str]:
    """What was acknowledged and is not there."""
    lost = []
    key = stand.keys["org00"]
    for name, value in told.items():
        kind, _space, which = name.partition(" ")
        if kind == "km":
            _status, file = stand.ask("GET", f"/candidates/{which}/file", key)
            seen = float(file["facts"]["max_distance_km"])
            if seen != value and seen not in told.get(f"try {which}", ()):
                lost.append(f"{name}: {seen} instead of {value}")
        elif kind == "proposal" and stand.ask("GET", f"/proposals/{which}", key)[0] != 200:
            lost.append(name)
    return lost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    people, positions = tables(PEOPLE, POSITIONS)
    people = [{**person, "objection": None} for person in people]
    with tempfile.TemporaryDirectory() as name, database(asked.database, Path(name)) as address:
        stand = Stand(Path(name), environment(address), workers=2)
        organise(stand, 1)
        stand.start()
        fill(stand, people, positions)
        told: dict[str, Any] = {}
        draw = random.Random(7)
        killed = 0
        for turn in range(asked.times):
            writers = [
                threading.Thread(target=write, args=(stand, people[part::4], positions, 10 * turn + part, told))
                for part in range(4)
            ]
            for one in writers:
                one.start()
            time.sleep(draw.uniform(0.2, 1.5))
            workers = stand.family()[1:]
            if workers:
                os.kill(draw.choice(workers), signal.SIGKILL)
                killed += 1
            for one in writers:
                one.join()
        lost = check(stand, told)
        print(f"{asked.database}: {killed} workers killed, {len(told)} facts acknowledged, lost: {len(lost)}")
        for one in lost[:10]:
            print("LOST", one)
        print(f"stopped with status {stand.stop()}")
        print(stand.command("audit", "verify").strip())


if __name__ == "__main__":
    main()
