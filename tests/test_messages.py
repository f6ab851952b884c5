"""The translations' script: what it extracts, keeps, drops and compiles."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from matcher.blocking import FILTER_LABELS
from matcher.rules.loader import list_rules
from scripts.messages import compile_all, extracted, faults, po_text, updated

OPEN = "Le fichier {file} est vide."


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extracted()


@pytest.fixture
def small() -> Catalog:
    catalog = Catalog()
    catalog.add(OPEN, locations=[("matcher/a.py", 0)])
    catalog.add("éligible")
    return catalog


def test_messages_come_from_code_constants_templates_and_packs(template: Catalog) -> None:
    ids = {str(message.id) for message in template}
    assert "Erreur : {message}" in ids
    assert set(FILTER_LABELS.values()) <= ids
    assert "Les listes, poste par poste" in ids
    assert {category.label for pack in list_rules() for category in pack.categories} <= ids
    assert all(isinstance(message.id, str) for message in template)


def test_two_extractions_are_the_same_bytes(template: Catalog) -> None:
    assert po_text(template) == po_text(extracted())


def test_translations_are_kept_and_what_is_gone_is_dropped(tmp_path: Path, small: Catalog) -> None:
    old = Catalog(locale="en")
    old.add("éligible", "eligible")
    old.add("disparu", "gone")
    path = tmp_path / "clausematch.po"
    path.write_bytes(po_text(old))
    new = updated(path, small)
    assert {message.id: message.string for message in new if message.id} == {OPEN: "", "éligible": "eligible"}


def test_what_is_missing_or_has_lost_a_field_is_told(tmp_path: Path, small: Catalog) -> None:
    path = tmp_path / "clausematch.po"
    assert faults(path, small) == [f"not translated: {OPEN}", "not translated: éligible"]
    old = Catalog(locale="en")
    old.add(OPEN, "The file {fil} is empty.")
    old.add("éligible", "eligible")
    path.write_bytes(po_text(old))
    assert faults(path, small) == [f"fields differ: {OPEN}"]


def test_compiled_catalogues_are_read_by_gettext(tmp_path: Path, small: Catalog) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    small.locale = "en"
    small[OPEN].string = "The file {file} is empty."
    (folder / "clausematch.po").write_bytes(po_text(small))
    compile_all(tmp_path)
    first = (folder / "clausematch.mo").read_bytes()
    read = gettext.translation("clausematch", tmp_path, ["en"])
    assert read.gettext(OPEN) == "The file {file} is empty."
    assert read.gettext("éligible") == "éligible"
    compile_all(tmp_path)
    assert (folder / "clausematch.mo").read_bytes() == first
