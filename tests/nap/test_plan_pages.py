"""Home, the model, and the pages of a country's plan: what they show, to whom, and for how many queries."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.urls import reverse

from actors.models import Actor
from indicators.scoring import Status
from indicators.standings import standings_of
from nap.lines import indicator_line, late_period
from nap.model_plan import Segment, Words, model_plan
from nap.objective import activity_page, objective_page
from nap.organisations import Timeliness, actor_lines, actor_page
from nap.overview import overview_of, plan_lines
from nap.table import TableFilter, plan_table
from nap.tallies import tally
from objectives.models import Objective, Plan
from tests.factories import (
    make_activity,
    make_activity_report,
    make_area,
    make_assessment,
    make_coverage,
    make_evidence,
    make_indicator,
    make_milestone,
    make_model_plan,
    make_objective,
    make_periods,
    make_plan,
    make_report,
    make_responsibility,
    make_target,
)


@pytest.fixture(autouse=True)
def _today(time_machine, today):
    time_machine.move_to(f"{today}T10:00Z", tick=False)


def fill(plan: Plan, ministry: Actor, ngo: Actor, periods: int) -> None:
    """Two objectives in an area, each with two activities and three indicators, all reported in each of `periods`."""
    area = make_area(plan)
    times = make_periods(plan, count=periods, months=6 if periods == 1 else 1)
    for _objective in range(2):
        objective = make_objective(plan, area=area)
        make_coverage(objective, make_objective(plan.model))
        activities = [make_activity(objective, lead=ministry) for _activity in range(2)]
        for activity in activities:
            make_responsibility(activity, ngo, "contributor")
            make_milestone(activity)
        for kind in ("scale", "number", "percentage"):
            indicator = make_indicator(objective, kind, reporting_actor=ministry)
            indicator.activities.set(activities)
            make_target(indicator)
            for period in times:
                make_evidence(make_report(indicator, period))
                make_assessment(indicator, period, ngo)
        for period in times:
            for activity in activities:
                make_activity_report(activity, period)


def address(plan: Plan, name: str, **arguments: str) -> str:
    return reverse(f"nap:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition, **arguments})


# --- What the pages cost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("periods", [1, 12])
@pytest.mark.parametrize(
    ("name", "of_public", "of_member"),
    [
        ("overview", 9, 12),
        ("table", 9, 12),
        ("objective", 11, 14),
        ("activity", 12, 17),
        ("actors", 9, 12),
        ("actor", 10, 13),
    ],
)
def test_queries_do_not_depend_on_history(
    client, login, plan, ministry, ngo, focal_point, django_assert_num_queries, name, of_public, of_member, periods
):
    plan.model = make_model_plan()
    plan.save()
    fill(plan, ministry, ngo, periods)
    keys = {
        "objective": plan.objectives.get(order=1).key,
        "activity": plan.objectives.get(order=1).activities.get(order=1).key,
        "actor": ministry.key,
    }
    url = address(plan, name, **({"key": keys[name]} if name in keys else {}))
    with django_assert_num_queries(of_public):
        assert client.get(url).status_code == 200
    login(client, focal_point)
    client.get(reverse("nap:home"))  # the first request of a session writes to it
    with django_assert_num_queries(of_member):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("plans", [1, 4])
def test_home_queries_do_not_depend_on_plans(client, plan, ministry, ngo, django_assert_num_queries, plans):
    plan.model = make_model_plan()
    plan.save()
    fill(plan, ministry, ngo, 1)
    for number in range(plans - 1):
        make_plan(plan.country, edition=f"older-{number}", status="closed")
    with django_assert_num_queries(6):
        client.get(reverse("nap:home"))


# --- Home ---------------------------------------------------------------------------------------------------------


def test_home_without_any_plan(client, db):
    response = client.get(reverse("nap:home"))
    assert response.status_code == 200
    assert response.context["lines"] == ()


def test_home_lists_public_plans_only(client, plan, other_plan, login, focal_point):
    other_plan.is_public = False
    other_plan.save()
    draft = make_plan(plan.country, edition="2030-2034", status="draft", is_public=False)
    assert [line.plan for line in client.get(reverse("nap:home")).context["lines"]] == [plan]
    login(client, focal_point)
    assert {line.plan for line in client.get(reverse("nap:home")).context["lines"]} == {plan, draft}


def test_home_line_agrees_with_the_overview(plan, ministry, ngo, today):
    plan.model = make_model_plan()
    plan.save()
    fill(plan, ministry, ngo, 3)
    (line,) = plan_lines([plan], today)
    page = overview_of(plan, AnonymousUser(), today)
    assert (line.tally.counts, line.tally.at_least, line.last_data) == (
        page.whole.counts,
        page.whole.at_least,
        page.last_data,
    )


# --- Who may read -------------------------------------------------------------------------------------------------

PAGES = ["overview", "table", "actors"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_private_plan_are_not_found_by_strangers(client, login, plan, stranger, viewer, name):
    plan.is_public = False
    plan.save()
    assert client.get(address(plan, name)).status_code == 404
    login(client, stranger)
    assert client.get(address(plan, name)).status_code == 404
    login(client, viewer)
    assert client.get(address(plan, name)).status_code == 200


@pytest.mark.parametrize("name", [*PAGES, "home", "model"])
def test_pages_refuse_to_be_posted_to(client, plan, name):
    url = reverse(f"nap:{name}") if name in ("home", "model") else address(plan, name)
    assert client.post(url).status_code == 405


@pytest.mark.parametrize("name", ["objective", "activity", "actor"])
def test_pages_of_what_is_not_there_are_not_found(client, plan, other_plan, name):
    theirs = {
        "objective": make_objective(other_plan).key,
        "activity": make_activity(make_objective(other_plan)).key,
        "actor": "nobody",
    }
    assert client.get(address(plan, name, key=theirs[name])).status_code == 404


@pytest.mark.parametrize("status", ["draft", "active", "closed"])
def test_pages_of_an_empty_plan(client, login, plan, viewer, status):
    plan.status = status
    plan.save()
    login(client, viewer)
    for name in PAGES:
        assert client.get(address(plan, name)).status_code == 200


def test_pages_of_a_plan_with_nothing_filled_in(client, plan, ngo):
    """An objective without anything, an activity without dates or lead, an indicator without target or actor."""
    make_objective(plan)
    objective = make_objective(plan)
    activity = make_activity(objective)
    make_indicator(objective, reporting_actor=None, baseline_value=None, baseline_on=None)
    for name in PAGES:
        assert client.get(address(plan, name)).status_code == 200
    for one in plan.objectives.all():
        assert client.get(address(plan, "objective", key=one.key)).status_code == 200
    assert client.get(address(plan, "activity", key=activity.key)).status_code == 200
    assert client.get(address(plan, "actor", key=ngo.key)).status_code == 200


# --- Tallies ------------------------------------------------------------------------------------------------------


def test_tally_counts_every_indicator_once(plan, today):
    objective = make_objective(plan)
    done, slow, silent = (make_indicator(objective) for _number in range(3))
    for indicator in (done, slow, silent):
        make_target(indicator)
    first, *_rest = make_periods(plan, count=2)
    make_report(done, first, value=Decimal(100))
    make_report(slow, first, value=Decimal(0))
    whole = tally(standings_of(plan, today))
    assert (whole.total, whole.good, whole.slow, whole.no_data, whole.others) == (3, 1, 1, 1, 0)
    assert whole.sentence == (
        "Of 3 indicators: 1 achieved or on track, 1 behind, off track or slipped back, 1 without data."
    )
    assert (whole.at_least, whole.mean, whole.at_most) == ("33%", "50%", "67%")
    assert [(one.status, one.heat) for one in whole.present] == [
        (Status.ACHIEVED, 2),
        (Status.BEHIND, 2),
        (Status.NO_DATA, 2),
    ]


def test_tally_weighs_objectives(plan, today):
    heavy, light = make_objective(plan, weight=3), make_objective(plan)
    (period,) = make_periods(plan, count=1)
    for objective, value in ((heavy, 100), (light, 0)):
        indicator = make_indicator(objective)
        make_target(indicator)
        make_report(indicator, period, value=Decimal(value))
    assert tally(standings_of(plan, today)).at_least == "75%"


def test_tally_of_nothing_says_so(plan):
    assert tally([]).sentence == "No indicator has been set up yet."
    assert tally([]).at_least_cell == "–"


def test_score_that_would_tell_a_small_number_is_not_shown(client, plan, today):
    objective = make_objective(plan)
    indicator = make_indicator(objective, counts_children=True)
    make_target(indicator, value=12)
    (period,) = make_periods(plan, count=1)
    make_report(indicator, period, value=Decimal(7))
    (standing,) = standings_of(plan, today)
    assert tally([standing]).at_least_cell == "not shown"
    assert indicator_line(standing, today).bar is None
    for url in (address(plan, "objective", key=objective.key), address(plan, "overview"), address(plan, "table")):
        page = client.get(url).content.decode()
        assert "58%" not in page
        assert "59%" not in page


# --- Overview -----------------------------------------------------------------------------------------------------


def test_overview_counts_late_waiting_and_differing(plan, ministry, ngo, today, focal_point):
    objective = make_objective(plan)
    late, waiting, returned, disputed = (make_indicator(objective, reporting_actor=ministry) for _number in range(4))
    first, second = make_periods(plan, count=2)
    make_target(disputed)
    make_report(late, first)
    make_report(waiting, second, state="submitted")
    make_report(returned, second, state="returned")
    make_report(disputed, second)
    make_assessment(disputed, second, ngo, data_state="judgement", judgement="disagree")
    page = overview_of(plan, focal_point, today)
    assert (page.late, page.waiting, page.verified, page.differing) == (1, 1, 2, 1)
    (debtor,) = page.debtors
    assert (debtor.actor, debtor.late, debtor.since, debtor.waiting) == (ministry, 1, second.due_on, 1)
    assert (page.others, page.next_due_on) == ((), None)


def test_overview_shows_returned_reports_to_the_committee_only(plan, ministry, verifier, today):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    first, second = make_periods(plan, count=2)
    make_report(indicator, first)
    make_report(indicator, second, state="returned")
    assert [change.state for change in overview_of(plan, verifier, today).changes] == ["returned", "verified"]
    assert [change.state for change in overview_of(plan, AnonymousUser(), today).changes] == ["verified"]


def test_overview_ranks_the_weakest_objective_first(plan, today):
    strong, weak = make_objective(plan), make_objective(plan)
    (period,) = make_periods(plan, count=1)
    for objective, value in ((strong, 80), (weak, 10)):
        indicator = make_indicator(objective)
        make_target(indicator)
        make_report(indicator, period, value=Decimal(value))
    page = overview_of(plan, AnonymousUser(), today)
    assert [one.objective for one in page.weakest] == [weak, strong]
    assert [(one.level, one.tally.total) for one in page.levels] == [("structural", 0), ("process", 2), ("outcome", 0)]


def test_status_counts_link_to_the_table(client, plan):
    make_indicator(make_objective(plan))
    make_periods(plan, count=1)
    page = client.get(address(plan, "overview")).content.decode()
    assert f'href="{address(plan, "table")}?status=no_data"' in page


# --- Table --------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_objectives(plan: Plan, ministry: Actor, police: Actor) -> tuple[Objective, Objective]:
    """One that the ministry leads and has achieved, and one of another area of which the police said nothing."""
    (period,) = make_periods(plan, count=1)
    done, silent = make_objective(plan, area=make_area(plan)), make_objective(plan, area=make_area(plan))
    make_activity(done, lead=ministry)
    make_activity(silent, lead=police)
    good = make_indicator(done, reporting_actor=ministry)
    make_target(good)
    make_report(good, period, value=Decimal(100))
    make_indicator(silent, reporting_actor=police)
    return done, silent


@pytest.mark.parametrize(
    ("query", "objectives"),
    [
        ({}, [1, 2]),
        ({"status": "achieved"}, [1]),
        ({"status": "no_data"}, [2]),
        ({"status": "nonsense"}, [1, 2]),
        ({"area": "area-2"}, [2]),
        ({"actor": "police"}, [2]),
        ({"reporting": "late"}, [2]),
        ({"reporting": "waiting"}, []),
        ({"status": "achieved", "actor": "police"}, []),
    ],
)
def test_table_filters(plan, two_objectives, today, query, objectives):
    page = plan_table(plan, TableFilter.from_query(query), today)
    assert [row.objective.order for row in page.rows] == objectives
    assert page.total == 2


def test_table_keeps_its_filter_in_the_form(client, plan, two_objectives):
    page = client.get(address(plan, "table"), {"status": "no_data"}).content.decode()
    assert '<option value="no_data" selected>' in page
    assert "1 of 2 indicators fit what you chose." in page


def test_table_says_when_nothing_fits(client, plan, two_objectives):
    page = client.get(address(plan, "table"), {"status": "regressed"}).content.decode()
    assert "Nothing in the plan fits what you chose." in page


def test_table_lists_actors_with_what_they_lead(plan, ministry, ngo, today):
    objective = make_objective(plan)
    first, second = make_activity(objective, lead=ministry), make_activity(objective, lead=ministry)
    make_responsibility(second, ngo, "contributor")
    (row,) = plan_table(plan, TableFilter(), today).rows
    assert row.actors == ((ministry, (first.code, second.code), ()), (ngo, (), (second.code,)))


# --- Objective and activity ---------------------------------------------------------------------------------------


def test_objective_shows_what_was_done_and_what_it_achieved(plan, ministry, coordinator, today):
    plan.model = make_model_plan()
    plan.save()
    objective = make_objective(plan)
    make_coverage(objective, make_objective(plan.model, title="The model's"))
    activity = make_activity(objective, lead=ministry)
    make_milestone(activity)
    indicator = make_indicator(objective)
    indicator.activities.add(activity)
    make_target(indicator)
    first, second = make_periods(plan, count=2)
    make_activity_report(activity, first)
    make_activity_report(activity, second, state="submitted", progress="done")
    make_report(indicator, second, value=Decimal(40))
    page = objective_page(plan, objective.key, coordinator, today)
    (entry,) = page.activities
    assert (entry.line.lead, entry.line.progress, entry.line.progress_on) == (ministry, "under_way", first.ends_on)
    assert (entry.attainment, entry.measured_by) == ("40%", 1)
    assert [one.is_missed for one in entry.milestones] == [True]
    assert [(one.title, one.manner) for one in page.covers] == [("The model's", "Adapted")]
    assert page.may_edit


def test_activity_offers_periods_that_have_begun_to_its_lead(plan, ministry, focal_point, police_focal_point, today):
    activity = make_activity(make_objective(plan), lead=ministry)
    periods = make_periods(plan, count=6)
    page = activity_page(plan, activity.key, focal_point, today)
    assert [one.ends_on for one in page.to_report] == [period.ends_on for period in reversed(periods[:4])]
    assert activity_page(plan, activity.key, police_focal_point, today).to_report == ()


def test_activity_hides_drafts_from_the_public(client, login, plan, ministry, focal_point):
    activity = make_activity(make_objective(plan), lead=ministry)
    (period,) = make_periods(plan, count=1)
    report = make_activity_report(activity, period, state="draft")
    url = address(plan, "activity", key=activity.key)
    assert client.get(url).context["page"].reports == ()
    login(client, focal_point)
    assert client.get(url).context["page"].reports == (report,)


# --- Actors -------------------------------------------------------------------------------------------------------


def test_actor_timeliness_counts_each_due_report_once(plan, ministry, focal_point, today):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    first, second, _third = make_periods(plan, count=3)
    report = make_report(indicator, first)
    make_report(indicator, first, supersedes=report, submitted_at=report.submitted_at.replace(year=2026))
    page = actor_page(plan, ministry.key, focal_point, today)
    assert page.timeliness == Timeliness(on_time=1, late=0, missing=1)
    assert [line.late.ends_on for line in page.late] == [second.ends_on]


def test_actors_stand_by_sector(plan, ministry, ngo, today):
    make_activity(make_objective(plan), lead=ministry)
    lines = {
        (one.sector, line.actor): (line.leads, line.contributes)
        for one in actor_lines(plan, today)
        for line in one.actors
    }
    assert lines == {("government", ministry): (1, 0), ("civil_society", ngo): (0, 0)}


def test_actor_page_names_no_people_to_the_public(client, plan, ministry, focal_point):
    make_report(make_indicator(make_objective(plan), reporting_actor=ministry), make_periods(plan, count=1)[0])
    page = client.get(address(plan, "actor", key=ministry.key)).content.decode()
    assert focal_point.name not in page
    assert focal_point.email not in page


def test_ngo_page_shows_what_it_assessed(plan, ngo, today, focal_point):
    indicator = make_indicator(make_objective(plan))
    (period,) = make_periods(plan, count=1)
    make_assessment(indicator, period, ngo)
    page = actor_page(plan, ngo.key, focal_point, today)
    assert [(one.standing.indicator, one.view.text) for one in page.views] == [(indicator, "50")]


def test_report_that_was_returned_is_not_late(plan, ministry, today):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    (period,) = make_periods(plan, count=1)
    make_report(indicator, period, state="returned")
    (standing,) = standings_of(plan, today)
    assert late_period(standing, today) is None


# --- The model ----------------------------------------------------------------------------------------------------

WORDS = (
    [("CSEC", "commercial sexual exploitation of children", ""), ("NGOs", "non-governmental organisations", "")],
    [("child pornography", "child sexual abuse material")],
)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Nothing here.", (Segment("Nothing here."),)),
        ("", (Segment(""),)),
        ("CSEC", (Segment("CSEC", "commercial sexual exploitation of children"),)),
        ("ACSECS", (Segment("ACSECS"),)),
        ("An NGO.", (Segment("An "), Segment("NGO", "non-governmental organisations"), Segment("."))),
        ("Child pornography", (Segment("Child pornography", note=1),)),
    ],
)
def test_words_are_found_whole(text, pieces):
    assert Words(*WORDS).split(text, set()) == pieces


def test_word_has_its_note_once():
    words, noted = Words(*WORDS), set()
    text = "child pornography and child pornography"
    assert [piece.note for piece in words.split(text, noted)] == [1, 0, 0]
    assert [piece.note for piece in words.split(text, noted)] == [0, 0, 0]
    assert [piece.note for piece in words.split(text)] == [0, 0, 0]


def test_model_is_quoted_character_for_character(db):
    call_command("loaddata", "model_plan", verbosity=0)
    plan = Plan.objects.models().get()
    page = model_plan(plan)
    stored, shown = [], []
    for row in page.rows:
        stored += [row.objective.title]
        stored += [one.title for one in row.objective.activities.all()]
        stored += [one.text for one in row.objective.probable_actors.all()]
        stored += [one.title for one in row.objective.indicators.all()]
        texts = [row.text, *(one.text for column in (row.activities, row.actors, row.indicators) for one in column)]
        shown += ["".join(piece.text for piece in text) for text in texts]
    assert shown == stored
    assert len(shown) == 14 + 82 + 99 + 82


def test_model_page_is_light(client, db, django_assert_num_queries):
    call_command("loaddata", "model_plan", verbosity=0)
    for query in ("", "?reading=open"):
        with django_assert_num_queries(8):
            response = client.get(reverse("nap:model") + query)
        assert response.status_code == 200
        assert len(gzip.compress(response.content)) < 20_000


def test_model_objective_page(client, db, django_assert_num_queries):
    call_command("loaddata", "model_plan", verbosity=0)
    with django_assert_num_queries(10):
        page = client.get(reverse("nap:model-objective", kwargs={"key": "o5"})).content.decode()
    assert page.count("Our reading") > 11
    assert "Means of verification" in page
    assert client.get(reverse("nap:model-objective", kwargs={"key": "o99"})).status_code == 404


def test_model_that_is_not_loaded_is_not_found(client, db):
    assert client.get(reverse("nap:model")).status_code == 404


def test_titles_from_people_are_escaped(client, plan):
    objective = make_objective(plan, title="<script>alert(1)</script>")
    make_indicator(objective, title="<b>bold</b>")
    for url in (address(plan, "overview"), address(plan, "table"), address(plan, "objective", key=objective.key)):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page


@pytest.mark.django_db
def test_pages_are_compressed_for_those_who_can_read_that(client):
    assert client.get("/", headers={"accept-encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
