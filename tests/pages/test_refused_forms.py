"""What was typed and is refused: the same form with every value still there, what is wrong, and how to mend it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from service.pages.routes import PAGES
from tests.pages.conftest import Site, Visitor
from tests.pages.places import filled, words
from tests.service.lists import World

# Forms of buttons alone: nothing is typed in them.
BUTTONS = frozenset(
    {
        *("/language", "/sign-out", "/people/{candidate_id}/propose", "/people/{candidate_id}/objection"),
        *("/positions/{position_id}/closed", "/positions/{position_id}/propose", "/positions/{position_id}/move"),
        *("/imports/{draft_id}/accept", "/imports/{draft_id}/leave", "/notices/{draft_id}/leave"),
        *("/duplicates", "/duplicates/apart", "/duplicates/undo"),
        *(f"/admin/organisations/{{org_id}}/{name}" for name in ("keys/{key_id}/rotate", "keys/{key_id}/revoke")),
        *("/admin/organisations/{org_id}/members/{member_id}/end", "/admin/retention"),
    }
)
# Choices alone, of which any is right: tested where they are used.
CHOICES = frozenset(
    {
        *("/duplicates/merge", "/imports/{draft_id}/columns"),
        "/admin/organisations/{org_id}/members/{member_id}/roles",
    }
)


@dataclass(frozen=True)
class Case:
    """A form, what is typed in it, the words that come back."""

    path: str
    role: str
    org: str
    typed: Mapping[str, Any]
    said: tuple[str, ...]
    address: Callable[[World, Visitor], str]
    kept: tuple[str, ...] = field(default=())  # values seen again; all that is typed when empty
    wrong: str = ""  # the field that is said to be wrong, where the refusal is of one field


def at(address: str) -> Callable[[World, Visitor], str]:
    return lambda world, visitor: address


def _proposal(world: World, visitor: Visitor) -> str:
    return f"/proposals/{world.propose(world.adviser, 'P1')}"


def _notices(world: World, visitor: Visitor) -> str:
    table = (
        "award_id;objet;montant;code cpv;notifié le;durée mois;lieu;clause sociale\n"
        "A1;Gros oeuvre;1000000;45223220;2026-10-01;24;91100;Clause sociale\n"
    )
    page = visitor.send("/notices", files={"file": ("a.csv", table.encode(), "text/csv")})
    return str(page.url.path)


def _contract(world: World, visitor: Visitor) -> str:
    visitor.send(_notices(world, visitor), **{"shown": "0", "keep-0": "yes"}, then="accept")
    return "/awards/A1/hours"


_NAMED = re.compile(r"<(?:input|select)\b[^>]*>")
POSITION = {"title": "Maçon du chantier", "openings": "deux", "weekly_hours": "35", "start_date": "le 45 mars"}
CASES = (
    Case("/welcome", "", "", {"key": "cm_wrong"}, ("La recopier en entier",), at("/welcome"), kept=("",)),
    Case(
        "/people/{candidate_id}/edit",
        "adviser",
        "A",
        {"occupations": "maçon|D1106", "birth_date": "le 45 mars", "email": "nobody@a.example"},
        ("Date de naissance : date illisible", "l'écrire"),
        at("/people/P1/edit"),
        wrong="birth_date",
    ),
    Case("/people/{candidate_id}/erase", "adviser", "A", {}, ("Cocher la case",), at("/people/P1/erase"), kept=("",)),
    Case(
        "/new-position",
        "facilitator",
        "F",
        POSITION,
        ("date illisible", "l'écrire"),
        at("/new-position"),
        wrong="start_date",
    ),
    Case(
        "/positions/{position_id}/edit",
        "facilitator",
        "F",
        POSITION,
        ("date illisible", "l'écrire"),
        at("/positions/J1/edit"),
        wrong="start_date",
    ),
    Case(
        "/positions/{position_id}/order",
        "facilitator",
        "F",
        {"add": "R-NOBODYNOBOD"},
        ("Aucune personne", "Le vérifier"),
        at("/positions/J1/order"),
    ),
    Case(
        "/proposals/{proposal_id}",
        "facilitator",
        "F",
        {"stage": "refused", "on": "2026-10-01", "decided_by": "employer", "reason": ""},
        ("Motif : un refus dit son motif",),
        _proposal,
        kept=("2026-10-01", "employer"),
        wrong="reason",
    ),
    Case("/imports", "adviser", "A", {"kind": "candidates"}, ("Aucun fichier choisi",), at("/imports")),
    Case(
        "/notices",
        "facilitator",
        "F",
        {"months": "trois", "place": "91", "weekly_hours": "28", "social": "any"},
        ("Aucun fichier choisi",),
        at("/notices"),
    ),
    Case(
        "/notices/{draft_id}",
        "facilitator",
        "F",
        {"shown": "0", "keep-0": "yes", "insertion_rate-0": "dix pour cent", "then": "accept"},
        ("Rien n'est perdu", "ce n'est pas un nombre : dix pour cent"),
        _notices,
        kept=("dix pour cent",),
    ),
    Case(
        "/awards/{award_id}/hours",
        "facilitator",
        "F",
        {
            "candidate_id": ["R-NOBODYNOBOD", ""],
            "employer": ["Entreprise typée", ""],
            "mode": ["direct", "EI"],
            "month": ["mai", "2026-10"],
            "hours": ["cent", ""],
        },
        ("Des lignes sont à corriger", "nombre illisible"),
        _contract,
        kept=("R-NOBODYNOBOD", "Entreprise typée", "mai", "cent"),
    ),
    Case(
        "/admin/organisations",
        "admin",
        "W",
        {"org_id": "plie91", "name": "Bâtir", "kind": "contractor", "siret": "12"},
        ("14 chiffres", "Vérifier le SIRET"),
        at("/admin/organisations"),
        kept=("plie91", "Bâtir", "contractor", "12"),
        wrong="siret",
    ),
    Case(
        "/admin/organisations/{org_id}/members",
        "admin",
        "W",
        {"email": "lea@exemple.fr"},
        ("Aucun rôle", "En cocher"),
        at("/admin/organisations/W/members"),
    ),
    Case(
        "/admin/organisations/{org_id}/keys",
        "admin",
        "W",
        {"label": "Relais du lundi", "roles": ["auditor"], "days": "dix"},
        ("nombre de jours", "De 1 à 1095"),
        at("/admin/organisations/W/keys"),
        kept=("Relais du lundi", "dix"),
        wrong="days",
    ),
    Case(
        "/log",
        "auditor",
        "W",
        {"expect": "not a digest"},
        ("64 signes", "La recopier en entier"),
        at("/log"),
        wrong="expect",
    ),
)


def test_every_form_of_the_pages_has_a_case() -> None:
    forms = {page.path for page in PAGES if page.method == "POST"}
    assert {case.path for case in CASES} | BUTTONS & forms | CHOICES == forms


@pytest.fixture(scope="module")
def shared(module_site: Site) -> World:
    return World(module_site.api).fill()


@pytest.mark.parametrize("case", CASES, ids=[case.path for case in CASES])
def test_what_was_typed_comes_back_with_what_to_do(module_site: Site, shared: World, case: Case) -> None:
    visitor = module_site.visitor(case.role, case.org) if case.role else Visitor(module_site.anyone())
    address = case.address(shared, visitor)
    given = dict(case.typed)
    if case.path.endswith("/edit"):
        given = filled(visitor.page(address).text, address, **given)
    page = visitor.send(address, **given)
    assert page.status_code in (401, 404, 409, 422), (page.status_code, words(page.text)[:300])
    said = html.unescape(words(page.text))
    assert [one for one in case.said if one not in said] == [], said[:600]
    assert re.search(r'role="alert"|class="error"|aria-invalid="true"', page.text)
    pointed = {tag for tag in _NAMED.findall(page.text) if 'aria-invalid="true"' in tag}
    if case.wrong:
        assert [tag for tag in pointed if f'name="{case.wrong}"' in tag], "the field itself is said to be wrong"
        for tag in pointed:
            (told,) = re.findall(r'aria-describedby="[^"]*\b(e-[\w-]+)"', tag)
            assert page.text.count(f'id="{told}"') == 1, "and why is tied to it"
    values = case.kept or tuple(str(one) for value in case.typed.values() for one in _each(value))
    for value in filter(None, values):
        shown = html.escape(value)
        assert f'value="{shown}"' in page.text or f">{shown}<" in page.text, value
    assert f'action="{address}' in page.text or case.path in ("/log",)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_a_form_of_a_session_that_ended_comes_back_whole(module_site: Site, shared: World) -> None:
    """Every form, every value: what was typed is there to be sent again, and nothing of it was done."""
    for case in CASES:
        if not case.role:
            continue
        visitor = module_site.visitor(case.role, case.org)
        address = re.sub(r"\{\w+\}", "x", case.path)
        page = visitor.send(address, **{**case.typed, "csrf": "0"})
        assert page.status_code == 403
        assert "Rien n'est perdu" in html.unescape(page.text)
        for value in (str(one) for many in case.typed.values() for one in _each(many)):
            assert f'value="{html.escape(value)}"' in page.text, (case.path, value)


def test_somebody_else_changed_it_meanwhile(module_site: Site, shared: World) -> None:
    """Two advisers correct the same person: the second one keeps what they typed, beside what is stored now."""
    one, two = (module_site.visitor("adviser", "A") for _again in range(2))
    path = "/people/P4/edit"
    first, second = (filled(visitor.page(path).text, path) for visitor in (one, two))
    assert one.send(path, **{**first, "city": "Évry"}).status_code == 200
    refused = two.send(path, **{**second, "city": "Massy"})
    assert refused.status_code in (409, 412)
    said = html.unescape(words(refused.text))
    assert "Quelqu'un a modifié cette fiche pendant votre saisie" in said
    assert "Évry" in said
    assert 'value="Massy"' in refused.text
