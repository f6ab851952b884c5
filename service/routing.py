"""What a route is: an address, who may use it, what it takes and gives, and the function that answers.

Every route of the API is one `Route`; `service.desk` is the only code that runs it, and the only place where a caller
is let in. A route names its roles or nobody may use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from service.access.principals import Principal, Role, Scope
from service.settings import Settings
from service.store.database import Change, Store

if TYPE_CHECKING:
    from service.meters import Meters
    from service.pool import Pool

PREFIX = "/api/v1"


class NoQuery(BaseModel):
    """A route without parameters."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON `content` (or bytes of `media_type`), and the version of what is shown, for its ETag."""

    content: Any
    status: int = 200
    version: str | None = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request, once its caller is known and allowed, and its parameters and body are of the declared shape."""

    principal: Principal
    store: Store
    pool: Pool
    settings: Settings
    at: datetime
    today: date
    path: Mapping[str, str]
    query: Any
    body: Any
    if_match: str | None = None  # the version that the caller saw, without quotes
    kept: Kept | None = None
    meters: Meters | None = None

    @contextmanager
    def write(self) -> Iterator[Change]:
        """A transaction in the caller's name. Answer with `self.done(change, answer)` inside it."""
        with self.store.write(self.principal.actor, self.principal.org_id, self.at) as change:
            if self.kept is not None:
                self.kept.check(change)
            yield change

    def done(self, change: Change, answer: Answer) -> Answer:
        """`answer`, kept in the same transaction when the caller named the request with an Idempotency-Key."""
        if self.kept is not None:
            self.kept.keep(change, answer)
        return answer


class Kept(Protocol):
    """The answer of a request that has a name; see `service.store.answers`."""

    def check(self, change: Change) -> None:
        """Raise Answered when the same request was answered in the meantime."""

    def keep(self, change: Change, answer: Answer) -> None:
        """Write the answer down."""


class Answered(Exception):
    """The request was answered before: here is what it was told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True)
class Route:
    """`name` is the operation's identifier in OpenAPI and in the table of access; `path` is under `PREFIX`.

    `heavy` routes take one of the few seats for long computations, `bulk` ones too unless their body is small;
    `stores` tells a route that writes (an Idempotency-Key is then honoured on POST). `statuses` are those it may
    answer besides 200 and the usual refusals.
    """

    method: str
    path: str
    name: str
    summary: str
    description: str
    work: Callable[[Call], Answer]
    roles: frozenset[Role]
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    heavy: bool = False
    bulk: bool = False
    stores: bool = False
    public: bool = False
    scope: Scope = Scope.READ
    statuses: tuple[int, ...] = ()
    media_type: str = "application/json"
    also: tuple[str, ...] = ()  # other media types that it may answer, where the caller asks for a file

    @property
    def posts_once(self) -> bool:
        """True where an Idempotency-Key means something."""
        return self.stores and self.method == "POST"
