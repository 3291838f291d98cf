"""What the simulator writes, the product reads, and both agree with the truth, field by field."""

import csv
from collections import Counter
from zoneinfo import ZoneInfo

import hl7
import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from scheduling.facts import ReaderContext, UnreadableMessageError
from scheduling.readers.envelopes import split
from scheduling.readers.peek import peek
from scheduling.readers.registry import READERS
from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import NONE, SEVERE
from scheduling.simulator.profiles import feed_profile
from scheduling.simulator.stream import Simulation
from scheduling.vocabulary import EventKind, FeedFormat

GROUP = group_of(12, volume=0.5)
SOURCES = {source.feed_key: source for source in GROUP.sources}


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return Simulation(7, GROUP, 14, NONE)


@pytest.fixture(scope="module")
def deliveries(simulation):
    return list(simulation)


def of_format(deliveries, wanted):
    return [each for each in deliveries if SOURCES[each.feed_key].format is wanted]


def readings(simulation, deliveries):
    """(truth event, source, reading, raw message) of every message."""
    for delivery in deliveries:
        source = SOURCES[delivery.feed_key]
        profile = feed_profile(source)
        zones = {clinic.code: clinic.zone for clinic in source.clinics}
        context = ReaderContext(ZoneInfo(source.timezone), zones, profile)
        messages = split(delivery.body, source.format, profile).messages
        for message, event_id in zip(messages, delivery.truth_event_ids, strict=True):
            yield simulation.log.event(event_id), source, READERS[source.format](message, context), message


def test_readers_find_the_truth_in_every_message(simulation, deliveries):
    wrong: Counter[str] = Counter()
    for event, source, reading, _ in readings(simulation, deliveries):
        wrong.update(f"{source.key}: {problem}" for problem in reading.problems)
        if source.format is not FeedFormat.CSV and reading.source_at != event.at:
            wrong["source time"] += 1
        for fact in reading.appointments:
            visit = event.visit
            if (fact.external_id, fact.patient) != (visit.key, (source.authority, visit.mrn)):
                wrong["identity"] += 1
            read = (fact.starts_at, fact.minutes, fact.clinic_code, fact.room, fact.provider_code, fact.visit_type)
            true = (visit.starts_at, visit.minutes, visit.clinic, visit.room, visit.provider, visit.visit_type)
            if reading.trigger != "Encounter" and read != true:
                wrong["visit"] += 1
        for fact in reading.slots:
            slot = event.slot
            read_slot = (fact.starts_at, fact.minutes, fact.clinic_code, fact.provider_code, fact.status)
            status = "open" if slot.is_open else "blocked"
            if read_slot != (slot.starts_at, slot.minutes, slot.clinic, slot.provider, status):
                wrong["slot"] += 1

    assert wrong == Counter()


def test_readers_find_the_patient_in_every_live_message(simulation, deliveries):
    live = [each for each in deliveries if SOURCES[each.feed_key].format is not FeedFormat.CSV]
    wrong: Counter[str] = Counter()
    for event, source, reading, _ in readings(simulation, live):
        person, fact = event.patient, reading.patient
        if fact is None or person is None:
            continue
        if event.merged_mrn:
            wrong["merge"] += fact.merged_from != ((source.authority, event.merged_mrn),)
            continue
        read = (fact.mrn, fact.family, fact.given, fact.born_on, fact.sex, fact.language, fact.died_at)
        true = (person.mrn, person.family, person.given, person.born_on, person.sex, person.language, person.died_at)
        wrong["person"] += read != true
        numbers = sorted(
            "".join(filter(str.isdigit, each.value))[-10:] for each in fact.phones_home or () if each.system == "phone"
        )
        wrong["numbers"] += numbers != sorted(filter(None, (person.mobile, person.home)))
        wrong["guardian"] += (fact.guardian or "") != person.guardian

    assert +wrong == Counter()


def test_intake_finds_control_id_and_patient_of_every_message(simulation, deliveries):
    blank: Counter[str] = Counter()
    for event, source, _, message in readings(simulation, deliveries):
        control_id, patient_key, _ = peek(message, source.format)
        blank[source.key] += not control_id or (not patient_key and event.slot is None)

    assert +blank == Counter()


def test_intake_names_every_patient_that_a_message_concerns():
    """Digestion locks the records that readers name; they are in the lanes that intake chose and joined."""
    simulation, merges = Simulation(7, GROUP, 14, SEVERE), 0
    for delivery in simulation:
        source = SOURCES[delivery.feed_key]
        profile = feed_profile(source)
        context = ReaderContext(ZoneInfo(source.timezone), {each.code: each.zone for each in source.clinics}, profile)
        for message in split(delivery.body, source.format, profile).messages:
            try:
                reading = READERS[source.format](message, context)
            except UnreadableMessageError:
                continue
            found = peek(message, source.format)
            patient = reading.patient
            named = {fact.patient[1] for fact in reading.appointments if fact.patient}
            retired = {mrn for _, mrn in patient.merged_from} if patient else set()
            assert named | ({patient.mrn} if patient else set()) <= {found.patient_key}
            assert retired <= {found.retired_key}
            assert all(fact.patient or not fact.external_id for fact in reading.appointments)
            merges += len(retired)

    assert merges > 0


def test_python_hl7_parses_every_message(simulation, deliveries):
    messages = of_format(deliveries, FeedFormat.HL7V2)[::7]

    for delivery in messages:
        parsed = hl7.parse(delivery.body.decode())
        event = simulation.log.event(delivery.truth_event_ids[0])
        assert str(parsed.segment("MSH")[10]) == f"NS{event.id:09d}"
        if event.visit is not None:
            wall = event.visit.starts_at.astimezone(GROUP.clinics[event.source, event.clinic].zone)
            assert str(parsed.segment("SCH")[11][0][3]) == f"{wall:%Y%m%d%H%M%S}"
            assert str(parsed.segment("PID")[3][0][0]) == event.visit.mrn


def test_siu_messages_have_the_size_of_real_ones(deliveries):
    sizes = [len(each.body) for each in of_format(deliveries, FeedFormat.HL7V2) if b"|SIU^S1" in each.body]

    assert min(sizes) > 800
    assert max(sizes) < 1300


def test_hl7_carries_every_trigger_of_the_dialect(deliveries):
    triggers = {each.body.split(b"|")[8].split(b"^")[1].decode() for each in of_format(deliveries, FeedFormat.HL7V2)}

    assert triggers >= {"S12", "S13", "S14", "S15", "S17", "S23", "S26", "A04", "A08", "A28", "A31"}


def test_fhir_resources_are_valid_r4b(deliveries):
    kinds: Counter[str] = Counter()
    for delivery in of_format(deliveries, FeedFormat.FHIR)[::5]:
        resource = orjson.loads(delivery.body)
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        kinds[resource["resourceType"]] += 1

    assert set(kinds) >= {"Appointment", "Encounter", "Patient"}


def test_extracts_round_trip_and_hold_what_the_source_believes(simulation, deliveries):
    for delivery in of_format(deliveries, FeedFormat.CSV):
        head, *lines = delivery.body.decode().splitlines()
        rows = list(csv.DictReader(lines[:-1]))
        keys = [row["appt_no"] for row in rows]
        believed = [simulation.log.told_at("elm", key, delivery.sent_at) for key in keys]

        assert head == f"H|ELMSTREET|{delivery.sent_at:%Y-%m-%dT%H:%M:%SZ}"
        assert lines[-1] == f"T|{len(rows)}" == f"T|{delivery.messages}"
        assert len(set(keys)) == len(keys)
        wall = [state.starts_at.astimezone(ZoneInfo("America/Denver")) for state in believed]
        assert [f"{row['appt_date']} {row['appt_time']}" for row in rows] == [
            f"{each:%m/%d/%Y} {each:%I:%M %p}" for each in wall
        ]


def test_a_deleted_booking_vanishes_from_the_next_extract(simulation, deliveries):
    deleted = {
        event.visit.key: event.at
        for event in simulation.log.events
        if event.source == "elm" and event.kind is EventKind.DELETED
    }

    for delivery in of_format(deliveries, FeedFormat.CSV):
        keys = {simulation.log.event(event_id).visit.key for event_id in delivery.truth_event_ids}
        assert not keys & {key for key, at in deleted.items() if at < delivery.sent_at}
