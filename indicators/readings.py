"""Read models of the pages of an indicator and of one report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from actors.models import Role, rights_of
from indicators.charts import LineChart, line_chart
from indicators.models import (
    DataState,
    Evidence,
    Indicator,
    Judgement,
    Kind,
    ProgressReport,
    Report,
    ReportState,
    Target,
)
from indicators.permissions import (
    Person,
    assessing_actor_ids,
    can_add_evidence,
    can_correct_report,
    can_edit_report,
    can_report_on,
    can_verify,
    can_withdraw,
    is_of_own_organisation,
    sees_small_numbers,
)
from indicators.scoring import add_months
from indicators.standings import Standing, hidden_text, is_small_number, number_text, shown, standings_of
from objectives.models import Activity, Plan, Responsibility
from objectives.permissions import can_edit_plan


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a report's history: what happened, when, by whom."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """One report, as `user` may see it. `may_…` say which of its actions are open to the person.

    `shows_text` is false where only the trace of a withdrawn assessment may be seen. What follows it is of progress
    reports alone: `official` is the official report beside an independent one, `hidden_evidence` how many there are
    that the person may not see.
    """

    report: Report
    value: str
    events: tuple[Event, ...]
    versions: tuple[Report, ...]
    may_edit: bool
    may_verify: bool
    may_correct: bool
    is_conflicted: bool
    shows_text: bool
    fraction: str = ""
    evidence: tuple[Evidence, ...] = ()
    hidden_evidence: int = 0
    is_about_own_activity: bool = False
    may_withdraw: bool = False
    may_add_evidence: bool = False
    official: ProgressReport | None = None
    official_value: str = ""

    @property
    def subject(self) -> Indicator | Activity:
        return self.report.subject


def value_text(report: ProgressReport, user: Person) -> str:
    """What the report says, in words: the value, the judgement, or why there is neither.

    Of a withdrawn assessment only the trace is shown to others: that it was there, when, and why it is no more.
    """
    indicator = report.indicator
    if not shows_text(report, user):
        return _("Withdrawn")
    if report.data_state == DataState.REPORTED:
        is_small = is_small_number(indicator, report.value, report.numerator, report.denominator)
        if is_small and not sees_small_numbers(user, indicator):
            return hidden_text(indicator)
        return shown(indicator, report.value, report.step) or _("Not filled in yet")
    if report.data_state == DataState.JUDGEMENT:
        return str(Judgement(report.judgement).label) if report.judgement else _("Not filled in yet")
    return str(DataState(report.data_state).label)


def shows_text(report: Report, user: Person) -> bool:
    """Whether the person reads what the report says: of a withdrawn assessment only its own organisation does."""
    return report.state != ReportState.WITHDRAWN or is_of_own_organisation(user, report)


def fraction_text(report: ProgressReport, user: Person) -> str:
    """Numerator and denominator of a percentage, "34 / 120"; empty where there are none or they are too small."""
    if report.numerator is None or report.denominator is None or not shows_text(report, user):
        return ""
    is_small = is_small_number(report.indicator, report.value, report.numerator, report.denominator)
    if is_small and not sees_small_numbers(user, report.indicator):
        return ""
    return f"{number_text(report.numerator)} / {number_text(report.denominator)}"


def report_page(plan: Plan, report: Report, user: Person) -> ReportPage:
    """All that the page of one report shows, of an indicator or of an activity."""
    of_period = type(report)._default_manager.visible_to(user).filter(period=report.period, actor=report.actor)
    is_verifier = plan.country_id in rights_of(user).countries_as(Role.VERIFIER)
    common: dict[str, Any] = {
        "report": report,
        "events": _events(report),
        "shows_text": shows_text(report, user),
        "may_edit": can_edit_report(user, report),
        "may_verify": can_verify(user, report),
        "may_correct": can_correct_report(user, report),
        "is_conflicted": is_verifier and report.state == ReportState.SUBMITTED and not can_verify(user, report),
    }
    if not isinstance(report, ProgressReport):
        versions = of_period.filter(activity=report.subject).order_by("-revision")
        return ReportPage(value=report.get_progress_display(), versions=tuple(versions), **common)
    evidence = tuple(Evidence.objects.visible_to(user).filter(report=report)) if common["shows_text"] else ()
    official = _official_beside(report, user) if report.is_independent else None
    versions = of_period.filter(indicator=report.indicator, stream=report.stream).order_by("-revision")
    return ReportPage(
        value=value_text(report, user),
        versions=tuple(versions),
        fraction=fraction_text(report, user),
        evidence=evidence,
        hidden_evidence=report.evidence.count() - len(evidence) if common["shows_text"] else 0,
        is_about_own_activity=report.is_independent and report.is_about_own_activity,
        may_withdraw=can_withdraw(user, report),
        may_add_evidence=can_add_evidence(user, report),
        official=official,
        official_value=value_text(official, user) if official else "",
        **common,
    )


def _official_beside(report: ProgressReport, user: Person) -> ProgressReport | None:
    """The official report of the same period, or the latest before it, that the person may read."""
    official = ProgressReport.objects.visible_to(user).official().current()
    earlier = official.filter(indicator=report.indicator, period_end__lte=report.period_end)
    found = earlier.select_related("step", "actor").order_by("-period_end").first()
    if found is not None:
        found.indicator = report.indicator
    return found


def _events(report: Report) -> tuple[Event, ...]:
    """The report's history since it was first handed in, oldest first."""
    said = {
        ReportState.SUBMITTED: _("Handed in"),
        ReportState.RETURNED: _("Returned"),
        ReportState.VERIFIED: _("Verified"),
        ReportState.PUBLISHED: _("Published"),
        ReportState.WITHDRAWN: _("Withdrawn"),
    }
    rows = report.history.select_related("history_user").order_by("history_date", "history_id")
    events = []
    before = None
    for row in rows:
        if row.state != before and row.state in said:
            events.append(Event(row.history_date, said[row.state], str(row.history_user or "")))
        elif row.state == before:
            events.append(Event(row.history_date, _("Changed"), str(row.history_user or "")))
        before = row.state
    return tuple(events) or _events_of_loaded(report)


def _events_of_loaded(report: Report) -> tuple[Event, ...]:
    """The same from the row itself, for reports that came with a fixture and have no history before it."""
    stamps = [
        (report.submitted_at, _("Handed in"), report.submitted_by),
        (report.returned_at, _("Returned"), None),
        (report.verified_at, _("Verified"), report.verified_by),
        (getattr(report, "published_at", None), _("Published"), report.author),
        (getattr(report, "withdrawn_at", None), _("Withdrawn"), report.author),
    ]
    return tuple(Event(at, what, str(who or "")) for at, what, who in stamps if at)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in the list of an indicator's reports."""

    report: ProgressReport
    value: str
    fraction: str
    evidence: tuple[Evidence, ...]
    own_activity: bool
    is_superseded: bool


@dataclass(frozen=True, slots=True)
class PeriodToDo:
    """A period of the indicator that has begun, and the person's own report for it, in whatever state."""

    ends_on: date
    due_on: date
    report: ProgressReport | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class TargetRow:
    target: Target
    text: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """Where an indicator stands, all that was said of it, and what the person may do."""

    standing: Standing
    value: str
    reason: str
    baseline: str
    targets: tuple[TargetRow, ...]
    chart: LineChart | None
    official: tuple[ReportRow, ...]
    independent: tuple[ReportRow, ...]
    to_report: tuple[PeriodToDo, ...]
    to_assess: tuple[PeriodToDo, ...]
    covers: tuple[Indicator, ...]
    may_edit: bool

    @property
    def indicator(self) -> Indicator:
        return self.standing.indicator


def indicator_page(plan: Plan, key: str, user: Person, today: date) -> IndicatorPage | None:
    """All that the page of the indicator with this key shows; None where the plan has no such indicator.

    Ten queries at most, however long the history.
    """
    standings = standings_of(plan, today, key)
    if not standings:
        return None
    standing = standings[0]
    indicator = standing.indicator
    indicator.objective.plan = plan
    hides_small = indicator.counts_children and not sees_small_numbers(user, indicator)
    rows = _report_rows(indicator, user)
    official = tuple(row for row in rows if not row.report.is_independent)
    independent = tuple(row for row in rows if row.report.is_independent)
    assessors = assessing_actor_ids(user, indicator)
    own = [row.report for row in independent if row.report.actor_id in assessors]
    baseline_step = next((step for step in standing.steps if step.pk == indicator.baseline_step_id), None)
    steps = {step.pk: step for step in standing.steps}
    return IndicatorPage(
        standing=standing,
        value=standing.value_text if hides_small else _whole_value(standing),
        # The share of the way would tell the count that is not shown.
        reason="" if hides_small and standing.is_small else standing.assessment.reason,
        baseline=shown(indicator, indicator.baseline_value, baseline_step),
        targets=tuple(
            TargetRow(target, shown(indicator, target.value, steps.get(target.step_id or 0)), target.due_on <= today)
            for target in standing.targets
        ),
        chart=None if hides_small else line_chart(standing, plan, today, readable={row.report.pk for row in official}),
        official=official,
        independent=independent,
        to_report=_begun(standing, [row.report for row in official], today) if can_report_on(user, indicator) else (),
        to_assess=_begun(standing, own, today) if assessors else (),
        covers=tuple(indicator.covers.select_related("objective")),
        may_edit=can_edit_plan(user, plan),
    )


def _whole_value(standing: Standing) -> str:
    """The value as the reporting organisation and the committee see it, small numbers included."""
    is_step = standing.indicator.kind == Kind.SCALE
    return standing.value_text if is_step else shown(standing.indicator, standing.assessment.value, None)


def _report_rows(indicator: Indicator, user: Person) -> tuple[ReportRow, ...]:
    """Every report of the indicator that the person may read, newest first; three queries."""
    related = ("actor", "entered_by", "verifier_actor", "step", "period")
    reports = ProgressReport.objects.visible_to(user).filter(indicator=indicator).select_related(*related)
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    for one in Evidence.objects.visible_to(user).filter(report__indicator=indicator):
        evidence[one.report_id].append(one)
    answering = set(Responsibility.objects.filter(activity__indicators=indicator).values_list("actor_id", flat=True))
    rows = []
    superseded: set[int | None] = set()  # a correction stands before what it corrects
    for report in reports.order_by("-period_end", "actor__name", "-revision"):
        if report.state in (ReportState.VERIFIED, ReportState.PUBLISHED):
            superseded.add(report.supersedes_id)
        report.indicator = indicator
        rows.append(
            ReportRow(
                report=report,
                value=value_text(report, user),
                fraction=fraction_text(report, user),
                evidence=tuple(evidence[report.pk]) if shows_text(report, user) else (),
                own_activity=report.is_independent and report.actor_id in answering,
                is_superseded=report.pk in superseded,
            )
        )
    return tuple(rows)


def _begun(standing: Standing, own: list[ProgressReport], today: date) -> tuple[PeriodToDo, ...]:
    """The indicator's periods that have begun, newest first, each with the person's latest report for it."""
    by_period = {report.period_end: report for report in sorted(own, key=lambda report: report.revision)}
    begun = [add_months(period.ends_on, -standing.indicator.months) < today for period in standing.expected]
    return tuple(
        PeriodToDo(
            ends_on=period.ends_on,
            due_on=period.due_on,
            report=by_period.get(period.ends_on),
            is_overdue=period.due_on < today and period.ends_on not in by_period,
        )
        for period, has_begun in reversed(list(zip(standing.expected, begun, strict=True)))
        if has_begun
    )
