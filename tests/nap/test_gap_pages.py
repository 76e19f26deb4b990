"""The page of gaps and its CSV: who sees what, filters in the address, the checklist of a draft."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from indicators.models import Indicator
from nap.exchange import write_csv
from objectives.models import Objective, Plan
from tests.factories import (
    make_activity,
    make_actor,
    make_area,
    make_assessment,
    make_indicator,
    make_membership,
    make_objective,
    make_periods,
    make_report,
)

PAGE, CSV = "/xa/2024-2029/gaps/", "/xa/2024-2029/gaps.csv"
HEADINGS = ["Kind", "Part", "Objective", "Item", "Note", "Since", "Who can close it", "Link"]


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(datetime(2026, 1, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def objective(plan: Plan) -> Objective:
    return make_objective(plan, key="o1", title="Police", area=make_area(plan, key="protection"))


@pytest.fixture
def indicator(objective: Objective, ministry) -> Indicator:
    """Never reported, with a baseline and neither target nor means of verification; its objective is in an area."""
    make_periods(objective.plan)
    return make_indicator(objective, key="i1", title="Officers trained", reporting_actor=ministry)


def rows_of(response) -> list[tuple[str, str]]:
    """Kind and item of every row on the page."""
    html = response.content.decode()
    found = re.findall(r'<div class="gap-what"><strong>(.*?)</strong><br>(?:<a[^>]*>)?([^<]*)', html)
    return [(kind, where.strip()) for kind, where in found]


def table_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


# --- Who may read it ----------------------------------------------------------------------------------------------


def test_public_plan_is_open_to_anybody(client, indicator):
    response = client.get(PAGE)
    assert response.status_code == 200
    assert rows_of(response) == [
        ("Preparation not recorded", "Situation analysis"),
        ("Preparation not recorded", "Legal review"),
        ("Preparation not recorded", "Consultation"),
        ("Nobody may verify", "Ministry of Social Affairs"),
        ("Indicator without a target", "1.1. Officers trained"),
        ("Indicator without means of verification", "1.1. Officers trained"),
        ("Never reported", "1.1. Officers trained"),
    ]


@pytest.mark.parametrize("path", [PAGE, CSV])
def test_private_plan_is_not_there_for_a_stranger(client, login, plan, stranger, coordinator, path):
    Plan.objects.update(is_public=False)
    assert client.get(path).status_code == 404
    assert login(client, stranger).get(path).status_code == 404
    assert login(client, coordinator).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/xb/2024-2029/gaps/", "/xb/2024-2029/gaps.csv", "/xa/2030/gaps/"])
def test_plan_that_is_not_there(client, plan, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", [PAGE, CSV])
def test_reading_only(client, login, plan, coordinator, path):
    assert login(client, coordinator).post(path).status_code == 405


def test_button_for_those_who_may_close_it(client, login, indicator, focal_point):
    link = f"/xa/2024-2029/indicators/i1/report/2025-06-30/?next={PAGE.replace('/', '%2F')}"
    assert link not in client.get(PAGE).content.decode()
    page = login(client, focal_point).get(PAGE).content.decode()
    assert page.count("btn-sm") == 1
    assert link in page


def test_waiting_report_shows_that_it_waits_and_nothing_of_it(client, indicator, verifier):
    make_report(indicator, indicator.objective.plan.periods.first(), state="submitted", narrative="Confidential words")
    page = client.get(PAGE)
    assert ("Waiting for verification", "1.1. Officers trained") in rows_of(page)
    assert "Confidential words" not in page.content.decode()
    assert "Vera" not in page.content.decode()


# --- Filters ------------------------------------------------------------------------------------------------------


def test_filters_combine(client, indicator):
    response = client.get(PAGE, {"group": "design", "objective": "o1", "area": "protection", "actor": "~coordinator"})
    assert [kind for kind, _where in rows_of(response)] == [
        "Indicator without a target",
        "Indicator without means of verification",
    ]
    assert "2 of 7 gaps" in response.content.decode()
    assert rows_of(client.get(PAGE, {"kind": "no_target", "actor": "mosa"})) == []


def test_filter_of_the_plan_as_a_whole(client, indicator):
    assert len(rows_of(client.get(PAGE, {"objective": "~plan"}))) == 4


def test_filters_stay_in_every_link(client, login, indicator, focal_point):
    page = login(client, focal_point).get(PAGE, {"area": "protection", "kind": "never_reported"}).content.decode()
    assert 'href="/xa/2024-2029/gaps.csv?area=protection&amp;kind=never_reported"' in page
    assert 'href="?area=protection&amp;kind=no_target&amp;objective=o1#rows"' in page
    assert 'href="?area=protection&amp;kind=never_reported&amp;actor=mosa#rows"' in page
    assert '<option value="never_reported" selected>' in page
    assert "?next=%2Fxa%2F2024-2029%2Fgaps%2F%3Farea%3Dprotection%26kind%3Dnever_reported" in page


def test_only_what_i_can_close(client, login, indicator, focal_point):
    response = login(client, focal_point).get(PAGE, {"mine": "on"})
    assert rows_of(response) == [("Never reported", "1.1. Officers trained")]
    assert "You can close 1" in response.content.decode()


@pytest.mark.parametrize("query", [{"kind": "nonsense"}, {"objective": "o99"}, {"actor": "=1"}])
def test_unknown_filter_finds_nothing_and_says_so(client, indicator, query):
    response = client.get(PAGE, query)
    assert rows_of(response) == []
    assert "Nothing is missing there, or it does not exist." in response.content.decode()


def test_numbers_of_the_matrix_are_those_of_their_rows(client, indicator):
    page = client.get(PAGE).content.decode()
    links = re.findall(r'<a href="(\?[^"]*kind=[^"]*)#rows">(\d+)</a>', page)
    assert len(links) == 10
    for query, number in links:
        assert len(rows_of(client.get(PAGE + query.replace("&amp;", "&")))) == int(number)


def test_answer_in_a_sentence(client, indicator):
    assert (
        '<p class="lead">7 gaps: 6 in the plan’s design, 1 in reporting. Ministry of Social Affairs can close 1 of them.'
        in client.get(PAGE).content.decode()
    )


def test_no_gaps(client, plan):
    day = date(2024, 1, 1)
    Plan.objects.update(situation_analysis_on=day, legal_review_on=day, consultation_on=day)
    page = client.get(PAGE).content.decode()
    assert "No gap is known today." in page
    assert "<form" not in page


# --- Drafts -------------------------------------------------------------------------------------------------------


def test_draft_is_a_checklist_with_counts(client, login, plan, objective, coordinator):
    Plan.objects.update(status="draft", activated_on=None)
    make_activity(objective)
    make_activity(objective)
    login(client, coordinator)
    response = client.get(PAGE)
    assert rows_of(response) == []
    assert re.findall(r'<a href="\?kind=(\w+)#rows">.*?<td class="num"[^>]*>(\d+)<', response.content.decode()) == [
        ("readiness", "3"),
        ("objective_unmeasured", "1"),
        ("no_lead", "2"),
        ("no_dates", "2"),
        ("activity_unmeasured", "2"),
    ]
    assert "The plan is a draft. Nothing is missing in 10 of 15 points of its set-up." in response.content.decode()
    assert len(rows_of(client.get(PAGE, {"kind": "no_lead"}))) == 2
    assert len(table_of(client.get(CSV))) == 1 + 10


# --- CSV ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"kind": "no_target"}, {"objective": "o1"}, {"actor": "mosa"}, {"kind": "none"}])
def test_csv_is_what_is_shown(client, indicator, query):
    headings, *rows = table_of(client.get(CSV, query))
    assert headings == HEADINGS
    assert sorted((kind, item) for kind, _part, _objective, item, *_rest in rows) == sorted(
        rows_of(client.get(PAGE, query))
    )


def test_csv_row_and_name(client, indicator):
    response = client.get(CSV, {"kind": "never_reported"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="gaps-xa-2024-2029-2026-01-15.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert table_of(response)[1] == [
        "Never reported",
        "Reporting",
        "1",
        "1.1. Officers trained",
        "",
        "2025-03-01",
        "Ministry of Social Affairs",
        "http://testserver/xa/2024-2029/indicators/i1/report/2025-06-30/",
    ]


def test_csv_neutralises_formulas(client, indicator, ministry):
    type(ministry).objects.filter(pk=ministry.pk).update(name="=cmd|' /C calc'!A0")
    row = table_of(client.get(CSV, {"kind": "no_verifier"}))[1]
    assert row[3] == "'=cmd\\|' /C calc'!A0"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        (" \r\n+1;2", "'+1;2"),
        ("-12.5", "-12.5"),
        (-3, "-3"),
        (None, ""),
        ("Café, “5”", "Café, “5”"),
    ],
)
def test_write_csv_of_one_cell(cell, written):
    file = io.StringIO()
    write_csv(file, ["Cell", "Next"], [[cell, "x"]])
    assert file.getvalue()[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(file.getvalue()[1:]))) == [["Cell", "Next"], [written, "x"]]


# --- Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("periods", "number"), [(1, 1), (12, 1), (1, 12)])
def test_queries_of_the_page_do_not_grow(client, login, plan, coordinator, django_assert_num_queries, periods, number):
    made = make_periods(plan, count=periods, months=3)
    for _number in range(number):
        indicator = make_indicator(make_objective(plan))
        for period in made:
            make_report(indicator, period)
        make_assessment(indicator, made[0])
    with django_assert_num_queries(11):  # the plan, and what its gaps are found in
        client.get(PAGE)
    login(client, coordinator).get(PAGE)
    with django_assert_num_queries(14):  # the session, the person and the rights besides
        client.get(PAGE)
    with django_assert_num_queries(14):
        client.get(CSV)
    make_membership(coordinator, coordinator.memberships.get().actor, "verifier")
    make_membership(coordinator, make_actor(plan.country), "focal_point")
    with django_assert_num_queries(15):  # and how the organisations hang together, for those who report or verify
        client.get(PAGE)
