"""HL7 v2.5.1 as Northside sends it: SIU and ADT, MSH-7 and EVN-2 with offset, visit times in clinic wall clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.simulator.codes import Code, Odd
from scheduling.simulator.names import TOWNS
from scheduling.simulator.organisation import ClinicPlan
from scheduling.simulator.people import PatientState
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import PATIENT_KINDS, SlotState, TruthEvent
from scheduling.vocabulary import EventKind

NO_SHIFT = timedelta(0)
LANGUAGE_NAMES = {
    "en": "English", "es": "Spanish", "vi": "Vietnamese", "so": "Somali", "zh": "Chinese", "ar": "Arabic",
}  # fmt: skip
ADT_STRUCTURES = {"A04": "ADT_A01", "A08": "ADT_A01", "A28": "ADT_A05", "A31": "ADT_A05", "A40": "ADT_A39"}
ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})


def escape(text: str) -> str:
    """Text with the five delimiters escaped."""
    return text.translate(ESCAPES)


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """A moment with its offset: ``20261122113900-0600``."""
    return moment.astimezone(zone).strftime("%Y%m%d%H%M%S%z")


def wall(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the clinic's wall clock shows it, without a zone: ``20261122113000``."""
    return moment.astimezone(zone).strftime("%Y%m%d%H%M%S")


def phone(digits: str) -> str:
    """``(312)555-0142``."""
    return f"({digits[:3]}){digits[3:6]}-{digits[6:]}"


class Hl7Renderer:
    """Renders the events of one source. Keeps each patient's segments as long as the record does not change."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.authority = lookup.source.authority
        self.zone = ZoneInfo(lookup.source.timezone)
        self._people: dict[str, tuple[PatientState, str]] = {}

    def render(self, event: TruthEvent, odd: Odd | None = None, shift: timedelta = NO_SHIFT) -> bytes | None:
        """One message, CR between segments; None when the source has no way to say it.

        ``odd`` replaces the signals, ``shift`` is added to every time (a system that takes its zone for another).
        """
        code = self.lookup.code(event)
        if code is None:
            return None
        if odd is not None:
            code = code._replace(
                trigger=odd.trigger or code.trigger,
                filler_status=odd.filler_status,
                event_reason=odd.event_reason,
                event_reason_text="",
                resource_status=odd.resource_status,
            )
        clinic = self.lookup.clinics[event.clinic]
        if event.kind in PATIENT_KINDS:
            segments = self._adt(event, code, clinic, shift)
        elif event.slot is not None:
            segments = self._slot(event, event.slot, code, clinic, shift)
        else:
            segments = self._visit(event, code, clinic, shift)
        return "\r".join(segments).encode() + b"\r"

    def _msh(self, event: TruthEvent, kind: str, clinic: ClinicPlan, shift: timedelta) -> str:
        return (
            f"MSH|^~\\&|NORTHSIDE_EHR|{clinic.code}^{escape(clinic.name)}|RECOVERY_DESK|NORTHFIELD|"
            f"{stamp(event.at + shift, self.zone)}||{kind}|NS{event.id:09d}|P|2.5.1|||AL|NE|USA|UNICODE UTF-8"
        )

    def _visit(self, event: TruthEvent, code: Code, clinic: ClinicPlan, shift: timedelta) -> list[str]:
        visit, patient = event.visit, event.patient
        assert visit is not None and patient is not None  # noqa: S101, PT018 - visit events carry both
        starts, ends = _span(visit.starts_at + shift, visit.minutes, clinic.zone)
        kind = self.lookup.types[visit.visit_type]
        desk = _desk(event)
        reason = _coded(code.event_reason, code.event_reason_text)
        sch = (
            f"SCH|P{visit.key}^NSP|{visit.key}^{self.authority}||||{reason}||{kind.code}^{kind.name}^NSTYPE|"
            f"{visit.minutes}|min^Minutes|^^{visit.minutes}^{starts}^{ends}|{desk}|(312)555-0100^WPN^PH|||{desk}|"
            f"(312)555-0100^WPN^PH|||{desk}|||||{code.filler_status}"
        )
        pv1 = (
            f"PV1|1|O|{clinic.code}^{visit.room}^^{escape(clinic.name)}||||{self._provider(visit.provider)}|||||||||"
            f"{'V' if patient.is_vip else ''}|||V{visit.key}^^^{self.authority}^VN"
        )
        return [
            self._msh(event, f"SIU^{code.trigger}^SIU_S12", clinic, shift),
            sch,
            f"TQ1|1||||||{starts}|{ends}",
            self._person(patient),
            pv1,
            "RGS|1|A",
            f"AIS|1|A|{kind.code}^{kind.name}|{starts}|||{visit.minutes}|min^Minutes||{code.resource_status}",
            *self._resources(clinic.code, visit.room, visit.provider, starts, visit.minutes),
        ]

    def _slot(self, event: TruthEvent, slot: SlotState, code: Code, clinic: ClinicPlan, shift: timedelta) -> list[str]:
        starts, ends = _span(slot.starts_at + shift, slot.minutes, clinic.zone)
        desk = _desk(event)
        sch = (
            f"SCH||{slot.key}^{self.authority}||||TEMPLATE^Template change|||{slot.minutes}|min^Minutes|"
            f"^^{slot.minutes}^{starts}^{ends}|{desk}|(312)555-0100^WPN^PH|||{desk}|||||||||{code.filler_status}"
        )
        return [
            self._msh(event, f"SIU^{code.trigger}^SIU_S12", clinic, shift),
            sch,
            "RGS|1|A",
            *self._resources(clinic.code, slot.room, slot.provider, starts, slot.minutes),
        ]

    def _adt(self, event: TruthEvent, code: Code, clinic: ClinicPlan, shift: timedelta) -> list[str]:
        patient = event.patient
        assert patient is not None  # noqa: S101 - patient events carry one
        at = stamp(event.at + shift, self.zone)
        segments = [
            self._msh(event, f"ADT^{code.trigger}^{ADT_STRUCTURES[code.trigger]}", clinic, shift),
            f"EVN|{code.trigger}|{at}||{'MRG' if event.merged_mrn else 'UPD'}|{_desk(event)}",
            self._person(patient),
        ]
        if event.kind is EventKind.PATIENTS_MERGED:
            return [*segments, f"MRG|{event.merged_mrn}^^^{self.authority}^MR"]
        ward = f"{clinic.code}^^^{escape(clinic.name)}"
        vip = "V" if patient.is_vip else ""
        segments.append(f"PV1|1|{'O' if code.trigger == 'A04' else 'N'}|{ward}|||||||||||||{vip}")
        return segments

    def _resources(self, clinic: str, room: str, provider: str, starts: str, minutes: int) -> list[str]:
        return [
            f"AIL|1|A|{clinic}^{room}|||{starts}|||{minutes}|min^Minutes",
            f"AIP|1|A|{self._provider(provider)}|ATT^Attending||{starts}|||{minutes}|min^Minutes",
        ]

    def _provider(self, code: str) -> str:
        provider = self.lookup.providers[code]
        return f"{code}^{escape(provider.family)}^{provider.given}^^^Dr.^MD"

    def _person(self, patient: PatientState) -> str:
        known = self._people.get(patient.mrn)
        if known is None or known[0] is not patient:
            known = self._people[patient.mrn] = (patient, self._segments(patient))
        return known[1]

    def _segments(self, patient: PatientState) -> str:
        """PID, PD1 and, for a minor, NK1. A number that was taken away is sent as an explicit null."""
        town, state, zip_code = TOWNS[self.lookup.source.timezone]
        points = [f"{phone(patient.home)}^PRN^PH"] if patient.home else []
        points += [f"{phone(patient.mobile)}^PRN^CP"] if patient.mobile else []
        points += [f"^NET^Internet^{escape(patient.email)}"] if patient.email else []
        died = f"{stamp(patient.died_at, self.zone)}|Y" if patient.died_at else "|N"
        pid = (
            f"PID|1||{patient.mrn}^^^{self.authority}^MR||{escape(patient.family)}^{escape(patient.given)}^^^^^L||"
            f"{patient.born_on:%Y%m%d}|{patient.sex}|||{escape(patient.address)}^^{town}^{state}^{zip_code}^USA||"
            f"{'~'.join(points) or chr(34) * 2}||{patient.language}^{LANGUAGE_NAMES[patient.language]}^ISO639"
            f"||||||||||||||{died}"
        )
        # PD1-11: no publicity means nobody is to be contacted about the care; PD1-12 protects the whole record
        pd1 = f"PD1|||||||||||{'N' if patient.no_contact else 'U'}|{'Y' if patient.is_protected else 'N'}"
        if not patient.guardian:
            return f"{pid}\r{pd1}"
        given, _, family = patient.guardian.partition(" ")
        return f"{pid}\r{pd1}\rNK1|1|{escape(family)}^{escape(given)}|GRD^Guardian^HL70063"


def _span(start: datetime, minutes: int, zone: ZoneInfo) -> tuple[str, str]:
    return wall(start, zone), wall(start + timedelta(minutes=minutes), zone)


def _coded(code: str, text: str) -> str:
    return f"{code}^{escape(text)}" if text else code


def _desk(event: TruthEvent) -> str:
    """Who entered it: the nightly job, or one of a few front desk users."""
    if event.reason == "timer":
        return "CRON^Nightly^Close"
    return f"FD{event.id % 23:02d}^Desk^Front"
