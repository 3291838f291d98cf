"""The demonstration group has the shape that was promised."""

from datetime import date
from zoneinfo import ZoneInfo

from scheduling.simulator.clinics import demo_organisation, group_of, holidays
from scheduling.vocabulary import FeedFormat, Transport


def test_demo_has_three_sources_of_different_habits():
    habits = {(source.format, source.transport) for source in demo_organisation().sources}

    assert habits == {
        (FeedFormat.HL7V2, Transport.MLLP),
        (FeedFormat.FHIR, Transport.HTTP),
        (FeedFormat.CSV, Transport.FILE),
    }


def test_demo_has_twelve_clinics_in_three_zones_with_own_codes():
    clinics = demo_organisation().clinics

    assert len(clinics) == 12
    assert {clinic.zone for clinic in clinics.values()} == {
        ZoneInfo("America/Chicago"),
        ZoneInfo("America/New_York"),
        ZoneInfo("America/Denver"),
    }
    assert len({clinic.code for clinic in clinics.values()}) == 12


def test_holidays_fall_on_their_weekdays():
    assert dict(holidays([2026])) == {
        date(2026, 1, 1): "New Year's Day",
        date(2026, 5, 25): "Memorial Day",
        date(2026, 7, 4): "Independence Day",
        date(2026, 9, 7): "Labor Day",
        date(2026, 11, 26): "Thanksgiving",
        date(2026, 12, 25): "Christmas Day",
    }


def test_round_the_clock_clinics_take_no_holiday():
    assert all(bool(clinic.holidays) != clinic.is_round_the_clock for clinic in demo_organisation().clinics.values())


def test_group_of_any_size_keeps_clinic_and_provider_codes_apart():
    clinics = group_of(31).clinics

    providers = [provider.code for clinic in clinics.values() for provider in clinic.providers]
    assert len(clinics) == 31
    assert len(set(providers)) == len(providers)
