"""Searches on an existing dask cluster, through joblib's dask backend.

A task carries its people and positions, so that workers need no shared disk and a task lost with its worker is done
again by another. Tasks and answers travel by pickle, as all that dask sends: the cluster must be one's own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any

from matcher.errors import ClausematchError, EnvironmentFault
from matcher.locale import _
from matcher.partitions.gathered import Tasks
from matcher.partitions.search import Task, search

CONNECT_SECONDS = 5
WORKER_SECONDS = 15  # without any worker, at the start; a cluster that grows on demand needs some
LOST_SECONDS = 60  # without any worker, or without the scheduler, in the middle of the work
MOST_SLOTS = 512
AHEAD = 2  # tasks sent for each core, so that no worker waits for the next one

Answer = tuple[int, bytes | BaseException]


class Cluster(AbstractContextManager["Cluster"]):
    """A connection to a scheduler; `run` is a Runner. Raises EnvironmentFault when it cannot serve."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = _connected(address)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close(timeout=CONNECT_SECONDS)

    def run(self, tasks: Tasks) -> Iterator[tuple[int, bytes]]:
        """Answers as they end. Raises what a task raised, EnvironmentFault when the cluster is lost."""
        feed = _Feed(tasks)
        answers: SimpleQueue[Answer | None] = SimpleQueue()
        slots = min(MOST_SLOTS, AHEAD * self._cores())
        for _slot in range(slots):
            # Not a pool: one that waits for a lost cluster must not keep the program from ending.
            Thread(target=self._serve, args=(feed, answers), daemon=True).start()
        open_, seen = slots, monotonic()
        while open_:
            try:
                answer = answers.get(timeout=1)
            except Empty:
                seen = monotonic() if self._alive() else seen
                if monotonic() - seen > LOST_SECONDS:
                    raise self._lost() from None
                continue
            seen = monotonic()
            if answer is None:
                open_ -= 1
            elif isinstance(answer[1], BaseException):
                raise self._said(answer[1]) from None
            else:
                yield answer[0], answer[1]

    def _serve(self, feed: _Feed, answers: SimpleQueue[Answer | None]) -> None:
        """One task after the other through joblib, until none is left."""
        from joblib import Parallel, delayed, parallel_config

        number = -1
        try:
            with parallel_config(backend="dask", client=self._client, wait_for_workers_timeout=WORKER_SECONDS):
                parallel = Parallel(batch_size=1)
                while (given := feed.take()) is not None:
                    number, task = given
                    answers.put((number, parallel([delayed(search)(task)])[0]))
        except BaseException as error:  # told by the thread that waits
            answers.put((number, error))
        answers.put(None)

    def _cores(self) -> int:
        """Cores of the cluster; waits for the first worker."""
        try:
            self._client.wait_for_workers(1, timeout=WORKER_SECONDS)
            return max(1, sum(map(int, self._client.ncores().values())))
        except (OSError, TimeoutError):
            raise EnvironmentFault(
                _("L'ordonnanceur {address} n'a aucun worker.").format(address=self._address),
                _("Démarrer des workers (dask worker {address}), puis relancer.").format(address=self._address),
            ) from None

    def _alive(self) -> bool:
        """Whether the scheduler answers and has a worker, by what the connection last heard."""
        return self._client.status == "running" and bool(self._client.scheduler_info()["workers"])

    def _lost(self) -> EnvironmentFault:
        return EnvironmentFault(
            _("L'ordonnanceur {address}, ou tous ses workers, ne répondent plus.").format(address=self._address),
            _("Vérifier la grappe, puis relancer ; avec --work, les parties finies ne seront pas refaites."),
        )

    def _said(self, error: BaseException) -> BaseException:
        """An error of a task in words, where it is the cluster's doing."""
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker

        if isinstance(error, ClausematchError):
            return error
        if isinstance(error, KilledWorker):
            return EnvironmentFault(
                _("Une partie a fait tomber plusieurs workers de suite, sans doute faute de mémoire."),
                _("Donner --memory, la mémoire d'un worker : les parties seront plus petites."),
            )
        if isinstance(error, ImportError):
            return EnvironmentFault(
                _("Un worker ne connaît pas clausematch ({name}).").format(name=error.name or type(error).__name__),
                _("Installer la même version de clausematch sur chaque worker."),
            )
        return self._lost() if isinstance(error, CancelledError | OSError) else error


class _Feed:
    """Tasks taken by several threads, each made when it is taken."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = iter(tasks)
        self._lock = Lock()

    def take(self) -> tuple[int, Task] | None:
        with self._lock:
            found = next(self._tasks, None)
            return None if found is None else (found[0], found[1]())


def _connected(address: str) -> Any:
    """A client of the scheduler. Raises EnvironmentFault within a few seconds."""
    try:
        from distributed import Client
    except ImportError:
        raise EnvironmentFault(
            _("--engine dask demande dask, qui n'est pas installé."),
            _('L\'installer : pip install "clausematch[dask]".'),
        ) from None
    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we say in words what the matter is
    try:
        asyncio.run(_knock(address))
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # distributed has no types
    except (OSError, ValueError, TypeError, RuntimeError):
        raise EnvironmentFault(
            _("Aucun ordonnanceur dask ne répond à {address}.").format(address=address),
            _("Vérifier l'adresse (tcp://machine:8786 ou tls://machine:8786), le réseau et les certificats TLS."),
        ) from None


async def _knock(address: str) -> None:
    """Whether dask listens there: a client would wait for good for anything else that accepts and stays silent."""
    from distributed import core
    from distributed.security import Security

    how = Security().get_connection_args("client")  # type: ignore[no-untyped-call]  # distributed has no types
    comm = await asyncio.wait_for(core.connect(address, timeout=CONNECT_SECONDS, **how), CONNECT_SECONDS + 1)  # type: ignore[no-untyped-call, attr-defined]  # as above
    await comm.close()
