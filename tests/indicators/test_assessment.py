"""Independent assessments: nobody approves, edits or hides them."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import ProgressReport
from indicators.standings import standings_of
from tests.factories import (
    make_activity,
    make_assessment,
    make_indicator,
    make_objective,
    make_periods,
    make_report,
    make_responsibility,
)


@pytest.fixture
def period(plan):
    return make_periods(plan)[0]


@pytest.fixture
def indicator(plan, ministry):
    return make_indicator(make_objective(plan), reporting_actor=ministry)


def to_assess(indicator, period):
    plan = indicator.objective.plan
    where = {"country": plan.country.slug, "edition": plan.edition, "key": indicator.key, "ends_on": period.ends_on}
    return reverse("indicators:assessment-edit", kwargs=where)


def of_report(report, name="report"):
    plan = report.plan
    return reverse(
        f"indicators:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition, "pk": report.pk}
    )


def judged(**fields):
    sent = {"form_token": str(uuid.uuid4()), "version": "0", "action": "submit", "data_state": "judgement"}
    return sent | {"judgement": "disagree", "narrative": "The hotline does not answer."} | fields


@pytest.mark.parametrize(
    "person", ["viewer", "verifier", "coordinator", "focal_point", "platform_administrator", "stranger"]
)
def test_assessment_edit_beyond_ones_role_is_refused(client, login, request, indicator, period, person):
    login(client, request.getfixturevalue(person))
    assert client.post(to_assess(indicator, period), judged()).status_code == 403
    assert not ProgressReport.objects.exists()


def test_assessment_edit_publishes_a_judgement_at_once(client, login, analyst, ngo, indicator, period):
    login(client, analyst)
    assert client.post(to_assess(indicator, period), judged()).status_code == 302
    report = ProgressReport.objects.get()
    assert (report.stream, report.state, report.actor, report.judgement, report.value) == (
        "independent",
        "published",
        ngo,
        "disagree",
        None,
    )
    client.logout()
    page = client.get(of_report(report))
    assert (page.status_code, report.receipt in page.content.decode()) == (200, True)


def test_assessment_edit_publishes_a_value_of_its_own(client, login, analyst, indicator, period):
    make_report(indicator, period, value=Decimal(90))
    login(client, analyst)
    client.post(to_assess(indicator, period), judged(data_state="reported", judgement="", value="20"))
    assert ProgressReport.objects.independent().get().value == Decimal(20)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"judgement": ""}, "judgement"),
        ({"narrative": ""}, "narrative"),
        ({"data_state": "reported", "value": ""}, "value"),
        ({"data_state": "no_data"}, "data_state"),
    ],
)
def test_assessment_edit_with_a_fault_says_where(client, login, analyst, indicator, period, fields, field):
    login(client, analyst)
    response = client.post(to_assess(indicator, period), judged(**fields))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_assessment_drafts_are_read_in_their_own_organisation_only(client, login, request, analyst, indicator, period):
    login(client, analyst)
    client.post(to_assess(indicator, period), judged(action="draft"))
    draft = ProgressReport.objects.get()
    assert client.get(of_report(draft)).status_code == 200
    for person in ("focal_point", "verifier", "coordinator", "other_analyst", "platform_administrator"):
        login(client, request.getfixturevalue(person))
        assert client.get(of_report(draft)).status_code == 404, person


@pytest.mark.parametrize(
    "person", ["focal_point", "verifier", "coordinator", "other_analyst", "platform_administrator"]
)
@pytest.mark.parametrize("name", ["report-correct", "assessment-withdraw", "evidence-create"])
def test_assessment_is_touched_by_nobody_but_its_own_organisation(
    client, login, request, indicator, period, person, name
):
    report = make_assessment(indicator, period)
    login(client, request.getfixturevalue(person))
    response = client.post(of_report(report, name), {"form_token": uuid.uuid4(), "reason": "x"})
    report.refresh_from_db()
    assert (response.status_code, report.state, report.version) == (403, "published", 1)


def test_assessment_withdraw_leaves_a_trace(client, login, analyst, indicator, period):
    report = make_assessment(indicator, period, narrative="Too few asked.")
    login(client, analyst)
    assert (
        client.post(of_report(report, "assessment-withdraw"), {"form_token": uuid.uuid4(), "reason": ""}).status_code
        == 422
    )
    client.post(of_report(report, "assessment-withdraw"), {"form_token": uuid.uuid4(), "reason": "The sample."})
    report.refresh_from_db()
    assert (report.state, report.withdrawal_reason) == ("withdrawn", "The sample.")
    client.logout()
    assert "The sample." in client.get(of_report(report)).content.decode()


def test_assessment_after_a_withdrawal_is_the_next_revision(client, login, analyst, indicator, period):
    withdrawn = make_assessment(indicator, period, state="withdrawn")
    login(client, analyst)
    assert client.post(to_assess(indicator, period), judged()).status_code == 302
    again = ProgressReport.objects.published().get()
    assert (again.revision, again.supersedes) == (2, withdrawn)


def test_assessment_correction_takes_the_place_of_the_first_once_published(client, login, analyst, indicator, period):
    first = make_assessment(indicator, period)
    login(client, analyst)
    response = client.post(of_report(first, "report-correct"), {"form_token": uuid.uuid4(), "reason": "New figures."})
    assert list(ProgressReport.objects.current()) == [first]
    client.post(response.url, judged(version="1"))
    assert [report.revision for report in ProgressReport.objects.current()] == [2]


def test_assessment_of_an_activity_of_its_own_is_marked(client, plan, ngo, ministry, indicator, period):
    activity = make_activity(indicator.objective, lead=ministry)
    indicator.activities.add(activity)
    make_responsibility(activity, ngo, "contributor")
    report = make_assessment(indicator, period)
    assert "assesses an activity of its own" in client.get(of_report(report)).content.decode()


def test_receipt_changes_with_what_is_said(indicator, period):
    report = make_assessment(indicator, period, value=Decimal("20"))
    before = report.receipt
    report.refresh_from_db()
    assert report.receipt == before
    report.narrative = "Another."
    assert report.receipt != before


def test_assessment_corrected_does_not_come_back_when_its_correction_is_withdrawn(
    client, login, analyst, plan, indicator, period
):
    first = make_assessment(indicator, period, value=Decimal(5))
    second = make_assessment(indicator, period, value=Decimal(6), supersedes=first)
    assert list(ProgressReport.objects.current()) == [second]
    login(client, analyst)
    client.post(of_report(second, "assessment-withdraw"), {"form_token": uuid.uuid4(), "reason": "Wrong."})
    assert list(ProgressReport.objects.current()) == []
    assert standings_of(plan, date(2026, 1, 15))[0].views == ()
    client.post(to_assess(indicator, period), judged())
    assert [report.revision for report in ProgressReport.objects.current()] == [3]
