"""The demonstration: what it tells, that it keeps every rule, and that it opens no door elsewhere."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.contrib.auth.hashers import is_password_usable
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from actors.models import Actor, Country, User
from indicators.models import (
    ActivityProgress,
    ActivityReport,
    DataState,
    Direction,
    Evidence,
    Indicator,
    IndicatorOmission,
    Judgement,
    ProgressReport,
    ReportState,
    Stream,
)
from indicators.scoring import Status
from indicators.standings import standings_of
from nap.checkdata import find
from nap.demonstration.accounts import DEMO_PASSWORD, demo_accounts
from nap.demonstration.building import DEMO_PLAN, fixture_text
from objectives.models import Activity, Milestone, Objective, Omission, Plan

TOLD_ON = date(2026, 11, 23)
PAST_ENDS = [date(2024, 12, 31), date(2025, 6, 30), date(2025, 12, 31), date(2026, 6, 30)]


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """What `loaddemo` loads into an empty database, for all tests of this module; each undoes its own changes."""
    fast = {"IS_DEMONSTRATION": True, "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**fast):
            call_command("loaddemo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.usefixtures("_loaded"), pytest.mark.django_db]


@pytest.fixture
def marevia() -> Plan:
    return Plan.objects.get(country__code="XM")


def _rows() -> list[dict]:
    return json.loads(DEMO_PLAN.read_text(encoding="utf-8"))


def test_fixture_is_what_the_command_writes():
    assert fixture_text() == DEMO_PLAN.read_text(encoding="utf-8"), "Run `manage.py writedemo`."


def test_fixture_has_no_primary_keys_and_opens_no_account():
    rows = _rows()
    assert [row for row in rows if "pk" in row] == []
    passwords = {row["fields"]["password"] for row in rows if row["model"] == "actors.user"}
    assert [password for password in passwords if is_password_usable(password)] == []


def test_addresses_are_of_reserved_domains():
    mails = {row["fields"]["email"].rsplit(".", 1)[1] for row in _rows() if row["model"] == "actors.user"}
    hosts = set(Evidence.objects.exclude(url__startswith="https://example.org/").values_list("url", flat=True))
    assert (mails, hosts) == ({"example"}, set())


def test_every_row_passes_its_own_validation():
    models = [
        model
        for label in ("actors", "objectives", "indicators")
        for model in apps.get_app_config(label).get_models()
        if not hasattr(model, "history_object")  # rows of history
    ]
    checked = 0
    for model in models:
        for row in model.objects.all():
            row.full_clean(validate_unique=False, validate_constraints=False)
            checked += 1
    assert checked > 2000


def test_no_row_breaks_a_rule_that_the_database_cannot_keep():
    assert [str(finding) for finding in find(country_code=None)] == []


def test_plan_is_adapted_from_the_whole_model(marevia: Plan):
    parts = {
        "objectives": Objective.objects.of(marevia).count(),
        "activities": Activity.objects.of(marevia).count(),
        "activities of its own": Activity.objects.of(marevia).filter(coverage__isnull=True).count(),
        "indicators": Indicator.objects.of(marevia).count(),
        "objectives covered": marevia.model.objectives.filter(coverage_of__item__plan=marevia).count(),
        "indicators covered": Indicator.objects.of(marevia.model).filter(coverage_of__isnull=False).distinct().count(),
    }
    assert parts == {
        "objectives": 14,
        "activities": 78,
        "activities of its own": 1,
        "indicators": 82,
        "objectives covered": 14,
        "indicators covered": 82,
    }
    kinds = Counter(Omission.objects.filter(plan=marevia).values_list("kind", flat=True))
    taken_up = Activity.objects.of(marevia.model).filter(coverage_of__item__objective__plan=marevia)
    undecided = Activity.objects.of(marevia.model).exclude(pk__in=taken_up).exclude(omitted_by__plan=marevia)
    assert kinds == {"left_out": 2, "elsewhere": 1}
    assert sorted(undecided.values_list("key", flat=True)) == ["o11-a3", "o3-a8"]


def test_plan_has_gaps_of_its_design(marevia: Plan):
    indicators = Indicator.objects.of(marevia)
    named = set(Actor.objects.generic().exclude(stood_for_by__country=marevia.country).values_list("key", flat=True))
    gaps = {
        "activities without lead": Activity.objects.of(marevia).without_lead().count(),
        "activities without dates": Activity.objects.of(marevia).filter(starts_on__isnull=True).count(),
        "milestones missed": Milestone.objects.of(marevia).missed(TOLD_ON).count(),
        "without reporting actor": indicators.filter(reporting_actor__isnull=True).count(),
        "without means": indicators.filter(means_of_verification="").count(),
        "with a reason for no baseline": indicators.exclude(no_baseline_reason="").count(),
        "without baseline": sum(not indicator.has_baseline for indicator in indicators),
        "without targets": indicators.exclude(direction__in=[Direction.CONTEXT, Direction.MAINTAIN])
        .filter(targets__isnull=True)
        .count(),
        "readiness": marevia.legal_review_on,
    }
    assert gaps == {
        "activities without lead": 4,
        "activities without dates": 5,
        "milestones missed": 9,
        "without reporting actor": 2,
        "without means": 2,
        "with a reason for no baseline": 2,
        "without baseline": 1,
        "without targets": 3,
        "readiness": None,
    }
    assert named == {"customs", "political-parties", "software-developers"}


def test_every_status_stands_somewhere(marevia: Plan):
    counts = Counter(standing.status for standing in standings_of(marevia, TOLD_ON))
    assert {status: counts[status] for status in Status} == {
        Status.NOT_APPLICABLE: 1,
        Status.NOT_YET_DUE: 8,
        Status.NO_DATA: 7,
        Status.ACHIEVED: 11,
        Status.REGRESSED: 3,
        Status.OFF_TRACK: 10,
        Status.BEHIND: 8,
        Status.ON_TRACK: 32,
        Status.NOT_RATED: 2,
    }


def test_story_has_its_turns(marevia: Plan):
    """Who is contradicted, returned, waiting, silent: the keys that tours and screenshots rely on."""
    standings = {standing.indicator.key: standing for standing in standings_of(marevia, TOLD_ON)}
    turns = {
        "contradicted": [key for key, one in standings.items() if one.views_differ and one.status != Status.NO_DATA],
        "returned": [key for key, one in standings.items() if one.returned],
        "waiting": [key for key, one in standings.items() if one.waiting],
        "gone silent": [key for key, one in standings.items() if one.value_text and one.status == Status.NO_DATA],
        "slipped back": [key for key, one in standings.items() if one.status == Status.REGRESSED],
    }
    assert turns == {
        "contradicted": [
            *("o1-i6", "o3-i3", "o4-i2", "o5-i1", "o5-i3", "o6-i2", "o6-i3", "o8-i5"),
            *("o12-i1", "o12-i3", "o12-i6", "o13-i1"),
        ],
        "returned": ["o5-i8", "o9-i5", "o12-i4"],
        "waiting": ["o1-i4", "o5-i7", "o6-i5", "o9-i4", "o10-i1", "o12-i5", "o13-i6"],
        "gone silent": ["o2-i3", "o2-i6", "o13-i5"],
        "slipped back": ["o5-i2", "o8-i2", "o12-i1"],
    }


def test_every_state_is_there():
    official = set(ProgressReport.objects.official().values_list("state", flat=True))
    independent = set(ProgressReport.objects.independent().values_list("state", flat=True))
    assert official | independent == set(ReportState)
    assert set(ProgressReport.objects.values_list("data_state", flat=True)) == set(DataState)
    assert set(ProgressReport.objects.values_list("judgement", flat=True)) == {"", *Judgement}
    assert set(ActivityReport.objects.values_list("progress", flat=True)) == set(ActivityProgress)
    revised = ProgressReport.objects.filter(revision=2).values_list("stream", "state")
    assert set(revised) == {("official", "verified"), ("official", "draft"), ("independent", "published")}


def test_history_is_two_years_long(marevia: Plan):
    unfinished = [ReportState.DRAFT, ReportState.RETURNED]
    reported = Counter(ProgressReport.objects.exclude(state__in=unfinished).values_list("period_end", flat=True))
    on_activities = Counter(ActivityReport.objects.exclude(state__in=unfinished).values_list("period_end", flat=True))
    assert sorted(reported) == sorted(on_activities) == PAST_ENDS
    assert min(reported.values()) > 30
    assert min(on_activities.values()) > 40
    running = set(ProgressReport.objects.filter(period_end__gt=TOLD_ON).values_list("stream", "state"))
    assert running == {(Stream.OFFICIAL, ReportState.DRAFT)}
    locked = marevia.periods.filter(locked=True).values_list("ends_on", flat=True)
    assert sorted(locked) == PAST_ENDS[:2]


@pytest.mark.parametrize("model", [ProgressReport, ActivityReport])
def test_times_follow_each_other_and_end_with_the_story(model):
    told_at = datetime(2026, 11, 24, tzinfo=UTC)
    for report in model.objects.all():
        steps = ("created_at", "submitted_at", "returned_at", "verified_at", "published_at", "withdrawn_at")
        times = [time for time in (getattr(report, step, None) for step in steps) if time]
        assert times == sorted(times), report.natural_key()
        assert max(times) == report.updated_at < told_at or report.state == ReportState.DRAFT, report.natural_key()
        assert report.updated_at < told_at, report.natural_key()


def test_every_report_says_something_of_its_own():
    texts = Counter(ProgressReport.objects.values_list("narrative", flat=True))
    assert [text for text, times in texts.items() if times > 1 or len(text) < 15] == []


def test_second_country_is_seen_by_its_own_people_only(client: Client):
    draft = Plan.objects.get(country__code="XV")
    stranger = User.objects.get(email="coordinator@marevia.example")
    assert draft in Plan.objects.visible_to(User.objects.get(email="coordinator@valmora.example"))
    assert draft not in Plan.objects.visible_to(stranger)
    assert IndicatorOmission.objects.filter(plan=draft).exists()


def test_loaddemo_without_demonstration_refuses(settings):
    settings.IS_DEMONSTRATION = False
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("loaddemo", stdout=io.StringIO())


def test_loaddemo_again_keeps_what_people_changed(settings, django_assert_max_num_queries):
    settings.IS_DEMONSTRATION = True
    Country.objects.filter(code="XM").update(name="Marevia renamed")
    person = User.objects.get(email="police@marevia.example")
    person.set_password("a password of my own")
    person.save()
    output = io.StringIO()
    with django_assert_max_num_queries(6):
        call_command("loaddemo", stdout=output)
    person.refresh_from_db()
    assert person.check_password("a password of my own")
    assert Country.objects.get(code="XM").name == "Marevia renamed"
    assert [account["email"] in output.getvalue() for account in demo_accounts()] == [True] * 22


def test_every_account_has_the_password_that_is_shown():
    people = User.objects.in_bulk([account["email"] for account in demo_accounts()], field_name="email")
    assert [email for email, person in people.items() if not person.check_password(DEMO_PASSWORD)] == []
    assert len(people) == 22


def test_people_who_left_have_no_usable_password():
    left = User.objects.exclude(email__in=[account["email"] for account in demo_accounts()])
    assert {person.email: person.has_usable_password() for person in left} == {
        "former.social.welfare@marevia.example": False,
        "former.tourism@marevia.example": False,
    }


def test_sign_in_page_of_a_demonstration_shows_the_accounts(client: Client, settings):
    settings.IS_DEMONSTRATION = True
    assert DEMO_PASSWORD in client.get(reverse("account_login")).text


def test_sign_in_page_elsewhere_shows_no_account(client: Client, settings):
    settings.IS_DEMONSTRATION = False
    response = client.get(reverse("account_login"))
    assert (response.status_code, DEMO_PASSWORD in response.text, "demo_accounts" in response.context) == (
        200,
        False,
        False,
    )


def test_other_pages_of_a_demonstration_show_no_account(client: Client, settings):
    settings.IS_DEMONSTRATION = True
    assert "demo_accounts" not in client.get(reverse("account_reset_password")).context


def test_person_of_the_demonstration_signs_in(client: Client, settings):
    settings.IS_DEMONSTRATION = True
    form = {"login": "police@marevia.example", "password": DEMO_PASSWORD}
    response = client.post(reverse("account_login"), form)
    assert (response.status_code, response.url) == (302, reverse(settings.LOGIN_REDIRECT_URL))
