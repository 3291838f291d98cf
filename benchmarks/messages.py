"""Made-up SIU messages in three dialects, 800 to 1,100 bytes, for measuring readers; same seed, same bytes."""

import random
from datetime import UTC, datetime, timedelta

FAMILIES = ("Quillfeather", "Brandt", "Okonjo", "Marsh", "Delacroix", "Ito", "Nyberg", "Castellanos")
GIVENS = ("Ada", "Milo", "Ines", "Joon", "Petra", "Rasmus", "Tala", "Viktor")
CLINICS = ("CARD", "DERM", "ORTHO", "RADNORTH", "RADSOUTH", "ENDO")
TYPES = (("FUP20", "Follow-up 20 min"), ("NEW40", "New patient 40 min"), ("MRIKNEE", "MRI knee"), ("ECHO", "Echo"))
EVENTS = (
    ("S12", "Booked", ""),
    ("S13", "Booked", "RESCHED^Rescheduled by patient"),
    ("S14", "Confirmed", ""),
    ("S15", "Cancelled", "PTCANCEL^Cancelled by patient"),
    ("S26", "Noshow", ""),
)
FIRST = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)


def generate(count: int, seed: int = 7) -> list[bytes]:
    """``count`` messages, each of another event of one of ``count / 3`` appointments."""
    chance = random.Random(seed)
    return [_message(number, chance) for number in range(count)]


def _message(number: int, chance: random.Random) -> bytes:
    appointment = chance.randrange(max(1, number // 3 + 1))
    own = random.Random(appointment)
    starts_at = FIRST + timedelta(minutes=20 * own.randrange(8_000))
    sent_at = FIRST - timedelta(days=3) + timedelta(seconds=7 * number)
    trigger, status, reason = chance.choice(EVENTS)
    code, title = own.choice(TYPES)
    clinic, provider = own.choice(CLINICS), own.randrange(100, 160)
    start, minutes = f"{starts_at:%Y%m%d%H%M%S}", own.choice((20, 30, 40))
    staff = f"{provider}^Lindqvist^Sanna^^^Dr"
    segments = [
        rf"MSH|^~\&|SCHED|NORTH|RDESK|HUB|{sent_at:%Y%m%d%H%M%S}||SIU^{trigger}^SIU_S12|N{number:08d}|P|2.5.1|{number}",
        (
            f"SCH|P{appointment}^SCHED|A{appointment}^SCHED|||{own.randrange(10**6)}|{reason}|ROUTINE^Routine visit"
            f"|{code}^{title}|{minutes}|min^Minutes^ISO|^^{minutes}^{start}|||||{staff}"
            f"|^WPN^PH^^1^303^5550{provider}|||DESK{own.randrange(9)}^Front desk|||||{status}^{status}^HL70278"
        ),
        _patient(own),
        "PD1||||||||||||N|20240101",
        f"PV1|1|O|{clinic}^ROOM{own.randrange(1, 9)}^^NORTH||||{staff}|||||||||||V{appointment}",
        "RGS|1|U",
        f"AIS|1|U|{code}^{title}^L|{start}|0|min|{minutes}|min||{status}",
        f"AIL|1|U|{clinic}^ROOM{own.randrange(1, 9)}^^NORTH|C^Clinic||{start}|||{minutes}|min||{status}",
        f"AIP|1|U|{staff}|PCP||{start}|||{minutes}|min||{status}",
    ]
    if number % 3 == 0:
        segments.insert(2, f"NTE|1|L|Please bring the referral letter and a list of medicines {own.randrange(99)}")
    if number % 3 == 1:
        segments += ["ZSC|1|WEB|PORTAL-BOOKING|Y", f"ZPV|{own.randrange(10**8)}|EXT^External key"]
    return ("\n" if number % 3 == 2 else "\r").join(segments).encode()


def _patient(own: random.Random) -> str:
    mrn = own.randrange(10**6, 10**6 + 8_000)
    family, given = FAMILIES[mrn % 8], GIVENS[mrn // 8 % 8]
    born = f"{1930 + mrn % 80}{1 + mrn % 12:02d}{1 + mrn % 28:02d}"
    return (
        f"PID|1||{mrn}^^^NORTH&2.16.840.1.9&ISO^MR~{900_000_000 + mrn}^^^SSA^SS||{family}^{given}^Q^^^^L||{born}"
        f"|{'FM'[mrn % 2]}||2106-3|{mrn % 900} Alder Street^^Denver^CO^80203^USA^H||(303)555-{mrn % 10**4:04d}^PRN^CP"
        f"~^NET^Internet^{given.lower()}.{mrn}@example.org|(303)555-{(mrn * 7) % 10**4:04d}^WPN^PH^^^^^{mrn % 90}"
        "|eng^English^ISO639|S|||||||||||||||N"
    )
