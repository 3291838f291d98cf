"""What a person makes of a reply: each reply is answered once, by somebody, with an effect that is written down."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.errors import GuardRefusedError
from recovery.models import Reply
from recovery.services.apply_reply import take_step
from recovery.services.consent_by_reply import start_messages, stop_messages
from recovery.vocabulary import NextStep, ReplyAnswer

SUBJECT = "recovery.reply"
STEPS = {
    ReplyAnswer.VISIT: NextStep.SUPERVISOR,
    ReplyAnswer.CALL: NextStep.CALL_BACK,
}
EFFECTS = {
    ReplyAnswer.VISIT: "They cancel the visit: it is to be cancelled in the EHR.",
    ReplyAnswer.CALL: "To be called back.",
    ReplyAnswer.DONE: "Answered.",
}


@transaction.atomic
def answer_reply(reply_id: int, answer: ReplyAnswer, *, actor: User, now: datetime, request_id: str = "") -> Reply:
    """Say what a reply meant, and do it. Raises GuardRefusedError when somebody was faster."""
    rows = Reply.objects.select_related("outbound__attempt").select_for_update(of=("self",))
    reply = rows.get(pk=reply_id)
    if reply.handled_at is not None:
        who = str(reply.handled_by) if reply.handled_by is not None else "The desk itself"
        raise GuardRefusedError("answered", f"{who} answered it already.", changed_at=reply.handled_at)
    reply.effect = _do(reply, answer, actor, now)[:200]
    reply.handled_at, reply.handled_by = now, actor
    reply.save(update_fields=["effect", "handled_at", "handled_by"])
    attempt = reply.outbound.attempt if reply.outbound is not None else None
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[reply.pk],
        patients=[attempt.patient_id] if attempt is not None else [],
        clinic=attempt.clinic_id if attempt is not None else None,
        detail={"verb": "answer", "answer": str(answer)},
        now=now,
        request_id=request_id,
    )
    return reply


def _do(reply: Reply, answer: ReplyAnswer, actor: User, now: datetime) -> str:
    if answer == ReplyAnswer.STOP:
        return stop_messages(reply, now=now)
    if answer == ReplyAnswer.START:
        return start_messages(reply, now=now)
    item_id = reply.outbound.attempt.item_id if reply.outbound is not None else None
    if item_id is not None and answer in STEPS:
        take_step(item_id, STEPS[answer], reply, reason=answer, actor=actor, now=now)
    return EFFECTS[answer]
