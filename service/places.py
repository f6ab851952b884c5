"""How many requests compute at once, how many wait, and what the next ones are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from matcher.locale import _
from service.problems import Problem
from service.settings import Settings

_T = TypeVar("_T")


class Places:
    """The seats of one server: `max_parallel` at work, `max_waiting` in the waiting room."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._taken = 0
        self._threads: anyio.CapacityLimiter | None = None

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """A seat for the length of the block, the reading of the body included. Raises Problem when all are taken."""
        settings = self._settings
        if self._taken >= settings.max_parallel + settings.max_waiting:
            raise Problem(
                "busy",
                _("Le service traite déjà autant de demandes qu'il peut. Recommencer dans {seconds} s.").format(
                    seconds=settings.retry_after
                ),
                headers={"Retry-After": str(settings.retry_after)},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def work(self, task: Callable[[], _T]) -> _T:
        """Run `task` in a thread when its turn comes, in the language of the request."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._settings.max_parallel)
        return await run_sync(task, limiter=self._threads)
