"""What is read of a plan once, for every role that a person holds in it, and what a task looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from actors.models import User
from indicators.models import (
    ActivityReport,
    Evidence,
    Indicator,
    ProgressReport,
    Report,
    ReportingPeriod,
    ReportState,
    Stream,
)
from indicators.scoring import Period
from indicators.standings import Standing
from objectives.models import Activity, Plan


@dataclass(frozen=True, slots=True)
class Mark:
    """How a task stands: `kind` is one of the marks of docs/interface.md."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `url` leads to where it is done and `action` says so; `quote` is what somebody wrote about it."""

    what: str
    period_end: date
    url: str
    action: str
    note: str = ""
    marks: tuple[Mark, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class TaskList:
    """Tasks of one kind; `empty` says what none of them means, and where it is empty too the list is not shown.
    `more` tasks were left out, which `more_url` shows."""

    slug: str
    title: str
    tasks: tuple[Task, ...]
    intro: str = ""
    empty: str = ""
    more: int = 0
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is read of a plan, once, for every role that the person holds in it."""

    plan: Plan
    user: User
    today: date
    standings: tuple[Standing, ...]
    open_reports: tuple[Report, ...]
    begins: dict[date, date]

    def address(self, name: str, **arguments: object) -> str:
        return reverse(name, kwargs={"country": self.plan.country.slug, "edition": self.plan.edition, **arguments})  # type: ignore[union-attr]

    def has_begun(self, period: Period) -> bool:
        """Whether a report for the period may be written: its last stretch has begun."""
        return self.begins[period.ends_on] <= self.today


def begins_of(plan: Plan) -> dict[date, date]:
    """The first day of each of the plan's periods, by its last."""
    begins, first = {}, plan.starts_on or date.min
    for end in ReportingPeriod.objects.of(plan).order_by("ends_on").values_list("ends_on", flat=True):
        begins[end] = first
        first = end + timedelta(days=1)
    return begins


def open_reports_of(plan: Plan, user: User) -> tuple[Report, ...]:
    """Drafts, waiting and returned reports of both kinds that `user` may read, oldest first. Two queries."""
    progress = (
        ProgressReport.objects.visible_to(user)
        .of(plan)
        .open()
        .select_related("indicator__objective", "actor", "period")
        .defer("narrative", "challenges", "next_steps")
        .annotate(has_evidence=Exists(Evidence.objects.filter(report=OuterRef("pk"))))
    )
    activity = (
        ActivityReport.objects.visible_to(user)
        .of(plan)
        .open()
        .select_related("activity__objective", "actor", "period")
        .defer("what_was_done")
    )
    reports: list[Report] = [*progress, *activity]
    for report in reports:
        report.subject.objective.plan = plan
    return tuple(sorted(reports, key=lambda report: (report.submitted_at or report.created_at, report.pk)))


def name_of(subject: Indicator | Activity) -> str:
    """The indicator or the activity in words: they share their codes, so that an activity says what it is."""
    if isinstance(subject, Activity):
        return _("Activity %(code)s: %(title)s") % {"code": subject.code, "title": subject.title}
    return f"{subject.code} {subject.title}"


def edit_url(desk: Desk, report: Report) -> str:
    if not isinstance(report, ProgressReport):
        name = "indicators:activity-report-edit"
    elif report.is_independent:
        name = "indicators:assessment-edit"
    else:
        name = "indicators:report-edit"
    address = desk.address(name, key=report.subject.key, ends_on=report.period_end)
    is_assessment = isinstance(report, ProgressReport) and report.is_independent
    return f"{address}?actor={report.actor.key}" if is_assessment else address


def last_value(standing: Standing) -> str:
    if not standing.value_text:
        return _("No value so far.")
    if standing.assessment.as_of is None:
        return _("Last value: %(value)s.") % {"value": standing.value_text}
    day = date_format(standing.assessment.as_of)
    return _("Last value: %(value)s, as of %(day)s.") % {"value": standing.value_text, "day": day}


def is_official(report: Report) -> bool:
    return not isinstance(report, ProgressReport) or report.stream == Stream.OFFICIAL


def draft_tasks(desk: Desk, reports: list[Report]) -> tuple[Task, ...]:
    return tuple(
        Task(
            what=name_of(report.subject),
            period_end=report.period_end,
            url=edit_url(desk, report),
            action=_("Continue"),
            note=_("Last changed on %(day)s.") % {"day": date_format(timezone.localtime(report.updated_at))},
            marks=(Mark("draft", _("Draft")), *_late_mark(desk, report)),
        )
        for report in reports
        if report.state == ReportState.DRAFT
    )


def _late_mark(desk: Desk, report: Report) -> tuple[Mark, ...]:
    if not is_official(report) or report.period.due_on >= desk.today:
        return ()
    return (Mark("late", _("Was due on %(day)s") % {"day": date_format(report.period.due_on)}),)
