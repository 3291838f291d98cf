"""Logs as one JSON object a line, without anything a patient could be known by."""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]
TRACEBACK_START = "Traceback (most recent call last)"
# Field names that could carry what a sender or a person wrote; their values never reach a log.
PAYLOAD_KEYS = frozenset({"body", "payload", "raw", "request", "params", "sql", "data"})
MAX_TEXT = 500


def describe_error(error: BaseException) -> dict[str, Any]:
    """Say what failed and where, without the message.

    PostgreSQL puts the offending row into DETAIL and CONTEXT, and Python puts the
    offending value into ValueError, so no message is safe. Type, SQLSTATE, constraint
    and the frames (file, line, function) stay.
    """
    frames = traceback.extract_tb(error.__traceback__)
    described: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-20:]],
    }
    database = error if hasattr(error, "sqlstate") else error.__cause__
    if sqlstate := getattr(database, "sqlstate", None):
        described["sqlstate"] = sqlstate
    if constraint := getattr(getattr(database, "diag", None), "constraint_name", None):
        described["constraint"] = constraint
    return described


def replace_traceback(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put the description of an error where its traceback would stand."""
    exc_info: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    record: logging.LogRecord | None = event.get("_record")
    if exc_info is None and record is not None:
        exc_info = record.exc_info
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        event.update(describe_error(error))
    return event


def drop_payloads(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Remove payload fields, and cut texts before any traceback, DETAIL or CONTEXT that a library wrote into them."""
    for key in PAYLOAD_KEYS & event.keys():
        del event[key]
    return {key: clean_text(value) if isinstance(value, str) else value for key, value in event.items()}


def clean_text(text: str) -> str:
    """Keep the part of a log line that cannot hold a row's values."""
    for marker in (TRACEBACK_START, "\nDETAIL:", "\nCONTEXT:", "\nLINE "):
        text = text.partition(marker)[0]
    return text.rstrip()[:MAX_TEXT]


def shared_processors() -> list[Any]:
    """What every line gets, whoever wrote it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def configure_structlog() -> None:
    """Hand structlog's lines to the standard library's loggers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared_processors(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, level: str) -> dict[str, Any]:
    """Return the dictConfig that sends every logger, structlog's and the libraries', through the same processors."""
    configure_structlog()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared_processors(),
                "processors": [
                    replace_traceback,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    drop_payloads,
                    structlog.processors.JSONRenderer(default=str),
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would mail and print requests; everything goes through the root instead.
            "django": {"level": level, "propagate": True, "handlers": []},
            "django.server": {"level": level, "propagate": True, "handlers": []},
            "django.db.backends": {"level": "WARNING", "propagate": True},
            "rq.worker": {"level": level, "propagate": True, "handlers": []},
        },
    }
