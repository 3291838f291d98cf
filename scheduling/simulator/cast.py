"""The people of the demonstration: one sign-in per role, with what each may do and which team they belong to."""

from typing import NamedTuple

from accounts.vocabulary import Role

DOMAIN = "northfield.example"
PASSWORD = "recover-every-visit"  # noqa: S105 - invented people of a demonstration; printed at every start
EVERYWHERE = ""


class Person(NamedTuple):
    """Somebody who works at the desk; ``source`` is the key of the one source the grant is for, or everywhere."""

    name: str
    given: str
    family: str
    role: Role
    source: str
    team: str

    @property
    def email(self) -> str:
        """The address, which is also the user name."""
        return f"{self.name}@{DOMAIN}"


class TeamPlan(NamedTuple):
    """A team by key; the catch-all gets what no rule routes."""

    key: str
    name: str
    is_catch_all: bool = False


TEAMS = (
    TeamPlan("access-desk", "Access desk"),
    TeamPlan("northside-interfaces", "Northside interfaces"),
    TeamPlan("harbor-interfaces", "Harbor interfaces"),
    TeamPlan("elm-interfaces", "Elm Street interfaces"),
    TeamPlan("mapping", "Status mapping"),
    TeamPlan("integration", "Integration", is_catch_all=True),
    TeamPlan("launch", "Launch"),
)
PEOPLE = (
    Person("dana", "Dana", "Whitlow", Role.ACCESS, EVERYWHERE, "access-desk"),
    Person("theo", "Theo", "Barlowe", Role.ACCESS, "harbor", "access-desk"),
    Person("ruth", "Ruth", "Castellan", Role.SUPERVISOR, EVERYWHERE, "access-desk"),
    Person("ines", "Ines", "Cordero", Role.INTEGRATION, EVERYWHERE, "integration"),
    Person("nils", "Nils", "Lindqvist", Role.INTEGRATION, "northside", "northside-interfaces"),
    Person("mara", "Mara", "Okafor", Role.MAPPING, EVERYWHERE, "mapping"),
    Person("otto", "Otto", "Greenhalgh", Role.MAPPING, EVERYWHERE, "mapping"),
    Person("lena", "Lena", "Norwood", Role.LAUNCH, EVERYWHERE, "launch"),
    Person("ada", "Ada", "Fenwick", Role.AUDITOR, EVERYWHERE, ""),
    Person("amir", "Amir", "Farrokh", Role.ADMIN, EVERYWHERE, ""),
)
