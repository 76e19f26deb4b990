"""The rules that the database cannot keep, each asked of every row: `manage.py checkdata`, and after every load.

They are kept by validators and actions, which every page, import and command calls. What goes round these (`loaddata`,
SQL by hand, a restored backup) is found here. Each rule is a function that takes a country's code, or None for all,
and yields its findings; how many queries it makes does not depend on how many rows there are.
"""

from __future__ import annotations

from nap.checkdata.finding import Finding, Rule
from nap.checkdata.organisations import (
    actors_are_in_no_circle,
    actors_stand_for_the_models,
    actors_stay_in_their_country,
    children_never_lead_nor_report,
    memberships_fit_their_actor,
)
from nap.checkdata.plans import (
    actors_are_of_the_plans_country,
    baselines_fit_their_indicator,
    coverage_points_into_the_model,
    keys_are_unique_in_the_plan,
    parts_stay_in_their_plan,
    plans_follow_a_model,
    scales_have_steps,
    taken_up_or_left_out_not_both,
    targets_fit_their_indicator,
)
from nap.checkdata.reports import (
    assessments_come_from_assessors,
    official_reports_come_from_who_answers,
    percentages_are_their_fraction,
    published_assessments_are_fixed,
    reports_know_their_periods_end,
    reports_stay_in_their_plan,
    values_fit_their_indicator,
    verified_reports_are_fixed,
    verifiers_are_of_another_organisation,
)

RULES: tuple[Rule, ...] = (
    actors_stay_in_their_country,
    actors_stand_for_the_models,
    actors_are_in_no_circle,
    memberships_fit_their_actor,
    children_never_lead_nor_report,
    plans_follow_a_model,
    keys_are_unique_in_the_plan,
    parts_stay_in_their_plan,
    actors_are_of_the_plans_country,
    coverage_points_into_the_model,
    taken_up_or_left_out_not_both,
    scales_have_steps,
    baselines_fit_their_indicator,
    targets_fit_their_indicator,
    verifiers_are_of_another_organisation,
    assessments_come_from_assessors,
    official_reports_come_from_who_answers,
    reports_stay_in_their_plan,
    reports_know_their_periods_end,
    values_fit_their_indicator,
    percentages_are_their_fraction,
    verified_reports_are_fixed,
    published_assessments_are_fixed,
)

__all__ = ["RULES", "Finding", "find"]


def find(*, country_code: str | None = None) -> list[Finding]:
    """Every row that breaks a rule: of one country, or of all and of the model."""
    return [one for rule in RULES for one in rule(country_code)]
