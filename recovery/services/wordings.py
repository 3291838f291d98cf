"""Wordings of messages: written by one person, approved by another, retired by either. Nothing is edited in place."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.languages import language_code
from recovery.contacting.scripts import Wording, problems
from recovery.errors import InvalidActError
from recovery.models import MessageTemplate
from recovery.vocabulary import OutreachChannel, Topic

KIND = "recovery.messagetemplate"


@transaction.atomic
def write_wording(
    topic: Topic, language: str, wording: Wording, *, actor: User | None, now: datetime, request_id: str = ""
) -> MessageTemplate:
    """Write the next version for a topic, channel and language; it is used once somebody else approves it.

    Raises InvalidActError with what is wrong with the words.
    """
    wrong = problems(wording)
    if wrong:
        raise InvalidActError(" ".join(wrong))
    code = language_code(language)
    same = MessageTemplate.objects.filter(topic=topic, channel=wording.channel, language=code)
    newest = same.aggregate(newest=Max("version"))["newest"] or 0
    made = MessageTemplate.objects.create(
        topic=topic,
        channel=wording.channel,
        language=code,
        version=newest + 1,
        subject=wording.subject.strip(),
        body=wording.body.strip(),
        written_by=actor,
        written_at=now,
    )
    _note(made, "write", actor, now, request_id)
    return made


@transaction.atomic
def approve_wording(template_id: int, *, actor: User, now: datetime, request_id: str = "") -> MessageTemplate:
    """Put a version in use, in the place of the one before. Raises InvalidActError for one's own or a stale one."""
    made = MessageTemplate.objects.select_for_update().get(pk=template_id)
    if made.approved_at is not None or made.retired_at is not None:
        raise InvalidActError("Somebody was faster: it is not waiting for approval any more.")
    if made.written_by_id == actor.pk:
        raise InvalidActError("Somebody else approves what you wrote.")
    wrong = problems(Wording(OutreachChannel(made.channel), made.body, made.subject))
    if wrong:
        raise InvalidActError(" ".join(wrong))
    made.approved_by, made.approved_at = actor, now
    made.save(update_fields=["approved_by", "approved_at"])
    before = MessageTemplate.objects.filter(topic=made.topic, channel=made.channel, language=made.language)
    before.filter(approved_at__isnull=False, retired_at__isnull=True).exclude(pk=made.pk).update(retired_at=now)
    _note(made, "approve", actor, now, request_id)
    return made


@transaction.atomic
def retire_wording(template_id: int, *, actor: User, now: datetime, request_id: str = "") -> None:
    """Take a version out of use; messages in its language stop. Raises InvalidActError where it is out of use."""
    made = MessageTemplate.objects.get(pk=template_id)
    if not MessageTemplate.objects.filter(pk=template_id, retired_at__isnull=True).update(retired_at=now):
        raise InvalidActError("It is out of use already.")
    _note(made, "retire", actor, now, request_id)


def _note(made: MessageTemplate, verb: str, actor: User | None, now: datetime, request_id: str) -> None:
    detail = {"verb": verb, "topic": made.topic, "channel": made.channel, "language": made.language}
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=KIND,
        subjects=[made.pk],
        detail=detail | {"version": made.version},
        now=now,
        request_id=request_id,
    )
