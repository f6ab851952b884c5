"""The adviser's pages about people: the list, one person, one pair, corrections, rights, the sheet to hand over."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from matcher.locale import written_day
from service.clock import local_day, now
from service.pages.people.file import DONE, SEEN
from tests.pages.conftest import Site, Visitor
from tests.service.lists import COMMON, POSITION, World

SCRIPT = "<script>alert(1)</script>"
ONE = "/people/P1"
ROOM = ("", "/edit", "/sheet", "/rights", "/file", "/file/json", "/objection", "/erase", "/positions/J1")


@pytest.fixture
def world(site: Site) -> World:
    return World(site.api).fill()


@pytest.fixture
def adviser(site: Site, world: World) -> Visitor:
    return site.visitor("adviser", "A")


def text(page: Any) -> str:
    """What a page says, without its marks."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


# --- who -----------------------------------------------------------------------------------------------------------
def test_people_are_for_their_own_advisers(site: Site, world: World) -> None:
    for role in ("facilitator", "contractor", "auditor", "admin"):
        assert site.visitor(role, "A").page("/people").status_code == 403
        assert "Marqueur1" not in site.visitor(role, "A").page("/").text
        for rest in ROOM:
            assert site.visitor(role, "A").page(ONE + rest).status_code == 403, (role, rest)
    other = site.visitor("adviser", "B")
    assert "Marqueur" not in other.page("/people").text
    for rest in ROOM:
        answer = other.page("/people/P2" + rest)
        assert answer.status_code == 404, rest
        assert "Marqueur2" not in answer.text
    for path in ("/people/P2/propose", "/people/P2/edit", "/people/P2/objection", "/people/P2/erase"):
        assert other.send(path, position_id="J1", sure="yes", objects="yes").status_code == 404
    assert world.get(world.adviser, "/candidates/P2")["facts"]["objection"] is None


# --- the list ------------------------------------------------------------------------------------------------------
def test_the_list_says_what_is_known_of_each(adviser: Visitor, world: World) -> None:
    world.propose(world.adviser, "P1")
    world.put(world.adviser, "candidates", [{"candidate_id": "P3", "objection": "yes"}])
    page = adviser.page("/people").text
    rows = {
        match[1]: match[0] for match in re.finditer(r'<tr>\s*<th scope="row"><a[^>]*>(\w+)</a>.*?</tr>', page, re.S)
    }
    assert list(rows) == ["P1", "P2", "P3", "P4"]
    assert "Marqueur1 Nom1" in rows["P1"]
    assert "éligible" in rows["P1"]
    assert 'data-label="Propositions en cours">1<' in rows["P1"]
    assert 'data-label="Propositions en cours">0<' in rows["P2"]
    assert "s&#39;oppose au rapprochement" in rows["P3"]
    assert "inconnu" in rows["P4"]  # no name is known


def test_people_are_found_by_the_beginning_of_a_name_or_identifier(adviser: Visitor) -> None:
    found = adviser.page("/people?q=marqueur2").text
    assert ">P2<" in found
    assert ">P1<" not in found
    assert ">P3<" in adviser.page("/people?q=p3").text
    nobody = adviser.page(f"/people?q={SCRIPT}")
    assert "Personne dont l&#39;identifiant, le nom ou le prénom commence par" in nobody.text
    assert SCRIPT not in nobody.text


def test_a_long_list_goes_on_page_after_page(adviser: Visitor, world: World) -> None:
    world.put(world.adviser, "candidates", [{**COMMON, "candidate_id": f"L{number:03}"} for number in range(60)])
    address, seen = "/people", []
    for _page in range(3):
        page = adviser.page(address).text
        seen += re.findall(r'<th scope="row"><a[^>]*>(\w+)</a>', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    assert address == ""
    assert seen == [*(f"L{number:03}" for number in range(60)), "P1", "P2", "P3", "P4"]
    assert adviser.page("/people?after=invented").status_code == 422


def test_an_empty_file_says_what_to_do(site: Site) -> None:
    page = site.visitor("adviser", "N").page("/people").text
    assert "Personne dans votre fichier pour l&#39;instant." in page
    assert 'href="/imports"' in page


# --- one person ----------------------------------------------------------------------------------------------------
def test_one_glance_tells_which_rule_opens_and_what_to_bring(adviser: Visitor, world: World) -> None:
    seen = f"avis_situation_ft@{local_day(now()) - timedelta(days=5)}"
    world.put(world.adviser, "candidates", [{"candidate_id": "P4", "evidence": [seen]}])
    declared, proven = text(adviser.page(ONE)), text(adviser.page("/people/P4"))
    assert "Embauche directe sur un marché (CCAG 2021) éligible" in declared
    assert "demandeur d'emploi de longue durée : déclaré apporter : avis de situation France Travail" in declared
    assert "demandeur d'emploi de longue durée : prouvé" in proven
    assert "maçon" in declared
    assert "le suivi par la justice" not in text(adviser.page("/people/P3"))  # never asked while another would do


def test_a_person_is_proposed_in_one_action_and_the_answer_comes_back(adviser: Visitor, world: World) -> None:
    answer = adviser.send(f"{ONE}/propose", position_id="J1")
    assert answer.url.query == b"done=proposed"
    assert "Proposition envoyée." in answer.text
    assert "proposée" in answer.text
    again = adviser.send(f"{ONE}/propose", position_id="J1")
    assert again.status_code == 409
    assert "Cette personne est déjà proposée pour ce poste." in again.text
    assert "Les postes qui vont le mieux" in again.text
    proposal = world.get(world.adviser, "/proposals")["proposals"][0]["proposal_id"]
    world.move(world.facilitator, proposal, "refused", reason="person_distance")
    page = text(adviser.page(ONE))
    assert "refusée" in page
    assert "trajet trop long ou impossible" in page


def test_what_would_open_more_is_told(adviser: Visitor, world: World) -> None:
    world.put(world.adviser, "candidates", [{"candidate_id": "P1", "licences": "none"}])
    world.positions({**POSITION, "position_id": "J2", "title": "maçon conducteur", "licences": ["B"]})
    page = text(adviser.page(ONE))
    assert "permis B : 1 poste(s) de plus (par exemple maçon conducteur )" in page
    assert "Aucun permis, certificat, horaire ou distance" in text(adviser.page("/people/P2"))


def test_the_pair_says_every_reason_and_what_would_change(adviser: Visitor, world: World) -> None:
    world.positions({**POSITION, "position_id": "2026/7 bis", "title": "coffreur", "licences": ["B"]})
    world.put(world.adviser, "candidates", [{"candidate_id": "P1", "licences": "none"}])
    page = adviser.page(f"{ONE}/positions/2026%2F7%20bis")
    assert page.status_code == 200
    said = text(page)
    assert "permis ou véhicule exigé : obtenir le permis B" in said
    assert "non : mise de côté par un critère" in said
    open_ = text(adviser.page(f"{ONE}/positions/J1"))
    assert "Ce que la personne attend" in open_
    assert "premier métier souhaité" in open_
    assert "oui, au rang 1" in open_
    assert adviser.page(f"{ONE}/positions/J1").text.count('<svg class="bar') >= 5
    assert adviser.page(f"{ONE}/positions/nothing").status_code == 404


# --- correcting ----------------------------------------------------------------------------------------------------
def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_facts_are_corrected_and_an_empty_field_is_unknown(adviser: Visitor, world: World) -> None:
    now = version(adviser.page(f"{ONE}/edit").text)
    answer = adviser.send(f"{ONE}/edit", version=now, licences="B|C", phone="", certificates="aucun", vehicle="no")
    assert "Enregistré." in answer.text
    facts = world.get(world.adviser, "/candidates/P1")["facts"]
    assert (facts["licences"], facts["phone"], facts["certificates"]) == (["B", "C"], None, [])
    assert facts["vehicle"] is False
    assert facts["commune"] == "91228"  # what the form did not change
    again = world.get(world.adviser, "/candidates/P1")["version"]
    adviser.send(f"{ONE}/edit", version=version(adviser.page(f"{ONE}/edit").text))
    assert world.get(world.adviser, "/candidates/P1")["version"] == again  # nothing changed, nothing written


def test_a_refusal_keeps_what_was_typed(adviser: Visitor) -> None:
    now = version(adviser.page(f"{ONE}/edit").text)
    answer = adviser.send(f"{ONE}/edit", version=now, max_distance_km="très loin", skills="poser des parpaings")
    assert answer.status_code == 422
    assert 'value="très loin"' in answer.text
    assert 'value="poser des parpaings"' in answer.text
    assert 'id="e-max_distance_km"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_somebody_else_s_change_is_never_lost(adviser: Visitor, world: World) -> None:
    old = version(adviser.page(f"{ONE}/edit").text)
    world.put(world.adviser, "candidates", [{"candidate_id": "P1", "max_distance_km": 12}])
    answer = adviser.send(f"{ONE}/edit", version=old, max_distance_km="30")
    assert answer.status_code == 412
    assert "Quelqu&#39;un a modifié cette fiche pendant votre saisie." in answer.text
    assert 'value="30"' in answer.text
    assert answer.text.count("Enregistré maintenant :") == 1
    assert "Enregistré maintenant : 12" in answer.text
    assert version(answer.text) != old
    adviser.send(f"{ONE}/edit", version=version(answer.text), max_distance_km="30")
    assert world.get(world.adviser, "/candidates/P1")["facts"]["max_distance_km"] == 30


def test_marks_in_names_stay_words(adviser: Visitor, world: World) -> None:
    name = f"{SCRIPT}\"'><img src=x onerror=alert(1)>"
    world.put(world.adviser, "candidates", [{"candidate_id": SCRIPT, **COMMON, "first_name": name, "skills": [name]}])
    world.positions({**POSITION, "position_id": "J2", "title": name, "employer": name})
    address = "/people/%3Cscript%3Ealert(1)%3C%2Fscript%3E"
    for rest in (*(rest for rest in ROOM if rest not in ("/file/json", "/positions/J1")), "/positions/J2"):
        page = adviser.page(address + rest)
        assert page.status_code == 200, rest
        assert SCRIPT not in page.text
        assert "<img" not in page.text
    assert "&lt;img" in adviser.page("/people").text


# --- rights --------------------------------------------------------------------------------------------------------
def test_the_file_is_handed_over_whole(adviser: Visitor) -> None:
    answer = adviser.page(f"{ONE}/file/json")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''dossier-R-")
    assert json.loads(answer.content)["facts"]["last_name"] == "Nom1"
    assert ">Télécharger le dossier" in adviser.page(f"{ONE}/rights").text


def test_the_file_reads_in_plain_words(adviser: Visitor, world: World) -> None:
    """Everything that the route gives, in sentences to the person; nothing in codes, nothing left out."""
    world.put(world.adviser, "candidates", [{"candidate_id": "P1", "work_limits": ["heights"], "benefits": ["RSA"]}])
    proposal = world.propose(world.adviser, "P1")
    world.move(world.facilitator, proposal, "refused", reason="person_distance", decided_by="employer")
    page = adviser.page("/people/P1/file")
    assert page.status_code == 200
    said = text(page)
    for words in (
        "Voici tout ce que Organisme A garde sur vous",
        "Nom1",
        "RSA",
        "travail en hauteur",
        "Nous ne savons pas :",
        "votre fiche a été créée",
        "avant « inconnu », ensuite « travail en hauteur »",
        "Refusée ; motif : trajet trop long ou impossible.",
        "décidé par l'entreprise",
        "vous avez été proposé pour un poste",
        "ce dossier",
        "Vos droits",
        "CNIL",
        "À qui parler",
    ):
        assert words in said, words
    assert "None" not in said
    held = json.loads(adviser.page("/people/P1/file/json").content)
    known = {name for name, value in held["facts"].items() if value is not None}
    assert said.count("Nous ne savons pas") == 1
    unknown = said.partition("Nous ne savons pas : ")[2].partition(" D'où cela vient")[0]
    assert len(unknown.split(" ; ")) == len(held["facts"]) - len(known)
    assert {one["action"] for one in held["seen"]} <= set(SEEN)
    assert {one["action"] for one in held["log"]} <= set(DONE)


def test_the_file_says_who_saw_what_and_how_often(adviser: Visitor, world: World) -> None:
    for _again in range(3):
        adviser.page("/people/P3")
    said = text(adviser.page("/people/P3/file"))
    assert re.search(r"Organisme A votre fiche, ou une liste où vous êtes \d+", said)
    today = written_day(local_day(now()))
    assert f"{today} Organisme A ce dossier 1" in said
    assert f"{today} Organisme A ce dossier 2" in text(adviser.page("/people/P3/file"))


def test_an_objection_is_asked_twice_kept_and_taken_back(adviser: Visitor, world: World) -> None:
    asked = adviser.page(f"{ONE}/objection").text
    assert "Elle ne sera plus classée" in asked
    assert world.get(world.adviser, "/candidates/P1")["facts"]["objection"] is None
    answer = adviser.send(f"{ONE}/objection", version=version(asked), objects="yes")
    assert "Opposition enregistrée" in answer.text
    page = text(adviser.page(ONE))
    assert "Cette personne s'oppose au rapprochement." in page
    assert "Rien n'est proposé : la personne s'oppose au rapprochement." in page
    assert "Éligibilité aujourd'hui" not in page
    stale = adviser.send(f"{ONE}/objection", version="1", objects="no")
    assert stale.status_code == 412
    assert world.get(world.adviser, "/candidates/P1")["facts"]["objection"] is True
    adviser.send(f"{ONE}/objection", version=version(stale.text), objects="no")
    assert world.get(world.adviser, "/candidates/P1")["facts"]["objection"] is None


def test_erasing_asks_to_be_sure(adviser: Visitor, world: World) -> None:
    refused = adviser.send(f"{ONE}/erase")
    assert refused.status_code == 422
    assert "Cocher la case : un effacement est sans retour." in refused.text
    assert world.get(world.adviser, "/candidates/P1")["candidate_id"] == "P1"
    done = adviser.send(f"{ONE}/erase", sure="yes")
    assert "Effacement fait" in done.text
    assert ">P1<" not in done.text
    assert adviser.page(ONE).status_code == 404


# --- the sheet -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["P1", "P2", "P3", "P4"])
def test_the_sheet_tells_the_person_and_says_nothing_private(adviser: Visitor, world: World, name: str) -> None:
    before = text(adviser.page(f"/people/{name}/sheet"))
    assert "Rien n'est encore envoyé." in before
    world.propose(world.adviser, name)
    page = text(adviser.page(f"/people/{name}/sheet"))
    assert "Votre conseiller vous propose pour ces postes." in page
    assert "maçon" in page
    assert "C'est le métier que vous voulez faire en premier." in page
    for right in ("Vos droits", "demandez votre dossier", "Corriger", "Être effacé", "Contester un refus", "CNIL"):
        assert right in page
    assert "Organisme A" in page
    handout = page.partition("Des postes pour vous")[2].casefold()
    for word in ("aah", "rsa", "handicap", "rqth", "invalidité", "justice", "détention", "port de charges", "score"):
        assert word not in handout, word


def test_everything_shown_of_a_person_is_in_the_log(adviser: Visitor, world: World) -> None:
    adviser.page("/people")
    adviser.page(ONE)
    actions = [entry["action"] for entry in world.log()]
    assert actions.count("people.see") >= 2
    assert "positions.see" in actions
