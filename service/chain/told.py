"""What came of making a list again, in words."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.locale import _
from service.chain.record import VERSIONS


@dataclass(frozen=True)
class Replay:
    """What came of it. `same`: nothing differs in what is still there; `gone`: people erased since, of those looked
    at and of those listed; `differ`: keys of VERSIONS that are no longer the same; `lost`: the position, or the
    person whose positions they are, is gone; `untold`: what is left cannot be compared with what the entry keeps."""

    seq: int
    same: bool
    listed: int
    gone: int
    gone_listed: int
    differ: tuple[str, ...]
    lost: bool = False
    untold: bool = False

    def words(self) -> str:
        """The whole in a few sentences."""
        parts = [self._verdict()]
        if self.gone:
            parts.append(
                _("{count} personne(s) de ce moment ont été effacées depuis, dont {listed} sur la liste.").format(
                    count=self.gone, listed=self.gone_listed
                )
            )
        if self.differ:
            names = ", ".join(_(VERSIONS[key]) for key in self.differ)
            parts.append(_("Ne sont plus celles d'alors : {names}.").format(names=names))
        return " ".join(parts)

    def _verdict(self) -> str:
        if self.lost:
            return _(
                "Entrée {seq} : le poste, ou la personne, n'est plus gardé ; la liste ne peut pas être refaite."
            ).format(seq=self.seq)
        if self.untold:
            return _("Entrée {seq} : des personnes manquent, les listes ne peuvent plus être comparées.").format(
                seq=self.seq
            )
        if not self.same:
            return _("Entrée {seq} : la liste refaite n'est pas celle qui a été montrée.").format(seq=self.seq)
        if self.gone:
            return _("Entrée {seq} : mêmes scores et même ordre pour les personnes qui restent.").format(seq=self.seq)
        return _("Entrée {seq} : la même liste, de {count} personne(s).").format(seq=self.seq, count=self.listed)
