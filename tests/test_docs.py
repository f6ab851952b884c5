"""The documentation: complete, generated pages up to date, links that lead somewhere, commands that exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import yaml

from matcher.blocking import Filter
from matcher.cli import build
from matcher.commands.matching import demo
from matcher.export import OUTPUTS
from matcher.features import FEATURES
from matcher.pipeline import Match
from matcher.rules import RulePack, list_rules
from matcher.schema import CANDIDATES, TABLES
from matcher.shortlist import SHORTLIST_COLUMNS
from scripts.generate_guides import pages
from tests.markdown import commands, links

ROOT = Path(__file__).resolve().parent.parent
FRONT = ("README.md", "README.fr.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
GUIDES = [name for name in PAGES if name not in ("docs/architecture.md", "docs/dependencies.md")]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def guides() -> str:
    """Every guide for users, as one text."""
    return "\n".join(text(name) for name in GUIDES)


def tree(group: click.Group, path: str = "clausematch") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from tree(command, f"{path} {name}")


COMMANDS: Mapping[str, click.Command] = dict(tree(build()))


# ---------------------------------------------------------------------------------------------- what is there


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    page = text("docs/commandes.md")
    if isinstance(COMMANDS[name], click.Group):
        assert f"## {name} " in page
        return
    section = page.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert f"`{option}`" in section
        else:
            assert (parameter.name or "").upper() in section


def test_every_command_is_in_the_readmes_or_a_guide_that_they_name() -> None:
    guides = (
        "prise-en-main",
        "rapprochement",
        "service",
        "exploitation",
        "journal",
        "personnes-et-postes",
        "propositions",
    )
    shown = "".join(text(name) for name in ("README.md", "README.fr.md", *(f"docs/{name}.md" for name in guides)))
    missing = [
        name for name, command in COMMANDS.items() if not isinstance(command, click.Group) and name not in shown
    ]
    assert missing == []


@pytest.mark.parametrize("name", [str(name) for name in Filter])
def test_every_filter_is_explained(name: str) -> None:
    assert f"| `{name}` |" in text("docs/rapprochement.md")


def test_filters_are_told_in_the_order_of_counting() -> None:
    told = re.findall(r"^\| `(\w+)` \|", text("docs/rapprochement.md"), re.MULTILINE)
    assert [name for name in told if name in set(Filter)] == [str(name) for name in Filter]


@pytest.mark.parametrize("name", list(FEATURES))
def test_every_feature_is_explained(name: str) -> None:
    assert f"(`{name}`" in text("docs/rapprochement.md") or f", `{name}`)" in text("docs/rapprochement.md")
    assert f"(`{name}`)" in text("docs/criteres.md")


def test_numbers_of_filters_and_features_in_words() -> None:
    assert (len(Filter), len(FEATURES)) == (9, 16)
    assert text("docs/rapprochement.md").count("Neuf filtres") == 1
    assert text("docs/rapprochement.md").count("Seize critères") == 1
    assert "Nine filters" in text("README.md")
    assert "Neuf filtres" in text("README.fr.md")


@pytest.mark.parametrize("pack", list_rules(), ids=lambda pack: pack.id)
def test_every_pack_category_and_document_is_listed(pack: RulePack) -> None:
    page = text("docs/regles.md")
    assert f"## {pack.name} :" in page
    section = page.split(f"## {pack.name} :", 1)[1].split("\n## ", 1)[0]
    for category in pack.categories:
        assert f"- {category.code} : " in section
    for proof in pack.proofs:
        assert f"- {proof.code} : " in section


def test_every_pack_and_document_is_in_the_guide_to_eligibility() -> None:
    guide = text("docs/eligibilite.md")
    for pack in list_rules():
        assert f"`{pack.id}`" in guide
        for proof in pack.proofs:
            assert f"`{proof.code}`" in guide


def test_validity_of_documents_in_the_guide_is_that_of_the_packs() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \| (\d+) mois \|$", text("docs/eligibilite.md"), re.MULTILINE)
    told = {code: int(months) for codes, months in rows for code in re.findall(r"`(\w+)`", codes)}
    held = {proof.code: proof.months for pack in list_rules() for proof in pack.proofs if proof.months is not None}
    assert held.items() <= told.items()


@pytest.mark.parametrize("role", "IEMS")
def test_roles_of_columns_in_the_guide_are_those_of_the_schema(role: str) -> None:
    [row] = re.findall(
        rf"^\| \*\*{role}\*\* [^|]*\|[^|]*\|([^|]*)\|$", text("docs/protection-des-donnees.md"), re.MULTILINE
    )
    assert tuple(re.findall(r"`(\w+)`", row)) == CANDIDATES.with_role(role)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_is_documented(table: str, guides: str) -> None:
    page = text("docs/donnees.md") if (ROOT / "docs/donnees.md").exists() else guides
    assert [name for name in TABLES[table].names if f"`{name}`" not in page] == []


def test_every_output_is_documented() -> None:
    guide = text("docs/rapprochement.md")
    for output in OUTPUTS:
        assert f"`{output}`" in guide
    for column in SHORTLIST_COLUMNS:
        assert f"`{column}`" in guide


def test_every_file_that_a_run_writes_is_documented(tmp_path: Path) -> None:
    result = demo(tmp_path / "out", lambda _line: None)
    assert isinstance(result, Match)
    guide = text("docs/rapprochement.md")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert "report.html" in names
    assert [name for name in names if f"`{name}`" not in guide] == []


# --------------------------------------------------------------------------------------------------- it is true


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert text(name) == pages()[name], f"{name} is out of date: run `make docs`"


@pytest.mark.parametrize("name", [*FRONT, *PAGES])
def test_relative_links_resolve(name: str) -> None:
    folder = (ROOT / name).parent
    broken = [target for target in links(text(name)) if not (folder / target).exists()]
    assert broken == []


def test_every_page_is_reached_from_the_french_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.fr.md"]
    while waiting:
        path = waiting.pop().resolve()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        if path.is_dir():
            waiting += path.rglob("*")
        elif path.suffix == ".md":
            waiting += [path.parent / target for target in links(path.read_text(encoding="utf-8"))]
    files = [path for path in (ROOT / "docs").rglob("*") if path.is_file()]
    assert [str(path.relative_to(ROOT)) for path in files if path.resolve() not in seen] == []


def shown_commands() -> list[tuple[str, str]]:
    return [
        (name, line) for name in [*FRONT, *PAGES] for line in commands(text(name)) if line.startswith("clausematch ")
    ]


@pytest.mark.parametrize(("name", "line"), shown_commands())
def test_commands_shown_exist_with_their_options(name: str, line: str) -> None:
    words = shlex.split(line)
    path = words[0]
    rest = words[1:]
    while rest and f"{path} {rest[0]}" in COMMANDS:
        path = f"{path} {rest.pop(0)}"
    assert path in COMMANDS, line
    known = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    assert [word for word in rest if word.startswith("-") and word not in known] == []


@pytest.mark.parametrize("name", ["docs/architecture.md"])
def test_the_architecture_names_modules_that_exist(name: str) -> None:
    rows = re.findall(r"^\| `(\w+)(/?)` \|", text(name), re.MULTILINE)
    assert len(rows) > 20
    for module, folder in rows:
        path = ROOT / "matcher" / module
        assert path.is_dir() if folder else path.with_suffix(".py").is_file(), module


def test_the_architecture_names_every_module() -> None:
    named = {
        module for module, _folder in re.findall(r"^\| `(\w+)(/?)` \|", text("docs/architecture.md"), re.MULTILINE)
    }
    modules = {
        path.stem for path in (ROOT / "matcher").iterdir() if path.suffix == ".py" and not path.stem.startswith("__")
    }
    packages = {path.parent.name for path in (ROOT / "matcher").glob("*/__init__.py")}
    assert (modules | packages) - named == set()


def dependencies() -> list[str]:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return sorted({re.split(r"[\[<>=~! ]", line)[0] for line in lines})


@pytest.mark.parametrize("name", dependencies())
def test_every_dependency_has_its_sentence(name: str) -> None:
    assert re.search(rf"^\| [^|]*\b{re.escape(name)}\b[^|]*\| \S", text("docs/dependencies.md"), re.MULTILINE)


@pytest.mark.parametrize(("name", "package"), [("scikit-learn", "sklearn"), ("joblib", "joblib")])
def test_what_is_said_not_to_be_used_is_not_used(name: str, package: str) -> None:
    row = re.search(rf"^\| {name} \|(.*)\|$", text("docs/dependencies.md"), re.MULTILINE)
    assert row is not None
    used = any(
        re.search(rf"^\s*(?:import|from) {package}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
        for folder in ("matcher", "models", "service", "data_samples")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert ("not used yet" in row[1]) is not used


def test_the_changelog_keeps_its_form() -> None:
    headings = re.findall(r"^## \[([^\]]+)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_the_reference_data_of_the_readme_have_their_licences() -> None:
    sources = yaml.safe_load(text("matcher/reference/data/SOURCES.yml"))
    assert "licence" in str(sources)
