"""The other newcomers in a real browser: a contract imported and its hours entered, a company, an auditor who reads
no identity; and the main pages without JavaScript."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from service.clock import local_day, now
from tests.pages.demo import Demo
from tests.pages.steps import arrive, follow, press
from tests.service.support import ROOT

pytestmark = pytest.mark.browser

CONTRACT = "2026-parcours"


def notice(name: str) -> dict[str, Any]:
    """A file of one published notice: the samples' first, as if it were signed today."""
    found = json.loads((ROOT / "data_samples" / "awards.json").read_text(encoding="utf-8"))
    day = local_day(now()).isoformat()
    first = {**found["marches"]["marche"][0], "id": name, "dateNotification": day, "datePublicationDonnees": day}
    content = json.dumps({"marches": {"marche": [first]}}).encode()
    return {"name": "decp.json", "mimeType": "application/json", "buffer": content}


def said(page: Any) -> str:
    """The words of the main part, every space alike."""
    return " ".join(page.locator("main").inner_text().split())


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_contract_from_its_file_to_the_hours_of_a_month(enter: Any, demo: Demo, scripts: bool) -> None:
    """The facilitator drops a DECP file, changes a hypothesis, accepts, reads who could come, enters hours."""
    page = enter("facilitator", java_script_enabled=scripts)
    name = f"{CONTRACT}-{scripts}"
    follow(page, "Contrats")
    arrive(page.locator("main a[href='/notices']").first)
    page.get_by_label("Fichier").set_input_files(files=[notice(name)])
    press(page, "Voir ce que devient chaque contrat")
    assert page.locator("h1").inner_text() == "Ce que devient chaque contrat"
    assert "plancher de la charte" in said(page)
    page.get_by_text("Changer les heures ou les hypothèses").click()
    rate = page.get_by_label("Taux d'insertion, %")
    rate.fill("dix")
    press(page, "Recalculer")
    assert "Rien n'est perdu" in page.get_by_role("alert").inner_text()
    assert "ce n'est pas un nombre : dix" in said(page)
    assert rate.input_value() == "dix"
    rate.fill("10")
    press(page, "Recalculer")
    assert "Recalculé" in page.get_by_role("status").inner_text()
    assert "donné par la notice" in said(page)
    press(page, "Accepter et enregistrer 1 contrat")
    assert "Contrats et postes enregistrés" in page.get_by_role("status").inner_text()
    contract = page.url
    assert "Reconstruction du groupe scolaire" in page.locator("h1").inner_text()
    positions = page.locator("table", has=page.locator("caption", has_text="Postes de ce contrat")).locator("tbody a")
    assert positions.count() >= 1
    arrive(positions.first)
    assert page.locator("main table tbody tr[id^=p-]").count() >= 1, "nobody is listed for a position just opened"

    page.goto("/feasibility")
    page.get_by_label("Objet du marché").fill("gros œuvre d'une école")
    page.get_by_label("Montant hors taxes").fill("1840000")
    page.get_by_label("Lieu").fill("91100")
    press(page, "Compter")
    assert "Les heures que la clause donnerait" in said(page)
    assert re.search(r"réaliste|juste : peu de marge", said(page))
    assert page.get_by_label("Montant hors taxes").input_value() == "1840000"

    page.goto("/awards")
    reference = _somebody_validated(page)
    page.goto(contract)
    follow(page, "Saisir les heures du mois")
    page.get_by_label("Référence, ligne 1").fill(reference)
    page.get_by_label("Employeur, ligne 1").fill("Maçonnerie du parcours")
    page.get_by_label("Heures, ligne 1").fill("900")
    press(page, "Enregistrer les heures")
    assert "208 heures" in said(page)
    assert page.get_by_label("Employeur, ligne 1").input_value() == "Maçonnerie du parcours"
    page.get_by_label("Heures, ligne 1").fill("2,5")
    press(page, "Enregistrer les heures")
    assert "Enregistré" in page.get_by_role("status").inner_text()
    row = page.locator("table", has=page.locator("caption", has_text="Heures enregistrées")).locator("tbody tr")
    assert row.count() == 1
    assert " ".join(row.inner_text().split()).endswith("Maçonnerie du parcours embauche directe 2,5")


def _somebody_validated(page: Any) -> str:
    """The reference of somebody who has hours on another contract."""
    for address in page.locator("main tbody th a").evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        page.goto(f"{address}/hours")
        row = page.locator("table", has=page.locator("caption", has_text="Heures enregistrées")).locator("tbody th")
        if row.count():
            return str(row.last.inner_text())
    raise AssertionError("no contract of the demonstration has hours")


def names_of_people(demo: Demo) -> set[str]:
    """Family names that the adviser reads on the first page of people."""
    client = demo.client("adviser", "plie-demo")
    found = re.findall(r'<th scope="row"[^>]*>\s*<a[^>]*>([^<]+)</a>', client.get("/people").text)
    client.close()
    names = {words.split()[-1] for words in found}
    assert len(names) > 5
    return names


def test_an_auditor_reads_the_log_and_the_figures_without_any_identity(enter: Any, demo: Demo) -> None:
    hidden = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names_of_people(demo)))
    page = enter("auditor")
    assert hidden.search(page.content()) is None
    follow(page, "Journal")
    assert page.locator("main tbody tr").count() >= 20
    assert hidden.search(page.content()) is None
    press(page, "Vérifier")
    assert re.search(r"Journal entier : \d", said(page))
    digest = page.locator("main .done code").inner_text()
    page.get_by_label("Empreinte notée ailleurs").fill(digest)
    press(page, "Vérifier")
    assert "Journal entier" in said(page)
    page.get_by_label("Empreinte notée ailleurs").fill("1" * 64)
    press(page, "Vérifier")
    assert "Le journal n'est pas entier." in page.get_by_role("alert").inner_text()
    follow(page, "Journal")
    page.get_by_label("Action").select_option(label="entrée dans le service")
    press(page, "Montrer")
    kinds = set(page.locator("main tbody td[data-label=Quoi]").all_inner_texts())
    assert {" ".join(one.split()) for one in kinds} == {"entrée dans le service session.open"}
    follow(page, "Bilan")
    assert page.locator("main table").count() >= 1
    assert hidden.search(page.content()) is None
    for closed in ("/people", "/positions", "/proposals", "/awards", "/imports"):
        answer = page.request.get(closed, headers={"Accept": "text/html"})
        assert answer.status == 403, closed
        assert hidden.search(answer.text()) is None


def test_a_company_reads_its_positions_and_no_more(enter: Any, demo: Demo) -> None:
    hidden = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names_of_people(demo)))
    page = enter("contractor")
    assert page.locator("header nav a").all_inner_texts() == ["Aujourd'hui", "Postes"]
    follow(page, "Postes")
    sheets = 0
    for address in page.locator("main tbody th a").evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        page.goto(address)
        assert page.locator("h1").count() == 1
        assert hidden.search(page.content()) is None
        follow(page, "Fiche pour l'entreprise")
        assert hidden.search(page.content()) is None
        link = page.locator("main a[href$='/company-sheet/csv']")
        if link.count() == 0:
            continue
        with page.expect_download() as download:
            link.click()
        content = download.value.path().read_text(encoding="utf-8-sig")
        assert len(content.splitlines()) >= 2
        assert not re.search(r"AAH|RSA|TH\b|handicap|justice", content)
        sheets += 1
    assert sheets, "no company sheet in the demonstration"
    for closed in ("/people", "/proposals", "/awards", "/imports", "/indicators", "/log", "/feasibility"):
        page.goto(closed)
        assert "n'est pas pour votre rôle" in said(page), closed


MENUS = ("adviser", "facilitator", "contractor")


@pytest.mark.parametrize("role", MENUS)
def test_every_menu_works_without_scripts(enter: Any, role: str) -> None:
    """Links, sorting, a language chosen, signing out: nothing waits for a script."""
    page = enter(role, java_script_enabled=False)
    for place in range(page.locator("header nav a").count()):
        arrive(page.locator("header nav a").nth(place))
        assert page.locator("h1").count() == 1
        address = page.url
        following = page.locator("main a[rel=next]")
        if following.count():
            arrive(following.first)
            assert page.url != address
            assert page.locator("h1").count() == 1
    arrive(page.locator("footer").get_by_role("button", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"
    arrive(page.get_by_role("button", name="Sign out"))
    page.goto("/")
    assert page.locator("#f-key").is_visible()
    cookies = {one["name"] for one in page.context.cookies()}
    assert not [name for name in cookies if "session" in name]


def test_an_administrator_opens_an_access_and_ends_it(enter: Any, chromium: Any, demo: Demo) -> None:
    """An organisation is created, a key given; who holds it comes in, and no longer once it is stopped."""
    page = enter("admin")
    follow(page, "Administration")
    follow(page, "Organismes, membres et clés d'accès")
    page.get_by_label("Identifiant").fill("parcours")
    page.get_by_label("Nom").fill("Organisme du parcours")
    press(page, "Créer l'organisme")
    assert "Organisme créé" in page.get_by_role("status").inner_text()
    page.get_by_label("À quoi sert la clé").fill("accueil")
    page.locator("form[action$='/keys']").get_by_label("conseiller").check()
    press(page, "Créer la clé")
    assert "Elle ne sera plus montrée" in said(page)
    key = page.locator("main code.long").inner_text()
    context = chromium.new_context(locale="fr-FR", base_url=demo.url)
    other = context.new_page()
    other.goto("/")
    other.get_by_label("Clé d'accès").fill(key)
    other.get_by_role("button", name="Entrer").click()
    other.wait_for_url(demo.url + "/")
    page.reload()
    assert "Une clé se lit une seule fois" in said(page)
    assert key not in page.content()
    follow(page, "Revenir à l'organisme")
    assert page.locator("summary", has_text="Arrêter").count() == 1
    page.locator("summary", has_text="Arrêter").first.click()
    press(page, "Oui, arrêter")
    assert "Clé arrêtée" in page.get_by_role("status").inner_text()
    other.goto("/people")
    assert other.url.startswith(demo.url + "/welcome")
    context.close()
    follow(page, "Administration")
    follow(page, "Jeux de règles en place")
    assert "Chacun part de" in said(page)
