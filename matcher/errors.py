"""The one exception tree. Every error says what is wrong and where (`message`) and how to mend it (`mend`)."""

from __future__ import annotations

from typing import ClassVar


class ClausematchError(Exception):
    """Base of every expected error; `exit_status` is the command's, `code` is stable for machines, `field` is what
    was given wrong, where it has a name."""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, mend: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class UsageError(ClausematchError):
    """The command, option or argument cannot be used as given."""

    code = "usage"
    exit_status = 2


class UnreadableFile(ClausematchError):
    """A file is missing, empty, damaged or not of the format its content claims."""

    code = "unreadable_file"
    exit_status = 2


class NirRefused(ClausematchError):
    """A column holds social security numbers; nothing more of the file was read."""

    code = "nir_refused"
    exit_status = 2


class StrictRejection(ClausematchError):
    """`--strict` was asked and at least one row was rejected."""

    code = "rejected_rows"
    exit_status = 2


class NothingUsable(ClausematchError):
    """Every row was rejected, or there was none."""

    code = "nothing_usable"
    exit_status = 1


class CheckFailed(ClausematchError):
    """A check the user asked for did not pass."""

    code = "check_failed"
    exit_status = 1


class EnvironmentFault(ClausematchError):
    """The machine failed the run: disk, rights, port, scheduler."""

    code = "environment"
    exit_status = 3
