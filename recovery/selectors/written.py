"""In which languages texts are approved, as surveys ask it."""

from datetime import datetime

from exceptions.checks.contact import HasText
from exceptions.surveys.languages import register_texts
from recovery.contacting.languages import language_code
from recovery.models import MessageTemplate
from recovery.vocabulary import OutreachChannel


def register_languages() -> None:
    """Tell the survey of contact whom to ask; called once when Django is ready."""
    register_texts(texts_approved)


def texts_approved(now: datetime) -> HasText:
    """Whether a language, as a feed calls it, has an approved text; a desk without any text lacks none; one query."""
    rows = MessageTemplate.objects.in_use(now).filter(channel=OutreachChannel.TEXT)
    written = {language_code(language) for language in rows.values_list("language", flat=True)}

    def has_text(language: str) -> bool:
        return not written or language_code(language) in written

    return has_text
