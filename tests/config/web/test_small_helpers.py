"""Exports, live fragments, links, menus, partials, tags, error pages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import engines
from django.test import override_settings

from config.web import errors
from config.web.exports import csv_response
from config.web.links import safe_next, with_query
from config.web.live import live_response
from config.web.menus import Option, Split, menu, splits
from config.web.requests import browser_of, client_address

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


def render(source, **context):
    return engines["django"].from_string("{% load desk %}" + source).render({"now": NOW, "zone": CHICAGO} | context)


@pytest.mark.parametrize(
    ("cell", "printed"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "'-5"), (-5, "-5"), (None, '""'), ("a,b", '"a,b"'), ("plain", "plain")],
    ids=["formula", "at", "text minus", "number", "none", "comma", "plain"],
)
def test_no_cell_of_an_export_is_a_formula(cell, printed):
    response = csv_response("rows", ["Head"], [[cell]])

    assert b"".join(response).decode() == f"\ufeffHead\r\n{printed}\r\n"


def test_an_export_is_cut_and_says_so():
    lines = b"".join(csv_response("rows", ["N"], ([n] for n in range(5)), limit=3)).decode().splitlines()

    assert lines[1:] == ["0", "1", "2", "Cut at 3 rows. Narrow the filter to get the others."]


def test_an_export_of_exactly_the_limit_is_whole():
    assert b"Cut" not in b"".join(csv_response("rows", ["N"], ([n] for n in range(3)), limit=3))


def poll(rf, tag="", version=1, path="/live/queue/", pk=1):
    request = rf.get(path, headers={"if-none-match": tag} if tag else {})
    request.user = AnonymousUser()
    request.user.pk = pk
    return live_response(request, version, lambda: HttpResponse("7 new"))


def test_a_poll_is_304_until_its_version_changes(rf):
    first = poll(rf)
    same = poll(rf, first["ETag"])
    changed = poll(rf, first["ETag"], version=2)

    assert [(answer.status_code, answer.content) for answer in (first, same, changed)] == [
        (200, b"7 new"),
        (304, b""),
        (200, b"7 new"),
    ]


@pytest.mark.parametrize("other", [{"pk": 2}, {"path": "/live/queue/?split=mine"}], ids=["person", "address"])
def test_a_poll_of_another_person_or_address_is_no_304(rf, other):
    assert poll(rf, poll(rf)["ETag"], **other).status_code == 200


def test_links_keep_other_filters_and_start_at_the_first_page(rf):
    request = rf.get("/queue/?split=mine&after=abc&kind=refill")

    assert with_query(request, split="held") == "?split=held&kind=refill"
    assert with_query(request, kind="", split=None) == "?"


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/queue/?item=7", "/queue/?item=7"),
        ("https://elsewhere.example/", "/x/"),
        ("javascript:alert(1)", "/x/"),
        ("", "/x/"),
    ],
    ids=["ours", "elsewhere", "script", "none"],
)
def test_next_is_one_of_our_addresses(rf, asked, goes):
    assert safe_next(rf.post("/", {"next": asked}), "/x/") == goes


def test_splits_and_menus_are_links(rf):
    request = rf.get("/queue/?split=mine&clinic=4")

    assert splits(request, [("", "All"), ("mine", "Mine")], counts={"mine": 3}) == [
        Split("All", "?clinic=4", is_current=False),
        Split("Mine", "?clinic=4&split=mine", is_current=True, count=3),
    ]
    drawn = menu(request, "clinic", "Clinic", [("4", "Imaging")])
    assert (drawn.chosen, drawn.options[1]) == ("Imaging", Option("Imaging", "?split=mine&clinic=4", is_current=True))


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/18 Safari/605", "Safari on Mac"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_have_names(rf, agent, name):
    assert browser_of(rf.get("/", headers={"user-agent": agent})) == name


def test_a_forwarded_address_counts_only_behind_our_proxy(rf):
    request = rf.get("/", headers={"x-forwarded-for": "6.6.6.6, 10.1.1.1"})

    assert client_address(request) == "127.0.0.1"
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert client_address(request) == "10.1.1.1"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{% when at %}", '<time datetime="2026-11-24T16:40:00+00:00">in 59 min (10:40 CST)</time>'),
        (
            "{% clock at 'America/New_York' %}",
            '<time datetime="2026-11-24T16:40:00+00:00" title="in 59 min">11:40 EST</time>',
        ),
        ("{% relative at %}", '<time datetime="2026-11-24T16:40:00+00:00" title="10:40 CST">in 59 min</time>'),
        ("{% age at %}", "59 min"),
        ("{% day at %}", "Tue 24 Nov 2026"),
        ("{% when none %}{% clock none %}{% relative none %}{% age none %}{% day none %}", ""),
        ("{{ 4740|span }}", "1 h 19"),
        ("{% mark 'nonsense' %}", ""),
        ("{% flag '' 'Yes' %}", '<span class="flag flag--plain">Yes</span>'),
        ("{% raw '' %}", '<span class="muted">none</span>'),
        ("{% raw bad %}", '<code class="raw">&lt;b&gt;</code>'),
        ("{% key 'j' 'k' %}", '<kbd class="key">j</kbd><kbd class="key">k</kbd>'),
        ("{{ 1|plural:'visit,visits' }} {{ 1200|plural:'visit,visits' }}", "1 visit 1,200 visits"),
        ("{{ 12000|count }}", "12,000"),
    ],
)
def test_tags(source, printed):
    assert render(source, at=NOW + timedelta(minutes=59), none=None, bad="<b>") == printed


def test_a_mark_has_its_shape_and_its_word():
    assert render("{% flag 'held' word %}", word="<held>") == (
        '<span class="flag tone-held"><svg class="mark" aria-hidden="true"><use href="#m-held"/></svg>'
        "&lt;held&gt;</span>"
    )


def test_levels_fill_up_to_their_band():
    assert [render("{% levels band %}", band=band).count('class="on"') for band in ("Low", "medium", "high", "?")] == [
        1,
        2,
        3,
        0,
    ]


def test_a_conflict_says_what_changed(rf, db):
    request = rf.get("/")
    request.user = AnonymousUser()

    response = errors.conflict(request, "Booked at 09:44 by the front desk.")

    assert response.status_code == 409
    assert b"Booked at 09:44 by the front desk." in response.content


def test_too_many_says_when_to_come_back(rf, db):
    request = rf.get("/")
    request.user = AnonymousUser()

    response = errors.too_many(request, NOW + timedelta(seconds=90), now=NOW)

    assert (response.status_code, response["Retry-After"]) == (429, "120")
    assert b"You can try again in 2 min (15:43 UTC)." in response.content


@pytest.mark.parametrize(("answer", "status"), [(errors.bad_request, 400), (errors.failed, 500)])
def test_failures_need_no_person_and_no_database(rf, answer, status):
    response = answer(rf.get("/"))

    assert response.status_code == status
    assert b"Recovery Desk" in response.content
