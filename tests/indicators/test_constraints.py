"""What the database refuses of indicators, reports and evidence, whatever the code above it does."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from indicators.models import ActivityReport, IndicatorOmission, ProgressReport, ScaleStep
from tests.actors.constraints import assert_refused, names_of
from tests.factories import (
    make_activity,
    make_activity_report,
    make_actor,
    make_assessment,
    make_coverage,
    make_evidence,
    make_indicator,
    make_model_plan,
    make_objective,
    make_periods,
    make_report,
    make_scale,
    make_target,
    the_actor,
    the_country,
    the_plan,
)

pytestmark = pytest.mark.django_db


def _twice(make, *args, **fields):
    make(*args, **fields)
    make(*args, **fields)


def _period():
    """The plan's first period."""
    return the_plan().periods.first() or make_periods(count=1)[0]


def _report(state="verified", **fields) -> ProgressReport:
    """An official report on a number."""
    indicator = fields.pop("indicator", None) or make_indicator()
    return make_report(indicator, fields.pop("period", None) or _period(), state, **fields)


def _assessment(state="published", **fields) -> ProgressReport:
    return make_assessment(make_indicator(), _period(), state=state, **fields)


def _activity_report(state="verified", **fields) -> ActivityReport:
    return make_activity_report(make_activity(), _period(), state, **fields)


def _twice_in_a_period(make, *args, **fields):
    _twice(make, make_indicator(), make_periods(count=1)[0], *args, **fields)


def _two_open(make, subject):
    """An open report and, beside it, the open first correction of a verified one of the same period."""
    period = make_periods(count=1)[0]
    verified = make(subject, period, "verified")
    make(subject, period, "draft", supersedes=verified)
    make(subject, period, "submitted", revision=3, supersedes=_verified_elsewhere(make, subject), correction_reason="…")


def _verified_elsewhere(make, subject):
    """A verified report to hang a correction on, since each report has one correction at most."""
    return make(subject, make_periods(count=1, months=3)[0], "verified")


def _two_open_assessments():
    indicator, (period, other) = make_indicator(), make_periods(count=2)
    make_assessment(indicator, period, state="draft")
    make_assessment(
        indicator, period, state="draft", supersedes=make_assessment(indicator, other), correction_reason="…"
    )


def _by_update(report, **fields):
    type(report).objects.filter(pk=report.pk).update(**fields)


def _indicator_omission(**fields) -> IndicatorOmission:
    if "model_indicator" not in fields:
        fields["model_indicator"] = make_indicator(make_objective(make_model_plan()))
    return IndicatorOmission.objects.create(**({"plan": the_plan(), "reason": "Not measured here."} | fields))


def _taken_up_twice():
    item, model_item = make_indicator(), make_indicator(make_objective(make_model_plan()))
    make_coverage(item, model_item, manner="adopted")
    make_coverage(item, model_item, manner="adapted")


def _same_step_twice():
    ScaleStep.objects.create(scale=make_scale(), key="step-0", label="Again", score=0)


BREAKS = {
    "scale_key_in_plan": lambda: _twice(make_scale, key="same"),
    "scale_step_key_in_scale": _same_step_twice,
    "scale_step_score_from_0_to_1": lambda: ScaleStep.objects.create(
        scale=make_scale(), label="Too high", score=Decimal("1.001")
    ),
    "indicator_key_in_objective": lambda: _twice(make_indicator, make_objective(), key="same"),
    "indicator_code_in_objective": lambda: _twice(make_indicator, make_objective(), code="1.1"),
    "indicator_weight_positive": lambda: make_indicator(weight=0),
    "indicator_minimum_change_not_negative": lambda: make_indicator(minimum_change=Decimal("-0.0001")),
    "indicator_scale_iff_kind_is_scale": lambda: make_indicator(kind="number", scale=make_scale()),
    "indicator_range_iff_maintain": lambda: make_indicator(direction="maintain", low=2, high=1),
    "indicator_baseline_value_no_scale": lambda: make_indicator(kind="scale", baseline_value=0),
    "indicator_baseline_step_on_scale": lambda: make_indicator(baseline_step=make_scale().steps.first()),
    "indicator_one_baseline": lambda: make_indicator(starts_from_zero=True, baseline_value=0),
    "target_once_a_day": lambda: _twice(make_target, make_indicator(), due_on=date(2025, 6, 30)),
    "target_value_or_step": lambda: make_target(make_indicator(), 100, step=make_scale().steps.first()),
    "indicator_coverage_once": _taken_up_twice,
    "indicator_omission_once": lambda: _twice(
        _indicator_omission, model_indicator=make_indicator(make_objective(make_model_plan()))
    ),
    "indicator_omission_has_reason": lambda: _indicator_omission(reason=""),
    "indicator_omission_names_programme": lambda: _indicator_omission(kind="elsewhere", programme=""),
    "period_once_in_plan": lambda: _twice(make_periods, count=1),
    "period_due_after_end": lambda: make_periods(count=1, due_on=date(2024, 12, 30)),
    # progress reports
    "progressreport_returned_has_reason": lambda: _report("returned", return_reason=""),
    "progressreport_submitted_by_whom": lambda: _report("submitted", submitted_by=None),
    "progressreport_verified_by_another": lambda: _report("verified", verified_by=None),
    "progressreport_correction_supersedes": lambda: _report("draft", revision=2, correction_reason="A slip."),
    "progressreport_correction_has_reason": lambda: _correct(_report(), correction_reason=""),
    "progressreport_value_or_step_iff_reported": lambda: _report(value=None),
    "progressreport_judgement_only_independent": lambda: _report(data_state="judgement"),
    "progressreport_judges_only_independent": lambda: _report(judgement="agree"),
    "progressreport_denominator_positive": lambda: _report(numerator=0, denominator=0),
    "progressreport_expected_if_not_yet": lambda: _report(expected_on=date(2025, 12, 31)),
    "progressreport_reference_in_order": lambda: _report(
        reference_from=date(2024, 12, 31), reference_to=date(2024, 12, 30)
    ),
    "progressreport_states_of_stream": lambda: _report("published", published_at=timezone.now()),
    "progressreport_published_by_whom": lambda: _assessment(published_at=None),
    "progressreport_withdrawn_has_reason": lambda: _assessment("withdrawn", withdrawal_reason=""),
    "progressreport_official_revision": lambda: _twice_in_a_period(make_report, "verified"),
    "progressreport_independent_revision": lambda: _twice_in_a_period(make_assessment),
    "progressreport_one_open_official": lambda: _two_open(make_report, make_indicator()),
    "progressreport_one_open_independent": _two_open_assessments,
    # activity reports
    "activityreport_returned_has_reason": lambda: _activity_report("returned", return_reason=""),
    "activityreport_submitted_by_whom": lambda: _activity_report("submitted", submitted_at=None),
    "activityreport_verified_by_another": lambda: _activity_report("verified", verified_by=None),
    "activityreport_correction_supersedes": lambda: _activity_report("draft", revision=2, correction_reason="A slip."),
    "activityreport_correction_has_reason": lambda: _correct(_activity_report(), correction_reason=""),
    "activityreport_states_of_stream": lambda: _activity_report("published"),
    "activityreport_spent_not_negative": lambda: _activity_report(spent=Decimal("-0.01")),
    "activityreport_delay_has_reason": lambda: _activity_report(progress="delayed", reason=""),
    "activityreport_revision": lambda: _twice(make_activity_report, make_activity(), make_periods(count=1)[0]),
    "activityreport_one_open": lambda: _two_open(make_activity_report, make_activity()),
    # evidence
    "evidence_once_in_report": lambda: _twice(make_evidence, _report(), url="https://example.org/law"),
    "evidence_link_is_http": lambda: make_evidence(_report(), url="javascript:alert(1)"),
}


def _correct(report, **fields):
    """The draft of a correction of a verified report."""
    make = make_report if isinstance(report, ProgressReport) else make_activity_report
    return make(report.subject, report.period, "draft", supersedes=report, **fields)


@pytest.mark.parametrize("name", BREAKS)
def test_database_refuses(name):
    assert_refused(name, BREAKS[name])


def test_every_constraint_of_indicators_has_a_test_that_breaks_it():
    assert set(BREAKS) == names_of("indicators")


# --- verified means: by whom, for whom, and by nobody of the reporting side ------------------------------------------

KINDS = {"progressreport": _report, "activityreport": _activity_report}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["author", "submitted_by", "verified_by", "verifier_actor", "verified_at"])
def test_verified_without_one_of_those_who_answer_for_it(kind, field):
    report = KINDS[kind]("verified")
    assert_refused(f"{kind}_verified_by_another", lambda: _by_update(report, **{field: None}))


@pytest.mark.parametrize("kind", KINDS)
def test_verified_by_its_author(kind):
    report = KINDS[kind]("verified")
    assert_refused(f"{kind}_verified_by_another", lambda: _by_update(report, author=report.verified_by))


@pytest.mark.parametrize("kind", KINDS)
def test_verified_by_who_submitted_it(kind):
    report = KINDS[kind]("verified")
    assert_refused(f"{kind}_verified_by_another", lambda: _by_update(report, submitted_by=report.verified_by))


@pytest.mark.parametrize("kind", KINDS)
def test_verified_for_the_reporting_actor(kind):
    report = KINDS[kind]("verified")
    assert_refused(f"{kind}_verified_by_another", lambda: _by_update(report, verifier_actor=report.actor))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["author", "submitted_by", "submitted_at"])
def test_submitted_without_one_of_those_who_answer_for_it(kind, field):
    report = KINDS[kind]("submitted")
    assert_refused(f"{kind}_submitted_by_whom", lambda: _by_update(report, **{field: None}))


@pytest.mark.parametrize("kind", KINDS)
def test_draft_without_author_submitter_and_verifier(kind):
    report = KINDS[kind]("draft")
    _by_update(report, author=None)
    report.refresh_from_db()
    assert (report.author, report.submitted_by, report.verified_by, report.verifier_actor) == (None, None, None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_author_and_submitter_may_be_one_person(kind):
    report = KINDS[kind]("verified")
    assert report.author == report.submitted_by


# --- states and streams ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["published", "withdrawn", "cleared", ""])
@pytest.mark.parametrize("kind", KINDS)
def test_official_report_in_a_state_of_the_other_stream(kind, state):
    report = KINDS[kind]("verified")
    if kind == "progressreport":  # so that nothing else refuses it
        _by_update(report, published_at=timezone.now(), withdrawn_at=timezone.now(), withdrawal_reason="…")
    assert_refused(f"{kind}_states_of_stream", lambda: _by_update(report, state=state))


@pytest.mark.parametrize("state", ["submitted", "returned", "verified", "cleared", ""])
def test_assessment_in_a_state_of_the_official_stream(state):
    report = _assessment("draft")
    official = _report(state if state in ("submitted", "returned", "verified") else "draft")
    life = ["submitted_by", "submitted_at", "return_reason", "verified_by", "verifier_actor", "verified_at"]
    _by_update(report, **{field: getattr(official, field) for field in life})
    assert_refused("progressreport_states_of_stream", lambda: _by_update(report, state=state))


def test_assessment_published_without_author():
    assert_refused("progressreport_published_by_whom", lambda: _by_update(_assessment(), author=None))


def test_assessment_withdrawn_without_the_day():
    assert_refused(
        "progressreport_withdrawn_has_reason", lambda: _by_update(_assessment("withdrawn"), withdrawn_at=None)
    )


def test_assessment_withdrawn_that_was_never_published():
    assert_refused("progressreport_published_by_whom", lambda: _assessment("withdrawn", published_at=None))


# --- revisions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_first_revision_supersedes_nothing(kind):
    report = KINDS[kind]("verified")
    assert_refused(f"{kind}_correction_supersedes", lambda: _correct(report, revision=1, correction_reason="A slip."))


@pytest.mark.parametrize("kind", KINDS)
def test_report_has_one_correction_at_most(kind):
    report = KINDS[kind]("verified")
    _correct(report)
    other = KINDS[kind]("verified")  # on another indicator or activity, so that only what it supersedes is the same
    with pytest.raises(IntegrityError, match="supersedes"), transaction.atomic():
        _by_update(other, revision=2, supersedes=report, correction_reason="A slip.")


@pytest.mark.parametrize("kind", KINDS)
def test_correction_stands_beside_what_it_supersedes(kind):
    report = KINDS[kind]("verified")
    correction = _correct(report)
    assert (correction.revision, correction.supersedes, report.corrected_by) == (2, report, correction)


def test_assessments_of_two_actors_and_an_official_report_in_one_period():
    indicator, period = make_indicator(), make_periods(count=1)[0]
    make_report(indicator, period, "draft")
    make_assessment(indicator, period, state="draft")
    make_assessment(indicator, period, make_actor(kind="ngo"), state="draft")
    make_assessment(indicator, period, make_actor(kind="academia"))
    assert indicator.reports.count() == 4


def test_two_actors_cannot_both_hold_an_open_official_report():
    indicator, (period, earlier) = make_indicator(), make_periods(count=2)
    make_report(indicator, period, "draft")
    verified = make_report(indicator, earlier)
    police = the_actor(the_country(), "police")
    assert_refused(
        "progressreport_one_open_official",
        lambda: make_report(indicator, period, "returned", actor=police, supersedes=verified),
    )


# --- what is said ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data_state", ["no_data", "not_yet_available", "not_applicable", "judgement"])
def test_figure_although_no_data_are_reported(data_state):
    independent = _assessment(judgement="agree")
    assert_refused("progressreport_value_or_step_iff_reported", lambda: _by_update(independent, data_state=data_state))


@pytest.mark.parametrize("state", ["draft", "submitted", "verified"])
def test_value_and_step_at_once(state):
    step = make_scale().steps.first()
    assert_refused("progressreport_value_or_step_iff_reported", lambda: _report(state, value=1, step=step))


def test_draft_may_still_lack_its_figure():
    assert _report("draft", value=None).value is None


def test_submitted_report_without_its_figure():
    assert_refused("progressreport_value_or_step_iff_reported", lambda: _report("submitted", value=None))


@pytest.mark.parametrize("data_state", ["no_data", "not_yet_available", "not_applicable"])
def test_verified_report_that_there_are_no_data(data_state):
    assert _report(data_state=data_state).value is None


def test_step_alone_and_zero_count_as_reported():
    assert _report(indicator=make_indicator(kind="scale")).step.key == "step-3"
    assert _report(value=0).value == 0


def test_published_judgement_that_says_nothing():
    assert_refused("progressreport_judgement_only_independent", lambda: _assessment(data_state="judgement"))


def test_judgement_alone_and_beside_a_figure():
    indicator, (period, later) = make_indicator(), make_periods(count=2)
    assert make_assessment(indicator, period, data_state="judgement", judgement="disagree").value is None
    assert make_assessment(indicator, later, judgement="partly").value == 50


def test_draft_of_a_judgement_may_still_lack_it():
    assert _assessment("draft", data_state="judgement").judgement == ""


@pytest.mark.parametrize(("numerator", "denominator"), [(1, None), (None, 1), (1, 0), (1, -1)])
def test_numerator_and_denominator_come_together(numerator, denominator):
    assert_refused("progressreport_denominator_positive", lambda: _report(numerator=numerator, denominator=denominator))


def test_numerator_of_zero():
    assert _report(indicator=make_indicator(kind="percentage"), value=0, numerator=0, denominator=8).numerator == 0


def test_expected_day_of_what_is_not_yet_available():
    report = _report(data_state="not_yet_available", expected_on=date(2025, 12, 31))
    assert report.expected_on == date(2025, 12, 31)


def test_reference_of_one_day_and_with_one_end():
    day = date(2024, 12, 31)
    indicator, (period, later) = make_indicator(), make_periods(count=2)
    assert make_report(indicator, period, reference_from=day, reference_to=day).reference_on == day
    assert make_report(indicator, later, reference_to=day).reference_from is None


@pytest.mark.parametrize("progress", ["delayed", "stopped"])
def test_activity_delayed_or_stopped_without_reason_is_a_draft_at_most(progress):
    activity, (period, later) = make_activity(), make_periods(count=2)
    assert make_activity_report(activity, period, "draft", progress=progress, reason="").reason == ""
    assert_refused(
        "activityreport_delay_has_reason",
        lambda: make_activity_report(activity, later, "submitted", progress=progress, reason=""),
    )


def test_activity_on_which_nothing_was_spent():
    assert _activity_report(spent=0).spent == 0


# --- how it is measured ---------------------------------------------------------------------------------------------


def test_scale_indicator_without_scale():
    assert_refused(
        "indicator_scale_iff_kind_is_scale", lambda: make_indicator(kind="scale", scale=None, baseline_step=None)
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"direction": "maintain"},
        {"direction": "maintain", "low": 1},
        {"direction": "maintain", "high": 1},
        {"direction": "increase", "low": 1},
        {"direction": "context", "low": 1, "high": 2},
    ],
)
def test_range_without_maintain_or_maintain_without_range(fields):
    assert_refused("indicator_range_iff_maintain", lambda: make_indicator(**fields))


def test_range_of_one_value():
    assert make_indicator(direction="maintain", low=1, high=1).high == 1


def test_scale_that_starts_from_zero_and_has_a_baseline_step():
    scale = make_scale()
    assert_refused(
        "indicator_one_baseline",
        lambda: make_indicator(kind="scale", scale=scale, starts_from_zero=True, baseline_step=scale.steps.first()),
    )


def test_indicators_that_start_from_zero_or_have_no_baseline():
    assert make_indicator(starts_from_zero=True).baseline_value is None
    assert make_indicator(no_baseline_reason="Never counted before.").baseline_value is None


def test_target_without_value_and_step():
    target = make_target(make_indicator())
    assert_refused("target_value_or_step", lambda: _by_update(target, value=None))


def test_target_of_zero():
    assert make_target(make_indicator(), 0).value == 0


@pytest.mark.parametrize("score", [0, 1])
def test_step_at_either_end(score):
    assert ScaleStep.objects.create(scale=make_scale(), label="End", score=score).score == score


def test_step_below_zero():
    assert_refused(
        "scale_step_score_from_0_to_1",
        lambda: ScaleStep.objects.create(scale=make_scale(), label="Low", score=Decimal("-0.001")),
    )


def test_period_due_on_its_last_day():
    assert make_periods(count=1, due_on=date(2024, 12, 31))[0].due_on == date(2024, 12, 31)


@pytest.mark.parametrize("url", ["", "ftp://example.org/", "//example.org/", " https://x.org"])
def test_evidence_whose_link_is_not_http(url):
    assert_refused("evidence_link_is_http", lambda: make_evidence(_report(), url=url))


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org/law"])
def test_evidence_whose_link_is_http(url):
    assert make_evidence(_report(), url=url).url == url
