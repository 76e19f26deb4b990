"""The model plan as it is loaded: word for word the source, with our reading beside it, the same however often."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from actors.models import Actor, ActorKind
from indicators.models import Direction, Frequency, Indicator, Kind, Level, Scale, ScaleStep
from objectives.models import Activity, Area, Objective, Plan, ProbableActor, Term, Wording

TESTS = Path(__file__).parent.parent
SOURCE = json.loads((TESTS / "data" / "model-plan.json").read_text(encoding="utf-8"))
FIXTURE = json.loads((TESTS.parent / "fixtures" / "model_plan.json").read_text(encoding="utf-8"))
MODELS = [Actor, Plan, Area, Objective, Activity, ProbableActor, Term, Wording, Scale, ScaleStep, Indicator]

pytestmark = pytest.mark.django_db


def load() -> None:
    call_command("loaddata", "model_plan", verbosity=0)


def every_table() -> dict[str, list[tuple]]:
    """All rows of all tables, those of many-to-many fields and of histories among them."""
    return {
        model._meta.db_table: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
    }


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The plan in an empty database, once for all tests of this module; each undoes its own changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def model(_loaded, db) -> Plan:
    return Plan.objects.models().get(edition="ecpat")


def codes(**filters) -> list[str]:
    """The codes of the indicators that fulfil the filters, in the plan's order."""
    return [indicator.code for indicator in Indicator.objects.filter(**filters)]


def test_counts(model):
    assert {model.__name__: model.objects.count() for model in MODELS} == {
        "Actor": 45,
        "Plan": 1,
        "Area": 5,
        "Objective": 14,
        "Activity": 82,
        "ProbableActor": 99,
        "Term": 17,
        "Wording": 13,
        "Scale": 6,
        "ScaleStep": 36,
        "Indicator": 82,
    }


def test_second_load_leaves_every_table_as_it_was(model):
    before = every_table()

    load()

    assert every_table() == before


def test_fixture_names_no_primary_key():
    assert [row for row in FIXTURE if set(row) != {"model", "fields"}] == []


def test_plan_is_public_and_belongs_to_no_country(model):
    assert (model.title, model.country, model.status, model.is_public, model.language) == (
        "Model National Plan of Action against Commercial Sexual Exploitation of Children",
        None,
        "active",
        True,
        "en-gb",
    )
    assert list(Plan.objects.public()) == [model]


def test_preface_has_the_five_paragraphs_of_the_source(model):
    assert [paragraph[:40] for paragraph in model.preface.split("\n\n")] == [
        "The making of such a National Plan of Ac",
        "ECPAT International has developed a Mode",
        "This Model Plan is presented in a table ",
        "This model Plan does not present an exha",
        "Countries are urged before embarking on ",
    ]


def test_texts_are_the_source_word_for_word_and_in_its_order(model):
    assert {
        "objectives": [
            {
                "number": objective.order,
                "title": objective.title,
                "activities": [activity.title for activity in objective.activities.all()],
                "actors": [line.text for line in objective.probable_actors.all()],
                "indicators": [indicator.title for indicator in objective.indicators.all()],
            }
            for objective in model.objectives.all()
        ],
        "glossary": {term.abbreviation: term.meaning for term in model.terms.all()},
    } == SOURCE
    assert [term.abbreviation for term in model.terms.all()] == list(SOURCE["glossary"])


def test_codes_and_keys_follow_the_numbers_of_the_source(model):
    for objective in model.objectives.all():
        number = objective.order
        assert (objective.code, objective.key) == (str(number), f"o{number}")
        for letter, rows in (("a", objective.activities.all()), ("i", objective.indicators.all())):
            assert [(row.order, row.code, row.key) for row in rows] == [
                (order, f"{number}.{order}", f"o{number}-{letter}{order}") for order in range(1, len(rows) + 1)
            ]
        lines = objective.probable_actors.all()
        assert [(line.order, line.key) for line in lines] == [
            (order, f"o{number}-p{order}") for order in range(1, len(lines) + 1)
        ]


def test_areas_hold_every_objective_once(model):
    assert {area.key: [objective.code for objective in area.objectives.all()] for area in model.areas.all()} == {
        "coordination-and-cooperation": ["1", "3"],
        "prevention": ["2", "7", "8", "9", "10", "11"],
        "protection": ["4", "5", "12"],
        "recovery-and-reintegration": ["6", "13"],
        "child-participation": ["14"],
    }


def test_every_line_of_probable_actors_names_generic_actors(model):
    lines = list(ProbableActor.objects.prefetch_related("actors"))

    assert [line.key for line in lines if not line.actors.all()] == []
    named = {actor for line in lines for actor in line.actors.all()}
    assert named == set(Actor.objects.generic())  # no actor that the source does not name


def test_lines_name_exactly(model):
    lines = {
        "o1-p1": ["ministry-finance", "ministry-justice", "ministry-social-welfare"],
        "o1-p2": ["police"],
        "o1-p3": ["ilo", "undp", "unicef"],
        "o1-p4": ["iom", "un-tourism"],
        "o1-p5": ["intersectoral-committee", "ngos"],
        "o3-p1": ["customs", "immigration", "ministry-foreign-affairs", "ministry-justice"],
        "o3-p4": ["ilo", "ohchr", "undp"],
        "o4-p1": ["attorney-general", "ministry-justice"],
        "o5-p11": ["child-victims-of-trafficking"],
        "o8-p1": [  # "Finance Youth" lacks its comma in the source
            "ministry-education",
            "ministry-employment",
            "ministry-finance",
            "ministry-justice",
            "ministry-social-welfare",
            "ministry-youth",
        ],
        "o8-p4": ["parents-guardians"],
        "o8-p7": ["police"],
        "o9-p1": ["ministry-education", "ministry-home", "ministry-interior", "ministry-justice"],
        "o9-p2": ["attorney-general", "judiciary", "police"],
        "o10-p2": ["other-government-agencies"],
        "o10-p3": ["unicef", "who"],
    }

    assert {
        key: sorted(ProbableActor.objects.get(key=key).actors.values_list("key", flat=True)) for key in lines
    } == lines


def test_children_are_a_kind_of_their_own(model):
    children = Actor.objects.filter(kind=ActorKind.CHILDREN).values_list("key", flat=True)

    assert set(children) == {"children", "child-victims", "child-victims-of-trafficking", "peer-educators"}


def test_every_indicator_has_a_reading(model):
    wanting = [
        indicator.code
        for indicator in Indicator.objects.all()
        if not all(
            [
                indicator.measured_as,
                indicator.note,
                indicator.means_of_verification,
                indicator.data_source,
                bool(indicator.unit) == (indicator.kind in (Kind.NUMBER, Kind.PERCENTAGE)),
                bool(indicator.scale_id) == (indicator.kind == Kind.SCALE),
            ]
        )
    ]

    assert wanting == []


def test_reading_adds_up(model):
    read = list(Indicator.objects.select_related("scale"))

    assert Counter(indicator.level for indicator in read) == {
        Level.STRUCTURAL: 23,
        Level.PROCESS: 42,
        Level.OUTCOME: 17,
    }
    assert Counter(indicator.kind for indicator in read) == {
        Kind.YES_NO: 3,
        Kind.SCALE: 44,
        Kind.NUMBER: 7,
        Kind.PERCENTAGE: 28,
    }
    assert Counter(indicator.direction for indicator in read) == {
        Direction.INCREASE: 74,
        Direction.DECREASE: 6,
        Direction.CONTEXT: 2,
    }
    assert Counter(indicator.scale.key for indicator in read if indicator.scale) == {
        "law": 8,
        "study-or-policy": 4,
        "procedure": 7,
        "service": 12,
        "agreement": 4,
        "programme": 9,
    }
    assert Counter(indicator.frequency for indicator in read) == {
        Frequency.HALF_YEARLY: 44,
        Frequency.YEARLY: 25,
        Frequency.THREE_YEARLY: 13,
    }


def test_a_year_asks_for_117_reports(model):
    a_year = sum(Fraction(12, indicator.months) for indicator in Indicator.objects.all())

    assert a_year == 44 * 2 + 25 + Fraction(13, 3)
    assert round(a_year) == 117


def test_marks_of_indicators(model):
    assert codes(accumulation="sum_per_year") == ["1.6", "2.2", "5.2", "5.5", "5.10", "10.5", "12.6"]
    assert codes(is_headline=True) == ["1.6", "2.1", "4.1", "5.2", "6.3", "7.3", "8.1", "12.1", "13.1", "14.1"]
    assert codes(is_sensitive=True) == [
        *["3.3", "5.3", "5.5", "5.7", "5.10", "5.11", "9.3", "12.3", "12.6", "13.1", "13.5"]
    ]
    assert codes(counts_children=True) == [*["5.2", "7.4", "8.1", "8.2", "8.6", "10.4", "12.6"]]
    assert codes(minimum_change=1) == ["8.1", "8.2"]
    assert codes(minimum_change=3) == ["7.4", "8.6", "10.4", "11.2"]
    assert codes(minimum_change=5) == ["2.1", "2.4", "7.6", "9.2", "10.2", "11.1", "12.4", "13.3"]


def test_indicators_measure_activities(model):
    assert codes(activities__isnull=True) == ["7.2"]
    assert list(Activity.objects.filter(indicators__isnull=True).values_list("code", flat=True)) == ["3.7", "4.5"]
    elsewhere = Indicator.activities.through.objects.exclude(activity__objective=F("indicator__objective")).values_list(
        "indicator__code", "activity__code"
    )
    assert list(elsewhere) == [("5.10", "3.8")]


def test_scales_climb_from_0_to_1(model):
    for scale in Scale.objects.prefetch_related("steps"):
        steps = list(scale.steps.all())
        scores = [step.score for step in steps]
        assert [step.key for step in steps] == [f"{scale.key}-{order}" for order in range(len(steps))]
        assert len(steps) >= 2
        assert (scores[0], scores[-1]) == (Decimal(0), Decimal(1))
        assert scores == sorted(set(scores))
        assert all(step.criteria for step in steps)


def test_wordings_stand_in_the_source(model):
    quoted = json.dumps(SOURCE, ensure_ascii=False)

    assert [wording.quoted for wording in model.wordings.all() if wording.quoted not in quoted] == []


def test_every_row_is_valid(model):
    for kind in MODELS:
        for row in kind.objects.all():
            row.full_clean()
