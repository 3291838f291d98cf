"""How a person may be reached, in words; what the feeds say, nothing assumed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.web.asking import Question, answers, rows_of
from config.web.masking import dots, tail
from scheduling.models import Consent, Patient
from scheduling.selectors.codes import language_words


@dataclass(frozen=True)
class Channel:
    """One way to reach a person; tone "fresh" is open, "warn" has a catch, "idle" is closed."""

    name: str
    tone: str
    text: str
    note: str = ""

    @property
    def is_off(self) -> bool:
        """Whether this way is closed."""
        return self.tone == "idle"


def usable_points(patient: Patient) -> list[Sequence[Any]]:
    """Ways on file except those marked old: [system, use, value, rank, ends_on]."""
    return [point for point in [*(patient.phones_home or []), *(patient.phones_work or [])] if point[1] != "old"]


def contact_words(patient: Patient) -> tuple[str, str]:
    """The list's two lines: the open ways, and the language when it is another than English."""
    kinds = {(point[0], point[1]) for point in usable_points(patient)}
    ways = []
    if any(system == "phone" for system, _ in kinds):
        ways.append("Call")
    if ("phone", "mobile") in kinds:
        ways.append("text")
    if any(system == "email" for system, _ in kinds):
        ways.append("e-mail")
    language = language_words(patient.language)
    note = "" if language in ("", "English") else f"In {language}"
    if patient.publicity == "N":
        return "No contact", note
    words = ", ".join(ways)
    return (words[:1].upper() + words[1:] if words else "No number"), note


def hidden(system: str, value: str) -> str:
    """A number by its end, an address by its host: enough to tell two apart, not enough to use."""
    if system == "email":
        name, _, host = value.rpartition("@")
        return f"{dots(name)}@{host}"
    return tail(value)


def channels(patient: Patient, refused: Iterable[str]) -> list[Channel]:
    """Every channel with its state, for the pane."""
    points, closed = usable_points(patient), set(refused)
    phones = [point for point in points if point[0] == "phone"]
    mobiles = [point for point in phones if point[1] == "mobile"]
    mails = [point for point in points if point[0] == "email"]
    found = [
        _channel("Call", phones, "No number on file", closed & {"call", "phone", "voice", "all"}),
        _channel("Text", mobiles, "No mobile on file", closed & {"text", "sms", "all"}),
        _portal(patient),
        _channel("E-mail", mails, "No address on file", closed & {"email", "all"}),
    ]
    if patient.publicity == "N":
        return [Channel(channel.name, "idle", "Asked for no contact") for channel in found]
    return found


def _channel(name: str, points: Sequence[Sequence[Any]], none: str, refused: set[str]) -> Channel:
    if refused:
        return Channel(name, "idle", "Opted out")
    if not points:
        return Channel(name, "idle", none)
    # The mobile first, then in the order of the feed.
    best = min(points, key=lambda point: (point[1] != "mobile", point[3] if point[3] is not None else 99))
    return Channel(name, "fresh", hidden(best[0], str(best[2])), str(best[1] or ""))


def _portal(patient: Patient) -> Channel:
    if patient.portal == "active":
        return Channel("Portal", "fresh", "Active")
    return Channel("Portal", "idle", "Inactive" if patient.portal == "inactive" else "Not known")


def refused_channels(patient: Patient) -> list[str]:
    """Channels whose newest line in the consent ledger says no; one query."""
    return refused_from(answers({"consents": consents_question(patient)})["consents"])


def consents_question(patient: Patient | None) -> Question:
    """Ask for the newest line of each channel in a person's consent ledger; about nobody, nothing."""
    lines = Consent.objects.filter(patient=patient, topic="") if patient is not None else Consent.objects.none()
    return rows_of(
        lines.order_by("channel", "-valid_from", "-order_key").distinct("channel").values("channel", "is_allowed")
    )


def refused_from(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """The channels refused by the lines that ``consents_question`` found."""
    return [line["channel"] for line in lines if not line["is_allowed"]]
