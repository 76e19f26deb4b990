"""Reporting on an indicator: drafting, handing in, correcting; and what keeps two people from losing each other's text."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import ProgressReport
from tests.factories import (
    make_activity,
    make_actor,
    make_evidence,
    make_indicator,
    make_objective,
    make_periods,
    make_person,
    make_report,
)


@pytest.fixture
def indicator(plan, ministry):
    return make_indicator(make_objective(plan), reporting_actor=ministry)


@pytest.fixture
def period(plan):
    return make_periods(plan)[0]


def address(indicator, period, name="report-edit", **more):
    plan = indicator.objective.plan
    where = {"country": plan.country.slug, "edition": plan.edition, "key": indicator.key, "ends_on": period.ends_on}
    return reverse(f"indicators:{name}", kwargs=where | more)


def filled(**fields):
    """What the form sends for a number, with a token of its own."""
    sent = {"form_token": str(uuid.uuid4()), "version": "0", "action": "submit", "data_state": "reported"}
    return sent | {"value": "42", "narrative": "From the register."} | fields


def test_report_edit_anonymous_is_sent_to_sign_in(client, indicator, period):
    response = client.get(address(indicator, period))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("person", ["viewer", "verifier", "coordinator", "analyst", "police_focal_point"])
def test_report_edit_beyond_ones_role_is_refused(client, login, request, indicator, period, person):
    login(client, request.getfixturevalue(person))
    assert client.get(address(indicator, period)).status_code == 403
    assert client.post(address(indicator, period), filled()).status_code == 403
    assert not ProgressReport.objects.exists()


def test_report_edit_stranger_reports_on_nothing(client, login, stranger, indicator, period):
    login(client, stranger)
    assert client.post(address(indicator, period), filled()).status_code == 403


def test_report_edit_of_a_private_plan_does_not_exist_for_a_stranger(client, login, stranger, plan, indicator, period):
    plan.is_public = False
    plan.save()
    login(client, stranger)
    assert client.get(address(indicator, period)).status_code == 404


def test_report_edit_with_another_countrys_key_is_not_found(client, login, focal_point, other_plan, period, indicator):
    foreign = make_indicator(make_objective(other_plan))
    login(client, focal_point)
    assert client.get(address(indicator, period, key=foreign.key)).status_code == 404


def test_report_edit_wrong_method_is_refused(client, login, focal_point, indicator, period):
    login(client, focal_point)
    assert client.put(address(indicator, period)).status_code == 405


def test_report_edit_hands_a_report_in(client, login, focal_point, ministry, indicator, period):
    login(client, focal_point)
    response = client.post(address(indicator, period), filled())
    report = ProgressReport.objects.get()
    assert response.status_code == 302
    assert (report.state, report.value, report.actor, report.author, report.submitted_by) == (
        "submitted",
        Decimal(42),
        ministry,
        focal_point,
        focal_point,
    )
    assert report.period_end == period.ends_on
    assert [(row.state, row.history_user) for row in report.history.all()] == [("submitted", focal_point)]


def test_report_edit_keeps_a_draft_without_history_and_goes_on_with_it(client, login, focal_point, indicator, period):
    login(client, focal_point)
    client.post(address(indicator, period), filled(action="draft", value=""))
    draft = ProgressReport.objects.get()
    assert (draft.state, draft.value, draft.version, draft.history.count()) == ("draft", None, 1, 0)

    page = client.get(address(indicator, period))
    assert page.context["form"].instance == draft
    client.post(address(indicator, period), filled(version="1", value="7"))
    draft.refresh_from_db()
    assert (draft.state, draft.value, draft.version) == ("submitted", Decimal(7), 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "many"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": "1234567890123456"}, "value"),
        ({"data_state": "no_data", "value": "", "narrative": ""}, "narrative"),
        ({"data_state": "not_yet_available", "value": ""}, "expected_on"),
        ({"reference_from": "2025-02-01", "reference_to": "2025-01-01"}, "reference_to"),
        ({"evidence_url": "javascript:alert(1)", "evidence_title": "x"}, "evidence_url"),
        ({"evidence_url": "https://example.org/"}, "evidence_title"),
        ({"narrative": "x" * 8001}, "narrative"),
    ],
)
def test_report_edit_with_a_fault_says_where_and_keeps_the_text(
    client, login, focal_point, indicator, period, fields, field
):
    login(client, focal_point)
    response = client.post(address(indicator, period), filled(challenges="مرحبا 🙂", **fields))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["challenges"].value() == "مرحبا 🙂"
    assert not ProgressReport.objects.exists()


def test_report_edit_of_a_percentage_follows_from_numerator_and_denominator(
    client, login, focal_point, plan, ministry, period
):
    indicator = make_indicator(make_objective(plan), "percentage", reporting_actor=ministry)
    login(client, focal_point)
    client.post(address(indicator, period), filled(value="", numerator="1", denominator="3"))
    report = ProgressReport.objects.get()
    assert (report.value, report.numerator, report.denominator) == (Decimal("33.3333"), Decimal(1), Decimal(3))


@pytest.mark.parametrize(
    ("numerator", "denominator", "field"),
    [("1", "", "denominator"), ("1", "0", "denominator"), ("4", "3", "numerator")],
)
def test_report_edit_of_a_percentage_refuses_what_is_no_share(
    client, login, focal_point, plan, ministry, period, numerator, denominator, field
):
    indicator = make_indicator(make_objective(plan), "percentage", reporting_actor=ministry)
    login(client, focal_point)
    response = client.post(address(indicator, period), filled(value="", numerator=numerator, denominator=denominator))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_report_edit_of_a_scale_takes_a_step_of_its_own_scale_only(client, login, focal_point, plan, ministry, period):
    indicator = make_indicator(make_objective(plan), "scale", reporting_actor=ministry)
    foreign = make_indicator(make_objective(plan), "scale", reporting_actor=ministry).scale.steps.last()
    login(client, focal_point)
    refused = client.post(address(indicator, period), filled(value="", step=str(foreign.pk)))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["step"])
    step = indicator.scale.steps.all()[2]
    client.post(address(indicator, period), filled(value="", step=str(step.pk)))
    report = ProgressReport.objects.get()
    assert (report.step, report.value, report.state) == (step, None, "submitted")


@pytest.mark.parametrize(("sent", "value"), [("1", Decimal(1)), ("0", Decimal(0))])
def test_report_edit_of_a_yes_or_no(client, login, focal_point, plan, ministry, period, sent, value):
    indicator = make_indicator(make_objective(plan), "yes_no", reporting_actor=ministry)
    login(client, focal_point)
    client.post(address(indicator, period), filled(value=sent))
    assert ProgressReport.objects.get().value == value


def test_report_edit_without_data_drops_the_value(client, login, focal_point, indicator, period):
    login(client, focal_point)
    client.post(address(indicator, period), filled(data_state="no_data", value="42"))
    report = ProgressReport.objects.get()
    assert (report.data_state, report.value, report.state) == ("no_data", None, "submitted")


def test_report_edit_stores_the_evidence_with_it(client, login, focal_point, indicator, period):
    login(client, focal_point)
    client.post(
        address(indicator, period),
        filled(evidence_url="https://example.org/law", evidence_title="The law", evidence_kind="law"),
    )
    evidence = ProgressReport.objects.get().evidence.get()
    assert (evidence.title, evidence.url, evidence.kind, evidence.visibility) == (
        "The law",
        "https://example.org/law",
        "law",
        "public",
    )


def test_report_edit_sent_twice_gets_the_first_answer(client, login, focal_point, indicator, period):
    login(client, focal_point)
    sent = filled()
    first, second = client.post(address(indicator, period), sent), client.post(address(indicator, period), sent)
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert ProgressReport.objects.count() == 1


def test_report_edit_by_two_colleagues_loses_neither_text(client, login, focal_point, ministry, indicator, period):
    colleague = make_person("focal_point", ministry)
    login(client, focal_point)
    client.post(address(indicator, period), filled(action="draft", narrative="First."))
    login(client, colleague)
    response = client.post(address(indicator, period), filled(action="draft", narrative="Second."))
    assert response.status_code == 409
    assert [str(part) for part in response.context["differences"][0]] == ["What the value says", "Second.", "First."]
    form = response.context["form"]
    assert (form["narrative"].value(), form["version"].value()) == ("Second.", "1")

    again = filled(action="draft", narrative="First. Second.", version="1", form_token=form["form_token"].value())
    assert client.post(address(indicator, period), again).status_code == 302
    assert ProgressReport.objects.get().narrative == "First. Second."


def test_report_edit_after_a_colleague_handed_it_in_keeps_the_text(client, login, focal_point, indicator, period):
    make_report(indicator, period, state="submitted")
    login(client, focal_point)
    response = client.post(address(indicator, period), filled(narrative="Mine.", version="1"))
    assert response.status_code == 409
    assert response.context["form"]["narrative"].value() == "Mine."


def test_report_edit_of_a_submitted_report_shows_it(client, login, focal_point, indicator, period):
    report = make_report(indicator, period, state="submitted")
    login(client, focal_point)
    response = client.get(address(indicator, period))
    assert (response.status_code, response.url.endswith(f"/reports/{report.pk}/")) == (302, True)


def test_report_edit_of_a_returned_report_shows_why_and_hands_it_in_again(
    client, login, focal_point, indicator, period
):
    report = make_report(indicator, period, state="returned", return_reason="Which register?")
    login(client, focal_point)
    assert "Which register?" in client.get(address(indicator, period)).content.decode()
    client.post(address(indicator, period), filled(version="1"))
    report.refresh_from_db()
    assert (report.state, report.value, report.revision) == ("submitted", Decimal(42), 1)


def test_report_edit_of_a_period_to_come_waits(client, login, focal_point, plan, indicator):
    last = make_periods(plan, count=10)[-1]
    login(client, focal_point)
    response = client.post(address(indicator, last), filled())
    assert (response.status_code, ProgressReport.objects.count()) == (302, 0)


def test_report_edit_on_behalf_of_a_part_says_so(client, login, focal_point, country, plan, ministry, period):
    office = make_actor(country, "government_agency", parent=ministry)
    indicator = make_indicator(make_objective(plan), reporting_actor=office)
    login(client, focal_point)
    client.post(address(indicator, period), filled())
    report = ProgressReport.objects.get()
    assert (report.actor, report.entered_by) == (office, ministry)


def test_report_edit_shows_the_report_before(client, login, focal_point, plan, indicator):
    first, second = make_periods(plan)[:2]
    before = make_report(indicator, first, value=Decimal("12.5"))
    login(client, focal_point)
    page = client.get(address(indicator, second))
    assert (page.context["last"], page.context["last_value"]) == (before, "12.5")


@pytest.mark.parametrize("status", ["closed", "draft"])
def test_report_edit_of_a_plan_that_takes_no_reports_is_refused(
    client, login, focal_point, plan, indicator, period, status
):
    plan.status = status
    plan.save()
    login(client, focal_point)
    assert client.post(address(indicator, period), filled()).status_code == 403


def test_report_edit_of_another_kind_of_form_leaves_a_foreign_report_alone(
    client, login, police_focal_point, indicator, period
):
    report = make_report(indicator, period, state="returned")
    login(client, police_focal_point)
    assert client.post(address(indicator, period), filled(version="1")).status_code == 403
    report.refresh_from_db()
    assert (report.state, report.version) == ("returned", 1)


# --- the report's own page, corrections and evidence ----------------------------------------------------------------


def of_report(report, name="report"):
    plan = report.plan
    return reverse(
        f"indicators:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition, "pk": report.pk}
    )


def test_report_page_is_public_once_verified_and_not_before(client, indicator, plan):
    first, second = make_periods(plan)[:2]
    verified, draft = make_report(indicator, first), make_report(indicator, second, state="draft")
    assert client.get(of_report(verified)).status_code == 200
    assert client.get(of_report(draft)).status_code == 404


def test_report_correct_begins_the_next_revision_and_leaves_the_first(client, login, focal_point, indicator, period):
    report = make_report(indicator, period)
    login(client, focal_point)
    assert (
        client.post(of_report(report, "report-correct"), {"form_token": uuid.uuid4(), "reason": " "}).status_code == 422
    )
    response = client.post(of_report(report, "report-correct"), {"form_token": uuid.uuid4(), "reason": "A slip."})
    correction = report.corrected_by
    report.refresh_from_db()
    assert (response.status_code, correction.state, correction.revision, correction.correction_reason) == (
        302,
        "draft",
        2,
        "A slip.",
    )
    assert (correction.verified_by, correction.submitted_at, report.state) == (None, None, "verified")
    client.post(response.url, filled(version=str(correction.version), value="43"))
    assert ProgressReport.objects.get(revision=2).state == "submitted"


@pytest.mark.parametrize(
    "person", ["verifier", "coordinator", "police_focal_point", "analyst", "platform_administrator"]
)
def test_report_correct_by_anybody_else_is_refused(client, login, request, indicator, period, person):
    report = make_report(indicator, period)
    login(client, request.getfixturevalue(person))
    sent = {"form_token": uuid.uuid4(), "reason": "x"}
    assert client.post(of_report(report, "report-correct"), sent).status_code == 403


def test_evidence_create_adds_a_link_to_a_verified_report(client, login, focal_point, indicator, period):
    report = make_report(indicator, period)
    sent = {
        "form_token": uuid.uuid4(),
        "title": "Gazette",
        "url": "https://example.org/g",
        "kind": "law",
        "visibility": "public",
    }
    login(client, focal_point)
    assert client.post(of_report(report, "evidence-create"), sent | {"url": "ftp://x"}).status_code == 422
    assert client.post(of_report(report, "evidence-create"), sent).status_code == 302
    evidence = report.evidence.get()
    assert (evidence.title, [row.history_user for row in evidence.history.all()]) == ("Gazette", [focal_point])


def test_evidence_create_by_another_organisation_is_refused(client, login, verifier, indicator, period):
    report = make_report(indicator, period)
    login(client, verifier)
    assert client.get(of_report(report, "evidence-create")).status_code == 403


def test_report_page_hides_restricted_evidence_but_says_that_there_is_some(client, indicator, period):
    report = make_report(indicator, period)
    make_evidence(report, title="Secret", visibility="restricted")
    page = client.get(of_report(report)).context["page"]
    assert (page.evidence, page.hidden_evidence) == ((), 1)


# --- activities ---------------------------------------------------------------------------------------------------


def test_activity_report_edit_hands_in_and_asks_for_the_reason_of_a_delay(
    client, login, focal_point, plan, ministry, period
):
    activity = make_activity(make_objective(plan), lead=ministry)
    url = address(activity, period, "activity-report-edit")
    sent = {"form_token": uuid.uuid4(), "version": "0", "action": "submit", "progress": "delayed", "spent": "12.50"}
    login(client, focal_point)
    refused = client.post(url, sent)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    assert client.post(url, sent | {"reason": "The funds came late."}).status_code == 302
    report = activity.reports.get()
    assert (report.state, report.progress, report.spent, report.actor) == (
        "submitted",
        "delayed",
        Decimal("12.50"),
        ministry,
    )


@pytest.mark.parametrize("person", ["police_focal_point", "coordinator", "analyst", "stranger"])
def test_activity_report_edit_by_anybody_but_the_lead_is_refused(
    client, login, request, plan, ministry, period, person
):
    activity = make_activity(make_objective(plan), lead=ministry)
    login(client, request.getfixturevalue(person))
    assert client.get(address(activity, period, "activity-report-edit")).status_code == 403


# --- when organisations change ------------------------------------------------------------------------------------


def test_report_edit_never_shows_the_draft_of_the_organisation_before(
    client, login, focal_point, police, police_focal_point, indicator, period
):
    make_report(indicator, period, state="draft", narrative="Not yet for others.")
    indicator.reporting_actor = police
    indicator.save()
    login(client, police_focal_point)
    response = client.get(address(indicator, period))
    assert (response.status_code, response.url.endswith(f"/indicators/{indicator.key}/")) == (302, True)
    login(client, focal_point)
    assert "Not yet for others." in client.get(address(indicator, period)).content.decode()
    client.post(address(indicator, period), filled(version="1"))
    assert ProgressReport.objects.get().state == "submitted"


def test_report_edit_by_an_organisation_above_is_noted_although_the_part_began(
    client, login, focal_point, country, plan, ministry, period
):
    office = make_actor(country, "government_agency", parent=ministry)
    indicator = make_indicator(make_objective(plan), reporting_actor=office)
    make_report(indicator, period, state="draft", actor=office)
    login(client, focal_point)
    client.post(address(indicator, period), filled(version="1"))
    assert ProgressReport.objects.get().entered_by == ministry


def test_report_edit_of_a_returned_report_saves_it_without_its_figure(client, login, focal_point, indicator, period):
    report = make_report(indicator, period, state="returned")
    login(client, focal_point)
    assert client.post(address(indicator, period), filled(version="1", action="draft", value="")).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.value) == ("returned", None)


@pytest.mark.parametrize("day", ["0205-12-31", "2999-12-31"])
def test_report_edit_refuses_a_day_that_the_value_cannot_speak_of(client, login, focal_point, indicator, period, day):
    login(client, focal_point)
    response = client.post(address(indicator, period), filled(reference_to=day))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["reference_to"])


def test_text_of_who_was_signed_out_is_given_back(client, indicator, period):
    response = client.post(address(indicator, period), filled(narrative="A long evening's work."))
    assert response.status_code == 403
    assert "A long evening&#x27;s work." in response.content.decode()


def test_text_of_who_may_no_longer_save_is_given_back(client, login, focal_point, plan, indicator, period):
    plan.status = "closed"
    plan.save()
    login(client, focal_point)
    response = client.post(address(indicator, period), filled(narrative="A long evening's work."))
    assert (response.status_code, "A long evening&#x27;s work." in response.content.decode()) == (403, True)


def test_evidence_twice_is_a_plain_error(client, login, focal_point, indicator, period):
    report = make_report(indicator, period)
    make_evidence(report, url="https://example.org/g")
    login(client, focal_point)
    sent = {
        "form_token": uuid.uuid4(),
        "title": "G",
        "url": "https://example.org/g",
        "kind": "law",
        "visibility": "public",
    }
    response = client.post(of_report(report, "evidence-create"), sent)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["url"])


def test_next_that_is_no_address_of_ours_is_not_followed(client, login, focal_point, indicator, period):
    login(client, focal_point)
    for wanted in ("foo", "//evil.example", "javascript:alert(1)", "/" + "x" * 600):
        response = client.post(
            address(indicator, period), filled(action="draft", next=wanted, version=str(ProgressReport.objects.count()))
        )
        assert "/reports/" in response.url, wanted
        ProgressReport.objects.all().delete()


def test_nul_in_an_address_is_a_bad_request(client, indicator, period):
    assert client.get(address(indicator, period), {"next": "\x00"}).status_code == 400
