"""Rules of plans, their parts, and what they take up of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q

from indicators.models import (
    Indicator,
    IndicatorCoverage,
    IndicatorOmission,
    Kind,
    ScaleStep,
    Target,
    validate_value,
)
from nap.checkdata.finding import Finding, finding, key_of, of_country
from objectives.models import (
    Activity,
    ActivityCoverage,
    Area,
    Milestone,
    Objective,
    ObjectiveCoverage,
    Omission,
    Plan,
    ProbableActor,
    Responsibility,
)

# Coverage model, the omission model beside it, the field of the omission, the path from an item to its plan.
COVERAGE: list[tuple[Any, Any, str, str]] = [
    (ObjectiveCoverage, Omission, "model_objective", "plan"),
    (ActivityCoverage, Omission, "model_activity", "objective__plan"),
    (IndicatorCoverage, IndicatorOmission, "model_indicator", "objective__plan"),
]
# Models whose key the database keeps unique in what they stand under only, and the path to the plan.
KEYED: list[tuple[Any, str]] = [
    (Activity, "objective__plan"),
    (Milestone, "activity__objective__plan"),
    (ProbableActor, "objective__plan"),
    (ScaleStep, "scale__plan"),
    (Indicator, "objective__plan"),
]


def plans_follow_a_model(code: str | None) -> Iterator[Finding]:
    """A plan follows a model, which is a plan of no country, and supersedes one of its own country. Two queries."""
    rows = of_country(Plan.objects.select_related("country", "model__country", "supersedes__country"), "country", code)
    for plan in rows.filter(model__country__isnull=False):
        yield finding("plans_follow_a_model", plan, f"follows {key_of(plan.model)}.", "Choose a model plan.")
    for plan in rows.filter(supersedes__isnull=False, country__isnull=False).exclude(supersedes__country=F("country")):
        yield finding(
            "plans_follow_a_model", plan, f"supersedes {key_of(plan.supersedes)}.", "Choose a plan of the country."
        )


def keys_are_unique_in_the_plan(code: str | None) -> Iterator[Finding]:
    """A key stands for one row of its kind in a plan. Two queries a model."""
    for model, to_plan in KEYED:
        rows = of_country(model._default_manager.order_by(), f"{to_plan}__country", code)
        repeated = rows.values(to_plan, "key").annotate(rows=Count("pk")).filter(rows__gt=1)
        pairs = {(one[to_plan], one["key"]): one["rows"] for one in repeated}
        first: dict[tuple[int, str], object] = {}
        # The second query names the rows; those of another plan with the same key are passed over.
        for row in rows.filter(key__in={key for _plan, key in pairs}).select_related(f"{to_plan}__country"):
            pair = (row.owning_plan.pk, row.key)
            if pair in pairs and pair not in first:
                first[pair] = row
                yield finding(
                    "keys_are_unique_in_the_plan",
                    row,
                    f"{pairs[pair]} rows have this key.",
                    "Give all but one a new key, in the database: nothing else can find them.",
                )


def parts_stay_in_their_plan(code: str | None) -> Iterator[Finding]:
    """Areas, scales and the activities measured are of the plan itself, and an area's pattern is of its model.
    Four queries."""
    rule, remedy = "parts_stay_in_their_plan", "Choose one of the same plan."
    objectives = Objective.objects.filter(area__isnull=False).exclude(area__plan=F("plan"))
    for objective in of_country(
        objectives.select_related("plan__country", "area__plan__country"), "plan__country", code
    ):
        yield finding(rule, objective, f"its area is {key_of(objective.area)}.", remedy)
    areas = Area.objects.filter(model_area__isnull=False).exclude(model_area__plan=F("plan__model"))
    for area in of_country(areas.select_related("plan__country", "model_area__plan__country"), "plan__country", code):
        found = f"its area of the model is {key_of(area.model_area)}."
        yield finding(rule, area, found, "Choose an area of the model that the plan follows.")
    indicators = Indicator.objects.filter(scale__isnull=False).exclude(scale__plan=F("objective__plan"))
    indicators = indicators.select_related("objective__plan__country", "scale__plan__country")
    for indicator in of_country(indicators, "objective__plan__country", code):
        yield finding(rule, indicator, f"its scale is {key_of(indicator.scale)}.", remedy)
    pairs = Indicator.activities.through.objects.exclude(activity__objective__plan=F("indicator__objective__plan"))
    pairs = pairs.select_related("indicator__objective__plan__country", "activity__objective__plan__country")
    for pair in of_country(pairs, "indicator__objective__plan__country", code):
        yield finding(rule, pair.indicator, f"measures {key_of(pair.activity)}.", remedy)


def actors_are_of_the_plans_country(code: str | None) -> Iterator[Finding]:
    """Who answers, reports or contributes is of the plan's country. Three queries."""
    rule, remedy = "actors_are_of_the_plans_country", "Choose an actor of the plan's country."
    responsibilities = Responsibility.objects.exclude(actor__country=F("activity__objective__plan__country"))
    responsibilities = responsibilities.select_related("activity__objective__plan__country", "actor__country")
    for row in of_country(responsibilities, "activity__objective__plan__country", code):
        yield finding(rule, row, f"the actor is {key_of(row.actor)}.", remedy)
    indicators = Indicator.objects.filter(reporting_actor__isnull=False)
    indicators = indicators.exclude(reporting_actor__country=F("objective__plan__country"))
    indicators = indicators.select_related("objective__plan__country", "reporting_actor__country")
    for indicator in of_country(indicators, "objective__plan__country", code):
        yield finding(rule, indicator, f"its reporting actor is {key_of(indicator.reporting_actor)}.", remedy)
    pairs = Indicator.contributors.through.objects.exclude(actor__country=F("indicator__objective__plan__country"))
    pairs = pairs.select_related("indicator__objective__plan__country", "actor__country")
    for pair in of_country(pairs, "indicator__objective__plan__country", code):
        yield finding(rule, pair.indicator, f"{key_of(pair.actor)} contributes data.", remedy)


def coverage_points_into_the_model(code: str | None) -> Iterator[Finding]:
    """What a plan takes up or leaves out stands in the model that it follows. Two queries a kind of item."""
    rule = "coverage_points_into_the_model"
    remedy = "Remove it, or choose an item of the model that the plan follows."
    for coverage, omission, name, to_plan in COVERAGE:
        taken = coverage._default_manager.exclude(**{f"model_item__{to_plan}": F(f"item__{to_plan}__model")})
        taken = taken.select_related(f"item__{to_plan}__country", f"model_item__{to_plan}__country")
        for row in of_country(taken, f"item__{to_plan}__country", code):
            yield finding(rule, row, f"{key_of(row.model_item)} is no item of its model.", remedy)
        left = omission._default_manager.filter(**{f"{name}__isnull": False})
        left = left.exclude(**{f"{name}__{to_plan}": F("plan__model")})
        left = left.select_related("plan__country", f"{name}__{to_plan}__country")
        for row in of_country(left, "plan__country", code):
            yield finding(rule, row, f"{key_of(row.model_item)} is no item of its model.", remedy)


def taken_up_or_left_out_not_both(code: str | None) -> Iterator[Finding]:
    """An item of the model that the plan takes up is not left out as well. Two queries a kind of item."""
    for coverage, omission, name, to_plan in COVERAGE:
        taken = coverage._default_manager.values_list(f"item__{to_plan}", "model_item").distinct()
        taken_up = set(of_country(taken, f"item__{to_plan}__country", code))
        left = omission._default_manager.filter(**{f"{name}__isnull": False}).select_related("plan__country", name)
        for row in of_country(left, "plan__country", code):
            if (row.plan_id, row.model_item.pk) in taken_up:
                yield finding(
                    "taken_up_or_left_out_not_both",
                    row,
                    f"{row.model_item.key} is also taken up.",
                    "Remove the omission, or what takes the item up.",
                )


def baselines_fit_their_indicator(code: str | None) -> Iterator[Finding]:
    """A baseline is a value of the indicator's kind, or a step of its scale. One query."""
    rows = Indicator.objects.filter(Q(baseline_value__isnull=False) | Q(baseline_step__isnull=False))
    rows = rows.select_related("objective__plan__country", "baseline_step")
    for indicator in of_country(rows, "objective__plan__country", code).iterator():
        try:
            validate_value(indicator, indicator.baseline_value, indicator.baseline_step)
        except ValidationError as error:
            yield finding(
                "baselines_fit_their_indicator",
                indicator,
                f"baseline: {' '.join(error.messages)}",
                "Correct the baseline, or the indicator's kind.",
            )


def targets_fit_their_indicator(code: str | None) -> Iterator[Finding]:
    """A target is a value of the indicator's kind, or a step of its scale. One query."""
    rows = Target.objects.select_related("indicator__objective__plan__country", "step")
    for target in of_country(rows, "indicator__objective__plan__country", code).iterator():
        try:
            validate_value(target.indicator, target.value, target.step)
        except ValidationError as error:
            yield finding(
                "targets_fit_their_indicator",
                target,
                " ".join(error.messages),
                "Correct the target, or the indicator's kind.",
            )


def scales_have_steps(code: str | None) -> Iterator[Finding]:
    """An indicator on a scale has steps to choose from. One query."""
    rows = Indicator.objects.filter(kind=Kind.SCALE, scale__steps__isnull=True)
    rows = rows.select_related("objective__plan__country", "scale__plan__country")
    for indicator in of_country(rows, "objective__plan__country", code):
        yield finding(
            "scales_have_steps", indicator, f"the scale {key_of(indicator.scale)} has no steps.", "Add the steps."
        )
