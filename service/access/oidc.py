"""Signing in at an OpenID Connect issuer, as ProConnect asks for it: authorization code, PKCE (S256), state, nonce.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (`iss` in the answer), RP-Initiated
Logout 1.0, and ProConnect's documentation (partenaires.proconnect.gouv.fr/docs/fournisseur-service). What ProConnect
does in its own way: the secret goes in the body of the token request; the userinfo is a signed JWT; the
names are `given_name` and `usual_name`; `uid` is the identity provider's own name for the person, `sub` one name per
service and identity provider; a code lives 30 seconds and an id_token 60; an e-mail comes without `email_verified`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from matcher.locale import N_, _
from service.access.oidc_client import Issuer, Registration, fault
from service.access.oidc_tokens import (
    FindKey,
    Untrusted,
    check_access_token,
    check_id_token,
    check_userinfo,
    signed_claims,
)
from service.journal import log
from service.problems import Problem

LONGEST_CODE = 2048
LONGEST_TOKEN = 64 << 10
LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
_SIRET = re.compile(r"[0-9]{14}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_ORGANISATION = ("organizational_unit", "label", "organization_name")

# The checks of a token that have words of their own; the others are the issuer's fault or a forgery.
_WORDS = {
    "expired": N_(
        "Cette connexion a expiré. La recommencer ; si cela se répète, à l'administrateur de vérifier l'heure du "
        "serveur."
    ),
    "time": N_(
        "L'heure du fournisseur d'identité et celle de ce service ne s'accordent pas. À l'administrateur de vérifier "
        "l'heure du serveur."
    ),
    "algorithm": N_(
        "Le fournisseur d'identité ne signe pas en RS256 ou en ES256. À l'administrateur de le régler chez lui."
    ),
    "assurance": N_(
        "Cette connexion n'a pas le niveau d'assurance demandé. Recommencer avec un compte qui l'a, ou demander à "
        "l'administrateur de vérifier CLAUSEMATCH_OIDC_ACR_VALUES."
    ),
}


@dataclass(frozen=True)
class SignIn:
    """A sign-in that has begun: where to send the browser, and what must come back or stay here."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who signed in. Nothing of it but the issuer is shown by `repr`: it would end in a log one day."""

    issuer: str
    subject: str = field(repr=False)
    email: str | None = field(repr=False)
    email_verified: bool = field(repr=False)
    given_name: str | None = field(repr=False)
    usual_name: str | None = field(repr=False)
    siret: str | None = field(repr=False)
    organisation: str | None = field(repr=False)
    id_token: str = field(repr=False)  # the issuer wants it back to sign out


class Provider:
    """One issuer and this service's registration there."""

    def __init__(self, one: Registration) -> None:
        self.registration = one
        self._issuer = Issuer(one)

    def close(self) -> None:
        """Give the connections back."""
        self._issuer.close()

    def start(self, now: datetime) -> SignIn:
        """A new sign-in. Raises Problem when the issuer cannot be used."""
        one = self.registration
        state, nonce, verifier = (secrets.token_urlsafe(32) for _one in range(3))
        asked = {
            "response_type": "code",
            "client_id": one.client_id,
            "redirect_uri": one.redirect_url,
            "scope": one.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        if one.acr_values:
            asked["acr_values"] = one.acr_values
        return SignIn(_with(self._issuer.endpoints(now).authorization, asked), state, nonce, verifier)

    def finish(self, code: str, state: str, pending: SignIn, now: datetime, issuer: str | None = None) -> Identity:
        """Who signed in, from what the browser brought back. `issuer`: the `iss` that came with it, if any.

        Raises Problem: `sign_in` when this sign-in cannot go on, `provider` when the issuer is at fault.
        """
        one = self.registration
        if not hmac.compare_digest(state.encode("utf-8", "replace"), pending.state.encode()):
            raise stale("state")
        if issuer is not None and issuer != one.issuer:
            raise stale("issuer")
        if not 0 < len(code) <= LONGEST_CODE:
            raise stale("code")
        id_token, access_token = _tokens(self._issuer.exchange(code, pending.verifier, now))
        find_key = self._find_key(now)
        try:
            claims = signed_claims(id_token, find_key)
            subject = check_id_token(claims, one.issuer, one.client_id, pending.nonce, one.acr_values, now)
            check_access_token(claims, access_token)
            kind, content = self._issuer.userinfo(access_token, now)
            facts = check_userinfo(_facts(kind, content, find_key), subject, one.issuer, one.client_id, now)
        except Untrusted as refusal:
            raise _distrusted(refusal.reason) from None
        return _identity(one, subject, facts, id_token)

    def sign_out_url(self, id_token: str, state: str, now: datetime) -> str | None:
        """Where to send the browser to sign out at the issuer too; None when it offers no such address.

        Raises Problem when the issuer cannot be used.
        """
        end = self._issuer.endpoints(now).end_session
        if end is None:
            return None
        asked = {"id_token_hint": id_token, "state": state}
        if self.registration.signed_out_url:
            asked["post_logout_redirect_uri"] = self.registration.signed_out_url
        return _with(end, asked)

    def _find_key(self, now: datetime) -> FindKey:
        return lambda kid, algorithm: self._issuer.key(kid, algorithm, now)


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def stale(reason: str) -> Problem:
    """A sign-in that cannot go on, for the person to begin again; only the reason's name is logged."""
    log.info("sign_in_refused", reason=reason)
    return Problem(
        "sign_in",
        _(
            "Cette connexion n'est plus valable : elle a expiré, a déjà servi, ou a été ouverte dans un autre "
            "navigateur. La recommencer depuis la page d'accueil."
        ),
    )


def _distrusted(reason: str) -> Problem:
    log.warning("sign_in_refused", reason=reason)
    if reason in _WORDS:
        return Problem("sign_in", _(_WORDS[reason]))
    return Problem(
        "sign_in",
        _(
            "Le fournisseur d'identité a donné une identité qui ne peut pas être vérifiée : personne n'est entré. "
            "Recommencer ; si cela se répète, prévenir l'administrateur du service."
        ),
    )


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _tokens(answer: Mapping[str, Any]) -> tuple[str, str]:
    id_token, access_token, kind = (answer.get(name) for name in ("id_token", "access_token", "token_type"))
    if not isinstance(id_token, str) or not isinstance(access_token, str) or str(kind).lower() != "bearer":
        raise fault("unusable")
    if len(id_token) > LONGEST_TOKEN or not access_token.isascii() or not access_token.isprintable():
        raise fault("unusable")
    return id_token, access_token


def _facts(kind: str, content: bytes, find_key: FindKey) -> Mapping[str, Any]:
    if kind == "application/jwt":
        return signed_claims(content.decode("ascii", "replace").strip(), find_key)
    if kind != "application/json":
        raise fault("unusable")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise fault("unusable") from None
    if not isinstance(found, dict):
        raise fault("unusable")
    return found


def _identity(one: Registration, subject: str, facts: Mapping[str, Any], id_token: str) -> Identity:
    email = _text(facts.get("email"), LONGEST_EMAIL)
    email = email if email and _EMAIL.fullmatch(email) else None
    siret = re.sub(r"\s", "", str(facts.get("siret") or ""))
    label = next((text for text in (_text(facts.get(name)) for name in _ORGANISATION) if text), None)
    # An issuer that says nothing of its e-mails is believed only if the settings say so; one that says no, never.
    verified = facts.get("email_verified", one.trusts_email) is True
    return Identity(
        one.issuer,
        subject,
        email,
        email is not None and verified,
        _text(facts.get("given_name")),
        _text(facts.get("usual_name")) or _text(facts.get("family_name")),
        siret if _SIRET.fullmatch(siret) else None,
        label,
        id_token,
    )


def _text(value: object, longest: int = LONGEST_NAME) -> str | None:
    """A short text fit to be shown: no control characters, not longer than it may be."""
    if not isinstance(value, str):
        return None
    clean = "".join(one if one.isprintable() else " " for one in value).strip()
    return clean if 0 < len(clean) <= longest else None
