"""Every row that people edit leaves history, and each row of history names who."""

import pytest
from django.apps import apps
from django.db import models

from actors.actions import save_edit, save_new
from actors.models import Actor, Country, FormToken, Membership, User, Versioned
from indicators.models import (
    Evidence,
    IndicatorCoverage,
    IndicatorOmission,
    ScaleStep,
)
from objectives.models import ActivityCoverage, ObjectiveCoverage, Omission, ProbableActor, Term, Wording
from tests import factories as make

pytestmark = pytest.mark.django_db

WITHOUT_HISTORY = {FormToken}  # a technical trace, spent once and never edited


def models_of_ours() -> set[type[models.Model]]:
    """Our models, without the tables of history and of plain many-to-many fields."""
    labels = ("actors", "objectives", "indicators", "nap")
    return {
        model
        for label in labels
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical")
    }


def _model_objective():
    return make.make_objective(make.make_model_plan())


def _period():
    return make.make_periods(count=1)[0]


def _report(state="draft"):
    return make.make_report(make.make_indicator(), _period(), state)


EXAMPLES = {
    "Country": lambda: make.make_country("XC"),
    "Actor": lambda: make.make_actor(),
    "User": lambda: make.make_user(),
    "Membership": lambda: make.make_membership(make.make_user(), make.make_actor()),
    "Plan": lambda: make.make_plan(),
    "Area": lambda: make.make_area(),
    "Objective": lambda: make.make_objective(),
    "Term": lambda: Term(plan=make.the_plan(), abbreviation="NPA", meaning="National plan of action"),
    "Wording": lambda: Wording(plan=make.the_plan(), quoted="child prostitution", todays_term="exploitation"),
    "Activity": lambda: make.make_activity(),
    "Milestone": lambda: make.make_milestone(),
    "ProbableActor": lambda: ProbableActor(objective=_model_objective(), text="Police"),
    "Responsibility": lambda: make.make_responsibility(make.make_activity(), make.make_actor()),
    "ObjectiveCoverage": lambda: ObjectiveCoverage(item=make.make_objective(), model_item=_model_objective()),
    "ActivityCoverage": lambda: ActivityCoverage(
        item=make.make_activity(), model_item=make.make_activity(_model_objective())
    ),
    "Omission": lambda: Omission(plan=make.the_plan(), model_objective=_model_objective(), reason="A law exists."),
    "Scale": lambda: make.make_scale(),
    "ScaleStep": lambda: ScaleStep(scale=make.make_scale(), label="More", score=1),
    "Indicator": lambda: make.make_indicator(),
    "Target": lambda: make.make_target(make.make_indicator()),
    "IndicatorCoverage": lambda: IndicatorCoverage(
        item=make.make_indicator(), model_item=make.make_indicator(_model_objective())
    ),
    "IndicatorOmission": lambda: IndicatorOmission(
        plan=make.the_plan(), model_indicator=make.make_indicator(_model_objective()), reason="Not measured."
    ),
    "ReportingPeriod": _period,
    "ProgressReport": _report,
    "ActivityReport": lambda: make.make_activity_report(make.make_activity(), _period(), "draft"),
    "Evidence": lambda: Evidence(report=_report(), title="Law", url="https://example.org/law"),
}


def test_every_model_but_the_named_ones_has_history():
    with_history = {model for model in models_of_ours() if hasattr(model, "history")}
    assert models_of_ours() - with_history == WITHOUT_HISTORY
    assert {model.__name__ for model in with_history} == set(EXAMPLES)


def test_every_row_that_forms_edit_has_a_version():
    assert {model for model in models_of_ours() if not issubclass(model, Versioned)} == {User, FormToken}


@pytest.mark.parametrize("name", EXAMPLES)
def test_history_can_name_who(name):
    row = EXAMPLES[name]()
    assert type(row).history.model._meta.get_field("history_user").related_model is User


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "User"])
def test_new_edited_and_deleted_row_names_who_in_its_history(name, coordinator, focal_point):
    row = EXAMPLES[name]()
    if row.pk:  # made by a factory, which names nobody
        row.history.all().delete()
    save_new(row, by=focal_point)
    save_edit(row, version=1, by=coordinator)
    pk, history = row.pk, type(row).history
    row.delete()
    written = list(history.filter(**{type(row)._meta.pk.attname: pk}).order_by("history_id"))
    assert [(h.history_user, h.version) for h in written] == [(focal_point, 1), (coordinator, 2), (coordinator, 2)]
    assert [h.history_type for h in written][1:] == ["~", "-"]


def test_history_of_a_person_holds_no_password(focal_point):
    names = {field.name for field in User.history.model._meta.get_fields()}
    assert names & {"password", "last_login"} == set()
    focal_point.name = "Fatima Renamed"
    save_new(focal_point, by=focal_point)
    assert [(h.name, h.history_user) for h in focal_point.history.order_by("-history_id")[:1]] == [
        ("Fatima Renamed", focal_point)
    ]


def test_history_follows_what_an_actor_stands_for(police, coordinator):
    generic = make.make_generic_actor("police")
    save_edit(police, version=1, by=coordinator)
    police.stands_for.set([generic])
    latest = police.history.latest()
    assert list(latest.stands_for.values_list("to_actor", flat=True)) == [generic.pk]
    assert latest.history_user == coordinator


def test_history_names_who_after_the_account_is_deleted(country, platform_administrator):
    country.name = "Renamed"
    save_edit(country, version=1, by=platform_administrator)
    try:
        platform_administrator.delete()
    except models.ProtectedError:
        return
    assert country.history.latest().history_user_id is not None


def test_person_with_a_membership_cannot_be_deleted(focal_point):
    with pytest.raises(models.ProtectedError):
        focal_point.delete()


def test_actor_with_people_and_country_with_actors_cannot_be_deleted(focal_point, ministry, country):
    for row in (ministry, country):
        with pytest.raises(models.ProtectedError):
            row.delete()
    assert (Actor.objects.count(), Country.objects.count(), Membership.objects.count()) == (1, 1, 1)
