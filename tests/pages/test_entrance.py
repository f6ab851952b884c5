"""Coming in by an access key, being turned away, going out."""

from __future__ import annotations

from service.access.keys import revoke
from service.clock import now
from tests.pages.conftest import Site

HTML = {"Accept": "text/html"}


def test_a_stranger_is_shown_the_way_in_and_comes_back(site: Site) -> None:
    stranger = site.anyone()
    answer = stranger.get("/?status=open", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome?back=%2F%3Fstatus%3Dopen")
    form = stranger.get(answer.headers["location"], headers=HTML).text
    assert 'value="/?status=open"' in form
    key = site.api.key("facilitator")
    entered = stranger.post("/welcome", data={"key": key, "back": "/?status=open"}, headers=HTML)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?status=open")


def test_a_wrong_key_says_how_to_mend_it_and_is_not_repeated(site: Site) -> None:
    answer = site.anyone().post("/welcome", data={"key": "cm_wrong", "back": "/"}, headers=HTML)
    assert answer.status_code == 401
    assert "Clé d&#39;accès inconnue ou périmée." in answer.text
    assert "cm_wrong" not in answer.text


def test_the_menu_is_that_of_the_roles(site: Site) -> None:
    adviser, auditor = site.visitor("adviser"), site.visitor("auditor")
    assert ">Personnes</a>" in adviser.page("/").text
    assert ">Personnes</a>" not in auditor.page("/").text
    assert ">Bilan</a>" in auditor.page("/").text


def test_signing_out_ends_the_session(site: Site) -> None:
    visitor = site.visitor("adviser")
    visitor.send("/sign-out", follow=False)
    assert visitor.client.get("/", headers=HTML).status_code == 303


def test_a_revoked_key_ends_its_sessions(site: Site) -> None:
    visitor = site.visitor("adviser")
    key_id = site.api.key("adviser").split("_")[1]
    with site.api.store.write("command:tests", None, now()) as change:
        revoke(change, key_id)
    assert visitor.client.get("/", headers=HTML).headers["location"] == "/welcome"


def test_a_form_of_another_session_is_kept_and_shown_again(site: Site) -> None:
    visitor = site.visitor("adviser")
    data = {"csrf": "0" * 64, "language": "en", "back": "/"}
    answer = visitor.client.post("/language", data=data, headers=HTML)
    assert answer.status_code == 403
    assert "Rien n&#39;est perdu, rien n&#39;est encore fait" in answer.text
    assert '<input type="hidden" name="language" value="en">' in answer.text
    assert visitor.csrf in answer.text


def test_the_language_is_chosen_and_kept(site: Site) -> None:
    stranger = site.anyone()
    answer = stranger.post("/language", data={"language": "en", "back": "/welcome"}, headers=HTML)
    assert answer.headers["location"] == "/welcome"
    page = stranger.get("/welcome", headers=HTML)
    assert '<html lang="en">' in page.text
    assert page.headers["content-language"] == "en"


def test_what_is_not_there_is_told_to_a_person_as_a_page_and_to_a_program_as_json(site: Site) -> None:
    stranger = site.anyone()
    assert "À qui le tour" in stranger.get("/nothing", headers=HTML).text
    assert stranger.get("/nothing").json()["code"] == "not_found"
    assert stranger.get("/api/v1/nothing", headers=HTML).json()["code"] == "not_found"


def test_an_identifier_with_a_slash_stays_one_on_the_way_back(site: Site) -> None:
    """The language form of a page leads back to that page, whatever its identifier."""
    page = site.visitor("facilitator").page("/awards/2026%2F113?from=list")
    assert page.status_code == 404
    assert 'name="back" value="/awards/2026%2F113?from=list"' in page.text
