"""What the gaps of a plan are found in: everything is read once, in as many queries whatever the size of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse

from actors.models import Actor, ActorKind, Membership, Role
from indicators.models import (
    ActivityReport,
    Indicator,
    IndicatorCoverage,
    IndicatorOmission,
    ProgressReport,
    Report,
    ReportState,
)
from indicators.standings import Standing
from nap.gaps.kinds import COORDINATOR, PLATFORM_ADMINISTRATOR, Closer
from objectives.models import (
    Activity,
    ActivityCoverage,
    Milestone,
    Objective,
    ObjectiveCoverage,
    Omission,
    Plan,
    PlanPart,
    ProbableActor,
    Responsibility,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What `plan` consists of on `today`, beside the standings of its indicators.

    `objectives` and `activities` are the plan's own; `lead` is by activity id and holds actors that still exist;
    `undecided` are items of the model that the plan neither takes up nor leaves out, each with the plan's objective
    that takes up the model's objective around it; `lacking` are the model's actors that nobody stands for, with the
    number of the model's objectives that name them. `created` says when a row of the plan was first stored.
    `open_reports` are submitted and returned ones, without their texts.
    """

    plan: Plan
    today: date
    standings: tuple[Standing, ...]
    objectives: dict[int, Objective]
    activities: dict[int, Activity]
    missed: tuple[Milestone, ...]
    lead: dict[int, Actor]
    measured_by: dict[int, frozenset[int]]
    undecided: tuple[tuple[PlanPart, Objective | None], ...]
    lacking: tuple[tuple[Actor, int], ...]
    created: dict[tuple[type[Model], int], date]
    actors: dict[int, Actor]
    seats: Seats
    open_reports: tuple[Report, ...]

    def address(self, name: str, **arguments: object) -> str:
        """The address of one of the plan's pages."""
        return reverse(name, kwargs={"country": self.plan.country.slug, "edition": self.plan.edition, **arguments})  # type: ignore[union-attr]

    def since(self, *rows: Model) -> date | None:
        """The day from which a gap in the plan's design counts: its activation, or when `rows` were stored later."""
        if self.plan.activated_on is None:
            return None
        stored = (self.created.get((type(row), row.pk), date.min) for row in rows)
        return min(max(self.plan.activated_on, *stored, date.min), self.today)

    def is_current(self, actor: Actor | None) -> bool:
        return actor is not None and (actor.ended_on is None or actor.ended_on >= self.today)


@dataclass(frozen=True, slots=True)
class Seats:
    """Who sits where in the country: current memberships as (person, actor) by role, and when focal points left."""

    by_role: dict[str, frozenset[tuple[int, int]]]
    parents: dict[int, int | None]
    focal_point_left: dict[int, date]
    actors: dict[int, Actor]

    def above(self, actor_id: int | None) -> tuple[int, ...]:
        """The actor and every one that it is part of."""
        found: list[int] = []
        while actor_id is not None and actor_id not in found:
            found.append(actor_id)
            actor_id = self.parents.get(actor_id)
        return tuple(found)

    def has_focal_point(self, actor: Actor) -> bool:
        """Somebody reports for it: a focal point of its own, or of an actor that it is part of."""
        held = {actor_id for _user, actor_id in self.by_role.get(Role.FOCAL_POINT, ())}
        return not held.isdisjoint(self.above(actor.pk))

    def verifiers_of(self, actor_ids: Iterable[int | None], persons: Iterable[int | None] = ()) -> tuple[Actor, ...]:
        """The organisations of those who may verify what `actor_ids` report: verifiers none of whose own organisations
        is one of them, or above or below one. `persons` wrote or submitted it and may not."""
        reporting = [actor_id for actor_id in actor_ids if actor_id is not None]
        own: dict[int, set[int]] = defaultdict(set)
        for user, actor_id in frozenset().union(*self.by_role.values()):
            own[user].add(actor_id)
        free = {
            actor_id
            for user, actor_id in self.by_role.get(Role.VERIFIER, ())
            if user not in persons and not any(self._is_chained(one, other) for one in own[user] for other in reporting)
        }
        return tuple(sorted((self.actors[pk] for pk in free), key=lambda actor: actor.name))

    def _is_chained(self, one: int, other: int) -> bool:
        return one in self.above(other) or other in self.above(one)

    def inviters_to(self, actor: Actor) -> Closer:
        """Who makes memberships in `actor`, as `actors.permissions.can_invite_to` has it."""
        if not actor.can_assess:
            return COORDINATOR
        analysts = {actor_id for _user, actor_id in self.by_role.get(Role.ANALYST, ())}
        return Closer.of(actor) if actor.pk in analysts else PLATFORM_ADMINISTRATOR


def facts_of(plan: Plan, today: date, standings: tuple[Standing, ...]) -> Facts:
    """Read what `standings` do not hold. Five queries; `plan` comes with its country."""
    created: dict[tuple[type[Model], int], date] = {}
    undecided: list[tuple[PlanPart, int | None]] = []
    objectives: dict[int, Objective] = {}
    for objective in _objectives(plan):
        if objective.plan_id == plan.pk:
            objective.plan = plan
            objectives[objective.pk] = objective
            _note_created(created, objective)
        else:
            undecided.append((objective, None))
    activities, missed = _take_activities(plan, today, objectives, created, undecided)
    measured_by = _take_indicators(plan, created, undecided)
    for standing in standings:  # so that the permissions asked of each find the plan without a query
        standing.indicator.objective = objectives[standing.indicator.objective_id]
    actors, lacking, seats = _people(plan, today)
    leads = {pk: actors.get(activity.lead_id) for pk, activity in activities.items()}
    indicators = {standing.indicator.pk: standing.indicator for standing in standings}
    return Facts(
        plan=plan,
        today=today,
        standings=standings,
        objectives=objectives,
        activities=activities,
        missed=missed,
        lead={pk: lead for pk, lead in leads.items() if lead and (lead.ended_on is None or lead.ended_on >= today)},
        measured_by=measured_by,
        undecided=tuple((item, objectives.get(taken_up_in or 0)) for item, taken_up_in in undecided),
        lacking=lacking,
        created=created,
        actors=actors,
        seats=seats,
        open_reports=tuple(_open_reports(plan, indicators, activities)),
    )


def _created(model: Any) -> Subquery:
    """When the row was first stored, from its history; rows loaded from a fixture have none."""
    added = model.history.filter(id=OuterRef("pk"), history_type="+").order_by("history_date")
    return Subquery(added.values("history_date")[:1])


def _note_created(created: dict[tuple[type[Model], int], date], row: Any) -> None:
    if row.created_on is not None:
        created[type(row), row.pk] = row.created_on.date()


def _taken_up_in(plan: Plan) -> Subquery:
    """The plan's first objective that takes up the model objective of the row."""
    taken_up = ObjectiveCoverage.objects.filter(item__plan=plan, model_item=OuterRef("objective"))
    return Subquery(taken_up.order_by("item__order").values("item")[:1])


def _objectives(plan: Plan) -> QuerySet[Objective]:
    """The plan's objectives, and those of its model that are undecided."""
    return (
        Objective.objects.filter(plan__in=[plan.pk, plan.model_id])
        .select_related("area")
        .annotate(
            created_on=_created(Objective),
            is_decided=Exists(ObjectiveCoverage.objects.filter(item__plan=plan, model_item=OuterRef("pk")))
            | Exists(Omission.objects.filter(plan=plan, model_objective=OuterRef("pk"))),
        )
        .filter(Q(plan=plan) | Q(is_decided=False))
    )


def _take_activities(
    plan: Plan,
    today: date,
    objectives: dict[int, Objective],
    created: dict[tuple[type[Model], int], date],
    undecided: list[tuple[PlanPart, int | None]],
) -> tuple[dict[int, Activity], tuple[Milestone, ...]]:
    """The plan's activities with their leads, and missed milestones; a milestone brings a row of its activity."""
    omitted = Omission.objects.filter(plan=plan)
    rows = (
        Activity.objects.filter(objective__plan__in=[plan.pk, plan.model_id])
        .select_related("objective")
        .annotate(
            created_on=_created(Activity),
            lead_id=Subquery(Responsibility.objects.leading().filter(activity=OuterRef("pk")).values("actor")[:1]),
            taken_up_in=_taken_up_in(plan),
            is_decided=Exists(ActivityCoverage.objects.filter(item__objective__plan=plan, model_item=OuterRef("pk")))
            | Exists(omitted.filter(model_activity=OuterRef("pk")))
            | Exists(omitted.filter(model_objective=OuterRef("objective"))),
            milestone_id=F("milestones"),
            milestone_key=F("milestones__key"),
            milestone_title=F("milestones__title"),
            milestone_due_on=F("milestones__due_on"),
            is_milestone_missed=Exists(Milestone.objects.missed(today).filter(pk=OuterRef("milestones"))),
        )
        .filter(Q(objective__plan=plan) | Q(is_decided=False, milestone_id=None))
        .order_by("objective__order", "objective__code", "order", "code", "milestone_due_on", "milestone_key")
    )
    activities: dict[int, Activity] = {}
    milestones = []
    for row in rows:
        if row.objective.plan_id != plan.pk:
            undecided.append((row, row.taken_up_in))
            continue
        if row.pk not in activities:
            row.objective = objectives[row.objective_id]
            activities[row.pk] = row
            _note_created(created, row)
        if row.is_milestone_missed:
            milestones.append(
                Milestone(
                    pk=row.milestone_id,
                    key=row.milestone_key,
                    title=row.milestone_title,
                    due_on=row.milestone_due_on,
                    activity=activities[row.pk],
                )
            )
    return activities, tuple(milestones)


def _take_indicators(
    plan: Plan,
    created: dict[tuple[type[Model], int], date],
    undecided: list[tuple[PlanPart, int | None]],
) -> dict[int, frozenset[int]]:
    """The ids of the indicators that measure each activity; an indicator brings a row for each of its activities."""
    rows = (
        Indicator.objects.filter(objective__plan__in=[plan.pk, plan.model_id])
        .select_related("objective")
        .only("key", "code", "title", "objective__plan", "objective__key")
        .annotate(
            created_on=_created(Indicator),
            activity_id=F("activities"),
            taken_up_in=_taken_up_in(plan),
            is_decided=Exists(IndicatorCoverage.objects.filter(item__objective__plan=plan, model_item=OuterRef("pk")))
            | Exists(IndicatorOmission.objects.filter(plan=plan, model_indicator=OuterRef("pk")))
            | Exists(Omission.objects.filter(plan=plan, model_objective=OuterRef("objective"))),
        )
        .filter(Q(objective__plan=plan) | Q(is_decided=False))
    )
    measured_by: dict[int, set[int]] = defaultdict(set)
    of_the_model: dict[int, tuple[PlanPart, int | None]] = {}
    for row in rows:
        if row.objective.plan_id != plan.pk:
            of_the_model[row.pk] = (row, row.taken_up_in)
            continue
        _note_created(created, row)
        if row.activity_id is not None:
            measured_by[row.activity_id].add(row.pk)
    undecided.extend(of_the_model.values())
    return {activity_id: frozenset(ids) for activity_id, ids in measured_by.items()}


def _people(plan: Plan, today: date) -> tuple[dict[int, Actor], tuple[tuple[Actor, int], ...], Seats]:
    """The country's actors, the model's actors that it lacks, and who sits where; a membership brings its actor."""
    naming = (
        ProbableActor.objects.filter(objective__plan=plan.model_id, actors=OuterRef("pk"))
        .exclude(Exists(Omission.objects.filter(plan=plan, model_objective=OuterRef("objective"))))
        .order_by()
        .values("actors")
        .annotate(number=Count("objective", distinct=True))
    )
    standing_in = Actor.objects.current(today).filter(country=plan.country_id, stands_for=OuterRef("pk"))
    rows = (
        Actor.objects.filter(Q(country=plan.country_id) | Q(country__isnull=True))
        .annotate(
            named_in=Subquery(naming.values("number")),
            is_stood_for=Exists(standing_in),
            seat=F("memberships"),
            seat_user=F("memberships__user"),
            seat_role=F("memberships__role"),
            seat_ends_on=F("memberships__ends_on"),
            is_seat_current=Exists(Membership.objects.current(today).filter(pk=OuterRef("memberships"))),
        )
        .filter(Q(country=plan.country_id) | Q(named_in__gt=0, is_stood_for=False))
        .order_by("name", "pk")
    )
    actors: dict[int, Actor] = {}
    generic: list[tuple[Actor, int]] = []
    seats: dict[str, set[tuple[int, int]]] = defaultdict(set)
    left: dict[int, date] = {}
    for row in rows:
        if row.country_id is None:
            generic.append((row, row.named_in))
            continue
        if row.pk not in actors:
            row.country = plan.country
            actors[row.pk] = row
        if row.is_seat_current:
            seats[row.seat_role].add((row.seat_user, row.pk))
        elif row.seat_role == Role.FOCAL_POINT and row.seat_ends_on and row.seat_ends_on < today:
            left[row.pk] = max(left.get(row.pk, date.min), row.seat_ends_on)
    by_role = {role: frozenset(pairs) for role, pairs in seats.items()}
    parents = {pk: actor.parent_id for pk, actor in actors.items()}
    return actors, _without_repeated_children(generic, actors, today), Seats(by_role, parents, left, actors)


def _without_repeated_children(
    generic: list[tuple[Actor, int]], actors: dict[int, Actor], today: date
) -> tuple[tuple[Actor, int], ...]:
    """Children count as one actor, which any organised group of children stands for.

    The model also names child victims; no plan should be pressed to enter a group of these.
    """
    children = [pair for pair in generic if pair[0].kind == ActorKind.CHILDREN]
    take_part = any(
        actor.kind == ActorKind.CHILDREN and (actor.ended_on is None or actor.ended_on >= today)
        for actor in actors.values()
    )
    others = [pair for pair in generic if pair[0].kind != ActorKind.CHILDREN]
    if children and not take_part:
        others.append(max(children, key=lambda pair: pair[1]))
    return tuple(others)


def _open_reports(plan: Plan, indicators: dict[int, Indicator], activities: dict[int, Activity]) -> Iterable[Report]:
    """Submitted and returned reports of both kinds, oldest first, with what permissions ask of them and no text."""
    fields = ("period_end", "pk", "state", "actor_id", "entered_by_id", "author_id", "submitted_by_id")
    times = ("submitted_at", "returned_at")
    states = [ReportState.SUBMITTED, ReportState.RETURNED]

    def rows_of(reports: Any, subject: str) -> Any:
        rows = (
            reports.of(plan).filter(state__in=states).order_by().annotate(about=Value(subject), subject_pk=F(subject))
        )
        return rows.values_list(*fields, *times, "about", "subject_pk")

    rows = rows_of(ProgressReport.objects.official(), "indicator").union(
        rows_of(ActivityReport.objects.all(), "activity"), all=True
    )
    for *values, about, subject_id in sorted(rows, key=lambda row: (row[0], row[1])):
        model: type[Report] = ProgressReport if about == "indicator" else ActivityReport
        subject = indicators[subject_id] if about == "indicator" else activities[subject_id]
        yield model(**dict(zip((*fields, *times), values, strict=True)), **{about: subject})


def day_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
