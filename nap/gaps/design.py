"""Gaps in a plan's design: what nobody decided, nobody leads, nobody measures, nobody could report or verify."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors.models import Role, is_platform_administrator
from actors.permissions import can_coordinate, can_invite_to
from indicators.models import Direction, Kind
from indicators.standings import Standing
from nap.gaps.facts import Facts
from nap.gaps.kinds import COORDINATOR, Gap, GapKind, Person
from objectives.models import Activity, Objective, Plan
from objectives.permissions import can_edit_plan


def design_gaps(facts: Facts) -> Iterator[Gap]:
    yield from _of_the_preparation(facts)
    yield from _of_the_model(facts)
    yield from _of_the_people(facts)
    yield from _of_objectives(facts)
    for activity in facts.activities.values():
        yield from _of_an_activity(facts, activity)
    for standing in facts.standings:
        yield from _of_an_indicator(facts, standing)


def _of_the_preparation(facts: Facts) -> Iterator[Gap]:
    plan = facts.plan
    steps = [
        ("situation_analysis", _("Situation analysis"), plan.situation_analysis_on),
        ("legal_review", _("Legal review"), plan.legal_review_on),
        ("consultation", _("Consultation"), plan.consultation_on),
    ]
    for key, name, done_on in steps:
        if done_on is None:
            yield Gap(
                kind=GapKind.READINESS,
                item=key,
                where=name,
                url="",
                since=facts.since(),
                closers=(COORDINATOR,),
                close_url=facts.address("objectives:readiness") + f"#id_{key}_on",
                permit=partial(can_edit_plan, plan=plan),
            )


def _of_the_model(facts: Facts) -> Iterator[Gap]:
    """Items of the model that are undecided, and its actors that nobody stands for."""
    plan = facts.plan
    for item, taken_up_in in facts.undecided:
        if isinstance(item, Objective):
            kind, form, page = GapKind.OBJECTIVE_UNDECIDED, "objectives:objective-coverage", item
        elif isinstance(item, Activity):
            kind, form, page = GapKind.ACTIVITY_UNDECIDED, "objectives:activity-coverage", item.objective
        else:
            kind, form, page = GapKind.INDICATOR_UNDECIDED, "indicators:indicator-coverage", item.objective
        yield Gap(
            kind=kind,
            item=item.key,
            where=str(item),
            url=reverse("nap:model-objective", kwargs={"key": page.key}),
            since=facts.since(),
            closers=(COORDINATOR,),
            close_url=facts.address(form, key=item.key),
            permit=partial(can_edit_plan, plan=plan),
            objective=taken_up_in,
        )
    for actor, number in facts.lacking:
        words = ngettext("named in %(n)d objective of the model", "named in %(n)d objectives of the model", number)
        yield Gap(
            kind=GapKind.ACTOR_LACKING,
            item=actor.key,
            where=actor.name,
            url="",
            since=facts.since(),
            closers=(COORDINATOR,),
            close_url=_of_the_country(plan, "actors:stand-in", key=actor.key),
            permit=partial(can_coordinate, country=plan.country),
            note=words % {"n": number},
        )


def _of_the_people(facts: Facts) -> Iterator[Gap]:
    """Leads for whom nobody reports, and reporting actors whose reports nobody may verify."""
    for actor in sorted({actor.pk: actor for actor in facts.lead.values()}.values(), key=lambda actor: actor.name):
        if facts.seats.has_focal_point(actor):
            continue
        led = [facts.activities[pk] for pk, lead in facts.lead.items() if lead == actor]
        since = facts.since()
        left = facts.seats.focal_point_left.get(actor.pk)
        yield Gap(
            kind=GapKind.NO_FOCAL_POINT,
            item=actor.key,
            where=actor.name,
            url=facts.address("nap:actor", key=actor.key),
            since=max(since, left + timedelta(days=1)) if since and left else since,
            closers=(facts.seats.inviters_to(actor),),
            close_url=invitation(facts.plan, actor=actor.key, role=Role.FOCAL_POINT),
            permit=partial(can_invite_to, actor=actor),
            note=ngettext("leads %(n)d activity", "leads %(n)d activities", len(led)) % {"n": len(led)},
        )
    reporting = {standing.indicator.reporting_actor for standing in facts.standings}
    for actor in sorted((one for one in reporting if one), key=lambda actor: actor.name):
        if facts.is_current(actor) and not facts.seats.verifiers_of([actor.pk]):
            yield Gap(
                kind=GapKind.NO_VERIFIER,
                item=actor.key,
                where=actor.name,
                url=facts.address("nap:actor", key=actor.key),
                since=facts.since(),
                closers=(COORDINATOR,),
                close_url=invitation(facts.plan, role=Role.VERIFIER),
                permit=partial(can_invite_verifiers, plan=facts.plan),
            )


def _of_objectives(facts: Facts) -> Iterator[Gap]:
    measured = {standing.indicator.objective_id for standing in facts.standings}
    for objective in facts.objectives.values():
        if objective.pk not in measured:
            yield Gap(
                kind=GapKind.OBJECTIVE_UNMEASURED,
                item=objective.key,
                where=str(objective),
                url=facts.address("nap:objective", key=objective.key),
                since=facts.since(objective),
                closers=(COORDINATOR,),
                close_url=facts.address("indicators:indicator-create", key=objective.key),
                permit=partial(can_edit_plan, plan=facts.plan),
                objective=objective,
            )


def _of_an_activity(facts: Facts, activity: Activity) -> Iterator[Gap]:
    edit = facts.address("objectives:activity-edit", key=activity.key)
    measure = facts.address("indicators:activity-indicators", key=activity.key)
    faults = {
        GapKind.NO_LEAD: (activity.pk not in facts.lead, edit + "#id_lead"),
        GapKind.NO_DATES: (activity.starts_on is None or activity.ends_on is None, edit + "#id_starts_on"),
        GapKind.ACTIVITY_UNMEASURED: (activity.pk not in facts.measured_by, measure),
    }
    for kind, (is_missing, close_url) in faults.items():
        if is_missing:
            yield Gap(
                kind=kind,
                item=activity.key,
                where=str(activity),
                url=facts.address("nap:activity", key=activity.key),
                since=facts.since(activity),
                closers=(COORDINATOR,),
                close_url=close_url,
                permit=partial(can_edit_plan, plan=facts.plan),
                objective=activity.objective,
            )


def _of_an_indicator(facts: Facts, standing: Standing) -> Iterator[Gap]:
    indicator = standing.indicator
    needs_target = indicator.direction not in (Direction.CONTEXT, Direction.MAINTAIN)
    baseline_field = "baseline_step" if indicator.kind == Kind.SCALE else "baseline_value"
    faults = {
        GapKind.NO_BASELINE: (not indicator.has_baseline, baseline_field),
        GapKind.NO_TARGET: (needs_target and not standing.measure.goals, "targets-0-due_on"),
        GapKind.NO_MEANS: (not indicator.means_of_verification.strip(), "means_of_verification"),
        GapKind.NO_REPORTER: (not facts.is_current(indicator.reporting_actor), "reporting_actor"),
    }
    for kind, (is_missing, field) in faults.items():
        if is_missing:
            yield Gap(
                kind=kind,
                item=indicator.key,
                where=str(indicator),
                url=facts.address("indicators:indicator", key=indicator.key),
                since=facts.since(indicator),
                closers=(COORDINATOR,),
                close_url=facts.address("indicators:indicator-edit", key=indicator.key) + f"#id_{field}",
                permit=partial(can_edit_plan, plan=facts.plan),
                objective=indicator.objective,
            )


def invitation(plan: Plan, **prefilled: str) -> str:
    """The form that gives a person a role, with some of it filled in."""
    return f"{_of_the_country(plan, 'actors:membership-create')}?{urlencode(prefilled)}"


def _of_the_country(plan: Plan, name: str, **arguments: str) -> str:
    return reverse(name, kwargs={"country": plan.country.slug, **arguments})  # type: ignore[union-attr]


def can_invite_verifiers(user: Person, plan: Plan) -> bool:
    """Whether `user` may make a membership in some organisation of government, where verifiers sit."""
    return can_coordinate(user, plan.country) or is_platform_administrator(user)
