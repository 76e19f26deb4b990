"""One line about an indicator or an activity, as tables, objectives and organisations show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from actors.models import Actor
from indicators.models import PROVISIONAL_AFTER, ActivityProgress, ActivityReport, Indicator
from indicators.scoring import Period, Status
from indicators.standings import Standing, shown
from nap.tallies import percent
from objectives.models import Activity, Responsibility, ResponsibilityRole

BAR_WIDTH = 200  # of the pace bar's view box


@dataclass(frozen=True, slots=True)
class Bar:
    """How far of the way, and how far was expected, in the units of the bar's view box; `text` says the same."""

    width: int
    pace_x: int | None
    text: str
    pace_text: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator: status, value and target in words, and the marks beside them.

    `late` is the latest due period for which nothing was handed in. `bar` is None where there is no share to draw.
    """

    indicator: Indicator
    status: Status
    value: str
    as_of: date | None
    trend: str
    target: str
    target_on: date | None
    bar: Bar | None
    late: Period | None
    is_waiting: bool
    is_provisional: bool
    views_differ: bool
    views: tuple


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity: who does it, and what its last verified report says.

    `progress` is the value of `ActivityProgress`, empty where nothing was verified; `is_past`: its end has passed and
    it is not reported as done.
    """

    activity: Activity
    lead: Actor | None
    others: tuple[Responsibility, ...]
    progress: str
    progress_label: str
    progress_on: date | None
    report_id: int | None
    is_past: bool

    @property
    def responsible_ids(self) -> frozenset[int]:
        own = {one.actor_id for one in self.others}
        return frozenset(own | {self.lead.pk} if self.lead else own)


def late_period(standing: Standing, today: date) -> Period | None:
    """The latest due period of the indicator, where its report was not handed in."""
    due = standing.due(today)
    handed_in = {line.period_end for line in (*standing.official, *standing.waiting, *standing.returned)}
    return due[-1] if due and due[-1].ends_on not in handed_in else None


def indicator_line(standing: Standing, today: date) -> IndicatorLine:
    indicator, now = standing.indicator, standing.assessment
    target = next((one for one in standing.targets if one.due_on >= today), None) or (
        standing.targets[-1] if standing.targets else None
    )
    steps = {step.pk: step for step in standing.steps}
    moment = timezone.now()
    waiting_since = [line.submitted_at for line in standing.waiting if line.submitted_at]
    return IndicatorLine(
        indicator=indicator,
        status=standing.status,
        value=standing.value_text,
        as_of=now.as_of,
        trend=now.trend or "",
        target=shown(indicator, target.value, steps.get(target.step_id or 0)) if target else "",
        target_on=target.due_on if target else None,
        bar=_bar(standing),
        late=late_period(standing, today),
        is_waiting=bool(standing.waiting),
        is_provisional=any(moment - since >= PROVISIONAL_AFTER for since in waiting_since),
        views_differ=standing.views_differ,
        views=standing.views,
    )


def _bar(standing: Standing) -> Bar | None:
    now = standing.assessment
    is_hidden = standing.is_small
    if now.attainment is None or not now.is_share or not now.is_fresh or is_hidden:
        return None
    return Bar(
        width=int(now.attainment * BAR_WIDTH),
        pace_x=None if now.pace is None else min(int(now.pace * BAR_WIDTH), BAR_WIDTH - 2),
        text=percent(now.attainment),
        pace_text=percent(now.pace),
    )


def with_latest_report(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Annotated with `report_id`, `progress` and `progress_on` of the latest verified report, None where there is none."""
    latest = ActivityReport.objects.verified().filter(activity=OuterRef("pk")).order_by("-period_end", "-revision")
    return activities.annotate(
        report_id=Subquery(latest.values("pk")[:1]),
        progress=Subquery(latest.values("progress")[:1]),
        progress_on=Subquery(latest.values("period_end")[:1]),
    )


def activity_lines(activities: QuerySet[Activity], today: date) -> tuple[ActivityLine, ...]:
    """A line for each of `activities`, in their order. Two queries."""
    rows = list(with_latest_report(activities))
    responsible: dict[int, list[Responsibility]] = defaultdict(list)
    for one in Responsibility.objects.filter(activity__in=[row.pk for row in rows]).select_related("actor"):
        responsible[one.activity_id].append(one)
    return tuple(activity_line(row, responsible[row.pk], today) for row in rows)


def activity_line(activity: Activity, responsible: Iterable[Responsibility], today: date) -> ActivityLine:
    """The line of one activity that comes from `with_latest_report`; co-leads stand before contributors."""
    order = [ResponsibilityRole.LEAD, ResponsibilityRole.CO_LEAD, ResponsibilityRole.CONTRIBUTOR]
    ranked = sorted(responsible, key=lambda one: (order.index(ResponsibilityRole(one.role)), one.actor.name))
    progress = getattr(activity, "progress", None) or ""
    return ActivityLine(
        activity=activity,
        lead=next((one.actor for one in ranked if one.role == ResponsibilityRole.LEAD), None),
        others=tuple(one for one in ranked if one.role != ResponsibilityRole.LEAD),
        progress=progress,
        progress_label=str(ActivityProgress(progress).label) if progress else "",
        progress_on=getattr(activity, "progress_on", None),
        report_id=getattr(activity, "report_id", None),
        is_past=bool(activity.ends_on and activity.ends_on < today and progress != ActivityProgress.DONE),
    )
