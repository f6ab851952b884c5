"""Encryption at rest: one key per person, wrapped by the instance's key.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the person's name inside the store is authenticated beside
the text, so that a sealed text cannot be moved to another row. Erasing a person destroys their key: whatever copy of
the sealed text is left, and whatever name the log gave them, says nothing any more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from matcher.errors import EnvironmentFault
from matcher.locale import _

NONCE = 12
KEY = 32
NAME = 8  # a key's name, before what it sealed


def new_subject() -> str:
    """A random name for a person inside the store, never shown."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class SubjectKey:
    """One person's key, open."""

    subject: str
    key: bytes

    def seal(self, facts: Any) -> bytes:
        """Facts as a sealed text."""
        return seal(self.key, json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode(), self.subject)

    def open(self, sealed: bytes) -> Any:
        """The facts of a sealed text. Raises EnvironmentFault when it was changed or belongs to another person."""
        return json.loads(unseal(self.key, sealed, self.subject))

    @property
    def log_name(self) -> str:
        """How the log names this person; without the key nobody can tell whose name it is."""
        return hmac.new(self.key, b"clausematch log", hashlib.sha256).hexdigest()[:32]


class KeyRing:
    """The instance's keys: the first one seals, all of them open."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = {key_id(key): key for key in keys}
        self.current = key_id(keys[0])

    def new_key(self) -> bytes:
        """A fresh key for a person."""
        return AESGCM.generate_key(bit_length=8 * KEY)

    def wrap(self, subject: str, key: bytes) -> bytes:
        """A person's key as it is stored."""
        return self.seal(key, f"subject {subject}")

    def unwrap(self, subject: str, wrapped: bytes) -> SubjectKey:
        """A person's key. Raises EnvironmentFault when no key of the ring opens it."""
        return SubjectKey(subject, self.open(wrapped, f"subject {subject}"))

    def seal(self, text: bytes, context: str) -> bytes:
        """Something that is no person's own, under the current key; the key's name stands first."""
        return bytes.fromhex(self.current) + seal(self._keys[self.current], text, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        """What `seal` sealed. Raises EnvironmentFault."""
        return unseal(self._opener(sealed), sealed[NAME:], context)

    def check(self, sealed: bytes) -> None:
        """Raise EnvironmentFault when no key of the ring could have sealed this."""
        self._opener(sealed)

    def _opener(self, sealed: bytes) -> bytes:
        key = self._keys.get(bytes(sealed[:NAME]).hex())
        if key is None:
            raise EnvironmentFault(
                _("Aucune clé de CLAUSEMATCH_ENCRYPTION_KEYS n'ouvre les données de cette base."),
                _("Remettre l'ancienne clé à la suite de la nouvelle, séparées par une virgule."),
            )
        return key


def key_id(key: bytes) -> str:
    """A key's public name."""
    return hashlib.sha256(b"clausematch key" + key).hexdigest()[: 2 * NAME]


def seal(key: bytes, text: bytes, context: str) -> bytes:
    """nonce + ciphertext + tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """What `seal` sealed. Raises EnvironmentFault."""
    try:
        return AESGCM(key).decrypt(bytes(sealed[:NONCE]), bytes(sealed[NONCE:]), context.encode())
    except InvalidTag:
        raise EnvironmentFault(
            _("Une donnée chiffrée de la base ne s'ouvre pas : elle a été modifiée, ou vient d'une autre base."),
            _("Restaurer la dernière sauvegarde : clausematch store restore."),
        ) from None
