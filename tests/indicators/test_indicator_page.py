"""The page of one indicator."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.readings import indicator_page
from tests.factories import (
    make_assessment,
    make_evidence,
    make_indicator,
    make_objective,
    make_periods,
    make_report,
    make_target,
)


@pytest.fixture
def indicator(plan, ministry):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    make_target(indicator)
    return indicator


def address(indicator):
    plan = indicator.objective.plan
    return reverse(
        "indicators:indicator", kwargs={"country": plan.country.slug, "edition": plan.edition, "key": indicator.key}
    )


def fill(indicator, periods):
    for number, period in enumerate(periods):
        make_evidence(make_report(indicator, period, value=Decimal(10 + number)))
        make_assessment(indicator, period, value=Decimal(5))


@pytest.mark.parametrize("count", [1, 12])
def test_indicator_page_costs_the_same_however_long_the_history(
    client, login, focal_point, plan, indicator, count, django_assert_num_queries
):
    fill(indicator, make_periods(plan, count=count, months=3))
    login(client, focal_point)
    client.get(address(indicator))  # the first request of a session notes when it began
    with django_assert_num_queries(14):
        assert client.get(address(indicator)).status_code == 200


@pytest.mark.parametrize("kind", ["number", "percentage", "scale", "yes_no"])
def test_indicator_page_shows_every_kind(client, plan, ministry, kind):
    indicator = make_indicator(make_objective(plan), kind, reporting_actor=ministry)
    make_target(indicator)
    for period in make_periods(plan)[:2]:
        make_report(indicator, period)
        make_assessment(indicator, period)
    page = client.get(address(indicator))
    assert (page.status_code, page.context["page"].chart is None) == (200, False)


def test_indicator_page_without_anything_says_so(client, plan):
    indicator = make_indicator(make_objective(plan), reporting_actor=None, baseline_value=None)
    page = client.get(address(indicator))
    assert (page.status_code, page.context["page"].chart) == (200, None)


def test_indicator_page_of_another_country_or_of_none_is_not_found(client, plan, other_plan, indicator):
    foreign = make_indicator(make_objective(other_plan))
    assert client.get(address(indicator).replace(indicator.key, foreign.key)).status_code == 404
    plan.is_public = False
    plan.save()
    assert client.get(address(indicator)).status_code == 404


def test_indicator_page_escapes_what_people_wrote(client, plan, ministry):
    indicator = make_indicator(
        make_objective(plan), title="<script>alert(1)</script>", unit="<b>cases</b>", reporting_actor=ministry
    )
    make_report(indicator, make_periods(plan)[0], narrative="<img src=x onerror=alert(1)>")
    text = client.get(address(indicator)).content.decode()
    assert ("<script>alert" in text, "<b>cases" in text) == (False, False)


def test_report_form_escapes_the_unit(client, login, focal_point, plan, ministry):
    indicator = make_indicator(make_objective(plan), unit="<b>cases</b>", reporting_actor=ministry)
    period = make_periods(plan)[0]
    login(client, focal_point)
    text = client.get(f"{address(indicator)}report/{period.ends_on}/").content.decode()
    assert ("<b>cases" in text, "&lt;b&gt;cases" in text) == (False, True)


def test_small_numbers_of_children_are_shown_to_the_committee_only(
    client, login, verifier, focal_point, plan, ministry
):
    indicator = make_indicator(make_objective(plan), counts_children=True, reporting_actor=ministry)
    make_report(indicator, make_periods(plan)[0], value=Decimal(3))
    shown = [client.get(address(indicator)).context["page"]]
    for person in (verifier, focal_point):
        shown.append(client.get(address(login(client, person) and indicator)).context["page"])
    assert [page.value for page in shown] == ["fewer than 10", "3", "3"]
    assert [page.official[0].value for page in shown] == ["fewer than 10", "3", "3"]
    assert [page.chart is None for page in shown] == [True, False, False]


def test_views_differ_when_an_assessor_disagrees(plan, indicator, analyst, today):
    period = make_periods(plan)[0]
    make_report(indicator, period, value=Decimal(90))
    make_assessment(indicator, period, data_state="judgement", judgement="disagree")
    page = indicator_page(plan, indicator.key, analyst, today)
    assert page is not None
    assert [(view.text, view.differs) for view in page.standing.views] == [("Disagrees", True)]


def test_views_are_held_against_the_official_value_of_the_same_period(plan, indicator, analyst, today):
    first, second = make_periods(plan)[:2]
    make_report(indicator, first, value=Decimal(10))
    make_report(indicator, second, value=Decimal(60))
    make_assessment(indicator, first, value=Decimal(12))
    page = indicator_page(plan, indicator.key, analyst, today)
    assert page is not None
    assert [view.differs for view in page.standing.views] == [False]


def test_chart_draws_a_waiting_value_only_for_those_who_may_read_it(client, login, verifier, plan, indicator):
    first, second = make_periods(plan)[:2]
    make_report(indicator, first)
    waiting = make_report(indicator, second, state="submitted", submitted_at=timezone.now())
    dots = [client.get(address(indicator)).context["page"].chart.provisional]
    login(client, verifier)
    dots.append(client.get(address(indicator)).context["page"].chart.provisional)
    assert [len(shown) for shown in dots] == [0, 1]
    assert waiting.is_provisional is False


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 400), (397, 400)])
def test_small_share_of_children_gives_nothing_away(client, plan, ministry, numerator, denominator):
    indicator = make_indicator(make_objective(plan), "percentage", counts_children=True, reporting_actor=ministry)
    make_target(indicator)
    share = (Decimal(numerator) / denominator * 100).quantize(Decimal("0.0001"))
    make_report(indicator, make_periods(plan)[0], value=share, numerator=numerator, denominator=denominator)
    page = client.get(address(indicator)).context["page"]
    assert (page.reason, page.standing.is_small, page.official[0].value, page.official[0].fraction) == (
        "",
        True,
        "not shown: few children",
        "",
    )


def test_sum_with_a_small_part_is_hidden_too(client, plan, ministry):
    indicator = make_indicator(
        make_objective(plan), counts_children=True, accumulation="sum_over_plan", reporting_actor=ministry
    )
    first, second = make_periods(plan)[:2]
    make_report(indicator, first, value=Decimal(20))
    make_report(indicator, second, value=Decimal(3))
    assert client.get(address(indicator)).context["page"].value == "fewer than 10"
