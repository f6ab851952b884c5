"""What the front of every page holds: headers, sessions, forms that come from elsewhere, addresses to come back to,
forms made to hurt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from itertools import product
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from service.access import sessions as s
from service.access.keys import revoke
from service.access.principals import Role
from service.clock import now
from service.pages.forms import LARGEST_PLAIN_FORM, MOST_FIELDS
from service.pages.page import Page
from service.pages.routes import PAGES
from service.store import tables as t
from tests.pages.conftest import CSRF, Site, Visitor
from tests.pages.crawl import Reader
from tests.service.databases import served, settings_for

HTML = {"Accept": "text/html"}
FORMS = [page for page in PAGES if page.method == "POST"]
ALL = tuple(role.value for role in Role)
TEMPLATES = Path(str(resources.files("service.pages"))) / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))


def address(page: Page) -> str:
    """The page's address with names that nobody has."""
    return re.sub(r"\{\w+\}", "x", page.path)


def everybody(site: Site) -> Visitor:
    return site.visitor(ALL)


def titled(page: Page) -> str:
    return f"{page.method} {page.path}"


# ------------------------------------------------------------------------------------------------------- headers
def test_every_page_forbids_scripts_styles_and_frames_from_elsewhere(site: Site) -> None:
    visitors = [everybody(site), Visitor(site.anyone())]
    for page in PAGES:
        for one in visitors:
            if page.method == "POST":
                answer = one.client.post(address(page), data={"csrf": "wrong"}, headers=HTML)
            else:
                answer = one.client.get(address(page), headers=HTML)
            told = (titled(page), answer.status_code)
            assert answer.headers["x-content-type-options"] == "nosniff", told
            assert answer.headers["cache-control"] == "no-store", told
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            parts = answer.headers["content-security-policy"].split("; ")
            policy = {name: words for name, _space, words in (part.partition(" ") for part in parts)}
            assert policy["default-src"] == "'none'", told
            assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'", told
            assert policy["form-action"] == "'self'", told
            assert policy["base-uri"] == policy["frame-ancestors"] == "'none'", told
            assert "unsafe" not in answer.headers["content-security-policy"], told
            assert answer.headers["x-frame-options"] == "DENY", told
            assert answer.headers["referrer-policy"] == "same-origin", told
            assert answer.headers["cross-origin-opener-policy"] == "same-origin", told


def test_a_page_that_is_not_there_has_the_same_headers(site: Site) -> None:
    answer = site.anyone().get("/nothing", headers=HTML)
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_templates_have_no_inline_script_style_or_handler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "| safe" not in text
    assert "|safe" not in text
    assert "Markup" not in text
    assert not re.search(r"autoescape\s+false", text)
    read = Reader(re.sub(r"\{[%#].*?[%#]\}", " ", text, flags=re.DOTALL))
    assert read.scripts == []
    for tag, given in read.elements:
        assert tag != "style"
        assert tag != "base"
        assert [name for name in given if name == "style" or name.startswith("on")] == [], tag
        assert not [name for name in given if name.startswith(("hx-on", "hx-vals", "hx-headers"))], tag
        if tag == "script":
            assert given["src"].startswith("{{ static(")
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            assert not re.match(r"\s*(https?:|//|javascript:|data:)", given.get(name, "")), (tag, given)
        if tag == "a" and given.get("target") == "_blank":
            assert "noopener" in given.get("rel", "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_form_that_writes_carries_the_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf()" in form or 'action="/welcome"' in form, form[:200]


# --------------------------------------------------------------------------------------------------- other sites
def test_a_form_without_its_token_does_nothing(site: Site) -> None:
    visitor, other = everybody(site), site.visitor("adviser", "B")
    wrong = ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": other.csrf}, {"csrf": [visitor.csrf, "0" * 64]})
    for page, given in product(FORMS, wrong):
        answer = visitor.client.post(address(page), data={**given, "typed": "kept words"}, headers=HTML)
        assert answer.status_code == 403, (titled(page), given)
        assert "Rien n&#39;est perdu, rien n&#39;est encore fait" in answer.text
        assert "kept words" in answer.text
    with site.api.store.read() as connection:
        mine = select(t.log).where(t.log.c.actor == f"key:{site.api.key(ALL).split('_')[1]}")
        assert {row.action for row in connection.execute(mine)} == {"session.open"}


OTHER_SITES = (
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


def test_a_form_of_another_site_is_refused_even_with_the_token(site: Site) -> None:
    visitor = everybody(site)
    for page, headers in product(FORMS, OTHER_SITES):
        answer = visitor.client.post(address(page), data={"csrf": visitor.csrf}, headers={**HTML, **headers})
        assert answer.status_code == 403, (titled(page), headers)
        assert "ne vient pas d&#39;une page de ce service" in answer.text


def test_another_site_signs_nobody_in(site: Site) -> None:
    data = {"key": site.api.key("adviser"), "back": "/"}
    answer = site.anyone().post("/welcome", data=data, headers={**HTML, "Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_no_page_is_read_by_another_origin(site: Site) -> None:
    answer = everybody(site).client.get("/", headers={**HTML, "Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


# ------------------------------------------------------------------------------------------------------ sessions
def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    answer = site.anyone().post("/welcome", data={"key": site.api.key("adviser"), "back": "/"}, headers=HTML)
    parts = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert not [part for part in parts if part.startswith(("Domain", "Max-Age", "Expires"))]


def test_over_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    settings = settings_for(site.api.office.settings.database_url, public_url="https://clauses.example")
    key = site.api.key("adviser")
    with served(settings) as api:
        answer = api.client().post("/welcome", data={"key": key, "back": "/"}, headers=HTML)
    name, *parts = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-clausematch-session=")
    assert "Secure" in parts


def test_a_session_given_in_advance_is_not_the_one_kept(site: Site) -> None:
    """Fixation: the attacker's own session, or any text, in the cookie before the victim signs in."""
    attacker = site.visitor("adviser", "B")
    for planted in (attacker.client.cookies[s.SESSION], "A" * 43, "x"):
        victim = site.anyone()
        victim.cookies.set(s.SESSION, planted)
        data = {"key": site.api.key("facilitator"), "back": "/", "csrf": attacker.csrf}
        answer = victim.post("/welcome", data=data, headers=HTML)
        assert answer.status_code == 303
        found = re.search(rf"{s.SESSION}=([^;]+)", answer.headers["set-cookie"])
        assert found is not None
        assert found[1] != planted
        stranger = httpx2.Client(base_url=site.url, cookies={s.SESSION: planted})
        assert ">Contrats</a>" not in stranger.get("/", headers=HTML).text
        stranger.close()


def test_two_sign_ins_are_two_sessions_and_tokens(site: Site) -> None:
    one, two = site.visitor("adviser"), site.visitor("adviser")
    assert one.client.cookies[s.SESSION] != two.client.cookies[s.SESSION]
    assert one.csrf != two.csrf


def test_signing_out_ends_the_session_for_who_kept_the_cookie(site: Site) -> None:
    visitor = site.visitor("adviser")
    kept = visitor.client.cookies[s.SESSION]
    assert visitor.send("/sign-out", follow=False).status_code == 303
    thief = httpx2.Client(base_url=site.url, cookies={s.SESSION: kept})
    assert thief.get("/", headers=HTML).headers["location"] == "/welcome"
    thief.close()


def test_a_session_ends_by_itself_and_with_its_key(site: Site) -> None:
    visitor, other = site.visitor("adviser"), site.visitor("auditor")
    with site.api.store.write("command:tests", None, now()) as change:
        revoke(change, site.api.key("adviser").split("_")[1])
    assert visitor.client.get("/", headers=HTML).headers["location"] == "/welcome"
    late = now() + s.IDLE + timedelta(seconds=1)
    with site.api.store.read() as connection:
        secret = site.api.office.settings.secret_bytes
        token = other.client.cookies[s.SESSION]
        assert s.find_session(connection, secret, token, now()) is not None
        assert s.find_session(connection, secret, token, late) is None


def test_the_token_of_a_session_is_in_no_address_nor_in_the_store(site: Site) -> None:
    visitor = site.visitor("adviser")
    token = visitor.client.cookies[s.SESSION]
    assert token not in visitor.page("/").text
    with site.api.store.read() as connection:
        rows = connection.execute(select(t.sessions)).all()
    assert rows
    assert not [row for row in rows if token in map(str, row) or visitor.csrf in map(str, row)]


@pytest.fixture
def strict(sqlite_copy: str) -> Iterator[Site]:
    """A server that suffers two wrong keys a minute from one address."""
    with served(settings_for(sqlite_copy, wrong_keys_per_minute=2)) as api:
        yield Site(api)


@pytest.fixture
def sqlite_copy(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "strict.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


def test_wrong_keys_stop_their_own_address_and_no_other(strict: Site) -> None:
    key = strict.api.key("adviser")

    def enter(text: str, client: str) -> httpx2.Response:
        headers = {**HTML, "X-Forwarded-For": client}  # the proxy of this machine is believed
        return strict.anyone().post("/welcome", data={"key": text, "back": "/"}, headers=headers)

    assert [enter("cm_no", "192.0.2.1").status_code for _again in range(4)] == [401, 401, 429, 429]
    refused = enter(key, "192.0.2.1")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "À personne : attendre un peu" in refused.text
    assert enter(key, "192.0.2.2").status_code == 303
    # A wrong key typed here counts for the programs' address too, and the other way round.
    wrong = {"Authorization": "Bearer cm_no", "X-Forwarded-For": "192.0.2.1"}
    assert strict.anyone().get("/api/v1/candidates", headers=wrong).status_code == 429


def test_a_stranger_who_asks_without_end_is_slowed_down(site: Site) -> None:
    stranger = site.anyone()
    answers = [stranger.get("/welcome", headers=HTML).status_code for _again in range(140)]
    assert answers[:100] == [200] * 100
    assert 429 in answers
    assert site.anyone().get("/welcome", headers={**HTML, "X-Forwarded-For": "192.0.2.9"}).status_code == 200


# --------------------------------------------------------------------------------------------- where to come back
ELSEWHERE = [
    "//elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "https://elsewhere.example/",
    "https:elsewhere.example",
    "javascript:alert(1)",
    "/\t/elsewhere.example",
    "/\r\nSet-Cookie: a=b",
    "\n//elsewhere.example",
    " //elsewhere.example",
    "/a\x00b",
    "/é",
    "x" * 600,
    "/sign-out",
]


def test_nobody_is_sent_to_another_site(site: Site) -> None:
    key, visitor = site.api.key("adviser"), site.visitor("adviser")
    for back in ELSEWHERE:
        form = site.anyone().get("/welcome", params={"back": back}, headers=HTML)
        assert 'name="back" value="/"' in form.text, back
        answers = [
            site.anyone().post("/welcome", data={"key": key, "back": back}, headers=HTML),
            site.anyone().post("/language", data={"language": "en", "back": back}, headers=HTML),
            visitor.client.get("/welcome", params={"back": back}, headers=HTML),
        ]
        assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, "/")] * 3, back


def test_an_address_that_browsers_take_for_another_site_is_never_sent_back(site: Site) -> None:
    for path in ("//elsewhere.example/", "//elsewhere.example/%2e%2e", "/%5Celsewhere.example"):
        answer = site.anyone().send(httpx2.Request("GET", f"{site.url}{path}", headers=HTML))
        place = answer.headers.get("location", "/")
        assert not place.startswith(("//", "/\\")), path
        assert "elsewhere" not in place or place.startswith("/welcome?back="), path


# -------------------------------------------------------------------------------------------------- forms to hurt
def test_forms_that_are_none_say_how_to_mend_them(site: Site) -> None:
    visitor = everybody(site)

    def post(content: bytes, kind: str) -> httpx2.Response:
        return visitor.client.post("/language", content=content, headers={**HTML, "Content-Type": kind})

    form, parts = "application/x-www-form-urlencoded", "multipart/form-data"
    too_many = "&".join(f"f{number}=1" for number in range(MOST_FIELDS + 1)).encode()
    field = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
    bad = [
        (too_many, form),
        (b"f=" + b"x" * LARGEST_PLAIN_FORM, form),
        (b"f=\xff\xfe", form),
        (b'{"language": "en"}', "application/json"),
        (b"<x/>", "text/xml"),
        (b"nothing of the kind", f"{parts}; boundary=b"),
        (b"--b\r\n", parts),
        (field + b"x" * (2 << 20) + b"\r\n--b--\r\n", f"{parts}; boundary=b"),
        ((field + b"x\r\n") * (MOST_FIELDS + 1) + b"--b--\r\n", f"{parts}; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n' * 2 + b"--b--\r\n",
            f"{parts}; boundary=b",
        ),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", f"{parts}; boundary=b"),
    ]
    for content, kind in bad:
        answer = post(content, kind)
        assert answer.status_code in (400, 413), (content[:60], kind, answer.status_code)
        assert "À qui le tour" in answer.text


def test_odd_letters_in_a_form_are_no_defect(site: Site) -> None:
    visitor = everybody(site)
    for charset in ("utf-8", "utf-7", "utf-16", "unicode_escape", "rot13", "nonesuch"):
        content = (
            b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800+2AA-\r\n'
            b'--b\r\nContent-Disposition: form-data; name="\\udfff"\r\n\r\n\\x00\x00\r\n--b--\r\n'
        )
        headers = {**HTML, "Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        answer = visitor.client.post("/language", content=content, headers=headers)
        assert answer.status_code in (400, 403), (charset, answer.status_code)
    for data in ({"key": "\x00"}, {"key": "\ud7ff\uffff"}, {"key": "cm_" + "x" * 100_000}):
        assert site.anyone().post("/welcome", data=data, headers=HTML).status_code == 401


def test_a_body_of_100_mb_is_refused(site: Site) -> None:
    visitor = everybody(site)
    piece = b"x" * (1 << 20)

    def whole() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _again in range(100):
            yield piece

    headers = {**HTML, "Content-Type": "multipart/form-data; boundary=b"}
    announced = visitor.client.post("/language", content=piece * 100, headers=headers)
    assert announced.status_code == 413
    assert "dépasse" in announced.text
    assert visitor.client.post("/language", content=whole(), headers=headers).status_code == 413


def test_a_language_that_is_none_changes_nothing(site: Site) -> None:
    stranger = site.anyone()
    for given in ("de", "../en", "<script>", "é".encode().decode("latin-1"), ""):
        page = stranger.get("/welcome", headers={**HTML, "Cookie": f"clausematch-language={given}".encode("latin-1")})
        assert '<html lang="fr">' in page.text
    answer = stranger.post("/language", data={"language": "en\r\nX: y", "back": "/"}, headers=HTML)
    assert answer.headers["set-cookie"].startswith("clausematch-language=fr;")
    assert CSRF.search(answer.text) is None
