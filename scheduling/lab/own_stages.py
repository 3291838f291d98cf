"""The stages of this floor in sentences and tables: envelope, fields, facts, meaning, appointment."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from config.web import times
from scheduling.facts import AppointmentFact, Reading
from scheduling.lab.folds import fold_stage
from scheduling.lab.meanings import meaning_stage
from scheduling.lab.running import LabRun, LabVisit
from scheduling.lab.stages import LabStage, not_reached
from scheduling.patients.merge import stated
from scheduling.selectors.message_page import TRIGGER_WORDS
from scheduling.selectors.patient_facts import stated_words
from scheduling.selectors.words import problem_words
from scheduling.vocabulary import FeedFormat, Outcome

TO_COME = (
    ("Envelope", "The format it looks like, how it splits into messages, its control id and lane."),
    ("Fields", "Which fields were used, which were skipped, and what was not taken at face value."),
    ("Facts", "The visit, patient and slots it speaks of, each with the field it came from."),
    ("Meaning", "The raw signals, the rule that decides, and why the others do not."),
    ("Appointment", "The visit as it stands, and as it would stand after this message."),
)
TITLES = tuple(title for title, _ in TO_COME)
MOST_NAMED = 40
HIDDEN = "hidden, the patient is restricted"
Row = tuple[str, object, str]  # label, value, where it comes from


def own_stages(run: LabRun) -> list[LabStage]:
    """Every stage of this floor, in order; those that the message never came to say so."""
    envelope = envelope_stage(run)
    message = run.message
    if message is None or message.reading is None:
        why = message.sentence if message is not None else run.body.fault
        fields = LabStage("Fields", "held", f"Unreadable: {why}", "It would be kept, rejected and counted.")
        return [envelope, fields, *(not_reached(title, "Not reached: nothing was read.") for title in TITLES[2:])]
    stages = [envelope, fields_stage(run, message.reading), facts_stage(run, message.reading)]
    if not run.visits:
        return [*stages, *(not_reached(title) for title in TITLES[3:])]
    return [*stages, meaning_stage(run), fold_stage(run)]


def zone_of(run: LabRun) -> ZoneInfo:
    """The zone in which the page tells times: that of the visit's clinic, else the source's."""
    for visit in run.visits:
        clinic = run.clinics.get(visit.after.clinic_id) if visit.after.clinic_id else None
        if clinic is not None:
            return clinic.zone
    return run.context.reader.zone


def envelope_stage(run: LabRun) -> LabStage:
    """How the bytes were taken apart, and whether they are known."""
    body, feed = run.body, run.asked.feed
    name = str(FeedFormat(feed.format).label)
    tone, sentence = "fresh", f"{name}, {_count(body.total, 'message')}"
    note = ""
    if body.fault:
        tone, sentence = "held", body.fault
    elif body.guessed is not None and body.guessed != feed.format:
        tone, sentence = "warn", f"It looks like {body.guessed.label}; this feed is read as {name}"
    elif body.guessed is None:
        tone, sentence = "warn", f"It looks like no format we read; this feed is read as {name}"
    elif body.total > 1:
        sentence = f"{name}, message {body.number} of {body.total:,}"
    if run.repeats:
        tone, note = "idle", f"Repeats message {run.repeats[0]}: same control id and bytes, so it would be a duplicate."
    elif run.reused:
        tone, note = "warn", f"Message {run.reused[0]} has the same control id and other bytes; both count."
    rows: list[Row] = [
        ("Came", _came(run), ""),
        ("Control id", body.control_id or "none given", ""),
        ("Digest", body.digest.hex(), ""),
        ("Lane", f"{body.lane} of 64", ""),
    ]
    problems = _problems((problem.kind, problem.field) for problem in body.problems)
    return LabStage(
        "Envelope", tone, f"{sentence}.".replace("..", "."), note, "scheduling/_lab_rows.html",
        {"rows": rows, "problems": problems, "folded": "Bytes, control id, digest and lane"},
    )  # fmt: skip


def _came(run: LabRun) -> str:
    body = run.body
    ends = f"line ends {' and '.join(body.line_ends)}" if body.line_ends else "no line end"
    framed = ", MLLP framing" if body.is_framed else ""
    return f"{body.size:,} bytes, {ends}{framed}"


def fields_stage(run: LabRun, reading: Reading) -> LabStage:
    """Which fields were used and which were not, with what could not be taken at face value."""
    found = run.trace
    problems = _problems((problem.kind, problem.field) for problem in reading.problems)
    skipped = list(dict.fromkeys(reading.skipped))
    counted = [
        f"{_count(len(found.used), 'field')} used" if found.used else "",
        f"{len(found.unused) + len(skipped):,} skipped",
        _count(len(problems), "problem") if problems else "",
    ]
    sentence = f"Read: {', '.join(part for part in counted if part)}."
    rejected = run.message is not None and run.message.outcome == Outcome.REJECTED
    if rejected and run.message is not None:
        sentence = run.message.sentence
    named = [("Not used", found.unused), ("Skipped whole", tuple(skipped)), ("Used", found.used)]
    lists = [(label, places[:MOST_NAMED], len(places)) for label, places in named if places]
    return LabStage(
        "Fields",
        "held" if rejected else "warn" if problems else "fresh",
        sentence,
        "" if found.is_whole else "It is long: only its first fields were traced.",
        "scheduling/_lab_fields.html",
        {"problems": problems, "lists": lists},
    )


def facts_stage(run: LabRun, reading: Reading) -> LabStage:
    """What the message says, source-neutral, each fact with the fields it came from."""
    rows: list[Row] = [
        ("Event", TRIGGER_WORDS.get(reading.trigger, reading.trigger) or "none", run.trace.of("trigger"))
    ]
    for fact in reading.appointments[:MOST_NAMED]:
        visit = next((one for one in run.visits if one.mapped.fact is fact), None)
        rows += _appointment_rows(run, fact, visit)
    rows += _patient_rows(run, reading)
    if reading.slots:
        rows.append(("Slots", f"{len(reading.slots)} stated", run.trace.of("slots")))
    rows += _order_rows(run, reading)
    tone = "fresh" if reading.appointments or reading.patient or reading.slots else "idle"
    return LabStage("Facts", tone, _said(reading), "", "scheduling/_lab_rows.html", {"rows": rows})


def _said(reading: Reading) -> str:
    parts = [
        _count(len(reading.appointments), "appointment") if reading.appointments else "",
        "a patient" if reading.patient is not None else "",
        _count(len(reading.slots), "slot") if reading.slots else "",
    ]
    named = [part for part in parts if part]
    return f"It speaks of {' and '.join(named)}." if named else "It says nothing that is used here."


def _appointment_rows(run: LabRun, fact: AppointmentFact, visit: LabVisit | None) -> list[Row]:
    zone, now, of = zone_of(run), run.asked.now, run.trace.of
    number = f"{fact.external_id or 'not named'} {fact.occurrence}".strip()
    rows: list[Row] = [("Appointment", number, of("external_id", "occurrence"))]
    if visit is not None and visit.is_restricted:
        return [*rows, ("Visit", HIDDEN, "")]
    said: Iterable[Row] = (
        ("Starts", times.clock(fact.starts_at, zone, now) if fact.starts_at else None, of("starts_at")),
        ("Length", f"{fact.minutes} min" if fact.minutes else None, of("minutes")),
        ("Clinic code", fact.clinic_code, of("clinic_code")),
        ("Room", fact.room, of("room")),
        ("Provider", fact.provider_name or fact.provider_code, of("provider_code", "provider_name")),
        ("Slot of", fact.resource, of("resource")),
        ("Visit type", fact.visit_type_name or fact.visit_type, of("visit_type", "visit_type_name")),
        ("Emptied", ", ".join(sorted(fact.cleared)) or None, of("cleared")),
    )
    return [*rows, *(row for row in said if row[1])]


def _patient_rows(run: LabRun, reading: Reading) -> list[Row]:
    """The patient without values: which record it is, and which aspects are stated."""
    rows: list[Row] = []
    visit = run.visits[0] if run.visits else None
    if visit is not None and visit.patient is not None:
        rows.append(("Patient", visit.patient, run.trace.of("patient", "patient_mrn")))
    elif visit is not None and visit.is_new_patient:
        rows.append(("Patient", "a record that is not known yet", run.trace.of("patient", "patient_mrn")))
    if reading.patient is not None:
        aspects = stated_words(stated(reading.patient))
        rows.append(("Patient says", aspects or "nothing but who it is", run.trace.of_patient()))
        rows += [
            ("Merge", _count(len(survivor.merged_from), "other record"), "")
            for survivor in (reading.patient, *reading.further_patients)
            if survivor.merged_from
        ]
    return rows


def _order_rows(run: LabRun, reading: Reading) -> list[Row]:
    zone, now = zone_of(run), run.asked.now
    said = reading.source_at
    code = next((fact.clinic_code for fact in reading.appointments if fact.clinic_code), None)
    used = run.context.reader.clinic_zones.get(code or "")
    whose = f"the clinic's, {code}" if used is not None else "the source's"
    reader_zone = used or run.context.reader.zone
    return [
        (
            "Source time",
            times.both(said, zone, now) if said else "not said; the time of receipt stands in",
            run.trace.of("source_at"),
        ),
        ("Sequence", reading.sequence if reading.sequence is not None else "not numbered", run.trace.of("sequence")),
        ("Zone", f"{reader_zone.key} where a time names none ({whose})", ""),
    ]


def _problems(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(problem_words(kind, place) for kind, place in pairs))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
