"""People, their memberships, and the rights that follow from the current ones."""

from datetime import date

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError

from actors.models import ActorKind, Membership, Role, User, is_platform_administrator, rights_of, validate_membership
from tests.factories import make_actor, make_generic_actor, make_membership, make_person, make_user


def rights_on(user: User, day: date):
    """The rights of `user` on `day`, read anew as a request does."""
    with time_machine.travel(day, tick=False):
        return rights_of(User.objects.get(pk=user.pk))


# --- rights ---------------------------------------------------------------------------------------------------------


def test_rights_are_the_union_of_memberships(country, other_country, ministry, committee):
    abroad = make_actor(other_country)
    user = make_person("focal_point", ministry)
    make_membership(user, committee, "verifier")
    make_membership(user, committee, "coordinator")
    make_membership(user, abroad, "focal_point")

    rights = rights_of(user)

    assert rights.actors == {
        "focal_point": {ministry.pk, abroad.pk},
        "verifier": {committee.pk},
        "coordinator": {committee.pk},
    }
    assert rights.countries == {
        "focal_point": {country.pk, other_country.pk},
        "verifier": {country.pk},
        "coordinator": {country.pk},
    }
    assert rights.actor_ids == {ministry.pk, committee.pk, abroad.pk}
    assert rights.country_ids == {country.pk, other_country.pk}
    assert rights.actors_as("focal_point", "verifier") == {ministry.pk, abroad.pk, committee.pk}
    assert rights.countries_as("verifier") == {country.pk}
    assert rights.actors_as("analyst") == rights.countries_as("analyst") == rights.actors_as() == frozenset()


def test_rights_hold_from_the_first_day_to_the_last(ministry):
    user = make_user()
    make_membership(user, ministry, starts_on=date(2025, 3, 1), ends_on=date(2025, 3, 31))
    days = {day: rights_on(user, day).actor_ids for day in (date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31))}
    assert days == {date(2025, 2, 28): set(), date(2025, 3, 1): {ministry.pk}, date(2025, 3, 31): {ministry.pk}}
    assert rights_on(user, date(2025, 4, 1)).actor_ids == set()


def test_rights_of_a_membership_that_ended_do_not_touch_the_others(ministry, police, today):
    user = make_user()
    make_membership(user, ministry, starts_on=date(2024, 1, 1), ends_on=date(2025, 12, 31))
    make_membership(user, ministry, "viewer", starts_on=date(2026, 1, 1))
    make_membership(user, police, starts_on=date(2027, 1, 1))
    assert rights_on(user, today).actors == {"viewer": {ministry.pk}}


def test_inactive_person_has_no_rights(focal_point):
    assert rights_of(focal_point).actor_ids
    focal_point.is_active = False
    assert rights_of(focal_point).actor_ids == set()
    focal_point.save()
    assert not Membership.objects.current().exists()


def test_anonymous_person_has_no_rights():
    rights = rights_of(AnonymousUser())
    assert (rights.actor_ids, rights.country_ids, rights.actors_as(*Role.values)) == (set(), set(), set())


def test_rights_of_many_memberships_cost_one_query_once(country, django_assert_num_queries):
    user = make_user()
    for _ in range(5):
        make_membership(user, make_actor(country))
    user = User.objects.get(pk=user.pk)
    with django_assert_num_queries(1):
        assert len(rights_of(user).actor_ids) == 5
        assert rights_of(user) is user.rights


def test_rights_of_another_instance_are_read_anew(focal_point, ministry):
    assert rights_of(focal_point).actor_ids == {ministry.pk}
    Membership.objects.all().delete()
    assert rights_of(User.objects.get(pk=focal_point.pk)).actor_ids == set()


def test_platform_administrator_has_no_rights_of_a_member(platform_administrator):
    assert is_platform_administrator(platform_administrator)
    assert rights_of(platform_administrator).actor_ids == set()


@pytest.mark.parametrize("missing", ["is_active", "is_staff", "is_superuser"])
def test_platform_administrator_is_active_staff_and_superuser(platform_administrator, missing):
    setattr(platform_administrator, missing, False)
    assert not is_platform_administrator(platform_administrator)
    assert not is_platform_administrator(AnonymousUser())


# --- memberships ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_children_never_have_an_account(country, role):
    children = make_actor(country, "children")
    with pytest.raises(ValidationError) as refusal:
        Membership(user=make_user(), actor=children, role=role).clean()
    assert list(refusal.value.error_dict) == ["actor"]


@pytest.mark.parametrize("role", Role.values)
def test_generic_actors_have_no_people(db, role):
    with pytest.raises(ValidationError) as refusal:
        validate_membership(make_generic_actor("ngo"), role)
    assert list(refusal.value.error_dict) == ["actor"]


ASSESSORS = {
    "ngo", "cbo", "professional_body", "legal_aid", "political_party", "independent_institution", "academia"
}  # fmt: skip
ANYWHERE = {"viewer", "focal_point"}


@pytest.mark.parametrize("kind", [kind for kind in ActorKind.values if kind != "children"])
def test_roles_that_people_may_hold_in_a_kind_of_actor(country, kind):
    actor = make_actor(country, kind)
    allowed = set()
    for role in Role.values:
        try:
            Membership(user=User(), actor=actor, role=role).clean()
        except ValidationError as refusal:
            assert list(refusal.error_dict) == ["role"]  # noqa: PT017  # which roles are refused is asserted below
        else:
            allowed.add(role)
    assert allowed == ANYWHERE | ({"analyst"} if kind in ASSESSORS else {"verifier", "coordinator"})


def test_memberships_are_seen_by_their_coordinator_organisation_and_the_platform(
    coordinator, focal_point, viewer, analyst, stranger, platform_administrator
):
    def seen_by(user):
        return {membership.user.email for membership in Membership.objects.visible_to(user)}

    country = {"coordinator@example.org", "focal.point@example.org", "viewer@example.org", "analyst@example.org"}
    assert seen_by(coordinator) == country
    assert seen_by(platform_administrator) == country | {"stranger@example.org"}
    assert seen_by(focal_point) == seen_by(viewer) == {"focal.point@example.org", "viewer@example.org"}
    assert seen_by(analyst) == {"analyst@example.org"}
    assert seen_by(stranger) == {"stranger@example.org"}
    assert seen_by(AnonymousUser()) == set()


def test_people_are_looked_up_by_their_coordinator_and_the_platform(
    coordinator, committee, focal_point, stranger, platform_administrator
):
    make_membership(coordinator, committee, "verifier")
    assert set(User.objects.visible_to(coordinator)) == {coordinator, focal_point}
    assert User.objects.visible_to(coordinator).count() == 2
    assert User.objects.visible_to(platform_administrator).count() == 4
    assert not User.objects.visible_to(focal_point).exists()
    assert not User.objects.visible_to(AnonymousUser()).exists()


# --- e-mail addresses -----------------------------------------------------------------------------------------------


def test_email_is_stored_in_lower_case(db):
    assert User.objects.create_user(" Fatima.Focal@Example.ORG ", name="Fatima").email == "fatima.focal@example.org"


def test_email_is_cleaned_to_lower_case():
    user = User(email=" Fatima.Focal@Example.ORG ", name="Fatima")
    user.clean()
    assert user.email == "fatima.focal@example.org"


def test_person_is_found_by_an_email_in_other_letters(focal_point):
    assert User.objects.get_by_natural_key("Focal.Point@EXAMPLE.org") == focal_point


def test_person_without_password_cannot_sign_in(db):
    assert not User.objects.create_user("new@example.org", name="New").has_usable_password()
