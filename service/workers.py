"""Several server processes on one socket: each takes the next connection, whoever dies is replaced.

The parent holds the socket and no data. A worker is a fresh process (`python -m service.workers SOCKET`), so nothing
of the parent's threads or libraries is shared by halves. Limits of rates, queues and the people in memory are each
worker's own; the counters of `/metrics` are shared through files.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import multiprocess

from matcher.errors import EnvironmentFault
from matcher.locale import _
from service import journal
from service.meters import SHARED
from service.settings import Settings

LOOK_EVERY = 0.2  # seconds
# A worker that ends sooner did not really start: one that was killed; one that gave up by itself, which on a busy
# machine takes it the time to load everything.
SHORT_LIFE, SHORT_LIFE_BY_ITSELF = 5.0, 60.0  # seconds
MOST_SHORT_LIVES = 5
MARGIN = 5.0  # beyond the time that a worker takes to stop by itself


class Workers:
    """The processes of one server. `run` lasts until SIGTERM or SIGINT."""

    def __init__(self, listener: socket.socket, number: int, settings: Settings, counters: Path) -> None:
        self._listener = listener
        self._number = number
        self._patience = settings.stop_seconds + MARGIN
        self._counters = counters
        self._living: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._short_lives = 0
        self._stopping = threading.Event()

    def run(self) -> None:
        """Keep the processes up. Raises EnvironmentFault when they cannot start."""
        with self._told_to_stop():
            try:
                while not self._stopping.is_set():
                    self._bury()
                    while len(self._living) < self._number:
                        self._start()
                    self._stopping.wait(LOOK_EVERY)
            finally:
                self._stop()

    def _start(self) -> None:
        name = self._listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "service.workers", str(name)],
            pass_fds=(name,),
            env={**os.environ, SHARED: str(self._counters)},
        )
        self._living[process.pid] = (process, time.monotonic())
        journal.log.info("worker.start", worker=process.pid)

    def _bury(self) -> None:
        for pid, (process, since) in list(self._living.items()):
            status = process.poll()
            if status is None:
                continue
            del self._living[pid]
            multiprocess.mark_process_dead(pid, str(self._counters))  # type: ignore[no-untyped-call]
            journal.log.warning("worker.end", worker=pid, status=status)
            short = SHORT_LIFE if status < 0 else SHORT_LIFE_BY_ITSELF
            self._short_lives = self._short_lives + 1 if time.monotonic() - since < short else 0
            if self._short_lives >= MOST_SHORT_LIVES:
                raise EnvironmentFault(
                    _("Les processus du service s'arrêtent dès leur départ."),
                    _("Voir le journal technique (sortie d'erreur), puis les réglages."),
                )

    def _stop(self) -> None:
        deadline = time.monotonic() + self._patience
        self._listener.close()  # else callers would go on queueing on a socket that nobody answers any more
        for process, _since in self._living.values():
            process.send_signal(signal.SIGTERM)
        for process, _since in self._living.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextmanager
    def _told_to_stop(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, lambda *_: self._stopping.set()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(listener: socket.socket, number: int, settings: Settings) -> None:
    """Answer with several processes until SIGTERM or SIGINT. Raises EnvironmentFault."""
    journal.start()
    counters = Path(tempfile.mkdtemp(prefix="clausematch-"))
    try:
        Workers(listener, number, settings, counters).run()
    finally:
        listener.close()
        shutil.rmtree(counters, ignore_errors=True)


def work(name: int) -> None:
    """One worker: serve on the inherited socket until told to stop, or until the parent is gone."""
    from service import server
    from service.work import warm_up

    parent = os.getppid()

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    warm_up()
    server.serve(socket.socket(fileno=name), Settings().checked())


if __name__ == "__main__":
    work(int(sys.argv[1]))
