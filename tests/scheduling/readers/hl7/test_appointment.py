"""SIU messages as real senders write them; ids name the row of research/integration.md section 4 where there is one."""

from datetime import UTC, datetime

import pytest

from scheduling.facts import AppointmentFact, Problem, Signals, SlotFact

HALF_PAST_NINE = datetime(2027, 3, 10, 14, 30, tzinfo=UTC)  # 09:30 in New York
SCH = "SCH|P77^BOOKER|F77^BOOKER|||||||30|min|^^30^20270310093000||||||||||||||Booked"


def sch(**fields):
    """A bare SCH with the given fields, by number."""
    texts = [""] * 28
    texts[0], texts[1], texts[2] = "SCH", "P77^BOOKER", "F77^BOOKER"
    for number, text in fields.items():
        texts[int(number[1:])] = text
    return "|".join(texts)


def test_plain_message_is_read_whole(siu):
    reading = siu(NTE="NTE|1||Brings an interpreter")

    assert reading.appointments == [
        AppointmentFact(
            external_id="F77",
            namespace="BOOKER",
            placer_id="P77",
            signals=Signals("S12", "Booked", note="Brings an interpreter"),
            starts_at=HALF_PAST_NINE,
            minutes=30,
            clinic_code="ENT",
            room="R4",
            resource="881",
            provider_code="881",
            provider_name="Chidi Abara",
            visit_type="FUP30",
            visit_type_name="Follow-up",
            patient=("EAST", "40021"),
        )
    ]
    assert (reading.control_id, reading.trigger) == ("C-100", "S12")
    assert reading.source_at == datetime(2027, 3, 2, 15, 15, tzinfo=UTC)
    assert (reading.problems, reading.skipped) == ([], [])


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\n", "\r\r\n"], ids=["CR", "LF", "CRLF", "blank", "CRCRLF"])
def test_row_19_any_line_ending_reads_the_same(siu, end):
    assert siu(end=end) == siu()


def test_row_19_mixed_line_endings_read_the_same(siu):
    mixed = siu(SCH=f"{SCH}\n", PID="PID|1||40021^^^EAST^MR||Fernsby^Lorna||19710518|F\r\n")

    assert mixed == siu()


@pytest.mark.parametrize(
    ("msh", "sch_segment"),
    [
        ("MSH|^~&|A|B|C|D|20270302081500||SIU^S12|C-100|P|2.3", SCH),
        ("MSH|^~\\&#|A|B|C|D|20270302081500||SIU^S12|C-100|P|2.8", SCH),
        ("MSH|^~\\\\&|A|B|C|D|20270302081500||SIU^S12|C-100|P|2.3", SCH),
        ("MSH|^~|A|B|C|D|20270302081500||SIU^S12|C-100|P|2.3", SCH),
    ],
    ids=["no escape character", "truncation character", "doubled backslash", "two characters only"],
)
def test_delimiters_of_odd_length_still_read(siu, msh, sch_segment):
    reading = siu(MSH=msh, SCH=sch_segment)

    assert (reading.control_id, reading.appointments) == ("C-100", siu().appointments)


def test_custom_delimiters_read_the_same(siu):
    swap = str.maketrans("|^~\\&", "!:*/;")
    segments = {
        "MSH": r"MSH|^~\&|BOOKER|EASTSIDE|RDESK|HUB|20270302081500||SIU^S12^SIU_S12|C-100|P|2.5.1",
        "SCH": SCH,
        "PID": "PID|1||40021^^^EAST^MR||Fernsby^Lorna||19710518|F",
        "AIS": "AIS|1||FUP30^Follow-up",
        "AIL": "AIL|1||ENT^R4",
        "AIP": "AIP|1||881^Abara^Chidi",
    }

    assert siu(**{name: text.translate(swap) for name, text in segments.items()}) == siu()


@pytest.mark.parametrize(
    ("msh_9", "evn", "trigger"),
    [
        ("SIU^S12^ADT_A01", None, "S12"),
        ("SIU^S15", None, "S15"),
        ("SIU_S14", None, "S14"),
        ("SIU^^SIU_S13", None, "S13"),
        ("SIU", "EVN|S26", "S26"),
        ("SIU", "EVN|SIU^S26", "S26"),
        ("siu^s12", None, "S12"),
        ("SIU^Z02", None, "Z02"),
        ("^S12", None, "S12"),
    ],
    ids=[
        "wrong structure", "no structure", "structure alone", "no trigger", "EVN-1", "EVN-1 with a code", "lower case",
        "custom event", "no message code",
    ],
)  # fmt: skip
def test_wrong_structure_names_leave_the_trigger(siu, msh_9, evn, trigger):
    reading = siu(MSH=rf"MSH|^~\&|A|B|C|D|20270302081500||{msh_9}|C-100|P|2.5", EVN=evn)

    assert [fact.signals.trigger for fact in reading.appointments] == [trigger]
    assert reading.trigger == trigger


@pytest.mark.parametrize(
    ("segment", "start", "kinds"),
    [
        (sch(f11="^^^20270310093000"), HALF_PAST_NINE, []),
        (sch(f11="20270310093000"), HALF_PAST_NINE, []),
        (sch(f11="1^^^20270310093000"), HALF_PAST_NINE, []),
        (sch(f11="1"), None, []),
        (sch(f11="^^^20270310093000-0500"), HALF_PAST_NINE, []),
        (sch(f11="^^^20270310"), None, ["date_only"]),
        (sch(f11="^^^soon"), None, ["bad_time"]),
        (sch(f11="^^^20270314023000"), None, ["impossible_local_time"]),
        (sch(f11="^^^20271107013000"), None, ["ambiguous_local_time"]),
        (sch(f11="^^^20271107013000-0400"), datetime(2027, 11, 7, 5, 30, tzinfo=UTC), []),
    ],
    ids=[
        "SCH-11.4", "MEDITECH SCH-11.1", "row 30: a count in SCH-11.1", "row 30: only a count", "row 26: own offset",
        "a day is no start", "no time at all", "row 28: DST gap", "row 28: DST fold", "row 28: offset settles the fold",
    ],
)  # fmt: skip
def test_row_30_start_in_sch_11(siu, segment, start, kinds):
    reading = siu(SCH=segment)

    assert [fact.starts_at for fact in reading.appointments] == [start]
    assert [problem.kind for problem in reading.problems] == kinds


TIMES = {
    "TQ1": "TQ1|1||||||20270310093000",
    "AIS": "AIS|1||FUP30|20270310093000",
    "AIL": "AIL|1||ENT^R4|||20270310093000",
    "AIP": "AIP|1||881^Abara^Chidi|||20270310093000",
    "AIG": "AIG|1||EQ1|||||20270310093000",
}


@pytest.mark.parametrize("name", TIMES)
def test_row_30_start_only_in_another_segment(siu, name):
    reading = siu(SCH=sch(f25="Booked"), **{name: TIMES[name]})

    assert [fact.starts_at for fact in reading.appointments] == [HALF_PAST_NINE]
    assert reading.problems == []


def test_row_30_first_place_wins_and_each_other_place_is_told(siu):
    reading = siu(
        TQ1="TQ1|1||||||20270310094500",
        AIS="AIS|1||FUP30|20270310100000",
        AIL="AIL|1||ENT^R4|||20270310093000",
        AIP="AIP|1||881|||20270311",
    )

    assert [fact.starts_at for fact in reading.appointments] == [HALF_PAST_NINE]
    assert reading.problems == [
        Problem("times_disagree", "TQ1-7", "20270310094500"),
        Problem("times_disagree", "AIS-4", "20270310100000"),
        Problem("times_disagree", "AIP-6", "20270311"),
    ]


def test_row_30_same_moment_with_another_offset_is_no_disagreement(siu):
    assert siu(AIS="AIS|1||FUP30^Follow-up|20270310143000+0000").problems == []


def test_row_30_stated_offset_explains_another_start(siu):
    assert siu(AIS="AIS|1||FUP30^Follow-up|20270310094500|15|min").problems == []


def test_fold_that_another_place_settles_is_no_problem(siu):
    reading = siu(SCH=sch(f11="^^^20271107013000"), AIS="AIS|1||FUP30^Follow-up|20271107013000-0500")

    assert [fact.starts_at for fact in reading.appointments] == [datetime(2027, 11, 7, 6, 30, tzinfo=UTC)]
    assert reading.problems == []


@pytest.mark.parametrize(
    ("amount", "unit", "minutes"),
    [
        ("30", "", 30), ("30", "min", 30), ("30", "MIN^Minutes^ISO", 30), ("30", "^minutes", 30), ("1800", "s", 30),
        ("1800", "SEC", 30), ("1800", "Seconds", 30), ("1", "h", 60), ("1.5", "HR", 90), ("2", "hours", 120),
        ("2", "HUR", 120), ("1 h", "min", 60), ("M45", "", 45), ("S2700", "", 45), ("20", "s", 1),
    ],
)  # fmt: skip
def test_duration_in_many_spellings(siu, amount, unit, minutes):
    reading = siu(SCH=sch(f9=amount, f10=unit))

    assert [fact.minutes for fact in reading.appointments] == [minutes]
    assert reading.problems == []


@pytest.mark.parametrize(
    ("segments", "minutes", "kinds"),
    [
        ({"SCH": sch(f11="^^45^20270310093000")}, 45, []),
        ({"SCH": sch(f11="^^M45^20270310093000")}, 45, []),
        ({"SCH": sch(f11="^^^20270310093000^20270310101500")}, 45, []),
        ({"SCH": sch(), "TQ1": "TQ1|1|||||45^min"}, 45, []),
        ({"SCH": sch(), "TQ1": "TQ1|1||||||20270310093000|20270310101500"}, 45, []),
        ({"SCH": sch(), "AIS": "AIS|1||FUP30||||45|min"}, 45, []),
        ({"SCH": sch(), "AIL": "AIL|1||ENT||||||0.75|h"}, 45, []),
        ({"SCH": sch(), "AIP": "AIP|1||881||||||2700|s"}, 45, []),
        ({"SCH": sch(f9="0", f10="min"), "AIS": "AIS|1||FUP30||||45|min"}, 45, ["bad_duration"]),
        ({"SCH": sch(f9="3", f10="lightyears")}, None, ["bad_duration"]),
        ({"SCH": sch(f9="60", f10="s"), "AIS": "AIS|1||FUP30||||50|min"}, 1, ["durations_disagree"]),
        ({"SCH": sch(f9="11000", f10="min")}, None, ["bad_duration"]),
    ],
    ids=[
        "SCH-11.3", "SCH-11.3 with its unit", "SCH-11.5", "TQ1-6", "TQ1-8", "AIS-7", "AIL-9 in hours",
        "AIP-9 in seconds", "zero falls through", "unknown unit", "SCH and AIS disagree", "over a week",
    ],
)  # fmt: skip
def test_duration_in_other_places(siu, segments, minutes, kinds):
    reading = siu(**segments)

    assert [fact.minutes for fact in reading.appointments] == [minutes]
    assert [problem.kind for problem in reading.problems] == kinds


def test_feed_may_say_what_its_units_mean(siu):
    profile = {"seconds_units": ["U"], "duration_units": {"Slot": "h"}}

    read = [siu(SCH=sch(f9="1800", f10="u"), profile=profile), siu(SCH=sch(f9="2", f10="SLOT"), profile=profile)]

    assert [reading.appointments[0].minutes for reading in read] == [30, 120]


@pytest.mark.parametrize(
    ("segments", "signals"),
    [
        ({"SCH": sch(f25="Booked^Booked^HL70278")}, Signals("S12", "Booked")),
        ({"SCH": sch(f25="^Arrived")}, Signals("S12", "Arrived")),
        ({"SCH": sch(f25="Sch^Scheduled^SCHEDULING^In Fac^Arrived^PROGRESS")}, Signals("S12", "Sch&In Fac")),
        ({"SCH": sch(f25="Booked^Booked^A^BOOKED^Booked^B")}, Signals("S12", "Booked")),
        ({"SCH": sch(f25='""')}, Signals("S12")),
        ({"SCH": sch(f25="A~B")}, Signals("S12", "A")),
        ({"SCH": sch(), "AIS": "AIS|1||X|||||||Confirmed"}, Signals("S12", resource_status="Confirmed")),
        ({"SCH": sch(), "AIL": "AIL|1||ENT|||||||||Arrived"}, Signals("S12", resource_status="Arrived")),
        ({"SCH": sch(), "AIP": "AIP|1||881|||||||||SUBSTITUTE^Sub"}, Signals("S12", resource_status="SUBSTITUTE")),
        ({"SCH": sch(), "AIG": "AIG|1||EQ|||||||||||Held"}, Signals("S12", resource_status="Held")),
        ({"SCH": sch(), "AIS": "AIS|1||X\rAIS|2||Y|||||||Late"}, Signals("S12", resource_status="Late")),
        ({"SCH": sch(f6="NOSHOW^NO SHOW", f25="CANCELED")}, Signals("S12", "CANCELED", "NOSHOW")),
        (
            {"SCH": sch(f6="22^CAR PROBLEMS", f7="ROUTINE", f8="Normal^Scheduled")},
            Signals("S12", "", "22", "ROUTINE", "Normal"),
        ),
        ({"SCH": sch(f6="^Patient called")}, Signals("S12", "", "Patient called")),
    ],
    ids=[
        "code", "text only", "OpTime: two codes in one field", "alternate code repeats the first", "explicit null",
        "repetition", "only AIS-10", "only AIL-12", "only AIP-12", "only AIG-14", "second AIS",
        "MIE no-show by reason", "reason, appointment reason and type", "reason without a code",
    ],
)  # fmt: skip
def test_signals_are_carried_as_sent(siu, segments, signals):
    reading = siu(**segments)

    assert [fact.signals for fact in reading.appointments] == [signals]


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ({"status_from": ["SCH-25", "SCH-8.2"]}, "Scheduled"),
        ({"status_from": "AIS-10"}, "Held"),
    ],
    ids=["MEDITECH", "AIS-10"],
)
def test_feed_may_say_where_its_status_is(siu, profile, status):
    reading = siu(SCH=sch(f8="Normal^Scheduled"), AIS="AIS|1||X|||||||Held", profile=profile)

    assert [fact.signals.filler_status for fact in reading.appointments] == [status]


def test_feed_may_take_one_of_two_codes(siu):
    reading = siu(SCH=sch(f25="Sch^Scheduled^S^In Fac^Arrived^P"), profile={"status_components": [4]})

    assert [fact.signals.filler_status for fact in reading.appointments] == ["In Fac"]


@pytest.mark.parametrize(
    ("profile", "segment", "named"),
    [
        ({}, "SCH|P1^BK|F1^FIL|3", ("F1", "FIL", "3")),
        ({}, "SCH|P1^BK||3", ("P1", "BK", "3")),
        ({}, "SCH||F1^^1.2.3^ISO", ("F1", "1.2.3", "")),
        ({}, "SCH||F1^FIL&1.2.3&ISO", ("F1", "FIL", "")),
        ({"appointment_id": ["SCH-1"]}, "SCH|P1^BK|F1^FIL", ("P1", "BK", "")),
        ({"appointment_id": "SCH-26"}, "SCH|P1|F1" + "|" * 24 + "O9^ORD", ("O9", "ORD", "")),
        ({"ignore_namespace": True}, "SCH|P1^BK|F1^FIL", ("F1", "", "")),
    ],
    ids=[
        "filler; row 31: occurrence", "placer where there is no filler", "universal id", "designator", "placer first",
        "order number", "namespace ignored",
    ],
)  # fmt: skip
def test_feed_says_which_id_names_an_appointment(siu, profile, segment, named):
    reading = siu(SCH=segment, profile=profile)

    assert [(fact.external_id, fact.namespace, fact.occurrence) for fact in reading.appointments] == [named]


def test_message_that_names_no_appointment_says_so(siu):
    reading = siu(SCH="SCH||")

    assert [fact.external_id for fact in reading.appointments] == [""]
    assert reading.problems == [Problem("no_appointment_id", "SCH-2")]


@pytest.mark.parametrize(
    "segment",
    [
        "SCH|1|P77^BOOKER|F77^BOOKER|||||||30|min|^^30^20270310093000||||||||||||||Booked",
        "SCH|P77^BOOKER|F77^BOOKER||||||||30|min|^^30^20270310093000||||||||||||||Booked",
        "SCH|P77^BOOKER|F77^BOOKER||||||30|min|^^30^20270310093000||||||||||||||Booked",
    ],
    ids=["set id in front", "a field too many", "a field too few"],
)
def test_shifted_sch_is_read_and_told(siu, segment):
    reading = siu(SCH=segment)

    assert reading.appointments == siu().appointments
    assert reading.problems == [Problem("shifted_segment", "SCH")]


def test_same_sch_sent_twice_is_one_appointment(siu):
    reading = siu(SCH="SCH|P77^BOOKER|F77^BOOKER||||||||||||||||||||||||Booked\r" + SCH)

    assert reading.appointments == siu().appointments
    assert reading.problems == [Problem("repeated_segment", "SCH")]


def test_two_appointments_in_one_message_keep_their_own_resources(siu):
    reading = siu(AIP="AIP|1||881^Abara^Chidi\rSCH|P78|F78|||||||20|min\rAIL|1||ENT^R9\rAIP|1||900^Ito^Mei")

    assert [(fact.external_id, fact.room, fact.provider_code, fact.patient) for fact in reading.appointments] == [
        ("F77", "R4", "881", ("EAST", "40021")),
        ("F78", "R9", "900", ("EAST", "40021")),
    ]


def test_resources_without_rgs_read_as_with_it(siu):
    assert siu(AIS="RGS|1|A\rAIS|1||FUP30^Follow-up") == siu()


@pytest.mark.parametrize(
    ("segments", "place"),
    [
        ({"AIL": "AIL|1||ENT^R4~ENT^R5"}, ("ENT", "R4", "881")),
        ({"AIL": "AIL|1||11&Main Hall&L^R4"}, ("11", "R4", "881")),
        ({"AIL": None, "PV1": "PV1|1|O|ENT^R7"}, ("ENT", "R7", "881")),
        ({"AIP": None}, ("ENT", "R4", "ENT/R4")),
        ({"AIP": None, "AIL": None, "AIG": "AIG|1||MRI2^Scanner"}, (None, None, "MRI2")),
        ({"AIP": None, "PV1": "PV1|1|O|||||55^Roy^Anita"}, ("ENT", "R4", "55")),
    ],
    ids=["repetition in AIL-3", "designator", "PV1-3", "room", "equipment", "PV1-7"],
)
def test_place_is_found_where_it_is(siu, segments, place):
    reading = siu(**segments)

    assert [(fact.clinic_code, fact.room, fact.resource) for fact in reading.appointments] == [place]


def test_feed_may_take_its_clinic_from_the_facility(siu):
    reading = siu(AIL="AIL|1||BLOCK9^R4^^ENT", profile={"clinic_from": ["AIL-3.4"]})

    assert [(fact.clinic_code, fact.room) for fact in reading.appointments] == [("ENT", "R4")]


def test_row_27_time_of_an_unknown_clinic_is_the_sources(siu):
    reading = siu(AIL="AIL|1||ELSEWHERE^R4")

    assert [fact.starts_at for fact in reading.appointments] == [datetime(2027, 3, 10, 16, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("segments", "types"),
    [
        ({"AIS": None, "SCH": sch(f8="NEW^New patient")}, ("NEW", "New patient")),
        ({"AIS": None, "SCH": sch(f8="Normal^Scheduled")}, (None, None)),
        ({"SCH": sch(f8="NEW^New patient")}, ("FUP30", "Follow-up")),
        ({"AIS": "AIS|1||^Walk in"}, ("Walk in", "Walk in")),
        ({"AIS": "AIS|1||A1^First\rAIS|2||A2^Second"}, ("A1", "First")),
    ],
    ids=["SCH-8", "table 0277 is no visit type", "AIS-3 first", "text only", "first of two AIS"],
)
def test_visit_type_is_a_code_with_a_name(siu, segments, types):
    assert [(fact.visit_type, fact.visit_type_name) for fact in siu(**segments).appointments] == [types]


def test_explicit_null_clears_and_silence_does_not(siu):
    nulled, silent = siu(SCH=sch(f9='""', f11='""')), siu(SCH=sch())

    assert [fact.cleared for fact in nulled.appointments] == [frozenset({"starts_at", "minutes"})]
    assert [fact.cleared for fact in silent.appointments] == [frozenset()]


def test_row_24_odd_segments_do_not_hide_the_next(siu):
    reading = siu(SCH=f"Dear colleague, please\rQQQ|x\rEVN\r{SCH}\r \r|||\r\x1c")

    assert reading.appointments == siu().appointments
    assert reading.skipped == ["a line that is no segment", "QQQ"]


def test_row_25_z_segments_are_skipped_and_listed_once(siu):
    reading = siu(SCH=f"ZB1|a|b\rZB2|c\rZB1|d\r{SCH}", AIP="AIP|1||881^Abara^Chidi\rOBX|1")

    assert reading.appointments == siu().appointments
    assert reading.skipped == ["ZB1", "ZB2", "OBX"]


def test_indented_and_lower_case_segments_are_read(siu):
    assert siu(SCH=f"  {SCH}", AIL="ail|1||ENT^R4") == siu()


@pytest.mark.parametrize(
    ("sent", "note"),
    [
        (r"Bring \T\ keep \F\ \S\ \R\ \E\ safe", "Bring & keep | ^ ~ \\ safe"),
        (r"one\.br\two\X0A\three\X0D0A\four", "one\ntwo\nthree\nfour"),
        (r"\H\Urgent\N\ now", "Urgent now"),
        (r"keep \Z99\ and \4\5 and C:\dir \T\ so", r"keep \Z99\ and \4\5 and C:\dir & so"),
        (r"caf\XC3A9\ and na\XEF\ve", "café and naïve"),
        (r"no\X00\thing", "nothing"),
        ("x" * 300, "x" * 200),
    ],
    ids=["delimiters", "row 21: line breaks", "highlighting", "row 21: unknown", "bytes", "NUL", "too long"],
)
def test_row_21_escapes(siu, sent, note):
    assert [fact.signals.note for fact in siu(NTE=f"NTE|1||{sent}").appointments] == [note]


def test_too_long_a_value_is_cut_and_told(siu):
    reading = siu(SCH=f"SCH|P77|{'F' * 400}")

    assert [fact.external_id for fact in reading.appointments] == ["F" * 250]
    assert reading.problems == [Problem("too_long", "SCH-2", "F" * 250)]


def test_segments_beyond_the_limit_are_left_unread_and_told(siu):
    reading = siu(AIP="ZZZ|\r" * 3_000)

    assert reading.problems == [Problem("too_many_segments", "", "2000")]
    assert [fact.external_id for fact in reading.appointments] == ["F77"]


@pytest.mark.parametrize(
    ("trigger", "status"), [("S23", "blocked"), ("S24", "open")], ids=["S23 blocked", "S24 opened"]
)
def test_slots_are_blocked_and_opened(siu, trigger, status):
    reading = siu(MSH=rf"MSH|^~\&|A|B|C|D|20270302081500||SIU^{trigger}|C-100|P|2.5", PID=None)

    assert reading.slots == [
        SlotFact("881", HALF_PAST_NINE, 30, status, "ENT", "881", visit_type="FUP30", external_id="F77")
    ]
    assert reading.appointments == []


def test_slot_without_a_length_is_told_and_left_out(siu):
    reading = siu(MSH=r"MSH|^~\&|A|B|C|D|20270302081500||SIU^S23|C-100|P|2.5", SCH=sch(f11="^^^20270310093000"))

    assert (reading.slots, reading.problems) == ([], [Problem("incomplete_slot", "SCH-9")])


@pytest.mark.parametrize("trigger", ["S20", "S22"], ids=["S20 cancels a resource", "S22 deletes a resource"])
def test_event_of_one_resource_keeps_its_trigger(siu, trigger):
    reading = siu(MSH=rf"MSH|^~\&|A|B|C|D|20270302081500||SIU^{trigger}|C-100|P|2.5")

    assert [fact.signals.trigger for fact in reading.appointments] == [trigger]
