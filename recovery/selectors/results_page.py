"""The results as page and files print them: rows in groups, the pane of one figure, sheets of an export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.http import HttpRequest

from config.web.exports import Sheet
from config.web.links import value_links
from config.web.svg import Column, columns
from recovery.metrics.counting import Figure
from recovery.metrics.definitions import FIGURES, Definition
from recovery.selectors.results import Behind, Results, behind

MOST_SHOWN = 20
MOST_EXPORTED = 10_000
MOST_NAMED, MOST_NUMBERED = 8, 13  # labels of a chart that do not run into each other


class FigureRow(NamedTuple):
    """One line: the number, the counts behind it, its address."""

    definition: Definition
    figure: Figure
    counts: str
    url: str
    is_current: bool


class Group(NamedTuple):
    """Figures under one head."""

    label: str
    rows: list[FigureRow]


@dataclass(frozen=True, slots=True)
class Pane:
    """One figure with its definition, week by week, and the chances behind it."""

    row: FigureRow
    facts: list[tuple[str, str]]
    columns: list[Column]
    weeks: list[tuple[date, int, int]]
    behind: list[Behind]
    is_cut: bool

    @property
    def meta(self) -> list[str]:
        """The group and the counts, for the head."""
        return [self.row.definition.group, *([self.row.counts] if self.row.counts else [])]

    @property
    def is_numbered(self) -> bool:
        """Whether there is room for a number on every column."""
        return len(self.columns) <= MOST_NUMBERED


def figure_groups(request: HttpRequest, results: Results) -> list[Group]:
    """Every figure in its group, in the order in which they are defined; the first is open unless another is asked."""
    link, asked = value_links(request, "figure"), request.GET.get("figure", "")
    asked = asked if asked in results.figures else next(iter(results.figures))
    rows = [
        FigureRow(FIGURES[one.id], one, count_words(one), link(one.id), one.id == asked)
        for one in results.figures.values()
    ]
    return [Group(label, list(some)) for label, some in groupby(rows, key=lambda row: row.definition.group)]


def count_words(figure: Figure) -> str:
    """The counts behind a number where it does not say them itself: "31 of 50", "of 40"."""
    measure, unit = figure.measure, FIGURES[figure.id].unit
    if measure.value is None:
        return ""
    if unit == "share":
        return f"{measure.part:,} of {measure.whole:,}"
    if unit == "contacts":
        return f"{measure.part:,} for {measure.whole:,}"
    return f"of {measure.part:,}"


def figure_pane(groups: Iterable[Group], results: Results) -> Pane:
    """The pane of the open figure."""
    [row] = [row for group in groups for row in group.rows if row.is_current]
    one = row.definition
    found = behind(results, one.id, MOST_SHOWN + 1)
    weeks = [(monday, measure.part, measure.whole) for monday, measure in row.figure.weeks]
    facts = [("Of", one.of), ("Counts", one.counts), ("Left out", one.out), ("Rounding", one.rounding)]
    return Pane(row, facts, _columns(weeks), weeks, found[:MOST_SHOWN], len(found) > MOST_SHOWN)


def _columns(weeks: Sequence[tuple[date, int, int]]) -> list[Column]:
    """Columns of the part, week by week; a long row of weeks names only some of them."""
    step = -(-len(weeks) // MOST_NAMED)
    names = [f"{monday.day} {monday:%b}" if not place % step else "" for place, (monday, _, _) in enumerate(weeks)]
    return columns([(name, part) for name, (_, part, _) in zip(names, weeks, strict=True)])


def sheets_of(results: Results, words: Sequence[tuple[str, str]]) -> list[Sheet]:
    """The whole view as sheets: what was asked, every figure, its weeks, the chances behind, the definitions.

    Counts and item ids only; chances of restricted patients are counted and not listed.
    """
    found = behind(results, None, MOST_EXPORTED + 1)
    cut = [("The list is cut. Choose fewer days.", MOST_EXPORTED)] if len(found) > MOST_EXPORTED else []
    figures = [(FIGURES[one.id], one) for one in results.figures.values()]
    return [
        Sheet("Filter", ("Filter", "Chosen"), [*words, *cut]),
        Sheet(
            "Figures",
            ("Figure", "Group", "Name", "Shown as", "Value", "Unit", "Part", "Whole"),
            [
                (one.id, said.group, said.label, one.measure.words, one.measure.value, said.unit, one.measure.part,
                 one.measure.whole)
                for said, one in figures
            ],
        ),
        Sheet(
            "Weeks",
            ("Figure", "Week of", "Part", "Whole"),
            [(one.id, monday, week.part, week.whole) for _, one in figures for monday, week in one.weeks],
        ),
        Sheet(
            "Chances",
            ("Item", "Kind", "Clinic", "Day", "What became of it"),
            [(one.item_id, one.family.label, one.clinic, one.on, one.became) for one in found[:MOST_EXPORTED]],
        ),
        Sheet(
            "Definitions",
            ("Figure", "Of", "Counts", "Left out", "Unit", "Rounding"),
            [(said.id, said.of, said.counts, said.out, said.unit, said.rounding) for said, _ in figures],
        ),
    ]  # fmt: skip
