from datetime import date

import pytest

from scheduling.facts import ContactPointFact, Problem, Reading
from scheduling.readers.fhir.telecom import read_telecom


@pytest.mark.parametrize(
    ("telecom", "home", "work"),
    [
        (None, None, None),
        ([], (), ()),
        ([{"system": "sms", "value": "1"}], (ContactPointFact("phone", "1"),), ()),
        ([{"value": "a@b"}], (ContactPointFact("email", "a@b"),), ()),
        ([{"system": "fax", "value": "1", "use": "work"}], (), (ContactPointFact("other", "1", "work"),)),
        ([{"system": "phone", "value": "1", "use": "old"}], (ContactPointFact("phone", "1", "old"),), ()),
        ([{"system": "phone", "value": "1", "use": "cabin"}], (ContactPointFact("phone", "1"),), ()),
        ([{"system": "phone", "use": "home"}, None, 5], (), ()),
    ],
    ids=["absent", "empty list", "sms", "no system", "fax", "old", "unknown use", "no value"],
)
def test_telecom_is_parted_into_home_and_work(telecom, home, work):
    assert read_telecom({"telecom": telecom}, Reading("", "", None)) == (home, work)


@pytest.mark.parametrize(
    ("end", "use", "ends_on"),
    [
        ("2014", "home", date(2014, 12, 31)),
        ("2016-02", "home", date(2016, 2, 29)),
        ("2016-12", "home", date(2016, 12, 31)),
        ("2016-02-03", "home", date(2016, 2, 3)),
        ("2016-02-03T23:59:00-05:00", "home", date(2016, 2, 3)),
        ("soon", "old", None),
        ("0000", "old", None),
    ],
)
def test_telecom_end_includes_the_whole_of_a_partial_date(end, use, ends_on):
    reading = Reading("", "", None)

    home, _ = read_telecom(
        {"telecom": [{"system": "phone", "value": "1", "use": "home", "period": {"end": end}}]}, reading
    )

    assert home == (ContactPointFact("phone", "1", use, ends_on=ends_on),)
    assert reading.problems == ([] if ends_on else [Problem("bad_date", "Patient.telecom.period.end", end)])
