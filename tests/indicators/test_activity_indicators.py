"""Choosing which indicators of a plan measure an activity."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from indicators.actions import save_measuring
from objectives.models import Activity
from tests.factories import make_activity, make_indicator, make_objective


@pytest.fixture
def activity(plan):
    return make_activity(make_objective(plan))


def address(activity, name="indicators:activity-indicators", plan=None):
    plan = plan or activity.owning_plan
    return reverse(name, kwargs={"country": plan.country.slug, "edition": plan.edition, "key": activity.key})


def chosen(activity, *indicators):
    version = Activity.objects.get(pk=activity.pk).version
    return {"form_token": str(uuid.uuid4()), "version": version, "indicators": [one.pk for one in indicators]}


def test_activity_indicators_stores_the_choice_and_who_made_it(client, login, coordinator, plan, activity):
    own, other = make_indicator(activity.objective), make_indicator(make_objective(plan))
    own.activities.add(activity)
    login(client, coordinator)
    response = client.post(address(activity), chosen(activity, other))
    assert (response.status_code, response.url) == (302, address(activity, "nap:activity"))
    assert list(activity.indicators.all()) == [other]
    assert [row.history.first().history_user for row in (own, other)] == [coordinator, coordinator]
    assert Activity.objects.get().version == 2


def test_activity_indicators_offers_its_own_objectives_first(client, login, coordinator, plan, other_plan):
    first = make_indicator(make_objective(plan))
    activity = make_activity(make_objective(plan))
    own = make_indicator(activity.objective)
    make_indicator(make_objective(other_plan))
    login(client, coordinator)
    form = client.get(address(activity)).context["form"]
    assert form.fields["indicators"].choices == [
        (str(activity.objective), [(own.pk, str(own))]),
        (str(first.objective), [(first.pk, str(first))]),
    ]


def test_activity_indicators_of_another_plan_are_refused(client, login, coordinator, other_plan, activity):
    foreign = make_indicator(make_objective(other_plan))
    login(client, coordinator)
    response = client.post(address(activity), chosen(activity, foreign))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["indicators"])
    with pytest.raises(ValidationError):
        save_measuring(activity=activity, version=1, indicators=[foreign], by=coordinator)
    assert not foreign.activities.exists()


def test_activity_indicators_chosen_by_two_at_once_shows_both(client, login, coordinator, activity):
    mine, theirs = make_indicator(activity.objective), make_indicator(activity.objective)
    sent = chosen(activity, mine)
    save_measuring(activity=Activity.objects.get(), version=1, indicators=[theirs], by=coordinator)
    login(client, coordinator)
    response = client.post(address(activity), sent)
    assert (response.status_code, response.context["differences"]) == (
        409,
        [("Indicators", str(mine), str(theirs))],
    )
    assert list(activity.indicators.all()) == [theirs]
    assert client.post(address(activity), response.context["form"].data).status_code == 302
    assert list(activity.indicators.all()) == [mine]


def test_activity_indicators_sent_twice_gives_the_first_answer(client, login, coordinator, activity):
    indicator = make_indicator(activity.objective)
    sent = chosen(activity, indicator)
    login(client, coordinator)
    assert [client.post(address(activity), sent).status_code for _ in range(2)] == [302, 302]
    assert (Activity.objects.get().version, list(activity.indicators.all())) == (2, [indicator])


@pytest.mark.parametrize(
    "person", ["stranger", "viewer", "focal_point", "verifier", "analyst", "platform_administrator"]
)
def test_activity_indicators_is_the_coordinators(client, login, request, activity, person):
    indicator = make_indicator(activity.objective)
    user = request.getfixturevalue(person)
    login(client, user)
    assert client.get(address(activity)).status_code == 403
    assert client.post(address(activity), chosen(activity, indicator)).status_code == 403
    with pytest.raises(PermissionDenied):
        save_measuring(activity=activity, version=1, indicators=[indicator], by=user)
    assert not activity.indicators.exists()


def test_activity_indicators_of_a_closed_plan_are_fixed(client, login, coordinator, plan, activity):
    plan.status = "closed"
    plan.save()
    login(client, coordinator)
    assert client.post(address(activity), chosen(activity)).status_code == 403


def test_activity_indicators_anonymous_wrong_method_and_foreign(client, login, coordinator, plan, other_plan, activity):
    assert client.get(address(activity)).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(address(activity)).status_code == 405
    foreign = make_activity(make_objective(other_plan))
    assert client.get(address(foreign, plan=plan)).status_code == 404
