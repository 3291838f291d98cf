"""Geometry of the small drawings, computed here so that templates only print numbers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def at(value: float) -> str:
    """Print a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Tick:
    """A tick of a scale; minor ticks have no label."""

    x: str
    label: str = ""


@dataclass(frozen=True)
class Bar:
    """A rectangle; ``kind`` is the class that colours it."""

    x: str
    y: str
    width: str
    height: str
    kind: str = ""
    label: str = ""


@dataclass(frozen=True)
class Ruler:
    """One chance on a scale of time, 388 units wide: since when, now, last useful moment, start."""

    ticks: list[Tick]
    bars: list[Bar]
    opened_x: str
    opened_label_x: str
    now_x: str
    head: str
    last_x: str
    start_label: str
    now_label: str
    now_label_x: str
    is_label_left: bool
    title: str
    is_over: bool
    shows_opened: bool
    shows_last_label: bool
    last_label_x: str


RULER_WIDTH = 388.0
STEPS = [5, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080]  # minutes between labelled ticks
MOST_LABELS = 7


def ruler(
    *,
    opened_at: datetime,
    now: datetime,
    last_at: datetime,
    starts_at: datetime,
    zone: ZoneInfo,
    left: str,
    opened: str,
) -> Ruler:
    """Lay out a chance; ``left`` is the needle's label ("24 min left"), ``opened`` names its beginning ("Freed")."""
    begin, end = min(opened_at, now), max(starts_at, now)
    pad = max((end - begin) * 0.08, timedelta(minutes=1))
    begin, end = begin - pad, end + pad

    def x(moment: datetime) -> float:
        return RULER_WIDTH * ((moment - begin) / (end - begin))

    spent_to, useful_from = min(now, last_at), max(min(now, last_at), opened_at)
    slot = max(RULER_WIDTH - x(starts_at), 6)
    bars = [
        strip(x(opened_at), x(spent_to), "window--spent"),
        strip(x(useful_from), x(last_at), "window"),
        strip(x(last_at), x(starts_at), "unknown"),
        Bar(at(RULER_WIDTH - slot), "30.5", at(slot - 0.5), "13", "slot"),
    ]
    needle = x(now)
    is_left = needle > RULER_WIDTH * 0.55
    return Ruler(
        ticks=time_ticks(begin, end, zone),
        bars=[bar for bar in bars if float(bar.width) > 0],
        opened_x=at(x(opened_at)),
        opened_label_x=at(max(x(opened_at), 18)),
        now_x=at(needle),
        head=f"M{at(needle - 4)} 12h8l-4 6z",
        last_x=at(x(last_at)),
        start_label="Starts" if RULER_WIDTH - needle > 44 else "",
        now_label=left,
        now_label_x=at(needle - 8 if is_left else needle + 8),
        is_label_left=is_left,
        title=f"{opened} {local(opened_at, zone)}, now {local(now, zone)}, "
        f"last useful call {local(last_at, zone)}, starts {local(starts_at, zone)}",
        is_over=now > last_at,
        # Labels that would run into the needle's stay in the title only.
        shows_opened=abs(needle - x(opened_at)) > 26,
        shows_last_label=x(last_at) - needle > (0 if is_left else 96) and RULER_WIDTH - x(last_at) > 120,
        last_label_x=at(x(last_at) - 2),
    )


def strip(left: float, right: float, kind: str) -> Bar:
    """Draw a stretch of the ruler."""
    return Bar(at(left), "36", at(max(right - left, 0)), "6", kind)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Give the clock time of a label."""
    return f"{moment.astimezone(zone):%H:%M}"


def time_ticks(begin: datetime, end: datetime, zone: ZoneInfo) -> list[Tick]:
    """Place labelled ticks on round local times, and three minor ones between two of them."""
    minutes = (end - begin) / timedelta(minutes=1)
    step = next((step for step in STEPS if minutes / step <= MOST_LABELS), STEPS[-1])
    midnight = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks: list[Tick] = []
    minor = step / 3
    count = int((begin - midnight) / timedelta(minutes=minor))
    # Elapsed time is counted in UTC, so a DST change in between shifts labels, not ticks.
    moment = midnight.astimezone(begin.tzinfo) + timedelta(minutes=minor) * count
    while moment <= end:
        if moment >= begin:
            place = RULER_WIDTH * ((moment - begin) / (end - begin))
            is_major = count % 3 == 0 and 14 < place < RULER_WIDTH - 14
            label = tick_label(moment.astimezone(zone), step) if is_major else ""
            ticks.append(Tick(at(place), label))
        count += 1
        moment += timedelta(minutes=minor)
    return ticks


def tick_label(there: datetime, step: int) -> str:
    """Name a tick by the clock, by the weekday when steps are days, by the date when they are weeks."""
    if step < 1440:
        return f"{there:%H:%M}"
    return f"{there:%a}" if step < 10080 else f"{there.day} {there:%b}"


@dataclass(frozen=True)
class Gauge:
    """An age on its own limits, 132 units wide: a third each for fresh, ageing and held; one is lit."""

    segments: list[Bar]
    needle: str
    title: str


THIRD = 44.0


def gauge(age: float, warn_after: float, held_after: float, *, title: str) -> Gauge:
    """Lay out an age in seconds against its two limits, which stand at the same places on every gauge."""
    if age <= warn_after:
        zone, share = 0, age / warn_after if warn_after else 0.0
    elif age <= held_after:
        zone, share = 1, (age - warn_after) / (held_after - warn_after)
    else:
        # The held third ends at twice the limit; older stays at its end.
        zone, share = 2, min(age / held_after - 1, 1.0) if held_after else 1.0
    kinds = ["seg-fresh", "seg-warn", "seg-held"]
    segments = [
        Bar(at(THIRD * place), "4", at(THIRD - 1), "3", kind if place == zone else "off")
        for place, kind in enumerate(kinds)
    ]
    return Gauge(segments, f"M{at(THIRD * (zone + share))} 8.5l-3.5 -7h7z", title)


@dataclass(frozen=True)
class Spark:
    """The bars of a small chart as two paths: what was, and the running hour. "" draws nothing.

    A list prints fifty of them, and a template takes far longer over 24 bars than over one path.
    """

    past: str
    now: str


# A bar of so many tenths that stands on 19; a list draws over a thousand.
_BARS = [f" {at(19 - tenths / 10)}h2v{at(tenths / 10)}h-2z" for tenths in range(181)]


def spark(counts: Sequence[int]) -> Spark:
    """Lay out up to 24 hourly counts, oldest first, in 72 x 20 units; the last one is now. Zeros draw nothing."""
    top = max([*counts, 1])
    bars = [f"M{3 * hour}{_BARS[round(180 * count / top)]}" if count else "" for hour, count in enumerate(counts)]
    return Spark("".join(bars[:-1]), bars[-1] if bars else "")


@dataclass(frozen=True)
class Column:
    """A column of a bar chart with its number above and its name below."""

    bar: Bar
    name: str
    count: int
    middle: str
    above: str


def columns(counts: Sequence[tuple[str, int]], *, width: float = 360, height: float = 64) -> list[Column]:
    """Lay out named columns that stand ``height`` below 14 units kept for the numbers above them."""
    top = max([count for _, count in counts], default=0) or 1
    step = width / max(len(counts), 1)
    drawn = []
    for place, (name, count) in enumerate(counts):
        size = height * count / top
        bar = Bar(at(step * place + step * 0.2), at(14 + height - size), at(step * 0.6), at(size), "bar")
        drawn.append(Column(bar, name, count, at(step * (place + 0.5)), at(10 + height - size)))
    return drawn
