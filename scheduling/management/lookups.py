"""What commands find by the words of a command line; what is not there is a CommandError in one sentence."""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils.dateparse import parse_datetime

from accounts.models import Source, User
from scheduling.models import MappingRevision


def find_source(key: str) -> Source:
    """The source of this key."""
    source = Source.objects.filter(key=key).first()
    if source is None:
        raise CommandError(f"There is no source {key}.")
    return source


def find_actor(username: str) -> User:
    """The active user who answers for what is done."""
    actor = User.objects.filter(username=username, is_active=True).first()
    if actor is None:
        raise CommandError(f"There is no active user {username}.")
    return actor


def find_revision(source: Source, number: int) -> MappingRevision:
    """The source's revision of this number."""
    revision = MappingRevision.objects.filter(source=source, number=number).first()
    if revision is None:
        raise CommandError(f"{source.key} has no revision {number}.")
    return revision


def moment(text: str | None, option: str) -> datetime | None:
    """The moment an option names, aware; None where it is not given."""
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError as error:
        raise CommandError(f"{option} is not a moment in time.") from error
    if found is None or found.tzinfo is None:
        raise CommandError(f"{option} needs a zone, such as 2026-03-01T00:00:00+00:00.")
    return found


def numbers(text: str, option: str) -> list[int]:
    """The numbers an option lists."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise CommandError(f"{option} takes numbers separated by commas, such as 1,2,5.") from error
