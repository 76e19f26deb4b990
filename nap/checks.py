"""Checks of how this installation is set up: that what is acknowledged is kept, and that production is no demonstration.

`manage.py migrate` runs the database check before it does anything, `manage.py check --deploy --database default` runs
them all; docs/operations.md starts the service with both.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# remote_apply waits for the disk as `on` does, and for the standby besides; the values between keep less than `on`.
POSTGRESQL_NEEDS = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_apply"},
}
SQLITE_SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
LOCAL_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
PRINTED_MAIL = "django.core.mail.backends.console.EmailBackend"


def durability(*, databases: Iterable[str] | None = None, **_options: object) -> list[CheckMessage]:
    """An acknowledged report survives a lost process and a lost machine. Asks the databases that are named."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            found += _postgresql(connection)
        elif connection.vendor == "sqlite":
            found += _sqlite(connection)
    return found


def _postgresql(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(POSTGRESQL_NEEDS)])
        current = dict(cursor.fetchall())
    return [
        Error(
            f"PostgreSQL runs with {name} = {current[name]}: a report that was acknowledged can be lost.",
            hint=f"Set {name} = on in postgresql.conf, and remove what sets it otherwise for this database or role.",
            id="nap.E001",
        )
        for name, kept in POSTGRESQL_NEEDS.items()
        if current[name] not in kept
    ]


def _sqlite(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        journal_mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if journal_mode == "memory":  # a database in memory keeps nothing and does not pretend to
        return []
    found: list[CheckMessage] = []
    if journal_mode != "wal":
        found.append(
            Error(
                f"SQLite runs with journal_mode = {journal_mode}: readers and writers block each other.",
                hint="Keep the database on a local disk, and PRAGMA journal_mode=WAL in the settings' init_command.",
                id="nap.E002",
            )
        )
    if synchronous < 2:
        found.append(
            Error(
                f"SQLite runs with synchronous = {SQLITE_SYNCHRONOUS[synchronous]}: a report that was acknowledged "
                "can be lost when the machine stops.",
                hint="Keep PRAGMA synchronous=FULL in the settings' init_command.",
                id="nap.E003",
            )
        )
    return found


def deployment(**_options: object) -> list[CheckMessage]:
    """What is right on the machine of a person who tries the tracker, and wrong in production."""
    found: list[CheckMessage] = []
    if settings.IS_DEMONSTRATION and settings.IS_HTTPS:
        found.append(
            Warning(
                "This is a demonstration: its invented accounts, with their passwords, stand on the sign-in page.",
                hint="Remove NAP_DEMONSTRATION and begin with an empty database.",
                id="nap.W001",
            )
        )
    if settings.CACHES["default"]["BACKEND"] == LOCAL_MEMORY:
        found.append(
            Warning(
                "Each worker has a cache of its own, so attempts to sign in are counted for each worker apart.",
                hint="Remove CACHE_URL, or set it to a cache that all workers share.",
                id="nap.W002",
            )
        )
    if settings.EMAIL_BACKEND == PRINTED_MAIL:
        found.append(
            Info(
                "Mails are printed, not sent: nobody receives a link to set a password, and whoever reads the log does.",
                hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587.",
                id="nap.I001",
            )
        )
    return found
