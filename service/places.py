"""How many requests compute at once, how many wait, and what the next ones are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from matcher.locale import _
from service.problems import Problem

_T = TypeVar("_T")


class Places:
    """The seats of one kind of work: `at_work` threads, `waiting` more requests, the next ones told to come back."""

    def __init__(self, at_work: int, waiting: int, retry_after: int) -> None:
        self._at_work, self._waiting, self._retry_after = at_work, waiting, retry_after
        self._taken = 0
        self._threads: anyio.CapacityLimiter | None = None

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """A seat for the length of the block, the reading of the body included. Raises Problem when all are taken."""
        if self._taken >= self._at_work + self._waiting:
            raise Problem(
                "busy",
                _("Le service traite déjà autant de demandes qu'il peut. Recommencer dans {seconds} s.").format(
                    seconds=self._retry_after
                ),
                headers={"Retry-After": str(self._retry_after)},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def work(self, task: Callable[[], _T]) -> _T:
        """Run `task` in a thread when its turn comes, in the language of the request."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._at_work)
        return await run_sync(task, limiter=self._threads)
