"""What the database refuses of plans and their parts, whatever the code above it does."""

from datetime import date

import pytest

from objectives.models import ActivityCoverage, ObjectiveCoverage, Omission, Plan, ProbableActor, Term, Wording
from tests.actors.constraints import assert_refused, names_of
from tests.factories import (
    make_activity,
    make_actor,
    make_area,
    make_country,
    make_coverage,
    make_milestone,
    make_model_plan,
    make_objective,
    make_plan,
    make_responsibility,
    the_plan,
)

pytestmark = pytest.mark.django_db


def _twice(make, *args, **fields):
    make(*args, **fields)
    make(*args, **fields)


def _two_active_plans():
    country = make_country()
    make_plan(country, edition="2019-2024")
    make_plan(country, edition="2024-2029")


def _same_edition():
    country = make_country()
    make_plan(country, status="closed")
    make_plan(country, status="active")


def _two_leads():
    activity = make_activity(lead=make_actor())
    make_responsibility(activity, make_actor(), "lead")


def _two_roles_of_one_actor():
    activity, actor = make_activity(), make_actor()
    make_responsibility(activity, actor, "contributor")
    make_responsibility(activity, actor, "co_lead")


def _taken_up_twice(make):
    item, model_item = make(make_objective()), make(make_objective(make_model_plan()))
    make_coverage(item, model_item, manner="adopted")
    make_coverage(item, model_item, manner="adapted")


def _omission(**fields) -> Omission:
    """An omission of an objective of the model, for a reason."""
    if not {"model_objective", "model_activity"} & set(fields):
        fields["model_objective"] = make_objective(make_model_plan())
    return Omission.objects.create(**({"plan": the_plan(), "reason": "There is a law already."} | fields))


def _model_activity():
    return make_activity(make_objective(make_model_plan()))


BREAKS = {
    "plan_one_active_a_country": _two_active_plans,
    "plan_edition_in_country": _same_edition,
    "plan_edition_of_models": lambda: _twice(make_model_plan, edition="2007"),
    "plan_national_has_dates": lambda: make_plan(ends_on=None),
    "plan_ends_after_start": lambda: make_plan(ends_on=date(2024, 7, 1)),
    "plan_active_since_when": lambda: make_plan(activated_on=None),
    "area_key_in_plan": lambda: _twice(make_area, key="same"),
    "objective_key_in_plan": lambda: _twice(make_objective, key="same"),
    "objective_code_in_plan": lambda: _twice(make_objective, code="B.1"),
    "objective_weight_positive": lambda: make_objective(weight=0),
    "term_key_in_plan": lambda: [
        Term.objects.create(plan=the_plan(), key="same", abbreviation=word, meaning="…") for word in ("NPA", "CSEC")
    ],
    "term_once_in_plan": lambda: _twice(Term.objects.create, plan=the_plan(), abbreviation="NPA", meaning="…"),
    "wording_key_in_plan": lambda: [
        Wording.objects.create(plan=the_plan(), key="same", quoted=words, todays_term="…") for words in ("one", "two")
    ],
    "wording_once_in_plan": lambda: _twice(Wording.objects.create, plan=the_plan(), quoted="one", todays_term="…"),
    "activity_key_in_objective": lambda: _twice(make_activity, make_objective(), key="same"),
    "activity_code_in_objective": lambda: _twice(make_activity, make_objective(), code="1.1"),
    "activity_ends_after_start": lambda: make_activity(starts_on=date(2025, 1, 2), ends_on=date(2025, 1, 1)),
    "milestone_key_in_activity": lambda: _twice(make_milestone, make_activity(), key="same"),
    "probable_actor_key_in_objective": lambda: _twice(
        ProbableActor.objects.create, objective=make_objective(), key="same", text="Police"
    ),
    "responsibility_once": _two_roles_of_one_actor,
    "responsibility_one_lead": _two_leads,
    "objective_coverage_once": lambda: _taken_up_twice(lambda objective: objective),
    "activity_coverage_once": lambda: _taken_up_twice(make_activity),
    "omission_of_one_item": lambda: _omission(model_objective=None, model_activity=None),
    "omission_has_reason": lambda: _omission(reason=""),
    "omission_names_programme": lambda: _omission(kind="elsewhere", programme=""),
    "omission_once_an_objective": lambda: _twice(_omission, model_objective=make_objective(make_model_plan())),
    "omission_once_an_activity": lambda: _twice(_omission, model_activity=_model_activity()),
}


@pytest.mark.parametrize("name", BREAKS)
def test_database_refuses(name):
    assert_refused(name, BREAKS[name])


def test_every_constraint_of_objectives_has_a_test_that_breaks_it():
    assert set(BREAKS) == names_of("objectives")


def test_omission_of_an_objective_and_an_activity_at_once():
    assert_refused(
        "omission_of_one_item",
        lambda: _omission(model_objective=make_objective(make_model_plan()), model_activity=_model_activity()),
    )


@pytest.mark.parametrize("weight", ["-0.01", "0"])
def test_weight_that_is_not_positive_by_update(weight):
    objective = make_objective()
    assert_refused(
        "objective_weight_positive", lambda: type(objective).objects.filter(pk=objective.pk).update(weight=weight)
    )


def test_active_plans_of_two_countries_and_several_active_models():
    make_plan(make_country("XA"))
    make_plan(make_country("XB"))
    make_model_plan(edition="2007")
    make_model_plan(edition="2024")
    assert Plan.objects.active().count() == 4


def test_one_active_plan_among_closed_and_draft_ones():
    country = make_country()
    make_plan(country, edition="2014-2019", status="closed")
    make_plan(country, edition="2019-2024", status="closed")
    make_plan(country, edition="2024-2029")
    make_plan(country, edition="2029-2034", status="draft", activated_on=None)
    assert country.plans.count() == 4


def test_activating_a_second_plan_by_update():
    country = make_country()
    make_plan(country, edition="2024-2029")
    draft = make_plan(country, edition="2029-2034", status="draft")
    assert_refused("plan_one_active_a_country", lambda: Plan.objects.filter(pk=draft.pk).update(status="active"))


def test_country_and_model_share_an_edition():
    make_plan(make_country("XA"), edition="2024")
    make_plan(make_country("XB"), edition="2024")
    make_model_plan(edition="2024")
    assert Plan.objects.filter(edition="2024").count() == 3


def test_model_without_dates():
    model = make_model_plan()
    assert (model.starts_on, model.ends_on, model.activated_on) == (None, None, None)


def test_activity_with_one_date_and_of_one_day():
    day = date(2025, 1, 1)
    assert make_activity(starts_on=day).ends_on is None
    assert make_activity(ends_on=day).starts_on is None
    assert make_activity(starts_on=day, ends_on=day).ends_on == day


def test_one_lead_among_several_actors():
    activity = make_activity(lead=make_actor())
    for role in ("co_lead", "co_lead", "contributor", "contributor"):
        make_responsibility(activity, make_actor(), role)
    assert activity.responsibilities.count() == 5


def test_omissions_of_several_activities_and_objectives():
    """The unused column is NULL in each: two NULLs never count as the same."""
    for _ in range(2):
        _omission(model_activity=_model_activity())
        _omission(model_objective=make_objective(make_model_plan()))
    assert Omission.objects.count() == 4


def test_one_item_takes_up_several_and_is_taken_up_by_several():
    model = make_model_plan()
    for _ in range(2):
        item, activity = make_objective(), make_activity()
        make_coverage(item, make_objective(model))
        make_coverage(item, make_objective(model))
        make_coverage(activity, make_activity(make_objective(model)))
    shared = make_objective(model)
    make_coverage(make_objective(), shared)
    make_coverage(make_objective(), shared)
    assert (ObjectiveCoverage.objects.count(), ActivityCoverage.objects.count()) == (6, 2)
