"""Filters that a person keeps under a name."""

import pytest
from django.http import QueryDict

from exceptions.forms.views import kept_filter
from exceptions.models import DefaultView, SavedView
from exceptions.services.save_view import MOST_OF_A_PERSON


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


def save(client, name="Blockers", query="?split=blocking", **data):
    return client.post(f"/exceptions/views/save/{query}", {"name": name, **data})


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (
            "split=blocking&kind=unmapped_status&sort=oldest&clinic=4",
            "split=blocking&kind=unmapped_status&sort=oldest&clinic=4",
        ),
        ("q=Maria+Doe&split=mine", "split=mine"),
        ("split=Maria&kind=Doe&blocks=x&sort=y&source=1x&clinic=", ""),
        ("after=abc&view=7&verb=mute&patient=Doe", ""),
        ("blocks=confirm&source=12", "blocks=confirm&source=12"),
        ("route=7", "route=7"),
        ("route=catch_all", "route=catch_all"),
        ("route=Doe&source=1234567890123456789012", ""),
    ],
    ids=[
        "filters", "search words", "words that are none of ours", "other parameters", "ids", "a rule",
        "after all rules", "a name and no id",
    ],
)  # fmt: skip
def test_only_words_of_ours_are_kept(query, kept):
    assert kept_filter(QueryDict(query)) == kept


def test_a_view_is_saved_listed_and_opened(mine, people):
    response = save(mine)

    view = SavedView.objects.get()
    assert (view.person, view.team, view.name, view.query) == (people.milo, None, "Blockers", "split=blocking")
    assert response.url == f"/exceptions/?view={view.pk}&split=blocking"
    page = mine.get(response.url)
    assert page.context["views"].chosen == "Blockers"
    assert [link.label for link in page.context["views"].links] == ["Everything open", "Blockers"]


def test_the_same_name_again_replaces_the_view(mine):
    save(mine)
    save(mine, query="?split=mine")

    assert SavedView.objects.get().query == "split=mine"


def test_a_view_that_is_shared_is_seen_by_the_team_and_nobody_else(mine, signed_in, people, place):
    save(mine, team=place.teams["mapping"].pk)

    seen = {
        person.first_name: [link.label for link in signed_in(person).get("/exceptions/").context["views"].links[1:]]
        for person in (people.imani, people.ruth)
    }

    assert seen == {"Imani": ["Blockers"], "Ruth": []}


def test_a_view_is_shared_with_a_team_of_ones_own_only(mine, place):
    assert save(mine, team=place.teams["access"].pk).status_code == 422
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("name", ["", "x" * 61], ids=["none", "too long"])
def test_a_view_needs_a_name(mine, name):
    assert save(mine, name=name).status_code == 422


def test_there_are_fifty_views_at_most(mine):
    for number in range(MOST_OF_A_PERSON):
        save(mine, name=f"View {number}")

    assert (save(mine, name="One more").status_code, SavedView.objects.count()) == (422, MOST_OF_A_PERSON)


def test_the_list_begins_with_the_chosen_view_and_everything_is_a_click_away(mine):
    save(mine, begins="on")
    view = SavedView.objects.get()

    begun = mine.get("/exceptions/")
    everything = mine.get("/exceptions/?view=0")

    assert (begun.status_code, begun.url) == (302, f"/exceptions/?view={view.pk}&split=blocking")
    assert everything.status_code == 200
    mine.post("/exceptions/views/0/begin/")
    assert mine.get("/exceptions/").status_code == 200


def test_a_view_that_is_no_longer_shared_begins_nothing(mine, signed_in, people, place):
    save(mine, team=place.teams["mapping"].pk)
    imani = signed_in(people.imani)
    imani.post(f"/exceptions/views/{SavedView.objects.get().pk}/begin/")
    shared = imani.get("/exceptions/").status_code
    SavedView.objects.update(team=None)

    assert (shared, imani.get("/exceptions/").status_code) == (302, 200)


def test_rename_and_delete_are_the_owners(mine, signed_in, people, place):
    save(mine, team=place.teams["mapping"].pk)
    view = SavedView.objects.get()
    imani = signed_in(people.imani)

    attempts = [imani.post(f"/exceptions/views/{view.pk}/{verb}/", {"name": "Hers"}) for verb in ("rename", "delete")]
    refused = [attempt.status_code for attempt in attempts]
    mine.post(f"/exceptions/views/{view.pk}/rename/", {"name": "Worst"})
    view.refresh_from_db()
    name = view.name
    mine.post(f"/exceptions/views/{view.pk}/delete/")

    assert (refused, name, SavedView.objects.count()) == ([404, 404], "Worst", 0)


def test_a_name_that_is_taken_is_refused_with_a_sentence(mine):
    save(mine)
    save(mine, name="Other")
    other = SavedView.objects.get(name="Other")

    response = mine.post(f"/exceptions/views/{other.pk}/rename/", {"name": "Blockers"})

    assert response.status_code == 422
    assert "You have a view of that name already." in response.content.decode()


def test_nobody_begins_with_a_strangers_view(mine, signed_in, people):
    save(mine)

    response = signed_in(people.ruth).post(f"/exceptions/views/{SavedView.objects.get().pk}/begin/")

    assert (response.status_code, DefaultView.objects.count()) == (404, 0)


def test_the_page_of_views_lists_them(mine):
    save(mine, begins="on")

    (line,) = mine.get("/exceptions/views/?split=mine&q=Doe").context["views"]

    assert (line.name, line.is_own, line.is_default) == ("Blockers", True, True)
