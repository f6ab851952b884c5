"""The skills that the position templates ask are words that the embedded list knows."""

from __future__ import annotations

import pytest

from matcher.awards.templates import Template, load_templates
from matcher.skills import Grade, grade, skill_key
from matcher.skills.words import words

TEMPLATES = [template for template in load_templates().items if template.jobs]
KNOWN = {skill_key(text) for text in (*words().narrower, *(group[0] for group in words().synonyms))}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_a_template_asks_three_to_six_known_skills(template: Template) -> None:
    assert 3 <= len(template.skills) <= 6
    assert all(skill_key(skill) in KNOWN for skill in template.skills), template.skills


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_no_skill_is_asked_twice_in_other_words(template: Template) -> None:
    assert len({skill_key(skill) for skill in template.skills}) == len(template.skills)


def test_one_task_of_the_trade_is_enough_to_meet_the_template() -> None:
    asked = {template.id: template.skills for template in TEMPLATES}
    tasks = {
        "gros_oeuvre": "élever des murs en briques",
        "peinture": "peindre des plafonds",
        "espaces_verts": "passer la tondeuse",
        "nettoyage": "nettoyer des salles de classe",
        "logistique": "décharger des camions",
        "voirie": "poser des caniveaux",
        "restauration": "faire la plonge",
        "plomberie": "braser du cuivre",
        "securite": "filtrer les entrées",
        "accueil_administratif": "tenir le standard",
    }
    for name, task in tasks.items():
        assert any(grade(skill, task) is not Grade.NONE for skill in asked[name]), (name, task)
