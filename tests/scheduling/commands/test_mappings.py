"""``manage.py mappings``: what it prints, and that loading a pack never puts it in force."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scheduling.models.mapping import MappingPublication, MappingRevision
from tests.scheduling.mapping_cast import BOOKED, make_approved, make_source, person

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command("mappings", *words, stdout=out)
    return out.getvalue()


def test_load_pack_fills_a_draft_and_names_what_needs_a_person():
    make_source(), person("ada")

    answer = json.loads(run("load-pack", "north", "barts-tie", "--actor", "ada@example.org", "--json"))
    again = json.loads(run("load-pack", "north", "redox", "--rows", "1,3", "--actor", "ada@example.org", "--json"))

    asked = ["S26 + Cancelled", "S26 + Confirmed", "Confirmed"]
    assert answer == {"source": "north", "revision": 1, "adopted": 0, "needs_person": asked}
    assert (again["revision"], again["adopted"]) == (1, 2)
    assert MappingPublication.objects.count() == 0


def test_publish_puts_an_approved_revision_in_force():
    make_approved(make_source(), BOOKED)
    moment = "2026-03-01T06:00:00+00:00"

    answer = json.loads(
        run("publish", "north", "1", "--effective-from", moment, "--actor", "ben@example.org", "--json")
    )

    assert answer == {"source": "north", "revision": 1, "publication": 1, "effective_from": moment}


def test_list_names_packs_and_revisions():
    make_approved(make_source(), BOOKED)

    answer = json.loads(run("list", "--json"))

    assert {"name": "redox", "rows": 5, "ready": 4} in answer["packs"]
    assert answer["revisions"] == [
        {"source": "north", "revision": 1, "state": "approved", "title": "First", "published": []}
    ]
    assert "packs: name redox, rows 5, ready 4" in run("list")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("load-pack", "south", "redox", "--actor", "ada@example.org"), "no source south"),
        (("load-pack", "north", "redox", "--actor", "eve@example.org"), "no active user"),
        (("load-pack", "north", "nix", "--actor", "ada@example.org"), "no starter pack"),
        (("load-pack", "north", "redox", "--rows", "2", "--actor", "ada@example.org"), "by hand"),
        (("load-pack", "north", "redox", "--rows", "a", "--actor", "ada@example.org"), "numbers"),
        (("publish", "north", "7", "--actor", "ada@example.org"), "no revision 7"),
        (("publish", "north", "1", "--actor", "ada@example.org"), "approved"),
        (("publish", "north", "1", "--effective-from", "soon", "--actor", "ada@example.org"), "zone"),
        (("publish", "north", "1", "--effective-from", "2026-03-01T00:00", "--actor", "ada@example.org"), "zone"),
        (("publish", "north", "1", "--effective-from", "2026-99-01T00:00Z", "--actor", "ada@example.org"), "moment"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refusals_are_sentences(words, sentence):
    MappingRevision.objects.create(
        source=make_source(), number=1, title="x", author=person("ada"), created_at="2026-01-01T00:00Z"
    )

    with pytest.raises(CommandError, match=sentence):
        run(*words)
