"""The draft that an edit goes into: the one the person has seen, or a new one begun from what is in force."""

from datetime import datetime

from django.db import transaction

from accounts.models import Source, User
from scheduling.mapping.errors import StaleRevisionError
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models.mapping import MappingPublication, MappingRevision
from scheduling.services.mapping.revisions import start_draft

GONE = "This draft is not open any more."
BEGUN = "A draft of yours was begun meanwhile."


@transaction.atomic
def draft_to_edit(
    source: Source, *, number: int | None, version: int | None, actor: User, now: datetime
) -> MappingRevision:
    """The draft of this number at the version the person has seen; without a number a new one is begun.

    The edit that follows refuses a version that has moved on. Raises StaleRevisionError where the draft is not open
    any more, or where the person saw no draft and has one by now.
    """
    if number is not None:
        draft = MappingRevision.objects.filter(source=source, number=number, state=RevisionState.DRAFT).first()
        if draft is None:
            raise StaleRevisionError(GONE)
        draft.version = version or 0
        return draft
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    if MappingRevision.objects.filter(source=source, author=actor, state=RevisionState.DRAFT).exists():
        raise StaleRevisionError(BEGUN)
    return begin_draft(source, actor=actor, now=now)


def begin_draft(source: Source, *, actor: User, now: datetime) -> MappingRevision:
    """A new draft of a person, a copy of what is in force now."""
    published = MappingPublication.objects.filter(source=source, effective_from__lte=now).select_related("revision")
    newest = published.order_by("-number").first()
    day = now.astimezone(source.zone)
    title = f"Changes of {day.day} {day:%b %Y}"
    return start_draft(source, title=title, actor=actor, now=now, based_on=newest.revision if newest else None)
