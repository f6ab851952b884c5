"""What a page is: an address, who may open it, and the function that says what to show.

A page reads and writes through `Visit.ask`, which runs a route of the API in the visitor's name, under that route's
own rules: what the API does not give, no page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from service.access.principals import Principal, Role
from service.bodies import validate
from service.pages.forms import NOTHING, Form
from service.routing import Answer, Call, Route
from service.settings import Settings
from service.store.database import Change, Store

if TYPE_CHECKING:
    from service.desk import Desk


@dataclass(frozen=True)
class Visit:
    """One request of a page, once the visitor is known and allowed. `query` has each parameter once."""

    principal: Principal
    desk: Desk
    at: datetime
    today: date
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form = NOTHING
    csrf: str = ""
    address: str = "/"  # path and query, to come back to
    partial: bool = False  # htmx asks for a part of the page
    client: str = "-"  # the network address of who asks
    back: str = "/"  # a page that can be looked at again: the address, or for a form the page it is on

    @property
    def signed_in(self) -> bool:
        return bool(self.csrf)

    @property
    def store(self) -> Store:
        return self.desk.office.store

    @property
    def settings(self) -> Settings:
        return self.desk.office.settings

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A look at the store, for what no route gives. Whoever uses it shows its own organisation's rows only."""
        with self.store.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Change]:
        """A logged transaction in the visitor's name, for what no route writes."""
        with self.store.write(self.principal.actor, self.principal.org_id, self.at) as change:
            yield change

    def may(self, name: str) -> bool:
        """True when the visitor's roles and scopes open the route of that name."""
        route = _route(name)
        return self.principal.has(*route.roles) and route.scope in self.principal.scopes

    def ask(
        self,
        name: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        if_match: str | None = None,
    ) -> Answer:
        """What the route of that name answers the visitor. Raises Problem, as it would for a program."""
        route = _route(name)
        self.desk.admit(route, self.principal)
        given = {key: str(value) for key, value in (query or {}).items() if value is not None}
        office = self.desk.office
        call = Call(
            self.principal,
            office.store,
            office.pool,
            office.settings,
            self.at,
            self.today,
            path or {},
            validate(route.query, given, strict=False),
            validate(route.body, body) if route.body is not None else None,
            if_match,
            meters=office.meters,
        )
        return route.work(call)


@dataclass(frozen=True)
class Shown:
    """A template and what it shows. `part` is the template that htmx gets instead of the whole page."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    part: str | None = None


@dataclass(frozen=True)
class Go:
    """See another page next (303): what a form that did its work answers, so that no reload sends it again."""

    address: str
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Download:
    """A file to keep."""

    content: bytes
    media_type: str
    file_name: str


Outcome = Shown | Go | Download


@dataclass(frozen=True)
class Page:
    """`roles` open the page; a public one is for anybody. `heavy` ones take a seat for long computations. A form
    needs a key that may write, unless it only `looks`."""

    method: str
    path: str
    work: Callable[[Visit], Outcome]
    roles: frozenset[Role] = frozenset()
    public: bool = False
    heavy: bool = False
    looks: bool = False


@lru_cache(maxsize=1)
def _routes() -> Mapping[str, Route]:
    from service.routes import ROUTES

    return {route.name: route for route in ROUTES}


def _route(name: str) -> Route:
    return _routes()[name]
