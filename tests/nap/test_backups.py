"""Backup and restore, with people at work and with files that are no backups."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

# Each transaction is an actor with nine parts, so a backup that is one moment holds a multiple of ten.
WRITE_WITHOUT_END = """
from django.db import transaction
from actors.models import Actor, Country

country = Country.objects.create(code="XA", name="Exampleland")
number = 0
while True:
    number += 1
    with transaction.atomic():
        whole = Actor.objects.create(country=country, kind="ministry", name=f"Ministry {number}")
        for part in range(9):
            Actor.objects.create(country=country, kind="ministry", name=f"Ministry {number} {part}", parent=whole)
    print(number, flush=True)
"""
COUNT = "from actors.models import Actor; print(Actor.objects.count(), Actor.history.count())"
MAKE_A_COUNTRY = "from actors.models import Country; Country.objects.create(code='{0}', name='{0}')"
RESTORE_EACH = """
from django.core.management import CommandError, call_command

for file in {}:
    try:
        call_command("restore", file, "--yes")
    except CommandError as error:
        print(str(error).splitlines()[0])
"""
COUNTRIES = "from actors.models import Country; print(*Country.objects.order_by('code').values_list('code', flat=True))"


@pytest.fixture
def backup(own_database) -> Path:
    """A backup of a database that holds the country "XA"; the database holds "XB" besides by now."""
    file = own_database.directory / "nap.backup"
    own_database.run(MAKE_A_COUNTRY.format("XA"))
    done = own_database.manage("backup", str(file))
    assert done.returncode == 0, done.stderr
    own_database.run(MAKE_A_COUNTRY.format("XB"))
    return file


def _is_refused(database, file: Path, sentence: str) -> None:
    done = database.manage("restore", str(file), "--yes")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert database.run(COUNTRIES) == "XA XB"


# --- There and back -----------------------------------------------------------------------------------------------


def test_backup_under_load_holds_one_moment(own_database, empty_database):
    file = own_database.directory / "nap.backup"
    with own_database.start(WRITE_WITHOUT_END) as writer:
        before = [int(line) for line in islice(writer.stdout, 30)][-1]
        done = own_database.manage("backup", str(file))
        after = int(next(writer.stdout))
        writer.kill()
    assert done.returncode == 0, done.stderr
    assert after > before  # the writer was not stopped

    restored = empty_database.manage("restore", str(file), "--yes")

    assert restored.returncode == 0, restored.stderr
    actors, history = map(int, empty_database.run(COUNT).split())
    assert actors >= before * 10  # all that was acknowledged before it began
    assert actors % 10 == 0  # and no half of a transaction
    assert history == actors
    assert empty_database.manage("migrate", "--check").returncode == 0
    assert empty_database.manage("check", "--database", "default").returncode == 0


def test_restore_under_load_replaces_everything(own_database, backup):
    with own_database.start(WRITE_WITHOUT_END.replace('"XA"', '"XC"')) as writer:
        list(islice(writer.stdout, 5))
        done = own_database.manage("restore", str(backup), "--yes")
        writer.kill()

    assert done.returncode == 0, done.stderr
    assert own_database.run(COUNTRIES) == "XA"
    own_database.run(MAKE_A_COUNTRY.format("XD"))  # keys go on where they were
    assert own_database.run(COUNTRIES) == "XA XD"


def test_backup_is_readable_by_its_owner_alone(backup):
    assert stat.filemode(backup.stat().st_mode) == "-rw-------"
    assert [file.name for file in backup.parent.glob("*nap.backup*")] == ["nap.backup"]


def test_restore_asks_first(own_database, backup):
    refused = own_database.manage("restore", str(backup), stdin="no\n")
    assert (refused.returncode, refused.stderr) == (1, "CommandError: Nothing was changed.\n")
    unanswered = own_database.manage("restore", str(backup))
    assert (unanswered.returncode, unanswered.stderr) == (1, "CommandError: Nothing was changed.\n")
    assert own_database.run(COUNTRIES) == "XA XB"

    agreed = own_database.manage("restore", str(backup), stdin="yes\n")
    assert agreed.returncode == 0, agreed.stderr
    assert own_database.run(COUNTRIES) == "XA"


# --- What is refused ----------------------------------------------------------------------------------------------


def test_backup_never_overwrites_a_file(own_database, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear")
    done = own_database.manage("backup", str(file))
    assert done.returncode == 1
    assert done.stderr == f"CommandError: {file} exists, and a backup never overwrites a file.\n"
    assert file.read_text() == "Dear"


def test_backup_into_a_directory_that_is_not_there(own_database, tmp_path):
    done = own_database.manage("backup", str(tmp_path / "nowhere" / "nap.backup"))
    assert done.returncode == 1
    assert "cannot be written: No such file or directory." in done.stderr


def test_backup_of_an_empty_database_leaves_no_file(empty_database, tmp_path):
    file = tmp_path / "nap.backup"
    done = empty_database.manage("backup", str(file))
    assert (done.returncode, file.exists()) == (1, False)
    assert "there is nothing to back up" in done.stderr


def test_restore_refuses_what_is_no_complete_backup(own_database, backup):
    whole = backup.read_bytes()
    short = "is cut short: " if connection.vendor == "sqlite" else "pg_restore failed, and the database is as it was: "
    other = f"is no backup made from {connection.display_name}."
    refused = {
        "one-byte-short": (whole[:-1], short),
        "a-page-short": (whole[:-4096], short),
        "half": (whole[: len(whole) // 2], short),
        "its-beginning": (whole[:200], short),
        "empty": (b"", other),
        "letter": (b"Dear", other),
        "sqlite-of-another": (_another_sqlite(backup.parent), "its tables are missing." if short[0] == "i" else other),
        "postgresql-of-another": (b"PGDMP" + b"x" * 5000, other if short[0] == "i" else short),
    }
    for name, (content, _sentence) in refused.items():
        (backup.parent / name).write_bytes(content)

    said = own_database.run(RESTORE_EACH.format([str(backup.parent / name) for name in [*refused, "absent"]]))

    sentences = said.splitlines()
    assert len(sentences) == len(refused) + 1
    for said_of_it, (_content, sentence) in zip(sentences, refused.values(), strict=False):
        assert sentence in said_of_it
    assert sentences[-1] == f"There is no file {backup.parent / 'absent'}."
    assert own_database.run(COUNTRIES) == "XA XB"


def _another_sqlite(directory: Path) -> bytes:
    file = directory / "another.sqlite3"
    with closing(sqlite3.connect(file)) as another:
        another.execute("CREATE TABLE diary (day, text)")
    return file.read_bytes()


def test_restore_refuses_a_backup_from_a_newer_version(own_database):
    file = own_database.directory / "nap.backup"
    migrations = "from django.db.migrations.recorder import MigrationRecorder as R; R.Migration.objects.{}"
    own_database.run(MAKE_A_COUNTRY.format("XA"))
    own_database.run(MAKE_A_COUNTRY.format("XB"))
    own_database.run(migrations.format("create(app='actors', name='9999_later')"))
    assert own_database.manage("backup", str(file)).returncode == 0
    own_database.run(migrations.format("filter(name='9999_later').delete()"))
    _is_refused(own_database, file, "from a newer version of the tracker, which has actors.9999_later.")


def test_restore_of_an_older_backup_says_what_to_migrate(own_database):
    file = own_database.directory / "nap.backup"
    migrations = "from django.db.migrations.recorder import MigrationRecorder as R; R.Migration.objects"
    own_database.run(f"{migrations}.filter(app='sessions').delete()")
    assert own_database.manage("backup", str(file)).returncode == 0
    done = own_database.manage("restore", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    assert "run `manage.py migrate`, for sessions.0001_initial." in done.stdout


@pytest.mark.postgresql
def test_missing_program_is_named(own_database, tmp_path):
    file = tmp_path / "nap.backup"
    done = own_database.manage("backup", str(file), PATH="/nowhere")
    assert done.returncode == 1
    assert "pg_dump is not installed. On Debian and Ubuntu: apt install postgresql-client." in done.stderr
    assert not file.exists()


@pytest.mark.postgresql
def test_restore_that_fails_half_way_changes_nothing(own_database, backup):
    """The tables were dropped and filled again when the server refuses the first index."""
    function = "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no index'; END$$"
    trigger = "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse()"
    execute = "from django.db import connection; connection.cursor().execute({!r})"
    own_database.run(execute.format(f"{function}; {trigger}"))
    _is_refused(own_database, backup, "psql failed, and the database is as it was: ")
