"""What those who run the service watch: is it alive, is it ready, what does it count."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import select

from matcher.errors import EnvironmentFault
from matcher.locale import _
from service.access.principals import Role
from service.clock import local_day
from service.journal import log, place
from service.problems import Problem
from service.routing import Answer, Call, Route
from service.store import migrate
from service.store import tables as t

if TYPE_CHECKING:
    from service.desk import Office

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def metrics(call: Call) -> Answer:
    """The counters, in the text format of Prometheus."""
    assert call.meters is not None
    return Answer(call.meters.text(call.store, call.pool), media_type=PROMETHEUS)


METRICS = Route(
    "GET",
    "/metrics",
    "metrics",
    "Compteurs du service",
    "Format texte de Prometheus : demandes, durées, erreurs, mémoire, base, fin du journal. Rien de personnel.",
    metrics,
    frozenset({Role.AUDITOR, Role.ADMIN}),
    media_type="text/plain",
)
ROUTES = (METRICS,)


class Readiness:
    """Whether a server can answer everything: its database, the steps of its tables, its people in memory."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._loading: threading.Thread | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Wait for the loading under way, if any: a thread cut in the middle of a computation takes the process with
        it."""
        with self._lock:
            loading = self._loading
        if loading is not None:
            loading.join()

    def load(self) -> None:
        """Bring people and positions into memory, in the background, unless it is under way or done."""
        with self._lock:
            busy = self._loading is not None and self._loading.is_alive()
            if self._office.pool.loaded is None and not busy:
                self._loading = threading.Thread(target=self._refresh, name="load", daemon=True)
                self._loading.start()

    def _refresh(self) -> None:
        try:
            self._office.pool.refresh(local_day(self._office.clock()))
        except Exception as error:  # the next question tries again
            log.error("pool.load.failed", kind=type(error).__name__, at=place(error))

    def check(self) -> str:
        """The step of the tables. Raises Problem or EnvironmentFault, 503, when something is missing."""
        with self._office.store.read() as connection:
            connection.execute(select(t.head)).one()
        step = migrate.version_of(self._office.store.engine)
        if step != migrate.newest():
            raise EnvironmentFault(
                _("Les tables de la base ne sont pas celles de cette version."),
                _("Lancer d'abord : clausematch store upgrade."),
            )
        if self._office.pool.loaded is None:
            self.load()
            raise Problem(
                "busy",
                _("Les personnes et les postes ne sont pas encore en mémoire. Recommencer dans quelques secondes."),
                headers={"Retry-After": str(self._office.settings.retry_after)},
            )
        return step
