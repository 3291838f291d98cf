"""The one question, answered: may this person be contacted for this, now, how, and if not, why and when again."""

from dataclasses import dataclass
from datetime import datetime

from recovery.contacting.facts import Ask, Person, Point
from recovery.contacting.points import best_point, today_of
from recovery.contacting.rules import RULES, Obstacle
from recovery.vocabulary import OutreachChannel

CHANNELS = (OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL)


@dataclass(frozen=True, slots=True)
class Way:
    """One channel: the number or address it would use, and what stands in the way."""

    channel: OutreachChannel
    point: Point | None
    obstacles: tuple[Obstacle, ...]

    @property
    def stops(self) -> tuple[Obstacle, ...]:
        """What forbids it."""
        return tuple(one for one in self.obstacles if not one.is_warning)

    @property
    def cautions(self) -> tuple[Obstacle, ...]:
        """What asks for care."""
        return tuple(one for one in self.obstacles if one.is_warning)

    @property
    def is_allowed(self) -> bool:
        """Whether it may be used now."""
        return self.point is not None and not self.stops

    @property
    def again_at(self) -> datetime | None:
        """When the clock alone will have allowed it; ``None`` where it is allowed, or somebody has to act first."""
        moments = [one.lifts_at for one in self.stops]
        if not moments or None in moments:
            return None
        return max(moment for moment in moments if moment is not None)


@dataclass(frozen=True, slots=True)
class Answer:
    """Every channel, each with its reasons."""

    ways: tuple[Way, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether any way is open now."""
        return any(way.is_allowed for way in self.ways)

    @property
    def again_at(self) -> datetime | None:
        """When the first way opens by the clock alone; None where one is open, or none will."""
        if self.is_allowed:
            return None
        return min((way.again_at for way in self.ways if way.again_at is not None), default=None)

    def opens_too_late(self, until: datetime) -> bool:
        """Whether the clock opens the first way only when the chance is over: a slot that dies before morning."""
        return self.again_at is not None and self.again_at >= until

    def way(self, channel: OutreachChannel) -> Way:
        """One channel's part; raises KeyError for one that is not asked about."""
        for way in self.ways:
            if way.channel == channel:
                return way
        raise KeyError(channel)


def can_contact(person: Person, ask: Ask, now: datetime) -> Answer:
    """Answer for every channel at once."""
    found = [obstacle for rule in RULES for obstacle in rule(person, ask, now)]
    today, ways = today_of(person, ask, now), []
    for channel in CHANNELS:
        mine = tuple(one for one in found if one.channel in (None, channel))
        ways.append(Way(channel, best_point(person, channel, today), mine))
    return Answer(tuple(ways))
