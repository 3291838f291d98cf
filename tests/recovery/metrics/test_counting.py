"""From answers about slots to figures: each slot is counted where it belongs, and totals are sums of weeks."""

from datetime import date

from recovery.metrics.causes import Cause, Flag
from recovery.metrics.counting import ChanceGroup, SlotGroup, Tallies, figures_of, slot_counts
from recovery.metrics.definitions import FIGURES
from recovery.metrics.measures import Chain, Ratio, Share, Spread
from recovery.vocabulary import Family

ONE, TWO = date(2026, 11, 16), date(2026, 11, 23)
SPREADS = {name: Spread() for name in ("time_to_fill", "time_feed_lag", "time_own", "days_sooner")}


def figures(*groups, families=(Family.REFILL,)):
    tallies = Tallies()
    tallies.add_slots(groups)
    return figures_of(tallies, SPREADS, [ONE, TWO], families)


def test_slots_are_counted_by_what_became_of_them():
    found = figures(
        SlotGroup(ONE, Flag.NOTICED | Flag.COMPLETED | Flag.FOUND | Flag.ACTED, 4, 6),
        SlotGroup(ONE, Flag.NOTICED | Flag.MISSED | Flag.FOUND, 2, 0),
        SlotGroup(TWO, Flag.NOTICED | Flag.STANDING | Flag.FOUND | Flag.ACTED, 1, 1),
        SlotGroup(TWO, Flag.NOTICED | Flag.UNANSWERED | Flag.FOUND | Flag.ACTED, 3, 9),
        SlotGroup(TWO, Flag.COMPLETED, 5, 0),
        SlotGroup(TWO, Flag.LATE, 2, 0),
    )

    assert {name: found[name].measure for name in found if name.startswith("slots_")} == {
        "slots_completed": Share(4, 10),
        "slots_taken": Share(7, 10),
        "slots_taken_missed": Share(2, 10),
        "slots_taken_unknown": Share(1, 10),
        "slots_lost": Share(5, 17),
    }
    lost = {cause: found[f"lost_{cause}"].measure for cause in Cause}
    assert lost == {cause: Share(whole=5) for cause in Cause} | {
        Cause.NO_ANSWER: Share(3, 5), Cause.TOO_LATE: Share(2, 5),
    }  # fmt: skip
    assert found["yield_refill"].measure == Chain(10, 8, 4)
    assert found["contacts_refill"].measure == Ratio(16, 4)


def test_totals_are_the_sums_of_their_weeks():
    found = figures(SlotGroup(ONE, Flag.NOTICED | Flag.COMPLETED, 4, 0), SlotGroup(TWO, Flag.NOTICED | Flag.LATE, 2, 0))

    assert found["slots_completed"].weeks == ((ONE, Share(4, 4)), (TWO, Share(0, 2)))
    assert found["slots_lost"].weeks == ((ONE, Share(0, 4)), (TWO, Share(2, 2)))


def test_other_kinds_of_work_add_their_own_chains():
    tallies = Tallies()
    tallies.add_chances([
        ChanceGroup(ONE, Family.REBOOK_MISSED, Chain(1, 1, 1), 3), ChanceGroup(TWO, Family.REBOOK_MISSED, Chain(1), 0),
    ])  # fmt: skip
    found = figures_of(tallies, SPREADS, [ONE, TWO], [Family.REBOOK_MISSED])

    assert found["yield_rebook_missed"].measure == Chain(2, 1, 1)
    assert found["contacts_rebook_missed"].measure == Ratio(3, 1)


def test_only_figures_of_the_kinds_asked_for_are_told():
    found = figures(families=[Family.REBOOK_BUMPED])

    assert [name for name in found if not name.startswith("lead_")] == [
        "bumped_5", "yield_rebook_bumped", "contacts_rebook_bumped",
    ]  # fmt: skip
    assert list(figures(families=tuple(Family))) == list(FIGURES)


def test_slots_behind_a_figure_are_those_that_it_counts():
    every = [
        Flag.NOTICED | Flag.COMPLETED, Flag.NOTICED | Flag.STANDING | Flag.ACTED, Flag.NOTICED | Flag.LATE,
        Flag.COMPLETED,
    ]  # fmt: skip

    def counted(figure):
        return [slot_counts(figure, flags) for flags in every]

    assert counted("slots_completed") == [True, False, False, False]
    assert counted("slots_taken") == [True, True, False, False]
    assert counted("slots_taken_unknown") == [False, True, False, False]
    assert counted("slots_lost") == [False, False, True, False]
    assert counted("lost_too_late") == [False, False, True, False]
    assert counted("lost_no_answer") == [False] * 4
    assert counted("yield_refill") == [False, True, False, False]
    assert counted("lead_week") == [False] * 4
