"""The life of reports: drafted, submitted, verified or returned, corrected; published and withdrawn.

Every route goes through these: pages, imports and commands. Each checks who acts, since a caller may forget.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from actors.actions import EditConflict, refusing_duplicates, save_edit, save_new
from actors.models import Role, User, rights_of
from indicators.models import (
    ActivityProgress,
    ActivityReport,
    DataState,
    Evidence,
    Indicator,
    IndicatorCoverage,
    IndicatorOmission,
    ProgressReport,
    Report,
    ReportState,
    Target,
)
from indicators.permissions import (
    can_add_evidence,
    can_correct_report,
    can_edit_report,
    can_verify,
    can_withdraw,
    is_of_own_organisation,
    verifying_actor_id,
)
from objectives.actions import CoverageTables
from objectives.models import Activity, PlanStatus
from objectives.permissions import can_edit_plan

AnyReport = TypeVar("AnyReport", bound=Report)
MeasuringRow = TypeVar("MeasuringRow", Indicator, Target)
OF_INDICATORS = CoverageTables(IndicatorCoverage, IndicatorOmission, "model_indicator")
FOUR_PLACES = Decimal("0.0001")


def save_draft(*, report: AnyReport, version: int, by: User) -> AnyReport:
    """Store a new or changed draft of the organisation of `by`. It leaves no history until it is submitted.

    Raises EditConflict where somebody else changed it, and PermissionDenied.
    """
    if not can_edit_report(by, report):
        raise PermissionDenied
    _note_on_behalf(report, by=by)
    _prepare(report)
    if report.pk is None:
        report.author = by
        return _store_first(report, by=by)
    # A returned report has been submitted, so its history goes on; a draft's has not begun.
    return save_edit(report, version=version, by=by, with_history=report.state == ReportState.RETURNED)


def _note_on_behalf(report: Report, *, by: User) -> None:
    """Record the organisation above for which `by` writes, where it is not the report's own: it stays on the revision."""
    own = rights_of(by).actors_as(Role.FOCAL_POINT)
    if report.entered_by_id is not None or report.actor_id in own or not is_of_own_organisation(by, report):
        return
    above = report.actor.parent
    while above is not None and above.pk not in own:
        above = above.parent
    report.entered_by = above if not (isinstance(report, ProgressReport) and report.is_independent) else None


def _store_first(report: AnyReport, *, by: User) -> AnyReport:
    """Store a new draft. Where a colleague began the same one in this moment, the conflict is with theirs."""
    try:
        with transaction.atomic():
            return save_new(report, by=by, with_history=False)
    except IntegrityError:
        theirs = type(report)._default_manager.open_beside(report)
        if theirs is None:
            raise
        raise EditConflict(theirs) from None


def submit_report(*, report: AnyReport, version: int, by: User) -> AnyReport:
    """Hand an official report in for verification. Raises ValidationError, by field, where it is not complete."""
    check_complete(report)
    with transaction.atomic():
        if report.pk is None:
            save_draft(report=report, version=0, by=by)
            version = report.version
        if not can_edit_report(by, report):
            raise PermissionDenied
        _note_on_behalf(report, by=by)
        _prepare(report)
        report.state = ReportState.SUBMITTED
        report.submitted_by = by
        report.submitted_at = timezone.now()
        return save_edit(report, version=version, by=by)


def return_report(*, report: AnyReport, version: int, reason: str, by: User) -> AnyReport:
    """Give a submitted report back to its organisation, with the reason."""
    if not can_verify(by, report):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"return_reason": _("Say what is missing, so that it can be put right.")})
    report.state = ReportState.RETURNED
    report.return_reason = reason
    report.returned_at = timezone.now()
    return save_edit(report, version=version, by=by)


def verify_report(*, report: AnyReport, version: int, method: str, data_quality: str, by: User) -> AnyReport:
    """Verify a submitted report: from now on it is fixed, and public where the plan is."""
    actor_id = verifying_actor_id(by, report)
    if actor_id is None:
        raise PermissionDenied
    report.state = ReportState.VERIFIED
    report.verified_by = by
    report.verifier_actor_id = actor_id
    report.verified_at = timezone.now()
    report.verification_method = method
    report.data_quality = data_quality
    return save_edit(report, version=version, by=by)


def correct_report(*, report: AnyReport, reason: str, by: User) -> AnyReport:
    """Begin a correction of a verified report or a published assessment: a draft of the next revision.

    The corrected one stays in force until the correction is verified or published.
    """
    if not can_correct_report(by, report):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"correction_reason": _("Say why the report is corrected.")})
    correction = type(report).objects.get(pk=report.pk)
    correction.pk = None
    correction._state.adding = True
    for name in ("entered_by", "submitted_by", "verified_by", "verifier_actor"):
        setattr(correction, name, None)
    for name in ("submitted_at", "returned_at", "verified_at", "published_at", "withdrawn_at"):
        if hasattr(correction, name):
            setattr(correction, name, None)
    correction.return_reason = correction.verification_method = correction.data_quality = ""
    correction.state = ReportState.DRAFT
    correction.version = 1
    correction.revision = report.revision + 1
    correction.supersedes = report
    correction.correction_reason = reason
    return save_draft(report=correction, version=0, by=by)


def publish_assessment(*, report: ProgressReport, version: int, by: User) -> ProgressReport:
    """Publish an independent assessment. It needs nobody's approval, and nobody else can change or hide it."""
    if not report.is_independent:
        raise PermissionDenied
    check_complete(report)
    with transaction.atomic():
        if report.pk is None:
            save_draft(report=report, version=0, by=by)
            version = report.version
        if not can_edit_report(by, report):
            raise PermissionDenied
        _prepare(report)
        report.state = ReportState.PUBLISHED
        report.published_at = timezone.now()
        return save_edit(report, version=version, by=by)


def withdraw_assessment(*, report: ProgressReport, version: int, reason: str, by: User) -> ProgressReport:
    """Withdraw a published assessment; that it stood there, and the reason, stay visible."""
    if not can_withdraw(by, report):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"withdrawal_reason": _("Say why the assessment is withdrawn.")})
    report.state = ReportState.WITHDRAWN
    report.withdrawn_at = timezone.now()
    report.withdrawal_reason = reason
    return save_edit(report, version=version, by=by)


def add_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """Store a link that shows that its report is true."""
    if not can_add_evidence(by, evidence.report):
        raise PermissionDenied
    evidence.clean_fields(exclude=["report"])
    with refusing_duplicates("url", _("This link stands with the report already.")):
        return save_new(evidence, by=by)


def save_indicator(
    *,
    indicator: Indicator,
    version: int,
    targets: list[Target],
    removed: list[Target],
    by: User,
    change_reason: str = "",
) -> Indicator:
    """Store a new or edited indicator with its new and changed `targets`, without the `removed` ones.

    The reason stands in the history of all that is stored; a changed weight needs one, and so does a target of an
    active plan that is changed or taken away: moving the goal is not to happen in silence. Raises EditConflict,
    PermissionDenied, and ValidationError by field.
    """
    plan = indicator.objective.plan
    if not can_edit_plan(by, plan):
        raise PermissionDenied
    indicator.clean()
    stored = Indicator.objects.filter(pk=indicator.pk).first() if indicator.pk else None
    if stored and stored.version == version:
        moved = removed or any(target.pk for target in targets)
        if not change_reason.strip() and (
            indicator.weight != stored.weight or (moved and plan.status == PlanStatus.ACTIVE)
        ):
            raise ValidationError({"change_reason": _("Say why the weight or a target is changed.")})
    with transaction.atomic():
        with refusing_duplicates("code", _("The objective has an indicator with this code already.")):
            _save_with_reason(indicator, version, change_reason, by=by)
        for target in removed:
            _stamp(target, change_reason, by=by).delete()
        # Two targets that change places would pass through the same day.
        with refusing_duplicates("targets", _("Another target has this day. Remove that one first.")):
            for target in targets:
                target.indicator = indicator
                target.clean()
                _save_with_reason(target, target.version, change_reason, by=by)
    return indicator


def _save_with_reason(row: MeasuringRow, version: int, reason: str, *, by: User) -> None:
    _stamp(row, reason, by=by)
    if row.pk is None:
        save_new(row, by=by)
    else:
        save_edit(row, version=version, by=by)


def _stamp(row: MeasuringRow, reason: str, *, by: User) -> MeasuringRow:
    row._history_user = by
    row._change_reason = reason or None
    return row


def save_measuring(*, activity: Activity, version: int, indicators: list[Indicator], by: User) -> Activity:
    """Let `indicators`, and no others, measure `activity`. `version` is the activity's.

    Raises EditConflict, PermissionDenied, and ValidationError where an indicator belongs to another plan.
    """
    plan = activity.objective.plan
    if not can_edit_plan(by, plan):
        raise PermissionDenied
    if any(indicator.objective.plan_id != plan.pk for indicator in indicators):
        raise ValidationError({"indicators": _("This indicator belongs to another plan.")})
    with transaction.atomic():
        save_edit(activity, version=version, by=by)
        before = {indicator.pk: indicator for indicator in activity.indicators.all()}
        after = {indicator.pk: indicator for indicator in indicators}
        # One by one and from the indicator's side, whose history lists the activities that it measures.
        for pk in before.keys() - after.keys():
            before[pk]._history_user = by
            before[pk].activities.remove(activity)
        for pk in after.keys() - before.keys():
            after[pk]._history_user = by
            after[pk].activities.add(activity)
    return activity


def check_complete(report: Report) -> None:
    """Raises ValidationError, by field, unless the report says all that its submission needs."""
    _prepare(report)
    if isinstance(report, ProgressReport):
        _check_progress(report)
    elif isinstance(report, ActivityReport):
        needs_reason = report.progress in (ActivityProgress.DELAYED, ActivityProgress.STOPPED)
        if needs_reason and not report.reason.strip():
            raise ValidationError({"reason": _("Say why the activity is delayed or stopped.")})


def _check_progress(report: ProgressReport) -> None:
    known = report.data_state
    if known == DataState.REPORTED and report.value is None and report.step is None:
        field = "step" if report.indicator.scale_id else "value"
        raise ValidationError({field: _("Enter the value, or say above why there is none.")})
    if known == DataState.NOT_YET_AVAILABLE and report.expected_on is None:
        raise ValidationError({"expected_on": _("Say when the data are expected.")})
    if known in (DataState.NO_DATA, DataState.NOT_APPLICABLE) and not report.narrative.strip():
        raise ValidationError({"narrative": _("Say why there is no value.")})
    if known == DataState.JUDGEMENT and not report.judgement:
        raise ValidationError({"judgement": _("Choose how far you agree with the official report.")})
    if known == DataState.JUDGEMENT and not report.narrative.strip():
        raise ValidationError({"narrative": _("Say what your judgement rests on.")})


def _prepare(report: Report) -> None:
    """Fill in what follows from the rest, and check what the database cannot keep."""
    report.period_end = report.period.ends_on
    if isinstance(report, ProgressReport):
        if report.data_state != DataState.REPORTED:
            report.value = report.step = report.numerator = report.denominator = None
        if report.data_state != DataState.NOT_YET_AVAILABLE:
            report.expected_on = None
        if report.numerator is not None and report.denominator:
            report.value = (report.numerator / report.denominator * 100).quantize(FOUR_PLACES)
    report.clean()
