"""The skills that the positions of a template ask: known to the embedded list, and each trade its own."""

from __future__ import annotations

import pytest

from matcher.awards.templates import Job, Template, load_templates
from matcher.skills import Grade, grade, skill_key
from matcher.skills.words import words

TEMPLATES = {template.id: template for template in load_templates().items if template.jobs}
JOBS = {f"{name}-{job.occupation}": job for name, template in TEMPLATES.items() for job in template.jobs}
KNOWN = {skill_key(text) for text in (*words().narrower, *(group[0] for group in words().synonyms))}


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_job_asks_two_to_six_known_skills(job: Job) -> None:
    assert 2 <= len(job.skills) <= 6
    assert all(skill_key(skill) in KNOWN for skill in job.skills), job.skills


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_no_skill_is_asked_twice_in_other_words(job: Job) -> None:
    assert len({skill_key(skill) for skill in job.skills}) == len(job.skills)


@pytest.mark.parametrize("template", [t for t in TEMPLATES.values() if len(t.jobs) > 1], ids=lambda t: str(t.id))
def test_the_trades_of_a_template_do_not_ask_the_same(template: Template) -> None:
    asked = [frozenset(map(skill_key, job.skills)) for job in template.jobs]
    assert len(set(asked)) == len(asked)


def test_a_trade_is_not_asked_the_skills_of_another() -> None:
    assert "coffrage" not in JOBS["gros_oeuvre-F1704"].skills
    assert "maçonnerie" not in JOBS["batiment-F1606"].skills
    assert "relevé topographique" not in JOBS["topographie-M1605"].skills
    assert "conduite d'autocar" not in JOBS["transport_voyageurs-I1611"].skills


def test_one_task_of_the_trade_is_enough_to_meet_the_job() -> None:
    tasks = {
        "gros_oeuvre-F1703": "élever des murs en briques",
        "peinture-F1606": "peindre des plafonds",
        "espaces_verts-A1203": "passer la tondeuse",
        "nettoyage-K2205": "nettoyer des salles de classe",
        "logistique-N1105": "décharger des camions",
        "voirie-F1702": "poser des caniveaux",
        "restauration-G1607": "faire la plonge",
        "plomberie-F1603": "braser du cuivre",
        "securite-K2503": "filtrer les entrées",
        "accueil_administratif-M1601": "tenir le standard",
    }
    for name, task in tasks.items():
        assert any(grade(skill, task) is not Grade.NONE for skill in JOBS[name].skills), (name, task)
