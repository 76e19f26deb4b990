"""Countries and actors: the chain above and below an actor, and what `clean` refuses."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from actors.models import ASSESSOR_KINDS, SECTORS, Actor, ActorKind, Sector
from tests.factories import make_actor, make_generic_actor


def chain(*actors: Actor) -> set[str]:
    ids = {actor.pk for actor in actors}
    return set(Actor.objects.filter(pk__in=Actor.objects.tree_around(ids).chain(ids)).values_list("key", flat=True))


@pytest.fixture
def tree(country, other_country) -> dict[str, Actor]:
    """Two trees in one country, and one in another:

    ministry ┬ police ┬ cyber unit      committee      elsewhere
             │        └ border unit
             └ prisons
    """
    tree = {"ministry": make_actor(country, key="ministry")}
    for key, parent in [("police", "ministry"), ("cyber", "police"), ("border", "police"), ("prisons", "ministry")]:
        tree[key] = make_actor(country, key=key, parent=tree[parent])
    tree["committee"] = make_actor(country, "coordination_body", key="committee")
    tree["elsewhere"] = make_actor(other_country, key="elsewhere")
    return tree


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ministry"], {"ministry", "police", "cyber", "border", "prisons"}),
        (["police"], {"ministry", "police", "cyber", "border"}),
        (["cyber"], {"ministry", "police", "cyber"}),
        (["committee"], {"committee"}),
        (["cyber", "prisons"], {"ministry", "police", "cyber", "prisons"}),
        (["prisons", "elsewhere"], {"ministry", "prisons", "elsewhere"}),
        ([], set()),
    ],
)
def test_chain_is_what_stands_above_and_below_without_siblings(tree, keys, expected):
    assert chain(*(tree[key] for key in keys)) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ministry"], {"ministry", "police", "cyber", "border", "prisons"}),
        (["police"], {"police", "cyber", "border"}),
        (["cyber", "elsewhere"], {"cyber", "elsewhere"}),
        ([], set()),
    ],
)
def test_parts_of_actors_are_what_stands_below_them(tree, keys, expected):
    own = [tree[key].pk for key in keys]
    ids = Actor.objects.tree_around(own).with_parts(own)
    assert {actor.key for actor in tree.values() if actor.pk in ids} == expected
    assert len(ids) == len(expected)


def test_chain_and_parts_cost_one_query_together(tree, django_assert_num_queries):
    ids = {tree["cyber"].pk, tree["elsewhere"].pk}
    with django_assert_num_queries(1):
        around = Actor.objects.tree_around(ids)
        around.chain(ids)
        around.with_parts(ids)


def test_chain_ends_where_stored_parents_go_in_a_circle(tree):
    Actor.objects.filter(pk=tree["ministry"].pk).update(parent=tree["cyber"])
    assert chain(tree["police"]) == {"ministry", "police", "cyber", "border", "prisons"}


def test_chain_of_an_ended_actor_still_holds(tree):
    Actor.objects.filter(pk=tree["police"].pk).update(ended_on=date(2024, 1, 1))
    assert chain(tree["cyber"]) == {"ministry", "police", "cyber"}


def test_chain_of_a_generic_actor_is_itself(db):
    assert chain(make_generic_actor(key="police")) == {"police"}


# --- clean ----------------------------------------------------------------------------------------------------------


def test_kind_is_fixed_once_stored(ministry):
    ministry.kind = ActorKind.GOVERNMENT_AGENCY
    with pytest.raises(ValidationError) as refusal:
        ministry.clean()
    assert list(refusal.value.error_dict) == ["kind"]


def test_kind_of_an_actor_not_yet_stored(country):
    actor = Actor(country=country, kind="ministry", name="Ministry")
    actor.kind = "police"
    actor.clean()


def test_key_is_fixed_once_stored(ministry):
    ministry.key = "another"
    with pytest.raises(ValidationError, match="never change"):
        ministry.clean()


def test_country_is_fixed_once_stored(ministry, other_country):
    ministry.country = other_country
    with pytest.raises(ValidationError, match="never change"):
        ministry.clean()


def test_name_of_a_stored_actor_may_change(ministry):
    ministry.name = "Ministry of Families"
    ministry.clean()


def test_parent_of_the_same_country(ministry, police):
    police.parent = ministry
    police.clean()


@pytest.mark.parametrize("field", ["parent", "succeeded_by"])
def test_parent_or_successor_of_another_country(ministry, other_country, field):
    setattr(ministry, field, make_actor(other_country))
    with pytest.raises(ValidationError) as refusal:
        ministry.clean()
    assert list(refusal.value.error_dict) == [field]


@pytest.mark.parametrize("field", ["parent", "succeeded_by"])
def test_parent_or_successor_that_is_generic(ministry, field):
    setattr(ministry, field, make_generic_actor())
    with pytest.raises(ValidationError) as refusal:
        ministry.clean()
    assert list(refusal.value.error_dict) == [field]


@pytest.mark.parametrize("below", ["police", "cyber", "ministry"])
def test_parent_that_would_make_it_a_part_of_itself(tree, below):
    tree["ministry"].parent = tree[below]
    with pytest.raises(ValidationError) as refusal:
        tree["ministry"].clean()
    assert list(refusal.value.error_dict) == ["parent"]


# --- facts ----------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_sector():
    assert set(SECTORS) == set(ActorKind)


def test_assessors_are_civil_society_and_independent_actors():
    assert set(ASSESSOR_KINDS) == {
        kind for kind in ActorKind if SECTORS[kind] in (Sector.CIVIL_SOCIETY, Sector.INDEPENDENT)
    }
    assert "ngo" in ASSESSOR_KINDS
    assert "ministry" not in ASSESSOR_KINDS


def test_current_actors_on_a_day(ministry, police):
    Actor.objects.filter(pk=police.pk).update(ended_on=date(2025, 6, 30))
    assert set(Actor.objects.current(date(2025, 6, 30))) == {ministry, police}
    assert set(Actor.objects.current(date(2025, 7, 1))) == {ministry}


def test_adult_actors_are_all_but_children(ministry, country):
    make_actor(country, "children")
    assert list(Actor.objects.adult()) == [ministry]


def test_natural_keys_find_national_and_generic_actors(ministry):
    generic = make_generic_actor(key=ministry.key)
    assert Actor.objects.get_by_natural_key(*ministry.natural_key()) == ministry
    assert Actor.objects.get_by_natural_key(*generic.natural_key()) == generic
