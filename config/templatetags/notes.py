"""The tag that prints notes of other floors."""

from typing import Any

from django import template
from django.template import Context

from config.web.notes import notes_for

register = template.Library()


@register.inclusion_tag("components/notes.html", takes_context=True)
def notes(context: Context) -> dict[str, Any]:
    """Print a banner for each note; nothing where there is none."""
    return {"notes": notes_for(context["request"])}
