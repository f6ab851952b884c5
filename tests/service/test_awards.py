"""Notices sent by a facilitator: the awards stored, the positions they open, what is read back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from matcher.cli import main
from service.examples import EXAMPLES
from tests.service.databases import Api
from tests.service.people import API, actions, put_positions
from tests.service.support import ROOT, refused

REFUSED = "cet identifiant ne peut pas être utilisé ; en choisir un autre, ou voir avec l'administrateur"
TABLE = EXAMPLES["post_awards"]["table"]["value"]
WORK = TABLE["awards"][0]
NOTICES = json.loads((ROOT / "data_samples" / "awards.json").read_text(encoding="utf-8"))


def post(client: httpx2.Client, body: Any, *, dry_run: bool = False, **headers: str) -> dict[str, Any]:
    answer = client.post(f"{API}/awards", params={"dry_run": dry_run}, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_same_notices_give_what_the_command_gives(api: Api, tmp_path: Path) -> None:
    facilitator = api.client("facilitator")
    with pytest.raises(SystemExit):
        main(["awards", str(ROOT / "data_samples" / "awards.json"), "-o", str(tmp_path)])

    def table(name: str) -> list[dict[str, str]]:
        text = (tmp_path / name).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))

    report = post(facilitator, NOTICES)
    awards = {row["row"]: row for row in table("awards.csv")}
    for line in report["report"]:
        if line["result"] == "error":
            continue
        row = awards[str(line["row"])]
        assert line["award_id"] == row["award_id"]
        assert (line["result"] == "created") == (row["selected"] == "yes")
        assert (line["message"] or "") == row["reason"]
        assert line["positions"] == int(row["positions"])
    assert [(line["row"], line["message"]) for line in report["report"] if line["result"] == "error"] == [
        (int(row["row"]), row["message"]) for row in table("rejected.csv")
    ]
    shown: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = {"limit": 500} | ({"cursor": cursor} if cursor else {})
        page = facilitator.get(f"{API}/positions", params=given).json()
        shown, cursor = [*shown, *page["positions"]], page["next"]
        if cursor is None:
            break
    expected = {row["position_id"]: row for row in table("positions.csv")}
    assert {one["position_id"] for one in shown} == set(expected)
    for one in shown:
        row = expected[one["position_id"]]
        assert (one["facts"]["occupation"], one["openings"]) == (row["occupation"], int(row["openings"]))
    assert report["positions"] == len(expected)


def test_sent_again_only_what_is_missing_or_new_is_written(api: Api) -> None:
    facilitator = api.client("facilitator")
    assert post(facilitator, TABLE, dry_run=True)["created"] == 1
    assert facilitator.get(f"{API}/awards").json() == {"awards": [], "next": None}
    first = post(facilitator, TABLE)
    assert (first["created"], first["positions"], first["report"][0]["hours"]) == (1, 3, 833)
    name = f"{WORK['award_id']}-P1"
    facilitator.patch(f"{API}/positions/{name}", json={"facts": {"title": "à notre façon"}})
    before = actions(api)
    again = post(facilitator, TABLE)
    assert (again["unchanged"], again["positions"]) == (1, 0)
    assert actions(api) == before
    more = post(facilitator, {"awards": [{**WORK, "amount": 2_000_000}]})
    assert (more["updated"], more["positions"]) == (1, 0)
    assert facilitator.get(f"{API}/positions/{name}").json()["facts"]["title"] == "à notre façon"
    award = facilitator.get(f"{API}/awards/{WORK['award_id']}").json()
    assert (award["hours_due"], award["version"], award["award"]["amount"]) == (1667, 2, 2_000_000)
    assert award["positions"] == [f"{WORK['award_id']}-P{number}" for number in (1, 2, 3)]
    assert award["hours"]["due"] == 1667
    assert abs(award["hours"]["planned"] - 833) <= 1.5


def test_a_named_request_is_done_once(api: Api) -> None:
    facilitator = api.client("facilitator")
    first = post(facilitator, TABLE, **{"Idempotency-Key": "une fois"})
    assert post(facilitator, TABLE, **{"Idempotency-Key": "une fois"}) == first
    assert first["created"] == 1


@pytest.mark.parametrize("social", ["Critère social|Marché réservé", ["Critère social", "Marché réservé"]])
def test_the_words_asked_for_are_a_list_or_a_text(api: Api, social: Any) -> None:
    rows = [{**WORK, "award_id": word, "social": word} for word in ("Clause sociale", "Critère social")]
    report = post(api.client("facilitator"), {"awards": rows, "social": social}, dry_run=True)["report"]
    assert [line["result"] for line in report] == ["not_selected", "created"]


def test_an_award_belongs_to_one_organisation(api: Api) -> None:
    mine, theirs = api.client("facilitator"), api.client("facilitator", "B")
    post(mine, TABLE)
    report = post(theirs, TABLE)
    assert report["report"][0]["message"] == REFUSED
    assert (report["created"], report["rejected"], report["positions"]) == (0, 1, 0)
    assert theirs.get(f"{API}/awards").json()["awards"] == []
    told = [theirs.get(f"{API}/awards/{name}").json() for name in (WORK["award_id"], "nothing")]
    assert {**told[0], "instance": ""} == {**told[1], "instance": ""}
    tried = post(theirs, TABLE, dry_run=True)
    assert tried["report"][0]["message"] == REFUSED
    assert actions(api).count("identifiers.refused") == 1, "once an hour"
    put_positions(theirs, {"position_id": "X", "award_id": WORK["award_id"], "hours": 999})
    assert "X" not in mine.get(f"{API}/awards/{WORK['award_id']}").json()["positions"]


def test_what_cannot_be_used_is_said(api: Api) -> None:
    facilitator = api.client("facilitator")
    cases: tuple[tuple[Any, str], ...] = (
        ({}, "usage"),
        ({"awards": [], "marches": []}, "usage"),
        ({"awards": []}, "nothing_usable"),
        ({"awards": [3]}, "nothing_usable"),
        ({"marches": {"marche": [{"id": "1"}]}}, "nothing_usable"),
        ({**TABLE, "months": -1}, "usage"),
        ({**TABLE, "place": "Atlantide"}, "usage"),
    )
    for body, code in cases:
        refused(facilitator.post(f"{API}/awards", json=body), 422, code)
    wide = post(facilitator, {**TABLE, "place": "75"})
    assert (wide["not_selected"], wide["report"][0]["message"]) == (1, "hors du territoire demandé")
    odd = post(facilitator, {"awards": [{**WORK, "award_id": "A\u0000B"}, {**WORK, "award_id": "2026/7"}]})
    assert [line["result"] for line in odd["report"]] == ["error", "created"]
    assert facilitator.get(f"{API}/awards/2026%2F7").json()["award_id"] == "2026/7"
