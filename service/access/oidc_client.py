"""What is asked of the issuer over HTTP: its discovery document, its keys, a token, the person's own facts.

Nothing is trusted for its size, its time or its address: answers are bounded, redirects are refused, and every
address is https unless the issuer itself is on this machine.
"""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.jwk import ECKey, RSAKey

from matcher.errors import UsageError
from matcher.locale import N_, _
from service.access.oidc_tokens import read_keys
from service.journal import log
from service.problems import Problem
from service.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
LIFE = timedelta(hours=1)  # how long a discovery document and a set of keys are believed
BETWEEN_KEYS = timedelta(seconds=60)  # an unknown key makes us ask again, not more often than this
LARGEST = 256 << 10  # bytes of one answer
WHOLE_ANSWER = 3  # an answer may take this many times the longest silence
CALLBACK = "/sign-in/callback"

# Why a provider could not be used → what to say. None of it holds anything the provider sent.
_FAULTS = {
    "silent": N_(
        "Le fournisseur d'identité ne répond pas à temps. Recommencer dans quelques minutes ; si cela dure, prévenir "
        "l'administrateur du service."
    ),
    "refused": N_(
        "Le fournisseur d'identité refuse la demande de ce service. À l'administrateur de vérifier "
        "CLAUSEMATCH_OIDC_CLIENT_ID, CLAUSEMATCH_OIDC_CLIENT_SECRET et l'adresse de retour déclarée chez lui."
    ),
    "unusable": N_(
        "Le fournisseur d'identité a donné une réponse inutilisable. Recommencer dans quelques minutes ; si cela "
        "dure, prévenir l'administrateur du service."
    ),
    "issuer": N_(
        "Le fournisseur d'identité ne porte pas le nom attendu. À l'administrateur de vérifier "
        "CLAUSEMATCH_OIDC_ISSUER, caractère pour caractère."
    ),
    "address": N_(
        "Le fournisseur d'identité annonce une adresse qui n'est pas en https. À l'administrateur de le lui signaler."
    ),
    "pkce": N_(
        "Le fournisseur d'identité n'admet pas PKCE (S256), que ce service exige. À l'administrateur d'en choisir un "
        "autre."
    ),
}


def fault(reason: str) -> Problem:
    """The problem of an issuer that could not be used; only the reason's name is logged."""
    log.warning("issuer_unusable", reason=reason)
    return Problem("provider", _(_FAULTS[reason]))


@dataclass(frozen=True)
class Registration:
    """This service as the issuer knows it. `trusts_email`: its e-mails are believed even when
    it does not say that it verified them."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_url: str
    signed_out_url: str = ""
    scopes: str = "openid email given_name usual_name siret uid"
    acr_values: str = ""
    trusts_email: bool = False
    seconds: float = 5.0

    @property
    def on_this_machine(self) -> bool:
        """True when the issuer is a loopback address, where http is enough."""
        return is_loopback(self.issuer)


def registration(settings: Settings) -> Registration | None:
    """The registration in the settings, None without an issuer. Raises UsageError when it cannot be used."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    home = settings.public_url.rstrip("/")
    found = Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.oidc_redirect_url or (f"{home}{CALLBACK}" if home else ""),
        settings.oidc_signed_out_url or (f"{home}/" if home else ""),
        settings.oidc_scopes,
        settings.oidc_acr_values,
        settings.oidc_trust_email,
        settings.oidc_seconds,
    )
    given = {
        "CLAUSEMATCH_OIDC_CLIENT_ID": found.client_id,
        "CLAUSEMATCH_OIDC_CLIENT_SECRET": found.client_secret,
        "CLAUSEMATCH_OIDC_REDIRECT_URL": found.redirect_url,
    }
    for name, value in given.items():
        if not value:
            raise UsageError(
                _("{name} est absent, alors que CLAUSEMATCH_OIDC_ISSUER est donné.").format(name=name),
                _("Le donner, ou enlever CLAUSEMATCH_OIDC_ISSUER : on entre alors par les clés seules."),
            )
    for name, value in (
        ("CLAUSEMATCH_OIDC_ISSUER", found.issuer),
        ("CLAUSEMATCH_OIDC_REDIRECT_URL", found.redirect_url),
    ):
        if not is_safe(value, is_loopback(value)):
            raise UsageError(
                _("{name} n'est pas une adresse en https.").format(name=name),
                _("Écrire https://… ; http:// n'est permis que sur cette machine."),
            )
    if "openid" not in found.scopes.split():
        raise UsageError(
            _("CLAUSEMATCH_OIDC_SCOPES ne demande pas « openid »."),
            _("L'ajouter : sans lui, personne ne peut entrer."),
        )
    return found


def is_loopback(url: str) -> bool:
    """True for an address of this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(url: object, http_on_loopback: bool) -> bool:
    """True for an https address without user or fragment; http on this machine when `http_on_loopback`."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and http_on_loopback and is_loopback(url))


@dataclass(frozen=True)
class Endpoints:
    """Where the issuer does what, as its discovery document says."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    end_session: str | None


class Issuer:
    """One issuer, spoken to over HTTP; what it publishes is kept for a while. Safe from several threads."""

    def __init__(self, one: Registration) -> None:
        self.registration = one
        self._lock = threading.Lock()
        self._endpoints: tuple[Endpoints, datetime] | None = None
        self._keys: tuple[Mapping[str, RSAKey | ECKey], datetime] | None = None
        self._asked_keys: datetime | None = None
        self._client = httpx2.Client(
            timeout=one.seconds,
            follow_redirects=False,
            trust_env=not one.on_this_machine,  # a proxy of the environment is for the outside
            limits=httpx2.Limits(max_connections=8, max_keepalive_connections=0),  # seldom asked
            headers={"User-Agent": "clausematch", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def endpoints(self, now: datetime) -> Endpoints:
        """The issuer's addresses. Raises Problem."""
        with self._lock:
            if self._endpoints is None or not _is_fresh(self._endpoints[1], now, LIFE):
                url = self.registration.issuer.rstrip("/") + DISCOVERY
                self._endpoints = (self._read_discovery(self._document("GET", url)), now)
            return self._endpoints[0]

    def key(self, kid: str | None, algorithm: str, now: datetime) -> RSAKey | ECKey | None:
        """The issuer's key of that name for that algorithm, asked again when it is not known. Raises Problem."""
        address = self.endpoints(now).jwks
        with self._lock:
            keys = self._known(address, now)
            found = _choose(keys, kid, algorithm)
            if found is None and (self._asked_keys is None or not _is_fresh(self._asked_keys, now, BETWEEN_KEYS)):
                found = _choose(self._ask_keys(address, now), kid, algorithm)
            return found

    def exchange(self, code: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        """The tokens of a code. Raises Problem `sign_in` when the code is over, `provider` otherwise."""
        one = self.registration
        status, kind, content = self._ask(
            "POST",
            self.endpoints(now).token,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": one.redirect_url,
                "client_id": one.client_id,
                "client_secret": one.client_secret,
                "code_verifier": verifier,
            },
        )
        if status in (400, 401, 403):
            error = _object(content).get("error") if kind == "application/json" else None
            if error == "invalid_grant":
                log.info("sign_in_refused", reason="code")
                raise Problem(
                    "sign_in",
                    _("Cette connexion a expiré ou a déjà servi. La recommencer depuis la page d'accueil."),
                )
            raise fault("refused")
        if status != 200 or kind != "application/json":
            raise fault("unusable")
        return _object(content)

    def userinfo(self, access_token: str, now: datetime) -> tuple[str, bytes]:
        """The media type and the bytes of what the issuer says of the person. Raises Problem."""
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt, application/json"}
        status, kind, content = self._ask("GET", self.endpoints(now).userinfo, headers=headers)
        if status != 200:
            raise fault("unusable")
        return kind, content

    def _known(self, address: str, now: datetime) -> Mapping[str, RSAKey | ECKey]:
        if self._keys is None or not _is_fresh(self._keys[1], now, LIFE):
            return self._ask_keys(address, now)
        return self._keys[0]

    def _ask_keys(self, address: str, now: datetime) -> Mapping[str, RSAKey | ECKey]:
        self._asked_keys = now
        keys = read_keys(self._document("GET", address))
        self._keys = (keys, now)
        return keys

    def _read_discovery(self, document: Mapping[str, Any]) -> Endpoints:
        if document.get("issuer") != self.registration.issuer:
            raise fault("issuer")
        methods = document.get("code_challenge_methods_supported", ["S256"])
        if not isinstance(methods, list) or "S256" not in methods:
            raise fault("pkce")
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        addresses = [document.get(name) for name in names]
        end = document.get("end_session_endpoint")
        if not all(is_safe(one, self.registration.on_this_machine) for one in [*addresses, *([end] if end else [])]):
            raise fault("address")
        authorization, token, userinfo, jwks = (str(one) for one in addresses)
        return Endpoints(authorization, token, userinfo, jwks, str(end) if end else None)

    def _document(self, method: str, url: str) -> Mapping[str, Any]:
        status, kind, content = self._ask(method, url)
        if status != 200 or not (kind == "application/json" or kind.endswith("+json")):
            raise fault("unusable")
        return _object(content)

    def _ask(self, method: str, url: str, **request: Any) -> tuple[int, str, bytes]:
        """Status, media type and body of an answer; no redirect is followed. Raises Problem: too long, too slow."""
        deadline = time.monotonic() + WHOLE_ANSWER * self.registration.seconds
        content = bytearray()
        try:
            with self._client.stream(method, url, **request) as answer:
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise fault("unusable")
                for chunk in answer.iter_raw():
                    content += chunk
                    if len(content) > LARGEST:
                        raise fault("unusable")
                    if time.monotonic() > deadline:
                        raise fault("silent")
                kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise fault("silent") from None
        if status >= 500:
            raise fault("silent")
        return status, kind, bytes(content)


def _is_fresh(then: datetime, now: datetime, life: timedelta) -> bool:
    return timedelta(0) <= now - then < life


def _choose(keys: Mapping[str, RSAKey | ECKey], kid: str | None, algorithm: str) -> RSAKey | ECKey | None:
    fitting = {name: key for name, key in keys.items() if key.key_type == ("RSA" if algorithm == "RS256" else "EC")}
    if kid is not None:
        return fitting.get(kid)
    return next(iter(fitting.values())) if len(fitting) == 1 else None  # which one signed cannot be told otherwise


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise fault("unusable") from None
    if not isinstance(found, dict):
        raise fault("unusable")
    return found
