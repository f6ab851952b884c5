"""Reading YAML strictly: no duplicate keys, no surprise types; every mistake says where it stands."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from matcher.locale import _
from matcher.yamltext import Loader, not_too_deep

MAX_BYTES = 256 * 1024


class Mistake(Exception):
    """One mistake in a pack's file: where, and what to write instead. The loader gathers them."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(place, message)
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return _("{place} : {message}").format(place=self.place, message=self.message)


class _StrictLoader(Loader):  # type: ignore[misc]  # chosen when imported
    """PyYAML's safe loader, which alone would keep the last of two equal keys in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise Mistake(
                        _("ligne {line}").format(line=key.start_mark.line + 1),
                        _("la clé « {key} » est écrite deux fois ; n'en garder qu'une.").format(key=key.value),
                    )
                seen.add(key.value)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, or a Mistake that names the line."""
    place = _("fichier")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Mistake(place, _("ne peut pas être lu ; vérifier le chemin et les droits.")) from error
    if len(data) > MAX_BYTES:
        raise Mistake(place, _("dépasse {size} Ko ; ce n'est pas un jeu de règles.").format(size=MAX_BYTES // 1024))
    try:
        return yaml.load(not_too_deep(data.decode("utf-8-sig")), Loader=_StrictLoader)
    except UnicodeDecodeError as error:
        raise Mistake(place, _("n'est pas en UTF-8 ; l'enregistrer en UTF-8.")) from error
    except RecursionError as error:
        raise Mistake(place, _("est trop profond ; six niveaux de conditions suffisent.")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            place = _("ligne {line}").format(line=mark.line + 1)
        raise Mistake(place, _("YAML invalide ; vérifier les deux-points, les tirets et l'alignement.")) from error
    except ValueError as error:  # PyYAML lets an impossible date (2021-02-30) out as a bare ValueError
        raise Mistake(place, _("une date n'existe pas dans le calendrier ; écrire AAAA-MM-JJ.")) from error


class Section:
    """A mapping being read: each key is taken once, `done` refuses the ones nobody took."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise Mistake(place or _("fichier"), _("on attend ici des lignes « clé: valeur »."))
        self._rest = {str(key): item for key, item in value.items()}
        self.place = place

    def __contains__(self, key: str) -> bool:
        return key in self._rest

    def at(self, key: str) -> str:
        """The place of a key, for messages."""
        return f"{self.place} › {key}" if self.place else key

    def take(self, key: str) -> object:
        """The value of a required key."""
        if key not in self._rest:
            raise Mistake(self.place or _("fichier"), _("il manque « {key} ».").format(key=key))
        return self._rest.pop(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty text; `default` when the key may be absent."""
        if default is not None and key not in self._rest:
            return default
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise Mistake(self.at(key), _("on attend un texte (entre guillemets si c'est un nombre)."))
        return value.strip()

    def day(self, key: str) -> date:
        """A calendar date."""
        value = self.take(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            raise Mistake(
                self.at(key),
                _("« {value} » n'est pas une date ; écrire AAAA-MM-JJ sans guillemets.").format(value=value),
            )
        return value

    def whole(self, key: str, largest: int) -> int:
        """A whole number from 0 to `largest`."""
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
            raise Mistake(
                self.at(key),
                _("« {value} » n'est pas un nombre entier de 0 à {largest}.").format(value=value, largest=largest),
            )
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A word, or a non-empty list of words."""
        value = self.take(key)
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not items or not all(isinstance(item, str) for item in items):
            raise Mistake(self.at(key), _("on attend un mot ou une liste de mots."))
        return tuple(items)

    def sections(self, key: str) -> list[object]:
        """A non-empty list."""
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise Mistake(self.at(key), _("on attend une liste non vide."))
        return value

    def done(self) -> None:
        """Refuse what nobody took: a misspelt key would otherwise be silently ignored."""
        for key in self._rest:
            raise Mistake(self.place or _("fichier"), _("la clé « {key} » est inconnue.").format(key=key))
