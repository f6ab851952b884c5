"""Which awards are taken: the decree's social words, the place, and what a reserved contract is reserved to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.awards.text import plain
from matcher.errors import UsageError
from matcher.locale import N_, _
from matcher.reference import Communes, Place
from matcher.vocabulary import DECP_SOCIAL, SOCIAL_WORDS, Mode, Reserved, fold

DEFAULT_SOCIAL = "Clause sociale"
ANY = "any"
_RESERVED_WORDS = ("Marché réservé", "Concession réservée")
# An area wider than a few communes is only taken when it lies wholly inside the place asked.
_NARROW = ("postal", "commune")

NO_SOCIAL_FIELD = N_("pas de champ « considérations sociales » : ajouter --social any")
OTHER_SOCIAL = N_("considération sociale non demandée")
OUTSIDE = N_("hors du territoire demandé")
UNKNOWN_PLACE = N_("lieu inconnu")

_RESERVED = re.compile(
    r"\b(marche|lot|accord cadre|concession)s? reservee?s?\b|\breservee?s? aux? (ea|esat|siae|structures?)\b"
)
_HANDICAP = re.compile(
    r"\besat\b|\bea\b|entreprises? adaptees?|aide par le travail|travailleurs? handicapes?|\bl ?2113 12\b"
)
_INSERTION = re.compile(
    r"\bsiae\b|structures? (d )?insertion|insertion par l activite|entreprises? d insertion|chantiers? d insertion"
    r"|associations? intermediaires?|\betti\b|\beti\b|\baci\b|travail temporaire d insertion"
    r"|\bl ?2113 13\b|\bl ?5132 4\b"
)
_ESS = re.compile(r"economie sociale et solidaire|\bl ?2113 1[56]\b")
_MODES = (
    (Mode.ACI, re.compile(r"chantiers? d insertion|\baci\b")),
    (Mode.AI, re.compile(r"associations? intermediaires?")),
    (Mode.ETTI, re.compile(r"\betti\b|travail temporaire d insertion")),
)


@dataclass(frozen=True)
class SocialFilter:
    """The social words asked; `everything` is `any`."""

    words: frozenset[str]
    everything: bool

    def refusal(self, social: str | None) -> str:
        """Why a cell of social words is not taken; empty when it is."""
        if self.everything:
            return ""
        if social is None:
            return _(NO_SOCIAL_FIELD)
        return "" if self.words & set(social.split("|")) else _(OTHER_SOCIAL)


def social_filter(asked: str) -> SocialFilter:
    """`Clause sociale|Marché réservé` or `any`. Raises UsageError for a word that is not the decree's."""
    items = [item.strip() for item in asked.split("|") if item.strip()]
    if any(fold(item) == ANY for item in items):
        return SocialFilter(frozenset(), True)
    unknown = [item for item in items if fold(item) not in SOCIAL_WORDS]
    if unknown or not items:
        raise UsageError(
            _("Considération sociale inconnue : « {word} ».").format(word=unknown[0] if unknown else asked),
            _("Mots admis, séparés par une barre | : {words}, ou any pour tout prendre.").format(
                words=", ".join(DECP_SOCIAL)
            ),
        )
    return SocialFilter(frozenset(SOCIAL_WORDS[fold(item)] for item in items), False)


def is_reserved(social: str | None, title: str | None) -> bool:
    """Reserved by its social field, or by the very words of its object (`lot réservé`)."""
    named = social is not None and bool(set(social.split("|")) & set(_RESERVED_WORDS))
    return named or (title is not None and "serv" in title.lower() and _RESERVED.search(plain(title)) is not None)


def reserved_kind(title: str | None) -> Reserved:
    """To which structures, when the words prove one kind and no other; else `unspecified`.

    Code de la commande publique: L2113-12 (EA, ESAT), L2113-13 (SIAE), L2113-15 (ESS).
    """
    words = plain(title or "")
    kinds = [
        kind
        for kind, pattern in (
            (Reserved.HANDICAP, _HANDICAP),
            (Reserved.INSERTION, _INSERTION),
            (Reserved.ESS, _ESS),
        )
        if pattern.search(words)
    ]
    return kinds[0] if len(kinds) == 1 else Reserved.UNSPECIFIED


def reserved_mode(kind: Reserved | None, title: str | None) -> Mode:
    """SIAE: the kind of structure its object names, else `EI`; every other contract: `direct`."""
    if kind is not Reserved.INSERTION:
        return Mode.DIRECT
    words = plain(title or "")
    return next((mode for mode, pattern in _MODES if pattern.search(words)), Mode.EI)


@dataclass(frozen=True)
class PlaceFilter:
    """A prefix of INSEE codes, or a region."""

    prefix: str = ""
    region: str = ""

    def refusal(self, place: Place, communes: Communes) -> str:
        """Why a place is not taken; empty when it is."""
        if not self.prefix and not self.region:
            return ""
        if not place.communes:
            return _(UNKNOWN_PLACE)
        inside: Sequence[bool] = [self._holds(index, communes) for index in place.communes]
        taken = any(inside) if place.kind in _NARROW else all(inside)
        return "" if taken else _(OUTSIDE)

    def _holds(self, index: int, communes: Communes) -> bool:
        if self.region:
            return bool(communes.regions[index] == self.region)
        return str(communes.codes[index]).startswith(self.prefix)


def place_filter(asked: str | None, communes: Communes) -> PlaceFilter:
    """`91`, `91228`, `2A`, or `R11`. Raises UsageError for anything else."""
    text = (asked or "").strip().upper()
    if not text:
        return PlaceFilter()
    region = re.fullmatch(r"R(\d{2})", text)
    if region and region[1] in communes.by_region:
        return PlaceFilter(region=region[1])
    if not region and re.fullmatch(r"\d{1,5}|2[AB]\d{0,3}", text):
        return PlaceFilter(prefix=text)
    raise UsageError(
        _("Territoire non reconnu : « {place} ».").format(place=asked),
        _("Écrire le début d'un code INSEE (91, 91228, 2A) ou une région (R11 pour l'Île-de-France)."),
    )
