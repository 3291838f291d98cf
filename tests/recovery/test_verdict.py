"""Each reason of the verdict: hit, near miss, boundary, and a DST day. No database: the verdict is pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.decisions import decision_for
from recovery.reasons import WORDINGS, StaticReason
from recovery.trust import ClinicTrust, FeedTrust
from recovery.verdict import Reason, VerdictFacts, verdict
from recovery.vocabulary import Family, Level
from scheduling.decisions import DEFAULT_LIMITS, Limits
from scheduling.vocabulary import Decision, LaunchMode, TroubleKind

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
LIVE = dict.fromkeys(Decision, LaunchMode.LIVE)


def trust(*, age=MINUTE, modes=LIVE, limits=None, has_feed=True):
    feed = FeedTrust(7, "siu", "Northside SIU", "Imaging interfaces", NOW - age) if has_feed else None
    return ClinicTrust(1, "Cardiology", 1, "Northside", ZoneInfo("America/Chicago"), feed, limits or {}, modes)


def facts(family=Family.REFILL, **changes):
    defaults = VerdictFacts(
        family=family,
        starts_at=NOW + 3 * HOUR,
        ready_from=NOW - HOUR,
        useful_until=NOW + 2 * HOUR,
        static=(),
        trust=trust(),
        appointment_id=12,
    )
    return replace(defaults, **changes)


def outcome(judged):
    return judged.level, [reason.code for reason in judged.stops]


def test_a_refill_on_fresh_data_is_ready_and_says_how_fresh():
    judged = verdict(facts(), NOW)

    assert judged.level == Level.READY
    assert judged.reasons == (
        Reason(
            "freshness", Level.READY, "Data is 1 min old; this action needs 15 min.", "Imaging interfaces", "feed", 7
        ),
    )


@pytest.mark.parametrize(
    ("age", "level"),
    [
        (5 * MINUTE, Level.READY),
        (5 * MINUTE + SECOND, Level.WARN),
        (15 * MINUTE, Level.WARN),
        (15 * MINUTE + SECOND, Level.HELD),
        (-MINUTE, Level.READY),
    ],
    ids=["at the warning", "past the warning", "at the limit", "past the limit", "proof ahead of the clock"],
)
def test_a_refill_today_needs_data_of_minutes(age, level):
    assert verdict(facts(trust=trust(age=age)), NOW).level == level


@pytest.mark.parametrize(
    ("left", "decision"),
    [
        (24 * HOUR, Decision.REFILL_24H),
        (24 * HOUR + SECOND, Decision.REFILL_72H),
        (72 * HOUR, Decision.REFILL_72H),
        (72 * HOUR + SECOND, Decision.REFILL_WEEK),
        (7 * DAY, Decision.REFILL_WEEK),
        (7 * DAY + SECOND, Decision.REFILL_LATER),
    ],
)
def test_how_soon_the_slot_starts_decides_which_limits_hold(left, decision):
    assert decision_for(Family.REFILL, NOW + left, NOW) == decision


@pytest.mark.parametrize("decision", list(DEFAULT_LIMITS), ids=str)
def test_every_decision_warns_before_it_holds(decision):
    assert DEFAULT_LIMITS[decision].warn_after < DEFAULT_LIMITS[decision].held_after


def test_a_day_that_loses_an_hour_does_not_move_a_horizon():
    # 2026-03-08 02:00 does not exist in Chicago; 24 hours are 24 hours.
    zone = ZoneInfo("America/Chicago")
    now = datetime(2026, 3, 7, 12, tzinfo=zone)

    same_clock_time = datetime(2026, 3, 8, 13, tzinfo=zone)

    assert decision_for(Family.REFILL, same_clock_time, now.astimezone(UTC)) == Decision.REFILL_24H


def test_a_clinics_own_limit_wins():
    own = trust(age=22 * MINUTE, limits={Decision.REFILL_24H: Limits(30 * MINUTE, 2 * HOUR)})

    judged = verdict(facts(trust=own), NOW)

    assert (judged.level, judged.main.sentence) == (Level.READY, "Data is 22 min old; this action needs 2 h.")


def test_old_data_is_held_with_its_owner():
    main = verdict(facts(trust=trust(age=22 * MINUTE)), NOW).main

    assert (main.level, main.sentence, main.owner) == (
        Level.HELD, "Data is 22 min old; this action needs 15 min.", "Imaging interfaces",
    )  # fmt: skip


@pytest.mark.parametrize("unknown", [None, trust(has_feed=False)], ids=["no clinic", "no feed"])
def test_without_any_proof_nothing_is_done(unknown):
    assert "no_proof" in outcome(verdict(facts(trust=unknown), NOW))[1]


@pytest.mark.parametrize("kind", list(TroubleKind), ids=str)
@pytest.mark.parametrize("family", list(Family), ids=str)
def test_any_live_hold_of_the_visit_holds_every_decision(kind, family):
    judged = verdict(facts(family, static=(StaticReason(kind, Level.HELD, "ZZ9"),)), NOW)

    assert (judged.level, judged.main.code, judged.main.link_kind, judged.main.link_id) == (
        Level.HELD, kind, "appointment", 12,
    )  # fmt: skip


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_every_stored_reason_is_a_short_sentence_without_gaps(code):
    sentence = WORDINGS[code].sentence.format(raw="ZZ9")

    assert sentence.endswith(".")
    assert len(sentence.split()) < 20
    assert "{" not in sentence


@pytest.mark.parametrize(
    ("useful_until", "codes"),
    [(NOW + SECOND, []), (NOW, ["too_late"]), (NOW - MINUTE, ["too_late"])],
    ids=["a second before", "at the last call", "after it"],
)
def test_after_the_last_useful_call_it_is_too_late(useful_until, codes):
    assert outcome(verdict(facts(useful_until=useful_until), NOW))[1] == codes


@pytest.mark.parametrize(
    ("ready_from", "codes"),
    [(NOW - SECOND, []), (NOW, []), (NOW + SECOND, ["before_close"])],
    ids=["after close", "at close", "before close"],
)
def test_a_missed_visit_waits_for_close_of_business(ready_from, codes):
    assert outcome(verdict(facts(Family.REBOOK_MISSED, ready_from=ready_from), NOW))[1] == codes


def test_the_wait_for_close_names_the_clinics_own_time():
    main = verdict(facts(Family.REBOOK_MISSED, ready_from=NOW + 8 * HOUR), NOW).main

    assert main.sentence == "Wait for close of business, 17:41 CST."


@pytest.mark.parametrize(
    ("mode", "codes"),
    [(LaunchMode.OBSERVING, ["observing"]), (LaunchMode.SHADOW, ["shadow"]), (LaunchMode.LIVE, [])],
    ids=str,
)
def test_the_launch_mode_of_the_very_decision_counts(mode, codes):
    mixed = LIVE | {Decision.REFILL_24H: mode}

    today = verdict(facts(trust=trust(modes=mixed)), NOW)
    bumped = verdict(facts(Family.REBOOK_BUMPED, trust=trust(modes=mixed)), NOW)

    assert outcome(today)[1] == codes
    assert bumped.level == Level.READY


def test_a_clinic_without_a_mode_only_observes():
    assert verdict(facts(trust=trust(modes={})), NOW).main.code == "observing"


def test_the_heaviest_reason_comes_first_and_all_are_kept():
    static = (StaticReason("no_mobile", Level.WARN), StaticReason("missed_by_timer", Level.HELD))

    judged = verdict(facts(Family.REBOOK_MISSED, static=static), NOW)

    assert [reason.code for reason in judged.reasons] == ["missed_by_timer", "no_mobile", "freshness"]
