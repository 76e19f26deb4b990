"""Rules of actors and people."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import F, Q

from actors.models import Actor, ActorKind, Membership, validate_membership
from indicators.models import ActivityReport, Indicator, ProgressReport
from nap.checkdata.finding import Finding, finding, key_of, of_country
from objectives.models import Responsibility, ResponsibilityRole


def actors_stay_in_their_country(code: str | None) -> Iterator[Finding]:
    """What an actor is part of, and what succeeds it, is of its own country. Two queries."""
    rule = "actors_stay_in_their_country"
    rows = Actor.objects.select_related("country", "parent__country", "succeeded_by__country")
    for name in ("parent", "succeeded_by"):
        astray = rows.filter(**{f"{name}__isnull": False}).exclude(**{f"{name}__country": F("country")})
        # neither has a country: both are the model's
        astray = astray.exclude(**{"country__isnull": True, f"{name}__country__isnull": True})
        for actor in of_country(astray, "country", code):
            other = getattr(actor, name)
            yield finding(
                rule, actor, f"{name} is {key_of(other)}.", "Name an actor of the same country, or leave it empty."
            )


def actors_stand_for_the_models(code: str | None) -> Iterator[Finding]:
    """An actor stands for actors of the model, not for another country's. One query."""
    pairs = Actor.stands_for.through.objects.select_related("from_actor__country", "to_actor__country")
    for pair in of_country(pairs.filter(to_actor__country__isnull=False), "from_actor__country", code):
        found = f"stands for {key_of(pair.to_actor)}."
        yield finding(
            "actors_stand_for_the_models", pair.from_actor, found, "Choose actors of the model that it stands for."
        )


def actors_are_in_no_circle(code: str | None) -> Iterator[Finding]:
    """No actor is part of itself by way of others. One query."""
    rows = of_country(Actor.objects.select_related("country"), "country", code)
    actors = {actor.pk: actor for actor in rows}
    for actor in actors.values():
        above, seen = actor.parent_id, set()
        while above in actors and above not in seen and above != actor.pk:
            seen.add(above)
            above = actors[above].parent_id
        if above == actor.pk:
            yield finding(
                "actors_are_in_no_circle",
                actor,
                "is part of itself.",
                "Change what it, or one of those above it, is part of.",
            )


def memberships_fit_their_actor(code: str | None) -> Iterator[Finding]:
    """No accounts for children or the model's actors; analysts with those who assess, verifiers with others. One query."""
    rows = of_country(Membership.objects.select_related("user", "actor__country"), "actor__country", code)
    for membership in rows.iterator():
        try:
            validate_membership(membership.actor, membership.role)
        except ValidationError as error:
            yield finding(
                "memberships_fit_their_actor",
                membership,
                " ".join(error.messages),
                "End the membership, and give the person one that fits.",
            )


def children_never_lead_nor_report(code: str | None) -> Iterator[Finding]:
    """Children take part in activities and contribute data; they lead nothing and report nothing. Four queries."""
    rule = "children_never_lead_nor_report"
    leading = Responsibility.objects.filter(actor__kind=ActorKind.CHILDREN).exclude(role=ResponsibilityRole.CONTRIBUTOR)
    leading = leading.select_related("activity__objective__plan__country", "actor__country")
    for row in of_country(leading, "activity__objective__plan__country", code):
        yield finding(rule, row, f"children hold the role “{row.role}”.", "Make them a contributor.")
    indicators = Indicator.objects.filter(reporting_actor__kind=ActorKind.CHILDREN)
    for indicator in of_country(
        indicators.select_related("objective__plan__country"), "objective__plan__country", code
    ):
        yield finding(rule, indicator, "its reporting actor is children.", "Name an organisation that reports.")
    by_children = (
        Q(actor__kind=ActorKind.CHILDREN)
        | Q(entered_by__kind=ActorKind.CHILDREN)
        | Q(verifier_actor__kind=ActorKind.CHILDREN)
    )
    for model, path in ((ProgressReport, "indicator"), (ActivityReport, "activity")):
        to_country = f"{path}__objective__plan__country"
        reports = model._default_manager.filter(by_children).select_related(to_country, "actor")
        for report in of_country(reports, to_country, code):
            yield finding(rule, report, "children report, enter or verify it.", "A platform administrator must look.")
