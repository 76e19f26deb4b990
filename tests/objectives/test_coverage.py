"""Deciding on items of the model: what of a plan takes them up, or why none does. The same for all three kinds."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from objectives.actions import OF_ACTIVITIES, OF_OBJECTIVES, decide_coverage, decision_on
from objectives.models import ActivityCoverage, ObjectiveCoverage, Omission
from tests.factories import make_activity, make_model_plan, make_objective, make_plan

REASON = "There is no such court."


@pytest.fixture
def model(db):
    return make_model_plan()


@pytest.fixture
def plan(country, model):
    return make_plan(country, model=model)


class OfObjectives:
    tables, name = OF_OBJECTIVES, "objective-coverage"

    def __init__(self, plan, model):
        self.model_item = make_objective(model, code="M1")
        self.one, self.two = make_objective(plan), make_objective(plan)


class OfActivities:
    tables, name = OF_ACTIVITIES, "activity-coverage"

    def __init__(self, plan, model):
        self.model_item = make_activity(make_objective(model), code="M1.1")
        objective = make_objective(plan)
        self.one, self.two = make_activity(objective), make_activity(objective)


@pytest.fixture(params=[OfObjectives, OfActivities])
def case(request, plan, model):
    return request.param(plan, model)


def address(case, plan, key=None):
    where = {"country": plan.country.slug, "edition": plan.edition, "key": key or case.model_item.key}
    return reverse(f"objectives:{case.name}", kwargs=where)


def gaps(plan):
    return reverse("nap:gaps", kwargs={"country": plan.country.slug, "edition": plan.edition})


def now(case, plan):
    return decision_on(plan, case.model_item, case.tables)


def covered(case, plan, *items, **fields):
    sent = {"form_token": str(uuid.uuid4()), "version": now(case, plan).version, "decision": "covered"}
    return sent | {"items": [item.pk for item in items], "manner": "adapted"} | fields


def omitted(case, plan, **fields):
    sent = {"form_token": str(uuid.uuid4()), "version": now(case, plan).version, "decision": "left_out"}
    return sent | {"reason": REASON} | fields


def stored(case, plan):
    """What is stored, in plain words: the codes and manners, and the omission."""
    decision = now(case, plan)
    omission = decision.omission and (
        decision.omission.kind,
        decision.omission.reason,
        decision.omission.programme,
        decision.omission.url,
    )
    return sorted((row.item.code, row.manner) for row in decision.coverage), omission


# --- deciding -----------------------------------------------------------------------------------------------------


def test_coverage_by_several_items(client, login, coordinator, plan, case):
    login(client, coordinator)
    response = client.post(address(case, plan), covered(case, plan, case.one, case.two))
    assert (response.status_code, response.url) == (302, gaps(plan))
    assert stored(case, plan) == ([(case.one.code, "adapted"), (case.two.code, "adapted")], None)
    assert [row.history.get().history_user for row in now(case, plan).coverage] == [coordinator] * 2


def test_coverage_left_out_with_the_reason(client, login, coordinator, plan, case):
    login(client, coordinator)
    client.post(address(case, plan), omitted(case, plan, programme="ignored", url="https://example.org/"))
    assert stored(case, plan) == ([], ("left_out", REASON, "", ""))
    assert now(case, plan).omission.history.get().history_user == coordinator


def test_coverage_taken_up_elsewhere_names_the_programme(client, login, coordinator, plan, case):
    login(client, coordinator)
    sent = omitted(case, plan, decision="elsewhere", programme="Health strategy", url="https://example.org/hs")
    client.post(address(case, plan), sent)
    assert stored(case, plan) == ([], ("elsewhere", REASON, "Health strategy", "https://example.org/hs"))


def test_coverage_that_changes_its_mind_leaves_one_decision_and_the_history(client, login, coordinator, plan, case):
    login(client, coordinator)
    client.post(address(case, plan), covered(case, plan, case.one, manner="adopted"))
    client.post(address(case, plan), covered(case, plan, case.one, case.two))
    assert stored(case, plan) == ([(case.one.code, "adapted"), (case.two.code, "adapted")], None)
    client.post(address(case, plan), omitted(case, plan))
    assert stored(case, plan) == ([], ("left_out", REASON, "", ""))
    client.post(address(case, plan), omitted(case, plan, reason="Another reason."))
    assert stored(case, plan) == ([], ("left_out", "Another reason.", "", ""))
    client.post(address(case, plan), covered(case, plan, case.two))
    assert stored(case, plan) == ([(case.two.code, "adapted")], None)
    deleted = [
        *case.tables.coverage.history.filter(history_type="-"),
        *case.tables.omission.history.filter(history_type="-"),
    ]
    assert [row.history_user for row in deleted] == [coordinator] * 3


def test_coverage_page_shows_the_models_words_and_the_decision(client, login, coordinator, plan, case):
    case.one.coverage.create(model_item=case.model_item, manner="adopted")
    login(client, coordinator)
    response = client.get(address(case, plan))
    form = response.context["form"]
    assert case.model_item.title in response.content.decode()
    assert (form["decision"].value(), form["items"].value(), form["manner"].value()) == (
        "covered",
        [case.one.pk],
        "adopted",
    )


def test_coverage_offers_the_items_around_first(client, login, coordinator, plan, model):
    above = make_objective(model)
    model_activity = make_activity(above)
    first, second = make_activity(make_objective(plan)), make_activity(make_objective(plan))
    second.objective.coverage.create(model_item=above)
    login(client, coordinator)
    where = {"country": plan.country.slug, "edition": plan.edition, "key": model_activity.key}
    form = client.get(reverse("objectives:activity-coverage", kwargs=where)).context["form"]
    assert form.fields["items"].choices == [
        (str(second.objective), [(second.pk, str(second))]),
        (str(first.objective), [(first.pk, str(first))]),
    ]


def test_coverage_goes_back_to_the_gap(client, login, coordinator, plan, case):
    login(client, coordinator)
    sent = omitted(case, plan)
    assert client.post(address(case, plan) + "?next=/xa/2024-2029/table/", sent).url == "/xa/2024-2029/table/"


# --- what it refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"decision": ""}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"items": []}, "items"),
        ({"items": "model"}, "items"),
        ({"items": "foreign"}, "items"),
        ({"manner": ""}, "manner"),
        ({"manner": "stolen"}, "manner"),
        ({"decision": "left_out", "reason": " "}, "reason"),
        ({"decision": "elsewhere", "programme": "", "reason": REASON}, "programme"),
        ({"decision": "elsewhere", "programme": "x", "reason": REASON, "url": "javascript:x"}, "url"),
    ],
)
def test_coverage_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, plan, other_plan, case, fields, field
):
    foreign = type(case)(other_plan, make_model_plan()).one
    others = {"model": [case.model_item.pk], "foreign": [foreign.pk]}
    if isinstance(fields.get("items"), str):
        fields = {"items": others[fields["items"]]}
    login(client, coordinator)
    sent = covered(case, plan, case.one, **({"programme": "مرحبا"} | fields))
    response = client.post(address(case, plan), sent)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["programme"].value() == sent["programme"]
    assert stored(case, plan) == ([], None)


def test_coverage_decided_by_two_at_once_shows_both(client, login, coordinator, plan, case):
    mine = covered(case, plan, case.one)
    decide_coverage(
        plan=plan,
        model_item=case.model_item,
        tables=case.tables,
        version=now(case, plan).version,
        by=coordinator,
        kind="left_out",
        reason=REASON,
    )
    login(client, coordinator)
    response = client.post(address(case, plan), mine)
    assert response.status_code == 409
    assert response.context["differences"] == [
        ("Decision", "The plan takes it up", "It is left out"),
        ("Reason", "(empty)", REASON),
        ("How the plan takes it up", "Adapted", "(empty)"),
        ("Where the plan takes it up", str(case.one), "(empty)"),
    ]
    assert response.context["latest_edit"].history_user == coordinator
    assert stored(case, plan) == ([], ("left_out", REASON, "", ""))
    again = response.context["form"]
    assert client.post(address(case, plan), again.data).status_code == 302
    assert stored(case, plan) == ([(case.one.code, "adapted")], None)


def test_coverage_of_other_items_decided_meanwhile_is_no_conflict(client, login, coordinator, plan, model):
    one, two = make_objective(model), make_objective(model)
    item = make_objective(plan)
    login(client, coordinator)
    sent = []
    for model_item in (one, two):
        decision = decision_on(plan, model_item, OF_OBJECTIVES)
        where = {"country": plan.country.slug, "edition": plan.edition, "key": model_item.key}
        form = {"form_token": str(uuid.uuid4()), "version": decision.version, "decision": "covered"}
        sent.append(
            (reverse("objectives:objective-coverage", kwargs=where), form | {"items": [item.pk], "manner": "adopted"})
        )
    assert [client.post(*page).status_code for page in sent] == [302, 302]
    assert item.coverage.count() == 2


def test_decision_version_stands_for_exactly_these_rows(plan, model):
    model_item, item = make_objective(model), make_objective(plan)
    versions = [decision_on(plan, model_item, OF_OBJECTIVES).version]
    row = ObjectiveCoverage.objects.create(item=item, model_item=model_item)
    versions.append(decision_on(plan, model_item, OF_OBJECTIVES).version)
    ObjectiveCoverage.objects.filter(pk=row.pk).update(version=2)
    versions.append(decision_on(plan, model_item, OF_OBJECTIVES).version)
    row.delete()
    assert decision_on(plan, model_item, OF_OBJECTIVES).version == versions[0]
    Omission.objects.create(plan=plan, model_objective=model_item, reason="x")
    versions.append(decision_on(plan, model_item, OF_OBJECTIVES).version)
    assert len(set(versions)) == 4


def test_coverage_sent_twice_gives_the_first_answer(client, login, coordinator, plan, case):
    login(client, coordinator)
    sent = covered(case, plan, case.one)
    answers = [client.post(address(case, plan), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, gaps(plan))] * 2
    assert len(now(case, plan).coverage) == 1


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person", ["stranger", "viewer", "focal_point", "verifier", "analyst", "platform_administrator"]
)
def test_coverage_is_the_coordinators(client, login, request, plan, case, person):
    login(client, request.getfixturevalue(person))
    sent = omitted(case, plan)
    assert (client.get(address(case, plan)).status_code, client.post(address(case, plan), sent).status_code) == (
        403,
        403,
    )
    assert stored(case, plan) == ([], None)


def test_coverage_in_a_closed_plan_is_fixed(client, login, coordinator, plan, case):
    plan.status = "closed"
    plan.save()
    login(client, coordinator)
    assert client.post(address(case, plan), omitted(case, plan)).status_code == 403


def test_coverage_in_a_private_plan_is_not_found_for_a_stranger(client, login, stranger, plan, case):
    plan.is_public = False
    plan.save()
    login(client, stranger)
    assert client.get(address(case, plan)).status_code == 404


def test_coverage_anonymous_and_wrong_method(client, login, coordinator, plan, case):
    assert client.get(address(case, plan)).url.split("?")[0] == reverse("account_login")
    login(client, coordinator)
    assert client.put(address(case, plan)).status_code == 405


def test_coverage_of_what_is_no_item_of_the_plans_model_is_not_found(client, login, coordinator, plan, case):
    another = type(case)(plan, make_model_plan()).model_item
    login(client, coordinator)
    assert client.get(address(case, plan, key=another.key)).status_code == 404
    assert client.get(address(case, plan, key=case.one.key)).status_code == 404


def test_coverage_in_a_plan_without_a_model_is_not_found(client, login, coordinator, plan, case):
    plan.model = None
    plan.save()
    login(client, coordinator)
    assert client.get(address(case, plan)).status_code == 404


def test_decide_coverage_asks_who_acts_and_what_is_whose(coordinator, focal_point, plan, other_plan, model):
    model_item, foreign = make_activity(make_objective(model)), make_activity(make_objective(other_plan))
    said = {"plan": plan, "model_item": model_item, "tables": OF_ACTIVITIES}
    said["version"] = decision_on(plan, model_item, OF_ACTIVITIES).version
    with pytest.raises(PermissionDenied):
        decide_coverage(**said, by=focal_point, reason="x")
    with pytest.raises(ValidationError) as refusal:
        decide_coverage(**said, by=coordinator, items=[foreign])
    assert list(refusal.value.error_dict) == ["items"]
    with pytest.raises(ValidationError) as refusal:
        decide_coverage(**said, by=coordinator, reason=" ")
    assert list(refusal.value.error_dict) == ["reason"]
    assert not ActivityCoverage.objects.exists()
