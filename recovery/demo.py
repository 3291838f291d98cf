"""Wordings, contact policies and languages of the demonstration. Safe to load twice."""

from datetime import datetime, time

from django.db import transaction

from accounts.models import Clinic, User
from recovery.contacting.policy import REVOKE_ALL_FROM
from recovery.contacting.scripts import Wording
from recovery.models import ContactPolicy, MessageTemplate, StaffLanguage
from recovery.services.contact_settings import PolicyValues, decide_policy, set_languages
from recovery.services.wordings import approve_wording, write_wording
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.simulator.cast import DOMAIN

AUTHOR, APPROVER = "ruth", "amir"
LANGUAGES = {"dana": ("en", "es"), "theo": ("en",), "ruth": ("en", "vi")}
PRACTICE, CALLBACK = "Northfield Health", "312-555-0100"
POLICY = PolicyValues(time(9), time(20), time(12), time(20), 1, 3, 2, PRACTICE, CALLBACK, REVOKE_ALL_FROM)
CALL, TEXT, EMAIL = OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL
# Topic, language, text, voicemail, subject and words of the e-mail.
WORDS = (
    (
        Topic.REFILL, "en",
        "{practice}: an earlier time is free, {day} {time}, {provider}. Reply YES or call {phone}. STOP ends texts.",
        "Hello {first_name}, this is {practice}. We may have an earlier time for you. Please call {phone}.",
        "An earlier time is free",
        "Hello {first_name},\n\nan earlier time is free: {day} {time}, {provider}. Call {phone}.\n\n{practice}",
    ),
    (
        Topic.REFILL, "es",
        "{practice}: hay una cita antes, {day} {time}, {provider}. Responda YES o llame: {phone}. STOP: no más textos.",
        "Hola {first_name}, le llama {practice}. Quizá tengamos una cita antes. Por favor llame al {phone}.",
        "Hay una cita antes",
        "Hola {first_name}:\n\nhay una cita antes: {day} {time}, {provider}. Llame al {phone}.\n\n{practice}",
    ),
    (
        Topic.REBOOK, "en",
        "{practice}: your visit needs a new time. Please call {phone}. Reply STOP to end texts.",
        "Hello {first_name}, this is {practice}. Please call us at {phone} to choose a new time.",
        "Your visit needs a new time",
        "Hello {first_name},\n\nyour visit of {day} needs a new time. Please call {phone}.\n\n{practice}",
    ),
    (
        Topic.REBOOK, "es",
        "{practice}: su cita necesita una nueva hora. Por favor llame al {phone}. Responda STOP: no más textos.",
        "Hola {first_name}, le llama {practice}. Por favor llame al {phone} para elegir una nueva hora.",
        "Su cita necesita una nueva hora",
        "Hola {first_name}:\n\nsu cita del {day} necesita una nueva hora. Por favor llame al {phone}.\n\n{practice}",
    ),
    (
        Topic.CONFIRM, "en",
        "{practice}: your visit is {day} {time}, {provider}. Reply YES to confirm or call {phone}. STOP ends texts.",
        "Hello {first_name}, this is {practice}. Please call {phone} about your visit.",
        "Your visit on {day}",
        "Hello {first_name},\n\nyour visit is {day} {time}, {provider}. Call {phone} to change it.\n\n{practice}",
    ),
    (
        Topic.CONFIRM, "es",
        "{practice}: su cita es {day} {time}, {provider}. Responda YES o llame al {phone}. STOP: no más textos.",
        "Hola {first_name}, le llama {practice}. Por favor llame al {phone} sobre su cita.",
        "Su cita del {day}",
        "Hola {first_name}:\n\nsu cita es {day} {time}, {provider}. Llame al {phone} para cambiarla.\n\n{practice}",
    ),
)  # fmt: skip
STOPPED = (
    (
        "en",
        "{practice}: you get no more texts from us. Questions: {phone}. After STOP, START begins them again.",
    ),
    ("es", "{practice}: no recibirá más textos. Preguntas: {phone}. START después de STOP para recibirlos otra vez."),
)


@transaction.atomic
def load_contact(*, now: datetime) -> None:
    """Make wordings, policies and languages where there are none; people and clinics are there already."""
    if not MessageTemplate.objects.exists():
        _load_wordings(now)
    if not StaffLanguage.objects.exists():
        for name, codes in LANGUAGES.items():
            set_languages(_person(name), codes, actor=_person(AUTHOR), now=now)
    decided = ContactPolicy.objects.order_by().values("clinic")
    for clinic in Clinic.objects.filter(is_test=False).exclude(pk__in=decided):
        decide_policy(clinic, POLICY, valid_from=now, actor=_person(APPROVER), now=now)


def _load_wordings(now: datetime) -> None:
    for topic, language, text, voicemail, subject, mail in WORDS:
        for wording in (Wording(TEXT, text), Wording(CALL, voicemail), Wording(EMAIL, mail, subject)):
            _write(topic, language, wording, now)
    for language, text in STOPPED:
        _write(Topic.STOP, language, Wording(TEXT, text), now)


def _write(topic: Topic, language: str, wording: Wording, now: datetime) -> None:
    made = write_wording(topic, language, wording, actor=_person(AUTHOR), now=now)
    approve_wording(made.pk, actor=_person(APPROVER), now=now)


def _person(name: str) -> User:
    return User.objects.get(username=f"{name}@{DOMAIN}")
