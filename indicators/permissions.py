"""What a person may do with indicators and reports, one named fact each. The table that these follow: docs/roles.md."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from actors.models import Actor, ActorTree, Role, User, rights_of
from indicators.models import Indicator, ProgressReport, Report, ReportState, Stream
from objectives.models import Activity, Plan, PlanStatus

Person = User | AnonymousUser


def reporting_actor_ids(user: Person) -> frozenset[int]:
    """Actors for which `user` reports: those of which they are focal point, and the parts of these."""
    own = rights_of(user).actors_as(Role.FOCAL_POINT)
    return _tree_of(user).with_parts(own) if own else frozenset()


def conflicted_actor_ids(user: Person) -> frozenset[int]:
    """Actors whose reports `user` must not verify: their own organisations and all above or below."""
    own = rights_of(user).actor_ids
    return _tree_of(user).chain(own) if own else frozenset()


def _tree_of(user: Person) -> ActorTree:
    """How the organisations around those of `user` hang together: one query, the first time a request asks."""
    if not hasattr(user, "_tree"):
        user._tree = Actor.objects.tree_around(rights_of(user).actor_ids)  # type: ignore[union-attr]  # as rights are
    return user._tree  # type: ignore[union-attr]  # set above


def takes_reports(plan: Plan) -> bool:
    """Whether reports and assessments may be entered: once a plan is active, and after it is closed no more."""
    return plan.status == PlanStatus.ACTIVE and not plan.is_model


def can_report_on(user: Person, indicator: Indicator) -> bool:
    """Reports officially: a focal point of the indicator's reporting actor, or of one that it is part of."""
    return takes_reports(indicator.objective.plan) and indicator.reporting_actor_id in reporting_actor_ids(user)


def can_report_on_activity(user: Person, activity: Activity, lead: Actor | None) -> bool:
    """Reports how far an activity is: a focal point of its lead, or of an actor that the lead is part of."""
    return takes_reports(activity.objective.plan) and lead is not None and lead.pk in reporting_actor_ids(user)


def assessing_actor_ids(user: Person, indicator: Indicator) -> frozenset[int]:
    """The organisations for which `user` may assess `indicator` independently; empty where none."""
    plan = indicator.objective.plan
    rights = rights_of(user)
    if not takes_reports(plan) or plan.country_id not in rights.countries_as(Role.ANALYST):
        return frozenset()
    return rights.actors_as(Role.ANALYST)


def is_of_own_organisation(user: Person, report: Report) -> bool:
    """Whether the report is one of an organisation for which `user` writes."""
    if isinstance(report, ProgressReport) and report.stream == Stream.INDEPENDENT:
        return report.actor_id in rights_of(user).actors_as(Role.ANALYST)
    return report.actor_id in reporting_actor_ids(user)


def can_edit_report(user: Person, report: Report) -> bool:
    """Changes the text: its own organisation, while it is a draft or returned."""
    return report.is_editable and takes_reports(report.plan) and is_of_own_organisation(user, report)


def can_correct_report(user: Person, report: Report) -> bool:
    """Begins a correction: its own organisation, once it is verified or published and not corrected yet."""
    return (
        report.state in (ReportState.VERIFIED, ReportState.PUBLISHED)
        and takes_reports(report.plan)
        and is_of_own_organisation(user, report)
        and not hasattr(report, "corrected_by")
    )


def can_withdraw(user: Person, report: ProgressReport) -> bool:
    """Withdraws an assessment: its own organisation and nobody else, once it is published."""
    return (
        report.stream == Stream.INDEPENDENT
        and report.state == ReportState.PUBLISHED
        and is_of_own_organisation(user, report)
    )


def can_add_evidence(user: Person, report: ProgressReport) -> bool:
    """Adds evidence: the report's own organisation, at any time: evidence for a fixed report may come later."""
    return report.state != ReportState.WITHDRAWN and is_of_own_organisation(user, report)


def can_verify(user: Person, report: Report) -> bool:
    """Verifies or returns: a verifier of the country who neither wrote nor submitted the report, and who belongs to
    no organisation above, below or the same as the one that it speaks for or that entered it."""
    return (
        report.state == ReportState.SUBMITTED
        and report.plan.country_id in rights_of(user).countries_as(Role.VERIFIER)
        and user.pk not in (report.author_id, report.submitted_by_id)
        and not conflicted_actor_ids(user) & {report.actor_id, report.entered_by_id}
    )


def verifying_actor_id(user: Person, report: Report) -> int | None:
    """The organisation for which `user` verifies `report`; None where they may not."""
    if not can_verify(user, report):
        return None
    country = report.plan.country_id
    ids = rights_of(user).actors_as(Role.VERIFIER)
    return Actor.objects.filter(pk__in=ids, country=country).order_by("pk").values_list("pk", flat=True).first()


def sees_small_numbers(user: Person, indicator: Indicator) -> bool:
    """Sees counts of children from 1 to 9 as they are: the reporting organisation and the committee."""
    rights = rights_of(user)
    return (
        indicator.reporting_actor_id in rights.actor_ids
        or indicator.objective.plan.country_id in rights.countries_as(Role.VERIFIER, Role.COORDINATOR)
    )
