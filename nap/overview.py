"""Where a plan stands as a whole: the front page's lines and the overview."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, F, When
from django.utils import timezone

from actors.models import Actor
from indicators.models import (
    ActivityReport,
    Indicator,
    Level,
    ProgressReport,
    ReportingPeriod,
    ReportState,
    ScaleStep,
    Target,
)
from indicators.permissions import Person
from indicators.scoring import Assessment, Observation, assess, roll_up
from indicators.standings import Standing, expected_periods, measure_of, standings_of
from nap.lines import late_period
from nap.tallies import Tally, tally, tally_of
from objectives.models import Area, Objective, Plan

LATEST_EVENTS = 8
WEAKEST = 5


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan on the front page, with its indicators by status and the latest day of which a value speaks."""

    plan: Plan
    tally: Tally
    last_data: date | None

    @property
    def years(self) -> str:
        """The years that the plan covers, empty where its title says them already."""
        if self.plan.starts_on is None or self.plan.ends_on is None:
            return ""
        first, last = str(self.plan.starts_on.year), str(self.plan.ends_on.year)
        return "" if first in self.plan.title and last in self.plan.title else f"{first}–{last}"


@dataclass(frozen=True, slots=True)
class ObjectiveTally:
    objective: Objective
    tally: Tally


@dataclass(frozen=True, slots=True)
class AreaTally:
    area: Area | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class LevelTally:
    """The indicators of one level of OHCHR's guide."""

    level: Level
    tally: Tally


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a report: `state` is what it became, `actor` whose it is, `by` who decided."""

    at: datetime
    state: ReportState
    subject: Indicator
    is_activity: bool
    report_id: int
    actor: Actor
    by: Actor | None


@dataclass(frozen=True, slots=True)
class Debtor:
    """What an organisation owes: None stands for indicators that nobody is named to report.

    `late` counts its indicators whose last due report is missing, `since` is the day on which the oldest of these was
    due; `next_open` of `next_all` reports due on `next_on` are not handed in yet.
    """

    actor: Actor | None
    late: int
    since: date | None
    next_on: date | None
    next_open: int
    next_all: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page of a plan shows. `debtors` have something late or waiting, `others` have not. `waiting` reports wait for verification, the oldest since `waiting_since`;
    `verified` indicators have a verified report; `next_due_on` is the next day on which reports are due."""

    whole: Tally
    objectives: tuple[ObjectiveTally, ...]
    areas: tuple[AreaTally, ...]
    levels: tuple[LevelTally, ...]
    weakest: tuple[ObjectiveTally, ...]
    changes: tuple[Change, ...]
    debtors: tuple[Debtor, ...]
    others: tuple[Debtor, ...]
    waiting: int
    waiting_since: date | None
    verified: int
    late: int
    differing: int
    next_due_on: date | None
    last_data: date | None


def overview_of(plan: Plan, user: Person, today: date) -> Overview:
    """The overview of `plan` as `user` may see it. Eight queries."""
    standings = standings_of(plan, today)
    by_objective: dict[int, list[Standing]] = defaultdict(list)
    for standing in standings:
        by_objective[standing.indicator.objective_id].append(standing)
    objectives = tuple(
        ObjectiveTally(one, tally(by_objective[one.pk])) for one in plan.objectives.select_related("area")
    )
    # A rank between two scores would tell the one that is hidden.
    ranked = [one for one in objectives if one.tally.score is not None and not one.tally.is_hidden]
    submitted = [line.submitted_at for one in standings for line in one.waiting if line.submitted_at]
    due_days = {period.due_on for one in standings for period in one.expected if period.due_on >= today}
    debtors = debtors_of(standings, today)
    return Overview(
        whole=tally(standings),
        objectives=objectives,
        areas=_areas(objectives, by_objective),
        levels=tuple(
            LevelTally(level, tally(one for one in standings if one.indicator.level == level)) for level in Level
        ),
        weakest=tuple(sorted(ranked, key=lambda one: one.tally.score or Decimal(0))[:WEAKEST]),
        changes=latest_changes(plan, user),
        debtors=tuple(one for one in debtors if one.late or one.waiting),
        others=tuple(one for one in debtors if not one.late and not one.waiting),
        waiting=sum(len(one.waiting) for one in standings),
        waiting_since=timezone.localdate(min(submitted)) if submitted else None,
        verified=sum(bool(one.official) for one in standings),
        late=sum(late_period(one, today) is not None for one in standings),
        differing=sum(one.views_differ for one in standings),
        next_due_on=min(due_days, default=None),
        last_data=last_data_of(one.assessment for one in standings),
    )


def last_data_of(assessments: Iterable[Assessment]) -> date | None:
    """The latest day of which a value speaks."""
    return max((one.as_of for one in assessments if one.as_of), default=None)


def _areas(objectives: tuple[ObjectiveTally, ...], by_objective: dict[int, list[Standing]]) -> tuple[AreaTally, ...]:
    """The areas in their order; objectives without one come last. Empty where the plan has no areas."""
    areas = {one.objective.area_id: one.objective.area for one in objectives}
    if not any(areas.values()):
        return ()
    members: dict[int | None, list[Standing]] = defaultdict(list)
    for one in objectives:
        members[one.objective.area_id] += by_objective[one.objective.pk]
    ranked = sorted(areas.values(), key=lambda area: (area is None, area.order if area else 0, str(area)))
    return tuple(AreaTally(area, tally(members[area.pk if area else None])) for area in ranked)


def debtors_of(standings: Iterable[Standing], today: date) -> tuple[Debtor, ...]:
    """What each reporting organisation owes, those with most late reports first; only those that report something."""
    members: dict[int | None, list[Standing]] = defaultdict(list)
    for one in standings:
        members[one.indicator.reporting_actor_id].append(one)
    debtors = [_debtor(ones[0].indicator.reporting_actor, ones, today) for ones in members.values()]
    return tuple(sorted(debtors, key=lambda one: (-one.late, one.actor is None, one.actor.name if one.actor else "")))


def _debtor(actor: Actor | None, standings: list[Standing], today: date) -> Debtor:
    late = [period for period in (late_period(one, today) for one in standings) if period]
    days = [period.due_on for one in standings for period in one.expected if period.due_on >= today]
    next_on = min(days, default=None)
    at_next = [
        period.ends_on in {line.period_end for line in (*one.official, *one.waiting)}
        for one in standings
        for period in one.expected
        if period.due_on == next_on
    ]
    return Debtor(
        actor=actor,
        late=len(late),
        since=min((period.due_on for period in late), default=None),
        next_on=next_on,
        next_open=at_next.count(False),
        next_all=len(at_next),
        waiting=sum(len(one.waiting) for one in standings),
    )


def latest_changes(plan: Plan, user: Person) -> tuple[Change, ...]:
    """What last happened to reports that `user` may read, newest first. Two queries."""
    happened = Case(
        When(state=ReportState.VERIFIED, then=F("verified_at")),
        When(state=ReportState.RETURNED, then=F("returned_at")),
    )
    of_stream = Case(
        When(state=ReportState.VERIFIED, then=F("verified_at")),
        When(state=ReportState.RETURNED, then=F("returned_at")),
        When(state=ReportState.PUBLISHED, then=F("published_at")),
        When(state=ReportState.WITHDRAWN, then=F("withdrawn_at")),
    )
    changes = []
    for model, when, subject in ((ProgressReport, of_stream, "indicator"), (ActivityReport, happened, "activity")):
        reports = (
            model.objects.visible_to(user)
            .of(plan)
            .annotate(happened_at=when)
            .filter(happened_at__isnull=False)
            .select_related(subject, "actor", "verifier_actor")
            .order_by("-happened_at", "-pk")
        )
        changes += [
            Change(
                at=report.happened_at,
                state=ReportState(report.state),
                subject=getattr(report, subject),
                is_activity=subject == "activity",
                report_id=report.pk,
                actor=report.actor,
                by=report.verifier_actor,
            )
            for report in reports[:LATEST_EVENTS]
        ]
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True)[:LATEST_EVENTS])


def plan_lines(plans: list[Plan], today: date) -> tuple[PlanLine, ...]:
    """A line for each of `plans`, in their order. Five queries for all of them together.

    `standings_of` would take as many for each plan, and reads much that a line does not show.
    """
    indicators = list(Indicator.objects.filter(objective__plan__in=plans).select_related("objective", "scale"))
    steps = {step.pk: step for step in ScaleStep.objects.filter(scale__plan__in=plans)}
    targets: dict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.filter(indicator__objective__plan__in=plans).order_by("due_on"):
        targets[target.indicator_id].append(target)
    periods: dict[int, list[ReportingPeriod]] = defaultdict(list)
    for period in ReportingPeriod.objects.filter(plan__in=plans).order_by("ends_on"):
        periods[period.plan_id].append(period)
    said = _verified(plans, steps)
    by_plan = {plan.pk: plan for plan in plans}
    members: dict[int, list[tuple[Assessment, Decimal]]] = defaultdict(list)
    for one in indicators:
        plan = by_plan[one.objective.plan_id]
        measure = measure_of(one, plan, targets[one.pk], steps)
        expected = expected_periods(one, plan, periods[plan.pk])
        assessment = assess(measure, said[one.pk].values(), expected, today)
        members[plan.pk].append((assessment, one.weight * one.objective.weight))
    return tuple(
        PlanLine(
            plan=plan,
            tally=tally_of(roll_up(members[plan.pk])),
            last_data=last_data_of(assessment for assessment, _weight in members[plan.pk]),
        )
        for plan in plans
    )


def _verified(plans: list[Plan], steps: dict[int, ScaleStep]) -> dict[int, dict[date, Observation]]:
    """What verified official reports say, by indicator and period: a later revision takes its predecessor's place."""
    said: dict[int, dict[date, Observation]] = defaultdict(dict)
    rows = (
        ProgressReport.objects.official()
        .verified()
        .filter(indicator__objective__plan__in=plans)
        .order_by("period_end", "revision")
        .values_list(
            "indicator", "period_end", "data_state", "value", "step", "numerator", "denominator", "reference_to"
        )
    )
    for indicator, end, state, value, step, numerator, denominator, reference in rows:
        level = steps[step].score if step else value
        said[indicator][end] = Observation(end, state, level, numerator, denominator, reference)
    return said
