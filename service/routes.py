"""Every route of the API."""

from __future__ import annotations

from service import audit, stateless, watch
from service.awards import routes as awards
from service.hours import routes as hours
from service.indicators import routes as indicators
from service.lists import routes as lists
from service.people import routes as people
from service.positions import routes as positions
from service.proposals import routes as proposals
from service.routing import Route

ROUTES: tuple[Route, ...] = (
    *stateless.ROUTES,
    *people.ROUTES,
    *positions.ROUTES,
    *awards.ROUTES,
    *lists.ROUTES,
    *proposals.ROUTES,
    *hours.ROUTES,
    *indicators.ROUTES,
    *audit.ROUTES,
    *watch.ROUTES,
)
