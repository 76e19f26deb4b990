"""How long a session lasts, how seldom it is written, and the headers that keep pages private."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

MORNING = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def private(request):
    return HttpResponse("private")


@login_not_required
def public(request):
    return HttpResponse("public")


@login_not_required
def cached(request):
    return HttpResponse(headers={"Cache-Control": "public, max-age=60", "Permissions-Policy": "camera=(self)"})


@login_not_required
def broken(request):
    raise RuntimeError


def handler404(request, exception):
    return HttpResponse("missing", status=404)


def handler500(request):
    return HttpResponse("broken", status=500)


urlpatterns = [
    path("private/", private),
    path("public/", public),
    path("cached/", cached),
    path("broken/", broken),
    path("login/", public, name="account_login"),
]


@pytest.fixture
def clock():
    """The time, standing still at 8 in the morning until a test moves it."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def signed_in(clock, client, login, focal_point):
    """The client of a focal point who opened a first page at 8:00:00."""
    login(client, focal_point)
    assert client.get("/private/").status_code == 200
    return client


def is_signed_in(client) -> bool:
    """Whether a page that needs an account opens; a redirect to the sign-in page means that it does not."""
    response = client.get("/private/")
    if response.status_code == 200:
        return True
    assert (response.status_code, response.headers["Location"]) == (302, "/login/?next=/private/")
    return False


# --- the age of a session -------------------------------------------------------------------------------------------


def test_session_lasts_30_idle_minutes(signed_in, clock):
    clock.shift(30 * MINUTE)
    assert is_signed_in(signed_in)


def test_session_ends_after_30_idle_minutes(signed_in, clock):
    clock.shift(30 * MINUTE + SECOND)
    assert not is_signed_in(signed_in)
    assert not Session.objects.exists()
    assert not is_signed_in(signed_in)


def test_session_that_ended_opens_public_pages(signed_in, clock):
    clock.shift(30 * MINUTE + SECOND)
    response = signed_in.get("/public/")
    assert (response.status_code, "Cache-Control" in response.headers) == (200, False)
    assert not is_signed_in(signed_in)


def test_post_after_30_idle_minutes_does_not_arrive(signed_in, clock):
    clock.shift(30 * MINUTE + SECOND)
    assert signed_in.post("/private/").status_code == 302


def test_session_in_use_lasts_12_hours_and_no_longer(signed_in, clock):
    for _ in range(36):
        clock.shift(20 * MINUTE)
        assert is_signed_in(signed_in)
    assert datetime.now(tz=UTC) == MORNING + 12 * HOUR
    clock.shift(SECOND)
    assert Session.objects.get().expire_date > datetime.now(tz=UTC) + 11 * HOUR  # not what ends it
    assert not is_signed_in(signed_in)
    assert not Session.objects.exists()


def test_session_after_signing_in_again_lasts_another_12_hours(signed_in, clock, login, focal_point):
    clock.shift(31 * MINUTE)
    assert not is_signed_in(signed_in)
    login(signed_in, focal_point)
    for _ in range(36):
        assert is_signed_in(signed_in)
        clock.shift(20 * MINUTE)
    assert is_signed_in(signed_in)


# --- how seldom it is written ---------------------------------------------------------------------------------------


def writes(client) -> list[str]:
    """The statements, other than reads, of opening one page."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert is_signed_in(client)
    return [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]


def test_session_is_touched_at_most_every_5_minutes(signed_in, clock):
    touched = []
    for minute in range(1, 16):
        clock.shift(MINUTE)
        if writes(signed_in):
            touched.append(minute)
    assert touched == [5, 10, 15]


def test_session_is_not_touched_a_second_before_5_minutes(signed_in, clock):
    clock.shift(5 * MINUTE - SECOND)
    assert writes(signed_in) == []
    assert signed_in.session["seen_at"] == int(MORNING.timestamp())
    clock.shift(SECOND)
    assert writes(signed_in) != []
    assert signed_in.session["seen_at"] == int((MORNING + 5 * MINUTE).timestamp())


def test_anonymous_page_makes_no_session(clock, client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/public/").status_code == 200
    assert (list(queries), Session.objects.count(), client.cookies.get("sessionid")) == ([], 0, None)


# --- headers --------------------------------------------------------------------------------------------------------

POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


@pytest.mark.parametrize("address", ["/private/", "/public/", "/cached/", "/missing/"])
def test_signed_in_pages_are_kept_by_no_cache(signed_in, address):
    assert signed_in.get(address).headers["Cache-Control"] == "no-store"


def test_signed_in_page_that_fails_is_kept_by_no_cache(signed_in):
    signed_in.raise_request_exception = False
    response = signed_in.get("/broken/")
    assert (response.status_code, response.headers["Cache-Control"]) == (500, "no-store")


def test_anonymous_pages_may_be_kept(client):
    assert client.get("/cached/").headers["Cache-Control"] == "public, max-age=60"
    assert "Cache-Control" not in client.get("/public/").headers


@pytest.mark.parametrize("address", ["/private/", "/public/", "/missing/"])
def test_no_page_may_use_the_sensors(client, address):
    assert client.get(address).headers["Permissions-Policy"] == POLICY


def test_signed_in_page_may_not_use_the_sensors(signed_in):
    assert signed_in.get("/private/").headers["Permissions-Policy"] == POLICY


def test_page_may_set_a_policy_of_its_own(client):
    assert client.get("/cached/").headers["Permissions-Policy"] == "camera=(self)"
