"""Values that a database would refuse: no message may fail for what stands in it (I2)."""

from random import Random
from typing import Any

import pytest

from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge, siu, slot

LETTERS = "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=9000))
SIU: dict[str, Any] = {"visit": "V1", "at": NOW - DAY, "starts_at": NOW + DAY}

ODD = {
    "a long visit id": siu("S12", **SIU | {"visit": LETTERS}),
    "a long namespace": siu("S12", **SIU | {"visit": f"V1^{LETTERS}"}),
    "a long patient id": siu("S12", **SIU, patient=LETTERS),
    "a long provider": siu("S12", **SIU, provider=LETTERS),
    "a long clinic": siu("S12", **SIU, clinic=LETTERS),
    "a long phone": siu("S12", **SIU, phone=LETTERS),
    "a long digit phone": siu("S12", **SIU, phone="".join(Random(2).choices("0123456789", k=9000))),
    "a long control id": siu("S12", **SIU, control=LETTERS),
    "a long status": siu("S12", **SIU, status=LETTERS),
    "a long type": siu("S12", **SIU, visit_type=f"{LETTERS}^{LETTERS}"),
    "a long reason": siu("S15", **SIU, reason=f"{LETTERS}^{LETTERS}", status="Cancelled"),
    "minutes over int4": siu("S12", **SIU, minutes=99999999999),
    "minutes over int8": siu("S12", **SIU, minutes="9" * 30),
    "negative minutes": siu("S12", **SIU, minutes=-30),
    "fractional minutes": siu("S12", **SIU, minutes="1e308"),
    "a sequence over int8": siu("S12", **SIU, sequence="9" * 14),
    "a visit in year 1": siu("S12", **SIU | {"starts_at": "00010101000000+0000"}),
    "a visit in year 9999": siu("S12", **SIU | {"starts_at": "99991231235959.999999+0000"}),
    "a cancelled visit in year 9999": siu("S15", **SIU | {"starts_at": "99991231235959+0000"}, status="Cancelled"),
    "a bumped visit in year 9999": siu("S15", **SIU | {"starts_at": "99991231235959+0000"}, status="Bumped"),
    "a missed visit in year 9999": siu("S26", **SIU | {"starts_at": "99991231235959+0000"}, status="Noshow"),
    "a missed visit in year 1": siu("S26", **SIU | {"starts_at": "00010101000000+0000"}, status="Noshow"),
    "a cancelled endless visit": siu("S15", **SIU, status="Cancelled", minutes=2**31 - 1),
    "a bumped endless visit": siu("S15", **SIU, status="Bumped", minutes=2**31 - 1),
    "a cancelled visit in year 1": siu("S15", **SIU | {"starts_at": "00010101000000+0000"}, status="Cancelled"),
    "NUL in an id": siu("S12", **SIU | {"visit": "V\x001"}),
    "NUL in a name": adt("A08", at=NOW, family="Qu\x00ill"),
    "NUL by escape": siu("S12", **SIU | {"visit": "V\\X00\\1"}),
    "a surrogate by bytes": adt("A08", at=NOW, family="Qu").replace(b"Qu^", b"Qu\xed\xa0\x80^"),
    "a surrogate by escape": adt("A08", at=NOW, family="Qu\\XEDA080\\"),
    "a birthday in year 0": adt("A08", at=NOW).replace(b"19800102", b"00000102"),
    "a death in year 9999": adt("A08", at=NOW).replace(b"|F|", b"|F" + b"|" * 21 + b"99991231235959-1200|Y|"),
    "a merge with a long id": merge(at=NOW, survivor="N-1", retired=LETTERS),
    "a slot in year 9999": slot("S23", at=NOW, starts_at=NOW + HOUR).replace(
        b"20261124164100+0000", b"99991231235900+0000"
    ),
    "a slot of a long day": slot("S23", at=NOW, starts_at=NOW + HOUR, minutes=2**40),
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_no_odd_value_makes_a_message_fail(desk, body):
    ids = desk.receive(siu("S12", visit="SOUND", at=NOW - DAY, starts_at=NOW + DAY), body)

    desk.settle(ids)

    counted = desk.ledger()
    assert counted["received"] == 2
    assert counted.get("failed", 0) == 0
    assert desk.visit("SOUND").status == "booked"


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_message_of_an_impossible_year_is_taken_like_any_other(desk, year):
    body = siu("S12", **SIU).replace(b"20261123154100", f"{year}1231154100".encode())

    desk.settle(desk.receive(body))

    counted = desk.ledger()
    assert counted["received"] == 1
    assert counted.get("failed", 0) == 0
