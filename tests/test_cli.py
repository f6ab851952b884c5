"""The command as a newcomer meets it: statuses, French words with the mend, nothing half-written, no traceback."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from matcher.cli import main
from matcher.locale import set_language

HEAD = "candidate_id;benefits;commune;occupations\n"
PEOPLE = HEAD + "A;RSA|ASS;91228;F1703\nB;ASS;91174;maçon\n"
JOBS = "position_id;commune;occupation;start_date;end_date;hours\nP1;91228;F1703;2026-09-15;2026-12-15;450\n"
AWARDS = "award_id;object;amount;notified_on;social\nX-1;Travaux de peinture;1000000;2026-06-01;Clause sociale\n"
NIR = "185057800608491"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs the command in a folder with a people file and a positions file; in its own process where it matters."""

    def __init__(self, folder: Path, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capture = capture
        self.environment = {**os.environ, "CLAUSEMATCH_DATA_DIR": str(data), "PYTHONWARNINGS": "error"}
        self.environment |= {"LANG": "C.UTF-8", "LANGUAGE": ""}
        self.write("c.csv", PEOPLE)
        self.write("p.csv", JOBS)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def __call__(self, *words: str) -> Done:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(words)
        said = self.capture.readouterr()
        return self.checked(Done(int(stop.value.code or 0), said.out, said.err))

    def checked(self, done: Done) -> Done:
        assert "Traceback" not in done.stderr + done.stdout
        assert "imprévue" not in done.stderr
        return done

    def apart(self, *words: str, limit: Callable[[], None] | None = None) -> Done:
        """In a process of its own, under a limit of the machine."""
        command = [sys.executable, "-m", "matcher", *words]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=limit,
        )
        return self.checked(Done(done.returncode, done.stdout, done.stderr))

    def rejected(self, folder: str = "out") -> list[dict[str, str]]:
        text = (self.folder / folder / "rejected.csv").read_text(encoding="utf-8-sig")
        return list(csv.DictReader(text.splitlines(), delimiter=";"))


@pytest.fixture
def shell(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "fr")
    yield Shell(tmp_path, tmp_path_factory.getbasetemp() / "cli-data", capsys)
    set_language("fr")


MATCH = ("match", "c.csv", "p.csv", "--on", "2026-09-01", "-o", "out")


def zipped(name: str) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        book.writestr(name, "rien")
    return held.getvalue()


def test_the_plain_way(shell: Shell) -> None:
    done = shell.apart(*MATCH)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 postes ; 2 places sur les listes, 2 personnes, 0 à vérifier." in done.stdout
    assert {path.name for path in (shell.folder / "out").iterdir()} == {
        *("shortlists.csv", "shortlists.xlsx", "shortlists.json", "contributions.parquet", "exclusions.csv"),
        *("unfilled.csv", "rejected.csv", "report.html", "fairness.csv", "never_listed.csv", "run.json"),
    }
    assert not shell.rejected()


# Files that cannot be used at all: content, name, status, words.
WHOLE = [
    (b"", "c.csv", 2, "c.csv", "vide"),
    (HEAD.encode(), "c.csv", 1, "aucune ligne utilisable", "rejected.csv"),
    (zipped("a.txt"), "c.xlsx", 2, "c.xlsx", "XLSX"),
    (gzip.compress(PEOPLE.encode(), mtime=0)[:-20], "c.csv.gz", 2, "c.csv.gz", ""),
    (b"[" * 200_000, "c.json", 2, "c.json", "profond"),
    (b'{"a": ', "c.json", 2, "c.json", "JSON"),
    (f"candidate_id;NIR\nA;{NIR}\n".encode(), "c.csv", 2, "NIR", "Supprimer cette colonne"),
    (f"candidate_id;dossier\nA;{NIR}\n".encode(), "c.csv", 2, "NIR", "Supprimer cette colonne"),
    (b"nom;qpv\nDurand;oui\n", "c.csv", 2, "candidate_id", "absente"),
    (b"\x00\x01\x02\x03" * 50, "c.csv", 2, "c.csv", ""),
]


@pytest.mark.parametrize(("content", "name", "status", "words", "mend"), WHOLE)
def test_a_file_that_cannot_be_used(
    shell: Shell, content: bytes, name: str, status: int, words: str, mend: str
) -> None:
    shell.write(name, content)
    done = shell("match", name, "p.csv", "-o", "out")
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert mend in done.stderr
    assert done.stderr.startswith("Erreur : ")
    assert "\nQue faire : " in done.stderr
    assert NIR not in done.stderr + done.stdout
    left = {path.name for path in (shell.folder / "out").iterdir()} if (shell.folder / "out").exists() else set()
    assert left <= {"rejected.csv"}


def test_without_a_word_the_help(shell: Shell) -> None:
    done = shell.apart()
    assert done.returncode == 2
    assert "Du contrat à clause sociale" in done.stdout + done.stderr


def test_a_missing_file(shell: Shell) -> None:
    done = shell("match", "absent.csv", "p.csv", "-o", "out")
    assert done.returncode == 2
    assert "absent.csv" in done.stderr
    assert not (shell.folder / "out").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("rejected.csv", "fichier des lignes rejetées"), ("decisions.txt", "extension non prévue")]
)
def test_a_name_that_no_result_can_have_is_refused_before_the_work(shell: Shell, name: str, words: str) -> None:
    shell.write("c.csv", "candidate_id;qpv\nA;peut-être\n")
    done = shell("eligibility", "c.csv", "-o", f"out/{name}")
    assert done.returncode == 2
    assert words in done.stderr
    assert not (shell.folder / "out").exists()


# Rows that cannot be used, while the others go on: file, its content, row, column, words.
ROWS = [
    ("c.csv", PEOPLE + "A;RSA;91228;\n", "4", "candidate_id", "identifiant déjà donné à la ligne 2"),
    ("c.csv", PEOPLE + ";RSA;91228;\n", "4", "candidate_id", "identifiant manquant"),
    ("c.csv", PEOPLE + "D;" + "x" * 10_000_000 + ";91228;\n", "4", "benefits", ""),
    ("c.csv", "candidate_id;qpv\nA;oui\nB;peut-être\n", "3", "qpv", ""),
    ("c.csv", "candidate_id;birth_date\nA;1990-01-01\nB;2999-01-01\n", "3", "birth_date", "dans le futur"),
    ("p.csv", JOBS + "P2;91228;F1703;2026-09-15;2026-12-15;-5\n", "3", "hours", ""),
    ("p.csv", "position_id;rules\nP1;\nP2;ccag\n", "3", "rules", "jeu de règles inconnu ; choisir parmi ccag-2021"),
    ("p.csv", "position_id;rules\nP1;\nP2;iae-2021\n", "3", "rules", "ne vont pas avec le mode direct"),
    ("p.csv", "position_id;categories\nP1;\nP2;rsa\n", "3", "categories", "catégorie « rsa » inconnue"),
    ("p.csv", "position_id;mode\nP1;\nP2;bizarre\n", "3", "mode", ""),
]


@pytest.mark.parametrize(("name", "content", "row", "column", "words"), ROWS)
def test_a_bad_row_is_set_aside(shell: Shell, name: str, content: str, row: str, column: str, words: str) -> None:
    shell.write(name, content)
    done = shell(*MATCH, "--outputs", "csv")
    assert done.returncode == 0, done.stderr
    (line,) = shell.rejected()
    assert (line["file"], line["row"], line["column"]) == (name, row, column)
    assert words in line["message"]
    assert len(line["message"]) > 10
    assert len(line["value"]) <= 200
    if column == "birth_date":
        assert line["value"] == ""
    strict = shell(*MATCH, "--strict")
    assert strict.returncode == 2
    assert f"{name} : 1 ligne(s) rejetée(s) ; la première, ligne {row}, colonne {column}" in strict.stderr
    assert "enlever --strict" in strict.stderr


def test_windows_encoding_and_unknown_codes_go_on(shell: Shell) -> None:
    text = HEAD + "É1;ASS;91228;Z9999\nÉ2;ASS;00000;N9999\n"
    shell.write("c.csv", text.encode("cp1252"))
    shell.write("p.csv", JOBS + "P2;00000;N9999;;;\n")
    done = shell(*MATCH, "--outputs", "csv")
    assert done.returncode == 0, done.stderr
    assert "codes ROME inconnus, gardés tels quels : N9999" in done.stdout
    assert "1 lieu(x) de résidence non reconnu(s)" in done.stdout
    assert "lieu inconnu pour 1 poste(s) : P2" in done.stdout
    assert "É1" in (shell.folder / "out" / "shortlists.csv").read_text(encoding="utf-8-sig")
    assert "P2;10;0;lieu inconnu" in (shell.folder / "out" / "unfilled.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--top", "0"], 2, "--top doit être au moins 1. "),
        (["--top", "beaucoup"], 2, "--top"),
        (["--max-per-candidate", "0"], 2, "--max-per-candidate doit être au moins 1. "),
        (["--floor", "sex:0.5"], 2, "--floor : un plancher n'est prévu que pour le RSA, pas pour « sex ». "),
        (["--on", "demain"], 2, "--on : date illisible"),
        (["--on", "2026-02-30"], 2, "--on : cette date n'existe pas au calendrier"),
        (["--complete", "licences"], 2, "--complete : colonne « licences » non prévue. "),
        (["--assume-no", "sex"], 2, "--assume-no ne peut pas porter sur : sex. "),
        (["--outputs", "csv,pdf"], 2, "--outputs : « pdf » n'est pas prévu. "),
        (["--rules", "ccag"], 2, "Le jeu de règles « ccag » est inconnu. "),
        (["--rules", "iae-2021"], 2, "Le mode « direct » n'est pas prévu par les règles iae-2021. "),
        (["--scorecard", "absente.json"], 2, "La grille de score absente.json ne peut pas être lue. "),
        (["--inconnue"], 2, "--inconnue"),
    ],
)
def test_options_that_cannot_be(shell: Shell, options: list[str], status: int, words: str) -> None:
    done = shell(*MATCH, *options)
    assert done.returncode == status, done.stderr
    assert words.strip() in done.stderr
    if words.endswith(". "):
        assert "\nQue faire : " in done.stderr
    assert not (shell.folder / "out").exists()


def test_outputs_that_cannot_be_written(shell: Shell) -> None:
    shell.write("out", "mon fichier")
    done = shell(*MATCH)
    assert done.returncode == 3
    assert "n'a pas pu être écrit" in done.stderr
    assert (shell.folder / "out").read_text() == "mon fichier"
    for place in ("out/x.csv", "/proc/clausematch/x.csv"):
        done = shell("eligibility", "c.csv", "-o", place)
        assert done.returncode == 3, done.stderr
        assert "Vérifier la place sur le disque et les droits d'écriture" in done.stderr


@pytest.mark.parametrize("size", [0, 20_000])
def test_a_full_disk_leaves_nothing(shell: Shell, size: int) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    rows = "".join(f"A{i};ASS;91228;F1703\n" for i in range(400))
    shell.write("c.csv", HEAD + rows)
    done = shell.apart(*MATCH, "--top", "400", limit=full)
    assert done.returncode == 3, done.stderr
    assert "\nQue faire : " in done.stderr
    assert not (shell.folder / "out").exists() or not list((shell.folder / "out").iterdir())


def test_earlier_results_survive_a_failed_run(shell: Shell) -> None:
    assert shell(*MATCH).returncode == 0
    before = {path.name: path.read_bytes() for path in (shell.folder / "out").iterdir()}
    shell.write("c.csv", HEAD + "".join(f"A{i};ASS;91228;F1703\n" for i in range(400)))
    done = shell.apart(
        *MATCH, "--top", "400", limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
    )
    assert done.returncode == 3, done.stderr
    assert {path.name: path.read_bytes() for path in (shell.folder / "out").iterdir()} == before


@pytest.mark.parametrize("output", ["decisions", "decisions.doc", "decisions.csv.gz"])
def test_an_output_without_a_known_ending(shell: Shell, output: str) -> None:
    done = shell("eligibility", "c.csv", "-o", output)
    assert done.returncode == 2
    assert f"{output} : extension non prévue." in done.stderr
    assert "Choisir un nom en .csv, .xlsx, .json ou .parquet." in done.stderr
    assert not (shell.folder / output).exists()


def test_rejected_rows_stand_beside_the_file(shell: Shell) -> None:
    shell.write("c.csv", "candidate_id;qpv;validated_on;validated_by\nA;oui;2026-08-01;F\nB;bof;;\n")
    commands = [
        ["eligibility", "c.csv"],
        ["company-sheet", "c.csv", "p.csv", "--position", "P1", "--candidates", "A"],
    ]
    for i, words in enumerate(commands):
        done = shell(*words, "--on", "2026-09-01", "-o", f"out{i}/f.csv")
        assert done.returncode == 0, done.stderr
        assert [line["row"] for line in shell.rejected(f"out{i}")] == ["3"]
    shell.write("q.csv", "id;title\n1;maçon\n1;peintre\n")
    assert shell("titles", "q.csv", "-o", "out9/t.csv").returncode == 0
    assert [line["message"][:11] for line in shell.rejected("out9")] == ["identifiant"]
    shell.write("t.csv", "code,label\n01,Maçon\n,Peintre\n")
    strict = ["titles", "q.csv", "--taxonomy", "t.csv", "-o", "out10/t.csv", "--strict"]
    assert shell(*strict).returncode == 2
    assert shell(*strict[:-1]).returncode == 0
    assert [(line["file"], line["row"]) for line in shell.rejected("out10")] == [("q.csv", "3"), ("t.csv", "3")]


def test_a_company_sheet_without_anybody(shell: Shell) -> None:
    done = shell("company-sheet", "c.csv", "p.csv", "--position", "P1", "--candidates", "A|B", "-o", "f.csv")
    assert done.returncode == 1
    assert "A : refusé, règle validated_on" in done.stdout
    assert "Aucune des personnes choisies ne peut être montrée à l'employeur." in done.stderr
    assert not (shell.folder / "f.csv").exists()
    nobody = shell("company-sheet", "c.csv", "p.csv", "--position", "P1", "--candidates", " | ", "-o", "f.csv")
    assert nobody.returncode == 2
    assert "--candidates ne nomme personne." in nobody.stderr


def test_eligibility_needs_a_mode_for_iae(shell: Shell) -> None:
    done = shell("eligibility", "c.csv", "--rules", "iae-2021", "-o", "d.csv")
    assert done.returncode == 2
    assert "Les règles iae-2021 demandent un mode." in done.stderr
    assert shell("eligibility", "c.csv", "--mode", "ETTI", "-o", "d.csv").returncode == 0


def test_explain_an_unknown_person(shell: Shell) -> None:
    done = shell("explain", "c.csv", "p.csv", "--candidate", "Z", "--position", "P1")
    assert done.returncode == 2
    assert "Aucune ligne utilisable n'a l'identifiant demandé (personne)." in done.stderr
    done = shell("explain", "c.csv", "p.csv", "--candidate", "A", "--position", "P1", "--on", "2026-09-01")
    assert "Sur la liste, au rang 1." in done.stdout


def test_awards_that_give_no_position(shell: Shell) -> None:
    shell.write("a.csv", AWARDS.replace("Clause sociale", "Critère social"))
    done = shell("batch", "a.csv", "c.csv", "--on", "2026-09-01", "-o", "out")
    assert done.returncode == 1
    assert "Aucune notice de a.csv ne donne de poste." in done.stderr
    assert {path.name for path in (shell.folder / "out").iterdir()} == {"awards.csv", "positions.csv", "rejected.csv"}


def test_a_batch_records_how_awards_were_taken(shell: Shell, root: Path) -> None:
    head, line = AWARDS.splitlines()
    shell.write("a.csv", f"{head};place_code;place_kind\n{line};91228;commune\n")
    asked = ["--place", "91", "--on", "2026-09-01", "--outputs", "csv", "-o", "out"]
    assert shell("batch", "a.csv", "c.csv", *asked).returncode == 0
    record = json.loads((shell.folder / "out" / "run.json").read_text(encoding="utf-8"))
    assert (record["options"]["social"], record["options"]["place"]) == ("Clause sociale", "91")
    for name in ("hours", "templates"):
        text = (root / "matcher" / "awards" / f"{name}.yml").read_bytes()
        assert record["reference"][name]["sha256"] == hashlib.sha256(text).hexdigest()


def test_own_hypotheses_and_length_of_contracts(shell: Shell, root: Path) -> None:
    hours = (root / "matcher" / "awards" / "hours.yml").read_text(encoding="utf-8")
    shell.write("mine.yml", hours.replace("hourly_cost: 30", "hourly_cost: 60"))
    shell.write("a.csv", AWARDS)
    told = {}
    for name, asked in {"usual": [], "own": ["--months", "2", "--defaults", "mine.yml"]}.items():
        assert shell("awards", "a.csv", "--on", "2026-09-01", *asked, "-o", name).returncode == 0
        text = (shell.folder / name / "positions.csv").read_text(encoding="utf-8-sig")
        told[name] = [(row["hours"], row["end_date"]) for row in csv.DictReader(text.splitlines(), delimiter=";")]
    assert told == {"usual": [("1167", "2026-12-01")], "own": [("583", "2026-11-01")]}
    done = shell("awards", "a.csv", "--months", "0", "-o", "out")
    assert (done.returncode, "La durée visée va de" in done.stderr) == (2, True)


def test_rules_checked(shell: Shell) -> None:
    shell.write("mien.yml", "id: x\n")
    done = shell("rules", "check", "mien.yml")
    assert done.returncode == 1
    assert "mien.yml" in done.stderr
    assert shell("rules", "check", "ccag-2021").returncode == 0
    assert shell("rules", "show", "inconnu").returncode == 2


def test_help_is_in_french_and_in_english(shell: Shell) -> None:
    done = shell("--help")
    assert done.returncode == 0
    assert "Du contrat à clause sociale aux listes de personnes éligibles" in done.stdout
    for command in ("match", "batch", "awards", "eligibility", "explain", "company-sheet", "titles", "rules", "demo"):
        assert f"  {command} " in done.stdout
    one = shell("match", "--help").stdout
    assert "Dossier des résultats." in one
    assert "Listes courtes, classées et expliquées" in one
    assert "--top ENTIER" in one
    assert "INTEGER" not in one + shell("serve", "--help").stdout
    english = shell("--lang", "en", "match", "--help")
    assert english.returncode == 0
    assert "--top INTEGER" in english.stdout
    assert shell("--lang", "xx", "match").returncode == 2


@pytest.mark.parametrize("words", [[], ["bidule"], ["match"], ["match", "c.csv"], ["rules"]])
def test_a_command_that_is_not_whole(shell: Shell, words: list[str]) -> None:
    done = shell(*words)
    assert done.returncode == 2
    assert "clausematch" in done.stderr + done.stdout
    assert "Error" not in done.stderr.replace("Errno", "")


def test_two_runs_and_the_record(shell: Shell) -> None:
    for out in ("a", "b"):
        assert shell("match", "c.csv", "p.csv", "--on", "2026-09-01", "--outputs", "csv", "-o", out).returncode == 0
    first, second = (shell.folder / out / "shortlists.csv" for out in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    record = json.loads((shell.folder / "a" / "run.json").read_text(encoding="utf-8"))
    assert set(record["inputs"]) == {"c.csv", "p.csv"}
    assert record["counts"] == {
        "people": 2,
        "positions": 1,
        "listed": 2,
        "people_listed": 2,
        "to_verify": 0,
        "unfilled": 1,
        "rejected": 0,
    }


def test_help_loads_no_table_library() -> None:
    """The help answers at once: nothing heavy is imported before a command runs."""
    heavy = "{'pandas', 'numpy', 'scipy', 'sqlalchemy', 'pydantic', 'cryptography', 'fastapi'}"
    words = f"import sys; from matcher.cli import build; build(); print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
