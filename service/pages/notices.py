"""What a page says once a form did its work: `?done=NAME` in the address where the visitor is sent next."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.locale import N_, _

NOTICES: Mapping[str, str] = {
    "saved": N_("Enregistré."),
    "proposed": N_("Proposition envoyée. Le facilitateur du poste la voit ; sa réponse s'affichera ici."),
    "objected": N_("Opposition enregistrée : cette personne n'est plus classée ni proposée."),
    "unobjected": N_("Opposition retirée : cette personne peut de nouveau être proposée."),
    "position_created": N_("Poste créé. Les conseillers le voient dès maintenant."),
    "position_closed": N_("Poste fermé : on n'y propose plus personne."),
    "position_reopened": N_("Poste rouvert : les conseillers peuvent y proposer des personnes."),
    "order_saved": N_("Ordre enregistré. Le rang de la grille reste affiché à côté."),
    "moved": N_("Étape notée. Le conseiller et le facilitateur la voient."),
    "matched": N_("Colonnes changées. Rien n'est encore enregistré."),
    "imported": N_("Lignes enregistrées. Celles à corriger peuvent être téléchargées pendant une heure."),
    "left": N_("Fichier oublié. Rien n'a été enregistré."),
    "merged": N_("Fiches réunies. C'est réversible : voir « Défaire » plus bas."),
    "unmerged": N_("Fusion défaite : les deux fiches sont de nouveau là."),
    "apart": N_("Noté : ce sont deux personnes. Cette paire n'est plus proposée."),
    "awards_imported": N_("Contrats et postes enregistrés."),
    "recomputed": N_("Recalculé avec vos changements. Rien n'est encore enregistré."),
    "organisation_created": N_("Organisme créé. Inviter maintenant ses membres, ou lui donner une clé."),
    "member_invited": N_("Invitation enregistrée : la personne entrera avec son compte, par ce courriel vérifié."),
    "roles_changed": N_("Rôles changés. Ils valent dès la prochaine page de la personne."),
    "member_ended": N_("Accès terminé. Ses sessions ouvertes sont fermées."),
    "key_revoked": N_("Clé arrêtée. Ce qui s'en servait n'entre plus."),
    "retention_applied": N_("Effacement fait. Il ne reste que des comptes, sans ces personnes."),
    "erased": N_("Effacement fait : il ne reste que des comptes, sans la personne."),
}


def text(name: str | None) -> str | None:
    """The sentence of that name; None for no name or one that is not ours."""
    return _(NOTICES[name]) if name is not None and name in NOTICES else None
