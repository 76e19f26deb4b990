"""Read models of the pages of one objective and of one activity."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, OuterRef, Subquery

from indicators.models import ActivityReport, Indicator, ReportingPeriod, ReportState
from indicators.permissions import Person, can_report_on_activity
from indicators.standings import Standing, standings_of
from nap.lines import (
    ActivityLine,
    IndicatorLine,
    activity_line,
    activity_lines,
    indicator_line,
    with_latest_report,
)
from nap.tallies import Tally, mean_attainment, tally
from objectives.models import (
    Activity,
    ActivityCoverage,
    CoverageManner,
    Milestone,
    Objective,
    Plan,
    Responsibility,
)
from objectives.permissions import can_edit_plan


@dataclass(frozen=True, slots=True)
class Covered:
    """An objective of the model that this one takes up."""

    key: str
    code: str
    title: str
    manner: str


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    milestone: Milestone
    is_missed: bool


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """An activity of an objective: its line, the mean attainment of its indicators, its milestones, and the code of
    the activity of the model that it takes up."""

    line: ActivityLine
    attainment: str
    measured_by: int
    milestones: tuple[MilestoneLine, ...]
    model_code: str


@dataclass(frozen=True, slots=True)
class ObjectivePage:
    objective: Objective
    tally: Tally
    activities: tuple[ActivityEntry, ...]
    indicators: tuple[IndicatorLine, ...]
    covers: tuple[Covered, ...]
    may_edit: bool


def objective_page(plan: Plan, key: str, user: Person, today: date) -> ObjectivePage | None:
    """All that the page of the objective with this key shows; None where the plan has none. Ten queries."""
    # One row for each objective of the model that it takes up, or one row with nothing.
    rows = list(
        plan.objectives.filter(key=key)
        .select_related("area")
        .annotate(
            model_key=F("coverage__model_item__key"),
            model_code=F("coverage__model_item__code"),
            model_title=F("coverage__model_item__title"),
            manner=F("coverage__manner"),
        )
        .order_by("coverage__model_item__order")
    )
    if not rows:
        return None
    objective = rows[0]
    standings = [one for one in standings_of(plan, today) if one.indicator.objective_id == objective.pk]
    taken_up = ActivityCoverage.objects.filter(item=OuterRef("pk")).order_by("model_item__order")
    activities = activity_lines(
        objective.activities.annotate(model_code=Subquery(taken_up.values("model_item__code")[:1])), today
    )
    milestones: dict[int, list[MilestoneLine]] = defaultdict(list)
    for one in Milestone.objects.filter(activity__objective=objective):
        milestones[one.activity_id].append(_milestone_line(one, today))
    measuring = _measuring(objective, standings)
    return ObjectivePage(
        objective=objective,
        tally=tally(standings),
        activities=tuple(
            ActivityEntry(
                line=line,
                attainment=mean_attainment(measuring[line.activity.pk]),
                measured_by=len(measuring[line.activity.pk]),
                milestones=tuple(milestones[line.activity.pk]),
                model_code=getattr(line.activity, "model_code", None) or "",
            )
            for line in activities
        ),
        indicators=tuple(indicator_line(one, today) for one in standings),
        covers=tuple(
            Covered(row.model_key, row.model_code, row.model_title, str(CoverageManner(row.manner).label))
            for row in rows
            if row.model_key
        ),
        may_edit=can_edit_plan(user, plan),
    )


def _milestone_line(milestone: Milestone, today: date) -> MilestoneLine:
    return MilestoneLine(milestone, is_missed=milestone.done_on is None and milestone.due_on < today)


def _measuring(objective: Objective, standings: list[Standing]) -> dict[int, list[Standing]]:
    """The objective's indicators that measure each activity, by its id."""
    by_indicator = {one.indicator.pk: one for one in standings}
    measuring: dict[int, list[Standing]] = defaultdict(list)
    pairs = Indicator.activities.through.objects.filter(indicator__in=by_indicator).order_by("indicator")
    for indicator_id, activity_id in pairs.values_list("indicator", "activity"):
        measuring[activity_id].append(by_indicator[indicator_id])
    return measuring


@dataclass(frozen=True, slots=True)
class PeriodToReport:
    """A period that has begun and touches the activity's dates. `report` is the person's open or handed-in one."""

    ends_on: date
    due_on: date
    report: ActivityReport | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class ActivityPage:
    line: ActivityLine
    attainment: str
    milestones: tuple[MilestoneLine, ...]
    indicators: tuple[IndicatorLine, ...]
    reports: tuple[ActivityReport, ...]
    to_report: tuple[PeriodToReport, ...]
    covers: tuple[ActivityCoverage, ...]
    may_edit: bool

    @property
    def activity(self) -> Activity:
        return self.line.activity


def activity_page(plan: Plan, key: str, user: Person, today: date) -> ActivityPage | None:
    """All that the page of the activity with this key shows; None where the plan has none."""
    activity = with_latest_report(Activity.objects.of(plan).select_related("objective__area")).filter(key=key).first()
    if activity is None:
        return None
    activity.objective.plan = plan
    responsible = list(Responsibility.objects.filter(activity=activity).select_related("actor"))
    line = activity_line(activity, responsible, today)
    measuring = set(activity.indicators.values_list("pk", flat=True))
    standings = [one for one in standings_of(plan, today) if one.indicator.pk in measuring]
    reports = tuple(
        ActivityReport.objects.visible_to(user)
        .filter(activity=activity)
        .select_related("actor", "period", "verifier_actor", "entered_by")
        .order_by("-period_end", "-revision")
    )
    may_report = can_report_on_activity(user, activity, line.lead)
    return ActivityPage(
        line=line,
        attainment=mean_attainment(standings),
        milestones=tuple(_milestone_line(one, today) for one in activity.milestones.all()),
        indicators=tuple(indicator_line(one, today) for one in standings),
        reports=reports,
        to_report=periods_to_report(line, list(plan.periods.order_by("ends_on")), reports, today) if may_report else (),
        covers=tuple(activity.coverage.select_related("model_item__objective")),
        may_edit=can_edit_plan(user, plan),
    )


def periods_to_report(
    line: ActivityLine, periods: list[ReportingPeriod], reports: tuple[ActivityReport, ...], today: date
) -> tuple[PeriodToReport, ...]:
    """Periods of the plan that have begun, while the activity runs or is not done, newest first; so are `reports`."""
    activity = line.activity
    latest = {report.period_end: report for report in reversed(reports)}
    found = []
    begins_on = date.min
    for period in periods:
        is_running = (activity.starts_on is None or activity.starts_on <= period.ends_on) and (
            activity.ends_on is None or activity.ends_on >= begins_on or line.is_past
        )
        report = latest.get(period.ends_on)
        if begins_on <= today and (is_running or report):
            is_in = report is not None and report.state in (ReportState.SUBMITTED, ReportState.VERIFIED)
            found.append(PeriodToReport(period.ends_on, period.due_on, report, period.due_on < today and not is_in))
        begins_on = period.ends_on + timedelta(days=1)
    return tuple(reversed(found))
