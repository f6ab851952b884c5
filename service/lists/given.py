"""`POST /match` with its people in the request: nothing of them is stored, and the log keeps enough for whoever kept
the request to prove that it gives the same lists: digests of it and of what came out, the day, and the versions.

Few people with few facts could be guessed from a plain digest; these are keyed with the service's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from matcher.locale import _
from matcher.scoring import load_scorecard
from service import work
from service.chain.record import content_digest, table_lines, versions
from service.models import MatchRequest
from service.problems import Problem
from service.routing import Answer, Call

REQUEST = "request"  # what such an entry is about


def match(call: Call) -> Answer:
    """Lists for each position of the body, of its people; written down before they leave."""
    secret = call.settings.secret_bytes
    request = request_digest(call.body, secret)
    content = work.match(call.body, call.settings, call.today)
    detail = {
        "on": (call.body.on or call.today).isoformat(),
        "people": len(call.body.candidates),
        "positions": len(call.body.positions),
        "versions": versions(load_scorecard()),
        "request": request,
        "list": list_digest(content["shortlists"], secret),
    }
    with call.write() as change:
        change.log("match.run", REQUEST, detail=detail)
    return Answer(content)


def request_digest(request: MatchRequest, secret: bytes) -> str:
    """Of the whole request: how its JSON was laid out does not matter, the order of its rows does. Raises Problem."""
    content = {name: getattr(request, name) for name in sorted(request.model_fields_set)}
    try:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    except RecursionError:
        raise Problem("malformed", _("{file} : JSON imbriqué trop profondément.").format(file="match")) from None
    return _keyed("match.run request", text, secret)


def list_digest(rows: Sequence[Mapping[str, Any]], secret: bytes) -> str:
    """Of the lists, but for what depends on the reader's language."""
    names = {row["candidate_id"]: row["candidate_id"] for row in rows}
    return _keyed("match.run list", content_digest(table_lines(rows, names)), secret)


def _keyed(purpose: str, text: str, secret: bytes) -> str:
    return hmac.new(secret, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
