"""Invented patients of one source: names, numbers from the 555-01xx range, languages, portals, restrictions."""

from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from scheduling.simulator.names import FAMILIES, GIVEN_F, GIVEN_M, LANGUAGES, STREETS

# Area codes of the North American plan's shape; with the fictional lines 0100 to 0199 they give 70,000 numbers.
AREA_CODES = tuple(code for code in range(201, 990) if code % 100 != 11 and code // 10 % 10 != 9)
SHARED_NUMBER, NO_NUMBER, NO_MOBILE = 0.06, 0.03, 0.10
CODES = tuple(code for code, _ in LANGUAGES)
SHARES = tuple(share for _, share in LANGUAGES)


class PatientState(NamedTuple):
    """What is true of one patient record. Numbers are ten digits or "" for none; ``died_at`` is aware UTC."""

    mrn: str
    source: str
    family: str
    given: str
    sex: str
    born_on: date
    language: str
    mobile: str
    home: str
    email: str
    address: str
    portal_active: bool
    is_protected: bool
    is_vip: bool
    no_contact: bool
    guardian: str
    died_at: datetime | None = None
    merged_into: str = ""


class Population:
    """The patient records of one source, made and changed only here; repeatable from the generator it is given."""

    def __init__(self, source: str, prefix: str, random: Random) -> None:
        self.source = source
        self.prefix = prefix
        self.random = random
        self.records: dict[str, PatientState] = {}
        self.mrns: list[str] = []
        self.twins: dict[str, str] = {}  # a second record's number, and the number of the first
        self._numbers = random.randrange(len(AREA_CODES) * 100)

    def number(self) -> str:
        """A telephone number that nobody else of this source has, as long as numbers last."""
        self._numbers += 1
        area, line = divmod(self._numbers, 100)
        return f"{AREA_CODES[area % len(AREA_CODES)]}55501{line:02d}"

    def register(self, on: date) -> PatientState:
        """A new record; about one in sixteen shares a number with a relative, whose family name it bears."""
        random = self.random
        relative = self.pick() if self.mrns and random.random() < SHARED_NUMBER else None
        sex = "F" if random.random() < 0.54 else "M"
        given = random.choice(GIVEN_F if sex == "F" else GIVEN_M)
        born_on = on - timedelta(days=int(random.triangular(30, 92 * 365, 50 * 365)))
        family = relative.family if relative else random.choice(FAMILIES)
        is_minor = (on - born_on).days < 18 * 365
        luck = random.random()
        mobile = "" if luck < NO_MOBILE else (relative.mobile or self.number()) if relative else self.number()
        home = "" if luck < NO_NUMBER or random.random() < 0.55 else self.number()
        return self._add(
            PatientState(
                mrn=self.next_mrn(),
                source=self.source,
                family=family,
                given=given,
                sex=sex,
                born_on=born_on,
                language=random.choices(CODES, SHARES)[0],
                mobile=mobile,
                home=home,
                email=f"{given[:1]}.{family}{self._numbers % 97}@mail.example".lower() if random.random() < 0.7 else "",
                address=self.address(),
                portal_active=random.random() < 0.62,
                is_protected=random.random() < 0.01,
                is_vip=random.random() < 0.005,
                no_contact=random.random() < 0.02,
                guardian=f"{random.choice(GIVEN_F)} {family}" if is_minor else "",
            )
        )

    def duplicate(self, mrn: str, random: Random) -> PatientState:
        """A second record of the same person, as a hurried front desk makes it."""
        first = self.records[mrn]
        given = first.given if random.random() < 0.6 else first.given[:1]
        twin = first._replace(mrn=self.next_mrn(), given=given, mobile=self.number(), email="", home="")
        self.twins[twin.mrn] = self.first_of(mrn)
        return self._add(twin, is_pickable=False)

    def first_of(self, mrn: str) -> str:
        """The record under which this person was first known."""
        return self.twins.get(mrn, mrn)

    def pick(self) -> PatientState:
        """Any living, unmerged record; merged and dead ones are dropped from the list as they are met."""
        while True:
            index = int(self.random.random() * len(self.mrns))
            record = self.records[self.mrns[index]]
            if record.died_at is None and not record.merged_into:
                return record
            self.mrns[index] = self.mrns[-1]
            self.mrns.pop()

    def change(self, mrn: str, **fields: object) -> PatientState:
        """The record with the fields replaced."""
        self.records[mrn] = record = self.records[mrn]._replace(**fields)  # type: ignore[arg-type]  # checked by tests
        return record

    def next_mrn(self) -> str:
        """The next medical record number."""
        return f"{self.prefix}{len(self.records) + 100001}"

    def address(self) -> str:
        """A street and number."""
        return f"{self.random.randrange(10, 990)} {self.random.choice(STREETS)} Street"

    def _add(self, record: PatientState, *, is_pickable: bool = True) -> PatientState:
        self.records[record.mrn] = record
        if is_pickable:
            self.mrns.append(record.mrn)
        return record
