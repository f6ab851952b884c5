"""From drawn facts to Arrow columns in the canonical form of the tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.draws import Bools, Dates, Floats, Ints

DAY = np.timedelta64(1, "D")
DAYS_PER_MONTH = 30.4375


def coded(words: Sequence[str], codes: Ints, unknown: Bools) -> pa.Array:
    """Text: `words[codes]`, null where unknown."""
    return pa.array(list(words), pa.string()).take(pa.array(codes, mask=unknown))


def three_valued(truth: Bools, unknown: Bools) -> pa.Array:
    """True, false or null."""
    return pa.array(truth, pa.bool_(), mask=unknown)


def number(values: Floats | Ints, unknown: Bools) -> pa.Array:
    """A number or null."""
    return pa.array(values.astype(np.float64), pa.float64(), mask=unknown)


def day(values: Dates, unknown: Bools) -> pa.Array:
    """A date (stored as a timestamp, so that readers keep it vectorised) or null."""
    return pa.array(values.astype("datetime64[s]"), pa.timestamp("s"), mask=unknown | np.isnat(values))


def day_text(values: Dates, unknown: Bools) -> pa.Array:
    """A date as `YYYY-MM-DD` text or null; built from the distinct dates."""
    distinct, codes = np.unique(values.astype("datetime64[D]"), return_inverse=True)
    return coded(np.datetime_as_string(distinct).tolist(), codes, unknown | np.isnat(values))


def day_or_word(values: Dates, words: Sequence[tuple[str, Bools]], unknown: Bools) -> pa.Array:
    """Dates as text, replaced by a word (`permanent`, `none`) where its mask is true."""
    column = day_text(values, unknown)
    for word, where in words:
        column = pc.if_else(pa.array(where & ~unknown), pa.scalar(word), column)
    return column


def listed(items: Sequence[tuple[str, Bools]], unknown: Bools) -> pa.Array:
    """A list cell from one mask per word: `A|B`, or `none` when no mask is true."""
    key = np.zeros(len(unknown), dtype=np.int64)
    for i, (_, chosen) in enumerate(items):
        key |= chosen.astype(np.int64) << i
    distinct, codes = np.unique(key, return_inverse=True)
    texts = [
        "|".join(word for i, (word, _) in enumerate(items) if value >> i & 1) or "none" for value in distinct.tolist()
    ]
    return coded(texts, codes, unknown)


def joined(parts: Sequence[pa.Array], unknown: Bools) -> pa.Array:
    """A list cell from columns of items (null = no item): `a|b`, or `none` when every part is null."""
    # The leading empty text keeps rows without any item: Arrow loses a row whose every part is null.
    text = pc.utf8_ltrim(pc.binary_join_element_wise("", *parts, "|", null_handling="skip"), "|")
    text = pc.if_else(pc.equal(text, ""), pa.scalar("none"), text)
    return pc.if_else(pa.array(unknown), pa.scalar(None, pa.string()), text)


def glued(*parts: pa.Array | str) -> pa.Array:
    """Texts put end to end; null when one part is null."""
    return pc.binary_join_element_wise(*parts, "")


def months_before(on: np.datetime64, months: Floats) -> Dates:
    """`on` minus a number of mean months, in whole days."""
    return on - np.floor(months * DAYS_PER_MONTH).astype(np.int64) * DAY
