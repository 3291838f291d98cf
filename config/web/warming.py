"""What a first request would else wait for."""

from pathlib import Path

from django.template import Engine
from django.urls import get_resolver


def warm() -> list[str]:
    """Read every address and compile every template of ours; returns the names of the templates.

    Done before gunicorn forks, so that all its processes share the work. Raises TemplateSyntaxError for a template
    that no page could print.
    """
    _ = get_resolver().url_patterns
    engine = Engine.get_default()
    names = [str(file.relative_to(folder)) for folder in engine.dirs for file in sorted(Path(folder).rglob("*.html"))]
    for name in names:
        engine.get_template(name)
    return names
