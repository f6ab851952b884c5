"""The language of the command line: chosen before the help is built, and what the help says of an option's value."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import click

from matcher.locale import LANGUAGES, N_, _, current_language, set_language

# What an option takes, by the name that the command-line library has for it.
VALUES: Mapping[str, str] = {
    "text": N_("TEXTE"),
    "integer": N_("ENTIER"),
    "integer range": N_("ENTIER"),
    "float": N_("NOMBRE"),
    "float range": N_("NOMBRE"),
}


def take_language(words: list[str]) -> str:
    """The language, known before the help is built; `--lang` is taken out of `words` wherever it stands.

    One that is not offered is left in place, for the command line to refuse in words.
    """
    for i, (word, following) in enumerate(pairwise([*words, ""])):
        given = (
            following if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else None
        )
        if given in LANGUAGES:
            del words[i : i + (2 if word == "--lang" else 1)]
            return given
    return "fr"


def speak(language: str) -> None:
    """Use a language, in our words and in those of the command-line library."""
    set_language(language)
    # The command-line library takes its own words from the gettext domain `messages`, by the environment's language.
    gettext.bindtextdomain("messages", str(Path(__file__).parents[1] / "locale"))
    os.environ["LANGUAGE"] = current_language()


def name_values(command: click.Command) -> None:
    """Say in the current language what each option takes, in a command and those below it."""
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag and option.type.name in VALUES:
            option.metavar = _(VALUES[option.type.name])
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        name_values(below)
