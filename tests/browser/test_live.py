"""Polling in a real browser: the first answer fills the bar, later ones are 304 until something is new."""

import pytest
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path

from accounts.vocabulary import Role
from config import urls as desk_urls
from config.web.live import live_response

state = {"new": 0}


@login_required
def page_with_a_bar(request):
    return render(request, "components/new-bar.html", {"url": "/live/probe/", "seconds": 2})


def probe(request):
    text = f"{state['new']} new." if state["new"] else ""
    return live_response(
        request,
        state["new"],
        lambda: render(request, "components/new-bar-content.html", {"text": text, "url": "/probe/"}),
    )


urlpatterns = [path("probe/", page_with_a_bar), path("live/probe/", probe), *desk_urls.urlpatterns]
pytestmark = [pytest.mark.browser, pytest.mark.urls(__name__)]


def test_a_bar_fills_when_something_is_new_and_polls_are_304_meanwhile(desk, person):
    state["new"] = 0
    desk.sign_in(person(Role.ADMIN))
    page = desk.open("/people/")
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if "/live/probe/" in answer.url else None)

    # The module looks for bars when it loads, so the bar is put in place before a second copy of it runs.
    page.evaluate(
        """async () => {
          const answer = await fetch("/probe/");
          document.querySelector(".list").insertAdjacentHTML("afterbegin", await answer.text());
          await import("/static/js/live.js?again");
        }"""
    )
    page.wait_for_timeout(5000)
    state["new"] = 7
    page.get_by_text("7 new.").wait_for(timeout=5000)

    assert answers[:2] == [200, 304]
    assert answers[-1] == 200
    desk.check()


def test_r_follows_the_bar(desk, person):
    state["new"] = 3
    desk.sign_in(person(Role.ADMIN))
    page = desk.open("/people/")
    page.evaluate(
        """async () => {
          const answer = await fetch("/live/probe/");
          document.querySelector(".list").insertAdjacentHTML("afterbegin", await answer.text());
        }"""
    )

    page.keyboard.press("r")

    page.wait_for_url("**/probe/")
