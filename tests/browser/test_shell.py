"""The frame's own pages in a real browser."""

import pytest

from accounts.vocabulary import Role

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def overseer(person, clinic, other_clinic):
    user = person(Role.ADMIN, Role.AUDITOR, username="dana@northfield.example", first_name="Dana", last_name="Whitlock")
    person(Role.ACCESS, clinic=clinic, first_name="Priya", last_name="Nair")
    person(Role.INTEGRATION, source=other_clinic.source, first_name="Milo", last_name="Anselm")
    return user


def test_signing_in_leads_to_today(desk, person):
    person(Role.ADMIN, username="dana@northfield.example", password=PASSWORD)
    page = desk.open("/login/?next=/people/")
    desk.check()

    page.get_by_label("Work e-mail").fill("dana@northfield.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    assert page.locator(".error").inner_text().strip() == (
        "That e-mail and password do not match. 4 tries left, then wait 5 min."
    )
    desk.check()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    assert page.locator("h1").inner_text() == "People and scope"


@pytest.mark.parametrize("path", ["/", "/audit/", "/audit/?split=denied", "/people/", "/profile/"])
def test_a_page_breaks_no_rule(desk, overseer, path):
    desk.sign_in(overseer)

    desk.open(path)

    desk.check()


def test_a_missing_page_breaks_no_rule(desk, overseer):
    desk.sign_in(overseer)

    desk.open("/nothing-here/", status=404)

    desk.check()


def test_the_pane_of_a_person_and_the_key_sheet(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/people/")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/?person=*")
    assert page.locator("#pane h2").inner_text() == "Milo Anselm"
    desk.check()
    page.keyboard.press("?")

    assert page.locator("#keys").is_visible()
    desk.check()


def test_keys_are_dead_when_switched_off(desk, overseer):
    overseer.has_keys = False
    overseer.save()
    desk.sign_in(overseer)
    page = desk.open("/people/")

    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("u")

    assert not page.locator("#keys").is_visible()
    assert page.url.endswith("/people/")


def test_keys_are_dead_while_typing(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/audit/")

    page.locator("#id_patient").focus()
    page.keyboard.type("?gp")

    assert not page.locator("#keys").is_visible()
    assert page.url.endswith("/audit/")


def test_g_then_a_letter_and_ctrl_k_go_places(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/")

    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/audit/")
    page.keyboard.press("Control+k")
    assert page.locator("#palette").is_visible()
    desk.check()
    page.keyboard.type("people")
    page.keyboard.press("Enter")

    page.wait_for_url("**/people/")


@pytest.mark.both_themes
def test_a_colour_that_is_too_faint_in_one_theme_is_found_from_the_other(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/people/")
    desk.check()

    other = {"light": "dark", "dark": "light"}[desk.theme]
    rule = f"[data-theme={other}] h1 {{ color: var(--surface-2) !important; }}"
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length)", rule)

    (found,) = desk.findings()
    assert found.startswith(f"{other}: color-contrast: <h1")
    assert page.locator("html").get_attribute("data-theme") == desk.theme


@pytest.mark.both_themes
def test_the_theme_changes_at_once_and_stays(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/people/")
    other = {"light": "Dark", "dark": "Light"}[desk.theme]

    with page.expect_response("**/profile/appearance/"):
        page.get_by_role("button", name=other, exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == other.lower()
    page.reload()

    assert page.locator("html").get_attribute("data-theme") == other.lower()


def test_no_page_scrolls_sideways_on_a_narrow_screen(desk, overseer):
    desk.sign_in(overseer)
    desk.page.set_viewport_size({"width": 320, "height": 640})

    widths = {}
    for path in ("/", "/audit/", "/people/", "/profile/"):
        desk.open(path)
        widths[path] = desk.page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(widths, 320)


def test_a_session_near_its_end_warns_and_typed_text_stays(desk, overseer, settings):
    settings.SESSION_IDLE_SECONDS = 60
    desk.sign_in(overseer)
    page = desk.open("/profile/")
    page.locator("#id_timezone").fill("America/Chi")

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    bar = page.locator("[data-session]")
    bar.wait_for(state="visible")
    assert bar.locator("p").inner_text() == "You will be signed out in 1 min."
    desk.check()
    settings.SESSION_IDLE_SECONDS = 1800
    bar.get_by_role("button", name="Stay signed in").click()

    bar.wait_for(state="hidden")
    assert page.locator("#id_timezone").input_value() == "America/Chi"


def test_pages_look_right_on_paper(desk, overseer):
    desk.sign_in(overseer)
    page = desk.open("/people/")

    page.emulate_media(media="print")

    shown = {name: page.locator(name).first.is_visible() for name in (".rail", ".status-line", ".table", ".page-head")}
    assert shown == {".rail": False, ".status-line": False, ".table": True, ".page-head": True}
