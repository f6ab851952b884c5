"""Administration: who may come in, the rules and points in force, the end of keeping."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import select, update

from matcher.errors import UsageError
from service import clock
from service.access import sessions as s
from service.access.keys import create
from service.access.organisations import invite
from service.access.principals import Role
from service.pages.words import day as words_day
from service.store import tables as t
from tests.pages.conftest import Site, Visitor
from tests.pages.places import words
from tests.service.lists import World

ORG = "/admin/organisations/A"
KEY = re.compile(r"cm_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


@pytest.fixture
def admin(module_site: Site) -> Visitor:
    return module_site.visitor("admin", "root")


def _logged(site: Site, action: str) -> str:
    return site.visitor("auditor", "root").page(f"/log?action={action}").text


@pytest.mark.parametrize("role", ["adviser", "facilitator", "contractor", "auditor"])
def test_it_is_for_administrators_alone(module_site: Site, role: str) -> None:
    visitor = module_site.visitor(role)
    for path in ("/admin", "/admin/rules", "/admin/organisations", ORG, "/admin/retention"):
        assert visitor.page(path).status_code == 403
    assert visitor.send("/admin/organisations", org_id="Z", name="Z", kind="prescriber").status_code == 403
    assert 'href="/admin"' not in visitor.page("/").text


def test_an_organisation_is_created_then_shown(admin: Visitor) -> None:
    page = admin.send("/admin/organisations", org_id="plie91", name="PLIE <b>Sud</b>", kind="prescriber", siret="")
    assert page.status_code == 200
    assert "Organisme créé" in page.text
    assert "PLIE &lt;b&gt;Sud" in page.text
    assert "plie91" in admin.page("/admin/organisations").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"org_id": "déjà vu", "name": "Nom", "kind": "prescriber"}, "ne peut pas être l&#39;identifiant"),
        ({"org_id": "ok", "name": "", "kind": "prescriber"}, "Remplir les deux"),
        ({"org_id": "ok", "name": "Bâtir", "kind": "contractor"}, "Donner le SIRET"),
        ({"org_id": "ok", "name": "Bâtir", "kind": "contractor", "siret": "12"}, "14 chiffres"),
    ],
)
def test_what_is_wrong_is_said_and_stays_typed(admin: Visitor, typed: dict[str, str], said: str) -> None:
    page = admin.send("/admin/organisations", **typed)
    assert page.status_code == 422 or page.status_code == 400
    assert said in page.text
    assert all(f'value="{value}"' in page.text for value in typed.values() if value)


def test_a_member_is_invited_changed_and_ended(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    page = admin.send(f"{ORG}/members", email="Lea@Exemple.fr", roles=["adviser"])
    assert "Invitation enregistrée" in page.text
    found = re.search(rf"{ORG}/members/([0-9a-f]+)/roles", page.text)
    assert found is not None
    changed = admin.send(f"{ORG}/members/{found[1]}/roles", roles=["facilitator", "auditor"])
    assert "Rôles changés" in changed.text
    assert re.search(rf'id="r-{found[1]}-auditor"[^>]*checked', changed.text)
    assert re.search(rf'id="r-{found[1]}-adviser"[^>]*checked', changed.text) is None
    elsewhere = admin.send(f"/admin/organisations/root/members/{found[1]}/end")
    assert elsewhere.status_code == 404
    ended = admin.send(f"{ORG}/members/{found[1]}/end")
    assert "Accès terminé" in ended.text
    assert f"members/{found[1]}/roles" not in ended.text
    for action in ("member.invite", "member.roles", "member.dismiss", "members.see"):
        assert action in _logged(module_site, action)
    assert "exemple.fr" not in _logged(module_site, "member.invite").lower()


def test_no_role_and_no_address_are_refused(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    page = admin.send(f"{ORG}/members", email="paul@exemple.fr")
    assert "Aucun rôle n&#39;est choisi" in page.text
    assert 'value="paul@exemple.fr"' in page.text
    page = admin.send(f"{ORG}/members", email="paul", roles=["adviser"])
    assert "Vérifier l&#39;adresse" in page.text
    assert re.search(r'id="m-adviser"[^>]*checked', page.text)


def test_a_key_is_shown_once_works_and_stops(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    shown = admin.send(f"{ORG}/keys", label="essai", roles=["adviser"], days="30")
    found = KEY.search(shown.text)
    assert found is not None
    assert "Elle ne sera plus montrée" in shown.text
    assert KEY.search(admin.page(ORG).text) is None
    assert found[0] not in _logged(module_site, "key.create")
    client = module_site.anyone()
    assert client.post("/welcome", data={"key": found[0]}, headers={"Accept": "text/html"}).status_code == 303
    assert client.get("/people").status_code == 200
    key_id = found[0].split("_")[1]
    assert admin.send(f"/admin/organisations/root/keys/{key_id}/revoke").status_code == 404
    assert "Clé arrêtée" in admin.send(f"{ORG}/keys/{key_id}/revoke").text
    assert client.get("/people").status_code == 303, "its open session must end with it"


def test_a_form_sent_twice_makes_one_key_shown_once(module_site: Site) -> None:
    """Reloading, a second click, a step back in the browser: never another key, never the same one shown again."""
    module_site.api.organisation("twice")
    place = "/admin/organisations/twice"
    admin = module_site.visitor("admin", "root")
    form = {"label": "double", "roles": ["adviser"], "days": "30", "once": "5" * 32}
    places = [admin.send(f"{place}/keys", follow=False, **form) for _again in range(2)]
    assert [one.status_code for one in places] == [303, 303]
    assert KEY.search("".join(one.text for one in places)) is None
    (address,) = {one.headers["Location"] for one in places}
    another = module_site.visitor(["admin", "auditor"], "root")
    assert KEY.search(another.page(address).text) is None, "another's new key is not shown"
    text = admin.page(address).text
    found = KEY.search(text)
    assert found is not None
    assert found[0].split("_")[2] not in address
    again = admin.page(address)
    assert KEY.search(again.text) is None
    assert "Une clé se lit une seule fois" in words(again.text)
    assert "La remplacer" in words(again.text)
    third = admin.send(f"{place}/keys", **form)
    assert KEY.search(third.text) is None
    assert "Une clé se lit une seule fois" in words(third.text)
    assert len(set(re.findall(r"/keys/([0-9a-f]{12})/rotate", admin.page(place).text))) == 1
    other = admin.send(f"{place}/keys", **{**form, "label": "autre"})
    assert KEY.search(other.text) is not None, "other words are another form"
    assert "key.show" in _logged(module_site, "key.show")


def test_a_new_key_is_nowhere_in_clear(site: Site) -> None:
    """Neither before it was read, nor after, is its text in the database."""
    site.api.organisation("A")
    visitor = site.visitor("admin", "root")
    path = Path(str(site.api.store.engine.url.database))

    def stored() -> bytes:
        return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name))

    address = visitor.send(f"{ORG}/keys", follow=False, label="x", roles=["adviser"], days="3").headers["Location"]
    before = stored()
    found = KEY.search(visitor.page(address).text)
    assert found is not None
    secret = found[0].split("_", 2)[2].encode()
    assert secret not in before
    assert secret not in stored()
    with site.api.store.read() as connection:
        assert len(connection.execute(select(t.answers)).all()) == 1, "the sealed text goes once it is read"


def test_a_form_without_a_name_of_its_own_makes_no_key(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    page = admin.send(f"{ORG}/keys", label="sans nom", roles=["adviser"], days="30", once="")
    assert page.status_code == 400
    assert "sans nom" not in admin.page(ORG).text
    keys = f"{ORG}/keys"
    assert re.search(rf'action="{keys}">\n<input[^>]*name="csrf"[^>]*><input[^>]*name="once"', admin.page(ORG).text)


def test_a_key_is_replaced_once(module_site: Site, admin: Visitor) -> None:
    old = KEY.search(admin.send(f"{ORG}/keys", label="relais double", roles=["auditor"], days="9").text)
    assert old is not None
    rotate = f"{ORG}/keys/{old[0].split('_')[1]}/rotate"
    first, second = (admin.send(rotate, follow=False, once="6" * 32).headers["Location"] for _again in range(2))
    assert first == second
    assert KEY.search(admin.page(first).text) is not None


def test_a_key_is_replaced(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    old = KEY.search(admin.send(f"{ORG}/keys", label="relais", roles=["auditor"], days="9").text)
    assert old is not None
    new = KEY.search(admin.send(f"{ORG}/keys/{old[0].split('_')[1]}/rotate").text)
    assert new is not None
    assert new[0] != old[0]
    assert "remplacée" in words(admin.page(ORG).text)


def test_an_organisation_that_is_not_there_is_told_in_one_sentence(module_site: Site) -> None:
    told = []
    for make in (
        lambda change: create(change, "personne", [Role.ADVISER], "essai"),
        lambda change: invite(change, "lea@exemple.fr", "personne", [Role.ADVISER]),
    ):
        with (
            pytest.raises(UsageError) as refused,
            module_site.api.store.write("command:tests", None, clock.now()) as change,
        ):
            make(change)
        told.append(str(refused.value))
    assert told == ["L'organisme « personne » n'existe pas. Le créer d'abord."] * 2


@pytest.mark.parametrize("days", ["0", "1096", "dix", "9" * 400])
def test_a_key_lasts_some_days(module_site: Site, admin: Visitor, days: str) -> None:
    module_site.api.key("adviser", "A")
    page = admin.send(f"{ORG}/keys", label="essai", roles=["adviser"], days=days)
    assert "De 1 à 1095" in page.text
    assert f'value="{days}"' in page.text
    assert KEY.search(page.text) is None


def test_nobody_locks_themselves_out(module_site: Site) -> None:
    visitor = module_site.visitor("admin", "root")
    mine = re.findall(r"la vôtre", visitor.page("/admin/organisations/root").text)
    assert len(mine) == 1
    keys = re.findall(r"/keys/([0-9a-f]{12})/rotate", visitor.page("/admin/organisations/root").text)
    others = re.findall(r"/keys/([0-9a-f]{12})/revoke", visitor.page("/admin/organisations/root").text)
    (own,) = set(keys) - set(others)
    page = visitor.send(f"/admin/organisations/root/keys/{own}/revoke")
    assert "vous retirer à vous-même" in page.text
    assert visitor.page("/admin").status_code == 200


def test_a_key_that_only_reads_changes_nothing(module_site: Site, admin: Visitor) -> None:
    module_site.api.key("adviser", "A")
    form = {"label": "lecture", "roles": ["admin"], "days": "9", "read_only": "yes"}
    key = KEY.search(admin.send(f"{ORG}/keys", **form).text)
    assert key is not None
    client = module_site.anyone()
    client.post("/welcome", data={"key": key[0]}, headers={"Accept": "text/html"})
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/admin/organisations").text)
    assert csrf is not None
    reader = Visitor(client, csrf[1])
    refused = reader.send("/admin/organisations", org_id="lu", name="Lu", kind="prescriber")
    assert refused.status_code == 403
    assert "ne permet pas d&#39;écrire" in refused.text
    assert "lu" not in re.findall(r"/admin/organisations/(\w+)", admin.page("/admin/organisations").text)
    assert "Journal entier" in reader.send("/log", expect="").text


def test_rules_and_points_are_shown_in_words(admin: Visitor) -> None:
    text = words(admin.page("/admin/rules").text)
    assert "ccag-2021" in text
    assert "Grille expert-2026" in text
    assert "Chacun part de" in text
    assert "à confirmer" in text


def test_retention_shows_before_it_erases(site: Site) -> None:
    world = World(site.api).fill()
    admin = site.visitor("admin", "root")
    assert "Personne n&#39;est à effacer" in admin.page("/admin/retention").text
    with site.api.store.alter() as connection:
        connection.execute(update(t.people).values(last_action_on="2020-01-01"))
    page = admin.page("/admin/retention")
    count = re.search(r'name="count" value="(\d+)"', page.text)
    assert count is not None
    assert int(count[1]) > 0
    assert "Cocher la case" in admin.send("/admin/retention", count=count[1]).text
    assert "a changé depuis" in admin.send("/admin/retention", count="1000", sure="yes").text
    assert "Effacement fait" in admin.send("/admin/retention", count=count[1], sure="yes").text
    assert "Personne n&#39;est à effacer" in admin.page("/admin/retention").text
    assert "people.erase" in site.visitor("auditor", "root").page("/log?action=people.erase").text
    world.get(world.adviser, "/candidates/P1", 404)


def _member(site: Site, roles: list[Role]) -> tuple[str, Visitor]:
    """A member who came in by their provider, and their open session."""
    site.api.organisation("A")
    with site.api.store.write("command:tests", None, clock.now()) as change:
        name = invite(change, f"{secrets.token_hex(4)}@exemple.fr", "A", roles)
        change.connection.execute(update(t.members).filter_by(member_id=name).values(issuer="i", subject=name))
        token = s.open_session(change.connection, site.api.store.keys, f"member:{name}", None, change.at)
    client = site.anyone()
    client.cookies.set(s.cookie_name(s.SESSION, False), token)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/").text)
    assert csrf is not None
    return name, Visitor(client, csrf[1])


def test_open_sessions_follow_roles_and_end_with_the_access(module_site: Site, admin: Visitor) -> None:
    name, member = _member(module_site, [Role.ADVISER])
    assert member.client.get("/people").status_code == 200
    admin.send(f"{ORG}/members/{name}/roles", roles=["facilitator"])
    assert member.page("/people").status_code == 403
    assert member.client.get("/awards").status_code == 200
    admin.send(f"{ORG}/members/{name}/end")
    assert member.client.get("/awards").status_code == 303
    assert member.send("/imports", follow=False).status_code == 401


def test_the_last_administrator_stays(site: Site) -> None:
    """The one way in that lasts can be neither stopped nor changed, even by somebody else's session."""
    visitor = site.visitor("admin", "root")
    own = site.api.key("admin", "root").split("_")[1]
    new = KEY.search(visitor.send(f"/admin/organisations/root/keys/{own}/rotate").text)
    assert new is not None
    revoke = f"/admin/organisations/root/keys/{new[0].split('_')[1]}/revoke"
    refused = visitor.send(revoke)  # its own key ends tomorrow
    assert refused.status_code == 422
    assert "Plus personne n&#39;administrerait" in refused.text
    reader = {"label": "lecture", "roles": ["admin"], "days": "9", "read_only": "yes"}
    assert KEY.search(visitor.send("/admin/organisations/root/keys", **reader).text)
    visitor.send("/admin/organisations/root/members", email="attendue@exemple.fr", roles=["admin"])
    assert visitor.send(revoke).status_code == 422, "neither a reader nor an invitation administers"
    assert site.anyone().get("/api/v1/audit", headers={"Authorization": f"Bearer {new[0]}"}).status_code == 200
    name, member = _member(site, [Role.ADMIN])
    assert "Clé arrêtée" in visitor.send(revoke).text
    assert visitor.send(f"{ORG}/members/{name}/end").status_code == 422
    assert visitor.send(f"{ORG}/members/{name}/roles", roles=["adviser"]).status_code == 422
    assert member.page("/admin").status_code == 200


def test_the_last_use_of_a_key_is_shown(site: Site) -> None:
    visitor = site.visitor("admin", "root")
    visitor.send("/admin/organisations/root/keys", label="jamais", roles=["auditor"], days="9")
    table = words(visitor.page("/admin/organisations/root").text)
    assert re.search(r"jamais \w{12} audit lire et écrire aucun récent", table)
    assert re.search(
        rf"tests \w{{12}} administration lire et écrire {words_day(clock.local_day(clock.now()))}", table
    )


def test_references_to_erase_are_shown_and_that_is_logged(site: Site) -> None:
    World(site.api).fill()
    with site.api.store.alter() as connection:
        connection.execute(update(t.people).values(last_action_on="2020-01-01"))
        references = set(connection.scalars(select(t.people.c.reference)))
    page = site.visitor("admin", "root").page("/admin/retention")
    assert references
    assert all(one in page.text for one in references)
    with site.api.store.read() as connection:
        seen = connection.scalars(select(t.log.c.subjects).filter_by(action="retention.see")).one()
    assert len(json.loads(seen)) == len(references)


@pytest.mark.parametrize(
    ("path", "fields"),
    [(f"{ORG}/members", {"email": "paul"}), (f"{ORG}/keys", {"label": ""}), ("/admin/organisations", {"name": ""})],
)
def test_a_refused_form_leads_back_to_its_page(
    module_site: Site, admin: Visitor, path: str, fields: dict[str, str]
) -> None:
    """Changing the language there asks for a page that can be looked at."""
    module_site.api.key("adviser", "A")
    refused = admin.send(path, **fields)
    back = re.search(r'name="back" value="([^"]+)"', refused.text)
    assert back is not None
    assert admin.send("/language", back=back[1], language="fr").status_code == 200
