"""People, organisations and a plan with stable names, and the settings that every test runs under."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from actors.models import Actor, Country, User
from objectives.models import Plan
from tests.factories import make_actor, make_country, make_person, make_plan, make_platform_administrator

TODAY = date(2026, 1, 15)  # in the fourth half-year of the plan; three periods have ended, two of them are due

# --- How the suite runs -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite the tests use a file in a directory of this run's own, as production does.

    In memory, threads share one cache: there the locks differ, write-ahead logging is off, and a writer fails at once
    instead of queueing, so tests of concurrent writes would test something else.
    """
    database = project_settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = (
        0  # the browser tests' server would keep its connections, and no database is dropped then
    )
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _database_left_by_all(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """On PostgreSQL, ends what the suite's servers and killed processes left connected, or the database stays."""
    yield
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def empty_static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands where `collectstatic` would put its files: whitenoise warns where there is no such directory."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def _settings_of_tests(settings, empty_static_root: Path) -> None:
    """Fast hashes, a cache of this process, and static files as they lie, without collectstatic."""
    settings.STATIC_ROOT = empty_static_root
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    cache.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of PostgreSQL alone are left out on SQLite, not skipped: CI runs the suite on both."""
    if project_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return
    left_out = [item for item in items if item.get_closest_marker("postgresql")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _skipped_in_ci(config: pytest.Config) -> list[pytest.TestReport]:
    """What was skipped, in the process that speaks to the terminal (xdist's workers have none), where CI=true."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    is_worker = hasattr(config, "workerinput")
    return reporter.stats.get("skipped", []) if reporter and not is_worker and os.environ.get("CI") == "true" else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test fails the run: a test that never runs protects nothing."""
    if _skipped_in_ci(session.config) and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    skipped = _skipped_in_ci(config)
    if skipped:
        terminalreporter.section("skipped, which fails a run in CI", red=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {reason}")


# --- Places -------------------------------------------------------------------------------------------------------


@pytest.fixture
def today() -> date:
    """The day that tests pass to what asks for one: 15 January 2026. Time itself is not frozen."""
    return TODAY


@pytest.fixture
def country(db) -> Country:
    return make_country("XA", name="Exampleland")


@pytest.fixture
def other_country(db) -> Country:
    return make_country("XB", name="Elsewhere")


@pytest.fixture
def plan(country: Country) -> Plan:
    """The country's public, active plan, 2024 to 2029."""
    return make_plan(country)


@pytest.fixture
def other_plan(other_country: Country) -> Plan:
    return make_plan(other_country)


# --- Organisations ------------------------------------------------------------------------------------------------


@pytest.fixture
def ministry(country: Country) -> Actor:
    return make_actor(country, "ministry", name="Ministry of Social Affairs", acronym="MoSA", key="mosa")


@pytest.fixture
def police(country: Country) -> Actor:
    return make_actor(country, "police", name="National Police", key="police")


@pytest.fixture
def committee(country: Country) -> Actor:
    """The coordination body, whose secretariat verifies."""
    return make_actor(country, "coordination_body", name="National Committee", key="committee")


@pytest.fixture
def ngo(country: Country) -> Actor:
    return make_actor(country, "ngo", name="Child Rights Coalition", acronym="CRC Coalition", key="coalition")


# --- People -------------------------------------------------------------------------------------------------------


@pytest.fixture
def focal_point(ministry: Actor) -> User:
    """Reports for the ministry."""
    return make_person("focal_point", ministry, email="focal.point@example.org", name="Fatima Focal")


@pytest.fixture
def police_focal_point(police: Actor) -> User:
    """Reports for another organisation of the same country."""
    return make_person("focal_point", police, email="police@example.org", name="Paul Police")


@pytest.fixture
def verifier(committee: Actor) -> User:
    return make_person("verifier", committee, email="verifier@example.org", name="Vera Verifier")


@pytest.fixture
def coordinator(committee: Actor) -> User:
    return make_person("coordinator", committee, email="coordinator@example.org", name="Cora Coordinator")


@pytest.fixture
def analyst(ngo: Actor) -> User:
    """Assesses for the coalition."""
    return make_person("analyst", ngo, email="analyst@example.org", name="Ana Analyst")


@pytest.fixture
def other_analyst(country: Country) -> User:
    """Assesses for another NGO of the same country."""
    watch = make_actor(country, "ngo", name="Watch", key="watch")
    return make_person("analyst", watch, email="watch@example.org", name="Will Watch")


@pytest.fixture
def viewer(ministry: Actor) -> User:
    """May read, in the ministry."""
    return make_person("viewer", ministry, email="viewer@example.org", name="Vito Viewer")


@pytest.fixture
def stranger(other_country: Country) -> User:
    """A focal point of another country."""
    return make_person("focal_point", make_actor(other_country), email="stranger@example.org", name="Stan Stranger")


@pytest.fixture
def other_verifier(other_country: Country) -> User:
    """A verifier of another country."""
    body = make_actor(other_country, "coordination_body")
    return make_person("verifier", body, email="other.verifier@example.org", name="Otto Other")


@pytest.fixture
def platform_administrator(db) -> User:
    return make_platform_administrator(email="platform@example.org", name="Petra Platform")


@pytest.fixture
def login():
    """`login(client, user)`: signs `user` in, without a password, and gives the client back."""

    def sign_in(client: Client, user: User) -> Client:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
