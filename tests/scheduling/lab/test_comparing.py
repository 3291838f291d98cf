"""Two runs of the lab side by side."""

from scheduling.lab.comparing import Was, differences
from scheduling.lab.stages import LabStage


def facts(*rows):
    return LabStage("Facts", "fresh", "It speaks of 1 appointment.", data={"rows": [(*row, "SCH-2") for row in rows]})


def test_stages_that_say_the_same_are_left_out():
    before = [LabStage("Meaning", "fresh", "Booked."), LabStage("Checks", "fresh", "Nothing is wrong.")]
    now = [LabStage("Meaning", "held", "No rule fits."), LabStage("Checks", "fresh", "Nothing is wrong.")]

    assert differences(before, now) == {"Meaning": Was("Booked.")}


def test_another_note_is_a_difference():
    before, now = (LabStage("Appointment", "fresh", "Applied.", note) for note in ("", "It is late."))

    assert differences([before], [now]) == {"Appointment": Was("Applied.")}


def test_facts_are_compared_row_by_row():
    before = facts(("Appointment", "V1"), ("Starts", "10:40"), ("Room", "3"))
    now = facts(("Appointment", "V1"), ("Starts", "11:40"), ("Provider", "Lund"))

    assert differences([before], [now]) == {
        "Facts": Was("", (("Starts", "10:40", "11:40"), ("Room", "3", "not said"), ("Provider", "not said", "Lund")))
    }


def test_rows_of_a_second_appointment_are_told_apart():
    before = facts(("Appointment", "V1"), ("Starts", "9:00"), ("Appointment", "V2"), ("Starts", "10:00"))
    now = facts(("Appointment", "V1"), ("Starts", "9:00"), ("Appointment", "V2"), ("Starts", "11:00"))

    assert differences([before], [now]) == {"Facts": Was("", (("Starts, 2", "10:00", "11:00"),))}
