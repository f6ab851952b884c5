"""How long the server takes for each main page, and what travels, with 85 510 people and 1 000 positions.

python -m benchmarks.service.pages [--people 85510] [--positions 1000] [--times 100] [--organisations 20]

One visitor at a time: the time is the server's, from the request to the last byte, on this machine. The first page is
the start page with its style, scripts and icon, all of them new to the browser.
"""

from __future__ import annotations

import argparse
import gzip
import re
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np

from benchmarks.service.stand import Stand, database, environment, fill, organise, tables

COOKIE = re.compile(r"clausematch-session=[^;]+")
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


class Visitor:
    """One connection of a browser that is signed in."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookie = ""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/welcome", urlencode({"key": key, "back": "/"}), kind)
        answer = self.connection.getresponse()
        answer.read()
        found = COOKIE.search(answer.getheader("Set-Cookie") or "")
        if found is None:
            raise SystemExit(f"POST /welcome: {answer.status}")
        self.cookie = found[0]

    def get(self, address: str) -> tuple[int, bytes, int, float]:
        """Status, content, bytes of the body that travelled, seconds."""
        head = {"Accept": "text/html", "Accept-Encoding": "gzip", "Cookie": self.cookie}
        started = time.perf_counter()
        self.connection.request("GET", address, headers=head)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - started
        whole = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
        return answer.status, whole, len(body), took


def measure(visitor: Visitor, address: str, times: int) -> tuple[float, float, int]:
    """Median and 99th percentile in milliseconds, bytes of the body."""
    seconds, size = [], 0
    for _again in range(times):
        status, _content, size, took = visitor.get(address)
        if status != 200:
            raise SystemExit(f"{address}: {status}")
        seconds.append(took)
    p50, p99 = np.percentile(seconds, [50, 99])
    return 1000 * float(p50), 1000 * float(p99), size


def addresses(visitor: Visitor, person: str, position: str) -> dict[str, str]:
    """Names of the main pages and where they are; those that this version does not have are left out."""
    one, job = f"/people/{quote(person, safe='')}", f"/positions/{quote(position, safe='')}"
    known = {
        "today": "/",
        "people": "/people",
        "people, search": "/people?q=P0",
        "person": one,
        "person, facts": f"{one}/edit",
        "sheet to hand over": f"{one}/sheet",
        "person and position": f"{one}/positions/{quote(position, safe='')}",
        "positions": "/positions",
        "position, shortlist": job,
        "position, fairness": f"{job}/fairness",
        "company sheet": f"{job}/company-sheet",
        "proposals": "/proposals",
        "awards": "/awards",
        "imports": "/imports",
        "feasibility": "/feasibility",
        "duplicates": "/duplicates",
        "indicators": "/indicators",
        "about": "/about",
    }
    return {name: address for name, address in known.items() if visitor.get(address)[0] == 200}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=85_510)
    parser.add_argument("--positions", type=int, default=1_000)
    parser.add_argument("--organisations", type=int, default=20)
    parser.add_argument("--times", type=int, default=100)
    given = parser.parse_args()
    people, positions = tables(given.people, given.positions)
    with tempfile.TemporaryDirectory() as name, database("sqlite", Path(name)) as address:
        stand = Stand(Path(name), environment(address))
        stand.start()
        try:
            organise(stand, given.organisations)
            print(f"filled in {fill(stand, people, positions):.0f} s")
            visitor = Visitor(stand.port, stand.keys["org00"])
            found = addresses(visitor, str(people[0]["candidate_id"]), str(positions[0]["position_id"]))
            _status, start, _size, _took = visitor.get("/")
            assets = {one: visitor.get(one)[2] for one in sorted(set(ASSET.findall(start.decode())))}
            print("| page | p50, ms | p99, ms | kB (gzip) |\n|---|---:|---:|---:|")
            first = 0
            for title, where in found.items():
                p50, p99, size = measure(visitor, where, given.times)
                first = size if where == "/" else first
                print(f"| {title} | {p50:.0f} | {p99:.0f} | {size / 1000:.1f} |")
            print(f"first page with its {len(assets)} files: {(first + sum(assets.values())) / 1000:.1f} kB")
        finally:
            stand.stop()


if __name__ == "__main__":
    main()
