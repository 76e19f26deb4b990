"""What a person may do, one named fact each. The table that these follow: docs/roles.md."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from actors.models import Actor, ActorKind, Country, Role, User, is_platform_administrator, rights_of


def can_coordinate(user: User | AnonymousUser, country: Country | None) -> bool:
    """Edits the plan, periods, and the people of government and committee in `country`."""
    return country is not None and country.pk in rights_of(user).countries_as(Role.COORDINATOR)


def can_invite_to(user: User | AnonymousUser, actor: Actor) -> bool:
    """Makes and ends memberships in `actor`.

    Coordinators do so for every organisation but those that assess independently: their analysts are invited by their
    own first analyst, and that one by the platform administrator, so that no government can fill an NGO's seats.
    """
    if actor.kind == ActorKind.CHILDREN or actor.country_id is None:
        return False
    if is_platform_administrator(user):
        return True
    if actor.can_assess:
        return actor.pk in rights_of(user).actors_as(Role.ANALYST)
    return can_coordinate(user, actor.country)


def can_see_people(user: User | AnonymousUser, country: Country | None) -> bool:
    """Opens the list of people of `country`. Who stands in it follows from `Membership.objects.visible_to`."""
    if country is None:
        return False
    rights = rights_of(user)
    return is_platform_administrator(user) or country.pk in rights.countries_as(Role.COORDINATOR, Role.ANALYST)


def can_open_country(user: User | AnonymousUser, country: Country | None) -> bool:
    """Is a member of an organisation of `country`, in whatever role."""
    return country is not None and country.pk in rights_of(user).country_ids
