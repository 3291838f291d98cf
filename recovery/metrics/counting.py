"""From counted rows to the numbers of the page, week by week. Pure: every total is the sum of its weeks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from recovery.metrics.causes import TAKEN, Cause, Flag, cause_of
from recovery.metrics.definitions import FIGURES
from recovery.metrics.measures import Chain, Measure, Ratio, Share
from recovery.vocabulary import Family

# What became of slots that were given back early enough, by figure.
BECAME: Mapping[str, Callable[[Flag], bool]] = {
    "slots_completed": lambda flags: bool(flags & Flag.COMPLETED),
    "slots_taken": lambda flags: bool(flags & TAKEN),
    "slots_taken_missed": lambda flags: bool(flags & Flag.MISSED) and not flags & Flag.COMPLETED,
    "slots_taken_unknown": lambda flags: bool(flags & TAKEN) and not flags & (Flag.COMPLETED | Flag.MISSED),
}


class SlotGroup(NamedTuple):
    """Slots of one week that got the same answers; ``contacts`` are the tries about all of them."""

    week: date
    flags: Flag
    slots: int
    contacts: int


class ChanceGroup(NamedTuple):
    """Chances of one family and week."""

    week: date
    family: Family
    chain: Chain
    contacts: int


@dataclass(slots=True)
class Tallies:
    """Shares by figure and week, chains and contacts by family and week."""

    shares: defaultdict[str, defaultdict[date, Share]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Share))
    )
    chains: defaultdict[Family, defaultdict[date, Chain]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Chain))
    )
    contacts: defaultdict[Family, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, figure: str, week: date, *, part: int, whole: int) -> None:
        """Count so many more."""
        self.shares[figure][week] = self.shares[figure][week].plus(Share(part, whole))

    def add_slots(self, groups: Iterable[SlotGroup]) -> None:
        """Count freed slots: what became of them, why they stayed empty, what was done for them."""
        for group in groups:
            self._add_outcome(group)
            self._add_cause(group)
            found = group.slots if group.flags & Flag.FOUND else 0
            acted = group.slots if group.flags & Flag.ACTED else 0
            chain = Chain(found, acted, acted if group.flags & Flag.COMPLETED else 0)
            self.add_chances([ChanceGroup(group.week, Family.REFILL, chain, group.contacts)])

    def add_chances(self, groups: Iterable[ChanceGroup]) -> None:
        """Count chances that were found, acted on, completed."""
        for group in groups:
            weeks = self.chains[group.family]
            weeks[group.week] = weeks[group.week].plus(group.chain)
            self.contacts[group.family] += group.contacts

    def _add_outcome(self, group: SlotGroup) -> None:
        if group.flags & Flag.NOTICED:
            for figure, has_become in BECAME.items():
                self.add(figure, group.week, part=group.slots if has_become(group.flags) else 0, whole=group.slots)

    def _add_cause(self, group: SlotGroup) -> None:
        cause = cause_of(group.flags)
        self.add("slots_lost", group.week, part=group.slots if cause else 0, whole=group.slots)
        for other in Cause if cause else ():
            self.add(f"lost_{other}", group.week, part=group.slots if other == cause else 0, whole=group.slots)


def slot_counts(figure: str, flags: Flag) -> bool:
    """Whether a slot is one of those that a figure counts; one that counts no slots has none."""
    if figure in BECAME:
        return bool(flags & Flag.NOTICED) and BECAME[figure](flags)
    if figure in (f"yield_{Family.REFILL}", f"contacts_{Family.REFILL}"):
        return bool(flags & Flag.ACTED)
    cause = cause_of(flags)
    return cause is not None and figure in ("slots_lost", f"lost_{cause}")


class Figure(NamedTuple):
    """One number of the page, and week by week where it is a share or a chain."""

    id: str
    measure: Measure
    weeks: tuple[tuple[date, Measure], ...] = ()


def figures_of(
    tallies: Tallies, spreads: Mapping[str, Measure], weeks: Iterable[date], families: Iterable[Family]
) -> dict[str, Figure]:
    """Every figure of these kinds of work, in the order in which they are defined; one without cases is there too."""
    mondays, wanted = tuple(weeks), frozenset(families)
    return {
        figure: _figure(figure, tallies, spreads, mondays)
        for figure, one in FIGURES.items()
        if wanted.intersection(one.families)
    }


def _figure(figure: str, tallies: Tallies, spreads: Mapping[str, Measure], mondays: tuple[date, ...]) -> Figure:
    name, _, rest = figure.partition("_")
    if figure in spreads:
        return Figure(figure, spreads[figure])
    if name == "yield":
        chains = tallies.chains[Family(rest)]
        return Figure(figure, _all_chains(chains), tuple((monday, chains[monday]) for monday in mondays))
    if name == "contacts":
        family = Family(rest)
        return Figure(figure, Ratio(tallies.contacts[family], _all_chains(tallies.chains[family]).completed))
    shares = tallies.shares[figure]
    total = Share(sum(one.part for one in shares.values()), sum(one.whole for one in shares.values()))
    return Figure(figure, total, tuple((monday, shares[monday]) for monday in mondays))


def _all_chains(chains: Mapping[date, Chain]) -> Chain:
    return Chain(*(sum(numbers) for numbers in zip(*chains.values(), strict=True))) if chains else Chain()
