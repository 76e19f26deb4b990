"""My work: each role's lists, one click each."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from actors.models import Actor, User
from nap.work import PlanWork, my_work
from objectives.models import Plan
from tests.factories import (
    make_activity,
    make_activity_report,
    make_assessment,
    make_evidence,
    make_indicator,
    make_membership,
    make_objective,
    make_periods,
    make_plan,
    make_report,
    make_target,
)


@pytest.fixture(autouse=True)
def _today(time_machine, today):
    time_machine.move_to(f"{today}T10:00Z", tick=False)


def work_of(user: User, today) -> PlanWork:
    (mine,) = my_work(User.objects.get(pk=user.pk), today).plans
    return mine


def lists_of(user: User, today) -> dict[str, list[str]]:
    """The addresses in each list."""
    return {one.slug: [task.url for task in one.tasks] for one in work_of(user, today).lists}


def url(plan: Plan, name: str, **arguments) -> str:
    return reverse(f"indicators:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition, **arguments})


def test_page_asks_to_sign_in(client, db):
    response = client.get("/my-work/")
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_page_refuses_to_be_posted_to(client, login, focal_point):
    assert login(client, focal_point).post("/my-work/").status_code == 405


# --- Focal points -------------------------------------------------------------------------------------------------


def test_focal_point_sees_what_is_late_returned_drafted_and_next(plan, ministry, focal_point, today):
    objective = make_objective(plan)
    late, returned, drafted, done = (make_indicator(objective, reporting_actor=ministry) for _number in range(4))
    periods = make_periods(plan, count=5)  # the third ended on 31 December 2025 and is due on 1 March 2026
    first, second, third, fourth, _fifth = periods
    for indicator in (late, returned, drafted, done):
        make_report(indicator, first)
    for indicator in (drafted, done):
        make_report(indicator, second)
    make_report(returned, second, state="returned")
    make_report(drafted, third, state="draft")
    make_report(done, third)
    mine = lists_of(focal_point, today)
    assert mine["returned"] == [url(plan, "report-edit", key=returned.key, ends_on=second.ends_on)]
    assert mine["late"] == [url(plan, "report-edit", key=late.key, ends_on=second.ends_on)]
    assert mine["drafts"] == [url(plan, "report-edit", key=drafted.key, ends_on=third.ends_on)]
    assert mine["due-next"] == [
        url(plan, "report-edit", key=one.key, ends_on=period.ends_on)
        for period, ones in ((third, (late, returned)), (fourth, (late, returned, drafted, done)))
        for one in ones
    ]


def test_focal_point_reads_the_reason_of_a_return(client, login, plan, ministry, focal_point):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    (period,) = make_periods(plan, count=1)
    make_report(indicator, period, state="returned", return_reason="The <source> is missing.")
    page = login(client, focal_point).get("/my-work/").content.decode()
    assert "The &lt;source&gt; is missing." in page


def test_focal_point_reads_how_much_is_handed_in(plan, ministry, focal_point, today):
    objective = make_objective(plan)
    _open, waiting, verified = (make_indicator(objective, reporting_actor=ministry) for _number in range(3))
    third = make_periods(plan, count=3)[-1]
    make_report(waiting, third, state="submitted", submitted_at=datetime(2026, 1, 10, tzinfo=UTC))
    make_report(verified, third, verified_at=datetime(2026, 1, 12, tzinfo=UTC))
    assert work_of(focal_point, today).sentences == (
        "2 of 3 reports due on 1 March 2026 are handed in.",
        "3 reports are late.",
    )


def test_focal_point_does_not_see_drafts_of_others(plan, police, focal_point, today):
    indicator = make_indicator(make_objective(plan), reporting_actor=police)
    (period,) = make_periods(plan, count=1)
    make_report(indicator, period, state="draft")
    assert lists_of(focal_point, today) == {"due-next": []}


def test_focal_point_sees_activities_without_a_report(plan, ministry, focal_point, today):
    objective = make_objective(plan)
    silent, told, over = (make_activity(objective, lead=ministry) for _number in range(3))
    over.ends_on = date(2024, 9, 1)
    over.save()
    first, *_rest, last = make_periods(plan, count=3)
    make_activity_report(told, last, state="submitted")
    make_activity_report(over, first, progress="done")
    assert lists_of(focal_point, today)["activities"] == [
        url(plan, "activity-report-edit", key=silent.key, ends_on=last.ends_on)
    ]


def test_focal_point_of_a_draft_plan_has_nothing_to_report(plan, ministry, focal_point, today):
    make_indicator(make_objective(plan), reporting_actor=ministry)
    make_periods(plan, count=2)
    plan.status = "draft"
    plan.save()
    mine = work_of(focal_point, today)
    assert (mine.lists, mine.sentences) == ((), ())


# --- Verifiers ----------------------------------------------------------------------------------------------------


def test_verifier_sees_the_oldest_first_and_missing_evidence(plan, ministry, verifier, today):
    objective = make_objective(plan)
    newer, older = (make_indicator(objective, reporting_actor=ministry) for _number in range(2))
    (period,) = make_periods(plan, count=1)
    new = make_report(newer, period, state="submitted", submitted_at=datetime(2026, 1, 14, 9, tzinfo=UTC))
    old = make_report(older, period, state="submitted", submitted_at=datetime(2025, 12, 16, 9, tzinfo=UTC))
    make_evidence(old)
    (waiting,) = work_of(verifier, today).lists
    assert [task.url for task in waiting.tasks] == [url(plan, "report-verify", pk=one.pk) for one in (old, new)]
    assert [[mark.label for mark in task.marks] for task in waiting.tasks] == [
        ["Waits for 30 days", "Handed in late"],
        ["Waits for 1 day", "No evidence", "Handed in late"],
    ]


def test_verifier_sees_reports_of_the_own_organisation_apart(plan, committee, verifier, today):
    indicator = make_indicator(make_objective(plan), reporting_actor=committee)
    (period,) = make_periods(plan, count=1)
    report = make_report(indicator, period, state="submitted")
    assert lists_of(verifier, today) == {"to-verify": [], "for-others": [url(plan, "report", pk=report.pk)]}


def test_verifier_sees_waiting_activity_reports(plan, ministry, verifier, today):
    activity = make_activity(make_objective(plan), lead=ministry)
    (period,) = make_periods(plan, count=1)
    report = make_activity_report(activity, period, state="submitted")
    assert lists_of(verifier, today)["to-verify"] == [url(plan, "activity-report-verify", pk=report.pk)]


# --- Analysts -----------------------------------------------------------------------------------------------------


def test_analyst_sees_what_is_new_what_differs_and_own_drafts(plan, ministry, ngo, analyst, other_analyst, today):
    objective = make_objective(plan)
    new, assessed, drafted = (make_indicator(objective, reporting_actor=ministry) for _number in range(3))
    (period,) = make_periods(plan, count=1)
    for indicator in (new, assessed, drafted):
        make_target(indicator)
        make_report(indicator, period)
    make_assessment(assessed, period, ngo, data_state="judgement", judgement="disagree")
    make_assessment(drafted, period, ngo, state="draft")
    where = {"ends_on": period.ends_on}
    assert lists_of(analyst, today) == {
        "drafts-of-assessments": [url(plan, "assessment-edit", key=drafted.key, **where) + f"?actor={ngo.key}"],
        "to-assess": [url(plan, "assessment-edit", key=new.key, **where)],
        "differing": [url(plan, "indicator", key=assessed.key) + "#views"],
    }
    theirs = lists_of(other_analyst, today)
    assert "drafts-of-assessments" not in theirs
    assert len(theirs["to-assess"]) == 3


def test_analyst_sees_ten_new_ones_and_how_many_more(plan, ministry, analyst, today):
    objective = make_objective(plan)
    (period,) = make_periods(plan, count=1)
    for _number in range(12):
        make_report(make_indicator(objective, reporting_actor=ministry), period)
    (new,) = work_of(analyst, today).lists
    assert (len(new.tasks), new.more) == (10, 2)


# --- Others -------------------------------------------------------------------------------------------------------


def test_coordinator_sees_what_is_to_set_up(client, login, plan, coordinator):
    plan.status = "draft"
    plan.save()
    make_activity(make_objective(plan))
    page = login(client, coordinator).get("/my-work/")
    (mine,) = page.context["work"].plans
    assert [one.label for one in mine.gaps] == ["Design", "Reporting", "Progress"]
    assert mine.gaps[0].number > 0
    assert "Still to set up" in page.content.decode()
    assert reverse("actors:people", kwargs={"country": "xa"}) in page.content.decode()


def test_viewer_sees_where_the_plan_stands(plan, viewer, today):
    make_indicator(make_objective(plan))
    mine = work_of(viewer, today)
    assert (mine.lists, mine.gaps) == ((), ())
    assert mine.summary.startswith("Of 1 indicator:")


def test_platform_administrator_gets_to_the_administration_site(client, login, platform_administrator):
    page = login(client, platform_administrator).get("/my-work/").content.decode()
    assert reverse("admin:index") in page


def test_person_without_a_role_reads_what_to_do(client, login, focal_point):
    focal_point.memberships.all().delete()
    page = login(client, focal_point).get("/my-work/")
    assert page.status_code == 200
    assert "Your account has no role at present." in page.content.decode()


def test_person_whose_country_has_no_plan(client, login, focal_point):
    page = login(client, focal_point).get("/my-work/").content.decode()
    assert "Your country has no plan that is active or being written." in page


def test_person_with_roles_in_two_countries_sees_both_plans(plan, other_plan, other_country, focal_point, today):
    make_membership(focal_point, other_country.actors.first() or _ministry(other_country), "viewer")
    assert {mine.plan for mine in my_work(focal_point, today).plans} == {plan, other_plan}


def _ministry(country) -> Actor:
    return country.actors.create(kind="ministry", name="Ministry", key="ministry")


def test_closed_plans_are_no_work(plan, focal_point, today):
    make_plan(plan.country, edition="2019-2023", status="closed")
    assert [mine.plan for mine in my_work(focal_point, today).plans] == [plan]


@pytest.mark.parametrize("periods", [1, 12])
def test_queries_do_not_depend_on_history(
    client, login, plan, ministry, committee, ngo, focal_point, verifier, django_assert_num_queries, periods
):
    """Somebody who holds every role at once; `verifier` is who verified."""
    make_membership(focal_point, committee, "verifier")
    make_membership(focal_point, committee, "coordinator")
    make_membership(focal_point, ngo, "analyst")
    objective = make_objective(plan)
    activity = make_activity(objective, lead=ministry)
    times = make_periods(plan, count=periods, months=6 if periods == 1 else 1)
    for _number in range(3):
        indicator = make_indicator(objective, reporting_actor=ministry)
        make_target(indicator)
        for period in times:
            make_report(indicator, period)
            make_assessment(indicator, period, ngo)
    for period in times:
        make_activity_report(activity, period, state="submitted")
    login(client, focal_point)
    client.get(reverse("nap:home"))
    with django_assert_num_queries(21):
        assert client.get("/my-work/").status_code == 200
