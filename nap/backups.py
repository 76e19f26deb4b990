"""One file that holds the whole database, made while people work, and the way back from it.

SQLite: a copy by its online backup interface. PostgreSQL: an archive by pg_dump in its own format. Both are one
consistent moment. The way back is one transaction: whoever reads meanwhile sees the old data or the new, never a part.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

SQLITE_MAGIC = b"SQLite format 3\x00"
POSTGRESQL_MAGIC = b"PGDMP"
MIGRATIONS_TABLE = "django_migrations"


class BackupError(Exception):
    """Why no backup was made or restored: a sentence for the person who asked. The database is as it was."""


def write_backup(file: Path) -> None:
    """Writes the whole database to `file`, checked and on the disk, readable by its owner alone.

    Raises BackupError where `file` exists, or no complete copy could be made; then no `file` is left.
    """
    with connection.cursor() as cursor:
        if MIGRATIONS_TABLE not in connection.introspection.table_names(cursor):
            raise BackupError("The database has no tables yet; there is nothing to back up.")
    with _new_file(file) as unfinished:
        if connection.vendor == "postgresql":
            _run("pg_dump", *_server(), "--format=custom", f"--file={unfinished}", env=_server_env())
            _run("pg_restore", f"--file={os.devnull}", str(unfinished))  # reads all of it, and fails on a hole
        else:
            with _said_as_backup_error(), closing(sqlite3.connect(unfinished)) as copy:
                connection.connection.backup(copy)  # all pages in one step: writers go on, and cannot restart it
                copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file, complete by itself
            _migrations_in_sqlite(unfinished)


def restore_backup(file: Path) -> list[str]:
    """Replaces the whole database by what `file` holds. Says which migrations are still to be applied to it.

    Raises BackupError where `file` is no complete backup for this engine and this version of the tracker.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    if connection.vendor == "postgresql":
        return _restore_postgresql(file)
    missing = _migrations_to_apply(_migrations_in_sqlite(file))
    connection.ensure_connection()
    with _said_as_backup_error(), closing(_open_sqlite(file)) as copy:
        # One transaction; other processes need not be stopped. It waits for whoever writes, though not for ever.
        copy.backup(connection.connection, sleep=0.01, progress=_until(time.monotonic() + 60))
    return missing


@contextmanager
def _said_as_backup_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(f"SQLite failed, and the database is as it was: {error}.") from error


def _until(deadline: float) -> Callable[[int, int, int], None]:
    def progress(_status: int, remaining: int, _total: int) -> None:
        if remaining and time.monotonic() > deadline:
            raise BackupError("The database is in use. Stop the service and try again.")

    return progress


# --- Files --------------------------------------------------------------------------------------------------------


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A path to write to, which becomes `file` when the block ends well. Never touches a file that is there."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))  # nobody else takes the name meanwhile
    except FileExistsError as error:
        raise BackupError(f"{file} exists, and a backup never overwrites a file.") from error
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from error
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        _to_disk(unfinished)
        unfinished.replace(file)
        _to_disk(file.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        file.unlink()
        raise


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- What a backup must be ----------------------------------------------------------------------------------------


def _migrations_to_apply(applied: set[tuple[str, str]]) -> list[str]:
    """Migrations of this version that a backup with those `applied` still needs. Raises where it is not ours."""
    installed = {config.label for config in apps.get_app_configs()}  # a package that has left may leave its rows
    if not {"actors", "objectives", "indicators"} <= {app for app, _name in applied}:
        raise BackupError("The file is no backup of this tracker: its tables are missing.")
    known = set(MigrationLoader(None).disk_migrations)
    newer = sorted(f"{app}.{name}" for app, name in applied - known if app in installed)
    if newer:
        raise BackupError(f"The backup is from a newer version of the tracker, which has {', '.join(newer)}.")
    return sorted(f"{app}.{name}" for app, name in known - applied)


def _migrations_in_sqlite(file: Path) -> set[tuple[str, str]]:
    """The migrations applied in a backup made by SQLite, every page of which was checked."""
    with file.open("rb") as opened:
        header = opened.read(100)
    if len(header) < 100 or not header.startswith(SQLITE_MAGIC):
        raise BackupError(f"{file} is no backup made from SQLite.")
    if header[18:20] != b"\x01\x01":
        raise BackupError(
            f"{file} is a copy of a database in use, parts of which are in files beside it; not a backup."
        )
    page_size = int.from_bytes(header[16:18], "big")  # 1 stands for 65536
    expected = (65536 if page_size == 1 else page_size) * int.from_bytes(header[28:32], "big")
    if file.stat().st_size != expected:
        raise BackupError(f"{file} is cut short: it has {file.stat().st_size} of {expected} bytes.")
    with closing(_open_sqlite(file)) as copy:
        try:
            verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphan = copy.execute("PRAGMA foreign_key_check").fetchone()
            has_table = copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [MIGRATIONS_TABLE]).fetchone()
            applied = set(copy.execute("SELECT app, name FROM django_migrations")) if has_table else set()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{file} is damaged: {error}.") from error
    if verdict != "ok" or orphan:
        raise BackupError(
            f"{file} is damaged: {verdict if verdict != 'ok' else f'a row of {orphan[0]} has lost its parent'}."
        )
    return applied


def _open_sqlite(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _restore_postgresql(file: Path) -> list[str]:
    with file.open("rb") as opened:
        if opened.read(len(POSTGRESQL_MAGIC)) != POSTGRESQL_MAGIC:
            raise BackupError(f"{file} is no backup made from PostgreSQL.")
    with tempfile.TemporaryDirectory() as directory:
        # Unpacked first, because psql would commit the part that came before a hole.
        script, emptying = Path(directory, "restore.sql"), Path(directory, "empty.sql")
        _run("pg_restore", "--no-owner", "--no-privileges", "--schema=public", f"--file={script}", str(file.resolve()))
        missing = _migrations_to_apply(_migrations_in_script(script))
        emptying.write_text(_drop_all_tables())
        connection.close()
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}"]
        _run("psql", *options, *_server(), f"--file={emptying}", f"--file={script}", env=_server_env())
    return missing


def _migrations_in_script(script: Path) -> set[tuple[str, str]]:
    """The migrations applied in a backup made by PostgreSQL, from the rows that its script copies in."""
    applied: set[tuple[str, str]] = set()
    inside = False
    with script.open(encoding="utf-8") as lines:
        for line in lines:
            if inside and line == "\\.\n":
                break
            if inside:
                _id, app, name, _applied = line.rstrip("\n").split("\t")
                applied.add((app, name))
            inside = inside or line.startswith(f"COPY public.{MIGRATIONS_TABLE} (id, app, name, applied)")
    return applied


def _drop_all_tables() -> str:
    """SQL that empties the public schema, also of tables that the backup does not know.

    It takes all tables before it touches one, and lets go of them to try again where somebody holds one: taken one by
    one they would end in a deadlock with whoever writes meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'public.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = ", ".join(name for (name,) in cursor.fetchall())
    return _EMPTYING.format(tables=tables) if tables else ""


# PostgreSQL looks for deadlocks after one second; half of it is waited for a table.
_EMPTYING = """
SET client_min_messages = warning;
DO $$
DECLARE
    deadline timestamptz := clock_timestamp() + interval '60 seconds';
BEGIN
    SET LOCAL lock_timeout = '500ms';
    LOOP
        BEGIN
            LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            IF clock_timestamp() > deadline THEN
                RAISE 'The tables are in use. Stop the service and try again.';
            END IF;
        END;
    END LOOP;
END
$$;
DROP TABLE {tables} CASCADE;
"""


def _server() -> list[str]:
    """The options by which PostgreSQL's programs find the database; its password is in `_server_env`."""
    return list(connection.client.settings_to_cmd_args_env(connection.settings_dict, [])[0][1:])


def _server_env() -> dict[str, str]:
    return os.environ | (connection.client.settings_to_cmd_args_env(connection.settings_dict, [])[1] or {})


def _run(program: str, *arguments: str, env: dict[str, str] | None = None) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not installed. On Debian and Ubuntu: apt install postgresql-client.")
    done = subprocess.run([path, *arguments], env=env, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode != 0:
        raise BackupError(f"{program} failed, and the database is as it was: {done.stderr.strip()}")
