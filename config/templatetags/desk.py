"""Small tags of every page: times, marks, flags, raw values, counts.

The page's context gives ``now`` (aware) and ``zone`` (a ZoneInfo); a tag's own zone wins.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from config.web import times
from config.web.menus import Option

register = template.Library()

TONES = {"held", "warn", "fresh", "idle"}
MARKED = '<span class="{0} tone-{1}"><svg class="mark" aria-hidden="true"><use href="#m-{1}"/></svg>{2}</span>'
CURRENT = SafeString(' aria-current="true"')
LEVELS = {"low": 1, "medium": 2, "high": 3}


def zone_of(context: Context, zone: str | ZoneInfo | None) -> ZoneInfo:
    """Choose the tag's zone, else the page's."""
    if isinstance(zone, ZoneInfo):
        return zone
    return ZoneInfo(zone) if zone else context["zone"]


def time_element(moment: datetime, title: str, text: str) -> SafeString:
    """Wrap a time so that machines and the pointer get the whole of it."""
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), title, text)


@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """Print "in 25 min (10:40 CST)"; nothing for None."""
    if moment is None:
        return ""
    text = times.both(moment, zone_of(context, zone), context["now"])
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.simple_tag(takes_context=True)
def clock(context: Context, moment: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """Print "10:40 CST", with the day when it is not today."""
    if moment is None:
        return ""
    now = context["now"]
    return time_element(moment, times.relative(moment, now), times.clock(moment, zone_of(context, zone), now))


@register.simple_tag(takes_context=True)
def relative(context: Context, moment: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """Print "in 25 min" or "8 min ago"; the clock time stands in the title."""
    if moment is None:
        return ""
    now = context["now"]
    return time_element(moment, times.clock(moment, zone_of(context, zone), now), times.relative(moment, now))


@register.simple_tag(takes_context=True)
def age(context: Context, moment: datetime | None) -> str:
    """Print how long ago or ahead a moment is, without a direction: "22 min"."""
    return "" if moment is None else times.span((context["now"] - moment).total_seconds())


@register.simple_tag(takes_context=True)
def day(context: Context, moment: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """Print the local day: "Tue 24 Nov 2026"."""
    return "" if moment is None else times.day(moment, zone_of(context, zone))


@register.filter
def zone_words(zone: ZoneInfo) -> str:
    """Print a zone as people name it: "Central time"."""
    return times.zone_words(zone)


@register.filter
def span(seconds: float | None) -> str:
    """Print a length of time given in seconds: "1 h 19"."""
    return "" if seconds is None else times.span(seconds)


@register.simple_tag
def mark(tone: str) -> str:
    """Draw the shape of a tone: held square, warn triangle, fresh disc, idle ring; nothing for another word."""
    if tone not in TONES:
        return ""
    return format_html('<svg class="mark tone-{0}" aria-hidden="true"><use href="#m-{0}"/></svg>', tone)


@register.simple_tag
def flag(tone: str, text: object) -> SafeString:
    """Draw a mark and its word; without a tone only the mark's place is kept (normal is silent)."""
    return _flag(tone, conditional_escape(text if isinstance(text, str) else str(text)))


@lru_cache(maxsize=256)
def _flag(tone: str, text: SafeString) -> SafeString:
    """``flag`` of an escaped text: a list draws the same few on every row."""
    if tone not in TONES:
        return format_html('<span class="flag flag--plain">{}</span>', text)
    return format_html(MARKED, "flag", tone, text)


@register.simple_tag
def pill(tone: str, text: object) -> SafeString:
    """Draw a state that must be found while scanning."""
    if tone not in TONES:
        return format_html('<span class="pill">{}</span>', text)
    return format_html(MARKED, "pill", tone, text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite: lock, call, text, pin, check, cross, down, up."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def raw(value: object) -> SafeString:
    """Print a value exactly as a feed sent it; an empty one says so."""
    if value in (None, ""):
        return format_html('<span class="muted">{}</span>', "none")
    return format_html('<code class="raw">{}</code>', value)


@register.simple_tag
def key(*caps: str) -> SafeString:
    """Draw key caps: ``{% key "j" "k" %}``."""
    return format_html_join("", '<kbd class="key">{}</kbd>', ((cap,) for cap in caps))


@register.simple_tag
def levels(band: str) -> str:
    """Draw the three bars of a risk band: low, medium or high; ink, because risk is no alarm."""
    reached = LEVELS.get(band.lower(), 0)
    shapes = ["M0 6h3v4H0z", "M4 3h3v7H4z", "M8 0h3v10H8z"]
    classes = [SafeString(' class="on"') if place < reached else "" for place in range(len(shapes))]
    paths = format_html_join("", '<path{} d="{}"/>', zip(classes, shapes, strict=True))
    return format_html('<svg class="levels" viewBox="0 0 11 10" aria-hidden="true">{}</svg>', paths)


@register.filter
def count(value: int | str | None) -> str:
    """Print a number with thousands separators; None is nothing."""
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def plural(value: object, words: str) -> str:
    """Print number and noun: ``{{ n|plural:"visit,visits" }}`` gives "1 visit" or "12 visits"."""
    one, _, many = words.partition(",")
    number = int(getattr(value, "value", value))  # type: ignore[call-overload]  # an int, a digit text or a Count
    return f"{value if not isinstance(value, int) else format(value, ',')} {one if number == 1 else many}"


@register.filter
def kept(query: QueryDict, skip: str) -> list[tuple[str, str]]:
    """List the parameters of an address that a GET form must carry along; ``skip`` names those it sets itself."""
    left_out = set(skip.split())
    return [(name, value) for name, values in query.lists() if name not in left_out for value in values]


@register.filter
def menu_items(options: Iterable[Option]) -> SafeString:
    """Print a menu's choices as list items in one go: the engine takes far longer over a hundred of them."""
    return format_html_join(
        "",
        '<li><a href="{}"{}>{}</a></li>',
        ((option.url, CURRENT if option.is_current else "", option.label) for option in options),
    )
