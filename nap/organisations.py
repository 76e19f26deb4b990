"""Read models of the pages on actors: who leads what, who owes what, and who reported in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from actors.models import Actor, Sector
from actors.permissions import can_coordinate, can_invite_to
from indicators.models import ProgressReport, ReportState
from indicators.permissions import Person
from indicators.standings import Standing, View, standings_of
from nap.lines import ActivityLine, IndicatorLine, activity_lines, indicator_line
from nap.overview import Debtor, debtors_of
from nap.tallies import Tally, tally
from objectives.models import Activity, Plan, Responsibility, ResponsibilityRole


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Of the reports that were due by today, how many were first handed in by their day, later, or not at all."""

    on_time: int
    late: int
    missing: int

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.missing


@dataclass(frozen=True, slots=True)
class ActorLine:
    """An actor in the list: how many activities it leads and takes part in, indicators it reports, and how timely."""

    actor: Actor
    leads: int
    contributes: int
    indicators: int
    timeliness: Timeliness
    has_ended: bool


@dataclass(frozen=True, slots=True)
class SectorLines:
    sector: Sector
    actors: tuple[ActorLine, ...]


@dataclass(frozen=True, slots=True)
class IndependentView:
    """What this actor says of an indicator in its latest published assessment."""

    standing: Standing
    view: View


@dataclass(frozen=True, slots=True)
class ActorPage:
    """`late` are its indicators whose last due report is missing, `next_due` those to be reported on the next day."""

    actor: Actor
    leads: tuple[ActivityLine, ...]
    contributes: tuple[ActivityLine, ...]
    indicators: tuple[IndicatorLine, ...]
    late: tuple[IndicatorLine, ...]
    debt: Debtor | None
    timeliness: Timeliness
    tally: Tally
    views: tuple[IndependentView, ...]
    stands_for: tuple[str, ...]
    has_ended: bool
    may_edit: bool
    may_invite: bool


Submissions = dict[tuple[int, date], datetime]


def first_submissions(plan: Plan) -> Submissions:
    """When the official report for an indicator and a period's end was first handed in; a correction is no delay."""
    rows = (
        ProgressReport.objects.official()
        .of(plan)
        .exclude(state=ReportState.DRAFT)
        .order_by()
        .values_list("indicator", "period_end")
        .annotate(first=Min("submitted_at"))
    )
    return {(indicator, end): first for indicator, end, first in rows if first}


def timeliness_of(standings: Iterable[Standing], first: Submissions, today: date) -> Timeliness:
    on_time = late = missing = 0
    for standing in standings:
        for period in standing.due(today):
            at = first.get((standing.indicator.pk, period.ends_on))
            if at is None:
                missing += 1
            elif timezone.localdate(at) <= period.due_on:
                on_time += 1
            else:
                late += 1
    return Timeliness(on_time, late, missing)


def actor_lines(plan: Plan, today: date) -> tuple[SectorLines, ...]:
    """The country's actors by sector. Actors that have ended stand here only where they still hold a part. Eight queries."""
    reported: dict[int | None, list[Standing]] = defaultdict(list)
    for standing in standings_of(plan, today):
        reported[standing.indicator.reporting_actor_id].append(standing)
    held = {
        actor: (leads, others)
        for actor, leads, others in Responsibility.objects.filter(activity__objective__plan=plan)
        .order_by()
        .values_list("actor")
        .annotate(
            leads=Count("pk", filter=Q(role=ResponsibilityRole.LEAD)),
            others=Count("pk", filter=~Q(role=ResponsibilityRole.LEAD)),
        )
    }
    first = first_submissions(plan)
    by_sector: dict[Sector, list[ActorLine]] = defaultdict(list)
    for actor in Actor.objects.filter(country=plan.country_id):
        leads, others = held.get(actor.pk, (0, 0))
        has_ended = actor.ended_on is not None and actor.ended_on < today
        if has_ended and not (leads or others or reported[actor.pk]):
            continue
        by_sector[actor.sector].append(
            ActorLine(
                actor=actor,
                leads=leads,
                contributes=others,
                indicators=len(reported[actor.pk]),
                timeliness=timeliness_of(reported[actor.pk], first, today),
                has_ended=has_ended,
            )
        )
    return tuple(SectorLines(sector, tuple(by_sector[sector])) for sector in Sector if by_sector[sector])


def actor_page(plan: Plan, key: str, user: Person, today: date) -> ActorPage | None:
    """All that the page of the country's actor with this key shows; None where it has none. Nine queries."""
    # One row for each generic actor that it stands for, or one row with nothing.
    rows = list(
        Actor.objects.filter(country=plan.country_id, key=key)
        .select_related("parent", "succeeded_by")
        .annotate(generic=F("stands_for__name"))
        .order_by("stands_for__name")
    )
    if not rows:
        return None
    actor = rows[0]
    actor.country = plan.country
    standings = standings_of(plan, today)
    own = [one for one in standings if one.indicator.reporting_actor_id == actor.pk]
    lines = tuple(indicator_line(one, today) for one in own)
    doing = activity_lines(Activity.objects.of(plan).filter(responsibilities__actor=actor), today)
    return ActorPage(
        actor=actor,
        leads=tuple(line for line in doing if line.lead == actor),
        contributes=tuple(line for line in doing if line.lead != actor),
        indicators=lines,
        late=tuple(line for line in lines if line.late),
        debt=next(iter(debtors_of(own, today)), None),
        timeliness=timeliness_of(own, first_submissions(plan), today),
        tally=tally(own),
        views=tuple(IndependentView(one, view) for one in standings for view in one.views if view.actor.pk == actor.pk),
        stands_for=tuple(row.generic for row in rows if row.generic),
        has_ended=actor.ended_on is not None and actor.ended_on < today,
        may_edit=can_coordinate(user, plan.country),
        may_invite=can_invite_to(user, actor),
    )
