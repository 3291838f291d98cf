"""Components render what they are given, and nothing inline that the CSP would stop."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from config.web import masking, svg
from config.web.menus import Option

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
CHANCE = svg.ruler(
    opened_at=NOW - timedelta(minutes=8),
    now=NOW,
    last_at=NOW + timedelta(minutes=24),
    starts_at=NOW + timedelta(minutes=59),
    zone=ZoneInfo("America/Chicago"),
    left="24 min left",
    opened="Freed",
)
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "verdict": ({"tone": "held", "word": "Held", "sentence": "Data is 22 min old."}, "<b>Held</b>"),
    "answers": ({"answers": [{"label": "Why now", "text": "Freed", "note": "by text"}]}, "<small>by text</small>"),
    "facts": ({"facts": [("Clinic", "Imaging")], "wide": True}, "facts--wide"),
    "timeline": ({"entries": [{"at": NOW, "text": "Called", "note": "", "url": ""}]}, "Called"),
    "message": ({"lines": masking.mask_hl7("MSH|^~\\&|A", culprits=frozenset({"A"}))}, "<mark>A</mark>"),
    "notice": ({"title": "Nothing due.", "links": [{"url": "/", "text": "Today", "note": "first"}]}, ", first"),
    "banner": ({"tone": "warn", "word": "Ageing", "text": "12 min old", "url": "/", "link": "See"}, 'role="alert"'),
    "pane-head": ({"title": "Wren Halloway", "meta": ["English"], "aside": "Yours"}, "Yours"),
    "pane-empty": ({}, "Choose a row"),
    "ruler": ({"ruler": CHANCE, "opened": "Freed"}, "24 min left"),
    "gauge": ({"gauge": svg.gauge(1320, 300, 900, title="22 min")}, 'aria-label="22 min"'),
    "spark": ({"bars": svg.spark([1, 2, 3])}, 'class="now"'),
    "columns": ({"columns": svg.columns([("09", 3)]), "title": "By hour"}, '<th scope="row">09</th><td>3</td>'),
    "new-bar": ({"url": "/live/queue/"}, 'data-every="15"'),
    "new-bar-content": ({"text": "7 new.", "url": "/queue/"}, "data-refresh"),
    "splits": ({"splits": [{"label": "Mine", "url": "?split=mine", "count": 3, "is_current": True}]}, "aria-current"),
    "filter": ({"label": "Clinic", "chosen": "", "options": [Option("All", "?", is_current=False)]}, "<summary"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_component_shows_its_context(name):
    context, expected = CASES[name]

    html = render_to_string(f"components/{name}.html", context | {"now": NOW, "zone": ZoneInfo("UTC")})

    assert expected in html


def test_new_bar_content_is_empty_when_nothing_is_new():
    assert render_to_string("components/new-bar-content.html", {"text": ""}).strip() == ""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(path):
    source = path.read_text()

    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*src=)|javascript:", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_opens_by_naming_its_context(path):
    assert path.read_text().startswith("{#")
