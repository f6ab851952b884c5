"""Packs are strict data: the embedded ones are right, and each mistake has one clear French sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.errors import UsageError
from matcher.rules import PACK_IDS, check_rules, list_rules, load_rules, rules_for_mode
from matcher.rules.loader import PACKS, translatable
from matcher.rules.model import atoms, proofs_named
from matcher.rules.render import check_text, list_text, show_text
from matcher.rules.vocabulary import ATOMS, fact_table
from matcher.schema import Kind
from matcher.schema.candidates import CANDIDATES
from matcher.vocabulary import BENEFITS, EVIDENCE, FRENCH_LEVELS, PROGRAMMES

BAD = Path(__file__).parent / "rules" / "bad"
WORDS = {
    "bad_date": "valid_from : « bientôt » n'est pas une date",
    "bad_status": "status : « sure » : écrire official ou to_confirm",
    "duplicate_category": "categories › deld : « deld » est défini deux fois",
    "duplicate_key": "ligne 5 : la clé « title » est écrite deux fois",
    "empty_list": "categories : on attend une liste non vide",
    "ends_before_start": "valid_to : la fin de validité précède le début",
    "impossible_date": "une date n'existe pas dans le calendrier",
    "invalid_yaml": "YAML invalide",
    "missing_key": "il manque « checked_on »",
    "missing_reference": "parameters › long_months : il manque « reference »",
    "negative_number": "parameters › long_months › value : « -12 » n'est pas un nombre entier",
    "no_proof": "categories › deld : aucun justificatif",
    "not_a_mapping": "fichier : on attend ici des lignes « clé: valeur »",
    "number_in_condition": "« 12 » : écrire un paramètre",
    "too_deep": "condition trop profonde",
    "two_durations": "evidence › avis_situation_ft : écrire une seule durée",
    "two_questions": "une condition pose une seule question",
    "unknown_atom": "categories › deld › condition › all › 2 : la clé « months_since_maybe » est inconnue",
    "unknown_condition": "condition « boeth » inconnue",
    "unknown_fact": "categories › deld › condition › all › 1 › fact : fait « jobseaker » inconnu",
    "unknown_key": "la clé « statuts » est inconnue",
    "unknown_mode": "la clé « ESAT » est inconnue",
    "unknown_parameter": "paramètre « $too_long » inconnu",
    "unknown_proof": "justificatif « avis_imposition » absent de « evidence »",
    "unknown_reference": "référence « decret » absente de « references »",
    "unknown_unit": "unité « semaines » inconnue",
    "unused_parameter": "parameters › unused : ce paramètre ne sert à aucune condition",
    "wrong_kind_of_fact": "le fait « birth_date » est de nature « date »",
    "wrong_unit": "le paramètre « $long_months » est en ans ; il faut ici : mois",
}


def test_every_bad_file_has_its_words() -> None:
    assert {path.stem for path in BAD.glob("*.yml")} == set(WORDS)


@pytest.mark.parametrize("name", sorted(WORDS))
def test_each_mistake_is_told_with_file_and_place(name: str) -> None:
    path = BAD / f"{name}.yml"
    mistakes = check_rules(path)
    assert len([text for text in mistakes if WORDS[name] in text]) == 1
    assert all(f"{name}.yml" in text for text in mistakes)
    with pytest.raises(UsageError) as caught:
        load_rules(path)
    assert WORDS[name] in caught.value.message
    assert "rules check" in caught.value.mend


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fond.yml"
    path.write_text("id: " + "[" * 50_000, "utf-8")
    assert "trop profond" in check_rules(path)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfeid", "pas en UTF-8"),
        (b"#" * 300_000, "256 Ko"),
        (b"", "on attend ici des lignes"),
        (b"id: !!python/object/apply:os.system [echo]", "YAML invalide"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "essai.yml"
    path.write_bytes(content)
    assert any(words in mistake for mistake in check_rules(path))


def test_a_missing_file_and_an_unknown_id_say_what_to_choose(tmp_path: Path) -> None:
    assert "ne peut pas être lu" in check_rules(tmp_path / "absent.yml")[0]
    with pytest.raises(UsageError, match=r"« ccag » est inconnu\. Choisir parmi ccag-2021, charte-91-2018"):
        load_rules("ccag")


def test_too_many_documents_are_refused(tmp_path: Path) -> None:
    row = '  - {code: piece_0, label: "pièce", months: 3}\n'
    text = (BAD / "unknown_fact.yml").read_text("utf-8")
    rows = "".join(row.replace("piece_0", f"piece_{rank}") for rank in range(40))
    path = tmp_path / "beaucoup.yml"
    path.write_text(text.replace("evidence:\n", "evidence:\n" + rows), "utf-8")
    assert "evidence : 31 lignes au plus." in check_rules(path)[0]


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = (
        (BAD / "unknown_fact.yml")
        .read_text("utf-8")
        .replace("reference: texte}\nevidence", "reference: x}\nevidence")
    )
    path = tmp_path / "deux.yml"
    path.write_text(text, "utf-8")
    assert len(check_rules(path)) >= 2


@pytest.mark.parametrize("name", PACK_IDS)
def test_embedded_packs_are_right_and_name_their_file(name: str) -> None:
    assert check_rules(PACKS / f"{name}.yml") == ()
    pack = load_rules(name)
    assert pack.id == name
    assert pack == load_rules(PACKS / f"{name}.yml")
    assert pack.checked_on >= date(2026, 11, 1)
    assert all(row.explanation.endswith(".") for row in pack.categories)
    assert {code for row in pack.categories for code in proofs_named(row.condition)} == {
        proof.code for proof in pack.proofs
    }


def test_validity_of_proofs_is_the_same_in_every_pack_and_as_agreed() -> None:
    months: dict[str, object] = {}
    for pack in list_rules():
        for proof in pack.proofs:
            assert months.setdefault(proof.code, proof.months or proof.until) == (proof.months or proof.until)
    three = "avis_situation_ft attestation_rsa attestation_ass attestation_aah attestation_allocation attestation_caf"
    three += " attestation_hebergement attestation_structure declaration_honneur"
    six = "justificatif_domicile justificatif_justice evaluation_linguistique diagnostic_mobilite avis_motive"
    endless = "piece_identite diplome sortie_scolaire titre_pension titre_sejour"
    assert months == {
        **dict.fromkeys(three.split(), 3),
        **dict.fromkeys(six.split(), 6),
        "attestation_ase": 12,
        "notification_rqth": "disability_until",
        "pass_iae": "pass_iae_until",
        **dict.fromkeys(endless.split(), None),
    }


def test_each_kind_of_question_is_used_and_each_threshold_is_a_parameter() -> None:
    used = {atom.kind for pack in list_rules() for row in pack.categories for atom in atoms(row.condition)}
    assert used == set(ATOMS)
    for pack in list_rules():
        values = {row.name: row.value for row in pack.parameters}
        for row in pack.categories:
            assert all(atom.number == values.get(atom.parameter, 0) for atom in atoms(row.condition))


def test_facts_words_and_documents_are_those_of_the_tables() -> None:
    columns = {column.name: column for column in CANDIDATES.columns}
    kinds = {"tri": {Kind.TRI}, "date": {Kind.DATE}, "list": {Kind.LIST}, "text": {Kind.TEXT, Kind.CHOICE}}
    kinds["number"] = {Kind.NUMBER, Kind.LEVEL, Kind.INTEGER}
    for fact in fact_table().facts:
        assert columns[fact.name].kind in kinds[fact.kind], fact.name
        assert "E" in columns[fact.name].roles
    lists = {Kind.TRI, Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST}
    assert set(fact_table().assumable) == {c.name for c in columns.values() if c.kind in lists} | {"pass_iae_until"}
    words = {"benefits": BENEFITS, "programmes": PROGRAMMES, "french_level": FRENCH_LEVELS}
    for pack in list_rules():
        assert {proof.code for proof in pack.proofs} <= set(EVIDENCE)
        for row in pack.categories:
            for atom in atoms(row.condition):
                assert set(atom.items) <= set(words.get(atom.fact, ()))


def test_health_and_justice_are_the_most_intrusive_facts() -> None:
    tiers = [fact.tier for fact in fact_table().facts]
    assert tiers == sorted(tiers, key=["ordinaire", "statut", "sante_justice"].index)
    assert {fact.name for fact in fact_table().facts if fact.tier == "sante_justice"} == {
        "disability",
        "disability_until",
        "justice",
    }


@pytest.mark.parametrize(
    ("mode", "pack"),
    [(None, "ccag-2021"), ("direct", "ccag-2021"), ("ETTI", "iae-2021"), ("aci", "iae-2021"), ("GEIQ", "geiq")],
)
def test_a_mode_calls_for_its_pack(mode: str | None, pack: str) -> None:
    assert rules_for_mode(mode) == pack


def test_a_direct_contract_keeps_its_own_pack_and_an_unknown_mode_is_refused() -> None:
    assert rules_for_mode("direct", "charte-91-2018") == "charte-91-2018"
    with pytest.raises(UsageError, match="« CDI » est inconnu"):
        rules_for_mode("CDI")


def test_packs_read_as_french_text() -> None:
    assert [line.split("@")[0] for line in list_text().splitlines()] == list(PACK_IDS)
    text = show_text(load_rules("iae-2021"))
    assert "- DETLD : demandeur d'emploi de très longue durée (niveau 1) [arrete]" in text
    assert "24 mois au moins depuis la date d'inscription à France Travail" in text
    assert "- EI : 3" in text
    assert "https://www.legifrance.gouv.fr/eli/arrete/2021/9/1/MTRD2124285A/jo/texte" in text
    assert "{" not in text
    charte = show_text(load_rules("charte-91-2018"))
    assert "du 2018-01-01 au 2020-12-31" in charte
    assert "non (l'existence d'un emploi passé)" in charte


def test_checking_a_file_says_right_or_lists_the_mistakes() -> None:
    assert check_text(PACKS / "geiq.yml") == (f"{PACKS / 'geiq.yml'} : règles correctes.", True)
    text, right = check_text(BAD / "unknown_fact.yml")
    assert not right
    assert text.endswith("erreur(s) à corriger.")


def test_every_text_shown_is_listed_for_translation() -> None:
    texts = translatable()
    assert "la date de naissance" in texts
    assert "un partenaire peut donner un avis motivé" in texts
    assert len(texts) == len(set(texts))
