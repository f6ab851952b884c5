"""What a request with an Idempotency-Key was answered, kept for a day in the transaction of what it did."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from matcher.locale import _
from service.clock import written
from service.problems import Problem
from service.routing import Answer, Answered
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Change

LIFE = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True)
class Named:
    """One request with a name of its caller's choosing."""

    actor: str
    key_digest: str
    request_digest: str
    keys: KeyRing

    @classmethod
    def of(cls, actor: str, key: str, request: bytes, keys: KeyRing) -> Named:
        """The request of these bytes. Raises Problem for a name that cannot be one."""
        if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
            raise Problem(
                "usage",
                _("Idempotency-Key doit avoir de 1 à {longest} caractères imprimables.").format(longest=LONGEST_KEY),
            )
        return cls(actor, _digest(key.encode()), _digest(request), keys)

    def before(self, connection: Connection, at: datetime) -> Answer | None:
        """What the same request was answered, None when it was not. Raises Problem when another took its name."""
        found = connection.execute(
            select(t.answers).filter_by(actor=self.actor, key_digest=self.key_digest)
        ).one_or_none()
        if found is None or found.at < written(at - LIFE):
            return None
        if found.request_digest != self.request_digest:
            raise Problem(
                "conflict",
                _("Cet Idempotency-Key a déjà servi pour une autre demande. En choisir un nouveau."),
            )
        content, version = json.loads(self.keys.open(found.body, self._context))
        return Answer(content, found.status, version=version)

    def check(self, change: Change) -> None:
        """Raise Answered when the same request was answered while this one waited for its turn."""
        answer = self.before(change.connection, change.at)
        if answer is not None:
            raise Answered(answer)

    def keep(self, change: Change, answer: Answer) -> None:
        """Write the answer down beside what it did, its version too; a day later it is forgotten."""
        told = json.dumps([answer.content, answer.version], ensure_ascii=False)
        change.connection.execute(delete(t.answers).where(t.answers.c.at < written(change.at - LIFE)))
        self.forget(change)
        change.connection.execute(
            insert(t.answers).values(
                actor=self.actor,
                key_digest=self.key_digest,
                request_digest=self.request_digest,
                status=answer.status,
                body=self.keys.seal(told.encode(), self._context),
                at=written(change.at),
            )
        )

    def forget(self, change: Change) -> None:
        """Drop the answer: it is not to be given again."""
        change.connection.execute(delete(t.answers).filter_by(actor=self.actor, key_digest=self.key_digest))

    @property
    def _context(self) -> str:
        return f"answer {self.actor} {self.key_digest}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
