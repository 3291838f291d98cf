"""``manage.py mappings``: what it prints, and that loading a pack never puts it in force."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scheduling.mapping.rules import Reason, Rule
from scheduling.models import Replay
from scheduling.models.mapping import MappingPublication, MappingRevision
from scheduling.selectors.revision_rows import read_rows
from scheduling.services.mapping import set_reason
from scheduling.vocabulary import Initiator, Status
from tests.scheduling.mapping_cast import BOOKED, NOON, make_approved, make_clinic, make_draft, make_source, person

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

    assert answer == {
        "source": "north", "revision": 1, "publication": 1, "effective_from": moment, "replay": Replay.objects.get().pk,
    }  # fmt: skip


def make_revision():
    source = make_source()
    heart = make_clinic(source)
    draft = make_draft(source, BOOKED, Rule(0, event_reason="", note="*=1", clinic_id=heart.pk, status=Status.MISSED))
    set_reason(draft, Reason("007", Initiator.PATIENT), actor=person("ada"), now=NOON, text="-late")
    return draft


def test_what_is_exported_is_imported_into_another_draft(tmp_path):
    first, ben = make_revision(), person("ben")
    file = tmp_path / "north.csv"

    said = json.loads(run("export", "north", "1", "--output", str(file), "--json"))
    done = json.loads(run(
        "import", "north", str(file), "--title", "Again", "--actor", "ben@example.org", "--based-on", "1", "--json",
    ))  # fmt: skip

    counts = {"rules": 2, "reasons": 1, "precedence": 0}
    draft = MappingRevision.objects.get(number=2)
    assert said == {"source": "north", "revision": 1, **counts, "output": str(file)}
    assert done == {"source": "north", "revision": 2, **counts}
    assert (draft.state, draft.title, draft.based_on, draft.author) == ("draft", "Again", first, ben)
    assert read_rows(draft) == read_rows(first)


def test_export_prints_the_file_and_nothing_else(tmp_path):
    make_revision()

    printed = run("export", "north", "1")

    assert printed.startswith("\ufefftable,clinic,trigger")
    assert printed.endswith("\r\n")
    assert printed == json.loads(run("export", "north", "1", "--json"))["csv"]


def test_a_refused_file_is_one_sentence_and_its_problems_by_line(tmp_path):
    make_revision()
    file = tmp_path / "north.csv"
    file.write_text(run("export", "north", "1").replace(",missed,", ",mist,"), newline="")
    out = StringIO()

    with pytest.raises(CommandError, match=r"^Nothing was imported: the file has one problem\. Line 3, status: “mist”"):
        call_command("mappings", "import", "north", str(file), "--title", "x", "--actor", "ada@example.org", "--json",
                     stdout=out)  # fmt: skip

    problems = json.loads(out.getvalue())["problems"]
    assert [(problem["line"], problem["column"]) for problem in problems] == [(3, "status")]
    assert MappingRevision.objects.count() == 1


def test_problems_are_printed_line_by_line_for_people(tmp_path):
    make_revision()
    file = tmp_path / "north.csv"
    file.write_text(run("export", "north", "1").replace(",yes,", ",ja,"), newline="")
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("mappings", "import", "north", str(file), "--title", "x", "--actor", "ada@example.org", stdout=out)

    assert out.getvalue().splitlines() == [
        f"Line {line}, reopens: Write yes or no." for line in (2, 3, 4)
    ]  # fmt: skip


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
        (("export", "north", "7"), "no revision 7"),
        (("export", "north", "1", "--output", "/nowhere/north.csv"), "cannot be written: No such file"),
        (("import", "north", "/nowhere.csv", "--title", "x", "--actor", "ada@example.org"), "cannot be read: No such"),
        (("import", "north", __file__, "--title", "x", "--actor", "ada@example.org"), "Nothing was imported"),
        (("import", "north", __file__, "--title", "x", "--actor", "eve@example.org"), "no active user"),
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
