"""Editing an activity and its milestones: days, who leads, who contributes."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from objectives.actions import save_activity
from objectives.models import Activity, Milestone, Responsibility
from tests.factories import (
    make_activity,
    make_actor,
    make_generic_actor,
    make_milestone,
    make_objective,
    make_responsibility,
)


@pytest.fixture
def activity(plan, ministry):
    return make_activity(make_objective(plan), lead=ministry, title="Train officers")


def address(row, name="activity-edit", plan=None):
    plan = plan or row.owning_plan
    where = {"country": plan.country.slug, "edition": plan.edition, "key": row.key}
    return reverse(f"objectives:{name}", kwargs=where)


def page_of(activity):
    plan = activity.owning_plan
    where = {"country": plan.country.slug, "edition": plan.edition, "key": activity.key}
    return reverse("nap:activity", kwargs=where)


def filled(activity, **fields):
    lead = activity.responsibilities.leading().first()
    sent = {"form_token": str(uuid.uuid4()), "version": activity.version, "title": activity.title}
    return sent | {"starts_on": "2025-01-01", "ends_on": "2026-12-31", "lead": lead.actor_id if lead else ""} | fields


def roles(activity):
    return sorted((row.actor.key, row.role) for row in activity.responsibilities.select_related("actor"))


# --- what it stores -----------------------------------------------------------------------------------------------


def test_activity_edit_stores_words_days_and_who_does_it(
    client, login, coordinator, activity, ministry, police, committee
):
    login(client, coordinator)
    sent = filled(activity, title="Train all officers", co_leads=[committee.pk], contributors=[police.pk])
    response = client.post(address(activity), sent)
    activity.refresh_from_db()
    assert (response.status_code, response.url) == (302, page_of(activity))
    assert (activity.title, activity.starts_on, activity.ends_on, activity.version) == (
        "Train all officers",
        date(2025, 1, 1),
        date(2026, 12, 31),
        2,
    )
    assert roles(activity) == [("committee", "co_lead"), ("mosa", "lead"), ("police", "contributor")]
    histories = [
        row.history.first().history_user for row in (activity, *activity.responsibilities.exclude(role="lead"))
    ]
    assert histories == [coordinator] * 3


def test_activity_edit_keeps_a_former_lead_as_contributor(client, login, coordinator, activity, police):
    login(client, coordinator)
    client.post(address(activity), filled(activity, lead=police.pk))
    assert roles(activity) == [("mosa", "contributor"), ("police", "lead")]
    activity.refresh_from_db()
    client.post(address(activity), filled(activity))
    assert roles(activity) == [("police", "lead")]
    assert Responsibility.history.filter(history_type="-").get().history_user == coordinator


def test_activity_edit_lets_two_actors_change_places(client, login, coordinator, activity, ministry, police):
    make_responsibility(activity, police, "co_lead")
    login(client, coordinator)
    client.post(address(activity), filled(activity, lead=police.pk, co_leads=[ministry.pk]))
    assert roles(activity) == [("mosa", "co_lead"), ("police", "lead")]


def test_activity_edit_keeps_an_actor_that_has_ended_until_it_is_replaced(
    client, login, coordinator, activity, ministry
):
    ministry.ended_on = date(2025, 1, 1)
    ministry.save()
    login(client, coordinator)
    form = client.get(address(activity)).context["form"]
    assert form["lead"].value() == ministry.pk
    assert "which has ended" in str(form["lead"])
    client.post(address(activity), filled(activity))
    assert roles(activity) == [("mosa", "lead")]


def test_activity_edit_adds_a_milestone(client, login, coordinator, activity):
    login(client, coordinator)
    sent = filled(activity, milestone_title="Curriculum agreed", milestone_due_on="2025-06-30")
    client.post(address(activity), sent)
    milestone = activity.milestones.get()
    assert (milestone.title, milestone.due_on, milestone.done_on) == ("Curriculum agreed", date(2025, 6, 30), None)
    assert milestone.history.get().history_user == coordinator


def test_activity_edit_offers_the_countrys_adult_actors_as_leads(
    client, login, coordinator, country, other_country, activity, ministry
):
    children = make_actor(country, "children", key="children")
    make_actor(country, key="gone", ended_on=date(2020, 1, 1))
    make_actor(other_country, key="foreign")
    make_generic_actor(key="generic")
    login(client, coordinator)
    fields = client.get(address(activity)).context["form"].fields
    assert {actor.key for actor in fields["lead"].queryset} == {"mosa", "committee"}
    assert {actor.key for actor in fields["co_leads"].queryset} == {"mosa", "committee"}
    assert {actor.key for actor in fields["contributors"].queryset} == {"mosa", "committee", children.key}


def test_activity_edit_has_the_anchors_that_gaps_lead_to(client, login, coordinator, activity):
    login(client, coordinator)
    page = client.get(address(activity)).content.decode()
    assert all(f'id="{anchor}"' in page for anchor in ("id_lead", "id_starts_on"))


def test_activity_edit_goes_back_to_the_gap(client, login, coordinator, activity):
    login(client, coordinator)
    assert client.post(address(activity) + "?next=/xa/2024-2029/gaps/%3Fkind%3Dno_lead", filled(activity)).url == (
        "/xa/2024-2029/gaps/?kind=no_lead"
    )


# --- what it refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"starts_on": "2024-06-30"}, "starts_on"),
        ({"ends_on": "2029-07-01"}, "ends_on"),
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "ends_on"),
        ({"lead": "foreign"}, "lead"),
        ({"lead": "generic"}, "lead"),
        ({"lead": "children"}, "lead"),
        ({"co_leads": "children"}, "co_leads"),
        ({"contributors": "foreign"}, "contributors"),
        ({"milestone_title": "x"}, "milestone_due_on"),
        ({"milestone_due_on": "2025-06-30"}, "milestone_title"),
        ({"milestone_title": "x", "milestone_due_on": "2031-01-01"}, "milestone_due_on"),
    ],
)
def test_activity_edit_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, country, other_country, activity, fields, field
):
    others = {
        "foreign": make_actor(other_country).pk,
        "generic": make_generic_actor().pk,
        "children": make_actor(country, "children").pk,
    }
    sent = {name: others.get(value, value) for name, value in fields.items()}
    login(client, coordinator)
    response = client.post(address(activity), filled(activity, **({"title": "مرحبا"} | sent)))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["title"].value() == fields.get("title", "مرحبا")
    activity.refresh_from_db()
    assert (activity.title, activity.version, roles(activity)) == ("Train officers", 1, [("mosa", "lead")])


def test_activity_edit_leaves_a_day_outside_the_plan_that_was_there_before(client, login, coordinator, activity):
    Activity.objects.filter(pk=activity.pk).update(starts_on=date(2023, 1, 1))
    login(client, coordinator)
    assert client.post(address(activity), filled(activity, starts_on="2023-01-01")).status_code == 302


def test_activity_edit_of_one_changed_meanwhile_shows_both_texts(
    client, login, coordinator, activity, ministry, police
):
    sent = filled(activity, title="Mine", contributors=[police.pk])
    save_activity(
        activity=Activity.objects.get(pk=activity.pk),
        version=1,
        lead=police,
        co_leads=[],
        contributors=[],
        by=coordinator,
    )
    Activity.objects.filter(pk=activity.pk).update(title="Theirs")
    login(client, coordinator)
    response = client.post(address(activity), sent)
    assert response.status_code == 409
    assert response.context["differences"] == [
        ("Title", "Mine", "Theirs"),
        ("Starts on", "2025-01-01", "(empty)"),
        ("Ends on", "2026-12-31", "(empty)"),
        ("Lead", "Ministry of Social Affairs", "National Police"),
        ("Contributors", "National Police", "Ministry of Social Affairs"),
    ]
    assert response.context["latest_edit"].history_user == coordinator
    again = response.context["form"]
    assert (again["version"].value(), again["title"].value()) == ("2", "Mine")
    assert roles(activity) == [("mosa", "contributor"), ("police", "lead")]
    assert client.post(address(activity), again.data).status_code == 302
    assert roles(activity) == [("mosa", "lead"), ("police", "contributor")]


def test_activity_edit_sent_twice_gives_the_first_answer(client, login, coordinator, activity):
    login(client, coordinator)
    sent = filled(activity, milestone_title="Once", milestone_due_on="2025-06-30")
    answers = [client.post(address(activity), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, page_of(activity))] * 2
    assert activity.milestones.count() == 1


def test_save_activity_asks_who_acts(activity, focal_point, ministry):
    with pytest.raises(PermissionDenied):
        save_activity(activity=activity, version=1, lead=ministry, co_leads=[], contributors=[], by=focal_point)


# --- milestones ---------------------------------------------------------------------------------------------------


@pytest.fixture
def milestone(activity):
    return make_milestone(activity, title="Curriculum agreed")


def done(**fields):
    sent = {"form_token": str(uuid.uuid4()), "version": "1", "title": "Curriculum agreed", "due_on": "2025-06-30"}
    return sent | {"done_on": "2025-07-15"} | fields


def test_milestone_edit_notes_that_it_is_done(client, login, coordinator, milestone):
    login(client, coordinator)
    response = client.post(address(milestone, "milestone-edit"), done())
    milestone.refresh_from_db()
    assert (response.status_code, response.url) == (302, page_of(milestone.activity))
    assert (milestone.done_on, milestone.version, milestone.history.first().history_user) == (
        date(2025, 7, 15),
        2,
        coordinator,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "2035-01-01"}, "due_on"),
        ({"done_on": "2999-01-01"}, "done_on"),
    ],
)
def test_milestone_edit_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, milestone, fields, field
):
    login(client, coordinator)
    response = client.post(address(milestone, "milestone-edit"), done(**fields))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"][field].value() == fields[field]
    assert Milestone.objects.get().version == 1


def test_milestone_edit_of_one_changed_meanwhile_shows_both_texts(client, login, coordinator, milestone):
    Milestone.objects.update(version=2, title="Theirs")
    login(client, coordinator)
    response = client.post(address(milestone, "milestone-edit"), done())
    assert (response.status_code, response.context["differences"]) == (
        409,
        [("Title", "Curriculum agreed", "Theirs"), ("Done on", "2025-07-15", "(empty)")],
    )


def test_milestone_edit_sent_twice_gives_the_first_answer(client, login, coordinator, milestone):
    login(client, coordinator)
    sent = done()
    answers = [client.post(address(milestone, "milestone-edit"), sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Milestone.objects.get().version == 2


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["activity-edit", "milestone-edit"])
def page(request, activity, milestone):
    if request.param == "activity-edit":
        return address(activity), filled(activity, title="Changed")
    return address(milestone, "milestone-edit"), done(title="Changed")


@pytest.mark.parametrize(
    "person", ["stranger", "viewer", "focal_point", "verifier", "analyst", "platform_administrator"]
)
def test_editing_an_activity_is_the_coordinators(client, login, request, page, person):
    login(client, request.getfixturevalue(person))
    assert (client.get(page[0]).status_code, client.post(*page).status_code) == (403, 403)
    assert not Activity.objects.filter(title="Changed").exists()
    assert not Milestone.objects.filter(title="Changed").exists()


@pytest.mark.parametrize("status", ["closed"])
def test_editing_an_activity_of_a_closed_plan_is_refused(client, login, coordinator, plan, page, status):
    plan.status = status
    plan.save()
    login(client, coordinator)
    assert client.post(*page).status_code == 403


def test_editing_an_activity_of_a_private_plan_is_not_found_for_a_stranger(client, login, stranger, plan, page):
    plan.is_public = False
    plan.save()
    login(client, stranger)
    assert client.get(page[0]).status_code == 404


def test_editing_an_activity_anonymous_and_wrong_method(client, login, coordinator, page):
    assert client.post(*page).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(page[0]).status_code == 405


def test_editing_another_countrys_activity_is_not_found(client, login, coordinator, plan, other_plan):
    foreign = make_activity(make_objective(other_plan))
    login(client, coordinator)
    assert client.get(address(foreign, plan=plan)).status_code == 404
    assert client.get(address(make_milestone(foreign), "milestone-edit", plan=plan)).status_code == 404
    assert client.get(address(foreign)).status_code == 403
