"""Each rule finds the row that breaks it, and nothing else; clean data, the model and the demonstration break none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Actor, Membership
from indicators.models import ActivityReport, Indicator, IndicatorOmission, ProgressReport, ScaleStep, Target
from nap.checkdata import RULES, find
from objectives.models import Activity, Area, Objective, Omission, Plan, Responsibility
from tests.factories import (
    make_activity,
    make_activity_report,
    make_actor,
    make_area,
    make_assessment,
    make_country,
    make_coverage,
    make_generic_actor,
    make_indicator,
    make_membership,
    make_milestone,
    make_model_plan,
    make_objective,
    make_periods,
    make_person,
    make_plan,
    make_report,
    make_responsibility,
    make_target,
    make_user,
    the_actor,
    the_country,
    the_person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clean_data() -> None:
    """A plan that follows a model, with reports of both streams; and another country."""
    country = the_country()
    model = make_model_plan(edition="pattern")
    pattern = make_objective(model, key="pattern")
    pattern_activity = make_activity(pattern, key="pattern-activity")
    pattern_indicator = make_indicator(pattern, key="pattern-indicator", reporting_actor=None)
    make_indicator(pattern, key="pattern-left", reporting_actor=None)
    ministry = make_actor(country, "ministry", key="ministry")
    make_actor(country, "government_agency", key="department", parent=ministry)
    ministry.stands_for.add(make_generic_actor("ministry", key="generic-ministry"))
    children = make_actor(country, "children", key="children")
    plan = make_plan(country, model=model)
    area = make_area(plan, key="area", model_area=make_area(model, key="pattern-area"))
    objective = make_objective(plan, key="objective", area=area)
    make_coverage(objective, pattern)
    activity = make_activity(objective, lead=ministry, key="activity")
    make_coverage(activity, pattern_activity)
    make_responsibility(activity, children, "contributor")
    make_milestone(activity, key="milestone")
    indicator = make_indicator(objective, "percentage", key="percentage", reporting_actor=ministry)
    indicator.activities.add(activity)
    indicator.contributors.add(children)
    make_coverage(indicator, pattern_indicator)
    make_target(indicator)
    on_scale = make_indicator(objective, "scale", key="scale", reporting_actor=ministry)
    make_target(on_scale)
    IndicatorOmission.objects.create(
        plan=plan, model_indicator=Indicator.objects.get(key="pattern-left"), reason="Not ours."
    )
    first, second, *_more = make_periods(plan)
    make_report(indicator, first)
    make_report(indicator, second, "submitted")
    make_report(on_scale, first)
    make_assessment(on_scale, first)
    make_activity_report(activity, first)
    elsewhere = make_plan(make_country("XB"), edition="elsewhere", model=model)
    theirs = make_objective(elsewhere, key="theirs", area=make_area(elsewhere, key="their-area"))
    make_activity(theirs, key="their-activity")
    their_indicator = make_indicator(theirs, "scale", key="their-scale")
    make_report(their_indicator, make_periods(elsewhere)[0])


def _verified() -> ProgressReport:
    return ProgressReport.objects.get(indicator__key="percentage", state="verified")


def _parent_elsewhere() -> str:
    other = Actor.objects.filter(country__code="XB").first()
    Actor.objects.filter(key="department").update(parent=other)
    return "XA/department"


def _successor_elsewhere() -> str:
    other = Actor.objects.filter(country__code="XB").first()
    Actor.objects.filter(key="department").update(succeeded_by=other, ended_on=date(2025, 1, 1))
    return "XA/department"


def _stands_for_a_national_actor() -> str:
    Actor.objects.get(key="ministry").stands_for.add(Actor.objects.get(key="department"))
    return "XA/ministry"


def _circle() -> str:
    # the ministry is found as well, so break it with three: expected keys are compared as sorted text
    Actor.objects.filter(key="ministry").update(parent=Actor.objects.get(key="department"))
    return "XA/department XA/ministry"


def _account_for_children() -> str:
    make_membership(make_user("child@example.org"), Actor.objects.get(key="children"), "viewer")
    return "child@example.org/XA/children/viewer/2024-01-01"


def _analyst_in_a_ministry() -> str:
    make_membership(make_user("analyst@example.org"), Actor.objects.get(key="ministry"), "analyst")
    return "analyst@example.org/XA/ministry/analyst/2024-01-01"


def _children_lead() -> str:
    Responsibility.objects.filter(actor__key="children").update(role="co_lead")
    return "XA/2024-2029/activity/XA/children"


def _children_are_to_report() -> str:
    make_indicator(Objective.objects.get(key="objective"), key="new", reporting_actor=Actor.objects.get(key="children"))
    return "XA/2024-2029/new"


def _children_enter_a_report() -> str:
    ProgressReport.objects.filter(state="submitted").update(entered_by=Actor.objects.get(key="children"))
    return "XA/2024-2029/percentage/2025-06-30/official/ministry/1"


def _follows_a_national_plan() -> str:
    elsewhere = Plan.objects.get(edition="elsewhere")
    make_plan(the_country(), edition="next", status="draft", model=elsewhere)
    return "XA/next"


def _supersedes_elsewhere() -> str:
    Plan.objects.filter(country__code="XA").update(supersedes=Plan.objects.get(edition="elsewhere"))
    return "XA/2024-2029"


def _two_activities_of_one_key() -> str:
    make_activity(make_objective(Plan.objects.get(country__code="XA")), key="activity")
    return "XA/2024-2029/activity"


def _area_elsewhere() -> str:
    Objective.objects.filter(key="objective").update(area=Area.objects.get(key="their-area"))
    return "XA/2024-2029/objective"


def _area_of_no_model() -> str:
    Area.objects.filter(key="area").update(model_area=Area.objects.get(key="their-area"))
    return "XA/2024-2029/area"


def _scale_elsewhere() -> str:
    theirs = Indicator.objects.get(key="their-scale")
    make_indicator(
        Objective.objects.get(key="objective"),
        "scale",
        key="new",
        scale=theirs.scale,
        reporting_actor=Actor.objects.get(key="ministry"),
    )
    return "XA/2024-2029/new"


def _activity_elsewhere() -> str:
    Indicator.objects.get(key="percentage").activities.add(Activity.objects.get(key="their-activity"))
    return "XA/2024-2029/percentage"


def _lead_elsewhere() -> str:
    other = Actor.objects.filter(country__code="XB", kind="ministry").get()
    make_responsibility(Activity.objects.get(key="activity"), other, "contributor")
    return f"XA/2024-2029/activity/XB/{other.key}"


def _reporting_actor_elsewhere() -> str:
    other = Actor.objects.filter(country__code="XB", kind="ministry").get()
    make_indicator(Objective.objects.get(key="objective"), key="new", reporting_actor=other)
    return "XA/2024-2029/new"


def _contributor_elsewhere() -> str:
    Indicator.objects.get(key="scale").contributors.add(Actor.objects.filter(country__code="XB").first())
    return "XA/2024-2029/scale"


def _takes_up_a_national_item() -> str:
    make_coverage(Objective.objects.get(key="objective"), Objective.objects.get(key="theirs"))
    return "XA/2024-2029/objective/XB/elsewhere/theirs"


def _leaves_out_a_national_item() -> str:
    Omission.objects.create(
        plan=Plan.objects.get(country__code="XA"), model_activity=Activity.objects.get(key="their-activity"), reason="x"
    )
    return "XA/2024-2029/model_activity/their-activity"


def _taken_up_and_left_out() -> str:
    Omission.objects.create(
        plan=Plan.objects.get(country__code="XA"), model_objective=Objective.objects.get(key="pattern"), reason="x"
    )
    return "XA/2024-2029/model_objective/pattern"


def _indicator_taken_up_and_left_out() -> str:
    IndicatorOmission.objects.create(
        plan=Plan.objects.get(country__code="XA"),
        model_indicator=Indicator.objects.get(key="pattern-indicator"),
        reason="x",
    )
    return "XA/2024-2029/pattern-indicator"


def _scale_without_steps() -> str:
    scale = make_indicator(Objective.objects.get(key="objective"), "scale", key="new", starts_from_zero=True).scale
    scale.steps.all().delete()
    return "XA/2024-2029/new"


def _baseline_above_a_hundred() -> str:
    Indicator.objects.filter(key="percentage").update(baseline_value=Decimal(101))
    return "XA/2024-2029/percentage"


def _baseline_step_elsewhere() -> str:
    Indicator.objects.filter(key="scale").update(
        baseline_step=ScaleStep.objects.filter(scale__plan__country__code="XB").first()
    )
    return "XA/2024-2029/scale"


def _target_above_a_hundred() -> str:
    Target.objects.filter(indicator__key="percentage").update(value=Decimal(130))
    return "XA/2024-2029/percentage/2029-06-30"


def _target_step_elsewhere() -> str:
    step = ScaleStep.objects.filter(scale__plan__country__code="XB").first()
    Target.objects.filter(indicator__key="scale").update(step=step)
    return "XA/2024-2029/scale/2029-06-30"


def _verifier_of_the_department() -> str:
    # below the actor that reports, and long before anybody looks
    make_membership(
        _verified().verified_by, Actor.objects.get(key="department"), "viewer", ends_on=_verified().verified_at.date()
    )
    # the same person verified three reports of the ministry
    return (
        "XA/2024-2029/activity/2024-12-31/1 XA/2024-2029/percentage/2024-12-31/official/ministry/1 "
        "XA/2024-2029/scale/2024-12-31/official/ministry/1"
    )


def _assessment_of_a_ministry() -> str:
    ProgressReport.objects.filter(stream="independent").update(actor=Actor.objects.get(key="ministry"))
    ProgressReport.history.filter(stream="independent").update(actor=Actor.objects.get(key="ministry"))
    return "XA/2024-2029/scale/2024-12-31/independent/ministry/1"


def _reported_by_another() -> str:
    ProgressReport.objects.filter(state="submitted").update(actor=Actor.objects.get(key="department"))
    return "XA/2024-2029/percentage/2025-06-30/official/department/1"


def _activity_reported_by_another() -> str:
    ActivityReport.objects.update(actor=Actor.objects.get(key="department"))
    ActivityReport.history.update(actor=Actor.objects.get(key="department"))
    return "XA/2024-2029/activity/2024-12-31/1"


def _period_elsewhere() -> str:
    period = Plan.objects.get(edition="elsewhere").periods.get(ends_on=date(2025, 6, 30))
    ProgressReport.objects.filter(state="submitted").update(period=period)
    return "XA/2024-2029/percentage/2025-06-30/official/ministry/1"


def _entered_elsewhere() -> str:
    other = Actor.objects.filter(country__code="XB", kind="ministry").get()
    ProgressReport.objects.filter(state="submitted").update(entered_by=other)
    return "XA/2024-2029/percentage/2025-06-30/official/ministry/1"


def _wrong_period_end() -> str:
    ProgressReport.objects.filter(state="submitted").update(period_end=date(2025, 6, 29))
    return "XA/2024-2029/percentage/2025-06-29/official/ministry/1"


def _value_on_a_scale() -> str:
    reports = ProgressReport.objects.filter(indicator__key="scale", stream="official")
    reports.update(value=Decimal(1), step=None)
    ProgressReport.history.filter(id__in=reports.values("pk")).update(value=Decimal(1), step=None)
    return "XA/2024-2029/scale/2024-12-31/official/ministry/1"


def _percentage_of_nothing() -> str:
    ProgressReport.objects.filter(state="submitted").update(numerator=Decimal(20))
    return "XA/2024-2029/percentage/2025-06-30/official/ministry/1"


def _verified_and_changed() -> str:
    ProgressReport.objects.filter(pk=_verified().pk).update(narrative="Much better.")
    return "XA/2024-2029/percentage/2024-12-31/official/ministry/1"


def _verified_and_saved_again() -> str:
    report = _verified()
    report.data_quality = ""  # from a value to none, with a history row of its own
    report.entered_by = the_actor(the_country(), "ministry")  # from none to a value
    report.save()
    return "XA/2024-2029/percentage/2024-12-31/official/ministry/1"


def _activity_report_changed() -> str:
    ActivityReport.objects.update(spent=Decimal(10))
    return "XA/2024-2029/activity/2024-12-31/1"


def _assessment_changed() -> str:
    ProgressReport.objects.filter(stream="independent").update(narrative="All is well.")
    return f"XA/2024-2029/scale/2024-12-31/independent/{Actor.objects.get(kind='ngo').key}/1"


PLANTED: list[tuple[str, Callable[[], str]]] = [
    ("actors_stay_in_their_country", _parent_elsewhere),
    ("actors_stay_in_their_country", _successor_elsewhere),
    ("actors_stand_for_the_models", _stands_for_a_national_actor),
    ("actors_are_in_no_circle", _circle),
    ("memberships_fit_their_actor", _account_for_children),
    ("memberships_fit_their_actor", _analyst_in_a_ministry),
    ("children_never_lead_nor_report", _children_lead),
    ("children_never_lead_nor_report", _children_are_to_report),
    ("children_never_lead_nor_report", _children_enter_a_report),
    ("plans_follow_a_model", _follows_a_national_plan),
    ("plans_follow_a_model", _supersedes_elsewhere),
    ("keys_are_unique_in_the_plan", _two_activities_of_one_key),
    ("parts_stay_in_their_plan", _area_elsewhere),
    ("parts_stay_in_their_plan", _area_of_no_model),
    ("parts_stay_in_their_plan", _scale_elsewhere),
    ("parts_stay_in_their_plan", _activity_elsewhere),
    ("actors_are_of_the_plans_country", _lead_elsewhere),
    ("actors_are_of_the_plans_country", _reporting_actor_elsewhere),
    ("actors_are_of_the_plans_country", _contributor_elsewhere),
    ("coverage_points_into_the_model", _takes_up_a_national_item),
    ("coverage_points_into_the_model", _leaves_out_a_national_item),
    ("taken_up_or_left_out_not_both", _taken_up_and_left_out),
    ("taken_up_or_left_out_not_both", _indicator_taken_up_and_left_out),
    ("scales_have_steps", _scale_without_steps),
    ("baselines_fit_their_indicator", _baseline_above_a_hundred),
    ("baselines_fit_their_indicator", _baseline_step_elsewhere),
    ("targets_fit_their_indicator", _target_above_a_hundred),
    ("targets_fit_their_indicator", _target_step_elsewhere),
    ("verifiers_are_of_another_organisation", _verifier_of_the_department),
    ("assessments_come_from_assessors", _assessment_of_a_ministry),
    ("official_reports_come_from_who_answers", _reported_by_another),
    ("official_reports_come_from_who_answers", _activity_reported_by_another),
    ("reports_stay_in_their_plan", _period_elsewhere),
    ("reports_stay_in_their_plan", _entered_elsewhere),
    ("reports_know_their_periods_end", _wrong_period_end),
    ("values_fit_their_indicator", _value_on_a_scale),
    ("percentages_are_their_fraction", _percentage_of_nothing),
    ("verified_reports_are_fixed", _verified_and_changed),
    ("verified_reports_are_fixed", _verified_and_saved_again),
    ("verified_reports_are_fixed", _activity_report_changed),
    ("published_assessments_are_fixed", _assessment_changed),
]


def test_every_rule_has_a_planted_row():
    assert [rule.__name__ for rule in RULES] == list(dict.fromkeys(name for name, _plant in PLANTED))


@pytest.mark.usefixtures("clean_data")
def test_clean_data_break_no_rule():
    assert find() == []


@pytest.mark.usefixtures("clean_data")
@pytest.mark.parametrize(("rule", "plant"), PLANTED, ids=[plant.__name__.strip("_") for _rule, plant in PLANTED])
def test_a_planted_row_is_found_and_no_other(rule: str, plant: Callable[[], str]):
    keys = plant().split()
    assert [(finding.rule, finding.key) for finding in sorted(find(), key=lambda one: one.key)] == [
        (rule, key) for key in sorted(keys)
    ]
    assert len(find(country_code="XA")) == len(keys)
    assert find(country_code="XB") == []


@pytest.mark.usefixtures("clean_data")
def test_the_fields_that_changed_are_named():
    _verified_and_saved_again()
    assert [finding.found for finding in find()] == ["changed since: entered_by, data_quality."]


@pytest.mark.usefixtures("clean_data")
def test_a_withdrawn_assessment_is_no_changed_one():
    report = ProgressReport.objects.get(stream="independent")
    report.state, report.withdrawal_reason = "withdrawn", "The sample was too small."
    report.withdrawn_at = report.published_at
    report.save()
    assert find() == []


@pytest.mark.usefixtures("clean_data")
def test_a_report_stays_right_when_the_task_moves_on():
    indicator = Indicator.objects.get(key="percentage")
    indicator.reporting_actor = Actor.objects.get(key="department")
    indicator.save()
    lead = Responsibility.objects.get(role="lead")
    lead.delete()
    assert find() == []


@pytest.mark.usefixtures("clean_data")
def test_a_verification_stays_right_when_the_verifier_changes_sides_later():
    report = _verified()
    Membership.objects.create(
        user=report.verified_by, actor=report.actor, role="focal_point", starts_on=date(2025, 6, 1)
    )
    assert find() == []


@pytest.mark.usefixtures("clean_data")
def test_a_verification_stays_right_when_the_ministry_is_put_under_the_committee_later():
    ministry = Actor.objects.get(key="ministry")
    ministry.parent = the_actor(the_country(), "coordination_body")
    ministry.save()
    assert find() == []


@pytest.mark.usefixtures("clean_data")
def test_how_many_queries_a_rule_makes_does_not_depend_on_the_rows():
    def queries() -> list[int]:
        counts = []
        for rule in RULES:
            with CaptureQueriesContext(connection) as captured:
                list(rule(None))
            counts.append(len(captured))
        return counts

    few = queries()
    plan = Plan.objects.get(country__code="XA")
    ministry = Actor.objects.get(key="ministry")
    for _number in range(5):
        objective = make_objective(plan)
        indicator = make_indicator(objective, "percentage", reporting_actor=ministry)
        make_activity(objective, lead=ministry)
        make_target(indicator)
        for period in plan.periods.all():
            make_report(indicator, period)
            make_assessment(indicator, period)
        make_person("focal_point", ministry)
    the_person("verifier", the_actor(the_country(), "coordination_body"))
    assert queries() == few
    assert sum(few) == 56


def test_the_command_says_what_it_finds_and_fails(clean_data):
    _percentage_of_nothing()
    output, errors = StringIO(), StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("checkdata", stdout=output, stderr=errors)
    assert stopped.value.code == 1
    assert output.getvalue() == (
        "indicators.progressreport XA/2024-2029/percentage/2025-06-30/official/ministry/1: "
        "20.0000 of 100.0000 is 20.0000 per cent, the value 50.0000. [percentages_are_their_fraction] "
        "Have the report corrected.\n"
    )
    assert errors.getvalue() == "Rows that break a rule: 1.\n"


@pytest.mark.usefixtures("clean_data")
def test_the_command_is_content_with_clean_data():
    output = StringIO()
    call_command("checkdata", country="xa", stdout=output)
    assert output.getvalue() == "23 rules hold for every row.\n"


@pytest.mark.usefixtures("clean_data")
def test_the_command_knows_no_such_country():
    with pytest.raises(CommandError, match="There is no country XZ"):
        call_command("checkdata", country="XZ")


def test_the_model_and_the_demonstration_break_no_rule():
    call_command("loaddata", "model_plan", "demo_plan", verbosity=0)
    assert find() == []
