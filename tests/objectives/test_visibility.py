"""Who may read which plan, and the rows that hang on it (docs/roles.md)."""

import pytest
from django.contrib.auth.models import AnonymousUser

from actors.models import User
from objectives.models import (
    Activity,
    ActivityCoverage,
    Area,
    Milestone,
    Objective,
    ObjectiveCoverage,
    Omission,
    Plan,
    Responsibility,
    Term,
    Wording,
)
from tests.factories import (
    make_activity,
    make_actor,
    make_area,
    make_coverage,
    make_membership,
    make_milestone,
    make_model_plan,
    make_objective,
    make_plan,
    make_responsibility,
    make_user,
)

MEMBERS = {"viewer", "focal_point", "police_focal_point", "analyst", "verifier", "coordinator"}
OTHERS = {"anonymous", "stranger", "other_verifier", "platform_administrator"}
EVERYBODY = MEMBERS | OTHERS

# is the plan public, its state → who reads it. A draft is nobody else's, even where it is marked public already.
READERS = {
    (True, "active"): EVERYBODY,
    (True, "closed"): EVERYBODY,
    (True, "draft"): MEMBERS,
    (False, "active"): MEMBERS,
    (False, "closed"): MEMBERS,
    (False, "draft"): MEMBERS,
}


@pytest.fixture
def people(request, db):
    return {name: AnonymousUser() if name == "anonymous" else request.getfixturevalue(name) for name in EVERYBODY}


def readers(people, queryset) -> set[str]:
    return {name for name, person in people.items() if queryset.visible_to(person).exists()}


@pytest.mark.parametrize(("is_public", "status"), READERS)
def test_readers_of_a_plan(people, country, is_public, status):
    make_plan(country, is_public=is_public, status=status)
    assert readers(people, Plan.objects) == READERS[is_public, status]


@pytest.mark.parametrize("status", ["draft", "active", "closed"])
def test_everybody_reads_the_models(people, status):
    make_model_plan(status=status, is_public=False)
    assert readers(people, Plan.objects) == EVERYBODY


def test_public_plans_are_the_models_and_what_is_published(country, other_country):
    model = make_model_plan()
    active = make_plan(country)
    make_plan(country, edition="2029-2034", status="draft")
    make_plan(other_country, is_public=False)
    assert set(Plan.objects.public()) == {model, active}


def test_each_reads_the_plans_of_their_own_country(country, other_country, focal_point, stranger):
    here, there = make_plan(country, is_public=False), make_plan(other_country, is_public=False)
    assert list(Plan.objects.visible_to(focal_point)) == [here]
    assert list(Plan.objects.visible_to(stranger)) == [there]


def test_member_of_two_countries_reads_each_plan_once(country, other_country):
    plans = {make_plan(country, is_public=False), make_plan(other_country, is_public=False)}
    user = make_user()
    for place in (country, country, other_country):
        make_membership(user, make_actor(place))
    assert len(Plan.objects.visible_to(user)) == 2
    assert set(Plan.objects.visible_to(user)) == plans


def test_former_and_inactive_members_read_what_is_public_alone(country, focal_point, coordinator, today):
    make_plan(country, is_public=False)
    focal_point.memberships.update(ends_on=today.replace(year=2025))
    coordinator.is_active = False
    coordinator.save()
    for person in User.objects.all():
        assert not Plan.objects.visible_to(person).exists()


def test_visible_to_narrows_what_was_filtered_before(country, other_plan, plan, focal_point):
    assert list(Plan.objects.filter(pk=other_plan.pk).visible_to(focal_point)) == [other_plan]
    assert list(Plan.objects.filter(country=country).visible_to(AnonymousUser())) == [plan]


def _parts(plan: Plan) -> dict:
    """One row of every kind that hangs on `plan`, by model."""
    objective = make_objective(plan)
    activity = make_activity(objective)
    model_objective = make_objective(plan.model)
    make_coverage(objective, model_objective)
    make_coverage(activity, make_activity(model_objective))
    make_responsibility(activity, make_actor(plan.country))
    make_area(plan)
    make_milestone(activity)
    Term.objects.create(plan=plan, abbreviation="NPA", meaning="…")
    Wording.objects.create(plan=plan, quoted="words", todays_term="…")
    Omission.objects.create(plan=plan, model_objective=make_objective(plan.model), reason="…")


PARTS = {
    Area: "plan",
    Objective: "plan",
    Term: "plan",
    Wording: "plan",
    Activity: "objective__plan",
    Milestone: "activity__objective__plan",
    Responsibility: "activity__objective__plan",
    ObjectiveCoverage: "item__plan",
    ActivityCoverage: "item__objective__plan",
    Omission: "plan",
}


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("part", PARTS)
def test_parts_are_read_by_those_who_read_their_plan(people, country, part, is_public):
    plan = make_plan(country, is_public=is_public, model=make_model_plan())
    _parts(plan)
    of_plan = part.objects.filter(**{PARTS[part]: plan})
    assert of_plan.exists()
    assert readers(people, of_plan) == READERS[is_public, "active"]
