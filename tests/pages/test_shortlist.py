"""The people of a position side by side: who reads what, the order, setting aside, filters, the explanation."""

from __future__ import annotations

import re
from typing import Any

from tests.pages.conftest import Site
from tests.pages.places import (
    FORBIDDEN,
    adviser,
    company,
    facilitator,
    filled,
    people_in_order,
    words,
    world,
)
from tests.service.lists import person

ORDER = "/positions/J1/order"


def test_a_facilitator_reads_references_until_a_person_is_proposed(site: Site) -> None:
    here = world(site)
    references = here.references()
    visitor = facilitator(site)
    text = visitor.page("/positions/J1").text
    for hidden in (*FORBIDDEN, '"P1"', "Q1"):
        assert hidden not in text
    assert references["A", "P1"] in text
    assert references["B", "P1"] in text
    here.propose(here.adviser, "P1")
    text = visitor.page("/positions/J1").text
    assert "Marqueur1 Nom1" in text
    assert "0100000001" in text
    assert references["A", "P1"] in text
    assert "Marqueur2" not in text


def test_an_adviser_reads_their_own_people_and_proposes_in_one_action(site: Site) -> None:
    here = world(site)
    references = here.references()
    visitor = adviser(site)
    text = visitor.page("/positions/J1").text
    assert "Marqueur1 Nom1" in text
    assert "Q1" not in text
    for reference in references.values():
        assert reference not in text
    assert "Monter" not in text
    assert "Ajouter une personne" not in text
    answer = visitor.send("/positions/J1/propose", candidate="P1")
    assert "Proposition envoyée" in answer.text
    assert "proposée" in words(answer.text)
    twice = visitor.send("/positions/J1/propose", candidate="P1")
    assert twice.status_code == 409
    assert "déjà proposée" in twice.text


def test_the_people_are_ordered_by_buttons_alone(site: Site) -> None:
    world(site)
    visitor = facilitator(site)
    text = visitor.page("/positions/J1").text
    before = people_in_order(text)
    assert len(before) > 3
    text = visitor.send(ORDER, **filled(text, ORDER, up=before[2])).text
    assert people_in_order(text) == [before[0], before[2], before[1], *before[3:]]
    assert "Ordre enregistré" in text
    assert "grille : rang 3" in text
    assert "place 2" in text
    text = visitor.send(ORDER, **filled(text, ORDER, down=before[0])).text
    assert people_in_order(text) == [before[2], before[0], before[1], *before[3:]]
    text = visitor.send(ORDER, **filled(text, ORDER, reset="1")).text
    assert people_in_order(text) == before


def test_an_order_given_meanwhile_by_somebody_else_is_not_lost(site: Site) -> None:
    world(site)
    first, second = facilitator(site), facilitator(site)
    text = first.page("/positions/J1").text
    before = people_in_order(text)
    second.send(ORDER, **filled(text, ORDER, down=before[0]))
    answer = first.send(ORDER, **filled(text, ORDER, up=before[2]))
    assert answer.status_code == 412
    assert "Quelqu&#39;un a changé l&#39;ordre" in answer.text
    assert people_in_order(answer.text)[:2] == [before[1], before[0]]


def test_somebody_is_set_aside_with_a_reason_and_comes_back(site: Site) -> None:
    world(site)
    visitor = facilitator(site)
    text = visitor.page("/positions/J1").text
    first, *others = people_in_order(text)
    changes = {"aside": first, f"reason-{first}": "person_availability"}
    text = visitor.send(ORDER, **filled(text, ORDER, **changes)).text
    assert people_in_order(text) == others
    assert f"{first} : pas disponible aux dates ou aux horaires" in words(text)
    text = visitor.send(ORDER, **filled(text, ORDER, up=others[1])).text  # the others move, the reason stays
    assert f"{first} : pas disponible aux dates ou aux horaires" in words(text)
    text = visitor.send(ORDER, **filled(text, ORDER, back=first)).text
    assert people_in_order(text)[-1] == first
    assert "Mises de côté" not in text


def test_somebody_is_added_by_reference_and_a_wrong_one_stays_in_the_field(site: Site) -> None:
    here = world(site)
    here.put(here.adviser, "candidates", [person(candidate_id="FAR", commune="67482", max_distance_km=5)])
    far = here.references()["A", "FAR"]
    visitor = facilitator(site)
    text = visitor.page("/positions/J1").text
    before = people_in_order(text)
    assert far not in before
    wrong = visitor.send(ORDER, **_adding(text, "R-ZZZZZZZZZZ"))
    assert wrong.status_code == 404
    assert 'value="R-ZZZZZZZZZZ"' in wrong.text
    text = visitor.send(ORDER, **_adding(text, far)).text
    assert people_in_order(text) == [*before, far]
    assert "ajoutée à la main" in text


def _adding(html: str, reference: str) -> dict[str, Any]:
    second = html[
        html.index(f'action="{ORDER}"', html.index(f'action="{ORDER}"') + 1) - len('<form method="post" ') :
    ]
    return filled(second, ORDER, add=reference)


def test_filters_say_how_many_they_hide_and_nothing_is_hidden_at_first(site: Site) -> None:
    here = world(site)
    unsure = {"candidate_id": "V1", "commune": "91228", "occupations": ["F1703"]}
    here.put(here.adviser, "candidates", [unsure])
    visitor = facilitator(site)
    text = visitor.page("/positions/J1").text
    reference = here.references()["A", "V1"]
    assert reference in people_in_order(text)
    assert "à vérifier" in words(text)
    assert "éligibilité à vérifier (1)" in words(text)
    hidden = visitor.page("/positions/J1?verify=1").text
    assert reference not in people_in_order(hidden)
    assert "1 personne(s) cachée(s) par vos filtres." in words(hidden)
    # what is hidden keeps its place when others move
    others = people_in_order(hidden)
    action = ORDER + "?verify=1"
    moved = visitor.send(action, **filled(hidden, action, up=others[1])).text
    assert people_in_order(moved) == [others[1], others[0], *others[2:]]
    assert reference in people_in_order(visitor.page("/positions/J1").text)


def test_what_is_unknown_is_marked_and_each_cell_says_its_points(site: Site) -> None:
    world(site)
    text = facilitator(site).page("/positions/J1").text
    cells = re.findall(r"<td data-label=\"([^\"]+)\">(.*?)</td>", text, re.S)
    assert {"Métier souhaité", "Distance"} <= {title for title, _cell in cells}
    unknown = [words(f"<main>{cell}</main>") for _title, cell in cells if "badge ask" in cell]
    assert unknown
    assert all("à vérifier" in cell and "+0 sur" in cell for cell in unknown)


def test_an_interview_is_noted_from_the_list(site: Site) -> None:
    here = world(site)
    proposal = here.propose(here.adviser, "P1")
    visitor = facilitator(site)
    assert "Retenir pour l&#39;entreprise" in visitor.page("/positions/J1").text
    text = visitor.send("/positions/J1/move", move=f"{proposal}|shortlisted").text
    assert "Étape notée" in text
    assert "Noter l&#39;entretien" in text
    text = visitor.send("/positions/J1/move", move=f"{proposal}|interviewed").text
    assert "reçue en entretien" in words(text)
    again = visitor.send("/positions/J1/move", move=f"{proposal}|shortlisted")
    assert again.status_code == 409


def test_the_explanation_of_a_pair_tells_a_facilitator_nothing_of_health(site: Site) -> None:
    here = world(site)
    references = here.references()
    text = facilitator(site).page(f"/positions/J1/candidates/{references['A', 'P3']}").text
    assert "Ce que le poste attend" in text
    assert "Ce qui changerait le résultat" in text
    for hidden in (*FORBIDDEN, "P3", "Limites"):
        assert hidden not in text
    own = adviser(site).page("/positions/J1/candidates/P1")
    assert own.status_code == 200
    assert 'href="/people/P1"' in own.text
    assert adviser(site).page("/positions/J1/candidates/Q1").status_code == 404
    assert company(site).page(f"/positions/J1/candidates/{references['A', 'P1']}").status_code == 403


def test_a_title_that_is_a_script_is_only_text(site: Site) -> None:
    here = world(site)
    here.positions({"position_id": "J1", "title": "<script>alert(1)</script>", "employer": '"><img src=x>'})
    for path in ("/positions", "/positions/J1", "/positions/J1/edit", "/positions/J1/company-sheet"):
        text = facilitator(site).page(path).text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_a_position_whose_rules_cannot_be_applied_says_so(site: Site) -> None:
    here = world(site)
    with here.api.store.write("command:tests", None, here.api.office.clock()) as change:
        change.connection.exec_driver_sql(
            "UPDATE positions SET body = json_set(body, '$.categories', 'NO_SUCH'), version = 2, "
            f"changed = {change.seq} WHERE position_id = 'J1'"
        )
        change.log("positions.update", "position:J1", pool=True)
    answer = facilitator(site).page("/positions/J1")
    assert answer.status_code == 200
    assert "Ce poste n&#39;a pas de liste" in answer.text


def test_people_are_dragged_with_a_pointer(site: Site, chromium: Any) -> None:
    world(site)
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 2000})
    page = context.new_page()
    page.goto(f"{site.url}/welcome")
    page.fill("#f-key", site.api.key("facilitator", "F"))
    page.click("main button")
    page.goto(f"{site.url}/positions/J1")
    before = people_in_order(page.content())
    handle = "tr[id='p-{}'] [data-handle]"
    page.drag_and_drop(handle.format(before[2]), handle.format(before[0]), target_position={"x": 4, "y": 1})
    page.wait_for_selector(".done")
    assert people_in_order(page.content()) == [before[2], before[0], before[1], *before[3:]]
    assert "Dans l'ordre du facilitateur" in page.inner_text("caption")
    context.close()
