"""The body of a request: bounded bytes, then strict JSON, then the declared shape."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from matcher.locale import N_, _
from service.problems import Problem
from service.settings import Settings

DRAIN = 4  # an oversize body is read and dropped up to this many times the limit, so that the sender hears the answer
MAX_ERRORS = 20
_Model = TypeVar("_Model", bound=BaseModel)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_VALUE_ERRORS = ("less_than_equal", "greater_than_equal", "bad_value")  # the shape is right, the value cannot be used


def check_content_type(request: Request) -> None:
    """Raise Problem unless the body is announced as plain JSON in UTF-8."""
    kind, _separator, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters, re.IGNORECASE)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    right = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    utf8 = charset is None or charset[1].lower() in ("utf-8", "utf8")
    if not (right and utf8 and encoding in ("", "identity")):
        raise Problem(
            "unsupported_media_type",
            _("Le corps doit être du JSON en UTF-8, non compressé. Envoyer Content-Type: application/json."),
            headers={"Accept": "application/json"},
        )


async def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body. Raises Problem when it is too large or comes too slowly, whatever Content-Length says."""
    limit = settings.max_body_bytes
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > DRAIN * limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limit:
                    chunks.append(chunk)
                elif size > DRAIN * limit:
                    break
                else:
                    chunks.clear()
    except TimeoutError:
        raise Problem(
            "timeout",
            _(
                "Le corps n'est pas arrivé en entier en {seconds:g} s. Recommencer, ou envoyer moins à la fois."
            ).format(seconds=settings.body_seconds),
            headers={"Connection": "close"},
        ) from None
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(
        "too_large",
        _("Le corps dépasse {limit:g} Mio. Envoyer les personnes en plusieurs fois, ou utiliser la commande.").format(
            limit=round(limit / (1 << 20), 3)
        ),
        headers={"Connection": "close"},
    )


def parse_json(body: bytes) -> Any:
    """Strict JSON (RFC 8259): UTF-8, no NaN, no lone surrogate, nothing nested beyond reason. Raises Problem."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem("malformed", _("Le corps n'est pas de l'UTF-8. L'envoyer en UTF-8.")) from None
    if not text.strip():
        raise Problem("malformed", _("Le corps est vide. Envoyer un objet JSON ; voir /openapi.json."))
    name = _("corps de la demande")
    try:
        data = json.loads(text, parse_constant=_not_json)
        if _SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
    except RecursionError:
        raise Problem("malformed", _("{file} : JSON imbriqué trop profondément.").format(file=name)) from None
    except json.JSONDecodeError as error:
        raise Problem(
            "malformed",
            _("{file} : JSON illisible à la ligne {line}, colonne {column}.").format(
                file=name, line=error.lineno, column=error.colno
            ),
        ) from None
    except UnicodeEncodeError:
        raise Problem(
            "malformed", _("Le corps contient une moitié de caractère (\\uD800 à \\uDFFF). Vérifier la source.")
        ) from None
    except ValueError:
        raise Problem("malformed", _("Le corps contient un nombre que JSON ne permet pas (NaN, démesuré).")) from None
    return data


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)


def validate(model: type[_Model], data: Any, *, strict: bool | None = None) -> _Model:
    """`data` in the declared shape. Raises Problem, which never repeats a value.

    `strict=False` reads numbers and dates written as text, as the parameters of an address are.
    """
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as found:
        errors = [_described(error, model) for error in found.errors(include_url=False, include_input=False)]
        values = all(error["type"] in _VALUE_ERRORS for error in found.errors(include_url=False, include_input=False))
        first = errors[0]
        detail = f"{first['pointer']} : {first['detail']}" if first["pointer"] else first["detail"]
        raise Problem("usage" if values else "malformed", detail, errors[:MAX_ERRORS]) from None


# Kinds of pydantic errors → what to say.
_WORDS = {
    "missing": N_("champ obligatoire absent."),
    "list_type": N_("une liste est attendue."),
    "string_type": N_("un texte est attendu."),
    "bool_type": N_("true ou false est attendu."),
    "bool_parsing": N_("true ou false est attendu."),
    "int_parsing": N_("nombre entier attendu, sans décimales"),
    "model_type": N_("Le corps doit être un objet JSON ; voir /openapi.json."),
    "model_attributes_type": N_("Le corps doit être un objet JSON ; voir /openapi.json."),
    "too_long": N_("liste trop longue."),
}


def _described(error: Any, model: type[BaseModel]) -> dict[str, str]:
    kind = str(error["type"])
    place = [str(part) for part in error["loc"] if kind != "extra_forbidden" or _PLAIN_NAME.fullmatch(str(part))]
    pointer = "".join(f"/{part}" for part in place)
    if kind == "extra_forbidden":
        detail = _("champ inconnu ; champs admis : {names}.").format(names=", ".join(model.model_fields))
    elif kind == "less_than_equal":
        detail = _("nombre trop grand ; attendu au plus {high:g}").format(high=error["ctx"]["le"])
    elif kind == "greater_than_equal":
        detail = _("nombre trop petit ; attendu au moins {low:g}").format(low=error["ctx"]["ge"])
    elif kind in ("bad_value", "bad_type"):
        detail = str(error["ctx"]["text"])
    else:
        detail = _(_WORDS.get(kind, N_("valeur non prévue.")))
    return {"pointer": pointer, "detail": detail}
