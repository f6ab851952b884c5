"""The `clausematch` command: options and help. What a command does is in `matcher.commands`, imported late."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

import matcher
from matcher.commands.award_options import AwardOptions, award_options
from matcher.commands.language import name_values, speak, take_language
from matcher.errors import ClausematchError
from matcher.locale import LANGUAGES, _

INTERRUPTED = 130
Command = Callable[..., None]
Decorator = Callable[[Command], Command]


def say(text: str) -> None:
    """Tell the user; results are files, so this goes to the terminal only."""
    click.echo(text)


def warn(text: str) -> None:
    """A word that is not the result: standard error."""
    click.echo(text, err=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with the status of the contract; no traceback ever reaches the user."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    speak(take_language(words))
    sys.exit(_guarded(lambda: build().main(args=words, prog_name="clausematch")))


def _guarded(action: Callable[[], Any]) -> int:
    try:
        action()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except ClausematchError as error:
        warn(_("Erreur : {message}").format(message=error.message))
        if error.mend:
            warn(_("Que faire : {mend}").format(mend=error.mend))
        return error.exit_status
    except KeyboardInterrupt:
        return _interrupted()
    except (OSError, MemoryError) as error:
        warn(_("Erreur : la machine n'a pas pu finir ({reason}).").format(reason=error or type(error).__name__))
        warn(_("Que faire : vérifier la mémoire, le disque et les droits, puis relancer."))
        return 3
    except Exception as error:
        if os.environ.get("CLAUSEMATCH_DEBUG"):
            raise
        # The text of an unforeseen error may hold personal data: only its kind is shown.
        warn(_("Erreur imprévue ({kind}).").format(kind=type(error).__name__))
        warn(_("Que faire : relancer avec CLAUSEMATCH_DEBUG=1 et signaler le problème sans données personnelles."))
        return 1
    return 0


def _interrupted() -> int:
    warn(_("Interrompu ; aucun fichier à moitié écrit n'a été laissé."))
    return INTERRUPTED


class _Commands(click.Group):
    """Commands that say what an interrupt left behind, where the command line library would say that it stopped."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(_interrupted()) from None


def build() -> click.Group:
    """The commands, with their help in the current language."""
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    title = _("Du contrat à clause sociale aux listes de personnes éligibles, classées et expliquées.")
    group = _Commands("clausematch", help=title, context_settings=settings, no_args_is_help=True)
    group.params += [
        click.Option(["--lang"], type=click.Choice(LANGUAGES), default="fr", help=_("Langue : fr ou en.")),
        click.Option(["--version"], is_flag=True, is_eager=True, callback=_version, help=_("Version du programme.")),
    ]
    group.callback = lambda **_chosen: None
    _add_awards(group)
    _add_match(group)
    _add_batch(group)
    _add_feasibility(group)
    _add_training(group)
    _add_people(group)
    _add_data(group)
    for entry in sorted(entry_points(group="clausematch.commands"), key=lambda entry: entry.name):
        entry.load()(group)
    name_values(group)
    return group


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        say(f"clausematch {matcher.__version__}")
        context.exit()


def _file(name: str) -> Decorator:
    return click.argument(name, type=click.Path(path_type=Path))


def _folder(default: str | None = None) -> Decorator:
    text = _("Dossier des résultats.")
    needed = {"default": default, "show_default": True} if default else {"required": True}
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=text, **needed)


def _output(required: bool = True) -> Decorator:
    text = _("Fichier du résultat, en .csv, .xlsx, .json ou .parquet.")
    path = click.Path(path_type=Path)
    return click.option("-o", "--output", type=path, required=required, callback=_named, help=text)


def _named(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    from matcher.commands.inputs import result_file

    return None if path is None else result_file(path)


def _all(*decorators: Decorator) -> Decorator:
    """Several options as one decorator, shown in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _day() -> Decorator:
    return click.option("--on", help=_("Jour de la décision, AAAA-MM-JJ ou JJ/MM/AAAA (par défaut aujourd'hui)."))


def _strict() -> Decorator:
    return click.option("--strict", is_flag=True, help=_("S'arrêter dès qu'une ligne est rejetée."))


def _facts() -> Decorator:
    """How decisions are taken."""
    return _all(
        click.option("--rules", help=_("Règles à appliquer ; pour des postes, celles du mode direct (ccag-2021).")),
        _day(),
        click.option("--assume-no", help=_("Colonnes dont une cellule vide vaut non, séparées par des virgules.")),
        click.option(
            "--require-proof",
            is_flag=True,
            help=_("Sans justificatif vu et valable, une personne éligible reste à vérifier."),
        ),
        _strict(),
    )


def _lists(limit: int | None) -> Decorator:
    """How people are ranked and listed."""
    return _all(
        click.option(
            "--top",
            type=int,
            default=10,
            show_default=True,
            help=_("Personnes par liste quand le poste ne le dit pas."),
        ),
        click.option(
            "--max-per-candidate",
            type=int,
            default=limit,
            show_default=limit is not None,
            help=_("Nombre de listes par personne, au plus."),
        ),
        click.option(
            "--floor", help=_("Part de chaque liste gardée à des bénéficiaires du RSA, si possible : rsa:0.3.")
        ),
        click.option("--complete", help=_("Colonnes dont les listes sont complètes : certificates, skills.")),
        click.option(
            "--scorecard",
            type=click.Path(path_type=Path),
            help=_("Grille de score (JSON) ; par défaut celle d'expert."),
        ),
    )


def _large() -> Decorator:
    """How large runs are made."""
    return _all(
        click.option(
            "--engine",
            type=click.Choice(["local", "dask"]),
            default="local",
            show_default=True,
            help=_("Où chercher : sur ce poste, ou sur une grappe dask existante."),
        ),
        click.option("--scheduler", help=_("Adresse de l'ordonnanceur dask, comme tls://machine:8786.")),
        click.option(
            "--memory", help=_("Mémoire à ne pas dépasser, comme 2G : les personnes sont prises par parties.")
        ),
        click.option(
            "--work",
            type=click.Path(path_type=Path),
            help=_("Dossier des parties finies : la même commande reprend après une interruption."),
        ),
    )


def _outputs() -> Decorator:
    return click.option("--outputs", help=_("Sorties, parmi csv,xlsx,json,contributions,report."))


def _add_awards(group: click.Group) -> None:
    @group.command(help=_("Toute la démarche sur les exemples fournis."))
    @_folder("demo-out")
    def demo(output: Path) -> None:
        from matcher.commands import matching

        matching.demo(output, say)

    @group.command(help=_("Notices d'attribution → heures d'insertion et postes."))
    @_file("awards")
    @_folder()
    @award_options
    @_day()
    @_strict()
    def awards(awards: Path, output: Path, award_options: AwardOptions, on: str | None, strict: bool) -> None:
        from matcher.commands import matching

        matching.awards(awards, award_options, on, strict, output, say)


def _add_match(group: click.Group) -> None:
    @group.command(help=_("Listes courtes, classées et expliquées, pour chaque poste."))
    @_file("candidates")
    @_file("positions")
    @_folder()
    @_lists(None)
    @_facts()
    @_outputs()
    @_large()
    def match(
        candidates: Path,
        positions: Path,
        output: Path,
        outputs: str | None,
        strict: bool,
        engine: str,
        scheduler: str | None,
        memory: str | None,
        work: Path | None,
        **options: Any,
    ) -> None:
        from matcher.commands import matching
        from matcher.commands.inputs import names
        from matcher.commands.parts import PartOptions
        from matcher.commands.people import PairOptions

        given = PairOptions(**options)
        parts = PartOptions(engine, scheduler, memory, work)
        matching.match(candidates, positions, given, names(outputs) or None, strict, output, say, parts)


def _add_batch(group: click.Group) -> None:
    @group.command(help=_("Des notices aux listes courtes en une fois."))
    @_file("awards")
    @_file("candidates")
    @_folder()
    @award_options
    @_lists(3)
    @_facts()
    @_outputs()
    @_large()
    def batch(
        awards: Path,
        candidates: Path,
        output: Path,
        award_options: AwardOptions,
        outputs: str | None,
        strict: bool,
        engine: str,
        scheduler: str | None,
        memory: str | None,
        work: Path | None,
        **options: Any,
    ) -> None:
        from matcher.commands import matching
        from matcher.commands.inputs import names
        from matcher.commands.parts import PartOptions
        from matcher.commands.people import PairOptions

        given = PairOptions(**options)
        parts = PartOptions(engine, scheduler, memory, work)
        matching.batch(awards, candidates, award_options, given, names(outputs) or None, strict, output, say, parts)


def _add_feasibility(group: click.Group) -> None:
    @group.command(help=_("Ce qu'une clause peut porter : personnes éligibles à portée, par métier et lieu."))
    @_file("candidates")
    @_file("awards_or_positions")
    @_output(required=False)
    @award_options
    @_facts()
    def feasibility(
        candidates: Path,
        awards_or_positions: Path,
        output: Path | None,
        award_options: AwardOptions,
        strict: bool,
        **options: Any,
    ) -> None:
        from matcher.commands import matching
        from matcher.commands.people import PairOptions

        chosen = replace(award_options, social=award_options.social or "any")
        matching.feasible(candidates, awards_or_positions, chosen, PairOptions(**options), strict, output, say)


def _add_training(group: click.Group) -> None:
    title = _("Les formations et les démarches qui ouvriraient le plus de postes, par lieu et par mois.")

    @group.command("training-needs", help=title)
    @_file("candidates")
    @_file("positions")
    @click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        required=True,
        help=_("Fichier (.csv, .xlsx, .json, .parquet) ou dossier."),
    )
    @click.option(
        "--weeks", type=int, default=2, show_default=True, help=_("Semaines qu'il faut avant qu'un poste démarre.")
    )
    @click.option(
        "--people",
        type=click.Path(path_type=Path),
        help=_("Fichier des personnes concernées, pour leurs conseillers ; à ne pas transmettre."),
    )
    @click.option("--complete", help=_("Colonnes dont les listes sont complètes : certificates, skills."))
    @_facts()
    def training_needs(
        candidates: Path, positions: Path, output: Path, weeks: int, people: Path | None, strict: bool, **options: Any
    ) -> None:
        from matcher.commands import training
        from matcher.commands.people import PairOptions

        asked = training.TrainingOptions(weeks, people)
        training.needs(candidates, positions, PairOptions(**options), asked, strict, output, say)


def _add_people(group: click.Group) -> None:
    @group.command(help=_("Éligibilité de chaque personne, avec ses motifs."))
    @_file("candidates")
    @_output()
    @click.option("--mode", help=_("Mode de réalisation : direct, ETTI, GEIQ, EI, ACI ou AI."))
    @_facts()
    def eligibility(candidates: Path, output: Path, strict: bool, **options: Any) -> None:
        from matcher.commands import people

        people.eligibility(candidates, people.FactOptions(**options), strict, output, say)

    @group.command(help=_("Pourquoi une personne a ce score, ou n'est pas sur la liste, et ce qui le changerait."))
    @_file("candidates")
    @_file("positions")
    @click.option("--candidate", required=True, help=_("Identifiant de la personne."))
    @click.option("--position", required=True, help=_("Identifiant du poste."))
    @_lists(None)
    @_facts()
    def explain(
        candidates: Path, positions: Path, candidate: str, position: str, strict: bool, **options: Any
    ) -> None:
        from matcher.commands import people

        people.explain(candidates, positions, candidate, position, people.PairOptions(**options), strict, say)

    @group.command(help=_("Paires de lignes qui sont peut-être une seule personne, avec une probabilité."))
    @_file("candidates")
    @_output()
    @click.option(
        "--min-probability",
        type=float,
        default=0.5,
        show_default=True,
        help=_("Probabilité à partir de laquelle lister."),
    )
    @_strict()
    def duplicates(candidates: Path, output: Path, min_probability: float, strict: bool) -> None:
        from matcher.commands import duplicates as command

        command.duplicates(candidates, min_probability, strict, output, say)

    @group.command("company-sheet", help=_("Ce qui peut être transmis à l'employeur sur des personnes choisies."))
    @_file("candidates")
    @_file("positions")
    @click.option("--position", required=True, help=_("Identifiant du poste."))
    @click.option("--candidates", "chosen", required=True, help=_("Identifiants des personnes, séparés par |."))
    @_output()
    @_facts()
    def company_sheet(
        candidates: Path, positions: Path, position: str, chosen: str, output: Path, strict: bool, **options: Any
    ) -> None:
        from matcher.commands import people

        given = people.PairOptions(**options)
        people.sheet(candidates, positions, position, chosen, given, strict, output, say)


def _add_data(group: click.Group) -> None:
    rules = click.Group("rules", help=_("Règles d'éligibilité : liste, texte, vérification."))
    reference = click.Group("reference", help=_("Données de référence : installer, voir."))
    group.add_command(rules)
    group.add_command(reference)

    @rules.command("list", help=_("Les règles disponibles."))
    def rules_list() -> None:
        from matcher.commands import data

        data.rules_list(say)

    @rules.command("show", help=_("Le texte d'un jeu de règles (identifiant ou fichier), ses sources, ses preuves."))
    @click.argument("pack")
    def rules_show(pack: str) -> None:
        from matcher.commands import data

        data.rules_show(pack, say)

    @rules.command("check", help=_("Vérifier un jeu de règles (identifiant ou fichier)."))
    @click.argument("pack")
    def rules_check(pack: str) -> None:
        from matcher.commands import data

        data.rules_check(pack, say)

    @reference.command("install", help=_("Installer les fichiers officiels (ROME, communes, CPV) d'un dossier."))
    @_file("folder")
    def reference_install(folder: Path) -> None:
        from matcher.commands import data

        data.reference_install(folder, say)

    @reference.command("show", help=_("Les données de référence en service."))
    def reference_show() -> None:
        from matcher.commands import data

        data.reference_show(say)

    @group.command(help=_("Intitulés de métiers (colonnes id et title) → codes."))
    @_file("queries")
    @_output()
    @click.option(
        "--taxonomy", type=click.Path(path_type=Path), help=_("Tableau code, label ; par défaut le ROME en service.")
    )
    @click.option("--top", type=int, default=5, show_default=True, help=_("Réponses par intitulé."))
    @_strict()
    def titles(queries: Path, output: Path, taxonomy: Path | None, top: int, strict: bool) -> None:
        from matcher.commands import data

        data.titles(queries, taxonomy, top, strict, output, say)
