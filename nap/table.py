"""The plan's own table: objectives, activities, actors and indicators in four columns, filtered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from actors.models import Actor
from indicators.scoring import Status
from indicators.standings import standings_of
from nap.lines import ActivityLine, IndicatorLine, activity_lines, indicator_line
from nap.tallies import ORDER, Tally, tally
from objectives.models import Activity, Area, Objective, Plan


class Reporting(TextChoices):
    """Marks of an indicator by which the table filters."""

    LATE = "late", _("Report late")
    WAITING = "waiting", _("Waiting for verification")
    DIFFER = "differ", _("Views differ")


@dataclass(frozen=True, slots=True)
class TableFilter:
    """What the table is narrowed to, by keys; an empty one narrows nothing. Unknown values count as empty."""

    status: str = ""
    area: str = ""
    actor: str = ""
    reporting: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> TableFilter:
        status, reporting = query.get("status", ""), query.get("reporting", "")
        return cls(
            status=status if status in Status.values else "",
            area=query.get("area", ""),
            actor=query.get("actor", ""),
            reporting=reporting if reporting in Reporting.values else "",
        )

    @property
    def is_on(self) -> bool:
        return bool(self.status or self.area or self.actor or self.reporting)

    @property
    def picks_indicators(self) -> bool:
        return bool(self.status or self.reporting)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One objective with what the filter leaves of it; `left_out` counts the indicators that it hides."""

    objective: Objective
    activities: tuple[ActivityLine, ...]
    actors: tuple[tuple[Actor, tuple[str, ...], tuple[str, ...]], ...]
    indicators: tuple[IndicatorLine, ...]
    left_out: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class PlanTable:
    """`shown` of `total` indicators stand in `rows`. The last three are what one can filter by."""

    rows: tuple[TableRow, ...]
    shown: int
    total: int
    statuses: tuple[Status, ...]
    areas: tuple[Area, ...]
    actors: tuple[Actor, ...]


def plan_table(plan: Plan, wanted: TableFilter, today: date) -> PlanTable:
    """The table of `plan`, narrowed to `wanted`. Eight queries."""
    standings = standings_of(plan, today)
    objectives = list(plan.objectives.select_related("area"))
    by_objective = defaultdict(list)
    for standing in standings:
        by_objective[standing.indicator.objective_id].append(standing)
    doing: dict[int, list[ActivityLine]] = defaultdict(list)
    activities = activity_lines(Activity.objects.of(plan), today)
    for activity in activities:
        doing[activity.activity.objective_id].append(activity)
    rows = []
    for objective in objectives:
        lines = [indicator_line(one, today) for one in by_objective[objective.pk]]
        row = _row(objective, doing[objective.pk], lines, wanted, tally(by_objective[objective.pk]))
        if row is not None:
            rows.append(row)
    areas = {objective.area_id: objective.area for objective in objectives if objective.area}
    return PlanTable(
        rows=tuple(rows),
        shown=sum(len(row.indicators) for row in rows),
        total=len(standings),
        statuses=ORDER,
        areas=tuple(sorted(areas.values(), key=lambda area: (area.order, area.name))),
        actors=_actors_of(activities, [one.indicator.reporting_actor for one in standings]),
    )


def _row(
    objective: Objective,
    activities: list[ActivityLine],
    indicators: list[IndicatorLine],
    wanted: TableFilter,
    whole: Tally,
) -> TableRow | None:
    """The objective as far as it fits the filter, None where nothing of it does."""
    if wanted.area and (objective.area is None or objective.area.key != wanted.area):
        return None
    kept = [line for line in indicators if _fits(line, wanted)]
    if wanted.actor:
        activities = [line for line in activities if wanted.actor in _keys_of(line)]
    if wanted.picks_indicators and not kept:
        return None
    if wanted.actor and not kept and not activities:
        return None
    return TableRow(
        objective=objective,
        activities=tuple(activities),
        actors=_actor_column(activities),
        indicators=tuple(kept),
        left_out=len(indicators) - len(kept),
        tally=whole,
    )


def _fits(line: IndicatorLine, wanted: TableFilter) -> bool:
    marks = {
        "": True,
        Reporting.LATE: line.late is not None,
        Reporting.WAITING: line.is_waiting,
        Reporting.DIFFER: line.views_differ,
    }
    actor = line.indicator.reporting_actor
    return (
        wanted.status in ("", line.status)
        and marks[wanted.reporting]
        and (not wanted.actor or (actor is not None and actor.key == wanted.actor))
    )


def _keys_of(line: ActivityLine) -> set[str]:
    keys = {one.actor.key for one in line.others}
    return keys | {line.lead.key} if line.lead else keys


def _actor_column(activities: list[ActivityLine]) -> tuple[tuple[Actor, tuple[str, ...], tuple[str, ...]], ...]:
    """Each actor once, with the codes of the activities that it leads and of those in which it takes part."""
    actors: dict[int, Actor] = {}
    leads: dict[int, list[str]] = defaultdict(list)
    helps: dict[int, list[str]] = defaultdict(list)
    for line in activities:
        if line.lead:
            actors[line.lead.pk] = line.lead
            leads[line.lead.pk].append(line.activity.code)
        for one in line.others:
            actors[one.actor_id] = one.actor
            helps[one.actor_id].append(line.activity.code)
    ranked = sorted(actors.values(), key=lambda actor: (not leads[actor.pk], actor.name))
    return tuple((actor, tuple(leads[actor.pk]), tuple(helps[actor.pk])) for actor in ranked)


def _actors_of(activities: tuple[ActivityLine, ...], reporting: list[Actor | None]) -> tuple[Actor, ...]:
    found = {actor.pk: actor for actor in reporting if actor}
    for line in activities:
        found |= {one.actor_id: one.actor for one in line.others}
        if line.lead:
            found[line.lead.pk] = line.lead
    return tuple(sorted(found.values(), key=lambda actor: actor.name))
