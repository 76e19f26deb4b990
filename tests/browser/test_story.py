"""The main job from end to end, as its people do it: report, verify, contradict, and see the gaps change."""

from __future__ import annotations

import re

import pytest

PLAN = "/xm/2024-2029/"
SILENT = "13.5"  # its ministry has gone silent: two reports that were due are missing

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(new_context, request):
    page = new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    page.has_scripts = request.param
    return page


def gaps_of_kind(page, site, kind) -> list[str]:
    """The items of the gaps of this kind, as the dashboard shows them."""
    page.goto(f"{site}{PLAN}gaps/?kind={kind}")
    return page.locator(".gaps .gap .gap-what").all_inner_texts()


def has(items: list[str], code: str) -> bool:
    return any(re.search(rf"(^|\s){re.escape(code)}\b", item) for item in items)


def test_story_from_a_missing_report_to_differing_views(page, site, sign_in, checked):
    # Anybody reads the model and the plan, and sees what is missing.
    checked(page.goto(site) and page)
    page.get_by_role("link", name="model plan").first.click()
    assert "Conduct research on causes of vulnerability." in checked(page).locator("main").inner_text()
    page.goto(f"{site}{PLAN}")
    checked(page)
    page.get_by_role("navigation", name="Plan").get_by_role("link", name="Plan", exact=True).click()
    checked(page)
    silent_before, differing_before = gaps_of_kind(page, site, "silent"), gaps_of_kind(page, site, "views_differ")
    assert (has(silent_before, SILENT), has(differing_before, SILENT)) == (True, False)
    checked(page)

    # The ministry's focal point finds the late report among her work, and hands it in.
    sign_in(page, "social.welfare")
    checked(page)
    late = page.locator(".task", has_text=SILENT).first
    late.get_by_role("link", name="Report").click()
    checked(page)
    page.get_by_role("button", name="Hand in").click()  # nothing is filled in yet
    checked(page).get_by_role("alert").wait_for()
    page.get_by_label(re.compile("Running in some places")).check()
    page.get_by_label("What the value says").fill("Programmes of three provinces took in children. مرحبا 🙂")
    page.get_by_label("Link to evidence").fill("https://example.org/programmes")
    page.get_by_label("What the link shows").fill("Yearly report of the programmes")
    page.get_by_role("button", name="Hand in").click()
    page.get_by_text("Your report is handed in.").wait_for()
    checked(page)

    # The committee's verifier finds it waiting, and verifies it.
    sign_in(page, "verifier")
    checked(page)
    page.locator(".task", has_text=SILENT).get_by_role("link", name="Verify").click()
    checked(page)
    page.get_by_label(re.compile("Verify: from now on")).check()
    page.get_by_label("Method of verification").select_option("document")
    page.get_by_label("Data quality").select_option("B")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Verified. The report is now fixed, and counts.").wait_for()
    checked(page)
    assert not has(gaps_of_kind(page, site, "silent"), SILENT)
    differing = [item for item in gaps_of_kind(page, site, "views_differ") if has([item], SILENT)]
    assert len(differing) == 1  # the coalition had found nothing running, while the ministry was silent

    # The ombudsperson's analyst contradicts it too.
    sign_in(page, "ombudsperson")
    checked(page)
    page.goto(f"{site}{PLAN}indicators/o13-i5/")
    checked(page)
    page.get_by_role("link", name=re.compile("Assess independently.*30 June 2026", re.DOTALL)).click()
    checked(page)
    page.get_by_label("We have no figure, but a judgement").check()
    page.get_by_label("disagree", exact=True).check()
    page.get_by_label("What the value says").fill("In two of the three provinces no place was free.")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Your assessment is published.").wait_for()
    checked(page)

    # Everybody sees that the views differ, and where.
    page.get_by_role("button", name="Sign out").click()
    differing = [item for item in gaps_of_kind(page, site, "views_differ") if has([item], SILENT)]
    assert len(differing) == 2
    checked(page)
    page.goto(f"{site}{PLAN}indicators/o13-i5/")
    text = checked(page).locator("main").inner_text()
    assert ("Running in some places" in text, "Disagrees" in text, "Views differ" in text) == (True, True, True)
