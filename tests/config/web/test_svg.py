"""Geometry of the small drawings."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.web import svg
from config.web.svg import Bar, Column, Spark

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)


def chance(*, opened=-8, last=24, starts=59, now=NOW):
    return svg.ruler(
        opened_at=now + timedelta(minutes=opened),
        now=now,
        last_at=now + timedelta(minutes=last),
        starts_at=now + timedelta(minutes=starts),
        zone=CHICAGO,
        left="24 min left",
        opened="Freed",
    )


def test_a_ruler_stands_in_order_and_says_it_in_words():
    drawn = chance()

    assert drawn.title == "Freed 09:33, now 09:41, last useful call 10:05, starts 10:40"
    assert float(drawn.opened_x) < float(drawn.now_x) < float(drawn.last_x) < svg.RULER_WIDTH
    assert [bar.kind for bar in drawn.bars] == ["window--spent", "window", "unknown", "slot"]
    assert [tick.label for tick in drawn.ticks if tick.label] == ["09:45", "10:00", "10:15", "10:30"]
    assert drawn.is_over is False


def test_the_window_lies_between_now_and_the_last_useful_moment():
    drawn = chance()
    window = next(bar for bar in drawn.bars if bar.kind == "window")

    assert window.x == drawn.now_x
    assert float(window.x) + float(window.width) == pytest.approx(float(drawn.last_x), abs=0.11)


def test_a_chance_that_is_over_has_no_window():
    drawn = chance(opened=-60, last=-5, starts=20)

    assert drawn.is_over is True
    assert [bar.kind for bar in drawn.bars] == ["window--spent", "unknown", "slot"]


def test_a_needle_on_the_right_has_its_label_on_the_left():
    drawn = chance(opened=-300, last=10, starts=30)

    assert drawn.is_label_left is True
    assert float(drawn.now_label_x) < float(drawn.now_x)


def test_labels_of_days_name_the_weekday():
    labels = [tick.label for tick in chance(opened=-60, last=4000, starts=5000).ticks if tick.label]

    assert labels == ["Wed", "Thu", "Fri", "Sat"]


def test_ticks_stay_on_round_hours_over_a_dst_change():
    before = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 00:30 CDT, an hour and a half before clocks go back

    drawn = chance(opened=0, last=200, starts=240, now=before)

    minutes = {tick.label[3:] for tick in drawn.ticks if tick.label}
    assert minutes == {"00"}


@given(
    opened=st.integers(-20_000, 20_000),
    last=st.integers(-20_000, 20_000),
    starts=st.integers(-20_000, 20_000),
)
def test_no_ruler_leaves_its_frame(opened, last, starts):
    drawn = chance(opened=opened, last=max(last, opened), starts=max(starts, last, opened))

    places = [float(tick.x) for tick in drawn.ticks] + [float(drawn.now_x)]
    assert all(0 <= place <= svg.RULER_WIDTH for place in places)
    assert all(float(bar.width) > 0 for bar in drawn.bars)
    assert len([tick for tick in drawn.ticks if tick.label]) <= svg.MOST_LABELS + 1


def needle(age):
    return float(svg.gauge(age, 300, 900, title="").needle[1:].split(" ")[0])


@pytest.mark.parametrize(
    ("age", "place", "lit"),
    [
        (0, 0, "seg-fresh"),
        (150, 22, "seg-fresh"),
        (300, 44, "seg-fresh"),
        (301, 44.1, "seg-warn"),
        (600, 66, "seg-warn"),
        (900, 88, "seg-warn"),
        (901, 88, "seg-held"),
        (1350, 110, "seg-held"),
        (1800, 132, "seg-held"),
        (10**9, 132, "seg-held"),
    ],
)
def test_a_gauge_lights_the_third_its_age_is_in(age, place, lit):
    drawn = svg.gauge(age, 300, 900, title="")

    assert needle(age) == pytest.approx(place, abs=0.06)
    assert [bar.kind for bar in drawn.segments if bar.kind != "off"] == [lit]


@given(st.lists(st.integers(0, 10_000_000), min_size=2, max_size=20))
def test_a_gauge_never_turns_back_as_data_ages(ages):
    places = [needle(age) for age in sorted(ages)]

    assert places == sorted(places)


@pytest.mark.parametrize(
    ("age", "warn", "held", "place"), [(900, 900, 900, 44), (901, 900, 900, 88), (0, 0, 0, 0), (5, 0, 0, 132)]
)
def test_equal_and_zero_limits_do_not_break_a_gauge(age, warn, held, place):
    found = svg.gauge(age, warn, held, title="").needle

    assert float(found[1:].split(" ")[0]) == pytest.approx(place, abs=0.06)


def test_a_spark_draws_hours_that_had_something():
    assert svg.spark([0, 9, 18]) == Spark("M3 10h2v9h-2z", "M6 1h2v18h-2z")


def test_an_empty_spark_draws_nothing():
    assert svg.spark([0] * 24) == Spark("", "")


def test_columns_stand_on_the_axis():
    assert svg.columns([("09", 3), ("10", 6)], width=100, height=60) == [
        Column(Bar("10", "44", "30", "30", "bar"), "09", 3, "25", "40"),
        Column(Bar("60", "14", "30", "60", "bar"), "10", 6, "75", "10"),
    ]


def test_no_columns_are_no_error():
    assert svg.columns([]) == []
