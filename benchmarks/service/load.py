"""200 clients for a minute, reading and writing, over 85 510 people and 1 000 positions.

python -m benchmarks.service.load [--database sqlite|postgresql] [--clients 200] [--seconds 60] [--pause 0]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.service.stand import Stand, database, environment, fill, organise, tables

# What a working day of many advisers and facilitators asks, in shares of the requests.
MIX = {
    "GET shortlist": 30,
    "GET positions of a person": 25,
    "GET pair": 10,
    "GET proposals": 10,
    "PUT candidates (1)": 10,
    "POST proposals": 10,
    "PUT positions (1)": 5,
}
EXPECTED = {200, 201, 409}


@dataclass
class Tally:
    """Seconds of each request by route, statuses, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)


@dataclass
class Client:
    """One keep-alive connection that asks at random in the name of one organisation."""

    port: int
    key: str
    people: list[dict[str, Any]]
    positions: list[dict[str, Any]]
    every_position: list[dict[str, Any]]
    draw: random.Random
    tally: Tally

    def request(self) -> tuple[str, str, str, Any]:
        kind = self.draw.choices(list(MIX), list(MIX.values()))[0]
        person, job = self.draw.choice(self.people), self.draw.choice(self.positions)
        who, where = person["candidate_id"], job["position_id"]
        if kind == "GET shortlist":
            return kind, "GET", f"/positions/{where}/shortlist?top=20", None
        if kind == "GET positions of a person":
            return kind, "GET", f"/candidates/{who}/positions?top=20", None
        if kind == "GET pair":
            anywhere = self.draw.choice(self.every_position)["position_id"]
            return kind, "GET", f"/positions/{anywhere}/candidates/{who}", None
        if kind == "GET proposals":
            return kind, "GET", "/proposals?limit=20", None
        if kind == "PUT candidates (1)":
            row = {"candidate_id": who, "max_distance_km": self.draw.randint(5, 60)}
            return kind, "PUT", "/candidates", {"candidates": [row]}
        if kind == "POST proposals":
            return kind, "POST", "/proposals", {"position_id": where, "candidate_id": who}
        row = {**job, "hours": self.draw.randint(100, 900)}
        return kind, "PUT", "/positions", {"positions": [row]}

    async def run(self, until: float, pause: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while time.perf_counter() < until:
            kind, method, path, body = self.request()
            started = time.perf_counter()
            status, text = await self.ask(reader, writer, method, path, body)
            self.tally.seconds[kind].append(time.perf_counter() - started)
            self.tally.statuses[kind, status] += 1
            if status not in EXPECTED:
                self.tally.wrong[f"{kind} {status} {text[:160].decode(errors='replace')}"] += 1
            if pause:
                await asyncio.sleep(self.draw.expovariate(1 / pause))
        writer.close()

    async def ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, body: Any
    ) -> tuple[int, bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        await writer.drain()
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(answer.split(" ", 2)[1])
        length = answer.partition("content-length:")[2].partition("\r\n")[0].strip()
        return status, await reader.readexactly(int(length or 0))


async def storm(stand: Stand, people: Any, positions: Any, clients: int, seconds: float, pause: float) -> Tally:
    """Everything at once; what came of it."""
    tally, names = Tally(), list(stand.keys)
    until = time.perf_counter() + seconds
    runs = []
    for number in range(clients):
        turn = number % len(names)
        mine = people[turn :: len(names)], positions[turn :: len(names)]
        client = Client(stand.port, stand.keys[names[turn]], *mine, positions, random.Random(number), tally)
        runs.append(client.run(until, pause))
    for found in await asyncio.gather(*runs, return_exceptions=True):
        if isinstance(found, BaseException):
            tally.wrong[f"{type(found).__name__} {found}"] += 1
    return tally


def report(tally: Tally, seconds: float) -> None:
    """The table of figures."""
    total = sum(len(one) for one in tally.seconds.values())
    print(f"{total} requests, {total / seconds:.0f}/s; wrong: {sum(tally.wrong.values())}")
    print("| route | requests | p50 | p99 | max | statuses |\n|---|---:|---:|---:|---:|---|")
    for kind in MIX:
        spent = 1000 * np.array(tally.seconds.get(kind, [0.0]))
        statuses = {status: count for (name, status), count in sorted(tally.statuses.items()) if name == kind}
        p50, p99 = np.percentile(spent, (50, 99))
        print(f"| {kind} | {len(spent)} | {p50:.0f} ms | {p99:.0f} ms | {spent.max():.0f} ms | {statuses} |")
    for what, count in tally.wrong.most_common(10):
        print(f"WRONG × {count}: {what}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--people", type=int, default=85_510)
    parser.add_argument("--positions", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0, help="mean seconds between the requests of one client")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    people, positions = tables(asked.people, asked.positions)
    with tempfile.TemporaryDirectory() as name, database(asked.database, Path(name)) as address:
        stand = Stand(Path(name), environment(address), asked.workers)
        organise(stand)
        stand.start()
        try:
            print(f"filled in {fill(stand, people, positions):.1f} s; memory {stand.memory():.2f} GiB")
            key = next(iter(stand.keys.values()))
            started = time.perf_counter()
            stand.ask("GET", f"/positions/{positions[0]['position_id']}/shortlist", key)
            print(f"first list in {time.perf_counter() - started:.1f} s; memory {stand.memory():.2f} GiB")
            tally = asyncio.run(storm(stand, people, positions, asked.clients, asked.seconds, asked.pause))
            report(tally, asked.seconds)
            print(f"memory {stand.memory():.2f} GiB")
        finally:
            print(f"stopped with status {stand.stop()}")
        print(stand.command("audit", "verify").strip())


if __name__ == "__main__":
    main()
