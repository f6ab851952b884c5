"""What a server counts, for Prometheus: requests, times, faults, the pool, the connections, the end of the log.

With several worker processes (`clausematch serve --workers`) the counters are those of all of them, kept in the files
of PROMETHEUS_MULTIPROC_DIR; what describes the memory of one process (pool, connections) is that of the worker that
answers, named by the label `worker`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import select
from sqlalchemy.pool import QueuePool

from matcher.errors import ClausematchError
from service.store import tables as t
from service.store.database import Store

if TYPE_CHECKING:
    from service.pool import Pool

SHARED = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meters:
    """The counters of one application."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("clausematch_requests", "Requests answered.", labels, registry=own)
        self._seconds = Histogram(
            "clausematch_request_seconds", "Time to answer.", ("method", "route"), buckets=BUCKETS, registry=own
        )
        self._under_way = Gauge(
            "clausematch_requests_in_progress", "Requests under way.", multiprocess_mode="livesum", registry=own
        )
        self._faults = Counter("clausematch_faults", "Failures of the database or of the machine.", registry=own)
        self._defects = Counter("clausematch_defects", "Unforeseen errors, answered by a 500.", registry=own)

    def begin(self) -> float:
        """A request came: the instant to give to `end`."""
        self._under_way.inc()
        return time.perf_counter()

    def end(self, started: float, method: str, route: str, status: int) -> float:
        """It was answered: how many seconds it took. `route` is a pattern, never the address."""
        took = time.perf_counter() - started
        self._under_way.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(took)
        return took

    def fault(self) -> None:
        """The database or the machine failed a request."""
        self._faults.inc()

    def defect(self) -> None:
        """A request met an error that nothing foresaw."""
        self._defects.inc()

    def text(self, store: Store, pool: Pool) -> str:
        """Everything, in the text format of Prometheus."""
        shared = os.environ.get(SHARED)
        counted: CollectorRegistry = self._registry
        if shared:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, shared)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Now(store, pool))
        return (generate_latest(counted) + generate_latest(now)).decode()


class _Now:
    """What is read at the moment of the question."""

    def __init__(self, store: Store, pool: Pool) -> None:
        self._store, self._pool = store, pool

    def collect(self) -> Iterator[GaugeMetricFamily]:
        worker = str(os.getpid())
        yield from self._memory(worker)
        yield from self._connections(worker)
        yield from self._head()

    def _memory(self, worker: str) -> Iterator[GaugeMetricFamily]:
        now = self._pool.loaded
        people = GaugeMetricFamily("clausematch_pool_people", "People in memory.", labels=["worker"])
        seq = GaugeMetricFamily("clausematch_pool_seq", "Last log entry that the memory includes.", labels=["worker"])
        people.add_metric([worker], 0 if now is None else len(now))
        seq.add_metric([worker], 0 if now is None else now.head)
        yield from (people, seq)

    def _connections(self, worker: str) -> Iterator[GaugeMetricFamily]:
        used = GaugeMetricFamily("clausematch_database_connections", "Connections in use.", labels=["worker"])
        pool = self._store.engine.pool
        if isinstance(pool, QueuePool):
            used.add_metric([worker], pool.checkedout())
        yield used

    def _head(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("clausematch_database_up", "1 when the database answers.")
        entry = GaugeMetricFamily("clausematch_log_seq", "Number of the last entry of the log.")
        data = GaugeMetricFamily("clausematch_data_seq", "Last entry that changed people or positions.")
        try:
            with self._store.read() as connection:
                head = connection.execute(select(t.head)).one()
        except ClausematchError:
            up.add_metric([], 0)
        else:
            up.add_metric([], 1)
            entry.add_metric([], head.seq)
            data.add_metric([], head.data_seq)
        yield from (up, entry, data)
