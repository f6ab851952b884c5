"""Lists in pages: each page begins after a key, never at a number of rows, so that nothing is shown twice or skipped
while others write.

A cursor is the last key shown, signed for one list, one organisation and one set of filters: elsewhere it opens
nothing. It is not secret: it holds what the page before it showed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, Select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from matcher.locale import _
from service.problems import Problem
from service.routing import Call

LIMIT = 50
MOST = 500
_TAG = 16


class PageQuery(BaseModel):
    """Les paramètres d'une liste."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, Field(max_length=2000, description="Le `next` de la page d'avant.")] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="Lignes par page.")] = LIMIT


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the page after them; None at the end."""

    rows: list[Row[Any]]
    next: str | None


@dataclass(frozen=True)
class Cursors:
    """The cursors of one list for one caller."""

    secret: bytes
    context: str

    @classmethod
    def of(cls, call: Call, listing: str) -> Cursors:
        """Those of a list as this call filters it."""
        filters = call.query.model_dump(mode="json", exclude={"cursor", "limit"})
        roles = sorted(call.principal.roles)
        context = json.dumps([listing, call.principal.org_id, roles, filters], ensure_ascii=False, sort_keys=True)
        return cls(call.settings.secret_bytes, context)

    def write(self, key: Sequence[Any]) -> str:
        """The cursor that goes on after `key`."""
        text = json.dumps(list(key), ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(text) + text).decode().rstrip("=")

    def read(self, cursor: str | None) -> list[Any] | None:
        """The key of a cursor. Raises Problem for one that was not written for this list."""
        if cursor is None:
            return None
        try:
            content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not hmac.compare_digest(content[:_TAG], self._tag(content[_TAG:])):
            raise Problem(
                "usage",
                _("Ce « cursor » n'est pas celui de cette liste. Recommencer sans lui, puis suivre « next »."),
            )
        key: list[Any] = json.loads(content[_TAG:])
        return key

    def _tag(self, text: bytes) -> bytes:
        return hmac.new(self.secret, f"clausematch page {self.context}\n".encode() + text, hashlib.sha256).digest()[
            :_TAG
        ]


def page(
    connection: Connection,
    query: Select[Any],
    key: Sequence[ColumnElement[Any]],
    call: Call,
    listing: str,
    *,
    descending: bool = False,
) -> Page:
    """One page of `query`, in the order of `key`: columns that the query selects, unique together and never empty.

    `call.query` is a PageQuery. Raises Problem for a cursor of another list.
    """
    cursors = Cursors.of(call, listing)
    last = cursors.read(call.query.cursor)
    if last is not None:
        query = query.where(tuple_(*key) < tuple_(*last) if descending else tuple_(*key) > tuple_(*last))
    order = [column.desc() if descending else column for column in key]
    rows = list(connection.execute(query.order_by(*order).limit(call.query.limit + 1)))
    if len(rows) <= call.query.limit:
        return Page(rows, None)
    rows.pop()
    return Page(rows, cursors.write([rows[-1]._mapping[column] for column in key]))
