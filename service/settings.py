"""What one instance of the service is told, by arguments or by the environment (`CLAUSEMATCH_…`). Sizes are in bytes,
times in seconds. docs/reglages.md is generated from here."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from matcher.errors import UsageError
from matcher.locale import N_, _

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
SECRETS_DIR = "CLAUSEMATCH_SECRETS_DIR"
KEY_BYTES = 32
SECRET_LENGTH = 32


class Settings(BaseSettings):
    """One instance. Nothing secret has a default: `checked()` refuses to go on without one."""

    model_config = SettingsConfigDict(
        env_prefix="CLAUSEMATCH_", frozen=True, extra="forbid", populate_by_name=True, validate_default=False
    )

    database_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("DATABASE_URL", "CLAUSEMATCH_DATABASE_URL"),
            description=N_("base de données : sqlite:///fichier, ou postgresql://utilisateur@serveur/base"),
        ),
    ] = "sqlite:///clausematch.db"
    secret: Annotated[
        SecretStr | None,
        Field(description=N_("secret d'au moins 32 caractères : signe les références, les sessions et les pages")),
    ] = None
    encryption_keys: Annotated[
        tuple[SecretStr, ...],
        NoDecode,
        Field(
            description=N_(
                "clés de chiffrement de 32 octets en base64, séparées par des virgules : la première chiffre, "
                "les autres ne servent qu'à relire"
            )
        ),
    ] = ()
    hosts: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description=N_("noms auxquels le service répond, séparés par des virgules")),
    ] = LOOPBACK_HOSTS
    public_url: Annotated[
        str, Field(description=N_("adresse par laquelle on joint le service, https://… ; vide sur la machine seule"))
    ] = ""
    contact: Annotated[
        str,
        Field(max_length=200, description=N_("à qui écrire (courriel, téléphone), montré sur les pages publiques")),
    ] = ""
    top: Annotated[int, Field(ge=1, le=1000, description=N_("personnes par liste si le poste ne le dit pas"))] = 10
    retention_months: Annotated[
        int, Field(ge=1, le=120, description=N_("mois de conservation après la dernière action sur une personne"))
    ] = 24
    hours_per_month: Annotated[
        float,
        Field(gt=0, le=744, description=N_("heures d'une personne qui comptent en un mois (48 h × 52 ÷ 12)")),
    ] = 208.0
    hours_months: Annotated[
        int,
        Field(ge=1, le=120, description=N_("mois qui comptent pour une personne chez un employeur (CCAG : 24)")),
    ] = 24
    max_body_bytes: Annotated[int, Field(ge=1, description=N_("taille d'un corps, en octets"))] = 32 << 20
    max_rows: Annotated[int, Field(ge=1, description=N_("lignes d'une table reçue"))] = 200_000
    max_pairs: Annotated[int, Field(ge=1, description=N_("personnes × postes d'une demande"))] = 50_000_000
    max_listed: Annotated[int, Field(ge=1, description=N_("lignes des listes d'une demande"))] = 200_000
    max_parallel: Annotated[int, Field(ge=1, le=64, description=N_("calculs menés à la fois"))] = 2
    max_waiting: Annotated[int, Field(ge=0, description=N_("calculs en attente ; au-delà, 503"))] = 8
    threads: Annotated[int, Field(ge=1, le=256, description=N_("demandes courtes traitées à la fois"))] = 8
    max_queue: Annotated[int, Field(ge=0, description=N_("demandes courtes en attente ; au-delà, 503"))] = 1000
    rate_per_second: Annotated[
        float, Field(gt=0, description=N_("demandes par seconde et par clé, en moyenne ; au-delà, 429"))
    ] = 50.0
    rate_burst: Annotated[int, Field(ge=1, description=N_("demandes d'affilée permises à une clé"))] = 200
    wrong_keys_per_minute: Annotated[
        int, Field(ge=1, description=N_("clés fausses par minute et par adresse ; au-delà, 429"))
    ] = 30
    retry_after: Annotated[int, Field(ge=1, description=N_("secondes proposées avant de recommencer"))] = 5
    body_seconds: Annotated[float, Field(gt=0, description=N_("temps laissé à un corps pour arriver"))] = 30.0
    stop_seconds: Annotated[int, Field(ge=1, description=N_("temps laissé aux demandes en cours à l'arrêt"))] = 30
    oidc_issuer: Annotated[
        str,
        Field(description=N_("fournisseur d'identité (OpenID Connect, ProConnect) ; vide : les clés seules")),
    ] = ""
    oidc_client_id: Annotated[
        str, Field(description=N_("identifiant de ce service chez le fournisseur d'identité"))
    ] = ""
    oidc_client_secret: Annotated[
        SecretStr | None, Field(description=N_("secret de ce service chez le fournisseur d'identité"))
    ] = None
    oidc_redirect_url: Annotated[
        str,
        Field(description=N_("adresse de retour déclarée chez lui ; vide : CLAUSEMATCH_PUBLIC_URL/sign-in/callback")),
    ] = ""
    oidc_signed_out_url: Annotated[
        str, Field(description=N_("adresse de retour après déconnexion ; vide : CLAUSEMATCH_PUBLIC_URL/"))
    ] = ""
    oidc_scopes: Annotated[str, Field(description=N_("ce qui est demandé au fournisseur d'identité"))] = (
        "openid email given_name usual_name siret uid"
    )
    oidc_acr_values: Annotated[
        str, Field(description=N_("niveaux d'assurance exigés, séparés par des espaces ; vide : aucun (eidas1…)"))
    ] = ""
    oidc_trust_email: Annotated[
        bool,
        Field(
            description=N_(
                "croire les courriels d'un fournisseur qui n'envoie pas email_verified (ProConnect ne l'envoie pas)"
            )
        ),
    ] = False
    oidc_seconds: Annotated[
        float, Field(gt=0, le=60, description=N_("silence permis au fournisseur d'identité, en secondes"))
    ] = 5.0
    demo: Annotated[bool, Field(description=N_("données d'exemple ; réservé à serve --demo"))] = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the files of the folder that CLAUSEMATCH_SECRETS_DIR names."""
        folder = os.environ.get(SECRETS_DIR)
        files = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder else ()
        return (init_settings, env_settings, *files)

    @field_validator("encryption_keys", "hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def secret_bytes(self) -> bytes:
        """The secret. Raises UsageError when there is none."""
        secret = self.secret.get_secret_value() if self.secret else ""
        if len(secret) < SECRET_LENGTH:
            raise UsageError(
                _("CLAUSEMATCH_SECRET est absent, ou plus court que {length} caractères.").format(
                    length=SECRET_LENGTH
                ),
                _("En tirer un avec « clausematch store new-secrets », ou essayer « clausematch serve --demo »."),
            )
        return secret.encode()

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The encryption keys, the one in use first. Raises UsageError when there is none or one is not a key."""
        if not self.encryption_keys:
            raise UsageError(
                _("CLAUSEMATCH_ENCRYPTION_KEYS est absent : les données ne pourraient pas être chiffrées."),
                _("En tirer une avec « clausematch store new-secrets », ou essayer « clausematch serve --demo »."),
            )
        return tuple(_key(one.get_secret_value(), place) for place, one in enumerate(self.encryption_keys, 1))

    def checked(self) -> Settings:
        """Itself, once its secrets are there. Raises UsageError."""
        _used = self.secret_bytes, self.keys
        return self


def _key(text: str, place: int) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError(
            _("CLAUSEMATCH_ENCRYPTION_KEYS : la clé n° {place} n'est pas faite de {size} octets en base64.").format(
                place=place, size=KEY_BYTES
            ),
            _("En tirer une avec « clausematch store new-secrets »."),
        )
    return key
