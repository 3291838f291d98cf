"""Cells of the inbox that hold only numbers of ours, written in one go: the engine takes longer over each part."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from exceptions.selectors.rows import ExceptionRow

register = template.Library()


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
