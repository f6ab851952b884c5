"""What the issuer signed: its keys, the signature, and what an id_token must say (OpenID Connect Core 1.0, 3.1.3.7).

Pure functions; `now` is an argument. A token that fails says which check failed, never what it holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS = ("RS256", "ES256")
LEEWAY = timedelta(seconds=60)  # between two clocks
OLDEST = timedelta(minutes=10)  # an id_token is read as soon as it is made
MOST_KEYS = 50
SMALLEST_RSA = 2048
LARGEST_RSA = 8192  # checking a signature with a huge key would take seconds
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2

Key = RSAKey | ECKey
FindKey = Callable[[str | None, str], Key | None]


class Untrusted(Exception):
    """A token that is not to be believed; `reason` names the check that failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _registry() -> jws.JWSRegistry:
    # Members of the header that nobody knows are allowed by RFC 7515 (4), except those that `crit` names.
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = 16 << 10  # some issuers send their certificates along
    registry.max_payload_length = 64 << 10
    registry.max_signature_length = 4 << 10
    return registry


def read_keys(document: Mapping[str, Any]) -> Mapping[str, Key]:
    """The keys of a JWK set that may sign here, by name: RSA of 2048 to 8192 bits and P-256. The others are left."""
    listed = document.get("keys")
    found: dict[str, Key] = {}
    for place, one in enumerate(listed[:MOST_KEYS] if isinstance(listed, list) else ()):
        key = _read_key(one) if isinstance(one, dict) else None
        if key is not None:
            name = one.get("kid")
            found[name if isinstance(name, str) else f"\0{place}"] = key  # without a name: no token can name it
    return found


def _read_key(one: Mapping[str, Any]) -> Key | None:
    if one.get("use", "sig") != "sig" or one.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
        return None
    try:
        if one.get("kty") == "RSA" and one.get("alg", "RS256") == "RS256" and _usable_modulus(one.get("n")):
            return RSAKey.import_key({"kty": "RSA", "n": one["n"], "e": one["e"]})
        if one.get("kty") == "EC" and one.get("alg", "ES256") == "ES256" and one.get("crv") == "P-256":
            return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": one["x"], "y": one["y"]})
    except (JoseError, KeyError, ValueError, TypeError):
        return None
    return None


def _usable_modulus(n: object) -> bool:
    if not isinstance(n, str) or len(n) > LARGEST_RSA:
        return False
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(n + "=" * (-len(n) % 4)), "big")
    except (binascii.Error, ValueError):
        return False
    return SMALLEST_RSA <= number.bit_length() <= LARGEST_RSA


def signed_claims(token: str, find_key: FindKey) -> Mapping[str, Any]:
    """What a signed token says, once its signature is the issuer's. Raises Untrusted.

    The algorithm must be RS256 or ES256 and the key of its kind: a token cannot choose to be unsigned, nor to be
    checked with a public key used as a shared secret. Keys that the token brings along are not looked at.
    """
    registry = _registry()
    try:
        header = jws.extract_compact(token.encode("ascii"), registry=registry).headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise Untrusted("algorithm")
        key = find_key(kid if isinstance(kid, str) else None, str(algorithm))
        if key is None:
            raise Untrusted("key")
        payload = jws.deserialize_compact(token, key, registry=registry).payload
        claims = json.loads(payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise Untrusted("signature") from None
    if not isinstance(claims, dict):
        raise Untrusted("shape")
    return claims


def check_id_token(
    claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, acr_values: str, now: datetime
) -> str:
    """The person's name at the issuer, when the id_token is for us, for this sign-in, and now. Raises Untrusted."""
    _check_addressees(claims, issuer, client_id)
    _check_times(claims, now)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise Untrusted("nonce")
    if acr_values and claims.get("acr") not in acr_values.split():
        raise Untrusted("assurance")
    return subject_of(claims)


def _check_addressees(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise Untrusted("issuer")
    # A token that is for others as well could be replayed by them: it must be for us alone.
    if claims.get("aud") not in (client_id, [client_id]):
        raise Untrusted("audience")
    if claims.get("azp", client_id) != client_id:
        raise Untrusted("audience")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if not instant < _number(claims, "exp") + leeway:
        raise Untrusted("expired")
    made = _number(claims, "iat")
    if made > instant + leeway or made < instant - leeway - OLDEST.total_seconds():
        raise Untrusted("time")
    if "nbf" in claims and _number(claims, "nbf") > instant + leeway:
        raise Untrusted("time")


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Untrusted("time")
    return float(value)


def check_access_token(claims: Mapping[str, Any], access_token: str) -> None:
    """Raise Untrusted when the id_token names another access token (`at_hash`, OpenID Connect Core 1.0, 3.1.3.6)."""
    if "at_hash" not in claims:
        return
    half = hashlib.sha256(access_token.encode()).digest()[:16]  # RS256 and ES256 both use SHA-256
    wanted = base64.urlsafe_b64encode(half).rstrip(b"=")
    if not hmac.compare_digest(str(claims["at_hash"]).encode(), wanted):
        raise Untrusted("access token")


def check_userinfo(
    claims: Mapping[str, Any], subject: str, issuer: str, client_id: str, now: datetime
) -> Mapping[str, Any]:
    """Itself, when it is about the person of the id_token (OpenID Connect Core 1.0, 5.3.2). Raises Untrusted.

    A signed answer that says for whom and until when must be right; one that does not say came over https from the
    issuer's own address.
    """
    if subject_of(claims) != subject:
        raise Untrusted("subject")
    audience = claims.get("aud", client_id)
    if claims.get("iss", issuer) != issuer or audience not in (client_id, [client_id]):
        raise Untrusted("audience")
    if "exp" in claims and not now.timestamp() < _number(claims, "exp") + LEEWAY.total_seconds():
        raise Untrusted("expired")
    return claims


def subject_of(claims: Mapping[str, Any]) -> str:
    """`sub`. Raises Untrusted when it cannot be one."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Untrusted("subject")
    return subject
