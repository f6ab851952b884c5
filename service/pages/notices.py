"""What a page says once a form did its work: `?done=NAME` in the address where the visitor is sent next."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.locale import N_, _

NOTICES: Mapping[str, str] = {
    "saved": N_("Enregistré."),
}


def text(name: str | None) -> str | None:
    """The sentence of that name; None for no name or one that is not ours."""
    return _(NOTICES[name]) if name is not None and name in NOTICES else None
