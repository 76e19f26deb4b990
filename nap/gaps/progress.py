"""Gaps in progress: what is late or has slipped back, what is disputed, and laws that nobody feels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors.models import Role, rights_of
from indicators.models import Indicator, Level
from indicators.permissions import can_report_on, takes_reports
from indicators.scoring import ONE, Status
from indicators.standings import Standing, View
from nap.gaps.facts import Facts, day_of
from nap.gaps.kinds import COORDINATOR, Closer, Gap, GapKind, Person, Words
from nap.gaps.reporting import period_to_report, reporter_of
from objectives.models import Milestone
from objectives.permissions import can_edit_plan

LAW_SCALE = "law"  # the key of the model's scale of laws, which its copies keep when a country adopts it
ENACTED = ONE / 2  # the score of "Enacted in part" on that scale; "Applied" scores 1
PRACTICE_LEVELS = (Level.PROCESS, Level.OUTCOME)
FAILING = (Status.BEHIND, Status.OFF_TRACK, Status.REGRESSED, Status.NO_DATA)


def progress_gaps(facts: Facts) -> Iterator[Gap]:
    for standing in facts.standings:
        yield from _slow(facts, standing)
        for view in standing.views:
            if view.differs:
                yield _differing(facts, standing, view)
        yield from _law(facts, standing)
    for milestone in facts.missed:
        yield _missed(facts, milestone)


def _slow(facts: Facts, standing: Standing) -> Iterator[Gap]:
    kinds = {Status.OFF_TRACK: GapKind.OFF_TRACK, Status.REGRESSED: GapKind.REGRESSED}
    if standing.status not in kinds:
        return
    indicator = standing.indicator
    reporter = reporter_of(facts, indicator, period_to_report(standing, facts.today))
    yield Gap(
        kind=kinds[standing.status],
        item=indicator.key,
        where=str(indicator),
        url=facts.address("indicators:indicator", key=indicator.key),
        since=standing.assessment.as_of,
        closers=(reporter.closer,),
        close_url=reporter.form,
        permit=reporter.permit,
        step=reporter.step,
        objective=indicator.objective,
    )


def _missed(facts: Facts, milestone: Milestone) -> Gap:
    return Gap(
        kind=GapKind.MILESTONE_MISSED,
        item=milestone.key,
        where=milestone.title,
        url=facts.address("nap:activity", key=milestone.activity.key),
        since=milestone.due_on,
        closers=(COORDINATOR,),
        close_url=facts.address("objectives:milestone-edit", key=milestone.key),
        permit=partial(can_edit_plan, plan=facts.plan),
        objective=milestone.activity.objective,
        note=str(milestone.activity),
    )


def _differing(facts: Facts, standing: Standing, view: View) -> Gap:
    """Closed when either side corrects its report; the difference itself may be right, and then it stays."""
    indicator = standing.indicator
    reporter = reporter_of(facts, indicator, None)
    return Gap(
        kind=GapKind.VIEWS_DIFFER,
        item=f"{indicator.key}:{view.actor.key}",
        where=str(indicator),
        url=facts.address("indicators:indicator", key=indicator.key),
        since=day_of(view.report.published_at),
        closers=(reporter.closer, Closer.of(view.actor)),
        close_url=facts.address("indicators:indicator", key=indicator.key) + "#views",
        permit=partial(_holds_a_view, indicator=indicator, assessor_id=view.actor.pk),
        objective=indicator.objective,
        note=view.actor.name,
    )


def _holds_a_view(user: Person, indicator: Indicator, assessor_id: int) -> bool:
    """Whether `user` speaks for one of the two sides."""
    assesses = takes_reports(indicator.objective.plan) and assessor_id in rights_of(user).actors_as(Role.ANALYST)
    return assesses or can_report_on(user, indicator)


def _law(facts: Facts, standing: Standing) -> Iterator[Gap]:
    indicator, now = standing.indicator, standing.assessment
    if indicator.scale is None or indicator.scale.key != LAW_SCALE:
        return
    if now.value is None or not now.is_fresh or now.value < ENACTED:
        return
    failing = [other for other in _practice_of(facts, indicator) if other.status in FAILING]
    if now.value >= ONE and not failing:
        return
    page = facts.address("indicators:indicator", key=indicator.key)
    sides = [reporter_of(facts, one.indicator, None) for one in (standing, *failing)]
    yield Gap(
        kind=GapKind.LAW_WITHOUT_PRACTICE,
        item=indicator.key,
        where=str(indicator),
        url=page,
        since=now.as_of,
        closers=tuple(dict.fromkeys(side.closer for side in sides)),
        close_url=page,
        permit=lambda user: any(side.permit(user) for side in sides),
        objective=indicator.objective,
        note=_what_is_lacking(failing) if failing else _("enacted, not applied"),
    )


def _practice_of(facts: Facts, law: Indicator) -> list[Standing]:
    """The process and outcome indicators of the law's objective, and those that share an activity with it anywhere."""
    sharing = {pk for ids in facts.measured_by.values() if law.pk in ids for pk in ids}
    return [
        standing
        for standing in facts.standings
        if standing.indicator.pk != law.pk
        and standing.indicator.level in PRACTICE_LEVELS
        and (standing.indicator.pk in sharing or standing.indicator.objective_id == law.objective_id)
    ]


def _what_is_lacking(failing: list[Standing]) -> Words:
    words = ngettext(
        "practice behind or unknown in indicator %(codes)s",
        "practice behind or unknown in indicators %(codes)s",
        len(failing),
    )
    return words % {"codes": ", ".join(one.indicator.code for one in failing)}
