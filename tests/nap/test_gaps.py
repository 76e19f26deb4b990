"""Each kind of gap appears from the least data that makes it and is gone once it is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from actors.models import Actor, User
from indicators.models import Indicator, IndicatorOmission, ReportingPeriod
from indicators.standings import standings_of
from nap.gaps import PLAN_AS_A_WHOLE, Gap, GapGroup, GapKind, closers_of, counts, filtered, gaps_of
from objectives.models import Objective, Omission, Plan, ProbableActor
from tests.factories import (
    PLAN_START,
    make_activity,
    make_activity_report,
    make_actor,
    make_assessment,
    make_coverage,
    make_evidence,
    make_generic_actor,
    make_indicator,
    make_membership,
    make_milestone,
    make_model_plan,
    make_objective,
    make_periods,
    make_plan,
    make_report,
    make_scale,
    make_target,
)


@pytest.fixture
def objective(plan: Plan) -> Objective:
    return make_objective(plan)


@pytest.fixture
def periods(plan: Plan) -> list[ReportingPeriod]:
    """Four half-years; on 15 January 2026 the first two are due."""
    return make_periods(plan)


@pytest.fixture
def indicator(objective: Objective, ministry: Actor) -> Indicator:
    return make_indicator(objective, reporting_actor=ministry)


@pytest.fixture
def found(plan: Plan, today: date):
    """`found(kind)`: today's gaps of this kind, read anew."""
    return lambda kind: filtered(gaps_of(Plan.objects.select_related("country").get(pk=plan.pk), today), kind=kind)


def items(gaps: tuple[Gap, ...]) -> list[str]:
    return [gap.item for gap in gaps]


def address(gap: Gap, path: str) -> bool:
    return gap.close_url == f"/xa/2024-2029/{path}"


# --- Design -------------------------------------------------------------------------------------------------------


def test_readiness_when_a_step_is_not_recorded(plan, found):
    assert items(found(GapKind.READINESS)) == ["situation_analysis", "legal_review", "consultation"]
    Plan.objects.update(situation_analysis_on=PLAN_START, legal_review_on=PLAN_START, consultation_on=PLAN_START)
    assert found(GapKind.READINESS) == ()


def test_readiness_says_since_when_and_who(plan, found, coordinator, focal_point):
    gap = found(GapKind.READINESS)[0]
    assert gap.since == PLAN_START
    assert [str(closer.name) for closer in gap.closers] == ["Coordinator"]
    assert address(gap, "readiness/#id_situation_analysis_on")
    assert [gap.may_close(user) for user in (coordinator, focal_point, AnonymousUser())] == [True, False, False]


@pytest.fixture
def model(plan: Plan) -> Plan:
    """The model that the plan follows."""
    plan.model = make_model_plan()
    plan.save()
    return plan.model


def test_undecided_items_of_the_model(plan, model, objective, found):
    theirs = make_objective(model, key="o1")
    make_activity(theirs, key="o1-a1")
    make_indicator(theirs, key="o1-i1")
    assert items(found(GapKind.OBJECTIVE_UNDECIDED)) == ["o1"]
    assert items(found(GapKind.ACTIVITY_UNDECIDED)) == ["o1-a1"]
    assert items(found(GapKind.INDICATOR_UNDECIDED)) == ["o1-i1"]


def test_undecided_when_taken_up(plan, model, objective, found):
    theirs = make_objective(model, key="o1")
    activity, measure = make_activity(theirs, key="o1-a1"), make_indicator(theirs, key="o1-i1")
    make_coverage(objective, theirs)
    assert found(GapKind.OBJECTIVE_UNDECIDED) == ()
    (gap,) = found(GapKind.ACTIVITY_UNDECIDED)
    assert (gap.objective, address(gap, "coverage/activities/o1-a1/")) == (objective, True)
    (gap,) = found(GapKind.INDICATOR_UNDECIDED)
    assert (gap.objective, address(gap, "coverage/indicators/o1-i1/")) == (objective, True)
    make_coverage(make_activity(objective), activity)
    make_coverage(make_indicator(objective), measure)
    assert found(GapKind.ACTIVITY_UNDECIDED) + found(GapKind.INDICATOR_UNDECIDED) == ()


def test_undecided_when_left_out_with_a_reason(plan, model, found):
    theirs = make_objective(model)
    activity, measure = make_activity(theirs), make_indicator(theirs)
    Omission.objects.create(plan=plan, model_activity=activity, reason="Not here.")
    IndicatorOmission.objects.create(plan=plan, model_indicator=measure, reason="Not here.")
    assert found(GapKind.ACTIVITY_UNDECIDED) + found(GapKind.INDICATOR_UNDECIDED) == ()
    assert len(found(GapKind.OBJECTIVE_UNDECIDED)) == 1


def test_undecided_when_the_objective_around_it_is_left_out(plan, model, found):
    theirs = make_objective(model)
    make_activity(theirs)
    make_indicator(theirs)
    Omission.objects.create(plan=plan, model_objective=theirs, reason="Not here.")
    kinds = (GapKind.OBJECTIVE_UNDECIDED, GapKind.ACTIVITY_UNDECIDED, GapKind.INDICATOR_UNDECIDED)
    assert [found(kind) for kind in kinds] == [(), (), ()]


def suggest(model: Plan, *generic: Actor) -> Objective:
    theirs = make_objective(model)
    ProbableActor.objects.create(objective=theirs, key=f"line-{theirs.pk}", text="They").actors.set(generic)
    return theirs


def test_actor_lacking_until_somebody_stands_for_it(plan, model, country, police, found, coordinator, today):
    generic = make_generic_actor("police", key="police", name="Police (all)")
    make_generic_actor("media", key="unnamed")
    suggest(model, generic)
    (gap,) = found(GapKind.ACTOR_LACKING)
    assert (gap.item, gap.where, gap.note) == ("police", "Police (all)", "named in 1 objective of the model")
    assert gap.close_url == "/countries/xa/stands-for/police/"
    assert gap.may_close(coordinator)
    police.stands_for.add(generic)
    assert found(GapKind.ACTOR_LACKING) == ()
    Actor.objects.filter(pk=police.pk).update(ended_on=today - timedelta(days=1))
    assert items(found(GapKind.ACTOR_LACKING)) == ["police"]


def test_actor_lacking_when_another_country_has_one(plan, model, other_country, found):
    generic = make_generic_actor("police", key="police")
    suggest(model, generic)
    make_actor(other_country, "police").stands_for.add(generic)
    assert items(found(GapKind.ACTOR_LACKING)) == ["police"]


def test_actor_lacking_when_every_objective_that_names_it_is_left_out(plan, model, found):
    theirs = suggest(model, make_generic_actor("police", key="police"))
    Omission.objects.create(plan=plan, model_objective=theirs, reason="Not here.")
    assert found(GapKind.ACTOR_LACKING) == ()


def test_actor_lacking_counts_children_once(plan, model, country, found):
    """No plan is pressed to enter a group of child victims."""
    children = make_generic_actor("children", key="children", name="Children")
    victims = make_generic_actor("children", key="child-victims", name="Child victims")
    suggest(model, children, victims)
    suggest(model, children)
    assert items(found(GapKind.ACTOR_LACKING)) == ["children"]
    make_actor(country, "children", name="Children's council")
    assert found(GapKind.ACTOR_LACKING) == ()


def test_no_focal_point_of_a_lead(plan, objective, ministry, found, coordinator):
    make_activity(objective, lead=ministry)
    (gap,) = found(GapKind.NO_FOCAL_POINT)
    assert (gap.item, gap.note, gap.since) == ("mosa", "leads 1 activity", PLAN_START)
    assert gap.close_url == "/countries/xa/people/new/?actor=mosa&role=focal_point"
    assert gap.may_close(coordinator)
    make_membership(coordinator, ministry, "focal_point")
    assert found(GapKind.NO_FOCAL_POINT) == ()


def test_no_focal_point_when_a_parent_has_one(plan, objective, ministry, focal_point, country, found):
    make_activity(objective, lead=make_actor(country, "government_agency", parent=ministry))
    assert found(GapKind.NO_FOCAL_POINT) == ()


def test_no_focal_point_since_the_last_one_left(plan, objective, ministry, focal_point, found):
    make_activity(objective, lead=ministry)
    focal_point.memberships.update(ends_on=date(2025, 12, 31))
    assert [gap.since for gap in found(GapKind.NO_FOCAL_POINT)] == [date(2026, 1, 1)]


def test_no_focal_point_of_an_ngo_is_for_its_own_analyst(
    plan, objective, ngo, found, coordinator, platform_administrator, request
):
    make_activity(objective, lead=ngo)
    (gap,) = found(GapKind.NO_FOCAL_POINT)
    assert [str(closer.name) for closer in gap.closers] == ["Platform administrator"]
    assert [gap.may_close(user) for user in (coordinator, platform_administrator)] == [False, True]
    analyst = request.getfixturevalue("analyst")
    (gap,) = found(GapKind.NO_FOCAL_POINT)
    assert [closer.name for closer in gap.closers] == ["Child Rights Coalition"]
    assert gap.may_close(analyst)


def test_no_verifier_until_one_outside_the_chain(plan, indicator, ministry, found, coordinator, request):
    make_membership(coordinator, ministry, "verifier")
    (gap,) = found(GapKind.NO_VERIFIER)
    assert (gap.item, gap.close_url) == ("mosa", "/countries/xa/people/new/?role=verifier")
    assert gap.may_close(coordinator)
    request.getfixturevalue("verifier")
    assert found(GapKind.NO_VERIFIER) == ()


def test_no_verifier_when_the_only_one_also_sits_below(plan, indicator, ministry, country, verifier, found):
    make_membership(verifier, make_actor(country, "government_agency", parent=ministry), "viewer")
    assert items(found(GapKind.NO_VERIFIER)) == ["mosa"]


def test_no_verifier_when_the_account_is_closed(plan, indicator, verifier, found):
    User.objects.filter(pk=verifier.pk).update(is_active=False)
    assert items(found(GapKind.NO_VERIFIER)) == ["mosa"]


def test_objective_unmeasured(plan, objective, found):
    (gap,) = found(GapKind.OBJECTIVE_UNMEASURED)
    assert (gap.item, gap.objective) == (objective.key, objective)
    assert address(gap, f"objectives/{objective.key}/indicators/new/")
    make_indicator(objective)
    assert found(GapKind.OBJECTIVE_UNMEASURED) == ()


@pytest.mark.parametrize("created", [date(2024, 1, 1), date(2025, 5, 1)])
def test_design_gap_dates_from_the_activation_or_the_later_creation(plan, objective, indicator, found, created):
    activity = make_activity(objective)
    bare = make_objective(plan)
    for row in (bare, activity, indicator):
        row.history.update(history_date=datetime.combine(created, time(), tzinfo=UTC))
    kinds = (GapKind.OBJECTIVE_UNMEASURED, GapKind.NO_LEAD, GapKind.NO_TARGET)
    since = max(PLAN_START, created)
    assert [[gap.since for gap in found(kind)] for kind in kinds] == [[since], [since], [since]]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (GapKind.NO_LEAD, "activities/a/edit/#id_lead"),
        (GapKind.NO_DATES, "activities/a/edit/#id_starts_on"),
        (GapKind.ACTIVITY_UNMEASURED, "activities/a/indicators/"),
    ],
)
def test_activity_without(plan, objective, indicator, ministry, found, kind, path):
    make_activity(objective, key="a")
    (gap,) = found(kind)
    assert (gap.item, gap.objective) == ("a", objective)
    assert address(gap, path)
    plan.objectives.get().activities.all().delete()
    whole = make_activity(objective, lead=ministry, starts_on=PLAN_START, ends_on=PLAN_START)
    whole.indicators.add(indicator)
    assert found(kind) == ()


def test_no_lead_when_the_lead_has_ended(plan, objective, ministry, found, today):
    make_activity(objective, lead=ministry, key="a")
    assert found(GapKind.NO_LEAD) == ()
    Actor.objects.filter(pk=ministry.pk).update(ended_on=today - timedelta(days=1))
    assert items(found(GapKind.NO_LEAD)) == ["a"]


@pytest.mark.parametrize(
    ("kind", "field", "lacking", "given"),
    [
        (GapKind.NO_BASELINE, "baseline_value", {"baseline_value": None}, {"no_baseline_reason": "Never counted."}),
        (GapKind.NO_MEANS, "means_of_verification", {}, {"means_of_verification": "Court registers"}),
        (GapKind.NO_REPORTER, "reporting_actor", {"reporting_actor": None}, {}),
    ],
)
def test_indicator_without(plan, objective, ministry, found, coordinator, kind, field, lacking, given):
    row = make_indicator(objective, key="i", **lacking)
    (gap,) = found(kind)
    assert (gap.item, gap.objective) == ("i", objective)
    assert address(gap, f"indicators/i/edit/#id_{field}")
    assert gap.may_close(coordinator)
    Indicator.objects.filter(pk=row.pk).update(**(given or {"reporting_actor": ministry}))
    assert found(kind) == ()


def test_no_target(plan, indicator, found):
    assert items(found(GapKind.NO_TARGET)) == [indicator.key]
    make_target(indicator)
    assert found(GapKind.NO_TARGET) == ()


def test_no_target_is_none_for_a_range_or_context(plan, objective, found):
    make_indicator(objective, direction="context")
    make_indicator(objective, direction="maintain", low=1, high=2)
    assert found(GapKind.NO_TARGET) == ()


# --- Reporting ----------------------------------------------------------------------------------------------------

REPORTING_STREAM = (GapKind.NEVER_REPORTED, GapKind.OVERDUE, GapKind.SILENT)


@pytest.fixture
def missing(found):
    """Which of never reported, overdue and gone silent there is."""
    return lambda: [(gap.kind, gap.since, gap.close_url) for kind in REPORTING_STREAM for gap in found(kind)]


def test_never_reported(plan, indicator, periods, missing, found, focal_point, coordinator):
    form = f"/xa/2024-2029/indicators/{indicator.key}/report/2025-06-30/"
    assert missing() == [(GapKind.NEVER_REPORTED, periods[0].due_on, form)]
    (gap,) = found(GapKind.NEVER_REPORTED)
    assert [closer.name for closer in gap.closers] == ["Ministry of Social Affairs"]
    assert [gap.may_close(user) for user in (focal_point, coordinator)] == [True, False]
    make_report(indicator, periods[1], state="submitted")
    assert missing() == []


def test_never_reported_before_a_period_is_due(plan, indicator, periods, missing):
    ReportingPeriod.objects.update(due_on=date(2026, 12, 31))
    assert missing() == []


def test_never_reported_when_nobody_is_to_report(plan, objective, periods, found, coordinator):
    make_indicator(objective, key="i", reporting_actor=None)
    (gap,) = found(GapKind.NEVER_REPORTED)
    assert ([str(one.name) for one in gap.closers], gap.may_close(coordinator)) == (["Coordinator"], True)
    assert address(gap, "indicators/i/edit/#id_reporting_actor")
    assert gap.close_label == "Name who reports"


def test_overdue(plan, indicator, periods, missing):
    make_report(indicator, periods[0])
    form = f"/xa/2024-2029/indicators/{indicator.key}/report/2025-06-30/"
    assert missing() == [(GapKind.OVERDUE, periods[1].due_on, form)]
    make_report(indicator, periods[1], state="submitted")
    assert missing() == []


def test_overdue_when_returned_is_told_once(plan, indicator, periods, missing, found):
    make_report(indicator, periods[0])
    make_report(indicator, periods[1], state="returned")
    assert missing() == []
    assert len(found(GapKind.RETURNED)) == 1


def test_silent_after_two_due_periods_without_a_value(plan, indicator, missing):
    periods = make_periods(plan, count=3, due_on=date(2026, 1, 14))
    make_report(indicator, periods[0])
    make_report(indicator, periods[2], data_state="no_data", narrative="None.")
    form = f"/xa/2024-2029/indicators/{indicator.key}/report/2025-12-31/"
    assert missing() == [(GapKind.SILENT, date(2026, 1, 14), form)]
    make_report(indicator, periods[1])
    assert missing() == []


def test_silent_when_a_value_waits(plan, indicator, missing):
    """The secretariat's time is not the ministry's."""
    periods = make_periods(plan, count=3, due_on=date(2026, 1, 14))
    make_report(indicator, periods[0])
    make_report(indicator, periods[1], state="submitted")
    assert [kind for kind, *_rest in missing()] == [GapKind.OVERDUE]


def test_silent_when_not_applicable(plan, indicator, missing):
    periods = make_periods(plan, count=3, due_on=date(2026, 1, 14))
    make_report(indicator, periods[0])
    make_report(indicator, periods[1], data_state="not_applicable", narrative="Suspended.")
    make_report(indicator, periods[2], data_state="not_applicable", narrative="Suspended.")
    assert missing() == []


def test_stale_when_the_value_speaks_of_a_time_long_past(plan, indicator, periods, found):
    report = make_report(indicator, periods[1], reference_to=date(2024, 6, 29))
    (gap,) = found(GapKind.STALE)
    assert (gap.item, gap.since) == (indicator.key, periods[1].due_on)
    assert address(gap, f"indicators/{indicator.key}/report/2024-12-31/")
    type(report).objects.update(reference_to=date(2024, 6, 30))
    assert found(GapKind.STALE) == ()


def test_no_evidence_for_the_latest_verified_value(plan, indicator, periods, found, focal_point, coordinator):
    make_evidence(make_report(indicator, periods[0]))
    report = make_report(indicator, periods[1])
    (gap,) = found(GapKind.NO_EVIDENCE)
    assert (gap.item, gap.since) == (indicator.key, date(2025, 8, 14))
    assert address(gap, f"reports/{report.pk}/evidence/new/")
    assert [gap.may_close(user) for user in (focal_point, coordinator)] == [True, False]
    make_evidence(report)
    assert found(GapKind.NO_EVIDENCE) == ()


def test_waiting(plan, indicator, periods, found, verifier, focal_point, coordinator):
    report = make_report(indicator, periods[1], state="submitted")
    (gap,) = found(GapKind.WAITING)
    assert (gap.item, gap.since) == (f"{indicator.key}:2025-06-30", date(2025, 7, 30))
    assert gap.note == "for the period to 30 June 2025"
    assert [closer.name for closer in gap.closers] == ["National Committee"]
    assert address(gap, f"reports/{report.pk}/verify/")
    assert [gap.may_close(user) for user in (verifier, focal_point, coordinator)] == [True, False, False]
    type(report).objects.filter(pk=report.pk).delete()
    make_report(indicator, periods[1])
    assert found(GapKind.WAITING) == ()


def test_waiting_is_not_for_who_wrote_it(plan, indicator, periods, found, verifier, request):
    make_report(indicator, periods[1], state="submitted", author=verifier)
    (gap,) = found(GapKind.WAITING)
    assert ([str(one.name) for one in gap.closers], gap.may_close(verifier)) == (["Coordinator"], False)
    assert (gap.close_url, gap.close_label) == ("/countries/xa/people/new/?role=verifier", "Invite a verifier")
    assert gap.may_close(request.getfixturevalue("coordinator"))


def test_waiting_of_an_activity_report(plan, objective, ministry, periods, found, verifier):
    report = make_activity_report(make_activity(objective, lead=ministry, key="a"), periods[1], state="submitted")
    (gap,) = found(GapKind.WAITING)
    assert (gap.item, gap.url, gap.may_close(verifier)) == ("a:2025-06-30", "/xa/2024-2029/activities/a/", True)
    assert address(gap, f"activity-reports/{report.pk}/verify/")


def test_returned(plan, indicator, periods, found, focal_point, verifier):
    report = make_report(indicator, periods[1], state="returned")
    (gap,) = found(GapKind.RETURNED)
    assert (gap.item, gap.since) == (f"{indicator.key}:2025-06-30", date(2025, 8, 9))
    assert address(gap, f"indicators/{indicator.key}/report/2025-06-30/")
    assert [gap.may_close(user) for user in (focal_point, verifier)] == [True, False]
    type(report).objects.update(state="submitted")
    assert found(GapKind.RETURNED) == ()


def test_returned_activity_report(plan, objective, ministry, periods, found, focal_point):
    make_activity_report(make_activity(objective, lead=ministry, key="a"), periods[1], state="returned")
    (gap,) = found(GapKind.RETURNED)
    assert (address(gap, "activities/a/report/2025-06-30/"), gap.may_close(focal_point)) == (True, True)


def test_drafts_are_no_gap_and_no_report(plan, indicator, periods, missing, found):
    make_report(indicator, periods[1], state="draft")
    assert [kind for kind, *_rest in missing()] == [GapKind.NEVER_REPORTED]
    assert found(GapKind.WAITING) + found(GapKind.RETURNED) == ()


# --- Progress -----------------------------------------------------------------------------------------------------


def test_off_track(plan, indicator, periods, found, focal_point, coordinator):
    make_target(indicator, 100, due_on=date(2025, 12, 31))
    make_report(indicator, periods[0], value=Decimal(60))
    report = make_report(indicator, periods[1], value=Decimal(10))
    (gap,) = found(GapKind.OFF_TRACK)
    assert (gap.item, gap.since) == (indicator.key, date(2025, 6, 30))
    assert address(gap, f"indicators/{indicator.key}/report/2026-06-30/")
    assert [gap.may_close(user) for user in (focal_point, coordinator)] == [True, False]
    type(report).objects.filter(pk=report.pk).update(value=Decimal(90))
    assert found(GapKind.OFF_TRACK) == ()


def test_regressed(plan, indicator, periods, found):
    Indicator.objects.update(baseline_value=Decimal(50))
    make_target(indicator)
    report = make_report(indicator, periods[1], value=Decimal(40))
    assert items(found(GapKind.REGRESSED)) == [indicator.key]
    type(report).objects.update(value=Decimal(60))
    assert found(GapKind.REGRESSED) == ()


def test_milestone_missed(plan, objective, found, coordinator):
    activity = make_activity(objective)
    milestone = make_milestone(activity, due_on=date(2026, 1, 14), key="m")
    make_milestone(activity, due_on=date(2026, 1, 15))
    make_milestone(activity, due_on=date(2025, 1, 1), done_on=date(2025, 6, 1))
    (gap,) = found(GapKind.MILESTONE_MISSED)
    assert (gap.item, gap.where, gap.since, gap.note) == ("m", milestone.title, date(2026, 1, 14), str(activity))
    assert address(gap, "milestones/m/edit/")
    assert gap.may_close(coordinator)
    type(milestone).objects.update(done_on=date(2026, 1, 14))
    assert found(GapKind.MILESTONE_MISSED) == ()


def test_milestones_do_not_repeat_their_activity(plan, objective, found):
    activity = make_activity(objective)
    make_milestone(activity)
    make_milestone(activity)
    assert [len(found(kind)) for kind in (GapKind.MILESTONE_MISSED, GapKind.NO_LEAD)] == [2, 1]


def test_views_differ_once_for_each_assessor(plan, indicator, periods, ngo, analyst, other_analyst, focal_point, found):
    make_target(indicator)
    make_report(indicator, periods[1], value=Decimal(50))
    watch = other_analyst.memberships.get().actor
    assessment = make_assessment(indicator, periods[1], ngo, value=Decimal(10))
    make_assessment(indicator, periods[1], watch, data_state="judgement", judgement="disagree")
    gaps = found(GapKind.VIEWS_DIFFER)
    assert items(gaps) == [f"{indicator.key}:coalition", f"{indicator.key}:watch"]
    assert [[closer.name for closer in gap.closers][1] for gap in gaps] == ["Child Rights Coalition", "Watch"]
    assert gaps[0].since == date(2025, 8, 19)
    assert address(gaps[0], f"indicators/{indicator.key}/#views")
    assert [gaps[0].may_close(user) for user in (analyst, other_analyst, focal_point)] == [True, False, True]
    type(assessment).objects.filter(stream="independent").update(value=None, data_state="judgement", judgement="agree")
    assert found(GapKind.VIEWS_DIFFER) == ()


@pytest.fixture
def law(plan: Plan, objective: Objective, ministry: Actor) -> Indicator:
    """A law, with the key that the model's scale of laws has; its steps score 0, 0.2, 0.4, 0.6, 0.8 and 1."""
    return make_indicator(objective, "scale", scale=make_scale(plan, key="law"), reporting_actor=ministry, key="law-1")


def step(law: Indicator, number: int):
    return law.scale.steps.all()[number]


@pytest.mark.parametrize(("number", "expected"), [(2, []), (3, ["law-1"]), (4, ["law-1"]), (5, [])])
def test_law_enacted_and_not_applied(plan, law, periods, found, focal_point, number, expected):
    make_report(law, periods[1], step=step(law, number))
    gaps = found(GapKind.LAW_WITHOUT_PRACTICE)
    assert items(gaps) == expected
    assert all(str(gap.note) == "enacted, not applied" and gap.may_close(focal_point) for gap in gaps)


def test_law_on_another_scale_is_none(plan, law, periods, found):
    make_report(law, periods[1], step=step(law, 3))
    law.scale.key = "service"
    law.scale.save()
    assert found(GapKind.LAW_WITHOUT_PRACTICE) == ()


def test_law_applied_while_practice_is_silent_in_its_objective(plan, objective, law, periods, police, found):
    make_report(law, periods[1], step=step(law, 5))
    practice = make_indicator(objective, code="P", reporting_actor=police)
    make_indicator(objective, level="structural")
    (gap,) = found(GapKind.LAW_WITHOUT_PRACTICE)
    assert gap.note == "practice behind or unknown in indicator P"
    assert [closer.name for closer in gap.closers] == ["Ministry of Social Affairs", "National Police"]
    make_target(practice)
    make_report(practice, periods[1], value=Decimal(100))
    assert found(GapKind.LAW_WITHOUT_PRACTICE) == ()


def test_law_applied_while_practice_is_off_track_across_objectives(plan, objective, law, periods, found):
    make_report(law, periods[1], step=step(law, 5))
    elsewhere = make_indicator(make_objective(plan), level="outcome", code="9.9")
    make_target(elsewhere, 100, due_on=date(2025, 6, 30))
    make_report(elsewhere, periods[1], value=Decimal(1))
    assert found(GapKind.LAW_WITHOUT_PRACTICE) == ()
    activity = make_activity(objective)
    activity.indicators.add(law, elsewhere)
    (gap,) = found(GapKind.LAW_WITHOUT_PRACTICE)
    assert (gap.item, gap.note) == ("law-1", "practice behind or unknown in indicator 9.9")


# --- The whole ----------------------------------------------------------------------------------------------------


def test_draft_has_gaps_in_its_design_only(plan, indicator, periods, found, today):
    Plan.objects.update(status="draft", activated_on=None)
    gaps = gaps_of(Plan.objects.get(pk=plan.pk), today)
    assert {gap.group for gap in gaps} == {GapGroup.DESIGN}
    assert {gap.since for gap in gaps} == {None}


def test_closed_plan_keeps_its_gaps_and_nobody_closes_them(plan, indicator, periods, today, coordinator, focal_point):
    Plan.objects.update(status="closed")
    gaps = gaps_of(Plan.objects.select_related("country").get(pk=plan.pk), today)
    assert GapKind.NEVER_REPORTED in {gap.kind for gap in gaps}
    own = [gap for gap in gaps if gap.kind not in (GapKind.NO_VERIFIER, GapKind.NO_FOCAL_POINT)]
    assert not any(gap.may_close(user) for gap in own for user in (coordinator, focal_point))


def test_gaps_are_their_kind_and_item(plan, objective, indicator, periods, today):
    identities = [gap.identity for gap in gaps_of(plan, today)]
    assert len(identities) == len(set(identities))


def test_filters_and_counts(plan, objective, indicator, periods, today):
    gaps = gaps_of(plan, today)
    assert filtered(gaps, kind=GapKind.READINESS, objective=PLAN_AS_A_WHOLE) == filtered(gaps, kind=GapKind.READINESS)
    assert filtered(gaps, kind=GapKind.READINESS, objective=objective.key) == ()
    assert items(filtered(gaps, group=GapGroup.REPORTING, actor="mosa")) == [indicator.key]
    assert filtered(gaps, area="elsewhere") == ()
    assert counts(gaps)[GapKind.NO_TARGET, objective.key] == 1
    assert counts(gaps)[GapKind.READINESS, PLAN_AS_A_WHOLE] == 3
    assert dict(closers_of(gaps))[gaps[0].closers[0]] == len(gaps) - 1


def grow(plan: Plan, number: int) -> None:
    for _number in range(number):
        objective = make_objective(plan)
        activity = make_activity(objective)
        make_milestone(activity)
        indicator = make_indicator(objective)
        activity.indicators.add(indicator)
        for period in plan.periods.all():
            make_report(indicator, period)
            make_activity_report(activity, period, state="submitted")
        make_assessment(indicator, plan.periods.first())


@pytest.mark.parametrize(("count", "number"), [(1, 1), (1, 12), (12, 1), (8, 5)])
def test_queries_do_not_grow(plan, model, today, verifier, focal_point, django_assert_num_queries, count, number):
    make_periods(plan, count=count, months=3)
    grow(plan, number)
    grow(model, 0)
    plan = Plan.objects.select_related("country").get(pk=plan.pk)
    standings = standings_of(plan, today)
    with django_assert_num_queries(5):
        gaps = gaps_of(plan, today, standings)
    with django_assert_num_queries(10):
        assert gaps_of(plan, today) == gaps
    with django_assert_num_queries(2):  # rights, and the chain of the verifier's own organisations
        assert any(gap.may_close(verifier) for gap in gaps)


def test_other_country_never_appears(plan, other_plan, today):
    make_indicator(make_objective(other_plan))
    make_milestone(make_activity(make_objective(other_plan)))
    assert {gap.kind for gap in gaps_of(plan, today)} == {GapKind.READINESS}


def test_plan_without_model_or_parts(country, today):
    plan = make_plan(country, status="draft", edition="2030", activated_on=None)
    assert items(gaps_of(plan, today)) == ["situation_analysis", "legal_review", "consultation"]
