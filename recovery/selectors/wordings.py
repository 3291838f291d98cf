"""The wording for a message and what fills its gaps."""

from datetime import datetime

from accounts.models import Clinic
from recovery.contacting.languages import language_code
from recovery.contacting.scripts import Script, Wording, render, say_day
from recovery.models import ContactPolicy, MessageTemplate, QueueItem
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.models import Patient

HOUSE_LANGUAGE = "en"  # of whoever states none


def wordings_for(topic: Topic, language: str, at: datetime) -> dict[OutreachChannel, MessageTemplate]:
    """By channel the wording in use for a topic in a language; one query. No stated language is English."""
    code = language_code(language) or HOUSE_LANGUAGE
    rows = MessageTemplate.objects.in_use(at).filter(topic=topic, language=code).order_by("version")
    return {OutreachChannel(row.channel): row for row in rows}


def script_facts(
    item: QueueItem, patient: Patient, clinic: Clinic, policy: ContactPolicy | None, language: str
) -> dict[str, str]:
    """What may fill the gaps; the visit is the slot on offer or the one that was lost, in the clinic's zone."""
    starts = item.starts_at.astimezone(clinic.zone)
    visit = item.appointment
    return {
        "first_name": patient.given,
        "practice": policy.practice if policy is not None else "",
        "phone": policy.callback if policy is not None else "",
        "day": say_day(starts.date(), language_code(language) or HOUSE_LANGUAGE),
        "time": f"{starts:%H:%M}",
        "place": visit.room or "",
        "provider": visit.provider_name or "",
        "clinic": clinic.name,
        "visit": visit.visit_type_name or visit.visit_type or "",
    }


def script_of(template: MessageTemplate, facts: dict[str, str]) -> Script:
    """The words as they would leave; raises ScriptError with the reason why they cannot."""
    return render(Wording(OutreachChannel(template.channel), template.body, template.subject), facts)
