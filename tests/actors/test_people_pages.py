"""Pages of people: who holds which role, who is invited, who has left; and what keeps a country's seats its own."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from actors.models import Membership, User
from tests.factories import make_actor, make_generic_actor, make_membership, make_person, make_user


@pytest.fixture(autouse=True)
def _today(time_machine, today):
    time_machine.move_to(f"{today}T10:00Z", tick=False)


def people(country):
    return reverse("actors:people", kwargs={"country": country.slug})


def create(country):
    return reverse("actors:membership-create", kwargs={"country": country.slug})


def end(membership, country=None):
    country = country or membership.actor.country
    return reverse("actors:membership-end", kwargs={"country": country.slug, "pk": membership.pk})


def invitation(organisation, **fields):
    sent = {"form_token": str(uuid.uuid4()), "email": "new@example.org", "name": "Nora New", "actor": organisation.pk}
    return sent | {"role": "focal_point", "starts_on": "2026-01-15"} | fields


def ending(membership, **fields):
    return {"form_token": str(uuid.uuid4()), "version": membership.version, "when": "now"} | fields


# --- the list -----------------------------------------------------------------------------------------------------


def shown(response):
    context = response.context
    return [line.membership.user.email for line in context["current"]], [row.user.email for row in context["past"]]


def test_people_are_listed_by_role_held_now_and_before(client, login, coordinator, focal_point, analyst, ministry):
    left = make_user(email="left@example.org")
    make_membership(left, ministry, ends_on=date(2025, 12, 31))
    login(client, coordinator)
    response = client.get(people(ministry.country))
    assert shown(response) == (
        ["analyst@example.org", "focal.point@example.org", "coordinator@example.org"],
        ["left@example.org"],
    )
    may_end = {line.membership.user.email: line.may_end for line in response.context["current"]}
    assert may_end == {"analyst@example.org": False, "focal.point@example.org": True, "coordinator@example.org": True}


def test_people_of_ones_own_organisation_for_an_analyst(client, login, analyst, focal_point, ngo):
    colleague = make_person("focal_point", ngo, email="colleague@example.org")
    login(client, analyst)
    assert shown(client.get(people(ngo.country))) == (["analyst@example.org", colleague.email], [])


def test_people_of_a_country_for_the_platform(client, login, platform_administrator, focal_point, stranger, country):
    login(client, platform_administrator)
    assert shown(client.get(people(country))) == (["focal.point@example.org"], [])


def test_people_anonymous_is_sent_to_sign_in(client, country):
    assert client.get(people(country)).url.split("?")[0] == reverse("account_login")


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("viewer", 403), ("focal_point", 403), ("verifier", 403)]
)
def test_people_beyond_ones_country_or_role(client, login, request, country, person, status):
    login(client, request.getfixturevalue(person))
    assert client.get(people(country)).status_code == status


def test_people_cannot_be_posted_to(client, login, coordinator, country):
    login(client, coordinator)
    assert client.post(people(country)).status_code == 405


@pytest.mark.parametrize("number", [1, 30])
def test_people_cost_the_same_queries_for_many(client, login, coordinator, ministry, django_assert_num_queries, number):
    for _ in range(number):
        make_membership(make_user(), ministry)
    login(client, coordinator)
    client.get(people(ministry.country))  # the first request of a session writes to it
    with django_assert_num_queries(6):
        client.get(people(ministry.country))


# --- inviting -----------------------------------------------------------------------------------------------------


def test_membership_create_makes_an_account_and_writes_to_the_person(
    client, login, coordinator, ministry, mailoutbox, django_capture_on_commit_callbacks
):
    login(client, coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(create(ministry.country), invitation(ministry, email=" New@Example.org "))
    person = User.objects.get(email="new@example.org")
    held = person.memberships.get()
    assert (response.status_code, response.url) == (302, people(ministry.country))
    assert (person.name, person.has_usable_password(), person.is_staff) == ("Nora New", False, False)
    assert (held.actor, held.role, held.starts_on, held.ends_on) == (
        ministry,
        "focal_point",
        date(2026, 1, 15),
        None,
    )
    assert [row.history_user for row in (person.history.get(), held.history.get())] == [coordinator, coordinator]
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["new@example.org"], "Your account in the action plan tracker")
    assert "“Focal point” for Ministry of Social Affairs" in mail.body
    assert not mail.alternatives


def test_membership_create_sends_a_link_by_which_the_person_sets_a_password(
    client, login, coordinator, ministry, mailoutbox, django_capture_on_commit_callbacks
):
    login(client, coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(create(ministry.country), invitation(ministry))
    client.logout()
    link = re.search(r"http://testserver(\S+/key/\S+)", mailoutbox[0].body)[1]
    form = client.get(link, follow=True)
    words = "tidal lantern quiet orchard"
    done = client.post(form.request["PATH_INFO"], {"password1": words, "password2": words}, follow=True)
    assert (done.status_code, User.objects.get(email="new@example.org").check_password(words)) == (200, True)
    assert client.login(email="new@example.org", password=words)
    again = client.get(link, follow=True)
    assert b"password1" not in again.content


def test_membership_create_says_the_same_of_a_known_address(
    client, login, coordinator, ministry, committee, mailoutbox, django_capture_on_commit_callbacks
):
    known = make_user(email="known@example.org", name="Known", password="tidal lantern quiet orchard")
    login(client, coordinator)
    answers = []
    for email in ("known@example.org", "new@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(create(ministry.country), invitation(ministry, email=email), follow=True)
        answers.append((response.redirect_chain, [str(message) for message in response.context["messages"]]))
    assert answers[0] == answers[1]
    known.refresh_from_db()
    assert (known.name, known.memberships.get().actor) == ("Known", ministry)
    assert "/key/" not in mailoutbox[0].body
    assert "/key/" in mailoutbox[1].body


def test_membership_create_does_not_write_to_a_closed_account(
    client, login, coordinator, ministry, mailoutbox, django_capture_on_commit_callbacks
):
    make_user(email="new@example.org", is_active=False)
    login(client, coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(create(ministry.country), invitation(ministry)).status_code == 302
    assert mailoutbox == []


def test_membership_create_twice_gives_the_first_answer(
    client, login, coordinator, ministry, mailoutbox, django_capture_on_commit_callbacks
):
    login(client, coordinator)
    sent = invitation(ministry)
    with django_capture_on_commit_callbacks(execute=True):
        answers = [client.post(create(ministry.country), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, people(ministry.country))] * 2
    assert (User.objects.filter(email="new@example.org").count(), Membership.objects.count(), len(mailoutbox)) == (
        1,
        2,
        1,
    )


def test_membership_create_begins_with_what_a_gap_asks_for(client, login, coordinator, ministry):
    login(client, coordinator)
    page = client.get(create(ministry.country), {"actor": ministry.key, "role": "focal_point"})
    form = page.context["form"]
    assert (form["actor"].value(), form["role"].value()) == (ministry.pk, "focal_point")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("coordinator", {"mosa", "police", "committee"}),
        ("analyst", {"coalition"}),
        ("platform_administrator", {"mosa", "police", "committee", "coalition"}),
    ],
)
def test_membership_create_offers_only_those_to_whom_one_may_invite(
    client, login, request, country, ministry, police, committee, ngo, person, expected
):
    user = request.getfixturevalue(person)
    make_actor(country, "children")
    make_actor(country, key="gone", ended_on=date(2025, 1, 1))
    make_generic_actor("police")
    make_actor(request.getfixturevalue("other_country"))
    login(client, user)
    offered = client.get(create(country)).context["form"].fields["actor"].queryset
    assert {actor.key for actor in offered} == expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"name": ""}, "name"),
        ({"role": "analyst"}, "role"),
        ({"role": "king"}, "role"),
        ({"starts_on": "yesterday"}, "starts_on"),
        ({"actor": "coalition"}, "actor"),
        ({"actor": "foreign"}, "actor"),
        ({"actor": "generic"}, "actor"),
        ({"actor": "children"}, "actor"),
    ],
)
def test_membership_create_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, ministry, ngo, other_country, fields, field
):
    others = {
        "coalition": lambda: ngo.pk,
        "foreign": lambda: make_actor(other_country).pk,
        "generic": lambda: make_generic_actor().pk,
        "children": lambda: make_actor(ministry.country, "children").pk,
    }
    if field == "actor":
        fields = {"actor": others[fields["actor"]]()}
    login(client, coordinator)
    response = client.post(create(ministry.country), invitation(ministry, **({"name": "Nora 🙂"} | fields)))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["name"].value() == fields.get("name", "Nora 🙂")
    assert not User.objects.filter(email="new@example.org").exists()


def test_membership_create_refuses_a_role_that_the_person_holds(client, login, coordinator, focal_point, ministry):
    login(client, coordinator)
    response = client.post(create(ministry.country), invitation(ministry, email=focal_point.email))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["email"])
    assert focal_point.memberships.count() == 1


def test_membership_create_lets_a_person_come_back(client, login, coordinator, ministry):
    person = make_user(email="new@example.org")
    make_membership(person, ministry, ends_on=date(2025, 12, 31))
    login(client, coordinator)
    assert client.post(create(ministry.country), invitation(ministry)).status_code == 302
    assert person.memberships.count() == 2


def test_membership_create_goes_back_to_the_gap(client, login, coordinator, ministry):
    login(client, coordinator)
    asked = f"{create(ministry.country)}?next=/xa/2024-2029/gaps/"
    assert client.post(asked, invitation(ministry)).url == "/xa/2024-2029/gaps/"
    elsewhere = f"{create(ministry.country)}?next=https://example.com/"
    again = client.post(elsewhere, invitation(ministry, email="other@example.org"))
    assert again.url == people(ministry.country)


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("viewer", 403), ("focal_point", 403), ("verifier", 403)]
)
def test_membership_create_beyond_ones_country_or_role(client, login, request, ministry, person, status):
    login(client, request.getfixturevalue(person))
    count = Membership.objects.count()
    assert client.get(create(ministry.country)).status_code == status
    assert client.post(create(ministry.country), invitation(ministry)).status_code == status
    assert Membership.objects.count() == count


def test_membership_create_anonymous_is_sent_to_sign_in(client, ministry):
    response = client.get(create(ministry.country))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))
    assert client.post(create(ministry.country), invitation(ministry)).status_code == 403
    assert not Membership.objects.exists()


def test_membership_end_on_the_last_day_there_is_is_no_fault(client, login, coordinator):
    login(client, coordinator)
    own = coordinator.memberships.get()
    response = client.post(end(own), ending(own, when="later", ends_on="9999-12-31"))
    assert response.status_code == 422  # the country's last coordinator


def test_membership_create_wrong_method_is_refused(client, login, coordinator, country):
    login(client, coordinator)
    assert client.delete(create(country)).status_code == 405


def test_an_analyst_fills_the_seats_of_the_ngo_and_no_government_does(client, login, analyst, coordinator, ngo):
    login(client, coordinator)
    assert client.post(create(ngo.country), invitation(ngo, role="analyst")).status_code == 422
    assert not User.objects.filter(email="new@example.org").exists()
    login(client, analyst)
    assert client.post(create(ngo.country), invitation(ngo, role="analyst")).status_code == 302
    assert Membership.objects.filter(user__email="new@example.org", actor=ngo, role="analyst").exists()


# --- ending -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["coordinator", "platform_administrator"])
def test_membership_end_now_takes_access_away_with_the_next_request(
    client, login, request, focal_point, ministry, person
):
    user = request.getfixturevalue(person)
    membership = focal_point.memberships.get()
    login(client, user)
    response = client.post(end(membership), ending(membership))
    membership.refresh_from_db()
    assert (response.status_code, response.url) == (302, people(ministry.country))
    assert (membership.ends_on, membership.version) == (date(2026, 1, 14), 2)
    assert membership.history.first().history_user == user
    assert User.objects.get(pk=focal_point.pk).rights.actor_ids == frozenset()


def test_membership_end_after_a_last_day(client, login, coordinator, focal_point):
    membership = focal_point.memberships.get()
    login(client, coordinator)
    client.post(end(membership), ending(membership, when="later", ends_on="2026-01-31"))
    membership.refresh_from_db()
    assert membership.ends_on == date(2026, 1, 31)
    assert User.objects.get(pk=focal_point.pk).rights.actor_ids == {membership.actor_id}


@pytest.mark.parametrize("starts_on", [date(2026, 1, 15), date(2026, 6, 1)])
def test_membership_end_of_one_that_never_held_a_day_deletes_it_and_keeps_its_history(
    client, login, coordinator, ministry, starts_on
):
    membership = make_membership(make_user(), ministry, starts_on=starts_on)
    login(client, coordinator)
    assert client.post(end(membership), ending(membership)).status_code == 302
    history = Membership.history.filter(id=membership.pk)
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert (history.first().history_type, history.first().history_user) == ("-", coordinator)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"when": ""}, "when"),
        ({"when": "later", "ends_on": ""}, "ends_on"),
        ({"when": "later", "ends_on": "2026-01-14"}, "ends_on"),
        ({"when": "later", "ends_on": "soon"}, "ends_on"),
    ],
)
def test_membership_end_with_a_fault_says_where(client, login, coordinator, focal_point, fields, field):
    membership = focal_point.memberships.get()
    login(client, coordinator)
    response = client.post(end(membership), ending(membership, **fields))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"][field].value() == fields[field]
    membership.refresh_from_db()
    assert (membership.ends_on, membership.version) == (None, 1)


def test_membership_end_refuses_to_leave_a_country_without_coordinator(client, login, coordinator, committee):
    own = coordinator.memberships.get()
    login(client, coordinator)
    refused = client.post(end(own), ending(own))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["__all__"])
    second = make_person("coordinator", committee)
    accepted = client.post(end(own), ending(own))
    assert (accepted.status_code, accepted.url) == (302, reverse("nap:my-work"))
    login(client, second)
    last = second.memberships.get()
    assert client.post(end(last), ending(last, when="later", ends_on="2026-03-31")).status_code == 422


def test_membership_end_by_the_platform_may_leave_no_coordinator(client, login, platform_administrator, coordinator):
    last = coordinator.memberships.get()
    login(client, platform_administrator)
    assert client.post(end(last), ending(last)).status_code == 302


def test_membership_end_twice_gives_the_first_answer(client, login, coordinator, focal_point, country):
    membership = focal_point.memberships.get()
    sent = ending(membership)
    login(client, coordinator)
    answers = [client.post(end(membership), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, people(country))] * 2
    membership.refresh_from_db()
    assert membership.version == 2


def test_membership_end_of_one_changed_meanwhile_shows_both_days(client, login, coordinator, focal_point):
    membership = focal_point.memberships.get()
    Membership.objects.filter(pk=membership.pk).update(version=2, ends_on=date(2026, 2, 1))
    login(client, coordinator)
    response = client.post(end(membership), ending(membership, when="later", ends_on="2026-03-01"))
    assert response.status_code == 409
    assert response.context["differences"] == [("Last day", "2026-03-01", "2026-02-01")]
    again = response.context["form"]
    assert (again["version"].value(), again["ends_on"].value()) == ("2", "2026-03-01")
    membership.refresh_from_db()
    assert membership.ends_on == date(2026, 2, 1)


def test_membership_end_of_one_that_ended_says_so(client, login, coordinator, ministry):
    membership = make_membership(make_user(), ministry, ends_on=timezone.localdate() - timedelta(days=1))
    login(client, coordinator)
    assert client.get(end(membership)).url == people(ministry.country)


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("viewer", 403), ("police_focal_point", 404), ("analyst", 404)]
)
def test_membership_end_beyond_ones_country_or_role(client, login, request, focal_point, person, status):
    membership = focal_point.memberships.get()
    login(client, request.getfixturevalue(person))
    assert client.get(end(membership)).status_code == status
    assert client.post(end(membership), ending(membership)).status_code == status
    membership.refresh_from_db()
    assert membership.ends_on is None


def test_membership_end_of_an_analyst_is_not_the_coordinators(client, login, coordinator, analyst):
    membership = analyst.memberships.get()
    login(client, coordinator)
    assert client.post(end(membership), ending(membership)).status_code == 403


def test_membership_end_under_another_country_is_not_found(client, login, coordinator, stranger, country):
    foreign = stranger.memberships.get()
    login(client, coordinator)
    assert client.get(end(foreign, country)).status_code == 404


def test_membership_end_anonymous_and_wrong_method(client, login, coordinator, focal_point):
    membership = focal_point.memberships.get()
    assert client.get(end(membership)).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(end(membership)).status_code == 405
