"""Plain functions that make one stored row each, with sensible defaults: `make_report(indicator, period, state="draft")`.

Whatever a row hangs on is made when it is left out, in the country "XA"; its organisations and people are found again
before new ones are made, so that a plan of many rows has one ministry and one committee, as a real one does. Rows are
written without `full_clean`, so a test can also make what only an action or a validator refuses.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from actors.models import Actor, ActorKind, Country, Membership, Role, User
from indicators.models import (
    ActivityReport,
    DataState,
    Evidence,
    Indicator,
    Kind,
    ProgressReport,
    ReportingPeriod,
    ReportState,
    Scale,
    ScaleStep,
    Stream,
    Target,
)
from objectives.models import Activity, Area, Milestone, Objective, Plan, PlanPart, Responsibility

PLAN_START = date(2024, 7, 1)
PLAN_END = date(2029, 6, 30)
PASSWORD = "a long enough pass phrase"
STEPS = ["Nothing", "Begun", "Drafted", "Adopted", "Applied in part", "Applied throughout"]
VALUES = {Kind.YES_NO: Decimal(1), Kind.NUMBER: Decimal(50), Kind.PERCENTAGE: Decimal(50)}

_numbers = count(1)


def _at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def _months_after(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- actors -------------------------------------------------------------------------------------------------------


def make_country(code: str = "XA", **fields) -> Country:
    return Country.objects.create(**{"code": code, "name": f"Country {code}", "languages": ["en"]} | fields)


def the_country() -> Country:
    """The country "XA", which is the default of everything below."""
    return Country.objects.filter(code="XA").first() or make_country()


def make_actor(country: Country | None = None, kind: str = ActorKind.MINISTRY, **fields) -> Actor:
    """An organisation of `country`."""
    number = next(_numbers)
    defaults = {"name": f"{ActorKind(kind).label} {number}", "key": f"actor-{number}"}
    return Actor.objects.create(country=country or the_country(), kind=kind, **(defaults | fields))


def make_generic_actor(kind: str = ActorKind.POLICE, **fields) -> Actor:
    """An actor of the model, which belongs to no country."""
    number = next(_numbers)
    defaults = {"name": f"{ActorKind(kind).label} {number}", "key": f"generic-{number}"}
    return Actor.objects.create(country=None, kind=kind, **(defaults | fields))


def the_actor(country: Country, kind: str) -> Actor:
    """The first actor of this kind in `country`, made where there is none."""
    return country.actors.filter(kind=kind).order_by("pk").first() or make_actor(country, kind)


def make_user(email: str | None = None, password: str | None = None, **fields) -> User:
    """A person; without `password` they cannot sign in by form, which is faster. `PASSWORD` passes the validators."""
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person{number}@example.org", password, **({"name": f"Person {number}"} | fields)
    )


def make_platform_administrator(**fields) -> User:
    return make_user(**({"is_staff": True, "is_superuser": True} | fields))


def make_membership(user: User, actor: Actor, role: str = Role.FOCAL_POINT, **fields) -> Membership:
    """A role held since 1 January 2024 with no end."""
    return Membership.objects.create(user=user, actor=actor, role=role, **({"starts_on": date(2024, 1, 1)} | fields))


HOMES = {
    Role.VIEWER: ActorKind.MINISTRY,
    Role.FOCAL_POINT: ActorKind.MINISTRY,
    Role.VERIFIER: ActorKind.COORDINATION_BODY,
    Role.COORDINATOR: ActorKind.COORDINATION_BODY,
    Role.ANALYST: ActorKind.NGO,
}


def make_person(role: str = Role.FOCAL_POINT, actor: Actor | None = None, **fields) -> User:
    """A new person with one current membership: `role` in `actor`, or in the country's usual home of that role."""
    user = make_user(**fields)
    make_membership(user, actor or the_actor(the_country(), HOMES[role]), role)
    return user


def the_person(role: str, actor: Actor) -> User:
    """The first person who holds `role` in `actor`, made where there is none."""
    held = Membership.objects.filter(actor=actor, role=role).order_by("pk").select_related("user").first()
    return held.user if held else make_person(role, actor)


# --- objectives ---------------------------------------------------------------------------------------------------


def make_plan(country: Country | None = None, **fields) -> Plan:
    """A public plan, active from 1 July 2024 to 30 June 2029. A second one of a country needs a `status` of its own."""
    defaults = {
        "edition": "2024-2029",
        "title": "National plan of action 2024–2029",
        "starts_on": PLAN_START,
        "ends_on": PLAN_END,
        "status": "active",
        "activated_on": PLAN_START,
        "currency": "EUR",
        "is_public": True,
    }
    return Plan.objects.create(country=country or the_country(), **(defaults | fields))


def make_model_plan(**fields) -> Plan:
    """A plan of no country: what `make_plan(model=…)` may follow."""
    number = next(_numbers)
    defaults = {"edition": f"model-{number}", "title": f"Model plan {number}", "status": "active", "is_public": True}
    return Plan.objects.create(country=None, **(defaults | fields))


def the_plan() -> Plan:
    """The active plan of the country "XA"."""
    country = the_country()
    return country.plans.filter(status="active").first() or make_plan(country)


def make_area(plan: Plan | None = None, **fields) -> Area:
    plan = plan or the_plan()
    order = plan.areas.count() + 1
    return Area.objects.create(
        plan=plan, **({"order": order, "key": f"area-{order}", "name": f"Area {order}"} | fields)
    )


def _numbered(siblings, kind: str, prefix: str = "") -> dict[str, object]:
    order = siblings.count() + 1
    number = next(_numbers)
    return {"order": order, "code": f"{prefix}{order}", "key": f"{kind}-{number}", "title": f"{kind.title()} {number}"}


def make_objective(plan: Plan | None = None, **fields) -> Objective:
    """An objective, with codes "1", "2", … in the order of making."""
    plan = plan or the_plan()
    return Objective.objects.create(plan=plan, **(_numbered(plan.objectives, "objective") | fields))


def make_activity(objective: Objective | None = None, lead: Actor | None = None, **fields) -> Activity:
    """An activity, with codes "1.1", "1.2", …; `lead` becomes its lead. It has no dates unless they are given."""
    objective = objective or make_objective()
    defaults = _numbered(objective.activities, "activity", f"{objective.code}.")
    activity = Activity.objects.create(objective=objective, **(defaults | fields))
    if lead:
        make_responsibility(activity, lead)
    return activity


def make_responsibility(activity: Activity, actor: Actor, role: str = "lead", **fields) -> Responsibility:
    return Responsibility.objects.create(activity=activity, actor=actor, role=role, **fields)


def make_milestone(activity: Activity | None = None, **fields) -> Milestone:
    number = next(_numbers)
    defaults = {"key": f"milestone-{number}", "title": f"Milestone {number}", "due_on": date(2025, 6, 30)}
    return Milestone.objects.create(activity=activity or make_activity(), **(defaults | fields))


def make_coverage(item: PlanPart, model_item: PlanPart, **fields):
    """`item`, an objective, activity or indicator, takes up `model_item` of the same kind, adapted."""
    return item.coverage.create(model_item=model_item, **fields)


# --- indicators ---------------------------------------------------------------------------------------------------


def make_scale(plan: Plan | None = None, steps: list[str] | None = None, **fields) -> Scale:
    """A scale of six steps with the scores 0, 0.2, … 1; `scale.steps.all()` gives them in order."""
    number = next(_numbers)
    scale = Scale.objects.create(
        plan=plan or the_plan(), **({"key": f"scale-{number}", "name": f"Scale {number}"} | fields)
    )
    labels = steps or STEPS
    for order, label in enumerate(labels):
        score = (Decimal(order) / (len(labels) - 1)).quantize(Decimal("0.001"))
        ScaleStep.objects.create(scale=scale, key=f"step-{order}", order=order, label=label, score=score)
    return scale


def make_indicator(objective: Objective | None = None, kind: str = Kind.NUMBER, **fields) -> Indicator:
    """A half-yearly indicator that should increase from the baseline 0 (or the lowest step), reported by the country's
    ministry. It has no target."""
    objective = objective or make_objective()
    plan = objective.plan
    defaults = _numbered(objective.indicators, "indicator", f"{objective.code}.") | {"kind": kind, "level": "process"}
    if kind == Kind.SCALE:
        defaults["level"] = "structural"
        scale = defaults["scale"] = fields.get("scale") or make_scale(plan)
        if not fields.get("starts_from_zero"):
            defaults |= {"baseline_step": scale.steps.first(), "baseline_on": PLAN_START}
    elif not fields.get("starts_from_zero") and not fields.get("no_baseline_reason"):
        defaults |= {"baseline_value": Decimal(0), "baseline_on": PLAN_START}
    if plan.country and "reporting_actor" not in fields:
        defaults["reporting_actor"] = the_actor(plan.country, ActorKind.MINISTRY)
    return Indicator.objects.create(objective=objective, **(defaults | fields))


def make_target(indicator: Indicator, value: Decimal | int | None = None, **fields) -> Target:
    """A target at the end of the plan: 100, yes, or the scale's highest step."""
    defaults: dict[str, object] = {"due_on": indicator.objective.plan.ends_on or PLAN_END}
    if indicator.kind == Kind.SCALE:
        defaults["step"] = fields.get("step") or indicator.scale.steps.last()
    elif value is None:
        value = 1 if indicator.kind == Kind.YES_NO else 100
    return Target.objects.create(indicator=indicator, value=value, **(defaults | fields))


def make_periods(plan: Plan | None = None, count: int = 4, months: int = 6, **fields) -> list[ReportingPeriod]:
    """`count` periods of `months` from the plan's first day: 31 December 2024, 30 June 2025, … each due 60 days later."""
    plan = plan or the_plan()
    ends = [_months_after(plan.starts_on, months * number) - timedelta(days=1) for number in range(1, count + 1)]
    return [
        ReportingPeriod.objects.create(plan=plan, ends_on=end, **({"due_on": end + timedelta(days=60)} | fields))
        for end in ends
    ]


def _life(state: str, actor: Actor, period: ReportingPeriod, fields: dict) -> dict[str, object]:
    """What the constraints ask of an official report in `state`: submitted 30 and verified 45 days after the period."""
    author = fields.get("author") or the_person(Role.FOCAL_POINT, actor)
    life: dict[str, object] = {"state": state, "period_end": period.ends_on, "actor": actor, "author": author}
    if state != ReportState.DRAFT:
        life |= {"submitted_by": author, "submitted_at": _at(period.ends_on + timedelta(days=30))}
    if state == ReportState.RETURNED:
        life |= {"return_reason": "The source is missing.", "returned_at": _at(period.ends_on + timedelta(days=40))}
    if state == ReportState.VERIFIED:
        committee = fields.get("verifier_actor") or the_actor(actor.country, ActorKind.COORDINATION_BODY)
        life |= {
            "verifier_actor": committee,
            "verified_by": fields.get("verified_by") or the_person(Role.VERIFIER, committee),
            "verified_at": _at(period.ends_on + timedelta(days=45)),
            "verification_method": "document",
            "data_quality": "B",
        }
    return life | _correction(fields)


def _correction(fields: dict) -> dict[str, object]:
    corrected = fields.get("supersedes")
    return {"revision": corrected.revision + 1, "correction_reason": "A slip of the pen."} if corrected else {}


def _said(indicator: Indicator, fields: dict) -> dict[str, object]:
    """The figure of a report, fitting the indicator's kind, unless another data state is asked for or it is given."""
    if fields.get("data_state", DataState.REPORTED) != DataState.REPORTED or "value" in fields or "step" in fields:
        return {}
    if indicator.kind == Kind.SCALE:
        return {"step": indicator.scale.steps.all()[3]}
    share = {"numerator": Decimal(50), "denominator": Decimal(100)} if indicator.kind == Kind.PERCENTAGE else {}
    return {"value": VALUES[indicator.kind], **share}


def make_report(
    indicator: Indicator, period: ReportingPeriod, state: str = ReportState.VERIFIED, **fields
) -> ProgressReport:
    """An official report of the indicator's reporting actor (or `actor`), with the people and times that `state` asks
    for. Submitted 30 and verified 45 days after the period's end, so one that still waits today is provisional: give
    `submitted_at` where that matters. With `supersedes` it is the next revision. Without `value` or `step` it holds 50,
    yes, or the fourth step."""
    actor = (
        fields.get("actor")
        or indicator.reporting_actor
        or the_actor(indicator.objective.plan.country, ActorKind.MINISTRY)
    )
    defaults = _life(state, actor, period, fields) | _said(indicator, fields)
    return ProgressReport.objects.create(indicator=indicator, period=period, **(defaults | fields))


def make_assessment(
    indicator: Indicator,
    period: ReportingPeriod,
    actor: Actor | None = None,
    state: str = ReportState.PUBLISHED,
    **fields,
) -> ProgressReport:
    """An independent assessment by `actor` (the country's NGO), published 50 days after the period's end.

    `data_state="judgement", judgement="disagree"` makes one without a figure."""
    actor = actor or the_actor(indicator.objective.plan.country, ActorKind.NGO)
    defaults: dict[str, object] = {
        "stream": Stream.INDEPENDENT,
        "state": state,
        "actor": actor,
        "period_end": period.ends_on,
        "author": fields.get("author") or the_person(Role.ANALYST, actor),
        **_correction(fields),
        **_said(indicator, fields),
    }
    if state != ReportState.DRAFT:
        defaults["published_at"] = _at(period.ends_on + timedelta(days=50))
    if state == ReportState.WITHDRAWN:
        defaults |= {
            "withdrawn_at": _at(period.ends_on + timedelta(days=80)),
            "withdrawal_reason": "The sample was too small.",
        }
    return ProgressReport.objects.create(indicator=indicator, period=period, **(defaults | fields))


def make_activity_report(
    activity: Activity, period: ReportingPeriod, state: str = ReportState.VERIFIED, **fields
) -> ActivityReport:
    """A report of the activity's lead (or `actor`, or the country's ministry) that it is under way."""
    lead = activity.responsibilities.leading().select_related("actor").first()
    actor = (
        fields.get("actor") or (lead and lead.actor) or the_actor(activity.objective.plan.country, ActorKind.MINISTRY)
    )
    defaults = {"progress": "under_way"} | _life(state, actor, period, fields)
    if fields.get("progress") in ("delayed", "stopped"):
        defaults["reason"] = "The funds came late."
    return ActivityReport.objects.create(activity=activity, period=period, **(defaults | fields))


def make_evidence(report: ProgressReport, **fields) -> Evidence:
    """A public link."""
    number = next(_numbers)
    defaults = {"title": f"Evidence {number}", "url": f"https://example.org/evidence/{number}"}
    return Evidence.objects.create(report=report, **(defaults | fields))
