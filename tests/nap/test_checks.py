"""The checks of an installation notice what they should."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from nap.checks import deployment, durability

LOCAL_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SHARED = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "nap_cache"}}
SENT = "django.core.mail.backends.smtp.EmailBackend"
ENGINE = "django.db.backends.sqlite3"
PRINTED = "django.core.mail.backends.console.EmailBackend"


@pytest.fixture
def execute(transactional_db):
    """Runs a statement on a connection that is closed afterwards, so that no setting of it stays."""
    connection.close()
    with connection.cursor() as cursor:
        yield cursor.execute
    connection.close()


@pytest.fixture
def sqlite(tmp_path, django_db_blocker):
    """An SQLite database under the alias "sqlite", whatever the suite runs on, in the mode that the settings ask for."""
    options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}
    handler = ConnectionHandler(
        {"default": {}, "sqlite": {"ENGINE": ENGINE, "NAME": tmp_path / "own", "OPTIONS": options}}
    )
    with django_db_blocker.unblock():
        connections["sqlite"] = handler["sqlite"]
        yield connections["sqlite"]
        connections["sqlite"].close()
    del connections["sqlite"]


def _ids(found) -> list[str]:
    return [message.id for message in found]


@pytest.mark.django_db
def test_database_of_the_settings_is_durable():
    assert durability(databases=["default"]) == []


def test_no_database_is_asked_unless_named():
    assert durability(databases=None) == []


def test_checks_are_registered(settings):
    settings.IS_HTTPS = settings.IS_DEMONSTRATION = True
    assert "nap.W001" in _ids(run_checks(include_deployment_checks=True))
    assert "nap.W001" not in _ids(run_checks())


@pytest.mark.postgresql
@pytest.mark.parametrize("mode", ["off", "local", "remote_write"])
def test_postgresql_that_does_not_wait_for_the_disk_is_an_error(execute, mode):
    execute(f"SET synchronous_commit = {mode}")
    (error,) = durability(databases=["default"])
    assert (error.id, error.is_serious()) == ("nap.E001", True)
    assert error.msg.startswith(f"PostgreSQL runs with synchronous_commit = {mode}:")
    assert error.hint.startswith("Set synchronous_commit = on in postgresql.conf")


@pytest.mark.postgresql
def test_postgresql_that_waits_for_the_standby_too_is_fine(execute):
    execute("SET synchronous_commit = remote_apply")
    assert durability(databases=["default"]) == []


@pytest.mark.parametrize(
    ("pragma", "error_id", "words"),
    [
        ("synchronous = FULL", None, ""),
        ("synchronous = NORMAL", "nap.E003", "synchronous = NORMAL"),
        ("synchronous = OFF", "nap.E003", "synchronous = OFF"),
        ("journal_mode = DELETE", "nap.E002", "journal_mode = delete"),
    ],
)
def test_sqlite_that_may_lose_a_report_is_an_error(sqlite, pragma, error_id, words):
    sqlite.cursor().execute(f"PRAGMA {pragma}")
    found = durability(databases=["sqlite"])
    assert _ids(found) == ([error_id] if error_id else [])
    assert all(words in error.msg and error.is_serious() for error in found)


@pytest.mark.parametrize(
    ("demonstration", "https", "caches", "mail", "found"),
    [
        (False, True, SHARED, SENT, []),
        (True, False, SHARED, SENT, []),
        (True, True, SHARED, SENT, ["nap.W001"]),
        (False, True, LOCAL_MEMORY, SENT, ["nap.W002"]),
        (False, True, SHARED, PRINTED, ["nap.I001"]),
    ],
)
def test_deployment(settings, demonstration, https, caches, mail, found):
    settings.IS_DEMONSTRATION, settings.IS_HTTPS = demonstration, https
    settings.CACHES, settings.EMAIL_BACKEND = caches, mail
    assert _ids(deployment()) == found
