"""What a form brings: bounded fields and files, each as it was typed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from matcher.locale import _
from service.bodies import read_body
from service.problems import Problem
from service.settings import Settings

MOST_FIELDS, MOST_FILES = 3000, 1
LONGEST_FIELD = 1 << 20
LARGEST_PLAIN_FORM = 4 << 20


@dataclass(frozen=True)
class Upload:
    """A file that was sent: its bytes and the name it had."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Form:
    """The fields of a form, in the order of the page; a name may come several times."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    files: Mapping[str, Upload] = field(default_factory=dict, repr=False)

    def one(self, name: str, otherwise: str = "") -> str:
        """The last value of a field, without spaces around."""
        values = self.fields.get(name)
        return values[-1].strip() if values else otherwise

    def every(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return self.fields.get(name, ())

    def file(self, name: str) -> Upload | None:
        """The file of a field, None when none was chosen."""
        found = self.files.get(name)
        return found if found is not None and (found.name or found.content) else None


NOTHING = Form()


async def read_form(request: Request, settings: Settings) -> Form:
    """The form of a request. Raises Problem when it is no form, or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, settings)
    if kind == "multipart/form-data":
        return await _multipart(request, body)
    if kind not in ("application/x-www-form-urlencoded", "") or len(body) > LARGEST_PLAIN_FORM:
        raise _unreadable()
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _unreadable() from None
    return Form({name: tuple(values) for name, values in found.items()})


async def _multipart(request: Request, body: bytes) -> Form:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, stream(), max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD
    )
    try:
        data = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise _unreadable() from None
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, Upload] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            files[name] = Upload(value.filename or "", await value.read())
            await value.close()
        else:
            fields[name] = (*fields.get(name, ()), value)
    return _whole(Form(fields, files))


def _whole(form: Form) -> Form:
    """The form, when all of its words can be written again: some declared charsets give halves of characters."""
    words = [*form.fields, *(value for values in form.fields.values() for value in values)]
    try:
        "".join([*words, *form.files, *(file.name for file in form.files.values())]).encode()
    except UnicodeEncodeError:
        raise _unreadable() from None
    return form


def in_words(problem: Problem, labels: Mapping[str, str]) -> Problem:
    """The same refusal for somebody before a form: each wrong field is called as the form calls it."""
    said = [
        _("{label} : {text}").format(label=labels[name], text=text) if name in labels else text
        for name, text in problem.fields.items()
    ]
    return replace(problem, detail=" ; ".join(said)) if said else problem


def _unreadable() -> Problem:
    return Problem("malformed", _("Ce formulaire n'est pas lisible. Recharger la page, puis recommencer."))
