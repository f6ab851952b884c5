"""Signing in and out through the real application, with a real issuer and a browser's cookies, on both databases."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, insert, select, update

from matcher.errors import UsageError
from service import clock
from service.access import sessions as s
from service.access import sign_in as door
from service.access.organisations import dismiss, invite
from service.access.principals import Role
from service.app import create_app
from service.store import tables as t
from tests.service.databases import Api, served, settings_for
from tests.service.issuer import CLIENT_ID, CLIENT_SECRET, PERSON, Issuer, serving, visit
from tests.service.support import refused

HOST = "clauses.exemple.invalid"
PUBLIC = f"https://{HOST}"
COOKIE = "__Host-clausematch-session"


@pytest.fixture(scope="module")
def one_issuer() -> Iterator[Issuer]:
    with serving(Issuer(f"{PUBLIC}/sign-in/callback", "ES256")) as one:
        yield one


@pytest.fixture
def issuer(one_issuer: Issuer) -> Issuer:
    one_issuer.reset()
    return one_issuer


@pytest.fixture
def tuned(issuer: Issuer) -> dict[str, Any]:
    return {
        "public_url": PUBLIC,
        "hosts": (HOST, "127.0.0.1"),
        "oidc_issuer": f"{issuer.url}/api/v2",
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_trust_email": True,
    }


class Browser:
    """Keeps the cookies of the service's public name and follows its links, over plain http to where it listens."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.cookies: dict[str, str] = {}
        self.http = httpx2.Client(base_url=api.url, headers={"Host": HOST}, timeout=30, verify=False)

    def ask(self, method: str, address: str, **more: Any) -> httpx2.Response:
        path = address.removeprefix(PUBLIC)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.http.request(method, path, headers={"Cookie": cookies} if cookies else {}, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _equals, value = line.partition(";")[0].partition("=")
            assert name.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
            assert "Domain" not in line
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def leave(self, back: str | None = None) -> str:
        """Go to the issuer: where it sends back to."""
        answer = self.ask("GET", "/sign-in", params={"back": back} if back is not None else {})
        assert answer.status_code == 303, answer.text
        returned = visit(answer.headers["location"])
        assert returned.status_code == 303, returned.text
        address: str = returned.headers["location"]
        assert address.startswith(f"{PUBLIC}/sign-in/callback?")
        return address

    def sign_in(self, back: str | None = None) -> httpx2.Response:
        return self.ask("GET", self.leave(back))

    @property
    def token(self) -> str:
        return self.cookies[COOKIE]

    def session(self) -> s.Session | None:
        office = self.api.office
        with office.store.read() as connection:
            return s.find_session(connection, office.settings.secret_bytes, self.token, office.clock())


@contextmanager
def browsing(api: Api) -> Iterator[Browser]:
    one = Browser(api)
    try:
        yield one
    finally:
        one.http.close()


@pytest.fixture
def browser(api: Api) -> Iterator[Browser]:
    with browsing(api) as one:
        yield one


def invited(api: Api, email: str = PERSON["email"], org: str = "A") -> str:
    api.organisation(org)
    with api.store.write("command:tests", None, clock.now()) as change:
        return invite(change, email, org, [Role.ADVISER])


def entries(api: Api) -> list[tuple[str, str, str | None]]:
    with api.store.read() as connection:
        rows = connection.execute(select(t.log.c.actor, t.log.c.action, t.log.c.org_id).order_by(t.log.c.seq))
        return [tuple(row) for row in rows if row.action.partition(".")[0] in ("member", "session")]


def member(api: Api, member_id: str) -> Any:
    with api.store.read() as connection:
        return connection.execute(select(t.members).filter_by(member_id=member_id)).one()


def count(api: Api, table: Any) -> int:
    with api.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_an_invited_person_comes_in(api: Api, browser: Browser, issuer: Issuer) -> None:
    member_id = invited(api)
    answer = browser.sign_in("/positions?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/positions?page=2")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"  # the address holds the code
    session = browser.session()
    assert session is not None
    principal = session.principal
    assert (principal.actor, principal.org_id, principal.roles) == (f"member:{member_id}", "A", {Role.ADVISER})
    row = member(api, member_id)
    assert (row.issuer, row.subject) == (f"{issuer.url}/api/v2", PERSON["sub"])
    assert row.last_seen_at is not None
    actor = f"member:{member_id}"
    assert entries(api)[1:] == [(actor, "member.bind", "A"), (actor, "session.open", "A")]
    assert count(api, t.sign_ins) == 0
    assert list(browser.cookies) == [COOKIE]


def test_from_then_on_the_issuers_name_counts(api: Api, browser: Browser, issuer: Issuer) -> None:
    member_id = invited(api)
    browser.sign_in()
    issuer.person["email"] = "new-address@exemple.invalid"
    with browsing(api) as again:
        assert again.sign_in().status_code == 303
        session = again.session()
        assert session is not None
        assert session.principal.actor == f"member:{member_id}"
    issuer.person |= {"sub": "somebody else", "email": PERSON["email"]}  # the address was given to another person
    with browsing(api) as other:
        refused(other.sign_in(), 403, "forbidden")
    assert [action for _actor, action, _org in entries(api)].count("member.bind") == 1


def test_a_stranger_stays_out(api: Api, browser: Browser) -> None:
    invited(api, "another@exemple.invalid")
    problem = refused(browser.sign_in(), 403, "forbidden")
    assert "Demander à l'administrateur" in problem["detail"]
    assert COOKIE not in browser.cookies
    assert count(api, t.sessions) == 0
    assert str(PERSON["email"]) not in str(problem)


def test_an_unverified_email_opens_nothing(api: Api, browser: Browser, issuer: Issuer) -> None:
    invited(api)
    issuer.person["email_verified"] = False
    problem = refused(browser.sign_in(), 403, "forbidden")
    assert "ne confirme pas votre courriel" in problem["detail"]
    assert count(api, t.sessions) == 0


def test_a_dismissed_member_stays_out_until_invited_again(api: Api, browser: Browser) -> None:
    first = invited(api)
    browser.sign_in()
    with api.store.write("command:tests", None, clock.now()) as change:
        dismiss(change, first)
    assert browser.session() is None
    refused(browser.sign_in(), 403, "forbidden")
    second = invited(api, org="B")
    assert browser.sign_in().status_code == 303
    session = browser.session()
    assert session is not None
    assert (session.principal.actor, session.principal.org_id) == (f"member:{second}", "B")
    assert member(api, first).subject is None


def test_each_sign_in_is_a_new_session_and_the_browsers_last_one_is_over(api: Api, browser: Browser) -> None:
    invited(api)
    planted = s.new_token()
    browser.cookies[COOKIE] = planted  # somebody chose it for them
    browser.sign_in()
    first = browser.token
    assert first != planted
    browser.sign_in()
    assert browser.token != first
    assert count(api, t.sessions) == 1


def test_the_way_back_works_once_and_in_the_browser_that_left(api: Api, browser: Browser) -> None:
    invited(api)
    address = browser.leave()
    with browsing(api) as other:
        problem = refused(other.ask("GET", address), 400, "sign_in")
        assert "ouverte dans un autre navigateur" in problem["detail"]
        other.leave()
        refused(other.ask("GET", address), 400, "sign_in")
    held = dict(browser.cookies)
    assert browser.ask("GET", address).status_code == 303
    browser.cookies |= held
    refused(browser.ask("GET", address), 400, "sign_in")
    assert count(api, t.sessions) == 1


def test_a_sign_in_lasts_ten_minutes(api: Api, browser: Browser) -> None:
    invited(api)
    address = browser.leave()
    past = clock.written(clock.now() - timedelta(minutes=10, seconds=1))
    with api.store.alter() as connection:
        connection.execute(update(t.sign_ins).values(created_at=past))
    refused(browser.ask("GET", address), 400, "sign_in")
    browser.leave()
    assert count(api, t.sign_ins) == 1


def test_nobody_is_sent_elsewhere(api: Api, browser: Browser) -> None:
    invited(api)
    for back in ("https://exemple.invalid/", "//exemple.invalid", "/\\exemple.invalid", "/sign-in"):
        assert browser.sign_in(back).headers["location"] == "/"


def test_what_the_store_keeps_of_a_sign_in_is_of_no_use(api: Api, browser: Browser) -> None:
    address = browser.leave()
    state = parse_qs(urlsplit(address).query)["state"][0]
    with api.store.read() as connection:
        row = connection.execute(select(t.sign_ins)).one()
    assert row.state_digest == s.digest_of(state)
    assert state not in str(row)
    assert len(row.verifier) > 43  # sealed


def test_the_issuers_own_words_are_not_repeated(browser: Browser, issuer: Issuer) -> None:
    issuer.faults = {"declines"}
    problem = refused(browser.sign_in(), 400, "sign_in")
    assert "abandonnée ou refusée" in problem["detail"]
    assert "<b>" not in str(problem)
    address = browser.leave()
    state = parse_qs(urlsplit(address).query)["state"][0]
    other = browser.ask("GET", "/sign-in/callback", params={"error": "server_error", "state": state})
    refused(other, 503, "provider")


def test_an_issuer_that_misbehaves_lets_nobody_in(api: Api, browser: Browser, issuer: Issuer) -> None:
    invited(api)
    for fault, status, code in (("wrong nonce", 400, "sign_in"), ("broken token", 503, "provider")):
        issuer.faults = {fault}
        refused(browser.sign_in(), status, code)
    assert count(api, t.sessions) == 0
    assert COOKIE not in browser.cookies


def test_any_way_back_that_was_not_asked_for_is_refused(browser: Browser) -> None:
    for query in (
        "",
        "code=a",
        "state=a&state=b",
        "state=%00",
        "state=%ED%B3%BF&code=a",
        "code=" + "a" * 3000,
        "%&=&;",
        "&".join(f"a{number}=1" for number in range(100)),
    ):
        answer = browser.ask("GET", f"/sign-in/callback?{query}")
        assert answer.status_code == 400
        assert answer.json()["code"] in ("sign_in", "malformed")


def test_signing_out_ends_the_session_here_and_at_the_issuer(api: Api, browser: Browser, issuer: Issuer) -> None:
    member_id = invited(api)
    browser.sign_in()
    session = browser.session()
    assert session is not None
    token = browser.token
    answer = browser.ask("POST", "/sign-out", data={"csrf": session.csrf})
    assert answer.status_code == 303
    assert visit(answer.headers["location"]).headers["location"] == f"{PUBLIC}/"
    assert issuer.seen[-1]["id_token_hint"].count(".") == 2
    assert COOKIE not in browser.cookies
    browser.cookies[COOKIE] = token
    assert browser.session() is None
    assert entries(api)[-1] == (f"member:{member_id}", "session.close", "A")
    again = browser.ask("POST", "/sign-out", data={"csrf": session.csrf})
    assert (again.status_code, again.headers["location"]) == (303, "/")


@pytest.mark.parametrize("fault", ["no end", "broken openid-configuration"])
def test_signing_out_does_not_wait_for_the_issuer(api: Api, browser: Browser, issuer: Issuer, fault: str) -> None:
    invited(api)
    browser.sign_in()
    session = browser.session()
    assert session is not None
    issuer.faults = {fault}
    with served(api.office.settings) as other:  # another server, which has not asked the issuer yet
        browser.http.base_url = other.url
        answer = browser.ask("POST", "/sign-out", data={"csrf": session.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert count(api, t.sessions) == 0


def test_no_other_site_signs_somebody_out(api: Api, browser: Browser) -> None:
    invited(api)
    browser.sign_in()
    for csrf in ({}, {"csrf": ""}, {"csrf": "wrong"}, {"csrf": "é"}):
        problem = refused(browser.ask("POST", "/sign-out", data=csrf), 403, "forbidden")
        assert "Recharger la page" in problem["detail"]
    assert browser.session() is not None


def test_a_header_may_carry_the_proof(api: Api, browser: Browser) -> None:
    invited(api)
    browser.sign_in()
    session = browser.session()
    assert session is not None
    browser.http.headers["X-CSRF-Token"] = session.csrf
    assert browser.ask("POST", "/sign-out").status_code == 303
    assert count(api, t.sessions) == 0


def test_a_form_without_end_is_refused(browser: Browser) -> None:
    refused(browser.ask("POST", "/sign-out", content=b"a" * 20_000), 413, "too_large")


def test_a_flood_of_sign_ins_neither_fills_the_disk_nor_the_log(api: Api, browser: Browser) -> None:
    before = count(api, t.log)
    at = clock.written(clock.now())
    row = {"nonce": "n", "verifier": b"v", "back": "/", "created_at": at}
    with api.store.alter() as connection:
        connection.execute(
            insert(t.sign_ins), [{**row, "state_digest": str(one)} for one in range(door.MOST_PENDING - 1)]
        )
    browser.leave()
    refused(browser.ask("GET", "/sign-in"), 503, "busy")
    assert count(api, t.sign_ins) == door.MOST_PENDING
    assert count(api, t.log) == before


def test_one_address_cannot_ask_without_end(browser: Browser) -> None:
    answers = (browser.ask("POST", "/sign-out") for _one in range(5 * door.AT_ONCE))
    slowed = next(answer for answer in answers if answer.status_code != 303)
    refused(slowed, 429, "too_many")
    assert int(slowed.headers["retry-after"]) >= 1


def test_nothing_of_a_sign_in_is_logged(api: Api, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "clausematch")
    invited(api)
    address = browser.leave()
    given = parse_qs(urlsplit(address).query)
    browser.ask("GET", address)
    session = browser.session()
    assert session is not None
    text, deadline = "", time.monotonic() + 10
    while "/sign-in/callback" not in text and time.monotonic() < deadline:  # a line is written after its answer
        text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("clausematch"))
    assert "/sign-in/callback" in text
    for secret in (given["code"][0], given["state"][0], browser.token, session.csrf, *map(str, PERSON.values())):
        assert secret not in text


# --- without an issuer, or with half of one ----------------------------------------------------------------------
def test_without_an_issuer_one_is_told_so(database: str) -> None:
    with served(settings_for(database)) as api:
        problem = refused(httpx2.get(f"{api.url}/sign-in"), 404, "absent")
        assert "CLAUSEMATCH_OIDC_ISSUER" in problem["detail"]
        refused(httpx2.get(f"{api.url}/sign-in/callback?code=a&state=b"), 404, "absent")
        assert httpx2.post(f"{api.url}/sign-out").headers["location"] == "/"


def test_half_a_registration_is_refused_at_the_start(tmp_path: Any) -> None:
    address = f"sqlite:///{tmp_path / 'a.db'}"
    with pytest.raises(UsageError, match="CLAUSEMATCH_OIDC_CLIENT_ID est absent"):
        create_app(settings_for(address, oidc_issuer="https://auth.exemple.invalid", public_url=PUBLIC))


def test_the_addresses_are_no_part_of_the_api(tmp_path: Any) -> None:
    app: FastAPI = create_app(settings_for(f"sqlite:///{tmp_path / 'a.db'}"))
    assert not [path for path in app.openapi()["paths"] if "sign" in path]
