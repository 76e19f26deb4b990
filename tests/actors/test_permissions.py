"""Who may coordinate, invite and open what."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from actors.permissions import can_coordinate, can_invite_to, can_open_country
from tests.factories import make_actor, make_generic_actor, make_membership, make_person, make_user


@pytest.fixture
def people(
    focal_point, verifier, coordinator, analyst, other_analyst, viewer, stranger, platform_administrator, other_country
):
    """Everybody by the name of their role."""
    abroad = make_actor(other_country, "coordination_body")
    return {
        "anonymous": AnonymousUser(),
        "focal_point": focal_point,
        "verifier": verifier,
        "coordinator": coordinator,
        "analyst": analyst,
        "other_analyst": other_analyst,
        "viewer": viewer,
        "stranger": stranger,
        "other_coordinator": make_person("coordinator", abroad),
        "platform_administrator": platform_administrator,
    }


def those_who(people, may, what) -> set[str]:
    return {name for name, person in people.items() if may(person, what)}


def test_coordinators_coordinate_their_country(people, country, other_country):
    assert those_who(people, can_coordinate, country) == {"coordinator"}
    assert those_who(people, can_coordinate, other_country) == {"other_coordinator"}
    assert those_who(people, can_coordinate, None) == set()


def test_members_open_their_country(people, country, other_country):
    members = {"focal_point", "verifier", "coordinator", "analyst", "other_analyst", "viewer"}
    assert those_who(people, can_open_country, country) == members
    assert those_who(people, can_open_country, other_country) == {"stranger", "other_coordinator"}
    assert those_who(people, can_open_country, None) == set()


@pytest.mark.parametrize(
    "kind",
    ["ministry", "government_agency", "police", "judiciary", "local_government", "coordination_body", "un_agency"],
)
def test_coordinator_invites_to_organisations_that_do_not_assess(people, country, kind):
    assert those_who(people, can_invite_to, make_actor(country, kind)) == {"coordinator", "platform_administrator"}


@pytest.mark.parametrize("kind", ["ngo", "cbo", "legal_aid", "independent_institution", "academia"])
def test_no_government_invites_to_an_assessor(people, country, kind):
    assert those_who(people, can_invite_to, make_actor(country, kind)) == {"platform_administrator"}


def test_analyst_invites_to_their_own_organisation(people, ngo):
    assert those_who(people, can_invite_to, ngo) == {"analyst", "platform_administrator"}


def test_focal_point_of_an_ngo_does_not_invite_to_it(ngo):
    assert not can_invite_to(make_person("focal_point", ngo), ngo)


def test_nobody_invites_to_children_and_generic_actors(people, country):
    assert those_who(people, can_invite_to, make_actor(country, "children")) == set()
    assert those_who(people, can_invite_to, make_generic_actor("ministry")) == set()


def test_coordinator_of_another_country_does_not_invite(people, other_country):
    assert those_who(people, can_invite_to, make_actor(other_country)) == {
        "other_coordinator",
        "platform_administrator",
    }


def test_rights_end_with_the_membership(country, committee):
    former, future = make_user(), make_user()
    make_membership(former, committee, "coordinator", ends_on=date(2024, 12, 31))
    make_membership(future, committee, "coordinator", starts_on=date(2999, 1, 1))
    assert [can_coordinate(user, country) for user in (former, future)] == [False, False]
    assert [can_open_country(user, country) for user in (former, future)] == [False, False]
