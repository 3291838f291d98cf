"""By which way a slot goes on where somebody did not answer."""

import pytest

from recovery.offering import DEFAULT_RULES
from recovery.shifting import Shift, next_shift
from recovery.vocabulary import NextStep, OutreachChannel

TEXT, CALL, EMAIL = OutreachChannel.TEXT, OutreachChannel.CALL, OutreachChannel.EMAIL
ALL = {TEXT, CALL, EMAIL}
NEXT = Shift(NextStep.NEXT_PERSON)


@pytest.mark.parametrize(
    ("channels", "used", "ways", "expected"),
    [
        (DEFAULT_RULES.channels, [], ALL, TEXT),
        (DEFAULT_RULES.channels, [TEXT], ALL, CALL),
        (DEFAULT_RULES.channels, [TEXT], {TEXT, EMAIL}, EMAIL),
        (DEFAULT_RULES.channels, [TEXT, CALL], ALL, EMAIL),
        (DEFAULT_RULES.channels, [CALL], ALL, EMAIL),
        (DEFAULT_RULES.channels, [TEXT, CALL, EMAIL], ALL, None),
        (DEFAULT_RULES.channels, [TEXT], {TEXT}, None),
        ((EMAIL, TEXT), [EMAIL], ALL, TEXT),
        ((EMAIL, TEXT), [EMAIL, TEXT], ALL, CALL),
        ((EMAIL, TEXT), [EMAIL, TEXT, CALL], ALL, None),
        ((TEXT,), [EMAIL], ALL, TEXT),
    ],
    ids=[
        "nobody was asked", "the next one", "the next one is shut", "two were used", "never back", "all were used",
        "nothing else is open", "as the clinic orders them", "a person comes last", "a person was last",
        "a way that the clinic does not name",
    ],
)  # fmt: skip
def test_channels_follow_the_clinics_order_then_a_person_then_the_next(channels, used, ways, expected):
    shift = next_shift(channels, used, ways)

    assert shift == (NEXT if expected is None else Shift(NextStep.OTHER_CHANNEL, expected))
