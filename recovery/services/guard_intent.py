"""What somebody is about to do with an item, as they saw it."""

from dataclasses import dataclass

from recovery.vocabulary import Act, OutreachChannel

# Acts upon a person, beside those upon the item alone.
CONTACTS = frozenset({Act.CALL, Act.TEXT, Act.EMAIL, Act.OFFER})
CHANNELS = {Act.CALL: OutreachChannel.CALL, Act.TEXT: OutreachChannel.TEXT, Act.EMAIL: OutreachChannel.EMAIL}


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody is about to do.

    ``patient_id`` is whom to reach where the item does not say; ``visit_id`` is that person's own later visit, which
    must stand; ``version`` is the item as the person saw it.
    """

    act: Act
    version: int | None = None
    patient_id: int | None = None
    visit_id: int | None = None
    channel: OutreachChannel | None = None
