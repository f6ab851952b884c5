"""The log in words: what was done, by whom, about what; roles and organisations, never names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from matcher.locale import N_, _
from service.pages import words
from service.store import tables as t

ACTIONS: Mapping[str, str] = {
    "audit.see": N_("journal lu"),
    "audit.verify": N_("journal vérifié en entier"),
    "awards.create": N_("contrats créés"),
    "awards.update": N_("contrats modifiés"),
    "contact.see": N_("nom et coordonnées vus"),
    "duplicates.found": N_("doublons possibles trouvés"),
    "duplicates.search": N_("doublons cherchés"),
    "file.see": N_("dossier complet vu (droit d'accès)"),
    "hours.put": N_("heures enregistrées"),
    "hours.see": N_("heures vues"),
    "identifiers.refused": N_("identifiants refusés, déjà pris ailleurs"),
    "key.create": N_("clé d'accès créée"),
    "key.revoke": N_("clé d'accès arrêtée"),
    "key.rotate": N_("clé d'accès remplacée"),
    "key.show": N_("clé d'accès montrée, une seule fois"),
    "match.run": N_("rapprochement calculé pour un programme"),
    "member.bind": N_("première venue d'un membre"),
    "member.dismiss": N_("accès d'un membre terminé"),
    "member.invite": N_("membre invité"),
    "member.roles": N_("rôles d'un membre changés"),
    "members.see": N_("liste des membres vue"),
    "organisation.create": N_("organisme créé"),
    "outcomes.see": N_("suites données, en table"),
    "pair.see": N_("explication d'un score vue"),
    "people.apart": N_("fiches notées comme deux personnes"),
    "people.create": N_("personnes créées"),
    "people.erase": N_("personnes effacées"),
    "people.merge": N_("fiches réunies"),
    "people.see": N_("fiche ou liste de personnes vue"),
    "people.unmerge": N_("fusion de fiches défaite"),
    "people.update": N_("personnes modifiées"),
    "position.close": N_("poste fermé"),
    "position.order": N_("ordre de la liste changé"),
    "position.reopen": N_("poste rouvert"),
    "positions.create": N_("postes créés"),
    "positions.see": N_("postes proposés à une personne, vus"),
    "positions.update": N_("postes modifiés"),
    "proposal.change": N_("étape d'une proposition corrigée"),
    "proposal.create": N_("personne proposée"),
    "proposal.move": N_("étape d'une proposition notée"),
    "proposal.see": N_("proposition vue, avec le nom et les coordonnées"),
    "retention.see": N_("fin de conservation calculée"),
    "session.close": N_("sortie du service"),
    "session.open": N_("entrée dans le service"),
    "sheet.see": N_("fiche pour l'entreprise vue"),
    "shortlist.fairness": N_("équité d'une liste vue"),
    "shortlist.see": N_("liste d'un poste vue"),
    "shortlist.see.others": N_("liste d'un poste : autres personnes vues"),
    "store.restore": N_("sauvegarde remise en place"),
    "store.rotate": N_("clés de chiffrement changées"),
}
_THINGS: Mapping[str, str] = {
    "awards": N_("contrats"),
    "candidates": N_("personnes"),
    "log": N_("journal"),
    "outcomes": N_("suites données"),
    "people": N_("personnes"),
    "pool": N_("personnes gardées ici"),
    "positions": N_("postes"),
    "request": N_("personnes et postes de la demande"),
    "store": N_("base de données"),
}
_OF: Mapping[str, str] = {
    "award": N_("contrat {name}"),
    "command": N_("commande {name}"),
    "key": N_("clé d'accès {name}"),
    "member": N_("membre {name}"),
    "organisation": N_("organisme {name}"),
    "position": N_("poste {name}"),
}
_COMMANDS: Mapping[str, str] = {
    "access": N_("une commande, sur la machine : accès"),
    "demo": N_("une commande, sur la machine : démonstration"),
    "retention": N_("une commande, sur la machine : fin de conservation"),
    "store": N_("une commande, sur la machine : base de données"),
}


def action(name: str) -> str:
    """What was done."""
    return _(ACTIONS[name]) if name in ACTIONS else name


def thing(about: str) -> str:
    """What it was about."""
    kind, colon, name = about.partition(":")
    if colon and kind in _OF:
        return _(_OF[kind]).format(name=name)
    return _(_THINGS[about]) if about in _THINGS else about


def organisations(connection: Connection) -> dict[str, str]:
    """Identifier → name of every organisation, by name."""
    names = t.organisations.c
    return {row[0]: row[1] for row in connection.execute(select(names.org_id, names.name).order_by(names.name))}


def actors(connection: Connection, wanted: Iterable[str]) -> dict[str, str]:
    """Actor, as the log names them → what they are there for."""
    names = set(wanted)
    roles = {
        f"{kind}:{row[0]}": row[1]
        for kind, column in (("key", t.api_keys.c.key_id), ("member", t.members.c.member_id))
        for row in connection.execute(select(column, column.table.c.roles).where(column.in_(_named(names, kind))))
    }
    return {name: _role(name, roles.get(name)) for name in names}


def _named(names: Iterable[str], kind: str) -> list[str]:
    return [name.partition(":")[2] for name in names if name.startswith(f"{kind}:")]


def _role(actor: str, roles: str | None) -> str:
    if roles is not None:
        return ", ".join(words.role(one) for one in roles.split("|"))
    kind, _colon, name = actor.partition(":")
    if kind == "command" and name in _COMMANDS:
        return _(_COMMANDS[name])
    return thing(actor)
