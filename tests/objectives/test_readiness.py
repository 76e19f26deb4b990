"""The preparation of a plan, noted by its coordinators."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from objectives.models import Plan


def address(plan, name="readiness"):
    return reverse(f"objectives:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition})


def overview(plan):
    return reverse("nap:overview", kwargs={"country": plan.country.slug, "edition": plan.edition})


def filled(**fields):
    sent = {"form_token": str(uuid.uuid4()), "version": "1", "legal_review_on": "2023-05-02"}
    return sent | {"legal_review_url": "https://example.org/review"} | fields


def test_readiness_stores_the_steps_and_who_noted_them(client, login, coordinator, plan):
    login(client, coordinator)
    response = client.post(address(plan), filled(consultation_on="2023-09-01"))
    plan.refresh_from_db()
    assert (response.status_code, response.url) == (302, overview(plan))
    assert (plan.legal_review_on, plan.legal_review_url, plan.consultation_on, plan.situation_analysis_on) == (
        date(2023, 5, 2),
        "https://example.org/review",
        date(2023, 9, 1),
        None,
    )
    assert (plan.version, plan.history.first().history_user) == (2, coordinator)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"legal_review_on": ""}, "legal_review_on"),
        ({"legal_review_on": "spring"}, "legal_review_on"),
        ({"legal_review_on": str(timezone.localdate() + timedelta(days=2))}, "legal_review_on"),
        ({"legal_review_url": "javascript:alert(1)"}, "legal_review_url"),
    ],
)
def test_readiness_with_a_fault_says_where_and_keeps_the_text(client, login, coordinator, plan, fields, field):
    login(client, coordinator)
    typed = "https://example.org/" + "a" * 50
    response = client.post(
        address(plan), filled(situation_analysis_on="2020-01-01", situation_analysis_url=typed, **fields)
    )
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["situation_analysis_url"].value() == typed
    assert Plan.objects.get(pk=plan.pk).version == 1


def test_readiness_has_the_anchors_that_gaps_lead_to(client, login, coordinator, plan):
    login(client, coordinator)
    page = client.get(address(plan)).content.decode()
    for step in ("situation_analysis", "legal_review", "consultation"):
        assert f'id="id_{step}_on"' in page


def test_readiness_changed_meanwhile_shows_both_texts(client, login, coordinator, plan):
    Plan.objects.filter(pk=plan.pk).update(version=2, legal_review_on=date(2022, 1, 1))
    login(client, coordinator)
    response = client.post(address(plan), filled())
    assert response.status_code == 409
    assert response.context["differences"] == [
        ("Legal review: done on", "2023-05-02", "2022-01-01"),
        ("Link to the legal review", "https://example.org/review", "(empty)"),
    ]
    assert response.context["form"]["version"].value() == "2"


def test_readiness_sent_twice_gives_the_first_answer(client, login, coordinator, plan):
    login(client, coordinator)
    sent = filled()
    answers = [client.post(address(plan), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, overview(plan))] * 2
    assert Plan.objects.get(pk=plan.pk).version == 2


@pytest.mark.parametrize(
    "person", ["stranger", "viewer", "focal_point", "verifier", "analyst", "platform_administrator"]
)
def test_readiness_beyond_ones_role_is_refused(client, login, request, plan, person):
    login(client, request.getfixturevalue(person))
    assert (client.get(address(plan)).status_code, client.post(address(plan), filled()).status_code) == (403, 403)


def test_readiness_of_a_closed_plan_is_fixed(client, login, coordinator, plan):
    plan.status = "closed"
    plan.save()
    login(client, coordinator)
    assert client.post(address(plan), filled()).status_code == 403


def test_readiness_of_a_private_plan_is_not_there_for_a_stranger(client, login, stranger, plan):
    plan.is_public = False
    plan.save()
    login(client, stranger)
    assert client.get(address(plan)).status_code == 404


def test_readiness_anonymous_and_wrong_method(client, login, coordinator, plan):
    assert client.get(address(plan)).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(address(plan)).status_code == 405
