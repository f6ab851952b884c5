"""Session cookies, tokens, return addresses, and what the store keeps of a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from service import clock
from service.access import sessions as s
from service.access.organisations import create_organisation, dismiss, invite
from service.access.principals import Role
from service.settings import Settings
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Store

SECRET = b"a secret for tests only, of these lines alone"
NOW = clock.read("2026-11-23T09:00:00.000Z")


def test_the_cookie_of_a_public_service() -> None:
    assert (
        s.cookie(s.SESSION, "abc", True) == "__Host-clausematch-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
    )
    assert s.cookie(s.PENDING, "abc", True, timedelta(minutes=10)) == (
        "__Host-clausematch-sign-in=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"
    )
    assert s.no_cookie(s.SESSION, True) == (
        "__Host-clausematch-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
    )


def test_the_cookie_of_this_machine_alone() -> None:
    assert s.cookie(s.SESSION, "abc", False) == "clausematch-session=abc; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("given", "https"),
    [
        ({}, False),
        ({"public_url": "http://127.0.0.1:8000"}, False),
        ({"public_url": "http://localhost"}, False),
        ({"public_url": "https://clauses.exemple.invalid"}, True),
        ({"public_url": "http://clauses.exemple.invalid"}, True),  # better no session than one that can be read
        ({"oidc_redirect_url": "https://clauses.exemple.invalid/sign-in/callback"}, True),
    ],
)
def test_where_cookies_may_travel_in_clear(given: dict[str, Any], https: bool) -> None:
    assert s.is_https(Settings(**given)) is https


def test_only_a_cookie_of_the_right_name_and_shape_is_read() -> None:
    token = s.new_token()
    assert len(token) == 43
    assert token != s.new_token()
    assert s.token_of({"__Host-clausematch-session": token}, s.SESSION, True) == token
    assert s.token_of({"clausematch-session": token}, s.SESSION, True) is None  # another host could have set it
    assert s.token_of({"clausematch-session": token}, s.SESSION, False) == token
    for wrong in ("", token[1:], f"{token}a", token[1:] + "=", "é" * 43, token + "\n"):
        assert s.token_of({"clausematch-session": wrong}, s.SESSION, False) is None


def test_a_form_of_another_session_is_none_of_this_one() -> None:
    one, other = s.new_token(), s.new_token()
    assert s.is_csrf(SECRET, one, s.csrf_of(SECRET, one))
    assert not s.is_csrf(SECRET, one, s.csrf_of(SECRET, other))
    assert not s.is_csrf(SECRET, one, s.csrf_of(b"another secret", one))
    for wrong in (None, "", one, "é", "\udcff"):
        assert not s.is_csrf(SECRET, one, wrong)
    assert one not in s.csrf_of(SECRET, one)


@pytest.mark.parametrize(
    ("back", "kept"),
    [
        ("/", True),
        ("/positions/P1?page=2&sort=score#list", True),
        ("/a//b", True),
        ("/recherche?q=ma%C3%A7on", True),
        ("/sign-indexes", True),
        (None, False),
        ("", False),
        ("positions", False),
        ("//exemple.invalid", False),
        ("/\\exemple.invalid", False),
        ("/a\\b", False),
        ("\\\\exemple.invalid", False),
        ("https://exemple.invalid/", False),
        ("javascript:alert(1)", False),
        ("/\t/exemple.invalid", False),
        ("/\n/exemple.invalid", False),
        ("/a b", False),
        (" /a", False),
        ("/é", False),
        ("/a\r\nSet-Cookie: b=c", False),
        ("/sign-in", False),
        ("/sign-in?back=/sign-in", False),
        ("/sign-out", False),
        ("/" + "a" * 500, False),
    ],
)
def test_where_one_may_go_back_to(back: str | None, kept: bool) -> None:
    assert s.local_path(back, "/otherwise") == (back if kept else "/otherwise")


def _as_a_browser(address: str) -> str:
    """What a browser makes of an address (WHATWG URL): spaces trimmed, line breaks dropped, \\ taken for /."""
    trimmed = address.strip("".join(map(chr, range(33))))
    return "".join("/" if one == "\\" else one for one in trimmed if one not in "\t\r\n")


@given(
    st.text(alphabet="/\\.:@?#%25ae\t\n\r \0é", max_size=12)
    | st.text(max_size=30)
    | st.from_regex(r"\A[/\\\s]{0,4}(https?:)?[/\\\s]{0,4}exemple\.invalid")
)
@example("/%2f/exemple.invalid")
@example("/.//exemple.invalid")
@example("/;//exemple.invalid")
def test_no_return_address_leaves_the_service(back: str) -> None:
    found = s.local_path(back)
    assert found in (back, "/")
    for base in ("https://clauses.invalid", "https://clauses.invalid/sign-in/callback?code=a"):
        arrived = urlsplit(urljoin(base, _as_a_browser(found)))
        assert (arrived.scheme, arrived.netloc) == ("https", "clauses.invalid")
    assert found.isascii()
    assert found.isprintable()


@given(st.timedeltas(timedelta(0), timedelta(days=1)), st.timedeltas(timedelta(0), timedelta(days=1)))
def test_how_long_a_session_lasts(age: timedelta, idle: timedelta) -> None:
    live = s.is_live(NOW - idle, NOW - age + s.LONGEST, NOW)
    assert live is (age < timedelta(hours=12) and idle < timedelta(minutes=30))


# --- in the store ------------------------------------------------------------------------------------------------
@pytest.fixture
def member(store: Store) -> str:
    with store.write("command:tests", None, NOW) as change:
        create_organisation(change, "A", "Organisme A", "authority", "11002001300097")
        return invite(change, "camille@exemple.invalid", "A", [Role.ADVISER, Role.ADMIN])


def opened(store: Store, member: str, at: Any = NOW, id_token: str | None = "id.to.ken") -> str:
    with store.alter() as connection:
        return s.open_session(connection, store.keys, f"member:{member}", id_token, at)


def found(store: Store, token: str, at: Any) -> s.Session | None:
    with store.read() as connection:
        return s.find_session(connection, SECRET, token, at)


def test_a_session_names_its_member(store: Store, member: str) -> None:
    token = opened(store, member)
    one = found(store, token, NOW)
    assert one is not None
    assert one.principal.actor == f"member:{member}"
    assert one.principal.actor == f"member:{member}"
    assert (one.principal.org_id, one.principal.siret) == ("A", "11002001300097")
    assert one.principal.roles == {Role.ADVISER, Role.ADMIN}
    assert one.csrf == s.csrf_of(SECRET, token)
    assert one.expires_at == NOW + timedelta(hours=12)
    assert token not in repr(one)
    assert one.csrf not in repr(one)
    assert found(store, s.new_token(), NOW) is None


def test_the_store_keeps_neither_the_token_nor_the_id_token(store: Store, member: str) -> None:
    token = opened(store, member)
    with store.read() as connection:
        row = connection.execute(select(t.sessions)).one()
    assert row.digest == s.digest_of(token)
    assert token not in str(row)
    assert b"id.to.ken" not in row.id_token
    with store.alter() as connection:
        assert s.close_session(connection, store.keys, token) == "id.to.ken"
        assert s.close_session(connection, store.keys, token) is None
    assert found(store, token, NOW) is None


def test_a_session_ends_even_when_its_key_is_gone(store: Store, member: str) -> None:
    token = opened(store, member)
    with store.alter() as connection:
        assert s.close_session(connection, KeyRing((b"\7" * 32,)), token) is None
    assert found(store, token, NOW) is None


def test_visits_keep_a_session_open_for_half_a_day(store: Store, member: str) -> None:
    token, at = opened(store, member), NOW
    while at < NOW + timedelta(hours=12):
        one = found(store, token, at)
        assert one is not None
        assert s.needs_visit(one, at) is (at != NOW)
        with store.alter() as connection:
            s.visit(connection, token, at)
            s.visit(connection, token, at - timedelta(hours=1))  # an older request that ends later changes nothing
        at += timedelta(minutes=29, seconds=59)
    assert found(store, token, NOW + timedelta(hours=12)) is None


def test_half_an_hour_without_a_visit_ends_it(store: Store, member: str) -> None:
    token = opened(store, member)
    assert found(store, token, NOW + timedelta(minutes=29, seconds=59)) is not None
    assert found(store, token, NOW + timedelta(minutes=30)) is None


def test_sessions_that_are_over_are_forgotten_at_the_next_one(store: Store, member: str) -> None:
    opened(store, member)
    later = opened(store, member, NOW + timedelta(minutes=31))
    with store.read() as connection:
        assert [row.digest for row in connection.execute(select(t.sessions))] == [s.digest_of(later)]


def test_a_dismissed_member_is_out_at_once(store: Store, member: str) -> None:
    token = opened(store, member)
    with store.write("command:tests", None, NOW) as change:
        dismiss(change, member)
    assert found(store, token, NOW) is None
    token = opened(store, member)  # opened while the access was being ended
    assert found(store, token, NOW) is None
