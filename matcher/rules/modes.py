"""Which pack a kind of contract calls for."""

from __future__ import annotations

from matcher.errors import UsageError
from matcher.locale import _

MODES = ("direct", "ETTI", "GEIQ", "EI", "ACI", "AI")
CLAUSE_PACK = "ccag-2021"
_BY_MODE = {"DIRECT": None, "GEIQ": "geiq", "ETTI": "iae-2021", "AI": "iae-2021", "EI": "iae-2021"}
_BY_MODE |= {"ACI": "iae-2021", "EITI": "iae-2021"}


def rules_for_mode(mode: str | None, clause_pack: str = CLAUSE_PACK) -> str:
    """The id of the pack that a mode calls for; `clause_pack` is the contract's own, for a direct contract.

    Raises UsageError when the mode is none of `MODES`.
    """
    if mode is None:
        return clause_pack
    if mode.upper() not in _BY_MODE:
        raise UsageError(
            _("Le mode « {mode} » est inconnu.").format(mode=mode),
            _("Choisir parmi {modes}.").format(modes=", ".join(MODES)),
        )
    return _BY_MODE[mode.upper()] or clause_pack
