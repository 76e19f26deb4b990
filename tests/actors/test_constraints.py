"""What the database refuses of countries, actors, people and memberships, whatever the code above it does."""

from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from actors.models import Actor, User
from tests.actors.constraints import assert_refused, constraints_of, names_of
from tests.factories import (
    make_actor,
    make_country,
    make_generic_actor,
    make_membership,
    make_user,
    the_country,
)

pytestmark = pytest.mark.django_db


def _same_actor_twice(**fields):
    make_actor(**fields)
    make_actor(**fields)


def _same_generic_actor_twice(**fields):
    make_generic_actor(**fields)
    make_generic_actor(**fields)


def _same_name_in_other_letters(make):
    make(name="National Police")
    make(name="NATIONAL police")


def _part_of_itself():
    actor = make_actor()
    Actor.objects.filter(pk=actor.pk).update(parent=actor)


def _same_membership_twice():
    user, actor = make_user(), make_actor()
    make_membership(user, actor)
    make_membership(user, actor)


BREAKS = {
    "country_code_is_iso": lambda: make_country("xa"),
    "actor_key_in_country": lambda: _same_actor_twice(key="police"),
    "actor_key_generic": lambda: _same_generic_actor_twice(key="police"),
    "actor_name_in_country": lambda: _same_name_in_other_letters(make_actor),
    "actor_name_generic": lambda: _same_name_in_other_letters(make_generic_actor),
    "actor_is_not_part_of_itself": _part_of_itself,
    "actor_succeeded_has_ended": lambda: make_actor(succeeded_by=make_actor()),
    "user_email_lower_case": lambda: User.objects.create(email="Upper@example.org", name="Upper"),
    "membership_once_a_day": _same_membership_twice,
    "membership_ends_after_start": lambda: make_membership(
        make_user(), make_actor(), starts_on=date(2025, 1, 2), ends_on=date(2025, 1, 1)
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_database_refuses(name):
    assert_refused(name, BREAKS[name])


def test_every_constraint_of_actors_has_a_test_that_breaks_it():
    assert set(BREAKS) == names_of("actors")


def test_no_other_app_of_ours_has_constraints():
    """`tests/objectives` and `tests/indicators` hold the same comparison; a fourth app needs one of its own."""
    ours = [app.label for app in apps.get_app_configs() if app.name in ("actors", "objectives", "indicators", "nap")]
    assert {label for label in ours if any(constraints_of(label))} == {"actors", "objectives", "indicators"}


@pytest.mark.parametrize("code", ["X", "X1", "", "Xa", "ÄB"])
def test_country_code_that_is_no_iso_code(code):
    assert_refused("country_code_is_iso", lambda: make_country(code))


def test_country_code_twice():
    make_country("XA")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_country("XA")


def test_email_twice():
    make_user("somebody@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("somebody@example.org")


def test_actors_of_two_countries_and_of_none_share_a_key_and_a_name():
    same = {"key": "police", "name": "Police"}
    make_actor(make_country("XA"), **same)
    make_actor(make_country("XB"), **same)
    make_generic_actor(**same)
    assert Actor.objects.filter(**same).count() == 3


def test_actor_without_parent_and_actor_within_another():
    parent = make_actor()
    assert make_actor(parent=parent).parent == parent


def test_ended_actor_with_and_without_a_successor():
    ended = {"ended_on": date(2025, 12, 31)}
    assert make_actor(succeeded_by=make_actor(), **ended).succeeded_by
    assert make_actor(**ended).succeeded_by is None


def test_membership_of_one_day_and_again_from_another_day():
    user, actor = make_user(), make_actor(the_country())
    make_membership(user, actor, starts_on=date(2025, 1, 1), ends_on=date(2025, 1, 1))
    make_membership(user, actor, starts_on=date(2025, 1, 2))
    assert user.memberships.count() == 2
