"""From scores to lists: the best of each position, at most M lists per person, a floor when asked.

`order` says who comes first at one position, `lists` shares people between positions. The rest serves them:
`graph` (edges and the goal), `reduce` (what need not be solved), `linear` (HiGHS), `flow` (OR-tools if installed),
`prices` (the proof, and the reasons), `ties` (one answer among equals), `greedy` (above a size, with a bound on what
it loses), `floor` (places kept for recipients of the RSA).
"""

from matcher.allocation.floor import Floor, recipients
from matcher.allocation.lists import Allocation, Worth, allocate
from matcher.allocation.order import LEAST_RESERVE, RESERVE, Ranked, best, reserve, tie_order

__all__ = [
    "LEAST_RESERVE",
    "RESERVE",
    "Allocation",
    "Floor",
    "Ranked",
    "Worth",
    "allocate",
    "best",
    "recipients",
    "reserve",
    "tie_order",
]
