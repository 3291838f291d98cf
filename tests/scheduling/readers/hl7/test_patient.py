"""PID, PD1, PV1, NK1 and MRG as real senders fill them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.facts import ContactPointFact, PatientFact, Problem, ReaderContext
from scheduling.readers.hl7.reader import read

CONTEXT = ReaderContext(ZoneInfo("America/Denver"))


def pid(**fields):
    """A PID with an id and the given fields, by number."""
    texts = ["PID", "1", "", "40021^^^EAST^MR"] + [""] * 37
    for number, text in fields.items():
        texts[int(number[1:])] = text
    return "|".join(texts)


def adt(*segments, trigger="A08", evn="EVN|A08|20270302080000", profile=None):
    msh = rf"MSH|^~\&|REG|EAST|RDESK|HUB|20270302081500||ADT^{trigger}|C-9|P|2.5"
    context = ReaderContext(CONTEXT.zone, {}, profile or {})
    return read("\r".join([msh, evn, *segments]).encode(), context)


def phone(value, use="home", **rest):
    return ContactPointFact("phone", value, use, **rest)


def test_patient_event_is_read_whole():
    reading = adt(
        "PID|1||40021^^^EAST^MR~123^^^SSA^SS||Fernsby&van^Lorna^Q||19710518|F|||||5551234|5559876|spa^Spanish"
        "||||||||||||||20270301|Y",
        "PD1||||||||||40022^^^EAST|O2^Public|Y|20270101",
        "NK1|1|Doe^Ann|SPO\rNK1|2|Fernsby^Tom|GRD^Guardian",
        "PV1|1|O||||||||||||||VIP^Very important",
    )

    assert reading.patient == PatientFact(
        authority="EAST",
        mrn="40021",
        identifiers=(("SSA", "SS", "123"),),
        family="Fernsby",
        given="Lorna",
        born_on=date(1971, 5, 18),
        sex="F",
        language="spa",
        phones_home=(phone("5551234"),),
        phones_work=(phone("5559876", "work"),),
        died=True,
        publicity="O2",
        protection="Y",
        vip="VIP",
        duplicate_of="40022",
        guardian="Tom Fernsby",
    )
    assert (reading.trigger, reading.appointments, reading.problems) == ("A08", [], [])
    assert reading.source_at == datetime(2027, 3, 2, 15, tzinfo=UTC)


def test_silence_states_nothing_and_explicit_null_clears():
    silent = adt(pid())
    nulled = adt(
        pid(p5='""^""', p7='""', p8='""', p13='""', p14='""', p15='""', p29='""', p30='""'),
        'PD1||||||||||""|""|""',
        'PV1|1|O||||||||||||||""',
    )

    assert silent.patient == PatientFact("EAST", "40021")
    assert nulled.patient == PatientFact(
        "EAST",
        "40021",
        family="",
        given="",
        sex="",
        language="",
        phones_home=(),
        phones_work=(),
        publicity="",
        protection="",
        vip="",
        duplicate_of="",
        cleared=frozenset({"born_on", "died", "died_at"}),
    )


@pytest.mark.parametrize(
    ("pid_3", "named"),
    [
        ("40021^^^EAST^MR", ("EAST", "40021", ())),
        ("123^^^SSA^SS~40021^^^EAST^MR", ("EAST", "40021", (("SSA", "SS", "123"),))),
        ("7^^^A^PI~8^^^B^PN", ("A", "7", (("B", "PN", "8"),))),
        ("7", ("", "7", ())),
        ("  7  ^^^EAST&1.2.3&ISO^MR", ("EAST", "7", ())),
        ("7^^^&1.2.3&ISO^MR", ("1.2.3", "7", ())),
        ("~~7^^^EAST^MR~", ("EAST", "7", ())),
    ],
    ids=[
        "one",
        "MR is not first",
        "no MR: the first",
        "bare",
        "spaces; designator",
        "universal id",
        "empty repetitions",
    ],
)
def test_id_that_names_the_patient(pid_3, named):
    patient = adt(pid(p3=pid_3)).patient

    assert (patient.authority, patient.mrn, patient.identifiers) == named


def test_patient_without_an_id_is_told():
    reading = adt(pid(p3="", p2="77"))

    assert (reading.patient, reading.problems) == (None, [Problem("no_patient_id", "PID-3")])


def test_feed_may_name_patients_by_pid_2():
    assert adt(pid(p3="", p2="77"), profile={"patient_id": ["PID-3", "PID-2"]}).patient == PatientFact("", "77")


@pytest.mark.parametrize(
    ("pid_13", "points"),
    [
        ("(303)555-0101", (phone("(303)555-0101"),)),
        ("3035550101^PRN^PH~3035550102^PRN^CP", (phone("3035550101"), phone("3035550102", "mobile"))),
        ("3035550101^WPN^PH", (phone("3035550101", "work"),)),
        ("3035550101x204", (phone("3035550101;ext=204"),)),
        ("303-555-0101 ext. 204", (phone("303-555-0101;ext=204"),)),
        ("(303)555-0101X204B99CAsk for me", (phone("(303)555-0101;ext=204"),)),
        ("^PRN^PH^^1^303^5550101^204", (phone("+1 303 5550101;ext=204"),)),
        ("^PRN^PH^^^303^5550101", (phone("303 5550101"),)),
        ("^PRN^CP^^^^^^^^^+13035550101", (phone("+13035550101", "mobile"),)),
        ("3035550101^PRN^FX", (ContactPointFact("other", "3035550101", "home"),)),
        ("^NET^Internet^lorna@example.org", (ContactPointFact("email", "lorna@example.org", "home"),)),
        ("lorna@example.org", (ContactPointFact("email", "lorna@example.org", "home"),)),
        (
            "3035550101^PRN^PH^lorna@example.org",
            (ContactPointFact("email", "lorna@example.org", "home"), phone("3035550101")),
        ),
        ("3035550101^PRN^CP^^^^^^^^^^20270101^20270601^^^^2", (
            phone("3035550101", "mobile", rank=2, ends_on=date(2027, 6, 1)),
        )),
        ('""~3035550101', (phone("3035550101"),)),
    ],
    ids=[
        "plain", "row 37: repetitions; mobile by CP", "work among home", "row 37: extension behind x", "ext.",
        "2.3 style with beeper and text", "pieces with extension", "pieces without country", "unformatted",
        "fax is no phone", "e-mail", "row 37: e-mail inside a phone", "row 37: both in one", "rank and end",
        "null repetition",
    ],
)  # fmt: skip
def test_row_37_contact_points(pid_13, points):
    reading = adt(pid(p13=pid_13))

    assert (reading.patient.phones_home, reading.patient.phones_work) == (points, None)
    assert reading.problems == []


def test_row_37_words_in_a_phone_are_no_contact():
    reading = adt(pid(p13="PATIENT DECLINED^PRN^PH"))

    assert reading.patient.phones_home == ()
    assert reading.problems == [Problem("bad_contact", "PID-13", "PATIENT DECLINED^PRN^PH")]


def test_telecom_of_2_7_stands_in_for_both_phone_fields():
    patient = adt(pid(p40="3035550101^PRN^CP~3035550102^WPN^PH")).patient

    assert (patient.phones_home, patient.phones_work) == (
        (phone("3035550101", "mobile"),),
        (phone("3035550102", "work"),),
    )


def test_repetitions_are_bounded():
    assert len(adt(pid(p13="~".join(["3035550101"] * 500))).patient.phones_home) == 20


@pytest.mark.parametrize(
    ("when", "indicator", "death", "kinds"),
    [
        ("", "Y", (True, None), []),
        ("", "N", (False, None), []),
        ("202703011200", "", (True, datetime(2027, 3, 1, 19, tzinfo=UTC)), []),
        ("20270301", "Y", (True, None), []),
        ("202703011200", "N", (True, datetime(2027, 3, 1, 19, tzinfo=UTC)), ["death_disagrees"]),
        ("march", "", (True, None), ["bad_time"]),
        ("", "?", (None, None), ["bad_death_indicator"]),
    ],
    ids=["Y", "N", "only a time", "only a day", "a time but N", "unreadable time", "unknown indicator"],
)
def test_death(when, indicator, death, kinds):
    reading = adt(pid(p29=when, p30=indicator))

    assert (reading.patient.died, reading.patient.died_at) == death
    assert [problem.kind for problem in reading.problems] == kinds


@pytest.mark.parametrize("born", ["197105", "19710230", "long ago"], ids=["month only", "30 February", "words"])
def test_birthday_that_is_no_day_is_told(born):
    reading = adt(pid(p7=born))

    assert (reading.patient.born_on, reading.problems) == (None, [Problem("bad_date", "PID-7", born)])


@pytest.mark.parametrize("trigger", ["A04", "A08", "A28", "A31"])
def test_patient_triggers_carry_the_patient(trigger):
    reading = adt(pid(), trigger=trigger)

    assert (reading.patient, reading.skipped) == (PatientFact("EAST", "40021"), [])


@pytest.mark.parametrize(
    ("msh_9", "note"),
    [("ADT^A01", "ADT^A01"), ("ACK", "ACK^"), ("ORU^R01", "ORU^R01"), ("SRM^S01", "SRM^S01"), ("", "^")],
)
def test_other_messages_read_to_nothing_and_say_so(msh_9, note):
    reading = read(rf"MSH|^~\&|A|B|C|D|20270302081500||{msh_9}|C-9|P|2.5".encode(), CONTEXT)

    assert (reading.patient, reading.appointments, reading.slots, reading.skipped) == (None, [], [], [note])


@pytest.mark.parametrize(
    ("mrg", "merged", "problems"),
    [
        ("MRG|30000^^^EAST^MR", (("EAST", "30000"),), []),
        ("MRG|30000^^^EAST^MR~30001^^^EAST^MR", (("EAST", "30000"), ("EAST", "30001")), []),
        ("MRG|9^^^SSA^SS~30000^^^EAST^MR", (("EAST", "30000"),), []),
        ("MRG|30000", (("EAST", "30000"),), []),
        ("MRG|30000^^^EAST^MR\rMRG|30001^^^EAST^MR", (("EAST", "30000"), ("EAST", "30001")), []),
        ("MRG|30000^^^EAST^MR~30000^^^EAST^MR", (("EAST", "30000"),), []),
        ("MRG|40021^^^EAST^MR", (), [Problem("self_merge", "MRG-1", "40021")]),
        ("MRG|40021^^^EAST^MR~30000^^^EAST^MR", (("EAST", "30000"),), [Problem("self_merge", "MRG-1", "40021")]),
        ("MRG|", (), [Problem("no_merged_id", "MRG-1")]),
        ("ZMG|1", (), [Problem("no_merged_id", "MRG-1")]),
        (
            f"MRG|30000^^^EAST^MR\r{pid(p3='50000^^^EAST^MR')}\rMRG|50001^^^EAST^MR",
            (("EAST", "30000"),),
            [],
        ),
        (
            f"MRG|30000^^^EAST^MR\r{pid()}\rMRG|30001^^^EAST^MR",
            (("EAST", "30000"), ("EAST", "30001")),
            [],
        ),
    ],
    ids=[
        "one", "repetitions", "only the kind PID-3 names by", "no authority: the survivor's", "two MRG",
        "twice the same", "row 32: self-merge", "row 32: self-merge among others", "empty MRG", "no MRG",
        "another survivor behind it", "the same survivor again",
    ],
)  # fmt: skip
def test_row_32_merge(mrg, merged, problems):
    reading = adt(pid(), mrg, trigger="A40", evn="EVN|A40|20270302080000")

    assert reading.patient.merged_from == merged
    assert reading.problems == problems


def merged(*lines):
    """(survivor, whom it survives) of each patient of a merge, and the problems."""
    reading = adt(*lines, trigger="A40", evn="EVN|A40|20270302080000")
    patients = [reading.patient, *reading.further_patients]
    return [(fact.mrn, [id_ for _, id_ in fact.merged_from]) for fact in patients if fact], reading.problems


def mrg(id_):
    return f"MRG|{id_}^^^EAST^MR"


def named(id_, p5="DOE^JANE"):
    return pid(p3=f"{id_}^^^EAST^MR", p5=p5)


@pytest.mark.parametrize(
    ("lines", "patients", "problems"),
    [
        ([named(1), mrg(2), named(3), mrg(4), mrg(5)], [("1", ["2"]), ("3", ["4", "5"])], []),
        ([named(1), mrg(2), named(3), mrg(4), named(1), mrg(5)], [("1", ["2", "5"]), ("3", ["4"])], []),
        ([named(1), mrg(2), named(2), mrg(3)], [("1", ["2"]), ("2", ["3"])], []),
        ([named(1), named(3), mrg(4)], [("1", []), ("3", ["4"])], [Problem("no_merged_id", "MRG-1")]),
        ([pid(p3=""), mrg(2), named(3), mrg(4)], [("3", ["4"])], [Problem("no_patient_id", "PID-3")]),
        ([named(1), mrg(2), named(2), mrg(1)], [("1", ["2"]), ("2", [])], [Problem("self_merge", "MRG-1", "1")]),
        (
            [named(1), mrg(2), named(2), mrg(3), named(3), mrg(1)],
            [("1", ["2"]), ("2", ["3"]), ("3", [])],
            [Problem("self_merge", "MRG-1", "1")],
        ),
        (
            [named(1), mrg(9), named(3), mrg(9)],
            [("1", ["9"]), ("3", [])],
            [Problem("several_patients", "MRG-1", "9")],
        ),
    ],
    ids=[
        "two patients", "the first one again", "a chain", "an MRG short", "a PID without an id", "there and back",
        "round by a third", "two survive one",
    ],
)  # fmt: skip
def test_row_32_every_mrg_goes_with_the_pid_before_it(lines, patients, problems):
    assert merged(*lines) == (patients, problems)


def test_patients_of_a_merge_are_stated_by_their_own_segments():
    reading = adt(
        named(1, "ROE^ANN"), mrg(2), named(3, "LOE^EVE"), "PD1||||||||||||Y", mrg(4), trigger="A40", evn="EVN|A40"
    )
    facts = [reading.patient, *reading.further_patients]

    assert [(fact.family, fact.protection) for fact in facts] == [("ROE", None), ("LOE", "Y")]


def test_mrg_outside_a_merge_is_not_read():
    assert adt(pid(), "MRG|30000^^^EAST^MR").patient.merged_from == ()


@pytest.mark.parametrize(
    ("evn", "profile", "at"),
    [
        ("EVN|A08|20270302080000", {}, datetime(2027, 3, 2, 15, tzinfo=UTC)),
        ("EVN|A08", {}, datetime(2027, 3, 2, 15, 15, tzinfo=UTC)),
        ("EVN|A08|20270302080000", {"source_time": "MSH-7"}, datetime(2027, 3, 2, 15, 15, tzinfo=UTC)),
        ("EVN|A08|||||20270302070000", {"source_time": ["EVN-6"]}, datetime(2027, 3, 2, 14, tzinfo=UTC)),
        ("EVN|A08|03/02/2027 08:00", {"time_formats": ["%m/%d/%Y %H:%M"]}, datetime(2027, 3, 2, 15, tzinfo=UTC)),
    ],
    ids=["EVN-2", "MSH-7 where EVN-2 is empty", "the feed says MSH-7", "the feed says EVN-6", "the feed's own format"],
)
def test_row_26_source_time_is_local_to_the_source(evn, profile, at):
    assert adt(pid(), evn=evn, profile=profile).source_at == at
