"""report.html: one page for a run, without network or script, to read on a screen and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from matcher.fairness import MIN_GROUP, Fairness, fairness
from matcher.locale import _, current_language
from matcher.reference import reference_versions
from matcher.report import figures, formats, geography, lists, rates, training, words
from matcher.report.context import FileSummary, ReportContext
from matcher.resolve.people import DEFAULT_DISTANCE_KM
from matcher.shortlist import Result

MAX_REJECTED = 200
MAX_REMARKS = 100

__all__ = ["FileSummary", "ReportContext", "report_html"]


def report_html(result: Result, context: ReportContext | None = None, fair: Fairness | None = None) -> str:
    """The page of a run, in the current language; the same inputs give the same bytes. Never raises for data.

    `fair` spares working out the fairness figures twice when the caller has them.
    """
    told = context or ReportContext()
    engine = result.engine
    fair = fair or fairness(result)
    rejected = 0 if told.rejected is None else len(told.rejected)
    page = (
        _environment()
        .get_template("page.html")
        .render(
            lang=current_language(),
            on=engine.options.on,
            files=told.imports,
            people=len(engine.candidates),
            coverage=figures.coverage(result),
            awards=figures.awards(result, told),
            positions=lists.positions(result),
            position_count=len(engine.positions),
            score_name=words.score_name(engine.card),
            score_meaning=words.score_meaning(engine.card),
            map=geography.draw(result),
            exclusions=figures.exclusions(result),
            packs=figures.eligibility(result),
            grounds=figures.grounds(result),
            missing=figures.missing_facts(result),
            training=training.training(result),
            fair=fair,
            rates=rates.rates(fair),
            rejected=figures.rejected_rows(told, MAX_REJECTED),
            rejected_count=rejected,
            remarks=tuple(_remarks(result, told))[:MAX_REMARKS],
            options=tuple(_options(result, told)),
            versions=tuple(_versions(result, told)),
            least=MIN_GROUP,
        )
    )
    return page if page.endswith("\n") else page + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("matcher", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals["_"] = words.said
    made.filters.update(
        whole=formats.whole, number=formats.number, percent=formats.percent, day=formats.day, clip=formats.clip
    )
    return made


def _visible(value: object) -> object:
    """Text without unseen characters; what the templates themselves made stays as it is."""
    return formats.seen(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _remarks(result: Result, told: ReportContext) -> Iterator[str]:
    for file in told.imports:
        yield from map(formats.clip, file.warnings)
    yield from map(formats.clip, result.remarks)


def _options(result: Result, told: ReportContext) -> Iterator[tuple[str, str]]:
    """What the run was asked, in words."""
    options = result.engine.options
    yield _("date des décisions"), formats.day(options.on)
    yield _("personnes par liste, sauf demande du poste"), formats.whole(options.top)
    limit = options.max_per_candidate
    yield _("listes par personne, au plus"), _("sans limite") if limit is None else formats.whole(limit)
    if options.floor:
        yield _("places gardées (plancher)"), formats.plain(options.floor)
    yield _("règles choisies"), formats.plain(options.rules) if options.rules else _("celles de chaque poste")
    yield _("distance acceptée quand elle n'est pas dite"), _("{km} km").format(km=formats.whole(DEFAULT_DISTANCE_KM))
    if options.complete:
        yield _("colonnes dites complètes"), formats.plain(options.complete)
    if options.assume_no:
        yield _("cases vides lues comme « non »"), formats.plain(options.assume_no)
    if options.require_proof:
        yield _("justificatif exigé"), formats.plain(True)
    for key, value in told.options.items():
        yield formats.clip(key), formats.plain(value)


def _versions(result: Result, told: ReportContext) -> Iterator[tuple[str, str]]:
    """Rules, scorecard and reference data, with the start of their SHA-256; run.json has them whole."""
    for name, digest in result.engine.decisions.packs().items():
        yield _("règles {name}").format(name=name), _digest(digest)
    card = result.engine.card
    yield _("grille de score {id}, version {n}").format(id=card.id, n=card.version), _digest(card.sha256)
    for name, version in reference_versions().items():
        origin = _("installé") if version["origin"] == "installed" else _("embarqué")
        yield (
            _("référentiel {name}").format(name=name),
            f"{origin}, {version['version']}, {_digest(version['sha256'])}",
        )
    for key, value in told.versions.items():
        yield formats.clip(key), formats.plain(value)


def _digest(sha256: str) -> str:
    return f"SHA-256 {sha256[:12]}…"
