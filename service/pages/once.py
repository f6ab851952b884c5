"""A form that makes something makes it once, however often it is sent: it carries a name of its own.

What it made is kept as the answer of an Idempotency-Key is, for a day, in the transaction that made it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import TYPE_CHECKING

from matcher.locale import _
from service.problems import Problem
from service.store.answers import Named

if TYPE_CHECKING:
    from service.pages.page import Visit

FIELD = "once"
_NAME = re.compile(r"[0-9a-f]{32}")


def fresh() -> str:
    """A name for one showing of a form."""
    return secrets.token_hex(16)


def sent(visit: Visit) -> Named:
    """This form, with these words in it: changed words after a step back in the browser are another sending. Raises
    Problem for a form without a name."""
    name = visit.form.one(FIELD)
    if _NAME.fullmatch(name) is None:
        raise Problem("malformed", _("Ce formulaire n'est pas lisible. Recharger la page, puis recommencer."))
    words = sorted((key, values) for key, values in visit.form.fields.items() if key not in (FIELD, "csrf"))
    digest = hashlib.sha256(json.dumps([visit.address, words]).encode()).hexdigest()
    return Named.of(visit.principal.actor, f"form {name} {digest}", b"", visit.store.keys)
