"""The technical log of a server: one JSON object per line on standard error, without personal data.

Only the code of the service says what a line holds. Other libraries' messages may repeat what they were given (an
address, a row, the text of an exception): of theirs, only the logger, the place and the kind of error are kept.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

OURS = ("clausematch", "service")
PLACES = 6

# Not configured globally: applications made by tests and by other programs keep their own way of logging.
log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
    logging.getLogger("clausematch.service"),
    processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
)


def place(error: BaseException) -> str:
    """Where an error came from, innermost last, without its text: that may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)


def start(stream: TextIO | None = None) -> None:
    """Log to this stream from now on (standard error by default), unforeseen errors of threads and warnings too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = lambda _kind, error, _trace: _unforeseen(error)
    threading.excepthook = lambda given: _unforeseen(given.exc_value)


def _unforeseen(error: BaseException | None) -> None:
    if error is not None:
        log.error("unforeseen", kind=type(error).__name__, at=place(error))


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_only_the_place],
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_exception_text,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _only_the_place(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A record made with the standard library: ours in full, others' without a word of what they were given."""
    record: logging.LogRecord = event["_record"]
    if record.name.split(".")[0] not in OURS:
        event["event"] = "message"
        event["from"] = f"{record.name} {record.filename}:{record.lineno}"
    return event


def _without_exception_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["kind"], event["where"] = type(error).__name__, place(error)
    event.pop("stack_info", None)
    return event
