"""The condition trees of packs: YAML → frozen nodes, with every name checked."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.locale import _
from matcher.rules.model import AllOf, AnyOf, Atom, Condition, Named, Not, Parameter, Proof
from matcher.rules.reading import Mistake, Section
from matcher.rules.vocabulary import ATOMS, AtomSpec, fact_table

MAX_DEPTH = 6


class ConditionReader:
    """Reads conditions against a pack's parameters, proofs and definitions; notes the parameters used."""

    def __init__(self, parameters: Mapping[str, Parameter], proofs: Mapping[str, Proof]) -> None:
        self._parameters = parameters
        self._proofs = proofs
        self.definitions: dict[str, Named] = {}
        self.used: set[str] = set()

    def read(self, value: object, place: str, depth: int = 1) -> Condition:
        """The condition written at `place`. Mistake when anything in it is not known."""
        if depth > MAX_DEPTH:
            raise Mistake(place, _("condition trop profonde ; {depth} niveaux au plus.").format(depth=MAX_DEPTH))
        section = Section(value, place)
        proofs = self._proof_codes(section)
        names = [name for name in ("all", "any", "not", "condition", *ATOMS) if name in section]
        if not names:
            section.done()
        if len(names) != 1:
            raise Mistake(place, _("une condition pose une seule question ; en écrire une par tiret."))
        name = names[0]
        node = self._node(name, section, depth, proofs)
        section.done()
        if proofs and not isinstance(node, Atom | Not):
            raise Mistake(
                place, _("« proof » se place sur une question simple, pas sur « {name} ».").format(name=name)
            )
        return node

    def _node(self, name: str, section: Section, depth: int, proofs: tuple[str, ...]) -> Condition:
        place = section.at(name)
        if name in ("all", "any"):
            children = tuple(
                self.read(child, f"{place} › {rank}", depth + 1)
                for rank, child in enumerate(section.sections(name), start=1)
            )
            return AllOf(children) if name == "all" else AnyOf(children)
        if name == "not":
            child = self.read(section.take(name), place, depth + 1)
            if not isinstance(child, Atom) or child.proofs:
                raise Mistake(place, _("« not » ne porte que sur une question simple, sans « proof »."))
            return Not(child, proofs)
        if name == "condition":
            called = section.text(name)
            if called not in self.definitions:
                raise Mistake(
                    place,
                    _("condition « {name} » inconnue ; définies ici : {names}.").format(
                        name=called, names=", ".join(self.definitions) or "—"
                    ),
                )
            return self.definitions[called]
        return self._atom(name, ATOMS[name], section, proofs)

    def _atom(self, name: str, spec: AtomSpec, section: Section, proofs: tuple[str, ...]) -> Atom:
        place = section.at(name)
        if not spec.keys:
            if spec.fact:
                parameter = self.parameter(section.text(name), place, spec.unit)
                return Atom(name, spec.fact, parameter.value, parameter.name, proofs=proofs)
            return Atom(name, _fact(section.text(name), spec, place), proofs=proofs)
        body = Section(section.take(name), place)
        fact = _fact(body.text(spec.fact_key), spec, place)
        number, called = 0, ""
        if spec.number_key:
            parameter = self.parameter(body.text(spec.number_key), body.at(spec.number_key), spec.unit)
            number, called = parameter.value, parameter.name
        items = body.words(spec.items_key) if spec.items_key else ()
        author = ""
        if spec.author_key and spec.author_key in body:
            author = body.text(spec.author_key)
            if fact_table().named(author) is None:
                raise _unknown_fact(author, place)
        body.done()
        return Atom(name, fact, number, called, items, author, proofs)

    def parameter(self, written: str, place: str, unit: str = "") -> Parameter:
        """The parameter written `$name`; its unit must be the one the atom counts in."""
        if not written.startswith("$"):
            raise Mistake(
                place, _("« {value} » : écrire un paramètre, « $nom », jamais un nombre.").format(value=written)
            )
        parameter = self._parameters.get(written[1:])
        if parameter is None:
            raise Mistake(
                place,
                _("paramètre « {name} » inconnu ; définis ici : {names}.").format(
                    name=written, names=", ".join(f"${name}" for name in self._parameters) or "—"
                ),
            )
        if unit and parameter.unit != unit:
            raise Mistake(
                place,
                _("le paramètre « {name} » est en {unit} ; il faut ici : {expected}.").format(
                    name=written, unit=parameter.unit, expected=unit
                ),
            )
        self.used.add(parameter.name)
        return parameter

    def _proof_codes(self, section: Section) -> tuple[str, ...]:
        if "proof" not in section:
            return ()
        codes = section.words("proof")
        for code in codes:
            if code not in self._proofs:
                raise Mistake(
                    section.at("proof"),
                    _("justificatif « {code} » absent de « evidence » ; définis : {codes}.").format(
                        code=code, codes=", ".join(self._proofs)
                    ),
                )
        return codes


def _fact(name: str, spec: AtomSpec, place: str) -> str:
    fact = fact_table().named(name)
    if fact is None:
        raise _unknown_fact(name, place)
    if fact.kind != spec.kind:
        raise Mistake(
            place,
            _("le fait « {name} » est de nature « {kind} » ; il faut ici : {expected}.").format(
                name=name, kind=fact.kind, expected=spec.kind
            ),
        )
    return name


def _unknown_fact(name: str, place: str) -> Mistake:
    known = ", ".join(fact.name for fact in fact_table().facts)
    return Mistake(place, _("fait « {name} » inconnu ; les faits sont : {known}.").format(name=name, known=known))
