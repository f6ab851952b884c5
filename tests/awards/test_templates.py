"""Objects as notices write them → templates; the table itself."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.awards.patterns import MAX_GAP, PatternIndex, compile_pattern
from matcher.awards.templates import load_templates
from matcher.awards.text import LOST, tokens
from matcher.errors import UnreadableFile, UsageError
from matcher.reference import occupations

TEMPLATES = load_templates()

OBJECTS = [
    ("Réhabilitation de 24 logements : Lot 5 : Electricité", "71314100", "electricite"),
    ("Réhabilitation de 24 logements : Lot 2 : Gros oeuvre", "45421000", "gros_oeuvre"),
    ("Renouvellement du réseau AEP de la rue de la Vallée", "41110000", "reseaux"),
    ("Sécurisation de la traversée du village", "31518000", "voirie"),
    ("Construction d'un bâtiment : Lot 1: Clos couvert - VRD", "45111291", "gros_oeuvre+voirie"),
    ("Lot 1 - Démolition - terrassements - voiries", "45233200", "demolition+voirie"),
    ("Logements : Lot 9 : cloisons – doublage – isolation – plafonds", "44112300", "platrerie"),
    ("Construction de 37 logements avec parking en rez-de-chaussée", "45000000", "batiment"),
    ("Lot 6 : LOT 6 – PLATRERIE PEINTURE", "45454100", "platrerie+peinture"),
    ("LOT 4 : SERRURERIE METALLERIE", "45454100", "metallerie"),
    ("Lot 3 : Couverture tuiles zinguerie", "45261210", "couverture"),
    ("Lot 2: Etanchéité", "45261420", "etancheite"),
    ("Lot 8 : menuiseries extérieures PVC", "45421000", "menuiserie_exterieure"),
    ("Lot 9 : Menuiseries intérieures", "45421000", "menuiserie"),
    ("Lot 13 : plomberie - chauffage - ventilation", "45330000", "plomberie"),
    ("Lot 11 : sols souples", "45432111", "sols_souples"),
    ("Lot 10 : Carrelage - Faïence", "45431000", "carrelage"),
    ("Lot 12 : Peintures", "45442100", "peinture"),
    ("Lot 1 : Façade ITE", "45321000", "isolation_facade"),
    ("Désamiantage de deux bâtiments", "45262660", "desamiantage"),
    ("Fourniture et pose d'éclairage public autonome", "45316110", "eclairage_public"),
    ("Entretien des espaces verts de la ville : Lot 4", "77310000", "espaces_verts"),
    ("Travaux d'élagage sur diverses résidences", "77341000", "elagage"),
    ("Amélioration des linéaires de haies et des complexes bocagers", "45112700", "espaces_naturels"),
    ("Nettoyage et entretien des locaux du syndicat", "90911200", "nettoyage"),
    ("Lot 3: Balayage mécanique de voiries et parkings", "45233141", "proprete_urbaine"),
    ("Collecte des objets encombrants et valorisation d'objets réutilisables", "90511200", "encombrants"),
    ("Collecte en porte à porte des ordures ménagères", "90511000", "collecte_dechets"),
    ("Exploitation du centre de tri", "90513000", "tri_dechets"),
    ("Services de repas en liaison froide pour la restauration scolaire", "55523100", "restauration"),
    ("Fourniture de repas en liaison froide", "55321000", "restauration"),
    ("Denrées alimentaires pour la restauration municipale : Lot 9 : poissons surgelés", "03311000", "denrees"),
    ("Prestations de gardiennage et de surveillance des locaux", "79713000", "securite"),
    ("Déménagement des services de la préfecture", "98392000", "demenagement"),
    ("Entreposage et préparation de commandes", "63120000", "logistique"),
    ("Exploitation de circuits de transport scolaire: Lot 01: CSCAF 1-2", "60130000", "transport_voyageurs"),
    ("Prestations d'accueil physique et téléphonique", "79992000", "accueil_administratif"),
    ("Impression du bulletin municipal", "79810000", "impression"),
    ("Location et entretien de vêtements de travail", "98310000", "blanchisserie"),
    ("Infogérance du système d'information", "72000000", "informatique"),
    ("Mission de maîtrise d'œuvre : réhabilitation d'une école", "71000000", "ingenierie"),
    ("Construction d'un stade - mission de contrôle technique", "71631300", "ingenierie"),
    ("Prestations topographiques: Lot 3 : GEODETECTION", "71351810", "topographie"),
    ("Études de détection de pollutions - Analyses agronomiques", "71332000", "sols_analyses"),
    ("Prestations de service social au bénéfice des agents", "85310000", "social"),
    ("Maintenance des ascenseurs", "50750000", "ascenseurs"),
    ("Acquisition de fournitures et outillages : Lot 1 : Fourniture de gros oeuvre", "44111000", "fournitures"),
    ("Acquisition d'outillages : Lot n°5 - Visserie, boulonnerie", "44316000", "fournitures"),
    ("Maintenance du progiciel de gestion", "48000000", "licences"),
    ("Assurance Dommages aux Biens", "66515000", "assurances"),
    ("Fourniture d'énergie électrique", "09310000", "energie"),
    ("Lot 7", "45442100", "peinture"),
    (None, "45331000", "plomberie"),
    ("Construction d'un gymnase - Lot 2 : Structure", "45421000", "gros_oeuvre"),
    ("Travaux de structure", "44220000", "gros_oeuvre"),
    ("Lot 3 : Structures bois", "45421000", "charpente"),
    ("Restructuration de logements à Mâcon", "45421000", "menuiserie"),
    ("Restauration scolaire", "", "restauration"),
    ("Chapelle Saint-Jean, Salon-de-Provence : concertation", "00000000", ""),
]


@pytest.mark.parametrize(("title", "cpv", "expected"), OBJECTS)
def test_objects(title: str | None, cpv: str, expected: str) -> None:
    choice = TEMPLATES.choose(title, cpv)
    assert "+".join(item.id for item in (choice.template, *choice.others) if item) == expected
    assert bool(choice.evidence) is bool(expected)


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("D\ufffdmolition de b\ufffdtiments", "Démolition de bâtiments"),
        ("Travaux d\ufffd\ufffdlectricit\ufffd", "Travaux d'électricité"),
        ("LOT N\ufffd1 -GROS \ufffdUVRE", "LOT N°1 -GROS ŒUVRE"),
        ("Gros ?uvre", "Gros œuvre"),
        ("Entretien de l\ufffdespace vert", "Entretien de l'espace vert"),
        ("R\ufffdfection de la toiture", "Réfection de la toiture"),
    ],
)
def test_lost_letters_do_not_hide_the_trade(damaged: str, sound: str) -> None:
    assert TEMPLATES.choose(damaged, None).template is TEMPLATES.choose(sound, None).template is not None


def test_the_rome_codes_exist_in_the_embedded_reference() -> None:
    known = occupations()
    unknown = {job.occupation for item in TEMPLATES.items for job in item.jobs if not known.known(job.occupation)}
    assert not unknown


def test_the_rome_codes_exist_in_the_official_files(shared_data: Path) -> None:
    path = shared_data / "rome" / "v4.60" / "unix_referentiel_code_rome_v460_utf8.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        official = {row["code_rome"] for row in csv.DictReader(lines)}
    assert {job.occupation for item in TEMPLATES.items for job in item.jobs} <= official


def test_a_template_opens_jobs_with_tasks_or_says_why_not() -> None:
    for item in TEMPLATES.items:
        assert bool(item.none) is not bool(item.jobs), item.id
        assert not item.jobs or (item.tasks and all(job.skills for job in item.jobs)), item.id


def slow_match(pattern: str, words: list[str]) -> bool:
    """The obvious way: try every place and every gap."""
    parts = pattern.removeprefix("^").split()

    def fits(part: str, word: str) -> bool:
        return word.startswith(part[:-1]) if part.endswith("*") else word == part

    def rest(parts: list[str], place: int) -> bool:
        if not parts:
            return True
        if parts[0] == "..":
            return any(rest(parts[1:], place + gap) for gap in range(MAX_GAP + 1))
        return place < len(words) and fits(parts[0], words[place]) and rest(parts[1:], place + 1)

    return any(rest(parts, place) for place in ([0] if pattern.startswith("^") else range(len(words))))


VOCABULARY = ["espace", "espaces", "vert", "verts", "lot", "macon", "maconnerie", "vrd"]
PATTERNS = ["espace* vert*", "macon*", "vrd", "^lot", "espace* .. vrd", "lot .. macon* .. vrd"]


@given(st.lists(st.sampled_from(VOCABULARY), max_size=12))
def test_the_index_finds_what_the_slow_way_finds(words: list[str]) -> None:
    index = PatternIndex([compile_pattern(text, place) for place, text in enumerate(PATTERNS)])
    found = {hit.pattern.text for hit in index.find(words)}
    assert found == {pattern for pattern in PATTERNS if slow_match(pattern, words)}


@given(st.sampled_from(["démolition", "électricité", "maçonnerie", "œuvre", "réseau"]), st.data())
def test_one_lost_letter_is_still_found(word: str, data: st.DataObject) -> None:
    accented = [place for place, letter in enumerate(word) if not letter.isascii()]
    place = data.draw(st.sampled_from(accented))
    index = PatternIndex([compile_pattern(tokens(word)[0], 0)])
    assert index.find(tokens(word[:place] + LOST + word[place + 1 :]))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("templates: [", UnreadableFile, "YAML valide (ligne"),
        ("templates: []", UsageError, "aucun modèle"),
        ("templates:\n  - {id: a, name: A}", UsageError, "donner « jobs » ou « none »"),
        ("templates:\n  - {id: a, name: A, none: x, words: [maçon]}", UsageError, "n'est pas admis"),
        ("templates:\n  - {id: a, name: A, none: x}\n  - {id: a, name: A, none: x}", UsageError, "deux fois"),
        ("templates:\n  - {id: a, name: A, jobs: [[F1703, 0.5, Maçon]]}", UsageError, "doivent faire 1"),
        ("templates:\n  - {id: a, name: A, jobs: [F1703]}", UsageError, "[code ROME, part, intitulé]"),
        (
            "templates:\n  - {id: a, name: A, jobs: [[F1703, 1, Maçon]], job_skills: {F1704: [terrassement]}}",
            UsageError,
            "F1704 n'est pas un de ses métiers",
        ),
        ("templates:\n  - {id: a, name: A, none: x, demands: [haut]}", UsageError, "haut n'est pas admis"),
        ("templates:\n  - {id: a, name: A, none: x, french_min: D1}", UsageError, "D1 n'est pas un niveau"),
    ],
)
def test_a_bad_template_file(tmp_path: Path, text: str, error: type[Exception], words: str) -> None:
    path = tmp_path / "modeles.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error) as failure:
        load_templates(path)
    assert words in str(failure.value)
