"""Signing in: by e-mail and password, with a session that ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from actors.models import User
from tests.factories import PASSWORD, make_actor, make_person

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def person(country):
    return make_person("viewer", make_actor(country), email="person@example.org", password=PASSWORD)


def sign_in(client, password=PASSWORD, email="person@example.org"):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_signed_in(client) -> bool:
    return client.get(reverse("nap:my-work")).status_code == 200


def test_sign_in_leads_to_my_work(client, person):
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, reverse("nap:my-work"))
    assert is_signed_in(client)


@pytest.mark.parametrize(("email", "password"), [("person@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_sign_in_refused_says_the_same_of_known_and_unknown_people(client, person, email, password):
    response = sign_in(client, password, email)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == [
        "The email address and/or password you specified are not correct."
    ]


def test_password_reset_says_the_same_of_known_and_unknown_people(client, person, mailoutbox):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("person@example.org", "nobody@example.org")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2
    assert [mail.to for mail in mailoutbox] == [["person@example.org"], ["nobody@example.org"]]


@pytest.mark.parametrize("method", ["get", "post"])
def test_sign_up_is_closed(client, db, method):
    sent = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)(reverse("account_signup"), sent)
    assert (response.templates[0].name, User.objects.exists()) == ("account/signup_closed.html", False)


def test_an_inactive_person_does_not_get_in(client, person):
    person.is_active = False
    person.save()
    sign_in(client)
    assert not is_signed_in(client)


def test_session_idle_from_signing_in_ends(client, person):
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client)
        clock.shift(timedelta(minutes=31))
        assert not is_signed_in(client)


def test_leaving_an_organisation_ends_what_one_could_do_at_the_next_request(client, person):
    sign_in(client)
    person.memberships.all().update(ends_on=datetime.now(tz=UTC).date() - timedelta(days=1))
    assert client.get(reverse("nap:my-work")).status_code == 200  # still a person, with nothing to do
    assert person.rights.actor_ids == frozenset()
