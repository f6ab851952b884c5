"""The commands that make shortlists: awards, match, batch and the demonstration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.awards import Conversion, ConversionOptions, convert, import_awards
from matcher.commands.award_options import AwardOptions
from matcher.commands.inputs import REJECTED, all_rejected, beside, read_jobs, read_people, today, usable
from matcher.commands.parts import WHOLE, InParts, PartOptions, chosen_in_parts, cut
from matcher.commands.people import PairOptions
from matcher.commands.progress import bar
from matcher.engine import Engine
from matcher.errors import NothingUsable, UnreadableFile
from matcher.export import Origin, chosen_outputs, result_counts, sha256_by_name, sha256_of, whole_folder
from matcher.feasibility import feasibility
from matcher.locale import _
from matcher.pipeline import Match, run
from matcher.report import FileSummary, ReportContext
from matcher.schema import AWARDS, CANDIDATES, POSITIONS
from matcher.scoring import load_scorecard
from matcher.tables import Import, write_table

Say = Callable[[str], None]
DEMO_DATE = "2026-09-01"  # the date of the committed samples, see data_samples/DATASHEET.md


@dataclass(frozen=True)
class Inputs:
    """What a run was given: files as read, and the conversion of awards when there was one."""

    people: Import
    jobs: pd.DataFrame
    paths: Sequence[Path]
    jobs_import: Import | None = None
    conversion: Conversion | None = None
    award_options: ConversionOptions | None = None
    parts: InParts | None = None

    @property
    def imports(self) -> list[Import]:
        return [self.people] if self.jobs_import is None else [self.people, self.jobs_import]

    @property
    def sha256(self) -> dict[str, str]:
        """File name → SHA-256; a folder counts by its files."""
        files = sha256_by_name([path for path in self.paths if path.is_file()])
        return files if self.parts is None else {**files, **self.parts.crowd.sources}

    def origin(self, command: str, counts: Mapping[str, int]) -> Origin:
        """What `run.json` says of the files, and of the conversion of awards."""
        given = self.award_options
        if given is None:
            return Origin(command, self.sha256, counts, tuple(self.remarks))
        tables = {"hours": given.defaults, "templates": given.templates}
        return Origin(
            command,
            self.sha256,
            counts,
            tuple(self.remarks),
            options={"social": given.social, "place": given.place, "months": given.months},
            reference={name: {"sha256": sha256_of(path)} for name, path in tables.items()},
        )

    @property
    def rejected(self) -> pd.DataFrame:
        tables = [one.rejected for one in self.imports]
        return all_rejected([*tables, self.conversion.rejected] if self.conversion else tables)

    @property
    def remarks(self) -> list[str]:
        told = [warning for one in self.imports for warning in one.warnings]
        return [*told, *(self.conversion.warnings if self.conversion else ())]


def awards(path: Path, options: AwardOptions, on: str | None, strict: bool, folder: Path, say: Say) -> None:
    """Write awards.csv, positions.csv and rejected.csv."""
    made = _converted(path, options.conversion(on), strict, folder)
    _write({**_award_tables(made), REJECTED: made.rejected}, folder)
    for warning in made.warnings:
        say(warning)
    say(_awards_line(made))
    say(_("Écrit dans {folder} : awards.csv, positions.csv, rejected.csv").format(folder=folder))


def _converted(path: Path, chosen: ConversionOptions, strict: bool, folder: Path | None) -> Conversion:
    found = import_awards(path, today=today())
    usable([found], folder, strict=strict)
    return convert(found, chosen)


def _award_tables(made: Conversion) -> dict[str, pd.DataFrame]:
    return {"awards.csv": made.shown_awards(), "positions.csv": made.shown_positions()}


def _write(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    with whole_folder(folder) as staging:
        for name, table in tables.items():
            write_table(table, staging / name)


def _awards_line(made: Conversion) -> str:
    return _("{read} notices lues : {selected} retenues, {positions} postes, {rejected} rejetées.").format(
        read=made.read,
        selected=int(made.awards["selected"].sum()),
        positions=len(made.positions),
        rejected=len(made.rejected),
    )


def match(
    candidates: Path,
    positions: Path,
    options: PairOptions,
    outputs: Sequence[str] | None,
    strict: bool,
    folder: Path,
    say: Say,
    parts: PartOptions = WHOLE,
) -> Match:
    """Shortlists for every position of a file."""
    with cut(candidates, parts, outputs) as pieces:
        people = pieces.crowd.summary if pieces else read_people(candidates)
        jobs = read_jobs(positions, options.rules)
        usable([people, jobs], folder, strict=strict)
        given = Inputs(people, jobs.table, [candidates, positions], jobs_import=jobs, parts=pieces)
        return _run("match", given, options, outputs, folder, say)


def batch(
    notices: Path,
    candidates: Path,
    award_options: AwardOptions,
    options: PairOptions,
    outputs: Sequence[str] | None,
    strict: bool,
    folder: Path,
    say: Say,
    parts: PartOptions = WHOLE,
) -> Match:
    """Awards to shortlists in one go."""
    options.engine_options()
    chosen = award_options.conversion(options.on)
    made = _converted(notices, chosen, strict, folder)
    with cut(candidates, parts, outputs) as pieces:
        people = pieces.crowd.summary if pieces else read_people(candidates)
        usable([people], folder, strict=strict)
        given = Inputs(
            people,
            made.positions,
            [notices, candidates],
            conversion=made,
            award_options=chosen,
            parts=pieces,
        )
        say(_awards_line(made))
        if not len(made.positions):
            _write({**_award_tables(made), REJECTED: given.rejected}, folder)
            raise NothingUsable(
                _("Aucune notice de {file} ne donne de poste.").format(file=notices.name),
                _("Voir la colonne reason de awards.csv, ou élargir --social et --place."),
            )
        return _run("batch", given, options, outputs, folder, say)


def feasible(
    candidates: Path,
    path: Path,
    award_options: AwardOptions,
    options: PairOptions,
    strict: bool,
    output: Path | None,
    say: Say,
) -> None:
    """How many eligible people live within reach of each occupation and place of a file of positions or awards: told,
    or written with the rejected rows beside."""
    folder = None if output is None else output.parent
    people = read_people(candidates)
    usable([people], folder, strict=strict)
    given = _people_and_jobs(people, [candidates, path], award_options, options, strict, folder)
    engine = Engine(people.table, given.jobs, options.engine_options(), load_scorecard(options.scorecard))
    table = feasibility(engine)
    for remark in (*given.remarks, *engine.remarks, *engine.decisions.warnings()):
        say(remark)
    if output is None:
        for line in table.itertuples(index=False):
            say(_feasible_line(line))
    else:
        write_table(table.replace("", None), output)
        write_table(given.rejected, beside(output))
    good = int((table["hours_possible"] >= 3 * table["hours_due"]).sum())
    text = _("{count} couples métier et lieu ; {good} où la clause est réaliste.").format(count=len(table), good=good)
    say(text if output is None else text + " " + _("Écrit : {file}").format(file=output))


def _feasible_line(line: Any) -> str:
    rules = " ".join(filter(None, (line.rules, line.mode, line.categories))).replace("|", ", ")
    return _(
        "– {label} {occupation}, {place} ({rules}) : à portée, {eligible} éligibles et {to_verify} à vérifier, "
        "{interested} intéressées ; {possible} h possibles pour {due} h dues : {verdict}"
    ).format(
        label=line.label,
        occupation=line.occupation,
        place=line.place,
        rules=rules,
        eligible=line.eligible,
        to_verify=line.to_verify,
        interested=line.interested,
        possible=line.hours_possible,
        due=line.hours_due,
        verdict=line.verdict,
    )


def _people_and_jobs(
    people: Import,
    paths: Sequence[Path],
    award_options: AwardOptions,
    options: PairOptions,
    strict: bool,
    folder: Path | None,
) -> Inputs:
    """People with the positions of the second file, be it of positions or of awards: a file that names no work is not
    one of positions."""
    path = paths[-1]
    try:
        jobs = read_jobs(path, options.rules)
    except UnreadableFile:
        jobs = None
    if jobs is None or jobs.table[["occupation", "title"]].isna().all(axis=None):
        made = _converted(path, award_options.conversion(options.on), strict, folder)
        if not len(made.positions):
            raise NothingUsable(
                _("Aucune notice de {file} ne donne de poste.").format(file=path.name),
                _("Voir pourquoi avec : clausematch awards {file} -o DOSSIER").format(file=path.name),
            )
        return Inputs(people, made.positions, paths, conversion=made)
    usable([jobs], folder, strict=strict)
    return Inputs(people, jobs.table, paths, jobs_import=jobs)


def demo(folder: Path, say: Say) -> Match:
    """The whole main job on the committed samples."""
    samples = Path(str(files("data_samples")))
    options = PairOptions(on=DEMO_DATE, max_per_candidate=3)
    say(_("Démonstration sur des personnes et des notices inventées, au {day}.").format(day=DEMO_DATE))
    social = AwardOptions(social="Clause sociale|Marché réservé")
    result = batch(samples / "awards.json", samples / "candidates.csv", social, options, None, False, folder, say)
    _summary_table(result, say)
    say(_("Rapport à ouvrir dans un navigateur : {path}").format(path=(folder / "report.html").resolve()))
    return result


def _summary_table(result: Match, say: Say) -> None:
    """One line per position: what it is, who is asked, who is listed, who is first."""
    counts = result.shortlists.groupby("position_id").size()
    first = result.shortlists.drop_duplicates("position_id").set_index("position_id")
    header = f"{_('poste'):<24} {_('intitulé'):<38} {_('places'):>6} {_('listées'):>7}  {_('en tête')}"
    say("")
    say(header)
    say("-" * len(header))
    for row in result.engine.positions.itertuples(index=False):
        key: Any = row.position_id
        lead = f"{first.loc[key, 'candidate_id']} ({first.loc[key, 'score']})" if key in first.index else "–"
        title = str(row.title)[:38]
        say(f"{str(key)[-24:]:<24} {title:<38} {row.openings:>6.0f} {int(counts.get(key, 0)):>7}  {lead}")
    say("")


def _run(
    command: str, given: Inputs, options: PairOptions, outputs: Sequence[str] | None, folder: Path, say: Say
) -> Match:
    """Match, then write every output, whole or not at all."""
    asked, card = options.engine_options(), load_scorecard(options.scorecard)
    counts = {"rejected": len(given.rejected)}
    if given.parts is None:
        engine = Engine(given.people.table, given.jobs, asked, card)
        chosen_outputs(outputs, len(engine.positions))  # a wrong name stops the run before the work
        result = run(engine, bar(_("postes")))
    else:
        outputs = chosen_in_parts(outputs, len(given.jobs))
        result = given.parts.match(given.jobs, asked, card)
        counts["people"] = len(given.parts.crowd)
    tables = {REJECTED: given.rejected}
    if given.conversion:
        counts |= {"awards": given.conversion.read, "selected": int(given.conversion.awards["selected"].sum())}
        tables |= _award_tables(given.conversion)
    written = result.save(
        folder, outputs, origin=given.origin(command, counts), tables=tables, context=_context(given)
    )
    for remark in (*given.remarks, *result.remarks):
        say(remark)
    say(
        _(
            "{positions} postes ; {listed} places sur les listes, {people_listed} personnes, {to_verify} à vérifier."
        ).format(**result_counts(result))
    )
    say(_("Écrit dans {folder} : {files}").format(folder=folder, files=", ".join(path.name for path in written)))
    return result


def _context(given: Inputs) -> ReportContext:
    """What the report says of the files that came in."""
    kinds = [_(CANDIDATES.title), _(POSITIONS.title)]
    files = [FileSummary.of(one, kind) for one, kind in zip(given.imports, kinds, strict=False)]
    made = given.conversion
    if made:
        files.append(
            FileSummary(
                given.paths[0].name, _(AWARDS.title), made.read, len(made.awards), len(made.rejected), made.warnings
            )
        )
    return ReportContext(tuple(files), made.shown_awards() if made else None, given.rejected)
