"""How often one caller may ask: token buckets, in the memory of each process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_CALLERS = 10_000  # the least recent ones are forgotten, so that made-up addresses cannot fill the memory


@dataclass
class _Bucket:
    left: float
    at: float


class Rates:
    """`per_second` on average, `burst` at once, for each caller."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, caller: str, at: float, *, take: float = 1.0) -> float:
        """Seconds to wait before the next request; 0 when this one may go. `at`: a monotonic clock, in seconds."""
        with self._lock:
            bucket = self._buckets.pop(caller, None) or _Bucket(self._burst, at)
            bucket.left = min(self._burst, bucket.left + max(at - bucket.at, 0.0) * self._per_second)
            bucket.at = at
            short = max(take, 1.0) - bucket.left
            if short <= 0:
                bucket.left -= take
            self._buckets[caller] = bucket
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
            return max(short, 0.0) / self._per_second
