"""Adding and editing organisations, and saying which one plays the part of an actor of the model."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from actors.forms import RowsField
from actors.models import Actor
from tests.factories import make_actor, make_generic_actor


def address(name, country, **where):
    return reverse(f"actors:{name}", kwargs={"country": country.slug} | where)


def people(country):
    return address("people", country)


def new(**fields):
    sent = {"form_token": str(uuid.uuid4()), "version": "0", "kind": "ngo", "name": "Shelter Network"}
    return sent | {"acronym": "SN", "parent": ""} | fields


def edited(actor, **fields):
    sent = {"form_token": str(uuid.uuid4()), "version": actor.version, "name": actor.name, "acronym": actor.acronym}
    return sent | {"parent": "", "ended_on": "", "succeeded_by": ""} | fields


@pytest.fixture
def generic(db):
    return make_generic_actor("police", name="Police", key="g-police")


# --- every page that writes ---------------------------------------------------------------------------------------


@pytest.fixture(params=["actor-create", "actor-edit", "stand-in"])
def page(request, country, ministry, generic):
    """The address of each page, and what it is sent."""
    token = {"form_token": str(uuid.uuid4())}
    return {
        "actor-create": (address("actor-create", country), new()),
        "actor-edit": (address("actor-edit", country, key=ministry.key), edited(ministry, name="Renamed")),
        "stand-in": (address("stand-in", country, key=generic.key), token | {"actor": ministry.pk}),
    }[request.param]


def stored():
    return sorted((actor.name, [one.name for one in actor.stands_for.all()]) for actor in Actor.objects.all())


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("stranger", 404),
        ("viewer", 403),
        ("focal_point", 403),
        ("verifier", 403),
        ("analyst", 403),
        ("platform_administrator", 403),
    ],
)
def test_actor_pages_are_the_coordinators(client, login, request, page, person, status):
    login(client, request.getfixturevalue(person))
    before = stored()
    assert (client.get(page[0]).status_code, client.post(*page).status_code) == (status, status)
    assert stored() == before


def test_actor_pages_anonymous_and_wrong_method(client, login, coordinator, page):
    before = stored()
    assert client.get(page[0]).url.split("?")[0] == reverse("account_login")
    assert client.post(*page).status_code in (302, 403)  # 403 gives back what was typed, where a text was
    login(client, coordinator)
    assert client.put(page[0]).status_code == 405
    assert stored() == before


def test_actor_pages_sent_twice_give_the_first_answer(client, login, coordinator, country, page):
    login(client, coordinator)
    answers = [client.post(*page) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, people(country))] * 2


def test_actor_pages_go_back_to_where_one_came_from(client, login, coordinator, page):
    login(client, coordinator)
    assert client.post(f"{page[0]}?next=/xa/2024-2029/gaps/", page[1]).url == "/xa/2024-2029/gaps/"


# --- adding -------------------------------------------------------------------------------------------------------


def test_actor_create_stores_the_organisation_and_its_parts(client, login, coordinator, country, ministry, generic):
    login(client, coordinator)
    client.post(address("actor-create", country), new(parent=ministry.pk, stands_for=[generic.pk]))
    actor = Actor.objects.get(name="Shelter Network")
    assert (actor.country, actor.kind, actor.acronym, actor.parent, list(actor.stands_for.all())) == (
        country,
        "ngo",
        "SN",
        ministry,
        [generic],
    )
    assert {row.history_user for row in actor.history.all()} == {coordinator}


def test_actor_create_begins_with_the_part_that_a_gap_asks_for(client, login, coordinator, country, generic):
    login(client, coordinator)
    form = client.get(address("actor-create", country), {"stands_for": generic.key}).context["form"]
    assert (form["stands_for"].value(), form["kind"].value()) == ([generic.pk], "police")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "NATIONAL police"}, "name"),
        ({"name": "x" * 251}, "name"),
        ({"kind": ""}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"parent": "foreign"}, "parent"),
        ({"parent": "generic"}, "parent"),
        ({"stands_for": "foreign"}, "stands_for"),
        ({"stands_for": "own"}, "stands_for"),
    ],
)
def test_actor_create_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, country, other_country, police, generic, fields, field
):
    others = {"foreign": make_actor(other_country).pk, "generic": generic.pk, "own": police.pk}
    sent = {name: others.get(value, value) for name, value in fields.items()}
    login(client, coordinator)
    count = Actor.objects.count()
    response = client.post(address("actor-create", country), new(**({"acronym": "مرحبا"} | sent)))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["acronym"].value() == "مرحبا"
    assert Actor.objects.count() == count


# --- editing ------------------------------------------------------------------------------------------------------


def test_actor_edit_ends_an_organisation_that_another_one_succeeds(
    client, login, coordinator, country, ministry, police, generic
):
    ministry.stands_for.add(generic)
    sent = edited(ministry, name="Old ministry", ended_on="2025-12-31", succeeded_by=police.pk, stands_for=[])
    login(client, coordinator)
    assert client.post(address("actor-edit", country, key=ministry.key), sent).status_code == 302
    ministry.refresh_from_db()
    assert (ministry.name, ministry.ended_on, ministry.succeeded_by, ministry.kind, ministry.version) == (
        "Old ministry",
        date(2025, 12, 31),
        police,
        "ministry",
        2,
    )
    assert list(ministry.stands_for.all()) == []


def test_actor_edit_does_not_change_the_kind(client, login, coordinator, country, ministry):
    login(client, coordinator)
    client.post(address("actor-edit", country, key=ministry.key), edited(ministry, kind="ngo"))
    ministry.refresh_from_db()
    assert (ministry.kind, ministry.version) == ("ministry", 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "national police"}, "name"),
        ({"parent": "own"}, "parent"),
        ({"parent": "part"}, "parent"),
        ({"parent": "foreign"}, "parent"),
        ({"ended_on": "never"}, "ended_on"),
        ({"succeeded_by": "police"}, "ended_on"),
        ({"succeeded_by": "foreign", "ended_on": "2025-12-31"}, "succeeded_by"),
    ],
)
def test_actor_edit_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, country, other_country, ministry, police, fields, field
):
    part = make_actor(country, parent=ministry)
    others = {"own": ministry, "part": part, "police": police, "foreign": make_actor(other_country)}
    sent = {name: others[value].pk if value in others else value for name, value in fields.items()}
    login(client, coordinator)
    response = client.post(
        address("actor-edit", country, key=ministry.key), edited(ministry, **({"acronym": "typed"} | sent))
    )
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["acronym"].value() == "typed"
    ministry.refresh_from_db()
    assert (ministry.acronym, ministry.version) == ("MoSA", 1)


def test_actor_edit_of_one_changed_meanwhile_shows_both_texts(
    client, login, coordinator, country, ministry, police, generic
):
    sent = edited(ministry, name="Mine", stands_for=[])
    Actor.objects.filter(pk=ministry.pk).update(name="Theirs", version=2)
    ministry.stands_for.add(generic)
    login(client, coordinator)
    response = client.post(address("actor-edit", country, key=ministry.key), sent)
    assert response.status_code == 409
    assert response.context["differences"] == [
        ("Name", "Mine", "Theirs"),
        ("Plays the part of", "(empty)", "Police"),
    ]
    again = response.context["form"]
    assert (again["version"].value(), again["name"].value()) == ("2", "Mine")
    ministry.refresh_from_db()
    assert (ministry.name, list(ministry.stands_for.all())) == ("Theirs", [generic])
    accepted = client.post(address("actor-edit", country, key=ministry.key), again.data)
    ministry.refresh_from_db()
    assert (accepted.status_code, ministry.name, ministry.version) == (302, "Mine", 3)


@pytest.mark.parametrize("whose", ["foreign", "generic"])
def test_actor_edit_of_another_countrys_or_the_models_actor_is_not_found(
    client, login, coordinator, country, other_country, generic, whose
):
    key = {"foreign": make_actor(other_country).key, "generic": generic.key}[whose]
    login(client, coordinator)
    assert client.get(address("actor-edit", country, key=key)).status_code == 404


# --- standing in --------------------------------------------------------------------------------------------------


def test_stand_in_adds_a_part_and_keeps_the_others(client, login, coordinator, country, police, generic):
    border = make_generic_actor("police", name="Border police")
    police.stands_for.add(border)
    login(client, coordinator)
    sent = {"form_token": str(uuid.uuid4()), "actor": police.pk}
    assert client.post(address("stand-in", country, key=generic.key), sent).status_code == 302
    police.refresh_from_db()
    assert ({one.name for one in police.stands_for.all()}, police.version) == ({"Police", "Border police"}, 2)
    assert police.history.first().history_user == coordinator


def test_stand_in_leaves_an_older_form_of_the_actor_to_its_conflict(
    client, login, coordinator, country, police, generic
):
    older = edited(police, stands_for=[])
    login(client, coordinator)
    sent = {"form_token": str(uuid.uuid4()), "actor": police.pk}
    client.post(address("stand-in", country, key=generic.key), sent)
    assert client.post(address("actor-edit", country, key=police.key), older).status_code == 409
    assert list(police.stands_for.all()) == [generic]


def test_stand_in_offers_the_countrys_actors_that_exist_and_do_not_play_it_yet(
    client, login, coordinator, country, other_country, ministry, police, generic
):
    police.stands_for.add(generic)
    make_actor(country, ended_on=date(2020, 1, 1))
    make_actor(other_country)
    login(client, coordinator)
    page = client.get(address("stand-in", country, key=generic.key))
    assert set(page.context["form"].fields["actor"].queryset) == {ministry, Actor.objects.get(key="committee")}
    assert list(page.context["players"]) == [police]
    assert page.context["create_url"] == f"{address('actor-create', country)}?stands_for={generic.key}"


@pytest.mark.parametrize("choice", ["", "foreign", "generic"])
def test_stand_in_with_a_wrong_choice_is_refused(client, login, coordinator, country, other_country, generic, choice):
    chosen = {"": "", "foreign": make_actor(other_country).pk, "generic": generic.pk}[choice]
    login(client, coordinator)
    sent = {"form_token": str(uuid.uuid4()), "actor": chosen}
    response = client.post(address("stand-in", country, key=generic.key), sent)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["actor"])
    assert not generic.stood_for_by.exists()


def test_stand_in_for_an_actor_of_a_country_is_not_found(client, login, coordinator, country, police):
    login(client, coordinator)
    assert client.get(address("stand-in", country, key=police.key)).status_code == 404


def test_rows_field_refuses_an_id_that_no_database_holds(country, ministry):
    field = RowsField(queryset=Actor.objects.filter(country=country))
    with pytest.raises(ValidationError):
        field.clean(["99999999999999999999999"])
    assert list(field.clean([str(ministry.pk)])) == [ministry]
