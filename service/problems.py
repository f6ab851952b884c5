"""Errors as RFC 9457 problem details: the words of the command, for a status of HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from starlette.responses import Response

from matcher.errors import ClausematchError
from matcher.locale import N_, _, current_language

MEDIA_TYPE = "application/problem+json"

# code → status, title
KINDS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, N_("Demande mal formée")),
    "sign_in": (400, N_("Connexion non aboutie")),
    "unauthorized": (401, N_("Clé d'accès absente ou refusée")),
    "forbidden": (403, N_("Accès non permis")),
    "not_found": (404, N_("Adresse inconnue")),
    "absent": (404, N_("Introuvable")),
    "method_not_allowed": (405, N_("Méthode non prévue")),
    "timeout": (408, N_("Demande trop lente")),
    "conflict": (409, N_("État incompatible")),
    "changed": (412, N_("Modifié entre-temps")),
    "too_large": (413, N_("Demande trop grande")),
    "unsupported_media_type": (415, N_("Type de contenu non prévu")),
    "misdirected": (421, N_("Demande adressée à un autre serveur")),
    "usage": (422, N_("Valeur ou option inutilisable")),
    "unreadable_file": (422, N_("Table illisible")),
    "nir_refused": (422, N_("Numéros de sécurité sociale refusés")),
    "nothing_usable": (422, N_("Aucune ligne utilisable")),
    "too_many": (429, N_("Trop de demandes")),
    "internal": (500, N_("Erreur interne")),
    "busy": (503, N_("Service occupé")),
    "provider": (503, N_("Fournisseur d'identité en défaut")),
    "environment": (503, N_("Machine en défaut")),
}
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
BY_STATUS = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


@dataclass(eq=False)
class Problem(Exception):
    """One refusal: `code` is a key of KINDS, `detail` a translated sentence without personal data.

    `errors` point at fields of the body, `rejected` are rows set aside as the command words them.
    """

    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    rejected: Sequence[Mapping[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, str]:
        """Field → what is wrong with it, as far as the refusal points at fields."""
        return {one["pointer"].rpartition("/")[2]: one["detail"] for one in self.errors}

    @property
    def status(self) -> int:
        return KINDS[self.code][0]

    @property
    def title(self) -> str:
        return _(KINDS[self.code][1])

    def response(self, instance: str = "") -> Response:
        """The problem as a response, in the current language; `instance` identifies this occurrence."""
        content: dict[str, Any] = {
            "type": f"urn:clausematch:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance or new_instance(),
            "code": self.code,
        }
        if self.errors:
            content["errors"] = list(self.errors)
        if self.rejected is not None:
            content["rejected"] = list(self.rejected)
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Language": current_language(), **self.headers}
        return Response(body, self.status, headers, MEDIA_TYPE)


def at_field(pointer: str, text: str) -> Problem:
    """The refusal of one field of the body, or of one parameter: `detail` names it, `errors` points at it."""
    return Problem("usage", f"{pointer} : {text}", [{"pointer": pointer, "detail": text}])


def new_instance(given: str = "") -> str:
    """A name for one request, the same in the answer and in the log: the caller's when it is a UUID, else a new one.
    Any other text could hold personal data."""
    return UUID(given).urn if _UUID.fullmatch(given) else uuid4().urn


def from_error(error: ClausematchError) -> Problem:
    """The problem that says what the command would print."""
    errors = [{"pointer": f"/{error.field}", "detail": str(error)}] if error.field else []
    return Problem(error.code if error.code in KINDS else "usage", str(error), errors)


def from_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem for a refusal of the framework's own router."""
    code = BY_STATUS.get(status, "malformed" if status < 500 else "internal")
    details = {
        "not_found": _("Cette adresse n'existe pas. Les adresses du service sont décrites dans /openapi.json."),
        "method_not_allowed": _("Cette adresse ne répond pas à cette méthode. Voir l'en-tête Allow."),
    }
    return Problem(code, details.get(code, _("La demande ne peut pas être traitée.")), headers=dict(headers or {}))


def internal(instance: str) -> Problem:
    """What a caller is told of a defect: where to look, nothing of the data."""
    return Problem(
        "internal",
        _("Défaut du service, noté dans son journal sous {instance}. Rien n'a été enregistré.").format(
            instance=instance
        ),
    )
