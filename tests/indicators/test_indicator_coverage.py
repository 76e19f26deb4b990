"""Deciding on an indicator of the model. The rules are those of tests/objectives/test_coverage.py."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from indicators.actions import OF_INDICATORS
from indicators.models import IndicatorCoverage, IndicatorOmission
from objectives.actions import decision_on
from tests.factories import make_indicator, make_model_plan, make_objective, make_plan


@pytest.fixture
def model(db):
    return make_model_plan()


@pytest.fixture
def plan(country, model):
    return make_plan(country, model=model)


@pytest.fixture
def model_item(model):
    return make_indicator(make_objective(model), code="M1.1")


def address(plan, model_item):
    where = {"country": plan.country.slug, "edition": plan.edition, "key": model_item.key}
    return reverse("indicators:indicator-coverage", kwargs=where)


def sent(plan, model_item, **fields):
    version = decision_on(plan, model_item, OF_INDICATORS).version
    return {"form_token": str(uuid.uuid4()), "version": version} | fields


def test_indicator_coverage_by_an_item_and_then_left_out(client, login, coordinator, plan, model_item):
    indicator = make_indicator(make_objective(plan))
    login(client, coordinator)
    said = sent(plan, model_item, decision="covered", items=[indicator.pk], manner="adopted")
    response = client.post(address(plan, model_item), said)
    gaps = reverse("nap:gaps", kwargs={"country": plan.country.slug, "edition": plan.edition})
    assert (response.status_code, response.url) == (302, gaps)
    row = IndicatorCoverage.objects.get()
    assert (row.item, row.model_item, row.manner, row.history.get().history_user) == (
        indicator,
        model_item,
        "adopted",
        coordinator,
    )
    client.post(address(plan, model_item), sent(plan, model_item, decision="left_out", reason="No data."))
    omission = IndicatorOmission.objects.get()
    assert (omission.plan, omission.model_indicator, omission.reason, IndicatorCoverage.objects.count()) == (
        plan,
        model_item,
        "No data.",
        0,
    )


def test_indicator_coverage_with_a_fault_keeps_the_text(client, login, coordinator, plan, model_item):
    login(client, coordinator)
    said = sent(plan, model_item, decision="elsewhere", reason="مرحبا", programme="")
    response = client.post(address(plan, model_item), said)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["programme"])
    assert response.context["form"]["reason"].value() == "مرحبا"


def test_indicator_coverage_decided_by_two_at_once_shows_both(client, login, coordinator, plan, model_item):
    indicator = make_indicator(make_objective(plan))
    older = sent(plan, model_item, decision="left_out", reason="Mine.")
    indicator.coverage.create(model_item=model_item)
    login(client, coordinator)
    response = client.post(address(plan, model_item), older)
    assert response.status_code == 409
    assert response.context["differences"] == [
        ("Decision", "It is left out", "The plan takes it up"),
        ("Reason", "Mine.", "(empty)"),
        ("How the plan takes it up", "(empty)", "Adapted"),
        ("Where the plan takes it up", "(empty)", str(indicator)),
    ]
    assert not IndicatorOmission.objects.exists()


def test_indicator_coverage_sent_twice_gives_the_first_answer(client, login, coordinator, plan, model_item):
    login(client, coordinator)
    said = sent(plan, model_item, decision="left_out", reason="No data.")
    assert [client.post(address(plan, model_item), said).status_code for _ in range(2)] == [302, 302]
    assert IndicatorOmission.objects.get().version == 1


@pytest.mark.parametrize("person", ["stranger", "viewer", "focal_point", "verifier", "analyst"])
def test_indicator_coverage_is_the_coordinators(client, login, request, plan, model_item, person):
    login(client, request.getfixturevalue(person))
    said = sent(plan, model_item, decision="left_out", reason="No data.")
    assert client.post(address(plan, model_item), said).status_code == 403
    assert not IndicatorOmission.objects.exists()


def test_indicator_coverage_anonymous_wrong_method_and_wrong_key(client, login, coordinator, plan, model_item):
    assert client.get(address(plan, model_item)).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(address(plan, model_item)).status_code == 405
    assert client.get(address(plan, make_indicator(make_objective(plan)))).status_code == 404
