"""What one instance of the service is told. Sizes are in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Settings:
    """`hosts`: the names the service answers to (a browser tricked by DNS rebinding says another one).

    `max_parallel` computations run at once, `max_waiting` more requests wait their turn, the next ones are told to
    come back. `max_pairs` bounds people × positions of one request, `max_listed` the lines its lists may hold.
    """

    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    max_body_bytes: int = 32 << 20
    max_rows: int = 200_000
    max_pairs: int = 50_000_000
    max_listed: int = 200_000
    max_parallel: int = 2
    max_waiting: int = 8
    retry_after: int = 5
    body_seconds: float = 30.0
    stop_seconds: int = 30
