"""Refusals: their status, their words (the command's own), and what they never say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from matcher.cli import main
from matcher.errors import UsageError
from matcher.schema import CANDIDATES, Kind
from service.guard import host_name, preferred_language
from service.pages.forms import in_words
from service.problems import Problem, at_field, from_error
from tests.service.support import JOB, JSON, PERSON, Server, refused

MARKER = "MARQUEUR7391"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Le corps est vide. Envoyer un objet JSON ; voir /openapi.json."),
        (b" \n", "Le corps est vide. Envoyer un objet JSON ; voir /openapi.json."),
        (b'{"candidates": [', "corps de la demande : JSON illisible à la ligne 1, colonne 17."),
        (b'{"candidates": [{}],\n}', "corps de la demande : JSON illisible à la ligne 2, colonne 1."),
        (b'{"candidates": ["\xe9"]}', "Le corps n'est pas de l'UTF-8. L'envoyer en UTF-8."),
        (b'{"candidates": NaN}', "Le corps contient un nombre que JSON ne permet pas (NaN, démesuré)."),
        (b'{"candidates": [-Infinity]}', "Le corps contient un nombre que JSON ne permet pas (NaN, démesuré)."),
        (b"9" * 5000, "Le corps contient un nombre que JSON ne permet pas (NaN, démesuré)."),
        (b"[" * 200_000, "corps de la demande : JSON imbriqué trop profondément."),
        (b'{"candidates":' * 100_000, "corps de la demande : JSON imbriqué trop profondément."),
        (b'{"candidates": [{"candidate_id": "\\ud800"}]}', "Le corps contient une moitié de caractère"),
        (b"[]", "Le corps doit être un objet JSON ; voir /openapi.json."),
        (b"null", "Le corps doit être un objet JSON ; voir /openapi.json."),
        (b"{}", "/candidates : champ obligatoire absent."),
        (b'{"candidates": {"candidate_id": "A"}}', "/candidates : une liste est attendue."),
        (b'{"candidates": [], "rules": 5}', "/rules : un texte est attendu."),
        (b'{"candidates": [], "on": 20260901}', "/on : une date est attendue, écrite AAAA-MM-JJ."),
        (b'{"candidates": [], "assume_no": [1]}', "/assume_no : une liste de noms est attendue."),
        (b'{"candidates": [], "require_proof": "oui"}', "/require_proof : true ou false est attendu."),
        (
            b'{"candidates": [], "categories": []}',
            "/categories : champ inconnu ; champs admis : candidates, rules, mode, on, assume_no, require_proof.",
        ),
    ],
)
def test_malformed_bodies(client: httpx2.Client, body: bytes, words: str) -> None:
    problem = refused(client.post("/api/v1/eligibility", content=body, headers=JSON), 400, "malformed")
    assert problem["title"] == "Demande mal formée"
    assert problem["detail"].startswith(words)


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"top": 0}, 422, "--top doit être au moins 1. Donner le nombre de personnes voulues par poste."),
        ({"top": -3}, 422, "--top doit être au moins 1."),
        ({"top": 10**40}, 422, "/top : nombre trop grand ; attendu au plus 100000"),
        ({"top": 2.5}, 400, "/top : nombre entier attendu, sans décimales"),
        ({"top": True}, 400, "/top : nombre entier attendu, sans décimales"),
        ({"top": "5"}, 400, "/top : nombre entier attendu, sans décimales"),
        ({"max_per_candidate": 0}, 422, "--max-per-candidate doit être au moins 1."),
        ({"complete": "benefits"}, 422, "--complete : colonne « benefits » non prévue. Choisir parmi certificates"),
        ({"assume_no": ["last_name"]}, 422, "--assume-no ne peut pas porter sur : last_name."),
        ({"rules": "ccag"}, 422, "Le jeu de règles « ccag » est inconnu. Choisir parmi ccag-2021, charte-91-2018"),
        ({"rules": "iae-2021"}, 422, "Le mode « direct » n'est pas prévu par les règles iae-2021."),
        ({"on": "31/02/2026"}, 422, "/on : cette date n'existe pas au calendrier"),
        ({"on": "demain"}, 422, "/on : date illisible"),
        ({"positions": None}, 400, "/positions : une liste est attendue."),
        ({"candidates": []}, 422, "« candidates » ne contient aucune fiche."),
        ({"positions": [{}]}, 422, "« positions » ne contient aucune fiche."),
        ({"positions": [{"title": "maçon"}]}, 422, "positions : la colonne « position_id »"),
        (
            {"positions": [{**JOB, "rules": "/etc/regles.yml"}]},
            422,
            "positions : aucune ligne utilisable (1 rejetée(s)).",
        ),
        (
            {"positions": [{**JOB, "categories": ["zz"]}]},
            422,
            "positions : aucune ligne utilisable (1 rejetée(s)).",
        ),
        ({"positions": [{**JOB, "end_date": "hier"}]}, 422, "positions : aucune ligne utilisable (1 rejetée(s))."),
    ],
)
def test_unusable_values(client: httpx2.Client, options: dict[str, Any], status: int, words: str) -> None:
    body = {"candidates": [PERSON], "positions": [JOB], **options}
    answer = client.post("/api/v1/match", json=body)
    assert answer.status_code == status, answer.text
    problem = refused(answer, status, answer.json()["code"])
    assert problem["detail"].startswith(words)


def test_a_pack_is_never_read_from_a_path(client: httpx2.Client, root: Path) -> None:
    path = str(root / "matcher" / "rules" / "packs" / "geiq.yml")
    body = {"candidates": [PERSON], "positions": [JOB], "rules": path}
    assert "est inconnu" in refused(client.post("/api/v1/match", json=body), 422, "usage")["detail"]
    body = {"candidates": [PERSON], "positions": [{**JOB, "rules": path}]}
    problem = refused(client.post("/api/v1/match", json=body), 422, "nothing_usable")
    assert problem["rejected"][0]["message"].startswith("jeu de règles inconnu ; choisir parmi")


def test_rows_set_aside_come_with_the_refusal(client: httpx2.Client) -> None:
    body = {"candidates": [7, {"candidate_id": "B", "qpv": "bof"}], "positions": [JOB, {**JOB, "title": "x"}]}
    problem = refused(client.post("/api/v1/match", json=body), 422, "nothing_usable")
    assert problem["detail"] == "candidates : aucune ligne utilisable (2 rejetée(s)). Voir les motifs dans rejected."
    assert [(row["file"], row["row"]) for row in problem["rejected"]] == [
        ("candidates", 1),
        ("candidates", 2),
        ("positions", 2),
    ]


def test_a_nir_is_refused_unread(client: httpx2.Client, server: Server) -> None:
    number = "185057800608491"
    for row in ({**PERSON, "dossier": number}, {**PERSON, "NIR": ""}, {**PERSON, "n° sécu": number}):
        answer = client.post("/api/v1/eligibility", json={"candidates": [row]})
        problem = refused(answer, 422, "nir_refused")
        assert "contient des numéros de sécurité sociale (NIR)" in problem["detail"]
        assert "Supprimer cette colonne" in problem["detail"]
        assert number not in answer.text
    assert number not in server.log()


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (["--top", "0"], {"top": 0}),
        (["--max-per-candidate", "0"], {"max_per_candidate": 0}),
        (["--complete", "licences"], {"complete": ["licences"]}),
        (["--assume-no", "sex"], {"assume_no": ["sex"]}),
        ([], {"candidates": [{"nom": "Durand"}]}),
        ([], {"candidates": [{**PERSON, "nir": "x"}]}),
        (["--rules", "iae-2021"], {"rules": "iae-2021"}),
    ],
)
def test_the_words_are_the_commands(
    client: httpx2.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    fields: dict[str, Any],
) -> None:
    body = {"candidates": [PERSON], "positions": [JOB], **fields}
    problem = client.post("/api/v1/match", json=body).json()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "fr")
    for name in ("candidates", "positions"):
        (row,) = body[name]
        text = "\n".join([";".join(row), ";".join(map(str, row.values()))]) + "\n"
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["match", "candidates.csv", "positions.csv", *options, "-o", "out"])
    assert stop.value.code == 2
    said = capsys.readouterr().err.replace("Erreur : ", "").replace("\nQue faire : ", " ").replace(".csv", "")
    assert problem["detail"] == said.strip()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=iso-8859-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_other_content_types(client: httpx2.Client, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/match", content=b"{}", headers=headers)
    problem = refused(answer, 415, "unsupported_media_type")
    assert "Envoyer Content-Type: application/json." in problem["detail"]


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "application/vnd.x+json", "Application/JSON"])
def test_json_by_its_other_names(client: httpx2.Client, kind: str) -> None:
    body = '{"candidates": [{"candidate_id": "É"}]}'
    answer = client.post("/api/v1/eligibility", content=body.encode(), headers={"Content-Type": kind})
    assert answer.json()["decisions"][0]["candidate_id"] == "É"


def test_unknown_addresses_and_methods(client: httpx2.Client) -> None:
    for path in ("/api/v1/", "/api/v1/nothing", "/docs", "/redoc", "/api/v1/match/", "/../etc/passwd"):
        refused(client.get(path), 404, "not_found")
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = client.request(method, "/api/v1/match")
        refused(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == "POST"
        assert "access-control-allow-origin" not in answer.headers


def test_english_when_asked(client: httpx2.Client) -> None:
    headers = {**JSON, "Accept-Language": "en"}
    answer = client.post("/api/v1/match", content=b"{", headers=headers)
    assert answer.headers["content-language"] == "en"
    assert "Accept-Language" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("EN-us,fr;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.2, fr;q=0.9", "fr"),
        ("de, en;q=0.5", "en"),
        ("de", "fr"),
        ("en;q=0", "fr"),
        (";;q=x,,", "fr"),
        ("en;q=9", "en"),
    ],
)
def test_preferred_language(header: str, language: str) -> None:
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("header", "name"), [("localhost:80", "localhost"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("A.b", "a.b")]
)
def test_host_name(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "192.168.1.4", "[::2]", "0.0.0.0"]
)
def test_other_host_names_are_refused(client: httpx2.Client, host: str) -> None:
    answer = client.get("/health", headers={"Host": host})
    assert "Ce service ne répond pas à ce nom." in refused(answer, 421, "misdirected")["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machines_names_are_answered(client: httpx2.Client, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


def personal_rows() -> list[dict[str, Any]]:
    """The marker in every column that says who somebody is, and in each kind of mistake about health or justice."""
    told = {column.name: MARKER for column in CANDIDATES.columns if "I" in column.roles and column.kind is Kind.TEXT}
    secret = [column.name for column in CANDIDATES.columns if column.sensitive and column.kind is not Kind.TEXT]
    wrong = [{"candidate_id": f"{i}", name: MARKER} for i, name in enumerate(secret) if name != "candidate_id"]
    assert len(told) > 4
    assert len(wrong) > 5
    return [{"candidate_id": "A", **told}, *wrong]


def test_a_refusal_points_at_its_fields() -> None:
    one = at_field("/facts/birth_date", "date illisible")
    assert (one.code, one.detail) == ("usage", "/facts/birth_date : date illisible")
    assert one.errors == [{"pointer": "/facts/birth_date", "detail": "date illisible"}]
    assert one.fields == {"birth_date": "date illisible"}
    assert from_error(UsageError("Un SIRET a 14 chiffres.", "Le vérifier.", "siret")).fields == {
        "siret": "Un SIRET a 14 chiffres. Le vérifier."
    }
    assert from_error(UsageError("Rien.")).fields == {}
    told = in_words(one, {"birth_date": "Date de naissance"})
    assert told.detail == "Date de naissance : date illisible"
    assert in_words(one, {}).detail == "date illisible"
    assert in_words(Problem("conflict", "Non."), {}).detail == "Non."


def test_no_sentence_holds_a_pointer() -> None:
    """What is wrong and where are apart: nobody has to cut a sentence to know the field."""
    for path in Path("service").rglob("*.py"):
        assert re.findall(r'_\(\s*"(?:/[a-z_]+|\{pointer\}) : ', path.read_text()) == [], path


def test_personal_data_never_comes_back_nor_into_the_log(client: httpx2.Client, server: Server) -> None:
    people = personal_rows()
    bodies: list[Any] = [
        {"candidates": people, "positions": [JOB]},
        {"candidates": people[1:], "positions": [JOB]},
        {"candidates": people, "positions": [JOB], "top": MARKER},
        {"candidates": people, "positions": [JOB], f"{MARKER} Jean": 1},
        {"candidates": people, "positions": [JOB], "on": MARKER},
        {"candidates": MARKER, "positions": [JOB]},
        {"candidates": people, "positions": [JOB], "require": [MARKER]},
        people,
    ]
    for body in bodies:
        answer = client.post("/api/v1/match", json=body)
        assert answer.status_code in (200, 400, 422)
        assert MARKER not in answer.text
    for content in (f'{{"candidates": [{{"last_name": "{MARKER}"', f'{{"candidates": "{MARKER}\\ud800"}}'):
        answer = client.post("/api/v1/match", content=content.encode(), headers=JSON)
        assert answer.status_code == 400
        assert MARKER not in answer.text
    for path in (f"/api/v1/{MARKER}", f"/health?nom={MARKER}"):
        assert MARKER not in client.get(path).text
    assert MARKER not in client.request(MARKER, "/health", headers={"X-Name": MARKER}).text
    assert '"route": "/api/v1/match", "status": 200' in server.log()
    assert MARKER not in server.log()
    assert "defect" not in server.log()
