"""My work: what each role of a person has to do in each plan of their countries, one click each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from actors.models import Membership, Role, User
from indicators.permissions import takes_reports
from indicators.standings import standings_of
from nap.gaps import GapGroup, gaps_of
from nap.tallies import tally
from nap.work.analysts import analyst_lists
from nap.work.desk import Desk, TaskList, begins_of, open_reports_of
from nap.work.focal_points import focal_point_lists, reporting_sentences
from nap.work.verifiers import verifier_lists, waiting_sentences
from objectives.models import Plan, PlanStatus


@dataclass(frozen=True, slots=True)
class GapCount:
    label: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class PlanWork:
    """What a person has to do in one plan, in the roles that they hold in its country."""

    plan: Plan
    roles: tuple[str, ...]
    sentences: tuple[str, ...]
    lists: tuple[TaskList, ...]
    gaps: tuple[GapCount, ...]
    is_coordinator: bool
    summary: str


@dataclass(frozen=True, slots=True)
class MyWork:
    """`role_line` says in one line what the person is, for the head of the page."""

    plans: tuple[PlanWork, ...]
    role_line: str
    has_roles: bool
    is_platform_administrator: bool


def my_work(user: User, today: date) -> MyWork:
    """All that `user` has to do. Three queries, and at most seventeen for each plan: none depends on its history."""
    memberships = Membership.objects.current(today).filter(user=user).select_related("actor")
    roles: dict[int | None, list[Membership]] = {}
    for one in memberships:
        roles.setdefault(one.actor.country_id, []).append(one)
    own = Plan.objects.visible_to(user).filter(country__in=list(roles)).exclude(status=PlanStatus.CLOSED)
    return MyWork(
        plans=tuple(_plan_work(plan, roles[plan.country_id], user, today) for plan in own.select_related("country")),
        role_line="; ".join(f"{one.get_role_display()}, {one.actor.short_name}" for one in memberships),
        has_roles=bool(roles),
        is_platform_administrator=user.is_platform_administrator,
    )


def _plan_work(plan: Plan, memberships: list[Membership], user: User, today: date) -> PlanWork:
    held = {one.role for one in memberships}
    desk = Desk(
        plan=plan,
        user=user,
        today=today,
        standings=standings_of(plan, today),
        open_reports=open_reports_of(plan, user),
        begins=begins_of(plan),
    )
    sentences: list[str] = []
    lists: list[TaskList] = []
    is_reporting = takes_reports(plan)
    if Role.FOCAL_POINT in held and is_reporting:
        sentences += reporting_sentences(desk)
        lists += focal_point_lists(desk)
    if Role.VERIFIER in held and is_reporting:
        waiting = verifier_lists(desk)
        sentences += waiting_sentences(waiting[0])
        lists += waiting
    if Role.ANALYST in held and is_reporting:
        lists += analyst_lists(desk)
    is_coordinator = Role.COORDINATOR in held
    return PlanWork(
        plan=plan,
        roles=tuple(f"{one.get_role_display()}, {one.actor.name}" for one in memberships),
        sentences=tuple(sentences),
        lists=tuple(one for one in lists if one.tasks or one.empty),
        gaps=_gap_counts(desk) if is_coordinator else (),
        is_coordinator=is_coordinator,
        summary=tally(desk.standings).sentence,
    )


def _gap_counts(desk: Desk) -> tuple[GapCount, ...]:
    """How many gaps of each group the plan has. Five queries."""
    number = Counter(gap.group for gap in gaps_of(desk.plan, desk.today, desk.standings))
    gaps = desk.address("nap:gaps")
    return tuple(GapCount(str(group.label), number[group], f"{gaps}?group={group.value}") for group in GapGroup)
