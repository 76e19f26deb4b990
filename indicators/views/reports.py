"""Writing, verifying, correcting and withdrawing reports."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from actors.actions import EditConflict
from actors.models import Actor
from actors.pages import answer_form, answers_once, next_address
from indicators.actions import (
    add_evidence,
    correct_report,
    publish_assessment,
    return_report,
    save_draft,
    submit_report,
    verify_report,
    withdraw_assessment,
)
from indicators.forms.reports import (
    ActivityReportForm,
    AssessmentForm,
    EvidenceForm,
    ProgressReportForm,
    ReasonForm,
    VerificationForm,
    verification_form,
)
from indicators.models import (
    ActivityReport,
    Evidence,
    Indicator,
    ProgressReport,
    Report,
    ReportingPeriod,
    ReportState,
    Stream,
    Visibility,
)
from indicators.permissions import (
    assessing_actor_ids,
    can_add_evidence,
    can_correct_report,
    can_edit_report,
    can_report_on,
    can_report_on_activity,
    can_verify,
    can_withdraw,
    is_of_own_organisation,
)
from indicators.readings import ReportPage, fraction_text, report_page, value_text
from indicators.standings import shown
from objectives.models import Activity, Plan

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@answers_once
def report_edit(request: HttpRequest, country: str, edition: str, key: str, ends_on: date) -> HttpResponse:
    """The official report of an indicator for a period: begin it, go on with it, or submit it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    indicator = get_object_or_404(Indicator.objects.of(plan).select_related("reporting_actor", "scale"), key=key)
    period = get_object_or_404(ReportingPeriod.objects.of(plan), ends_on=ends_on)
    indicator.objective.plan = plan
    stored = ProgressReport.objects.official().filter(indicator=indicator, period=period)
    begun = _going_on_with(stored)
    if not (can_report_on(request.user, indicator) or (begun and can_edit_report(request.user, begun))):
        raise PermissionDenied
    if begun and begun.is_open and not is_of_own_organisation(request.user, begun):
        return _wait_for_the_other(request, plan, begun)
    report = begun or ProgressReport(
        indicator=indicator,
        period=period,
        stream=Stream.OFFICIAL,
        actor=indicator.reporting_actor,
    )
    return _edit_report(request, plan, report, ProgressReportForm)


@form_page
@answers_once
def assessment_edit(request: HttpRequest, country: str, edition: str, key: str, ends_on: date) -> HttpResponse:
    """An organisation's own assessment of an indicator for a period: begin it, go on with it, or publish it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    indicator = get_object_or_404(Indicator.objects.of(plan).select_related("reporting_actor", "scale"), key=key)
    period = get_object_or_404(ReportingPeriod.objects.of(plan), ends_on=ends_on)
    indicator.objective.plan = plan
    assessors = Actor.objects.filter(pk__in=assessing_actor_ids(request.user, indicator), country=plan.country)
    wanted = request.GET.get("actor")
    assessor = (assessors.filter(key=wanted) if wanted else assessors).first()
    if assessor is None:
        raise PermissionDenied
    stored = ProgressReport.objects.independent().filter(indicator=indicator, period=period, actor=assessor)
    withdrawn = stored.filter(state=ReportState.WITHDRAWN).order_by("revision").last()
    latest = _going_on_with(stored)
    report = (
        latest
        if latest and latest != withdrawn
        else ProgressReport(
            indicator=indicator,
            period=period,
            stream=Stream.INDEPENDENT,
            actor=assessor,
            revision=withdrawn.revision + 1 if withdrawn else 1,
            supersedes=withdrawn,
            correction_reason=withdrawn.withdrawal_reason if withdrawn else "",
        )
    )
    return _edit_report(request, plan, report, AssessmentForm)


@form_page
@answers_once
def activity_report_edit(request: HttpRequest, country: str, edition: str, key: str, ends_on: date) -> HttpResponse:
    """The lead's report on an activity for a period: begin it, go on with it, or submit it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    activity = get_object_or_404(Activity.objects.of(plan).select_related("objective"), key=key)
    period = get_object_or_404(ReportingPeriod.objects.of(plan), ends_on=ends_on)
    activity.objective.plan = plan
    leading = activity.responsibilities.leading().select_related("actor").first()
    lead = leading.actor if leading else None
    begun = _going_on_with(ActivityReport.objects.filter(activity=activity, period=period))
    if not (can_report_on_activity(request.user, activity, lead) or (begun and can_edit_report(request.user, begun))):
        raise PermissionDenied
    if begun and begun.is_open and not is_of_own_organisation(request.user, begun):
        return _wait_for_the_other(request, plan, begun)
    report = begun or ActivityReport(activity=activity, period=period, actor=lead)
    return _edit_report(request, plan, report, ActivityReportForm)


def _going_on_with(stored) -> Report | None:
    """The open revision, or else the last one in force."""
    return stored.open().first() or stored.order_by("revision").last()


def _wait_for_the_other(request: HttpRequest, plan: Plan, report: Report) -> HttpResponse:
    """Another organisation, which reported before this one, has a report for the period on its way: its own to finish."""
    messages.info(
        request,
        _("%(actor)s has a report for this period on its way. It has to hand it in, or the committee to decide on it.")
        % {"actor": report.actor},
    )
    return redirect(_subject_address(plan, report))


def _edit_report(request: HttpRequest, plan: Plan, report: Report, form_class) -> HttpResponse:
    begins_on = report.period.starts_on()
    if begins_on and begins_on > timezone.localdate():
        messages.info(
            request,
            _("This period begins on %(day)s. It can be reported on from then.") % {"day": date_format(begins_on)},
        )
        return redirect(_subject_address(plan, report))
    if request.method != "POST" and not report.is_editable:
        return redirect(_address(plan, report))
    is_independent = isinstance(report, ProgressReport) and report.is_independent
    form = form_class(request.POST or None, instance=report)

    def write() -> str:
        current = type(report).objects.filter(pk=report.pk).first()
        if current is not None and not current.is_editable:
            raise EditConflict(current)
        version = form.cleaned_data["version"]
        if request.POST.get("action") == "submit":
            (publish_assessment if is_independent else submit_report)(report=report, version=version, by=request.user)
            said = _("Your assessment is published.") if is_independent else _("Your report is handed in.")
        else:
            save_draft(report=report, version=version, by=request.user)
            said = _("The draft is saved. Only your organisation can read it.")
        if isinstance(report, ProgressReport):
            form.save_evidence(report, by=request.user)
        messages.success(request, said)
        return next_address(request, _address(plan, report))

    return answer_form(
        request,
        form,
        write=write,
        template="indicators/report_edit.html",
        context={
            "plan": plan,
            "report": report,
            "subject": report.subject,
            "is_independent": is_independent,
            **_last_report(request, report),
            "targets": _targets(report),
            "cancel_url": _subject_address(plan, report),
            "has_free_text": True,
        },
    )


def _last_report(request: HttpRequest, report: Report) -> dict:
    """`last`, the report in force before this one (the corrected one, or an earlier period's), and `last_value`."""
    earlier = type(report).objects.visible_to(request.user).current().filter(period_end__lte=report.period.ends_on)
    if isinstance(report, ProgressReport):
        earlier = earlier.filter(indicator=report.indicator, stream=Stream.OFFICIAL).select_related("step")
    else:
        earlier = earlier.filter(activity=report.subject)
    last = earlier.exclude(pk=report.pk).order_by("-period_end", "-revision").first()
    if isinstance(last, ProgressReport):
        last.indicator = report.subject
        return {
            "last": last,
            "last_value": value_text(last, request.user),
            "last_fraction": fraction_text(last, request.user),
        }
    return {"last": last, "last_value": last.get_progress_display() if last else ""}


def _targets(report: Report) -> list[tuple[str, date]]:
    """Each target of the indicator in words, with the day by which it is to be reached."""
    if not isinstance(report, ProgressReport):
        return []
    targets = report.indicator.targets.select_related("step")
    return [(shown(report.indicator, target.value, target.step), target.due_on) for target in targets]


def _address(plan: Plan, report: Report, name: str = "") -> str:
    """The address of the report's page, or of what is done with it: verify, correct."""
    kind = "report" if isinstance(report, ProgressReport) else "activity-report"
    page = f"indicators:{kind}{name and '-'}{name}"
    return reverse(page, kwargs={"country": plan.country.slug, "edition": plan.edition, "pk": report.pk})


def _subject_address(plan: Plan, report: Report) -> str:
    where = {"country": plan.country.slug, "edition": plan.edition, "key": report.subject.key}
    if isinstance(report, ProgressReport):
        return reverse("indicators:indicator", kwargs=where)
    return reverse("nap:activity", kwargs=where)


def _fetch(request: HttpRequest, model: type[Report], country: str, edition: str, pk: int) -> tuple[Plan, Report]:
    """The plan and the report at this address, where the person may read both; else 404."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).at(country, edition))
    subject = "indicator" if model is ProgressReport else "activity"
    reports = model.objects.visible_to(request.user).of(plan)
    related = [f"{subject}__objective", "period", "actor", "entered_by", "author", "submitted_by", "verified_by"]
    related += ["verifier_actor", "supersedes"] + (["step", "indicator__scale"] if model is ProgressReport else [])
    report = get_object_or_404(reports.select_related(*related), pk=pk)
    report.subject.objective.plan = plan
    return plan, report


@login_not_required
@require_safe
def report(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """One report with its evidence, its versions and what can be done with it."""
    plan, report = _fetch(request, ProgressReport, country, edition, pk)
    return render_page(request, "indicators/report.html", {"plan": plan, "page": _page(request, plan, report)})


@login_not_required
@require_safe
def activity_report(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """One report on an activity, its versions and what can be done with it."""
    plan, report = _fetch(request, ActivityReport, country, edition, pk)
    return render_page(request, "indicators/activity_report.html", {"plan": plan, "page": _page(request, plan, report)})


def _page(request: HttpRequest, plan: Plan, report: Report) -> ReportPage:
    return report_page(plan, report, request.user)


def _verify(request: HttpRequest, plan: Plan, report: Report) -> HttpResponse:
    if report.state in (ReportState.VERIFIED, ReportState.RETURNED):
        messages.info(request, _("This report has been decided on meanwhile: it is shown below."))
        return redirect(_address(plan, report))
    if not can_verify(request.user, report):
        raise PermissionDenied
    form = verification_form(report)(request.POST or None, instance=report)

    def write() -> str:
        data = form.cleaned_data
        # The form has put its fields into the row; the action decides which of them are stored.
        decided = type(report).objects.select_related(None).get(pk=report.pk)
        if data["decision"] == VerificationForm.VERIFY:
            verify_report(
                report=decided,
                version=data["version"],
                method=data["verification_method"],
                data_quality=data["data_quality"],
                by=request.user,
            )
            messages.success(request, _("Verified. The report is now fixed, and counts."))
        else:
            return_report(report=decided, version=data["version"], reason=data["return_reason"], by=request.user)
            messages.success(request, _("Returned, with your reason."))
        return next_address(request, _address(plan, report))

    return answer_form(
        request,
        form,
        write=write,
        template="indicators/report_verify.html",
        context={
            "plan": plan,
            "page": _page(request, plan, report),
            **_last_report(request, report),
            "cancel_url": _address(plan, report),
            "has_free_text": True,
        },
    )


@form_page
@answers_once
def report_verify(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Verify a submitted report of an indicator, or return it with the reason."""
    return _verify(request, *_fetch(request, ProgressReport, country, edition, pk))


@form_page
@answers_once
def activity_report_verify(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Verify a submitted report of an activity, or return it with the reason."""
    return _verify(request, *_fetch(request, ActivityReport, country, edition, pk))


def _correct(request: HttpRequest, plan: Plan, report: Report) -> HttpResponse:
    if not can_correct_report(request.user, report):
        raise PermissionDenied
    form = ReasonForm(request.POST or None, label=_("Why the report is corrected"))

    def write() -> str:
        correction = correct_report(report=report, reason=form.cleaned_data["reason"], by=request.user)
        messages.info(request, _("This is a draft of the correction. The report stays in force until it is accepted."))
        return _edit_address(plan, correction)

    return answer_form(
        request,
        form,
        write=write,
        context={
            "plan": plan,
            "title": _("Correct this report"),
            "lead": _(
                "The report itself stays as it is. You write a new version, which takes its place once accepted."
            ),
            "submit_label": _("Begin the correction"),
            "cancel_url": _address(plan, report),
            "has_free_text": True,
        },
    )


def _edit_address(plan: Plan, report: Report) -> str:
    where = {
        "country": plan.country.slug,
        "edition": plan.edition,
        "key": report.subject.key,
        "ends_on": report.period_end,
    }
    if not isinstance(report, ProgressReport):
        return reverse("indicators:activity-report-edit", kwargs=where)
    if report.is_independent:
        return reverse("indicators:assessment-edit", kwargs=where) + f"?actor={report.actor.key}"
    return reverse("indicators:report-edit", kwargs=where)


@form_page
@answers_once
def report_correct(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Begin the correction of a verified report or a published assessment."""
    return _correct(request, *_fetch(request, ProgressReport, country, edition, pk))


@form_page
@answers_once
def activity_report_correct(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Begin the correction of a verified report on an activity."""
    return _correct(request, *_fetch(request, ActivityReport, country, edition, pk))


@form_page
@answers_once
def assessment_withdraw(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Withdraw a published assessment; its trace and the reason stay."""
    plan, report = _fetch(request, ProgressReport, country, edition, pk)
    if not can_withdraw(request.user, report):
        raise PermissionDenied
    form = ReasonForm(request.POST or None, label=_("Why the assessment is withdrawn"))

    def write() -> str:
        withdraw_assessment(report=report, version=report.version, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Withdrawn. That it was published, and your reason, stay visible."))
        return _address(plan, report)

    return answer_form(
        request,
        form,
        write=write,
        context={
            "plan": plan,
            "title": _("Withdraw this assessment"),
            "lead": _("It no longer counts. That it was published, and the reason that you give, stay visible."),
            "submit_label": _("Withdraw"),
            "cancel_url": _address(plan, report),
            "has_free_text": True,
        },
    )


@form_page
@answers_once
def evidence_create(request: HttpRequest, country: str, edition: str, pk: int) -> HttpResponse:
    """Add a link to evidence to a report of one's own organisation."""
    plan, report = _fetch(request, ProgressReport, country, edition, pk)
    if not can_add_evidence(request.user, report):
        raise PermissionDenied
    is_sensitive = report.indicator.is_sensitive
    evidence = Evidence(report=report, visibility=Visibility.RESTRICTED if is_sensitive else Visibility.PUBLIC)
    form = EvidenceForm(request.POST or None, instance=evidence)

    def write() -> str:
        add_evidence(evidence=evidence, by=request.user)
        messages.success(request, _("The evidence is added."))
        return next_address(request, _address(plan, report))

    return answer_form(
        request,
        form,
        write=write,
        context={
            "plan": plan,
            "title": _("Add evidence"),
            "lead": f"{report.indicator.code}. {report.indicator.title}",
            "submit_label": _("Add evidence"),
            "cancel_url": _address(plan, report),
        },
    )
