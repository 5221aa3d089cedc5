"""Structured logs (structlog): what an operator needs, and nothing that a member said.

An exception is logged by its type and the places it passed, never by its text: texts of errors
may quote what was being worked on.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

Log = structlog.stdlib.BoundLogger


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{f.name}:{f.lineno}" for f in traceback.extract_tb(trace)[-8:]]


def _exception_without_text(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()[1]
    if isinstance(found, BaseException):
        event["exception"] = type(found).__name__
        event["places"] = _places(found.__traceback__)
    return event


def set_up_logs(level: str) -> None:
    """Log lines as JSON to standard error, from `level` up. Libraries are heard from errors up,
    but without their texts: python-socketio and aiohttp would quote packets."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_without_text,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers = [_LibraryHandler()]
    logging.root.setLevel(logging.ERROR)


class _LibraryHandler(logging.Handler):
    """A library's log record: who said it and what kind of error it was."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        get_log().error("library", logger=record.name, exc_info=error)


def get_log() -> Log:
    """The logger of the process."""
    found: Log = structlog.get_logger()
    return found
