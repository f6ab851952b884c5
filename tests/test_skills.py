"""Skills held against skills asked; certificates to codes."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from matcher.skills import (
    Grade,
    SkillVocabulary,
    grade,
    licence_code,
    match_skills,
    normalise_certificate,
    normalise_skill,
    skill_families,
    split_certificate,
)
from matcher.skills.vocabulary import skill_key, slip
from matcher.skills.words import words

PAIRS = yaml.safe_load((Path(__file__).parent / "skill_pairs.yml").read_text("utf-8"))
LISTED = [(name, asked, held) for name, pairs in PAIRS.items() for asked, held in pairs]
TEXTS = sorted({text for _n, asked, held in LISTED for text in (asked, held)})


@pytest.mark.parametrize(("name", "asked", "held"), LISTED)
def test_grade_is_what_a_facilitator_says(name: str, asked: str, held: str) -> None:
    assert grade(asked, held).name.lower() == name


def test_the_list_is_long_enough_and_balanced() -> None:
    assert len(LISTED) >= 240
    assert len(PAIRS["none"]) >= 100


@pytest.mark.parametrize(("name", "asked", "held"), [pair for pair in LISTED if pair[0] in ("exact", "synonym")])
def test_sameness_has_no_direction(name: str, asked: str, held: str) -> None:
    assert grade(held, asked) == grade(asked, held)


def test_more_than_asked_is_near_less_is_not() -> None:
    assert grade("soudure", "soudure TIG") is Grade.NEAR
    assert grade("soudure TIG", "soudure") is Grade.NONE


def test_every_narrower_phrase_answers_its_line() -> None:
    for broad, phrases in words().narrower.items():
        for phrase in phrases:
            assert grade(broad, phrase) is Grade.NEAR, (broad, phrase)


def test_the_narrower_relation_has_one_direction_and_one_step() -> None:
    assert grade("menuiserie bois", "débiter du bois") is Grade.NEAR
    assert grade("débiter du bois", "menuiserie bois") is Grade.NONE
    # a cement mixer is of mortar, mortar is of the mason's mate: the list says no more than that
    assert grade("préparation de mortier", "utiliser une bétonnière") is Grade.NEAR
    assert grade("maçonnerie", "utiliser une bétonnière") is Grade.NONE


def test_a_line_holds_for_the_whole_group_on_both_sides() -> None:
    assert grade("travaux de maçonnerie", "élever un mur") is Grade.NEAR
    assert grade("nettoyage de bureaux", "désinfecter des toilettes") is Grade.NEAR


def test_a_phrase_must_open_what_is_held() -> None:
    assert grade("pose de menuiseries", "poser des fenêtres en bois") is Grade.NEAR
    assert grade("pose de menuiseries", "poser des appuis de fenêtre") is Grade.NONE
    assert grade("pose de menuiseries", "aide à la pose de fenêtres") is Grade.NONE


def test_a_phrase_of_one_word_must_be_the_whole() -> None:
    assert grade("peinture en bâtiment", "peinture") is Grade.NEAR
    assert grade("peinture en bâtiment", "peinture automobile") is Grade.NONE


def test_lists_are_tidy() -> None:
    groups: dict[str, int] = {}
    for i, group in enumerate(words().synonyms):
        for text in group:
            key = " ".join(sorted(skill_families(text)))
            assert groups.setdefault(key, i) == i, text
    lines = [skill_key(broad) for broad in words().narrower]
    assert len(lines) == len(set(lines))
    for broad, phrases in words().narrower.items():
        keys = [" ".join(sorted(skill_families(phrase))) for phrase in phrases]
        assert len(keys) == len(set(keys)), broad
        assert skill_key(broad) not in {skill_key(phrase) for phrase in phrases}, broad


def test_slip_is_one_letter_of_a_long_word() -> None:
    assert slip("terrassement", "terassement")
    assert slip("soudeur", "suodeur")
    assert not slip("chargement", "changement")
    assert not slip("pose", "poses")
    assert not slip("reseaux2", "reseaux22")


def test_match_skills_equals_grade_on_every_pair() -> None:
    rng = random.Random(7)
    listed = [phrase for phrases in words().narrower.values() for phrase in phrases]
    asked = TEXTS + rng.sample(sorted(words().narrower), 30)
    held = ["", *TEXTS, "  ", *rng.sample(listed, 150), *(f"{text} ancien" for text in rng.sample(listed, 50))]
    for text, found in zip(asked, match_skills(asked, held), strict=True):
        got = dict(zip(found.held.tolist(), found.grades.tolist(), strict=True))
        expected = {j: int(g) for j, other in enumerate(held) if (g := grade(text, other)) is not Grade.NONE}
        assert got == expected, text
        assert found.grades.dtype.itemsize == 1


def test_what_others_wrote_changes_no_grade() -> None:
    rng = random.Random(4)
    for _turn in range(5):
        asked, held = rng.sample(TEXTS, 8), rng.sample(TEXTS, 8)
        for text, found in zip(asked, match_skills(asked, held), strict=True):
            for j, g in zip(found.held, found.grades, strict=True):
                alone = match_skills([text], [held[j]])[0]
                assert alone.grades.tolist() == [g]


def test_vocabulary_groups_synonyms() -> None:
    vocabulary = SkillVocabulary.build(["Ménage", "nettoyage de bureaux", "soudure", "SOUDER", "peinture intérieure"])
    assert vocabulary.ids(["nettoyage de bureaux", "Ménage"]).tolist() == [0, 0]
    assert vocabulary.ids(["soudure", "SOUDER", "peinture intérieure", "inconnu"]).tolist() == [1, 1, 2, -1]
    assert vocabulary.size == 3


@given(st.one_of(st.sampled_from(TEXTS), st.text(max_size=30)))
def test_normalise_skill_is_idempotent(text: str) -> None:
    assert normalise_skill(normalise_skill(text)) == normalise_skill(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CACES R482 cat A", "CACES_R482_A"),
        ("CACES_R482_A", "CACES_R482_A"),
        ("caces r 482 a", "CACES_R482_A"),
        ("CACES R.489 catégorie 3", "CACES_R489_3"),
        ("CACES R489 cat 1A, 3 et 5", "CACES_R489_1A_3_5"),
        ("CACES R486 PEMP B", "CACES_R486_B"),
        ("CACES R482", "CACES_R482"),
        ("HABILITATION B0H0", "HABILITATION_B0H0"),
        ("H0B0", "HABILITATION_B0H0"),
        ("habilitation électrique B0 / H0", "HABILITATION_B0H0"),
        ("B0-H0V", "HABILITATION_B0H0V"),
        ("Habilitation électrique BR", "HABILITATION_BR"),
        ("habilitation électrique B1V/BR", "HABILITATION_B1V_BR"),
        ("AIPR opérateur", "AIPR"),
        ("carte BTP", "CARTE_BTP"),
        ("Carte d'identification professionnelle du BTP", "CARTE_BTP"),
        ("SST", "SST"),
        ("Sauveteur secouriste du travail", "SST"),
        ("MAC SST", "SST"),
        ("FIMO", "FIMO"),
        ("FIMO marchandises", "FIMO"),
        ("SSIAP 1", "SSIAP_1"),
        ("Titre pro maçon", "TITRE_PRO_MACON"),
        ("", ""),
    ],
)
def test_certificates(text: str, code: str) -> None:
    assert normalise_certificate(text) == code
    assert normalise_certificate(code) == code


def test_different_certificates_stay_different() -> None:
    texts = [
        "CACES R482 A",
        "CACES R482 B1",
        "CACES R489 A",
        "habilitation B0",
        "habilitation B2",
        "SST",
        "AIPR",
        "FCO",
    ]
    codes = [normalise_certificate(text) for text in texts]
    assert all(a != b for a, b in itertools.combinations(codes, 2))


@given(st.text("cacesrhabilit 0123456789BHVATSR-/._é", max_size=24))
def test_certificate_codes_are_stable(text: str) -> None:
    code = normalise_certificate(text)
    assert normalise_certificate(code) == code


@pytest.mark.parametrize("piece", ["caces r489 1 ", "b0h0", "1", "habilitation ", "r 482 a "])
def test_only_the_beginning_of_a_huge_cell_is_read(piece: str) -> None:
    huge = piece * 1_000_000
    assert normalise_certificate(huge) == normalise_certificate(huge[:1000])
    assert normalise_skill(huge) == normalise_skill(huge[:1000])


def test_split_certificate() -> None:
    assert split_certificate("CACES_R489_1A_3") == ("CACES_R489_1A", "CACES_R489_3")
    assert split_certificate("CACES_R482_A") == ("CACES_R482_A",)
    assert split_certificate("SST") == ("SST",)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("permis B", "B"),
        ("Permis PL", "C"),
        ("permis EC", "CE"),
        ("Permis de conduire D", "D"),
        ("SST", None),
        ("B", None),
    ],
)
def test_a_licence_is_told_apart(text: str, licence: str | None) -> None:
    assert licence_code(text) == licence


def test_many_skills_are_matched_fast() -> None:
    verbs = [
        "nettoyer",
        "poser",
        "monter",
        "conduire",
        "peindre",
        "trier",
        "réparer",
        "installer",
        "contrôler",
        "livrer",
    ]
    things = [
        f"{a}{b}" for a in ("mur", "sol", "toit", "colis", "fenêtre", "câble", "tuyau", "arbre") for b in range(100)
    ]
    held = [f"{verb} des {thing}s anciens" for verb in verbs for thing in things]
    asked = [f"{verb} {thing}s" for verb in verbs for thing in things[::8]]
    found = match_skills(asked, held)
    assert all(len(one.held) == 1 for one in found)
