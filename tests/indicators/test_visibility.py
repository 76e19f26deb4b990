"""Who may read which report and which evidence (docs/roles.md), as tables of state × stream × role."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from indicators.models import ActivityReport, Evidence, IndicatorOmission, ProgressReport, ReportingPeriod, Target
from indicators.models.reports import PROVISIONAL_AFTER
from tests.factories import (
    make_activity,
    make_activity_report,
    make_actor,
    make_assessment,
    make_evidence,
    make_indicator,
    make_membership,
    make_model_plan,
    make_objective,
    make_periods,
    make_person,
    make_plan,
    make_report,
    make_target,
)

# `focal_point` and `viewer` are of the ministry that reports, `analyst` of the NGO that assesses.
MEMBERS = {
    "viewer", "focal_point", "police_focal_point", "analyst", "other_analyst", "verifier", "coordinator"
}  # fmt: skip
OTHERS = {"anonymous", "stranger", "other_verifier", "platform_administrator"}
EVERYBODY = MEMBERS | OTHERS
COMMITTEE = {"verifier", "coordinator"}
FOCAL_POINTS = {"focal_point", "police_focal_point"}

OFFICIAL_READERS = {
    "draft": {"focal_point"},
    "submitted": FOCAL_POINTS | COMMITTEE,
    "provisional": EVERYBODY,
    "returned": FOCAL_POINTS | COMMITTEE,
    "verified": EVERYBODY,
}
INDEPENDENT_READERS = {
    "draft": {"analyst"},
    "published": EVERYBODY,
    "withdrawn": EVERYBODY,  # as a trace
}
ROWS = [("official", state) for state in OFFICIAL_READERS] + [("independent", state) for state in INDEPENDENT_READERS]


def expected(stream: str, state: str) -> set[str]:
    return (OFFICIAL_READERS if stream == "official" else INDEPENDENT_READERS)[state]


@pytest.fixture
def people(request, db):
    return {name: AnonymousUser() if name == "anonymous" else request.getfixturevalue(name) for name in EVERYBODY}


def readers(people, queryset) -> set[str]:
    return {name for name, person in people.items() if queryset.visible_to(person).exists()}


def _official(make, subject, period, state):
    """A report in `state`; one that waits was submitted just now, a provisional one 45 days ago."""
    submitted_at = timezone.now() - (PROVISIONAL_AFTER if state == "provisional" else timedelta())
    times = {} if state == "draft" else {"submitted_at": submitted_at}
    return make(subject, period, "submitted" if state == "provisional" else state, **times)


@pytest.fixture
def report(people, plan, ministry, ngo):
    """`report(stream, state)` makes a report of the ministry, or an assessment of the NGO."""

    def make(stream, state, plan=plan):
        indicator, period = make_indicator(make_objective(plan), reporting_actor=ministry), make_periods(plan, 1)[0]
        if stream == "independent":
            return make_assessment(indicator, period, ngo, state)
        return _official(make_report, indicator, period, state)

    return make


# --- progress reports -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stream", "state"), ROWS)
def test_readers_of_a_progress_report(people, report, stream, state):
    report(stream, state)
    assert readers(people, ProgressReport.objects) == expected(stream, state)


@pytest.mark.parametrize(("stream", "state"), ROWS)
@pytest.mark.parametrize("hidden", [{"is_public": False}, {"status": "draft"}])
def test_readers_of_a_progress_report_of_a_plan_that_is_not_public(people, report, country, stream, state, hidden):
    report(stream, state, make_plan(country, **({"edition": "hidden", "status": "closed"} | hidden)))
    assert readers(people, ProgressReport.objects) == expected(stream, state) - OTHERS


def test_report_becomes_provisional_after_45_days(report):
    waiting = report("official", "submitted")
    now = timezone.now()
    for age, is_public in [(timedelta(days=45, seconds=-1), False), (timedelta(days=45), True)]:
        ProgressReport.objects.filter(pk=waiting.pk).update(submitted_at=now - age)
        assert ProgressReport.objects.public(now).exists() == is_public


def test_draft_is_read_by_the_organisation_that_enters_it_for_another(people, report, police):
    draft = report("official", "draft")
    draft.entered_by = police
    draft.save()
    assert readers(people, ProgressReport.objects) == FOCAL_POINTS


def test_draft_is_not_read_by_the_organisation_above(people, report, ministry, country):
    above = make_actor(country)
    ministry.parent = above
    ministry.save()
    report("official", "draft")
    assert not ProgressReport.objects.visible_to(make_person("focal_point", above)).exists()


@pytest.mark.parametrize("role", ["viewer", "verifier", "coordinator"])
def test_other_roles_in_the_reporting_organisation_do_not_read_its_drafts(report, ministry, role):
    report("official", "draft")
    assert not ProgressReport.objects.visible_to(make_person(role, ministry)).exists()


@pytest.mark.parametrize("role", ["viewer", "focal_point"])
def test_other_roles_in_an_ngo_do_not_read_its_drafts(report, ngo, role):
    report("independent", "draft")
    assert not ProgressReport.objects.visible_to(make_person(role, ngo)).exists()


def test_analyst_of_an_ngo_does_not_read_its_official_drafts(plan, ngo, analyst):
    """An NGO may report on an indicator of its own in the official stream: that is its focal point's."""
    make_report(make_indicator(make_objective(plan), reporting_actor=ngo), make_periods(plan, 1)[0], "draft")
    assert not ProgressReport.objects.visible_to(analyst).exists()
    assert ProgressReport.objects.visible_to(make_person("focal_point", ngo)).count() == 1


def test_former_and_inactive_people_read_what_is_public_alone(report, focal_point, analyst):
    report("official", "draft")
    focal_point.memberships.update(ends_on=date(2025, 12, 31))
    analyst.is_active = False
    assert not ProgressReport.objects.visible_to(type(focal_point).objects.get(pk=focal_point.pk)).exists()
    make_assessment(
        ProgressReport.objects.get().indicator, ReportingPeriod.objects.get(), analyst.memberships.get().actor, "draft"
    )
    assert not ProgressReport.objects.visible_to(analyst).exists()


def test_published_assessment_stays_public_when_the_membership_ends(people, report, analyst):
    report("independent", "published")
    analyst.memberships.update(ends_on=date(2025, 12, 31))
    assert readers(people, ProgressReport.objects) == EVERYBODY


def test_published_assessment_stays_public_when_the_plan_is_closed(people, report, plan):
    report("independent", "published")
    plan.status = "closed"
    plan.save()
    assert readers(people, ProgressReport.objects) == EVERYBODY


def test_verified_report_stays_public_while_its_correction_is_drafted(people, report):
    verified = report("official", "verified")
    draft = make_report(verified.indicator, verified.period, "draft", supersedes=verified)
    assert readers(people, ProgressReport.objects.filter(pk=verified.pk)) == EVERYBODY
    assert readers(people, ProgressReport.objects.filter(pk=draft.pk)) == {"focal_point"}


def test_person_of_several_roles_reads_each_report_once(report, ministry, committee, focal_point):
    make_membership(focal_point, committee, "verifier")
    make_membership(focal_point, committee, "coordinator")
    waiting = report("official", "submitted")
    assert list(ProgressReport.objects.visible_to(focal_point)) == [waiting]


def test_reports_of_another_country_are_read_where_they_are_public(focal_point, stranger, other_plan):
    indicator, (period, later) = make_indicator(make_objective(other_plan)), make_periods(other_plan, 2)
    verified = make_report(indicator, period)
    make_report(indicator, later, "draft")
    make_assessment(indicator, later, state="draft")
    assert list(ProgressReport.objects.visible_to(focal_point)) == [verified]


# --- activity reports -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("state", OFFICIAL_READERS)
def test_readers_of_an_activity_report(people, country, ministry, state, is_public):
    plan = make_plan(country, is_public=is_public)
    _official(make_activity_report, make_activity(make_objective(plan), lead=ministry), make_periods(plan, 1)[0], state)
    assert readers(people, ActivityReport.objects) == OFFICIAL_READERS[state] - (set() if is_public else OTHERS)


def test_draft_of_an_activity_report_is_read_by_who_enters_it(people, plan, ministry, police):
    activity = make_activity(make_objective(plan), lead=ministry)
    make_activity_report(activity, make_periods(plan, 1)[0], "draft", entered_by=police)
    assert readers(people, ActivityReport.objects) == FOCAL_POINTS


# --- evidence -------------------------------------------------------------------------------------------------------

WITHIN = {
    ("official", "public"): EVERYBODY,
    ("official", "coalition"): MEMBERS,
    ("official", "restricted"): {"focal_point", "viewer"} | COMMITTEE,
    ("independent", "public"): EVERYBODY,
    ("independent", "coalition"): MEMBERS,
    ("independent", "restricted"): {"analyst"},
}


@pytest.mark.parametrize("visibility", ["public", "coalition", "restricted"])
@pytest.mark.parametrize(("stream", "state"), ROWS)
def test_readers_of_evidence_are_readers_of_its_report_within_its_visibility(people, report, stream, state, visibility):
    make_evidence(report(stream, state), visibility=visibility)
    assert readers(people, Evidence.objects) == expected(stream, state) & WITHIN[stream, visibility]


@pytest.mark.parametrize("visibility", ["public", "coalition", "restricted"])
def test_readers_of_evidence_in_a_plan_that_is_not_public(people, report, country, visibility):
    hidden = make_plan(country, edition="hidden", is_public=False, status="closed")
    make_evidence(report("official", "verified", hidden), visibility=visibility)
    assert readers(people, Evidence.objects) == MEMBERS & WITHIN["official", visibility]


def test_restricted_evidence_is_read_by_the_organisation_that_entered_it_for_another(
    report, police, police_focal_point
):
    draft = report("official", "draft")
    draft.entered_by = police
    draft.save()
    make_evidence(draft, visibility="restricted")
    assert Evidence.objects.visible_to(police_focal_point).exists()


# --- what hangs on the plan -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_public", [True, False])
def test_targets_periods_and_omissions_are_read_by_those_who_read_the_plan(people, country, is_public):
    plan = make_plan(country, is_public=is_public, model=make_model_plan())
    make_target(make_indicator(make_objective(plan)))
    make_periods(plan, 1)
    omitted = make_indicator(make_objective(plan.model))
    IndicatorOmission.objects.create(plan=plan, model_indicator=omitted, reason="…")
    who = EVERYBODY if is_public else MEMBERS
    assert [readers(people, model.objects) for model in (Target, ReportingPeriod, IndicatorOmission)] == [who, who, who]
