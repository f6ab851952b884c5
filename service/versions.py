"""Editing what one has read: If-Match names the version, and somebody else's change in between is never lost."""

from __future__ import annotations

from matcher.locale import _
from service.problems import Problem
from service.routing import Call


def check_version(call: Call, version: int) -> None:
    """Raise Problem when the caller's If-Match names other versions than this one; without it, the last one wins."""
    if call.if_match is None:
        return
    named = {tag.strip().removeprefix("W/").strip('"') for tag in call.if_match.split(",")}
    if named.isdisjoint({"*", str(version)}):
        raise Problem(
            "changed",
            _("Modifié depuis la version lue. Relire, reporter la modification, puis renvoyer avec le nouvel ETag."),
        )
