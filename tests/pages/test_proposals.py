"""Proposals: the list, the history, the steps that may be noted, the last opening, two people at once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from service.clock import local_day, now
from service.store import tables as t
from tests.pages.conftest import Site
from tests.pages.places import FORBIDDEN, POSITION, SITE, adviser, company, facilitator, siret_of, words, world


def test_each_follows_their_own_proposals(site: Site) -> None:
    here = world(site)
    mine, other = here.propose(here.adviser, "P1"), here.propose(here.other, "Q1")
    references = here.references()
    text = adviser(site).page("/proposals").text
    assert mine in text
    assert other not in text
    assert ">P1<" in text
    text = facilitator(site).page("/proposals").text
    assert mine in text
    assert other in text
    assert references["A", "P1"] in text
    for hidden in FORBIDDEN:
        assert hidden not in text
    assert company(site).page("/proposals").status_code == 403
    assert site.visitor("facilitator", "G").page(f"/proposals/{mine}").status_code == 404
    assert site.visitor("adviser", "B").page(f"/proposals/{mine}").status_code == 404


def test_the_list_is_filtered_by_stage_and_by_waiting(site: Site) -> None:
    here = world(site)
    old, new = here.propose(here.adviser, "P1"), here.propose(here.adviser, "P2")
    here.move(here.facilitator, new, "shortlisted")
    week = (local_day(now()) - timedelta(days=7)).isoformat()
    with here.api.store.alter() as connection:
        connection.execute(update(t.moves).where(t.moves.c.proposal_id == old).values(happened_on=week))
    visitor = facilitator(site)
    waiting = visitor.page("/proposals?waiting=1").text
    assert old in waiting
    assert new not in waiting
    assert "au facilitateur de répondre" in words(waiting)
    kept = visitor.page("/proposals?stage=shortlisted").text
    assert new in kept
    assert old not in kept
    assert "Aucune proposition ne répond" in visitor.page("/proposals?position=nowhere").text


def test_the_history_says_who_decided_what_and_when(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    visitor = facilitator(site)
    text = visitor.page(f"/proposals/{proposal}").text
    assert "Marqueur1 Nom1" in text
    assert "0100000001" in text
    assert "décidé par le conseiller" in words(text)
    assert "(conseiller)" in words(text)
    assert "key:" not in text
    refused = visitor.send(f"/proposals/{proposal}", stage="refused", decided_by="employer")
    assert refused.status_code == 422
    assert "Motif : un refus dit son motif" in refused.text
    done = visitor.send(f"/proposals/{proposal}", stage="refused", decided_by="employer", reason="person_distance")
    assert "Étape notée" in done.text
    assert "décidé par l&#39;entreprise ; motif : trajet trop long ou impossible" in words(done.text)
    assert '<form method="post" action="/proposals' not in done.text  # nothing may follow a refusal


def test_only_the_steps_that_one_may_note_are_offered(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    theirs, mine = (one.page(f"/proposals/{proposal}").text for one in (facilitator(site), adviser(site)))
    assert 'value="shortlisted"' in theirs
    assert 'value="refused"' in theirs
    assert 'value="withdrawn"' not in theirs
    assert 'value="withdrawn"' in mine
    assert 'value="shortlisted"' not in mine
    assert "Téléphone" not in mine  # an adviser has their own file
    not_theirs = adviser(site).send(f"/proposals/{proposal}", stage="shortlisted")
    assert not_theirs.status_code == 403


def test_a_hire_is_recorded_with_its_contract(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    for stage in ("shortlisted", "interviewed"):
        here.move(here.facilitator, proposal, stage)
    visitor = facilitator(site)
    wrong = visitor.send(f"/proposals/{proposal}", stage="hired", contract="fixed", contract_months="huit")
    assert wrong.status_code == 422
    assert 'value="huit"' in wrong.text
    assert "un nombre de mois" in wrong.text
    future = (local_day(now()) + timedelta(days=1)).isoformat()
    early = visitor.send(f"/proposals/{proposal}", stage="hired", on=future, contract_months="8")
    assert early.status_code == 422
    assert "Jour : cette date est dans l&#39;avenir" in early.text
    assert f'value="{future}"' in early.text
    assert 'value="8"' in early.text
    done = visitor.send(f"/proposals/{proposal}", stage="hired", contract="fixed", contract_months="8,5")
    assert "embauchée" in words(done.text)
    assert "durée déterminée (CDD), 8,5" in words(done.text)
    assert "1 sur 2" in words(visitor.page("/positions").text)


def test_the_last_opening_is_explained(site: Site) -> None:
    here = world(site)
    here.positions({**POSITION, "position_id": "J2", "openings": 1, "siret": siret_of(SITE)})
    first, second = (here.propose(here.adviser, name, "J2") for name in ("P1", "P2"))
    for proposal in (first, second):
        for stage in ("shortlisted", "interviewed"):
            here.move(here.facilitator, proposal, stage)
    visitor = facilitator(site)
    visitor.send(f"/proposals/{first}", stage="hired", contract="permanent")
    answer = visitor.send(f"/proposals/{second}", stage="hired", contract="fixed", contract_months="6")
    assert answer.status_code == 409
    assert "Toutes les places de ce poste sont pourvues" in answer.text
    assert "dernière place" in answer.text
    assert 'value="6"' in answer.text


def test_a_stale_page_keeps_what_was_typed_and_shows_what_is_new(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    visitor = facilitator(site)
    text = visitor.page(f"/proposals/{proposal}").text
    version = text.split('name="version" value="', 1)[1].split('"', 1)[0]
    here.move(here.facilitator, proposal, "shortlisted")
    typed = {"stage": "refused", "reason": "person_skills", "version": version, "seen": "1"}
    answer = visitor.send(f"/proposals/{proposal}", **typed)
    assert answer.status_code == 412
    assert "a fait avancer cette proposition" in answer.text
    assert 'value="person_skills" selected' in answer.text
    history = words(answer.text).partition("Historique")[2]
    assert history.count("nouveau") == 1
