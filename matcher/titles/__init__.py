"""Job titles to occupation codes: by their letters, and by what the ROME puts together.

``normalise`` gives the one form of a title, ``TitleIndex`` searches any taxonomy, ``resolve_title`` and
``resolve_titles`` answer with one code or with "not sure". docs/intitules.md tells users what is understood.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matcher.titles.confidence import FOREIGN, NOT_SURE, RICH, SPARSE, Calibration
from matcher.titles.everyday import everyday_titles, with_everyday
from matcher.titles.index import Matches, TitleIndex
from matcher.titles.knowledge import nothing_known
from matcher.titles.normalise import forms, normalise

__all__ = [
    "FOREIGN",
    "NOT_SURE",
    "RICH",
    "SPARSE",
    "Calibration",
    "Matches",
    "TitleIndex",
    "everyday_titles",
    "forms",
    "normalise",
    "nothing_known",
    "resolve_title",
    "resolve_titles",
    "with_everyday",
]


def resolve_titles(
    texts: Sequence[str], index: TitleIndex
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """(codes, confidence), arrays [n]: the best code of each text, None where the confidence is too low.

    Too low is under ``index.calibration.not_sure``.

    Give distinct texts and take the result: the time is that of the distinct ones. The confidence is always given,
    so that a caller may say how far an unsure answer was.
    """
    codes, sure = index.first(texts)
    codes[sure < index.calibration.not_sure] = None
    return codes, sure


def resolve_title(text: str, index: TitleIndex) -> tuple[str | None, float]:
    """(code or None when not sure, confidence in [0, 1]) of one title."""
    codes, sure = resolve_titles([text], index)
    code = codes[0]
    return (None if code is None else str(code)), float(sure[0])
