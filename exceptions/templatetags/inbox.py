"""Cells of the inbox, written in one go: the engine takes longer over each of their parts."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from exceptions.selectors.rows import ExceptionRow

register = template.Library()

FAINT = SafeString(' class="muted"')


@register.filter
def box(row: ExceptionRow) -> SafeString:
    """The box to tick a row with; it sends id and version."""
    checked = " checked" if row.is_ticked else ""
    return mark_safe(  # noqa: S308 - ids and numbers
        f'<label class="tick"><input type="checkbox" name="row" value="{int(row.pk)}.{int(row.version)}" form="bulk"'
        f'{checked} aria-label="Tick exception {int(row.pk)}"></label>'
    )


@register.filter
def slots(row: ExceptionRow) -> SafeString:
    """How many held visits start before the clinic's next noon, and below how many within 48 h."""
    early = f"<b>{int(row.by_noon):,}</b>" if row.by_noon else '<span class="muted">0</span>'
    within = f'<span class="two">{early}<span>{int(row.slots):,} in 48 h</span></span>' if row.slots else early
    return mark_safe(within)  # noqa: S308 - numbers


@register.filter
def named(row: ExceptionRow) -> SafeString:
    """The kind, which opens the row, and below it where."""
    return format_html(
        '<span class="two"><a class="rowlink" href="{0}" hx-get="{0}" title="{1}">{1}</a>'
        '<span title="{2}">{2}</span></span>',
        row.url,
        row.title,
        row.place,
    )


@register.filter
def trend(row: ExceptionRow) -> SafeString:
    """The last 24 hours as bars."""
    return mark_safe(  # noqa: S308 - numbers and paths of ours
        f'<svg class="spark" viewBox="0 0 72 20" role="img" aria-label="{row.trend}">'
        f'<path class="base" d="M0 19.500h72"/><path class="past" d="{row.bars.past}"/>'
        f'<path class="now" d="{row.bars.now}"/></svg>'
    )


@register.filter
def owned(row: ExceptionRow) -> SafeString:
    """Who answers for it, faint while only a team does, and since when it is open."""
    return format_html(
        '<span class="two"><span id="owner-{}" title="{}"{}>{}</span><span>{}</span></span>',
        row.pk,
        row.owner_name or "Nobody has taken it",
        "" if row.exception.owner_id else FAINT,
        row.owner,
        row.age,
    )
