"""A facilitator's position for a company, and people of two organisations: what the tests of these pages share."""

from __future__ import annotations

import re
from typing import Any

from tests.pages.conftest import Site, Visitor
from tests.service.databases import siret_of
from tests.service.lists import POSITION, SITE, World

FORBIDDEN = ("Marqueur1", "Nom1", "Marqueur2", "0100000001", "AAH", "RSA", "TH,", "heavy_lifting", "boeth")


def world(site: Site) -> World:
    """The world of the tests of lists, with the position J1 for the company SITE."""
    return World(site.api).fill()


def facilitator(site: Site) -> Visitor:
    return site.visitor("facilitator", "F")


def adviser(site: Site) -> Visitor:
    return site.visitor("adviser", "A")


def company(site: Site) -> Visitor:
    return site.visitor("contractor", SITE)


def words(html: str) -> str:
    """The text of a page's main part, spaces folded."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def fields(html: str, action: str) -> list[tuple[str, str]]:
    """The named inputs and text areas of the form sent to `action`, in order, without its session's token."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.S)
    assert form is not None, f"no form for {action}"
    found = re.findall(r'<input(?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")[^>]*>', form[1])
    found += re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[1], re.S)
    chosen = re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[1], re.S)
    for name, options in chosen:
        value = re.search(r'value="([^"]*)" selected', options)
        found.append((name, value[1] if value else ""))
    return [(name, value) for name, value in found if name != "csrf"]


def filled(html: str, action: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of that form once `changes` are typed; fields of one name are lists."""
    sent: dict[str, Any] = {}
    for name, value in fields(html, action):
        sent.setdefault(name, []).append(value)
    return {**{name: values if len(values) > 1 else values[0] for name, values in sent.items()}, **changes}


def people_in_order(html: str) -> list[str]:
    """The persons of the board, as shown."""
    return re.findall(r'<tr id="p-([^"]+)"', html)


__all__ = ["FORBIDDEN", "POSITION", "SITE", "siret_of"]
