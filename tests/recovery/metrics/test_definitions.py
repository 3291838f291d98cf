"""The document says what the code counts, word for word."""

from itertools import groupby
from pathlib import Path

from django.conf import settings

from recovery.metrics.causes import Cause
from recovery.metrics.definitions import FIGURES
from recovery.vocabulary import Family

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "metrics.md"


def document():
    """Every group with its table, as docs/metrics.md has it."""
    for group, figures in groupby(FIGURES.values(), key=lambda one: one.group):
        yield from (
            "",
            f"### {group}",
            "",
            "| Figure | Of | Counts | Left out | Unit, rounding |",
            "|---|---|---|---|---|",
        )
        for one in figures:
            yield f"| {one.label} (`{one.id}`) | {one.of} | {one.counts} | {one.out} | {one.unit}. {one.rounding} |"


def test_document_holds_every_definition_as_it_is_in_code():
    """Where this fails: the lines of ``document()`` belong below "## Definitions", and nothing else."""
    _, _, written = DOCUMENT.read_text().partition("## Definitions\n")

    assert written.rstrip("\n").splitlines() == list(document())


def test_every_cause_and_every_kind_of_work_has_its_figures():
    assert [name for name in FIGURES if name.startswith("lost_")] == [f"lost_{cause}" for cause in Cause]
    assert [name for name in FIGURES if name.startswith("yield_")] == [f"yield_{family}" for family in Family]


def test_figures_are_told_apart_by_group_and_label():
    assert len({(one.group, one.label) for one in FIGURES.values()}) == len(FIGURES)
