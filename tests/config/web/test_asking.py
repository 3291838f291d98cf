"""Questions that are written down once."""

from config.web import asking
from config.web.asking import Question, written_once

ONE, OTHER = {"n": Question("(SELECT 1)")}, {"n": Question("(SELECT 2)")}


def test_questions_are_written_once_for_a_key():
    calls = []

    def write():
        calls.append(1)
        return ONE

    found = [written_once(("asking", 1), write) for _ in range(3)]

    assert (found, calls) == ([ONE, ONE, ONE], [1])


def test_another_key_has_questions_of_its_own():
    assert (written_once(("asking", 2), lambda: ONE), written_once(("asking", 3), lambda: OTHER)) == (ONE, OTHER)


def test_no_more_than_the_most_stay_written(monkeypatch):
    monkeypatch.setattr(asking, "MOST_WRITTEN", 3)
    monkeypatch.setattr(asking, "_written", {})

    for number in range(10):
        written_once(number, lambda: ONE)

    assert len(asking._written) <= 3
