"""Extract, update and compile the translations: `python -m scripts.messages` (`make messages`).

French is the source language, so a message id is the French sentence. Messages come from `_()` and `N_()` in Python,
from the Jinja templates of the report, and from the YAML texts that are shown (rule packs, position templates).
Writes matcher/locale/en/LC_MESSAGES/clausematch.po, keeping what is translated there, then the .mo of every .po.
With `--check` nothing is written: exit status 1 when a message is missing, untranslated or has lost a {field}.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from matcher.awards.templates import load_templates
from matcher.rules.loader import translatable
from matcher.training_needs import needs

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "matcher" / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "clausematch.po"
PACKAGES = ("matcher", "models", "service")
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"encoding": "utf-8", "silent": "false"}}
KEYWORDS: dict[str, Any] = {"_": None, "N_": None}
# A date in the files would change them at every run.
DATED = datetime(2026, 1, 1, tzinfo=UTC)
FIELD = re.compile(r"{(\w+)")


def _catalog(locale: str | None = None) -> Catalog:
    return Catalog(
        locale=locale,
        domain="clausematch",
        project="clausematch",
        version="1",
        msgid_bugs_address="see CONTRIBUTING.md",
        last_translator="clausematch",
        language_team="clausematch",
        charset="utf-8",
        header_comment="# Written by `make messages`; translate the empty msgstr.",
        creation_date=DATED,
        revision_date=DATED,
        fuzzy=False,
    )


def from_code() -> Iterator[tuple[str, str]]:
    """(message, file) of every `_()` and `N_()`, in the order of files."""
    for package in PACKAGES:
        found = extract_from_dir(str(ROOT / package), METHODS, OPTIONS, KEYWORDS)
        for name, _line, message, _comments, _context in found:
            yield str(message), f"{package}/{name}"


def from_yaml() -> Iterator[tuple[str, str]]:
    """(message, file) of the YAML texts that pass through `_()`."""
    for text in translatable():
        yield text, "matcher/rules/packs"
    for text in needs.translatable():
        yield text, "matcher/training_needs/certificates.yml"
    for template in load_templates().items:
        for text in (template.name, template.none):
            if text:
                yield text, "matcher/awards/templates.yml"


def extracted() -> Catalog:
    """Every message of the project, each once, with the files it comes from."""
    catalog = _catalog()
    places: dict[str, dict[str, None]] = {}
    for text, path in (*from_code(), *from_yaml()):
        places.setdefault(text, {})[path] = None
    for text, paths in places.items():
        catalog.add(text, locations=[(path, 0) for path in paths], flags=())
    return catalog


def updated(path: Path, template: Catalog) -> Catalog:
    """The catalogue of `path` with the template's messages: translations kept, what is gone dropped, no guess."""
    catalog = _catalog("en")
    known: dict[str, Message] = {}
    if path.exists():
        with path.open("rb") as stream:
            known = {str(message.id): message for message in read_po(stream, locale="en") if message.id}
    for message in template:
        if message.id:
            old = known.get(str(message.id))
            kept = str(old.string) if old is not None and not old.fuzzy else ""
            catalog.add(message.id, kept, locations=message.locations)
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """A catalogue as the bytes of its .po file."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=0, include_lineno=False)
    return stream.getvalue()


def faults(path: Path, template: Catalog) -> list[str]:
    """What is wrong with a catalogue, one line each."""
    catalog = updated(path, template)
    lines = []
    for message in catalog:
        text, translated = str(message.id), str(message.string)
        if not text:
            continue
        if not translated:
            lines.append(f"not translated: {text}")
        elif sorted(set(FIELD.findall(text))) != sorted(set(FIELD.findall(translated))):
            lines.append(f"fields differ: {text}")
    return lines


def compile_all(folder: Path = LOCALE) -> None:
    """Every .po below `folder` into its .mo."""
    for path in sorted(folder.rglob("*.po")):
        with path.open("rb") as stream:
            catalog = read_po(stream)
        catalog.creation_date = catalog.revision_date = DATED
        compiled = io.BytesIO()
        write_mo(compiled, catalog, use_fuzzy=False)
        path.with_suffix(".mo").write_bytes(compiled.getvalue())


def main(arguments: list[str]) -> int:
    """Update and compile, or check."""
    template = extracted()
    if "--check" in arguments:
        wrong = faults(ENGLISH, template)
        print("\n".join(wrong) or "translations complete")
        return 1 if wrong else 0
    catalog = updated(ENGLISH, template)
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(po_text(catalog))
    compile_all()
    total = sum(1 for message in catalog if message.id)
    done = sum(1 for message in catalog if message.id and message.string)
    print(f"{ENGLISH.relative_to(ROOT)}: {done} of {total} messages translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
