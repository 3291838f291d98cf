"""One step before an offer goes out: to whom, until when, with which words, who has to agree."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from recovery.models import QueueItem
from recovery.offering import ends_at
from recovery.selectors.previews import Preview, previews
from recovery.services.read_candidates import Candidacy, Named, read_candidates
from recovery.services.read_policies import read_offer_rules
from recovery.trust import ClinicTrust
from recovery.vocabulary import OutreachChannel

WRITTEN = frozenset({OutreachChannel.TEXT, OutreachChannel.EMAIL})


@dataclass(frozen=True)
class StepPerson:
    """One person about to be offered the slot; ``preview`` None where nothing is written."""

    key: str
    patient_id: int
    name: str
    problem: str
    preview: Preview | None = None

    @property
    def may_go(self) -> bool:
        """Whether nothing is known to stand in the way."""
        return not self.problem and (self.preview is None or not self.preview.problem)


@dataclass(frozen=True)
class OfferStep:
    """What is about to be offered; ``until`` None means that it is too late."""

    channel: OutreachChannel
    people: list[StepPerson]
    until: datetime | None
    needs_review: bool

    @property
    def may_go(self) -> bool:
        """Whether anybody can be offered it now."""
        return self.until is not None and any(person.may_go for person in self.people)

    @property
    def is_written(self) -> bool:
        """Whether a message leaves with it."""
        return self.channel in WRITTEN

    @property
    def verb(self) -> str:
        """The word on the button; of several people with their number."""
        number = sum(person.may_go for person in self.people)
        several = f" for {number} people" if number > 1 else ""
        words = {OutreachChannel.TEXT: "Send the text", OutreachChannel.EMAIL: "Send the e-mail"}
        return f"{words.get(self.channel, 'Reserve it')}{several}"


def offer_step(
    item: QueueItem,
    named: Collection[Named],
    channel: OutreachChannel,
    *,
    trust: ClinicTrust | None,
    actor: User,
    now: datetime,
) -> OfferStep:
    """Look at these people once more, in their order; whoever is no candidate any more is left out."""
    found = {one.named: one for one in read_candidates(item, now) if one.named in named}
    people = [found[one] for one in named if one in found]
    shown: dict[int, Preview] = {}
    if channel in WRITTEN:
        asked = [one.patient_id for one in people]
        shown = previews(item, asked, channel, trust=trust, actor=actor, now=now)
    return OfferStep(
        channel,
        [_person(one, shown.get(one.patient_id)) for one in people],
        ends_at(read_offer_rules(item.clinic_id, now).steps, item.starts_at, now),
        needs_review=any(one.case.rule.needs_review for one in people),
    )


def _person(one: Candidacy, preview: Preview | None) -> StepPerson:
    key = f"{one.named.entry_id or ''}-{one.named.visit_id or ''}"
    problem = one.fit.why_not[0].sentence if one.fit.why_not else ""
    is_hidden = one.case.person.is_restricted
    name = "Restricted" if is_hidden else one.name
    return StepPerson(key, one.patient_id, name, problem, None if is_hidden else preview)
