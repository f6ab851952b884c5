"""What a role's part of the start page is made of."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 10  # lines of a block
WAITING_DAYS, SOON_DAYS, PAPER_DAYS, IMPORTED_DAYS = 7, 30, 60, 7


@dataclass(frozen=True)
class Line:
    """One thing to look at: where to act, what it is, what is to be known of it, and a stage where there is one."""

    address: str
    text: str
    note: str = ""
    stage: str = ""


@dataclass(frozen=True)
class Block:
    """Things of one kind that wait: how many, the first ones, where all are, and what to say when nothing waits.

    `count` is None where counting means nothing; `act` are addresses with their words.
    """

    key: str
    title: str
    count: int | None
    lines: tuple[Line, ...]
    empty: str
    hint: str = ""
    act: tuple[tuple[str, str], ...] = ()
