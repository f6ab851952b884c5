"""The progress bar of long work: on a terminal only, with the time that remains."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any


def bar(what: str) -> Callable[[Iterable[Any], int], Iterable[Any]]:
    """A bar that counts `what`, for steps and their number."""

    def show(steps: Iterable[Any], total: int) -> Iterable[Any]:
        from tqdm import tqdm

        shown: Iterable[Any] = tqdm(steps, total=total, desc=what, file=sys.stderr, disable=not sys.stderr.isatty())
        return shown

    return show
