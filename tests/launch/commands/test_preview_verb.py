"""``manage.py mappings preview``."""

import json

import pytest
from django.core.management import CommandError, call_command

from scheduling.models import MappingPreview
from tests.launch.conftest import BACK


def run(capsys, *arguments):
    call_command("mappings", "preview", *arguments)
    return capsys.readouterr().out


def test_preview_says_counts_clinics_and_lists_as_json(draft, held, capsys):
    answer = json.loads(run(capsys, "desk", str(draft.number), "--effective-from", BACK.isoformat(), "--json"))

    v1, v2 = held.visit("V1").pk, held.visit("V2").pk
    names = ("events", "released", "statuses", "opened", "closed", "cleared", "raised")
    assert {name: answer[name] for name in names} == {
        "events": 4, "released": 2, "statuses": 2, "opened": 2, "closed": 0, "cleared": 2, "raised": 0,
    }  # fmt: skip
    assert [line["clinic"] for line in answer["clinics"]] == ["card", "derm"]
    assert answer["status_changes"] == [
        {"appointment": v1, "before": "booked", "after": "cancelled"},
        {"appointment": v2, "before": "booked", "after": "cancelled"},
    ]
    assert [(one["what"], one["check"], one["raw"]) for one in answer["exceptions"]] == [
        ("cured", "unmapped_status", "S15 ZZ9")
    ] * 2
    assert [(one["what"], one["family"]) for one in answer["items"]] == [("opened", "refill")] * 2
    assert MappingPreview.objects.count() == 0


def test_preview_for_people_is_lines(draft, capsys):
    assert "released: 2" in run(capsys, "desk", str(draft.number)).splitlines()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere", "1"), "nowhere"),
        (("desk", "99"), "99"),
        (("desk", "1", "--effective-from", "yesterday"), "--effective-from"),
    ],
    ids=["source", "revision", "moment"],
)
def test_what_is_not_there_is_refused(draft, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("mappings", "preview", *arguments)
