"""How a freed slot goes on when a channel got no answer: another channel, then a person, then the waitlist. Pure.

DESIGN section 9: the work changes because the risk changed. The order of the channels is the clinic's
(``OfferPolicy``); whoever was reached by none of them is called, and then the next one is asked.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from recovery.vocabulary import NextStep, OutreachChannel

CALL = OutreachChannel.CALL
# What leaves without anybody on the phone.
BY_ITSELF = frozenset({OutreachChannel.TEXT, OutreachChannel.EMAIL})


class Shift(NamedTuple):
    """How it goes on: ``channel`` by which the same people are asked again, None where the next ones are."""

    step: NextStep
    channel: OutreachChannel | None = None


def next_shift(
    channels: Sequence[OutreachChannel], used: Iterable[OutreachChannel], ways: Collection[OutreachChannel]
) -> Shift:
    """What follows where people were asked by ``used`` and did not answer; ``ways`` are open to them now.

    Channels are gone through in their order and never back; a call comes last where the clinic names none.
    """
    order = [*channels, *([] if CALL in channels else [CALL])]
    places = [order.index(channel) for channel in used if channel in order]
    ahead = order[max(places, default=-1) + 1 :]
    channel = next((one for one in ahead if one in ways), None)
    return Shift(NextStep.NEXT_PERSON) if channel is None else Shift(NextStep.OTHER_CHANNEL, channel)
