"""The OpenID Connect client against a real issuer on this machine, well behaved and not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from matcher.errors import UsageError
from service import clock
from service.access.oidc import Identity, Provider, SignIn, challenge
from service.access.oidc_client import Registration, is_safe, registration
from service.problems import Problem
from service.settings import Settings
from tests.service.issuer import CLIENT_ID, CLIENT_SECRET, PERSON, Issuer, serving, visit

BACK = "http://127.0.0.1:1/sign-in/callback"
HOME = "http://127.0.0.1:1/"


@pytest.fixture(scope="module")
def issuers() -> Iterator[dict[str, Issuer]]:
    """Both kinds of issuer, served for the length of the file."""
    with serving(Issuer(BACK, "RS256")) as rsa, serving(Issuer(BACK, "ES256")) as curves:
        yield {"RS256": rsa, "ES256": curves}


@pytest.fixture(params=["RS256", "ES256"])
def issuer(request: pytest.FixtureRequest, issuers: dict[str, Issuer]) -> Issuer:
    issuers[request.param].reset()
    return issuers[request.param]


@pytest.fixture
def one_issuer(issuers: dict[str, Issuer]) -> Issuer:
    """Where the algorithm does not matter."""
    issuers["RS256"].reset()
    return issuers["RS256"]


def registered(issuer: Issuer, **changes: Any) -> Registration:
    given = {"seconds": 5.0, "signed_out_url": HOME, **changes}
    return Registration(f"{issuer.url}/api/v2", CLIENT_ID, CLIENT_SECRET, BACK, **given)


@pytest.fixture
def provider_of() -> Iterator[Callable[..., Provider]]:
    made: list[Provider] = []

    def make(issuer: Issuer, **changes: Any) -> Provider:
        made.append(Provider(registered(issuer, **changes)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def go(url: str) -> dict[str, str]:
    """What the browser brings back from the issuer."""
    answer = visit(url)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def finish(provider: Provider, one: SignIn, back: dict[str, str], now: datetime) -> Identity:
    return provider.finish(back["code"], back["state"], one, now, back.get("iss"))


def sign_in(provider: Provider, now: datetime | None = None) -> Identity:
    now = now or clock.now()
    one = provider.start(now)
    return finish(provider, one, go(one.url), now)


def test_a_person_signs_in(issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    found = sign_in(provider_of(issuer))
    assert (found.issuer, found.subject) == (f"{issuer.url}/api/v2", PERSON["sub"])
    assert (found.given_name, found.usual_name) == ("Camille", "Essai")
    assert (found.siret, found.organisation) == ("11002001300097", "Service d'essai")
    assert (found.email, found.email_verified) == ("Camille.Essai@exemple.invalid", False)
    assert found.id_token.count(".") == 2


def test_what_is_asked_is_what_proconnect_admits(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    provider = provider_of(one_issuer, acr_values="eidas1")
    one = provider.start(clock.now())
    go(one.url)
    asked = one_issuer.seen[-1]
    assert asked["scope"] == "openid email given_name usual_name siret uid"
    assert asked["acr_values"] == "eidas1"
    assert (asked["state"], asked["nonce"]) == (one.state, one.nonce)
    assert asked["code_challenge"] == challenge(one.verifier)
    assert one.verifier not in one.url
    assert CLIENT_SECRET not in one.url
    assert "acr_values" not in provider_of(one_issuer).start(clock.now()).url


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_each_sign_in_is_new(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    provider = provider_of(one_issuer)
    both = [provider.start(clock.now()) for _one in range(2)]
    for name in ("state", "nonce", "verifier"):
        first, second = (getattr(one, name) for one in both)
        assert first != second
        assert len(first) == 43


def test_userinfo_may_be_plain_json(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    one_issuer.faults = {"plain userinfo"}
    assert sign_in(provider_of(one_issuer)).usual_name == "Essai"


@pytest.mark.parametrize(
    ("claim", "trusts", "verified"),
    [(None, False, False), (None, True, True), (True, False, True), (False, True, False), ("true", False, False)],
)
def test_whether_the_email_is_believed(
    one_issuer: Issuer, provider_of: Callable[..., Provider], claim: object, trusts: bool, verified: bool
) -> None:
    if claim is not None:
        one_issuer.person["email_verified"] = claim
    assert sign_in(provider_of(one_issuer, trusts_email=trusts)).email_verified is verified


def test_facts_of_another_shape_are_left_out(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    one_issuer.person |= {
        "email": "no address",
        "email_verified": True,
        "given_name": {"a": 1},
        "usual_name": "E\n\u202essai" + "x" * 200,
        "siret": "123",
        "organizational_unit": "Line\nbreak",
    }
    found = sign_in(provider_of(one_issuer))
    assert (found.email, found.email_verified, found.given_name, found.usual_name, found.siret) == (
        None, False, None, None, None,
    )  # fmt: skip
    assert found.organisation == "Line break"


FORGED = "ne peut pas être vérifiée"
LATE = "ne répond pas à temps"
UNUSABLE = "inutilisable"
CLOCKS = "ne s'accordent pas"
SYMMETRIC = "RS256 ou en ES256"
# What the issuer does → the check that stops it, as logged, and what the person reads.
WRONG = {
    "wrong nonce": ("nonce", FORGED),
    "no nonce": ("nonce", FORGED),
    "wrong audience": ("audience", FORGED),
    "audience of several": ("audience", FORGED),
    "made for another": ("audience", FORGED),
    "expired": ("expired", "Cette connexion a expiré"),
    "expiry as text": ("time", CLOCKS),
    "never expires": ("time", CLOCKS),
    "true expiry": ("time", CLOCKS),
    "made long ago": ("time", CLOCKS),
    "not before tomorrow": ("time", CLOCKS),
    "token of another": ("issuer", FORGED),
    "no subject": ("subject", FORGED),
    "access token of another": ("access token", FORGED),
    "alg none": ("algorithm", SYMMETRIC),
    "HS256 with the public key": ("algorithm", SYMMETRIC),
    "HS256 with the secret": ("algorithm", SYMMETRIC),
    "unknown kid": ("key", FORGED),
    "key of its own": ("signature", FORGED),
    "critical extension": ("signature", FORGED),
    "changed after signing": ("signature", FORGED),
    "no token at all": ("signature", FORGED),
    "nameless keys": ("key", FORGED),
    "no keys": ("key", FORGED),
    "another person's facts": ("subject", FORGED),
    "facts for another": ("audience", FORGED),
    "old facts": ("expired", "Cette connexion a expiré"),
    "forged facts": ("signature", FORGED),
    "facts as a page": ("unusable", UNUSABLE),
    "huge userinfo": ("unusable", UNUSABLE),
    "huge keys": ("unusable", UNUSABLE),
    "no id_token": ("unusable", UNUSABLE),
    "odd token type": ("unusable", UNUSABLE),
    "broken token": ("silent", LATE),
    "broken jwks": ("silent", LATE),
    "broken userinfo": ("silent", LATE),
    "slow token": ("silent", LATE),
    "slow userinfo": ("silent", LATE),
    "dripping userinfo": ("silent", LATE),
    "answer of another": ("issuer", "n'est plus valable"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_misbehaving_issuer_lets_nobody_in(
    one_issuer: Issuer, provider_of: Callable[..., Provider], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one_issuer.faults = {fault}
    one_issuer.slowness = 0.8
    provider = provider_of(one_issuer, seconds=0.3 if fault.startswith(("slow", "dripping")) else 5.0)
    now = clock.now()
    one = provider.start(now)
    back = go(one.url)
    caplog.clear()  # what the browser of this test wrote
    with pytest.raises(Problem) as refusal:
        finish(provider, one, back, now)
    reason, words = WRONG[fault]
    assert refusal.value.code == ("provider" if reason in ("unusable", "silent") else "sign_in")
    assert words in refusal.value.detail
    written = caplog.text + refusal.value.detail + repr(one)
    for secret in (back["code"], one.nonce, one.verifier, CLIENT_SECRET, *(str(value) for value in PERSON.values())):
        assert secret not in written
    ours = [record.msg for record in caplog.records if record.name == "clausematch.service"]
    assert [line["reason"] for line in ours if isinstance(line, dict)] == [reason]


@pytest.mark.parametrize("fault", ["alg none", "HS256 with the public key", "unknown kid", "changed after signing"])
def test_so_with_either_algorithm(issuer: Issuer, provider_of: Callable[..., Provider], fault: str) -> None:
    issuer.faults = {fault}
    with pytest.raises(Problem) as refusal:
        sign_in(provider_of(issuer))
    assert refusal.value.code == "sign_in"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("other issuer", "caractère pour caractère"),
        ("no pkce", "PKCE"),
        ("plain http elsewhere", "pas en https"),
        ("huge discovery", "inutilisable"),
        ("deep discovery", "inutilisable"),
        ("list discovery", "inutilisable"),
        ("redirected discovery", "inutilisable"),
        ("broken openid-configuration", "ne répond pas à temps"),
    ],
)
def test_nobody_is_sent_to_an_issuer_that_cannot_be_used(
    one_issuer: Issuer, provider_of: Callable[..., Provider], fault: str, words: str
) -> None:
    one_issuer.faults = {fault}
    provider = provider_of(one_issuer)
    with pytest.raises(Problem) as refusal:
        provider.start(clock.now())
    assert refusal.value.code == "provider"
    assert words in refusal.value.detail
    one_issuer.faults = set()
    assert sign_in(provider).subject == PERSON["sub"]  # mended: nothing wrong was kept


def test_an_issuer_that_is_not_there() -> None:
    provider = Provider(Registration("http://127.0.0.1:9/api/v2", CLIENT_ID, CLIENT_SECRET, BACK))
    with pytest.raises(Problem) as refusal:
        provider.start(clock.now())
    assert "ne répond pas à temps" in refusal.value.detail
    provider.close()


def test_a_code_serves_once(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    provider, now = provider_of(one_issuer), clock.now()
    one = provider.start(now)
    back = go(one.url)
    finish(provider, one, back, now)
    with pytest.raises(Problem) as refusal:
        finish(provider, one, back, now)
    assert (refusal.value.code, "déjà servi" in refusal.value.detail) == ("sign_in", True)


def test_a_code_taken_by_another_browser_is_of_no_use(
    one_issuer: Issuer, provider_of: Callable[..., Provider]
) -> None:
    provider, now = provider_of(one_issuer), clock.now()
    victim, thief = provider.start(now), provider.start(now)
    taken = go(victim.url)
    with pytest.raises(Problem) as refusal:  # the state is not the thief's
        finish(provider, thief, taken, now)
    assert "ouverte dans un autre navigateur" in refusal.value.detail
    with pytest.raises(Problem) as refusal:  # nor is the verifier, whatever state they show
        provider.finish(taken["code"], thief.state, thief, now)
    assert "déjà servi" in refusal.value.detail


def test_a_wrong_secret_is_the_administrators_to_mend(
    one_issuer: Issuer, provider_of: Callable[..., Provider]
) -> None:
    provider = Provider(Registration(f"{one_issuer.url}/api/v2", CLIENT_ID, "wrong", BACK))
    with pytest.raises(Problem) as refusal:
        sign_in(provider)
    assert refusal.value.code == "provider"
    assert "CLAUSEMATCH_OIDC_CLIENT_SECRET" in refusal.value.detail
    provider.close()


def test_an_assurance_that_is_asked_is_checked(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    assert sign_in(provider_of(one_issuer, acr_values="eidas2 eidas1")).subject == PERSON["sub"]
    one_issuer.faults = {"low assurance"}
    assert sign_in(provider_of(one_issuer)).subject == PERSON["sub"]
    with pytest.raises(Problem) as refusal:
        sign_in(provider_of(one_issuer, acr_values="eidas2 eidas1"))
    assert "niveau d'assurance" in refusal.value.detail


@pytest.mark.parametrize(("skew", "enters"), [(0, True), (50, True), (-100, True), (70, False), (-130, False)])
def test_two_clocks_may_differ_by_a_minute(
    one_issuer: Issuer, provider_of: Callable[..., Provider], skew: float, enters: bool
) -> None:
    one_issuer.skew = skew  # id_tokens live a minute
    if enters:
        assert sign_in(provider_of(one_issuer)).subject == PERSON["sub"]
    else:
        with pytest.raises(Problem) as refusal:
            sign_in(provider_of(one_issuer))
        assert refusal.value.code == "sign_in"


def test_what_the_issuer_publishes_is_kept_an_hour(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    provider, now = provider_of(one_issuer), clock.now()
    for _time in range(3):
        sign_in(provider, now)
    assert (one_issuer.counts["openid-configuration"], one_issuer.counts["jwks"]) == (1, 1)
    provider.start(now + timedelta(minutes=59))
    assert one_issuer.counts["openid-configuration"] == 1
    provider.start(now + timedelta(minutes=61))
    assert one_issuer.counts["openid-configuration"] == 2
    provider.start(now - timedelta(days=1))  # a clock set back: asked again rather than kept for ever
    assert one_issuer.counts["openid-configuration"] == 3


def test_a_new_key_is_found_at_once_but_not_asked_for_too_often(
    one_issuer: Issuer, provider_of: Callable[..., Provider]
) -> None:
    provider, now = provider_of(one_issuer), clock.now()
    sign_in(provider, now - timedelta(seconds=30))
    one_issuer.rotate()
    with pytest.raises(Problem):  # 30 s after the last time
        sign_in(provider, now)
    assert one_issuer.counts["jwks"] == 1
    assert sign_in(provider, now + timedelta(seconds=31)).subject == PERSON["sub"]
    assert one_issuer.counts["jwks"] == 2
    one_issuer.faults = {"unknown kid"}
    for seconds in range(10):
        with pytest.raises(Problem):
            sign_in(provider, now + timedelta(seconds=32 + seconds))
    assert one_issuer.counts["jwks"] == 2


def test_one_key_needs_no_name(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    one_issuer.faults = {"no kid", "nameless keys"}
    assert sign_in(provider_of(one_issuer)).subject == PERSON["sub"]


def test_signing_out_at_the_issuer(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    provider = provider_of(one_issuer)
    url = provider.sign_out_url("a.b.c", "the state", clock.now())
    assert url is not None
    assert visit(url).headers["location"] == HOME
    assert one_issuer.seen[-1] == {
        "id_token_hint": "a.b.c", "state": "the state", "post_logout_redirect_uri": HOME,
    }  # fmt: skip
    one_issuer.faults = {"no end"}
    assert provider_of(one_issuer).sign_out_url("a.b.c", "the state", clock.now()) is None


def test_nothing_personal_is_shown_by_accident(one_issuer: Issuer, provider_of: Callable[..., Provider]) -> None:
    one_issuer.person["email_verified"] = True
    found = sign_in(provider_of(one_issuer))
    assert repr(found) == f"Identity(issuer='{one_issuer.url}/api/v2')"
    assert CLIENT_SECRET not in repr(registered(one_issuer))


# --- settings ----------------------------------------------------------------------------------------------------
GIVEN: dict[str, Any] = {
    "oidc_issuer": "https://auth.exemple.invalid/api/v2",
    "oidc_client_id": "us",
    "oidc_client_secret": "s",
    "public_url": "https://clauses.exemple.invalid/",
}


def test_the_return_addresses_come_from_the_public_one() -> None:
    found = registration(Settings(**GIVEN))
    assert found is not None
    assert found.redirect_url == "https://clauses.exemple.invalid/sign-in/callback"
    assert found.signed_out_url == "https://clauses.exemple.invalid/"
    assert registration(Settings()) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"oidc_client_id": ""}, "CLAUSEMATCH_OIDC_CLIENT_ID est absent"),
        ({"oidc_client_secret": None}, "CLAUSEMATCH_OIDC_CLIENT_SECRET est absent"),
        ({"public_url": ""}, "CLAUSEMATCH_OIDC_REDIRECT_URL est absent"),
        ({"oidc_issuer": "http://auth.exemple.invalid"}, "CLAUSEMATCH_OIDC_ISSUER n'est pas une adresse en https"),
        (
            {"public_url": "http://clauses.exemple.invalid"},
            "CLAUSEMATCH_OIDC_REDIRECT_URL n'est pas une adresse en https",
        ),
        ({"oidc_scopes": "email"}, "ne demande pas « openid »"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        registration(Settings(**{**GIVEN, **changes}))


@pytest.mark.parametrize(
    ("url", "on_loopback", "elsewhere"),
    [
        ("https://a.invalid/x?y=1", True, True),
        ("http://127.0.0.1:8/x", True, False),
        ("http://localhost/x", True, False),
        ("http://[::1]:8/x", True, False),
        ("http://a.invalid/", False, False),
        ("http://127.0.0.1.a.invalid/", False, False),
        ("https://user:word@a.invalid/", False, False),
        ("https://a.invalid/#part", False, False),
        ("https://a.invalid:port/", False, False),
        ("https://[a/", False, False),
        ("https:///x", False, False),
        ("https://a.invalid/ x", False, False),
        ("ftp://a.invalid/", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_which_addresses_are_spoken_to(url: object, on_loopback: bool, elsewhere: bool) -> None:
    assert (is_safe(url, True), is_safe(url, False)) == (on_loopback, elsewhere)
