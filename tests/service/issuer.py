"""A real OpenID Connect issuer on a port of this machine, as ProConnect is one, that can be told to misbehave.

It shares no code with the client but the JOSE library: what it checks (client, return address, PKCE, one use of a
code, the secret) it checks by itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlencode

import anyio
import httpx2
import uvicorn
from fastapi import FastAPI, Request
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

CLIENT_ID = "clausematch-tests"
CLIENT_SECRET = "the secret of the tests at their issuer"
CODE_SECONDS, TOKEN_SECONDS = 30, 60  # as ProConnect's
PERSON = {
    "sub": "3f2c-person",
    "uid": "uid-of-camille",
    "email": "Camille.Essai@exemple.invalid",
    "given_name": "Camille",
    "usual_name": "Essai",
    "siret": "110 020 013 00097",
    "organizational_unit": "Service d'essai",
}
ACCEPTED = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "acr_values", "code_challenge",
    "code_challenge_method",
}  # fmt: skip  # ProConnect refuses any other parameter


@dataclass
class Granted:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str
    at: float


@dataclass
class Issuer:
    """`faults` names what it does wrong; `counts` how often each address was asked."""

    redirect_url: str
    algorithm: str = "RS256"
    faults: set[str] = field(default_factory=set)
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    counts: dict[str, int] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    skew: float = 0.0
    url: str = ""
    slowness: float = 0.0
    keys: list[RSAKey | ECKey] = field(default_factory=list)
    codes: dict[str, Granted] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    rotations: int = 0

    def __post_init__(self) -> None:
        self.rotate()

    def reset(self) -> None:
        """Well behaved again, with nothing remembered."""
        self.faults, self.person, self.counts, self.seen = set(), dict(PERSON), {}, []
        self.skew = self.slowness = 0.0
        self.rotations = 0
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key; the old one is published no more."""
        self.rotations += 1
        self.keys = [_key(self.algorithm, self.rotations)]

    def app(self) -> FastAPI:
        app = FastAPI()
        prefix = "/api/v2"
        for method, path, work in (
            ("GET", "/.well-known/openid-configuration", self.discovery),
            ("GET", "/elsewhere/.well-known/openid-configuration", self.right_discovery),
            ("GET", "/authorize", self.authorize),
            ("POST", "/token", self.token),
            ("GET", "/jwks", self.jwks),
            ("GET", "/userinfo", self.userinfo),
            ("GET", "/session/end", self.end_session),
        ):
            app.add_api_route(f"{prefix}{path}", self._counted(path, work), methods=[method])
        return app

    def _counted(self, path: str, work: Any) -> Any:
        name = path.rpartition("/")[2]

        async def answer(request: Request) -> Response:
            self.counts[name] = self.counts.get(name, 0) + 1
            body = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
            return await run(work, request, body, self, name)

        return answer

    def discovery(self, _request: Request, _body: dict[str, str]) -> Response:
        base = f"{self.url}/api/v2"
        document = {
            "issuer": "https://another.invalid" if "other issuer" in self.faults else base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/jwks",
            "end_session_endpoint": f"{base}/session/end",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["plain"] if "no pkce" in self.faults else ["S256"],
        }
        if "plain http elsewhere" in self.faults:
            document["token_endpoint"] = "http://exemple.invalid/token"
        if "no end" in self.faults:
            del document["end_session_endpoint"]
        if "huge discovery" in self.faults:
            document["more"] = "x" * 1_000_000
        if "deep discovery" in self.faults:
            return Response('{"a":' * 50_000, media_type="application/json")
        if "list discovery" in self.faults:
            return JSONResponse([document])
        if "redirected discovery" in self.faults:
            return RedirectResponse(f"{base}/elsewhere/.well-known/openid-configuration")
        return JSONResponse(document)

    def right_discovery(self, request: Request, body: dict[str, str]) -> Response:
        """The document where a redirect leads: a client that followed it would find nothing wrong."""
        self.faults = set()
        return self.discovery(request, body)

    def authorize(self, request: Request, _body: dict[str, str]) -> Response:
        given = dict(request.query_params)
        self.seen.append(given)
        if given.get("client_id") != CLIENT_ID or given.get("redirect_uri") != self.redirect_url:
            return JSONResponse({"error": "invalid_request"}, 400)  # no way back to an address that is not ours
        short = any(len(given.get(name, "")) < 32 for name in ("state", "nonce"))
        if (
            set(given) - ACCEPTED
            or short
            or given.get("response_type") != "code"
            or "openid" not in given.get("scope", "").split()
            or given.get("code_challenge_method") != "S256"
            or len(given.get("code_challenge", "")) != 43
        ):
            return self._back({"error": "invalid_request", "state": given.get("state", "")})
        if "declines" in self.faults:
            return self._back({"error": "access_denied", "error_description": "<b>no</b>", "state": given["state"]})
        code = secrets.token_urlsafe(24)
        self.codes[code] = Granted(given["nonce"], given["code_challenge"], given["redirect_uri"], time.time())
        issuer = "https://another.invalid" if "answer of another" in self.faults else f"{self.url}/api/v2"
        return self._back({"code": code, "state": given["state"], "iss": issuer})

    def _back(self, parameters: dict[str, str]) -> Response:
        return RedirectResponse(f"{self.redirect_url}?{urlencode(parameters)}", 303)

    def token(self, _request: Request, body: dict[str, str]) -> Response:
        if body.get("client_id") != CLIENT_ID or body.get("client_secret") != CLIENT_SECRET:
            return JSONResponse({"error": "invalid_client"}, 401)
        granted = self.codes.pop(body.get("code", ""), None)
        proof = hashlib.sha256(body.get("code_verifier", "").encode()).digest()
        if (
            granted is None
            or body.get("grant_type") != "authorization_code"
            or body.get("redirect_uri") != granted.redirect_uri
            or base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != granted.challenge
            or time.time() - granted.at > CODE_SECONDS
        ):
            return JSONResponse({"error": "invalid_grant", "error_description": "grant request is invalid"}, 400)
        access_token = secrets.token_urlsafe(24)
        self.tokens[access_token] = time.time() + TOKEN_SECONDS
        answer = {
            "access_token": access_token,
            "token_type": "Basic" if "odd token type" in self.faults else "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": self._id_token(granted, access_token),
        }
        if "no id_token" in self.faults:
            del answer["id_token"]
        return JSONResponse(answer)

    def _id_token(self, granted: Granted, access_token: str) -> str:
        now = int(time.time() + self.skew)
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": f"{self.url}/api/v2",
            "aud": CLIENT_ID,
            "sub": self.person["sub"],
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": granted.nonce,
            "acr": "eidas1",
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        wrong: dict[str, dict[str, Any]] = {
            "wrong nonce": {"nonce": "another"},
            "no nonce": {"nonce": None},
            "wrong audience": {"aud": "another"},
            "audience of several": {"aud": [CLIENT_ID, "another"]},
            "made for another": {"azp": "another"},
            "expired": {"iat": now - 300, "exp": now - 240},
            "expiry as text": {"exp": str(now + 60)},
            "never expires": {"exp": float("inf")},
            "true expiry": {"exp": True},
            "made long ago": {"iat": now - 86400},
            "not before tomorrow": {"nbf": now + 86400},
            "token of another": {"iss": "https://another.invalid"},
            "no subject": {"sub": ""},
            "access token of another": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            "low assurance": {"acr": "eidas0"},
        }
        for name, changes in wrong.items():
            if name in self.faults:
                claims |= changes
        return self._signed(claims)

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self.keys[0]
        header = {"alg": self.algorithm, "kid": key.kid}
        if "alg none" in self.faults:
            return ".".join(_base64(json.dumps(one)) for one in ({"alg": "none"}, claims)) + "."
        if "HS256 with the public key" in self.faults:
            shared = OctKey.import_key(base64.b64encode(key.as_pem(private=False)))
            return jwt.encode({"alg": "HS256", "kid": key.kid}, claims, shared, algorithms=["HS256"])
        if "HS256 with the secret" in self.faults:
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"])
        if "unknown kid" in self.faults:
            header["kid"] = "nobody's"
        if "no kid" in self.faults:
            del header["kid"]
        if "key of its own" in self.faults:
            own = RSAKey.generate_key(2048)
            header |= {"alg": "RS256", "jwk": own.as_dict(private=False)}
            return jws.serialize_compact(header, json.dumps(claims), own, algorithms=["RS256"])
        if "critical extension" in self.faults:
            header |= {"crit": ["exp"], "exp": 1}
            parts = [_base64(json.dumps(header)), _base64(json.dumps(claims))]
            return ".".join([*parts, _base64("signature")])
        token = jws.serialize_compact(header, json.dumps(claims), key, algorithms=[self.algorithm])
        if "changed after signing" in self.faults:
            parts = token.split(".")
            return ".".join([parts[0], _base64(json.dumps({**claims, "sub": "somebody else"})), parts[2]])
        return "not a token" if "no token at all" in self.faults else token

    def jwks(self, _request: Request, _body: dict[str, str]) -> Response:
        keys = [dict(key.as_dict(private=False)) for key in self.keys]
        keys += [{"kty": "OKP", "crv": "X25519", "x": "AA", "kid": "other"}, {"kty": "oct", "k": "AAAA", "kid": "s"}]
        if "nameless keys" in self.faults:
            for key in keys:
                key.pop("kid")
        if "no keys" in self.faults:
            keys = []
        if "huge keys" in self.faults:
            return JSONResponse({"keys": keys, "more": "x" * 1_000_000})
        return JSONResponse({"keys": keys})

    def userinfo(self, request: Request, _body: dict[str, str]) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) < time.time():
            return JSONResponse({"error": "invalid_token"}, 401)
        claims: dict[str, Any] = dict(self.person)
        if "another person's facts" in self.faults:
            claims["sub"] = "somebody else"
        if "plain userinfo" in self.faults:
            return JSONResponse(claims)
        claims |= {"iss": f"{self.url}/api/v2", "aud": CLIENT_ID, "exp": int(time.time()) + TOKEN_SECONDS}
        if "facts for another" in self.faults:
            claims["aud"] = "another"
        if "old facts" in self.faults:
            claims["exp"] = int(time.time()) - 3600
        signed = self._signed(claims)
        if "forged facts" in self.faults:
            signed = signed[:-8] + ("AAAAAAAA" if signed[-8:] != "AAAAAAAA" else "BBBBBBBB")
        if "huge userinfo" in self.faults:
            signed += "A" * 1_000_000
        return Response(signed, media_type="text/html" if "facts as a page" in self.faults else "application/jwt")

    def end_session(self, request: Request, _body: dict[str, str]) -> Response:
        self.seen.append(dict(request.query_params))
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 303)


@lru_cache
def _key(algorithm: str, number: int) -> RSAKey | ECKey:
    about = {"kid": f"key-{number}", "use": "sig", "alg": algorithm}
    return RSAKey.generate_key(2048, about) if algorithm == "RS256" else ECKey.generate_key("P-256", about)


async def run(work: Any, request: Request, body: dict[str, str], one: Issuer, name: str) -> Response:
    """The answer, late or broken when the issuer was told so."""
    if f"slow {name}" in one.faults:
        await anyio.sleep(one.slowness)
    if f"broken {name}" in one.faults:
        return Response("<h1>Internal error</h1>", 500, media_type="text/html")
    answer: Response = work(request, body)
    return (
        StreamingResponse(_dripping(), media_type="application/json") if f"dripping {name}" in one.faults else answer
    )


async def _dripping() -> AsyncIterator[bytes]:
    """Never silent for long, never done: two seconds of spaces."""
    for _one in range(40):
        await anyio.sleep(0.05)
        yield b" "


def _base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def visit(url: str) -> httpx2.Response:
    """What a browser that comes to this address is told; it follows no link by itself."""
    with httpx2.Client(verify=False, timeout=30) as browser:  # plain http: no certificates to load
        return browser.get(url)


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    """The issuer on a free port, served from a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(issuer.app(), log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield issuer
        finally:
            server.should_exit = server.force_exit = True
            thread.join(30)
