"""Logs: one JSON object a line, and nothing that a row or a sender said."""

import json
import logging

import psycopg
import pytest
import structlog
from django.db import IntegrityError, connection

from config.logs import clean_text, describe_error


class Lines(logging.Handler):
    """Collects what the configured formatter makes of each record."""

    def __init__(self):
        super().__init__()
        self.setFormatter(logging.getLogger().handlers[0].formatter)
        self.lines = []

    def emit(self, record):
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines():
    handler = Lines()
    logger = logging.getLogger("desk.test")
    logger.addHandler(handler)
    logger.propagate = False
    structlog.contextvars.clear_contextvars()
    yield handler.lines
    logger.removeHandler(handler)


def cause_conflict():
    """Make PostgreSQL quote a row in its DETAIL."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE people (name text CONSTRAINT one_name UNIQUE)")
        cursor.execute("INSERT INTO people VALUES ('Erika Mustermann'), ('Erika Mustermann')")


def test_a_database_error_is_told_without_the_row(db, lines):
    try:
        cause_conflict()
    except IntegrityError:
        structlog.get_logger("desk.test").exception("storing failed", batch=7)

    assert len(lines) == 1
    assert "Mustermann" not in json.dumps(lines)
    assert {key: lines[0][key] for key in ("event", "level", "batch", "error", "sqlstate", "constraint")} == {
        "event": "storing failed",
        "level": "error",
        "batch": 7,
        "error": "django.db.utils.IntegrityError",
        "sqlstate": "23505",
        "constraint": "one_name",
    }
    assert lines[0]["frames"][0].endswith("test_a_database_error_is_told_without_the_row")


def test_a_librarys_log_goes_the_same_way(lines):
    try:
        int("Erika Mustermann")
    except ValueError:
        logging.getLogger("desk.test").exception("reading %s failed", 12)

    assert "Mustermann" not in json.dumps(lines)
    assert (lines[0]["event"], lines[0]["error"]) == ("reading 12 failed", "builtins.ValueError")


def test_payload_fields_are_dropped(lines):
    structlog.get_logger("desk.test").info("stored", body="MSH|^~\\&|...", raw=b"PID", message_id=4)

    assert {key: value for key, value in lines[0].items() if key != "timestamp"} == {
        "event": "stored",
        "message_id": 4,
        "level": "info",
        "logger": "desk.test",
    }


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("job failed\nTraceback (most recent call last):\n  ValueError: Erika", "job failed"),
        ("duplicate key\nDETAIL:  Key (name)=(Erika)", "duplicate key"),
        ("bad value\nCONTEXT:  COPY people, line 1, column name: Erika", "bad value"),
        ("syntax\nLINE 1: SELECT 'Erika'", "syntax"),
        ("two\nlines", "two\nlines"),
        ("x" * 600, "x" * 500),
    ],
    ids=["traceback", "detail", "context", "statement", "harmless", "long"],
)
def test_texts_are_cut_before_they_quote(text, kept):
    assert clean_text(text) == kept


def test_a_driver_error_of_its_own_is_described_too():
    assert describe_error(psycopg.errors.UniqueViolation("Key (name)=(Erika) exists")) == {
        "error": "psycopg.errors.UniqueViolation",
        "frames": [],
        "sqlstate": "23505",
    }
