"""The list of positions by role, the form, closing, the employer's sheet."""

from __future__ import annotations

from datetime import timedelta

from matcher.vocabulary import LIMIT_WORDS, SCHEDULE
from service.clock import local_day, now
from tests.pages.conftest import Site
from tests.pages.places import (
    FORBIDDEN,
    POSITION,
    SITE,
    adviser,
    company,
    facilitator,
    filled,
    siret_of,
    words,
    world,
)


def test_each_role_has_its_own_positions(site: Site) -> None:
    here = world(site)
    here.positions({**POSITION, "position_id": "J2", "title": "peintre", "employer": "Ravalement Ondine"})
    site.api.organisation("G")
    here.put(
        site.api.client("facilitator", "G"), "positions", [{**POSITION, "position_id": "G1", "title": "grutier"}]
    )
    mine, open_ones, theirs = (
        one.page("/positions").text for one in (facilitator(site), adviser(site), company(site))
    )
    assert all(title in mine for title in ("maçon", "peintre"))
    assert "grutier" not in mine
    assert all(title in open_ones for title in ("maçon", "peintre", "grutier"))
    assert "maçon" in theirs
    assert "peintre" not in theirs
    assert "Propositions en cours" not in theirs
    assert "0 sur 2" in words(mine)
    assert "Créer un poste" in mine
    assert "Créer un poste" not in open_ones + theirs


def test_the_list_is_searched_filtered_and_sorted_by_the_server(site: Site) -> None:
    here = world(site)
    today = local_day(now())
    starts = {"S1": today + timedelta(days=20), "S2": today + timedelta(days=5), "S3": today - timedelta(days=3)}
    rows = [{**POSITION, "position_id": name, "start_date": day.isoformat()} for name, day in starts.items()]
    here.positions(*rows, {**POSITION, "position_id": "S4", "title": "Électricienne"})
    visitor = facilitator(site)
    text = visitor.page("/positions").text
    places = [text.index(f'href="/positions/{name}"') for name in ("S3", "S2", "S1", "S4")]
    assert places == sorted(places)  # an unknown start is the last
    soon = visitor.page("/positions?start=15").text
    assert 'href="/positions/S2"' in soon
    assert 'href="/positions/S1"' not in soon
    assert 'href="/positions/S3"' not in soon
    past = visitor.page("/positions?start=past").text
    assert 'href="/positions/S3"' in past
    assert 'href="/positions/S2"' not in past
    for typed in ("electric", "ELECTRIC", "électric", "ÉLECTRIC S4"):
        found = visitor.page("/positions", params={"q": typed}).text
        assert 'href="/positions/S4"' in found
        assert 'href="/positions/S2"' not in found
    nothing = visitor.page("/positions", params={"q": "100%_"}).text
    assert "Aucun poste ne répond" in nothing


def test_long_lists_have_pages_that_keep_their_filters(site: Site) -> None:
    here = world(site)
    here.positions(*({**POSITION, "position_id": f"N{number:02d}", "title": "carreleur"} for number in range(30)))
    visitor = facilitator(site)
    first = visitor.page("/positions?q=carreleur&sort=position_id").text
    assert first.count('href="/positions/N') == 25
    following = first[first.index('rel="next"') :].split('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = visitor.page(following).text
    assert second.count('href="/positions/N') == 5
    assert "Revenir au début" in second


def test_a_position_is_created_with_the_refusals_beside_their_fields(site: Site) -> None:
    world(site)
    visitor = facilitator(site)
    form = visitor.page("/new-position").text
    sent = filled(form, "/new-position", title="grutier", city="Évry", weekly_hours="beaucoup", position_id="N1")
    refused = visitor.send("/new-position", **sent)
    assert refused.status_code == 422
    assert 'value="beaucoup"' in refused.text
    assert 'value="grutier"' in refused.text
    assert 'id="e-weekly_hours"' in refused.text
    made = visitor.send("/new-position", **{**sent, "weekly_hours": "35,5"})
    assert made.status_code == 200
    assert "Poste créé" in made.text
    assert "<h1>grutier</h1>" in made.text
    again = visitor.send("/new-position", **{**sent, "weekly_hours": "20"})
    assert again.status_code == 422
    assert "un de vos postes a déjà cet identifiant" in again.text
    assert 'value="20"' in again.text
    assert "35.5" in visitor.page("/positions/N1").text  # the one of before is as it was


def test_a_stale_form_keeps_what_was_typed_and_says_what_changed(site: Site) -> None:
    here = world(site)
    visitor = facilitator(site)
    form = visitor.page("/positions/J1/edit").text
    here.positions({"position_id": "J1", "title": "maçon", "wage": 13.5})
    sent = filled(form, "/positions/J1/edit", title="maçon coffreur")
    answer = visitor.send("/positions/J1/edit", **sent)
    assert answer.status_code == 412
    assert 'value="maçon coffreur"' in answer.text
    assert "Rien n&#39;est perdu" in answer.text
    assert "enregistré maintenant : 13.5" in answer.text
    done = visitor.send("/positions/J1/edit", **filled(answer.text, "/positions/J1/edit"))
    assert "Enregistré." in done.text
    assert "<h1>maçon coffreur</h1>" in done.text
    assert "13.5" in done.text


def test_the_form_says_conditions_in_words_and_reads_them_back(site: Site) -> None:
    here = world(site)
    here.positions({"position_id": "J1", "demands": sorted(set(LIMIT_WORDS.values())), "schedule": list(SCHEDULE)})
    before = here.get(here.facilitator, "/positions/J1")["facts"]
    visitor = facilitator(site)
    sent = filled(visitor.page("/positions/J1/edit").text, "/positions/J1/edit")
    assert "port de charges" in sent["demands"]
    for name in ("demands", "schedule"):
        words_typed = {name: " " + sent[name].replace("|", " | ") + " |", f"was-{name}": ""}
        assert "Enregistré." in visitor.send("/positions/J1/edit", **{**sent, **words_typed, "version": "*"}).text
    after = here.get(here.facilitator, "/positions/J1")["facts"]
    assert {name: after[name] for name in ("demands", "schedule")} == {
        name: before[name] for name in ("demands", "schedule")
    }


def test_a_position_is_closed_and_opened_again(site: Site) -> None:
    world(site)
    visitor = facilitator(site)
    assert "Poste fermé" in visitor.send("/positions/J1/closed", closed="yes").text
    assert adviser(site).page("/positions/J1").status_code == 404
    assert "Poste rouvert" in visitor.send("/positions/J1/closed", closed="no").text


def test_only_a_facilitator_writes_and_only_their_own(site: Site) -> None:
    world(site)
    for visitor in (adviser(site), company(site)):
        assert visitor.page("/positions/J1/edit").status_code == 403
        assert visitor.send("/positions/J1/closed", closed="yes").status_code == 403
        assert visitor.page("/positions/J1/fairness").status_code == 403
    other = site.visitor("facilitator", "G")
    for path in ("/positions/J1", "/positions/J1/edit", "/positions/J1/fairness", "/positions/J1/company-sheet"):
        assert other.page(path).status_code == 404


def test_the_sheet_shows_those_kept_for_the_company_and_nothing_else(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    here.propose(here.adviser, "P2")
    mine, theirs = facilitator(site), company(site)
    assert "Personne à montrer" in mine.page("/positions/J1/company-sheet").text
    assert "n&#39;a encore retenu personne" in theirs.page("/positions/J1/company-sheet").text
    here.move(here.facilitator, proposal, "shortlisted")
    preview, read = (one.page("/positions/J1/company-sheet").text for one in (mine, theirs))
    table = preview[preview.index("<table") : preview.index("</table>")]
    assert table == read[read.index("<table") : read.index("</table>")]
    assert table.count("<tr>") == 2
    references = here.references()
    for hidden in (*FORBIDDEN, "P1", references["A", "P1"], "Organisme A"):
        assert hidden not in read[read.index("<main") :]
    assert references["A", "P1"] in preview  # who is who, for the facilitator
    for visitor in (mine, theirs):
        for kind in ("xlsx", "csv"):
            file = visitor.page(f"/positions/J1/company-sheet/{kind}")
            assert file.status_code == 200
            assert file.headers["content-disposition"].startswith("attachment")
        assert visitor.page("/positions/J1/company-sheet/pdf").status_code == 404


def test_an_employer_reads_the_position_and_no_list(site: Site) -> None:
    here = world(site)
    here.propose(here.adviser, "P1")
    text = company(site).page("/positions/J1").text
    assert "Fiche pour l&#39;entreprise" in text
    assert siret_of(SITE) in text
    for hidden in (*FORBIDDEN, *here.references().values(), "côte à côte"):
        assert hidden not in text


def test_the_fairness_figures_hide_few_people(site: Site) -> None:
    world(site)
    text = words(facilitator(site).page("/positions/J1/fairness").text)
    assert "trop peu pour être montré" in text
    assert "Bénéficiaire du RSA" in text


def test_a_position_and_a_person_of_any_name_have_their_page(site: Site) -> None:
    here = world(site)
    here.positions({"position_id": "new", "title": "maçon au nom bref"})
    here.put(here.adviser, "candidates", [{"candidate_id": "new", "last_name": "Nouvelle"}])
    assert "maçon au nom bref" in words(facilitator(site).page("/positions/new").text)
    assert "Nouvelle" in site.visitor("adviser").page("/people/new").text
