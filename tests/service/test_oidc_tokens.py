"""Reading keys and tokens: what no issuer would send, and every condition of the standard one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, RSAKey

from service.access.oidc_tokens import Untrusted, check_id_token, read_keys, signed_claims


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_text_is_a_token(content: bytes) -> None:
    with pytest.raises(Untrusted):
        signed_claims(content.decode("utf-8", "replace"), lambda _kid, _algorithm: None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub", "acr"])
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RIGHT: dict[str, Any] = {
    "iss": "https://i.invalid", "aud": "us", "sub": "p", "nonce": "n",
    "exp": NOW.timestamp() + 60, "iat": NOW.timestamp(),
}  # fmt: skip


def _seems_right(claims: dict[str, Any]) -> bool:
    """The slow twin: every condition of the standard, one by one."""

    def number(name: str) -> bool:
        return type(claims.get(name)) in (int, float) and abs(claims[name]) < 1e300

    return (
        claims.get("iss") == "https://i.invalid"
        and claims.get("aud") in ("us", ["us"])
        and ("azp" not in claims or claims["azp"] == "us")
        and claims.get("nonce") == "n"
        and type(claims.get("sub")) is str
        and 1 <= len(claims["sub"]) <= 255
        and claims["sub"].isprintable()
        and number("exp")
        and claims["exp"] > NOW.timestamp() - 60
        and number("iat")
        and NOW.timestamp() - 660 <= claims["iat"] <= NOW.timestamp() + 60
        and ("nbf" not in claims or (number("nbf") and claims["nbf"] <= NOW.timestamp() + 60))
    )


@given(st.dictionaries(_NAMES, _JSON, max_size=2), st.sets(_NAMES, max_size=1))
def test_an_id_token_is_believed_only_when_every_claim_is_right(changes: dict[str, Any], gone: set[str]) -> None:
    claims = {name: value for name, value in {**RIGHT, **changes}.items() if name not in gone}
    try:
        assert check_id_token(claims, "https://i.invalid", "us", "n", "", NOW) == claims["sub"]
        believed = True
    except Untrusted:
        believed = False
    assert believed is _seems_right(claims)


@given(st.dictionaries(st.sampled_from(["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "k"]), _JSON))
def test_no_set_of_keys_breaks_the_reading(key: dict[str, Any]) -> None:
    assert read_keys({"keys": [key, key.get("n")]}) == {}
    assert read_keys({"keys": key}) == {}


def test_weak_keys_are_left_aside() -> None:
    with pytest.warns(Warning, match="2048"):
        small = RSAKey.generate_key(1024, {"kid": "a"})
    other = ECKey.generate_key("P-384", {"kid": "b"})
    right = ECKey.generate_key("P-256", {"kid": "c"})
    keys = [dict(one.as_dict(private=False)) for one in (small, other, right)]
    assert list(read_keys({"keys": keys})) == ["c"]
    assert (
        read_keys({"keys": [{**keys[2], "use": "enc"}, {**keys[2], "alg": "ES384"}, {**keys[2], "alg": "RS256"}]})
        == {}
    )
