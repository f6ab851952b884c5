"""From the object of a contract to the jobs its clause can open: the template table and how one is chosen.

Words win over the CPV code, since real notices carry wrong codes; the title of the lot wins over the title of the
operation; the nature of the contract (supplies, studies: rank 80 and more) wins over the trades it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from matcher.awards.patterns import Hit, Pattern, PatternIndex, compile_pattern
from matcher.awards.text import LOST, tokens
from matcher.awards.yamlfile import YamlFile, read_yaml
from matcher.locale import _
from matcher.vocabulary import FRENCH_LEVELS, LICENCES, SCHEDULE, WORK_LIMITS

DEFAULT_FILE = Path(__file__).with_name("templates.yml")
NATURE_RANK = 80
MAX_TRADES = 3
_REMEMBERED = 50_000  # objects of lots repeat; the same object and code always give the same choice


@dataclass(frozen=True)
class Job:
    """An occupation of a template: ROME code, share of the hours, title, what it requires by itself, and the skills
    it asks: its own where the template gives them, else the template's."""

    occupation: str
    share: float
    title: str
    licences: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """What a family of objects becomes: jobs, or `none`, the reason why it carries no hours."""

    id: str
    name: str
    rank: float
    general: bool
    cpv: tuple[str, ...]
    family: str
    none: str
    jobs: tuple[Job, ...]
    certificates: tuple[str, ...]
    certificates_wished: tuple[str, ...]
    licences: tuple[str, ...]
    demands: tuple[str, ...]
    schedule: tuple[str, ...]
    tasks: str
    qualification_min: float | None
    french_min: str


@dataclass(frozen=True)
class Choice:
    """The template chosen and what chose it, in words; None when nothing in the notice is recognised."""

    template: Template | None
    evidence: str
    by_words: bool = False
    others: tuple[Template, ...] = ()

    def jobs(self) -> list[tuple[Template, Job, float]]:
        """(template, job, share of the hours); trades named together in a lot's title share alike."""
        templates = () if self.template is None else (self.template, *self.others)
        return [(item, job, job.share / len(templates)) for item in templates for job in item.jobs]


class Templates:
    """The template table, ready to read objects."""

    def __init__(
        self, items: Sequence[Template], words: Sequence[Pattern], weak: Sequence[Pattern], unless: Sequence[Pattern]
    ) -> None:
        self.items = tuple(items)
        self._words, self._weak, self._unless = PatternIndex(words), PatternIndex(weak), PatternIndex(unless)
        self._prefixes: dict[str, int] = {}
        self._chosen: dict[tuple[str | None, str | None], Choice] = {}
        for place, item in enumerate(items):
            for prefix in item.cpv:
                self._prefixes.setdefault(prefix, place)

    def choose(self, title: str | None, cpv: str | None) -> Choice:
        """The template of an object (repaired text) and a CPV code of eight digits."""
        known = self._chosen.get((title, cpv))
        if known is None:
            known = self._choose(title, cpv)
            if len(self._chosen) < _REMEMBERED:
                self._chosen[title, cpv] = known
        return known

    def _choose(self, title: str | None, cpv: str | None) -> Choice:
        words = tokens(title) if title else []
        segments = _segments(words)
        found = [(self._words.find(segment), self._barred(segment)) for segment in segments]
        for nature in (True, False):
            for hits, barred in found:
                best = self._best(hits, barred, nature)
                if best is not None:
                    return self._by_words(best, _("mots de l'objet"), self._beside(best, hits, barred))
        place, prefix = self._by_cpv(cpv)
        if place is not None and not self.items[place].general:
            return Choice(self.items[place], _("code CPV {prefix}").format(prefix=prefix))
        for segment, (_hits, barred) in zip(segments, found, strict=True):
            best = self._best(self._weak.find(segment), barred, False)
            if best is not None:
                return self._by_words(best, _("mots peu précis de l'objet"))
        if place is not None:
            return Choice(self.items[place], _("code CPV {prefix}, peu précis").format(prefix=prefix))
        return Choice(None, "")

    def _by_words(self, hit: Hit, how: str, others: tuple[Hit, ...] = ()) -> Choice:
        named = " + ".join(f"« {found.pattern.text.lstrip('^')} »" for found in (hit, *others))
        templates = tuple(self.items[found.pattern.owner] for found in others)
        return Choice(self.items[hit.pattern.owner], f"{how} : {named}", True, templates)

    def _beside(self, best: Hit, hits: Iterable[Hit], barred: set[int]) -> tuple[Hit, ...]:
        """The other building trades named in the same title (a lot « gros œuvre - VRD »), MAX_TRADES in all."""
        if not self._is_trade(best.pattern.owner):
            return ()
        others: dict[int, Hit] = {}
        for hit in sorted(hits, key=lambda hit: (hit.position, -hit.length, hit.pattern.owner)):
            owner = hit.pattern.owner
            inside = any(_overlap(hit, kept) for kept in (best, *others.values()))
            if owner != best.pattern.owner and owner not in barred and self._is_trade(owner) and not inside:
                others.setdefault(owner, hit)
        return tuple(others.values())[: MAX_TRADES - 1]

    def _is_trade(self, place: int) -> bool:
        item = self.items[place]
        return bool(item.jobs) and item.family.startswith("45") and not item.general

    def _barred(self, segment: Sequence[str]) -> set[int]:
        return {hit.pattern.owner for hit in self._unless.find(segment)}

    def _best(self, hits: Iterable[Hit], barred: set[int], nature: bool) -> Hit | None:
        """Highest rank, then named first, then the longest match, then the order of the table."""
        usable = [
            hit
            for hit in hits
            if hit.pattern.owner not in barred and (not nature or self.items[hit.pattern.owner].rank >= NATURE_RANK)
        ]
        return min(
            usable,
            key=lambda hit: (-self.items[hit.pattern.owner].rank, hit.position, -hit.length, hit.pattern.owner),
            default=None,
        )

    def _by_cpv(self, cpv: str | None) -> tuple[int | None, str]:
        for length in range(len(cpv or ""), 1, -1):
            place = self._prefixes.get((cpv or "")[:length])
            if place is not None:
                return place, (cpv or "")[:length]
        return None, ""


def _overlap(one: Hit, other: Hit) -> bool:
    return one.position < other.position + len(other.pattern.parts) and other.position < one.position + len(
        one.pattern.parts
    )


def _segments(words: Sequence[str]) -> list[list[str]]:
    """The title of the last lot first, then from the lot before…, then the whole object; numbers left out."""
    useful = [word for word in words if not _is_number(word)]
    starts = [place + 1 for place, word in enumerate(useful) if word in ("lot", "lots")]
    segments = [useful[start:] for start in reversed(starts) if useful[start:]]
    return [*segments, useful]


def _is_number(word: str) -> bool:
    bare = word.lstrip("n" + LOST).rstrip(LOST)
    return not bare or bare.isdecimal() or (len(bare) <= 4 and bare[:-1].isdecimal())


# ------------------------------------------------------------------ loading


@lru_cache(maxsize=8)
def load_templates(path: Path = DEFAULT_FILE) -> Templates:
    """The table of a YAML file laid out like `templates.yml`. Raises UnreadableFile, UsageError."""
    file = read_yaml(path)
    entries = file.sequence(file.mapping(file.content, ""), "templates")
    items: list[Template] = []
    patterns: dict[str, list[Pattern]] = {"words": [], "weak": [], "unless": []}
    for place, value in enumerate(entries):
        entry = file.mapping(value, f"templates[{place + 1}]")
        item = _template(file, entry)
        if item.id in {other.id for other in items}:
            raise file.fault(_("le modèle « {id} » est là deux fois").format(id=item.id))
        items.append(item)
        for key, compiled in patterns.items():
            compiled.extend(_pattern(file, item.id, text, place) for text in file.texts(entry, key))
    if not items:
        raise file.fault(_("aucun modèle sous « templates »"))
    return Templates(items, patterns["words"], patterns["weak"], patterns["unless"])


def _pattern(file: YamlFile, template: str, text: str, place: int) -> Pattern:
    try:
        return compile_pattern(text, place)
    except ValueError as error:
        raise file.fault(
            _("modèle « {id} », mots « {text} » : « {word} » n'est pas admis (sans accents ni petits mots)").format(
                id=template, text=text, word=error
            )
        ) from None


def _template(file: YamlFile, entry: Mapping[str, Any]) -> Template:
    name = file.text(entry, "id")
    level = entry.get("qualification_min")
    jobs = _jobs(file, entry, name)
    none = file.text(entry, "none", "")
    if bool(jobs) == bool(none):
        raise file.fault(_("modèle « {id} » : donner « jobs » ou « none », l'un des deux").format(id=name))
    return Template(
        id=name,
        name=file.text(entry, "name"),
        rank=file.number(entry, "rank") if "rank" in entry else 50.0,
        general=bool(entry.get("general", False)),
        cpv=file.texts(entry, "cpv"),
        family=file.text(entry, "family", ""),
        none=none,
        jobs=jobs,
        certificates=file.texts(entry, "certificates"),
        certificates_wished=file.texts(entry, "certificates_wished"),
        licences=_known(file, entry, "licences", LICENCES),
        demands=_known(file, entry, "demands", WORK_LIMITS),
        schedule=_known(file, entry, "schedule", SCHEDULE),
        tasks=file.text(entry, "tasks", ""),
        qualification_min=None if level is None else file.number(entry, "qualification_min"),
        french_min=_level(file, entry),
    )


def _level(file: YamlFile, entry: Mapping[str, Any]) -> str:
    level = file.text(entry, "french_min", "")
    if level and level not in FRENCH_LEVELS:
        raise file.fault(_("« french_min » : {level} n'est pas un niveau de français").format(level=level))
    return level


def _known(file: YamlFile, entry: Mapping[str, Any], key: str, words: Iterable[str]) -> tuple[str, ...]:
    found = file.texts(entry, key)
    for word in found:
        if word not in words:
            raise file.fault(
                _("« {key} » : {word} n'est pas admis ; mots admis : {words}").format(
                    key=key, word=word, words=", ".join(words)
                )
            )
    return found


def _jobs(file: YamlFile, entry: Mapping[str, Any], name: str) -> tuple[Job, ...]:
    licences, certificates, skills = (
        file.mapping(entry.get(key, {}), key) for key in ("job_licences", "job_certificates", "job_skills")
    )
    common = file.texts(entry, "skills")
    jobs = []
    for line in file.sequence(entry, "jobs"):
        match line:
            case [str() as code, int() | float() as share, str() as title]:
                jobs.append(
                    Job(
                        occupation=code,
                        share=float(share),
                        title=title,
                        licences=_known(file, licences, code, LICENCES),
                        certificates=file.texts(certificates, code),
                        skills=file.texts(skills, code) if code in skills else common,
                    )
                )
            case _other:
                raise file.fault(_("modèle « {id} » : un métier s'écrit [code ROME, part, intitulé]").format(id=name))
    for code in (*licences, *certificates, *skills):
        if code not in {job.occupation for job in jobs}:
            raise file.fault(_("modèle « {id} » : {code} n'est pas un de ses métiers").format(id=name, code=code))
    if jobs and abs(sum(job.share for job in jobs) - 1) > 1e-6:
        raise file.fault(_("modèle « {id} » : les parts des métiers doivent faire 1").format(id=name))
    return tuple(jobs)
