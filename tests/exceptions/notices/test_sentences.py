"""Whatever is wrong and whatever a message holds, what leaves the desk holds no value of a message."""

import re

import pytest

from exceptions.catalogue import CATALOGUE
from exceptions.models import NoticeSettings
from exceptions.notices.sending import send_notices
from exceptions.notices.sentences import About, Told, digest_subject, held_words, sentence, subject, told_words
from exceptions.vocabulary import EmailMode, NoticeKind, Severity
from tests.exceptions.conftest import NOON

ABOUT = About(17, "unmapped_status", Severity.BLOCKING, "Lakeview RIS", "Imaging", 4)
# A name, a phone number, a date of birth, an MRN, an address, an e-mail, a code, and an attempt to begin a header.
PATIENT = (
    "Quill^Ada",
    "3125550142",
    "19571204",
    "MRN-00918273",
    "12 Elm St",
    "ada@quill.example",
    "ZZ9",
    "x\r\nBcc: y",
)
WORDS = ("Quill", "Ada", "3125550142", "19571204", "00918273", "Elm", "ada@", "ZZ9", "Bcc")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NoticeKind.STEP, "Unmapped status, Imaging · Lakeview RIS: needs somebody. 4 visits held."),
        (NoticeKind.ASSIGNED, "Unmapped status, Imaging · Lakeview RIS: handed to you. 4 visits held."),
        (NoticeKind.RESOLVED, "Unmapped status, Imaging · Lakeview RIS: closed."),
        (NoticeKind.REOPENED, "Unmapped status, Imaging · Lakeview RIS: happened again. 4 visits held."),
        (NoticeKind.ENDED, "Unmapped status, Imaging · Lakeview RIS: looks for somebody again. 4 visits held."),
        (NoticeKind.OTHER, "Unmapped status, Imaging · Lakeview RIS. 4 visits held."),
    ],
    ids=str,
)
def test_sentence_says_what_and_where(kind, said):
    assert sentence(kind, ABOUT) == said


def test_sentence_names_the_source_alone_where_no_clinic_is_known():
    about = ABOUT._replace(clinic="", held=0)

    assert sentence(NoticeKind.STEP, about) == "Unmapped status, Lakeview RIS: needs somebody."


def test_name_of_two_lines_stays_in_one():
    about = ABOUT._replace(source="Lakeview\r\nBcc: everyone", clinic="")

    assert subject(NoticeKind.STEP, about) == "Blocking, needs somebody: Unmapped status, Lakeview Bcc: everyone"


def test_numbers_are_said_as_people_say_them():
    assert [held_words(1), held_words(1200)] == ["1 visit held.", "1,200 visits held."]
    assert told_words(Told(1, "Feed is silent.", 1)) == "Feed is silent."
    assert digest_subject([Told(1, "", 1)]) == "1 notice about 1 problem"


@pytest.mark.parametrize("check_id", sorted(CATALOGUE))
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_sentence_fits_its_column(check_id, kind):
    about = ABOUT._replace(check_id=check_id, source="S" * 120, clinic="C" * 120, held=1_000_000)

    assert len(sentence(kind, about)) <= 300


@pytest.mark.django_db
def test_nothing_of_a_message_leaves_the_desk(opened, ask, people, endpoint, web, mail):
    endpoint.most_per_hour = 5_000
    endpoint.save()
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH, most_per_hour=5_000)
    kinds = [kind for kind in NoticeKind if kind != NoticeKind.DIGEST]
    for number, check_id in enumerate(sorted(CATALOGUE)):
        exception = opened(check_id, raw=PATIENT[number % len(PATIENT)])
        for to in (people.milo, people.imani, endpoint):
            ask(exception, to, key=f"{check_id}:{number}", kind=kinds[number % len(kinds)])
    later = NOON.replace(hour=13)

    sent = send_notices(NOON, seconds=60)
    send_notices(later)  # Imani's digest

    everything = [letter.as_string() + letter["Subject"] + letter.get_content() for letter in mail.letters]
    everything += [str(post.headers) + post.body.decode() for post in web.posts]
    told = {word for word in WORDS for text in everything if re.search(rf"(?<![\w-]){re.escape(word)}", text)}
    assert sent >= 1.5 * len(CATALOGUE)
    assert any("digest" in key for key in mail.keys)
    assert told == set()
